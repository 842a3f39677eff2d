/* SPDX-License-Identifier: MIT */
/* Unix-domain sockets: listeners, streams of bytes or records, and datagrams. Streams and datagrams can carry
 * descriptors and credentials. */
#ifndef MIO_UNIX_H
#define MIO_UNIX_H

#include <mio/accept.h>
#include <mio/addr.h>
#include <mio/base.h>
#include <mio/source.h>
#include <mio/stream.h>

MIO_BEGIN_DECLS

/* mio_unix_listener: a listening Unix socket in the caller's storage. Register its member `source`. Since 1.0. */
typedef struct mio_unix_listener {
    mio_source source;
} mio_unix_listener;

/* mio_unix_stream: a connection in the caller's storage. Register its member `source`. Since 1.0. */
typedef struct mio_unix_stream {
    mio_source source;
} mio_unix_stream;

/* mio_unix_datagram: a datagram socket in the caller's storage. Register its member `source`. Since 1.0. */
typedef struct mio_unix_datagram {
    mio_source source;
} mio_unix_datagram;

/*
 * Flags of the functions that open a socket. Since 1.0.
 *
 * With MIO_UNIX_SEQPACKET a connection carries records instead of a stream of bytes. Every write sends one record, and
 * every read receives one record. If a record does not fit into the buffer, the rest of the record is lost. Only
 * mio_unix_stream_recv and its variants report the loss. A reader cannot distinguish an empty record from the end of
 * the stream, so do not send empty records.
 *
 * With MIO_UNIX_REPLACE, the call first removes a file that exists at the path. The file must be a socket that no
 * process has open. The file must belong to the effective user. But root can replace the file of any user. If several
 * processes replace the file at the same time, only one process succeeds, and the other processes get -EADDRINUSE. The
 * processes exclude each other with a lock file, and remove the lock file afterwards. The path of the lock file is the
 * path of the socket with ".lock" appended. Keep no other file at that path, because the call would remove the file.
 * If a process still listens at the path of the socket, the call fails, and does not disturb the listening process. The
 * flag has no effect on an abstract name.
 */
#define MIO_UNIX_SEQPACKET 0x1u
#define MIO_UNIX_REPLACE 0x2u

/*
 * MIO_UNIX_MODE(0660) can be combined with the flags above, and sets the mode of the socket file to 0660. A mode is 0
 * to 0777, and does not depend on umask(2). The file never has more permissions than this mode. The file has exactly
 * this mode before the listener can accept the first client. A client needs write permission to connect. The call
 * rejects a mode for a name without a file, because everybody could connect to such a name. In a language without this
 * macro, combine the bit MIO_UNIX_HAS_MODE and the mode shifted left by MIO_UNIX_MODE_SHIFT. Since 1.0.
 */
#define MIO_UNIX_HAS_MODE 0x4u
#define MIO_UNIX_MODE_SHIFT 16
#define MIO_UNIX_MODE(mode) (MIO_UNIX_HAS_MODE | (mode) * (1u << MIO_UNIX_MODE_SHIFT))

/*
 * Opens a listener on an address, which is a path or an abstract name. For an unnamed address, the system chooses an
 * abstract name. For a path, the system creates a socket file. umask(2) or MIO_UNIX_MODE sets the mode of the file.
 * `backlog` limits the number of connections that wait to be accepted. `backlog` is MIO_BACKLOG_MAX or a number above
 * 0. On Linux, the real limit is one higher. The system may lower the backlog. `flags` is 0 or a combination of
 * MIO_UNIX_SEQPACKET, MIO_UNIX_REPLACE and MIO_UNIX_MODE.
 * Safety: threads. Errors: EINVAL (null, backlog 0 or below -1, unknown flags, a mode above 0777, or a mode for an
 * address without a file), EAFNOSUPPORT (not a Unix address), EADDRINUSE (a file exists at the path; with
 * MIO_UNIX_REPLACE: the file is in use, is not a socket, belongs to another user, or is being replaced), ENOENT,
 * ENOTDIR, ELOOP, EACCES, EPERM and EROFS (the system cannot create the socket file), ENOTSUP (the system has no Unix
 * sockets, or cannot set the mode), ENOSPC, EIO, EMFILE, ENFILE, ENOBUFS, ENOMEM. Since 1.0. Uses: socket(2), bind(2),
 * listen(2), unix(7); to replace: flock(2), lstat(2), unlink(2); for a mode: fchmod(2), fchmodat(2).
 */
MIO_API MIO_MUST_CHECK int mio_unix_listener_bind(mio_unix_listener *listener, const mio_addr *addr, int backlog,
                                                  uint32_t flags);

/*
 * Takes over an open listening socket and makes it non-blocking and close-on-exec. On success the listener then owns
 * the descriptor. If the call fails, the caller still owns the descriptor.
 * Safety: threads. Errors: EINVAL (null, or not listening), EBADF, ENOTSOCK, EPROTOTYPE (not a Unix stream or
 * seqpacket socket), ENOTSUP (the system has no Unix sockets). Since 1.0. Uses: getsockopt(2), fcntl(2).
 */
MIO_API MIO_MUST_CHECK int mio_unix_listener_from_handle(mio_unix_listener *listener, mio_handle handle);

/* Closes the listener, and fills *listener with zeros. The call does not remove the socket file. Remove the file with
 * unlink(2) before closing, or bind the next listener with MIO_UNIX_REPLACE. For a closed listener or null, the call
 * does nothing. Safety: one thread. Since 1.0. Uses: close(2). */
MIO_INLINE void mio_unix_listener_close(mio_unix_listener *listener)
{
    mio_source_close(MIO_SOURCE_OF(listener));
}

/* Returns the descriptor, which the listener still owns. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_unix_listener_handle(const mio_unix_listener *listener)
{
    return mio_source_handle(MIO_SOURCE_OF(listener));
}

/* Gives the descriptor to the caller, like mio_tcp_listener_into_handle. Safety: one thread. Errors: EINVAL, EBADF.
 * Since 1.0. */
MIO_INLINE MIO_MUST_CHECK mio_handle mio_unix_listener_into_handle(mio_unix_listener *listener)
{
    return mio_source_into_handle(MIO_SOURCE_OF(listener));
}

/*
 * Accepts one connection into *stream. If `peer` is not null, the call stores the name of the client in *peer. The
 * name is a path or an abstract name. Most clients are unnamed.
 * Safety: threads. Errors: EINVAL (null), EBADF, EAGAIN (no connection is waiting), ECONNABORTED (the connection is
 * gone: accept the next connection, see mio_accept_is_transient), EMFILE, ENFILE (out of descriptors, see
 * mio_accept_reserve), ENOBUFS, ENOMEM. Since 1.0. Uses: accept4(2).
 */
MIO_INLINE MIO_MUST_CHECK int mio_unix_listener_accept(mio_unix_listener *listener, mio_unix_stream *stream,
                                                       mio_addr *peer)
{
    return mio_listener_accept(MIO_SOURCE_OF(listener), MIO_SOURCE_OF(stream), peer);
}

/*
 * Accepts like mio_unix_listener_accept. But if no descriptor is left for the connection, the call turns the client
 * away with the descriptor in `reserve`; see mio_tcp_listener_accept_or_shed.
 * Safety: threads, which may share one reserve. Errors as mio_unix_listener_accept, and: EBADF (the reserve is closed),
 * ECANCELED (the call turned a client away), EMFILE, ENFILE (no descriptor is left, and another thread is using the
 * reserve or took the descriptor that the reserve freed: try again after a while, because no event reports the
 * connection). Since 1.0. Uses: accept4(2), close(2), socket(2).
 */
MIO_INLINE MIO_MUST_CHECK int mio_unix_listener_accept_or_shed(mio_unix_listener *listener, mio_accept_reserve *reserve,
                                                               mio_unix_stream *stream, mio_addr *peer)
{
    return mio_listener_accept_or_shed(MIO_SOURCE_OF(listener), reserve, MIO_SOURCE_OF(stream), peer);
}

/* Stores the address that the listener is bound to. Safety: threads. Errors: EINVAL, EBADF, ENOBUFS, ENOMEM. Since 1.0.
 * Uses: getsockname(2). */
MIO_INLINE MIO_MUST_CHECK int mio_unix_listener_local_addr(const mio_unix_listener *listener, mio_addr *addr)
{
    return mio_source_local_addr(MIO_SOURCE_OF(listener), addr);
}

/* Fetches and clears the pending error, like mio_tcp_listener_take_error. Safety: threads. Errors: EINVAL (null),
 * EBADF. Since 1.0. Uses: getsockopt(2) with SO_ERROR. */
MIO_INLINE MIO_MUST_CHECK int mio_unix_listener_take_error(mio_unix_listener *listener, int *error)
{
    return mio_source_take_error(MIO_SOURCE_OF(listener), error);
}

/*
 * Opens a stream and connects it. On most systems, the stream is connected when the call returns 0, even before the
 * listener accepts the connection. On other systems, the connect can still be in progress. So a portable program
 * registers the stream for MIO_WRITABLE, and calls mio_unix_stream_connect_finish at the event. `flags` is 0 or
 * MIO_UNIX_SEQPACKET. -EAGAIN means that the backlog of the listener is full, and that the call has opened nothing. No
 * event reports when the backlog has space again, so try again later.
 * Safety: threads. Errors: EINVAL (null, unknown flags, an unnamed address), EAFNOSUPPORT (not a Unix address), EAGAIN,
 * ECONNREFUSED (nobody listens), ENOENT, ENOTDIR (the path does not exist), ELOOP (the path has too many symbolic
 * links), EACCES, EPERM (no right to write to the socket file or to search the path), EPROTOTYPE (the stream carries
 * bytes and the listener carries records, or the reverse), EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOTSUP (the system has no
 * Unix sockets). Since 1.0. Uses: socket(2), connect(2), unix(7).
 */
MIO_API MIO_MUST_CHECK int mio_unix_stream_connect(mio_unix_stream *stream, const mio_addr *addr, uint32_t flags);

/* Returns the result of a connect, like mio_tcp_stream_connect_finish. Safety: threads. Errors: EINVAL (null, or
 * RLIMIT_NOFILE is 0), EBADF, EINPROGRESS, ECONNREFUSED, ECONNRESET, ENOTCONN. If the stream is not connected, also the
 * error with which a sandbox refuses poll(2). Since 1.0. Uses: getsockopt(2) with SO_ERROR, getpeername(2), poll(2). */
MIO_INLINE MIO_MUST_CHECK int mio_unix_stream_connect_finish(mio_unix_stream *stream)
{
    return mio_stream_connect_finish(MIO_SOURCE_OF(stream));
}

/* Opens two unnamed streams that are connected to each other. `flags` is 0 or MIO_UNIX_SEQPACKET. Safety: threads.
 * Errors: EINVAL (null, the same storage for `left` and `right`, unknown flags), EMFILE, ENFILE, ENOBUFS, ENOMEM,
 * ENOTSUP (the system has no Unix sockets). Since 1.0. Uses: socketpair(2). */
MIO_API MIO_MUST_CHECK int mio_unix_stream_pair(mio_unix_stream *left, mio_unix_stream *right, uint32_t flags);

/* Takes over an open stream or seqpacket socket, like mio_unix_listener_from_handle. Safety: threads. Errors: EINVAL
 * (null), EBADF, ENOTSOCK, EPROTOTYPE (not a Unix stream or seqpacket socket), ENOTSUP (the system has no Unix
 * sockets). Since 1.0. Uses: getsockopt(2), fcntl(2). */
MIO_API MIO_MUST_CHECK int mio_unix_stream_from_handle(mio_unix_stream *stream, mio_handle handle);

/* Closes the stream, and fills *stream with zeros. The peer can still read bytes that were written before. For a
 * closed stream or null, the call does nothing. Safety: one thread. Since 1.0. Uses: close(2). */
MIO_INLINE void mio_unix_stream_close(mio_unix_stream *stream)
{
    mio_source_close(MIO_SOURCE_OF(stream));
}

/* Returns the descriptor, which the stream still owns. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_unix_stream_handle(const mio_unix_stream *stream)
{
    return mio_source_handle(MIO_SOURCE_OF(stream));
}

/* Gives the descriptor to the caller, like mio_tcp_listener_into_handle. Safety: one thread. Errors: EINVAL, EBADF.
 * Since 1.0. */
MIO_INLINE MIO_MUST_CHECK mio_handle mio_unix_stream_into_handle(mio_unix_stream *stream)
{
    return mio_source_into_handle(MIO_SOURCE_OF(stream));
}

/*
 * Reads up to `length` bytes and returns the number of bytes read. Returns 0 when the peer has shut down its writing
 * side or closed the connection. The function mio_unix_stream_peek leaves the bytes in the stream. The function
 * mio_unix_stream_readv fills `count` pieces in order. If `length` is 0, each of these three functions returns 0 and
 * does nothing. mio_unix_stream_recv and its variants differ: a call with a `length` of 0 can lose a record, or fail
 * with EAGAIN. After a short count, the stream can still hold bytes. For example, a read ends after bytes that carry
 * descriptors, and before bytes from a sender with different credentials. A read closes all descriptors that arrive,
 * but mio_unix_stream_peek leaves the descriptors in the stream. On a stream of records, a read that fails with EFAULT
 * loses a record.
 * Safety: threads. Errors: EINVAL (null stream or pieces, count above MIO_PIECES_MAX, a length above SSIZE_MAX, a
 * stream of bytes that is not connected), EBADF, EAGAIN (nothing now), ECONNRESET (the peer closed the connection
 * before it had read everything), ENOTCONN (a stream of records that is not connected), EFAULT (bad memory), ENOBUFS,
 * ENOMEM. Since 1.0. Uses: read(2), readv(2), recv(2).
 */
MIO_INLINE MIO_MUST_CHECK int64_t mio_unix_stream_read(mio_unix_stream *stream, void *buffer, size_t length)
{
    return mio_stream_read(MIO_SOURCE_OF(stream), buffer, length);
}

MIO_INLINE MIO_MUST_CHECK int64_t mio_unix_stream_readv(mio_unix_stream *stream, const mio_iovec *pieces, size_t count)
{
    return mio_stream_readv(MIO_SOURCE_OF(stream), pieces, count);
}

MIO_INLINE MIO_MUST_CHECK int64_t mio_unix_stream_peek(mio_unix_stream *stream, void *buffer, size_t length)
{
    return mio_stream_peek(MIO_SOURCE_OF(stream), buffer, length);
}

/*
 * Writes up to `length` bytes and returns the number of bytes written. On a stream of records, the call writes a whole
 * record or nothing. On a stream of bytes, the count can be short. After a short count, write the remaining bytes when
 * the stream is writable again. The function mio_unix_stream_writev writes `count` pieces in order.
 * Safety: threads. Errors: EINVAL (null stream or pieces, a length above SSIZE_MAX), EBADF, EAGAIN (no space now),
 * EPIPE (the peer has closed the connection, or this side is shut down; no SIGPIPE), ECONNRESET, ENOTCONN, EMSGSIZE
 * (count above MIO_PIECES_MAX, or more data than fits in a record), EFAULT, ENOBUFS, ENOMEM. Since 1.0. Uses:
 * sendto(2), sendmsg(2) with MSG_NOSIGNAL.
 */
MIO_INLINE MIO_MUST_CHECK int64_t mio_unix_stream_write(mio_unix_stream *stream, const void *buffer, size_t length)
{
    return mio_stream_write(MIO_SOURCE_OF(stream), buffer, length);
}

MIO_INLINE MIO_MUST_CHECK int64_t mio_unix_stream_writev(mio_unix_stream *stream, const mio_iovec *pieces, size_t count)
{
    return mio_stream_writev(MIO_SOURCE_OF(stream), pieces, count);
}

/*
 * Writes like mio_unix_stream_write, with the `flags` of mio_tcp_stream_send. MIO_SEND_MORE has no effect on a Unix
 * stream. With MIO_SEND_OOB, a short count means that the call sent no out-of-band byte, so send the rest with
 * MIO_SEND_OOB again.
 * Safety: threads. Errors as mio_unix_stream_write, and: EINVAL (unknown flags), ENOTSUP (with MIO_SEND_OOB, if the
 * stream carries records, if `length` is 0, or before Linux 5.15). Since 1.0. Uses: sendto(2) with MSG_NOSIGNAL.
 */
MIO_INLINE MIO_MUST_CHECK int64_t mio_unix_stream_send(mio_unix_stream *stream, const void *buffer, size_t length,
                                                       uint32_t flags)
{
    return mio_stream_send(MIO_SOURCE_OF(stream), buffer, length, flags);
}

/* The function mio_unix_stream_recv_oob reads the out-of-band byte, like mio_tcp_stream_recv_oob. The function
 * mio_unix_stream_at_mark returns 1 if the next read begins at the mark of the out-of-band byte, like
 * mio_tcp_stream_at_mark. Safety: threads. Errors as mio_tcp_stream_recv_oob, and: ENOTSUP (a stream of records, or
 * Linux before 5.15). Since 1.0. Uses: recv(2) with MSG_OOB, ioctl(2) with SIOCATMARK. */
MIO_INLINE MIO_MUST_CHECK int mio_unix_stream_recv_oob(mio_unix_stream *stream, unsigned char *byte)
{
    return mio_stream_recv_oob(MIO_SOURCE_OF(stream), byte);
}

MIO_INLINE MIO_MUST_CHECK int mio_unix_stream_at_mark(const mio_unix_stream *stream)
{
    return mio_stream_at_mark(MIO_SOURCE_OF(stream));
}

/*
 * Reads like mio_unix_stream_read, and reports what was lost. If `flags` is not null, the call stores bits in *flags.
 * MIO_MESSAGE_TRUNCATED means that a record was longer than the buffer. MIO_MESSAGE_HANDLES_TRUNCATED means that
 * descriptors came, and that the call has closed them. 0 means that nothing was lost. If `flags` is null and something
 * was lost, the call fails with -EMSGSIZE, but still fills the buffer. Safety: threads. Errors as mio_unix_stream_read,
 * and EMSGSIZE. Since 1.0. Uses: recvmsg(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_stream_recv(mio_unix_stream *stream, void *buffer, size_t length,
                                                    uint32_t *flags);

/* The largest number of descriptors in one message. Since 1.0. Uses: SCM_MAX_FD of Linux. */
#define MIO_UNIX_HANDLES_MAX 253

/*
 * Writes bytes, and passes copies of `count` descriptors to the peer with the first byte. The originals stay open. The
 * call needs at least one byte. A call that sends at least one byte sends all descriptors. So after a short count,
 * write the remaining bytes without descriptors. If `count` is 0, `handles` may be null, and the call works like
 * mio_unix_stream_write.
 * Safety: threads. Errors as mio_unix_stream_write, and: EINVAL (null handles, count above MIO_UNIX_HANDLES_MAX, or
 * descriptors without a byte), EBADF (one of `handles` is not open), EMFILE (too many descriptors in flight, see
 * RLIMIT_NOFILE), EPERM (the peer rejects descriptors, see MIO_OPTION_PASS_HANDLES). Since 1.0. Uses: sendmsg(2) with
 * SCM_RIGHTS.
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_stream_send_with_handles(mio_unix_stream *stream, const void *buffer,
                                                                 size_t length, const mio_handle *handles,
                                                                 size_t count);

/*
 * Reads bytes and the descriptors that came with the bytes. The call stores at most `capacity` descriptors in
 * `handles`, and stores the number of these descriptors in *count. A read ends with the bytes that carried the
 * descriptors, but may begin with earlier bytes. The descriptors belong to the caller and are close-on-exec. A
 * descriptor is non-blocking only if the sender had made it non-blocking. The call closes descriptors that do not fit
 * into `handles` or exceed RLIMIT_NOFILE. If `flags` is not null, the call sets *flags to 0 or to the bits
 * MIO_MESSAGE_TRUNCATED and MIO_MESSAGE_HANDLES_TRUNCATED. If `flags` is null and something was lost, the call fails
 * with -EMSGSIZE. The call still fills the buffer, but closes all descriptors.
 * Safety: threads. Errors as mio_unix_stream_read, and: EINVAL (null count; if `capacity` is not 0: null handles or
 * length 0), EMSGSIZE. After an error *count is unchanged. Since 1.0. Uses: recvmsg(2) with MSG_CMSG_CLOEXEC.
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_stream_recv_with_handles(mio_unix_stream *stream, void *buffer, size_t length,
                                                                 mio_handle *handles, size_t capacity, size_t *count,
                                                                 uint32_t *flags);

/*
 * mio_unix_credentials: the pid, user and group of a process. The kernel checks the credentials, and translates them
 * into the namespaces of the caller. The pid is 0 if the system does not report the pid, or if the process has no pid
 * in the caller's pid namespace. mio_unix_stream_peer_credentials stores the effective user and group of the peer. A
 * received message has the user and group that the sender claimed. If the sender claimed no user and group, the message
 * has the real user and group of the sender. Start from MIO_UNIX_CREDENTIALS_INIT, which sets `size`. Since 1.0.
 */
typedef struct mio_unix_credentials {
    uint32_t size; /* sizeof(mio_unix_credentials) when the program was compiled */
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
} mio_unix_credentials;

#define MIO_UNIX_CREDENTIALS_INIT                                                                                      \
    {                                                                                                                  \
        sizeof(mio_unix_credentials), 0, 0, 0                                                                          \
    }

/*
 * mio_unix_message: one message with its descriptors, address and credentials. Fields that you do not use must stay
 * zero. Start from MIO_UNIX_MESSAGE_INIT, which sets `size`. Since 1.0.
 */
typedef struct mio_unix_message {
    uint32_t size;                     /* sizeof(mio_unix_message) when the program was compiled */
    uint32_t flags;                    /* received: MIO_MESSAGE_ bits; sending: 0 */
    const mio_iovec *pieces;           /* the bytes, in order */
    size_t piece_count;                /* 0 to MIO_PIECES_MAX */
    mio_handle *handles;               /* descriptors to send, or memory for received descriptors */
    size_t handle_capacity;            /* receiving: the size of `handles` */
    size_t handle_count;               /* sending: at most MIO_UNIX_HANDLES_MAX; received: number stored */
    mio_addr *addr;                    /* datagrams only: null, the destination, or memory for the sender's address */
    mio_unix_credentials *credentials; /* if not null: credentials to claim, or memory for received credentials */
} mio_unix_message;

#define MIO_UNIX_MESSAGE_INIT                                                                                          \
    {                                                                                                                  \
        sizeof(mio_unix_message), 0, NULL, 0, NULL, 0, 0, NULL, NULL                                                   \
    }

/*
 * Sends like mio_unix_stream_send_with_handles, and can also send credentials. A caller may claim its own pid, and its
 * real, effective or saved user and group. To claim another pid, user or group, the caller needs a privilege.
 * Safety: threads. Errors as mio_unix_stream_send_with_handles, and: EINVAL (null, a `size` smaller than in mio 1.0,
 * `flags` other than 0, an `addr` that is not null), E2BIG (the struct uses a field that only a newer library knows),
 * EMSGSIZE (piece_count above MIO_PIECES_MAX, or more data than fits in a record), EPERM (credentials that the caller
 * may not claim), ESRCH (no such pid), ENOTSUP (this system cannot send credentials). Since 1.0. Uses: sendmsg(2),
 * SCM_RIGHTS and SCM_CREDENTIALS of unix(7).
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_stream_send_message(mio_unix_stream *stream, const mio_unix_message *message);

/*
 * Receives like mio_unix_stream_recv_with_handles, and can also receive credentials. If a message is truncated, the
 * call does not fail, but sets a bit in `flags`. Credentials arrive if MIO_OPTION_PASS_CREDENTIALS of this socket is 1.
 * The credentials are correct only if the message was sent after the option was set. For earlier messages, Linux
 * reports pid 0 and the overflow user and group. An accepted stream inherits the option from its listener.
 * MIO_MESSAGE_CREDENTIALS in `flags` means that credentials arrived. If the call receives nothing from a stream of
 * bytes, for example at its end, it stores no credentials.
 * Safety: threads. Errors as mio_unix_stream_recv_with_handles, and: EINVAL (null, a `size` smaller than in mio 1.0),
 * E2BIG (the struct uses a field that only a newer library knows), EMSGSIZE (piece_count above MIO_PIECES_MAX). After
 * an error *message is unchanged. Since 1.0. Uses: recvmsg(2), SCM_RIGHTS and SCM_CREDENTIALS of unix(7); with
 * `credentials`, if no byte arrives: getsockopt(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_stream_recv_message(mio_unix_stream *stream, mio_unix_message *message);

/*
 * Stores the credentials that the peer had when it connected, called listen(2), or made the pair of streams. A process
 * cannot forge these credentials. But the peer may have passed the socket on to another process. If the peer has ended,
 * another process can have the same pid now (see mio_unix_stream_peer_pidfd).
 * Safety: threads. Errors: EINVAL (null, a `size` smaller than in mio 1.0), E2BIG (the struct uses a field that only a
 * newer library knows), EBADF, ENOTCONN, ENOTSUP (the system does not report the credentials of a peer). Since 1.0.
 * Uses: getsockopt(2) with SO_PEERCRED, elsewhere getpeereid(3), which does not return a pid.
 */
MIO_API MIO_MUST_CHECK int mio_unix_stream_peer_credentials(const mio_unix_stream *stream,
                                                            mio_unix_credentials *credentials);

/*
 * Opens a pidfd of the process that mio_unix_stream_peer_credentials describes. The pidfd refers to that process even
 * if the pid is reused. The pidfd becomes readable when the process ends. The caller closes the pidfd.
 * Safety: threads. Errors: EINVAL (null), EBADF, ENOTCONN, ESRCH (the process has ended and its parent has waited for
 * it; since Linux 6.16 the call still opens a pidfd), ENOTSUP (the system cannot open a pidfd of the peer, for example
 * Linux before 6.5), EMFILE, ENFILE, ENOMEM. Since 1.0. Uses: getsockopt(2) with SO_PEERPIDFD.
 */
MIO_API MIO_MUST_CHECK mio_handle mio_unix_stream_peer_pidfd(const mio_unix_stream *stream);

/*
 * Stores in `groups` the supplementary groups of the process that mio_unix_stream_peer_credentials describes. The
 * process had these groups when it connected, called listen(2), or made the pair of streams. `groups` has space for
 * `capacity` groups. The call stores the number of groups, which can be 0, in *count. The group that
 * mio_unix_stream_peer_credentials stores need not be among these groups. The groups come in no particular order. The
 * kernel translates the groups into the caller's user namespace. A group that does not exist in that namespace becomes
 * the overflow group. If `capacity` is 0, `groups` may be null, and the call stores only *count. If there are more
 * groups than `capacity`, the call stores the number of groups in *count, stores no group, and fails with -ERANGE.
 * Safety: threads. Errors: EINVAL (null), EBADF, ENOTCONN, ERANGE, EFAULT (bad memory), ENOTSUP (the system lacks this
 * call, for example Linux before 4.13, or the process has 16 or more groups on a BSD). An error other than ERANGE
 * leaves *count unchanged. Since 1.0. Uses: getsockopt(2) with SO_PEERGROUPS, or LOCAL_PEERCRED of BSDs.
 */
MIO_API MIO_MUST_CHECK int mio_unix_stream_peer_groups(const mio_unix_stream *stream, uint32_t *groups, size_t capacity,
                                                       size_t *count);

/* Shuts down the reading side, the writing side or both. After a shutdown of the writing side, the peer reads the
 * remaining bytes, and then its reads return 0. Safety: threads. Errors: EINVAL, EBADF, ENOTCONN (not connected; on
 * Linux the call succeeds). Since 1.0. Uses: shutdown(2). */
MIO_INLINE int mio_unix_stream_shutdown(mio_unix_stream *stream, int how)
{
    return mio_stream_shutdown(MIO_SOURCE_OF(stream), how);
}

/* These functions store the addresses of the two ends of the connection: a path, an abstract name, or no name. Most
 * clients are unnamed. Safety: threads. Errors: EINVAL, EBADF, ENOTCONN (peer_addr only), ENOBUFS, ENOMEM. Since 1.0.
 * Uses: getsockname(2), getpeername(2). */
MIO_INLINE MIO_MUST_CHECK int mio_unix_stream_local_addr(const mio_unix_stream *stream, mio_addr *addr)
{
    return mio_source_local_addr(MIO_SOURCE_OF(stream), addr);
}

MIO_INLINE MIO_MUST_CHECK int mio_unix_stream_peer_addr(const mio_unix_stream *stream, mio_addr *addr)
{
    return mio_source_peer_addr(MIO_SOURCE_OF(stream), addr);
}

/* Fetches and clears the pending error, like mio_tcp_listener_take_error. Safety: threads. Errors: EINVAL (null),
 * EBADF. Since 1.0. Uses: getsockopt(2) with SO_ERROR. */
MIO_INLINE MIO_MUST_CHECK int mio_unix_stream_take_error(mio_unix_stream *stream, int *error)
{
    return mio_source_take_error(MIO_SOURCE_OF(stream), error);
}

/* Opens a datagram socket without a name. The socket can send. The receivers cannot answer, because the socket has no
 * name. To receive answers, open the socket with mio_unix_datagram_bind.
 * Safety: threads. Errors: EINVAL (null), EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOTSUP (the system has no Unix sockets).
 * Since 1.0. Uses: socket(2). */
MIO_API MIO_MUST_CHECK int mio_unix_datagram_open(mio_unix_datagram *socket);

/* Opens a datagram socket on an address, like mio_unix_listener_bind. `flags` is 0 or a combination of MIO_UNIX_REPLACE
 * and MIO_UNIX_MODE.
 * Safety: threads. Errors as mio_unix_listener_bind. Since 1.0. Uses: socket(2), bind(2), unix(7). */
MIO_API MIO_MUST_CHECK int mio_unix_datagram_bind(mio_unix_datagram *socket, const mio_addr *addr, uint32_t flags);

/* Opens two unnamed datagram sockets that are connected to each other. Safety: threads. Errors: EINVAL (null, the
 * same storage for `left` and `right`), EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOTSUP (the system has no Unix sockets).
 * Since 1.0. Uses: socketpair(2). */
MIO_API MIO_MUST_CHECK int mio_unix_datagram_pair(mio_unix_datagram *left, mio_unix_datagram *right);

/* Takes over an open datagram socket, like mio_unix_listener_from_handle. Safety: threads. Errors: EINVAL (null),
 * EBADF, ENOTSOCK, EPROTOTYPE (not a Unix datagram socket), ENOTSUP (the system has no Unix sockets). Since 1.0. Uses:
 * getsockopt(2), fcntl(2). */
MIO_API MIO_MUST_CHECK int mio_unix_datagram_from_handle(mio_unix_datagram *socket, mio_handle handle);

/* Closes the socket, and fills *socket with zeros. The socket file stays. For a closed socket or null, the call does
 * nothing.
 * Safety: one thread. Since 1.0. Uses: close(2). */
MIO_INLINE void mio_unix_datagram_close(mio_unix_datagram *socket)
{
    mio_source_close(MIO_SOURCE_OF(socket));
}

/* Returns the descriptor, which the socket still owns. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_unix_datagram_handle(const mio_unix_datagram *socket)
{
    return mio_source_handle(MIO_SOURCE_OF(socket));
}

/* Gives the descriptor to the caller, like mio_tcp_listener_into_handle. Safety: one thread. Errors: EINVAL, EBADF.
 * Since 1.0. */
MIO_INLINE MIO_MUST_CHECK mio_handle mio_unix_datagram_into_handle(mio_unix_datagram *socket)
{
    return mio_source_into_handle(MIO_SOURCE_OF(socket));
}

/*
 * Sets the peer of the socket. The socket then sends to the peer, and receives only from the peer. Call the function
 * again to change the peer, or with null to disconnect. If the call changes the peer or disconnects, it drops all
 * datagrams in the receive queue. If the call has dropped datagrams, and the old peer is connected to this socket, the
 * next send or receive on the old peer fails with -ECONNRESET. Setting the first peer drops nothing. A socket may be
 * its own peer.
 * Safety: threads. Errors: EINVAL (null socket, an unnamed address), EBADF, EAFNOSUPPORT (not a Unix address),
 * ECONNREFUSED (no process has the peer's socket open), ENOENT, ENOTDIR, ELOOP, EACCES, EPERM (no right to write to
 * the socket file, or the peer receives only from another socket), EPROTOTYPE (not a datagram socket), ENOBUFS,
 * ENOMEM. Since 1.0. Uses: connect(2), unix(7).
 */
MIO_API MIO_MUST_CHECK int mio_unix_datagram_connect(mio_unix_datagram *socket, const mio_addr *addr);

/*
 * Sends one datagram of `length` bytes to the connected peer or to `addr`, and returns the length. `length` may be 0.
 * The call sends the whole datagram or nothing. The system drops no datagrams. If the queue of the receiver is full,
 * the call fails with -EAGAIN. When the queue has space again, only a connected socket gets an event. An unconnected
 * socket is always writable, so after -EAGAIN from mio_unix_datagram_send_to, try again later.
 * Safety: threads. Errors: EINVAL (null socket or addr, an unnamed address), EBADF, EAGAIN, ENOTCONN
 * (mio_unix_datagram_send without a peer), EMSGSIZE (longer than the send buffer), ECONNREFUSED (the receiver is gone,
 * and is no longer the peer), ECONNRESET (the receiver is now connected to another socket), EPIPE (this side or the
 * receiver's side is shut down; no SIGPIPE), EAFNOSUPPORT (not a Unix address), ENOENT, ENOTDIR, ELOOP, EACCES, EPERM,
 * EPROTOTYPE (as mio_unix_datagram_connect), EFAULT, ENOBUFS, ENOMEM. Since 1.0. Uses: sendto(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_send(mio_unix_datagram *socket, const void *buffer, size_t length);
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_send_to(mio_unix_datagram *socket, const void *buffer, size_t length,
                                                         const mio_addr *addr);

/*
 * Receives one datagram, stores at most `length` bytes, and returns the number of bytes stored, which can be 0. The
 * functions mio_unix_datagram_recv_from and mio_unix_datagram_peek_from store the address of the sender in *addr,
 * unless `addr` is null. The sender may be unnamed. The peek functions leave the datagram in the queue. If `flags` is
 * not null, the call sets *flags to MIO_MESSAGE_TRUNCATED or 0. If `flags` is null and the datagram does not fit, the
 * call fails with -EMSGSIZE. The call still fills the buffer and *addr. The recv functions lose the end of a datagram
 * that does not fit. If a recv function fails with EFAULT, it loses the whole datagram. The recv functions close
 * descriptors that come with the datagram.
 * Safety: threads. Errors: EINVAL (null socket), EBADF, EAGAIN (nothing now), EMSGSIZE, ECONNRESET (the peer is now
 * connected to another socket), EFAULT, ENOMEM, ENOBUFS. Since 1.0. Uses: recvfrom(2) with MSG_TRUNC.
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_recv(mio_unix_datagram *socket, void *buffer, size_t length,
                                                      uint32_t *flags);
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_recv_from(mio_unix_datagram *socket, void *buffer, size_t length,
                                                           mio_addr *addr, uint32_t *flags);
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_peek(mio_unix_datagram *socket, void *buffer, size_t length,
                                                      uint32_t *flags);
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_peek_from(mio_unix_datagram *socket, void *buffer, size_t length,
                                                           mio_addr *addr, uint32_t *flags);

/*
 * Sends one datagram to the connected peer, and passes copies of `count` descriptors with this datagram. The originals
 * stay open. The datagram may be empty.
 * Safety: threads. Errors as mio_unix_datagram_send, and: EINVAL (null handles, count above MIO_UNIX_HANDLES_MAX),
 * EBADF (one of `handles` is not open), EMFILE (too many descriptors in flight, see RLIMIT_NOFILE), EPERM (the peer
 * rejects descriptors, see MIO_OPTION_PASS_HANDLES). Since 1.0. Uses: sendmsg(2) with SCM_RIGHTS.
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_send_with_handles(mio_unix_datagram *socket, const void *buffer,
                                                                   size_t length, const mio_handle *handles,
                                                                   size_t count);

/*
 * Receives one datagram, like mio_unix_stream_recv_with_handles. The datagram may be empty.
 * Safety: threads. Errors as mio_unix_datagram_recv, and: EINVAL (null count; if `capacity` is not 0: null handles).
 * After an error *count is unchanged. Since 1.0. Uses: recvmsg(2) with MSG_CMSG_CLOEXEC.
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_recv_with_handles(mio_unix_datagram *socket, void *buffer,
                                                                   size_t length, mio_handle *handles, size_t capacity,
                                                                   size_t *count, uint32_t *flags);

/*
 * Sends one datagram to the connected peer or to `addr` of the message, like mio_unix_stream_send_message.
 * Safety: threads. Errors as mio_unix_datagram_send_with_handles, and: EINVAL (null, a `size` smaller than in mio 1.0,
 * `flags` other than 0), E2BIG (the struct uses a field that only a newer library knows), EMSGSIZE (piece_count above
 * MIO_PIECES_MAX), EPERM (credentials that the caller may not claim), ESRCH (no such pid), ENOTSUP (this system cannot
 * send credentials). Since 1.0. Uses: sendmsg(2), SCM_RIGHTS and SCM_CREDENTIALS of unix(7).
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_send_message(mio_unix_datagram *socket,
                                                              const mio_unix_message *message);

/*
 * Receives one datagram, like mio_unix_stream_recv_message. If `addr` of the message is not null, the call stores the
 * address of the sender in *addr.
 * Safety: threads. Errors as mio_unix_datagram_recv_with_handles, and: EINVAL (null, a `size` smaller than in mio 1.0),
 * E2BIG (the struct uses a field that only a newer library knows), EMSGSIZE (piece_count above MIO_PIECES_MAX). After
 * an error *message is unchanged. Since 1.0. Uses: recvmsg(2), SCM_RIGHTS and SCM_CREDENTIALS of unix(7); with
 * `credentials`, if no byte arrives: getsockopt(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_recv_message(mio_unix_datagram *socket, mio_unix_message *message);

/* Shuts down the reading side, the writing side or both. After a shutdown of the reading side, sending to this socket
 * fails with -EPIPE. The socket can still receive the datagrams that arrived before. After a shutdown of the writing
 * side, sending from this socket fails with -EPIPE. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. Uses:
 * shutdown(2). */
MIO_API int mio_unix_datagram_shutdown(mio_unix_datagram *socket, int how);

/* These functions store the address that the socket is bound to, and the address of its peer. Safety: threads. Errors:
 * EINVAL, EBADF, ENOTCONN (peer_addr: the socket has no peer), ENOBUFS, ENOMEM. Since 1.0. Uses: getsockname(2),
 * getpeername(2). */
MIO_INLINE MIO_MUST_CHECK int mio_unix_datagram_local_addr(const mio_unix_datagram *socket, mio_addr *addr)
{
    return mio_source_local_addr(MIO_SOURCE_OF(socket), addr);
}

MIO_INLINE MIO_MUST_CHECK int mio_unix_datagram_peer_addr(const mio_unix_datagram *socket, mio_addr *addr)
{
    return mio_source_peer_addr(MIO_SOURCE_OF(socket), addr);
}

/* Fetches and clears the pending error, like mio_tcp_listener_take_error. Safety: threads. Errors: EINVAL (null),
 * EBADF. Since 1.0. Uses: getsockopt(2) with SO_ERROR. */
MIO_INLINE MIO_MUST_CHECK int mio_unix_datagram_take_error(mio_unix_datagram *socket, int *error)
{
    return mio_source_take_error(MIO_SOURCE_OF(socket), error);
}

MIO_END_DECLS

#endif /* MIO_UNIX_H */
