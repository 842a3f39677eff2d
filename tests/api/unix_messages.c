/* SPDX-License-Identifier: MIT */
/*
 * Tests messages of Unix sockets. A message is a struct with bytes, handles, credentials and an address. The tests also
 * pass invalid structs. unix_handles.c tests that handles arrive and do not leak.
 */
#include "../helpers/unix_sockets.h"

#include <sys/resource.h>
#include <unistd.h>

/* ---- all parts of a message at once ----------------------------------------------------------------------------- */

START_TEST(datagram_message_with_pieces_handles_credentials_and_addresses)
{
    mio_unix_datagram left;
    mio_unix_datagram right;
    mio_addr left_addr = path_addr("left");
    mio_addr right_addr = abstract_addr("right");
    mio_addr sender;
    char first[4] = "....";
    char second[8] = "........";
    mio_iovec out[2] = {{(void *)(uintptr_t) "one", 3}, {(void *)(uintptr_t) "three", 5}};
    mio_iovec in[2] = {{first, 4}, {second, 8}};
    mio_handle received[4];
    int fds[2];
    make_pipe(fds);
    mio_unix_credentials own = {sizeof own, getpid(), getuid(), getgid()};
    mio_unix_credentials theirs = MIO_UNIX_CREDENTIALS_INIT;
    call_ok(mio_unix_datagram_bind(&left, &left_addr, 0));
    call_ok(mio_unix_datagram_bind(&right, &right_addr, 0));
    call_ok(mio_source_set_option(&right.source, MIO_OPTION_PASS_CREDENTIALS, 1));

    const mio_unix_message outgoing = {sizeof outgoing, 0, out, 2, fds, 0, 2, &right_addr, &own};
    call_counts(mio_unix_datagram_send_message(&left, &outgoing), 8);
    mio_unix_message incoming = {sizeof incoming, 99, in, 2, received, 4, 99, &sender, &theirs};
    call_counts(mio_unix_datagram_recv_message(&right, &incoming), 8);
    ck_assert_uint_eq(incoming.flags, MIO_MESSAGE_CREDENTIALS);
    ck_assert_uint_eq(incoming.handle_count, 2);
    ck_assert_uint_eq(incoming.handle_capacity, 4);
    ck_assert_mem_eq(first, "onet", 4);
    ck_assert_mem_eq(second, "hree....", 8);
    assert_addr_eq(&sender, &left_addr);
    ck_assert_int_eq(theirs.pid, getpid());
    for (int i = 0; i < 2; i++) {
        ck_assert(is_cloexec(received[i]));
        close_fd(received[i]);
        close_fd(fds[i]);
    }
    mio_unix_datagram_close(&left);
    mio_unix_datagram_close(&right);
}
END_TEST

START_TEST(message_of_an_unbound_sender_is_from_an_unnamed_address)
{
    mio_unix_datagram left;
    mio_unix_datagram right;
    mio_addr addr = path_addr("right");
    mio_addr sender;
    mio_unix_message outgoing = MIO_UNIX_MESSAGE_INIT;
    mio_unix_message incoming = MIO_UNIX_MESSAGE_INIT;
    call_ok(mio_unix_datagram_open(&left));
    call_ok(mio_unix_datagram_bind(&right, &addr, 0));
    outgoing.addr = &addr;
    incoming.addr = &sender;
    scribble(&sender, sizeof sender);
    call_counts(mio_unix_datagram_send_message(&left, &outgoing), 0); /* an empty datagram */
    call_counts(mio_unix_datagram_recv_message(&right, &incoming), 0);
    ck_assert_int_eq(mio_addr_is_unnamed(&sender), 1);
    mio_unix_datagram_close(&left);
    mio_unix_datagram_close(&right);
}
END_TEST

START_TEST(truncated_record_and_datagram_are_told_and_no_error)
{
    mio_unix_stream streams[2];
    mio_unix_datagram datagrams[2];
    char buffer[4];
    const mio_iovec piece = {buffer, sizeof buffer};
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    message.pieces = &piece;
    message.piece_count = 1;
    call_ok(mio_unix_stream_pair(&streams[0], &streams[1], MIO_UNIX_SEQPACKET));
    call_ok(mio_unix_datagram_pair(&datagrams[0], &datagrams[1]));
    call_counts(mio_unix_stream_write(&streams[0], "12345", 5), 5);
    call_counts(mio_unix_datagram_send(&datagrams[0], "12345", 5), 5);
    call_counts(mio_unix_stream_recv_message(&streams[1], &message), 4);
    ck_assert_uint_eq(message.flags, MIO_MESSAGE_TRUNCATED);
    message.flags = 0;
    call_counts(mio_unix_datagram_recv_message(&datagrams[1], &message), 4);
    ck_assert_uint_eq(message.flags, MIO_MESSAGE_TRUNCATED);
    for (int i = 0; i < 2; i++) {
        mio_unix_stream_close(&streams[i]);
        mio_unix_datagram_close(&datagrams[i]);
    }
}
END_TEST

/* ---- invalid messages ------------------------------------------------------------------------------------------- */

typedef struct fixture {
    mio_unix_stream streams[2];
    mio_unix_datagram datagrams[2];
} fixture;

static fixture open_fixture(void)
{
    fixture f;
    call_ok(mio_unix_stream_pair(&f.streams[0], &f.streams[1], 0));
    call_ok(mio_unix_datagram_pair(&f.datagrams[0], &f.datagrams[1]));
    return f;
}

/* Checks that nothing was sent, and closes all sockets. */
static void close_fixture(fixture *f)
{
    char byte;
    for (int i = 0; i < 2; i++) {
        assert_would_block(kept(mio_unix_stream_read(&f->streams[i], &byte, 1)));
        assert_would_block(kept(mio_unix_datagram_recv(&f->datagrams[i], &byte, 1, NULL)));
    }
    for (int i = 0; i < 2; i++) {
        mio_unix_stream_close(&f->streams[i]);
        mio_unix_datagram_close(&f->datagrams[i]);
    }
}

static void expect_not_sent(fixture *f, const mio_unix_message *message, int code)
{
    call_fails(mio_unix_stream_send_message(&f->streams[0], message), code);
    call_fails(mio_unix_datagram_send_message(&f->datagrams[0], message), code);
}

static void expect_not_received(fixture *f, mio_unix_message *message, int code)
{
    call_fails_keeping(message, mio_unix_stream_recv_message(&f->streams[0], message), code);
    call_fails_keeping(message, mio_unix_datagram_recv_message(&f->datagrams[0], message), code);
}

START_TEST(message_null_sizes_and_what_a_newer_one_asks)
{
    fixture f = open_fixture();
    char byte = 'x';
    const mio_iovec piece = {&byte, 1};
    struct {
        mio_unix_message known;
        uintptr_t later;
    } longer = {MIO_UNIX_MESSAGE_INIT, 0};
    mio_unix_message *message = &longer.known;
    message->pieces = &piece;
    message->piece_count = 1;
    expect_not_sent(&f, NULL, EINVAL);
    call_fails(mio_unix_stream_recv_message(&f.streams[0], NULL), EINVAL);
    call_fails(mio_unix_datagram_recv_message(&f.datagrams[0], NULL), EINVAL);
    for (uint32_t size = 0; size < sizeof *message; size++) {
        message->size = size;
        expect_not_sent(&f, message, EINVAL);
        expect_not_received(&f, message, EINVAL);
    }
    message->size = sizeof longer;
    longer.later = 1;
    expect_not_sent(&f, message, E2BIG);
    expect_not_received(&f, message, E2BIG);
    longer.later = 0;
    call_counts(mio_unix_stream_send_message(&f.streams[0], message), 1);
    call_counts(mio_unix_stream_recv_message(&f.streams[1], message), 1);
    ck_assert_uint_eq(message->size, sizeof longer);
    close_fixture(&f);
}
END_TEST

START_TEST(message_whose_parts_are_wrong)
{
    fixture f = open_fixture();
    mio_iovec pieces[1025];
    char byte = 'x';
    mio_handle handles[MIO_UNIX_HANDLES_MAX + 1] = {0};
    mio_unix_credentials small = {sizeof small - 1, 0, 0, 0};
    mio_addr ip = loopback_v4();
    for (size_t i = 0; i < 1025; i++) {
        pieces[i] = (mio_iovec){&byte, 1};
    }
    const mio_unix_message good = {sizeof good, 0, pieces, 1, handles, 0, 0, NULL, NULL};
    mio_unix_message message = good;
    message.pieces = NULL;
    expect_not_sent(&f, &message, EINVAL);
    expect_not_received(&f, &message, EINVAL);
    message = good;
    message.piece_count = 1025;
    expect_not_sent(&f, &message, EMSGSIZE);
    expect_not_received(&f, &message, EMSGSIZE);
    message = good;
    message.flags = 1;
    expect_not_sent(&f, &message, EINVAL);
    message = good;
    message.handle_count = MIO_UNIX_HANDLES_MAX + 1;
    expect_not_sent(&f, &message, EINVAL);
    message.handle_count = SIZE_MAX;
    expect_not_sent(&f, &message, EINVAL);
    message.handle_count = 1;
    message.handles = NULL;
    expect_not_sent(&f, &message, EINVAL);
    message = good;
    message.handles = NULL;
    message.handle_capacity = 1;
    expect_not_received(&f, &message, EINVAL);
    message = good;
    message.credentials = &small;
    expect_not_sent(&f, &message, EINVAL);
    expect_not_received(&f, &message, EINVAL);
    message = good;
    message.addr = &ip;
    call_fails(mio_unix_stream_send_message(&f.streams[0], &message), EINVAL);
    call_fails(mio_unix_datagram_send_message(&f.datagrams[0], &message), EAFNOSUPPORT);
    close_fixture(&f);
}
END_TEST

START_TEST(stream_takes_and_gives_handles_with_a_byte_only)
{
    fixture f = open_fixture();
    const mio_iovec empty[2] = {{NULL, 0}, {NULL, 0}};
    mio_handle handle = mio_unix_stream_handle(&f.streams[0]);
    size_t count = 7;
    uint32_t flags = 7;
    call_fails(mio_unix_stream_send_with_handles(&f.streams[0], "x", 0, &handle, 1), EINVAL);
    call_fails(mio_unix_stream_recv_with_handles(&f.streams[0], &flags, 0, &handle, 1, &count, &flags), EINVAL);
    mio_unix_message message = {sizeof message, 0, empty, 2, &handle, 1, 1, NULL, NULL};
    call_fails(mio_unix_stream_send_message(&f.streams[0], &message), EINVAL);
    call_fails_keeping(&message, mio_unix_stream_recv_message(&f.streams[0], &message), EINVAL);
    message.piece_count = 0;
    call_fails(mio_unix_stream_send_message(&f.streams[0], &message), EINVAL);
    if (!under_valgrind()) { /* Valgrind itself would read beyond the array */
        message.piece_count = SIZE_MAX;
        call_fails(mio_unix_stream_send_message(&f.streams[0], &message), EMSGSIZE);
        call_fails_keeping(&message, mio_unix_stream_recv_message(&f.streams[0], &message), EMSGSIZE);
    }
    ck_assert_uint_eq(count, 7);
    ck_assert_uint_eq(flags, 7);
    close_fixture(&f);
}
END_TEST

START_TEST(handles_that_are_not_open)
{
    fixture f = open_fixture();
    mio_handle handles[3] = {0, MIO_HANDLE_NONE, 1};
    call_fails(mio_unix_stream_send_with_handles(&f.streams[0], "x", 1, handles, 3), EBADF);
    call_fails(mio_unix_datagram_send_with_handles(&f.datagrams[0], "x", 1, handles, 3), EBADF);
    call_fails(mio_unix_stream_send_with_handles(&f.streams[0], "x", 1, NULL, 1), EINVAL);
    call_fails(mio_unix_datagram_send_with_handles(&f.datagrams[0], "x", 1, NULL, 1), EINVAL);
    close_fixture(&f);
}
END_TEST

/*
 * Sends too many descriptors. A descriptor is in flight after its send and before its receive. For an unprivileged
 * user, the kernel limits the number of descriptors in flight to RLIMIT_NOFILE.
 */
static int send_too_many(void *context)
{
    mio_unix_datagram pair[2];
    const struct rlimit few = {64, 64};
    mio_handle handles[60];
    int64_t result = 1;
    (void)context;
    require(mio_unix_datagram_pair(&pair[0], &pair[1]) == 0);
    for (size_t i = 0; i < 60; i++) {
        handles[i] = mio_unix_datagram_handle(&pair[0]);
    }
    if (setrlimit(RLIMIT_NOFILE, &few) != 0 || !drop_privileges()) {
        return SKIPPED;
    }
    for (int i = 0; i < 5 && result == 1; i++) {
        result = mio_unix_datagram_send_with_handles(&pair[0], "x", 1, handles, 60);
    }
    require(result == -EMFILE);
    return 0;
}

START_TEST(too_many_handles_on_their_way)
{
    if (run_apart(send_too_many, NULL) == SKIPPED) {
        skip("limits cannot be set");
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_messages");
    TCase *tcase = add_unix_tcase(suite, "messages");
    tcase_add_test(tcase, datagram_message_with_pieces_handles_credentials_and_addresses);
    tcase_add_test(tcase, message_of_an_unbound_sender_is_from_an_unnamed_address);
    tcase_add_test(tcase, truncated_record_and_datagram_are_told_and_no_error);
    tcase = add_tcase(suite, "errors");
    tcase_add_test(tcase, message_null_sizes_and_what_a_newer_one_asks);
    tcase_add_test(tcase, message_whose_parts_are_wrong);
    tcase_add_test(tcase, stream_takes_and_gives_handles_with_a_byte_only);
    tcase_add_test(tcase, handles_that_are_not_open);
    tcase_add_test(tcase, too_many_handles_on_their_way);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
