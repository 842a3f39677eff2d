/* SPDX-License-Identifier: MIT */
/*
 * Tests the options and the address of a mio_tcp_socket. Also tests the functions that make a listener or a stream from
 * the socket. tcp_socket_errors.c tests the errors.
 */
#include "../helpers/sockets.h"

#include <poll.h>
#include <stdio.h>

enum { SUBJECT = 21 };

static mio_tcp_socket open_socket(int family)
{
    mio_tcp_socket socket;
    scribble(&socket, sizeof socket);
    call_ok(mio_tcp_socket_open(&socket, family));
    return socket;
}

/* Opens a socket and binds it to `addr`. If the port is 0, the kernel chooses a port, which is stored in `addr`. */
static mio_tcp_socket open_bound(mio_addr *addr)
{
    mio_tcp_socket socket = open_socket(mio_addr_family(addr));
    call_ok(mio_tcp_socket_bind(&socket, addr));
    call_ok(mio_tcp_socket_local_addr(&socket, addr));
    ck_assert_int_ne(mio_addr_port(addr), 0);
    return socket;
}

static mio_addr loopback(int family)
{
    return family == MIO_ADDR_IPV4 ? loopback_v4() : loopback_v6();
}

/* ---- listeners -------------------------------------------------------------------------------------------------- */

static void listen_and_accept(int variant, int family)
{
    mio_poll *poll = open_poll(variant);
    mio_addr addr = loopback(family);
    mio_addr peer;
    mio_addr client_addr;
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_tcp_socket socket = open_bound(&addr);
    int fd = mio_tcp_socket_handle(&socket);
    ck_assert(is_cloexec(fd));
    scribble(&listener, sizeof listener);
    call_ok(mio_tcp_socket_listen(&socket, 16, &listener));
    ck_assert(is_zero(&socket, sizeof socket));
    ck_assert_int_eq(mio_tcp_listener_handle(&listener), fd);
    ck_assert(is_nonblocking(fd)); /* on Windows, is_nonblocking works only if the socket listens */
    call_ok(mio_tcp_listener_local_addr(&listener, &client_addr));
    assert_addr_eq(&client_addr, &addr);
    call_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, SUBJECT, MIO_READABLE));
    expect_no_events(poll);
    int client = raw_connect(&addr);
    expect_events(poll, {SUBJECT, MIO_READABLE});
    call_ok(mio_tcp_listener_accept(&listener, &stream, &peer));
    client_addr = raw_local_addr(client);
    assert_addr_eq(&peer, &client_addr);
    close_fd(client);
    mio_tcp_stream_close(&stream);
    mio_tcp_listener_close(&listener);
    ck_assert(!is_open(fd));
    mio_poll_free(poll);
}

START_TEST(a_socket_becomes_a_listener_ipv4)
{
    listen_and_accept(_i, MIO_ADDR_IPV4);
}
END_TEST

START_TEST(a_socket_becomes_a_listener_ipv6)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    listen_and_accept(_i, MIO_ADDR_IPV6);
}
END_TEST

START_TEST(an_unbound_socket_listens_on_a_free_port)
{
    mio_tcp_socket socket = open_socket(MIO_ADDR_IPV4);
    mio_tcp_listener listener;
    mio_addr addr;
    mio_addr unspecified = ipv4(0, 0, 0, 0, 0);
    call_ok(mio_tcp_socket_local_addr(&socket, &addr));
    assert_addr_eq(&addr, &unspecified);
    call_ok(mio_tcp_socket_listen(&socket, MIO_BACKLOG_MAX, &listener));
    call_ok(mio_tcp_listener_local_addr(&listener, &addr));
    ck_assert_int_ne(mio_addr_port(&addr), 0);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(the_backlog_reaches_the_system)
{
    struct pollfd entry = {.events = POLLOUT};
    mio_addr addr = loopback_v4();
    mio_tcp_listener listener;
    mio_tcp_stream streams[16];
    int connected = 0;
    mio_tcp_socket socket = open_bound(&addr);
    call_ok(mio_tcp_socket_listen(&socket, 1, &listener));
    for (int i = 0; i < 16; i++) {
        call_ok(mio_tcp_stream_connect(&streams[i], &addr));
        entry.fd = mio_tcp_stream_handle(&streams[i]);
        connected += poll(&entry, 1, 20) == 1;
    }
    ck_assert_int_ge(connected, 1);
    ck_assert_int_lt(connected, 8);
    for (int i = 0; i < 16; i++) {
        mio_tcp_stream_close(&streams[i]);
    }
    mio_tcp_listener_close(&listener);
}
END_TEST

/* ---- streams ---------------------------------------------------------------------------------------------------- */

static void connect_from(int variant, mio_addr own)
{
    mio_poll *poll = open_poll(variant);
    mio_addr addr = loopback(mio_addr_family(&own));
    mio_addr peer;
    mio_tcp_stream stream;
    int listener = raw_listener(&addr, 4, &addr);
    mio_tcp_socket socket = open_bound(&own);
    int fd = mio_tcp_socket_handle(&socket);
    scribble(&stream, sizeof stream);
    call_ok(mio_tcp_socket_connect(&socket, &addr, &stream));
    ck_assert(is_zero(&socket, sizeof socket));
    ck_assert_int_eq(mio_tcp_stream_handle(&stream), fd);
    call_ok(mio_registry_register(mio_poll_registry(poll), &stream.source, SUBJECT, MIO_WRITABLE));
    expect_events(poll, {SUBJECT, MIO_WRITABLE});
    call_ok(mio_tcp_stream_connect_finish(&stream));
    int accepted = raw_accept(listener);
    peer = raw_peer_addr(accepted);
    assert_addr_eq(&peer, &own);
    call_counts(mio_tcp_stream_write(&stream, "x", 1), 1);
    char byte = 0;
    raw_read(accepted, &byte, 1);
    ck_assert_int_eq(byte, 'x');
    close_fd(accepted);
    close_fd(listener);
    mio_tcp_stream_close(&stream);
    ck_assert(!is_open(fd));
    mio_poll_free(poll);
}

START_TEST(a_socket_connects_from_its_own_address_ipv4)
{
    connect_from(_i, ipv4(127, 0, 0, 2, 0));
}
END_TEST

START_TEST(a_socket_connects_from_its_own_address_ipv6)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    connect_from(_i, loopback_v6());
}
END_TEST

/* ---- what a socket passes on to its stream or listener ---------------------------------------------------------- */

START_TEST(a_registration_goes_over_to_the_stream)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_addr addr = loopback_v4();
    mio_tcp_stream stream;
    int listener = raw_listener(&addr, 4, &addr);
    mio_tcp_socket socket = open_socket(MIO_ADDR_IPV4);
    call_ok(mio_registry_register(registry, &socket.source, SUBJECT, MIO_READABLE | MIO_WRITABLE));
    if (strcmp(mio_poll_backend(poll), "afd") != 0) {
        /* The kernel reports an unconnected socket as hung up, so an event comes. */
        expect_events(poll, {SUBJECT, MIO_WRITABLE});
    }
    expect_no_events(poll);
    call_ok(mio_tcp_socket_connect(&socket, &addr, &stream));
    expect_events(poll, {SUBJECT, MIO_WRITABLE});
    call_ok(mio_tcp_stream_connect_finish(&stream));
    int accepted = raw_accept(listener);
    char byte;
    assert_would_block(kept(mio_tcp_stream_read(&stream, &byte, 1)));
    raw_write(accepted, "x", 1);
    expect_events(poll, {SUBJECT, MIO_READABLE});
    call_ok(mio_registry_deregister(registry, &stream.source));
    close_fd(accepted);
    close_fd(listener);
    mio_tcp_stream_close(&stream);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_registration_goes_over_to_the_listener)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_addr addr = loopback_v4();
    mio_tcp_listener listener;
    mio_tcp_socket socket = open_bound(&addr);
    call_ok(mio_registry_register(registry, &socket.source, SUBJECT, MIO_READABLE));
    if (strcmp(mio_poll_backend(poll), "afd") != 0) {
        expect_events(poll, {SUBJECT, MIO_READABLE}); /* the hang-up of the unconnected socket */
    }
    expect_no_events(poll);
    call_ok(mio_tcp_socket_listen(&socket, 16, &listener));
    int client = raw_connect(&addr);
    expect_events(poll, {SUBJECT, MIO_READABLE});
    call_ok(mio_registry_deregister(registry, &listener.source));
    close_fd(client);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

START_TEST(the_storage_may_be_the_same)
{
    union {
        mio_tcp_socket socket;
        mio_tcp_listener listener;
        mio_tcp_stream stream;
    } one, two;
    mio_addr addr = loopback_v4();
    one.socket = open_bound(&addr);
    two.socket = open_socket(MIO_ADDR_IPV4);
    int fd = mio_tcp_socket_handle(&one.socket);
    call_ok(mio_tcp_socket_listen(&one.socket, 16, &one.listener));
    ck_assert_int_eq(mio_tcp_listener_handle(&one.listener), fd);
    call_ok(mio_tcp_socket_connect(&two.socket, &addr, &two.stream));
    wait_handle(mio_tcp_stream_handle(&two.stream), POLLOUT);
    call_ok(mio_tcp_stream_connect_finish(&two.stream));
    mio_tcp_stream_close(&two.stream);
    mio_tcp_listener_close(&one.listener);
}
END_TEST

/* ---- options ---------------------------------------------------------------------------------------------------- */

static int64_t get(mio_source *source, int option)
{
    int64_t value = INT64_MIN;
    call_ok(mio_source_option(source, option, &value));
    return value;
}

START_TEST(options_are_the_systems_until_they_are_set_and_stay)
{
    mio_addr addr = loopback_v4();
    mio_tcp_listener listener;
    mio_tcp_socket socket = open_bound(&addr);
    ck_assert_int_eq(get(&socket.source, MIO_OPTION_REUSE_ADDR), 0);
    ck_assert_int_eq(get(&socket.source, MIO_OPTION_REUSE_PORT), 0);
    ck_assert_int_eq(get(&socket.source, MIO_OPTION_NODELAY), 0);
    ck_assert_int_eq(get(&socket.source, MIO_OPTION_LINGER), -1);
    call_ok(mio_source_set_option(&socket.source, MIO_OPTION_NODELAY, 1));
    call_ok(mio_source_set_option(&socket.source, MIO_OPTION_FAST_OPEN, 3));
    call_ok(mio_tcp_socket_listen(&socket, 16, &listener));
    ck_assert_int_eq(get(&listener.source, MIO_OPTION_NODELAY), 1);
    ck_assert_int_eq(get(&listener.source, MIO_OPTION_FAST_OPEN), 3);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(sockets_that_reuse_a_port_share_its_connections)
{
    enum { LISTENERS = 2, CLIENTS = 64 };
    mio_addr addr = loopback_v4();
    mio_tcp_listener listeners[LISTENERS];
    int clients[CLIENTS];
    for (int i = 0; i < LISTENERS; i++) {
        mio_tcp_socket socket = open_socket(MIO_ADDR_IPV4);
        call_ok(mio_source_set_option(&socket.source, MIO_OPTION_REUSE_PORT, 1));
        call_ok(mio_tcp_socket_bind(&socket, &addr));
        call_ok(mio_tcp_socket_local_addr(&socket, &addr));
        call_ok(mio_tcp_socket_listen(&socket, MIO_BACKLOG_MAX, &listeners[i]));
    }
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = raw_connect(&addr);
    }
    int total = 0;
    for (int i = 0; i < LISTENERS; i++) {
        mio_tcp_stream stream;
        int count = 0;
        while (kept(mio_tcp_listener_accept(&listeners[i], &stream, NULL)) == 0) {
            mio_tcp_stream_close(&stream);
            count++;
        }
        ck_assert_int_gt(count, 0);
        total += count;
    }
    ck_assert_int_eq(total, CLIENTS);
    mio_tcp_socket alone = open_socket(MIO_ADDR_IPV4);
    call_fails(mio_tcp_socket_bind(&alone, &addr), EADDRINUSE);
    mio_tcp_socket_close(&alone);
    for (int i = 0; i < CLIENTS; i++) {
        close_fd(clients[i]);
    }
    for (int i = 0; i < LISTENERS; i++) {
        mio_tcp_listener_close(&listeners[i]);
    }
}
END_TEST

START_TEST(only_v6_is_set_before_binding_and_keeps_ipv4_out)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    for (int only = 0; only < 2; only++) {
        mio_addr addr = ipv6("::", 0);
        mio_tcp_listener listener;
        mio_tcp_socket socket = open_socket(MIO_ADDR_IPV6);
        mio_tcp_socket client = open_socket(MIO_ADDR_IPV4);
        mio_tcp_stream stream;
        call_ok(mio_source_set_option(&socket.source, MIO_OPTION_ONLY_V6, only));
        call_ok(mio_tcp_socket_bind(&socket, &addr));
        call_fails(mio_source_set_option(&socket.source, MIO_OPTION_ONLY_V6, !only), EINVAL);
        call_ok(mio_tcp_socket_local_addr(&socket, &addr));
        call_ok(mio_tcp_socket_listen(&socket, 16, &listener));
        addr = with_port(loopback_v4(), mio_addr_port(&addr));
        int64_t rc = kept(mio_tcp_socket_connect(&client, &addr, &stream));
        if (rc == 0) {
            wait_handle(mio_tcp_stream_handle(&stream), POLLOUT);
            rc = kept(mio_tcp_stream_connect_finish(&stream));
            mio_tcp_stream_close(&stream);
        }
        ck_assert_errno(rc, only ? -ECONNREFUSED : 0);
        mio_tcp_socket_close(&client);
        mio_tcp_listener_close(&listener);
    }
}
END_TEST

/* Enters a new network namespace. Allows clients and servers there to use fast open without a cookie. */
static bool allow_fast_open(void)
{
    enum { CLIENT = 0x1, SERVER = 0x2, WITHOUT_COOKIE = 0x4 | 0x200 };
    FILE *setting = enter_empty_network() ? fopen("/proc/sys/net/ipv4/tcp_fastopen", "w") : NULL;
    return setting != NULL && fprintf(setting, "%d", CLIENT | SERVER | WITHOUT_COOKIE) > 0 && fclose(setting) == 0;
}

static int open_fast(void *context)
{
    const int *variant = context;
    mio_addr addr = loopback_v4();
    mio_addr peer;
    mio_tcp_socket socket;
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_event event;
    char bytes[8] = "";
    if (!allow_fast_open()) {
        return SKIPPED;
    }
    mio_poll *poll = open_poll(*variant);
    require(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4) == 0);
    require(mio_source_set_option(&socket.source, MIO_OPTION_FAST_OPEN, 5) == 0);
    require(mio_tcp_socket_bind(&socket, &addr) == 0);
    require(mio_tcp_socket_local_addr(&socket, &addr) == 0);
    require(mio_tcp_socket_listen(&socket, 16, &listener) == 0);

    require(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4) == 0);
    require(mio_source_set_option(&socket.source, MIO_OPTION_FAST_OPEN_CONNECT, 1) == 0);
    require(mio_tcp_socket_connect(&socket, &addr, &client) == 0);
    require(mio_registry_register(mio_poll_registry(poll), &client.source, SUBJECT, MIO_WRITABLE) == 0);
    require(mio_poll_wait(poll, &event, 1, LONG_WAIT) == 1 && mio_event_is_writable(&event));
    require(mio_tcp_stream_connect_finish(&client) == 0);
    require(mio_tcp_stream_peer_addr(&client, &peer) == -ENOTCONN); /* only the first write will connect */
    require(mio_tcp_listener_accept(&listener, &server, NULL) == -EAGAIN);
    require(mio_tcp_stream_write(&client, "hello", 5) == 5);
    wait_handle(mio_tcp_listener_handle(&listener), POLLIN);
    require(mio_tcp_listener_accept(&listener, &server, NULL) == 0);
    require(mio_tcp_stream_read(&server, bytes, sizeof bytes) == 5); /* these bytes came with the SYN */
    require(memcmp(bytes, "hello", 5) == 0);
    require(mio_tcp_stream_connect_finish(&client) == 0);
    require(mio_tcp_stream_peer_addr(&client, &peer) == 0);
    mio_tcp_stream_close(&client);
    mio_tcp_listener_close(&listener);

    /* No server listens. mio_tcp_socket_connect still succeeds, and the error comes only after the write. */
    require(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4) == 0);
    require(mio_source_set_option(&socket.source, MIO_OPTION_FAST_OPEN_CONNECT, 1) == 0);
    require(mio_tcp_socket_connect(&socket, &addr, &client) == 0);
    require(mio_tcp_stream_connect_finish(&client) == 0);
    int64_t written = mio_tcp_stream_write(&client, "hello", 5);
    if (written == 5) {
        wait_handle(mio_tcp_stream_handle(&client), POLLOUT);
        written = mio_tcp_stream_connect_finish(&client);
    }
    require(written == -ECONNREFUSED);
    require(mio_tcp_stream_connect_finish(&client) == -ENOTCONN);
    mio_poll_free(poll);
    return 0;
}

START_TEST(fast_open_takes_data_along_with_the_connection)
{
    if (run_apart(open_fast, &_i) == SKIPPED) {
        skip("no network of its own");
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_socket");
    TCase *listeners = add_tcase(suite, "listeners");
    tcase_add_backend_test(listeners, a_socket_becomes_a_listener_ipv4);
    tcase_add_backend_test(listeners, a_socket_becomes_a_listener_ipv6);
    tcase_add_test(listeners, an_unbound_socket_listens_on_a_free_port);
    tcase_add_test(listeners, the_backlog_reaches_the_system);
    TCase *streams = add_tcase(suite, "streams");
    tcase_add_backend_test(streams, a_socket_connects_from_its_own_address_ipv4);
    tcase_add_backend_test(streams, a_socket_connects_from_its_own_address_ipv6);
    TCase *along = add_tcase(suite, "what goes along");
    tcase_add_backend_test(along, a_registration_goes_over_to_the_stream);
    tcase_add_backend_test(along, a_registration_goes_over_to_the_listener);
    tcase_add_test(along, the_storage_may_be_the_same);
    TCase *options = add_tcase(suite, "options");
    tcase_add_test(options, options_are_the_systems_until_they_are_set_and_stay);
    tcase_add_test(options, sockets_that_reuse_a_port_share_its_connections);
    tcase_add_test(options, only_v6_is_set_before_binding_and_keeps_ipv4_out);
    tcase_add_backend_test(options, fast_open_takes_data_along_with_the_connection);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
