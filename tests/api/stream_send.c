/* SPDX-License-Identifier: MIT */
/* Tests the flags of mio_stream_send, on TCP and Unix streams. */
#include "../helpers/streams.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Returns how many bytes of the stream the kernel has not yet sent to the peer. */
static int unsent(const mio_tcp_stream *stream)
{
    int count = -1;
    ck_assert_int_eq(ioctl(mio_tcp_stream_handle(stream), SIOCOUTQNSD, &count), 0);
    return count;
}

START_TEST(more_holds_a_part_of_a_segment_back)
{
    pair p;
    char buffer[8];
    open_pair(&p, false, _i);
    call_counts(send_left(&p, "ab", 2, 0), 2);
    ck_assert_int_eq(unsent(&p.tcp[LEFT]), 0);
    int held = 0;
    /*
     * With MIO_SEND_MORE the kernel holds the bytes back for at most 200 ms. On a busy machine, the kernel may have
     * sent the bytes before the test looks. Then the test tries again.
     */
    for (int attempts = 0; attempts < 20 && held == 0; attempts++) {
        call_counts(send_left(&p, "cd", 2, MIO_SEND_MORE), 2);
        held = unsent(&p.tcp[LEFT]);
    }
    ck_assert_int_eq(held, 2);
    call_counts(send_left(&p, "ef", 2, 0), 2);
    ck_assert_int_eq(unsent(&p.tcp[LEFT]), 0);
    read_all(&p.tcp[RIGHT], buffer, 2);
    ck_assert_mem_eq(buffer, "ab", 2);
    read_all(&p.tcp[RIGHT], buffer, 2);
    ck_assert_mem_eq(buffer, "cd", 2);
    close_pair(&p);
}
END_TEST

START_TEST(no_flags_and_more_send_all_the_same)
{
    for (int is_unix = 0; is_unix < 2; is_unix++) {
        pair p;
        char buffer[8];
        open_pair(&p, is_unix != 0, _i);
        call_counts(send_left(&p, "ab", 2, MIO_SEND_MORE), 2);
        call_counts(send_left(&p, "cd", 2, 0), 2);
        call_counts(send_left(&p, "", 0, 0), 0);
        call_counts(send_left(&p, NULL, 0, 0), 0);
        for (int64_t done = 0; done < 4;) {
            int64_t count = read_right(&p, buffer + done, sizeof buffer - (size_t)done);
            if (count == -EAGAIN) {
                expect_events(p.poll, {STREAM, MIO_READABLE});
            } else {
                ck_assert(count > 0);
                done += count;
            }
        }
        ck_assert_mem_eq(buffer, "abcd", 4);
        close_pair(&p);
    }
}
END_TEST

/* Sends until the stream is full. Later an event must report that the stream is writable again. */
START_TEST(a_full_stream_would_block_and_is_writable_later)
{
    static char bytes[1 << 16];
    for (int is_unix = 0; is_unix < 2; is_unix++) {
        pair p;
        int64_t count;
        uint64_t sent = 0;
        open_pair(&p, is_unix != 0, _i);
        ck_assert_ok(mio_registry_register(mio_poll_registry(p.poll), source_of(&p, LEFT), STREAM + 1, MIO_WRITABLE));
        expect_events(p.poll, {STREAM + 1, MIO_WRITABLE});
        while ((count = kept(send_left(&p, bytes, sizeof bytes, MIO_SEND_MORE))) > 0) {
            sent += (uint64_t)count;
        }
        ck_assert_errno(count, -EAGAIN);
        bool writable = false;
        while (sent > 0) {
            mio_event events[4];
            while ((count = read_right(&p, bytes, sizeof bytes)) > 0) {
                sent -= (uint64_t)count;
            }
            ck_assert_errno(count, -EAGAIN);
            int ready = sent > 0 || !writable ? wait_events(p.poll, events, 4, LONG_WAIT) : 0;
            for (int i = 0; i < ready; i++) {
                writable = writable || events[i].token == STREAM + 1;
            }
        }
        if (!writable) {
            expect_events(p.poll, {STREAM + 1, MIO_WRITABLE});
        }
        close_pair(&p);
    }
}
END_TEST

START_TEST(a_closed_peer_is_epipe_without_a_signal)
{
    make_sigpipe_deadly();
    for (int is_unix = 0; is_unix < 2; is_unix++) {
        pair p;
        int64_t result = 1;
        open_pair(&p, is_unix != 0, _i);
        close_side(&p, RIGHT);
        for (int i = 0; i < 1000 && result >= 0; i++) {
            result = kept(send_left(&p, "x", 1, i % 2 == 0 ? MIO_SEND_MORE : 0));
            usleep(result >= 0 ? 1000 : 0); /* gives the reset time to arrive; the next send then fails */
        }
        ck_assert(result == -EPIPE || result == -ECONNRESET);
        call_fails(send_left(&p, "x", 1, 0), EPIPE);
        call_fails(send_left(&p, "x", 1, MIO_SEND_MORE), EPIPE);
        ck_assert_int_lt(kept(send_left(&p, "x", 1, MIO_SEND_OOB)), 0);
        close_pair(&p);
    }
}
END_TEST

START_TEST(records_have_no_out_of_band_data)
{
    mio_unix_stream records[2];
    unsigned char byte = 7;
    ck_assert_ok(mio_unix_stream_pair(&records[0], &records[1], MIO_UNIX_SEQPACKET));
    call_fails(mio_unix_stream_send(&records[0], "x", 1, MIO_SEND_OOB), ENOTSUP);
    call_fails(mio_unix_stream_recv_oob(&records[0], &byte), ENOTSUP);
    call_fails(mio_unix_stream_at_mark(&records[0]), ENOTSUP);
    call_counts(mio_unix_stream_send(&records[0], "x", 1, MIO_SEND_MORE), 1);
    call_counts(mio_unix_stream_read(&records[1], &byte, 1), 1);
    mio_unix_stream_close(&records[0]);
    mio_unix_stream_close(&records[1]);
    ck_assert_ok(mio_unix_stream_pair(&records[0], &records[1], 0));
    call_fails(mio_unix_stream_send(&records[0], "", 0, MIO_SEND_OOB), ENOTSUP); /* fails even for zero bytes */
    mio_unix_stream_close(&records[0]);
    mio_unix_stream_close(&records[1]);
}
END_TEST

/* Each socket is a new Unix stream. With `code` 0, ioctl(2) returns 0 and does nothing. */
static int find_no_mark(void *context)
{
    const int code = *(const int *)context;
    mio_unix_stream streams[2];
    require(mio_unix_stream_pair(&streams[0], &streams[1], code == 0 ? MIO_UNIX_SEQPACKET : 0) == 0);
    if (!refuse_system_call(SYS_ioctl, code)) {
        return SKIPPED;
    }
    require(mio_unix_stream_at_mark(&streams[0]) == -ENOTSUP);
    mio_unix_stream_close(&streams[0]);
    mio_unix_stream_close(&streams[1]);
    return 0;
}

/*
 * Before Linux 5.15, no Unix socket knows SIOCATMARK. Some later versions of Linux return 0 for a stream of records.
 */
START_TEST(a_kernel_that_knows_no_mark_gives_the_same_error)
{
    int codes[] = {ENOTTY, 0};
    for (int i = 0; i < 2; i++) {
        if (run_apart(find_no_mark, &codes[i]) == SKIPPED) {
            skip("cannot refuse ioctl(2)");
        }
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("stream_send");
    TCase *flags = add_tcase(suite, "flags");
    tcase_add_backend_test(flags, more_holds_a_part_of_a_segment_back);
    tcase_add_backend_test(flags, no_flags_and_more_send_all_the_same);
    tcase_add_backend_test(flags, a_full_stream_would_block_and_is_writable_later);
    tcase_add_backend_test(flags, a_closed_peer_is_epipe_without_a_signal);
    tcase_add_test(flags, records_have_no_out_of_band_data);
    tcase_add_test(flags, a_kernel_that_knows_no_mark_gives_the_same_error);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
