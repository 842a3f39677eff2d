/* SPDX-License-Identifier: MIT */
/*
 * Calls functions on open objects with null pointers, pointers to inaccessible memory, and invalid counts, flags,
 * address families and values. A function that fails must not change its arguments or the objects. Each descriptor must
 * keep its file, flags, addresses and unread bytes. arguments.c tests null and closed objects. kinds.c tests garbage
 * and sources of another kind.
 */
#include "../helpers/objects.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

enum { PIECES = 1025, DESCRIPTORS = 64, TOO_LONG = 65535 - 20 - 8 + 1 };

/* Objects that are open, and good and bad arguments for the functions of these objects. */
typedef struct arguments {
    mio_tcp_socket tcp_socket;
    mio_tcp_socket tcp_socket_v6;
    mio_tcp_listener tcp_listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_udp_socket udp;
    mio_udp_socket left;
    mio_udp_socket right;
    mio_unix_listener unix_listener;
    mio_unix_stream streams[2];
    mio_unix_stream records[2];
    mio_unix_datagram datagram;
    mio_unix_datagram datagrams[2];
    mio_pipe_sender pipe_sender;
    mio_pipe_receiver pipe_receiver;
    object made; /* memory for the object that a function would open */
    object other;
    mio_ancillary ancillary;
    mio_addr any;
    mio_addr any_v6;
    mio_addr taken;
    mio_addr taken_udp;
    mio_addr peer;
    mio_addr peer_v6;
    mio_addr none;
    mio_addr garbage;
    mio_addr path;
    mio_addr unnamed;
    mio_iovec pieces[PIECES];
    mio_handle handle;
    size_t count;
    uint32_t flags;
    int number;
    char text[8];
} arguments;

static arguments a;
static arguments before;

/*
 * The state of a descriptor, which a failed call must not change. The test does not compare descriptors that were open
 * before set_up.
 */
typedef struct state {
    ino_t inode;
    int flags[2];
    int unread;
    socklen_t lengths[2];
    struct sockaddr_storage names[2];
} state;

static bool is_inherited[DESCRIPTORS];
static state states[DESCRIPTORS];
static int descriptors;

static void look(state now[DESCRIPTORS])
{
    memset(now, 0, DESCRIPTORS * sizeof *now);
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        struct stat file;
        if (is_inherited[fd] || fstat(fd, &file) != 0) {
            continue;
        }
        now[fd].inode = file.st_ino;
        now[fd].flags[0] = fcntl(fd, F_GETFL);
        now[fd].flags[1] = fcntl(fd, F_GETFD);
        if (ioctl(fd, FIONREAD, &now[fd].unread) != 0) {
            now[fd].unread = -1;
        }
        now[fd].lengths[0] = sizeof now[fd].names[0];
        now[fd].lengths[1] = sizeof now[fd].names[1];
        (void)!getsockname(fd, (struct sockaddr *)&now[fd].names[0], &now[fd].lengths[0]);
        (void)!getpeername(fd, (struct sockaddr *)&now[fd].names[1], &now[fd].lengths[1]);
    }
}

static void remember(void)
{
    before = a;
    descriptors = count_descriptors();
    look(states);
}

static void expect_refusal_at(int line, const char *text, int64_t result, int code)
{
    static state now[DESCRIPTORS];
    kept_at(__FILE__, line, text, result);
    assert_result_at(__FILE__, line, text, result, -code);
    ck_assert_msg(memcmp(&a, &before, sizeof a) == 0, "line %d: %s changes an argument or object", line, text);
    ck_assert_msg(count_descriptors() == descriptors, "line %d: %s opens or closes a descriptor", line, text);
    look(now);
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        ck_assert_msg(memcmp(&now[fd], &states[fd], sizeof now[fd]) == 0, "line %d: %s changes descriptor %d", line,
                      text, fd);
    }
    ck_assert_msg(!exists("s") && !exists("s.lock"), "line %d: %s leaves a file", line, text);
}

#define REFUSED(call, code) (errno = ERRNO_MARK, expect_refusal_at(__LINE__, #call, (int64_t)(call), (code)))

/* ---- the objects ------------------------------------------------------------------------------------------------ */

static void set_up_addresses(void)
{
    a.any = loopback_v4();
    a.any_v6 = loopback_v6();
    a.peer = with_port(loopback_v4(), 9);
    a.peer_v6 = with_port(loopback_v6(), 9);
    a.path = path_addr("s");
    a.unnamed = unnamed_addr();
    scribble(&a.garbage, sizeof a.garbage);
    scribble(&a.made, sizeof a.made);
    scribble(&a.other, sizeof a.other);
    memcpy(a.text, "as was", 7);
    for (size_t i = 0; i < PIECES; i++) {
        a.pieces[i] = (mio_iovec){a.text, 1};
    }
}

static void set_up(void)
{
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        is_inherited[fd] = is_open(fd);
    }
    memset(&a, 0, sizeof a);
    set_up_addresses();
    call_ok(mio_tcp_socket_open(&a.tcp_socket, MIO_ADDR_IPV4));
    if (have_ipv6()) {
        call_ok(mio_tcp_socket_open(&a.tcp_socket_v6, MIO_ADDR_IPV6));
    }
    make_listener(&a.tcp_listener, &a.taken);
    make_tcp_pair(&a.client, &a.server);
    call_ok(mio_udp_socket_bind(&a.udp, &a.any));
    call_ok(mio_udp_socket_local_addr(&a.udp, &a.taken_udp));
    make_udp_pair(&a.left, &a.right);
    call_ok(mio_unix_listener_bind(&a.unix_listener, &a.unnamed, 4, 0));
    call_ok(mio_unix_stream_pair(&a.streams[0], &a.streams[1], 0));
    call_ok(mio_unix_stream_pair(&a.records[0], &a.records[1], MIO_UNIX_SEQPACKET));
    call_ok(mio_unix_datagram_open(&a.datagram));
    call_ok(mio_unix_datagram_pair(&a.datagrams[0], &a.datagrams[1]));
    call_ok(mio_pipe_pair(&a.pipe_sender, &a.pipe_receiver));
    remember();
}

/* Checks that all objects still work. Each connection must transfer a byte "x", and no other byte may arrive. */
static void tear_down(void)
{
    char bytes[4];
    write_all(&a.client, "x", 1);
    read_all(&a.server, bytes, 1);
    write_all(&a.server, "x", 1);
    read_all(&a.client, bytes, 1);
    call_counts(mio_udp_socket_send(&a.left, "x", 1), 1);
    wait_handle(mio_udp_socket_handle(&a.right), POLLIN);
    call_counts(mio_udp_socket_recv(&a.right, bytes, 4, NULL), 1);
    call_fails(mio_udp_socket_recv(&a.udp, bytes, 4, NULL), EAGAIN);
    call_counts(mio_unix_stream_write(&a.streams[0], "x", 1), 1);
    call_counts(mio_unix_stream_read(&a.streams[1], bytes, 4), 1);
    call_counts(mio_unix_stream_write(&a.records[0], "x", 1), 1);
    call_counts(mio_unix_stream_read(&a.records[1], bytes, 4), 1);
    call_counts(mio_unix_datagram_send(&a.datagrams[0], "x", 1), 1);
    call_counts(mio_unix_datagram_recv(&a.datagrams[1], bytes, 4, NULL), 1);
    call_counts(mio_pipe_sender_write(&a.pipe_sender, "x", 1), 1);
    call_counts(mio_pipe_receiver_read(&a.pipe_receiver, bytes, 4), 1);
    mio_source *const sources[] = {
        &a.tcp_socket.source,    &a.tcp_socket_v6.source, &a.tcp_listener.source, &a.client.source,
        &a.server.source,        &a.udp.source,           &a.left.source,         &a.right.source,
        &a.unix_listener.source, &a.streams[0].source,    &a.streams[1].source,   &a.records[0].source,
        &a.records[1].source,    &a.datagram.source,      &a.datagrams[0].source, &a.datagrams[1].source,
        &a.pipe_sender.source,   &a.pipe_receiver.source,
    };
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        mio_source_close(sources[i]);
    }
}

/* ---- TCP and UDP ------------------------------------------------------------------------------------------------ */

START_TEST(by_tcp_listeners)
{
    mio_tcp_listener *made = &a.made.tcp_listener;
    mio_addr foreign = foreign_v4();
    REFUSED(mio_tcp_listener_bind(made, NULL, 16), EINVAL);
    REFUSED(mio_tcp_listener_bind(NULL, NULL, 16), EINVAL);
    REFUSED(mio_tcp_listener_bind(made, &a.any, 0), EINVAL);
    REFUSED(mio_tcp_listener_bind(made, &a.any, -2), EINVAL);
    REFUSED(mio_tcp_listener_bind(made, &a.any, INT32_MIN), EINVAL);
    REFUSED(mio_tcp_listener_bind(made, &a.none, 16), EAFNOSUPPORT);
    REFUSED(mio_tcp_listener_bind(made, &a.path, 16), EAFNOSUPPORT);
    REFUSED(mio_tcp_listener_bind(made, &a.garbage, 16), EAFNOSUPPORT);
    REFUSED(mio_tcp_listener_bind(made, &a.taken, 16), EADDRINUSE);
    if (system_setting("/proc/sys/net/ipv4/ip_nonlocal_bind") == 0) {
        REFUSED(mio_tcp_listener_bind(made, &foreign, 16), EADDRNOTAVAIL);
    }
    REFUSED(mio_tcp_listener_accept(&a.tcp_listener, NULL, NULL), EINVAL);
    REFUSED(mio_tcp_listener_accept(&a.tcp_listener, NULL, &a.none), EINVAL);
    REFUSED(mio_tcp_listener_accept(&a.tcp_listener, &a.made.tcp_stream, NULL), EAGAIN);
    REFUSED(mio_tcp_listener_accept(&a.tcp_listener, &a.made.tcp_stream, &a.none), EAGAIN);
    REFUSED(mio_tcp_listener_local_addr(&a.tcp_listener, NULL), EINVAL);
    REFUSED(mio_tcp_listener_take_error(&a.tcp_listener, NULL), EINVAL);
}
END_TEST

static void refused_by_tcp_socket(mio_tcp_socket *socket, const mio_addr *other_family)
{
    mio_tcp_stream *made = &a.made.tcp_stream;
    REFUSED(mio_tcp_socket_bind(socket, NULL), EINVAL);
    REFUSED(mio_tcp_socket_bind(socket, other_family), EAFNOSUPPORT);
    REFUSED(mio_tcp_socket_bind(socket, &a.none), EAFNOSUPPORT);
    REFUSED(mio_tcp_socket_bind(socket, &a.path), EAFNOSUPPORT);
    REFUSED(mio_tcp_socket_bind(socket, &a.garbage), EAFNOSUPPORT);
    REFUSED(mio_tcp_socket_listen(socket, 0, &a.made.tcp_listener), EINVAL);
    REFUSED(mio_tcp_socket_listen(socket, -2, &a.made.tcp_listener), EINVAL);
    REFUSED(mio_tcp_socket_listen(socket, INT32_MIN, &a.made.tcp_listener), EINVAL);
    REFUSED(mio_tcp_socket_listen(socket, 16, NULL), EINVAL);
    REFUSED(mio_tcp_socket_connect(socket, NULL, made), EINVAL);
    REFUSED(mio_tcp_socket_connect(socket, &a.peer, NULL), EINVAL);
    REFUSED(mio_tcp_socket_connect(socket, other_family, made), EAFNOSUPPORT);
    REFUSED(mio_tcp_socket_connect(socket, &a.none, made), EAFNOSUPPORT);
    REFUSED(mio_tcp_socket_connect(socket, &a.path, made), EAFNOSUPPORT);
    REFUSED(mio_tcp_socket_connect(socket, &a.garbage, made), EAFNOSUPPORT);
    REFUSED(mio_tcp_socket_local_addr(socket, NULL), EINVAL);
}

START_TEST(by_tcp_sockets)
{
    static const int families[] = {MIO_ADDR_NONE, MIO_ADDR_UNIX, MIO_ADDR_OTHER, AF_INET, AF_INET6, -1, INT32_MAX};
    mio_addr foreign = foreign_v4();
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        REFUSED(mio_tcp_socket_open(&a.made.tcp_socket, families[i]), EAFNOSUPPORT);
    }
    refused_by_tcp_socket(&a.tcp_socket, &a.peer_v6);
    REFUSED(mio_tcp_socket_bind(&a.tcp_socket, &a.taken), EADDRINUSE);
    if (system_setting("/proc/sys/net/ipv4/ip_nonlocal_bind") == 0) {
        REFUSED(mio_tcp_socket_bind(&a.tcp_socket, &foreign), EADDRNOTAVAIL);
    }
    call_ok(mio_tcp_socket_bind(&a.tcp_socket, &a.any));
    remember();
    REFUSED(mio_tcp_socket_bind(&a.tcp_socket, &a.any), EINVAL);
    if (!have_ipv6()) {
        skip("the IPv6 part: no IPv6");
        return;
    }
    refused_by_tcp_socket(&a.tcp_socket_v6, &a.peer);
    call_ok(mio_tcp_socket_bind(&a.tcp_socket_v6, &a.any_v6));
}
END_TEST

/*
 * Passes arguments that TCP and Unix streams refuse. Each test calls this function twice: while a byte is unread, and
 * while no byte is unread.
 */
static void refused_by_stream(mio_source *stream)
{
    const size_t counts[] = {PIECES, SIZE_MAX, beyond_32_bits(1)};
    void *bad = bad_memory();
    const mio_iovec bad_piece = {bad, 16};
    REFUSED(mio_stream_readv(stream, NULL, 1), EINVAL);
    REFUSED(mio_stream_writev(stream, NULL, 1), EINVAL);
    /* Under Valgrind, pass only the first count. With a larger count, Valgrind itself reads beyond the array. */
    for (size_t i = 0; i < (under_valgrind() ? 1 : 3); i++) {
        REFUSED(mio_stream_readv(stream, a.pieces, counts[i]), EINVAL);
        REFUSED(mio_stream_writev(stream, a.pieces, counts[i]), EMSGSIZE);
    }
    const size_t lengths[] = {SIZE_MAX, SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < (under_valgrind() ? 0 : 2); i++) {
        REFUSED(mio_stream_read(stream, a.text, lengths[i]), EINVAL);
        REFUSED(mio_stream_peek(stream, a.text, lengths[i]), EINVAL);
        REFUSED(mio_stream_write(stream, a.text, lengths[i]), EINVAL);
        REFUSED(mio_stream_send(stream, a.text, lengths[i], 0), EINVAL);
    }
    for (uint32_t bit = MIO_SEND_OOB << 1; bit != 0; bit <<= 1) {
        REFUSED(mio_stream_send(stream, a.text, 1, bit), EINVAL);
        REFUSED(mio_stream_send(stream, a.text, 1, bit | MIO_SEND_OOB), EINVAL);
    }
    REFUSED(mio_stream_recv_oob(stream, NULL), EINVAL);
    REFUSED(mio_stream_shutdown(stream, 3), EINVAL);
    REFUSED(mio_stream_shutdown(stream, -1), EINVAL);
    REFUSED(mio_stream_shutdown(stream, INT32_MAX), EINVAL);
    REFUSED(mio_source_local_addr(stream, NULL), EINVAL);
    REFUSED(mio_source_peer_addr(stream, NULL), EINVAL);
    REFUSED(mio_source_take_error(stream, NULL), EINVAL);
    if (!under_valgrind()) { /* valgrind would report bad memory */
        REFUSED(mio_stream_write(stream, bad, 16), EFAULT);
        REFUSED(mio_stream_write(stream, NULL, 16), EFAULT);
        REFUSED(mio_stream_writev(stream, &bad_piece, 1), EFAULT);
        REFUSED(mio_stream_writev(stream, bad, 1), EFAULT);
        REFUSED(mio_stream_send(stream, bad, 1, MIO_SEND_MORE), EFAULT);
    }
}

static void refused_by_full_stream(mio_source *stream)
{
    void *bad = bad_memory();
    const mio_iovec bad_piece = {bad, 16};
    if (!under_valgrind()) {
        REFUSED(mio_stream_read(stream, bad, 16), EFAULT);
        REFUSED(mio_stream_read(stream, NULL, 16), EFAULT);
        REFUSED(mio_stream_peek(stream, bad, 16), EFAULT);
        REFUSED(mio_stream_peek(stream, NULL, 16), EFAULT);
        REFUSED(mio_stream_readv(stream, &bad_piece, 1), EFAULT);
        REFUSED(mio_stream_readv(stream, bad, 1), EFAULT);
    }
}

static void refused_by_empty_stream(mio_source *stream)
{
    REFUSED(mio_stream_read(stream, a.text, sizeof a.text), EAGAIN);
    REFUSED(mio_stream_readv(stream, a.pieces, 2), EAGAIN);
    REFUSED(mio_stream_peek(stream, a.text, sizeof a.text), EAGAIN);
}

START_TEST(by_tcp_streams)
{
    char byte;
    mio_tcp_stream *made = &a.made.tcp_stream;
    REFUSED(mio_tcp_stream_connect(made, NULL), EINVAL);
    REFUSED(mio_tcp_stream_connect(NULL, NULL), EINVAL);
    REFUSED(mio_tcp_stream_connect(made, &a.none), EAFNOSUPPORT);
    REFUSED(mio_tcp_stream_connect(made, &a.path), EAFNOSUPPORT);
    REFUSED(mio_tcp_stream_connect(made, &a.garbage), EAFNOSUPPORT);
    REFUSED(mio_tcp_stream_original_destination(&a.client, NULL), EINVAL);
    REFUSED(mio_tcp_stream_recv_error(&a.client, NULL), EINVAL);
    refused_by_stream(&a.client.source);
    refused_by_empty_stream(&a.client.source);
    write_all(&a.server, "x", 1);
    wait_handle(mio_tcp_stream_handle(&a.client), POLLIN);
    remember();
    refused_by_stream(&a.client.source);
    refused_by_full_stream(&a.client.source);
    read_all(&a.client, &byte, 1);
}
END_TEST

START_TEST(by_udp_sockets)
{
    static const char data[70000];
    mio_udp_socket *made = &a.made.udp_socket;
    mio_addr foreign = foreign_v4();
    REFUSED(mio_udp_socket_bind(made, NULL), EINVAL);
    REFUSED(mio_udp_socket_bind(NULL, NULL), EINVAL);
    REFUSED(mio_udp_socket_bind(made, &a.none), EAFNOSUPPORT);
    REFUSED(mio_udp_socket_bind(made, &a.path), EAFNOSUPPORT);
    REFUSED(mio_udp_socket_bind(made, &a.garbage), EAFNOSUPPORT);
    REFUSED(mio_udp_socket_bind(made, &a.taken_udp), EADDRINUSE);
    if (system_setting("/proc/sys/net/ipv4/ip_nonlocal_bind") == 0) {
        REFUSED(mio_udp_socket_bind(made, &foreign), EADDRNOTAVAIL);
    }
    REFUSED(mio_udp_socket_connect(&a.udp, &a.peer_v6), EAFNOSUPPORT);
    REFUSED(mio_udp_socket_send(&a.udp, a.text, 1), EDESTADDRREQ);
    REFUSED(mio_udp_socket_send_to(&a.udp, a.text, 1, &a.peer_v6), EAFNOSUPPORT);
    REFUSED(mio_udp_socket_send_to(&a.udp, a.text, 1, NULL), EINVAL);
    REFUSED(mio_udp_socket_send_to(&a.left, a.text, 1, &a.none), EAFNOSUPPORT);
    REFUSED(mio_udp_socket_send_to(&a.left, a.text, 1, &a.path), EAFNOSUPPORT);
    REFUSED(mio_udp_socket_send(&a.left, data, TOO_LONG), EMSGSIZE);
    REFUSED(mio_udp_socket_send(&a.left, data, sizeof data), EMSGSIZE);
    REFUSED(mio_udp_socket_send_to(&a.left, data, TOO_LONG, &a.taken_udp), EMSGSIZE);
    REFUSED(mio_udp_socket_recv(&a.udp, a.text, 8, &a.flags), EAGAIN);
    REFUSED(mio_udp_socket_peek(&a.udp, a.text, 8, &a.flags), EAGAIN);
    REFUSED(mio_udp_socket_recv_from(&a.udp, a.text, 8, &a.none, &a.flags), EAGAIN);
    REFUSED(mio_udp_socket_peek_from(&a.udp, a.text, 8, &a.none, &a.flags), EAGAIN);
    REFUSED(mio_udp_socket_peer_addr(&a.udp, &a.none), ENOTCONN);
    REFUSED(mio_udp_socket_peer_addr(&a.left, NULL), EINVAL);
    REFUSED(mio_udp_socket_local_addr(&a.left, NULL), EINVAL);
    REFUSED(mio_udp_socket_take_error(&a.left, NULL), EINVAL);
    REFUSED(mio_udp_socket_recv_message(&a.left, NULL), EINVAL);
    REFUSED(mio_udp_socket_send_message(&a.left, NULL), EINVAL);
    if (!under_valgrind()) {
        REFUSED(mio_udp_socket_send(&a.left, bad_memory(), 16), EFAULT);
        REFUSED(mio_udp_socket_send(&a.left, NULL, 16), EFAULT);
        REFUSED(mio_udp_socket_send_to(&a.udp, bad_memory(), 16, &a.peer), EFAULT);
    }
    ck_assert_int_eq(raw_option(mio_udp_socket_handle(&a.udp), SOL_SOCKET, SO_REUSEADDR), 0);
}
END_TEST

START_TEST(by_ancillary_data)
{
    REFUSED(mio_ancillary_original_destination(&a.ancillary, NULL), EINVAL);
    REFUSED(mio_ancillary_timestamp(&a.ancillary, NULL), EINVAL);
    REFUSED(mio_ancillary_drops(&a.ancillary, NULL), EINVAL);
    REFUSED(mio_ancillary_set_source(&a.ancillary, NULL, 0), EINVAL);
}
END_TEST

/* ---- Unix sockets and pipes ------------------------------------------------------------------------------------- */

START_TEST(by_unix_listeners)
{
    const uint32_t known = MIO_UNIX_SEQPACKET | MIO_UNIX_REPLACE;
    mio_unix_listener *made = &a.made.unix_listener;
    REFUSED(mio_unix_listener_bind(made, NULL, 1, 0), EINVAL);
    REFUSED(mio_unix_listener_bind(NULL, NULL, 1, 0), EINVAL);
    REFUSED(mio_unix_listener_bind(made, &a.path, 0, 0), EINVAL);
    REFUSED(mio_unix_listener_bind(made, &a.path, -2, 0), EINVAL);
    for (uint32_t bit = MIO_UNIX_HAS_MODE << 1; bit != 0; bit <<= 1) {
        REFUSED(mio_unix_listener_bind(made, &a.path, 1, bit), EINVAL);
        REFUSED(mio_unix_listener_bind(made, &a.path, 1, bit | known), EINVAL);
    }
    for (uint32_t flags = 0; flags <= MIO_UNIX_REPLACE; flags += MIO_UNIX_REPLACE) {
        REFUSED(mio_unix_listener_bind(made, &a.none, 1, flags), EAFNOSUPPORT);
        REFUSED(mio_unix_listener_bind(made, &a.any, 1, flags), EAFNOSUPPORT);
        REFUSED(mio_unix_listener_bind(made, &a.any_v6, 1, flags), EAFNOSUPPORT);
        REFUSED(mio_unix_listener_bind(made, &a.garbage, 1, flags), EAFNOSUPPORT);
    }
    REFUSED(mio_unix_listener_accept(&a.unix_listener, NULL, &a.none), EINVAL);
    REFUSED(mio_unix_listener_accept(&a.unix_listener, &a.made.unix_stream, NULL), EAGAIN);
    REFUSED(mio_unix_listener_accept(&a.unix_listener, &a.made.unix_stream, &a.none), EAGAIN);
    REFUSED(mio_unix_listener_local_addr(&a.unix_listener, NULL), EINVAL);
    REFUSED(mio_unix_listener_take_error(&a.unix_listener, NULL), EINVAL);
    call_ok(mio_unix_listener_bind(made, &a.path, MIO_BACKLOG_MAX, 0));
    mio_unix_listener_close(made);
}
END_TEST

START_TEST(by_unix_streams)
{
    static char huge[1 << 20];
    char byte;
    mio_unix_stream *made = &a.made.unix_stream;
    mio_unix_stream *stream = &a.streams[0];
    REFUSED(mio_unix_stream_connect(made, NULL, 0), EINVAL);
    REFUSED(mio_unix_stream_connect(made, &a.unnamed, 0), EINVAL);
    REFUSED(mio_unix_stream_connect(made, &a.none, 0), EAFNOSUPPORT);
    REFUSED(mio_unix_stream_connect(made, &a.peer, 0), EAFNOSUPPORT);
    REFUSED(mio_unix_stream_connect(made, &a.garbage, 0), EAFNOSUPPORT);
    for (uint32_t bit = MIO_UNIX_SEQPACKET << 1; bit != 0; bit <<= 1) {
        REFUSED(mio_unix_stream_connect(made, &a.path, bit), EINVAL);
        REFUSED(mio_unix_stream_pair(made, &a.other.unix_stream, bit), EINVAL);
    }
    REFUSED(mio_unix_stream_pair(made, NULL, 0), EINVAL);
    REFUSED(mio_unix_stream_pair(made, made, 0), EINVAL);
    REFUSED(mio_unix_stream_recv_with_handles(stream, a.text, 1, &a.handle, 1, NULL, &a.flags), EINVAL);
    REFUSED(mio_unix_stream_recv_with_handles(stream, a.text, 1, NULL, 1, &a.count, &a.flags), EINVAL);
    REFUSED(mio_unix_stream_recv_with_handles(stream, a.text, 1, &a.handle, 1, &a.count, &a.flags), EAGAIN);
    REFUSED(mio_unix_stream_recv(stream, a.text, 1, &a.flags), EAGAIN);
    REFUSED(mio_unix_stream_recv_message(stream, NULL), EINVAL);
    REFUSED(mio_unix_stream_send_message(stream, NULL), EINVAL);
    REFUSED(mio_unix_stream_peer_credentials(stream, NULL), EINVAL);
    raw_set_option(mio_unix_stream_handle(&a.records[0]), SOL_SOCKET, SO_SNDBUF, 65536);
    REFUSED(mio_unix_stream_write(&a.records[0], huge, sizeof huge), EMSGSIZE);
    refused_by_stream(&stream->source);
    refused_by_empty_stream(&stream->source);
    call_counts(mio_unix_stream_write(&a.streams[1], "x", 1), 1);
    remember();
    refused_by_stream(&stream->source);
    refused_by_full_stream(&stream->source);
    if (!under_valgrind()) {
        REFUSED(mio_unix_stream_recv(stream, bad_memory(), 1, NULL), EFAULT);
    }
    call_counts(mio_unix_stream_read(stream, &byte, 1), 1);
}
END_TEST

START_TEST(by_unix_datagrams)
{
    static char huge[1 << 20];
    mio_unix_datagram *made = &a.made.unix_datagram;
    mio_unix_datagram *socket = &a.datagram;
    REFUSED(mio_unix_datagram_bind(made, NULL, 0), EINVAL);
    REFUSED(mio_unix_datagram_bind(made, &a.path, MIO_UNIX_SEQPACKET), EINVAL);
    REFUSED(mio_unix_datagram_bind(made, &a.path, UINT32_C(0x80000000)), EINVAL);
    REFUSED(mio_unix_datagram_bind(made, &a.none, 0), EAFNOSUPPORT);
    REFUSED(mio_unix_datagram_bind(made, &a.any, MIO_UNIX_REPLACE), EAFNOSUPPORT);
    REFUSED(mio_unix_datagram_pair(made, NULL), EINVAL);
    REFUSED(mio_unix_datagram_pair(made, made), EINVAL);
    REFUSED(mio_unix_datagram_send(socket, a.text, 1), ENOTCONN);
    REFUSED(mio_unix_datagram_send_to(socket, a.text, 1, NULL), EINVAL);
    REFUSED(mio_unix_datagram_send_to(socket, a.text, 1, &a.unnamed), EINVAL);
    REFUSED(mio_unix_datagram_send_to(socket, a.text, 1, &a.none), EAFNOSUPPORT);
    REFUSED(mio_unix_datagram_send_to(socket, a.text, 1, &a.peer), EAFNOSUPPORT);
    REFUSED(mio_unix_datagram_connect(socket, &a.unnamed), EINVAL);
    REFUSED(mio_unix_datagram_connect(socket, &a.none), EAFNOSUPPORT);
    REFUSED(mio_unix_datagram_connect(socket, &a.peer), EAFNOSUPPORT);
    REFUSED(mio_unix_datagram_recv(socket, a.text, 8, &a.flags), EAGAIN);
    REFUSED(mio_unix_datagram_peek(socket, a.text, 8, &a.flags), EAGAIN);
    REFUSED(mio_unix_datagram_recv_from(socket, a.text, 8, &a.none, &a.flags), EAGAIN);
    REFUSED(mio_unix_datagram_peek_from(socket, a.text, 8, &a.none, &a.flags), EAGAIN);
    REFUSED(mio_unix_datagram_recv_with_handles(socket, a.text, 1, &a.handle, 1, NULL, &a.flags), EINVAL);
    REFUSED(mio_unix_datagram_recv_with_handles(socket, a.text, 1, NULL, 1, &a.count, &a.flags), EINVAL);
    REFUSED(mio_unix_datagram_recv_message(socket, NULL), EINVAL);
    REFUSED(mio_unix_datagram_send_message(socket, NULL), EINVAL);
    REFUSED(mio_unix_datagram_shutdown(socket, 3), EINVAL);
    REFUSED(mio_unix_datagram_peer_addr(socket, &a.none), ENOTCONN);
    REFUSED(mio_unix_datagram_peer_addr(socket, NULL), EINVAL);
    REFUSED(mio_unix_datagram_local_addr(socket, NULL), EINVAL);
    REFUSED(mio_unix_datagram_take_error(socket, NULL), EINVAL);
    raw_set_option(mio_unix_datagram_handle(&a.datagrams[0]), SOL_SOCKET, SO_SNDBUF, 65536);
    REFUSED(mio_unix_datagram_send(&a.datagrams[0], huge, sizeof huge), EMSGSIZE);
    if (!under_valgrind()) {
        REFUSED(mio_unix_datagram_send(&a.datagrams[0], bad_memory(), 1), EFAULT);
    }
}
END_TEST

START_TEST(by_pipes)
{
    char byte;
    REFUSED(mio_pipe_pair(&a.made.pipe_sender, NULL), EINVAL);
    REFUSED(mio_pipe_sender_writev(&a.pipe_sender, NULL, 0), EINVAL);
    REFUSED(mio_pipe_sender_writev(&a.pipe_sender, a.pieces, PIECES), EINVAL);
    REFUSED(mio_pipe_sender_writev(&a.pipe_sender, a.pieces, beyond_32_bits(1)), EINVAL);
    REFUSED(mio_pipe_receiver_read(&a.pipe_receiver, a.text, 8), EAGAIN);
    REFUSED(mio_pipe_receiver_readv(&a.pipe_receiver, a.pieces, 2), EAGAIN);
    call_counts(mio_pipe_sender_write(&a.pipe_sender, "x", 1), 1);
    remember();
    REFUSED(mio_pipe_receiver_readv(&a.pipe_receiver, NULL, 0), EINVAL);
    REFUSED(mio_pipe_receiver_readv(&a.pipe_receiver, a.pieces, PIECES), EINVAL);
    REFUSED(mio_pipe_receiver_readv(&a.pipe_receiver, a.pieces, beyond_32_bits(1)), EINVAL);
    if (!under_valgrind()) {
        REFUSED(mio_pipe_sender_write(&a.pipe_sender, bad_memory(), 16), EFAULT);
        REFUSED(mio_pipe_receiver_read(&a.pipe_receiver, bad_memory(), 16), EFAULT);
    }
    call_counts(mio_pipe_receiver_read(&a.pipe_receiver, &byte, 1), 1);
}
END_TEST

/*
 * Registers `source`. A backend that emulates edges then examines the result and the pieces of each operation on the
 * source.
 */
static void watch(mio_poll *poll, mio_source *source)
{
    call_ok(mio_registry_register(mio_poll_registry(poll), source, 1, MIO_READABLE | MIO_WRITABLE));
}

START_TEST(by_registered_sources)
{
    const size_t counts[] = {PIECES, SIZE_MAX, beyond_32_bits(1)};
    mio_poll *poll = open_poll(_i);
    watch(poll, &a.client.source);
    watch(poll, &a.streams[0].source);
    call_ok(mio_registry_register(mio_poll_registry(poll), &a.pipe_sender.source, 1, MIO_WRITABLE));
    call_ok(mio_registry_register(mio_poll_registry(poll), &a.pipe_receiver.source, 1, MIO_READABLE));
    remember();
    refused_by_stream(&a.client.source);
    refused_by_stream(&a.streams[0].source);
    for (size_t i = 0; i < (under_valgrind() ? 1 : 3); i++) {
        REFUSED(mio_pipe_sender_writev(&a.pipe_sender, a.pieces, counts[i]), EINVAL);
        REFUSED(mio_pipe_receiver_readv(&a.pipe_receiver, a.pieces, counts[i]), EINVAL);
    }
    mio_poll_free(poll);
}
END_TEST

/* ---- service managers ------------------------------------------------------------------------------------------- */

/*
 * First the environment names no service manager. Then NOTIFY_SOCKET names a socket that no service manager owns.
 * service.c has the other tests of these functions.
 */
START_TEST(by_service_managers)
{
    char name[MIO_ADDR_TEXT_SIZE];
    mio_addr addr;
    REFUSED(mio_service_listen_handle(0), EINVAL);
    REFUSED(mio_service_listen_handle(SIZE_MAX), EINVAL);
    REFUSED(mio_service_listen_name(0, a.text, sizeof a.text), EINVAL);
    REFUSED(mio_service_listen_name(0, NULL, sizeof a.text), EINVAL);
    REFUSED(mio_service_listen_find("unknown", 0), ENOENT);
    REFUSED(mio_service_listen_find(NULL, 0), EINVAL);
    REFUSED(mio_service_watchdog(NULL), EINVAL);
    REFUSED(mio_service_notify(NULL, NULL, 0), EINVAL);
    REFUSED(mio_service_notify("", NULL, 0), EINVAL);
    REFUSED(mio_service_notify(a.text, NULL, 1), EINVAL);
    REFUSED(mio_service_notify(a.text, &a.handle, MIO_UNIX_HANDLES_MAX + 1), EINVAL);
    REFUSED(mio_service_forget(0), EINVAL);
    for (uint32_t bit = MIO_SERVICE_WATCHDOG << 1; bit != 0; bit <<= 1) {
        REFUSED(mio_service_forget(bit), EINVAL);
        REFUSED(mio_service_forget(bit | MIO_SERVICE_LISTEN), EINVAL);
    }
    call_ok(mio_unix_listener_local_addr(&a.unix_listener, &addr));
    ck_assert_int_gt(mio_addr_format(&addr, name, sizeof name), 0);
    ck_assert_int_eq(setenv("NOTIFY_SOCKET", name, 1), 0);
    REFUSED(mio_service_notify(a.text, NULL, 0), ECONNREFUSED);
    REFUSED(mio_service_notify_reloading(), ECONNREFUSED);
    REFUSED(mio_service_notify_barrier(-1), ECONNREFUSED);
    call_ok(mio_service_forget(MIO_SERVICE_NOTIFY));
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("refused");
    TCase *tcase = add_unix_tcase(suite, "refused");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, by_tcp_listeners);
    tcase_add_test(tcase, by_tcp_sockets);
    tcase_add_test(tcase, by_tcp_streams);
    tcase_add_test(tcase, by_udp_sockets);
    tcase_add_test(tcase, by_ancillary_data);
    tcase_add_test(tcase, by_unix_listeners);
    tcase_add_test(tcase, by_unix_streams);
    tcase_add_test(tcase, by_unix_datagrams);
    tcase_add_test(tcase, by_pipes);
    tcase_add_backend_test(tcase, by_registered_sources);
    tcase_add_test(tcase, by_service_managers);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
