/* SPDX-License-Identifier: MIT */
/* Functions and values that all sockets and pipes of mio share. */
#ifndef MIO_SOURCE_H
#define MIO_SOURCE_H

#include <mio/addr.h>
#include <mio/base.h>

MIO_BEGIN_DECLS

/*
 * mio_source: the first member of every socket, pipe and set of signals. A program registers this member. The caller
 * provides the storage, for example on the stack, in a struct or in an array. The caller may move the storage with
 * memcpy. If all bytes of a source are zero, the source is closed. The functions that open a source overwrite the
 * storage, so close an open source first. The storage also records the kind of the source. A call on a closed source
 * fails with -EBADF. A call for another kind of source, such as a datagram call on a stream, fails with -EINVAL. Since
 * 1.0.
 */
typedef struct mio_source {
    uint64_t opaque[4];
} mio_source;

/* MIO_SOURCE_OF turns a pointer to a socket, pipe or set of signals into a pointer to its source. Null stays null.
   Since 1.0. */
#define MIO_SOURCE_OF(object) ((object) != NULL ? &(object)->source : NULL)

/* As a backlog, MIO_BACKLOG_MAX means the longest backlog that the system allows (net.core.somaxconn). Since 1.0. */
#define MIO_BACKLOG_MAX (-1)

/* The sides of a stream or socket that a shutdown can end. Since 1.0. */
#define MIO_SHUTDOWN_READ 0
#define MIO_SHUTDOWN_WRITE 1
#define MIO_SHUTDOWN_BOTH 2

/* Flags of mio_tcp_stream_send and mio_unix_stream_send. Since 1.0. Uses: MSG_MORE, MSG_OOB of send(2). */
#define MIO_SEND_MORE 0x1u /* more bytes follow at once, so TCP may wait to fill a segment */
#define MIO_SEND_OOB 0x2u  /* the last byte is out-of-band; the system announces this byte to the peer at once */

/* Bits of the `flags` that come with a received message. Since 1.0. */
#define MIO_MESSAGE_TRUNCATED 0x1u /* the message was longer than the buffer, and the end of the message is lost */
#define MIO_MESSAGE_HANDLES_TRUNCATED 0x2u   /* some descriptors did not fit, and the call has closed them */
#define MIO_MESSAGE_CREDENTIALS 0x4u         /* credentials came with the message, and the call has stored them */
#define MIO_MESSAGE_ANCILLARY_TRUNCATED 0x8u /* some ancillary data did not fit */

/* The origins of a queued error. If the system reports an origin that is not in this list, the member `origin` has the
 * system's number. Since 1.0. Uses: SO_EE_ORIGIN_ of recv(2). */
#define MIO_ORIGIN_NONE 0
#define MIO_ORIGIN_LOCAL 1         /* this host: with EMSGSIZE, `info` is the greatest length that a packet can have */
#define MIO_ORIGIN_ICMP 2          /* an ICMP error; with EMSGSIZE, `info` is the path MTU */
#define MIO_ORIGIN_ICMP6 3         /* an ICMPv6 error; with EMSGSIZE, `info` is the path MTU */
#define MIO_ORIGIN_TIMESTAMP 4     /* not an error: the system has taken the time of a send */
#define MIO_ORIGIN_ZEROCOPY 5      /* not an error: the sends with the numbers `info` to `data` are complete */
#define MIO_ORIGIN_TRANSMIT_TIME 6 /* a transmit time was missed or invalid */

/*
 * mio_queued_error: the error of an earlier send, with a part of the sent data. Start from MIO_QUEUED_ERROR_INIT, which
 * sets `size`. Set `pieces`, `offender` and `destination` if you need them. A call of mio_udp_socket_recv_error or
 * mio_tcp_stream_recv_error stores the other members. Since 1.0. Uses: struct sock_extended_err of recv(2).
 */
typedef struct mio_queued_error {
    uint32_t size;           /* sizeof(mio_queued_error) when the program was compiled */
    uint32_t flags;          /* 0, or MIO_MESSAGE_TRUNCATED: the data is longer than the pieces */
    const mio_iovec *pieces; /* memory for the sent data, in order */
    size_t piece_count;      /* 0 to MIO_PIECES_MAX */
    size_t length;           /* number of bytes stored */
    mio_addr *offender;      /* if not null: the reporting host, with port 0; all zero for an error of this host */
    mio_addr *destination;   /* if not null: where the data was sent; unknown address: all zero; unknown port: 0 */
    int32_t error;           /* a negative errno value, such as -ECONNREFUSED, or 0 for a notification */
    uint32_t origin;         /* one of the MIO_ORIGIN_ constants */
    uint32_t type;           /* the type of an ICMP or ICMPv6 error; `code` is the code of this error */
    uint32_t code;
    uint32_t info; /* details, which depend on the origin; 0 if none */
    uint32_t data;
} mio_queued_error;

#define MIO_QUEUED_ERROR_INIT                                                                                          \
    {                                                                                                                  \
        sizeof(mio_queued_error), 0, NULL, 0, 0, NULL, NULL, 0, 0, 0, 0, 0, 0                                          \
    }

/*
 * Closes a source of any kind, ends its registration, and fills *source with zeros. For a set of signals, the call
 * works like mio_signals_close, so `source` must point to the member `source` of the set, not to a copy of this member.
 * For a closed source or null, the call does nothing.
 * Safety: one thread. Since 1.0. Uses: close(2).
 */
MIO_API void mio_source_close(mio_source *source);

/* Returns the descriptor, which the source still owns. Safety: threads. Errors: EINVAL (null), EBADF. Since 1.0. */
MIO_API mio_handle mio_source_handle(const mio_source *source);

/*
 * Gives the descriptor to the caller, and sets all bytes of the source to zero. If the source was registered, the
 * descriptor stays registered. Deregister the descriptor with mio_registry_deregister_handle. Safety: one thread.
 * Errors: EINVAL (null, or a set of signals, because a set consists of more than its descriptor), EBADF. Since 1.0.
 */
MIO_API MIO_MUST_CHECK mio_handle mio_source_into_handle(mio_source *source);

/* These functions store the address that a socket is bound to, and the address of its peer. Safety: threads. Errors:
 * EINVAL (null), EBADF, ENOTCONN (peer_addr: the socket has no peer), ENOTSOCK (not a socket), ENOBUFS, ENOMEM. Since
 * 1.0. Uses: getsockname(2), getpeername(2). */
MIO_API MIO_MUST_CHECK int mio_source_local_addr(const mio_source *source, mio_addr *addr);
MIO_API MIO_MUST_CHECK int mio_source_peer_addr(const mio_source *source, mio_addr *addr);

/*
 * Fetches and clears the pending error of a socket. The call stores a negative errno value in *error, or 0 if no error
 * is pending. If the call fails, *error is unchanged.
 * Safety: threads. Errors: EINVAL (null), EBADF, ENOTSOCK (not a socket). Since 1.0. Uses: getsockopt(2) with SO_ERROR.
 */
MIO_API MIO_MUST_CHECK int mio_source_take_error(mio_source *source, int *error);

/*
 * Runs an operation that mio has no function for. The call runs `operation` once. The arguments of `operation` are the
 * descriptor of the source, and `context`. `operation` returns a count or a negative errno value, and the call returns
 * this value unchanged. If the value is -EAGAIN, the call rearms the source for reading and for writing. The operation
 * must not close the descriptor.
 * Safety: threads. Errors: EINVAL (null), EBADF (closed), and the errors of the operation. Since 1.0.
 */
MIO_API int64_t mio_source_try_io(mio_source *source, int64_t (*operation)(mio_handle handle, void *context),
                                  void *context);

/*
 * Sends up to `count` bytes of an open file over a stream, or into a pipe, without copying the bytes through the
 * program. Returns the number of bytes written, at most 2147479552. Returns 0 if the call would read at or beyond the
 * end of the file. But while a pipe is full, the call returns -EAGAIN even at the end of the file. If `offset` is not
 * null, the call reads from *offset, advances *offset, and leaves the position of the file unchanged. Otherwise the
 * call reads from the position of the file, and advances the position. A short count means that the file has ended, or
 * that the stream or pipe has no more space. So continue until the call returns 0 or -EAGAIN. After -EAGAIN, wait for
 * an event. A `count` of SIZE_MAX stands for the rest of the file. With this `count`, before Linux 6.5, TCP can delay
 * the last part by 200 ms. Reading the file can block for a while. If the file changes before the peer has received
 * everything, the peer may receive the changed bytes. The system must be able to map the file into memory. So the file
 * may be a regular file or a block device, but not a pipe or a socket. The call raises no SIGPIPE. If a SIGPIPE was
 * already pending for the calling thread, this SIGPIPE stays pending. The call makes two or three more system calls, to
 * block SIGPIPE while it sends.
 * Safety: threads, each with an *offset of its own. Errors: EINVAL (null, a source of another kind, *offset negative, a
 * file that cannot be mapped), EBADF (closed, or a file that is not open for reading), EOVERFLOW (*offset beyond the
 * largest offset of a file), ESPIPE (an `offset` for a file without a position), EAGAIN (no space now), EPIPE (the peer
 * has closed the connection, or this side is shut down), ECONNREFUSED, EHOSTUNREACH, ENETUNREACH (the connect failed),
 * ECONNRESET, ENOTCONN, ETIMEDOUT, EIO (the file cannot be read), EPERM (a firewall rule), ENOBUFS, ENOMEM, ENOTSUP
 * (the system has no such call, or does not support the call for this kind of stream or file). After an error *offset
 * is unchanged. Since 1.0. Uses: sendfile(2), sigprocmask(2), sigpending(2), sigtimedwait(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_source_send_file(mio_source *source, mio_handle file, int64_t *offset, size_t count);

/*
 * Moves up to `count` bytes from `from` to `to` without copying the bytes through the program. Returns the number of
 * bytes moved, at most 2147479552. Returns 0 when the data of `from` has ended. `from` and `to` are the two ends of the
 * move. At least one end must be a pipe. The other end is a stream or a pipe. In mio_source_splice_to_handle and
 * mio_source_splice_from_handle, one end is a descriptor of any kind. If the descriptor is a file, the call advances
 * the position of the file, and can block for a while to read or write the file. If the descriptor is a socket or a
 * device in blocking mode, the call may block. To move bytes from one stream to another, put a pipe between the streams
 * (mio_pipe_pair). Splice into the sender of the pipe, and then out of its receiver.
 *
 * -EAGAIN means that the call can move no bytes now. If `blocked` is not null, the call stores in *blocked the ends
 * that the caller must wait for. MIO_READABLE means that the caller must wait until `from` has data. MIO_WRITABLE means
 * that the caller must wait until `to` has space. An end that is not in *blocked is ready, and may cause no further
 * event, so do not wait for this end. If an end in *blocked is the program's own pipe, the program itself must fill or
 * empty the pipe. If `from` is at an out-of-band mark, *blocked is 0: do not wait, but read, because only a read gets
 * past the mark. *blocked can also be 0 if other threads read from `from` or write to `to` during the call. In this
 * case, an event follows for `from`, and an event for `to`. After a short count, continue until -EAGAIN, because the
 * count does not show which end the caller must wait for. Before the call returns -EAGAIN, it makes one more system
 * call to find the ends that are not ready. The call omits this system call if `blocked` is null and the backend does
 * not emulate edges.
 *
 * If descriptors come with the bytes of a Unix stream, the system closes these descriptors. The call raises neither
 * SIGPIPE nor SIGXFSZ; see mio_source_send_file.
 * Safety: threads. Errors: EINVAL (null, a source of another kind, neither `from` nor `to` is a pipe, both are the same
 * pipe, a file that cannot be spliced, such as a directory or a file that is open for appending; with `blocked`,
 * RLIMIT_NOFILE is below 2, so poll(2) cannot tell which end blocks), EBADF (`from` is closed or not open for reading,
 * or `to` is closed or not open for writing), EAGAIN, EINTR (a signal handler ran while the call was blocked on a
 * blocking descriptor), EPIPE (the peer of `to` has closed the connection, or `to` is shut down), ECONNREFUSED,
 * EHOSTUNREACH, ENETUNREACH (the connect failed), ECONNRESET, ENOTCONN, ETIMEDOUT, EIO (a file cannot be read or
 * written), ENOSPC (the disk or the quota is full), EFBIG (the file would be too large), EPERM (a firewall rule),
 * ENOBUFS, ENOMEM, ENOTSUP (the system has no such call). An error other than EAGAIN leaves *blocked unchanged. Since
 * 1.0. Uses: splice(2), sigprocmask(2), sigpending(2), sigtimedwait(2); after -EAGAIN: poll(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_source_splice(mio_source *from, mio_source *to, size_t count, uint32_t *blocked);
MIO_API MIO_MUST_CHECK int64_t mio_source_splice_to_handle(mio_source *from, mio_handle to, size_t count,
                                                           uint32_t *blocked);
MIO_API MIO_MUST_CHECK int64_t mio_source_splice_from_handle(mio_handle from, mio_source *to, size_t count,
                                                             uint32_t *blocked);

MIO_END_DECLS

#endif /* MIO_SOURCE_H */
