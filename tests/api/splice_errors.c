/* SPDX-License-Identifier: MIT */
/*
 * Tests mio_source_splice and its variants for handles. The tests pass bare descriptors, splice at the end of the data,
 * and cause errors.
 */
#include "../helpers/unix_sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/* A pipe, and a stream whose peer is a blocking socket. */
typedef struct ends {
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_unix_stream stream;
    int peer;
} ends;

static void open_ends(ends *e)
{
    int fds[2];
    ck_assert_ok(mio_pipe_pair(&e->sender, &e->receiver));
    raw_unix_pair(SOCK_STREAM, fds);
    ck_assert_ok(mio_unix_stream_from_handle(&e->stream, fds[1]));
    e->peer = fds[0];
}

static void close_ends(ends *e)
{
    mio_pipe_sender_close(&e->sender);
    mio_pipe_receiver_close(&e->receiver);
    mio_unix_stream_close(&e->stream);
    if (e->peer != MIO_HANDLE_NONE) {
        close_fd(e->peer);
    }
}

/* Opens an unlinked temporary file with these flags. Its content is `text`. */
static int open_text(const char *text, int flags)
{
    char path[] = "/tmp/mio-test.XXXXXX";
    int made = mkstemp(path);
    ck_assert_int_ge(made, 0);
    ck_assert_int_eq(write(made, text, strlen(text)), (ssize_t)strlen(text));
    int file = open(path, flags | O_CLOEXEC);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(unlink(path), 0);
    close_fd(made);
    return file;
}

static void expect_in_pipe(ends *e, const char *wanted)
{
    char bytes[64];
    ck_assert_count(mio_pipe_receiver_read(&e->receiver, bytes, sizeof bytes), strlen(wanted));
    ck_assert_mem_eq(bytes, wanted, strlen(wanted));
}

/* ---- descriptors ------------------------------------------------------------------------------------------------ */

START_TEST(a_stream_and_a_descriptor_of_a_pipe)
{
    ends e;
    char bytes[16];
    uint32_t blocked = 77;
    open_ends(&e);
    int in = mio_pipe_sender_handle(&e.sender);
    int out = mio_pipe_receiver_handle(&e.receiver);
    call_fails(mio_source_splice_to_handle(&e.stream.source, in, 100, &blocked), EAGAIN);
    ck_assert_uint_eq(blocked, MIO_READABLE);
    raw_write(e.peer, "data", 4);
    call_counts(mio_source_splice_to_handle(&e.stream.source, in, 3, &blocked), 3);
    call_counts(mio_source_splice_to_handle(&e.stream.source, in, 3, NULL), 1);
    call_counts(mio_source_splice_from_handle(out, &e.stream.source, 100, &blocked), 4);
    raw_read(e.peer, bytes, 4);
    ck_assert_mem_eq(bytes, "data", 4);
    call_fails(mio_source_splice_from_handle(out, &e.stream.source, 100, NULL), EAGAIN);
    call_fails(mio_source_splice_from_handle(out, &e.stream.source, 100, &blocked), EAGAIN);
    ck_assert_uint_eq(blocked, MIO_READABLE);
    close_ends(&e);
}
END_TEST

/* A splice does not wait for a pipe, even if the pipe is blocking. */
START_TEST(a_blocking_pipe_is_not_waited_for)
{
    ends e;
    int fds[2];
    uint32_t blocked = 77;
    static char bytes[1 << 16];
    open_ends(&e);
    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
    call_fails(mio_source_splice_from_handle(fds[0], &e.stream.source, 100, &blocked), EAGAIN);
    ck_assert_uint_eq(blocked, MIO_READABLE);
    int room = fcntl(fds[1], F_GETPIPE_SZ);
    for (int done = 0; done < room; done += 4096) {
        ck_assert_int_eq(write(fds[1], bytes, 4096), 4096);
    }
    raw_write(e.peer, "data", 4);
    call_fails(mio_source_splice_to_handle(&e.stream.source, fds[1], 100, &blocked), EAGAIN);
    ck_assert_uint_eq(blocked, MIO_WRITABLE);
    close_fd(fds[0]);
    close_fd(fds[1]);
    close_ends(&e);
}
END_TEST

static void do_nothing(int number)
{
    (void)number;
}

/* A splice from a blocking socket blocks until data arrives, but returns -EINTR when a signal handler has run. */
START_TEST(the_wait_for_a_blocking_socket_ends_at_a_handler)
{
    mio_tcp_stream stream;
    mio_addr any = loopback_v4();
    ends e;
    uint32_t blocked = 77;
    struct sigaction action = {.sa_handler = do_nothing};
    /* The timer repeats the signal, because the first signal can arrive before the splice waits. */
    struct itimerval every = {{0, 20000}, {0, 20000}};
    const struct itimerval never = {{0, 0}, {0, 0}};
    open_ends(&e);
    int peer = connect_to_raw(&stream, &any);
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &every, NULL), 0);
    call_fails(mio_source_splice_from_handle(peer, &e.sender.source, 4, &blocked), EINTR);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
    ck_assert_uint_eq(blocked, 77);
    close_fd(peer);
    mio_tcp_stream_close(&stream);
    close_ends(&e);
}
END_TEST

START_TEST(a_file_is_read_and_written_at_its_position)
{
    ends e;
    char bytes[16] = "";
    open_ends(&e);
    int file = open_text("0123456789", O_RDWR);
    ck_assert_int_eq(lseek(file, 4, SEEK_SET), 4);
    call_counts(mio_source_splice_from_handle(file, &e.sender.source, 3, NULL), 3);
    expect_in_pipe(&e, "456");
    call_counts(mio_source_splice_from_handle(file, &e.sender.source, SIZE_MAX, NULL), 3);
    expect_in_pipe(&e, "789");
    call_counts(mio_source_splice_from_handle(file, &e.sender.source, 100, NULL), 0);
    ck_assert_count(mio_pipe_sender_write(&e.sender, "abc", 3), 3);
    ck_assert_int_eq(lseek(file, 1, SEEK_SET), 1);
    call_counts(mio_source_splice_to_handle(&e.receiver.source, file, SIZE_MAX, NULL), 3);
    ck_assert_int_eq(lseek(file, 0, SEEK_CUR), 4);
    ck_assert_int_eq(pread(file, bytes, sizeof bytes, 0), 10);
    ck_assert_str_eq(bytes, "0abc456789");
    uint32_t blocked = 77;
    call_fails(mio_source_splice_to_handle(&e.receiver.source, file, 100, &blocked), EAGAIN);
    ck_assert_uint_eq(blocked, MIO_READABLE);
    close_fd(file);
    close_ends(&e);
}
END_TEST

START_TEST(a_pipe_is_moved_into_another)
{
    ends one;
    ends two;
    open_ends(&one);
    open_ends(&two);
    ck_assert_count(mio_pipe_sender_write(&one.sender, "abcd", 4), 4);
    call_counts(mio_source_splice(&one.receiver.source, &two.sender.source, 3, NULL), 3);
    expect_in_pipe(&two, "abc");
    expect_in_pipe(&one, "d");
    close_ends(&one);
    close_ends(&two);
}
END_TEST

/* ---- errors ----------------------------------------------------------------------------------------------------- */

/* Checks that a splice into `to` fails with `code`, and that a splice out of `from` fails with `code`. The splices must
 * leave `blocked` unchanged. The function skips a handle that is MIO_HANDLE_NONE. */
static void expect_both_fail(ends *e, int to, int from, int code)
{
    uint32_t blocked = 77;
    if (to != MIO_HANDLE_NONE) {
        call_fails_keeping(&blocked, mio_source_splice_to_handle(&e->receiver.source, to, 2, &blocked), code);
        call_fails(mio_source_splice_to_handle(&e->receiver.source, to, 2, NULL), code);
    }
    if (from != MIO_HANDLE_NONE) {
        call_fails_keeping(&blocked, mio_source_splice_from_handle(from, &e->sender.source, 2, &blocked), code);
        call_fails(mio_source_splice_from_handle(from, &e->sender.source, 2, NULL), code);
    }
}

START_TEST(descriptors_that_do_not_fit_are_refused)
{
    ends e;
    open_ends(&e);
    int descriptors = count_descriptors();
    ck_assert_count(mio_pipe_sender_write(&e.sender, "abc", 3), 3);
    int append = open_text("", O_RDWR | O_APPEND);
    expect_both_fail(&e, append, MIO_HANDLE_NONE, EINVAL);
    int directory = open("/tmp", O_RDONLY | O_CLOEXEC);
    expect_both_fail(&e, MIO_HANDLE_NONE, directory, EINVAL);
    expect_both_fail(&e, directory, MIO_HANDLE_NONE, EBADF);
    int reading = open_text("", O_RDONLY);
    expect_both_fail(&e, reading, MIO_HANDLE_NONE, EBADF);
    int writing = open_text("", O_WRONLY);
    expect_both_fail(&e, MIO_HANDLE_NONE, writing, EBADF);
    expect_both_fail(&e, mio_pipe_receiver_handle(&e.receiver), mio_pipe_sender_handle(&e.sender), EBADF);
    int gone = lowest_free_descriptor();
    expect_both_fail(&e, gone, gone, EBADF);
    close_fd(append);
    close_fd(directory);
    close_fd(reading);
    close_fd(writing);
    ck_assert_int_eq(count_descriptors(), descriptors);
    expect_in_pipe(&e, "abc");
    close_ends(&e);
}
END_TEST

START_TEST(without_a_pipe_or_with_one_alone_it_is_refused)
{
    ends e;
    ends other;
    uint32_t blocked = 77;
    open_ends(&e);
    open_ends(&other);
    raw_write(e.peer, "data", 4);
    int file = open_text("file", O_RDWR);
    call_fails_keeping(&blocked, mio_source_splice(&e.stream.source, &other.stream.source, 4, &blocked), EINVAL);
    call_fails_keeping(&blocked, mio_source_splice_to_handle(&e.stream.source, file, 4, &blocked), EINVAL);
    call_fails_keeping(&blocked, mio_source_splice_from_handle(file, &e.stream.source, 4, &blocked), EINVAL);
    ck_assert_count(mio_pipe_sender_write(&e.sender, "x", 1), 1);
    call_fails_keeping(&blocked, mio_source_splice(&e.receiver.source, &e.sender.source, 1, &blocked), EINVAL);
    close_fd(file);
    close_ends(&e);
    close_ends(&other);
}
END_TEST

START_TEST(null_closed_and_garbage_sources_are_refused)
{
    ends e;
    mio_source closed = {{0}};
    mio_source garbage;
    uint32_t blocked = 77;
    open_ends(&e);
    scribble(&garbage, sizeof garbage);
    int in = mio_pipe_sender_handle(&e.sender);
    int out = mio_pipe_receiver_handle(&e.receiver);
    call_fails_keeping(&blocked, mio_source_splice(NULL, &e.sender.source, 1, &blocked), EINVAL);
    call_fails_keeping(&blocked, mio_source_splice(&e.receiver.source, NULL, 1, &blocked), EINVAL);
    call_fails(mio_source_splice_to_handle(NULL, in, 1, NULL), EINVAL);
    call_fails(mio_source_splice_from_handle(out, NULL, 1, NULL), EINVAL);
    for (size_t count = 0; count < 2; count++) {
        call_fails_keeping(&blocked, mio_source_splice(&closed, &e.sender.source, count, &blocked), EBADF);
        call_fails_keeping(&blocked, mio_source_splice(&e.receiver.source, &closed, count, &blocked), EBADF);
        call_fails_keeping(&blocked, mio_source_splice(&garbage, &e.sender.source, count, &blocked), EBADF);
        call_fails(mio_source_splice_to_handle(&closed, in, count, NULL), EBADF);
        call_fails(mio_source_splice_to_handle(&e.receiver.source, -1, count, NULL), EBADF);
        call_fails(mio_source_splice_from_handle(out, &closed, count, NULL), EBADF);
        call_fails(mio_source_splice_from_handle(-1, &e.sender.source, count, NULL), EBADF);
    }
    close_ends(&e);
}
END_TEST

/* ---- large counts, and the end of the data ---------------------------------------------------------------------- */

START_TEST(any_count_is_taken)
{
    ends e;
    const size_t huge[] = {SIZE_MAX, SIZE_MAX / 2 + 1, beyond_32_bits(0), (size_t)INT32_MAX + 1, 4};
    open_ends(&e);
    for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++) {
        raw_write(e.peer, "data", 4);
        call_counts(mio_source_splice(&e.stream.source, &e.sender.source, huge[i], NULL), 4);
        expect_in_pipe(&e, "data");
    }
    raw_write(e.peer, "data", 4);
    call_counts(mio_source_splice(&e.stream.source, &e.sender.source, 0, NULL), 0);
    call_counts(mio_source_splice(&e.stream.source, &e.sender.source, 4, NULL), 4);
    close_ends(&e);
}
END_TEST

START_TEST(the_end_of_from_is_0)
{
    ends e;
    uint32_t blocked = 77;
    open_ends(&e);
    raw_write(e.peer, "data", 4);
    ck_assert_int_eq(shutdown(e.peer, SHUT_WR), 0);
    call_counts(mio_source_splice(&e.stream.source, &e.sender.source, 100, &blocked), 4);
    call_counts(mio_source_splice(&e.stream.source, &e.sender.source, 100, &blocked), 0);
    call_counts(mio_source_splice(&e.stream.source, &e.sender.source, 100, NULL), 0);
    mio_pipe_sender_close(&e.sender);
    call_counts(mio_source_splice(&e.receiver.source, &e.stream.source, 100, &blocked), 4);
    call_counts(mio_source_splice(&e.receiver.source, &e.stream.source, 100, &blocked), 0);
    ck_assert_uint_eq(blocked, 77);
    close_ends(&e);
}
END_TEST

START_TEST(a_closed_reader_is_epipe_without_a_signal)
{
    ends e;
    uint32_t blocked = 77;
    make_sigpipe_deadly();
    open_ends(&e);
    ck_assert_count(mio_pipe_sender_write(&e.sender, "data", 4), 4);
    close_fd(e.peer);
    e.peer = MIO_HANDLE_NONE;
    for (int i = 0; i < 3; i++) {
        call_fails_keeping(&blocked, mio_source_splice(&e.receiver.source, &e.stream.source, 4, &blocked), EPIPE);
    }
    expect_in_pipe(&e, "data"); /* nothing was lost */
    close_ends(&e);
    open_ends(&e);
    raw_write(e.peer, "data", 4);
    mio_pipe_receiver_close(&e.receiver);
    for (int i = 0; i < 3; i++) {
        call_fails_keeping(&blocked, mio_source_splice(&e.stream.source, &e.sender.source, 4, &blocked), EPIPE);
        call_fails(mio_source_splice_to_handle(&e.stream.source, mio_pipe_sender_handle(&e.sender), 4, NULL), EPIPE);
    }
    char bytes[8];
    ck_assert_count(mio_unix_stream_read(&e.stream, bytes, sizeof bytes), 4);
    close_ends(&e);
}
END_TEST

START_TEST(a_reset_is_reported)
{
    mio_tcp_stream stream;
    mio_addr any = loopback_v4();
    ends e;
    make_sigpipe_deadly();
    open_ends(&e);
    int peer = connect_to_raw(&stream, &any);
    raw_reset(peer);
    wait_handle(mio_tcp_stream_handle(&stream), POLLIN);
    call_fails(mio_source_splice(&stream.source, &e.sender.source, 4, NULL), ECONNRESET);
    ck_assert_count(mio_pipe_sender_write(&e.sender, "data", 4), 4);
    call_fails(mio_source_splice(&e.receiver.source, &stream.source, 4, NULL), EPIPE);
    expect_in_pipe(&e, "data");
    mio_tcp_stream_close(&stream);
    close_ends(&e);
}
END_TEST

typedef struct leaving {
    int fd;
    size_t length;
} leaving;

static void *read_and_leave(void *context)
{
    const leaving *l = context;
    static char bytes[4096];
    for (size_t done = 0; done < l->length; done += sizeof bytes) {
        ck_assert_int_gt(recv(l->fd, bytes, sizeof bytes, 0), 0);
    }
    close_fd(l->fd);
    return NULL;
}

/*
 * The peer closes while the kernel is moving bytes: some bytes are already moved, and the kernel also raises SIGPIPE.
 * mio_source_splice must return the number of the moved bytes, and suppress SIGPIPE.
 */
START_TEST(a_reader_that_leaves_in_the_midst_raises_no_signal)
{
    static char bytes[1 << 20];
    make_sigpipe_deadly();
    for (int i = 0; i < rounds(200); i++) {
        ends e;
        int64_t result;
        open_ends(&e);
        (void)fcntl(mio_pipe_sender_handle(&e.sender), F_SETPIPE_SZ, sizeof bytes);
        leaving l = {e.peer, (size_t)(i % 75) * 4096};
        pthread_t thread = start_thread(read_and_leave, &l);
        do {
            (void)!mio_pipe_sender_write(&e.sender, bytes, sizeof bytes);
            result = mio_source_splice(&e.receiver.source, &e.stream.source, sizeof bytes, NULL);
        } while (result > 0 || result == -EAGAIN);
        ck_assert(result == -EPIPE || result == -ECONNRESET);
        join_thread(thread);
        e.peer = MIO_HANDLE_NONE;
        close_ends(&e);
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("splice_errors");
    TCase *descriptors = add_tcase(suite, "descriptors");
    tcase_add_test(descriptors, a_stream_and_a_descriptor_of_a_pipe);
    tcase_add_test(descriptors, a_blocking_pipe_is_not_waited_for);
    tcase_add_test(descriptors, the_wait_for_a_blocking_socket_ends_at_a_handler);
    tcase_add_test(descriptors, a_file_is_read_and_written_at_its_position);
    tcase_add_test(descriptors, a_pipe_is_moved_into_another);
    TCase *errors = add_tcase(suite, "errors");
    tcase_add_test(errors, descriptors_that_do_not_fit_are_refused);
    tcase_add_test(errors, without_a_pipe_or_with_one_alone_it_is_refused);
    tcase_add_test(errors, null_closed_and_garbage_sources_are_refused);
    TCase *counts = add_tcase(suite, "ends");
    tcase_add_test(counts, any_count_is_taken);
    tcase_add_test(counts, the_end_of_from_is_0);
    tcase_add_test(counts, a_closed_reader_is_epipe_without_a_signal);
    tcase_add_test(counts, a_reset_is_reported);
    tcase_add_test(counts, a_reader_that_leaves_in_the_midst_raises_no_signal);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
