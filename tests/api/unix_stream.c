/* SPDX-License-Identifier: MIT */
/*
 * Tests Unix streams: connecting, reading, writing, shutdown and events. unix_stream_errors.c tests errors.
 * unix_records.c tests records, unix_handles.c tests descriptors, and unix_credentials.c tests credentials.
 */
#include "../helpers/unix_sockets.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { STREAM = 5, OTHER = 6 };

static const char DATA1[] = "Hello world!";
static const char DATA2[] = "and good-bye";

/*
 * `stream` is connected to `peer`, a blocking socket. A test can make more connections to `listener`. `peer` and
 * `listener` were opened with system calls.
 */
typedef struct fixture {
    mio_poll *poll;
    mio_registry *registry;
    mio_addr addr;
    mio_unix_stream stream;
    int listener;
    int peer;
} fixture;

static fixture open_fixture(int variant)
{
    fixture f = {.poll = open_poll(variant), .addr = path_addr("s")};
    f.registry = mio_poll_registry(f.poll);
    f.listener = raw_unix_listener(SOCK_STREAM, &f.addr, 4);
    scribble(&f.stream, sizeof f.stream);
    call_ok(mio_unix_stream_connect(&f.stream, &f.addr, 0));
    f.peer = raw_accept(f.listener);
    return f;
}

static void close_peer(fixture *f)
{
    close_fd(f->peer);
    f->peer = MIO_HANDLE_NONE;
}

static void close_fixture(fixture *f)
{
    kept_void(mio_unix_stream_close(&f->stream));
    if (f->peer != MIO_HANDLE_NONE) {
        close_fd(f->peer);
    }
    close_fd(f->listener);
    mio_poll_free(f->poll);
}

static void watch(fixture *f, uint32_t interest)
{
    call_ok(mio_registry_register(f->registry, &f->stream.source, STREAM, interest));
    if ((interest & MIO_WRITABLE) != 0) {
        expect_events(f->poll, {STREAM, MIO_WRITABLE});
    }
}

/* ---- basic use -------------------------------------------------------------------------------------------------- */

enum { TRANSFER = 1 << 20 };

static void *write_transfer(void *context)
{
    mio_unix_stream *stream = context;
    uint8_t buffer[8192];
    for (size_t done = 0; done < TRANSFER;) {
        fill_pattern(buffer, sizeof buffer, done);
        int64_t count = mio_unix_stream_write(stream, buffer, sizeof buffer);
        if (count == -EAGAIN) {
            wait_handle(mio_unix_stream_handle(stream), POLLOUT);
            continue;
        }
        ck_assert_int_gt(count, 0);
        done += (size_t)count;
    }
    return NULL;
}

static void *echo_transfer(void *context)
{
    int *peer = context;
    char buffer[16384];
    for (size_t done = 0; done < TRANSFER;) {
        ssize_t count = recv(*peer, buffer, sizeof buffer, 0);
        ck_assert_int_gt(count, 0);
        raw_write(*peer, buffer, (size_t)count);
        done += (size_t)count;
    }
    return NULL;
}

START_TEST(unix_stream_is_used_from_two_threads)
{
    fixture f = open_fixture(_i);
    uint8_t buffer[8192];
    pthread_t writer = start_thread(write_transfer, &f.stream);
    pthread_t echo = start_thread(echo_transfer, &f.peer);
    for (size_t done = 0; done < TRANSFER;) {
        int64_t count = mio_unix_stream_read(&f.stream, buffer, sizeof buffer);
        if (count == -EAGAIN) {
            wait_handle(mio_unix_stream_handle(&f.stream), POLLIN);
            continue;
        }
        ck_assert_int_gt(count, 0);
        assert_pattern(buffer, (size_t)count, done);
        done += (size_t)count;
    }
    join_thread(writer);
    join_thread(echo);
    close_fixture(&f);
}
END_TEST

/* Reads `length` bytes at the peer, checks them, and writes them back, so that the stream becomes readable. */
static void echo_back(fixture *f, const void *wanted, size_t length)
{
    char buffer[64];
    ck_assert_uint_le(length, sizeof buffer);
    raw_read(f->peer, buffer, length);
    ck_assert_mem_eq(buffer, wanted, length);
    raw_write(f->peer, buffer, length);
    expect_events(f->poll, {STREAM, MIO_READABLE});
}

/* Calls every function of a connected stream. */
static void smoke(fixture *f)
{
    char buffer[64];
    ck_assert(is_nonblocking(mio_unix_stream_handle(&f->stream)));
    ck_assert(is_cloexec(mio_unix_stream_handle(&f->stream)));
    watch(f, MIO_READABLE | MIO_WRITABLE);
    assert_would_block(kept(mio_unix_stream_peek(&f->stream, buffer, sizeof buffer)));
    assert_would_block(kept(mio_unix_stream_read(&f->stream, buffer, sizeof buffer)));

    call_counts(mio_unix_stream_write(&f->stream, DATA1, sizeof DATA1), sizeof DATA1);
    echo_back(f, DATA1, sizeof DATA1);
    call_counts(mio_unix_stream_peek(&f->stream, buffer, sizeof buffer), sizeof DATA1);
    ck_assert_mem_eq(buffer, DATA1, sizeof DATA1);
    memset(buffer, 0, sizeof buffer);
    call_counts(mio_unix_stream_read(&f->stream, buffer, sizeof buffer), sizeof DATA1);
    ck_assert_mem_eq(buffer, DATA1, sizeof DATA1);
    assert_would_block(kept(mio_unix_stream_read(&f->stream, buffer, sizeof buffer)));
    assert_pending(mio_unix_stream_take_error, &f->stream, 0);

    /*
     * Writes two pieces with writev, and reads them back with readv. The second piece of readv is one byte longer than
     * the second piece of writev. readv must not change this extra byte.
     */
    char all[sizeof DATA1 + sizeof DATA2];
    char first[sizeof DATA1];
    char second[sizeof DATA2 + 1];
    memcpy(all, DATA1, sizeof DATA1);
    memcpy(all + sizeof DATA1, DATA2, sizeof DATA2);
    memset(second, '!', sizeof second);
    const mio_iovec out[2] = {{all, sizeof DATA1}, {all + sizeof DATA1, sizeof DATA2}};
    const mio_iovec in[2] = {{first, sizeof first}, {second, sizeof second}};
    call_counts(mio_unix_stream_writev(&f->stream, out, 2), sizeof all);
    echo_back(f, all, sizeof all);
    call_counts(mio_unix_stream_readv(&f->stream, in, 2), sizeof all);
    ck_assert_mem_eq(first, DATA1, sizeof DATA1);
    ck_assert_mem_eq(second, DATA2, sizeof DATA2);
    ck_assert_int_eq(second[sizeof DATA2], '!');
    assert_would_block(kept(mio_unix_stream_readv(&f->stream, in, 2)));

    mio_unix_stream_close(&f->stream);
    ck_assert(is_zero(&f->stream, sizeof f->stream));
    raw_expect_end(f->peer);
}

START_TEST(unix_stream_smoke)
{
    fixture f = open_fixture(_i);
    smoke(&f);
    close_fixture(&f);
}
END_TEST

START_TEST(unix_stream_adopted_by_from_handle)
{
    fixture f = {.poll = open_poll(_i), .addr = path_addr("s")};
    f.registry = mio_poll_registry(f.poll);
    f.listener = raw_unix_listener(SOCK_STREAM, &f.addr, 4);
    int fd = raw_unix(SOCK_STREAM, NULL, &f.addr);
    f.peer = raw_accept(f.listener);
    scribble(&f.stream, sizeof f.stream);
    call_ok(mio_unix_stream_from_handle(&f.stream, fd));
    ck_assert_int_eq(mio_unix_stream_handle(&f.stream), fd);
    smoke(&f);
    ck_assert(!is_open(fd));
    close_fixture(&f);
}
END_TEST

START_TEST(unix_connect_gives_writable_peer_drop_gives_readable)
{
    fixture f = open_fixture(_i);
    char byte;
    watch(&f, MIO_READABLE | MIO_WRITABLE);
    call_ok(mio_unix_stream_connect_finish(&f.stream));
    close_peer(&f);
    expect_events(f.poll, {STREAM, MIO_READABLE});
    call_counts(mio_unix_stream_read(&f.stream, &byte, 1), 0);
    close_fixture(&f);
}
END_TEST

START_TEST(connect_using_the_local_addr_of_the_listener)
{
    mio_addr names[] = {path_addr("s"), abstract_addr("s"), unnamed_addr()};
    for (int i = 0; i < 3; i++) {
        mio_poll *poll = open_poll(_i);
        mio_unix_listener listener;
        mio_unix_stream stream;
        mio_unix_stream accepted;
        mio_addr addr;
        call_ok(mio_unix_listener_bind(&listener, &names[i], 4, 0));
        call_ok(mio_unix_listener_local_addr(&listener, &addr));
        call_ok(mio_unix_stream_connect(&stream, &addr, 0));
        call_ok(mio_registry_register(mio_poll_registry(poll), &stream.source, STREAM, MIO_WRITABLE));
        expect_events(poll, {STREAM, MIO_WRITABLE});
        accept_unix(&listener, &accepted);
        mio_unix_stream_close(&accepted);
        mio_unix_stream_close(&stream);
        mio_unix_listener_close(&listener);
        mio_poll_free(poll);
    }
}
END_TEST

START_TEST(unix_pair_exchange_and_would_block)
{
    mio_poll *poll = open_poll(_i);
    mio_unix_stream pair[2];
    mio_addr addr;
    char buffer[64];
    scribble(pair, sizeof pair);
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    for (int i = 0; i < 2; i++) {
        ck_assert(is_nonblocking(mio_unix_stream_handle(&pair[i])));
        ck_assert(is_cloexec(mio_unix_stream_handle(&pair[i])));
        call_ok(mio_unix_stream_local_addr(&pair[i], &addr));
        ck_assert_int_eq(mio_addr_is_unnamed(&addr), 1);
        call_ok(mio_unix_stream_peer_addr(&pair[i], &addr));
        ck_assert_int_eq(mio_addr_is_unnamed(&addr), 1);
        call_ok(
            mio_registry_register(mio_poll_registry(poll), &pair[i].source, (uintptr_t)i, MIO_READABLE | MIO_WRITABLE));
    }
    expect_events(poll, {0, MIO_WRITABLE}, {1, MIO_WRITABLE});
    for (int i = 0; i < 2; i++) {
        assert_would_block(kept(mio_unix_stream_read(&pair[i], buffer, sizeof buffer)));
        call_counts(mio_unix_stream_write(&pair[1 - i], DATA1, sizeof DATA1), sizeof DATA1);
        expect_events(poll, {(uintptr_t)i, MIO_READABLE});
        call_counts(mio_unix_stream_read(&pair[i], buffer, sizeof buffer), sizeof DATA1);
        ck_assert_mem_eq(buffer, DATA1, sizeof DATA1);
        assert_would_block(kept(mio_unix_stream_read(&pair[i], buffer, sizeof buffer)));
        assert_pending(mio_unix_stream_take_error, &pair[i], 0);
    }
    mio_unix_stream_close(&pair[0]);
    call_counts(mio_unix_stream_read(&pair[1], buffer, sizeof buffer), 0);
    mio_unix_stream_close(&pair[1]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(peer_addr_is_the_server_path_and_local_is_unnamed)
{
    fixture f = open_fixture(_i);
    mio_addr addr;
    call_ok(mio_unix_stream_peer_addr(&f.stream, &addr));
    assert_addr_eq(&addr, &f.addr);
    call_ok(mio_unix_stream_local_addr(&f.stream, &addr));
    ck_assert_int_eq(mio_addr_is_unnamed(&addr), 1);
    close_fixture(&f);
}
END_TEST

START_TEST(unix_shutdown_read_gives_read_closed)
{
    fixture f = open_fixture(_i);
    char byte;
    watch(&f, MIO_READABLE | MIO_WRITABLE);
    call_ok(mio_unix_stream_shutdown(&f.stream, MIO_SHUTDOWN_READ));
    expect_events(f.poll, {STREAM, MIO_READABLE | MIO_READ_CLOSED});
    call_counts(mio_unix_stream_read(&f.stream, &byte, 1), 0);
    call_counts(mio_unix_stream_write(&f.stream, DATA1, sizeof DATA1), sizeof DATA1);
    close_fixture(&f);
}
END_TEST

START_TEST(unix_shutdown_write_then_write_is_epipe_and_echo_is_still_readable)
{
    fixture f = open_fixture(_i);
    char buffer[64];
    make_sigpipe_deadly();
    watch(&f, MIO_READABLE | MIO_WRITABLE);
    call_counts(mio_unix_stream_write(&f.stream, DATA1, sizeof DATA1), sizeof DATA1);
    call_ok(mio_unix_stream_shutdown(&f.stream, MIO_SHUTDOWN_WRITE));
    call_fails(mio_unix_stream_write(&f.stream, DATA2, sizeof DATA2), EPIPE);
    echo_back(&f, DATA1, sizeof DATA1);
    raw_expect_end(f.peer);
    call_counts(mio_unix_stream_read(&f.stream, buffer, sizeof buffer), sizeof DATA1);
    assert_would_block(kept(mio_unix_stream_read(&f.stream, buffer, sizeof buffer)));
    close_fixture(&f);
}
END_TEST

START_TEST(unix_shutdown_both_gives_write_closed_and_write_is_epipe)
{
    fixture f = open_fixture(_i);
    char byte = 0;
    const mio_iovec piece = {&byte, 1};
    make_sigpipe_deadly();
    watch(&f, MIO_READABLE | MIO_WRITABLE);
    call_ok(mio_unix_stream_shutdown(&f.stream, MIO_SHUTDOWN_BOTH));
    expect_events(f.poll, {STREAM, MIO_WRITE_CLOSED | MIO_READ_CLOSED});
    call_fails(mio_unix_stream_write(&f.stream, DATA1, sizeof DATA1), EPIPE);
    call_fails(mio_unix_stream_writev(&f.stream, &piece, 1), EPIPE);
    call_fails(mio_unix_stream_send_with_handles(&f.stream, DATA1, sizeof DATA1, NULL, 0), EPIPE);
    call_counts(mio_unix_stream_read(&f.stream, &byte, 1), 0);
    raw_expect_end(f.peer);
    close_fixture(&f);
}
END_TEST

START_TEST(unix_peer_shutdown_write_gives_read_closed)
{
    fixture f = open_fixture(_i);
    watch(&f, MIO_READABLE | MIO_WRITABLE);
    ck_assert_int_eq(shutdown(f.peer, SHUT_WR), 0);
    expect_events(f.poll, {STREAM, MIO_READABLE | MIO_READ_CLOSED});
    close_fixture(&f);
}
END_TEST

START_TEST(unix_stream_readable_only_is_quiet_on_connect)
{
    fixture f = open_fixture(_i);
    watch(&f, MIO_READABLE);
    expect_no_events(f.poll);
    close_fixture(&f);
}
END_TEST

START_TEST(unix_stream_reregister_writable_reports_writable)
{
    fixture f = open_fixture(_i);
    mio_event event;
    watch(&f, MIO_READABLE);
    expect_no_events(f.poll);
    call_ok(mio_registry_reregister(f.registry, &f.stream.source, OTHER, MIO_WRITABLE));
    ck_assert_int_eq(wait_events(f.poll, &event, 1, LONG_WAIT), 1);
    ck_assert_uint_eq(event.token, OTHER);
    ck_assert(mio_event_is_writable(&event));
    close_fixture(&f);
}
END_TEST

START_TEST(deregistered_unix_stream_is_quiet)
{
    fixture f = open_fixture(_i);
    char buffer[64];
    call_ok(mio_registry_register(f.registry, &f.stream.source, STREAM, MIO_READABLE | MIO_WRITABLE));
    call_ok(mio_registry_deregister(f.registry, &f.stream.source));
    raw_write(f.peer, DATA1, sizeof DATA1);
    expect_no_events(f.poll);
    call_counts(mio_unix_stream_read(&f.stream, buffer, sizeof buffer), sizeof DATA1);
    close_fixture(&f);
}
END_TEST

/* ---- reading and writing ---------------------------------------------------------------------------------------- */

START_TEST(every_way_to_read_rearms)
{
    fixture f = open_fixture(_i);
    char buffer[64];
    mio_handle handle;
    size_t count;
    uint32_t flags;
    const mio_iovec piece = {buffer, sizeof buffer};
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    message.pieces = &piece;
    message.piece_count = 1;
    watch(&f, MIO_READABLE);
    for (int way = 0; way < 6; way++) {
        for (int turn = 0; turn < 2; turn++) {
            int64_t wanted = turn == 0 ? (int64_t)sizeof DATA1 : -EAGAIN;
            if (turn == 0) {
                raw_write(f.peer, DATA1, sizeof DATA1);
                expect_events(f.poll, {STREAM, MIO_READABLE});
            }
            int64_t result = way == 0    ? mio_unix_stream_read(&f.stream, buffer, sizeof buffer)
                             : way == 1  ? mio_unix_stream_readv(&f.stream, &piece, 1)
                             : way == 2  ? mio_unix_stream_recv(&f.stream, buffer, sizeof buffer, &flags)
                             : way == 3  ? mio_unix_stream_recv_with_handles(&f.stream, buffer, sizeof buffer, &handle,
                                                                             1, &count, &flags)
                             : way == 4  ? mio_unix_stream_recv_message(&f.stream, &message)
                             : turn == 0 ? mio_unix_stream_read(&f.stream, buffer, sizeof buffer)
                                         : mio_unix_stream_peek(&f.stream, buffer, sizeof buffer);
            ck_assert_count(result, wanted);
        }
        expect_no_events(f.poll);
    }
    raw_write(f.peer, DATA1, sizeof DATA1);
    expect_events(f.poll, {STREAM, MIO_READABLE});
    close_fixture(&f);
}
END_TEST

START_TEST(write_until_full_then_writable_again)
{
    fixture f = open_fixture(_i);
    static char buffer[65536];
    int64_t count;
    size_t written = 0;
    watch(&f, MIO_WRITABLE);
    while ((count = kept(mio_unix_stream_write(&f.stream, buffer, sizeof buffer))) > 0) {
        written += (size_t)count;
    }
    assert_would_block(count);
    expect_no_events(f.poll);
    while (written > 0) {
        size_t part = written < sizeof buffer ? written : sizeof buffer;
        raw_read(f.peer, buffer, part);
        written -= part;
    }
    expect_events(f.poll, {STREAM, MIO_WRITABLE});
    close_fixture(&f);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_stream");
    TCase *tcase = add_unix_tcase(suite, "checklist");
    tcase_add_backend_test(tcase, unix_stream_is_used_from_two_threads);
    tcase_add_backend_test(tcase, unix_stream_smoke);
    tcase_add_backend_test(tcase, unix_connect_gives_writable_peer_drop_gives_readable);
    tcase_add_backend_test(tcase, connect_using_the_local_addr_of_the_listener);
    tcase_add_backend_test(tcase, unix_stream_adopted_by_from_handle);
    tcase_add_backend_test(tcase, unix_pair_exchange_and_would_block);
    tcase_add_backend_test(tcase, peer_addr_is_the_server_path_and_local_is_unnamed);
    tcase_add_backend_test(tcase, unix_shutdown_read_gives_read_closed);
    tcase_add_backend_test(tcase, unix_shutdown_write_then_write_is_epipe_and_echo_is_still_readable);
    tcase_add_backend_test(tcase, unix_shutdown_both_gives_write_closed_and_write_is_epipe);
    tcase_add_backend_test(tcase, unix_peer_shutdown_write_gives_read_closed);
    tcase_add_backend_test(tcase, unix_stream_readable_only_is_quiet_on_connect);
    tcase_add_backend_test(tcase, unix_stream_reregister_writable_reports_writable);
    tcase_add_backend_test(tcase, deregistered_unix_stream_is_quiet);
    tcase = add_unix_tcase(suite, "bytes");
    tcase_add_backend_test(tcase, every_way_to_read_rearms);
    tcase_add_backend_test(tcase, write_until_full_then_writable_again);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
