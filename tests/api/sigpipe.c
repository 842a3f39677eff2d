/* SPDX-License-Identifier: MIT */
/*
 * The tests write to a pipe that has no reader. They call the functions of pipes and mio_safe_write. Each call must
 * return -EPIPE and raise no SIGPIPE. Newer kernels have the flag RWF_NOSIGNAL, which suppresses SIGPIPE. The tests run
 * without a seccomp filter, and with filters that refuse the flag as old kernels and sandboxes do. Each test changes
 * the action of SIGPIPE and installs filters, so it runs in its own process.
 */
#include "../helpers/sockets.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NOSIGNAL = 0x100 }; /* RWF_NOSIGNAL */

/*
 * The errors with which a filter refuses pwritev2(2); 0 means that the test installs no filter. Old kernels and
 * sandboxes return these errors.
 */
static const int refusals[] = {0, EOPNOTSUPP, ENOSYS, EPERM};
enum { REFUSALS = (int)(sizeof refusals / sizeof refusals[0]) };

/* Installs a seccomp filter that applies `action` to the system call `number`. */
static bool filter_call(long number, uint32_t action)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof program[0], .filter = program};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

static bool refuse_the_flag(int code)
{
    return code == 0 || filter_call(SYS_pwritev2, SECCOMP_RET_ERRNO | (uint32_t)code);
}

/*
 * Sends a file to a stream and to the pipe of `sender`. Then moves bytes from another pipe to `sender` and to the
 * stream. The receiver of the sender's pipe and the peer of the stream are closed, so every call must fail with -EPIPE.
 * If the platform lacks mio_source_send_file, this function checks nothing. Linux has mio_source_send_file: the tests
 * in send_file.c check this.
 */
static int move_to_nobody(mio_pipe_sender *sender)
{
    mio_pipe_sender full;
    mio_pipe_receiver from;
    mio_unix_stream stream;
    mio_unix_stream gone;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    require(file >= 0 && mio_pipe_pair(&full, &from) == 0 && mio_pipe_sender_write(&full, "bytes", 5) == 5);
    require(mio_unix_stream_pair(&stream, &gone, 0) == 0);
    mio_unix_stream_close(&gone);
    bool moves = mio_source_send_file(&stream.source, file, NULL, 5) != -ENOTSUP;
    require(!moves || mio_source_send_file(&stream.source, file, NULL, 5) == -EPIPE);
    require(!moves || mio_source_send_file(&sender->source, file, NULL, 5) == -EPIPE);
    require(!moves || mio_source_splice(&from.source, &sender->source, 5, NULL) == -EPIPE);
    require(!moves || mio_source_splice(&from.source, &stream.source, 5, NULL) == -EPIPE);
    mio_unix_stream_close(&stream);
    mio_pipe_sender_close(&full);
    mio_pipe_receiver_close(&from);
    return close(file);
}

/*
 * Calls all functions that write to a pipe or a socket. The pipe and the sockets have no reader. Each function must
 * return -EPIPE, and mio_safe_write must also keep errno.
 */
static int write_to_nobody(void)
{
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    char bytes[] = "bytes";
    const mio_iovec pieces[] = {{bytes, 2}, {bytes + 2, 3}};
    int pair[2];
    require(mio_pipe_pair(&sender, &receiver) == 0);
    require(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    mio_pipe_receiver_close(&receiver);
    require(close(pair[0]) == 0);
    require(mio_pipe_sender_write(&sender, bytes, 5) == -EPIPE);
    require(mio_pipe_sender_writev(&sender, pieces, 2) == -EPIPE);
    errno = ERRNO_MARK;
    require(mio_safe_write(mio_pipe_sender_handle(&sender), bytes, 5) == -EPIPE);
    require(mio_safe_write(pair[1], bytes, 5) == -EPIPE);
    require(errno == ERRNO_MARK);
    int line = move_to_nobody(&sender);
    mio_pipe_sender_close(&sender);
    require(close(pair[1]) == 0);
    return line;
}

static sigset_t sigpipe_only(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

static bool sigpipe_is_pending(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static bool block_sigpipe(void)
{
    sigset_t set = sigpipe_only();
    return pthread_sigmask(SIG_BLOCK, &set, NULL) == 0;
}

static int scene_deadly(void *context)
{
    make_sigpipe_deadly();
    require(refuse_the_flag(*(const int *)context));
    return write_to_nobody();
}

static volatile sig_atomic_t handled;

static void count_signal(int number)
{
    (void)number;
    handled++;
}

static int scene_handled(void *context)
{
    make_sigpipe_deadly();
    require(signal(SIGPIPE, count_signal) != SIG_ERR);
    require(refuse_the_flag(*(const int *)context));
    int line = write_to_nobody();
    require(handled == 0);
    require(raise(SIGPIPE) == 0);
    require(handled == 1); /* SIGPIPE is not blocked, and its handler is still installed */
    return line;
}

static int scene_blocked(void *context)
{
    require(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    require(block_sigpipe());
    require(refuse_the_flag(*(const int *)context));
    int line = write_to_nobody();
    sigset_t mask;
    require(!sigpipe_is_pending());
    require(pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0 && sigismember(&mask, SIGPIPE) == 1);
    return line;
}

static int scene_ignored(void *context)
{
    require(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    require(refuse_the_flag(*(const int *)context));
    int line = write_to_nobody();
    require(!sigpipe_is_pending());
    require(signal(SIGPIPE, SIG_DFL) == SIG_IGN);
    return line;
}

/*
 * Before the write, a SIGPIPE is already pending for the thread. After the write, this SIGPIPE must still be pending.
 * The test has queued a value with this SIGPIPE, and recognises the signal by this value.
 */
static int scene_pending(void *context)
{
    require(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    require(block_sigpipe());
    require(queue_to_this_thread(SIGPIPE, 77));
    require(refuse_the_flag(*(const int *)context));
    int line = write_to_nobody();
    sigset_t set = sigpipe_only();
    const struct timespec now = {0};
    siginfo_t info;
    require(sigpipe_is_pending());
    require(sigtimedwait(&set, &info, &now) == SIGPIPE);
    require(info.si_code == SI_QUEUE && info.si_value.sival_int == 77);
    require(!sigpipe_is_pending());
    return line;
}

/* Before the write, a SIGPIPE is pending for the process. After the write, the SIGPIPE must still be pending. */
static int scene_pending_for_the_process(void *context)
{
    require(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    require(block_sigpipe());
    require(kill(getpid(), SIGPIPE) == 0);
    require(refuse_the_flag(*(const int *)context));
    int line = write_to_nobody();
    require(sigpipe_is_pending());
    return line;
}

/* Blocks SIGUSR1 and SIGTERM, and makes SIGTERM pending. Checks that the write leaves both signals blocked, and only
 * SIGTERM pending. */
static int scene_others(void *context)
{
    sigset_t set;
    sigset_t mask;
    sigset_t pending;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGTERM);
    make_sigpipe_deadly();
    require(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0 && raise(SIGTERM) == 0);
    require(refuse_the_flag(*(const int *)context));
    int line = write_to_nobody();
    require(pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0 && sigpending(&pending) == 0);
    for (int number = 1; number < NSIG; number++) {
        bool ours = number == SIGUSR1 || number == SIGTERM;
        require(!ours || sigismember(&mask, number) == 1);
        require(number != SIGPIPE || sigismember(&mask, number) == 0);
        require((number == SIGTERM) == (sigismember(&pending, number) == 1));
    }
    return line;
}

#define SCENE_TEST(name, scene)                                                                                        \
    START_TEST(name)                                                                                                   \
    {                                                                                                                  \
        int code = refusals[_i];                                                                                       \
        run_apart(scene, &code);                                                                                       \
    }                                                                                                                  \
    END_TEST
SCENE_TEST(sigpipe_does_not_kill, scene_deadly)
SCENE_TEST(no_sigpipe_handler_runs, scene_handled)
SCENE_TEST(a_blocked_sigpipe_does_not_become_pending, scene_blocked)
SCENE_TEST(an_ignored_sigpipe_does_not_become_pending, scene_ignored)
SCENE_TEST(a_pending_sigpipe_of_the_caller_is_left_alone, scene_pending)
SCENE_TEST(a_pending_sigpipe_of_the_process_is_left_alone, scene_pending_for_the_process)
SCENE_TEST(other_signals_are_left_alone, scene_others)

static bool kernel_has_the_flag(void)
{
    int fds[2];
    const struct iovec nothing = {NULL, 0};
    make_pipe(fds);
    bool has = syscall(SYS_pwritev2, fds[1], &nothing, 1, -1L, -1L, NOSIGNAL) == 0;
    close_fd(fds[0]);
    close_fd(fds[1]);
    return has;
}

/*
 * If the kernel refuses the flag RWF_NOSIGNAL in the first write, the library must not use the flag again. After the
 * first write, the test installs a filter that kills the process if the library calls pwritev2(2), which takes the
 * flag.
 */
static int scene_learns(void *context)
{
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    require(refuse_the_flag(*(const int *)context));
    require(mio_pipe_pair(&sender, &receiver) == 0);
    require(mio_pipe_sender_write(&sender, "x", 1) == 1);
    require(filter_call(SYS_pwritev2, SECCOMP_RET_KILL));
    require(mio_pipe_sender_write(&sender, "x", 1) == 1);
    require(mio_safe_write(mio_pipe_sender_handle(&sender), "x", 1) == 1);
    return 0;
}

START_TEST(a_kernel_without_the_flag_is_asked_once)
{
    int code = refusals[_i];
    run_apart(scene_learns, &code);
}
END_TEST

/*
 * If the kernel has RWF_NOSIGNAL, the library does not change the signal mask, even after an eventfd has refused this
 * flag, and after a pipe has refused a length.
 */
static int scene_is_cheap(void *context)
{
    const uint64_t one = 1;
    uint64_t count = 0;
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    (void)context;
    int event = eventfd(0, EFD_CLOEXEC);
    require(mio_safe_write(event, &one, sizeof one) == sizeof one);
    require(read(event, &count, sizeof count) == sizeof count && count == 1);
    require(mio_pipe_pair(&sender, &receiver) == 0);
    require(mio_pipe_sender_write(&sender, "x", SIZE_MAX) == -EINVAL);
    require(filter_call(SYS_rt_sigprocmask, SECCOMP_RET_KILL));
    require(mio_pipe_sender_write(&sender, "x", 1) == 1);
    mio_pipe_receiver_close(&receiver);
    require(mio_pipe_sender_write(&sender, "x", 1) == -EPIPE);
    return 0;
}

START_TEST(a_kernel_with_the_flag_leaves_the_mask_alone)
{
    if (!kernel_has_the_flag()) {
        skip("RWF_NOSIGNAL is from Linux 6.18");
    } else if (!running_slowly()) { /* with a sanitizer, the library does not use the flag */
        run_apart(scene_is_cheap, NULL);
    }
}
END_TEST

/* ---- mio_safe_write on each kind of descriptor ------------------------------------------------------------------- */

static int scene_kinds(void *context)
{
    char path[] = "/tmp/mio-test.XXXXXX";
    char bytes[8] = "";
    const uint64_t seven = 7;
    uint64_t count = 0;
    int fds[2];
    require(refuse_the_flag(*(const int *)context));
    int file = mkstemp(path);
    require(file >= 0 && unlink(path) == 0);
    require(mio_safe_write(file, "one", 3) == 3);
    require(mio_safe_write(file, "two", 3) == 3); /* this write begins where the first write has ended */
    require(pread(file, bytes, sizeof bytes, 0) == 6 && memcmp(bytes, "onetwo", 6) == 0);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    require(mio_safe_write(null, "x", 1) == 1);
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    require(terminal < 0 || mio_safe_write(terminal, "x", 1) == 1);
    int event = eventfd(0, EFD_CLOEXEC);
    require(mio_safe_write(event, &seven, sizeof seven) == sizeof seven);
    require(read(event, &count, sizeof count) == sizeof count && count == 7);
    require(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0);
    require(mio_safe_write(fds[0], "datagram", 8) == 8);
    require(read(fds[1], bytes, sizeof bytes) == 8);
    require(mio_safe_write(file, NULL, 0) == 0);
    require(mio_safe_write(-1, "x", 1) == -EBADF);
    require(mio_safe_write(-1, "x", 0) == -EBADF);
    int reader = open("/dev/null", O_RDONLY | O_CLOEXEC);
    require(mio_safe_write(reader, "x", 1) == -EBADF);
    return 0;
}
SCENE_TEST(safe_write_writes_to_any_descriptor, scene_kinds)

static int scene_cut_short(void *context)
{
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    static char bytes[1 << 20];
    require(refuse_the_flag(*(const int *)context));
    require(mio_pipe_pair(&sender, &receiver) == 0);
    int fd = mio_pipe_sender_handle(&sender);
    int64_t count = mio_safe_write(fd, bytes, sizeof bytes);
    require(count > 0 && count < (int64_t)sizeof bytes);
    require(mio_safe_write(fd, bytes, sizeof bytes) == -EAGAIN);
    require(mio_pipe_receiver_read(&receiver, bytes, sizeof bytes) == count);
    require(mio_pipe_receiver_read(&receiver, bytes, sizeof bytes) == -EAGAIN);
    return 0;
}
SCENE_TEST(a_non_blocking_descriptor_takes_what_it_can, scene_cut_short)

typedef struct reading {
    int fd;
    size_t total;
    pthread_t writer;
    int writer_tid;
} reading;

/* While the writer waits for room, interrupts the writer ten times with a signal. Then reads all bytes. */
static void *read_slowly(void *context)
{
    reading *r = context;
    static char bytes[8192];
    ssize_t count;
    for (int i = 0; i < 10; i++) {
        wait_until_asleep(r->writer_tid);
        pthread_kill(r->writer, SIGUSR1);
    }
    while ((count = read(r->fd, bytes, sizeof bytes)) > 0) {
        r->total += (size_t)count;
    }
    return NULL;
}

static int scene_blocking(void *context)
{
    static char bytes[1 << 20];
    int fds[2];
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = count_signal;
    require(sigaction(SIGUSR1, &action, NULL) == 0);
    require(pipe(fds) == 0);
    reading r = {fds[0], 0, pthread_self(), thread_id()};
    require(refuse_the_flag(*(const int *)context));
    pthread_t thread = start_thread(read_slowly, &r);
    require(mio_safe_write(fds[1], bytes, sizeof bytes) == sizeof bytes);
    require(close(fds[1]) == 0);
    join_thread(thread);
    require(r.total == sizeof bytes);
    require(handled > 0);
    return 0;
}
SCENE_TEST(a_blocking_descriptor_takes_all_in_spite_of_handlers, scene_blocking)

/* Waits until the writer waits for room, and closes the only reading end. */
static void *leave(void *context)
{
    reading *r = context;
    wait_until_asleep(r->writer_tid);
    close(r->fd);
    return NULL;
}

/* The write returns the bytes that the pipe has taken, although the system also raises SIGPIPE. */
static int scene_leaving(void *context)
{
    static char bytes[1 << 20];
    int fds[2];
    make_sigpipe_deadly();
    require(pipe(fds) == 0);
    reading r = {fds[0], 0, pthread_self(), thread_id()};
    require(refuse_the_flag(*(const int *)context));
    pthread_t thread = start_thread(leave, &r);
    int64_t count = mio_safe_write(fds[1], bytes, sizeof bytes);
    require(count > 0 && count < (int64_t)sizeof bytes);
    join_thread(thread);
    require(!sigpipe_is_pending());
    require(close(fds[1]) == 0);
    return 0;
}
SCENE_TEST(a_reader_that_leaves_during_a_write_raises_no_sigpipe, scene_leaving)

static Suite *make_suite(void)
{
    Suite *suite = suite_create("sigpipe");
    /*
     * Under Valgrind, the tests install no filters. Valgrind does not support RWF_NOSIGNAL, so a filter would have
     * nothing to refuse. A filter would also apply to the system calls that Valgrind makes for itself.
     */
    int last = under_valgrind() ? 1 : REFUSALS;
    TCase *quiet = add_tcase(suite, "no SIGPIPE");
    tcase_add_loop_test(quiet, sigpipe_does_not_kill, 0, last);
    tcase_add_loop_test(quiet, no_sigpipe_handler_runs, 0, last);
    tcase_add_loop_test(quiet, a_blocked_sigpipe_does_not_become_pending, 0, last);
    tcase_add_loop_test(quiet, an_ignored_sigpipe_does_not_become_pending, 0, last);
    tcase_add_loop_test(quiet, a_pending_sigpipe_of_the_caller_is_left_alone, 0, last);
    tcase_add_loop_test(quiet, a_pending_sigpipe_of_the_process_is_left_alone, 0, last);
    tcase_add_loop_test(quiet, other_signals_are_left_alone, 0, last);
    TCase *cost = add_tcase(suite, "cost");
    tcase_add_loop_test(cost, a_kernel_without_the_flag_is_asked_once, 1, last);
    tcase_add_test(cost, a_kernel_with_the_flag_leaves_the_mask_alone);
    TCase *kinds = add_tcase(suite, "safe_write");
    tcase_add_loop_test(kinds, safe_write_writes_to_any_descriptor, 0, last);
    tcase_add_loop_test(kinds, a_non_blocking_descriptor_takes_what_it_can, 0, last);
    tcase_add_loop_test(kinds, a_blocking_descriptor_takes_all_in_spite_of_handlers, 0, last);
    tcase_add_loop_test(kinds, a_reader_that_leaves_during_a_write_raises_no_sigpipe, 0, last);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
