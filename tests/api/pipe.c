/* SPDX-License-Identifier: MIT */
/* Tests pipes: mio_pipe_pair, reading and writing, the events of the two ends, and closing. */
#include "../helpers/sockets.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { SENDER = 21, RECEIVER = 22, FULL = 1 << 20 };

/* A poll object and a pipe. Both ends of the pipe are registered. */
typedef struct fixture {
    mio_poll *poll;
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
} fixture;

static fixture open_fixture(int variant)
{
    fixture f;
    f.poll = open_poll(variant);
    scribble(&f.sender, sizeof f.sender);
    scribble(&f.receiver, sizeof f.receiver);
    call_ok(mio_pipe_pair(&f.sender, &f.receiver));
    mio_registry *registry = mio_poll_registry(f.poll);
    call_ok(mio_registry_register(registry, &f.sender.source, SENDER, MIO_WRITABLE));
    call_ok(mio_registry_register(registry, &f.receiver.source, RECEIVER, MIO_READABLE));
    return f;
}

static void close_fixture(fixture *f)
{
    mio_pipe_sender_close(&f->sender);
    mio_pipe_receiver_close(&f->receiver);
    mio_poll_free(f->poll);
}

/* Writes until the pipe is full, and returns the number of bytes written. */
static size_t fill(mio_pipe_sender *sender)
{
    static char bytes[4096];
    size_t total = 0;
    int64_t count;
    while ((count = mio_pipe_sender_write(sender, bytes, sizeof bytes)) > 0) {
        total += (size_t)count;
    }
    assert_would_block(count);
    return total;
}

START_TEST(a_pair_is_a_pipe_non_blocking_and_close_on_exec)
{
    int before = count_descriptors();
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    call_ok(mio_pipe_pair(&sender, &receiver));
    ck_assert_int_eq(count_descriptors(), before + 2);
    int out = mio_pipe_sender_handle(&sender);
    int in = mio_pipe_receiver_handle(&receiver);
    ck_assert(is_nonblocking(out) && is_nonblocking(in));
    ck_assert(is_cloexec(out) && is_cloexec(in));
    ck_assert_int_eq(write(out, "ab", 2), 2);
    char bytes[4];
    ck_assert_int_eq(read(in, bytes, sizeof bytes), 2);
    kept_void(mio_pipe_sender_close(&sender));
    kept_void(mio_pipe_receiver_close(&receiver));
    ck_assert(is_zero(&sender, sizeof sender) && is_zero(&receiver, sizeof receiver));
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(empty_read_would_block_then_data_makes_the_receiver_readable)
{
    fixture f = open_fixture(_i);
    char bytes[32];
    call_fails(mio_pipe_receiver_read(&f.receiver, bytes, sizeof bytes), EAGAIN);
    expect_events(f.poll, {SENDER, MIO_WRITABLE});
    expect_no_events(f.poll);
    call_counts(mio_pipe_sender_write(&f.sender, "Hello world!", 12), 12);
    expect_events(f.poll, {RECEIVER, MIO_READABLE});
    call_counts(mio_pipe_receiver_read(&f.receiver, bytes, sizeof bytes), 12);
    ck_assert_mem_eq(bytes, "Hello world!", 12);
    call_fails(mio_pipe_receiver_read(&f.receiver, bytes, sizeof bytes), EAGAIN);
    close_fixture(&f);
}
END_TEST

static void *close_sender(void *context)
{
    mio_pipe_sender_close(context);
    return NULL;
}

static void *close_receiver(void *context)
{
    mio_pipe_receiver_close(context);
    return NULL;
}

/* Waits for an event and returns it. The test fails if there are more events. */
static mio_event the_only_event(mio_poll *poll)
{
    mio_event events[4];
    ck_assert_int_eq(wait_events(poll, events, 4, LONG_WAIT), 1);
    mio_event first = events[0];
    expect_no_events(poll);
    return first;
}

START_TEST(sender_closed_in_another_thread_gives_one_event_read_closed)
{
    mio_poll *poll = open_poll(_i);
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    char byte;
    call_ok(mio_pipe_pair(&sender, &receiver));
    call_ok(mio_registry_register(mio_poll_registry(poll), &receiver.source, RECEIVER, MIO_READABLE));
    pthread_t thread = start_thread(close_sender, &sender);
    mio_event event = the_only_event(poll);
    join_thread(thread);
    ck_assert_uint_eq(event.token, RECEIVER);
    ck_assert(mio_event_is_read_closed(&event) && mio_event_is_readable(&event));
    call_counts(mio_pipe_receiver_read(&receiver, &byte, 1), 0);
    mio_pipe_receiver_close(&receiver);
    mio_poll_free(poll);
}
END_TEST

START_TEST(receiver_closed_gives_one_event_write_closed)
{
    mio_poll *poll = open_poll(_i);
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    call_ok(mio_pipe_pair(&sender, &receiver));
    fill(&sender); /* now the pipe is full, so the sender is not writable */
    call_ok(mio_registry_register(mio_poll_registry(poll), &sender.source, SENDER, MIO_WRITABLE));
    expect_no_events(poll);
    pthread_t thread = start_thread(close_receiver, &receiver);
    mio_event event = the_only_event(poll);
    join_thread(thread);
    ck_assert_uint_eq(event.token, SENDER);
    ck_assert(mio_event_is_write_closed(&event) && mio_event_is_writable(&event));
    call_fails(mio_pipe_sender_write(&sender, "x", 1), EPIPE);
    mio_pipe_sender_close(&sender);
    mio_poll_free(poll);
}
END_TEST

START_TEST(what_was_written_can_be_read_after_the_sender_is_closed)
{
    fixture f = open_fixture(_i);
    char bytes[8];
    call_counts(mio_pipe_sender_write(&f.sender, "last", 4), 4);
    mio_pipe_sender_close(&f.sender);
    expect_events(f.poll, {RECEIVER, MIO_READABLE | MIO_READ_CLOSED});
    call_counts(mio_pipe_receiver_read(&f.receiver, bytes, sizeof bytes), 4);
    ck_assert_mem_eq(bytes, "last", 4);
    call_counts(mio_pipe_receiver_read(&f.receiver, bytes, sizeof bytes), 0);
    close_fixture(&f);
}
END_TEST

START_TEST(a_full_pipe_would_block_and_is_writable_when_read_empty)
{
    fixture f = open_fixture(_i);
    expect_events(f.poll, {SENDER, MIO_WRITABLE});
    for (int round = 0; round < 3; round++) {
        size_t written = fill(&f.sender);
        size_t read_back = 0;
        char *bytes = malloc(FULL);
        expect_events(f.poll, {RECEIVER, MIO_READABLE});
        while (read_back < written) {
            int64_t count = kept(mio_pipe_receiver_read(&f.receiver, bytes, FULL));
            ck_assert_int_gt(count, 0);
            read_back += (size_t)count;
        }
        ck_assert_uint_eq(read_back, written);
        call_fails(mio_pipe_receiver_read(&f.receiver, bytes, FULL), EAGAIN);
        expect_events(f.poll, {SENDER, MIO_WRITABLE});
        free(bytes);
    }
    close_fixture(&f);
}
END_TEST

START_TEST(a_long_write_is_cut_short_and_a_short_one_is_not)
{
    fixture f = open_fixture(_i);
    char *bytes = calloc(1, FULL);
    int64_t taken = kept(mio_pipe_sender_write(&f.sender, bytes, FULL));
    ck_assert_int_gt(taken, 0);
    ck_assert_int_lt(taken, FULL);
    /* The pipe is full. After this read of 100 bytes, the pipe has space for less than PIPE_BUF bytes. */
    call_counts(mio_pipe_receiver_read(&f.receiver, bytes, 100), 100);
    call_fails(mio_pipe_sender_write(&f.sender, bytes, PIPE_BUF), EAGAIN);
    free(bytes);
    close_fixture(&f);
}
END_TEST

START_TEST(vectored_calls_take_the_pieces_in_turn)
{
    fixture f = open_fixture(_i);
    char text[] = "one, two, three";
    char left[5] = "";
    char right[32] = "";
    const mio_iovec out[] = {{text, 5}, {text + 5, 0}, {text + 5, 10}};
    const mio_iovec in[] = {{left, 5}, {right, sizeof right}};
    call_counts(mio_pipe_sender_writev(&f.sender, out, 3), 15);
    call_counts(mio_pipe_receiver_readv(&f.receiver, in, 2), 15);
    ck_assert_mem_eq(left, "one, ", 5);
    ck_assert_str_eq(right, "two, three");
    call_fails(mio_pipe_receiver_readv(&f.receiver, in, 2), EAGAIN);
    call_counts(mio_pipe_sender_writev(&f.sender, out, 0), 0);
    call_counts(mio_pipe_receiver_readv(&f.receiver, in, 0), 0);
    mio_pipe_sender_close(&f.sender);
    call_counts(mio_pipe_receiver_readv(&f.receiver, in, 2), 0);
    close_fixture(&f);
}
END_TEST

START_TEST(no_length_is_no_byte)
{
    fixture f = open_fixture(_i);
    char byte;
    call_counts(mio_pipe_sender_write(&f.sender, NULL, 0), 0);
    call_fails(mio_pipe_receiver_read(&f.receiver, &byte, 1), EAGAIN);
    call_counts(mio_pipe_receiver_read(&f.receiver, NULL, 0), 0);
    close_fixture(&f);
}
END_TEST

START_TEST(as_many_as_1024_pieces_are_taken)
{
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    static char byte;
    static mio_iovec pieces[1024];
    call_ok(mio_pipe_pair(&sender, &receiver));
    for (int i = 0; i < 1024; i++) {
        pieces[i] = (mio_iovec){&byte, 1};
    }
    call_counts(mio_pipe_sender_writev(&sender, pieces, 1024), 1024);
    call_counts(mio_pipe_receiver_readv(&receiver, pieces, 1024), 1024);
    mio_pipe_sender_close(&sender);
    mio_pipe_receiver_close(&receiver);
}
END_TEST

static int64_t has_flags(mio_handle handle, void *context)
{
    return fcntl(handle, F_GETFL) != -1 ? *(int *)context : -EAGAIN;
}

START_TEST(try_io_reaches_the_descriptor)
{
    fixture f = open_fixture(_i);
    int answer = 42;
    call_counts(mio_source_try_io(&f.sender.source, has_flags, &answer), 42);
    close_fixture(&f);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("pipe");
    TCase *ends = add_tcase(suite, "ends");
    tcase_add_test(ends, a_pair_is_a_pipe_non_blocking_and_close_on_exec);
    TCase *events = add_tcase(suite, "events");
    tcase_add_backend_test(events, empty_read_would_block_then_data_makes_the_receiver_readable);
    tcase_add_backend_test(events, sender_closed_in_another_thread_gives_one_event_read_closed);
    tcase_add_backend_test(events, receiver_closed_gives_one_event_write_closed);
    tcase_add_backend_test(events, what_was_written_can_be_read_after_the_sender_is_closed);
    tcase_add_backend_test(events, a_full_pipe_would_block_and_is_writable_when_read_empty);
    TCase *bytes = add_tcase(suite, "reading and writing");
    tcase_add_backend_test(bytes, a_long_write_is_cut_short_and_a_short_one_is_not);
    tcase_add_backend_test(bytes, vectored_calls_take_the_pieces_in_turn);
    tcase_add_backend_test(bytes, no_length_is_no_byte);
    tcase_add_backend_test(bytes, try_io_reaches_the_descriptor);
    TCase *errors = add_tcase(suite, "errors");
    tcase_add_test(errors, as_many_as_1024_pieces_are_taken);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
