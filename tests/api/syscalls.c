/* SPDX-License-Identifier: MIT */
/*
 * How many system calls each operation makes, to the one: a wait is one, a read is one, the second wake is none. Each
 * scene runs in a child that is traced with ptrace(2); markers, which are system calls with arguments that no one else
 * uses, say where an operation begins and ends and how many calls it is allowed. A library with sanitizers makes the
 * same calls. Valgrind makes others, and a sandbox may forbid tracing: then this is not run (77).
 */
#include "../helpers/harness.h"
#include "../helpers/sockets.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What PTRACE_GET_SYSCALL_INFO stores. <linux/ptrace.h> has it, but cannot be included beside <sys/ptrace.h>. */
typedef struct syscall_info {
    uint8_t op;
    uint8_t pad[3];
    uint32_t arch;
    uint64_t instruction_pointer;
    uint64_t stack_pointer;
    uint64_t number;
    uint64_t arguments[6];
    uint64_t room[4];
} syscall_info;
enum { INFO_ENTRY = 1 };

/* The marker: getppid(2) takes no arguments, so nobody gives it these. */
enum { MARKER = 0x6d696f, BEGIN = 1, END = 2 };

static void mark(long what, long allowed, const char *text, long line)
{
    syscall(SYS_getppid, MARKER, what, allowed, text, line);
}

/* In the child: the call makes exactly `count` system calls, and works or would block. */
#define CALLS(count, call)                                                                                             \
    do {                                                                                                               \
        mark(BEGIN, (count), #call, __LINE__);                                                                         \
        int64_t result_ = (int64_t)(call);                                                                             \
        mark(END, 0, NULL, 0);                                                                                         \
        ck_assert_msg(result_ >= 0 || result_ == -EAGAIN, "%s is %s", #call, errno_name(result_));                     \
    } while (0)
#define CALLS_VOID(count, call) CALLS(count, ((call), 0))

/* Of the numbers that a wrong count is likely to be made of. */
static const char *syscall_name(uint64_t number)
{
#define NAME(name)                                                                                                     \
    {                                                                                                                  \
        SYS_##name, #name                                                                                              \
    }
    static const struct {
        long number;
        const char *name;
    } names[] = {
        NAME(read),        NAME(write),       NAME(readv),      NAME(writev),     NAME(sendto),
        NAME(recvfrom),    NAME(sendmsg),     NAME(recvmsg),    NAME(close),      NAME(socket),
        NAME(bind),        NAME(listen),      NAME(accept4),    NAME(connect),    NAME(shutdown),
        NAME(getsockname), NAME(getpeername), NAME(getsockopt), NAME(setsockopt), NAME(epoll_ctl),
        NAME(epoll_pwait), NAME(eventfd2),    NAME(pipe2),      NAME(fcntl),      NAME(rt_sigprocmask),
        NAME(futex),       NAME(sendmmsg),    NAME(recvmmsg),   NAME(mmap),       NAME(munmap),
        NAME(brk),         NAME(getpid),
    };
#undef NAME
    static char unknown[24];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((uint64_t)names[i].number == number) {
            return names[i].name;
        }
    }
    snprintf(unknown, sizeof unknown, number == 441 ? "epoll_pwait2" : "%llu", (unsigned long long)number);
    return unknown;
}

/* What the tracer knows of the operation that is under way. */
typedef struct count {
    bool inside;
    long allowed;
    const char *text; /* the child's pointers are ours: it is a copy of this process */
    long line;
    long made;
    char names[256];
} count;

/* Takes note of one system call. Returns false when an operation has ended with the wrong number of them. */
static bool note(count *c, const syscall_info *info, int *operations)
{
    if (info->number == SYS_getppid && info->arguments[0] == MARKER) {
        if (info->arguments[1] == BEGIN) {
            const char *text = (const char *)(uintptr_t)info->arguments[3];
            *c = (count){.inside = true, .allowed = (long)info->arguments[2], .text = text};
            c->line = (long)info->arguments[4];
            return true;
        }
        c->inside = false;
        *operations += 1;
        return c->made == c->allowed;
    }
    /* Where the machine's clock cannot be read without one, reading it is not counted. */
    if (c->inside && info->number != SYS_clock_gettime) {
        size_t used = strlen(c->names);
        snprintf(c->names + used, sizeof c->names - used, " %s", syscall_name(info->number));
        c->made++;
    }
    return true;
}

/* Lets the child run to its next stop. Returns false when it has ended. */
static bool next_stop(pid_t child, int *status, long *signal_number)
{
    ck_assert_int_eq(ptrace(PTRACE_SYSCALL, child, NULL, *signal_number), 0);
    ck_assert_int_eq(waitpid(child, status, 0), child);
    *signal_number = 0;
    if (WIFSTOPPED(*status) && WSTOPSIG(*status) != (SIGTRAP | 0x80)) {
        *signal_number = WSTOPSIG(*status);
    }
    return WIFSTOPPED(*status);
}

/* Starts a scene in a child that is traced from its first call on. */
static pid_t start_scene(void (*scene)(int variant), int variant)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        scene(variant);
        _exit(EXIT_SUCCESS);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSTOPPED(status));
    ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
    return child;
}

/* Returns how many operations a scene made, or -1 at the first with a wrong number of system calls, which is in *c. */
static int trace(void (*scene)(int variant), int variant, count *c)
{
    int operations = 0;
    int status = 0;
    long signal_number = 0;
    pid_t child = start_scene(scene, variant);
    memset(c, 0, sizeof *c);
    while (next_stop(child, &status, &signal_number)) {
        syscall_info info;
        memset(&info, 0, sizeof info);
        bool known = ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) > 0;
        if (known && signal_number == 0 && info.op == INFO_ENTRY && !note(c, &info, &operations)) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
    }
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the scene ended with %#x", (unsigned)status);
    return operations;
}

static void expect_calls(void (*scene)(int variant), int variant, int operations)
{
    count c;
    int made = trace(scene, variant, &c);
    ck_assert_msg(made != -1, "line %ld: %s makes %ld system calls, not %ld:%s", c.line, c.text, c.made, c.allowed,
                  c.names);
    ck_assert_int_eq(made, operations);
}

static void scene_of_nothing(int variant)
{
    (void)variant;
    CALLS(0, 0);
    CALLS(1, getpid() > 0);
    CALLS(2, (close(-1), close(-1), 0));
}

static void scene_with_one_too_many(int variant)
{
    scene_of_nothing(variant);
    CALLS(1, (close(-1), close(-1), 0));
}

static void scene_with_one_too_few(int variant)
{
    scene_of_nothing(variant);
    CALLS(1, 0);
}

START_TEST(a_system_call_too_many_or_too_few_is_seen)
{
    count c;
    ck_assert_int_eq(trace(scene_of_nothing, _i, &c), 3);
    ck_assert_int_eq(trace(scene_with_one_too_many, _i, &c), -1);
    ck_assert_int_eq(c.made, 2);
    ck_assert_str_eq(c.names, " close close");
    ck_assert_int_eq(trace(scene_with_one_too_few, _i, &c), -1);
    ck_assert_int_eq(c.made, 0);
}
END_TEST

/* What a wait makes that reports wakers: one system call, and where edges are emulated one more to empty each. */
static int calls_to_report(const mio_poll *poll, int wakers)
{
    return (mio_poll_capabilities(poll) & MIO_CAN_EDGE) != 0 ? 1 : 1 + wakers;
}

static void scene_of_waiting(int variant)
{
    mio_poll *poll = open_poll(variant);
    mio_waker *waker = make_waker(poll, 1);
    static mio_event events[1024];
    sigset_t mask;
    sigemptyset(&mask);
    for (int round = 0; round < 3; round++) {
        CALLS(1, mio_poll_wait(poll, events, 1024, 0));
        CALLS(1, mio_poll_wait(poll, events, 1024, 1));
        CALLS(1, mio_poll_wait(poll, events, 1024, US(100)));
        CALLS(1, mio_poll_wait_until(poll, events, 1024, 0));
        CALLS(1, mio_poll_wait_until(poll, events, 1024, mio_clock_now() + US(100)));
        CALLS(1, mio_poll_wait_masked(poll, events, 1024, US(100), &mask));
        CALLS(1, mio_poll_wait_masked(poll, events, 1024, US(100), NULL));
        ck_assert_ok(mio_waker_wake(waker));
        CALLS(calls_to_report(poll, 1), mio_poll_wait(poll, events, 1024, -1));
        bool nests = (mio_poll_capabilities(poll) & MIO_CAN_NEST) != 0;
        CALLS(0, nests ? mio_poll_handle(poll) : 0);
        CALLS(0, mio_clock_now());
    }
    mio_waker_free(waker);
    mio_poll_free(poll);
    poll = open_poll_flags(variant, MIO_POLL_RESTART);
    CALLS(1, mio_poll_wait(poll, events, 1024, US(100)));
    mio_poll_free(poll);
}

static void scene_of_waking(int variant)
{
    mio_poll *poll = open_poll(variant);
    mio_waker *waker = make_waker(poll, 1);
    mio_waker *other = make_waker(poll, 2);
    mio_event events[4];
    for (int round = 0; round < 3; round++) {
        CALLS(1, mio_waker_wake(waker)); /* the write */
        for (int i = 0; i < 10; i++) {
            CALLS(0, mio_waker_wake(waker));
        }
        CALLS(1, mio_waker_wake(other));
        CALLS(0, mio_waker_wake(other));
        CALLS(0, mio_waker_wake(waker));
        CALLS(calls_to_report(poll, 2), mio_poll_wait(poll, events, 4, 0));
    }
    mio_poll_free(poll);
    CALLS(0, mio_waker_wake(waker));
    mio_waker_free(waker);
    mio_waker_free(other);
}

static void scene_of_registering(int variant)
{
    mio_poll *poll = open_poll(variant);
    mio_registry *registry = mio_poll_registry(poll);
    mio_udp_socket left;
    mio_udp_socket right;
    make_udp_pair(&left, &right);
    int fd = mio_udp_socket_handle(&right);
    for (uintptr_t round = 0; round < 3; round++) {
        CALLS(1, mio_registry_register(registry, &left.source, round, MIO_READABLE));
        CALLS(1, mio_registry_reregister(registry, &left.source, round, MIO_WRITABLE));
        CALLS(1, mio_registry_deregister(registry, &left.source));
        CALLS(1, mio_registry_register_handle(registry, fd, round, MIO_READABLE));
        CALLS(1, mio_registry_reregister_handle(registry, fd, round, MIO_WRITABLE));
        CALLS(1, mio_registry_deregister_handle(registry, fd));
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    mio_poll_free(poll);
}

static void scene_of_tcp(int variant)
{
    mio_addr addr = loopback_v4();
    mio_tcp_socket socket;
    mio_accept_reserve reserve;
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    char bytes[64] = "bytes";
    mio_iovec pieces[2] = {{bytes, 32}, {bytes + 32, 32}};
    (void)variant;
    CALLS(1, mio_tcp_socket_open(&socket, MIO_ADDR_IPV4));
    CALLS(1, mio_tcp_socket_bind(&socket, &addr));
    CALLS(1, mio_tcp_socket_listen(&socket, 16, &listener));
    CALLS(1, mio_accept_reserve_open(&reserve));
    CALLS(1, mio_tcp_listener_accept_or_shed(&listener, &server, NULL, &reserve));
    CALLS_VOID(1, mio_accept_reserve_close(&reserve));
    CALLS_VOID(0, mio_tcp_socket_close(&socket));
    mio_tcp_listener_close(&listener);
    CALLS(4, mio_tcp_listener_bind(&listener, &addr, 16)); /* socket, setsockopt, bind, listen */
    CALLS(1, mio_tcp_listener_local_addr(&listener, &addr));
    CALLS(1, mio_tcp_listener_accept(&listener, &server, NULL));
    CALLS(2, mio_tcp_stream_connect(&client, &addr)); /* socket, connect */
    wait_handle(mio_tcp_listener_handle(&listener), POLLIN);
    CALLS(1, mio_tcp_listener_accept(&listener, &server, &addr));
    CALLS(2, mio_tcp_stream_connect_finish(&client)); /* getsockopt, getpeername */
    CALLS(1, mio_tcp_stream_write(&client, bytes, 64));
    CALLS(1, mio_tcp_stream_writev(&client, pieces, 2));
    CALLS(1, mio_tcp_stream_send(&client, bytes, 1, MIO_SEND_MORE | MIO_SEND_OOB));
    wait_handle(mio_tcp_stream_handle(&server), POLLPRI);
    CALLS(1, mio_tcp_stream_recv_oob(&server, (unsigned char *)bytes));
    CALLS(1, mio_tcp_stream_at_mark(&server));
    wait_handle(mio_tcp_stream_handle(&server), POLLIN);
    CALLS(1, mio_tcp_stream_peek(&server, bytes, 64));
    CALLS(1, mio_tcp_stream_read(&server, bytes, 64));
    CALLS(1, mio_tcp_stream_readv(&server, pieces, 2));
    CALLS(1, mio_tcp_stream_read(&server, bytes, 64));
    CALLS(1, mio_source_set_option(&client.source, MIO_OPTION_NODELAY, 1));
    CALLS(1, mio_source_set_text_option(&client.source, MIO_OPTION_CONGESTION, "reno"));
    CALLS(1, mio_source_text_option(&client.source, MIO_OPTION_CONGESTION, NULL, 0));
    CALLS(1, mio_tcp_stream_take_error(&client));
    CALLS(1, mio_tcp_stream_shutdown(&client, MIO_SHUTDOWN_WRITE));
    CALLS(0, mio_tcp_stream_handle(&client));
    CALLS_VOID(1, mio_tcp_stream_close(&client));
    CALLS_VOID(0, mio_tcp_stream_close(&client));
    CALLS_VOID(1, mio_tcp_stream_close(&server));
    CALLS_VOID(1, mio_tcp_listener_close(&listener));
}

static void scene_of_udp(int variant)
{
    mio_addr addr = loopback_v4();
    mio_udp_socket left;
    mio_udp_socket right;
    char bytes[64] = "bytes";
    int64_t value;
    uint32_t flags;
    mio_ancillary ancillary = {{0}};
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    message.ancillary = &ancillary;
    mio_queued_error error = MIO_QUEUED_ERROR_INIT;
    mio_udp_message batch[MIO_UDP_BATCH_MAX];
    for (size_t i = 0; i < MIO_UDP_BATCH_MAX; i++) {
        batch[i] = (mio_udp_message)MIO_UDP_MESSAGE_INIT;
    }
    (void)variant;
    CALLS(2, mio_udp_socket_bind(&left, &addr)); /* socket, bind */
    CALLS(2, mio_udp_socket_bind(&right, &addr));
    CALLS(1, mio_udp_socket_local_addr(&right, &addr));
    CALLS(1, mio_udp_socket_connect(&left, &addr));
    CALLS(1, mio_udp_socket_send(&left, bytes, 64));
    CALLS(1, mio_udp_socket_send_to(&left, bytes, 64, &addr));
    CALLS(1, mio_udp_socket_peek(&right, bytes, 64, NULL));
    CALLS(1, mio_udp_socket_peek_from(&right, bytes, 64, &addr, &flags));
    CALLS(1, mio_udp_socket_recv_from(&right, bytes, 64, &addr, NULL));
    CALLS(1, mio_udp_socket_recv(&right, bytes, 4, &flags)); /* also where it is truncated */
    CALLS(1, mio_udp_socket_recv(&right, bytes, 64, NULL));
    CALLS(1, mio_source_option(&left.source, MIO_OPTION_TTL, &value));
    CALLS(0, mio_ancillary_set_tos(&ancillary, 1));
    CALLS(1, mio_udp_socket_send_message(&left, &message));
    mio_ancillary_clear(&ancillary);
    CALLS(1, mio_udp_socket_recv_message(&right, &message));
    CALLS(1, mio_udp_socket_send_batch(&left, batch, MIO_UDP_BATCH_MAX));
    CALLS(1, mio_udp_socket_recv_batch(&right, batch, MIO_UDP_BATCH_MAX));
    CALLS(1, mio_udp_socket_recv_batch(&right, batch, MIO_UDP_BATCH_MAX));
    CALLS(0, mio_udp_socket_recv_batch(&right, batch, 0));
    CALLS(1, mio_udp_socket_recv_error(&right, &error));
    CALLS_VOID(1, mio_udp_socket_close(&left));
    CALLS_VOID(1, mio_udp_socket_close(&right));
}

static void scene_of_unix_sockets(int variant)
{
    mio_addr addr;
    mio_unix_listener listener;
    mio_unix_stream client;
    mio_unix_stream server;
    mio_unix_datagram pair[2];
    mio_unix_credentials credentials = MIO_UNIX_CREDENTIALS_INIT;
    mio_handle handle;
    size_t arrived = 0;
    char bytes[64] = "bytes";
    uint32_t flags;
    (void)variant;
    CALLS(0, mio_addr_unnamed(&addr));
    CALLS(3, mio_unix_listener_bind(&listener, &addr, 16, MIO_UNIX_REPLACE)); /* socket, bind, listen */
    CALLS(1, mio_unix_listener_local_addr(&listener, &addr));
    CALLS(2, mio_unix_stream_connect(&client, &addr, 0)); /* socket, connect */
    CALLS(1, mio_unix_listener_accept(&listener, &server, &addr));
    CALLS(1, mio_unix_stream_write(&client, bytes, 64));
    CALLS(1, mio_unix_stream_read(&server, bytes, 64));
    CALLS(1, mio_unix_stream_send(&client, bytes, 1, MIO_SEND_MORE));
    CALLS(1, mio_unix_stream_read(&server, bytes, 64));
    handle = mio_unix_stream_handle(&client);
    CALLS(1, mio_unix_stream_send_with_handles(&client, bytes, 1, &handle, 1));
    CALLS(1, mio_unix_stream_recv_with_handles(&server, bytes, 1, &handle, 1, &arrived, &flags));
    close_fd(handle);
    CALLS(1, mio_unix_stream_peer_credentials(&server, &credentials));
    CALLS_VOID(1, mio_unix_stream_close(&client));
    CALLS_VOID(1, mio_unix_stream_close(&server));
    CALLS_VOID(1, mio_unix_listener_close(&listener));
    CALLS(1, mio_unix_datagram_pair(&pair[0], &pair[1]));
    CALLS(1, mio_unix_datagram_send(&pair[0], bytes, 64));
    CALLS(1, mio_unix_datagram_recv_from(&pair[1], bytes, 64, &addr, &flags));
    CALLS_VOID(1, mio_unix_datagram_close(&pair[0]));
    CALLS_VOID(1, mio_unix_datagram_close(&pair[1]));
}

static void scene_of_pipes_and_signals(int variant)
{
    const int number = SIGUSR1;
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_signals signals;
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    char bytes[64] = "bytes";
    (void)variant;
    CALLS(1, mio_pipe_pair(&sender, &receiver));
    /* Before Linux 6.18, which has RWF_NOSIGNAL, the first write finds that out, and each changes the mask twice. */
    int fd = mio_pipe_sender_handle(&sender);
    long calls = syscall(SYS_pwritev2, fd, NULL, 0, -1L, -1L, 0x100) == 0 ? 1 : 3;
    (void)!mio_pipe_sender_write(&sender, bytes, 8);
    CALLS(calls, mio_pipe_sender_write(&sender, bytes, 8));
    CALLS(calls, mio_safe_write(fd, bytes, 8));
    CALLS(1, mio_pipe_receiver_read(&receiver, bytes, 64));
    ck_assert_ok(mio_signals_open(&signals, &number, 1, 0));
    CALLS(1, mio_signals_receive(&signals, &info));
    mio_signals_close(&signals);
    CALLS_VOID(1, mio_pipe_sender_close(&sender));
    CALLS_VOID(1, mio_pipe_receiver_close(&receiver));
}

static void scene_of_values(int variant)
{
    const mio_event event = {1, MIO_READABLE, 1};
    mio_addr addr;
    char text[MIO_ADDR_TEXT_SIZE];
    (void)variant;
    CALLS(0, mio_addr_parse(&addr, "[2001:db8::1%7]:80"));
    CALLS(0, mio_addr_format(&addr, text, sizeof text));
    CALLS(0, mio_addr_hash(&addr) != 0);
    CALLS(0, mio_event_format(&event, text, sizeof text));
    CALLS(0, mio_interest_format(MIO_READABLE, text, sizeof text));
    CALLS(0, mio_version());
}

START_TEST(a_wait_is_one_system_call)
{
    expect_calls(scene_of_waiting, _i, 31);
}
END_TEST

START_TEST(the_first_wake_is_one_system_call_and_the_others_none)
{
    expect_calls(scene_of_waking, _i, 46);
}
END_TEST

START_TEST(register_reregister_and_deregister_are_one_system_call_each)
{
    expect_calls(scene_of_registering, _i, 18);
}
END_TEST

START_TEST(accept_read_and_write_are_one_system_call_each)
{
    expect_calls(scene_of_tcp, _i, 32);
}
END_TEST

START_TEST(send_and_receive_are_one_system_call_each)
{
    expect_calls(scene_of_udp, _i, 22);
}
END_TEST

START_TEST(unix_sockets_take_one_system_call_for_each_message)
{
    expect_calls(scene_of_unix_sockets, _i, 20);
}
END_TEST

START_TEST(pipes_and_signals_take_one_system_call_for_each_message)
{
    expect_calls(scene_of_pipes_and_signals, _i, 7);
}
END_TEST

START_TEST(values_need_no_system_call)
{
    expect_calls(scene_of_values, _i, 6);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("syscalls");
    TCase *tcase = add_tcase(suite, "syscalls");
    tcase_add_test(tcase, a_system_call_too_many_or_too_few_is_seen);
    tcase_add_backend_test(tcase, a_wait_is_one_system_call);
    tcase_add_backend_test(tcase, the_first_wake_is_one_system_call_and_the_others_none);
    tcase_add_backend_test(tcase, register_reregister_and_deregister_are_one_system_call_each);
    tcase_add_test(tcase, accept_read_and_write_are_one_system_call_each);
    tcase_add_test(tcase, send_and_receive_are_one_system_call_each);
    tcase_add_test(tcase, unix_sockets_take_one_system_call_for_each_message);
    tcase_add_test(tcase, pipes_and_signals_take_one_system_call_for_each_message);
    tcase_add_test(tcase, values_need_no_system_call);
    return suite;
}

/* Whether a child of ours can be traced, and a kernel (5.3 or later) that tells what it calls. */
static bool can_trace(void)
{
    int status = 0;
    bool can = false;
    pid_t child = fork();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0) {
            raise(SIGSTOP);
        }
        _exit(0);
    }
    if (child > 0 && waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
        syscall_info info;
        can = ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) > 0;
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
    }
    return can;
}

int main(void)
{
    if (under_valgrind() || !can_trace()) {
        skip("a child cannot be traced here, or its system calls are not its own");
        return 77;
    }
    return run_suite(make_suite);
}
