/* SPDX-License-Identifier: MIT */
/*
 * Tests the functions of <mio/safe.h> in a signal handler. The handler calls each function many times. The handler
 * interrupts a program that calls these functions or malloc. If one of the functions locked a mutex, the handler would
 * wait forever. The tests also check that the functions allocate nothing and keep errno.
 */
#include "../helpers/sockets.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- a malloc that counts allocations, only with glibc and without a sanitizer ----------------------------------- */

static volatile sig_atomic_t counting;
static volatile sig_atomic_t allocations;

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 1
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#undef COUNTS_ALLOCATIONS
#endif
#endif
#endif

#ifdef COUNTS_ALLOCATIONS
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size)
{
    allocations += counting > 0;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations += counting > 0;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    allocations += counting > 0;
    return __libc_realloc(memory, size);
}
#endif

/* ---- the signal handler ------------------------------------------------------------------------------------------ */

static int handler_pipe = -1; /* a pipe without a reader: writing to it must not raise SIGPIPE */
static int handler_null = -1;
static mio_waker *handler_waker;
static atomic_int handler_runs;
static atomic_int handler_failures;

#ifdef SIGRTMIN
#define OTHER_SIGNAL (SIGRTMIN + 1)
#define OTHER_NAME "SIGRTMIN+1"
#else
#define OTHER_SIGNAL SIGTTOU /* this system has no real-time signals */
#define OTHER_NAME "SIGTTOU"
#endif

/* Calls all functions of <mio/safe.h>, checks their results, and returns the number of failed checks. */
static int use_everything(void)
{
    static const int numbers[] = {SIGUSR2, SIGHUP};
    static const char wanted[] = "SIGTERM EAGAIN -5 7 00ff 0x10 " OTHER_NAME;
    char buffer[64];
    mio_text text;
    mio_signal_mask outer;
    mio_signal_mask inner;
    int wrong = 0;
    wrong += mio_text_init(&text, buffer, sizeof buffer) != 0;
    wrong += mio_text_append_signal(&text, SIGTERM) != 7;
    wrong += mio_text_append(&text, " ") != 8;
    wrong += mio_text_append_error(&text, -EAGAIN) != 14;
    wrong += mio_text_append_bytes(&text, " ", 1) != 15;
    wrong += mio_text_append_int(&text, -5) != 17;
    wrong += mio_text_append(&text, " ") != 18;
    wrong += mio_text_append_uint(&text, 7) != 19;
    wrong += mio_text_append(&text, " ") != 20;
    wrong += mio_text_append_hex(&text, 255, 4) != 24;
    wrong += mio_text_append(&text, " ") != 25;
    wrong += mio_text_append_pointer(&text, (const void *)16) != 29;
    wrong += mio_text_append(&text, " ") != 30;
    wrong += mio_text_append_signal(&text, OTHER_SIGNAL) != (int)sizeof wanted - 1;
    wrong += memcmp(buffer, wanted, sizeof wanted) != 0;
    wrong += mio_text_write(&text, handler_null) != (int64_t)sizeof wanted - 1;
    wrong += mio_safe_write(handler_pipe, "x", 1) != -EPIPE;
    wrong += mio_safe_write(-1, "x", 1) != -EBADF;
    wrong += mio_signal_name(SIGTERM)[3] != 'T';
    wrong += mio_error_name(EPIPE)[1] != 'P';
    wrong += mio_signal_mask_block(&outer, numbers, 2) != 0;
    wrong += mio_signal_mask_unblock(NULL, numbers, 1) != 0;
    wrong += mio_signal_mask_block_all(&inner) != 0;
    wrong += mio_signal_mask_unblock_all(NULL) != 0;
    wrong += mio_signal_mask_restore(&inner) != 0;
    wrong += mio_signal_mask_restore(&outer) != 0;
    wrong += handler_waker != NULL && mio_waker_wake(handler_waker) != 0;
    return wrong;
}

static void handle(int number)
{
    (void)number;
    int saved = errno;
    counting++; /* an integer, because the handler unblocks its own signal and can interrupt itself */
    errno = ERRNO_MARK;
    int wrong = use_everything();
    wrong += errno != ERRNO_MARK;
    counting--;
    errno = saved;
    atomic_fetch_add(&handler_failures, wrong);
    atomic_fetch_add(&handler_runs, 1);
}

static void set_up(void)
{
    int fds[2];
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    sigfillset(&action.sa_mask);
    make_sigpipe_deadly();
    make_pipe(fds);
    close_fd(fds[0]);
    handler_pipe = fds[1];
    handler_null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(handler_null, 0);
    atomic_store(&handler_runs, 0);
    atomic_store(&handler_failures, 0);
    allocations = 0;
    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
}

static void tear_down(void)
{
    forget_signal(SIGUSR1);
    close_fd(handler_pipe);
    close_fd(handler_null);
}

START_TEST(everything_works_in_a_handler_and_keeps_errno)
{
    set_up();
    for (int i = 1; i <= 100; i++) {
        ck_assert_int_eq(raise(SIGUSR1), 0);
        ck_assert_int_eq(atomic_load(&handler_runs), i);
        ck_assert_int_eq(atomic_load(&handler_failures), 0);
    }
    ck_assert_int_eq(allocations, 0);
    tear_down();
}
END_TEST

typedef struct storm {
    pthread_t target;
    atomic_bool stop;
} storm;

static void *make_storm(void *context)
{
    storm *s = context;
    while (!atomic_load(&s->stop)) {
        int seen = atomic_load(&handler_runs);
        pthread_kill(s->target, SIGUSR1);
        while (seen == atomic_load(&handler_runs) && !atomic_load(&s->stop)) {
            sched_yield();
        }
    }
    return NULL;
}

static void use_everything_too(void)
{
    ck_assert_int_eq(use_everything(), 0);
}

static void use_malloc(void)
{
    void *volatile memory[8];
    for (size_t i = 0; i < 8; i++) {
        memory[i] = malloc(1 << (i + 4));
    }
    for (size_t i = 0; i < 8; i++) {
        free(memory[i]);
    }
}

/* The test runs one of these functions again and again, and the signal handler interrupts this function. */
static void (*const occupations[])(void) = {use_everything_too, use_malloc};
enum { OCCUPATIONS = 2 };

START_TEST(nothing_is_locked_whatever_the_handler_interrupts)
{
    storm s = {.target = pthread_self()};
    mio_poll *poll = open_poll(0);
    set_up();
    /*
     * With a sanitizer, the library blocks SIGPIPE during each write. The handler unblocks SIGPIPE before an
     * interrupted write has consumed the signal.
     */
    if (running_slowly()) {
        ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    }
    handler_waker = make_waker(poll, 1);
    atomic_init(&s.stop, false);
    pthread_t thread = start_thread(make_storm, &s);
    /*
     * The test normally ends after rounds(3000) signals. But if both threads run on one processor, each signal takes
     * one or two time slices, and rounds(3000) signals would take too long. So after five seconds, the test ends as
     * soon as 10 signals have arrived.
     */
    int64_t enough = clock_ns() + MS(5000);
    while (atomic_load(&handler_runs) < (clock_ns() < enough ? rounds(3000) : 10)) {
        occupations[_i]();
    }
    atomic_store(&s.stop, true);
    join_thread(thread);
    ck_assert_int_eq(atomic_load(&handler_failures), 0);
    ck_assert_int_eq(allocations, 0);
    tear_down();
    mio_waker_free(handler_waker);
    handler_waker = NULL;
    mio_poll_free(poll);
}
END_TEST

static void block_and_return(int number)
{
    (void)number;
    atomic_fetch_add(&handler_runs, mio_signal_mask_block_all(NULL) == 0);
}

START_TEST(a_mask_that_a_handler_changes_lasts_until_it_returns)
{
    sigset_t before;
    sigset_t after;
    memset(&before, 0, sizeof before);
    memset(&after, 0, sizeof after);
    set_up();
    ck_assert(signal(SIGUSR1, block_and_return) == handle);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &before), 0);
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(atomic_load(&handler_runs), 1);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &after), 0);
    ck_assert_mem_eq(&before, &after, sizeof before);
    tear_down();
}
END_TEST

/*
 * The functions of pipes and signals allocate nothing, even outside a signal handler. The test registers nothing,
 * because some backends allocate memory when a program registers a source.
 */
START_TEST(pipes_and_signals_allocate_nothing)
{
    const int numbers[] = {SIGUSR1, OTHER_SIGNAL};
    const uint32_t flags[] = {0, MIO_SIGNALS_SELF_PIPE};
    char bytes[16] = "bytes";
    const mio_iovec piece = {bytes, sizeof bytes};
    int64_t wrong = 0;
    allocations = 0;
    counting++;
    for (int i = 0; i < 20; i++) {
        mio_pipe_sender sender;
        mio_pipe_receiver receiver;
        mio_signals signals;
        mio_signal_info info = MIO_SIGNAL_INFO_INIT;
        wrong |= mio_pipe_pair(&sender, &receiver);
        wrong |= mio_pipe_sender_from_handle(&sender, mio_pipe_sender_into_handle(&sender));
        wrong |= mio_pipe_receiver_from_handle(&receiver, mio_pipe_receiver_into_handle(&receiver));
        wrong |= mio_pipe_sender_write(&sender, bytes, 16) - 16;
        wrong |= mio_pipe_sender_writev(&sender, &piece, 1) - 16;
        wrong |= mio_pipe_receiver_read(&receiver, bytes, 16) - 16;
        wrong |= mio_pipe_receiver_readv(&receiver, &piece, 1) - 16;
        wrong |= mio_signals_open(&signals, numbers, 2, flags[i % 2]);
        wrong |= raise(OTHER_SIGNAL);
        wrong |= mio_signals_recv(&signals, &info) - 1;
        mio_signals_close(&signals);
        mio_pipe_sender_close(&sender);
        mio_pipe_receiver_close(&receiver);
    }
    counting--;
    ck_assert_int_eq(wrong, 0);
    ck_assert_int_eq(allocations, 0);
#ifdef COUNTS_ALLOCATIONS
    counting++; /* the next malloc must increase the counter */
    void *volatile memory = malloc(1);
    counting--;
    free(memory);
    ck_assert_int_eq(allocations, 1);
#endif
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("safe_handler");
    TCase *handlers = add_tcase(suite, "handlers");
    tcase_add_test(handlers, everything_works_in_a_handler_and_keeps_errno);
    tcase_add_loop_test(handlers, nothing_is_locked_whatever_the_handler_interrupts, 0, OCCUPATIONS);
    tcase_add_test(handlers, a_mask_that_a_handler_changes_lasts_until_it_returns);
    TCase *others = add_tcase(suite, "others");
    tcase_add_test(others, pipes_and_signals_allocate_nothing);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
