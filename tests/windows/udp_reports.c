/* SPDX-License-Identifier: MIT */
/* Tests the options for the errors that Winsock reports for earlier datagrams. */
#include "../helpers/harness.h"
#include "../helpers/sockets.h"

#include <mio/windows.h>

_Static_assert(MIO_OPTION_UDP_CONNRESET == 1024, "the number of each release");
_Static_assert(MIO_OPTION_UDP_NETRESET == 1025, "the number of each release");

static const int options[] = {MIO_OPTION_UDP_CONNRESET, MIO_OPTION_UDP_NETRESET};
enum { OPTIONS = sizeof options / sizeof options[0], SUBJECT = 1 };

/* Returns an address to which no socket is bound. */
static mio_addr unused_addr(void)
{
    mio_udp_socket socket;
    mio_addr addr = loopback_v4();
    ck_assert_ok(mio_udp_socket_bind(&socket, &addr));
    ck_assert_ok(mio_udp_socket_local_addr(&socket, &addr));
    mio_udp_socket_close(&socket);
    return addr;
}

/* Opens a socket, sets MIO_OPTION_UDP_CONNRESET to `on`, and registers the socket. Then sends a datagram that no socket
 * receives. */
static mio_poll *send_unreceived(int variant, mio_udp_socket *socket, int on)
{
    const mio_addr any = loopback_v4();
    const mio_addr nobody = unused_addr();
    mio_poll *poll = open_poll(variant);
    ck_assert_ok(mio_udp_socket_bind(socket, &any));
    ck_assert_ok(mio_source_set_option(&socket->source, MIO_OPTION_UDP_CONNRESET, on));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &socket->source, SUBJECT, MIO_READABLE));
    ck_assert_count(mio_udp_socket_send_to(socket, "x", 1, &nobody), 1);
    return poll;
}

START_TEST(a_refused_datagram_is_reported_once_if_the_option_is_on)
{
    char byte;
    mio_udp_socket socket;
    mio_addr addr;
    mio_poll *poll = send_unreceived(_i, &socket, 1);
    (void)wait_for_event(poll, SUBJECT);
    ck_assert_errno(mio_udp_socket_recv(&socket, &byte, 1, NULL), -ECONNREFUSED);
    assert_would_block(mio_udp_socket_recv(&socket, &byte, 1, NULL));
    ck_assert_ok(mio_udp_socket_local_addr(&socket, &addr));
    ck_assert_count(mio_udp_socket_send_to(&socket, "y", 1, &addr), 1);
    (void)wait_for_event(poll, SUBJECT);
    ck_assert_count(mio_udp_socket_recv(&socket, &byte, 1, NULL), 1);
    mio_udp_socket_close(&socket);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_refused_datagram_is_not_reported_if_the_option_is_off)
{
    char byte;
    mio_udp_socket socket;
    mio_poll *poll = send_unreceived(_i, &socket, 0);
    expect_no_events(poll);
    assert_would_block(mio_udp_socket_recv(&socket, &byte, 1, NULL));
    mio_udp_socket_close(&socket);
    mio_poll_free(poll);
}
END_TEST

START_TEST(the_options_are_booleans_of_udp_sockets_that_cannot_be_read)
{
    const mio_addr any = loopback_v4();
    for (size_t i = 0; i < OPTIONS; i++) {
        int64_t value = 7;
        mio_udp_socket socket;
        mio_tcp_listener listener;
        ck_assert_ok(mio_udp_socket_bind(&socket, &any));
        for (int on = 0; on < 2; on++) {
            const int result = mio_source_set_option(&socket.source, options[i], on);
            if (options[i] == MIO_OPTION_UDP_CONNRESET || result != -ENOTSUP) {
                ck_assert_ok(result);
            }
        }
        ck_assert_errno(mio_source_set_option(&socket.source, options[i], 2), -EINVAL);
        ck_assert_errno(mio_source_set_option(&socket.source, options[i], -1), -EINVAL);
        ck_assert_errno(mio_source_option(&socket.source, options[i], &value), -ENOTSUP);
        ck_assert_int_eq(value, 7);
        mio_udp_socket_close(&socket);
        ck_assert_errno(mio_source_set_option(&socket.source, options[i], 1), -EBADF);
        ck_assert_ok(mio_tcp_listener_bind(&listener, &any, 1));
        ck_assert_errno(mio_source_set_option(&listener.source, options[i], 1), -ENOPROTOOPT);
        mio_tcp_listener_close(&listener);
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_reports");
    TCase *reports = add_tcase(suite, "reports");
    tcase_add_backend_test(reports, a_refused_datagram_is_reported_once_if_the_option_is_on);
    tcase_add_backend_test(reports, a_refused_datagram_is_not_reported_if_the_option_is_off);
    tcase_add_test(reports, the_options_are_booleans_of_udp_sockets_that_cannot_be_read);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
