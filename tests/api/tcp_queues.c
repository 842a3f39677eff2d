/* SPDX-License-Identifier: MIT */
/* Tests the error queue of a TCP stream, and mio_tcp_stream_original_destination. */
#include "../helpers/sockets.h"

#include <poll.h>

#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif

enum { STREAM = 71 };

START_TEST(a_zero_copy_send_is_completed_in_the_queue)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_queued_error error = MIO_QUEUED_ERROR_INIT;
    mio_event event;
    char bytes[5];
    int one = 1;
    make_tcp_pair(&client, &server);
    int fd = mio_tcp_stream_handle(&client);
    call_fails(mio_tcp_stream_recv_error(&client, &error), EAGAIN);
    if (setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof one) != 0) {
        skip("no SO_ZEROCOPY");
    } else {
        call_ok(mio_registry_register(mio_poll_registry(poll), &client.source, STREAM, MIO_READABLE));
        for (uint32_t i = 0; i < 3; i++) {
            ck_assert_int_eq(send(fd, "hello", 5, MSG_ZEROCOPY | MSG_NOSIGNAL), 5);
            read_all(&server, bytes, 5);
            do {
                event = wait_for_event(poll, STREAM);
            } while (!mio_event_is_error(&event));
            call_ok(mio_tcp_stream_recv_error(&client, &error));
            ck_assert_uint_eq(error.origin, MIO_ORIGIN_ZEROCOPY);
            ck_assert_int_eq(error.error, 0);
            ck_assert_uint_eq(error.info, i); /* the kernel numbers the sends from 0 */
            ck_assert_uint_eq(error.data, i);
            call_fails(mio_tcp_stream_recv_error(&client, &error), EAGAIN);
        }
        call_counts(mio_tcp_stream_write(&client, "hello", 5), 5); /* the stream still works */
    }
    mio_tcp_stream_close(&client);
    call_fails(mio_tcp_stream_recv_error(&client, &error), EBADF);
    mio_tcp_stream_close(&server);
    mio_poll_free(poll);
}
END_TEST

START_TEST(arguments_of_the_queue)
{
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_queued_error error = MIO_QUEUED_ERROR_INIT;
    make_tcp_pair(&client, &server);
    call_fails(mio_tcp_stream_recv_error(NULL, &error), EINVAL);
    call_fails(mio_tcp_stream_recv_error(&client, NULL), EINVAL);
    error.size = 4;
    call_fails(mio_tcp_stream_recv_error(&client, &error), EINVAL);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
}
END_TEST

/*
 * Binds a listener to `address`. Connects a client to the IP address `target` and the port of the listener. No firewall
 * redirects the connection. So if the system reports an original destination, this must be the local address of the
 * accepted stream.
 */
static void ask_for_the_destination(const mio_addr *address, const mio_addr *target)
{
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_addr addr;
    mio_addr local;
    mio_addr there = *target;
    call_ok(mio_tcp_listener_bind(&listener, address, 1));
    call_ok(mio_tcp_listener_local_addr(&listener, &addr));
    call_ok(mio_addr_set_port(&there, (uint16_t)mio_addr_port(&addr)));
    call_ok(mio_tcp_stream_connect(&client, &there));
    accept_one(&listener, &server);
    call_ok(mio_tcp_stream_local_addr(&server, &local));
    addr = no_addr();
    int64_t rc = kept(mio_tcp_stream_original_destination(&server, &addr));
    if (rc == 0) {
        assert_addr_eq(&addr, &local);
    } else {
        ck_assert_msg(rc == -ENODATA || rc == -ENOTSUP, "%s", errno_name(rc));
        ck_assert_int_eq(mio_addr_family(&addr), MIO_ADDR_NONE);
    }
    call_fails(mio_tcp_stream_original_destination(&server, NULL), EINVAL);
    mio_tcp_stream_close(&server);
    call_fails(mio_tcp_stream_original_destination(&server, &addr), EBADF);
    mio_tcp_stream_close(&client);
    mio_tcp_listener_close(&listener);
}

START_TEST(a_connection_that_nothing_redirects_went_here)
{
    mio_addr v4 = loopback_v4();
    ask_for_the_destination(&v4, &v4);
    if (!have_ipv6()) {
        skip("the IPv6 part: no IPv6");
        return;
    }
    mio_addr v6 = loopback_v6();
    mio_addr any = ipv6("::", 0);
    ask_for_the_destination(&v6, &v6);
    ask_for_the_destination(&any, &v4); /* an IPv4 client connects to an IPv6 listener */
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_queues");
    TCase *tcase = add_tcase(suite, "queues");
    tcase_add_backend_test(tcase, a_zero_copy_send_is_completed_in_the_queue);
    tcase_add_test(tcase, arguments_of_the_queue);
    tcase_add_test(tcase, a_connection_that_nothing_redirects_went_here);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
