/* SPDX-License-Identifier: MIT */
/* Tests how Unix sockets pass descriptors (handles). Each handle arrives close-on-exec, and no handle leaks. */
#include "../helpers/unix_sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/net_tstamp.h>
#endif

enum { MOST = MIO_UNIX_HANDLES_MAX };

/* The kinds of connected pairs: stream, seqpacket and datagram. */
enum { BYTES, RECORDS, DATAGRAMS, KINDS };

typedef struct carrier {
    int kind;
    union {
        mio_unix_stream streams[2];
        mio_unix_datagram datagrams[2];
    } ends;
} carrier;

static carrier open_link(int kind)
{
    carrier l = {.kind = kind};
    if (kind == DATAGRAMS) {
        call_ok(mio_unix_datagram_pair(&l.ends.datagrams[0], &l.ends.datagrams[1]));
    } else {
        call_ok(mio_unix_stream_pair(&l.ends.streams[0], &l.ends.streams[1], kind == RECORDS ? MIO_UNIX_SEQPACKET : 0));
    }
    return l;
}

static void close_link(carrier *l)
{
    for (int end = 0; end < 2; end++) {
        if (l->kind == DATAGRAMS) {
            mio_unix_datagram_close(&l->ends.datagrams[end]);
        } else {
            mio_unix_stream_close(&l->ends.streams[end]);
        }
    }
}

static int64_t send_handles(carrier *l, const void *buffer, size_t length, const mio_handle *handles, size_t count)
{
    return kept(l->kind == DATAGRAMS
                    ? mio_unix_datagram_send_with_handles(&l->ends.datagrams[0], buffer, length, handles, count)
                    : mio_unix_stream_send_with_handles(&l->ends.streams[0], buffer, length, handles, count));
}

static int64_t recv_handles(carrier *l, void *buffer, size_t length, mio_handle *handles, size_t capacity,
                            size_t *count, uint32_t *flags)
{
    return kept(l->kind == DATAGRAMS ? mio_unix_datagram_recv_with_handles(&l->ends.datagrams[1], buffer, length,
                                                                           handles, capacity, count, flags)
                                     : mio_unix_stream_recv_with_handles(&l->ends.streams[1], buffer, length, handles,
                                                                         capacity, count, flags));
}

/*
 * Makes `count` duplicates of `fd`, the reading end of a pipe. If the test writes a byte to the pipe, it can read the
 * byte from any duplicate.
 */
static void fill_with_duplicates(int fd, mio_handle *handles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        handles[i] = dup(fd);
        ck_assert_int_ne(handles[i], -1);
    }
}

static void close_all(const mio_handle *handles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        close_fd(handles[i]);
    }
}

/* Returns whether two descriptors have the same device and inode. */
static bool same_file(int left, int right)
{
    struct stat a;
    struct stat b;
    return fstat(left, &a) == 0 && fstat(right, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* ---- handles arrive --------------------------------------------------------------------------------------------- */

START_TEST(a_handle_arrives_with_the_bytes_and_is_a_close_on_exec_copy)
{
    carrier l = open_link(_i);
    int fds[2];
    char buffer[16];
    mio_handle handles[4] = {-7, -7, -7, -7};
    size_t count = 99;
    uint32_t flags = 99;
    ck_assert_int_eq(pipe(fds), 0); /* both ends are blocking and not close-on-exec */
    ck_assert_count(send_handles(&l, "bytes", 5, &fds[0], 1), 5);
    ck_assert(is_open(fds[0]));
    ck_assert_count(recv_handles(&l, buffer, sizeof buffer, handles, 4, &count, &flags), 5);
    ck_assert_mem_eq(buffer, "bytes", 5);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(flags, 0);
    ck_assert_int_eq(handles[1], -7);
    ck_assert_int_ne(handles[0], fds[0]);
    ck_assert(same_file(handles[0], fds[0]));
    ck_assert(is_cloexec(handles[0]));
    ck_assert(!is_nonblocking(handles[0])); /* the received handle shares the sender's open file, which is blocking */
    write_byte(fds[1]);
    ck_assert_int_eq(read(handles[0], buffer, 1), 1);
    close_fd(handles[0]);
    close_all(fds, 2);
    close_link(&l);
}
END_TEST

START_TEST(as_many_as_the_system_allows_arrive_in_order)
{
    carrier l = open_link(_i);
    int before = count_descriptors();
    mio_handle sent[MOST + 1];
    mio_handle received[MOST];
    int fds[2];
    char byte = 'x';
    size_t count = 0;
    uint32_t flags = 99;
    make_pipe(fds);
    fill_with_duplicates(fds[0], sent, MOST + 1);
    close_fd(sent[MOST - 1]);
    sent[MOST - 1] = dup(fds[1]); /* only this handle is a writing end */
    ck_assert_errno(send_handles(&l, &byte, 1, sent, MOST + 1), -EINVAL);
    ck_assert_errno(recv_handles(&l, &byte, 1, received, MOST, &count, &flags), -EAGAIN);
    ck_assert_count(send_handles(&l, &byte, 1, sent, MOST), 1);
    ck_assert_count(recv_handles(&l, &byte, 1, received, MOST, &count, &flags), 1);
    ck_assert_uint_eq(count, MOST);
    ck_assert_uint_eq(flags, 0);
    write_byte(received[MOST - 1]);
    ck_assert_int_eq(read(received[0], &byte, 1), 1);
    for (size_t i = 0; i < MOST; i++) {
        ck_assert(is_cloexec(received[i]));
    }
    close_all(sent, MOST + 1);
    close_all(received, MOST);
    close_all(fds, 2);
    ck_assert_int_eq(count_descriptors(), before);
    close_link(&l);
}
END_TEST

START_TEST(no_handle_at_all_is_a_plain_message)
{
    carrier l = open_link(_i);
    char buffer[16];
    size_t count = 99;
    uint32_t flags = 99;
    ck_assert_count(send_handles(&l, "bytes", 5, NULL, 0), 5);
    ck_assert_count(recv_handles(&l, buffer, sizeof buffer, NULL, 0, &count, &flags), 5);
    ck_assert_uint_eq(count, 0);
    ck_assert_uint_eq(flags, 0);
    ck_assert_errno(recv_handles(&l, buffer, sizeof buffer, NULL, 0, &count, &flags), -EAGAIN);
    close_link(&l);
}
END_TEST

START_TEST(empty_datagram_carries_handles)
{
    carrier l = open_link(DATAGRAMS);
    int fds[2];
    mio_handle handle;
    size_t count = 0;
    uint32_t flags = 99;
    make_pipe(fds);
    ck_assert_count(send_handles(&l, NULL, 0, fds, 1), 0);
    ck_assert_count(recv_handles(&l, NULL, 0, &handle, 1, &count, &flags), 0);
    ck_assert_uint_eq(count, 1);
    ck_assert(same_file(handle, fds[0]));
    close_fd(handle);
    close_all(fds, 2);
    close_link(&l);
}
END_TEST

/*
 * On a stream, one call sends handles together with bytes, and the handles arrive with these bytes. A read ends after
 * these bytes, even if the peer has already sent more.
 */
START_TEST(read_of_a_stream_ends_where_handles_came)
{
    carrier l = open_link(BYTES);
    int fds[2];
    char buffer[16];
    mio_handle handle;
    size_t count = 0;
    uint32_t flags = 0;
    make_pipe(fds);
    ck_assert_count(send_handles(&l, "before", 6, NULL, 0), 6);
    for (int i = 0; i < 2; i++) {
        ck_assert_count(send_handles(&l, "abc", 3, &fds[i], 1), 3);
    }
    ck_assert_count(send_handles(&l, "after", 5, NULL, 0), 5);
    for (int i = 0; i < 2; i++) { /* the first read also returns the bytes before the first handle */
        ck_assert_count(recv_handles(&l, buffer, sizeof buffer, &handle, 1, &count, &flags), i == 0 ? 9 : 3);
        ck_assert_uint_eq(count, 1);
        ck_assert(same_file(handle, fds[i]));
        close_fd(handle);
    }
    close_all(fds, 2);
    close_link(&l);
}
END_TEST

START_TEST(partial_write_has_sent_the_handles)
{
    carrier l = open_link(BYTES);
    static char huge[4 << 20];
    int fds[2];
    mio_handle handles[2];
    size_t count = 0;
    size_t handles_seen = 0;
    int64_t got;
    make_pipe(fds);
    int64_t sent = send_handles(&l, huge, sizeof huge, fds, 1);
    ck_assert_int_gt(sent, 0);
    ck_assert_int_lt(sent, (int64_t)sizeof huge);
    for (int64_t received = 0; received < sent; received += got) {
        got = recv_handles(&l, huge, sizeof huge, handles, 2, &count, NULL);
        ck_assert_int_gt(got, 0);
        ck_assert(received == 0 ? count == 1 : count == 0);
        close_all(handles, count);
        handles_seen += count;
    }
    ck_assert_uint_eq(handles_seen, 1);
    close_all(fds, 2);
    close_link(&l);
}
END_TEST

/* ---- no handle is leaked ---------------------------------------------------------------------------------------- */

/*
 * Sends `number` handles, and receives them into an array for `capacity` handles. The library must close the handles
 * that do not fit.
 */
static void expect_truncation(int kind, size_t number, size_t capacity)
{
    carrier l = open_link(kind);
    mio_handle sent[MOST];
    mio_handle received[MOST];
    int fds[2];
    char buffer[4];
    size_t count = 99;
    uint32_t flags = 99;
    make_pipe(fds);
    fill_with_duplicates(fds[0], sent, number);
    ck_assert_count(send_handles(&l, "abc", 3, sent, number), 3);
    close_all(sent, number);
    int before = count_descriptors();
    ck_assert_count(recv_handles(&l, buffer, sizeof buffer, capacity == 0 ? NULL : received, capacity, &count, &flags),
                    3);
    size_t taken = number < capacity ? number : capacity;
    ck_assert_uint_eq(count, taken);
    ck_assert_uint_eq(flags, number > capacity ? MIO_MESSAGE_HANDLES_TRUNCATED : 0);
    ck_assert_int_eq(count_descriptors(), before + (int)taken);
    close_all(received, count);

    /* Here the caller passes null for the flags. If some handles do not fit, the call fails and stores no handle. */
    fill_with_duplicates(fds[0], sent, number);
    ck_assert_count(send_handles(&l, "abc", 3, sent, number), 3);
    close_all(sent, number);
    count = 99;
    int64_t result = recv_handles(&l, buffer, sizeof buffer, capacity == 0 ? NULL : received, capacity, &count, NULL);
    ck_assert_count(result, number > capacity ? -EMSGSIZE : 3);
    ck_assert_uint_eq(count, number > capacity ? 99 : number);
    ck_assert_int_eq(count_descriptors(), before + (number > capacity ? 0 : (int)number));
    ck_assert_mem_eq(buffer, "abc", 3);
    if (result >= 0) {
        close_all(received, count);
    }
    close_all(fds, 2);
    close_link(&l);
}

/*
 * The kernel pads control data to a multiple of eight bytes. So the buffer can have room for more handles than the
 * program has asked for. The kernel then delivers the additional handles, and the library must close these handles.
 */
START_TEST(handles_without_room_are_closed_and_told)
{
    const size_t cases[][2] = {{1, 0}, {2, 0},  {30, 0}, {253, 0},   {1, 1},     {2, 1},     {3, 1},     {4, 2},
                               {3, 2}, {40, 3}, {5, 8},  {253, 252}, {253, 251}, {253, 127}, {252, 253}, {32, 31}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_truncation(_i, cases[i][0], cases[i][1]);
    }
}
END_TEST

START_TEST(room_above_the_limit_is_not_an_error)
{
    carrier l = open_link(_i);
    mio_handle received[300];
    int fds[2];
    char byte;
    size_t count = 0;
    uint32_t flags = 99;
    make_pipe(fds);
    for (size_t i = 0; i < 64; i++) {
        /*
         * Every capacity is above the limit of 253 handles. From the third capacity on, the capacity in bytes is near
         * SIZE_MAX, so any addition to it would overflow. The array `received` is smaller than these capacities, but
         * only two handles arrive.
         */
        size_t capacity = i < 2 ? 254 + i * 46 : SIZE_MAX / sizeof(mio_handle) + 2 - i;
        ck_assert_count(send_handles(&l, "x", 1, fds, 2), 1);
        ck_assert_count(recv_handles(&l, &byte, 1, received, capacity, &count, &flags), 1);
        ck_assert_uint_eq(count, 2);
        ck_assert_uint_eq(flags, 0);
        close_all(received, 2);
    }
    close_all(fds, 2);
    close_link(&l);
}
END_TEST

START_TEST(receiver_out_of_descriptors_keeps_what_it_could_take)
{
    if (under_valgrind()) {
        skip("valgrind keeps the limit to itself");
        return;
    }
    carrier l = open_link(_i);
    mio_handle sent[8];
    mio_handle received[8];
    int fds[2];
    char byte;
    size_t count = 99;
    uint32_t flags = 99;
    struct rlimit usual;
    make_pipe(fds);
    fill_with_duplicates(fds[0], sent, 8);
    ck_assert_count(send_handles(&l, "x", 1, sent, 8), 1);
    ck_assert_count(send_handles(&l, "y", 1, sent, 8), 1);
    int before = count_descriptors();
    close_all(sent, 3); /* now three descriptor numbers below the limit `few` are free */
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &usual), 0);
    const struct rlimit few = {.rlim_cur = (rlim_t)sent[7] + 1, .rlim_max = usual.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    ck_assert_count(recv_handles(&l, &byte, 1, received, 8, &count, &flags), 1);
    ck_assert_uint_eq(flags, MIO_MESSAGE_HANDLES_TRUNCATED);
    ck_assert_uint_eq(count, 3);
    ck_assert_errno(recv_handles(&l, &byte, 1, received + 3, 5, &count, NULL), -EMSGSIZE);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &usual), 0);
    ck_assert_int_eq(byte, 'y');
    ck_assert_int_eq(count_descriptors(), before);
    close_all(received, 3);
    close_all(sent + 3, 5);
    close_all(fds, 2);
    close_link(&l);
}
END_TEST

/*
 * Checks that no process has the writing end of the pipe `fds` open. The test has sent this end as a handle. If a
 * function receives the message without asking for handles, the function must close the handle. If no function receives
 * the message, the kernel must close the handle when the test closes the socket. In both cases, a read from the pipe
 * then returns 0.
 */
static void expect_no_writer(int fds[2])
{
    char byte;
    wait_handle(fds[0], POLLHUP);
    ck_assert_int_eq(read(fds[0], &byte, 1), 0);
    close_fd(fds[0]);
}

START_TEST(handles_that_nobody_asks_for_are_closed)
{
    for (int way = 0; way < 5; way++) {
        carrier l = open_link(_i);
        mio_unix_stream *stream = &l.ends.streams[1];
        mio_unix_datagram *datagram = &l.ends.datagrams[1];
        int fds[2];
        char byte = 0;
        uint32_t flags = 0;
        const mio_iovec piece = {&byte, 1};
        make_pipe(fds);
        ck_assert_count(send_handles(&l, "x", 1, &fds[1], 1), 1);
        close_fd(fds[1]);
        int before = count_descriptors();
        int64_t got = 1;
        if (l.kind == DATAGRAMS) {
            mio_addr addr;
            got = way == 0   ? mio_unix_datagram_recv(datagram, &byte, 1, NULL)
                  : way == 1 ? mio_unix_datagram_recv_from(datagram, &byte, 1, &addr, NULL)
                  : way == 2 ? mio_unix_datagram_peek(datagram, &byte, 1, NULL)
                             : 1;
        } else {
            got = way == 0   ? mio_unix_stream_read(stream, &byte, 1)
                  : way == 1 ? mio_unix_stream_readv(stream, &piece, 1)
                  : way == 2 ? mio_unix_stream_peek(stream, &byte, 1)
                  : way == 3 ? mio_unix_stream_recv(stream, &byte, 1, &flags)
                             : 1;
            ck_assert_uint_eq(flags, way == 3 ? MIO_MESSAGE_HANDLES_TRUNCATED : 0);
        }
        ck_assert_count(got, 1);
        ck_assert_int_eq(count_descriptors(), before);
        close_link(&l); /* if the message is still queued, closing the socket closes the descriptor in the message */
        expect_no_writer(fds);
    }
}
END_TEST

/*
 * A program can set SO_PASSPIDFD with a system call. Then the kernel adds a pidfd to every message, and the library
 * must close it.
 */
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif

START_TEST(pidfd_that_comes_unasked_is_closed)
{
    carrier l = open_link(_i);
    int fds[2];
    mio_handle handles[4];
    char byte;
    size_t count = 99;
    uint32_t flags = 99;
    const int on = 1;
    int fd =
        _i == DATAGRAMS ? mio_unix_datagram_handle(&l.ends.datagrams[1]) : mio_unix_stream_handle(&l.ends.streams[1]);
    if (setsockopt(fd, SOL_SOCKET, SO_PASSPIDFD, &on, sizeof on) != 0) {
        skip("no SO_PASSPIDFD");
        close_link(&l);
        return;
    }
    make_pipe(fds);
    int input = dup(STDIN_FILENO);
    close(STDIN_FILENO); /* descriptor 0 is free, as in a daemon, so the pidfd can get the number 0 */
    int before = count_descriptors();
    for (int capacity = 0; capacity < 4; capacity++) {
        ck_assert_count(send_handles(&l, "x", 1, fds, capacity > 0), 1);
        ck_assert_count(recv_handles(&l, &byte, 1, handles, (size_t)capacity, &count, &flags), 1);
        ck_assert_uint_eq(count, capacity > 0);
        ck_assert_uint_eq(flags, 0);
        close_all(handles, count);
        ck_assert_int_eq(count_descriptors(), before);
    }
    ck_assert_int_eq(dup2(input, STDIN_FILENO), STDIN_FILENO);
    close_fd(input);
    close_all(fds, 2);
    close_link(&l);
}
END_TEST

static void request_everything(int fd)
{
#ifdef __linux__
    const int on = 1;
    const int wanted = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    /* Where an option does not exist, less arrives. */
    (void)setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_PASSPIDFD, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_PASSSEC, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &wanted, sizeof wanted);
#else
    (void)fd;
#endif
}

START_TEST(whatever_else_comes_unasked_leaves_room_for_the_handles)
{
    carrier l = open_link(_i);
    int fds[2];
    mio_handle handles[4];
    char byte;
    size_t count = 99;
    uint32_t flags = 99;
    int fd =
        _i == DATAGRAMS ? mio_unix_datagram_handle(&l.ends.datagrams[1]) : mio_unix_stream_handle(&l.ends.streams[1]);
    request_everything(fd);
    make_pipe(fds);
    int before = count_descriptors();
    for (size_t capacity = 0; capacity < 3; capacity++) {
        ck_assert_count(send_handles(&l, "x", 1, fds, capacity), 1);
        ck_assert_count(recv_handles(&l, &byte, 1, handles, capacity, &count, &flags), 1);
        ck_assert_uint_eq(count, capacity);
        ck_assert_uint_eq(flags, 0);
        close_all(handles, count);
        ck_assert_int_eq(count_descriptors(), before);
    }
    close_all(fds, 2);
    close_link(&l);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_handles");
    TCase *tcase = add_tcase(suite, "arrive");
    tcase_add_loop_test(tcase, a_handle_arrives_with_the_bytes_and_is_a_close_on_exec_copy, 0, KINDS);
    tcase_add_loop_test(tcase, as_many_as_the_system_allows_arrive_in_order, 0, KINDS);
    tcase_add_loop_test(tcase, no_handle_at_all_is_a_plain_message, 0, KINDS);
    tcase_add_test(tcase, empty_datagram_carries_handles);
    tcase_add_test(tcase, read_of_a_stream_ends_where_handles_came);
    tcase_add_test(tcase, partial_write_has_sent_the_handles);
    tcase = add_tcase(suite, "closed");
    tcase_add_loop_test(tcase, handles_without_room_are_closed_and_told, 0, KINDS);
    tcase_add_loop_test(tcase, room_above_the_limit_is_not_an_error, 0, KINDS);
    tcase_add_loop_test(tcase, receiver_out_of_descriptors_keeps_what_it_could_take, 0, KINDS);
    tcase_add_loop_test(tcase, handles_that_nobody_asks_for_are_closed, 0, KINDS);
    tcase_add_loop_test(tcase, pidfd_that_comes_unasked_is_closed, 0, KINDS);
    tcase_add_loop_test(tcase, whatever_else_comes_unasked_leaves_room_for_the_handles, 0, KINDS);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
