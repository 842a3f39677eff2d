/* SPDX-License-Identifier: MIT */
/* Runs the steps of a program, except the steps that wait. */
#include "replay.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

void say(const player *replay, const char *format, ...)
{
    va_list list;
    if (replay->emit != NULL) {
        va_start(list, format);
        fputs("    ", replay->emit);
        (void)vfprintf(replay->emit, format, list);
        fputs("\n", replay->emit);
        va_end(list);
    }
}

static void expect(player *replay, const char *call, int result, int wanted)
{
    if (result != wanted) {
        surely_broken(&replay->model, "%s is %d, not %d", call, result, wanted);
    }
}

/* Returns the error with which this backend must reject the interest. Returns 0 if the backend must accept it. */
static int refused(const player *replay, link_kind kind, uint32_t interest, bool again)
{
    bool is_exclusive = (interest & MIO_EXCLUSIVE) != 0;
    if (is_exclusive && (interest & (MIO_PRIORITY | MIO_CLOSED | MIO_ONESHOT)) != 0) {
        return -EINVAL;
    }
    const uint32_t able = mio_poll_capabilities(replay->poll);
    bool is_socket = kind != KIND_PIPE && kind != KIND_EVENTFD && kind != KIND_TIMERFD;
    bool has_priority = (able & MIO_CAN_PRIORITY) != 0 && (is_socket || !replay->model.is_kqueue);
    if ((is_exclusive && (able & MIO_CAN_EXCLUSIVE) == 0) || ((interest & MIO_PRIORITY) != 0 && !has_priority)) {
        return -ENOTSUP;
    }
    return is_exclusive && again ? -EINVAL : 0;
}

static void do_open(player *replay, unsigned link, unsigned arg)
{
    endpoint *ends = &replay->model.ends[2 * link];
    link_kind kind = kind_of(arg);
    if (ends[0].is_open || ends[1].is_open) {
        return;
    }
    say(replay, "open_link(&ends[%u], %d);", 2 * link, (int)kind);
    if (!open_link(ends, kind)) {
        broken(&replay->model, "cannot open a link of kind %d", (int)kind);
    }
}

static int call_register(player *replay, endpoint *end, uintptr_t token, uint32_t interest, bool again)
{
    if (is_bare(end)) {
        return again ? mio_registry_reregister_handle(replay->registry, end->fd, token, interest)
                     : mio_registry_register_handle(replay->registry, end->fd, token, interest);
    }
    return again ? mio_registry_reregister(replay->registry, &end->as.source, token, interest)
                 : mio_registry_register(replay->registry, &end->as.source, token, interest);
}

static void do_register(player *replay, unsigned index, uint32_t interest, bool again)
{
    world *model = &replay->model;
    endpoint *end = &model->ends[index];
    const registration *r = &model->registrations[index];
    int refusal = refused(replay, end->kind, interest, again);
    if (end->kind == KINDS) {
        return;
    }
    uintptr_t token = model->next_token++;
    say(replay, "registers(%u, %zu, %#x, %d);", index, (size_t)token, interest, (int)again);
    int result = call_register(replay, end, token, interest, again);
    if (!end->is_open) {
        refusal = refusal != 0 && result == refusal ? refusal : -EBADF; /* two errors apply, and either code is right */
    } else if (refusal == 0) {
        refusal = again ? (r->is_live ? 0 : -ENOENT) : (r->is_live ? -EEXIST : 0);
        if (is_bare(end) && !again && replay->model.is_kqueue) {
            refusal = 0;
        }
        refusal = again && r->is_live && (r->interest & MIO_EXCLUSIVE) != 0 ? -EINVAL : refusal;
    } else if (again != r->is_live && result != refusal) {
        refusal = again ? -ENOENT : -EEXIST;
    }
    expect(replay, again ? "reregister" : "register", result, refusal);
    if (result == 0) {
        model_registered(model, index, token, interest);
    }
}

static void do_deregister(player *replay, unsigned index)
{
    endpoint *end = &replay->model.ends[index];
    registration *r = &replay->model.registrations[index];
    if (end->kind == KINDS) {
        return;
    }
    say(replay, "deregisters(%u);", index);
    int result = is_bare(end) ? mio_registry_deregister_handle(replay->registry, end->fd)
                              : mio_registry_deregister(replay->registry, &end->as.source);
    expect(replay, "deregister", result, !end->is_open ? -EBADF : r->is_live ? 0 : -ENOENT);
    r->is_live = false;
}

/*
 * Records in the model whether a read or write has used up readiness. A call that returns -EAGAIN uses up readiness. On
 * a stream, a short count also uses up readiness. If the call used a bare descriptor and returned -EAGAIN, the function
 * rearms the descriptor.
 */
static void used_up(player *replay, unsigned index, int64_t result, size_t length, uint32_t direction)
{
    world *model = &replay->model;
    const endpoint *end = &model->ends[index];
    bool is_short = is_stream(end) && result > 0 && (size_t)result < length;
    if (result == -EAGAIN && is_bare(end) && model->registrations[index].is_live) {
        say(replay, "rearms(%u, %#x);", index, direction);
        expect(replay, "rearm", mio_registry_rearm_handle(replay->registry, end->fd, direction), 0);
    }
    if (result == -EAGAIN || is_short) {
        model_used_up(model, index, direction);
    }
}

/* Reads or writes, once or until -EAGAIN. */
static void do_transfer(player *replay, unsigned index, size_t length, bool to_the_end, uint32_t direction)
{
    static char buffer[1 << 16];
    endpoint *end = &replay->model.ends[index];
    bool reads = direction == MIO_READABLE;
    if (!end->is_open) {
        return;
    }
    for (int i = 0; i < (to_the_end ? 4096 : 1); i++) {
        int64_t result = reads ? read_end(end, buffer, length) : write_end(end, buffer, length);
        if (i == 0) {
            say(replay, "%s(%u, %zu, %d);", reads ? "reads" : "writes", index, length, (int)to_the_end);
        }
        model_touched(&replay->model, index);
        used_up(replay, index, result, length, direction);
        bool is_counter = end->kind == KIND_EVENTFD || end->kind == KIND_TIMERFD || end->kind == KIND_UDP;
        if (result <= 0 || (!reads && is_counter)) {
            return;
        }
    }
}

/*
 * Closes an end. If the end is a bare descriptor, the function deregisters the descriptor first. Closing a source ends
 * its registration. But while a duplicate of its descriptor is open, events with the token of the source are allowed.
 */
static void do_close(player *replay, unsigned index, bool reset)
{
    world *model = &replay->model;
    endpoint *end = &model->ends[index];
    registration *r = &model->registrations[index];
    if (!end->is_open) {
        return;
    }
    if (is_bare(end) && r->is_live) {
        do_deregister(replay, index);
    }
    say(replay, "closes(%u, %d);", index, (int)reset);
    if (r->is_live && end->duplicate != -1) {
        model->zombies[model->zombie_count++] = r->token;
    }
    r->is_live = false;
    model_ended(model, index);
    if (reset) {
        reset_end(end);
    } else {
        close_end(end);
    }
    model_touched(model, index);
}

static void do_dup(player *replay, unsigned index)
{
    endpoint *end = &replay->model.ends[index];
    if (end->duplicate != -1) {
        say(replay, "close(duplicates[%u]);", index);
        close(end->duplicate);
        end->duplicate = -1;
    } else if (end->is_open) {
        say(replay, "duplicates[%u] = dup(ends[%u].fd);", index, index);
        end->duplicate = dup(end->fd);
    }
    model_touched(&replay->model, index);
}

static void do_rearm(player *replay, unsigned index, unsigned arg)
{
    const endpoint *end = &replay->model.ends[index];
    uint32_t direction = 1 + arg % 3;
    if (end->kind == KINDS) {
        return;
    }
    say(replay, "rearms(%u, %#x);", index, direction);
    int result = mio_registry_rearm_handle(replay->registry, end->fd, direction);
    model_rearmed(&replay->model, index, direction);
    bool is_live = replay->model.registrations[index].is_live;
    if (end->is_open && is_live) { /* without a registration, the result depends on the backend */
        expect(replay, "rearm", result, 0);
    }
    model_touched(&replay->model, index);
}

static void do_shutdown(player *replay, unsigned index, unsigned arg)
{
    endpoint *end = &replay->model.ends[index];
    if (end->is_open) {
        say(replay, "shuts_down(%u, %u);", index, arg % 3);
        (void)shutdown_end(end, (int)(arg % 3));
        model_ended(&replay->model, index);
        model_touched(&replay->model, index);
    }
}

static void do_wake(player *replay, unsigned waker)
{
    say(replay, "mio_waker_wake(wakers[%u]);", waker);
    expect(replay, "wake", mio_waker_wake(replay->wakers[waker]), 0);
    replay->model.wakes[waker] = true;
}

static void do_step(player *replay, const operation *step)
{
    if (!has_verb((verb)step->verb)) {
        return;
    }
    switch ((verb)step->verb) {
    case DO_OPEN:
        do_open(replay, step->end / 2, step->arg);
        break;
    case DO_REGISTER:
        do_register(replay, step->end, interest_of(step->arg), false);
        break;
    case DO_REREGISTER:
        do_register(replay, step->end, interest_of(step->arg), true);
        break;
    case DO_DEREGISTER:
        do_deregister(replay, step->end);
        break;
    case DO_WRITE:
        do_transfer(replay, step->end, 1 + step->arg, false, MIO_WRITABLE);
        break;
    case DO_FILL:
        do_transfer(replay, step->end, 50000, true, MIO_WRITABLE);
        break;
    case DO_READ:
        do_transfer(replay, step->end, 1 + step->arg, false, MIO_READABLE);
        break;
    case DO_DRAIN:
        do_transfer(replay, step->end, 1 << 16, true, MIO_READABLE);
        break;
    case DO_SHUTDOWN:
        do_shutdown(replay, step->end, step->arg);
        break;
    case DO_RESET:
        do_close(replay, step->end, true);
        break;
    case DO_CLOSE:
        do_close(replay, step->end, false);
        break;
    case DO_DUP:
        do_dup(replay, step->end);
        break;
    case DO_REARM:
        do_rearm(replay, step->end, step->arg);
        break;
    case DO_WAKE:
        do_wake(replay, step->end % WAKERS);
        break;
    default:
        wait_step(replay, step);
        break;
    }
}

static bool set_up(player *replay, const char *backend)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    options.backend = backend;
    if (mio_poll_new(&replay->poll, &options) != 0) {
        return false;
    }
    replay->registry = mio_poll_registry(replay->poll);
    replay->model.is_kqueue = strcmp(backend, "kqueue") == 0;
    replay->model.is_afd = strcmp(backend, "afd") == 0;
    replay->model.next_token = TOKEN_FIRST;
    for (unsigned i = 0; i < ENDS; i++) {
        replay->model.ends[i].kind = KINDS; /* never opened */
        replay->model.ends[i].fd = -1;
        replay->model.ends[i].duplicate = -1;
    }
    for (unsigned i = 0; i < WAKERS; i++) {
        if (mio_waker_new(&replay->wakers[i], replay->registry, TOKEN_WAKER + i) != 0) {
            return false;
        }
    }
    return mio_waker_new(&replay->stop, replay->registry, TOKEN_STOP) == 0;
}

static void take_down(player *replay)
{
    for (unsigned i = 0; i < ENDS; i++) {
        endpoint *end = &replay->model.ends[i];
        if (end->is_open) {
            close_end(end);
        }
        if (end->duplicate != -1) {
            close(end->duplicate);
        }
    }
    for (unsigned i = 0; i < WAKERS; i++) {
        mio_waker_free(replay->wakers[i]);
    }
    mio_waker_free(replay->stop);
    mio_poll_free(replay->poll);
}

static void run(player *replay, const sequence *program, const char *backend)
{
    static const operation look = {.verb = DO_LOOK, .arg = 255};
    enum { LAST_LOOKS = 6 };
    const char *failure = replay->model.verdict->failure;
    if (!set_up(replay, backend)) {
        broken(&replay->model, "cannot make a poll object and its wakers");
    }
    for (size_t i = 0; i < program->length && failure[0] == '\0'; i++) {
        do_step(replay, &program->steps[i]);
    }
    for (int i = 0; i < LAST_LOOKS && failure[0] == '\0';
         i++) { /* nothing changes any more, so each event is an error */
        wait_step(replay, &look);
    }
}

void run_program(const sequence *program, const char *backend, verdict *result, FILE *emit)
{
    player replay = {.model.verdict = result, .emit = emit};
    *result = (verdict){.certain = false};
    run(&replay, program, backend);
    take_down(&replay);
}

void run_patiently(const sequence *program, const char *backend, verdict *result)
{
    player replay = {.model.verdict = result};
    *result = (verdict){.certain = false};
    run(&replay, program, backend);
    if (replay.model.lack != 0) {
        wait_for_lacking(&replay);
    }
    take_down(&replay);
}
