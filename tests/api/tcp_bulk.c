/* SPDX-License-Identifier: MIT */
/*
 * Transfers 16 MiB over one connection with edge-triggered events. No byte may be lost or duplicated, and no event may
 * be missing.
 */
#include "../helpers/sockets.h"

#include <stdlib.h>

enum { STREAM = 21, LENGTH = 16 << 20, CHUNK = 1 << 16 };

static void *send_everything(void *context)
{
    int fd = *(int *)context;
    uint8_t *chunk = malloc(CHUNK);
    ck_assert_ptr_nonnull(chunk);
    for (uint64_t done = 0; done < LENGTH; done += CHUNK) {
        fill_pattern(chunk, CHUNK, done);
        raw_write(fd, chunk, CHUNK);
    }
    free(chunk);
    close_fd(fd);
    return NULL;
}

static void *receive_everything(void *context)
{
    int fd = *(int *)context;
    uint8_t *chunk = malloc(CHUNK);
    uint64_t done = 0;
    ssize_t count;
    ck_assert_ptr_nonnull(chunk);
    while ((count = recv(fd, chunk, CHUNK, 0)) > 0) {
        assert_pattern(chunk, (size_t)count, done);
        done += (uint64_t)count;
    }
    ck_assert_int_eq(count, 0);
    ck_assert_uint_eq(done, LENGTH);
    free(chunk);
    close_fd(fd);
    return NULL;
}

/* A registered stream, and a thread that reads or writes at the other end of the connection. */
typedef struct transfer {
    mio_poll *poll;
    mio_tcp_stream stream;
    int peer;
    pthread_t thread;
    uint8_t *buffer;
} transfer;

static void begin(transfer *t, int variant, void *(*peer)(void *context), uint32_t interest)
{
    mio_addr any = loopback_v4();
    t->poll = open_poll(variant);
    t->peer = connect_to_raw(&t->stream, &any);
    t->buffer = malloc(CHUNK);
    ck_assert_ptr_nonnull(t->buffer);
    call_ok(mio_registry_register(mio_poll_registry(t->poll), &t->stream.source, STREAM, interest));
    t->thread = start_thread(peer, &t->peer);
}

static void end(transfer *t)
{
    mio_tcp_stream_close(&t->stream);
    join_thread(t->thread);
    mio_poll_free(t->poll);
    free(t->buffer);
}

/* Waits for the next event of the stream. The event must contain a bit of `readiness`. */
static void next_event(transfer *t, uint32_t readiness)
{
    mio_event event;
    ck_assert_int_eq(wait_events(t->poll, &event, 1, LONG_WAIT), 1);
    ck_assert_uint_eq(event.token, STREAM);
    ck_assert_uint_ne(event.readiness & readiness, 0);
}

/*
 * Reads until EAGAIN after each event. Returns at the end of the stream. If `peek_first` is true, peeks before each
 * read.
 */
static void read_everything(transfer *t, bool peek_first)
{
    uint64_t done = 0;
    int64_t count = -EAGAIN;
    while (count != 0) {
        next_event(t, MIO_READABLE);
        if (peek_first) {
            count = mio_tcp_stream_peek(&t->stream, t->buffer, CHUNK);
            ck_assert(count >= 0 || count == -EAGAIN);
            if (count > 0) {
                assert_pattern(t->buffer, (size_t)count, done);
            }
        }
        while ((count = mio_tcp_stream_read(&t->stream, t->buffer, CHUNK)) > 0) {
            assert_pattern(t->buffer, (size_t)count, done);
            done += (uint64_t)count;
        }
        ck_assert(count == 0 || count == -EAGAIN);
    }
    ck_assert_uint_eq(done, LENGTH);
}

START_TEST(read_16_mib_by_draining_at_each_event)
{
    transfer t;
    begin(&t, _i, send_everything, MIO_READABLE);
    read_everything(&t, false);
    end(&t);
}
END_TEST

START_TEST(peek_then_drain_16_mib)
{
    transfer t;
    begin(&t, _i, send_everything, MIO_READABLE);
    read_everything(&t, true);
    end(&t);
}
END_TEST

START_TEST(write_16_mib_until_would_block_at_each_event)
{
    transfer t;
    uint64_t done = 0;
    begin(&t, _i, receive_everything, MIO_WRITABLE);
    while (done < LENGTH) {
        int64_t count = 0;
        next_event(&t, MIO_WRITABLE);
        while (done < LENGTH && count != -EAGAIN) {
            size_t size = LENGTH - done < CHUNK ? (size_t)(LENGTH - done) : CHUNK;
            fill_pattern(t.buffer, size, done);
            count = mio_tcp_stream_write(&t.stream, t.buffer, size);
            ck_assert(count > 0 || count == -EAGAIN);
            done += count > 0 ? (uint64_t)count : 0;
        }
    }
    end(&t);
}
END_TEST

START_TEST(vectored_16_mib_both_ways)
{
    transfer t;
    uint64_t done = 0;
    int64_t count = -EAGAIN;
    begin(&t, _i, send_everything, MIO_READABLE);
    const mio_iovec pieces[3] = {{t.buffer, 1000}, {t.buffer + 1000, 1}, {t.buffer + 1001, CHUNK - 1001}};
    while (count != 0) {
        next_event(&t, MIO_READABLE);
        while ((count = mio_tcp_stream_readv(&t.stream, pieces, 3)) > 0) {
            assert_pattern(t.buffer, (size_t)count, done);
            done += (uint64_t)count;
        }
        ck_assert(count == 0 || count == -EAGAIN);
    }
    ck_assert_uint_eq(done, LENGTH);
    end(&t);

    begin(&t, _i, receive_everything, MIO_WRITABLE);
    for (done = 0; done < LENGTH;) {
        next_event(&t, MIO_WRITABLE);
        for (count = 0; done < LENGTH && count != -EAGAIN;) {
            size_t size = LENGTH - done < CHUNK ? (size_t)(LENGTH - done) : CHUNK;
            const mio_iovec halves[2] = {{t.buffer, size / 3}, {t.buffer + size / 3, size - size / 3}};
            fill_pattern(t.buffer, size, done);
            count = mio_tcp_stream_writev(&t.stream, halves, 2);
            ck_assert(count > 0 || count == -EAGAIN);
            done += count > 0 ? (uint64_t)count : 0;
        }
    }
    end(&t);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_bulk");
    TCase *tcase = add_tcase(suite, "16 MiB");
    tcase_add_backend_test(tcase, read_16_mib_by_draining_at_each_event);
    tcase_add_backend_test(tcase, peek_then_drain_16_mib);
    tcase_add_backend_test(tcase, write_16_mib_until_would_block_at_each_event);
    tcase_add_backend_test(tcase, vectored_16_mib_both_ways);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
