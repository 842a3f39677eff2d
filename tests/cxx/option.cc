// SPDX-License-Identifier: MIT
// Tests <mio/option.hpp>. Checks that each function sets or reads the option with the same name.
#include "support.hpp"

#include <optional>

namespace {

// Sets a value with the option's setter. Then reads the value with the option's getter, and with option(option_number).
#define SETS(object, name, value, option_number, number)                                                               \
    do {                                                                                                               \
        MUST((object).set_##name(value));                                                                              \
        ck_assert(MUST((object).name()) == (value));                                                                   \
        ck_assert_int_eq(MUST((object).option(option_number)), number);                                                \
    } while (0)

// Each platform has these options.
START_TEST(options_that_every_system_has)
{
    Pair pair = connected_pair();
    mio::TcpStream &stream = pair.client;
    SETS(stream, nodelay, true, MIO_OPTION_NODELAY, 1);
    SETS(stream, keepalive, true, MIO_OPTION_KEEPALIVE, 1);
    SETS(stream, ttl, 9U, MIO_OPTION_TTL, 9);

    ck_assert(!MUST(stream.linger()).has_value());
    SETS(stream, linger, std::optional(9s), MIO_OPTION_LINGER, 9);
    SETS(stream, linger, std::optional(0s), MIO_OPTION_LINGER, 0);
    MUST(stream.set_linger(std::nullopt));
    ck_assert(!MUST(stream.linger()).has_value());
    ck_assert_int_eq(MUST(stream.option(MIO_OPTION_LINGER)), -1);
}
END_TEST

START_TEST(options_of_tcp)
{
    Pair pair = connected_pair();
    mio::TcpStream &stream = pair.client;
    SETS(stream, cork, true, MIO_OPTION_CORK, 1);
    SETS(stream, cork, false, MIO_OPTION_CORK, 0);
    SETS(stream, quick_ack, true, MIO_OPTION_QUICK_ACK, 1);
    SETS(stream, keepalive_idle, 2min, MIO_OPTION_KEEPALIVE_IDLE, 120);
    SETS(stream, keepalive_interval, 7s, MIO_OPTION_KEEPALIVE_INTERVAL, 7);
    SETS(stream, keepalive_count, 3U, MIO_OPTION_KEEPALIVE_COUNT, 3);
    SETS(stream, user_timeout, 1500ms, MIO_OPTION_USER_TIMEOUT, 1500);
    SETS(stream, user_timeout, 2s, MIO_OPTION_USER_TIMEOUT, 2000);
    SETS(stream, notsent_lowat, 4294967295U, MIO_OPTION_NOTSENT_LOWAT, 4294967295);
    FAILS(stream.set_keepalive_idle(0s), EINVAL);
    FAILS(stream.set_user_timeout(-1ms), EINVAL);

    MUST(stream.set_max_segment(1000));
    ck_assert_uint_gt(MUST(stream.max_segment()), 0);
    FAILS(stream.set_max_segment(32768), EINVAL);
    FAILS(stream.set_fast_open_connect(true), EINVAL); // the stream is already connected
    ck_assert(!MUST(stream.fast_open_connect()));
}
END_TEST

START_TEST(options_of_listeners)
{
    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
    SETS(listener, fast_open, 5U, MIO_OPTION_FAST_OPEN, 5);
    MUST(listener.set_defer_accept(4s));
    ck_assert(MUST(listener.defer_accept()) >= 4s);
    MUST(listener.set_defer_accept(0s));
    ck_assert(MUST(listener.defer_accept()) == 0s);
    ck_assert(MUST(listener.reuse_addr()));
}
END_TEST

START_TEST(options_of_all_ip_sockets)
{
    mio::UdpSocket socket = MUST(mio::UdpSocket::bind(loopback()));
    SETS(socket, reuse_addr, true, MIO_OPTION_REUSE_ADDR, 1);
    SETS(socket, reuse_port, true, MIO_OPTION_REUSE_PORT, 1);
    SETS(socket, tos, 0x12U, MIO_OPTION_TOS, 0x12);
    SETS(socket, priority, 6U, MIO_OPTION_PRIORITY, 6);
    SETS(socket, incoming_cpu, 0, MIO_OPTION_INCOMING_CPU, 0);
    SETS(socket, bind_address_no_port, true, MIO_OPTION_BIND_ADDRESS_NO_PORT, 1);
    SETS(socket, mtu_discover, 2U, MIO_OPTION_MTU_DISCOVER, MIO_MTU_DO);
    SETS(socket, multicast_all, false, MIO_OPTION_MULTICAST_ALL, 0);
    FAILS(socket.path_mtu(), ENOTCONN);
    ck_assert_uint_eq(MUST(socket.mark()), 0);
    const mio::Result<void> marked = socket.set_mark(4294967295U);
    if (marked) {
        ck_assert_uint_eq(MUST(socket.mark()), 4294967295U);
    } else {
        FAILS(marked, EPERM);
    }
    FAILS(socket.traffic_class(), ENOPROTOOPT);

    const int fd = os::socket(AF_INET6, SOCK_DGRAM, 0);
    if (fd < 0) return; // this machine has no IPv6
    mio::UdpSocket six = MUST(mio::UdpSocket::from_handle(fd));
    SETS(six, traffic_class, 0x12, MIO_OPTION_TRAFFIC_CLASS, 0x12);
    MUST(six.set_traffic_class(-1));
}
END_TEST

START_TEST(buffers_of_all_sockets)
{
    Pair pair = connected_pair();
    MUST(pair.client.set_send_buffer(20000));
    MUST(pair.client.set_receive_buffer(30000));
    ck_assert_uint_ge(MUST(pair.client.send_buffer()), 20000);
    ck_assert_uint_ge(MUST(pair.client.receive_buffer()), 30000);
    FAILS(pair.client.set_send_buffer(0), EINVAL);
    MUST(pair.server.set_send_buffer(1));
}
END_TEST

START_TEST(options_of_unix_sockets)
{
    mio::UnixDatagram socket = MUST(mio::UnixDatagram::open());
    MUST(socket.set_receive_buffer(30000));
    ck_assert_uint_ge(MUST(socket.receive_buffer()), 30000);
    FAILS(socket.set_option(MIO_OPTION_TTL, 1), ENOPROTOOPT);
}
END_TEST

START_TEST(options_that_are_text)
{
    Pair pair = connected_pair();
    MUST(pair.client.set_congestion("reno"));
    READS(MUST(pair.client.congestion()), "reno");
    READS(MUST(pair.client.text_option(MIO_OPTION_CONGESTION)), "reno");
    MUST(pair.client.set_text_option(MIO_OPTION_CONGESTION, "reno"));
    FAILS(pair.client.set_congestion("no-such"), ENOENT);
    FAILS(pair.client.set_congestion(nullptr), EINVAL);
    READS(MUST(pair.client.bind_device()), "");
    FAILS(pair.client.text_option(MIO_OPTION_TTL), EINVAL);
    FAILS(pair.client.option(MIO_OPTION_CONGESTION), EINVAL);
    const mio::Result<void> bound = pair.client.set_bind_device("lo");
    if (bound) {
        READS(MUST(pair.client.bind_device()), "lo");
    } else {
        FAILS(bound, EPERM);
    }
    READS(mio::OptionText(), "");
    mio::TcpStream closed;
    FAILS(closed.congestion(), EBADF);
    FAILS(closed.set_bind_device("lo"), EBADF);
}
END_TEST

START_TEST(options_of_closed_sockets)
{
    mio::TcpStream closed;
    FAILS(closed.nodelay(), EBADF);
    FAILS(closed.set_keepalive(true), EBADF);
    FAILS(closed.linger(), EBADF);
    FAILS(closed.set_linger(std::nullopt), EBADF);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("option");
    TCase *tcase = tcase_create("option");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, options_that_every_system_has);
    tcase_add_test(tcase, options_of_tcp);
    tcase_add_test(tcase, options_of_listeners);
    tcase_add_test(tcase, options_of_all_ip_sockets);
    tcase_add_test(tcase, buffers_of_all_sockets);
    tcase_add_test(tcase, options_of_unix_sockets);
    tcase_add_test(tcase, options_that_are_text);
    tcase_add_test(tcase, options_of_closed_sockets);
    return run(suite);
}
