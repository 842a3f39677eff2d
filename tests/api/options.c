/* SPDX-License-Identifier: MIT */
/*
 * Tests the values of every option of mio. The tests set the option, and read the option back with mio and with
 * getsockopt(2). They use values inside and outside the allowed range. They also use sockets that lack the option.
 * option_effects.c tests the effects of the options.
 */
#include "../helpers/unix_sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <unistd.h>

/* Most systems' headers do not define these options yet. */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

/* ---- sockets of each kind --------------------------------------------------------------------------------------- */

enum kind { TCP_V4, TCP_V6, UDP_V4, UDP_V6, LISTENER_V4, UNIX_STREAM, KINDS };

/* A source of any kind. Only listeners are bound. The first member of every source type is a mio_source. */
typedef union any_source {
    mio_source source;
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_udp_socket socket;
    mio_unix_stream unix_stream;
} any_source;

static any_source open_kind(enum kind kind)
{
    any_source any;
    int family = kind == TCP_V6 || kind == UDP_V6 ? AF_INET6 : AF_INET;
    if (kind == LISTENER_V4) {
        make_listener(&any.listener, NULL);
    } else if (kind == UDP_V4 || kind == UDP_V6) {
        call_ok(mio_udp_socket_from_handle(&any.socket, raw_socket(family, SOCK_DGRAM)));
    } else if (kind == UNIX_STREAM) {
        call_ok(mio_unix_stream_from_handle(&any.unix_stream, raw_socket(AF_UNIX, SOCK_STREAM)));
    } else {
        call_ok(mio_tcp_stream_from_handle(&any.stream, raw_socket(family, SOCK_STREAM)));
    }
    return any;
}

/* mio_tcp_stream_close can close a source of any type, because all types close in the same way. */
static void close_kind(any_source *any)
{
    mio_tcp_stream_close(&any->stream);
}

static int handle_of(mio_source *source)
{
    return mio_tcp_stream_handle((mio_tcp_stream *)source);
}

/* ---- the options ------------------------------------------------------------------------------------------------ */

#define BIT(kind) (1U << (kind))
enum {
    ALL = BIT(KINDS) - 1,
    TCP = BIT(TCP_V4) | BIT(TCP_V6) | BIT(LISTENER_V4),
    NOT_TCP = BIT(UDP_V4) | BIT(UDP_V6) | BIT(UNIX_STREAM),
    V4 = BIT(TCP_V4) | BIT(UDP_V4) | BIT(LISTENER_V4),
    V6 = BIT(TCP_V6) | BIT(UDP_V6),
    LOCAL = BIT(UNIX_STREAM),
};

/* The value that mio_source_option returns after mio_source_set_option. */
enum reading {
    SAME,        /* the value that was set; if it was -1, the kernel chooses a value */
    OTHER,       /* a value that the kernel derives from the value that was set */
    ECN_KEPT,    /* the value that was set; on a stream, its two low bits become 0 */
    NOT_READ,    /* none: mio_source_option returns -ENOTSUP */
    NOT_READ_AS, /* the value that was set; raw_option cannot read it, because getsockopt(2) returns a struct */
};

/*
 * An option. The kinds of socket in `good` have the option, and the kinds in `bad` lack it. `least` and `most` are the
 * limits of the value. getsockopt(2) reads the option with `level` and `name`.
 */
typedef struct option_case {
    int option;
    unsigned good;
    unsigned bad;
    int64_t least;
    int64_t most;
    enum reading reading;
    int level;
    int name;
} option_case;

static const option_case cases[] = {
    {MIO_OPTION_TTL, V4, LOCAL, 1, 255, SAME, IPPROTO_IP, IP_TTL},
    {MIO_OPTION_HOP_LIMIT, V6, V4 | LOCAL, -1, 255, SAME, IPPROTO_IPV6, IPV6_UNICAST_HOPS},
    {MIO_OPTION_NODELAY, TCP, NOT_TCP, 0, 1, SAME, IPPROTO_TCP, TCP_NODELAY},
    {MIO_OPTION_BROADCAST, BIT(UDP_V4), 0, 0, 1, SAME, SOL_SOCKET, SO_BROADCAST},
    {MIO_OPTION_ONLY_V6, V6, V4 | LOCAL, 0, 1, SAME, IPPROTO_IPV6, IPV6_V6ONLY},
    {MIO_OPTION_MULTICAST_LOOP_V4, BIT(UDP_V4), LOCAL, 0, 1, SAME, IPPROTO_IP, IP_MULTICAST_LOOP},
    {MIO_OPTION_MULTICAST_LOOP_V6, BIT(UDP_V6), V4 | LOCAL, 0, 1, SAME, IPPROTO_IPV6, IPV6_MULTICAST_LOOP},
    {MIO_OPTION_MULTICAST_TTL_V4, BIT(UDP_V4), BIT(TCP_V4) | BIT(LISTENER_V4) | LOCAL, 0, 255, SAME, IPPROTO_IP,
     IP_MULTICAST_TTL},
    {MIO_OPTION_MULTICAST_HOPS_V6, BIT(UDP_V6), V4 | BIT(TCP_V6) | LOCAL, -1, 255, SAME, IPPROTO_IPV6,
     IPV6_MULTICAST_HOPS},
    {MIO_OPTION_MULTICAST_INTERFACE_V4, BIT(UDP_V4), BIT(TCP_V4) | BIT(LISTENER_V4) | LOCAL, 0, 1, NOT_READ, IPPROTO_IP,
     IP_MULTICAST_IF},
    {MIO_OPTION_MULTICAST_INTERFACE_V6, BIT(UDP_V6), V4 | BIT(TCP_V6) | LOCAL, 0, 1, SAME, IPPROTO_IPV6,
     IPV6_MULTICAST_IF},
    {MIO_OPTION_REUSE_ADDR, ALL, 0, 0, 1, SAME, SOL_SOCKET, SO_REUSEADDR},
    {MIO_OPTION_REUSE_PORT, V4 | V6, 0, 0, 1, SAME, SOL_SOCKET, SO_REUSEPORT},
    {MIO_OPTION_KEEPALIVE, TCP, 0, 0, 1, SAME, SOL_SOCKET, SO_KEEPALIVE},
    {MIO_OPTION_KEEPALIVE_IDLE, TCP, NOT_TCP, 1, 32767, SAME, IPPROTO_TCP, TCP_KEEPIDLE},
    {MIO_OPTION_KEEPALIVE_INTERVAL, TCP, NOT_TCP, 1, 32767, SAME, IPPROTO_TCP, TCP_KEEPINTVL},
    {MIO_OPTION_KEEPALIVE_COUNT, TCP, NOT_TCP, 1, 127, SAME, IPPROTO_TCP, TCP_KEEPCNT},
    {MIO_OPTION_LINGER, ALL, 0, -1, 32767, NOT_READ_AS, SOL_SOCKET, SO_LINGER},
    {MIO_OPTION_SEND_BUFFER, ALL, 0, 1, INT32_MAX, OTHER, SOL_SOCKET, SO_SNDBUF},
    {MIO_OPTION_RECEIVE_BUFFER, ALL, 0, 1, INT32_MAX, OTHER, SOL_SOCKET, SO_RCVBUF},
    {MIO_OPTION_TOS, V4, LOCAL, 0, 255, ECN_KEPT, IPPROTO_IP, IP_TOS},
    {MIO_OPTION_TRAFFIC_CLASS, V6, V4 | LOCAL, -1, 255, ECN_KEPT, IPPROTO_IPV6, IPV6_TCLASS},
    {MIO_OPTION_MARK, V4 | V6, 0, 0, UINT32_MAX, SAME, SOL_SOCKET, SO_MARK},
    {MIO_OPTION_PRIORITY, ALL, 0, 0, INT32_MAX, SAME, SOL_SOCKET, SO_PRIORITY},
    {MIO_OPTION_FAST_OPEN, TCP, NOT_TCP, 0, INT32_MAX, OTHER, IPPROTO_TCP, TCP_FASTOPEN},
    {MIO_OPTION_FAST_OPEN_CONNECT, BIT(TCP_V4) | BIT(TCP_V6), NOT_TCP, 0, 1, SAME, IPPROTO_TCP, TCP_FASTOPEN_CONNECT},
    {MIO_OPTION_DEFER_ACCEPT, TCP, NOT_TCP, 0, 32767, OTHER, IPPROTO_TCP, TCP_DEFER_ACCEPT},
    {MIO_OPTION_USER_TIMEOUT, TCP, NOT_TCP, 0, INT32_MAX, SAME, IPPROTO_TCP, TCP_USER_TIMEOUT},
    {MIO_OPTION_MAX_SEGMENT, TCP, NOT_TCP, 0, 32767, OTHER, IPPROTO_TCP, TCP_MAXSEG},
    {MIO_OPTION_QUICK_ACK, TCP, NOT_TCP, 0, 1, SAME, IPPROTO_TCP, TCP_QUICKACK},
    {MIO_OPTION_CORK, TCP, NOT_TCP, 0, 1, SAME, IPPROTO_TCP, TCP_CORK},
    {MIO_OPTION_NOTSENT_LOWAT, TCP, NOT_TCP, 0, UINT32_MAX, SAME, IPPROTO_TCP, TCP_NOTSENT_LOWAT},
    {MIO_OPTION_INCOMING_CPU, V4 | V6, 0, -1, INT32_MAX, SAME, SOL_SOCKET, SO_INCOMING_CPU},
    {MIO_OPTION_BIND_ADDRESS_NO_PORT, V4 | V6, LOCAL, 0, 1, SAME, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT},
    {MIO_OPTION_MTU_DISCOVER, V4, LOCAL, MIO_MTU_FRAGMENT, MIO_MTU_OMIT, SAME, IPPROTO_IP, IP_MTU_DISCOVER},
    {MIO_OPTION_MTU_DISCOVER, V6, LOCAL, MIO_MTU_FRAGMENT, MIO_MTU_OMIT, SAME, IPPROTO_IPV6, IPV6_MTU_DISCOVER},
    {MIO_OPTION_MULTICAST_ALL, BIT(UDP_V4), LOCAL, 0, 1, SAME, IPPROTO_IP, IP_MULTICAST_ALL},
    {MIO_OPTION_MULTICAST_ALL, BIT(UDP_V6), LOCAL, 0, 1, SAME, IPPROTO_IPV6, IPV6_MULTICAST_ALL},
    {MIO_OPTION_RECEIVE_DESTINATION, BIT(UDP_V4), LOCAL, 0, 1, SAME, IPPROTO_IP, IP_PKTINFO},
    {MIO_OPTION_RECEIVE_DESTINATION, BIT(UDP_V6), LOCAL, 0, 1, SAME, IPPROTO_IPV6, IPV6_RECVPKTINFO},
    {MIO_OPTION_RECEIVE_TOS, BIT(UDP_V4), LOCAL, 0, 1, SAME, IPPROTO_IP, IP_RECVTOS},
    {MIO_OPTION_RECEIVE_TOS, BIT(UDP_V6), LOCAL, 0, 1, SAME, IPPROTO_IPV6, IPV6_RECVTCLASS},
    {MIO_OPTION_RECEIVE_TTL, BIT(UDP_V4), LOCAL, 0, 1, SAME, IPPROTO_IP, IP_RECVTTL},
    {MIO_OPTION_RECEIVE_TTL, BIT(UDP_V6), LOCAL, 0, 1, SAME, IPPROTO_IPV6, IPV6_RECVHOPLIMIT},
    {MIO_OPTION_RECEIVE_TIMESTAMP, BIT(UDP_V4) | BIT(UDP_V6), 0, 0, 1, SAME, SOL_SOCKET, SO_TIMESTAMPNS},
    {MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION, BIT(UDP_V4), LOCAL, 0, 1, SAME, IPPROTO_IP, IP_RECVORIGDSTADDR},
    {MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION, BIT(UDP_V6), LOCAL, 0, 1, SAME, IPPROTO_IPV6, IPV6_RECVORIGDSTADDR},
    {MIO_OPTION_RECEIVE_DROPS, BIT(UDP_V4) | BIT(UDP_V6), 0, 0, 1, SAME, SOL_SOCKET, SO_RXQ_OVFL},
    {MIO_OPTION_OOB_INLINE, ALL, 0, 0, 1, SAME, SOL_SOCKET, SO_OOBINLINE},
    {MIO_OPTION_RECEIVE_ERRORS, BIT(UDP_V4), LOCAL, 0, 1, SAME, IPPROTO_IP, IP_RECVERR},
    {MIO_OPTION_RECEIVE_ERRORS, BIT(UDP_V6), LOCAL, 0, 1, SAME, IPPROTO_IPV6, IPV6_RECVERR},
    {MIO_OPTION_UDP_GRO, BIT(UDP_V4) | BIT(UDP_V6), TCP | LOCAL, 0, 1, SAME, IPPROTO_UDP, UDP_GRO},
    {MIO_OPTION_UDP_SEGMENT, BIT(UDP_V4) | BIT(UDP_V6), TCP | LOCAL, 0, 65535, SAME, IPPROTO_UDP, UDP_SEGMENT},
    {MIO_OPTION_PASS_CREDENTIALS, LOCAL, 0, 0, 1, SAME, SOL_SOCKET, SO_PASSCRED},
    {MIO_OPTION_PASS_HANDLES, LOCAL, V4 | V6, 0, 1, SAME, SOL_SOCKET, SO_PASSRIGHTS},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static bool is_interface(const option_case *c)
{
    return c->option == MIO_OPTION_MULTICAST_INTERFACE_V4 || c->option == MIO_OPTION_MULTICAST_INTERFACE_V6;
}

/*
 * Returns the largest value that this process may set for the option. If the option takes the index of an interface,
 * the function returns the index of the loopback interface, which every system has. Without a privilege, a process
 * cannot set a priority above 6, or a mark other than 0.
 */
static int64_t last_value(const option_case *c)
{
    static bool said;
    if (geteuid() != 0 && (c->option == MIO_OPTION_MARK || c->option == MIO_OPTION_PRIORITY)) {
        if (!said) {
            skip("values for the privileged: not root");
        }
        said = true;
        return c->option == MIO_OPTION_MARK ? 0 : 6;
    }
    return is_interface(c) ? (int64_t)loopback_index() : c->most;
}

/*
 * Returns whether the kernel is too old for the option. If the kernel is too old, reports that the tests skip the
 * option. unix_rights.c tests the library on such a kernel.
 */
static bool is_lacking(const option_case *c)
{
    int64_t value;
    if (c->option != MIO_OPTION_PASS_HANDLES) {
        return false;
    }
    any_source any = open_kind(UNIX_STREAM);
    bool lacking = mio_source_option(&any.source, c->option, &value) == -ENOTSUP;
    close_kind(&any);
    if (lacking) {
        skip("MIO_OPTION_PASS_HANDLES: no SO_PASSRIGHTS, before Linux 6.16");
    }
    return lacking;
}

/*
 * If `good` is true, calls `look` for each option with each kind of source that has the option. Otherwise, calls `look`
 * for each option with each kind of source that lacks the option.
 */
static void for_each(bool good, void (*look)(const option_case *c, mio_source *source))
{
    bool ipv6_here = have_ipv6();
    if (!ipv6_here) {
        skip("the IPv6 part: no IPv6");
    }
    for (size_t i = 0; i < CASES; i++) {
        if (good && is_lacking(&cases[i])) {
            continue;
        }
        for (int kind = 0; kind < KINDS; kind++) {
            unsigned set = good ? cases[i].good : cases[i].bad;
            if ((set & BIT(kind)) == 0 || ((BIT(kind) & V6) != 0 && !ipv6_here)) {
                continue;
            }
            any_source any = open_kind((enum kind)kind);
            look(&cases[i], &any.source);
            close_kind(&any);
        }
    }
}

static int64_t get(mio_source *source, int option)
{
    int64_t value = INT64_MIN;
    call_ok(mio_source_option(source, option, &value));
    return value;
}

/* The test has set the option to `value`. Checks the value that mio_source_option stores. */
static void check_reading(const option_case *c, mio_source *source, int64_t value)
{
    int64_t read = 77;
    if (c->reading == NOT_READ) {
        call_fails_keeping(&read, mio_source_option(source, c->option, &read), ENOTSUP);
        return;
    }
    read = get(source, c->option);
    bool chosen = value == -1 && c->option != MIO_OPTION_LINGER && c->option != MIO_OPTION_INCOMING_CPU;
    int64_t ignored = c->reading == ECN_KEPT ? 3 : 0;
    if (!chosen && c->reading != OTHER) {
        ck_assert_msg((read & ~ignored) == (value & ~ignored), "option %d: set %lld, read %lld", c->option,
                      (long long)value, (long long)read);
    }
    if (c->reading != NOT_READ_AS) {
        ck_assert_msg((int)read == raw_option(handle_of(source), c->level, c->name), "option %d", c->option);
    }
}

static void first_and_last(const option_case *c, mio_source *source)
{
    const int64_t values[] = {last_value(c), c->least, last_value(c)};
    for (size_t i = 0; i < 3; i++) {
        int64_t rc = kept(mio_source_set_option(source, c->option, values[i]));
        if (rc == -EPERM && geteuid() != 0) {
            return; /* this process lacks the privilege for this option */
        }
        ck_assert_msg(rc == 0, "option %d: %s", c->option, errno_name(rc));
        check_reading(c, source, values[i]);
    }
}

START_TEST(each_option_takes_its_first_and_its_last_value)
{
    for_each(true, first_and_last);
}
END_TEST

static void out_of_range(const option_case *c, mio_source *source)
{
    const int64_t values[] = {
        c->least - 1,
        is_interface(c) ? INT64_C(0x100000000) : c->most + 1,
        INT64_MIN,
        INT64_MAX,
        INT64_C(0x100000000) + c->most, /* the low 32 bits alone would be a valid value */
        INT64_C(-0x100000000) + c->least,
    };
    int64_t before = c->reading != NOT_READ ? get(source, c->option) : 0;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        call_fails(mio_source_set_option(source, c->option, values[i]), EINVAL);
    }
    ck_assert_int_eq(c->reading != NOT_READ ? get(source, c->option) : 0, before);
}

START_TEST(each_option_refuses_values_out_of_range)
{
    for_each(true, out_of_range);
}
END_TEST

/*
 * Checks that setting the option fails for this kind of source. The error is ENOPROTOOPT. A multicast option on a
 * stream may fail with EINVAL instead.
 */
static void not_of_this_kind(const option_case *c, mio_source *source)
{
    bool multicast = c->option >= MIO_OPTION_MULTICAST_LOOP_V4 && c->option <= MIO_OPTION_MULTICAST_INTERFACE_V6;
    int64_t rc = kept(mio_source_set_option(source, c->option, last_value(c)));
    ck_assert_msg(rc == -ENOPROTOOPT || (multicast && rc == -EINVAL), "option %d: %s", c->option, errno_name(rc));
}

/*
 * Checks that mio_source_option returns a value or the documented error. The kernel can return the value of an option
 * even if it refuses to set the option on this socket.
 */
static void not_read_from_this_kind(const option_case *c, mio_source *source)
{
    int64_t value = 77;
    int64_t rc = kept(mio_source_option(source, c->option, &value));
    if (rc != 0) {
        ck_assert_msg(rc == (c->reading == NOT_READ ? -ENOTSUP : -ENOPROTOOPT), "%s", errno_name(rc));
        ck_assert_int_eq(value, 77);
    }
}

START_TEST(setting_options_of_another_kind_of_socket_is_refused)
{
    for_each(false, not_of_this_kind);
}
END_TEST

START_TEST(reading_options_of_another_kind_of_socket_is_enoprotoopt_where_it_fails)
{
    for_each(false, not_read_from_this_kind);
}
END_TEST

/* ---- text ------------------------------------------------------------------------------------------------------- */

static void assert_text(mio_source *source, int option, const char *wanted)
{
    char text[MIO_OPTION_TEXT_SIZE];
    scribble(text, sizeof text);
    call_counts(mio_source_text_option(source, option, text, sizeof text), (int64_t)strlen(wanted));
    ck_assert_str_eq(text, wanted);
}

START_TEST(a_text_option_is_set_and_read_back)
{
    static const enum kind kinds[] = {TCP_V4, UDP_V4, LISTENER_V4};
    for (size_t i = 0; i < 3; i++) {
        any_source any = open_kind(kinds[i]);
        assert_text(&any.source, MIO_OPTION_BIND_DEVICE, "");
        int64_t rc = kept(mio_source_set_text_option(&any.source, MIO_OPTION_BIND_DEVICE, "lo"));
        if (rc == -EPERM && geteuid() != 0) {
            skip("binding to a device: not allowed");
        } else {
            ck_assert_ok(rc);
            assert_text(&any.source, MIO_OPTION_BIND_DEVICE, "lo");
        }
        if (geteuid() == 0) {
            call_ok(mio_source_set_text_option(&any.source, MIO_OPTION_BIND_DEVICE, ""));
            assert_text(&any.source, MIO_OPTION_BIND_DEVICE, "");
        }
        if (kinds[i] != UDP_V4) { /* every Linux system has the algorithm reno, and every process may choose it */
            call_ok(mio_source_set_text_option(&any.source, MIO_OPTION_CONGESTION, "reno"));
            assert_text(&any.source, MIO_OPTION_CONGESTION, "reno");
        }
        close_kind(&any);
    }
}
END_TEST

START_TEST(a_text_that_does_not_fit_is_cut_and_its_length_told)
{
    any_source any = open_kind(TCP_V4);
    char text[8] = "zzzzzzz";
    call_ok(mio_source_set_text_option(&any.source, MIO_OPTION_CONGESTION, "reno"));
    call_counts(mio_source_text_option(&any.source, MIO_OPTION_CONGESTION, NULL, 0), 4);
    call_counts(mio_source_text_option(&any.source, MIO_OPTION_CONGESTION, text, 0), 4);
    ck_assert_str_eq(text, "zzzzzzz");
    call_counts(mio_source_text_option(&any.source, MIO_OPTION_CONGESTION, text, 1), 4);
    ck_assert_mem_eq(text, "\0zzzzzz", 8);
    call_counts(mio_source_text_option(&any.source, MIO_OPTION_CONGESTION, text, 4), 4);
    ck_assert_mem_eq(text, "ren\0zzz", 8);
    call_counts(mio_source_text_option(&any.source, MIO_OPTION_CONGESTION, text, 5), 4);
    ck_assert_mem_eq(text, "reno\0zz", 8);
    close_kind(&any);
}
END_TEST

START_TEST(wrong_texts_are_refused_and_change_nothing)
{
    any_source any = open_kind(TCP_V4);
    call_ok(mio_source_set_text_option(&any.source, MIO_OPTION_CONGESTION, "reno"));
    call_fails(mio_source_set_text_option(&any.source, MIO_OPTION_CONGESTION, "no-such"), ENOENT);
    call_fails(mio_source_set_text_option(&any.source, MIO_OPTION_CONGESTION, ""), EINVAL);
    call_fails(mio_source_set_text_option(&any.source, MIO_OPTION_CONGESTION, "fifteen-letters"), ENOENT);
    call_fails(mio_source_set_text_option(&any.source, MIO_OPTION_CONGESTION, "sixteen-letters!"), ENAMETOOLONG);
    assert_text(&any.source, MIO_OPTION_CONGESTION, "reno");
    int64_t rc = kept(mio_source_set_text_option(&any.source, MIO_OPTION_BIND_DEVICE, "no-such"));
    ck_assert_msg(rc == -ENODEV || (rc == -EPERM && geteuid() != 0), "%s", errno_name(rc));
    call_fails(mio_source_set_text_option(&any.source, MIO_OPTION_BIND_DEVICE, "sixteen-letters!"), ENAMETOOLONG);
    assert_text(&any.source, MIO_OPTION_BIND_DEVICE, "");
    close_kind(&any);
}
END_TEST

START_TEST(congestion_is_an_option_of_tcp_only)
{
    static const enum kind kinds[] = {UDP_V4, UNIX_STREAM};
    for (size_t i = 0; i < 2; i++) {
        any_source any = open_kind(kinds[i]);
        char text[8] = "zzzzzzz";
        call_fails(mio_source_set_text_option(&any.source, MIO_OPTION_CONGESTION, "reno"), ENOPROTOOPT);
        call_fails_keeping(text, mio_source_text_option(&any.source, MIO_OPTION_CONGESTION, text, 8), ENOPROTOOPT);
        close_kind(&any);
    }
}
END_TEST

START_TEST(numbers_are_not_text_and_text_is_no_number)
{
    any_source any = open_kind(TCP_V4);
    char text[8] = "zzzzzzz";
    int64_t value = 77;
    for (size_t i = 0; i < CASES; i++) {
        call_fails_keeping(text, mio_source_text_option(&any.source, cases[i].option, text, sizeof text), EINVAL);
        call_fails(mio_source_set_text_option(&any.source, cases[i].option, "1"), EINVAL);
    }
    for (int option = MIO_OPTION_BIND_DEVICE; option <= MIO_OPTION_CONGESTION; option++) {
        call_fails_keeping(&value, mio_source_option(&any.source, option, &value), EINVAL);
        call_fails(mio_source_set_option(&any.source, option, 1), EINVAL);
        call_fails(mio_source_set_option(&any.source, option, 0), EINVAL);
    }
    close_kind(&any);
}
END_TEST

/* ---- null sources, closed sources, and sources that are not sockets --------------------------------------------- */

START_TEST(options_that_do_not_exist_are_enotsup)
{
    static const int options[] = {0, -1, 63, 66, 1000, INT32_MAX, INT32_MIN};
    mio_tcp_listener listener;
    char text[8] = "zzzzzzz";
    make_listener(&listener, NULL);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        int64_t value = 77;
        call_fails_keeping(&value, mio_source_option(&listener.source, options[i], &value), ENOTSUP);
        call_fails(mio_source_set_option(&listener.source, options[i], 1), ENOTSUP);
        call_fails_keeping(text, mio_source_text_option(&listener.source, options[i], text, 8), ENOTSUP);
        call_fails(mio_source_set_text_option(&listener.source, options[i], "lo"), ENOTSUP);
    }
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(options_of_null_are_einval)
{
    mio_tcp_listener listener;
    make_listener(&listener, NULL);
    call_fails(mio_source_option(&listener.source, MIO_OPTION_TTL, NULL), EINVAL);
    call_fails(mio_source_option(NULL, MIO_OPTION_TTL, NULL), EINVAL);
    call_fails(mio_source_text_option(&listener.source, MIO_OPTION_CONGESTION, NULL, 8), EINVAL);
    call_fails(mio_source_set_text_option(&listener.source, MIO_OPTION_CONGESTION, NULL), EINVAL);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(options_of_a_closed_source_are_ebadf)
{
    mio_source source;
    char text[8] = "zzzzzzz";
    memset(&source, 0, sizeof source);
    for (size_t i = 0; i < CASES; i++) {
        int64_t value = 77;
        if (cases[i].reading != NOT_READ) {
            call_fails_keeping(&value, mio_source_option(&source, cases[i].option, &value), EBADF);
        }
        call_fails_keeping(&source, mio_source_set_option(&source, cases[i].option, cases[i].most), EBADF);
    }
    call_fails_keeping(text, mio_source_text_option(&source, MIO_OPTION_CONGESTION, text, 8), EBADF);
    call_fails(mio_source_set_text_option(&source, MIO_OPTION_BIND_DEVICE, "lo"), EBADF);
}
END_TEST

START_TEST(options_of_what_is_not_a_socket_are_enotsock)
{
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    int64_t value = 77;
    char text[8] = "zzzzzzz";
    call_ok(mio_pipe_pair(&sender, &receiver));
    call_fails_keeping(&value, mio_source_option(&sender.source, MIO_OPTION_TTL, &value), ENOTSOCK);
    call_fails(mio_source_set_option(&sender.source, MIO_OPTION_TTL, 1), ENOTSOCK);
    call_fails_keeping(text, mio_source_text_option(&sender.source, MIO_OPTION_CONGESTION, text, 8), ENOTSOCK);
    call_fails(mio_source_set_text_option(&sender.source, MIO_OPTION_BIND_DEVICE, "lo"), ENOTSOCK);
    mio_pipe_sender_close(&sender);
    mio_pipe_receiver_close(&receiver);
}
END_TEST

static int need_privileges(void *context)
{
    any_source any;
    (void)context;
    if (!drop_privileges()) {
        return SKIPPED;
    }
    require(mio_tcp_stream_from_handle(&any.stream, raw_socket(AF_INET, SOCK_STREAM)) == 0);
    require(mio_source_set_option(&any.source, MIO_OPTION_MARK, 1) == -EPERM);
    require(mio_source_set_option(&any.source, MIO_OPTION_PRIORITY, 7) == -EPERM);
    require(mio_source_set_option(&any.source, MIO_OPTION_PRIORITY, 6) == 0);
    if (mio_source_set_text_option(&any.source, MIO_OPTION_BIND_DEVICE, "lo") == 0) {
        require(mio_source_set_text_option(&any.source, MIO_OPTION_BIND_DEVICE, "") == -EPERM);
    }
    mio_tcp_stream_close(&any.stream);
    return 0;
}

START_TEST(options_for_the_privileged_are_eperm_for_others)
{
    if (run_apart(need_privileges, NULL) == SKIPPED) {
        skip("cannot drop privileges");
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("options");
    TCase *numbers = add_tcase(suite, "numbers");
    tcase_add_test(numbers, each_option_takes_its_first_and_its_last_value);
    tcase_add_test(numbers, each_option_refuses_values_out_of_range);
    tcase_add_test(numbers, setting_options_of_another_kind_of_socket_is_refused);
    tcase_add_test(numbers, reading_options_of_another_kind_of_socket_is_enoprotoopt_where_it_fails);
    TCase *text = add_tcase(suite, "text");
    tcase_add_test(text, a_text_option_is_set_and_read_back);
    tcase_add_test(text, a_text_that_does_not_fit_is_cut_and_its_length_told);
    tcase_add_test(text, wrong_texts_are_refused_and_change_nothing);
    tcase_add_test(text, congestion_is_an_option_of_tcp_only);
    tcase_add_test(text, numbers_are_not_text_and_text_is_no_number);
    TCase *bad = add_tcase(suite, "null, closed and not a socket");
    tcase_add_test(bad, options_that_do_not_exist_are_enotsup);
    tcase_add_test(bad, options_of_null_are_einval);
    tcase_add_test(bad, options_of_a_closed_source_are_ebadf);
    tcase_add_test(bad, options_of_what_is_not_a_socket_are_enotsock);
    tcase_add_test(bad, options_for_the_privileged_are_eperm_for_others);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
