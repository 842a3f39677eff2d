/* SPDX-License-Identifier: MIT */
/* Checks whether a wait kept the promises of mio(7) and <mio/interest.h>. */
#include "model.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

static void note_broken(world *model, bool certain, const char *format, va_list list)
    __attribute__((format(PRINTF_FORMAT, 3, 0)));

static void note_broken(world *model, bool certain, const char *format, va_list list)
{
    verdict *v = model->verdict;
    if (v->failure[0] == '\0') {
        (void)vsnprintf(v->failure, sizeof v->failure, format, list);
        v->certain = certain;
    }
}

void broken(world *model, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    note_broken(model, false, format, list);
    va_end(list);
}

void surely_broken(world *model, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    note_broken(model, true, format, list);
    va_end(list);
}

static bool is_tcp(const world *model, unsigned end)
{
    const link_kind kind = model->ends[end].kind;
    return kind == KIND_TCP || (model->is_afd && kind == KIND_BARE_STREAM);
}

/*
 * Returns how many events an action on a link may cause. Each action may cause one event. TCP may also cause an event
 * later, when an acknowledgement arrives. On kqueue(2), each filter may give an event of its own. On AFD, an operation
 * watches the armed directions of a socket. This operation can finish just before an action arms the other direction.
 * Then the next wait reports the finished operation, and a later wait reports the newly armed direction. So on
 * AFD an action may cause two events, one for each direction. If the two events report the same direction, note_told
 * detects this defect.
 */
static int credit_of(const world *model, unsigned end)
{
    enum { ALL_OF_TCP = 4, BOTH_DIRECTIONS = 2 };
    int filters = model->is_kqueue ? BOTH_DIRECTIONS : 1;
    if (model->is_afd && !is_tcp(model, end)) {
        return BOTH_DIRECTIONS;
    }
    return filters * (is_tcp(model, end) ? ALL_OF_TCP : 1);
}

/*
 * If a registration changes, AFD's pending operation continues. So the next event may report readiness from before the
 * change, even if the program has used up this readiness since.
 */
void model_registered(world *model, unsigned end, uintptr_t token, uint32_t interest)
{
    const registration *old = &model->registrations[end];
    model->registrations[end] = (registration){
        .is_live = true,
        .token = token,
        .interest = interest,
        .armed_read = true,
        .armed_write = true,
        .credit = credit_of(model, end),
        .between = old->is_live ? old->between : 0,
    };
}

static void touch(world *model, unsigned end)
{
    registration *r = &model->registrations[end];
    r->credit = credit_of(model, end);
    if (model->is_afd && r->is_live) {
        r->between |= ready_now(model->ends[end].fd);
    }
}

/*
 * Records an action at one end of a link. The action can change the readiness of both ends, so the model records the
 * action at both ends.
 */
void model_touched(world *model, unsigned end)
{
    touch(model, end);
    touch(model, end ^ 1U);
}

void model_ended(world *model, unsigned end)
{
    model->ends[end].link_has_ended = true;
    model->ends[end ^ 1U].link_has_ended = true;
}

/*
 * Returns the bits of `ready` that an interest requests from poll(2). The first half of the table "FLAGS AND BITS OF
 * THE SYSTEM" in the manual lists the bits for each interest.
 */
static int asked_for(uint32_t interest, int ready)
{
    int mask = POLLHUP | POLLERR;
    if ((interest & MIO_READABLE) != 0) {
        mask |= (interest & MIO_EXCLUSIVE) != 0 ? POLLIN : POLLIN | POLLRDHUP;
    }
    mask |= (interest & MIO_WRITABLE) != 0 ? POLLOUT : 0;
    mask |= (interest & MIO_PRIORITY) != 0 ? POLLPRI : 0;
    mask |= (interest & MIO_CLOSED) != 0 ? POLLRDHUP : 0;
    return ready & mask;
}

/* Converts poll(2) bits to readiness, as in the second half of the table "FLAGS AND BITS OF THE SYSTEM". */
static uint32_t readiness_of(int bits)
{
    uint32_t readiness = 0;
    readiness |= (bits & (POLLIN | POLLPRI | POLLRDHUP | POLLHUP | POLLERR)) != 0 ? MIO_READABLE : 0;
    readiness |= (bits & (POLLOUT | POLLHUP | POLLERR)) != 0 ? MIO_WRITABLE : 0;
    readiness |= (bits & POLLPRI) != 0 ? MIO_PRIORITY : 0;
    readiness |= (bits & (POLLRDHUP | POLLHUP)) != 0 ? MIO_READ_CLOSED : 0;
    readiness |= (bits & POLLERR) != 0 ? MIO_ERROR : 0;
    if ((bits & POLLHUP) != 0 || (bits & (POLLERR | POLLOUT)) == (POLLERR | POLLOUT) || bits == POLLERR) {
        readiness |= MIO_WRITE_CLOSED;
    }
    return readiness;
}

void model_rearmed(world *model, unsigned end, uint32_t directions)
{
    model->registrations[end].told &= ~directions;
}

void model_used_up(world *model, unsigned end, uint32_t direction)
{
    registration *r = &model->registrations[end];
    model_rearmed(model, end, direction);
    /* Arm a direction only if the kernel no longer reports the end as ready in this direction. */
    if ((readiness_of(ready_now(model->ends[end].fd)) & direction) == 0) {
        r->armed_read |= direction == MIO_READABLE;
        r->armed_write |= direction == MIO_WRITABLE;
    }
}

/*
 * Converts poll(2) bits to the readiness that kqueue(2) reports. kqueue(2) has one filter for reading and one filter
 * for writing. Each filter reports a hang-up, and the end of its own direction. On a stream, an error also counts as an
 * end.
 */
static uint32_t kqueue_readiness_of(uint32_t interest, int ready)
{
    uint32_t wanted = interest & (MIO_READABLE | MIO_WRITABLE);
    wanted |= wanted == 0 && (ready & POLLHUP) != 0 ? MIO_READABLE : 0;
    wanted |= (interest & (MIO_READABLE | MIO_CLOSED)) != 0 ? MIO_READ_CLOSED : 0;
    if ((interest & MIO_WRITABLE) != 0 && (ready & POLLHUP) != 0) {
        wanted |= MIO_READABLE | MIO_WRITE_CLOSED;
    }
    return readiness_of(asked_for(interest, ready)) & wanted;
}

/*
 * Converts poll(2) bits to the readiness that AFD reports. On AFD, an out-of-band byte is not data, and an error ends
 * both directions.
 */
static uint32_t afd_readiness_of(uint32_t interest, int ready)
{
    int bits = asked_for(interest, ready);
    uint32_t readiness = readiness_of(bits & ~POLLPRI);
    readiness |= (bits & POLLPRI) != 0 ? MIO_PRIORITY : 0;
    readiness |= (bits & POLLERR) != 0 ? MIO_READ_CLOSED | MIO_WRITE_CLOSED : 0;
    return readiness;
}

static const endpoint *end_of(const world *model, const registration *r)
{
    return &model->ends[r - model->registrations];
}

static uint32_t promised(const world *model, const registration *r, int ready)
{
    const endpoint *end = end_of(model, r);
    uint32_t interest = r->interest;
    if (model->is_afd) {
        return afd_readiness_of(interest, ready);
    }
    if (!model->is_kqueue) {
        return readiness_of(asked_for(interest, ready));
    }
    if (end->kind == KIND_PIPE && end->side == 1 && (interest & MIO_READABLE) != 0) {
        interest &= ~(uint32_t)MIO_WRITABLE; /* the reading end of a pipe may reject EVFILT_WRITE */
    }
    return kqueue_readiness_of(interest, ready);
}

/*
 * Returns the readiness that an event of this registration must report. The event must report readiness that existed
 * before the wait and still exists.
 */
static uint32_t due(const world *model, const registration *r)
{
    uint32_t readiness = promised(model, r, r->before & r->after);
    /*
     * AFD may check the socket before the latest change of its readiness. So the only event of a oneshot registration
     * need not report this change.
     */
    bool is_spent = r->is_spent || (model->is_afd && r->count > 0);
    if (!r->is_live || ((r->interest & MIO_ONESHOT) != 0 && is_spent) || is_unreliable(end_of(model, r))) {
        return 0;
    }
    if ((r->interest & (MIO_LEVEL | MIO_ONESHOT)) == 0) {
        readiness &= (r->armed_read ? MIO_READABLE : 0) | (r->armed_write ? MIO_WRITABLE : 0);
    }
    return readiness;
}

static void look(world *model, bool is_first)
{
    for (unsigned i = 0; i < ENDS; i++) {
        registration *r = &model->registrations[i];
        int ready = r->is_live ? ready_now(model->ends[i].fd) : 0;
        r->after = ready;
        if (is_first) {
            r->before = ready;
            r->seen = 0;
            r->count = 0;
        }
    }
}

void model_before(world *model)
{
    look(model, true);
    for (unsigned i = 0; i < WAKERS; i++) {
        model->wake_counts[i] = 0;
    }
}

bool model_is_due(world *model)
{
    for (unsigned i = 0; i < ENDS; i++) {
        if (due(model, &model->registrations[i]) != 0) {
            return true;
        }
    }
    return model->wakes[0] || model->wakes[1];
}

bool model_lacks(world *model)
{
    look(model, false);
    for (unsigned i = 0; i < ENDS; i++) {
        const registration *r = &model->registrations[i];
        if ((due(model, r) & ~r->seen) != 0) {
            return true;
        }
    }
    return false;
}

static bool is_zombie(const world *model, uintptr_t token)
{
    for (size_t i = 0; i < model->zombie_count; i++) {
        if (model->zombies[i] == token) {
            return true;
        }
    }
    return false;
}

/* Checks the rules that apply to a single event. */
static void check_word(world *model, const mio_event *event)
{
    uint32_t both = MIO_READABLE | MIO_WRITABLE;
    if (event->readiness == 0) {
        surely_broken(model, "token %zu: an event that says nothing", (size_t)event->token);
    }
    if ((event->readiness & (MIO_ERROR | MIO_WRITE_CLOSED)) != 0 && (event->readiness & both) != both) {
        surely_broken(model, "token %zu: an error or a hang-up says %#x: not both readable and writable",
                      (size_t)event->token, event->readiness);
    }
}

/*
 * The selector on AFD emulates edges. After the selector has reported a direction, it does not report the direction
 * again until a call has used up the readiness, or has rearmed the direction. The selector reports the end of a stream
 * once. The event for the end may contain MIO_READABLE even if an earlier event has reported MIO_READABLE. The selector
 * reports a broken connection once.
 */
static void note_told(registration *r, uint32_t readiness)
{
    uint32_t told = readiness & (MIO_READABLE | MIO_WRITABLE | MIO_READ_CLOSED);
    if ((readiness & MIO_ERROR) != 0) {
        told = MIO_ERROR;
    } else if ((readiness & MIO_READ_CLOSED) != 0) {
        told &= ~(uint32_t)MIO_READABLE;
    }
    r->repeated |= r->told & told;
    r->told |= told;
}

void model_event(world *model, const mio_event *event)
{
    check_word(model, event);
    for (unsigned i = 0; i < WAKERS; i++) {
        if (event->token == TOKEN_WAKER + i) {
            model->wake_counts[i]++;
            if (!model->wakes[i] || model->wake_counts[i] > 1) {
                surely_broken(model, "waker %u: an event without a wake", i);
            }
            return;
        }
    }
    for (unsigned i = 0; i < ENDS; i++) {
        registration *r = &model->registrations[i];
        if (r->is_live && r->token == event->token) {
            r->seen |= event->readiness;
            r->count++;
            note_told(r, event->readiness);
            return;
        }
    }
    if (event->token != TOKEN_STOP && !is_zombie(model, event->token)) {
        surely_broken(model, "token %zu: an event of what is not registered any more", (size_t)event->token);
    }
}

/*
 * Finds events that must not arrive. An event must not have wrong bits. One change must not cause two events. A oneshot
 * registration must not report twice.
 */
static void check_excess(world *model, const registration *r)
{
    int ready = r->before | r->after | r->between;
    uint32_t most = readiness_of(asked_for(r->interest, r->before)) | readiness_of(asked_for(r->interest, r->after)) |
                    readiness_of(asked_for(r->interest, ready));
    most |= (ready & POLLERR) != 0 ? MIO_WRITE_CLOSED : 0; /* backends may report an error as MIO_WRITE_CLOSED */
    const bool link_has_ended = end_of(model, r)->link_has_ended;
    if (model->is_kqueue && link_has_ended) { /* EVFILT_WRITE can report the end of a link when poll(2) does not */
        most |= MIO_READABLE | MIO_WRITABLE | MIO_READ_CLOSED | MIO_WRITE_CLOSED;
    }
    if (may_miss_reset(end_of(model, r))) {
        most |= readiness_of(POLLERR | POLLOUT | POLLHUP);
    }
    if ((r->seen & ~most) != 0) {
        broken(model, "token %zu (interest %#x): an event says %#x, but the kernel %#x", (size_t)r->token, r->interest,
               r->seen, ready);
    }
    if ((r->interest & MIO_ONESHOT) != 0) {
        if (r->is_spent || r->count > 1) {
            surely_broken(model, "token %zu (interest %#x): oneshot, and reported again", (size_t)r->token,
                          r->interest);
        }
    } else if ((r->interest & MIO_LEVEL) == 0) {
        bool changed = r->before != r->last_ready || r->after != r->before;
        if (r->count > r->credit && !(changed && r->count == 1)) {
            broken(model, "token %zu (interest %#x): edge %#x, reported again without a change", (size_t)r->token,
                   r->interest, r->seen);
        }
        if (model->is_afd && r->repeated != 0) {
            surely_broken(model, "token %zu (interest %#x): edge %#x, reported again before it was used up",
                          (size_t)r->token, r->interest, r->repeated);
        }
    }
}

static void check_lack(world *model, const registration *r)
{
    uint32_t least = due(model, r);
    if ((least & ~r->seen) != 0) {
        if (model->verdict->failure[0] == '\0') {
            model->lacking = (unsigned)(r - model->registrations);
            model->lack = least & ~r->seen;
        }
        broken(model, "token %zu (interest %#x): ready, %#x by the kernel: an event must say %#x, and %s %#x",
               (size_t)r->token, r->interest, r->after, least, r->count == 0 ? "none came," : "said", r->seen);
    }
}

bool model_still_lacks(world *model, const mio_event *event)
{
    registration *r = &model->registrations[model->lacking];
    r->seen |= event != NULL && event->token == r->token ? event->readiness : 0;
    r->after = ready_now(model->ends[model->lacking].fd);
    return (promised(model, r, r->after) & model->lack & ~r->seen) != 0;
}

/* Records the readiness that a wait has reported. Later waits need not report this readiness again. */
static void note(registration *r)
{
    if (r->count > 0) {
        r->is_spent = true;
        r->credit = r->count < r->credit ? r->credit - r->count : 0;
        r->last_ready = r->after;
        r->armed_read = r->armed_read && (r->seen & MIO_READABLE) == 0;
        r->armed_write = r->armed_write && (r->seen & MIO_WRITABLE) == 0;
    }
}

void model_after(world *model, bool all)
{
    look(model, false);
    for (unsigned i = 0; i < ENDS; i++) {
        registration *r = &model->registrations[i];
        if (r->is_live && r->count > 0 && !is_unreliable(end_of(model, r))) {
            check_excess(model, r);
        }
        if (r->is_live && all) {
            check_lack(model, r);
        }
        note(r);
        r->between = r->after | (all ? 0 : r->between | r->before);
    }
    for (unsigned i = 0; i < WAKERS; i++) {
        if (all && model->wakes[i] && model->wake_counts[i] == 0) {
            surely_broken(model, "waker %u: a wake was lost", i);
        }
        model->wakes[i] = model->wakes[i] && model->wake_counts[i] == 0;
    }
}
