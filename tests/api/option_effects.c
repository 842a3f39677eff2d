/* SPDX-License-Identifier: MIT */
/* Tests the effects of options on sockets. options.c tests that the values of options reach the kernel. */
#include "../helpers/sockets.h"

#include <net/if.h>
#include <poll.h>

static int64_t get(mio_source *source, int option)
{
    int64_t value = INT64_MIN;
    call_ok(mio_source_option(source, option, &value));
    return value;
}

/* Returns whether the descriptor becomes readable within 50 ms. */
static bool is_readable_soon(int fd)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    return poll(&entry, 1, 50) != 0;
}

START_TEST(what_a_listener_has_its_streams_inherit)
{
    static const struct {
        int option;
        int64_t value;
    } set[] = {
        {MIO_OPTION_TTL, 77},
        {MIO_OPTION_NODELAY, 1},
        {MIO_OPTION_KEEPALIVE, 1},
        {MIO_OPTION_KEEPALIVE_IDLE, 11},
        {MIO_OPTION_KEEPALIVE_INTERVAL, 12},
        {MIO_OPTION_KEEPALIVE_COUNT, 13},
        {MIO_OPTION_LINGER, 14},
        {MIO_OPTION_TOS, 0x20},
        {MIO_OPTION_USER_TIMEOUT, 15000},
    };
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr addr;
    char text[MIO_OPTION_TEXT_SIZE];
    make_listener(&listener, &addr);
    for (size_t i = 0; i < sizeof set / sizeof set[0]; i++) {
        call_ok(mio_source_set_option(&listener.source, set[i].option, set[i].value));
    }
    call_ok(mio_source_set_option(&listener.source, MIO_OPTION_SEND_BUFFER, 40000));
    call_ok(mio_source_set_option(&listener.source, MIO_OPTION_RECEIVE_BUFFER, 50000));
    call_ok(mio_source_set_text_option(&listener.source, MIO_OPTION_CONGESTION, "reno"));
    int client = raw_connect(&addr);
    accept_one(&listener, &stream);
    for (size_t i = 0; i < sizeof set / sizeof set[0]; i++) {
        ck_assert_msg(get(&stream.source, set[i].option) == set[i].value, "option %d", set[i].option);
    }
    ck_assert_int_eq(get(&stream.source, MIO_OPTION_SEND_BUFFER), get(&listener.source, MIO_OPTION_SEND_BUFFER));
    ck_assert_int_eq(get(&stream.source, MIO_OPTION_RECEIVE_BUFFER), get(&listener.source, MIO_OPTION_RECEIVE_BUFFER));
    call_counts(mio_source_text_option(&stream.source, MIO_OPTION_CONGESTION, text, sizeof text), 4);
    ck_assert_str_eq(text, "reno");
    close_fd(client);
    mio_tcp_stream_close(&stream);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(buffers_are_at_least_as_long_as_asked)
{
    mio_tcp_stream client;
    mio_tcp_stream server;
    make_tcp_pair(&client, &server);
    call_ok(mio_source_set_option(&client.source, MIO_OPTION_SEND_BUFFER, 30000));
    call_ok(mio_source_set_option(&client.source, MIO_OPTION_RECEIVE_BUFFER, 30000));
    ck_assert_int_ge(get(&client.source, MIO_OPTION_SEND_BUFFER), 30000);
    ck_assert_int_le(get(&client.source, MIO_OPTION_SEND_BUFFER), 60000);
    ck_assert_int_ge(get(&client.source, MIO_OPTION_RECEIVE_BUFFER), 30000);
    ck_assert_int_le(get(&client.source, MIO_OPTION_RECEIVE_BUFFER), 60000);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
}
END_TEST

/* Sets the linger time of a client, and closes the client. Returns 0, or the errno value of a read by the server. */
static int close_with_linger(int64_t seconds)
{
    mio_tcp_stream client;
    mio_tcp_stream server;
    char byte;
    make_tcp_pair(&client, &server);
    ck_assert_int_eq(get(&client.source, MIO_OPTION_LINGER), -1);
    call_ok(mio_source_set_option(&client.source, MIO_OPTION_LINGER, 0));
    call_ok(mio_source_set_option(&client.source, MIO_OPTION_LINGER, seconds));
    ck_assert_int_eq(get(&client.source, MIO_OPTION_LINGER), seconds);
    mio_tcp_stream_close(&client);
    wait_handle(mio_tcp_stream_handle(&server), POLLIN);
    int64_t result = kept(mio_tcp_stream_read(&server, &byte, 1));
    mio_tcp_stream_close(&server);
    return (int)-result;
}

START_TEST(linger_0_resets_and_others_end_the_connection)
{
    ck_assert_int_eq(close_with_linger(0), ECONNRESET);
    ck_assert_int_eq(close_with_linger(1), 0);
    ck_assert_int_eq(close_with_linger(-1), 0);
}
END_TEST

START_TEST(a_corked_stream_keeps_small_segments_back)
{
    mio_tcp_stream client;
    mio_tcp_stream server;
    make_tcp_pair(&client, &server);
    call_ok(mio_source_set_option(&client.source, MIO_OPTION_CORK, 1));
    write_all(&client, "x", 1);
    ck_assert(!is_readable_soon(mio_tcp_stream_handle(&server)));
    call_ok(mio_source_set_option(&client.source, MIO_OPTION_CORK, 0));
    wait_handle(mio_tcp_stream_handle(&server), POLLIN);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
}
END_TEST

START_TEST(a_deferring_listener_is_readable_with_the_first_data)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr addr;
    char byte = 0;
    make_listener(&listener, &addr);
    call_ok(mio_source_set_option(&listener.source, MIO_OPTION_DEFER_ACCEPT, 30));
    ck_assert_int_ge(get(&listener.source, MIO_OPTION_DEFER_ACCEPT), 30);
    call_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, 1, MIO_READABLE));
    int client = raw_connect(&addr);
    expect_no_events(poll);
    raw_write(client, "x", 1);
    expect_events(poll, {1, MIO_READABLE});
    call_ok(mio_tcp_listener_accept(&listener, &stream, NULL));
    call_counts(mio_tcp_stream_read(&stream, &byte, 1), 1);
    ck_assert_int_eq(byte, 'x');
    close_fd(client);
    mio_tcp_stream_close(&stream);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

/* Returns how many bytes a program can write to a stream before writing would block. The peer reads nothing. */
static int64_t room(int64_t lowat)
{
    static char data[4096];
    mio_tcp_stream client;
    mio_tcp_stream server;
    make_tcp_pair(&client, &server);
    call_ok(mio_source_set_option(&server.source, MIO_OPTION_RECEIVE_BUFFER, 1));
    call_ok(mio_source_set_option(&client.source, MIO_OPTION_SEND_BUFFER, 1000000));
    call_ok(mio_source_set_option(&client.source, MIO_OPTION_NOTSENT_LOWAT, lowat));
    int64_t total = 0;
    for (int64_t count; (count = kept(mio_tcp_stream_write(&client, data, sizeof data))) > 0;) {
        total += count;
    }
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    return total;
}

START_TEST(a_low_water_mark_bounds_what_waits_to_be_sent)
{
    int64_t usual = room(0);
    int64_t few = room(1);
    ck_assert_msg(few < usual / 2, "%lld of %lld", (long long)few, (long long)usual);
}
END_TEST

/* Stores the name of an interface that is not the loopback interface. Returns false if there is no such interface. */
static bool other_interface(char name[IF_NAMESIZE])
{
    struct if_nameindex *all = if_nameindex();
    bool found = false;
    for (struct if_nameindex *each = all; each != NULL && each->if_index != 0; each++) {
        if (!found && each->if_index != loopback_index()) {
            found = true;
            strcpy(name, each->if_name);
        }
    }
    if_freenameindex(all);
    return found;
}

START_TEST(a_socket_that_is_bound_to_a_device_hears_no_other)
{
    char other[IF_NAMESIZE] = "";
    const char *devices[] = {other, "lo"};
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr loopback = loopback_v4();
    if (!other_interface(other)) {
        skip("the part with another interface: there is none");
    }
    for (int i = other[0] == '\0'; i < 2; i++) {
        mio_udp_socket socket;
        mio_addr addr;
        call_ok(mio_udp_socket_bind(&socket, &any));
        int64_t rc = kept(mio_source_set_text_option(&socket.source, MIO_OPTION_BIND_DEVICE, devices[i]));
        if (rc == -EPERM) {
            skip("binding to a device: not allowed");
        } else {
            ck_assert_ok(rc);
            call_ok(mio_udp_socket_local_addr(&socket, &addr));
            addr = with_port(loopback, mio_addr_port(&addr));
            int sender = raw_udp(&loopback, NULL);
            raw_send_to(sender, "x", 1, &addr);
            ck_assert_int_eq(is_readable_soon(mio_udp_socket_handle(&socket)), i);
            close_fd(sender);
        }
        mio_udp_socket_close(&socket);
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("option_effects");
    TCase *tcase = add_tcase(suite, "live sockets");
    tcase_add_test(tcase, what_a_listener_has_its_streams_inherit);
    tcase_add_test(tcase, buffers_are_at_least_as_long_as_asked);
    tcase_add_test(tcase, linger_0_resets_and_others_end_the_connection);
    tcase_add_test(tcase, a_corked_stream_keeps_small_segments_back);
    tcase_add_backend_test(tcase, a_deferring_listener_is_readable_with_the_first_data);
    tcase_add_test(tcase, a_low_water_mark_bounds_what_waits_to_be_sent);
    tcase_add_test(tcase, a_socket_that_is_bound_to_a_device_hears_no_other);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
