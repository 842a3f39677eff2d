/* SPDX-License-Identifier: MIT */
/*
 * Helpers that all tests of the ABI share. Some helpers run the tests on each backend, or wait for events. Other
 * helpers make addresses, connected pairs, descriptors and threads, or measure time. The helpers use only C11 and
 * <mio.h>. If an assertion fails in a helper, the message has the line of the caller.
 */
#ifndef MIO_TESTS_HARNESS_H
#define MIO_TESTS_HARNESS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "skips.h"

#include <check.h>
#include <errno.h>
#include <mio.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bit of poll(2) for the end of a stream. A system without this bit reports the end of a stream as readable. */
#ifndef POLLRDHUP
#define POLLRDHUP POLLIN
#endif

/*
 * A test program runs its suite like this:
 *
 *     static Suite *make_suite(void)
 *     {
 *         Suite *suite = suite_create("tcp_listener");
 *         TCase *tcase = add_tcase(suite, "accept");
 *         tcase_add_backend_test(tcase, accept_gives_one_readable_event); // START_TEST(...), with _i the variant
 *         return suite;
 *     }
 *
 *     int main(void)
 *     {
 *         return run_suite(make_suite);
 *     }
 */

/*
 * Runs a suite and returns the exit status. The environment variables of libcheck, such as CK_RUN_CASE and
 * CK_VERBOSITY, have their usual effect. Crashes dump no core. Under a debugger, one process runs the tests of all
 * backends, and a separate process runs each fallback variant. Each process calls `make_suite` once.
 */
int run_suite(Suite *(*make_suite)(void));

/* Removes the variables of a service manager from the environment. */
void forget_service_manager(void);

/* Makes a test case, and adds it to the suite. */
TCase *add_tcase(Suite *suite, const char *name);

/* Adds a test that runs once per variant. _i is the variant. */
void tcase_add_backend_test(TCase *tcase, const TTest *test);

/*
 * Adds a test of one row of a table. `row` is the index of the row, and `rows` is the number of rows. The test runs
 * once per variant. In the test, _i / rows is the variant, and _i % rows is the row.
 */
void tcase_add_row_test(TCase *tcase, const TTest *test, int row, int rows);

/*
 * The first variants are the backends of the library. Each other variant is epoll with a seccomp filter that refuses
 * epoll_pwait2 and eventfd2. So the library runs its fallbacks. One filter returns ENOSYS, as an old kernel does.
 * Another filter returns EPERM, as a container does.
 */
const char *variant_name(int variant);
const char *variant_backend(int variant);

/* Returns whether the variant runs without epoll_pwait2 and eventfd2. */
bool variant_is_fallback(int variant);

/* Sets up this process for the variant. A test that calls mio_poll_new must call this function first. open_poll calls
 * this function itself. */
void enter_variant(int variant);

/* Rearms a bare descriptor that the test has drained. Backends that emulate edges need this call. */
void used_up(mio_poll *poll, int fd);

/* Makes a poll object of the variant. The caller frees it with mio_poll_free. */
mio_poll *open_poll(int variant);
mio_poll *open_poll_flags(int variant, uint32_t flags);

/* Returns whether the tests run under valgrind or a sanitizer, where fewer rounds are enough. */
bool running_slowly(void);

/* Returns `rounds`, or a tenth of `rounds` if everything is slow, for example under Valgrind. */
int rounds(int rounds);

/*
 * These macros check a result against the expected result: 0, a count, or a negative errno value. A failure prints both
 * numbers. If a number is an errno value, the failure also prints the name of the error, such as EAGAIN.
 */
#define ck_assert_ok(rc) assert_result_at(__FILE__, __LINE__, #rc, (int64_t)(rc), 0)
#define ck_assert_count(rc, count) assert_result_at(__FILE__, __LINE__, #rc, (int64_t)(rc), (int64_t)(count))
#define ck_assert_errno(rc, code) assert_result_at(__FILE__, __LINE__, #rc, (int64_t)(rc), (int64_t)(code))
/*
 * assert_pending(mio_tcp_stream_take_error, &stream, -ECONNRESET) checks that this error was pending. With 0, it checks
 * that no error was pending.
 */
#define assert_pending(take_error, socket, wanted)                                                                     \
    do {                                                                                                               \
        int pending_ = 1;                                                                                              \
        ck_assert_ok(take_error((socket), &pending_));                                                                 \
        ck_assert_errno(pending_, wanted);                                                                             \
    } while (0)
#define assert_would_block(rc) assert_result_at(__FILE__, __LINE__, #rc, (int64_t)(rc), -EAGAIN)
void assert_result_at(const char *file, int line, const char *text, int64_t result, int64_t wanted);

/*
 * Returns the name of an error: for EAGAIN and for -EAGAIN, the text "EAGAIN". If the function does not know the name,
 * it returns the number as text. The text stays valid for the next three calls in this thread.
 */
const char *errno_name(int64_t code);

/* Waiting for events. */
typedef struct expected_event {
    uintptr_t token;
    uint32_t readiness; /* at least these bits */
} expected_event;

/*
 * Waits for all events of the list, in any order. Waits at most three times, for 500 ms each. The bits of one token may
 * arrive in one event or in several. Ignores events that are not in the list.
 *
 *     expect_events(poll, {1, MIO_READABLE}, {2, MIO_READABLE | MIO_WRITABLE});
 */
#define expect_events(poll, ...)                                                                                       \
    expect_events_at(__FILE__, __LINE__, (poll), (const expected_event[]){__VA_ARGS__},                                \
                     sizeof((const expected_event[]){__VA_ARGS__}) / sizeof(expected_event))
void expect_events_at(const char *file, int line, mio_poll *poll, const expected_event *list, size_t count);

/* Waits 50 ms. If there is any event, prints the events and fails. */
#define expect_no_events(poll) expect_no_events_at(__FILE__, __LINE__, (poll))
void expect_no_events_at(const char *file, int line, mio_poll *poll);

/* Waits at most three times, for 500 ms each, for an event with this token. Returns the first such event. */
#define wait_for_event(poll, token) wait_for_event_at(__FILE__, __LINE__, (poll), (token))
mio_event wait_for_event_at(const char *file, int line, mio_poll *poll, uintptr_t token);

/* Calls mio_poll_wait. The call must not fail. Returns the number of events. */
#define wait_events(poll, events, capacity, timeout_ns)                                                                \
    wait_events_at(__FILE__, __LINE__, (poll), (events), (capacity), (timeout_ns))
int wait_events_at(const char *file, int line, mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns);

/* Makes a waker of the poll object. The test fails if the library makes no waker. */
mio_waker *make_waker(mio_poll *poll, uintptr_t token);

/* The next wait must return exactly one event, which must be a wake with this token. No other event may follow. */
#define expect_one_wake(poll, token) expect_one_wake_at(__FILE__, __LINE__, (poll), (token))
void expect_one_wake_at(const char *file, int line, mio_poll *poll, uintptr_t token);

/* Time. MS(5) is 5 ms in nanoseconds. clock_ns reads CLOCK_MONOTONIC without mio. */
#define US(n) ((int64_t)(n)*INT64_C(1000))
#define MS(n) ((int64_t)(n)*INT64_C(1000000))
int64_t clock_ns(void);

/*
 * A timeout for a wait that an event must end. If no event comes, the wait ends after this time, and the test fails
 * instead of hanging.
 */
#define LONG_WAIT MS(20000)

/* Functions for descriptors. */
int count_descriptors(void);            /* returns the number of open descriptors */
int lowest_free_descriptor(void);       /* returns the number that the next descriptor gets */
bool is_open(int fd);                   /* returns whether this descriptor is open */
bool is_nonblocking(int fd);            /* O_NONBLOCK */
bool is_cloexec(int fd);                /* FD_CLOEXEC */
void make_cloexec_pipe(int fds[2]);     /* [0] reads, [1] writes */
void make_pipe(int fds[2]);             /* like make_cloexec_pipe, and both ends are non-blocking */
int open_socket_pair(int fds[2]);       /* two connected Unix stream sockets; returns -1 and sets errno on failure */
void make_socketpair(int fds[2]);       /* open_socket_pair that must succeed */
void write_byte(int fd);                /* writes one byte, which must succeed */
void drain(int fd);                     /* reads until there is nothing more */
void close_fd(int fd);                  /* close(2) that must succeed */
void wait_handle(int fd, short events); /* waits until poll(2) reports one of the bits `events` */

/*
 * The first two functions return addresses on the loopback interface, with port 0. have_ipv6 returns whether this
 * machine has an IPv6 loopback address.
 */
mio_addr loopback_v4(void);
mio_addr loopback_v6(void);
bool have_ipv6(void);

/* Makes a listener on 127.0.0.1. Stores its address if `addr` is not null. */
void make_listener(mio_tcp_listener *listener, mio_addr *addr);

/* Waits for a connection, and accepts it. */
void accept_one(mio_tcp_listener *listener, mio_tcp_stream *stream);

/* Makes a pair of connected streams on 127.0.0.1. Does not register the streams. */
void make_tcp_pair(mio_tcp_stream *client, mio_tcp_stream *server);

/* Makes a pair of connected UDP sockets on 127.0.0.1. Does not register the sockets. */
void make_udp_pair(mio_udp_socket *left, mio_udp_socket *right);

/* Writes or reads all bytes, and waits if necessary. */
void write_all(mio_tcp_stream *stream, const void *buffer, size_t length);
void read_all(mio_tcp_stream *stream, void *buffer, size_t length);

/* These functions call pthread_create(3) and pthread_join(3), which must succeed. */
pthread_t start_thread(void *(*run)(void *context), void *context);
void *join_thread(pthread_t thread);

/* A barrier for `count` threads. macOS lacks the barriers of POSIX. */
typedef struct barrier {
    pthread_mutex_t mutex;
    pthread_cond_t complete;
    unsigned count;
    unsigned missing; /* how many threads of this round have not arrived */
    unsigned round;
} barrier;
void barrier_init(barrier *b, unsigned count);
void barrier_wait(barrier *b);
void barrier_destroy(barrier *b);

/*
 * wait_until_asleep waits until the thread `tid` of this process sleeps in a system call. A thread that sleeps has
 * really begun to wait. thread_id returns the thread ID of the calling thread.
 */
int thread_id(void);
void wait_until_asleep(int tid);

#endif /* MIO_TESTS_HARNESS_H */
