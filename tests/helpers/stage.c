/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include "sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

stage the;

/*
 * The calls that prepare the stage can fail under QEMU, so this function ignores their results. If a function of
 * tests/functions.h fails as a consequence, the test of this function reports the failure.
 */
static void may_fail(int64_t result)
{
    (void)result;
}

static void set_values(int variant)
{
    memset(&the, 0, sizeof the);
    the.addr = loopback_v4();
    the.group = ipv4(239, 1, 2, 3, 0);
    the.joined_v4 = ipv4(239, 1, 2, 4, 0);
    the.joined_v4_on = ipv4(239, 1, 2, 5, 0);
    the.joined_source = ipv4(239, 1, 2, 6, 0);
    the.group_v6 = ipv6("ff12::1", 0);
    the.joined_v6 = ipv6("ff12::2", 0);
    the.tcp_addr = the.addr;
    the.udp_addr = the.addr;
    ck_assert_ok(mio_addr_to_mapped(&the.addr, &the.mapped));
    ck_assert_ok(mio_addr_from_abstract(&the.abstract, "name", 4));
    ck_assert_ok(mio_addr_from_path(&the.path, "/no/such/path", 13));
    ck_assert_ok(mio_addr_unnamed(&the.unnamed));
    the.unix_addr = the.path;
    ck_assert_int_gt(mio_addr_to_sockaddr(&the.addr, &the.sockaddr, sizeof the.sockaddr), 0);
    the.event = (mio_event){.token = 1, .readiness = MIO_READABLE, .os_bits = 1};
    the.options = (mio_poll_options)MIO_POLL_OPTIONS_INIT;
    the.options.backend = variant_backend(variant);
    the.info = (mio_signal_info)MIO_SIGNAL_INFO_INIT;
    the.credentials = (mio_unix_credentials)MIO_UNIX_CREDENTIALS_INIT;
    the.error = (mio_queued_error)MIO_QUEUED_ERROR_INIT;
    the.piece = (mio_iovec){the.bytes, 8};
    the.message = (mio_unix_message)MIO_UNIX_MESSAGE_INIT;
    the.message.pieces = &the.piece;
    the.message.piece_count = 1;
    for (int i = 0; i < 2; i++) {
        the.datagrams[i] = (mio_udp_message)MIO_UDP_MESSAGE_INIT;
        the.datagrams[i].pieces = &the.piece;
        the.datagrams[i].piece_count = 1;
    }
    the.arrived = the.released = the.file = the.nowhere = the.handle = MIO_HANDLE_NONE;
    the.number = SIGUSR1;
    the.loopback = 1;
    ck_assert_int_ge(mio_text_init(&the.line, the.bytes, sizeof the.bytes), 0);
}

static void set_poll(int variant)
{
    the.poll = open_poll(variant);
    the.registry = mio_poll_registry(the.poll);
    the.waker = make_waker(the.poll, 1);
    ck_assert_ok(mio_registry_clone(&the.clone, the.registry));
}

static void set_udp(int needs)
{
    const int options[] = {MIO_OPTION_RECEIVE_DESTINATION, MIO_OPTION_RECEIVE_TOS, MIO_OPTION_RECEIVE_TTL,
                           MIO_OPTION_RECEIVE_TIMESTAMP, MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION};
    const bool received = (needs & RECEIVED) == RECEIVED;
    make_udp_pair(&the.udp_left, &the.udp_right);
    ck_assert_ok(mio_udp_socket_local_addr(&the.udp_right, &the.udp_addr));
    ck_assert_ok(mio_udp_socket_bind(&the.udp_loose, &the.addr));
    for (size_t i = 0; received && i < sizeof options / sizeof options[0]; i++) {
        may_fail(mio_source_set_option(&the.udp_right.source, options[i], 1));
    }
    for (int i = 0; i < 2; i++) {
        ck_assert_count(mio_udp_socket_send(&the.udp_left, "bytes", 5), 5);
    }
    wait_handle(mio_udp_socket_handle(&the.udp_right), POLLIN);
    if (received) {
        the.datagrams[0].ancillary = &the.ancillary;
        ck_assert_count(mio_udp_socket_recv_message(&the.udp_right, &the.datagrams[0]), 5);
    }
}

/*
 * Registers the sources of the stage. At the first registration the library may allocate a table, for which a sanitizer
 * may map memory. So this function first registers and deregisters a source, outside of the counted calls.
 */
static void set_registrations(int needs)
{
    ck_assert_ok(mio_registry_register(the.registry, &the.udp_left.source, 0, MIO_READABLE));
    ck_assert_ok(mio_registry_deregister(the.registry, &the.udp_left.source));
    if ((needs & REGISTERED) == REGISTERED) {
        const int handle = mio_udp_socket_handle(&the.udp_loose);
        ck_assert_ok(mio_registry_register(the.registry, &the.udp_right.source, 1, MIO_READABLE));
        ck_assert_ok(mio_registry_register_handle(the.registry, handle, 2, MIO_READABLE));
    }
}

static void set_groups(void)
{
    the.loopback = loopback_index();
    ck_assert_ok(mio_udp_socket_bind(&the.udp_member, &the.addr));
    may_fail(mio_udp_socket_join_multicast_v4(&the.udp_member, &the.joined_v4, &the.addr));
    may_fail(mio_udp_socket_join_multicast_v4_on(&the.udp_member, &the.joined_v4_on, the.loopback));
    may_fail(mio_udp_socket_join_multicast_source(&the.udp_member, &the.joined_source, &the.addr, the.loopback));
}

static bool set_groups_v6(void)
{
    if (!have_ipv6()) {
        skip("groups of IPv6: no IPv6");
        return false;
    }
    const mio_addr local = loopback_v6();
    the.loopback = loopback_index();
    ck_assert_ok(mio_udp_socket_bind(&the.udp_member, &local));
    ck_assert_ok(mio_udp_socket_join_multicast_v6(&the.udp_member, &the.joined_v6, the.loopback));
    return true;
}

static void set_tcp(void)
{
    make_tcp_pair(&the.tcp_stream, &the.tcp_peer);
    ck_assert_count(mio_tcp_stream_write(&the.tcp_peer, "bytes", 5), 5);
    ck_assert_count(mio_tcp_stream_send(&the.tcp_peer, "o", 1, MIO_SEND_OOB), 1);
    wait_handle(mio_tcp_stream_handle(&the.tcp_stream), POLLPRI);
}

static void set_tcp_listener(void)
{
    make_listener(&the.tcp_listener, &the.tcp_addr);
    ck_assert_ok(mio_tcp_stream_connect(&the.tcp_waiting, &the.tcp_addr));
    wait_handle(mio_tcp_listener_handle(&the.tcp_listener), POLLIN);
}

/* Before Linux 5.15, Unix streams have no out-of-band data, so sending the out-of-band byte may fail. */
static void set_unix(size_t passed)
{
    ck_assert_ok(mio_unix_stream_pair(&the.unix_stream, &the.unix_peer, 0));
    the.handle = mio_unix_stream_handle(&the.unix_peer);
    ck_assert_count(mio_unix_stream_send_with_handles(&the.unix_peer, "bytes", 5, &the.handle, passed), 5);
    may_fail(mio_unix_stream_send(&the.unix_peer, "o", 1, MIO_SEND_OOB));
}

static void set_unix_listener(void)
{
    ck_assert_ok(mio_unix_listener_bind(&the.unix_listener, &the.unnamed, 16, 0));
    ck_assert_ok(mio_unix_listener_local_addr(&the.unix_listener, &the.unix_addr));
    ck_assert_ok(mio_unix_stream_connect(&the.unix_waiting, &the.unix_addr, 0));
}

static void set_datagram(size_t passed)
{
    ck_assert_ok(mio_unix_datagram_bind(&the.unix_sink, &the.unnamed, 0));
    ck_assert_ok(mio_unix_datagram_local_addr(&the.unix_sink, &the.unix_addr));
    ck_assert_ok(mio_unix_datagram_open(&the.unix_datagram));
    ck_assert_ok(mio_unix_datagram_connect(&the.unix_datagram, &the.unix_addr));
    the.handle = mio_unix_datagram_handle(&the.unix_sink);
    ck_assert_count(mio_unix_datagram_send_with_handles(&the.unix_datagram, "bytes", 5, &the.handle, passed), 5);
}

static void set_variable(const char *name, const char *value)
{
    ck_assert_int_eq(setenv(name, value, 1), 0);
}

/*
 * Acts as a service manager. The first passed descriptor is 3, and the last passed descriptor is that of unix_sink.
 */
static void set_service(void)
{
    char text[MIO_ADDR_TEXT_SIZE];
    ck_assert_int_gt(mio_addr_format(&the.unix_addr, text, sizeof text), 0);
    set_variable("NOTIFY_SOCKET", text);
    snprintf(text, sizeof text, "%ld", (long)getpid());
    set_variable("LISTEN_PID", text);
    set_variable("WATCHDOG_PID", text);
    set_variable("WATCHDOG_USEC", "20000000");
    the.count = (size_t)mio_unix_datagram_handle(&the.unix_sink) - 3;
    snprintf(text, sizeof text, "%zu", the.count + 1);
    set_variable("LISTEN_FDS", text);
    memcpy(the.bytes, "unknown", sizeof "unknown");
}

static void set_pipes(void)
{
    ck_assert_ok(mio_pipe_pair(&the.pipe_sender, &the.pipe_receiver));
    ck_assert_count(mio_pipe_sender_write(&the.pipe_sender, "bytes", 5), 5);
}

static void set_files(void)
{
    the.file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    the.nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    ck_assert(the.file >= 0 && the.nowhere >= 0);
}

static void set_sockets(int needs)
{
    const size_t passed = (needs & PASSED) != 0;
    if ((needs & TCP) != 0) {
        set_tcp();
    }
    if ((needs & TCP_LISTENER) != 0) {
        set_tcp_listener();
    }
    if ((needs & TCP_SOCKET) != 0) {
        ck_assert_ok(mio_tcp_socket_open(&the.tcp_socket, MIO_ADDR_IPV4));
    }
    if ((needs & UNIX) != 0) {
        set_unix(passed);
    }
    if ((needs & UNIX_LISTENER) != 0) {
        set_unix_listener();
    }
    if ((needs & DATAGRAM) != 0) {
        set_datagram(passed);
    }
    if ((needs & SERVICE) == SERVICE) {
        set_service();
    }
    if ((needs & GROUPS) != 0) {
        set_groups();
    }
}

bool set_stage(int needs, int variant)
{
    set_values(variant);
    if ((needs & POLL) != 0) {
        set_poll(variant);
    }
    if ((needs & UDP) != 0) {
        set_udp(needs);
    }
    if ((needs & POLL) != 0 && (needs & UDP) != 0) {
        set_registrations(needs);
    }
    set_sockets(needs);
    if ((needs & PIPES) != 0) {
        set_pipes();
    }
    if ((needs & MASK) != 0) {
        pthread_sigmask(SIG_SETMASK, NULL, &the.old_mask);
    }
    if ((needs & SIGNALS) != 0) {
        ck_assert_ok(mio_signals_open(&the.signals, &the.number, 1, 0));
    }
    if ((needs & RAISED) == RAISED) {
        raise(the.number);
    }
    if ((needs & RESERVE) != 0) {
        ck_assert_ok(mio_accept_reserve_open(&the.reserve));
    }
    if ((needs & FILES) != 0) {
        set_files();
    }
    return (needs & GROUPS_V6) == 0 || set_groups_v6();
}

/* Closes the connection with a reset, so that its port does not stay in the state TIME_WAIT. */
static void reset_tcp(mio_tcp_stream *stream)
{
    const struct linger none = {.l_onoff = 1};
    const int handle = mio_tcp_stream_handle(stream);
    if (handle >= 0) {
        ck_assert_int_eq(setsockopt(handle, SOL_SOCKET, SO_LINGER, &none, sizeof none), 0);
    }
    mio_tcp_stream_close(stream);
}

static void clear_sockets(void)
{
    reset_tcp(&the.tcp_peer);
    reset_tcp(&the.tcp_stream);
    reset_tcp(&the.new_tcp_stream);
    reset_tcp(&the.tcp_waiting);
    mio_tcp_listener_close(&the.tcp_listener);
    mio_tcp_listener_close(&the.new_tcp_listener);
    mio_tcp_socket_close(&the.tcp_socket);
    mio_udp_socket_close(&the.udp_left);
    mio_udp_socket_close(&the.udp_right);
    mio_udp_socket_close(&the.udp_loose);
    mio_udp_socket_close(&the.udp_member);
    mio_unix_stream_close(&the.unix_stream);
    mio_unix_stream_close(&the.unix_peer);
    mio_unix_stream_close(&the.unix_waiting);
    mio_unix_stream_close(&the.new_unix_stream);
    mio_unix_listener_close(&the.unix_listener);
    mio_unix_datagram_close(&the.unix_datagram);
    mio_unix_datagram_close(&the.unix_sink);
}

static void close_if_open(int fd)
{
    if (fd >= 0) {
        close_fd(fd);
    }
}

void clear_stage(int needs)
{
    if ((needs & MASK) != 0) {
        pthread_sigmask(SIG_SETMASK, &the.old_mask, NULL);
    }
    if ((needs & SERVICE) == SERVICE) {
        forget_service_manager();
    }
    clear_sockets();
    mio_pipe_sender_close(&the.pipe_sender);
    mio_pipe_receiver_close(&the.pipe_receiver);
    mio_signals_close(&the.signals);
    mio_accept_reserve_close(&the.reserve);
    mio_accept_reserve_close(&the.new_reserve);
    mio_waker_free(the.waker);
    mio_waker_free(the.new_waker);
    mio_registry_free(the.clone);
    mio_registry_free(the.new_registry);
    mio_poll_free(the.poll);
    mio_poll_free(the.new_poll);
    close_if_open(the.file);
    close_if_open(the.nowhere);
    close_if_open(the.arrived);
    close_if_open(the.released);
}
