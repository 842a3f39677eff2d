/* SPDX-License-Identifier: MIT */
/*
 * Tests the readiness word. The word is a variable in which a program records that a descriptor is ready. If the
 * program stops reading before -EAGAIN, it can continue later without a new event.
 */
#include "../helpers/sockets.h"

enum { SUBJECT = 51, SENT = 100, AT_ONCE = 32 };

START_TEST(events_set_bits_and_no_result_but_eagain_clears_them)
{
    const mio_event readable = {.token = SUBJECT, .readiness = MIO_READABLE};
    const mio_event ended = {.token = SUBJECT, .readiness = MIO_READABLE | MIO_WRITABLE | MIO_READ_CLOSED};
    uint32_t word = 0;
    mio_readiness_add(&word, &readable);
    ck_assert_uint_eq(word, MIO_READABLE);
    mio_readiness_add(&word, &ended);
    ck_assert_uint_eq(word, MIO_READABLE | MIO_WRITABLE | MIO_READ_CLOSED);
    const int64_t results[] = {0, 1, INT64_MAX, -EINTR, -ECONNRESET, EAGAIN};
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        ck_assert_int_eq(mio_readiness_after(&word, MIO_READABLE, results[i]), results[i]);
        ck_assert_uint_eq(word, MIO_READABLE | MIO_WRITABLE | MIO_READ_CLOSED);
    }
    ck_assert_errno(mio_readiness_after(&word, MIO_READABLE, -EAGAIN), -EAGAIN);
    ck_assert_uint_eq(word, MIO_WRITABLE | MIO_READ_CLOSED);
    ck_assert_errno(mio_readiness_after(&word, MIO_WRITABLE, -EAGAIN), -EAGAIN);
    ck_assert_uint_eq(word, MIO_READ_CLOSED);
}
END_TEST

/*
 * Reads at most AT_ONCE bytes, and stops earlier if the readiness word no longer contains MIO_READABLE. Returns the
 * number of bytes.
 */
static int read_some(mio_tcp_stream *stream, uint32_t *word)
{
    int count = 0;
    while (count < AT_ONCE && (*word & MIO_READABLE) != 0) {
        char byte;
        const int64_t result = mio_readiness_after(word, MIO_READABLE, mio_tcp_stream_read(stream, &byte, 1));
        if (result == -EAGAIN) {
            break;
        }
        ck_assert_count(result, 1);
        count++;
    }
    return count;
}

/*
 * The sender writes all bytes in one call, so the bytes arrive together in one segment. On some systems, a second
 * segment would arrive later, even over the loopback interface.
 */
START_TEST(a_reader_that_pauses_loses_nothing)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_stream sender;
    mio_tcp_stream reader;
    const char bytes[SENT] = {0};
    uint32_t word = 0;
    make_tcp_pair(&sender, &reader);
    call_ok(mio_registry_register(mio_poll_registry(poll), &reader.source, SUBJECT, MIO_READABLE));
    call_counts(mio_tcp_stream_write(&sender, bytes, SENT), SENT);
    const mio_event event = wait_for_event(poll, SUBJECT);
    mio_readiness_add(&word, &event);
    ck_assert_int_eq(read_some(&reader, &word), AT_ONCE);

    /* The unread bytes cause no new event. So the program must not wait for an event here. */
    expect_no_events(poll);
    int count = AT_ONCE;
    while ((word & MIO_READABLE) != 0) {
        count += read_some(&reader, &word);
    }
    ck_assert_int_eq(count, SENT);

    /* Reading has returned EAGAIN, so the next byte causes a new event. */
    call_counts(mio_tcp_stream_write(&sender, "y", 1), 1);
    const mio_event next = wait_for_event(poll, SUBJECT);
    mio_readiness_add(&word, &next);
    ck_assert_int_eq(read_some(&reader, &word), 1);
    ck_assert_uint_eq(word & MIO_READABLE, 0);
    mio_tcp_stream_close(&sender);
    mio_tcp_stream_close(&reader);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_writer_that_pauses_goes_on)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_stream writer;
    mio_tcp_stream reader;
    static char bytes[65536];
    uint32_t word = 0;
    make_tcp_pair(&writer, &reader);
    call_ok(mio_registry_register(mio_poll_registry(poll), &writer.source, SUBJECT, MIO_WRITABLE));
    const mio_event event = wait_for_event(poll, SUBJECT);
    mio_readiness_add(&word, &event);
    ck_assert_uint_eq(word & MIO_WRITABLE, MIO_WRITABLE);
    call_counts(mio_readiness_after(&word, MIO_WRITABLE, mio_tcp_stream_write(&writer, bytes, 1)), 1);
    expect_no_events(poll);
    ck_assert_uint_eq(word & MIO_WRITABLE, MIO_WRITABLE);
    while ((word & MIO_WRITABLE) != 0) {
        const int64_t result =
            mio_readiness_after(&word, MIO_WRITABLE, mio_tcp_stream_write(&writer, bytes, sizeof bytes));
        ck_assert(result > 0 || result == -EAGAIN);
    }
    mio_tcp_stream_close(&writer);
    mio_tcp_stream_close(&reader);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("readiness");
    TCase *tcase = add_tcase(suite, "readiness");
    tcase_add_test(tcase, events_set_bits_and_no_result_but_eagain_clears_them);
    tcase_add_backend_test(tcase, a_reader_that_pauses_loses_nothing);
    tcase_add_backend_test(tcase, a_writer_that_pauses_goes_on);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
