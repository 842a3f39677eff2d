/* SPDX-License-Identifier: MIT */
/*
 * Tests registrations with each interest and flag. The tests check how many events arrive, and which bits each event
 * has. The tests register bare descriptors, because an event of a bare descriptor has exactly the kernel's bits. With
 * the epoll backend, the tests also check os_bits.
 */
#include "../helpers/sockets.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_WRITE = MIO_READABLE | MIO_WRITABLE };

static bool can(const mio_poll *poll, uint32_t capability)
{
    return (mio_poll_capabilities(poll) & capability) != 0;
}

static void watch(mio_poll *poll, int fd, uintptr_t token, uint32_t interest)
{
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), fd, token, interest));
}

static void rewatch(mio_poll *poll, int fd, uintptr_t token, uint32_t interest)
{
    ck_assert_ok(mio_registry_reregister_handle(mio_poll_registry(poll), fd, token, interest));
}

/* Checks that a wait returns exactly one event, whose token is `token` and whose readiness is `readiness`. With epoll,
 * the `os_bits` of the event must be `epoll_bits`. */
static void expect_exactly(mio_poll *poll, uintptr_t token, uint32_t readiness, uint32_t epoll_bits)
{
    mio_event events[4];
    char text[MIO_EVENT_TEXT_SIZE];
    ck_assert_int_eq(wait_events(poll, events, 4, LONG_WAIT), 1);
    mio_event_format(&events[0], text, sizeof text);
    ck_assert_msg(events[0].token == token && events[0].readiness == readiness, "%s", text);
    if (strcmp(mio_poll_backend(poll), "epoll") == 0) {
        ck_assert_msg(events[0].os_bits == epoll_bits, "%s", text);
    }
}

/*
 * Returns the readiness bits that this backend reports. On kqueue, these bits are the argument `kqueue`. On any other
 * backend, the bits are the argument `elsewhere`. kqueue reports fewer bits, because an event of EVFILT_READ has no
 * bits for writing.
 */
static uint32_t seen_by(const mio_poll *poll, uint32_t elsewhere, uint32_t kqueue)
{
    return strcmp(mio_poll_backend(poll), "kqueue") == 0 ? kqueue : elsewhere;
}

/* Makes two TCP descriptors that are connected to each other. */
static void make_tcp_fds(int fds[2])
{
    mio_tcp_stream client;
    mio_tcp_stream server;
    make_tcp_pair(&client, &server);
    fds[0] = mio_tcp_stream_into_handle(&client);
    fds[1] = mio_tcp_stream_into_handle(&server);
    ck_assert_int_ge(fds[0], 0);
    ck_assert_int_ge(fds[1], 0);
}

START_TEST(edge_is_the_default_and_reports_a_change_once)
{
    mio_poll *poll = open_poll(_i);
    int fds[2];
    ck_assert_uint_eq(MIO_EDGE, 0);
    make_pipe(fds);
    watch(poll, fds[0], 1, MIO_READABLE);
    write_byte(fds[1]);
    expect_exactly(poll, 1, MIO_READABLE, EPOLLIN);
    expect_no_events(poll); /* the descriptor is edge-triggered and still readable, so there is no new event */
    used_up(poll, fds[0]);
    write_byte(fds[1]);
    expect_exactly(poll, 1, MIO_READABLE, EPOLLIN);
    expect_no_events(poll);
    mio_poll_free(poll);
    close_fd(fds[0]);
    close_fd(fds[1]);
}
END_TEST

START_TEST(readable_then_drained_then_written_again_is_readable_again)
{
    mio_poll *poll = open_poll(_i);
    int fds[2];
    make_tcp_fds(fds);
    watch(poll, fds[0], 1, MIO_READABLE);
    for (int round = 0; round < 5; round++) {
        write_byte(fds[1]);
        expect_events(poll, {1, MIO_READABLE});
        drain(fds[0]);
        used_up(poll, fds[0]);
        expect_no_events(poll);
    }
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(what_is_ready_at_registration_is_reported)
{
    mio_poll *poll = open_poll(_i);
    int fds[2];
    make_socketpair(fds);
    write_byte(fds[1]);
    watch(poll, fds[0], 1, READ_WRITE);
    expect_exactly(poll, 1, READ_WRITE, EPOLLIN | EPOLLOUT);
    expect_no_events(poll);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(level_is_reported_at_every_wait_while_ready)
{
    mio_poll *poll = open_poll(_i);
    int fds[2];
    make_pipe(fds);
    if (can(poll, MIO_CAN_LEVEL)) {
        watch(poll, fds[0], 1, MIO_READABLE | MIO_LEVEL);
        expect_no_events(poll);
        write_byte(fds[1]);
        for (int i = 0; i < 10; i++) {
            expect_exactly(poll, 1, MIO_READABLE, EPOLLIN);
        }
        drain(fds[0]);
        expect_no_events(poll);
        write_byte(fds[1]);
        expect_exactly(poll, 1, MIO_READABLE, EPOLLIN);
        rewatch(poll, fds[0], 2, MIO_READABLE); /* registers edge-triggered again */
        expect_exactly(poll, 2, MIO_READABLE, EPOLLIN);
        expect_no_events(poll);
    }
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(oneshot_is_reported_once_until_reregistered)
{
    static const uint32_t modes[] = {MIO_EDGE, MIO_LEVEL};
    mio_poll *poll = open_poll(_i);
    for (size_t i = 0; i < 2 && can(poll, MIO_CAN_ONESHOT) && can(poll, MIO_CAN_LEVEL); i++) {
        uint32_t interest = MIO_READABLE | MIO_ONESHOT | modes[i];
        int fds[2];
        make_pipe(fds);
        watch(poll, fds[0], 1, interest);
        write_byte(fds[1]);
        expect_exactly(poll, 1, MIO_READABLE, EPOLLIN);
        write_byte(fds[1]);
        expect_no_events(poll);
        rewatch(poll, fds[0], 2, interest); /* the descriptor is still readable, so an event comes */
        expect_exactly(poll, 2, MIO_READABLE, EPOLLIN);
        drain(fds[0]);
        rewatch(poll, fds[0], 3, interest);
        expect_no_events(poll);
        write_byte(fds[1]);
        expect_exactly(poll, 3, MIO_READABLE, EPOLLIN);
        close_fd(fds[1]); /* a oneshot registration that has reported once does not even report a hang-up */
        expect_no_events(poll);
        close_fd(fds[0]);
    }
    mio_poll_free(poll);
}
END_TEST

/*
 * When a program has read everything, the library rearms an edge-triggered registration, but not a oneshot
 * registration.
 */
START_TEST(a_reported_oneshot_stays_silent_after_a_read_of_everything)
{
    mio_poll *poll = open_poll(_i);
    mio_unix_stream left;
    mio_unix_stream right;
    char bytes[4];
    ck_assert_ok(mio_unix_stream_pair(&left, &right, 0));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &left.source, 1, MIO_READABLE | MIO_ONESHOT));
    for (int i = 0; i < 2; i++) {
        ck_assert_count(mio_unix_stream_write(&right, "x", 1), 1);
        expect_exactly(poll, 1, MIO_READABLE, EPOLLIN);
        ck_assert_count(mio_unix_stream_read(&left, bytes, sizeof bytes), 1);
        assert_would_block(mio_unix_stream_read(&left, bytes, sizeof bytes));
        ck_assert_count(mio_unix_stream_write(&right, "x", 1), 1);
        expect_no_events(poll);
        ck_assert_count(mio_unix_stream_read(&left, bytes, sizeof bytes), 1);
        ck_assert_ok(mio_registry_reregister(mio_poll_registry(poll), &left.source, 1, MIO_READABLE | MIO_ONESHOT));
    }
    mio_unix_stream_close(&left);
    mio_unix_stream_close(&right);
    mio_poll_free(poll);
}
END_TEST

/*
 * When a program deregisters a descriptor, the poll backend moves the last entry of its table to the place of the
 * removed entry. In an entry that has reported a oneshot event, the descriptor number is negative, and the library must
 * still find the entry.
 */
START_TEST(a_reported_oneshot_is_found_after_another_is_deregistered)
{
    mio_poll *poll = open_poll(_i);
    int fds[3][2];
    for (uintptr_t i = 0; i < 3; i++) {
        make_pipe(fds[i]);
        watch(poll, fds[i][0], i, MIO_READABLE | MIO_ONESHOT);
    }
    write_byte(fds[2][1]);
    expect_exactly(poll, 2, MIO_READABLE, EPOLLIN);
    ck_assert_ok(mio_registry_deregister_handle(mio_poll_registry(poll), fds[0][0]));
    expect_no_events(poll);
    rewatch(poll, fds[2][0], 7, MIO_READABLE | MIO_ONESHOT);
    expect_exactly(poll, 7, MIO_READABLE, EPOLLIN);
    write_byte(fds[1][1]);
    expect_exactly(poll, 1, MIO_READABLE, EPOLLIN);
    ck_assert_ok(mio_registry_deregister_handle(mio_poll_registry(poll), fds[2][0]));
    ck_assert_ok(mio_registry_deregister_handle(mio_poll_registry(poll), fds[1][0]));
    for (int i = 0; i < 3; i++) {
        close_fd(fds[i][0]);
        close_fd(fds[i][1]);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(an_empty_interest_reports_hang_ups_and_errors_only)
{
    mio_poll *poll = open_poll(_i);
    int reader[2];
    int writer[2];
    int sockets[2];
    const uint32_t hang_up = READ_WRITE | MIO_READ_CLOSED | MIO_WRITE_CLOSED;
    const uint32_t writing_ends = READ_WRITE | MIO_WRITE_CLOSED;
    make_pipe(reader);
    make_pipe(writer);
    make_socketpair(sockets);
    watch(poll, reader[0], 1, 0);
    watch(poll, writer[1], 2, 0);
    watch(poll, sockets[0], 3, 0);
    write_byte(reader[1]);
    write_byte(sockets[1]);
    ck_assert_int_eq(shutdown(sockets[1], SHUT_WR), 0);
    expect_no_events(poll);
    close_fd(sockets[1]);
    expect_exactly(poll, 3, seen_by(poll, hang_up, writing_ends), EPOLLHUP);
    close_fd(reader[1]);
    expect_exactly(poll, 1, seen_by(poll, hang_up, writing_ends), EPOLLHUP);
    close_fd(writer[0]);
    expect_exactly(poll, 2, seen_by(poll, writing_ends | MIO_ERROR, writing_ends), EPOLLERR);
    close_fd(reader[0]);
    close_fd(writer[1]);
    close_fd(sockets[0]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_closed_only_interest_reports_the_end_of_the_peer_and_no_data)
{
    mio_poll *poll = open_poll(_i);
    for (int kind = 0; kind < 2 && can(poll, MIO_CAN_CLOSED); kind++) {
        int fds[2];
        if (kind == 0) {
            make_socketpair(fds);
        } else {
            make_tcp_fds(fds);
        }
        watch(poll, fds[0], 1, MIO_CLOSED);
        write_byte(fds[1]);
        expect_no_events(poll);
        refuse_descriptors(); /* a wait needs no new descriptor */
        ck_assert_int_eq(shutdown(fds[1], SHUT_WR), 0);
        expect_exactly(poll, 1, MIO_READABLE | MIO_READ_CLOSED, EPOLLRDHUP);
        expect_no_events(poll);
        allow_descriptors();
        close_fd(fds[0]);
        close_fd(fds[1]);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(readable_asks_for_closed_as_well)
{
    mio_poll *poll = open_poll(_i);
    int fds[2];
    make_tcp_fds(fds);
    watch(poll, fds[0], 1, MIO_READABLE);
    ck_assert_int_eq(shutdown(fds[1], SHUT_WR), 0);
    expect_exactly(poll, 1, MIO_READABLE | MIO_READ_CLOSED, EPOLLIN | EPOLLRDHUP);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

/*
 * Closes the peer without causing an error, and checks the bits of the event. kqueue reports fewer bits than the other
 * backends, because each of its filters reports the end of only one direction. `kqueue` is the readiness that an event
 * of kqueue must have.
 */
static void expect_hang_up(mio_poll *poll, uint32_t interest, uint32_t kqueue)
{
    const uint32_t everything = READ_WRITE | MIO_READ_CLOSED | MIO_WRITE_CLOSED;
    const uint32_t reading = (interest & MIO_READABLE) != 0 ? EPOLLIN | EPOLLRDHUP : 0;
    const uint32_t closed = (interest & MIO_CLOSED) != 0 ? EPOLLRDHUP : 0;
    int fds[2];
    make_socketpair(fds);
    watch(poll, fds[0], 1, interest);
    close_fd(fds[1]);
    expect_exactly(poll, 1, seen_by(poll, everything, kqueue), reading | closed | EPOLLHUP);
    if ((interest & MIO_LEVEL) != 0) {
        expect_exactly(poll, 1, seen_by(poll, everything, kqueue), reading | closed | EPOLLHUP);
    } else {
        expect_no_events(poll);
    }
    close_fd(fds[0]);
}

START_TEST(a_hang_up_sets_both_directions_or_the_registered_one)
{
    mio_poll *poll = open_poll(_i);
    const uint32_t end_of_reading = MIO_READABLE | MIO_READ_CLOSED;
    const uint32_t end_of_writing = READ_WRITE | MIO_WRITE_CLOSED;
    expect_hang_up(poll, MIO_READABLE, end_of_reading);
    expect_hang_up(poll, MIO_READABLE | MIO_LEVEL, end_of_reading);
    expect_hang_up(poll, MIO_READABLE | MIO_ONESHOT, end_of_reading);
    expect_hang_up(poll, 0, end_of_writing);
    expect_hang_up(poll, MIO_LEVEL, end_of_writing);
    expect_hang_up(poll, MIO_ONESHOT, end_of_writing);
    if (can(poll, MIO_CAN_CLOSED)) {
        expect_hang_up(poll, MIO_CLOSED, end_of_reading | end_of_writing);
        expect_hang_up(poll, MIO_CLOSED | MIO_LEVEL, end_of_reading | end_of_writing);
        expect_hang_up(poll, MIO_CLOSED | MIO_ONESHOT, end_of_reading);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(priority_reports_out_of_band_data)
{
    mio_poll *poll = open_poll(_i);
    int fds[2];
    make_tcp_fds(fds);
    if (can(poll, MIO_CAN_PRIORITY)) {
        watch(poll, fds[0], 1, MIO_PRIORITY);
        write_byte(fds[1]);
        expect_no_events(poll);
        ck_assert_int_eq(send(fds[1], "!", 1, MSG_OOB | MSG_NOSIGNAL), 1);
        expect_exactly(poll, 1, MIO_READABLE | MIO_PRIORITY, EPOLLPRI);
    }
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_writer_that_is_gone_is_one_event_readable_and_read_closed)
{
    mio_poll *poll = open_poll(_i);
    int fds[2];
    make_pipe(fds);
    watch(poll, fds[0], 1, MIO_READABLE);
    close_fd(fds[1]);
    const uint32_t hang_up = READ_WRITE | MIO_READ_CLOSED | MIO_WRITE_CLOSED;
    expect_exactly(poll, 1, seen_by(poll, hang_up, MIO_READABLE | MIO_READ_CLOSED), EPOLLHUP);
    expect_no_events(poll);
    close_fd(fds[0]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_reader_that_is_gone_is_one_event_writable_and_write_closed)
{
    mio_poll *poll = open_poll(_i);
    int fds[2];
    make_pipe(fds);
    watch(poll, fds[1], 1, MIO_WRITABLE);
    expect_exactly(poll, 1, MIO_WRITABLE, EPOLLOUT);
    close_fd(fds[0]);
    const uint32_t ends = READ_WRITE | MIO_WRITE_CLOSED;
    expect_exactly(poll, 1, seen_by(poll, ends | MIO_ERROR, ends), EPOLLOUT | EPOLLERR);
    expect_no_events(poll);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(icmp_error_on_a_connected_udp_socket_is_readable_and_writable)
{
    mio_poll *poll = open_poll(_i);
    mio_udp_socket left;
    mio_udp_socket right;
    make_udp_pair(&left, &right);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &left.source, 1, MIO_READABLE));
    mio_udp_socket_close(&right);
    ck_assert_count(mio_udp_socket_send(&left, "x", 1), 1);
    expect_events(poll, {1, seen_by(poll, READ_WRITE | MIO_ERROR, MIO_READABLE)});
    assert_pending(mio_udp_socket_take_error, &left, -ECONNREFUSED);
    assert_pending(mio_udp_socket_take_error, &left, 0);
    mio_udp_socket_close(&left);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_refused_connect_is_readable_and_writable)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr addr;
    make_listener(&listener, &addr);
    mio_tcp_listener_close(&listener);
    int rc = mio_tcp_stream_connect(&stream, &addr);
    if (rc == 0) { /* if the result is not 0, the kernel has refused the connection at once */
        ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &stream.source, 1, 0));
        expect_events(poll, {1, READ_WRITE | MIO_ERROR | MIO_WRITE_CLOSED | MIO_READ_CLOSED});
        mio_tcp_stream_close(&stream);
    } else {
        ck_assert_errno(rc, -ECONNREFUSED);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(reregister_replaces_token_and_interest)
{
    mio_poll *poll = open_poll(_i);
    int fds[2];
    make_socketpair(fds);
    watch(poll, fds[0], 1, MIO_WRITABLE);
    expect_exactly(poll, 1, MIO_WRITABLE, EPOLLOUT);
    rewatch(poll, fds[0], 1, MIO_WRITABLE); /* reregistering reports readiness again */
    expect_exactly(poll, 1, MIO_WRITABLE, EPOLLOUT);
    rewatch(poll, fds[0], 2, MIO_WRITABLE);
    expect_exactly(poll, 2, MIO_WRITABLE, EPOLLOUT);
    rewatch(poll, fds[0], 2, MIO_READABLE); /* this interest replaces the earlier one */
    expect_no_events(poll);
    write_byte(fds[1]);
    expect_exactly(poll, 2, MIO_READABLE, EPOLLIN);
    rewatch(poll, fds[0], 3, READ_WRITE);
    expect_exactly(poll, 3, READ_WRITE, EPOLLIN | EPOLLOUT);
    rewatch(poll, fds[0], 4, 0);
    write_byte(fds[1]);
    expect_no_events(poll);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(reregister_before_the_wait_hides_what_was_queued)
{
    mio_poll *poll = open_poll(_i);
    int fds[2];
    make_socketpair(fds);
    watch(poll, fds[0], 1, MIO_READABLE);
    write_byte(fds[1]);
    rewatch(poll, fds[0], 2, MIO_WRITABLE);
    expect_exactly(poll, 2, MIO_WRITABLE, EPOLLOUT);
    expect_no_events(poll);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(an_exclusive_descriptor_is_reported_like_any_other)
{
    static const uint32_t interests[] = {MIO_READABLE, READ_WRITE, MIO_READABLE | MIO_LEVEL};
    mio_poll *poll = open_poll(_i);
    for (size_t i = 0; i < sizeof interests / sizeof interests[0] && can(poll, MIO_CAN_EXCLUSIVE); i++) {
        int fds[2];
        make_socketpair(fds);
        write_byte(fds[1]);
        watch(poll, fds[0], 1, interests[i] | MIO_EXCLUSIVE);
        expect_events(poll, {1, interests[i] & READ_WRITE});
        drain(fds[0]);
        expect_no_events(poll);
        write_byte(fds[1]);
        expect_events(poll, {1, MIO_READABLE});
        close_fd(fds[0]);
        close_fd(fds[1]);
    }
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("interest_modes");
    TCase *flags = add_tcase(suite, "flags");
    tcase_add_backend_test(flags, edge_is_the_default_and_reports_a_change_once);
    tcase_add_backend_test(flags, readable_then_drained_then_written_again_is_readable_again);
    tcase_add_backend_test(flags, what_is_ready_at_registration_is_reported);
    tcase_add_backend_test(flags, level_is_reported_at_every_wait_while_ready);
    tcase_add_backend_test(flags, oneshot_is_reported_once_until_reregistered);
    tcase_add_backend_test(flags, a_reported_oneshot_stays_silent_after_a_read_of_everything);
    tcase_add_backend_test(flags, a_reported_oneshot_is_found_after_another_is_deregistered);
    tcase_add_backend_test(flags, an_empty_interest_reports_hang_ups_and_errors_only);
    tcase_add_backend_test(flags, a_closed_only_interest_reports_the_end_of_the_peer_and_no_data);
    tcase_add_backend_test(flags, readable_asks_for_closed_as_well);
    tcase_add_backend_test(flags, a_hang_up_sets_both_directions_or_the_registered_one);
    tcase_add_backend_test(flags, priority_reports_out_of_band_data);
    tcase_add_backend_test(flags, an_exclusive_descriptor_is_reported_like_any_other);
    TCase *word = add_tcase(suite, "errors and hang-ups are readable and writable");
    tcase_add_backend_test(word, a_writer_that_is_gone_is_one_event_readable_and_read_closed);
    tcase_add_backend_test(word, a_reader_that_is_gone_is_one_event_writable_and_write_closed);
    tcase_add_backend_test(word, icmp_error_on_a_connected_udp_socket_is_readable_and_writable);
    tcase_add_backend_test(word, a_refused_connect_is_readable_and_writable);
    TCase *replaced = add_tcase(suite, "reregister");
    tcase_add_backend_test(replaced, reregister_replaces_token_and_interest);
    tcase_add_backend_test(replaced, reregister_before_the_wait_hides_what_was_queued);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
