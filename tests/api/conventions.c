/* SPDX-License-Identifier: MIT */
/*
 * What <mio.h> promises of every function: errno is left as it was, whether the call works or fails; no signal is
 * raised, no handler installed, no thread started, nothing printed; null is -EINVAL.
 */
#include "../helpers/harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MARK = 4711 };

/* Evaluates a call and fails when errno is not what it was before. */
#define KEEPS(call)                                                                                                    \
    do {                                                                                                               \
        errno = MARK;                                                                                                  \
        (void)!(call);                                                                                                 \
        ck_assert_msg(errno == MARK, "%s sets errno to %s", #call, errno_name(errno));                                 \
    } while (0)

/* The same for a call without a result. */
#define KEEPS_VOID(call)                                                                                               \
    do {                                                                                                               \
        errno = MARK;                                                                                                  \
        call;                                                                                                          \
        ck_assert_msg(errno == MARK, "%s sets errno to %s", #call, errno_name(errno));                                 \
    } while (0)

static void tour_of_poll(int variant)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = NULL;
    mio_event events[4];
    sigset_t mask;
    sigemptyset(&mask);
    enter_variant(variant);
    options.backend = "no-such-backend";
    KEEPS(mio_poll_new(&poll, &options));
    options.backend = variant_backend(variant);
    KEEPS(mio_poll_new(&poll, &options));
    ck_assert_ptr_nonnull(poll);
    KEEPS(mio_poll_wait(poll, events, 4, 0));
    KEEPS(mio_poll_wait(poll, events, 4, US(100)));
    KEEPS(mio_poll_wait(poll, events, 0, 0));
    KEEPS(mio_poll_wait_until(poll, events, 4, mio_clock_now() + US(100)));
    KEEPS(mio_poll_wait_masked(poll, events, 4, US(100), &mask));
    KEEPS(mio_poll_registry(poll) == NULL);
    KEEPS(mio_poll_handle(poll));
    KEEPS(mio_poll_backend(poll) == NULL);
    KEEPS(mio_poll_capabilities(poll));
    KEEPS(mio_poll_backend_name(0) == NULL);
    KEEPS(mio_clock_now());
    KEEPS(mio_version());
    KEEPS(mio_version_string() == NULL);
    KEEPS_VOID(mio_poll_free(poll));
    KEEPS_VOID(mio_poll_free(NULL));
}

static void tour_of_registry_and_waker(int variant)
{
    mio_poll *poll = open_poll(variant);
    mio_registry *registry = mio_poll_registry(poll);
    mio_registry *clone = NULL;
    mio_waker *waker = NULL;
    mio_udp_socket left;
    mio_udp_socket right;
    make_udp_pair(&left, &right);
    int fd = mio_udp_socket_handle(&right);
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    KEEPS(mio_registry_reregister(registry, &left.source, 1, MIO_READABLE));
    KEEPS(mio_registry_deregister(registry, &left.source));
    KEEPS(mio_registry_register(registry, &left.source, 1, MIO_READABLE));
    KEEPS(mio_registry_register(registry, &left.source, 1, MIO_READABLE));
    KEEPS(mio_registry_reregister(registry, &left.source, 1, MIO_WRITABLE));
    KEEPS(mio_registry_deregister(registry, &left.source));
    KEEPS(mio_registry_reregister_handle(registry, fd, 1, MIO_READABLE));
    KEEPS(mio_registry_deregister_handle(registry, fd));
    KEEPS(mio_registry_register_handle(registry, fd, 1, MIO_READABLE));
    KEEPS(mio_registry_register_handle(registry, fd, 1, MIO_READABLE));
    KEEPS(mio_registry_register_handle(registry, file, 1, MIO_READABLE));
    KEEPS(mio_registry_register_handle(registry, -1, 1, MIO_READABLE));
    KEEPS(mio_registry_reregister_handle(registry, fd, 1, MIO_WRITABLE));
    KEEPS(mio_registry_deregister_handle(registry, fd));
    KEEPS(mio_registry_clone(registry, &clone));
    KEEPS(mio_waker_new(clone, 1, &waker));
    KEEPS_VOID(mio_registry_free(clone));
    KEEPS(mio_waker_wake(waker));
    KEEPS(mio_waker_wake(waker));
    KEEPS(mio_waker_wake(NULL));
    KEEPS_VOID(mio_waker_free(waker));
    close_fd(file);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    mio_poll_free(poll);
}

static void tour_of_tcp(void)
{
    mio_addr any = loopback_v4();
    mio_addr addr = {{0}};
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    char buffer[16] = "";
    mio_iovec piece = {buffer, sizeof buffer};
    KEEPS(mio_tcp_listener_bind(&listener, &addr, 16));
    KEEPS(mio_tcp_listener_bind(&listener, &any, 16));
    KEEPS(mio_tcp_listener_accept(&listener, &server, &addr));
    KEEPS(mio_tcp_listener_local_addr(&listener, &addr));
    KEEPS(mio_tcp_stream_connect(&client, &addr));
    wait_handle(mio_tcp_listener_handle(&listener), POLLIN);
    KEEPS(mio_tcp_listener_accept(&listener, &server, &addr));
    KEEPS(mio_tcp_listener_take_error(&listener));
    KEEPS(mio_tcp_listener_from_handle(&listener, mio_tcp_listener_into_handle(&listener)));
    KEEPS_VOID(mio_tcp_listener_close(&listener));
    KEEPS(mio_tcp_listener_accept(&listener, &server, &addr));
    KEEPS(mio_tcp_listener_from_handle(&listener, -1));
    KEEPS(mio_tcp_stream_from_handle(&client, mio_tcp_stream_into_handle(&client)));
    KEEPS(mio_tcp_stream_connect_finish(&client));
    KEEPS(mio_tcp_stream_read(&client, buffer, sizeof buffer));
    KEEPS(mio_tcp_stream_readv(&client, &piece, 1));
    KEEPS(mio_tcp_stream_peek(&client, buffer, sizeof buffer));
    KEEPS(mio_tcp_stream_write(&server, buffer, 1));
    KEEPS(mio_tcp_stream_writev(&server, &piece, 1));
    KEEPS(mio_tcp_stream_send(&server, buffer, 1, MIO_SEND_OOB));
    KEEPS(mio_tcp_stream_recv_oob(&client, (unsigned char *)buffer));
    KEEPS(mio_tcp_stream_recv_oob(&client, (unsigned char *)buffer));
    KEEPS(mio_tcp_stream_at_mark(&client));
    KEEPS(mio_tcp_stream_local_addr(&client, &addr));
    KEEPS(mio_tcp_stream_peer_addr(&client, &addr));
    KEEPS(mio_tcp_stream_take_error(&client));
    KEEPS(mio_tcp_stream_shutdown(&client, MIO_SHUTDOWN_BOTH));
    KEEPS(mio_tcp_stream_shutdown(&client, 77));
    for (int i = 0; i < 4; i++) { /* until the reset has arrived: -EPIPE, without a signal */
        KEEPS(mio_tcp_stream_write(&client, buffer, 1));
        KEEPS(mio_tcp_stream_writev(&client, &piece, 1));
    }
    KEEPS_VOID(mio_tcp_stream_close(&client));
    KEEPS_VOID(mio_tcp_stream_close(&server));
    KEEPS(mio_tcp_stream_read(&client, buffer, sizeof buffer));
}

static void tour_of_tcp_socket(void)
{
    mio_addr addr = loopback_v4();
    mio_addr six = loopback_v6();
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_tcp_socket socket;
    KEEPS(mio_tcp_socket_open(&socket, MIO_ADDR_UNIX));
    KEEPS(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4));
    KEEPS(mio_tcp_socket_bind(&socket, &six));
    KEEPS(mio_tcp_socket_bind(&socket, &addr));
    KEEPS(mio_tcp_socket_bind(&socket, &addr));
    KEEPS(mio_tcp_socket_local_addr(&socket, &addr));
    KEEPS(mio_tcp_socket_from_handle(&socket, mio_tcp_socket_into_handle(&socket)));
    KEEPS(mio_tcp_socket_listen(&socket, 16, &listener));
    KEEPS(mio_tcp_socket_listen(&socket, 16, &listener));
    KEEPS(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4));
    KEEPS(mio_tcp_socket_connect(&socket, &six, &stream));
    KEEPS(mio_tcp_socket_connect(&socket, &addr, &stream));
    KEEPS(mio_tcp_socket_from_handle(&socket, mio_tcp_stream_handle(&stream)));
    KEEPS_VOID(mio_tcp_socket_close(&socket));
    mio_tcp_stream_close(&stream);
    mio_tcp_listener_close(&listener);
}

static int64_t fail_with_mark(mio_handle handle, void *context)
{
    (void)handle;
    (void)context;
    return -EAGAIN;
}

static void tour_of_udp(void)
{
    mio_addr addr = loopback_v4();
    mio_udp_socket left;
    mio_udp_socket right;
    char buffer[16] = "";
    uint32_t flags = 0;
    int64_t value = 0;
    KEEPS(mio_udp_socket_bind(&left, &addr));
    KEEPS(mio_udp_socket_bind(&right, &addr));
    KEEPS(mio_udp_socket_send(&left, buffer, 1));
    KEEPS(mio_udp_socket_peer_addr(&left, &addr));
    KEEPS(mio_udp_socket_local_addr(&right, &addr));
    KEEPS(mio_udp_socket_send_to(&left, buffer, 9, &addr));
    KEEPS(mio_udp_socket_peek(&right, buffer, 4, &flags));
    KEEPS(mio_udp_socket_peek_from(&right, buffer, 4, &addr, NULL));
    KEEPS(mio_udp_socket_recv(&right, buffer, 4, NULL));
    KEEPS(mio_udp_socket_recv_from(&right, buffer, 4, &addr, &flags));
    KEEPS(mio_udp_socket_connect(&left, &addr));
    KEEPS(mio_udp_socket_join_multicast_v4(&left, &addr, NULL));
    KEEPS(mio_udp_socket_leave_multicast_v4(&left, &addr, NULL));
    KEEPS(mio_udp_socket_join_multicast_v6(&left, &addr, 0));
    KEEPS(mio_udp_socket_leave_multicast_v6(&left, &addr, 0));
    KEEPS(mio_udp_socket_join_multicast_source(&left, &addr, &addr, 0));
    KEEPS(mio_udp_socket_leave_multicast_source(&left, &addr, &addr, 0));
    KEEPS(mio_udp_socket_take_error(&left));
    KEEPS(mio_udp_socket_from_handle(&left, mio_udp_socket_into_handle(&left)));
    KEEPS(mio_source_option(&left.source, MIO_OPTION_BROADCAST, &value));
    KEEPS(mio_source_option(&left.source, MIO_OPTION_NODELAY, &value));
    KEEPS(mio_source_option(&left.source, 9999, &value));
    KEEPS(mio_source_set_option(&left.source, MIO_OPTION_BROADCAST, 1));
    KEEPS(mio_source_set_option(&left.source, MIO_OPTION_TTL, -5));
    KEEPS(mio_source_text_option(&left.source, MIO_OPTION_BIND_DEVICE, buffer, sizeof buffer));
    KEEPS(mio_source_text_option(&left.source, MIO_OPTION_CONGESTION, buffer, sizeof buffer));
    KEEPS(mio_source_set_text_option(&left.source, MIO_OPTION_BIND_DEVICE, "no-such-if"));
    KEEPS(mio_source_try_io(&left.source, fail_with_mark, NULL));
    KEEPS_VOID(mio_udp_socket_close(&left));
    KEEPS_VOID(mio_udp_socket_close(&right));
    KEEPS(mio_udp_socket_recv(&right, buffer, 4, NULL));
}

static void tour_of_values(void)
{
    const mio_event event = {1, MIO_READABLE, 1};
    mio_addr addr;
    char text[MIO_ADDR_TEXT_SIZE];
    struct sockaddr_storage storage;
    uint8_t ip[16];
    memset(&storage, 0, sizeof storage);
    KEEPS(mio_addr_parse(&addr, "[fe80::1%no-such-if]:80"));
    KEEPS(mio_addr_parse(&addr, "[fe80::1%lo]:80"));
    KEEPS(mio_addr_parse(&addr, "127.0.0.1:99999999999999999999"));
    KEEPS(mio_addr_parse_ip(&addr, "256.0.0.1", 80));
    KEEPS(mio_addr_parse(&addr, "127.0.0.1:80"));
    KEEPS(mio_addr_format(&addr, text, sizeof text));
    KEEPS(mio_addr_to_sockaddr(&addr, &storage, sizeof storage));
    KEEPS(mio_addr_from_sockaddr(&addr, &storage, 1));
    KEEPS(mio_addr_from_sockaddr(&addr, &storage, sizeof storage));
    KEEPS(mio_addr_family(&addr));
    KEEPS(mio_addr_port(&addr));
    KEEPS(mio_addr_set_port(&addr, 1));
    KEEPS(mio_addr_ip(&addr, ip));
    KEEPS(mio_addr_flowinfo(&addr));
    KEEPS(mio_addr_scope_id(&addr));
    KEEPS(mio_addr_is_loopback(&addr));
    KEEPS(mio_addr_compare(&addr, NULL));
    KEEPS(mio_addr_hash(&addr));
    KEEPS(mio_event_format(&event, text, sizeof text));
    KEEPS(mio_event_format(&event, text, 3));
    KEEPS(mio_interest_format(1, text, sizeof text));
    KEEPS(mio_interest_format(1, NULL, 5));
}

static void whole_tour(int variant)
{
    tour_of_poll(variant);
    tour_of_registry_and_waker(variant);
    tour_of_tcp();
    tour_of_tcp_socket();
    tour_of_udp();
    tour_of_values();
}

START_TEST(every_function_keeps_errno)
{
    whole_tour(_i);
}
END_TEST

static atomic_bool stop_signals;

static void do_nothing(int number)
{
    (void)number;
}

static void *send_signals(void *context)
{
    pthread_t target = *(const pthread_t *)context;
    while (!atomic_load(&stop_signals)) {
        pthread_kill(target, SIGUSR1);
        usleep(1000);
    }
    return NULL;
}

START_TEST(a_wait_that_is_interrupted_keeps_errno)
{
    mio_poll *poll = open_poll(_i);
    pthread_t self = pthread_self();
    struct sigaction action;
    mio_event event;
    int rc;
    memset(&action, 0, sizeof action);
    action.sa_handler = do_nothing;
    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
    atomic_store(&stop_signals, false);
    pthread_t thread = start_thread(send_signals, &self);
    KEEPS(rc = mio_poll_wait(poll, &event, 1, -1));
    ck_assert_errno(rc, -EINTR);
    atomic_store(&stop_signals, true);
    join_thread(thread);
    mio_poll_free(poll);
}
END_TEST

START_TEST(no_handler_is_installed_and_no_mask_changed)
{
    struct sigaction before[32];
    sigset_t mask_before;
    sigset_t mask_after;
    signal(SIGPIPE, SIG_DFL); /* so that one would end this process */
    for (int number = 1; number < 32; number++) {
        sigaction(number, NULL, &before[number]);
    }
    pthread_sigmask(SIG_SETMASK, NULL, &mask_before);
    whole_tour(_i);
    pthread_sigmask(SIG_SETMASK, NULL, &mask_after);
    for (int number = 1; number < 32; number++) {
        struct sigaction after;
        if (sigaction(number, NULL, &after) == 0) {
            ck_assert_msg(after.sa_handler == before[number].sa_handler, "the handler of signal %d", number);
            ck_assert_int_eq(sigismember(&mask_before, number), sigismember(&mask_after, number));
        }
    }
}
END_TEST

static int count_threads(void)
{
    DIR *dir = opendir("/proc/self/task");
    int count = 0;
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    return count;
}

START_TEST(no_thread_is_started)
{
    int before = count_threads();
    whole_tour(_i);
    ck_assert_int_eq(count_threads(), before);
}
END_TEST

START_TEST(nothing_is_printed_and_no_descriptor_left)
{
    int out[2];
    char text[64];
    int status = 0;
    enter_variant(_i);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        int descriptors = count_descriptors();
        dup2(out[1], STDOUT_FILENO);
        dup2(out[1], STDERR_FILENO);
        __fpurge(stdout); /* what the parent had not written yet */
        whole_tour(_i);
        fflush(NULL); /* what waits in a buffer counts as well */
        _exit(count_descriptors() == descriptors ? 0 : 1);
    }
    close_fd(out[1]);
    ssize_t count = read(out[0], text, sizeof text);
    ck_assert_int_eq(count, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %#x", (unsigned)status);
    close_fd(out[0]);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("conventions");
    TCase *tcase = add_tcase(suite, "conventions");
    tcase_add_backend_test(tcase, every_function_keeps_errno);
    tcase_add_backend_test(tcase, a_wait_that_is_interrupted_keeps_errno);
    tcase_add_backend_test(tcase, no_handler_is_installed_and_no_mask_changed);
    tcase_add_backend_test(tcase, no_thread_is_started);
    tcase_add_backend_test(tcase, nothing_is_printed_and_no_descriptor_left);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
