/* SPDX-License-Identifier: MIT */
/*
 * Tests TCP streams: reading, writing, options and shutdown. tcp_readiness.c tests events, tcp_connect.c tests
 * connecting, and tcp_stream_errors.c tests errors.
 */
#include "../helpers/sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>

enum { STREAM = 5 };

static const char DATA1[] = "Hello world!";
static const char DATA2[] = "and good-bye";

/* ---- basic use -------------------------------------------------------------------------------------------------- */

enum { TRANSFER = 1 << 20 };

static void *write_transfer(void *context)
{
    uint8_t *data = malloc(TRANSFER);
    ck_assert_ptr_nonnull(data);
    fill_pattern(data, TRANSFER, 0);
    write_all(context, data, TRANSFER);
    free(data);
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

START_TEST(stream_is_used_from_two_threads)
{
    mio_addr any = loopback_v4();
    mio_tcp_stream stream;
    int peer = connect_to_raw(&stream, &any);
    uint8_t *data = malloc(TRANSFER);
    ck_assert_ptr_nonnull(data);
    pthread_t writer = start_thread(write_transfer, &stream);
    pthread_t echo = start_thread(echo_transfer, &peer);
    read_all(&stream, data, TRANSFER);
    assert_pattern(data, TRANSFER, 0);
    join_thread(writer);
    join_thread(echo);
    free(data);
    mio_tcp_stream_close(&stream);
    close_fd(peer);
}
END_TEST

/* Reads `length` bytes at the peer, checks them, and writes them back, so that the stream becomes readable. */
static void echo_back(mio_poll *poll, int peer, const void *wanted, size_t length)
{
    char buffer[64];
    ck_assert_uint_le(length, sizeof buffer);
    raw_read(peer, buffer, length);
    ck_assert_mem_eq(buffer, wanted, length);
    raw_write(peer, buffer, length);
    expect_events(poll, {STREAM, MIO_READABLE});
}

/* Peeks, reads and writes on a connected stream, checks its addresses, and closes the stream. */
static void smoke(int variant, mio_tcp_stream *stream, int peer)
{
    mio_poll *poll = open_poll(variant);
    char buffer[64];
    mio_addr addr;
    mio_addr other_end;
    ck_assert(is_nonblocking(mio_tcp_stream_handle(stream)));
    ck_assert(is_cloexec(mio_tcp_stream_handle(stream)));
    register_connected(poll, stream, STREAM, MIO_READABLE | MIO_WRITABLE);
    assert_would_block(kept(mio_tcp_stream_peek(stream, buffer, sizeof buffer)));
    assert_would_block(kept(mio_tcp_stream_read(stream, buffer, sizeof buffer)));

    call_ok(mio_tcp_stream_local_addr(stream, &addr));
    other_end = raw_peer_addr(peer);
    assert_addr_eq(&addr, &other_end);
    call_ok(mio_tcp_stream_peer_addr(stream, &addr));
    other_end = raw_local_addr(peer);
    assert_addr_eq(&addr, &other_end);

    call_counts(mio_tcp_stream_write(stream, DATA1, sizeof DATA1), sizeof DATA1);
    echo_back(poll, peer, DATA1, sizeof DATA1);
    call_counts(mio_tcp_stream_peek(stream, buffer, sizeof buffer), sizeof DATA1);
    ck_assert_mem_eq(buffer, DATA1, sizeof DATA1);
    memset(buffer, 0, sizeof buffer);
    call_counts(mio_tcp_stream_read(stream, buffer, sizeof buffer), sizeof DATA1);
    ck_assert_mem_eq(buffer, DATA1, sizeof DATA1);
    assert_would_block(kept(mio_tcp_stream_read(stream, buffer, sizeof buffer)));
    assert_pending(mio_tcp_stream_take_error, stream, 0);

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
    call_counts(mio_tcp_stream_writev(stream, out, 2), sizeof all);
    echo_back(poll, peer, all, sizeof all);
    call_counts(mio_tcp_stream_readv(stream, in, 2), sizeof all);
    ck_assert_mem_eq(first, DATA1, sizeof DATA1);
    ck_assert_mem_eq(second, DATA2, sizeof DATA2);
    ck_assert_int_eq(second[sizeof DATA2], '!');
    assert_would_block(kept(mio_tcp_stream_readv(stream, in, 2)));

    mio_tcp_stream_close(stream);
    raw_expect_end(peer);
    close_fd(peer);
    mio_poll_free(poll);
}

START_TEST(stream_smoke_ipv4)
{
    mio_addr any = loopback_v4();
    mio_tcp_stream stream;
    scribble(&stream, sizeof stream);
    int peer = connect_to_raw(&stream, &any);
    smoke(_i, &stream, peer);
}
END_TEST

START_TEST(stream_smoke_ipv6)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    mio_addr any = loopback_v6();
    mio_tcp_stream stream;
    int peer = connect_to_raw(&stream, &any);
    smoke(_i, &stream, peer);
}
END_TEST

/* Makes a pair of connected TCP sockets with system calls. Both sockets are blocking. */
static void make_raw_pair(int fds[2])
{
    mio_addr any = loopback_v4();
    mio_addr addr;
    int listener = raw_listener(&any, 4, &addr);
    fds[0] = raw_connect(&addr);
    fds[1] = raw_accept(listener);
    close_fd(listener);
}

START_TEST(stream_smoke_adopted_by_from_handle)
{
    mio_tcp_stream stream;
    int fds[2];
    make_raw_pair(fds);
    scribble(&stream, sizeof stream);
    call_ok(mio_tcp_stream_from_handle(&stream, fds[0]));
    ck_assert_int_eq(mio_tcp_stream_handle(&stream), fds[0]);
    smoke(_i, &stream, fds[1]);
    ck_assert(!is_open(fds[0]));
}
END_TEST

/* A client stream and the stream that the listener has accepted. */
typedef struct pair {
    mio_tcp_stream client;
    mio_tcp_stream server;
} pair;

static pair open_pair(void)
{
    pair both;
    make_tcp_pair(&both.client, &both.server);
    return both;
}

static void close_pair(pair *both)
{
    mio_tcp_stream_close(&both->client);
    mio_tcp_stream_close(&both->server);
}

START_TEST(stream_ttl_set_and_get_after_connect)
{
    pair both = open_pair();
    int64_t ttl = 0;
    call_ok(mio_source_set_option(&both.client.source, MIO_OPTION_TTL, 10));
    call_ok(mio_source_option(&both.client.source, MIO_OPTION_TTL, &ttl));
    ck_assert_int_eq(ttl, 10);
    ck_assert_int_eq(raw_option(mio_tcp_stream_handle(&both.client), IPPROTO_IP, IP_TTL), 10);
    close_pair(&both);
}
END_TEST

START_TEST(stream_ttl_readable_without_setting)
{
    pair both = open_pair();
    int64_t ttl = 0;
    call_ok(mio_source_option(&both.client.source, MIO_OPTION_TTL, &ttl));
    ck_assert_int_ge(ttl, 1);
    ck_assert_int_le(ttl, 255);
    close_pair(&both);
}
END_TEST

START_TEST(stream_nodelay_set_and_get_after_connect)
{
    pair both = open_pair();
    int64_t nodelay = -1;
    for (int on = 1; on >= 0; on--) {
        call_ok(mio_source_set_option(&both.client.source, MIO_OPTION_NODELAY, on));
        call_ok(mio_source_option(&both.client.source, MIO_OPTION_NODELAY, &nodelay));
        ck_assert_int_eq(nodelay, on);
        ck_assert_int_eq(raw_option(mio_tcp_stream_handle(&both.client), IPPROTO_TCP, TCP_NODELAY), on);
    }
    close_pair(&both);
}
END_TEST

START_TEST(stream_nodelay_readable_without_setting)
{
    pair both = open_pair();
    int64_t nodelay = -1;
    call_ok(mio_source_option(&both.client.source, MIO_OPTION_NODELAY, &nodelay));
    ck_assert_int_eq(nodelay, 0);
    close_pair(&both);
}
END_TEST

START_TEST(shutdown_read_then_read_is_0_and_linux_still_reads_what_comes)
{
    pair both = open_pair();
    char buffer[64];
    call_ok(mio_tcp_stream_shutdown(&both.client, MIO_SHUTDOWN_READ));
    call_counts(mio_tcp_stream_read(&both.client, buffer, sizeof buffer), 0);
    write_all(&both.server, DATA1, sizeof DATA1);
    wait_handle(mio_tcp_stream_handle(&both.client), POLLIN);
    int64_t count = kept(mio_tcp_stream_read(&both.client, buffer, sizeof buffer));
    ck_assert(count == 0 || count == (int64_t)sizeof DATA1);
    call_counts(mio_tcp_stream_write(&both.client, DATA2, sizeof DATA2), sizeof DATA2);
    read_all(&both.server, buffer, sizeof DATA2);
    ck_assert_mem_eq(buffer, DATA2, sizeof DATA2);
    close_pair(&both);
}
END_TEST

START_TEST(shutdown_write_then_write_is_epipe_and_pending_echo_is_still_readable)
{
    pair both = open_pair();
    char buffer[64];
    make_sigpipe_deadly();
    call_counts(mio_tcp_stream_write(&both.client, DATA1, sizeof DATA1), sizeof DATA1);
    read_all(&both.server, buffer, sizeof DATA1);
    write_all(&both.server, buffer, sizeof DATA1);
    call_ok(mio_tcp_stream_shutdown(&both.client, MIO_SHUTDOWN_WRITE));
    call_fails(mio_tcp_stream_write(&both.client, DATA2, sizeof DATA2), EPIPE);
    wait_handle(mio_tcp_stream_handle(&both.server), POLLIN);
    call_counts(mio_tcp_stream_read(&both.server, buffer, sizeof buffer), 0);
    memset(buffer, 0, sizeof buffer);
    read_all(&both.client, buffer, sizeof DATA1);
    ck_assert_mem_eq(buffer, DATA1, sizeof DATA1);
    assert_would_block(kept(mio_tcp_stream_read(&both.client, buffer, sizeof buffer)));
    close_pair(&both);
}
END_TEST

START_TEST(shutdown_both_then_write_is_epipe)
{
    pair both = open_pair();
    char buffer[64];
    make_sigpipe_deadly();
    const mio_iovec piece = {buffer, 1};
    call_ok(mio_tcp_stream_shutdown(&both.client, MIO_SHUTDOWN_BOTH));
    call_fails(mio_tcp_stream_write(&both.client, DATA2, sizeof DATA2), EPIPE);
    memset(buffer, 0, sizeof buffer);
    call_fails(mio_tcp_stream_writev(&both.client, &piece, 1), EPIPE);
    call_counts(mio_tcp_stream_read(&both.client, buffer, sizeof buffer), 0);
    wait_handle(mio_tcp_stream_handle(&both.server), POLLIN);
    call_counts(mio_tcp_stream_read(&both.server, buffer, sizeof buffer), 0);
    close_pair(&both);
}
END_TEST

/* ---- reading and writing ---------------------------------------------------------------------------------------- */

START_TEST(nothing_to_read_or_write_is_0)
{
    pair both = open_pair();
    char byte = 0;
    const mio_iovec none = {&byte, 0};
    /* A read of zero bytes returns 0 even if there is no data. */
    call_counts(mio_tcp_stream_read(&both.client, &byte, 0), 0);
    call_counts(mio_tcp_stream_peek(&both.client, &byte, 0), 0);
    call_counts(mio_tcp_stream_readv(&both.client, &none, 1), 0);
    write_all(&both.server, DATA1, sizeof DATA1);
    wait_handle(mio_tcp_stream_handle(&both.client), POLLIN);
    call_counts(mio_tcp_stream_read(&both.client, &byte, 0), 0);
    call_counts(mio_tcp_stream_peek(&both.client, &byte, 0), 0);
    call_counts(mio_tcp_stream_readv(&both.client, &none, 0), 0);
    call_counts(mio_tcp_stream_readv(&both.client, &none, 1), 0);
    call_counts(mio_tcp_stream_write(&both.client, &byte, 0), 0);
    call_counts(mio_tcp_stream_writev(&both.client, &none, 0), 0);
    call_counts(mio_tcp_stream_writev(&both.client, &none, 1), 0);
    char buffer[sizeof DATA1];
    /* Peeking has removed no bytes. */
    call_counts(mio_tcp_stream_read(&both.client, buffer, sizeof buffer), sizeof DATA1);
    close_pair(&both);
}
END_TEST

START_TEST(short_reads_take_what_fits_and_leave_the_rest)
{
    pair both = open_pair();
    char buffer[sizeof DATA1] = "";
    write_all(&both.server, DATA1, sizeof DATA1);
    wait_handle(mio_tcp_stream_handle(&both.client), POLLIN);
    call_counts(mio_tcp_stream_peek(&both.client, buffer, 5), 5);
    ck_assert_mem_eq(buffer, DATA1, 5);
    ck_assert_int_eq(buffer[5], '\0');
    call_counts(mio_tcp_stream_read(&both.client, buffer, 5), 5);
    call_counts(mio_tcp_stream_peek(&both.client, buffer, 3), 3);
    ck_assert_mem_eq(buffer, DATA1 + 5, 3);
    call_counts(mio_tcp_stream_read(&both.client, buffer, sizeof buffer), sizeof DATA1 - 5);
    ck_assert_mem_eq(buffer, DATA1 + 5, sizeof DATA1 - 5);
    close_pair(&both);
}
END_TEST

START_TEST(vectored_io_takes_1024_pieces)
{
    enum { PIECES = 1024 };
    pair both = open_pair();
    static uint8_t out_bytes[PIECES];
    static uint8_t in_bytes[PIECES];
    static mio_iovec out[PIECES];
    static mio_iovec in[PIECES];
    fill_pattern(out_bytes, sizeof out_bytes, 0);
    for (size_t i = 0; i < PIECES; i++) {
        out[i] = (mio_iovec){&out_bytes[i], 1};
        in[i] = (mio_iovec){&in_bytes[i], 1};
    }
    call_counts(mio_tcp_stream_writev(&both.client, out, PIECES), PIECES);
    for (size_t done = 0; done < PIECES;) {
        wait_handle(mio_tcp_stream_handle(&both.server), POLLIN);
        int64_t count = kept(mio_tcp_stream_readv(&both.server, in + done, PIECES - done));
        ck_assert_int_gt(count, 0);
        done += (size_t)count;
    }
    assert_pattern(in_bytes, sizeof in_bytes, 0);
    close_pair(&both);
}
END_TEST

/* Calls write and writev in turn until both return EAGAIN. Returns the number of written bytes. */
static size_t write_until_full(mio_tcp_stream *stream, uint8_t *data, size_t length)
{
    bool full[2] = {false, false};
    size_t sent = 0;
    for (int vectored = 0; !full[0] || !full[1]; vectored = !vectored) {
        const mio_iovec piece = {data + sent, length - sent};
        int64_t count = vectored ? kept(mio_tcp_stream_writev(stream, &piece, 1))
                                 : kept(mio_tcp_stream_write(stream, data + sent, length - sent));
        if (count == -EAGAIN) {
            full[vectored] = true;
            continue;
        }
        ck_assert_int_gt(count, 0);
        sent += (size_t)count;
        ck_assert_uint_lt(sent, length);
    }
    return sent;
}

START_TEST(write_takes_a_part_then_would_block_then_goes_on)
{
    enum { LENGTH = 1 << 23 };
    static uint8_t chunk[65536];
    pair both = open_pair();
    uint8_t *data = malloc(LENGTH);
    ck_assert_ptr_nonnull(data);
    fill_pattern(data, LENGTH, 0);
    raw_set_option(mio_tcp_stream_handle(&both.client), SOL_SOCKET, SO_SNDBUF, 65536);
    raw_set_option(mio_tcp_stream_handle(&both.server), SOL_SOCKET, SO_RCVBUF, 65536);
    size_t sent = write_until_full(&both.client, data, LENGTH);
    for (size_t received = 0; received < sent;) {
        wait_handle(mio_tcp_stream_handle(&both.server), POLLIN);
        int64_t count = kept(mio_tcp_stream_read(&both.server, chunk, sizeof chunk));
        ck_assert_int_gt(count, 0);
        assert_pattern(chunk, (size_t)count, received);
        received += (size_t)count;
    }
    assert_would_block(kept(mio_tcp_stream_read(&both.server, chunk, sizeof chunk)));
    wait_handle(mio_tcp_stream_handle(&both.client), POLLOUT);
    call_counts(mio_tcp_stream_write(&both.client, data, 1), 1);
    free(data);
    close_pair(&both);
}
END_TEST

/* ---- closing ---------------------------------------------------------------------------------------------------- */

START_TEST(what_was_written_before_close_is_still_sent)
{
    pair both = open_pair();
    static uint8_t data[65536];
    static uint8_t back[sizeof data];
    fill_pattern(data, sizeof data, 0);
    write_all(&both.client, data, sizeof data);
    mio_tcp_stream_close(&both.client);
    read_all(&both.server, back, sizeof back);
    assert_pattern(back, sizeof back, 0);
    wait_handle(mio_tcp_stream_handle(&both.server), POLLIN);
    call_counts(mio_tcp_stream_read(&both.server, back, sizeof back), 0);
    close_pair(&both);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_stream");
    TCase *checklist = add_tcase(suite, "checklist");
    tcase_add_test(checklist, stream_is_used_from_two_threads);
    tcase_add_backend_test(checklist, stream_smoke_ipv4);
    tcase_add_backend_test(checklist, stream_smoke_ipv6);
    tcase_add_backend_test(checklist, stream_smoke_adopted_by_from_handle);
    tcase_add_test(checklist, stream_ttl_set_and_get_after_connect);
    tcase_add_test(checklist, stream_ttl_readable_without_setting);
    tcase_add_test(checklist, stream_nodelay_set_and_get_after_connect);
    tcase_add_test(checklist, stream_nodelay_readable_without_setting);
    tcase_add_test(checklist, shutdown_read_then_read_is_0_and_linux_still_reads_what_comes);
    tcase_add_test(checklist, shutdown_write_then_write_is_epipe_and_pending_echo_is_still_readable);
    tcase_add_test(checklist, shutdown_both_then_write_is_epipe);
    TCase *io = add_tcase(suite, "reading and writing");
    tcase_add_test(io, nothing_to_read_or_write_is_0);
    tcase_add_test(io, short_reads_take_what_fits_and_leave_the_rest);
    tcase_add_test(io, vectored_io_takes_1024_pieces);
    tcase_add_test(io, write_takes_a_part_then_would_block_then_goes_on);
    TCase *closing = add_tcase(suite, "closing");
    tcase_add_test(closing, what_was_written_before_close_is_still_sent);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
