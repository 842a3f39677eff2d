/* SPDX-License-Identifier: MIT */
/*
 * Tests mio_source_send_file on each kind of stream: with a large file, and with offsets up to the end of the file and
 * beyond it. Also tests descriptors that are not files, and a peer that closes.
 */
#include "../helpers/unix_sockets.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { STREAM = 41, LENGTH = 4 << 20, CHUNK = 1 << 16 };

/* `to` is the stream to which a test sends a file. `peer` is the blocking socket or pipe at the other end of `to`. */
enum kind { TCP, UNIX, PIPE, KINDS };

typedef struct target {
    enum kind kind;
    mio_poll *poll;
    int peer;
    union {
        mio_source source;
        mio_tcp_stream tcp;
        mio_unix_stream local;
        mio_pipe_sender pipe;
    } to;
} target;

static void open_target(target *t, enum kind kind, int variant)
{
    mio_addr any = loopback_v4();
    int fds[2];
    memset(t, 0, sizeof *t);
    t->kind = kind;
    t->poll = open_poll(variant);
    if (kind == TCP) {
        t->peer = connect_to_raw(&t->to.tcp, &any);
        ck_assert_int_eq(mio_source_set_option(&t->to.source, MIO_OPTION_NODELAY, 1), 0);
        return;
    }
    if (kind == UNIX) {
        raw_unix_pair(SOCK_STREAM, fds);
        ck_assert_ok(mio_unix_stream_from_handle(&t->to.local, fds[1]));
    } else {
        ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
        ck_assert_ok(mio_pipe_sender_from_handle(&t->to.pipe, fds[1]));
    }
    t->peer = fds[0];
}

static void close_target(target *t)
{
    if (t->kind == TCP) {
        mio_tcp_stream_close(&t->to.tcp);
    } else if (t->kind == UNIX) {
        mio_unix_stream_close(&t->to.local);
    } else {
        mio_pipe_sender_close(&t->to.pipe);
    }
    mio_poll_free(t->poll);
}

static void close_both(target *t)
{
    close_target(t);
    close_fd(t->peer);
}

/* Registers the stream, and fetches its first event. */
static void watch(target *t)
{
    ck_assert_ok(mio_registry_register(mio_poll_registry(t->poll), &t->to.source, STREAM, MIO_WRITABLE));
    expect_events(t->poll, {STREAM, MIO_WRITABLE});
}

static int64_t position(int file)
{
    return lseek(file, 0, SEEK_CUR);
}

/* Makes an unlinked temporary file of `length` bytes. The content is the pattern of the tests (fill_pattern). */
static int pattern_file(size_t length)
{
    char path[] = "/tmp/mio-test.XXXXXX";
    int file = mkostemp(path, O_CLOEXEC);
    uint8_t *bytes = malloc(length);
    ck_assert_int_ge(file, 0);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_int_eq(unlink(path), 0);
    fill_pattern(bytes, length, 0);
    ck_assert_int_eq(write(file, bytes, length), (ssize_t)length);
    ck_assert_int_eq(lseek(file, 0, SEEK_SET), 0);
    free(bytes);
    return file;
}

/* ---- bulk ------------------------------------------------------------------------------------------------------- */

static void *recv_pattern(void *context)
{
    int fd = *(int *)context;
    uint8_t *chunk = malloc(CHUNK);
    uint64_t done = 0;
    ssize_t count;
    ck_assert_ptr_nonnull(chunk);
    while ((count = read(fd, chunk, CHUNK)) > 0) {
        assert_pattern(chunk, (size_t)count, done);
        done += (uint64_t)count;
    }
    ck_assert_int_eq(count, 0);
    ck_assert_uint_eq(done, LENGTH);
    free(chunk);
    close_fd(fd);
    return NULL;
}

/* Sends the whole file in calls of at most `step` bytes. Waits for an event after each -EAGAIN. */
static void send_whole_file(target *t, int file, bool with_offset, size_t step)
{
    int64_t offset = 0;
    int64_t done = 0;
    int64_t count;
    while ((count = kept(mio_source_send_file(&t->to.source, file, with_offset ? &offset : NULL, step))) != 0) {
        if (count == -EAGAIN) {
            mio_event event;
            ck_assert_int_eq(wait_events(t->poll, &event, 1, LONG_WAIT), 1);
            ck_assert(mio_event_is_writable(&event));
            continue;
        }
        ck_assert_int_gt(count, 0);
        done += count;
        ck_assert_int_eq(with_offset ? offset : position(file), done);
    }
    ck_assert_int_eq(done, LENGTH);
    ck_assert_int_eq(position(file), with_offset ? 0 : LENGTH);
}

START_TEST(every_byte_of_a_large_file_arrives)
{
    const size_t steps[] = {SIZE_MAX, LENGTH, 100001};
    for (int run = 0; run < KINDS * 2; run++) {
        target t;
        int file = pattern_file(LENGTH);
        open_target(&t, (enum kind)(run / 2), _i);
        watch(&t);
        pthread_t thread = start_thread(recv_pattern, &t.peer);
        send_whole_file(&t, file, run % 2 != 0, steps[run % 3]);
        close_target(&t);
        join_thread(thread);
        close_fd(file);
    }
}
END_TEST

/* ---- space ------------------------------------------------------------------------------------------------------ */

/* Sends until the function returns -EAGAIN. The failed call must not change *offset. */
static void send_until_full(target *t, int file, int64_t *offset)
{
    int64_t before;
    int64_t count;
    do {
        before = *offset;
        count = kept(mio_source_send_file(&t->to.source, file, offset, SIZE_MAX));
        ck_assert_int_lt(*offset, LENGTH); /* the kernel buffers less than LENGTH bytes */
    } while (count > 0);
    ck_assert_errno(count, -EAGAIN);
    ck_assert_int_eq(*offset, before);
}

/*
 * Sends until the stream stays full for 50 ms. While the bytes travel to the peer, the stream can become writable
 * again; then the function sends more.
 */
static void fill_up(target *t, int file, int64_t *offset)
{
    mio_event event;
    do {
        send_until_full(t, file, offset);
    } while (wait_events(t->poll, &event, 1, MS(50)) != 0);
    send_until_full(t, file, offset);
}

START_TEST(without_room_it_would_block_until_the_event)
{
    for (int kind = 0; kind < KINDS; kind++) {
        target t;
        int file = pattern_file(LENGTH);
        int64_t offset = 0;
        static uint8_t bytes[CHUNK];
        open_target(&t, (enum kind)kind, _i);
        if (kind == TCP) {
            ck_assert_ok(mio_source_set_option(&t.to.source, MIO_OPTION_SEND_BUFFER, CHUNK));
            raw_set_option(t.peer, SOL_SOCKET, SO_RCVBUF, CHUNK);
        }
        watch(&t);
        fill_up(&t, file, &offset);
        call_fails(mio_source_send_file(&t.to.source, file, NULL, 1), EAGAIN);
        ck_assert_int_eq(position(file), 0);
        for (int64_t done = 0; done < offset;) {
            ssize_t count = read(t.peer, bytes, sizeof bytes);
            ck_assert_int_gt(count, 0);
            assert_pattern(bytes, (size_t)count, (uint64_t)done);
            done += count;
        }
        expect_events(t.poll, {STREAM, MIO_WRITABLE});
        ck_assert_int_gt(kept(mio_source_send_file(&t.to.source, file, &offset, SIZE_MAX)), 0);
        close_both(&t);
        close_fd(file);
    }
}
END_TEST

/* If a count is short only because the file has ended, the stream is still ready. */
START_TEST(the_end_of_the_file_is_not_the_end_of_the_room)
{
    for (int kind = 0; kind < KINDS; kind++) {
        target t;
        int file = pattern_file(100);
        int64_t offset = 0;
        open_target(&t, (enum kind)kind, _i);
        watch(&t);
        call_counts(mio_source_send_file(&t.to.source, file, &offset, SIZE_MAX), 100);
        expect_no_events(t.poll);
        call_counts(mio_source_send_file(&t.to.source, file, &offset, SIZE_MAX), 0);
        expect_no_events(t.poll);
        close_both(&t);
        close_fd(file);
    }
}
END_TEST

/* ---- offsets ---------------------------------------------------------------------------------------------------- */

START_TEST(offsets_begin_anywhere_and_are_moved)
{
    target t;
    uint8_t bytes[300];
    int file = pattern_file(1000);
    int64_t offset = 700;
    open_target(&t, TCP, 0);
    ck_assert_int_eq(lseek(file, 50, SEEK_SET), 50);
    call_counts(mio_source_send_file(&t.to.source, file, &offset, 200), 200);
    ck_assert_int_eq(offset, 900);
    ck_assert_int_eq(position(file), 50);
    raw_read(t.peer, bytes, 200);
    assert_pattern(bytes, 200, 700);
    call_counts(mio_source_send_file(&t.to.source, file, NULL, 250), 250);
    ck_assert_int_eq(position(file), 300);
    raw_read(t.peer, bytes, 250);
    assert_pattern(bytes, 250, 50);

    /* The offset is 900 and the file has 1000 bytes, so only 100 bytes are left. */
    call_counts(mio_source_send_file(&t.to.source, file, &offset, 300), 100);
    ck_assert_int_eq(offset, 1000);
    raw_read(t.peer, bytes, 100);
    assert_pattern(bytes, 100, 900);
    call_counts(mio_source_send_file(&t.to.source, file, &offset, 1), 0);
    ck_assert_int_eq(offset, 1000);
    const int64_t beyond[] = {1001, 1 << 20, INT64_C(1) << 33};
    for (size_t i = 0; i < 3; i++) {
        offset = beyond[i];
        call_counts(mio_source_send_file(&t.to.source, file, &offset, SIZE_MAX), 0);
        ck_assert_int_eq(offset, beyond[i]);
    }
    offset = 10;
    call_counts(mio_source_send_file(&t.to.source, file, &offset, 0), 0);
    ck_assert_int_eq(offset, 10);
    const size_t huge[] = {SIZE_MAX, SIZE_MAX / 2 + 1, SIZE_MAX / 2, beyond_32_bits(0), (size_t)INT32_MAX + 1};
    for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++) {
        offset = 990;
        call_counts(mio_source_send_file(&t.to.source, file, &offset, huge[i]), 10);
        ck_assert_int_eq(offset, 1000);
        raw_read(t.peer, bytes, 10);
        assert_pattern(bytes, 10, 990);
    }
    close_both(&t);
    close_fd(file);
}
END_TEST

START_TEST(offsets_that_no_file_has_are_refused)
{
    target t;
    int file = pattern_file(10);
    int64_t offset = -1;
    open_target(&t, TCP, 0);
    call_fails_keeping(&offset, mio_source_send_file(&t.to.source, file, &offset, 1), EINVAL);
    offset = INT64_MIN;
    call_fails_keeping(&offset, mio_source_send_file(&t.to.source, file, &offset, SIZE_MAX), EINVAL);
    offset = INT64_MAX;
    int64_t result = kept(mio_source_send_file(&t.to.source, file, &offset, SIZE_MAX));
    ck_assert(result == -EINVAL || result == -EOVERFLOW);
    offset = INT64_MAX / 2; /* some file systems allow a file of this size */
    result = kept(mio_source_send_file(&t.to.source, file, &offset, SIZE_MAX));
    ck_assert(result == 0 || result == -EOVERFLOW);
    ck_assert_int_eq(offset, INT64_MAX / 2);
    close_both(&t);
    close_fd(file);
}
END_TEST

/* ---- descriptors that are not regular files, or are not readable ------------------------------------------------ */

START_TEST(what_is_no_file_to_read_is_refused)
{
    target t;
    int64_t offset = 0;
    int fds[2];
    int sockets[2];
    open_target(&t, TCP, 0);
    int descriptors = count_descriptors();
    int directory = open("/tmp", O_RDONLY | O_CLOEXEC);
    call_fails_keeping(&offset, mio_source_send_file(&t.to.source, directory, &offset, 10), EINVAL);
    call_fails(mio_source_send_file(&t.to.source, directory, NULL, 10), EINVAL);
    close_fd(directory);
    int sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
    call_fails_keeping(&offset, mio_source_send_file(&t.to.source, sink, &offset, 10), EBADF);
    close_fd(sink);
    make_pipe(fds);
    write_byte(fds[1]);
    call_fails(mio_source_send_file(&t.to.source, fds[0], NULL, 10), EINVAL);
    call_fails_keeping(&offset, mio_source_send_file(&t.to.source, fds[0], &offset, 10), ESPIPE);
    raw_unix_pair(SOCK_STREAM, sockets);
    raw_write(sockets[0], "x", 1);
    call_fails(mio_source_send_file(&t.to.source, sockets[1], NULL, 10), EINVAL);
    call_fails(mio_source_send_file(&t.to.source, -1, NULL, 10), EBADF);
    call_fails_keeping(&offset, mio_source_send_file(&t.to.source, -1, &offset, 10), EBADF);
    for (int i = 0; i < 2; i++) {
        close_fd(fds[i]);
        close_fd(sockets[i]);
    }
    ck_assert_int_eq(count_descriptors(), descriptors);
    raw_write(t.peer, "x", 1);
    char byte;
    /* The failed calls have sent nothing to the peer. */
    ck_assert_int_eq(recv(t.peer, &byte, 1, MSG_DONTWAIT), -1);
    close_both(&t);
}
END_TEST

START_TEST(a_file_open_for_appending_and_a_device_are_files)
{
    target t;
    char path[] = "/tmp/mio-test.XXXXXX";
    uint8_t bytes[16];
    open_target(&t, TCP, 0);
    close_fd(mkstemp(path));
    int file = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(write(file, "appended", 8), 8);
    int64_t offset = 2;
    call_counts(mio_source_send_file(&t.to.source, file, &offset, SIZE_MAX), 6);
    raw_read(t.peer, bytes, 6);
    ck_assert_mem_eq(bytes, "pended", 6);
    close_fd(file);
    file = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    call_counts(mio_source_send_file(&t.to.source, file, NULL, 10), 10);
    raw_read(t.peer, bytes, 10);
    ck_assert(is_zero(bytes, 10));
    close_fd(file);
    close_both(&t);
}
END_TEST

START_TEST(null_closed_and_garbage_sources_are_refused)
{
    mio_source closed = {{0}};
    mio_source garbage;
    int64_t offset = 3;
    int file = pattern_file(10);
    scribble(&garbage, sizeof garbage);
    call_fails_keeping(&offset, mio_source_send_file(NULL, file, &offset, 1), EINVAL);
    call_fails_keeping(&offset, mio_source_send_file(&closed, file, &offset, 1), EBADF);
    call_fails_keeping(&offset, mio_source_send_file(&garbage, file, &offset, 1), EBADF);
    call_fails(mio_source_send_file(&closed, file, NULL, 0), EBADF);
    ck_assert_int_eq(position(file), 0);
    close_fd(file);
}
END_TEST

/* ---- ends ------------------------------------------------------------------------------------------------------- */

START_TEST(a_closed_reader_is_epipe_without_a_signal)
{
    make_sigpipe_deadly();
    for (int kind = 0; kind < KINDS; kind++) {
        target t;
        int file = pattern_file(100);
        int64_t offset = 5;
        int64_t result = 0;
        open_target(&t, (enum kind)kind, _i);
        if (kind == TCP) {
            raw_reset(t.peer);
            wait_handle(mio_tcp_stream_handle(&t.to.tcp), POLLIN);
            result = kept(mio_source_send_file(&t.to.source, file, &offset, 10));
            ck_assert(result == -ECONNRESET || result == -EPIPE);
        } else {
            close_fd(t.peer);
        }
        for (int i = 0; i < 3; i++) {
            call_fails_keeping(&offset, mio_source_send_file(&t.to.source, file, &offset, 10), EPIPE);
            call_fails(mio_source_send_file(&t.to.source, file, NULL, 10), EPIPE);
        }
        ck_assert_int_eq(position(file), 0);
        close_target(&t);
        close_fd(file);
    }
}
END_TEST

/* A peer that reads `length` bytes and then closes its socket, while the file is being sent. */
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
 * The peer closes while the kernel is sending: some bytes are already sent, and the kernel also raises SIGPIPE. The
 * function must return the number of bytes sent, and suppress SIGPIPE.
 */
START_TEST(a_reader_that_leaves_in_the_midst_raises_no_signal)
{
    int file = pattern_file(LENGTH);
    make_sigpipe_deadly();
    for (int i = 0; i < rounds(600); i++) {
        target t;
        int64_t result;
        open_target(&t, UNIX, 0);
        leaving l = {t.peer, (size_t)(i % 75) * 4096};
        pthread_t thread = start_thread(read_and_leave, &l);
        do {
            int64_t offset = 0;
            result = mio_source_send_file(&t.to.source, file, &offset, LENGTH);
        } while (result > 0 || result == -EAGAIN);
        ck_assert(result == -EPIPE || result == -ECONNRESET);
        join_thread(thread);
        close_target(&t);
    }
    close_fd(file);
}
END_TEST

START_TEST(a_side_that_is_shut_down_is_epipe)
{
    target t;
    int file = pattern_file(10);
    make_sigpipe_deadly();
    open_target(&t, TCP, _i);
    ck_assert_ok(mio_tcp_stream_shutdown(&t.to.tcp, MIO_SHUTDOWN_WRITE));
    call_fails(mio_source_send_file(&t.to.source, file, NULL, 10), EPIPE);
    close_both(&t);
    close_fd(file);
}
END_TEST

/* With MIO_SEND_MORE, the kernel keeps the bytes, and sends them in one segment with the file. */
START_TEST(a_header_that_was_held_back_goes_out_with_the_file)
{
    target t;
    char bytes[32];
    int unsent = -1;
    int file = pattern_file(16);
    open_target(&t, TCP, 0);
    call_counts(mio_tcp_stream_send(&t.to.tcp, "header", 6, MIO_SEND_MORE), 6);
    call_counts(mio_source_send_file(&t.to.source, file, NULL, 16), 16);
    ck_assert_int_eq(ioctl(mio_tcp_stream_handle(&t.to.tcp), SIOCOUTQNSD, &unsent), 0);
    ck_assert_int_eq(unsent, 0);
    raw_read(t.peer, bytes, 22);
    ck_assert_mem_eq(bytes, "header", 6);
    assert_pattern(bytes + 6, 16, 0);
    close_both(&t);
    close_fd(file);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("send_file");
    TCase *bulk = add_tcase(suite, "bulk");
    tcase_add_backend_test(bulk, every_byte_of_a_large_file_arrives);
    tcase_add_backend_test(bulk, without_room_it_would_block_until_the_event);
    tcase_add_backend_test(bulk, the_end_of_the_file_is_not_the_end_of_the_room);
    TCase *arguments = add_tcase(suite, "arguments");
    tcase_add_test(arguments, offsets_begin_anywhere_and_are_moved);
    tcase_add_test(arguments, offsets_that_no_file_has_are_refused);
    tcase_add_test(arguments, what_is_no_file_to_read_is_refused);
    tcase_add_test(arguments, a_file_open_for_appending_and_a_device_are_files);
    tcase_add_test(arguments, null_closed_and_garbage_sources_are_refused);
    TCase *ends = add_tcase(suite, "ends");
    tcase_add_backend_test(ends, a_closed_reader_is_epipe_without_a_signal);
    tcase_add_test(ends, a_reader_that_leaves_in_the_midst_raises_no_signal);
    tcase_add_backend_test(ends, a_side_that_is_shut_down_is_epipe);
    tcase_add_test(ends, a_header_that_was_held_back_goes_out_with_the_file);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
