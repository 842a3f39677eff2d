/* SPDX-License-Identifier: MIT */
/*
 * Tests the library on old kernels and in sandboxes that refuse a newer system call. The library then uses an older
 * system call, or returns a documented error.
 */
#include "../helpers/sockets.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int codes[] = {ENOSYS, EPERM, EACCES, EINVAL};
#define CODES ((int)(sizeof codes / sizeof codes[0]))

/* Makes a poll object with this backend. Returns null if mio_poll_new fails. */
static mio_poll *open_named(const char *backend)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = NULL;
    options.backend = backend;
    return mio_poll_new(&poll, &options) == 0 ? poll : NULL;
}

/*
 * Returns whether libc's epoll_create works here. In musl, epoll_create makes the call epoll_create1(2) first, and
 * makes the older call epoll_create(2) only if epoll_create1(2) returns ENOSYS.
 */
static bool libc_makes_the_older_call(void)
{
    const int fd = epoll_create(1);
    return fd >= 0 && close(fd) == 0;
}

static int open_epoll_instance(void *context)
{
    if (!refuse_system_call(SYS_epoll_create1, *(const int *)context) || !libc_makes_the_older_call()) {
        return SKIPPED;
    }
    mio_poll *poll = open_named("epoll");
    require(poll != NULL);
    require((fcntl(mio_poll_handle(poll), F_GETFD) & FD_CLOEXEC) != 0);
    mio_poll_free(poll);
    return 0;
}

START_TEST(the_backend_epoll_opens_without_epoll_create1)
{
    int code = codes[_i];
    if (!has_epoll_create()) {
        skip("this processor has no older call");
    }
    run_apart(open_epoll_instance, &code);
}
END_TEST

/* Checks that a wait returns the event of a wake. */
static int expect_a_wake(mio_poll *poll)
{
    mio_waker *waker = NULL;
    mio_event event;
    require(mio_waker_new(&waker, mio_poll_registry(poll), 7) == 0 && mio_waker_wake(waker) == 0);
    require(mio_poll_wait(poll, &event, 1, -1) == 1 && event.token == 7);
    mio_waker_free(waker);
    return 0;
}

/* Checks that a poll object without options has the backend `name`, and that the poll object works. */
static int expect_default_backend(const char *name)
{
    mio_poll *poll = NULL;
    require(mio_poll_new(&poll, NULL) == 0 && strcmp(mio_poll_backend(poll), name) == 0);
    require(expect_a_wake(poll) == 0);
    mio_poll_free(poll);
    return 0;
}

/* If neither the options nor the environment name a backend, mio uses the next backend. Otherwise the call fails. */
static int open_without_epoll(void *context)
{
    const int code = *(const int *)context;
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = NULL;
    uint32_t capabilities = 0;
    if (!refuse_epoll(code)) {
        return SKIPPED;
    }
    require(unsetenv("MIO_BACKEND") == 0 && expect_default_backend("poll") == 0);
    require(mio_poll_backend_capabilities(NULL, &capabilities) == 0 && (capabilities & MIO_CAN_EDGE) == 0);
    options.backend = "epoll";
    require(mio_poll_new(&poll, &options) == -code && poll == NULL);
    require(mio_poll_backend_capabilities("epoll", &capabilities) == -code);
    require(setenv("MIO_BACKEND", "epoll", 1) == 0 && mio_poll_new(&poll, NULL) == -code && poll == NULL);
    return 0;
}

START_TEST(the_backend_poll_serves_in_a_sandbox_without_epoll)
{
    int code = codes[_i];
    run_apart(open_without_epoll, &code);
}
END_TEST

/* If the process has no descriptor left, the library does not try the next backend. */
static int open_without_descriptors(void *context)
{
    mio_poll *poll = NULL;
    require(unsetenv("MIO_BACKEND") == 0);
    if (!refuse_epoll(*(const int *)context)) {
        return SKIPPED;
    }
    require(mio_poll_new(&poll, NULL) == -EMFILE && poll == NULL);
    return 0;
}

START_TEST(a_lack_of_descriptors_is_no_refusal)
{
    int code = EMFILE;
    run_apart(open_without_descriptors, &code);
}
END_TEST

/* Checks that the backend uses only poll(2). poll(2) counts timeouts in milliseconds, and cannot set a signal mask. */
static int expect_poll_only(mio_poll *poll)
{
    mio_signal_mask none;
    sigset_t empty;
    mio_event event;
    const int64_t start = mio_clock_now();
    sigemptyset(&empty);
    require(mio_signal_mask_from_sigset(&none, &empty, sizeof empty) == 0);
    require(mio_poll_wait(poll, &event, 1, US(100)) == 0 && mio_clock_now() - start >= US(100));
    require((mio_poll_capabilities(poll) & (MIO_CAN_NS | MIO_CAN_SIGMASK)) == 0);
    require(mio_poll_wait_masked(poll, &event, 1, 0, &none) == -ENOTSUP);
    return expect_a_wake(poll);
}

static int wait_without_ppoll(void *context)
{
    if (!refuse_system_call(SYS_ppoll, *(const int *)context)) {
        return SKIPPED;
    }
    mio_poll *poll = open_named("poll");
    require(poll != NULL && expect_poll_only(poll) == 0);
    mio_poll_free(poll);
    return 0;
}

START_TEST(the_backend_poll_waits_without_ppoll)
{
    int code = codes[_i];
    run_apart(wait_without_ppoll, &code);
}
END_TEST

/* mio_poll_new finds that ppoll(2) works. Then the process enters a sandbox that refuses ppoll(2). */
static int lose_ppoll(void *context)
{
    const uint32_t both = MIO_CAN_NS | MIO_CAN_SIGMASK;
    mio_poll *poll = open_named("poll");
    require(poll != NULL && (mio_poll_capabilities(poll) & both) == both);
    if (!refuse_system_call(SYS_ppoll, *(const int *)context)) {
        return SKIPPED;
    }
    require(expect_poll_only(poll) == 0);
    mio_poll_free(poll);
    return 0;
}

START_TEST(the_backend_poll_notices_a_later_refusal)
{
    int code = codes[_i];
    run_apart(lose_ppoll, &code);
}
END_TEST

static bool refuse_newer_calls(int code)
{
    return refuse_system_call(SYS_accept4, code) && refuse_system_call(SYS_eventfd2, code) &&
           refuse_system_call(SYS_pwritev2, code) && refuse_system_call(SYS_signalfd4, code);
}

/* A waker, a set of signals, a pipe and a listener work without their newest system calls. */
static int use_older_calls(void *context)
{
    static const int numbers[] = {SIGUSR1};
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    mio_signals signals;
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_unix_listener listener;
    mio_unix_stream client;
    mio_unix_stream server;
    mio_addr addr;
    mio_poll *poll = open_named(NULL);
    require(mio_pipe_pair(&sender, &receiver) == 0 && mio_addr_unnamed(&addr) == 0);
    require(mio_unix_listener_bind(&listener, &addr, 4, 0) == 0);
    require(mio_unix_listener_local_addr(&listener, &addr) == 0 && mio_unix_stream_connect(&client, &addr, 0) == 0);
    if (!refuse_newer_calls(*(const int *)context)) {
        return SKIPPED;
    }
    require(poll != NULL && expect_a_wake(poll) == 0);
    require(mio_signals_open(&signals, numbers, 1, 0) == 0 && raise(SIGUSR1) == 0);
    require(mio_signals_recv(&signals, &info) == 1 && info.number == SIGUSR1);
    require(mio_pipe_sender_write(&sender, "x", 1) == 1);
    require(mio_unix_listener_accept(&listener, &server, NULL) == 0);
    mio_signals_close(&signals);
    mio_pipe_sender_close(&sender);
    mio_pipe_receiver_close(&receiver);
    mio_unix_stream_close(&client);
    mio_unix_stream_close(&server);
    mio_unix_listener_close(&listener);
    mio_poll_free(poll);
    return 0;
}

START_TEST(sources_need_no_newer_call)
{
    int code = codes[_i];
    run_apart(use_older_calls, &code);
}
END_TEST

/* Without pipe2(2), there is no replacement for the newer calls. Each function then returns the same error. */
static int lack_pipes(void *context)
{
    static const int numbers[] = {SIGUSR1};
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_signals signals;
    mio_waker *waker = NULL;
    mio_poll *poll = open_named(NULL);
    if (!refuse_newer_calls(*(const int *)context) || !refuse_system_call(SYS_pipe2, *(const int *)context)) {
        return SKIPPED;
    }
    require(mio_pipe_pair(&sender, &receiver) == -EPERM);
    require(mio_waker_new(&waker, mio_poll_registry(poll), 7) == -EPERM && waker == NULL);
    require(mio_signals_open(&signals, numbers, 1, 0) == -EPERM);
    require(mio_signals_open(&signals, numbers, 1, MIO_SIGNALS_SELF_PIPE) == -EPERM);
    mio_poll_free(poll);
    return 0;
}

START_TEST(without_pipes_the_error_is_eperm)
{
    int codes_of_sandboxes[] = {EPERM, EACCES}; /* after ENOSYS, musl calls pipe(2) */
    run_apart(lack_pipes, &codes_of_sandboxes[_i]);
}
END_TEST

/*
 * If splice(2) or sendfile(2) returns ENOSYS, the library returns -ENOTSUP. The library returns every other error
 * unchanged, because another error can have another cause.
 */
static int transfer(void *context)
{
    const int code = *(const int *)context;
    const int wanted = code == ENOSYS ? -ENOTSUP : -code;
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_unix_stream first;
    mio_unix_stream second;
    uint32_t blocked = 0;
    int64_t offset = 0;
    require(mio_pipe_pair(&sender, &receiver) == 0 && mio_unix_stream_pair(&first, &second, 0) == 0);
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    require(mio_unix_stream_write(&second, "x", 1) == 1);
    if (!refuse_system_call(SYS_splice, code) || !refuse_system_call(SYS_sendfile, code)) {
        return SKIPPED;
    }
    require(mio_source_splice(&first.source, &sender.source, 1, &blocked) == wanted);
    require(mio_source_send_file(&first.source, file, &offset, 1) == wanted && offset == 0);
    mio_pipe_sender_close(&sender);
    mio_pipe_receiver_close(&receiver);
    mio_unix_stream_close(&first);
    mio_unix_stream_close(&second);
    close(file);
    return 0;
}

START_TEST(splice_and_sendfile_have_no_older_call)
{
    int code = codes[_i];
    run_apart(transfer, &code);
}
END_TEST

/*
 * Before Linux 4.20, MULTICAST_ALL is an option of IPv4 only. An IPv6 socket would get the option only for its IPv4
 * packets. So the library refuses the option on an IPv6 socket. The same applies if a sandbox refuses the IPv6 name.
 */
typedef struct refusal {
    int code;
    int result;
} refusal;

static int lack_the_ipv6_name(void *context)
{
    enum { NAME = 29 }; /* IPV6_MULTICAST_ALL */
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr any_v6 = ipv6("::", 0);
    mio_udp_socket socket;
    mio_udp_socket socket_v6;
    int64_t before = 9;
    int64_t value = 9;
    const refusal *expected = context;
    if (!refuse_socket_option(NAME, expected->code)) {
        return SKIPPED;
    }
    require(mio_udp_socket_bind(&socket, &any) == 0 && mio_udp_socket_bind(&socket_v6, &any_v6) == 0);
    require(mio_source_set_option(&socket.source, MIO_OPTION_MULTICAST_ALL, 0) == 0);
    require(mio_source_option(&socket.source, MIO_OPTION_MULTICAST_ALL, &value) == 0 && value == 0);
    require(mio_source_option(&socket_v6.source, MIO_OPTION_MULTICAST_ALL, &before) == 0);
    require(mio_source_set_option(&socket_v6.source, MIO_OPTION_MULTICAST_ALL, 1 - before) == expected->result);
    require(mio_source_option(&socket_v6.source, MIO_OPTION_MULTICAST_ALL, &value) == 0 && value == before);
    mio_udp_socket_close(&socket);
    mio_udp_socket_close(&socket_v6);
    return 0;
}

START_TEST(an_ipv6_socket_needs_the_ipv6_name_of_an_option)
{
    if (!have_ipv6()) {
        skip("no IPv6 here");
    }
    refusal cases[] = {{ENOPROTOOPT, -ENOTSUP}, {EPERM, -EPERM}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        run_apart(lack_the_ipv6_name, &cases[i]);
    }
}
END_TEST

/* Before Linux 5.7, an unprivileged process could not set SO_BINDTODEVICE. */
static int connect_to_another_interface(void *context)
{
    (void)context;
    mio_addr any = ipv6("::", 0);
    mio_addr addr;
    mio_udp_socket socket;
    char device[MIO_OPTION_TEXT_SIZE];
    require(mio_addr_parse(&addr, "[::1%2147483646]:9") == 0);
    require(mio_udp_socket_bind(&socket, &any) == 0);
    if (mio_source_set_text_option(&socket.source, MIO_OPTION_BIND_DEVICE, "lo") != 0 ||
        !refuse_system_call(SYS_setsockopt, EPERM)) {
        return SKIPPED;
    }
    require(mio_udp_socket_connect(&socket, &addr) == -EINVAL);
    require(mio_source_text_option(&socket.source, MIO_OPTION_BIND_DEVICE, device, sizeof device) == 2);
    mio_udp_socket_close(&socket);
    return 0;
}

START_TEST(a_socket_keeps_an_interface_that_it_could_not_get_back)
{
    if (!have_ipv6() || run_apart(connect_to_another_interface, NULL) == SKIPPED) {
        skip("no IPv6, no filters, or an interface takes a privilege");
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("older_calls");
    TCase *tcase = add_tcase(suite, "older_calls");
    tcase_add_loop_test(tcase, the_backend_epoll_opens_without_epoll_create1, 0, CODES);
    tcase_add_loop_test(tcase, the_backend_poll_serves_in_a_sandbox_without_epoll, 0, CODES);
    tcase_add_test(tcase, a_lack_of_descriptors_is_no_refusal);
    tcase_add_loop_test(tcase, the_backend_poll_waits_without_ppoll, 0, CODES);
    tcase_add_loop_test(tcase, the_backend_poll_notices_a_later_refusal, 0, 3); /* not with EINVAL */
    tcase_add_loop_test(tcase, sources_need_no_newer_call, 0, CODES);
    tcase_add_loop_test(tcase, without_pipes_the_error_is_eperm, 0, 2);
    tcase_add_loop_test(tcase, splice_and_sendfile_have_no_older_call, 0, CODES);
    tcase_add_test(tcase, an_ipv6_socket_needs_the_ipv6_name_of_an_option);
    tcase_add_test(tcase, a_socket_keeps_an_interface_that_it_could_not_get_back);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
