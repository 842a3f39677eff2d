/* SPDX-License-Identifier: MIT */
/*
 * Tests two poll objects with the same source or descriptor. A source can be registered with only one poll object at a
 * time.
 */
#include "../helpers/unix_sockets.h"

#include <signal.h>

/* One source of every type. A source of any type must remember which poll object it is registered with. */
typedef struct sources {
    mio_tcp_listener tcp_listener;
    mio_tcp_stream tcp_stream;
    mio_tcp_stream tcp_peer;
    mio_udp_socket udp_socket;
    mio_udp_socket udp_peer;
    mio_unix_listener unix_listener;
    mio_unix_stream unix_stream;
    mio_unix_stream unix_peer;
    mio_unix_datagram unix_datagram;
    mio_pipe_sender pipe_sender;
    mio_pipe_receiver pipe_receiver;
    mio_signals signals;
} sources;

static void open_sources(sources *s)
{
    const int number = SIGUSR2;
    make_listener(&s->tcp_listener, NULL);
    make_tcp_pair(&s->tcp_stream, &s->tcp_peer);
    make_udp_pair(&s->udp_socket, &s->udp_peer);
    make_unix_listener(&s->unix_listener, "s", NULL);
    ck_assert_ok(mio_unix_stream_pair(&s->unix_stream, &s->unix_peer, 0));
    ck_assert_ok(mio_unix_datagram_open(&s->unix_datagram));
    ck_assert_ok(mio_pipe_pair(&s->pipe_sender, &s->pipe_receiver));
    ck_assert_ok(mio_signals_open(&s->signals, &number, 1, 0));
}

static void close_sources(sources *s)
{
    mio_tcp_listener_close(&s->tcp_listener);
    mio_tcp_stream_close(&s->tcp_stream);
    mio_tcp_stream_close(&s->tcp_peer);
    mio_udp_socket_close(&s->udp_socket);
    mio_udp_socket_close(&s->udp_peer);
    mio_unix_listener_close(&s->unix_listener);
    mio_unix_stream_close(&s->unix_stream);
    mio_unix_stream_close(&s->unix_peer);
    mio_unix_datagram_close(&s->unix_datagram);
    mio_pipe_sender_close(&s->pipe_sender);
    mio_pipe_receiver_close(&s->pipe_receiver);
    mio_signals_close(&s->signals);
}

/*
 * Registers a source with one poll object. Checks that the source cannot be registered with a second poll object, and
 * that the first registration still works.
 */
static void expect_busy(int variant, mio_source *source)
{
    mio_poll *poll = open_poll(variant);
    mio_poll *other = open_poll(variant);
    mio_registry *registry = mio_poll_registry(poll);
    mio_registry *others = mio_poll_registry(other);
    call_ok(mio_registry_register(registry, source, 1, MIO_READABLE));
    call_fails_keeping(source, mio_registry_register(others, source, 2, MIO_READABLE), EBUSY);
    call_fails_keeping(source, mio_registry_reregister(others, source, 2, MIO_READABLE), EBUSY);
    call_fails_keeping(source, mio_registry_deregister(others, source), EBUSY);
    call_ok(mio_registry_reregister(registry, source, 3, MIO_READABLE));
    call_ok(mio_registry_deregister(registry, source));
    /* Works because the source is now registered with no poll object. */
    call_ok(mio_registry_register(others, source, 2, MIO_READABLE));
    call_fails(mio_registry_register(registry, source, 1, MIO_READABLE), EBUSY);
    call_ok(mio_registry_deregister(others, source));
    mio_poll_free(other);
    mio_poll_free(poll);
}

START_TEST(tcp_listener_or_stream_registered_in_a_second_poll_is_refused)
{
    sources s;
    open_sources(&s);
    expect_busy(_i, &s.tcp_listener.source);
    expect_busy(_i, &s.tcp_stream.source);
    close_sources(&s);
}
END_TEST

START_TEST(udp_socket_registered_in_a_second_poll_is_refused)
{
    sources s;
    open_sources(&s);
    expect_busy(_i, &s.udp_socket.source);
    close_sources(&s);
}
END_TEST

START_TEST(unix_socket_pipe_and_signals_registered_in_a_second_poll_are_refused)
{
    sources s;
    open_sources(&s);
    expect_busy(_i, &s.unix_listener.source);
    expect_busy(_i, &s.unix_stream.source);
    expect_busy(_i, &s.unix_datagram.source);
    expect_busy(_i, &s.pipe_receiver.source);
    expect_busy(_i, &s.pipe_sender.source);
    expect_busy(_i, &s.signals.source);
    close_sources(&s);
}
END_TEST

START_TEST(an_attempt_with_a_second_poll_changes_nothing)
{
    mio_poll *poll = open_poll(_i);
    mio_poll *other = open_poll(_i);
    mio_registry *others = mio_poll_registry(other);
    sources s;
    open_sources(&s);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &s.tcp_stream.source, 1, MIO_READABLE));
    ck_assert_errno(mio_registry_register(others, &s.tcp_stream.source, 2, MIO_READABLE), -EBUSY);
    ck_assert_errno(mio_registry_reregister(others, &s.tcp_stream.source, 2, MIO_READABLE), -EBUSY);
    ck_assert_errno(mio_registry_deregister(others, &s.tcp_stream.source), -EBUSY);
    write_all(&s.tcp_peer, "x", 1);
    expect_events(poll, {1, MIO_READABLE});
    expect_no_events(other);
    ck_assert_ok(mio_registry_reregister(mio_poll_registry(poll), &s.tcp_stream.source, 3, MIO_READABLE));
    ck_assert_ok(mio_registry_deregister(mio_poll_registry(poll), &s.tcp_stream.source));
    ck_assert_errno(mio_registry_deregister(others, &s.tcp_stream.source), -ENOENT);
    ck_assert_ok(mio_registry_register(others, &s.tcp_stream.source, 4, MIO_READABLE));
    expect_events(other, {4, MIO_READABLE});
    expect_no_events(poll);
    close_sources(&s);
    mio_poll_free(other);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_source_of_a_freed_poll_can_go_to_another)
{
    mio_poll *other = open_poll(_i);
    for (int round = 0; round < 3; round++) {
        mio_poll *poll = open_poll(_i);
        mio_tcp_stream stream;
        mio_tcp_stream peer;
        make_tcp_pair(&stream, &peer);
        ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &stream.source, 1, MIO_READABLE));
        mio_poll_free(poll);
        if (round == 1) { /* the new poll object can have the address of the freed poll object */
            mio_poll_free(other);
            other = open_poll(_i);
        }
        mio_poll *third = round == 2 ? open_poll(_i) : NULL;
        mio_registry *registry = mio_poll_registry(other);
        ck_assert_errno(mio_registry_reregister(registry, &stream.source, 2, MIO_READABLE), -ENOENT);
        ck_assert_errno(mio_registry_deregister(registry, &stream.source), -ENOENT);
        ck_assert_ok(mio_registry_register(registry, &stream.source, 2, MIO_READABLE));
        write_all(&peer, "x", 1);
        expect_events(other, {2, MIO_READABLE});
        mio_tcp_stream_close(&stream);
        mio_tcp_stream_close(&peer);
        mio_poll_free(third);
    }
    mio_poll_free(other);
}
END_TEST

START_TEST(a_bare_descriptor_may_be_in_two_polls)
{
    mio_poll *poll = open_poll(_i);
    mio_poll *other = open_poll(_i);
    int fds[2];
    make_socketpair(fds);
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), fds[0], 1, MIO_READABLE));
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(other), fds[0], 2, MIO_READABLE));
    write_byte(fds[1]);
    expect_events(poll, {1, MIO_READABLE});
    expect_events(other, {2, MIO_READABLE});
    ck_assert_ok(mio_registry_deregister_handle(mio_poll_registry(poll), fds[0]));
    ck_assert_errno(mio_registry_deregister_handle(mio_poll_registry(poll), fds[0]), -ENOENT);
    used_up(other, fds[0]);
    write_byte(fds[1]);
    expect_events(other, {2, MIO_READABLE});
    expect_no_events(poll);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(other);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("two_polls");
    TCase *tcase = add_unix_tcase(suite, "two polls");
    tcase_add_backend_test(tcase, tcp_listener_or_stream_registered_in_a_second_poll_is_refused);
    tcase_add_backend_test(tcase, udp_socket_registered_in_a_second_poll_is_refused);
    tcase_add_backend_test(tcase, unix_socket_pipe_and_signals_registered_in_a_second_poll_are_refused);
    tcase_add_backend_test(tcase, an_attempt_with_a_second_poll_changes_nothing);
    tcase_add_backend_test(tcase, a_source_of_a_freed_poll_can_go_to_another);
    tcase_add_backend_test(tcase, a_bare_descriptor_may_be_in_two_polls);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
