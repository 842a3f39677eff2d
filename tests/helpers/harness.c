/* SPDX-License-Identifier: MIT */
/* Runs the suite of a test program on each backend, and waits for events. */
#include "harness.h"

#include "system.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A test runs once for each variant. The first variants are the backends. In each further variant, epoll_pwait2 and
 * eventfd2 fail with one error of this array.
 */
static const int refusals[] = {ENOSYS, EPERM};
enum { REFUSALS = (int)(sizeof refusals / sizeof refusals[0]) };

/* This process runs the variants from first_variant to last_variant - 1. filtered_variant is the variant whose seccomp
 * filter this process has installed, or 0. */
static int first_variant;
static int last_variant;
static int filtered_variant;

/* Whether the suite has tests that depend on the variant. */
static bool has_backend_tests;

static int backend_count(void)
{
    int count = 0;
    while (mio_poll_backend_name((size_t)count) != NULL) {
        count++;
    }
    return count;
}

/* Returns whether the library has epoll, and this process can install a filter that refuses system calls. */
static bool have_fallbacks(void)
{
    for (int i = 0; i < backend_count(); i++) {
        if (strcmp(mio_poll_backend_name((size_t)i), "epoll") == 0) {
            return have_filters();
        }
    }
    return false;
}

bool variant_is_fallback(int variant)
{
    return variant >= backend_count();
}

const char *variant_backend(int variant)
{
    return variant_is_fallback(variant) ? "epoll" : mio_poll_backend_name((size_t)variant);
}

const char *variant_name(int variant)
{
    if (!variant_is_fallback(variant)) {
        return mio_poll_backend_name((size_t)variant);
    }
    return refusals[variant - backend_count()] == ENOSYS ? "epoll-ENOSYS" : "epoll-EPERM";
}

void enter_variant(int variant)
{
    if (variant_is_fallback(variant) && filtered_variant != variant) {
        refuse_recent_calls(refusals[variant - backend_count()]);
        filtered_variant = variant;
    }
}

mio_poll *open_poll_flags(int variant, uint32_t flags)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = NULL;
    enter_variant(variant);
    options.flags = flags;
    options.backend = variant_backend(variant);
    ck_assert_ok(mio_poll_new(&poll, &options));
    ck_assert_ptr_nonnull(poll);
    ck_assert_str_eq(mio_poll_backend(poll), options.backend);
    return poll;
}

void used_up(mio_poll *poll, int fd)
{
    ck_assert_ok(mio_registry_rearm_handle(mio_poll_registry(poll), fd, MIO_READABLE));
}

mio_poll *open_poll(int variant)
{
    return open_poll_flags(variant, 0);
}

TCase *add_tcase(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);
    suite_add_tcase(suite, tcase);
    return tcase;
}

void tcase_add_backend_test(TCase *tcase, const TTest *test)
{
    has_backend_tests = true;
    tcase_add_loop_test(tcase, test, first_variant, last_variant);
}

void tcase_add_row_test(TCase *tcase, const TTest *test, int row, int rows)
{
    has_backend_tests = true;
    for (int variant = first_variant; variant < last_variant; variant++) {
        tcase_add_loop_test(tcase, test, variant * rows + row, variant * rows + row + 1);
    }
}

static int run_variants(Suite *(*make_suite)(void), int first, int last)
{
    first_variant = first;
    last_variant = last;
    SRunner *runner = srunner_create(make_suite());
    int failed = 0;
    if (first == 0 || has_backend_tests) { /* a fallback variant runs only tests that depend on the variant */
        if (first != 0) {
            printf("With %s:\n", variant_name(first));
        }
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
    }
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_fallback(Suite *(*make_suite)(void), int variant)
{
    return run_variants(make_suite, variant, variant + 1);
}

static bool tests_fork(void)
{
    const char *fork_mode = getenv("CK_FORK");
    return fork_mode == NULL || strcmp(fork_mode, "no") != 0;
}

void forget_service_manager(void)
{
    static const char *const names[] = {"LISTEN_PID",    "LISTEN_PIDFDID", "LISTEN_FDS",   "LISTEN_FDNAMES",
                                        "NOTIFY_SOCKET", "WATCHDOG_PID",   "WATCHDOG_USEC"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        unsetenv(names[i]);
    }
}

int run_suite(Suite *(*make_suite)(void))
{
    setenv("CK_DEFAULT_TIMEOUT", "60", 0);
    unsetenv("MIO_BACKEND");
    prepare_process();
    forget_service_manager();
    if (is_traced()) {
        setenv("CK_FORK", "no", 0);
    }
    int backends = backend_count();
    int variants = have_fallbacks() ? backends + REFUSALS : backends;
    if (variants == backends) {
        printf("The fallback variants are NOT run: no epoll, or no seccomp filters here.\n");
    }
    if (tests_fork()) {
        return run_variants(make_suite, 0, variants);
    }
    int status = EXIT_SUCCESS;
    for (int variant = backends; variant < variants; variant++) {
        /* The variant installs a seccomp filter, which a process cannot remove. So a child process runs the variant. */
        int child_status = run_in_child(run_fallback, make_suite, variant);
        status = child_status != EXIT_SUCCESS ? child_status : status;
    }
    int own_status = run_variants(make_suite, 0, backends);
    return own_status != EXIT_SUCCESS ? own_status : status;
}

bool running_slowly(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
    return true;
#endif
#endif
    return getenv("MIO_VALGRIND") != NULL;
}

int rounds(int full)
{
    return running_slowly() && full >= 10 ? full / 10 : full;
}

const char *errno_name(int64_t code)
{
#define NAME(name)                                                                                                     \
    {                                                                                                                  \
        name, #name                                                                                                    \
    }
    static const struct {
        int code;
        const char *name;
    } names[] = {
        NAME(EPERM),         NAME(ENOENT),      NAME(EINTR),       NAME(EBADF),        NAME(EAGAIN),
        NAME(ENOMEM),        NAME(EACCES),      NAME(EFAULT),      NAME(EBUSY),        NAME(EEXIST),
        NAME(ENODEV),        NAME(EINVAL),      NAME(ENFILE),      NAME(EMFILE),       NAME(ENOSPC),
        NAME(EPIPE),         NAME(ERANGE),      NAME(ENOSYS),      NAME(E2BIG),        NAME(ENAMETOOLONG),
        NAME(ELOOP),         NAME(ENODATA),     NAME(EPROTO),      NAME(ENOTSOCK),     NAME(EDESTADDRREQ),
        NAME(EMSGSIZE),      NAME(ENOPROTOOPT), NAME(ENOTSUP),     NAME(EAFNOSUPPORT), NAME(EADDRINUSE),
        NAME(EADDRNOTAVAIL), NAME(ENETDOWN),    NAME(ENETUNREACH), NAME(ECONNABORTED), NAME(ECONNRESET),
        NAME(ENOBUFS),       NAME(EISCONN),     NAME(ENOTCONN),    NAME(ETIMEDOUT),    NAME(ECONNREFUSED),
        NAME(EHOSTUNREACH),  NAME(EALREADY),    NAME(EINPROGRESS), NAME(ESHUTDOWN),
    };
#undef NAME
    static _Thread_local char numbers[4][24];
    static _Thread_local unsigned next;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].code == code || names[i].code == -code) {
            return names[i].name;
        }
    }
    char *number = numbers[next++ % 4];
    snprintf(number, sizeof numbers[0], "%" PRId64, code);
    return number;
}

void assert_result_at(const char *file, int line, const char *text, int64_t result, int64_t wanted)
{
    if (result != wanted) {
        ck_abort_msg("%s:%d: %s is %" PRId64 " (%s), not %" PRId64 " (%s)", file, line, text, result,
                     errno_name(result), wanted, errno_name(wanted));
    }
    mark_point();
}

/* Stores the text of `count` events in `text`, for a message. Leaves out the events that do not fit. */
static void format_events(const mio_event *events, size_t count, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count && used + MIO_EVENT_TEXT_SIZE + 2 < size; i++) {
        text[used++] = '[';
        used += (size_t)mio_event_format(&events[i], text + used, size - used);
        text[used++] = ']';
        text[used] = '\0';
    }
}

enum { BATCH = 64, ATTEMPTS = 3 };

int wait_events_at(const char *file, int line, mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns)
{
    int count = mio_poll_wait(poll, events, capacity, timeout_ns);
    if (count < 0 || (size_t)count > capacity) {
        ck_abort_msg("%s:%d: mio_poll_wait gave %d (%s)", file, line, count, errno_name(count));
    }
    return count;
}

/* Removes the bits of the events from the list of missing bits, and returns how many entries still lack a bit. */
static size_t settle(const mio_event *events, int count, const expected_event *list, uint32_t *missing, size_t length)
{
    size_t open = 0;
    for (size_t i = 0; i < length; i++) {
        for (int e = 0; e < count; e++) {
            if (events[e].token == list[i].token) {
                missing[i] &= ~(events[e].readiness | UINT32_C(0x80000000));
            }
        }
        open += missing[i] != 0;
    }
    return open;
}

void expect_events_at(const char *file, int line, mio_poll *poll, const expected_event *list, size_t count)
{
    mio_event events[BATCH];
    mio_event seen[BATCH];
    char text[4096];
    uint32_t missing[BATCH];
    size_t kept = 0;
    ck_assert_uint_le(count, BATCH);
    for (size_t i = 0; i < count; i++) {
        missing[i] = list[i].readiness | UINT32_C(0x80000000); /* the top bit means that no event has arrived so far */
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        int got = wait_events_at(file, line, poll, events, BATCH, MS(500));
        for (int i = 0; i < got && kept < BATCH; i++) {
            seen[kept++] = events[i];
        }
        if (settle(events, got, list, missing, count) == 0) {
            return;
        }
    }
    for (size_t i = 0; i < count; i++) {
        char bits[MIO_INTEREST_TEXT_SIZE];
        if (missing[i] != 0) {
            format_events(seen, kept, text, sizeof text);
            mio_interest_format(list[i].readiness, bits, sizeof bits);
            ck_abort_msg("%s:%d: no event token=%" PRIuPTR " %s came, but %s", file, line, list[i].token, bits,
                         kept == 0 ? "none" : text);
        }
    }
}

void expect_no_events_at(const char *file, int line, mio_poll *poll)
{
    mio_event events[BATCH];
    char text[4096];
    int count = wait_events_at(file, line, poll, events, BATCH, MS(50));
    if (count != 0) {
        format_events(events, (size_t)count, text, sizeof text);
        ck_abort_msg("%s:%d: unexpected events: %s", file, line, text);
    }
}

mio_event wait_for_event_at(const char *file, int line, mio_poll *poll, uintptr_t token)
{
    mio_event events[BATCH];
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        int count = wait_events_at(file, line, poll, events, BATCH, MS(500));
        for (int i = 0; i < count; i++) {
            if (events[i].token == token) {
                return events[i];
            }
        }
    }
    ck_abort_msg("%s:%d: no event token=%" PRIuPTR " came", file, line, token);
    return (mio_event){0}; /* never reached; some versions of libcheck do not declare ck_abort_msg noreturn */
}

mio_waker *make_waker(mio_poll *poll, uintptr_t token)
{
    mio_waker *waker = NULL;
    ck_assert_ok(mio_waker_new(&waker, mio_poll_registry(poll), token));
    ck_assert_ptr_nonnull(waker);
    return waker;
}

void expect_one_wake_at(const char *file, int line, mio_poll *poll, uintptr_t token)
{
    mio_event events[BATCH];
    char text[4096];
    int count = wait_events_at(file, line, poll, events, BATCH, LONG_WAIT);
    bool right = count == 1 && events[0].token == token && events[0].readiness == MIO_READABLE;
    if (right) {
        count = wait_events_at(file, line, poll, events, BATCH, 0);
        right = count == 0;
    }
    if (!right) {
        format_events(events, (size_t)count, text, sizeof text);
        ck_abort_msg("%s:%d: not one wake with token=%" PRIuPTR ", but %s", file, line, token, text);
    }
}
