/* SPDX-License-Identifier: MIT */
/*
 * Tests mio_source_splice and its variants for handles. If a call would block, the tests check which of the two ends
 * the caller must wait for, and which events the ends cause. Also tests a relay, which moves bytes between two streams.
 */
#include "../helpers/unix_sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LEFT = 51, RIGHT = 52, LENGTH = 4 << 20, CHUNK = 1 << 16 };
enum { UNTOUCHED = 77 };

/*
 * A relay: a left stream and a right stream, each with a blocking peer. A pipe, which is not registered, is between the
 * streams. The test moves the left peer's bytes through the pipe to the right peer.
 */
typedef struct relay {
    mio_poll *poll;
    mio_unix_stream left;
    mio_unix_stream right;
    int left_peer;
    int right_peer;
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
} relay;

static void open_relay(relay *r, int variant)
{
    int fds[2];
    r->poll = open_poll(variant);
    raw_unix_pair(SOCK_STREAM, fds);
    r->left_peer = fds[0];
    ck_assert_ok(mio_unix_stream_from_handle(&r->left, fds[1]));
    raw_unix_pair(SOCK_STREAM, fds);
    r->right_peer = fds[0];
    ck_assert_ok(mio_unix_stream_from_handle(&r->right, fds[1]));
    ck_assert_ok(mio_pipe_pair(&r->sender, &r->receiver));
}

static void close_peer(int *peer)
{
    if (*peer != MIO_HANDLE_NONE) {
        close_fd(*peer);
        *peer = MIO_HANDLE_NONE;
    }
}

static void close_relay(relay *r)
{
    mio_unix_stream_close(&r->left);
    mio_unix_stream_close(&r->right);
    mio_pipe_sender_close(&r->sender);
    mio_pipe_receiver_close(&r->receiver);
    close_peer(&r->left_peer);
    close_peer(&r->right_peer);
    mio_poll_free(r->poll);
}

static void watch_left(relay *r)
{
    ck_assert_ok(mio_registry_register(mio_poll_registry(r->poll), &r->left.source, LEFT, MIO_READABLE));
}

static void watch_right(relay *r)
{
    ck_assert_ok(mio_registry_register(mio_poll_registry(r->poll), &r->right.source, RIGHT, MIO_WRITABLE));
    expect_events(r->poll, {RIGHT, MIO_WRITABLE});
}

static int64_t into_pipe(relay *r, size_t count, uint32_t *blocked)
{
    return kept(mio_source_splice(&r->left.source, &r->sender.source, count, blocked));
}

static int64_t out_of_pipe(relay *r, size_t count, uint32_t *blocked)
{
    return kept(mio_source_splice(&r->receiver.source, &r->right.source, count, blocked));
}

#define assert_blocked(call, sides)                                                                                    \
    do {                                                                                                               \
        uint32_t blocked = UNTOUCHED;                                                                                  \
        ck_assert_errno(call, -EAGAIN);                                                                                \
        ck_assert_uint_eq(blocked, sides);                                                                             \
    } while (0)

static void fill_pipe(relay *r)
{
    static char bytes[CHUNK];
    while (mio_pipe_sender_write(&r->sender, bytes, sizeof bytes) > 0) {}
}

static void empty_pipe(relay *r)
{
    static char bytes[CHUNK];
    while (mio_pipe_receiver_read(&r->receiver, bytes, sizeof bytes) > 0) {}
}

static void fill_right(relay *r)
{
    static char bytes[CHUNK];
    /* send(2) is not a function of mio, so the backend does not notice that the stream has become full. */
    while (send(mio_unix_stream_handle(&r->right), bytes, sizeof bytes, 0) > 0) {}
}

static void empty_right(relay *r)
{
    static char bytes[CHUNK];
    while (recv(r->right_peer, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {}
}

/* ---- `from` or `to` is not ready -------------------------------------------------------------------------------- */

START_TEST(nothing_to_read_waits_for_from)
{
    relay r;
    open_relay(&r, _i);
    watch_left(&r);
    assert_blocked(into_pipe(&r, 100, &blocked), MIO_READABLE);
    ck_assert_errno(into_pipe(&r, 100, NULL), -EAGAIN);
    for (int i = 0; i < 3; i++) {
        expect_no_events(r.poll);
        raw_write(r.left_peer, "data", 4);
        expect_events(r.poll, {LEFT, MIO_READABLE});
        uint32_t blocked = UNTOUCHED;
        ck_assert_count(into_pipe(&r, 100, i % 2 == 0 ? &blocked : NULL), 4);
        ck_assert_uint_eq(blocked, UNTOUCHED);
        ck_assert_errno(into_pipe(&r, 100, i % 2 == 0 ? &blocked : NULL), -EAGAIN);
    }
    close_relay(&r);
}
END_TEST

START_TEST(a_full_pipe_waits_for_to_and_says_nothing_more_of_from)
{
    relay r;
    open_relay(&r, _i);
    watch_left(&r);
    raw_write(r.left_peer, "data", 4);
    expect_events(r.poll, {LEFT, MIO_READABLE});
    fill_pipe(&r);
    assert_blocked(into_pipe(&r, 100, &blocked), MIO_WRITABLE);
    ck_assert_errno(into_pipe(&r, 100, NULL), -EAGAIN);
    expect_no_events(r.poll); /* the pipe is still readable, but an event has already reported that */
    empty_pipe(&r);
    ck_assert_count(into_pipe(&r, 100, NULL), 4);
    close_relay(&r);
}
END_TEST

START_TEST(nothing_to_read_and_a_full_pipe_wait_for_both)
{
    relay r;
    open_relay(&r, _i);
    watch_left(&r);
    fill_pipe(&r);
    assert_blocked(into_pipe(&r, 100, &blocked), MIO_READABLE | MIO_WRITABLE);
    raw_write(r.left_peer, "data", 4);
    expect_events(r.poll, {LEFT, MIO_READABLE});
    assert_blocked(into_pipe(&r, 100, &blocked), MIO_WRITABLE);
    expect_no_events(r.poll);
    close_relay(&r);
}
END_TEST

START_TEST(a_full_stream_waits_for_to)
{
    relay r;
    open_relay(&r, _i);
    watch_right(&r);
    fill_right(&r);
    ck_assert_count(mio_pipe_sender_write(&r.sender, "data", 4), 4);
    assert_blocked(out_of_pipe(&r, 100, &blocked), MIO_WRITABLE);
    ck_assert_errno(out_of_pipe(&r, 100, NULL), -EAGAIN);
    expect_no_events(r.poll);
    empty_right(&r);
    expect_events(r.poll, {RIGHT, MIO_WRITABLE});
    ck_assert_count(out_of_pipe(&r, 100, NULL), 4);
    assert_blocked(out_of_pipe(&r, 100, &blocked), MIO_READABLE);
    ck_assert_errno(out_of_pipe(&r, 100, NULL), -EAGAIN);
    expect_no_events(r.poll); /* only the pipe blocks the call; the stream is still ready, so no new event comes */
    close_relay(&r);
}
END_TEST

START_TEST(an_empty_pipe_and_a_full_stream_wait_for_both)
{
    relay r;
    open_relay(&r, _i);
    watch_right(&r);
    fill_right(&r);
    assert_blocked(out_of_pipe(&r, 100, &blocked), MIO_READABLE | MIO_WRITABLE);
    empty_right(&r);
    expect_events(r.poll, {RIGHT, MIO_WRITABLE});
    close_relay(&r);
}
END_TEST

/* The pipe and the stream are both registered, as in a program that sends a child's output to a client. */
START_TEST(two_registered_ends_are_both_told)
{
    relay r;
    open_relay(&r, _i);
    watch_right(&r);
    ck_assert_ok(mio_registry_register(mio_poll_registry(r.poll), &r.receiver.source, LEFT, MIO_READABLE));
    for (int i = 0; i < 3; i++) {
        assert_blocked(out_of_pipe(&r, 100, &blocked), MIO_READABLE);
        ck_assert_count(mio_pipe_sender_write(&r.sender, "data", 4), 4);
        expect_events(r.poll, {LEFT, MIO_READABLE});
        expect_no_events(r.poll);
        fill_right(&r);
        assert_blocked(out_of_pipe(&r, 100, &blocked), MIO_WRITABLE);
        expect_no_events(r.poll);
        empty_right(&r);
        expect_events(r.poll, {RIGHT, MIO_WRITABLE});
        ck_assert_count(out_of_pipe(&r, 100, NULL), 4);
        empty_right(&r);
    }
    close_relay(&r);
}
END_TEST

/*
 * poll(2) of Linux fails if it gets more descriptors than RLIMIT_NOFILE permits. Then the call cannot tell which end
 * blocks, and returns the error of poll(2).
 */
static int ask_under_a_low_limit(void *context)
{
    relay r;
    uint32_t blocked = UNTOUCHED;
    struct pollfd pair[2];
    const struct rlimit low = {1, 1};
    (void)context;
    open_relay(&r, 0);
    pair[0] = (struct pollfd){mio_unix_stream_handle(&r.left), POLLIN, 0};
    pair[1] = (struct pollfd){mio_pipe_sender_handle(&r.sender), POLLOUT, 0};
    if (setrlimit(RLIMIT_NOFILE, &low) != 0 || poll(pair, 2, 0) != -1) { /* as under Valgrind */
        close_relay(&r);
        return SKIPPED;
    }
    require(errno == EINVAL);
    require(into_pipe(&r, 100, &blocked) == -EINVAL && blocked == UNTOUCHED);
    require(into_pipe(&r, 100, NULL) == -EAGAIN);
    raw_write(r.left_peer, "data", 4);
    require(into_pipe(&r, 100, &blocked) == 4);
    close_relay(&r);
    return 0;
}

START_TEST(without_poll_the_blocked_ends_are_not_guessed)
{
    if (run_apart(ask_under_a_low_limit, NULL) == SKIPPED) {
        skip("poll(2) does not look at RLIMIT_NOFILE");
    }
}
END_TEST

/*
 * The stream has data, and the pipe has space. But splice(2) does not move data past the mark of an out-of-band byte.
 */
START_TEST(an_out_of_band_mark_waits_for_neither)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_stream stream;
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_addr any = loopback_v4();
    char bytes[16];
    int peer = connect_to_raw(&stream, &any);
    ck_assert_ok(mio_pipe_pair(&sender, &receiver));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &stream.source, LEFT, MIO_READABLE));
    ck_assert_int_eq(send(peer, "ab!", 3, MSG_OOB), 3);
    raw_write(peer, "cd", 2);
    expect_events(poll, {LEFT, MIO_READABLE});
    wait_handle(peer, POLLOUT);
    call_counts(mio_source_splice(&stream.source, &sender.source, 100, NULL), 2);
    while (mio_tcp_stream_peek(&stream, bytes, sizeof bytes) == -EAGAIN) {
        wait_handle(mio_tcp_stream_handle(&stream), POLLIN);
    }
    assert_blocked(mio_source_splice(&stream.source, &sender.source, 100, &blocked), 0);
    call_counts(mio_tcp_stream_read(&stream, bytes, sizeof bytes), 2);
    ck_assert_mem_eq(bytes, "cd", 2);
    assert_blocked(mio_source_splice(&stream.source, &sender.source, 100, &blocked), MIO_READABLE);
    mio_tcp_stream_close(&stream);
    mio_pipe_sender_close(&sender);
    mio_pipe_receiver_close(&receiver);
    close_fd(peer);
    mio_poll_free(poll);
}
END_TEST

/*
 * In this test, splice(2) returns EAGAIN, although the stream is readable and the pipe is writable. So the library
 * cannot know whether to wait for the stream or for the pipe. Outside this test, splice(2) can return this EAGAIN if
 * other threads use the stream or the pipe at the same time. If the library emulates edges, the next wait must report
 * both the stream and the pipe. If the kernel provides the edges, the next wait must report nothing, because neither
 * the stream nor the pipe has changed.
 */
static int splice_in_vain(void *context)
{
    relay r;
    mio_event events[4];
    uint32_t blocked = UNTOUCHED;
    open_relay(&r, *(const int *)context);
    bool has_edges = (mio_poll_capabilities(r.poll) & MIO_CAN_EDGE) != 0;
    watch_left(&r);
    require(mio_registry_register(mio_poll_registry(r.poll), &r.sender.source, RIGHT, MIO_WRITABLE) == 0);
    raw_write(r.left_peer, "data", 4);
    require(mio_poll_wait(r.poll, events, 4, 0) == 2);
    require(mio_poll_wait(r.poll, events, 4, 0) == 0);
    if (!refuse_system_call(SYS_splice, EAGAIN)) {
        close_relay(&r);
        return SKIPPED;
    }
    require(into_pipe(&r, 4, &blocked) == -EAGAIN && blocked == 0);
    require(mio_poll_wait(r.poll, events, 4, 0) == (has_edges ? 0 : 2));
    require(mio_poll_wait(r.poll, events, 4, 0) == 0);
    close_relay(&r);
    return 0;
}

START_TEST(both_sides_that_are_ready_in_vain_are_told)
{
    run_apart(splice_in_vain, &_i);
}
END_TEST

/* ---- a relay ---------------------------------------------------------------------------------------------------- */

static void *send_pattern(void *context)
{
    int *fd = context;
    uint8_t *chunk = malloc(CHUNK);
    ck_assert_ptr_nonnull(chunk);
    for (uint64_t done = 0; done < LENGTH; done += CHUNK) {
        fill_pattern(chunk, CHUNK, done);
        raw_write(*fd, chunk, CHUNK);
    }
    free(chunk);
    close_peer(fd);
    return NULL;
}

static void *recv_pattern(void *context)
{
    int *fd = context;
    uint8_t *chunk = malloc(CHUNK);
    uint64_t done = 0;
    ssize_t count;
    ck_assert_ptr_nonnull(chunk);
    while ((count = recv(*fd, chunk, CHUNK, 0)) > 0) {
        assert_pattern(chunk, (size_t)count, done);
        done += (uint64_t)count;
    }
    ck_assert_int_eq(count, 0);
    ck_assert_uint_eq(done, LENGTH);
    free(chunk);
    return NULL;
}

/*
 * Splices data from the stream `from` into a pipe, and from the pipe into the stream `to`, until neither splice moves
 * more. Returns true if all data up to the end of `from` has reached `to`.
 */
static bool pump(mio_source *from, mio_source *to, relay *r, bool asks, bool *ended, int64_t *inside)
{
    for (;;) {
        uint32_t blocked = 0;
        int64_t in =
            *ended ? -EAGAIN : kept(mio_source_splice(from, &r->sender.source, SIZE_MAX, asks ? &blocked : NULL));
        int64_t out = kept(mio_source_splice(&r->receiver.source, to, SIZE_MAX, asks ? &blocked : NULL));
        ck_assert(in >= 0 || in == -EAGAIN);
        ck_assert(out > 0 || out == -EAGAIN);
        *ended = *ended || in == 0;
        *inside += (in > 0 ? in : 0) - (out > 0 ? out : 0);
        if (in <= 0 && out <= 0) {
            return *ended && *inside == 0;
        }
    }
}

START_TEST(a_relay_loses_nothing_over_unix_streams)
{
    for (int asks = 0; asks < 2; asks++) {
        relay r;
        bool ended = false;
        int64_t inside = 0;
        open_relay(&r, _i);
        watch_left(&r);
        watch_right(&r);
        pthread_t sender = start_thread(send_pattern, &r.left_peer);
        pthread_t receiver = start_thread(recv_pattern, &r.right_peer);
        while (!pump(&r.left.source, &r.right.source, &r, asks != 0, &ended, &inside)) {
            mio_event event;
            ck_assert_int_eq(wait_events(r.poll, &event, 1, LONG_WAIT), 1);
        }
        mio_unix_stream_close(&r.right);
        join_thread(sender);
        join_thread(receiver);
        close_relay(&r);
    }
}
END_TEST

START_TEST(a_relay_loses_nothing_over_tcp)
{
    relay r;
    mio_tcp_stream left;
    mio_tcp_stream right;
    mio_addr any = loopback_v4();
    bool ended = false;
    int64_t inside = 0;
    open_relay(&r, _i);
    int left_peer = connect_to_raw(&left, &any);
    int right_peer = connect_to_raw(&right, &any);
    mio_registry *registry = mio_poll_registry(r.poll);
    ck_assert_ok(mio_registry_register(registry, &left.source, LEFT, MIO_READABLE));
    ck_assert_ok(mio_registry_register(registry, &right.source, RIGHT, MIO_WRITABLE));
    pthread_t sender = start_thread(send_pattern, &left_peer);
    pthread_t receiver = start_thread(recv_pattern, &right_peer);
    while (!pump(&left.source, &right.source, &r, true, &ended, &inside)) {
        mio_event event;
        ck_assert_int_eq(wait_events(r.poll, &event, 1, LONG_WAIT), 1);
    }
    mio_tcp_stream_close(&right);
    join_thread(sender);
    join_thread(receiver);
    mio_tcp_stream_close(&left);
    close_fd(right_peer);
    close_relay(&r);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("splice");
    TCase *sides = add_tcase(suite, "sides");
    tcase_add_backend_test(sides, nothing_to_read_waits_for_from);
    tcase_add_backend_test(sides, a_full_pipe_waits_for_to_and_says_nothing_more_of_from);
    tcase_add_backend_test(sides, nothing_to_read_and_a_full_pipe_wait_for_both);
    tcase_add_backend_test(sides, a_full_stream_waits_for_to);
    tcase_add_backend_test(sides, an_empty_pipe_and_a_full_stream_wait_for_both);
    tcase_add_backend_test(sides, two_registered_ends_are_both_told);
    tcase_add_test(sides, without_poll_the_blocked_ends_are_not_guessed);
    tcase_add_backend_test(sides, an_out_of_band_mark_waits_for_neither);
    tcase_add_backend_test(sides, both_sides_that_are_ready_in_vain_are_told);
    TCase *bulk = add_tcase(suite, "relay");
    tcase_add_backend_test(bulk, a_relay_loses_nothing_over_unix_streams);
    tcase_add_backend_test(bulk, a_relay_loses_nothing_over_tcp);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
