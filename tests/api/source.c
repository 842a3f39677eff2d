/* SPDX-License-Identifier: MIT */
/* What all sources share: mio_source_try_io, the table of options, closed and garbage storage. */
#include "../helpers/sockets.h"

#include <poll.h>
#include <unistd.h>

enum { SOURCE = 61 };

/* ---- try_io ----------------------------------------------------------------------------------------------------- */

/* An operation that notes how it was called and returns what it was told to. */
typedef struct call {
    int times;
    mio_handle handle;
    int64_t result;
} call;

static int64_t note_call(mio_handle handle, void *context)
{
    call *self = context;
    self->times++;
    self->handle = handle;
    return self->result;
}

/* An operation that receives one byte, as mio functions do. */
static int64_t receive_byte(mio_handle handle, void *context)
{
    int saved = errno;
    ssize_t count = recv(handle, context, 1, 0);
    int64_t result = count < 0 ? -errno : count;
    errno = saved;
    return result;
}

START_TEST(try_io_calls_once_with_the_handle_and_the_context_and_returns_the_result)
{
    static const int64_t results[] = {0, 1, 4096, INT64_MAX, -1, -EAGAIN, -EPIPE, -EINVAL, INT64_MIN};
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_udp_socket left;
    mio_udp_socket right;
    make_listener(&listener, NULL);
    make_tcp_pair(&client, &server);
    make_udp_pair(&left, &right);
    mio_source *sources[] = {&listener.source, &client.source, &left.source};
    const int handles[] = {mio_tcp_listener_handle(&listener), mio_tcp_stream_handle(&client),
                           mio_udp_socket_handle(&left)};
    for (size_t s = 0; s < 3; s++) {
        for (size_t r = 0; r < sizeof results / sizeof results[0]; r++) {
            call note = {.result = results[r]};
            ck_assert_count(kept(mio_source_try_io(sources[s], note_call, &note)), results[r]);
            ck_assert_int_eq(note.times, 1);
            ck_assert_int_eq(note.handle, handles[s]);
        }
    }
    mio_tcp_listener_close(&listener);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

static int64_t context_is_null(mio_handle handle, void *context)
{
    (void)handle;
    return context == NULL;
}

START_TEST(try_io_passes_a_null_context)
{
    mio_tcp_listener listener;
    make_listener(&listener, NULL);
    call_counts(mio_source_try_io(&listener.source, context_is_null, NULL), 1);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(try_io_on_null_or_a_closed_source_does_not_call)
{
    mio_tcp_listener listener;
    call note = {.result = 7};
    make_listener(&listener, NULL);
    call_fails(mio_source_try_io(NULL, note_call, &note), EINVAL);
    call_fails(mio_source_try_io(NULL, NULL, NULL), EINVAL);
    call_fails(mio_source_try_io(&listener.source, NULL, &note), EINVAL);
    mio_tcp_listener_close(&listener);
    call_fails(mio_source_try_io(&listener.source, note_call, &note), EBADF);
    ck_assert_int_eq(note.times, 0);
}
END_TEST

START_TEST(try_io_that_would_block_rearms_next_data_is_reported)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_stream client;
    mio_tcp_stream server;
    char byte = 0;
    make_tcp_pair(&client, &server);
    call_ok(mio_registry_register(mio_poll_registry(poll), &client.source, SOURCE, MIO_READABLE));
    for (char sent = 'a'; sent < 'd'; sent++) {
        assert_would_block(kept(mio_source_try_io(&client.source, receive_byte, &byte)));
        write_all(&server, &sent, 1);
        expect_events(poll, {SOURCE, MIO_READABLE});
        call_counts(mio_source_try_io(&client.source, receive_byte, &byte), 1);
        ck_assert_int_eq(byte, sent);
    }
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    mio_poll_free(poll);
}
END_TEST

/* ---- options ---------------------------------------------------------------------------------------------------- */

enum kind { TCP_V4, TCP_V6, UDP_V4, UDP_V6, LISTENER_V4, KINDS };

/* A source of some kind, not bound unless it listens. Every source type has its source first. */
typedef union any_source {
    mio_source source;
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_udp_socket socket;
} any_source;

static any_source open_kind(enum kind kind)
{
    any_source any;
    int family = kind == TCP_V6 || kind == UDP_V6 ? AF_INET6 : AF_INET;
    if (kind == LISTENER_V4) {
        make_listener(&any.listener, NULL);
    } else if (kind == UDP_V4 || kind == UDP_V6) {
        call_ok(mio_udp_socket_from_handle(&any.socket, raw_socket(family, SOCK_DGRAM)));
    } else {
        call_ok(mio_tcp_stream_from_handle(&any.stream, raw_socket(family, SOCK_STREAM)));
    }
    return any;
}

static void close_kind(any_source *any, enum kind kind)
{
    if (kind == LISTENER_V4) {
        mio_tcp_listener_close(&any->listener);
    } else if (kind == UDP_V4 || kind == UDP_V6) {
        mio_udp_socket_close(&any->socket);
    } else {
        mio_tcp_stream_close(&any->stream);
    }
}

#define BIT(kind) (1U << (kind))

/* Where an option belongs, where it certainly does not, and the first and last value that it takes. */
typedef struct option_case {
    int option;
    unsigned good;
    unsigned bad;
    int64_t least;
    int64_t most;
} option_case;

static const option_case cases[] = {
    {MIO_OPTION_TTL, BIT(TCP_V4) | BIT(UDP_V4) | BIT(LISTENER_V4), 0, 1, 255},
    {MIO_OPTION_HOP_LIMIT, BIT(TCP_V6) | BIT(UDP_V6), BIT(TCP_V4) | BIT(UDP_V4) | BIT(LISTENER_V4), -1, 255},
    {MIO_OPTION_NODELAY, BIT(TCP_V4) | BIT(TCP_V6) | BIT(LISTENER_V4), BIT(UDP_V4) | BIT(UDP_V6), 0, 1},
    {MIO_OPTION_BROADCAST, BIT(UDP_V4), 0, 0, 1},
    {MIO_OPTION_ONLY_V6, BIT(TCP_V6) | BIT(UDP_V6), BIT(TCP_V4) | BIT(UDP_V4) | BIT(LISTENER_V4), 0, 1},
    {MIO_OPTION_MULTICAST_LOOP_V4, BIT(UDP_V4), 0, 0, 1},
    {MIO_OPTION_MULTICAST_LOOP_V6, BIT(UDP_V6), BIT(TCP_V4) | BIT(UDP_V4) | BIT(LISTENER_V4), 0, 1},
    {MIO_OPTION_MULTICAST_TTL_V4, BIT(UDP_V4), BIT(TCP_V4) | BIT(LISTENER_V4), 0, 255},
    {MIO_OPTION_MULTICAST_HOPS_V6, BIT(UDP_V6), BIT(TCP_V4) | BIT(TCP_V6) | BIT(UDP_V4) | BIT(LISTENER_V4), -1, 255},
    {MIO_OPTION_MULTICAST_INTERFACE_V4, BIT(UDP_V4), BIT(TCP_V4) | BIT(LISTENER_V4), 0, 1},
    {MIO_OPTION_MULTICAST_INTERFACE_V6, BIT(UDP_V6), BIT(TCP_V4) | BIT(TCP_V6) | BIT(UDP_V4) | BIT(LISTENER_V4), 0, 1},
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* Linux cannot tell the number of this interface, only an address. */
static bool can_be_read(int option)
{
    return option != MIO_OPTION_MULTICAST_INTERFACE_V4;
}

/* Interfaces have numbers, of which only that of the loopback interface is sure to exist. */
static int64_t last_value(const option_case *c)
{
    bool interface = c->option == MIO_OPTION_MULTICAST_INTERFACE_V4 || c->option == MIO_OPTION_MULTICAST_INTERFACE_V6;
    return interface ? (int64_t)loopback_index() : c->most;
}

/* Calls `look` for each option and each kind of source in the set that `set` picks. */
static void for_each(bool good, void (*look)(const option_case *c, mio_source *source))
{
    bool ipv6_here = have_ipv6();
    if (!ipv6_here) {
        skip("the IPv6 part: no IPv6");
    }
    for (size_t i = 0; i < CASES; i++) {
        for (int kind = 0; kind < KINDS; kind++) {
            unsigned set = good ? cases[i].good : cases[i].bad;
            if ((set & BIT(kind)) == 0 || ((kind == TCP_V6 || kind == UDP_V6) && !ipv6_here)) {
                continue;
            }
            any_source any = open_kind((enum kind)kind);
            look(&cases[i], &any.source);
            close_kind(&any, (enum kind)kind);
        }
    }
}

static void first_and_last(const option_case *c, mio_source *source)
{
    const int64_t values[] = {last_value(c), c->least, last_value(c)};
    for (size_t i = 0; i < 3; i++) {
        int64_t value = INT64_MIN;
        call_ok(mio_source_set_option(source, c->option, values[i]));
        if (can_be_read(c->option)) {
            call_ok(mio_source_option(source, c->option, &value));
            if (values[i] != -1) { /* which stands for the system's */
                ck_assert_int_eq(value, values[i]);
            }
        }
    }
}

START_TEST(each_option_takes_its_first_and_its_last_value)
{
    for_each(true, first_and_last);
}
END_TEST

static void out_of_range(const option_case *c, mio_source *source)
{
    bool interface = c->option == MIO_OPTION_MULTICAST_INTERFACE_V4 || c->option == MIO_OPTION_MULTICAST_INTERFACE_V6;
    const int64_t values[] = {
        c->least - 1,
        interface ? INT64_C(0x100000000) : c->most + 1,
        INT64_MIN,
        INT64_MAX,
        INT64_C(0x100000000) + last_value(c), /* good, if cut to 32 bits */
        INT64_C(-0x100000000) + last_value(c),
    };
    int64_t before = 0;
    int64_t after = 0;
    call_ok(mio_source_set_option(source, c->option, last_value(c)));
    if (can_be_read(c->option)) {
        call_ok(mio_source_option(source, c->option, &before));
    }
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        call_fails(mio_source_set_option(source, c->option, values[i]), EINVAL);
    }
    if (can_be_read(c->option)) {
        call_ok(mio_source_option(source, c->option, &after));
        ck_assert_int_eq(before, after);
    }
}

START_TEST(each_option_refuses_values_out_of_range)
{
    for_each(true, out_of_range);
}
END_TEST

/* The kernel knows the multicast options of a stream, and does not allow them there. */
static void not_of_this_kind(const option_case *c, mio_source *source)
{
    bool multicast = c->option >= MIO_OPTION_MULTICAST_LOOP_V4 && c->option <= MIO_OPTION_MULTICAST_INTERFACE_V6;
    int64_t rc = kept(mio_source_set_option(source, c->option, last_value(c)));
    ck_assert_msg(rc == -ENOPROTOOPT || (multicast && rc == -EINVAL), "%s", errno_name(rc));
}

/* Where setting is refused, reading may still work. */
static void not_read_from_this_kind(const option_case *c, mio_source *source)
{
    int64_t value = 77;
    int64_t rc = kept(mio_source_option(source, c->option, &value));
    if (rc != 0) {
        ck_assert_msg(rc == -ENOPROTOOPT || (!can_be_read(c->option) && rc == -ENOTSUP), "%s", errno_name(rc));
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

START_TEST(options_that_do_not_exist_are_enotsup)
{
    static const int options[] = {0, -1, 12, 1000, INT32_MAX, INT32_MIN};
    mio_tcp_listener listener;
    make_listener(&listener, NULL);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        int64_t value = 77;
        call_fails_keeping(&value, mio_source_option(&listener.source, options[i], &value), ENOTSUP);
        call_fails(mio_source_set_option(&listener.source, options[i], 1), ENOTSUP);
    }
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(options_of_null_are_einval)
{
    mio_tcp_listener listener;
    int64_t value = 77;
    make_listener(&listener, NULL);
    call_fails_keeping(&value, mio_source_option(NULL, MIO_OPTION_TTL, &value), EINVAL);
    call_fails(mio_source_option(&listener.source, MIO_OPTION_TTL, NULL), EINVAL);
    call_fails(mio_source_option(NULL, MIO_OPTION_TTL, NULL), EINVAL);
    call_fails(mio_source_set_option(NULL, MIO_OPTION_TTL, 1), EINVAL);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(options_of_a_closed_source_are_ebadf)
{
    mio_source source;
    memset(&source, 0, sizeof source);
    for (size_t i = 0; i < CASES; i++) {
        int64_t value = 77;
        if (can_be_read(cases[i].option)) {
            call_fails_keeping(&value, mio_source_option(&source, cases[i].option, &value), EBADF);
        }
        call_fails_keeping(&source, mio_source_set_option(&source, cases[i].option, cases[i].most), EBADF);
    }
}
END_TEST

START_TEST(options_of_what_is_not_a_socket_are_enotsock)
{
    mio_tcp_listener listener;
    int64_t value = 77;
    int fds[2];
    make_listener(&listener, NULL);
    make_pipe(fds);
    ck_assert_int_eq(dup2(fds[0], mio_tcp_listener_handle(&listener)), mio_tcp_listener_handle(&listener));
    call_fails_keeping(&value, mio_source_option(&listener.source, MIO_OPTION_TTL, &value), ENOTSOCK);
    call_fails(mio_source_set_option(&listener.source, MIO_OPTION_TTL, 1), ENOTSOCK);
    mio_tcp_listener_close(&listener);
    close_fd(fds[0]);
    close_fd(fds[1]);
}
END_TEST

/* ---- closed and garbage storage --------------------------------------------------------------------------------- */

START_TEST(a_source_is_four_words)
{
    ck_assert_uint_eq(sizeof(mio_source), 4 * sizeof(uint64_t));
    ck_assert_uint_eq(_Alignof(mio_source), _Alignof(uint64_t));
}
END_TEST

/* Everything that takes a source, on one that is not open. */
static void expect_all_bad(mio_poll *poll, mio_source *source)
{
    mio_registry *registry = mio_poll_registry(poll);
    call note = {.result = 7};
    int64_t value = 77;
    call_fails_keeping(source, mio_source_try_io(source, note_call, &note), EBADF);
    ck_assert_int_eq(note.times, 0);
    call_fails_keeping(&value, mio_source_option(source, MIO_OPTION_TTL, &value), EBADF);
    call_fails_keeping(source, mio_source_set_option(source, MIO_OPTION_TTL, 1), EBADF);
    call_fails_keeping(source, mio_registry_register(registry, source, SOURCE, MIO_READABLE), EBADF);
    call_fails_keeping(source, mio_registry_reregister(registry, source, SOURCE, MIO_READABLE), EBADF);
    call_fails_keeping(source, mio_registry_deregister(registry, source), EBADF);
}

START_TEST(all_zero_is_a_closed_source)
{
    mio_poll *poll = open_poll(_i);
    mio_source source;
    memset(&source, 0, sizeof source);
    expect_all_bad(poll, &source);
    mio_poll_free(poll);
}
END_TEST

/* Registering may find what looks like the mark of another poll object, so that any error is right. */
START_TEST(garbage_is_an_error_and_no_harm)
{
    static const int fillings[] = {0xff, 0xa5, 0x80, 0x7f};
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    int before = count_descriptors();
    for (size_t i = 0; i < sizeof fillings / sizeof fillings[0]; i++) {
        mio_source source;
        int64_t value = 77;
        memset(&source, fillings[i], sizeof source);
        call_fails_keeping(&value, mio_source_option(&source, MIO_OPTION_TTL, &value), EBADF);
        call_fails(mio_source_set_option(&source, MIO_OPTION_TTL, 1), EBADF);
        ck_assert_int_lt(kept(mio_registry_register(registry, &source, SOURCE, MIO_READABLE)), 0);
        ck_assert_int_lt(kept(mio_registry_deregister(registry, &source)), 0);
    }
    expect_no_events(poll);
    ck_assert_int_eq(count_descriptors(), before);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("source");
    TCase *try_io = add_tcase(suite, "try_io");
    tcase_add_test(try_io, try_io_calls_once_with_the_handle_and_the_context_and_returns_the_result);
    tcase_add_test(try_io, try_io_passes_a_null_context);
    tcase_add_test(try_io, try_io_on_null_or_a_closed_source_does_not_call);
    tcase_add_backend_test(try_io, try_io_that_would_block_rearms_next_data_is_reported);
    TCase *options = add_tcase(suite, "options");
    tcase_add_test(options, each_option_takes_its_first_and_its_last_value);
    tcase_add_test(options, each_option_refuses_values_out_of_range);
    tcase_add_test(options, setting_options_of_another_kind_of_socket_is_refused);
    tcase_add_test(options, reading_options_of_another_kind_of_socket_is_enoprotoopt_where_it_fails);
    tcase_add_test(options, options_that_do_not_exist_are_enotsup);
    tcase_add_test(options, options_of_null_are_einval);
    tcase_add_test(options, options_of_a_closed_source_are_ebadf);
    tcase_add_test(options, options_of_what_is_not_a_socket_are_enotsock);
    TCase *storage = add_tcase(suite, "closed and garbage storage");
    tcase_add_test(storage, a_source_is_four_words);
    tcase_add_backend_test(storage, all_zero_is_a_closed_source);
    tcase_add_backend_test(storage, garbage_is_an_error_and_no_harm);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
