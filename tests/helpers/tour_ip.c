/* SPDX-License-Identifier: MIT */
/*
 * A part of the tour (tour.h). This part calls the functions of IP sockets. Each of these calls fails, finds nothing,
 * or depends on earlier calls.
 */
#include "sockets.h"
#include "tour.h"

#include <net/if.h>
#include <poll.h>

static void tour_of_tcp_listener(void)
{
    mio_addr none = {{0}};
    mio_addr addr;
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_accept_reserve reserve;
    KEEPS(mio_tcp_listener_bind(&listener, &none, 16));
    make_listener(&listener, NULL);
    ck_assert_ok(mio_accept_reserve_open(&reserve));
    KEEPS(mio_tcp_listener_accept(&listener, &stream, &addr));
    KEEPS(mio_tcp_listener_accept_or_shed(&listener, &reserve, &stream, &addr));
    mio_accept_reserve_close(&reserve);
    mio_tcp_listener_close(&listener);
    KEEPS(mio_tcp_listener_accept(&listener, &stream, &addr));
    KEEPS(mio_tcp_listener_from_handle(&listener, -1));
    KEEPS(mio_tcp_listener_into_handle(&listener));
}

/*
 * Sends a byte without copying. If the system supports such sends, the error queue reports when the program may reuse
 * the memory.
 */
static bool send_without_copy(int fd)
{
#ifdef SO_ZEROCOPY
    int one = 1;
    return setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof one) == 0 &&
           send(fd, "z", 1, MSG_ZEROCOPY | MSG_NOSIGNAL) == 1;
#else
    (void)fd;
    return false;
#endif
}

static void tour_of_tcp_stream(void)
{
    mio_tcp_stream client;
    mio_tcp_stream server;
    char buffer[16] = "";
    unsigned char byte;
    const mio_iovec piece = {buffer, 1};
    mio_queued_error queued = MIO_QUEUED_ERROR_INIT;
    make_tcp_pair(&client, &server);
    KEEPS(mio_source_set_text_option(&client.source, MIO_OPTION_CONGESTION, "no such"));
    KEEPS(mio_tcp_stream_read(&client, buffer, sizeof buffer));
    KEEPS(mio_tcp_stream_readv(&client, &piece, 1));
    KEEPS(mio_tcp_stream_peek(&client, buffer, sizeof buffer));
    KEEPS(mio_tcp_stream_recv_oob(&client, &byte));
    if (send_without_copy(mio_tcp_stream_handle(&client))) {
        wait_handle(mio_tcp_stream_handle(&client), POLLERR);
        KEEPS(mio_tcp_stream_recv_error(&client, &queued));
    }
    KEEPS(mio_tcp_stream_shutdown(&client, 77));
    KEEPS(mio_tcp_stream_shutdown(&client, MIO_SHUTDOWN_BOTH));
    for (int i = 0; i < 4; i++) { /* writes until the reset has arrived and -EPIPE is returned */
        KEEPS(mio_tcp_stream_write(&client, buffer, 1));
        KEEPS(mio_tcp_stream_writev(&client, &piece, 1));
        KEEPS(mio_tcp_stream_send(&client, buffer, 1, 0));
    }
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    KEEPS(mio_tcp_stream_read(&client, buffer, sizeof buffer));
    KEEPS(mio_tcp_stream_at_mark(&client));
    KEEPS(mio_tcp_stream_into_handle(&client));
}

/*
 * Asks for the result of connects that are still in progress or refused. The backlog of the listener holds fewer
 * connections, so that the last connect stays in progress.
 */
static void tour_of_connecting(void)
{
    enum { CONNECTS = 8 };
    mio_addr any = loopback_v4();
    mio_addr addr;
    mio_tcp_listener listener;
    mio_tcp_stream streams[CONNECTS];
    mio_tcp_stream *last = &streams[CONNECTS - 1];
    char byte = 0;
    ck_assert_ok(mio_tcp_listener_bind(&listener, &any, 1));
    ck_assert_ok(mio_tcp_listener_local_addr(&listener, &addr));
    for (int i = 0; i < CONNECTS; i++) {
        ck_assert_ok(mio_tcp_stream_connect(&streams[i], &addr));
    }
    KEEPS(mio_tcp_stream_connect_finish(last));
    KEEPS(mio_tcp_stream_peer_addr(last, &addr));
    KEEPS(mio_tcp_stream_read(last, &byte, 1));
    KEEPS(mio_tcp_stream_write(last, &byte, 1));
    for (int i = 0; i < CONNECTS; i++) {
        mio_tcp_stream_close(&streams[i]);
    }
    mio_tcp_listener_close(&listener);
    int refusing = raw_refusing_tcp(&addr);
    if (mio_tcp_stream_connect(last, &addr) == 0) {
        wait_handle(mio_tcp_stream_handle(last), POLLOUT);
        KEEPS(mio_tcp_stream_connect_finish(last)); /* returns -ECONNREFUSED */
        KEEPS(mio_tcp_stream_peer_addr(last, &addr));
        mio_tcp_stream_close(last);
    }
    close_fd(refusing);
}

static void tour_of_tcp_socket(void)
{
    mio_addr addr = loopback_v4();
    mio_addr six = loopback_v6();
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_tcp_socket socket;
    KEEPS(mio_tcp_socket_open(&socket, MIO_ADDR_UNIX));
    ck_assert_ok(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4));
    KEEPS(mio_tcp_socket_bind(&socket, &six));
    ck_assert_ok(mio_tcp_socket_bind(&socket, &addr));
    KEEPS(mio_tcp_socket_bind(&socket, &addr));
    ck_assert_ok(mio_tcp_socket_local_addr(&socket, &addr));
    KEEPS(mio_tcp_socket_listen(&socket, 16, &listener));
    KEEPS(mio_tcp_socket_listen(&socket, 16, &listener));
    ck_assert_ok(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4));
    KEEPS(mio_tcp_socket_connect(&socket, &six, &stream));
    KEEPS(mio_tcp_socket_connect(&socket, &addr, &stream));
    KEEPS(mio_tcp_socket_from_handle(&socket, mio_tcp_stream_handle(&stream)));
    mio_tcp_stream_close(&stream);
    mio_tcp_listener_close(&listener);
}

static int64_t return_result(mio_handle handle, void *context)
{
    (void)handle;
    return *(const int64_t *)context;
}

/* Calls the functions that all sources share, on a UDP socket. */
static void tour_of_source(mio_source *source)
{
    int64_t value = 0;
    int64_t results[] = {1, -EAGAIN};
    KEEPS(mio_source_option(source, MIO_OPTION_NODELAY, &value));
    KEEPS(mio_source_option(source, 9999, &value));
    KEEPS(mio_source_set_option(source, MIO_OPTION_TTL, -5));
    KEEPS(mio_source_try_io(source, return_result, &results[0]));
    KEEPS(mio_source_try_io(source, return_result, &results[1]));
}

static void tour_of_groups(mio_udp_socket *v4)
{
    mio_addr local = loopback_v4();
    mio_addr group_v4;
    mio_addr group_v6;
    mio_udp_socket v6;
    ck_assert_ok(mio_addr_parse_ip(&group_v4, "239.1.2.3", 0));
    ck_assert_ok(mio_addr_parse_ip(&group_v6, "ff12::1", 0));
    for (int i = 0; i < 2; i++) { /* here and in each loop below, the second round fails */
        KEEPS(mio_udp_socket_join_multicast_v4(v4, &group_v4, &local));
    }
    for (int i = 0; i < 2; i++) {
        KEEPS(mio_udp_socket_leave_multicast_v4(v4, &group_v4, &local));
    }
    uint32_t lo = if_nametoindex("lo");
    for (int i = 0; i < 2; i++) {
        KEEPS(mio_udp_socket_join_multicast_v4_on(v4, &group_v4, lo));
    }
    for (int i = 0; i < 2; i++) {
        KEEPS(mio_udp_socket_leave_multicast_v4_on(v4, &group_v4, lo));
    }
    for (int i = 0; i < 2; i++) {
        KEEPS(mio_udp_socket_join_multicast_source(v4, &group_v4, &local, lo));
    }
    for (int i = 0; i < 2; i++) {
        KEEPS(mio_udp_socket_leave_multicast_source(v4, &group_v4, &local, lo));
    }
    mio_addr any = have_ipv6() ? loopback_v6() : local;
    ck_assert_ok(mio_udp_socket_bind(&v6, &any));
    for (int i = 0; i < 2; i++) {
        KEEPS(mio_udp_socket_join_multicast_v6(&v6, &group_v6, lo));
    }
    for (int i = 0; i < 2; i++) {
        KEEPS(mio_udp_socket_leave_multicast_v6(&v6, &group_v6, lo));
    }
    mio_udp_socket_close(&v6);
}

/* Sends messages with all kinds of ancillary data from one connected socket to the other. */
static void tour_of_udp_messages(mio_udp_socket *from, mio_udp_socket *to)
{
    const int options[] = {MIO_OPTION_RECEIVE_DESTINATION, MIO_OPTION_RECEIVE_TOS, MIO_OPTION_RECEIVE_TTL,
                           MIO_OPTION_RECEIVE_TIMESTAMP, MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION};
    mio_ancillary ancillary;
    mio_udp_message messages[2] = {MIO_UDP_MESSAGE_INIT, MIO_UDP_MESSAGE_INIT};
    char buffer[16] = "";
    mio_addr destination;
    uint32_t interface = 0;
    const mio_iovec piece = {buffer, 4};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        KEEPS(mio_source_set_option(&to->source, options[i], 1)); /* an emulator may lack the option */
    }
    for (int i = 0; i < 2; i++) {
        messages[i].pieces = &piece;
        messages[i].piece_count = 1;
    }
    mio_ancillary_clear(&ancillary);
    KEEPS(mio_udp_socket_recv_message(to, &messages[0]));
    KEEPS(mio_udp_socket_recv_batch(to, messages, 2));
    messages[0].ancillary = &ancillary;
    KEEPS(mio_ancillary_set_tos(&ancillary, 8));
    KEEPS(mio_ancillary_set_tos(&ancillary, 256));
    KEEPS(mio_udp_socket_send_message(from, &messages[0]));
    KEEPS(mio_udp_socket_send_batch(from, messages, 2));
    wait_handle(mio_udp_socket_handle(to), POLLIN);
    KEEPS(mio_udp_socket_recv_message(to, &messages[0]));
    NOTES(messages[0].length);
    NOTES(messages[0].flags);
    NOTES(mio_ancillary_destination(&ancillary, &destination, &interface));
    NOTES(interface);
    NOTES(mio_ancillary_tos(&ancillary));
    NOTES(mio_ancillary_ttl(&ancillary));
    KEEPS(mio_ancillary_set_tos(&ancillary, 8)); /* fails, because `ancillary` holds received data */
    KEEPS(mio_udp_socket_recv_batch(to, messages, 2));
    messages[0].piece_count = 9999;
    KEEPS(mio_udp_socket_send_message(from, &messages[0]));
    KEEPS(mio_udp_socket_send_batch(from, messages, 2));
}

static void tour_of_udp_errors(void)
{
    mio_addr any = loopback_v4();
    mio_addr addr;
    mio_udp_socket socket;
    mio_queued_error error = MIO_QUEUED_ERROR_INIT;
    int refusing = raw_refusing_udp(&addr);
    ck_assert_ok(mio_udp_socket_bind(&socket, &any));
    KEEPS(mio_udp_socket_recv_error(&socket, &error));
    KEEPS(mio_source_set_option(&socket.source, MIO_OPTION_RECEIVE_ERRORS, 1));
    KEEPS(mio_udp_socket_send_to(&socket, "refused", 7, &addr));
    wait_handle(mio_udp_socket_handle(&socket), POLLERR);
    KEEPS(mio_udp_socket_recv_error(&socket, &error));
    NOTES(error.error);
    NOTES(error.origin);
    NOTES(error.type);
    NOTES(error.code);
    mio_udp_socket_close(&socket);
    close_fd(refusing);
}

static void tour_of_udp(void)
{
    mio_addr any = loopback_v4();
    mio_addr addr;
    mio_udp_socket left;
    mio_udp_socket right;
    char buffer[16] = "";
    uint32_t flags = 0;
    ck_assert_ok(mio_udp_socket_bind(&left, &any));
    ck_assert_ok(mio_udp_socket_bind(&right, &any));
    KEEPS(mio_udp_socket_send(&left, buffer, 1));
    KEEPS(mio_udp_socket_peer_addr(&left, &addr));
    ck_assert_ok(mio_udp_socket_local_addr(&right, &addr));
    ck_assert_ok(mio_udp_socket_connect(&left, &addr));
    KEEPS(mio_udp_socket_send(&left, buffer, 9));
    wait_handle(mio_udp_socket_handle(&right), POLLIN);
    KEEPS(mio_udp_socket_peek_from(&right, buffer, 4, &addr, NULL)); /* returns -EMSGSIZE */
    KEEPS(mio_udp_socket_recv(&right, buffer, 4, &flags));
    NOTES(flags);
    KEEPS(mio_udp_socket_recv_from(&right, buffer, 4, &addr, &flags)); /* returns -EAGAIN */
    tour_of_udp_messages(&left, &right);
    tour_of_groups(&left);
    tour_of_source(&left.source);
    KEEPS(mio_udp_socket_from_handle(&left, -1));
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    KEEPS(mio_udp_socket_recv(&right, buffer, 4, NULL));
    KEEPS(mio_udp_socket_into_handle(&right));
}

void tour_of_ip(void)
{
    tour_of_tcp_listener();
    tour_of_tcp_stream();
    tour_of_connecting();
    tour_of_tcp_socket();
    tour_of_udp();
    tour_of_udp_errors();
}
