/* SPDX-License-Identifier: MIT */
/* The table of the types that own a descriptor. */
#include "objects.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

/* The listener of the test case. */
static int listener;
static mio_addr listening;

static void open_listener(void)
{
    mio_addr any = loopback_v4();
    listener = raw_listener(&any, 16, &listening);
}

static void close_listener(void)
{
    close_fd(listener);
}

TCase *add_object_tcase(Suite *suite, const char *name)
{
    TCase *tcase = add_unix_tcase(suite, name);
    tcase_add_checked_fixture(tcase, open_listener, close_listener);
    return tcase;
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */

static int open_tcp_socket(void *it)
{
    return mio_tcp_socket_open(it, MIO_ADDR_IPV4);
}

static int open_tcp_listener(void *it)
{
    const mio_addr any = loopback_v4();
    return mio_tcp_listener_bind(it, &any, 1);
}

static int open_tcp_stream(void *it)
{
    return mio_tcp_stream_connect(it, &listening);
}

static int open_udp_socket(void *it)
{
    const mio_addr any = loopback_v4();
    return mio_udp_socket_bind(it, &any);
}

static int open_unix_listener(void *it)
{
    const mio_addr any = unnamed_addr();
    return mio_unix_listener_bind(it, &any, 1, 0);
}

/*
 * `failed` is the result of a call that opens a pair. If the call has worked, closes `other`. If the call has failed,
 * checks that `other` is unchanged. Returns `failed`.
 */
static int close_other(int failed, object *other)
{
    if (failed == 0) {
        mio_source_close(&other->source);
    } else {
        ck_assert_uint_eq(other->source.opaque[0], UINT64_C(0xa5a5a5a5a5a5a5a5));
    }
    return failed;
}

static int open_unix_pair(void *it, uint32_t flags)
{
    object other;
    scribble(&other, sizeof other);
    return close_other(mio_unix_stream_pair(it, &other.unix_stream, flags), &other);
}

static int open_unix_stream(void *it)
{
    return open_unix_pair(it, 0);
}

static int open_unix_records(void *it)
{
    return open_unix_pair(it, MIO_UNIX_SEQPACKET);
}

static int open_unix_datagram(void *it)
{
    return mio_unix_datagram_open(it);
}

static int open_pipe_sender(void *it)
{
    object other;
    scribble(&other, sizeof other);
    return close_other(mio_pipe_pair(it, &other.pipe_receiver), &other);
}

static int open_pipe_receiver(void *it)
{
    object other;
    scribble(&other, sizeof other);
    return close_other(mio_pipe_pair(&other.pipe_sender, it), &other);
}

static int open_signals(void *it)
{
    const int number = SIGUSR1;
    return mio_signals_open(it, &number, 1, 0);
}

/* ---- raw descriptors -------------------------------------------------------------------------------------------- */

static void raw_tcp_socket(int fds[2])
{
    fds[0] = raw_socket(AF_INET, SOCK_STREAM);
    fds[1] = MIO_HANDLE_NONE;
}

static void raw_tcp_listener(int fds[2])
{
    const mio_addr any = loopback_v4();
    fds[0] = raw_listener(&any, 4, NULL);
    fds[1] = MIO_HANDLE_NONE;
}

static void raw_tcp_stream(int fds[2])
{
    fds[0] = raw_connect(&listening);
    fds[1] = raw_accept(listener);
}

static void raw_udp_socket(int fds[2])
{
    const mio_addr any = loopback_v4();
    mio_addr addrs[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = raw_udp(&any, &addrs[i]);
    }
    for (int i = 0; i < 2; i++) {
        raw_point(fds[i], &addrs[1 - i]);
    }
}

static void raw_listener_of_unix(int fds[2])
{
    const mio_addr any = unnamed_addr();
    fds[0] = raw_unix_listener(SOCK_STREAM, &any, 4);
    fds[1] = MIO_HANDLE_NONE;
}

static void raw_unix_stream(int fds[2])
{
    raw_unix_pair(SOCK_STREAM, fds);
}

static void raw_unix_records(int fds[2])
{
    raw_unix_pair(SOCK_SEQPACKET, fds);
}

static void raw_unix_datagram(int fds[2])
{
    raw_unix_pair(SOCK_DGRAM, fds);
}

static void raw_pipe_receiver(int fds[2])
{
    ck_assert_int_eq(pipe(fds), 0);
}

/* Makes a full pipe. fds[0] is the writing end. fds[1] is the reading end, which is non-blocking. */
static void raw_pipe_sender(int fds[2])
{
    static const char bytes[4096];
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    while (write(ends[1], bytes, sizeof bytes) > 0) {}
    ck_assert_int_eq(errno, EAGAIN);
    ck_assert_int_eq(fcntl(ends[1], F_SETFL, 0), 0);
    ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    fds[0] = ends[1];
    fds[1] = ends[0];
}

static void connect_peer(int fds[2])
{
    const mio_addr addr = raw_local_addr(fds[0]);
    const bool is_unix = mio_addr_family(&addr) == MIO_ADDR_UNIX;
    if (fds[1] != MIO_HANDLE_NONE) {
        close_fd(fds[1]);
    }
    fds[1] = is_unix ? raw_unix(SOCK_STREAM, NULL, &addr) : raw_connect(&addr);
}

static void write_from_peer(int fds[2])
{
    write_byte(fds[1]);
}

static void empty_pipe(int fds[2])
{
    drain(fds[1]);
}

static int reset_by_peer(int fds[2])
{
    raw_reset(fds[1]);
    fds[1] = MIO_HANDLE_NONE;
    wait_handle(fds[0], POLLERR);
    return -ECONNRESET;
}

static int refuse_at_peer(int fds[2])
{
    close_fd(fds[1]);
    fds[1] = MIO_HANDLE_NONE;
    write_byte(fds[0]);
    wait_handle(fds[0], POLLERR);
    return -ECONNREFUSED;
}

static int close_peer_unread(int fds[2])
{
    write_byte(fds[0]);
    close_fd(fds[1]);
    fds[1] = MIO_HANDLE_NONE;
    return -ECONNRESET;
}

static int disconnect_peer_unread(int fds[2])
{
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    write_byte(fds[0]);
    ck_assert_int_eq(connect(fds[1], &nobody, sizeof nobody), 0);
    return -ECONNRESET;
}

/* ---- the table -------------------------------------------------------------------------------------------------- */

#define OWNER(type)                                                                                                    \
    static void type##_close(void *it)                                                                                 \
    {                                                                                                                  \
        mio_##type##_close(it);                                                                                        \
    }                                                                                                                  \
    static mio_handle type##_handle(const void *it)                                                                    \
    {                                                                                                                  \
        return mio_##type##_handle(it);                                                                                \
    }

#define ADOPTER(type)                                                                                                  \
    OWNER(type)                                                                                                        \
    static int type##_from_handle(void *it, mio_handle handle)                                                         \
    {                                                                                                                  \
        return mio_##type##_from_handle(it, handle);                                                                   \
    }                                                                                                                  \
    static mio_handle type##_into_handle(void *it)                                                                     \
    {                                                                                                                  \
        return mio_##type##_into_handle(it);                                                                           \
    }

#define LOCAL(type)                                                                                                    \
    static int type##_local_addr(const void *it, mio_addr *addr)                                                       \
    {                                                                                                                  \
        return mio_##type##_local_addr(it, addr);                                                                      \
    }

#define PEER(type)                                                                                                     \
    static int type##_peer_addr(const void *it, mio_addr *addr)                                                        \
    {                                                                                                                  \
        return mio_##type##_peer_addr(it, addr);                                                                       \
    }

#define ERRORS(type)                                                                                                   \
    static int type##_take_error(void *it, int *error)                                                                 \
    {                                                                                                                  \
        return mio_##type##_take_error(it, error);                                                                     \
    }

/* clang-format off */
ADOPTER(tcp_socket)    LOCAL(tcp_socket)
ADOPTER(tcp_listener)  LOCAL(tcp_listener)                         ERRORS(tcp_listener)
ADOPTER(tcp_stream)    LOCAL(tcp_stream)     PEER(tcp_stream)      ERRORS(tcp_stream)
ADOPTER(udp_socket)    LOCAL(udp_socket)     PEER(udp_socket)      ERRORS(udp_socket)
ADOPTER(unix_listener) LOCAL(unix_listener)                        ERRORS(unix_listener)
ADOPTER(unix_stream)   LOCAL(unix_stream)    PEER(unix_stream)     ERRORS(unix_stream)
ADOPTER(unix_datagram) LOCAL(unix_datagram)  PEER(unix_datagram)   ERRORS(unix_datagram)
ADOPTER(pipe_sender)
ADOPTER(pipe_receiver)
OWNER(signals)
/* clang-format on */

#define OWNS(type) .close = type##_close, .handle = type##_handle
#define ADOPTS(type) OWNS(type), .from_handle = type##_from_handle, .into_handle = type##_into_handle
#define HAS_LOCAL(type) ADOPTS(type), .local_addr = type##_local_addr
#define HAS_ERRORS(type) HAS_LOCAL(type), .take_error = type##_take_error
#define HAS_PEER(type) HAS_ERRORS(type), .peer_addr = type##_peer_addr

                    const object_type
    object_types[OBJECT_TYPES] = {
        [TCP_SOCKET] = {"mio_tcp_socket", MIO_WRITABLE, open_tcp_socket, HAS_LOCAL(tcp_socket), .raw = raw_tcp_socket},
        [TCP_LISTENER] = {"mio_tcp_listener", MIO_READABLE, open_tcp_listener, HAS_ERRORS(tcp_listener),
                          .raw = raw_tcp_listener, .provoke = connect_peer},
        [TCP_STREAM] = {"mio_tcp_stream", MIO_READABLE, open_tcp_stream, HAS_PEER(tcp_stream), .raw = raw_tcp_stream,
                        .provoke = write_from_peer, .spoil = reset_by_peer},
        [UDP_SOCKET] = {"mio_udp_socket", MIO_READABLE, open_udp_socket, HAS_PEER(udp_socket), .raw = raw_udp_socket,
                        .provoke = write_from_peer, .spoil = refuse_at_peer},
        [UNIX_LISTENER] = {"mio_unix_listener", MIO_READABLE, open_unix_listener, HAS_ERRORS(unix_listener),
                           .raw = raw_listener_of_unix, .provoke = connect_peer},
        [UNIX_STREAM] = {"mio_unix_stream", MIO_READABLE, open_unix_stream, HAS_PEER(unix_stream),
                         .raw = raw_unix_stream, .provoke = write_from_peer, .spoil = close_peer_unread},
        [UNIX_DATAGRAM] = {"mio_unix_datagram", MIO_READABLE, open_unix_datagram, HAS_PEER(unix_datagram),
                           .raw = raw_unix_datagram, .provoke = write_from_peer, .spoil = disconnect_peer_unread},
        [PIPE_SENDER] = {"mio_pipe_sender", MIO_WRITABLE, open_pipe_sender, ADOPTS(pipe_sender), .raw = raw_pipe_sender,
                         .provoke = empty_pipe},
        [PIPE_RECEIVER] = {"mio_pipe_receiver", MIO_READABLE, open_pipe_receiver, ADOPTS(pipe_receiver),
                           .raw = raw_pipe_receiver, .provoke = write_from_peer},
        [UNIX_RECORDS] = {"mio_unix_stream", MIO_READABLE, open_unix_records, HAS_PEER(unix_stream),
                          .raw = raw_unix_records, .provoke = write_from_peer, .spoil = close_peer_unread},
        [SIGNALS] = {"mio_signals", MIO_READABLE, open_signals, OWNS(signals)},
};

void open_object(object *it, int type)
{
    scribble(it, sizeof *it);
    call_ok(object_types[type].open(it));
}

void close_object(object *it, const object_type *type)
{
    char text[64];
    snprintf(text, sizeof text, "%s_close()", type->name);
    errno = ERRNO_MARK;
    type->close(it);
    kept_at(__FILE__, __LINE__, text, 0);
    ck_assert_msg(is_zero(&it->source, sizeof it->source), "%s leaves something in the storage", text);
}
