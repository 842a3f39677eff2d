/* SPDX-License-Identifier: MIT */
/*
 * Tests errors of Unix streams: connects that fail, and connections that break. refused.c tests arguments that are
 * always invalid.
 */
#include "../helpers/unix_sockets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Checks that a connect fails with `code`, opens no descriptor, and does not change the stream's memory. */
static void expect_connect_fails(const mio_addr *addr, uint32_t flags, int code)
{
    mio_unix_stream stream;
    int before = count_descriptors();
    scribble(&stream, sizeof stream);
    call_fails_keeping(&stream, mio_unix_stream_connect(&stream, addr, flags), code);
    ck_assert_int_eq(count_descriptors(), before);
}

/* ---- connecting ------------------------------------------------------------------------------------------------- */

START_TEST(connect_where_nobody_listens)
{
    mio_addr addr = path_addr("s");
    mio_addr absent = path_addr("absent");
    mio_addr abstract = abstract_addr("absent");
    mio_addr file = path_addr("file");
    mio_addr below_file = path_addr("file/s");
    mio_addr loop = path_addr("loop");
    close_fd(open(in_dir("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    ck_assert_int_eq(symlink(in_dir("loop"), in_dir("loop")), 0);
    expect_connect_fails(&absent, 0, ENOENT);
    expect_connect_fails(&abstract, 0, ECONNREFUSED);
    expect_connect_fails(&file, 0, ECONNREFUSED);
    expect_connect_fails(&below_file, 0, ENOTDIR);
    expect_connect_fails(&loop, 0, ELOOP);
    int fd = raw_unix(SOCK_STREAM, &addr, NULL); /* bound, but not listening */
    expect_connect_fails(&addr, 0, ECONNREFUSED);
    close_fd(fd);
    expect_connect_fails(&addr, 0, ECONNREFUSED); /* the file is stale */
}
END_TEST

START_TEST(connect_to_the_other_kind_of_socket)
{
    mio_addr stream_addr = path_addr("stream");
    mio_addr record_addr = path_addr("record");
    mio_addr datagram_addr = path_addr("datagram");
    int stream = raw_unix_listener(SOCK_STREAM, &stream_addr, 1);
    int record = raw_unix_listener(SOCK_SEQPACKET, &record_addr, 1);
    int datagram = raw_unix(SOCK_DGRAM, &datagram_addr, NULL);
    expect_connect_fails(&record_addr, 0, EPROTOTYPE);
    expect_connect_fails(&datagram_addr, 0, EPROTOTYPE);
    expect_connect_fails(&stream_addr, MIO_UNIX_SEQPACKET, EPROTOTYPE);
    close_fd(stream);
    close_fd(record);
    close_fd(datagram);
}
END_TEST

/*
 * If the backlog is full, the Rust library mio 1.2.2 returns WouldBlock, as if the connect were in progress. But no
 * connect is in progress, so a program would wait for an event that never comes.
 */
START_TEST(full_backlog_is_eagain_with_nothing_opened_and_not_in_progress)
{
    const uint32_t flags[] = {0, MIO_UNIX_SEQPACKET};
    const char *names[] = {"stream", "record"};
    for (int kind = 0; kind < 2; kind++) {
        mio_unix_listener listener;
        mio_unix_stream streams[2];
        mio_unix_stream accepted;
        mio_addr addr = path_addr(names[kind]);
        call_ok(mio_unix_listener_bind(&listener, &addr, 1, flags[kind]));
        for (int i = 0; i < 2; i++) {
            call_ok(mio_unix_stream_connect(&streams[i], &addr, flags[kind]));
        }
        expect_connect_fails(&addr, flags[kind], EAGAIN);
        accept_unix(&listener, &accepted);
        mio_unix_stream_close(&accepted);
        mio_unix_stream_close(&streams[0]);
        call_ok(mio_unix_stream_connect(&streams[0], &addr, flags[kind])); /* accepting has made room in the backlog */
        call_ok(mio_unix_stream_connect_finish(&streams[0]));
        mio_unix_stream_close(&streams[0]);
        mio_unix_stream_close(&streams[1]);
        mio_unix_listener_close(&listener);
    }
}
END_TEST

static int connect_without_rights(void *context)
{
    mio_unix_stream stream;
    if (!drop_privileges()) {
        return SKIPPED;
    }
    require(mio_unix_stream_connect(&stream, context, 0) == -EACCES);
    return 0;
}

START_TEST(connect_without_the_right_to_write)
{
    mio_addr addr = path_addr("s");
    int fd = raw_unix_listener(SOCK_STREAM, &addr, 1);
    ck_assert_int_eq(chmod(in_dir(""), 0755), 0);
    ck_assert_int_eq(chmod(in_dir("s"), 0444), 0);
    if (run_apart(connect_without_rights, &addr) == SKIPPED) {
        skip("privileges cannot be dropped");
    }
    close_fd(fd);
}
END_TEST

START_TEST(out_of_descriptors)
{
    mio_addr addr = path_addr("s");
    mio_unix_stream left;
    mio_unix_stream right;
    int fd = raw_unix_listener(SOCK_STREAM, &addr, 1);
    scribble(&left, sizeof left);
    scribble(&right, sizeof right);
    refuse_descriptors();
    call_fails_keeping(&left, mio_unix_stream_connect(&left, &addr, 0), EMFILE);
    if (!under_valgrind()) { /* Valgrind does not apply RLIMIT_NOFILE to socketpair(2) */
        call_fails_keeping(&left, mio_unix_stream_pair(&left, &right, 0), EMFILE);
        call_fails_keeping(&right, mio_unix_stream_pair(&left, &right, 0), EMFILE);
    }
    allow_descriptors();
    close_fd(fd);
}
END_TEST

START_TEST(finish_of_what_is_not_connected)
{
    mio_unix_stream stream;
    mio_addr addr;
    scribble(&addr, sizeof addr);
    call_ok(mio_unix_stream_from_handle(&stream, raw_unix(SOCK_STREAM, NULL, NULL)));
    call_fails(mio_unix_stream_connect_finish(&stream), ENOTCONN);
    call_fails_keeping(&addr, mio_unix_stream_peer_addr(&stream, &addr), ENOTCONN);
    call_fails(mio_unix_stream_shutdown(&stream, 3), EINVAL);
    char byte = 0;
    call_fails(mio_unix_stream_write(&stream, &byte, 1), ENOTCONN);
    call_fails(mio_unix_stream_read(&stream, &byte, 1), EINVAL);
    mio_unix_stream_close(&stream);
}
END_TEST

/* ---- errors after connecting ------------------------------------------------------------------------------------ */

START_TEST(peer_that_closed_with_unread_data_resets)
{
    mio_unix_stream pair[2];
    char byte = 'x';
    make_sigpipe_deadly();
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    call_counts(mio_unix_stream_write(&pair[0], &byte, 1), 1);
    mio_unix_stream_close(&pair[1]);
    call_fails(mio_unix_stream_read(&pair[0], &byte, 1), ECONNRESET);
    call_counts(mio_unix_stream_read(&pair[0], &byte, 1), 0);
    call_fails(mio_unix_stream_write(&pair[0], &byte, 1), EPIPE);
    mio_unix_stream_close(&pair[0]);

    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    call_counts(mio_unix_stream_write(&pair[0], &byte, 1), 1);
    mio_unix_stream_close(&pair[1]);
    assert_pending(mio_unix_stream_take_error, &pair[0], -ECONNRESET);
    assert_pending(mio_unix_stream_take_error, &pair[0], 0);
    mio_unix_stream_close(&pair[0]);

    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    call_counts(mio_unix_stream_write(&pair[0], &byte, 1), 1);
    mio_unix_stream_close(&pair[1]);
    call_fails(mio_unix_stream_connect_finish(&pair[0]), ECONNRESET);
    mio_unix_stream_close(&pair[0]);
}
END_TEST

START_TEST(nothing_and_1024_pieces_are_taken)
{
    mio_unix_stream pair[2];
    mio_iovec pieces[1024];
    char byte = 0;
    for (size_t i = 0; i < 1024; i++) {
        pieces[i] = (mio_iovec){&byte, 1};
    }
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    call_counts(mio_unix_stream_writev(&pair[0], pieces, 1024), 1024);
    call_counts(mio_unix_stream_readv(&pair[1], pieces, 1024), 1024);
    call_counts(mio_unix_stream_write(&pair[0], &byte, 0), 0);
    call_counts(mio_unix_stream_read(&pair[1], &byte, 0), 0);
    call_counts(mio_unix_stream_peek(&pair[1], &byte, 0), 0);
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_stream_errors");
    TCase *tcase = add_unix_tcase(suite, "connect");
    tcase_add_test(tcase, connect_where_nobody_listens);
    tcase_add_test(tcase, connect_to_the_other_kind_of_socket);
    tcase_add_test(tcase, full_backlog_is_eagain_with_nothing_opened_and_not_in_progress);
    tcase_add_test(tcase, connect_without_the_right_to_write);
    tcase_add_test(tcase, out_of_descriptors);
    tcase_add_test(tcase, finish_of_what_is_not_connected);
    tcase = add_unix_tcase(suite, "later");
    tcase_add_test(tcase, peer_that_closed_with_unread_data_resets);
    tcase_add_test(tcase, nothing_and_1024_pieces_are_taken);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
