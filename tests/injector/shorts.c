/* SPDX-License-Identifier: MIT */
/*
 * Tests each function that moves bytes or messages, while libc moves less than requested, or returns ECONNRESET. The
 * function must return the short count, and the next call can move the rest. Nothing is lost, duplicated or out of
 * order. On a stream, a short count means that readiness is used up, as mio(7) promises. After such a count, a backend
 * that emulates edges must report the next readiness.
 */
#include "injector.h"

#include "../helpers/sockets.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LENGTH = 48, TOKEN = 7, POINTS = 8, MESSAGES = 4 };
enum { TCP = 1, UNIX = 2, PIPE = 4, STREAMS = TCP | UNIX };

static const size_t few_counts[] = {1, 7, LENGTH - 1, 0};

/*
 * `in` and `out` are the two ends of a TCP connection, a Unix connection or a pipe. The test writes to `in` and reads
 * from `out`. `sender` and `receiver` are the ends of a second pipe. mio_source_splice moves data from `receiver` to
 * `in`, or from `out` to `sender`. mio_source_send_file moves data from `file` to `in`.
 */
typedef struct way {
    int kind;
    mio_poll *poll;
    union {
        mio_source source;
        mio_tcp_stream tcp;
        mio_unix_stream stream;
        mio_pipe_sender sender;
    } in;
    union {
        mio_source source;
        mio_tcp_stream tcp;
        mio_unix_stream stream;
        mio_pipe_receiver receiver;
    } out;
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    int file;
    int64_t offset;
    size_t handles; /* how many handles came with the bytes */
} way;

static char text[LENGTH];

static void open_way(way *w, int kind, int variant)
{
    char path[] = "/tmp/mio-test.XXXXXX";
    memset(w, 0, sizeof *w);
    w->kind = kind;
    w->poll = open_poll(variant);
    if (kind == TCP) {
        make_tcp_pair(&w->in.tcp, &w->out.tcp);
    } else if (kind == UNIX) {
        ck_assert_ok(mio_unix_stream_pair(&w->in.stream, &w->out.stream, 0));
    } else {
        ck_assert_ok(mio_pipe_pair(&w->in.sender, &w->out.receiver));
    }
    ck_assert_ok(mio_pipe_pair(&w->sender, &w->receiver));
    w->file = mkstemp(path);
    ck_assert_int_ge(w->file, 0);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(write(w->file, text, LENGTH), LENGTH);
    ck_assert_int_eq(lseek(w->file, 0, SEEK_SET), 0);
}

static void close_way(way *w)
{
    mio_source_close(&w->in.source);
    mio_source_close(&w->out.source);
    mio_pipe_sender_close(&w->sender);
    mio_pipe_receiver_close(&w->receiver);
    close_fd(w->file);
    mio_poll_free(w->poll);
}

/* ---- the tested functions ---------------------------------------------------------------------------------------- */

/* Divides the bytes into three pieces: a short one, an empty one, and the rest. */
#define PIECES(bytes, length)                                                                                          \
    {                                                                                                                  \
        {(bytes), (length) < 3 ? (length) : 3}, {(bytes), 0}, {(bytes) + 3, (length) < 3 ? 0 : (length)-3},            \
    }

static int64_t write_plain(way *w, char *bytes, size_t length)
{
    return w->kind == PIPE ? mio_pipe_sender_write(&w->in.sender, bytes, length)
                           : mio_stream_write(&w->in.source, bytes, length);
}

static int64_t write_pieces(way *w, char *bytes, size_t length)
{
    const mio_iovec pieces[] = PIECES(bytes, length);
    return w->kind == PIPE ? mio_pipe_sender_writev(&w->in.sender, pieces, 3)
                           : mio_stream_writev(&w->in.source, pieces, 3);
}

static int64_t send_plain(way *w, char *bytes, size_t length)
{
    return mio_stream_send(&w->in.source, bytes, length, 0);
}

static int64_t send_message(way *w, char *bytes, size_t length)
{
    const mio_iovec pieces[] = PIECES(bytes, length);
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    message.pieces = pieces;
    message.piece_count = 3;
    return mio_unix_stream_send_message(&w->in.stream, &message);
}

/* Sends `length` bytes. If these bytes are the whole text, also sends a descriptor. */
static int64_t send_with_handles(way *w, char *bytes, size_t length)
{
    return mio_unix_stream_send_with_handles(&w->in.stream, bytes, length, &w->file, length == LENGTH);
}

static int64_t send_file(way *w, char *bytes, size_t length)
{
    ck_assert_int_eq(w->offset, bytes - text);
    return mio_source_send_file(&w->in.source, w->file, &w->offset, length);
}

static int64_t send_file_at_its_position(way *w, char *bytes, size_t length)
{
    ck_assert_int_eq(lseek(w->file, 0, SEEK_CUR), bytes - text);
    return mio_source_send_file(&w->in.source, w->file, NULL, length);
}

static void fill_pipe(way *w)
{
    ck_assert_count(mio_pipe_sender_write(&w->sender, text, LENGTH), LENGTH);
}

static int64_t splice_in(way *w, char *bytes, size_t length)
{
    (void)bytes;
    return mio_source_splice(&w->receiver.source, &w->in.source, length, NULL);
}

static int64_t splice_from_handle(way *w, char *bytes, size_t length)
{
    (void)bytes;
    return mio_source_splice_from_handle(mio_pipe_receiver_handle(&w->receiver), &w->in.source, length, NULL);
}

static int64_t write_safely(way *w, char *bytes, size_t length)
{
    return mio_safe_write(mio_source_handle(&w->in.source), bytes, length);
}

static int64_t write_text(way *w, char *bytes, size_t length)
{
    char room[LENGTH + 1];
    mio_text line;
    ck_assert_ok(mio_text_init(&line, room, sizeof room));
    ck_assert_int_eq(mio_text_append_bytes(&line, bytes, length), (int)length);
    return mio_text_write(&line, mio_source_handle(&w->in.source));
}

static int64_t read_plain(way *w, char *bytes, size_t length)
{
    return w->kind == PIPE ? mio_pipe_receiver_read(&w->out.receiver, bytes, length)
                           : mio_stream_read(&w->out.source, bytes, length);
}

static int64_t read_pieces(way *w, char *bytes, size_t length)
{
    const mio_iovec pieces[] = PIECES(bytes, length);
    return w->kind == PIPE ? mio_pipe_receiver_readv(&w->out.receiver, pieces, 3)
                           : mio_stream_readv(&w->out.source, pieces, 3);
}

static int64_t peek(way *w, char *bytes, size_t length)
{
    return mio_stream_peek(&w->out.source, bytes, length);
}

/* Checks that peeking has left the bytes in the stream. */
static void read_again(way *w, char *bytes, size_t count)
{
    char again[LENGTH];
    ck_assert_count(mio_stream_read(&w->out.source, again, count), count);
    ck_assert_mem_eq(again, bytes, count);
}

static int64_t recv_plain(way *w, char *bytes, size_t length)
{
    return mio_unix_stream_recv(&w->out.stream, bytes, length, NULL);
}

static int64_t recv_message(way *w, char *bytes, size_t length)
{
    const mio_iovec pieces[] = PIECES(bytes, length);
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    message.pieces = pieces;
    message.piece_count = 3;
    int64_t result = mio_unix_stream_recv_message(&w->out.stream, &message);
    ck_assert_uint_eq(message.flags, 0);
    return result;
}

static int64_t recv_with_handles(way *w, char *bytes, size_t length)
{
    mio_handle handle = -1;
    size_t count = 0;
    uint32_t flags = 0;
    int64_t result = mio_unix_stream_recv_with_handles(&w->out.stream, bytes, length, &handle, 1, &count, &flags);
    ck_assert_uint_eq(flags, 0);
    if (count == 1) {
        close_fd(handle);
    }
    w->handles += count;
    return result;
}

static int64_t splice_out(way *w, char *bytes, size_t length)
{
    (void)bytes;
    return mio_source_splice(&w->out.source, &w->sender.source, length, NULL);
}

static int64_t splice_to_handle(way *w, char *bytes, size_t length)
{
    (void)bytes;
    return mio_source_splice_to_handle(&w->out.source, mio_pipe_sender_handle(&w->sender), length, NULL);
}

static void empty_pipe(way *w, char *bytes, size_t count)
{
    ck_assert_count(mio_pipe_receiver_read(&w->receiver, bytes, count), count);
}

/* This enumeration says what a short count means for the readiness of the stream or pipe. */
typedef enum count_meaning {
    USED_UP,
    NOTHING, /* a short count means nothing: the caller goes on until EAGAIN */
    GOES_ON, /* the function repeats the write until all bytes are written, so it returns no short count */
} count_meaning;

typedef struct mover {
    const char *name;
    int kinds;
    count_meaning meaning;
    int64_t (*move)(way *w, char *bytes, size_t length);
    void (*before)(way *w);
    void (*after)(way *w, char *bytes, size_t count);
} mover;

static const mover writers[] = {
    {"write", STREAMS | PIPE, USED_UP, write_plain, NULL, NULL},
    {"writev", STREAMS | PIPE, USED_UP, write_pieces, NULL, NULL},
    {"send", STREAMS, USED_UP, send_plain, NULL, NULL},
    {"send_message", UNIX, USED_UP, send_message, NULL, NULL},
    {"send_with_handles", UNIX, USED_UP, send_with_handles, NULL, NULL},
    {"send_file", STREAMS | PIPE, NOTHING, send_file, NULL, NULL},
    {"send_file without an offset", STREAMS | PIPE, NOTHING, send_file_at_its_position, NULL, NULL},
    {"splice", STREAMS | PIPE, NOTHING, splice_in, fill_pipe, NULL},
    {"splice_from_handle", STREAMS | PIPE, NOTHING, splice_from_handle, fill_pipe, NULL},
    {"safe_write", STREAMS | PIPE, GOES_ON, write_safely, NULL, NULL},
    {"text_write", STREAMS | PIPE, GOES_ON, write_text, NULL, NULL},
    {NULL, 0, NOTHING, NULL, NULL, NULL},
};

static const mover readers[] = {
    {"read", STREAMS | PIPE, USED_UP, read_plain, NULL, NULL},
    {"readv", STREAMS | PIPE, USED_UP, read_pieces, NULL, NULL},
    {"peek", STREAMS, NOTHING, peek, NULL, read_again},
    {"recv", UNIX, USED_UP, recv_plain, NULL, NULL},
    {"recv_message", UNIX, USED_UP, recv_message, NULL, NULL},
    {"recv_with_handles", UNIX, USED_UP, recv_with_handles, NULL, NULL},
    {"splice", STREAMS | PIPE, NOTHING, splice_out, NULL, empty_pipe},
    {"splice_to_handle", STREAMS | PIPE, NOTHING, splice_to_handle, NULL, empty_pipe},
    {NULL, 0, NOTHING, NULL, NULL, NULL},
};

/* ---- checks ------------------------------------------------------------------------------------------------------ */

/* Registers an end of the pair, and receives the first event of this end. */
static void watch(way *w, mio_source *end, uint32_t interest)
{
    ck_assert_ok(mio_registry_register(mio_poll_registry(w->poll), end, TOKEN, interest));
    expect_events(w->poll, {TOKEN, interest});
}

/*
 * Checks that a short count uses up readiness only if `meaning` is USED_UP. The kernel could have moved more bytes, but
 * the injector has made the count short. So the end that the test has registered is still ready. If the library has
 * used up the readiness, a backend that emulates edges reports a new event at once. The function checks no other
 * backend: the kernel reports an edge only after a real change, and here nothing has changed.
 */
static void check_edge(mio_poll *poll, const char *name, count_meaning meaning)
{
    mio_event event;
    int wanted = meaning == USED_UP ? 1 : 0;
    if ((mio_poll_capabilities(poll) & MIO_CAN_EDGE) == 0) {
        int count = wait_events(poll, &event, 1, 0);
        ck_assert_msg(count == wanted, "%s: %d events afterwards, not %d", name, count, wanted);
        ck_assert_int_eq(wait_events(poll, &event, 1, 0), 0);
    }
}

/*
 * Moves data with a function of mio. The function makes one or more system calls that move data. The injector makes the
 * system call with the number `point` move at most `most` bytes. Returns the number of bytes that the function has
 * moved. Stores in *was_cut whether the injector has shortened a system call. If the function makes fewer than `point`
 * system calls that move data, the injector shortens none of them.
 */
static size_t move_short(way *w, const mover *m, char *bytes, int point, size_t most, bool *was_cut)
{
    const char *name = NULL;
    int error = 0;
    injector_arm_transfer(point, most, 0);
    int64_t moved = m->move(w, bytes, LENGTH);
    *was_cut = injector_disarm(&name, &error);
    int64_t wanted = m->meaning == GOES_ON || !*was_cut ? LENGTH : (int64_t)most;
    ck_assert_msg(moved == wanted, "%s: %lld, not %lld, where %s moves %zu", m->name, (long long)moved,
                  (long long)wanted, name != NULL ? name : "nothing", most);
    if (wanted < LENGTH) {
        check_edge(w->poll, m->name, m->meaning);
    }
    if (m->after != NULL) {
        m->after(w, bytes, (size_t)moved);
    }
    return (size_t)moved;
}

/* Moves the remaining bytes in one call. */
static void move_rest(way *w, const mover *m, char *bytes, size_t moved)
{
    size_t rest = LENGTH - moved;
    if (rest > 0) {
        ck_assert_count(m->move(w, bytes + moved, rest), rest);
        check_edge(w->poll, m->name, NOTHING);
        if (m->after != NULL) {
            m->after(w, bytes + moved, rest);
        }
    }
}

/* Checks that the whole text has arrived, and that no other bytes have arrived. */
static void expect_text(way *w, const char *name)
{
    char bytes[LENGTH + 1];
    int fd = mio_source_handle(&w->out.source);
    size_t count = 0;
    while (count < LENGTH) {
        wait_handle(fd, POLLIN);
        ssize_t more = read(fd, bytes + count, sizeof bytes - count);
        ck_assert_int_gt(more, 0);
        count += (size_t)more;
    }
    ck_assert_msg(count == LENGTH && memcmp(bytes, text, LENGTH) == 0, "%s: other bytes arrive", name);
    ck_assert_int_eq(read(fd, bytes, 1), -1);
}

static bool write_short(const mover *m, int kind, int variant, int point, size_t most)
{
    way w;
    bool was_cut;
    open_way(&w, kind, variant);
    if (m->before != NULL) {
        m->before(&w);
    }
    watch(&w, &w.in.source, MIO_WRITABLE);
    size_t moved = move_short(&w, m, text, point, most, &was_cut);
    move_rest(&w, m, text, moved);
    expect_text(&w, m->name);
    close_way(&w);
    return was_cut;
}

static bool read_short(const mover *m, int kind, int variant, int point, size_t most)
{
    way w;
    char bytes[LENGTH];
    bool was_cut;
    bool with_handles = m->move == recv_with_handles;
    open_way(&w, kind, variant);
    ck_assert_count(with_handles ? send_with_handles(&w, text, LENGTH) : write_plain(&w, text, LENGTH), LENGTH);
    watch(&w, &w.out.source, MIO_READABLE);
    size_t moved = move_short(&w, m, bytes, point, most, &was_cut);
    ck_assert_uint_eq(w.handles, with_handles);
    move_rest(&w, m, bytes, moved);
    ck_assert_msg(memcmp(bytes, text, LENGTH) == 0, "%s: other bytes arrive", m->name);
    ck_assert_uint_eq(w.handles, with_handles);
    assert_would_block(read_plain(&w, bytes, 1));
    close_way(&w);
    return was_cut;
}

/*
 * Returns the short count to test in the round `index`, or 0 after the last round. With MIO_INJECTOR_LONG, the test
 * uses every count.
 */
static size_t count_at(size_t index)
{
    if (getenv("MIO_INJECTOR_LONG") != NULL) {
        return index + 1 < LENGTH ? index + 1 : 0;
    }
    return few_counts[index];
}

static long for_each(const mover *movers, int variant, bool (*run)(const mover *, int, int, int, size_t))
{
    long points = 0;
    for (int i = 0; i < LENGTH; i++) {
        text[i] = (char)('!' + i);
    }
    for (const mover *m = movers; m->name != NULL; m++) {
        for (int kind = TCP; kind <= PIPE; kind *= 2) {
            for (size_t i = 0; (m->kinds & kind) != 0 && count_at(i) != 0; i++) {
                int point = 1;
                while (point < POINTS && run(m, kind, variant, point, count_at(i))) {
                    point++;
                }
                ck_assert_msg(point > 1, "%s moves nothing that could be cut", m->name);
                points += point - 1;
            }
        }
    }
    return points;
}

START_TEST(a_short_write_says_how_much_it_was)
{
    injector_note_points("short", for_each(writers, _i, write_short));
}
END_TEST

START_TEST(a_short_read_says_how_much_it_was)
{
    injector_note_points("short", for_each(readers, _i, read_short));
}
END_TEST

/* ---- a connection that is reset ---------------------------------------------------------------------------------- */

/*
 * Moves data with a function of mio. The function makes one or more system calls that move data. The injector makes the
 * system call with the number `point` fail with ECONNRESET. Then the function of mio must fail, move no data and use up
 * no readiness. So the test repeats the call of mio, which must then move all data. Returns whether the injector has
 * made a system call fail.
 */
static bool fail_reset(const mover *m, way *w, char *bytes, int point)
{
    const char *name = NULL;
    int error = 0;
    injector_arm_transfer(point, 0, ECONNRESET);
    int64_t moved = m->move(w, bytes, LENGTH);
    bool was_reset = injector_disarm(&name, &error);
    if (was_reset) {
        ck_assert_msg(moved == -ECONNRESET, "%s: %lld where %s fails", m->name, (long long)moved, name);
        check_edge(w->poll, m->name, NOTHING);
        moved = m->move(w, bytes, LENGTH);
    }
    ck_assert_count(moved, LENGTH);
    if (m->after != NULL) {
        m->after(w, bytes, LENGTH);
    }
    return was_reset;
}

static bool write_reset(const mover *m, int kind, int variant, int point, size_t most)
{
    way w;
    (void)most;
    open_way(&w, kind, variant);
    if (m->before != NULL) {
        m->before(&w);
    }
    watch(&w, &w.in.source, MIO_WRITABLE);
    bool was_reset = fail_reset(m, &w, text, point);
    expect_text(&w, m->name);
    close_way(&w);
    return was_reset;
}

static bool read_reset(const mover *m, int kind, int variant, int point, size_t most)
{
    way w;
    char bytes[LENGTH];
    (void)most;
    open_way(&w, kind, variant);
    ck_assert_count(write_plain(&w, text, LENGTH), LENGTH);
    watch(&w, &w.out.source, MIO_READABLE);
    bool was_reset = fail_reset(m, &w, bytes, point);
    ck_assert_msg(memcmp(bytes, text, LENGTH) == 0, "%s: other bytes arrive", m->name);
    close_way(&w);
    return was_reset;
}

START_TEST(a_reset_moves_nothing)
{
    injector_note_points("reset", for_each(writers, _i, write_reset) + for_each(readers, _i, read_reset));
}
END_TEST

/* ---- batches ----------------------------------------------------------------------------------------------------- */

static void make_batch(mio_udp_message messages[MESSAGES], mio_iovec pieces[MESSAGES], char *bytes, size_t length)
{
    for (size_t i = 0; i < MESSAGES; i++) {
        const mio_udp_message empty = MIO_UDP_MESSAGE_INIT;
        pieces[i] = (mio_iovec){bytes + i * length, length};
        messages[i] = empty;
        messages[i].pieces = &pieces[i];
        messages[i].piece_count = 1;
    }
}

/* Makes two calls of `move`. The first call moves only `most` messages, and the second call moves the others. */
static void move_batch(mio_poll *poll, mio_udp_socket *socket, int (*move)(mio_udp_socket *, mio_udp_message *, size_t),
                       mio_udp_message *messages, size_t most)
{
    const char *name = NULL;
    int error = 0;
    injector_arm_transfer(1, most, 0);
    ck_assert_count(move(socket, messages, MESSAGES), most);
    ck_assert(injector_disarm(&name, &error));
    check_edge(poll, name, USED_UP);
    ck_assert_count(move(socket, messages + most, MESSAGES - most), MESSAGES - most);
    check_edge(poll, name, NOTHING);
}

static int send_batch(mio_udp_socket *socket, mio_udp_message *messages, size_t count)
{
    return mio_udp_socket_send_batch(socket, messages, count);
}

static int recv_batch(mio_udp_socket *socket, mio_udp_message *messages, size_t count)
{
    return mio_udp_socket_recv_batch(socket, messages, count);
}

START_TEST(a_short_batch_says_how_many_it_were)
{
    for (size_t most = 1; most < MESSAGES; most++) {
        mio_poll *poll = open_poll(_i);
        mio_registry *registry = mio_poll_registry(poll);
        mio_udp_message messages[MESSAGES];
        mio_iovec pieces[MESSAGES];
        mio_udp_socket from;
        mio_udp_socket to;
        char bytes[2 * MESSAGES + 1] = "aabbccdd";
        make_udp_pair(&from, &to);
        ck_assert_ok(mio_registry_register(registry, &from.source, TOKEN, MIO_WRITABLE));
        expect_events(poll, {TOKEN, MIO_WRITABLE});
        make_batch(messages, pieces, bytes, 2);
        move_batch(poll, &from, send_batch, messages, most);
        ck_assert_ok(mio_registry_deregister(registry, &from.source));
        wait_handle(mio_udp_socket_handle(&to), POLLIN);
        ck_assert_ok(mio_registry_register(registry, &to.source, TOKEN, MIO_READABLE));
        expect_events(poll, {TOKEN, MIO_READABLE});
        memset(bytes, 0, sizeof bytes);
        make_batch(messages, pieces, bytes, 2);
        move_batch(poll, &to, recv_batch, messages, most);
        ck_assert_str_eq(bytes, "aabbccdd");
        mio_udp_socket_close(&from);
        mio_udp_socket_close(&to);
        mio_poll_free(poll);
    }
    injector_note_points("short", 2L * (MESSAGES - 1));
}
END_TEST

void add_short_tests(Suite *suite)
{
    TCase *counts = add_tcase(suite, "short counts");
    tcase_set_timeout(counts, 600);
    tcase_add_backend_test(counts, a_short_write_says_how_much_it_was);
    tcase_add_backend_test(counts, a_short_read_says_how_much_it_was);
    tcase_add_backend_test(counts, a_reset_moves_nothing);
    tcase_add_backend_test(counts, a_short_batch_says_how_many_it_were);
}
