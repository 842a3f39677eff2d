/* SPDX-License-Identifier: MIT */
/*
 * Tests the functions that register, reregister and deregister. Also tests clones of a registry, sources that the
 * program closes or moves, and descriptor numbers that the kernel reuses. registry.c tests registrations that fail.
 */
#include "../helpers/harness.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_WRITE = MIO_READABLE | MIO_WRITABLE };

START_TEST(reader_gets_readable_then_reregisters_writable_then_quiet_after_deregister)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_stream client;
    mio_tcp_stream server;
    make_tcp_pair(&client, &server);
    ck_assert_ok(mio_registry_register(registry, &client.source, 1, MIO_READABLE));
    ck_assert_ok(mio_registry_register(registry, &server.source, 2, MIO_WRITABLE));
    expect_events(poll, {2, MIO_WRITABLE});
    write_all(&server, "foo", 3);
    expect_events(poll, {1, MIO_READABLE});
    ck_assert_ok(mio_registry_reregister(registry, &client.source, 1, MIO_WRITABLE));
    expect_events(poll, {1, MIO_WRITABLE});
    ck_assert_ok(mio_registry_deregister(registry, &client.source));
    ck_assert_ok(mio_registry_deregister(registry, &server.source));
    write_all(&server, "bar", 3);
    expect_no_events(poll);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    mio_poll_free(poll);
}
END_TEST

START_TEST(interest_changed_from_readable_to_writable_before_polling_hides_a_pending_connection)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_addr addr;
    make_listener(&listener, &addr);
    ck_assert_ok(mio_registry_register(registry, &listener.source, 1, MIO_READABLE));
    ck_assert_ok(mio_tcp_stream_connect(&client, &addr));
    ck_assert_ok(mio_registry_reregister(registry, &listener.source, 1, MIO_WRITABLE));
    expect_no_events(poll);
    ck_assert_ok(mio_registry_reregister(registry, &listener.source, 2, MIO_READABLE));
    expect_events(poll, {2, MIO_READABLE});
    mio_tcp_stream_close(&client);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

START_TEST(register_deregister_register_again_works_and_is_quiet)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_addr addr;
    make_listener(&listener, &addr);
    for (uintptr_t i = 0; i < 3; i++) {
        ck_assert_ok(mio_registry_register(registry, &listener.source, i, MIO_READABLE));
        expect_no_events(poll);
        ck_assert_ok(mio_registry_deregister(registry, &listener.source));
        expect_no_events(poll);
    }
    ck_assert_ok(mio_registry_register(registry, &listener.source, 9, MIO_READABLE));
    ck_assert_ok(mio_tcp_stream_connect(&client, &addr));
    expect_events(poll, {9, MIO_READABLE});
    mio_tcp_stream_close(&client);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_registered_listener_that_is_closed_is_no_error_for_the_wait)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_listener listener;
    make_listener(&listener, NULL);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, 1, READ_WRITE));
    mio_tcp_listener_close(&listener);
    expect_no_events(poll);
    mio_poll_free(poll);
}
END_TEST

START_TEST(closing_a_registered_stream_closes_it_for_the_peer)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_stream client;
    mio_tcp_stream server;
    char byte;
    make_tcp_pair(&client, &server);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &client.source, 1, READ_WRITE));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &server.source, 2, MIO_READABLE));
    mio_tcp_stream_close(&client);
    expect_events(poll, {2, MIO_READABLE});
    ck_assert_count(mio_tcp_stream_read(&server, &byte, 1), 0);
    mio_tcp_stream_close(&server);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_reregistered_stream_delivers_with_the_new_token_and_so_does_a_later_one)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_stream clients[2];
    mio_tcp_stream servers[2];
    mio_event events[8];
    make_tcp_pair(&clients[0], &servers[0]);
    ck_assert_ok(mio_registry_register(registry, &clients[0].source, 1, MIO_READABLE));
    ck_assert_int_eq(wait_events(poll, events, 8, 0), 0); /* after this wait, the kernel watches the first stream */
    ck_assert_ok(mio_registry_reregister(registry, &clients[0].source, 2, READ_WRITE));
    make_tcp_pair(&clients[1], &servers[1]);
    ck_assert_ok(mio_registry_register(registry, &clients[1].source, 3, READ_WRITE));
    expect_events(poll, {2, MIO_WRITABLE}, {3, MIO_WRITABLE});
    for (int i = 0; i < 2; i++) {
        mio_tcp_stream_close(&clients[i]);
        mio_tcp_stream_close(&servers[i]);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(events_already_queued_are_not_returned_after_deregister)
{
    enum { COUNT = 20 };
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_event events[COUNT];
    int fds[COUNT][2];
    for (uintptr_t i = 0; i < COUNT; i++) {
        make_pipe(fds[i]);
        write_byte(fds[i][1]);
        ck_assert_ok(mio_registry_register_handle(registry, fds[i][0], i, MIO_READABLE));
    }
    /* Each descriptor has an event now. The wait has room for only one event, so the other events stay queued. */
    ck_assert_int_eq(wait_events(poll, events, 1, 0), 1);
    for (uintptr_t i = 0; i < COUNT; i += 2) {
        ck_assert_ok(mio_registry_deregister_handle(registry, fds[i][0]));
    }
    int count = wait_events(poll, events, COUNT, 0);
    ck_assert_int_ge(count, COUNT / 2 - 1);
    for (int i = 0; i < count; i++) {
        ck_assert_uint_eq(events[i].token % 2, 1);
    }
    expect_no_events(poll);
    for (int i = 0; i < COUNT; i++) {
        close_fd(fds[i][0]);
        close_fd(fds[i][1]);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_queued_source_is_not_returned_after_deregister)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_stream client;
    mio_tcp_stream server;
    make_tcp_pair(&client, &server);
    ck_assert_ok(mio_registry_register(registry, &client.source, 1, READ_WRITE));
    write_all(&server, "x", 1);
    ck_assert_ok(mio_registry_deregister(registry, &client.source));
    expect_no_events(poll);
    mio_tcp_stream_close(&server);
    expect_no_events(poll);
    mio_tcp_stream_close(&client);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_duplicate_keeps_a_closed_registration_unless_it_was_deregistered)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_stream client;
    mio_tcp_stream server;
    make_tcp_pair(&client, &server);
    int duplicate = dup(mio_tcp_stream_handle(&client));
    ck_assert_ok(mio_registry_register(registry, &client.source, 1, MIO_READABLE));
    ck_assert_ok(mio_registry_deregister(registry, &client.source));
    mio_tcp_stream_close(&client);
    write_all(&server, "x", 1);
    expect_no_events(poll);
    close_fd(duplicate);
    mio_tcp_stream_close(&server);
    mio_poll_free(poll);
}
END_TEST

/*
 * Makes two descriptors readable, and fetches the event of the first descriptor. The event of the second descriptor
 * stays queued. The test closes the second descriptor, and opens a pipe. The system then gives the number of the second
 * descriptor to an end of the pipe.
 */
static void reuse_descriptor(mio_poll *poll, bool deregister)
{
    mio_registry *registry = mio_poll_registry(poll);
    mio_event events[8];
    int first[2];
    int second[2];
    int third[2];
    make_pipe(first);
    make_pipe(second);
    ck_assert_ok(mio_registry_register_handle(registry, first[0], 1, MIO_READABLE));
    ck_assert_ok(mio_registry_register_handle(registry, second[0], 2, MIO_READABLE));
    write_byte(first[1]);
    write_byte(second[1]);
    ck_assert_int_eq(wait_events(poll, events, 1, LONG_WAIT), 1);
    if (events[0].token == 2) { /* the event of either descriptor can be first */
        int fds[2] = {first[0], first[1]};
        memcpy(first, second, sizeof first);
        memcpy(second, fds, sizeof second);
    }
    if (deregister) {
        ck_assert_ok(mio_registry_deregister_handle(registry, second[0]));
    }
    int number = second[0];
    close_fd(second[0]);
    make_pipe(third);
    ck_assert_int_eq(third[0], number); /* the kernel gives the pipe the number of the closed descriptor */
    ck_assert_ok(mio_registry_register_handle(registry, third[0], 3, MIO_READABLE));
    expect_no_events(poll); /* the old event is gone, and the new pipe is not readable yet */
    write_byte(third[1]);
    ck_assert_int_eq(wait_events(poll, events, 8, LONG_WAIT), 1);
    ck_assert_uint_eq(events[0].token, 3);
    close_fd(first[0]);
    close_fd(first[1]);
    close_fd(second[1]);
    close_fd(third[0]);
    close_fd(third[1]);
}

START_TEST(a_descriptor_used_again_within_one_batch_does_not_give_the_old_token)
{
    mio_poll *poll = open_poll(_i);
    for (int round = 0; round < 5; round++) {
        reuse_descriptor(poll, round % 2 == 0);
    }
    mio_poll_free(poll);
}
END_TEST

/*
 * The test closes a registered descriptor without deregistering it. The next descriptor gets the same number, and every
 * poll object must accept this new descriptor.
 */
START_TEST(a_number_used_again_is_not_registered_in_any_poll_object)
{
    mio_poll *polls[2] = {open_poll(_i), open_poll(_i)};
    for (int round = 0; round < 4; round++) {
        mio_registry *registry = mio_poll_registry(polls[round % 2]);
        int old[2];
        int fds[2];
        make_pipe(old);
        ck_assert_ok(mio_registry_register_handle(mio_poll_registry(polls[0]), old[1], 1, MIO_WRITABLE));
        if (round >= 2) { /* in the last two rounds, a wait first reports the old descriptor */
            expect_events(polls[0], {1, MIO_WRITABLE});
        }
        close_fd(old[0]);
        close_fd(old[1]);
        make_pipe(fds);
        ck_assert_int_eq(fds[1], old[1]);
        ck_assert_errno(mio_registry_deregister_handle(registry, fds[1]), -ENOENT);
        ck_assert_errno(mio_registry_reregister_handle(registry, fds[1], 2, MIO_WRITABLE), -ENOENT);
        ck_assert_ok(mio_registry_register_handle(registry, fds[1], 2, MIO_WRITABLE));
        expect_events(polls[round % 2], {2, MIO_WRITABLE});
        ck_assert_ok(mio_registry_deregister_handle(registry, fds[1]));
        close_fd(fds[0]);
        close_fd(fds[1]);
    }
    mio_poll_free(polls[0]);
    mio_poll_free(polls[1]);
}
END_TEST

START_TEST(a_source_opened_over_a_closed_one_starts_unregistered)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_udp_socket socket;
    mio_addr any = loopback_v4();
    for (uintptr_t i = 0; i < 3; i++) {
        ck_assert_ok(mio_udp_socket_bind(&socket, &any));
        ck_assert_errno(mio_registry_deregister(registry, &socket.source), -ENOENT);
        ck_assert_ok(mio_registry_register(registry, &socket.source, i, MIO_WRITABLE));
        expect_events(poll, {i, MIO_WRITABLE});
        mio_udp_socket_close(&socket);
        ck_assert_errno(mio_registry_deregister(registry, &socket.source), -EBADF);
        expect_no_events(poll);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_registration_stays_with_the_descriptor_that_is_given_away)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_stream client;
    mio_tcp_stream server;
    make_tcp_pair(&client, &server);
    ck_assert_ok(mio_registry_register(registry, &client.source, 1, MIO_READABLE));
    int fd = mio_tcp_stream_into_handle(&client);
    ck_assert_errno(mio_registry_deregister(registry, &client.source), -EBADF);
    write_all(&server, "x", 1);
    expect_events(poll, {1, MIO_READABLE});
    ck_assert_ok(mio_registry_deregister_handle(registry, fd));
    write_all(&server, "x", 1);
    expect_no_events(poll);
    close_fd(fd);
    mio_tcp_stream_close(&server);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_source_may_be_moved_while_it_is_registered)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_stream first;
    mio_tcp_stream moved;
    mio_tcp_stream server;
    char byte = 0;
    make_tcp_pair(&first, &server);
    ck_assert_ok(mio_registry_register(registry, &first.source, 1, MIO_READABLE));
    memcpy(&moved, &first, sizeof moved);
    memset(&first, 0xee, sizeof first);
    write_all(&server, "m", 1);
    expect_events(poll, {1, MIO_READABLE});
    ck_assert_count(mio_tcp_stream_read(&moved, &byte, 1), 1);
    assert_would_block(mio_tcp_stream_read(&moved, &byte, 1));
    ck_assert_errno(mio_registry_register(registry, &moved.source, 2, MIO_READABLE), -EEXIST);
    ck_assert_ok(mio_registry_reregister(registry, &moved.source, 3, READ_WRITE));
    expect_events(poll, {3, MIO_WRITABLE});
    memcpy(&first, &moved, sizeof first);
    memset(&moved, 0, sizeof moved);
    ck_assert_ok(mio_registry_deregister(registry, &first.source));
    write_all(&server, "m", 1);
    expect_no_events(poll);
    mio_tcp_stream_close(&first);
    mio_tcp_stream_close(&server);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_clone_is_the_same_registry)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *clone = NULL;
    mio_registry *second = NULL;
    mio_udp_socket left;
    mio_udp_socket right;
    make_udp_pair(&left, &right);
    for (int i = 0; i < 3; i++) {
        mio_registry_free(mio_poll_registry(poll)); /* does nothing, because the poll object owns this registry */
    }
    ck_assert_ok(mio_registry_clone(&clone, mio_poll_registry(poll)));
    ck_assert_ok(mio_registry_clone(&second, clone));
    ck_assert_ok(mio_registry_register(clone, &left.source, 1, MIO_WRITABLE));
    ck_assert_errno(mio_registry_register(mio_poll_registry(poll), &left.source, 1, MIO_WRITABLE), -EEXIST);
    expect_events(poll, {1, MIO_WRITABLE});
    mio_registry_free(clone); /* registrations made with the clone remain */
    ck_assert_count(mio_udp_socket_send(&right, "x", 1), 1);
    ck_assert_ok(mio_registry_reregister(second, &left.source, 2, MIO_READABLE));
    expect_events(poll, {2, MIO_READABLE});
    ck_assert_ok(mio_registry_deregister(mio_poll_registry(poll), &left.source));
    ck_assert_errno(mio_registry_deregister(second, &left.source), -ENOENT);
    mio_registry_free(second);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_clone_outlives_the_poll_and_fails_with_ebadf)
{
    enter_variant(_i);
    int before = count_descriptors();
    mio_poll *poll = open_poll(_i);
    mio_registry *clone = NULL;
    mio_registry *second = NULL;
    mio_waker *waker = NULL;
    mio_udp_socket left;
    mio_udp_socket right;
    make_udp_pair(&left, &right);
    int fd = mio_udp_socket_handle(&right);
    ck_assert_ok(mio_registry_clone(&clone, mio_poll_registry(poll)));
    ck_assert_ok(mio_registry_register(clone, &left.source, 1, MIO_WRITABLE));
    ck_assert_ok(mio_registry_register_handle(clone, fd, 2, MIO_WRITABLE));
    mio_poll_free(poll);
    ck_assert_errno(mio_registry_register(clone, &right.source, 1, MIO_WRITABLE), -EBADF);
    ck_assert_errno(mio_registry_reregister(clone, &left.source, 1, MIO_WRITABLE), -EBADF);
    ck_assert_errno(mio_registry_deregister(clone, &left.source), -EBADF);
    ck_assert_errno(mio_registry_register_handle(clone, fd, 1, MIO_WRITABLE), -EBADF);
    ck_assert_errno(mio_registry_reregister_handle(clone, fd, 1, MIO_WRITABLE), -EBADF);
    ck_assert_errno(mio_registry_deregister_handle(clone, fd), -EBADF);
    ck_assert_errno(mio_waker_new(&waker, clone, 1), -EBADF);
    ck_assert_ptr_null(waker);
    ck_assert_ok(mio_registry_clone(&second, clone));
    ck_assert_errno(mio_registry_deregister_handle(second, fd), -EBADF);
    mio_registry_free(clone);
    mio_registry_free(second);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    ck_assert_int_eq(count_descriptors(), before); /* all descriptors of the poll object are closed */
}
END_TEST

/* On Windows a handle can be registered with only one poll object at a time. */
START_TEST(a_freed_poll_with_a_waker_keeps_no_registration)
{
    mio_udp_socket left;
    mio_udp_socket right;
    mio_poll *freed = open_poll(_i);
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(freed, 1);
    make_udp_pair(&left, &right);
    const mio_handle handle = mio_udp_socket_handle(&left);
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(freed), handle, 2, MIO_READABLE));
    mio_poll_free(freed);
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), handle, 3, MIO_READABLE));
    ck_assert_count(mio_udp_socket_send(&right, "x", 1), 1);
    expect_events(poll, {3, MIO_READABLE});
    mio_waker_free(waker);
    ck_assert_ok(mio_registry_deregister_handle(mio_poll_registry(poll), handle));
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("registering");
    TCase *rows = add_tcase(suite, "register");
    tcase_add_backend_test(rows, reader_gets_readable_then_reregisters_writable_then_quiet_after_deregister);
    tcase_add_backend_test(rows, interest_changed_from_readable_to_writable_before_polling_hides_a_pending_connection);
    tcase_add_backend_test(rows, register_deregister_register_again_works_and_is_quiet);
    tcase_add_backend_test(rows, a_reregistered_stream_delivers_with_the_new_token_and_so_does_a_later_one);
    tcase_add_backend_test(rows, a_source_may_be_moved_while_it_is_registered);
    TCase *ends = add_tcase(suite, "deregister and close");
    tcase_add_backend_test(ends, a_registered_listener_that_is_closed_is_no_error_for_the_wait);
    tcase_add_backend_test(ends, closing_a_registered_stream_closes_it_for_the_peer);
    tcase_add_backend_test(ends, events_already_queued_are_not_returned_after_deregister);
    tcase_add_backend_test(ends, a_queued_source_is_not_returned_after_deregister);
    tcase_add_backend_test(ends, a_duplicate_keeps_a_closed_registration_unless_it_was_deregistered);
    tcase_add_backend_test(ends, a_descriptor_used_again_within_one_batch_does_not_give_the_old_token);
    tcase_add_backend_test(ends, a_number_used_again_is_not_registered_in_any_poll_object);
    tcase_add_backend_test(ends, a_source_opened_over_a_closed_one_starts_unregistered);
    tcase_add_backend_test(ends, a_registration_stays_with_the_descriptor_that_is_given_away);
    TCase *clones = add_tcase(suite, "clone");
    tcase_add_backend_test(clones, a_clone_is_the_same_registry);
    tcase_add_backend_test(clones, a_clone_outlives_the_poll_and_fails_with_ebadf);
    tcase_add_backend_test(clones, a_freed_poll_with_a_waker_keeps_no_registration);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
