/* SPDX-License-Identifier: MIT */
/* Unix-domain sockets: listeners and streams, of bytes or of records, and datagrams; descriptors and credentials. */
#ifndef MIO_UNIX_H
#define MIO_UNIX_H

#include <mio/accept.h>
#include <mio/addr.h>
#include <mio/base.h>
#include <mio/source.h>
#include <mio/stream.h>

MIO_BEGIN_DECLS

/* mio_unix_listener: a listening Unix socket in the caller's storage; `source` is for the registry. Since 1.0. */
typedef struct mio_unix_listener {
    mio_source source;
} mio_unix_listener;

/* mio_unix_stream: a connection in the caller's storage; `source` is for the registry. Since 1.0. */
typedef struct mio_unix_stream {
    mio_source source;
} mio_unix_stream;

/* mio_unix_datagram: a datagram socket in the caller's storage; `source` is for the registry. Since 1.0. */
typedef struct mio_unix_datagram {
    mio_source source;
} mio_unix_datagram;

/*
 * Flags of the verbs that open a socket. Since 1.0.
 *
 * With MIO_UNIX_SEQPACKET a connection carries records instead of a stream of bytes. Every write sends one record and
 * every read takes one. The part that does not fit into the buffer is lost, and only mio_unix_stream_recv and its
 * variants report it. A reader cannot distinguish an empty record from the end: do not send any.
 *
 * With MIO_UNIX_REPLACE the call first removes a socket file at the path that no process has open any more. It must be
 * a socket, and belong to the effective user unless that is root. If several processes do so at once, one succeeds and
 * the others get -EADDRINUSE: they exclude each other by a lock file, the path with ".lock" appended, which is removed
 * afterwards. A process that is listening is not disturbed. For names without a file the flag does nothing.
 */
#define MIO_UNIX_SEQPACKET 0x1u
#define MIO_UNIX_REPLACE 0x2u

/*
 * MIO_UNIX_MODE(0660), joined with the flags above where a socket is bound to a path, is the mode of its file, 0 to
 * 0777. The file is never more open than that, and has exactly that before anybody can be accepted, whatever umask(2)
 * says. Connecting needs permission to write to the file. A name without a file is rejected, because everybody could
 * connect to it. In languages without this macro, use MIO_UNIX_HAS_MODE and the mode, shifted left by
 * MIO_UNIX_MODE_SHIFT. Since 1.0.
 */
#define MIO_UNIX_HAS_MODE 0x4u
#define MIO_UNIX_MODE_SHIFT 16
#define MIO_UNIX_MODE(mode) (MIO_UNIX_HAS_MODE | (mode) * (1u << MIO_UNIX_MODE_SHIFT))

/*
 * Opens a listener on a path, an abstract name, or, where the address is unnamed, on an abstract name of the system's
 * choice. A path is made as a file, with the modes that umask(2) leaves. `backlog` is how many connections may wait to
 * be accepted, at least 1, or MIO_BACKLOG_MAX; the system may lower it. `flags` are 0, MIO_UNIX_SEQPACKET,
 * MIO_UNIX_REPLACE and MIO_UNIX_MODE.
 * Safety: threads. Errors: EINVAL (null, backlog 0 or below -1, unknown flags, a mode above 0777 or without a file),
 * EAFNOSUPPORT (not a Unix address), EADDRINUSE (the path exists; with MIO_UNIX_REPLACE: it is in use, not a socket,
 * another user's, or being replaced), ENOENT, ENOTDIR, ELOOP, EACCES, EPERM and EROFS (the path cannot be made),
 * ENOTSUP (the mode cannot be set), ENOSPC, EIO, EMFILE, ENFILE, ENOBUFS, ENOMEM. Since 1.0. Uses: socket(2), bind(2),
 * listen(2), unix(7); to replace: flock(2), lstat(2), unlink(2); for a mode: fchmod(2), fchmodat(2).
 */
MIO_API MIO_MUST_CHECK int mio_unix_listener_bind(mio_unix_listener *listener, const mio_addr *addr, int backlog,
                                                  uint32_t flags);

/*
 * Takes over an open listening socket, made non-blocking and close-on-exec; from then on the listener owns it. If the
 * call fails, the caller still owns it.
 * Safety: threads. Errors: EINVAL (null, or not listening), EBADF, ENOTSOCK, EPROTOTYPE (not a stream or seqpacket
 * socket of Unix). Since 1.0. Uses: getsockopt(2), fcntl(2).
 */
MIO_API MIO_MUST_CHECK int mio_unix_listener_from_handle(mio_unix_listener *listener, mio_handle handle);

/* Closes the listener; its storage becomes all zero. The file of its path stays: remove it with unlink(2) before, or
 * replace it the next time. A closed one or null is ignored. Safety: one thread. Since 1.0. Uses: close(2). */
MIO_INLINE void mio_unix_listener_close(mio_unix_listener *listener)
{
    mio_source_close(MIO_SOURCE_OF(listener));
}

/* The descriptor, still owned by the listener. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_unix_listener_handle(const mio_unix_listener *listener)
{
    return mio_source_handle(MIO_SOURCE_OF(listener));
}

/* Gives the descriptor to the caller, as mio_tcp_listener_into_handle. Safety: one thread. Errors: EINVAL, EBADF.
 * Since 1.0. */
MIO_INLINE MIO_MUST_CHECK mio_handle mio_unix_listener_into_handle(mio_unix_listener *listener)
{
    return mio_source_into_handle(MIO_SOURCE_OF(listener));
}

/*
 * Accepts one connection into *stream and, if `peer` is not null, stores the name of the client, a path or an abstract
 * name. Most clients are unnamed.
 * Safety: threads. Errors: EINVAL (null), EBADF, EAGAIN (none is waiting), ECONNABORTED (that connection is gone: go on
 * with the next, see mio_accept_is_transient), EMFILE, ENFILE (out of descriptors, see mio_accept_reserve), ENOBUFS,
 * ENOMEM. Since 1.0. Uses: accept4(2).
 */
MIO_INLINE MIO_MUST_CHECK int mio_unix_listener_accept(mio_unix_listener *listener, mio_unix_stream *stream,
                                                       mio_addr *peer)
{
    return mio_listener_accept(MIO_SOURCE_OF(listener), MIO_SOURCE_OF(stream), peer);
}

/*
 * The same, but if there is no descriptor for the connection, the call uses the one in `reserve` to turn the client
 * away, as mio_tcp_listener_accept_or_shed does it.
 * Safety: threads, also with one reserve. Errors as mio_unix_listener_accept, and: EBADF (the reserve is closed),
 * ECANCELED (shed), EMFILE, ENFILE (another thread has the reserve now, or took the descriptor that it freed: try again
 * after a while, because no event reports it). Since 1.0. Uses: accept4(2), close(2), socket(2).
 */
MIO_INLINE MIO_MUST_CHECK int mio_unix_listener_accept_or_shed(mio_unix_listener *listener, mio_accept_reserve *reserve,
                                                               mio_unix_stream *stream, mio_addr *peer)
{
    return mio_listener_accept_or_shed(MIO_SOURCE_OF(listener), reserve, MIO_SOURCE_OF(stream), peer);
}

/* The address the listener is bound to. Safety: threads. Errors: EINVAL, EBADF, ENOBUFS, ENOMEM. Since 1.0. Uses:
 * getsockname(2). */
MIO_INLINE MIO_MUST_CHECK int mio_unix_listener_local_addr(const mio_unix_listener *listener, mio_addr *addr)
{
    return mio_source_local_addr(MIO_SOURCE_OF(listener), addr);
}

/* Fetches and clears the pending error, as mio_tcp_listener_take_error. Safety: threads. Errors: EINVAL (null), EBADF.
 * Since 1.0. Uses: getsockopt(2) with SO_ERROR. */
MIO_INLINE MIO_MUST_CHECK int mio_unix_listener_take_error(mio_unix_listener *listener, int *error)
{
    return mio_source_take_error(MIO_SOURCE_OF(listener), error);
}

/*
 * Opens a stream and connects it. On most systems it is connected when this returns 0, though not yet accepted; a
 * program that means to run everywhere registers it for MIO_WRITABLE and calls mio_unix_stream_connect_finish at its
 * event. `flags` are 0 or MIO_UNIX_SEQPACKET. -EAGAIN says that the listener's backlog is full: no connect is in
 * progress, nothing has been opened, and no event reports when there is space. Try again later.
 * Safety: threads. Errors: EINVAL (null, unknown flags, an unnamed address), EAFNOSUPPORT (not a Unix address), EAGAIN,
 * ECONNREFUSED (nobody listens), ENOENT, ENOTDIR, ELOOP (no such path), EACCES, EPERM (no right to write to the socket
 * file or to search the path), EPROTOTYPE (the other kind of socket listens there), EMFILE, ENFILE, ENOBUFS, ENOMEM.
 * Since 1.0. Uses: socket(2), connect(2), unix(7).
 */
MIO_API MIO_MUST_CHECK int mio_unix_stream_connect(mio_unix_stream *stream, const mio_addr *addr, uint32_t flags);

/* Returns the result of a connect, as mio_tcp_stream_connect_finish. Safety: threads. Errors: EINVAL, EBADF,
 * EINPROGRESS, ECONNREFUSED, ECONNRESET, ENOTCONN. Since 1.0. Uses: getsockopt(2) with SO_ERROR, getpeername(2),
 * poll(2). */
MIO_INLINE MIO_MUST_CHECK int mio_unix_stream_connect_finish(mio_unix_stream *stream)
{
    return mio_stream_connect_finish(MIO_SOURCE_OF(stream));
}

/* Opens two connected streams, both unnamed. `flags` are 0 or MIO_UNIX_SEQPACKET. Safety:
 * threads. Errors: EINVAL (null, twice the same storage, unknown flags), EMFILE, ENFILE, ENOBUFS, ENOMEM. Since 1.0.
 * Uses: socketpair(2). */
MIO_API MIO_MUST_CHECK int mio_unix_stream_pair(mio_unix_stream *left, mio_unix_stream *right, uint32_t flags);

/* Takes over an open stream or seqpacket socket, as mio_unix_listener_from_handle. Safety: threads. Errors: EINVAL
 * (null), EBADF, ENOTSOCK, EPROTOTYPE (not such a socket of Unix). Since 1.0. Uses: getsockopt(2), fcntl(2). */
MIO_API MIO_MUST_CHECK int mio_unix_stream_from_handle(mio_unix_stream *stream, mio_handle handle);

/* Closes the stream; its storage becomes all zero. The peer can still read bytes already written. A closed one or null
 * is ignored. Safety: one thread. Since 1.0. Uses: close(2). */
MIO_INLINE void mio_unix_stream_close(mio_unix_stream *stream)
{
    mio_source_close(MIO_SOURCE_OF(stream));
}

/* The descriptor, still owned by the stream. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_unix_stream_handle(const mio_unix_stream *stream)
{
    return mio_source_handle(MIO_SOURCE_OF(stream));
}

/* Gives the descriptor to the caller, as mio_tcp_listener_into_handle. Safety: one thread. Errors: EINVAL, EBADF.
 * Since 1.0. */
MIO_INLINE MIO_MUST_CHECK mio_handle mio_unix_stream_into_handle(mio_unix_stream *stream)
{
    return mio_source_into_handle(MIO_SOURCE_OF(stream));
}

/*
 * Reads up to `length` bytes and returns how many; 0 when the peer has shut down its writing side or closed (or there
 * is no room for a byte: then read and readv do nothing, but the other calls go on, and can take a record or say
 * EAGAIN). peek leaves the bytes in the stream; readv fills `count` pieces in turn. A short count does not mean that
 * all has been read: a read also ends after bytes that carry descriptors, and before bytes with other credentials.
 * These functions close descriptors that arrive. With EFAULT a record is lost.
 * Safety: threads. Errors: EINVAL (null stream or pieces, count above MIO_PIECES_MAX, not connected), EBADF, EAGAIN
 * (nothing now), ECONNRESET (the peer has closed without having read everything), ENOTCONN (records: not connected),
 * EFAULT (bad memory), ENOBUFS, ENOMEM. Since 1.0. Uses: read(2), readv(2), recv(2).
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
 * Writes up to `length` bytes and returns how many were taken, which can be fewer, except of a record: keep the rest
 * and write it when the stream is writable again. writev takes `count` pieces in turn.
 * Safety: threads. Errors: EINVAL (null stream or pieces), EBADF, EAGAIN (no space now), EPIPE (the peer has closed, or
 * this side is shut down; no SIGPIPE), ECONNRESET, ENOTCONN, EMSGSIZE (count above MIO_PIECES_MAX, or too long for a
 * record), EFAULT, ENOBUFS, ENOMEM. Since 1.0. Uses: sendto(2), sendmsg(2) with MSG_NOSIGNAL.
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
 * mio_unix_stream_write with `flags`, as mio_tcp_stream_send. MIO_SEND_MORE changes nothing here, and when fewer bytes
 * than `length` were taken, none of them is out-of-band: send the rest with the flag.
 * Safety: threads. Errors as mio_unix_stream_write, and: EINVAL (unknown flags), ENOTSUP (MIO_SEND_OOB of records or of
 * no byte, or before Linux 5.15). Since 1.0. Uses: sendto(2) with MSG_NOSIGNAL.
 */
MIO_INLINE MIO_MUST_CHECK int64_t mio_unix_stream_send(mio_unix_stream *stream, const void *buffer, size_t length,
                                                       uint32_t flags)
{
    return mio_stream_send(MIO_SOURCE_OF(stream), buffer, length, flags);
}

/* The out-of-band byte and the mark, as mio_tcp_stream_recv_oob and mio_tcp_stream_at_mark. Safety: threads. Errors as
 * mio_tcp_stream_recv_oob, and: ENOTSUP (records, or before Linux 5.15). Since 1.0. Uses: recv(2) with MSG_OOB,
 * ioctl(2) with SIOCATMARK. */
MIO_INLINE MIO_MUST_CHECK int mio_unix_stream_recv_oob(mio_unix_stream *stream, unsigned char *byte)
{
    return mio_stream_recv_oob(MIO_SOURCE_OF(stream), byte);
}

MIO_INLINE MIO_MUST_CHECK int mio_unix_stream_at_mark(const mio_unix_stream *stream)
{
    return mio_stream_at_mark(MIO_SOURCE_OF(stream));
}

/*
 * The same as mio_unix_stream_read, but reports losses. If `flags` is not null, the call sets it to 0 or to
 * MIO_MESSAGE_TRUNCATED (a record was longer than the buffer) and MIO_MESSAGE_HANDLES_TRUNCATED (descriptors came with
 * it). If it is null, either makes the call fail with -EMSGSIZE, with the buffer filled.
 * Safety: threads. Errors as mio_unix_stream_read, and EMSGSIZE. Since 1.0. Uses: recvmsg(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_stream_recv(mio_unix_stream *stream, void *buffer, size_t length,
                                                    uint32_t *flags);

/* The most descriptors that one message takes. Since 1.0. Uses: SCM_MAX_FD of Linux. */
#define MIO_UNIX_HANDLES_MAX 253

/*
 * Writes, and passes copies of `count` descriptors to the peer along with the first byte; the originals stay open. At
 * least one byte must carry them. A short count still means that the descriptors have been sent: write the rest without
 * them. With a count of 0, for which `handles` may be null, it is mio_unix_stream_write.
 * Safety: threads. Errors as mio_unix_stream_write, and: EINVAL (null handles, count above MIO_UNIX_HANDLES_MAX, or
 * descriptors without a byte), EBADF (one of them is not open), EMFILE (too many in flight: RLIMIT_NOFILE), EPERM (the
 * peer rejects descriptors, see MIO_OPTION_PASS_HANDLES). Since 1.0. Uses: sendmsg(2) with SCM_RIGHTS.
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_stream_send_with_handles(mio_unix_stream *stream, const void *buffer,
                                                                 size_t length, const mio_handle *handles,
                                                                 size_t count);

/*
 * Reads, and stores the descriptors that came along, at most `capacity`, in `handles` and their number in *count. The
 * bytes may begin before those that carried the descriptors, but do not go beyond them. The descriptors belong to the
 * caller and are close-on-exec; the sender decides whether they are non-blocking. The call closes those that do not fit
 * into `handles` or exceed RLIMIT_NOFILE. If `flags` is not null, the call sets it to 0 or to MIO_MESSAGE_TRUNCATED and
 * MIO_MESSAGE_HANDLES_TRUNCATED. If it is null, either makes the call fail with -EMSGSIZE, with the buffer filled and
 * no descriptor kept.
 * Safety: threads. Errors as mio_unix_stream_read, and: EINVAL (null count or handles, capacity without a byte of
 * buffer), EMSGSIZE. After an error *count is unchanged. Since 1.0. Uses: recvmsg(2) with MSG_CMSG_CLOEXEC.
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_stream_recv_with_handles(mio_unix_stream *stream, void *buffer, size_t length,
                                                                 mio_handle *handles, size_t capacity, size_t *count,
                                                                 uint32_t *flags);

/*
 * mio_unix_credentials: the pid, user and group of a process, which the kernel checks and translates into the
 * namespaces of the caller. The pid is 0 if the system does not report it, or the process has none in that namespace.
 * For a peer these are the effective ones, for a message the real ones, unless the sender claimed others. Start from
 * MIO_UNIX_CREDENTIALS_INIT, which fills in `size`. Since 1.0.
 */
typedef struct mio_unix_credentials {
    uint32_t size; /* sizeof(mio_unix_credentials) as compiled */
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
} mio_unix_credentials;

#define MIO_UNIX_CREDENTIALS_INIT                                                                                      \
    {                                                                                                                  \
        sizeof(mio_unix_credentials), 0, 0, 0                                                                          \
    }

/*
 * mio_unix_message: one message with its descriptors, address and credentials. Leave fields that are not needed zero.
 * Start from MIO_UNIX_MESSAGE_INIT, which fills in `size`. Since 1.0.
 */
typedef struct mio_unix_message {
    uint32_t size;           /* sizeof(mio_unix_message) as compiled */
    uint32_t flags;          /* received: MIO_MESSAGE_ bits; sending: 0 */
    const mio_iovec *pieces; /* the bytes, in turn */
    size_t piece_count;      /* 0 to MIO_PIECES_MAX */
    mio_handle *handles;     /* descriptors to send, or room for those that come */
    size_t handle_capacity;  /* receiving: the size of `handles` */
    size_t handle_count;     /* sending: their number, at most MIO_UNIX_HANDLES_MAX; received: the number stored */
    mio_addr *addr;          /* datagrams, not null: the destination; receiving: gets the sender */
    mio_unix_credentials *credentials; /* not null: to send; receiving: stored there, see MIO_OPTION_PASS_CREDENTIALS */
} mio_unix_message;

#define MIO_UNIX_MESSAGE_INIT                                                                                          \
    {                                                                                                                  \
        sizeof(mio_unix_message), 0, NULL, 0, NULL, 0, 0, NULL, NULL                                                   \
    }

/*
 * mio_unix_stream_send_with_handles with all that can accompany a message. A caller may claim its own credentials (its
 * pid, and its real, effective or saved user and group); to claim others takes a privilege.
 * Safety: threads. Errors as mio_unix_stream_send_with_handles, and: EINVAL (null, a size below that of the first
 * version, flags, an `addr`), E2BIG (the struct uses a field that only a newer library knows), EMSGSIZE (piece_count
 * above MIO_PIECES_MAX, or too long for a record), EPERM (credentials that it may not claim), ESRCH (no such pid),
 * ENOTSUP (credentials cannot be sent here). Since 1.0. Uses: sendmsg(2), SCM_RIGHTS and SCM_CREDENTIALS of unix(7).
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_stream_send_message(mio_unix_stream *stream, const mio_unix_message *message);

/*
 * mio_unix_stream_recv_with_handles with all that can accompany a message. Truncation is never an error; `flags`
 * reports it. Credentials arrive once MIO_OPTION_PASS_CREDENTIALS of this socket is 1, and are valid for messages sent
 * after that (for earlier ones Linux reports pid 0 and the overflow user and group). An accepted stream inherits the
 * option from its listener. MIO_MESSAGE_CREDENTIALS in `flags` means that they arrived.
 * Safety: threads. Errors as mio_unix_stream_recv_with_handles, and: EINVAL (null, a size below that of the first
 * version), E2BIG (the struct uses a field that only a newer library knows), EMSGSIZE (piece_count above
 * MIO_PIECES_MAX). After an error *message is unchanged. Since 1.0. Uses: recvmsg(2), SCM_RIGHTS and SCM_CREDENTIALS of
 * unix(7).
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_stream_recv_message(mio_unix_stream *stream, mio_unix_message *message);

/*
 * The credentials of the process that made the other end, at the time: it connected, or called listen(2) on the
 * listener, or made the pair. They cannot be forged, but the process may have passed the socket on, or may have ended,
 * and another process may have its pid now: see mio_unix_stream_peer_pidfd.
 * Safety: threads. Errors: EINVAL (null, a size below that of the first version), E2BIG (the struct uses a field that
 * only a newer library knows), EBADF, ENOTCONN. Since 1.0. Uses: getsockopt(2) with SO_PEERCRED, elsewhere
 * getpeereid(3), which has no pid.
 */
MIO_API MIO_MUST_CHECK int mio_unix_stream_peer_credentials(const mio_unix_stream *stream,
                                                            mio_unix_credentials *credentials);

/*
 * Opens a pidfd of the same process, which refers to that process even if its pid is reused. It is readable once the
 * process has ended. The caller closes it.
 * Safety: threads. Errors: EINVAL (null), EBADF, ENOTCONN, ESRCH (the process has ended and its parent has waited for
 * it; since Linux 6.16 it still has a pidfd), ENOTSUP (not on this system, or before Linux 6.5), EMFILE, ENFILE,
 * ENOMEM. Since 1.0. Uses: getsockopt(2) with SO_PEERPIDFD.
 */
MIO_API MIO_MUST_CHECK mio_handle mio_unix_stream_peer_pidfd(const mio_unix_stream *stream);

/*
 * Stores in `groups` the supplementary groups of the process that mio_unix_stream_peer_credentials describes, as they
 * were at that time. `groups` has room for `capacity`. The call stores the number of groups, which can be 0, in *count.
 * The group in the credentials need not be among these groups. The groups are in no particular order, and translated
 * into the caller's user namespace. A group that does not exist in that namespace becomes the overflow group. With a
 * capacity of 0, for which `groups` may be null, the call stores only *count. If there are more groups than `capacity`,
 * it stores *count and no group, and fails with -ERANGE.
 * Safety: threads. Errors: EINVAL (null), EBADF, ENOTCONN, ERANGE, EFAULT (bad memory), ENOTSUP (not on this system, or
 * before Linux 4.13). After an error but ERANGE *count is unchanged. Since 1.0. Uses: getsockopt(2) with SO_PEERGROUPS.
 */
MIO_API MIO_MUST_CHECK int mio_unix_stream_peer_groups(const mio_unix_stream *stream, uint32_t *groups, size_t capacity,
                                                       size_t *count);

/* Shuts down the reading side, the writing side (the peer then reads 0 after the last byte) or both. Safety: threads.
 * Errors: EINVAL, EBADF, ENOTCONN (not on Linux). Since 1.0. Uses: shutdown(2). */
MIO_INLINE int mio_unix_stream_shutdown(mio_unix_stream *stream, int how)
{
    return mio_stream_shutdown(MIO_SOURCE_OF(stream), how);
}

/* The names of the two ends: a path or an abstract name. Most clients are unnamed. Safety: threads. Errors: EINVAL,
 * EBADF, ENOTCONN (peer_addr only), ENOBUFS, ENOMEM. Since 1.0. Uses: getsockname(2), getpeername(2). */
MIO_INLINE MIO_MUST_CHECK int mio_unix_stream_local_addr(const mio_unix_stream *stream, mio_addr *addr)
{
    return mio_source_local_addr(MIO_SOURCE_OF(stream), addr);
}

MIO_INLINE MIO_MUST_CHECK int mio_unix_stream_peer_addr(const mio_unix_stream *stream, mio_addr *addr)
{
    return mio_source_peer_addr(MIO_SOURCE_OF(stream), addr);
}

/* Fetches and clears the pending error, as mio_tcp_listener_take_error. Safety: threads. Errors: EINVAL (null), EBADF.
 * Since 1.0. Uses: getsockopt(2) with SO_ERROR. */
MIO_INLINE MIO_MUST_CHECK int mio_unix_stream_take_error(mio_unix_stream *stream, int *error)
{
    return mio_source_take_error(MIO_SOURCE_OF(stream), error);
}

/* Opens a datagram socket without a name: it can send; to get answers it needs a name or a peer. Safety: threads.
 * Errors: EINVAL (null), EMFILE, ENFILE, ENOBUFS, ENOMEM. Since 1.0. Uses: socket(2). */
MIO_API MIO_MUST_CHECK int mio_unix_datagram_open(mio_unix_datagram *socket);

/* Opens a datagram socket on an address, as mio_unix_listener_bind. `flags` are 0, MIO_UNIX_REPLACE and MIO_UNIX_MODE.
 * Safety: threads. Errors as mio_unix_listener_bind. Since 1.0. Uses: socket(2), bind(2), unix(7). */
MIO_API MIO_MUST_CHECK int mio_unix_datagram_bind(mio_unix_datagram *socket, const mio_addr *addr, uint32_t flags);

/* Opens two connected datagram sockets, both unnamed. Safety: threads. Errors: EINVAL (null, twice the same storage),
 * EMFILE, ENFILE, ENOBUFS, ENOMEM. Since 1.0. Uses: socketpair(2). */
MIO_API MIO_MUST_CHECK int mio_unix_datagram_pair(mio_unix_datagram *left, mio_unix_datagram *right);

/* Takes over an open datagram socket, as mio_unix_listener_from_handle. Safety: threads. Errors: EINVAL (null), EBADF,
 * ENOTSOCK, EPROTOTYPE (not a datagram socket of Unix). Since 1.0. Uses: getsockopt(2), fcntl(2). */
MIO_API MIO_MUST_CHECK int mio_unix_datagram_from_handle(mio_unix_datagram *socket, mio_handle handle);

/* Closes the socket; its storage becomes all zero, and the file of its path stays. A closed one or null is ignored.
 * Safety: one thread. Since 1.0. Uses: close(2). */
MIO_INLINE void mio_unix_datagram_close(mio_unix_datagram *socket)
{
    mio_source_close(MIO_SOURCE_OF(socket));
}

/* The descriptor, still owned by the socket. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_unix_datagram_handle(const mio_unix_datagram *socket)
{
    return mio_source_handle(MIO_SOURCE_OF(socket));
}

/* Gives the descriptor to the caller, as mio_tcp_listener_into_handle. Safety: one thread. Errors: EINVAL, EBADF.
 * Since 1.0. */
MIO_INLINE MIO_MUST_CHECK mio_handle mio_unix_datagram_into_handle(mio_unix_datagram *socket)
{
    return mio_source_into_handle(MIO_SOURCE_OF(socket));
}

/*
 * Sets the peer that the socket sends to and receives from. Call it again to change the peer, or with null to
 * disconnect. Both drop all datagrams that have not been received yet, and a peer that is connected to this socket then
 * gets -ECONNRESET. Setting the first peer drops nothing. A socket may be its own peer.
 * Safety: threads. Errors: EINVAL (null socket, an unnamed address), EBADF, EAFNOSUPPORT (not a Unix address),
 * ECONNREFUSED (no process has it open), ENOENT, ENOTDIR, ELOOP, EACCES, EPERM (no right to write to the socket file,
 * or the peer receives only from another), EPROTOTYPE (not a datagram socket), ENOBUFS, ENOMEM. Since 1.0. Uses:
 * connect(2), unix(7).
 */
MIO_API MIO_MUST_CHECK int mio_unix_datagram_connect(mio_unix_datagram *socket, const mio_addr *addr);

/*
 * Sends one whole datagram or nothing: `length` bytes, which may be 0, to the connected peer or to `addr`. Returns the
 * length. Nothing is lost on the way: if the receiver's queue is full, the call fails with -EAGAIN. Only a connected
 * socket gets an event when there is space again; any other is always writable: after -EAGAIN from send_to, try again
 * later.
 * Safety: threads. Errors: EINVAL (null socket or addr, an unnamed address), EBADF, EAGAIN, ENOTCONN (send without a
 * peer), EMSGSIZE (longer than the send buffer), ECONNREFUSED (the receiver is gone, and no longer the peer),
 * ECONNRESET (it is now connected to another), EPIPE (this side or the receiver's is shut down; no SIGPIPE),
 * EAFNOSUPPORT (not a Unix address), ENOENT, ENOTDIR, ELOOP, EACCES, EPERM, EPROTOTYPE (as connect), EFAULT, ENOBUFS,
 * ENOMEM. Since 1.0. Uses: sendto(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_send(mio_unix_datagram *socket, const void *buffer, size_t length);
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_send_to(mio_unix_datagram *socket, const void *buffer, size_t length,
                                                         const mio_addr *addr);

/*
 * Receives one datagram and returns the number of bytes stored, at most `length`, which can be 0. The _from forms store
 * the sender, which may be unnamed, in *addr unless it is null; the peek forms leave the datagram in the queue. If
 * `flags` is not null, the call sets it to MIO_MESSAGE_TRUNCATED or 0. If it is null, a datagram that does not fit
 * makes the call fail with -EMSGSIZE, with the buffer and *addr filled and the end of the datagram lost. With EFAULT
 * the datagram is lost as well. The call closes descriptors that come with it.
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
 * mio_unix_stream_send_with_handles for a datagram, which may be empty here, to the connected peer.
 * Safety: threads. Errors as mio_unix_datagram_send, and: EINVAL (null handles, count above MIO_UNIX_HANDLES_MAX),
 * EBADF (one of them is not open), EMFILE (too many in flight: RLIMIT_NOFILE), EPERM (the peer rejects descriptors, see
 * MIO_OPTION_PASS_HANDLES). Since 1.0. Uses: sendmsg(2) with SCM_RIGHTS.
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_send_with_handles(mio_unix_datagram *socket, const void *buffer,
                                                                   size_t length, const mio_handle *handles,
                                                                   size_t count);

/*
 * mio_unix_stream_recv_with_handles for a datagram, which may be empty here.
 * Safety: threads. Errors as mio_unix_datagram_recv, and: EINVAL (null count or handles). After an error *count is
 * unchanged. Since 1.0. Uses: recvmsg(2) with MSG_CMSG_CLOEXEC.
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_recv_with_handles(mio_unix_datagram *socket, void *buffer,
                                                                   size_t length, mio_handle *handles, size_t capacity,
                                                                   size_t *count, uint32_t *flags);

/*
 * mio_unix_stream_send_message for a datagram, to the connected peer or to `addr` of the message.
 * Safety: threads. Errors as mio_unix_datagram_send_with_handles, and: EINVAL (null, a size below that of the first
 * version, flags), E2BIG (the struct uses a field that only a newer library knows), EMSGSIZE (piece_count above
 * MIO_PIECES_MAX), EPERM (credentials that it may not claim), ESRCH (no such pid), ENOTSUP (credentials cannot be sent
 * here). Since 1.0. Uses: sendmsg(2), SCM_RIGHTS and SCM_CREDENTIALS of unix(7).
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_send_message(mio_unix_datagram *socket,
                                                              const mio_unix_message *message);

/*
 * mio_unix_stream_recv_message for a datagram; `addr` of the message receives the sender, unless it is null.
 * Safety: threads. Errors as mio_unix_datagram_recv_with_handles, and: EINVAL (null, a size below that of the first
 * version), E2BIG (the struct uses a field that only a newer library knows), EMSGSIZE (piece_count above
 * MIO_PIECES_MAX). After an error *message is unchanged. Since 1.0. Uses: recvmsg(2), SCM_RIGHTS and SCM_CREDENTIALS of
 * unix(7).
 */
MIO_API MIO_MUST_CHECK int64_t mio_unix_datagram_recv_message(mio_unix_datagram *socket, mio_unix_message *message);

/* Shuts down the reading side (sending to this socket then fails with -EPIPE), the writing side (sending from it then
 * fails with -EPIPE) or both. It can still receive datagrams that have arrived. Safety: threads. Errors: EINVAL, EBADF.
 * Since 1.0. Uses: shutdown(2). */
MIO_API int mio_unix_datagram_shutdown(mio_unix_datagram *socket, int how);

/* The address the socket is bound to, and the peer it is connected to. Safety: threads. Errors: EINVAL, EBADF,
 * ENOTCONN (peer_addr without a peer), ENOBUFS, ENOMEM. Since 1.0. Uses: getsockname(2), getpeername(2). */
MIO_INLINE MIO_MUST_CHECK int mio_unix_datagram_local_addr(const mio_unix_datagram *socket, mio_addr *addr)
{
    return mio_source_local_addr(MIO_SOURCE_OF(socket), addr);
}

MIO_INLINE MIO_MUST_CHECK int mio_unix_datagram_peer_addr(const mio_unix_datagram *socket, mio_addr *addr)
{
    return mio_source_peer_addr(MIO_SOURCE_OF(socket), addr);
}

/* Fetches and clears the pending error, as mio_tcp_listener_take_error. Safety: threads. Errors: EINVAL (null), EBADF.
 * Since 1.0. Uses: getsockopt(2) with SO_ERROR. */
MIO_INLINE MIO_MUST_CHECK int mio_unix_datagram_take_error(mio_unix_datagram *socket, int *error)
{
    return mio_source_take_error(MIO_SOURCE_OF(socket), error);
}

MIO_END_DECLS

#endif /* MIO_UNIX_H */
