/* SPDX-License-Identifier: MIT */
/* Tests Unix datagram sockets: sending, receiving, peers and events. unix_datagram_errors.c tests the errors. */
#include "../helpers/unix_sockets.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { LEFT = 1, RIGHT = 2, OTHER = 3 };

static const char DATA1[] = "Hello world!";
static const char DATA2[] = "and good-bye";

/* A poll object and two sockets that are bound to paths. */
typedef struct fixture {
    mio_poll *poll;
    mio_registry *registry;
    mio_unix_datagram left;
    mio_unix_datagram right;
    mio_addr left_addr;
    mio_addr right_addr;
} fixture;

static fixture open_names(int variant)
{
    return (fixture){.poll = open_poll(variant), .left_addr = path_addr("left"), .right_addr = path_addr("right")};
}

static fixture open_fixture(int variant)
{
    fixture f = open_names(variant);
    f.registry = mio_poll_registry(f.poll);
    scribble(&f.left, sizeof f.left);
    call_ok(mio_unix_datagram_bind(&f.left, &f.left_addr, 0));
    call_ok(mio_unix_datagram_bind(&f.right, &f.right_addr, 0));
    return f;
}

/* Opens the two sockets with system calls, and adopts them. */
static fixture open_adopted(int variant)
{
    fixture f = open_names(variant);
    f.registry = mio_poll_registry(f.poll);
    int left = raw_unix(SOCK_DGRAM, &f.left_addr, NULL);
    int right = raw_unix(SOCK_DGRAM, &f.right_addr, NULL);
    scribble(&f.left, sizeof f.left);
    call_ok(mio_unix_datagram_from_handle(&f.left, left));
    call_ok(mio_unix_datagram_from_handle(&f.right, right));
    ck_assert_int_eq(mio_unix_datagram_handle(&f.left), left);
    return f;
}

static fixture connect_both(fixture f)
{
    call_ok(mio_unix_datagram_connect(&f.left, &f.right_addr));
    call_ok(mio_unix_datagram_connect(&f.right, &f.left_addr));
    return f;
}

static void close_fixture(fixture *f)
{
    int fd = mio_unix_datagram_handle(&f->left);
    kept_void(mio_unix_datagram_close(&f->left));
    ck_assert(!is_open(fd));
    ck_assert(is_zero(&f->left, sizeof f->left));
    mio_unix_datagram_close(&f->right);
    mio_poll_free(f->poll);
}

static void watch(fixture *f, uint32_t interest)
{
    call_ok(mio_registry_register(f->registry, &f->left.source, LEFT, interest));
    call_ok(mio_registry_register(f->registry, &f->right.source, RIGHT, interest));
    if ((interest & MIO_WRITABLE) != 0) {
        expect_events(f->poll, {LEFT, MIO_WRITABLE}, {RIGHT, MIO_WRITABLE});
    }
}

/* ---- basic use -------------------------------------------------------------------------------------------------- */

enum { DATAGRAMS = 2000 };

static void *send_numbers(void *context)
{
    mio_unix_datagram *socket = context;
    for (uint32_t i = 0; i < DATAGRAMS; i++) {
        while (mio_unix_datagram_send(socket, &i, sizeof i) == -EAGAIN) {
            wait_handle(mio_unix_datagram_handle(socket), POLLOUT);
        }
    }
    return NULL;
}

static void receive_numbers(mio_unix_datagram *socket)
{
    for (uint32_t i = 0; i < DATAGRAMS; i++) {
        uint32_t number = 0;
        int64_t count;
        while ((count = mio_unix_datagram_recv(socket, &number, sizeof number, NULL)) == -EAGAIN) {
            wait_handle(mio_unix_datagram_handle(socket), POLLIN);
        }
        ck_assert_int_eq(count, sizeof number);
        ck_assert_uint_eq(number, i); /* no datagram may be lost or overtake another */
    }
}

START_TEST(unix_datagram_is_used_from_two_threads)
{
    mio_unix_datagram pair[2];
    call_ok(mio_unix_datagram_pair(&pair[0], &pair[1]));
    pthread_t sender = start_thread(send_numbers, &pair[0]);
    receive_numbers(&pair[1]);
    join_thread(sender);
    mio_unix_datagram_close(&pair[0]);
    mio_unix_datagram_close(&pair[1]);
}
END_TEST

static void smoke_unconnected(fixture *f)
{
    char buffer[64];
    mio_addr addr;
    mio_unix_datagram *sockets[2] = {&f->left, &f->right};
    const mio_addr *addrs[2] = {&f->left_addr, &f->right_addr};
    watch(f, MIO_READABLE | MIO_WRITABLE);
    for (int i = 0; i < 2; i++) {
        ck_assert(is_nonblocking(mio_unix_datagram_handle(sockets[i])));
        ck_assert(is_cloexec(mio_unix_datagram_handle(sockets[i])));
        call_ok(mio_unix_datagram_local_addr(sockets[i], &addr));
        assert_addr_eq(&addr, addrs[i]);
        call_fails(mio_unix_datagram_peer_addr(sockets[i], &addr), ENOTCONN);
        assert_would_block(kept(mio_unix_datagram_recv_from(sockets[i], buffer, sizeof buffer, &addr, NULL)));
        assert_would_block(kept(mio_unix_datagram_peek_from(sockets[i], buffer, sizeof buffer, &addr, NULL)));
    }
    for (int to = 0; to < 2; to++) {
        call_counts(mio_unix_datagram_send_to(sockets[1 - to], DATA1, sizeof DATA1, addrs[to]), sizeof DATA1);
        expect_events(f->poll, {(uintptr_t)(LEFT + to), MIO_READABLE});
        scribble(&addr, sizeof addr);
        call_counts(mio_unix_datagram_peek_from(sockets[to], buffer, sizeof buffer, &addr, NULL), sizeof DATA1);
        assert_addr_eq(&addr, addrs[1 - to]);
        scribble(&addr, sizeof addr);
        call_counts(mio_unix_datagram_recv_from(sockets[to], buffer, sizeof buffer, &addr, NULL), sizeof DATA1);
        ck_assert_mem_eq(buffer, DATA1, sizeof DATA1);
        assert_addr_eq(&addr, addrs[1 - to]);
        assert_would_block(kept(mio_unix_datagram_recv_from(sockets[to], buffer, sizeof buffer, &addr, NULL)));
        assert_pending(mio_unix_datagram_take_error, sockets[to], 0);
    }
}

static void smoke_connected(fixture *f)
{
    char buffer[64];
    mio_addr addr;
    mio_unix_datagram *sockets[2] = {&f->left, &f->right};
    const mio_addr *addrs[2] = {&f->left_addr, &f->right_addr};
    watch(f, MIO_READABLE | MIO_WRITABLE);
    for (int i = 0; i < 2; i++) {
        call_ok(mio_unix_datagram_local_addr(sockets[i], &addr));
        assert_addr_eq(&addr, addrs[i]);
        call_ok(mio_unix_datagram_peer_addr(sockets[i], &addr));
        assert_addr_eq(&addr, addrs[1 - i]);
        assert_would_block(kept(mio_unix_datagram_recv(sockets[i], buffer, sizeof buffer, NULL)));
        assert_would_block(kept(mio_unix_datagram_peek(sockets[i], buffer, sizeof buffer, NULL)));
    }
    for (int to = 0; to < 2; to++) {
        call_counts(mio_unix_datagram_send(sockets[1 - to], DATA2, sizeof DATA2), sizeof DATA2);
        expect_events(f->poll, {(uintptr_t)(LEFT + to), MIO_READABLE});
        call_counts(mio_unix_datagram_peek(sockets[to], buffer, sizeof buffer, NULL), sizeof DATA2);
        memset(buffer, 0, sizeof buffer);
        call_counts(mio_unix_datagram_recv(sockets[to], buffer, sizeof buffer, NULL), sizeof DATA2);
        ck_assert_mem_eq(buffer, DATA2, sizeof DATA2);
        assert_would_block(kept(mio_unix_datagram_recv(sockets[to], buffer, sizeof buffer, NULL)));
        assert_pending(mio_unix_datagram_take_error, sockets[to], 0);
    }
}

START_TEST(unconnected_smoke_with_pathnames)
{
    fixture f = open_fixture(_i);
    smoke_unconnected(&f);
    close_fixture(&f);
}
END_TEST

START_TEST(connected_smoke_local_and_peer_paths_mirror)
{
    fixture f = connect_both(open_fixture(_i));
    smoke_connected(&f);
    close_fixture(&f);
}
END_TEST

START_TEST(unconnected_adopted_by_from_handle)
{
    fixture f = open_adopted(_i);
    smoke_unconnected(&f);
    close_fixture(&f);
}
END_TEST

START_TEST(connected_adopted_by_from_handle)
{
    fixture f = connect_both(open_adopted(_i));
    smoke_connected(&f);
    close_fixture(&f);
}
END_TEST

START_TEST(socket_may_connect_to_itself)
{
    fixture f = open_fixture(_i);
    mio_addr addr;
    char buffer[64];
    call_ok(mio_unix_datagram_connect(&f.left, &f.left_addr));
    call_ok(mio_unix_datagram_local_addr(&f.left, &addr));
    assert_addr_eq(&addr, &f.left_addr);
    call_ok(mio_unix_datagram_peer_addr(&f.left, &addr));
    assert_addr_eq(&addr, &f.left_addr);
    watch(&f, MIO_READABLE);
    call_counts(mio_unix_datagram_send(&f.left, DATA1, sizeof DATA1), sizeof DATA1);
    expect_events(f.poll, {LEFT, MIO_READABLE});
    call_counts(mio_unix_datagram_recv(&f.left, buffer, sizeof buffer, NULL), sizeof DATA1);
    close_fixture(&f);
}
END_TEST

/* Opens a pair of connected sockets with mio_unix_datagram_pair. These sockets have no paths. */
static fixture open_pair(int variant)
{
    fixture f = open_names(variant);
    f.registry = mio_poll_registry(f.poll);
    scribble(&f.left, sizeof f.left);
    scribble(&f.right, sizeof f.right);
    call_ok(mio_unix_datagram_pair(&f.left, &f.right));
    f.left_addr = unnamed_addr();
    f.right_addr = unnamed_addr();
    return f;
}

START_TEST(pair_both_writable_would_block_exchange_readable_both_take_error_none)
{
    fixture f = open_pair(_i);
    ck_assert(is_nonblocking(mio_unix_datagram_handle(&f.left)));
    ck_assert(is_cloexec(mio_unix_datagram_handle(&f.right)));
    smoke_connected(&f);
    close_fixture(&f);
}
END_TEST

START_TEST(shutdown_read_gives_read_closed_then_write_gives_write_closed_and_send_is_epipe)
{
    fixture f = connect_both(open_fixture(_i));
    make_sigpipe_deadly();
    watch(&f, MIO_READABLE | MIO_WRITABLE);
    call_ok(mio_unix_datagram_shutdown(&f.left, MIO_SHUTDOWN_READ));
    expect_events(f.poll, {LEFT, MIO_READ_CLOSED});
    call_fails(mio_unix_datagram_send(&f.right, DATA1, sizeof DATA1), EPIPE);
    call_fails(mio_unix_datagram_send_to(&f.right, DATA1, sizeof DATA1, &f.left_addr), EPIPE);
    call_ok(mio_unix_datagram_shutdown(&f.left, MIO_SHUTDOWN_WRITE));
    expect_events(f.poll, {LEFT, MIO_WRITE_CLOSED});
    call_fails(mio_unix_datagram_send(&f.left, DATA1, sizeof DATA1), EPIPE);
    call_fails(mio_unix_datagram_send_to(&f.left, DATA1, sizeof DATA1, &f.right_addr), EPIPE);
    call_fails(mio_unix_datagram_send_with_handles(&f.left, DATA1, sizeof DATA1, NULL, 0), EPIPE);
    close_fixture(&f);
}
END_TEST

START_TEST(what_has_come_is_received_after_shutdown_of_reading)
{
    fixture f = connect_both(open_fixture(_i));
    char buffer[64];
    call_counts(mio_unix_datagram_send(&f.right, DATA1, sizeof DATA1), sizeof DATA1);
    call_ok(mio_unix_datagram_shutdown(&f.left, MIO_SHUTDOWN_READ));
    call_counts(mio_unix_datagram_recv(&f.left, buffer, sizeof buffer, NULL), sizeof DATA1);
    assert_would_block(kept(mio_unix_datagram_recv(&f.left, buffer, sizeof buffer, NULL)));
    close_fixture(&f);
}
END_TEST

START_TEST(idle_unix_datagram_is_quiet)
{
    fixture f = open_fixture(_i);
    watch(&f, MIO_READABLE);
    expect_no_events(f.poll);
    close_fixture(&f);
}
END_TEST

START_TEST(readable_to_writable_reregister_gives_writable)
{
    fixture f = open_fixture(_i);
    mio_event event;
    watch(&f, MIO_READABLE);
    expect_no_events(f.poll);
    call_ok(mio_registry_reregister(f.registry, &f.left.source, OTHER, MIO_WRITABLE));
    ck_assert_int_eq(wait_events(f.poll, &event, 1, LONG_WAIT), 1);
    ck_assert_uint_eq(event.token, OTHER);
    ck_assert(mio_event_is_writable(&event));
    close_fixture(&f);
}
END_TEST

START_TEST(deregistered_unix_datagram_is_quiet)
{
    fixture f = open_fixture(_i);
    char buffer[64];
    watch(&f, MIO_READABLE);
    call_ok(mio_registry_deregister(f.registry, &f.left.source));
    call_counts(mio_unix_datagram_send_to(&f.right, DATA1, sizeof DATA1, &f.left_addr), sizeof DATA1);
    expect_no_events(f.poll);
    call_counts(mio_unix_datagram_recv(&f.left, buffer, sizeof buffer, NULL), sizeof DATA1);
    close_fixture(&f);
}
END_TEST

/* ---- senders and names ------------------------------------------------------------------------------------------ */

/* This test covers issue #1403 of the Rust library mio. */
START_TEST(receiving_from_an_unbound_datagram_socket_gives_an_address_without_pathname)
{
    fixture f = open_fixture(_i);
    mio_unix_datagram unbound;
    mio_addr addr;
    char buffer[64];
    scribble(&unbound, sizeof unbound);
    call_ok(mio_unix_datagram_open(&unbound));
    ck_assert(is_nonblocking(mio_unix_datagram_handle(&unbound)));
    ck_assert(is_cloexec(mio_unix_datagram_handle(&unbound)));
    call_ok(mio_unix_datagram_local_addr(&unbound, &addr));
    ck_assert_int_eq(mio_addr_is_unnamed(&addr), 1);
    call_counts(mio_unix_datagram_send_to(&unbound, DATA1, sizeof DATA1, &f.left_addr), sizeof DATA1);
    scribble(&addr, sizeof addr);
    call_counts(mio_unix_datagram_peek_from(&f.left, buffer, sizeof buffer, &addr, NULL), sizeof DATA1);
    ck_assert_int_eq(mio_addr_is_unnamed(&addr), 1);
    scribble(&addr, sizeof addr);
    call_counts(mio_unix_datagram_recv_from(&f.left, buffer, sizeof buffer, &addr, NULL), sizeof DATA1);
    ck_assert_int_eq(mio_addr_is_unnamed(&addr), 1);
    ck_assert_errno(mio_addr_unix_path(&addr, buffer, sizeof buffer), -EAFNOSUPPORT);
    mio_unix_datagram_close(&unbound);
    close_fixture(&f);
}
END_TEST

START_TEST(abstract_names_bind_connect_send_to_and_are_told)
{
    mio_unix_datagram left;
    mio_unix_datagram right;
    mio_addr left_addr = abstract_addr("left");
    mio_addr right_addr = unnamed_addr(); /* the kernel will choose a name */
    mio_addr addr;
    char buffer[64];
    call_ok(mio_unix_datagram_bind(&left, &left_addr, 0));
    call_ok(mio_unix_datagram_bind(&right, &right_addr, 0));
    call_ok(mio_unix_datagram_local_addr(&right, &right_addr));
    ck_assert_int_gt(mio_addr_unix_abstract(&right_addr, buffer, sizeof buffer), 0);
    call_counts(mio_unix_datagram_send_to(&right, DATA1, sizeof DATA1, &left_addr), sizeof DATA1);
    call_counts(mio_unix_datagram_recv_from(&left, buffer, sizeof buffer, &addr, NULL), sizeof DATA1);
    assert_addr_eq(&addr, &right_addr);
    call_ok(mio_unix_datagram_connect(&left, &right_addr));
    call_ok(mio_unix_datagram_peer_addr(&left, &addr));
    assert_addr_eq(&addr, &right_addr);
    call_counts(mio_unix_datagram_send(&left, DATA1, sizeof DATA1), sizeof DATA1);
    call_counts(mio_unix_datagram_recv_from(&right, buffer, sizeof buffer, &addr, NULL), sizeof DATA1);
    assert_addr_eq(&addr, &left_addr);
    mio_unix_datagram_close(&left);
    mio_unix_datagram_close(&right);
}
END_TEST

START_TEST(peer_is_changed_dissolved_and_the_only_one_heard)
{
    fixture f = open_fixture(_i);
    mio_unix_datagram third;
    mio_addr third_addr = path_addr("third");
    mio_addr addr;
    char buffer[64];
    call_ok(mio_unix_datagram_bind(&third, &third_addr, 0));
    call_ok(mio_unix_datagram_connect(&f.left, &f.right_addr));
    call_fails(mio_unix_datagram_send_to(&third, DATA1, sizeof DATA1, &f.left_addr), EPERM);
    call_fails(mio_unix_datagram_connect(&third, &f.left_addr), EPERM);
    call_ok(mio_unix_datagram_connect(&f.left, &third_addr));
    call_ok(mio_unix_datagram_peer_addr(&f.left, &addr));
    assert_addr_eq(&addr, &third_addr);
    call_counts(mio_unix_datagram_send(&f.left, DATA1, sizeof DATA1), sizeof DATA1);
    call_counts(mio_unix_datagram_recv(&third, buffer, sizeof buffer, NULL), sizeof DATA1);
    call_counts(mio_unix_datagram_send_to(&f.left, DATA2, sizeof DATA2, &f.right_addr), sizeof DATA2);
    call_counts(mio_unix_datagram_recv(&f.right, buffer, sizeof buffer, NULL), sizeof DATA2);
    call_ok(mio_unix_datagram_connect(&f.left, NULL));
    call_fails(mio_unix_datagram_peer_addr(&f.left, &addr), ENOTCONN);
    call_ok(mio_unix_datagram_local_addr(&f.left, &addr));
    assert_addr_eq(&addr, &f.left_addr);
    call_fails(mio_unix_datagram_send(&f.left, DATA1, sizeof DATA1), ENOTCONN);
    mio_unix_datagram_close(&third);
    close_fixture(&f);
}
END_TEST

START_TEST(a_first_peer_leaves_what_has_come_and_its_end_loses_all)
{
    fixture f = open_fixture(_i);
    mio_unix_datagram third;
    char buffer[64];
    call_ok(mio_unix_datagram_open(&third));
    call_counts(mio_unix_datagram_send_to(&third, DATA1, sizeof DATA1, &f.left_addr), sizeof DATA1);
    call_counts(mio_unix_datagram_send_to(&third, DATA2, sizeof DATA2, &f.left_addr), sizeof DATA2);
    call_ok(mio_unix_datagram_connect(&f.left, &f.right_addr));
    call_counts(mio_unix_datagram_recv(&f.left, buffer, sizeof buffer, NULL), sizeof DATA1);
    call_ok(mio_unix_datagram_connect(&f.left, NULL));
    assert_would_block(kept(mio_unix_datagram_recv(&f.left, buffer, sizeof buffer, NULL)));
    mio_unix_datagram_close(&third);
    close_fixture(&f);
}
END_TEST

/* ---- events ----------------------------------------------------------------------------------------------------- */

START_TEST(full_queue_is_eagain_and_a_connected_sender_is_told_of_room)
{
    fixture f = connect_both(open_fixture(_i));
    char buffer[64];
    int64_t count;
    int sent = 0;
    watch(&f, MIO_WRITABLE);
    while ((count = kept(mio_unix_datagram_send(&f.left, DATA1, sizeof DATA1))) > 0) {
        sent++;
    }
    assert_would_block(count);
    expect_no_events(f.poll);
    for (int i = 0; i < sent; i++) {
        call_counts(mio_unix_datagram_recv(&f.right, buffer, sizeof buffer, NULL), sizeof DATA1);
    }
    expect_events(f.poll, {LEFT, MIO_WRITABLE});
    call_counts(mio_unix_datagram_send(&f.left, DATA1, sizeof DATA1), sizeof DATA1);
    close_fixture(&f);
}
END_TEST

START_TEST(each_way_to_receive_rearms)
{
    fixture f = open_pair(_i);
    char buffer[64];
    size_t count;
    uint32_t flags;
    mio_addr addr;
    const mio_iovec piece = {buffer, sizeof buffer};
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    message.pieces = &piece;
    message.piece_count = 1;
    watch(&f, MIO_READABLE);
    for (int way = 0; way < 5; way++) {
        call_counts(mio_unix_datagram_send(&f.left, DATA1, sizeof DATA1), sizeof DATA1);
        expect_events(f.poll, {RIGHT, MIO_READABLE});
        call_counts(mio_unix_datagram_recv(&f.right, buffer, sizeof buffer, NULL), sizeof DATA1);
        int64_t result =
            way == 0   ? mio_unix_datagram_recv(&f.right, buffer, sizeof buffer, &flags)
            : way == 1 ? mio_unix_datagram_recv_from(&f.right, buffer, sizeof buffer, &addr, &flags)
            : way == 2 ? mio_unix_datagram_peek(&f.right, buffer, sizeof buffer, &flags)
            : way == 3 ? mio_unix_datagram_recv_with_handles(&f.right, buffer, sizeof buffer, NULL, 0, &count, &flags)
                       : mio_unix_datagram_recv_message(&f.right, &message);
        assert_would_block(result);
        expect_no_events(f.poll);
    }
    call_counts(mio_unix_datagram_send(&f.left, DATA1, sizeof DATA1), sizeof DATA1);
    expect_events(f.poll, {RIGHT, MIO_READABLE});
    close_fixture(&f);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_datagram");
    TCase *tcase = add_unix_tcase(suite, "checklist");
    tcase_add_test(tcase, unix_datagram_is_used_from_two_threads);
    tcase_add_backend_test(tcase, unconnected_smoke_with_pathnames);
    tcase_add_backend_test(tcase, connected_smoke_local_and_peer_paths_mirror);
    tcase_add_backend_test(tcase, unconnected_adopted_by_from_handle);
    tcase_add_backend_test(tcase, connected_adopted_by_from_handle);
    tcase_add_backend_test(tcase, socket_may_connect_to_itself);
    tcase_add_backend_test(tcase, pair_both_writable_would_block_exchange_readable_both_take_error_none);
    tcase_add_backend_test(tcase, shutdown_read_gives_read_closed_then_write_gives_write_closed_and_send_is_epipe);
    tcase_add_backend_test(tcase, what_has_come_is_received_after_shutdown_of_reading);
    tcase_add_backend_test(tcase, idle_unix_datagram_is_quiet);
    tcase_add_backend_test(tcase, readable_to_writable_reregister_gives_writable);
    tcase_add_backend_test(tcase, deregistered_unix_datagram_is_quiet);
    tcase = add_unix_tcase(suite, "names");
    tcase_add_backend_test(tcase, receiving_from_an_unbound_datagram_socket_gives_an_address_without_pathname);
    tcase_add_test(tcase, abstract_names_bind_connect_send_to_and_are_told);
    tcase_add_backend_test(tcase, peer_is_changed_dissolved_and_the_only_one_heard);
    tcase_add_backend_test(tcase, a_first_peer_leaves_what_has_come_and_its_end_loses_all);
    tcase = add_unix_tcase(suite, "events");
    tcase_add_backend_test(tcase, full_queue_is_eagain_and_a_connected_sender_is_told_of_room);
    tcase_add_backend_test(tcase, each_way_to_receive_rearms);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
