/* SPDX-License-Identifier: MIT */
/*
 * Tests a call that writes to a file beyond RLIMIT_FSIZE. The call returns -EFBIG, and SIGXFSZ does not kill the
 * process. The tests call every function that can write to a file. Each test changes the limit and the action of
 * SIGXFSZ, so it runs in its own process.
 */
#include "../helpers/sockets.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIMIT = 4096 };

/* Makes a file of `length` bytes, and sets its offset to the end. */
static int file_of(off_t length)
{
    int fd = memfd_create("limited", MFD_CLOEXEC);
    return fd >= 0 && ftruncate(fd, length) == 0 && lseek(fd, 0, SEEK_END) == length ? fd : -1;
}

static bool set_limit(void)
{
    const struct rlimit limit = {LIMIT, LIMIT};
    return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

static bool is_pending_or_blocked(void)
{
    sigset_t pending;
    sigset_t mask;
    return sigpending(&pending) != 0 || sigismember(&pending, SIGXFSZ) != 0 ||
           pthread_sigmask(SIG_SETMASK, NULL, &mask) != 0 || sigismember(&mask, SIGXFSZ) != 0;
}

static int write_beyond(void)
{
    static char bytes[2 * LIMIT];
    char line[32];
    mio_text text;
    uint32_t blocked;
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_poll *poll;
    const int full = file_of(LIMIT);
    const int fits_a_part = file_of(LIMIT - 10);
    require(full >= 0 && fits_a_part >= 0);
    require(mio_safe_write(fits_a_part, bytes, 100) == 10);
    require(mio_safe_write(fits_a_part, bytes, 100) == -EFBIG);
    require(mio_safe_write(full, "x", 1) == -EFBIG);
    require(mio_text_init(&text, line, sizeof line) == 0 && mio_text_append(&text, "a line") > 0);
    require(mio_text_write(&text, full) == -EFBIG);
    require(mio_poll_new(&poll, NULL) == 0);
    require(mio_poll_dump(poll, full) == -EFBIG);
    mio_poll_free(poll);
    require(mio_pipe_pair(&sender, &receiver) == 0);
    require(mio_pipe_sender_write(&sender, bytes, sizeof bytes) == sizeof bytes);
    const int empty = file_of(0);
    require(mio_source_splice_to_handle(&receiver.source, empty, sizeof bytes, &blocked) == LIMIT);
    require(mio_source_splice_to_handle(&receiver.source, empty, sizeof bytes, &blocked) == -EFBIG);
    mio_pipe_sender_close(&sender);
    mio_pipe_receiver_close(&receiver);
    require(close(full) == 0 && close(fits_a_part) == 0 && close(empty) == 0);
    return 0;
}

static int scene_deadly(void *context)
{
    (void)context;
    require(set_limit() && signal(SIGXFSZ, SIG_DFL) != SIG_ERR);
    const int line = write_beyond();
    require(!is_pending_or_blocked());
    return line;
}

static volatile sig_atomic_t handled;

static void count_signal(int number)
{
    (void)number;
    handled++;
}

static int scene_handled(void *context)
{
    (void)context;
    require(set_limit() && signal(SIGXFSZ, count_signal) != SIG_ERR);
    const int line = write_beyond();
    require(handled == 0 && !is_pending_or_blocked());
    require(raise(SIGXFSZ) == 0 && handled == 1);
    return line;
}

static int scene_pending(void *context)
{
    sigset_t set;
    siginfo_t info;
    const struct timespec now = {0};
    (void)context;
    sigemptyset(&set);
    sigaddset(&set, SIGXFSZ);
    require(set_limit() && signal(SIGXFSZ, SIG_DFL) != SIG_ERR && pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
    require(queue_to_this_thread(SIGXFSZ, 77));
    const int line = write_beyond();
    require(sigtimedwait(&set, &info, &now) == SIGXFSZ && info.si_code == SI_QUEUE && info.si_value.sival_int == 77);
    require(sigtimedwait(&set, &info, &now) == -1 && errno == EAGAIN);
    return line;
}

START_TEST(sigxfsz_does_not_kill)
{
    run_apart(scene_deadly, NULL);
}
END_TEST

START_TEST(no_sigxfsz_handler_runs)
{
    run_apart(scene_handled, NULL);
}
END_TEST

START_TEST(a_pending_sigxfsz_of_the_caller_is_left_alone)
{
    run_apart(scene_pending, NULL);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("file_limit");
    TCase *tcase = add_tcase(suite, "file_limit");
    tcase_add_test(tcase, sigxfsz_does_not_kill);
    tcase_add_test(tcase, no_sigxfsz_handler_runs);
    tcase_add_test(tcase, a_pending_sigxfsz_of_the_caller_is_left_alone);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
