/* SPDX-License-Identifier: MIT */
/* Adopts descriptors as ends of pipes: the standard input and output of a child, and files that are not pipes. */
#include "../helpers/sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { CHILD_IN = 31, CHILD_OUT = 32 };

/*
 * A child that runs cat(1). `in` and `out` are the parent's ends of the pipes. Both ends are blocking, because most
 * programs make blocking pipes for a child.
 */
typedef struct cat {
    pid_t pid;
    int in;
    int out;
} cat;

static cat start_cat(void)
{
    int in[2];
    int out[2];
    make_cloexec_pipe(in);
    make_cloexec_pipe(out);
    pid_t pid = fork();
    ck_assert_int_ne(pid, -1);
    if (pid == 0) {
        if (dup2(in[0], 0) == 0 && dup2(out[1], 1) == 1) {
            execlp("cat", "cat", (char *)NULL);
        }
        _exit(127);
    }
    close_fd(in[0]);
    close_fd(out[1]);
    return (cat){pid, in[1], out[0]};
}

static void expect_end_of(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}

START_TEST(child_stdin_and_stdout_adopted_write_echo_read_then_closing_stdin_gives_read_closed)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    cat child = start_cat();
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    char bytes[32];
    call_ok(mio_pipe_sender_from_handle(&sender, child.in));
    call_ok(mio_pipe_receiver_from_handle(&receiver, child.out));
    ck_assert_int_eq(mio_pipe_sender_handle(&sender), child.in);
    ck_assert_int_eq(mio_pipe_receiver_handle(&receiver), child.out);
    call_ok(mio_registry_register(registry, &sender.source, CHILD_IN, MIO_WRITABLE));
    call_ok(mio_registry_register(registry, &receiver.source, CHILD_OUT, MIO_READABLE));
    expect_events(poll, {CHILD_IN, MIO_WRITABLE});
    call_counts(mio_pipe_sender_write(&sender, "Hello world!", 12), 12);
    wait_handle(child.out, POLLIN);
    expect_events(poll, {CHILD_OUT, MIO_READABLE});
    call_counts(mio_pipe_receiver_read(&receiver, bytes, sizeof bytes), 12);
    ck_assert_mem_eq(bytes, "Hello world!", 12);
    call_fails(mio_pipe_receiver_read(&receiver, bytes, sizeof bytes), EAGAIN);
    mio_pipe_sender_close(&sender);
    wait_handle(child.out, POLLHUP);
    expect_events(poll, {CHILD_OUT, MIO_READABLE | MIO_READ_CLOSED});
    call_counts(mio_pipe_receiver_read(&receiver, bytes, sizeof bytes), 0);
    mio_pipe_receiver_close(&receiver);
    mio_poll_free(poll);
    expect_end_of(child.pid);
}
END_TEST

START_TEST(adopted_child_stdout_is_made_non_blocking_and_reading_would_block)
{
    cat child = start_cat();
    mio_pipe_receiver receiver;
    char byte;
    ck_assert(!is_nonblocking(child.out));
    call_ok(mio_pipe_receiver_from_handle(&receiver, child.out));
    ck_assert(is_nonblocking(child.out));
    call_fails(mio_pipe_receiver_read(&receiver, &byte, 1), EAGAIN);
    close_fd(child.in);
    mio_pipe_receiver_close(&receiver);
    expect_end_of(child.pid);
}
END_TEST

START_TEST(a_named_pipe_can_be_adopted)
{
    char path[] = "/tmp/mio-test.XXXXXX";
    char fifo[64];
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    char byte;
    ck_assert_ptr_nonnull(mkdtemp(path));
    snprintf(fifo, sizeof fifo, "%s/fifo", path);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    int in = open(fifo, O_RDONLY | O_NONBLOCK);
    int out = open(fifo, O_WRONLY);
    call_ok(mio_pipe_receiver_from_handle(&receiver, in));
    call_ok(mio_pipe_sender_from_handle(&sender, out));
    call_counts(mio_pipe_sender_write(&sender, "x", 1), 1);
    call_counts(mio_pipe_receiver_read(&receiver, &byte, 1), 1);
    mio_pipe_sender_close(&sender);
    mio_pipe_receiver_close(&receiver);
    /* A descriptor that is open for reading and writing can be adopted as a sender or as a receiver. */
    int both = open(fifo, O_RDWR | O_CLOEXEC);
    call_ok(mio_pipe_receiver_from_handle(&receiver, both));
    ck_assert_int_eq(mio_pipe_receiver_into_handle(&receiver), both);
    call_ok(mio_pipe_sender_from_handle(&sender, both));
    mio_pipe_sender_close(&sender);
    ck_assert_int_eq(unlink(fifo), 0);
    ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

START_TEST(a_stream_socket_and_a_terminal_can_be_adopted)
{
    int fds[2];
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    char bytes[4];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    call_ok(mio_pipe_sender_from_handle(&sender, fds[0]));
    call_ok(mio_pipe_receiver_from_handle(&receiver, fds[1]));
    call_counts(mio_pipe_sender_write(&sender, "abc", 3), 3);
    call_counts(mio_pipe_receiver_read(&receiver, bytes, sizeof bytes), 3);
    mio_pipe_receiver_close(&receiver);
    make_sigpipe_deadly();
    call_fails(mio_pipe_sender_write(&sender, "abc", 3), EPIPE);
    mio_pipe_sender_close(&sender);
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(terminal, 0);
    call_ok(mio_pipe_receiver_from_handle(&receiver, terminal));
    mio_pipe_receiver_close(&receiver);
}
END_TEST

static void ignore_call(int number)
{
    (void)number;
}

/* Sets the action for a signal, without SA_RESTART. */
static bool set_action(int number, void (*handler)(int number))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    return sigaction(number, &action, NULL) == 0;
}

/* Uses the controlling terminal in the background. The terminal has the flag TOSTOP. */
static int use_in_background(int terminal)
{
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    char byte;
    require(setpgid(0, 0) == 0);
    require(mio_pipe_receiver_from_handle(&receiver, dup(terminal)) == 0);
    require(mio_pipe_sender_from_handle(&sender, terminal) == 0);
    require(set_action(SIGTTIN, ignore_call) && set_action(SIGTTOU, ignore_call));
    require(mio_pipe_receiver_read(&receiver, &byte, 1) == -EINTR);
    require(mio_pipe_sender_write(&sender, "x", 1) == -EINTR);
    require(set_action(SIGTTIN, SIG_IGN) && set_action(SIGTTOU, SIG_IGN));
    require(mio_pipe_receiver_read(&receiver, &byte, 1) == -EIO);
    require(mio_pipe_sender_write(&sender, "x", 1) == 1);
    return 0;
}

/* Opens a terminal, which becomes the controlling terminal of a new session, and forks a process in the background. */
static int open_session(void *context)
{
    struct termios settings;
    int status = 0;
    (void)context;
    require(setsid() >= 0);
    int other = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    require(other >= 0 && grantpt(other) == 0 && unlockpt(other) == 0);
    int terminal = open(ptsname(other), O_RDWR | O_CLOEXEC);
    require(terminal >= 0 && tcgetattr(terminal, &settings) == 0);
    settings.c_lflag |= TOSTOP;
    require(tcsetattr(terminal, TCSANOW, &settings) == 0);
    if (tcgetpgrp(terminal) != getpgrp()) {
        return SKIPPED;
    }
    pid_t child = fork();
    if (child == 0) {
        end_child(use_in_background(terminal));
    }
    require(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status); /* the line that has failed, modulo 256 */
}

START_TEST(a_terminal_is_not_for_the_background)
{
    if (run_apart(open_session, NULL) == SKIPPED) {
        skip("opening a terminal does not make it the controlling terminal");
    }
}
END_TEST

/* A receiver can read from a device that is always ready, although epoll refuses to register this device. */
START_TEST(what_is_taken_over_need_not_be_registered)
{
    mio_poll *poll = open_poll(_i);
    mio_pipe_receiver receiver;
    char byte;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    call_ok(mio_pipe_receiver_from_handle(&receiver, fd));
    call_fails(mio_registry_register(mio_poll_registry(poll), &receiver.source, 1, MIO_READABLE), EPERM);
    call_counts(mio_pipe_receiver_read(&receiver, &byte, 1), 0);
    mio_pipe_receiver_close(&receiver);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_stream_socket_has_the_errors_of_a_socket)
{
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_addr any = loopback_v4();
    mio_addr addr;
    char byte;
    int listener = raw_listener(&any, 1, &addr);
    int fd = raw_connect(&addr);
    int peer = raw_accept(listener);
    call_ok(mio_pipe_receiver_from_handle(&receiver, fd));
    raw_reset(peer);
    wait_handle(fd, POLLIN);
    call_fails(mio_pipe_receiver_read(&receiver, &byte, 1), ECONNRESET);
    mio_pipe_receiver_close(&receiver);
    fd = raw_socket(AF_UNIX, SOCK_STREAM);
    call_ok(mio_pipe_sender_from_handle(&sender, fd));
    call_fails(mio_pipe_sender_write(&sender, "x", 1), ENOTCONN);
    mio_pipe_sender_close(&sender);
    close_fd(listener);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("pipe_adopt");
    TCase *child = add_tcase(suite, "child");
    tcase_add_backend_test(child, child_stdin_and_stdout_adopted_write_echo_read_then_closing_stdin_gives_read_closed);
    tcase_add_test(child, adopted_child_stdout_is_made_non_blocking_and_reading_would_block);
    TCase *kinds = add_tcase(suite, "kinds");
    tcase_add_test(kinds, a_named_pipe_can_be_adopted);
    tcase_add_test(kinds, a_stream_socket_and_a_terminal_can_be_adopted);
    tcase_add_test(kinds, a_terminal_is_not_for_the_background);
    tcase_add_backend_test(kinds, what_is_taken_over_need_not_be_registered);
    tcase_add_test(kinds, a_stream_socket_has_the_errors_of_a_socket);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
