/* SPDX-License-Identifier: MIT */
/* Functions and values that all sockets and pipes of mio share. */
#ifndef MIO_SOURCE_H
#define MIO_SOURCE_H

#include <mio/addr.h>
#include <mio/base.h>

MIO_BEGIN_DECLS

/*
 * mio_source: the storage of anything that can be registered, and the first member of every socket and pipe type. The
 * caller provides the storage, on the stack, in a struct or in an array, and may move it with memcpy. A source that is
 * all zero is closed. The functions that open a source overwrite the storage, so close an open source first. A source
 * knows its kind. A call on a closed source fails with -EBADF. A call for another kind, such as a datagram call on a
 * stream, fails with -EINVAL. Since 1.0.
 */
typedef struct mio_source {
    uint64_t opaque[4];
} mio_source;

/* MIO_SOURCE_OF is the source of a socket, pipe or set of signals, given by its address; null for null. Since 1.0. */
#define MIO_SOURCE_OF(object) ((object) != NULL ? &(object)->source : NULL)

/* The longest backlog that the system allows (net.core.somaxconn), for every listener. Since 1.0. */
#define MIO_BACKLOG_MAX (-1)

/* The sides that a shutdown ends. Since 1.0. */
#define MIO_SHUTDOWN_READ 0
#define MIO_SHUTDOWN_WRITE 1
#define MIO_SHUTDOWN_BOTH 2

/* Flags of mio_tcp_stream_send and mio_unix_stream_send. Since 1.0. Uses: MSG_MORE, MSG_OOB of send(2). */
#define MIO_SEND_MORE 0x1u /* more bytes follow at once, so TCP may wait to fill a segment */
#define MIO_SEND_OOB 0x2u  /* the last byte is out-of-band, and announced ahead of the others */

/* Bits of the `flags` that come with a received message. Since 1.0. */
#define MIO_MESSAGE_TRUNCATED 0x1u           /* the message was longer than the buffer, and its end is lost */
#define MIO_MESSAGE_HANDLES_TRUNCATED 0x2u   /* descriptors that did not fit have been closed */
#define MIO_MESSAGE_CREDENTIALS 0x4u         /* credentials came with the message, and have been stored */
#define MIO_MESSAGE_ANCILLARY_TRUNCATED 0x8u /* more ancillary data came with the message than fit */

/* The origins of a queued error. The system may report other origins by their own numbers. Since 1.0. Uses:
 * SO_EE_ORIGIN_ of recv(2). */
#define MIO_ORIGIN_NONE 0
#define MIO_ORIGIN_LOCAL 1         /* this host: with EMSGSIZE, `info` is the longest packet that would pass */
#define MIO_ORIGIN_ICMP 2          /* an ICMP error; with EMSGSIZE, `info` is the path MTU */
#define MIO_ORIGIN_ICMP6 3         /* an ICMPv6 error; `info` as for ICMP */
#define MIO_ORIGIN_TIMESTAMP 4     /* no error: the time of a send */
#define MIO_ORIGIN_ZEROCOPY 5      /* no error: the sends numbered `info` to `data` no longer need their memory */
#define MIO_ORIGIN_TRANSMIT_TIME 6 /* a transmit time was missed or invalid */

/*
 * mio_queued_error: the error of an earlier send, with as much of the sent data as the error quotes. Start from
 * MIO_QUEUED_ERROR_INIT, which sets `size`. Set the pieces and addresses that you need. The call stores the rest. Since
 * 1.0. Uses: struct sock_extended_err of recv(2).
 */
typedef struct mio_queued_error {
    uint32_t size;           /* sizeof(mio_queued_error) as compiled */
    uint32_t flags;          /* 0, or MIO_MESSAGE_TRUNCATED: the data is longer than the pieces */
    const mio_iovec *pieces; /* memory for the sent data, in turn */
    size_t piece_count;      /* 0 to MIO_PIECES_MAX */
    size_t length;           /* number of bytes stored */
    mio_addr *offender;      /* if not null: the host that reported the error, with port 0; none if local */
    mio_addr *destination;   /* if not null: the destination; none, or port 0, if unknown */
    int32_t error;           /* a negative errno value, such as -ECONNREFUSED, or 0 for a notification */
    uint32_t origin;         /* a MIO_ORIGIN_ */
    uint32_t type;           /* of ICMP and ICMPv6: the type and code of the error */
    uint32_t code;
    uint32_t info; /* details that depend on the origin, otherwise 0 */
    uint32_t data;
} mio_queued_error;

#define MIO_QUEUED_ERROR_INIT                                                                                          \
    {                                                                                                                  \
        sizeof(mio_queued_error), 0, NULL, 0, 0, NULL, NULL, 0, 0, 0, 0, 0, 0                                          \
    }

/*
 * Closes a source of any kind and ends its registration; its storage becomes all zero. A set of signals is closed as by
 * mio_signals_close; `source` must then be the member of the set, not a copy. A closed source or null is ignored.
 * Safety: one thread. Since 1.0. Uses: close(2).
 */
MIO_API void mio_source_close(mio_source *source);

/* The descriptor, still owned by the source. Safety: threads. Errors: EINVAL (null), EBADF. Since 1.0. */
MIO_API mio_handle mio_source_handle(const mio_source *source);

/*
 * Gives the descriptor to the caller; the storage becomes all zero. A registration stays with the descriptor: end it
 * with mio_registry_deregister_handle. Safety: one thread. Errors: EINVAL (null, or a set of signals, which consists of
 * more than its descriptor), EBADF. Since 1.0.
 */
MIO_API MIO_MUST_CHECK mio_handle mio_source_into_handle(mio_source *source);

/* Store the address that a socket is bound to, and the address of its peer. Safety: threads. Errors: EINVAL (null),
 * EBADF, ENOTCONN (peer_addr without a peer), ENOTSOCK (not a socket), ENOBUFS, ENOMEM. Since 1.0. Uses:
 * getsockname(2), getpeername(2). */
MIO_API MIO_MUST_CHECK int mio_source_local_addr(const mio_source *source, mio_addr *addr);
MIO_API MIO_MUST_CHECK int mio_source_peer_addr(const mio_source *source, mio_addr *addr);

/*
 * Fetches and clears the pending error of a socket, and stores it in *error: 0 for none, otherwise a negative errno
 * value. If the call fails, *error is unchanged.
 * Safety: threads. Errors: EINVAL (null), EBADF, ENOTSOCK (not a socket). Since 1.0. Uses: getsockopt(2) with SO_ERROR.
 */
MIO_API MIO_MUST_CHECK int mio_source_take_error(mio_source *source, int *error);

/*
 * Runs an operation for which mio has no function, on the descriptor of a source. The call runs `operation` once, with
 * the descriptor and `context`, and returns its result: a count, or a negative errno value. A result of -EAGAIN rearms
 * both reading and writing. The operation must not close the descriptor.
 * Safety: threads. Errors: EINVAL (null), EBADF (closed), and the operation's own. Since 1.0.
 */
MIO_API int64_t mio_source_try_io(mio_source *source, int64_t (*operation)(mio_handle handle, void *context),
                                  void *context);

/*
 * Sends up to `count` bytes of an open file over a stream, or into a pipe, without copying them through the program,
 * and returns the number of bytes taken, at most 2147479552. Returns 0 at the end of the file, or beyond it. If
 * `offset` is not null, the call reads from *offset, advances *offset, and leaves the position of the file unchanged.
 * Otherwise it reads from the position of the file, and advances the position.
 * A short count means either the end of the file or no more space, so continue until 0 or -EAGAIN before waiting for an
 * event. A `count` of SIZE_MAX means the rest of the file, but before Linux 6.5 TCP can delay the last part by 200 ms.
 * Reading the file can block for a while. If the file changes before the peer has received everything, the peer may
 * receive the changed bytes. The file may be any file that can be mapped into memory, for example a block device, but
 * not a pipe or a socket.
 * The call raises no SIGPIPE, and a SIGPIPE that was already pending for the calling thread stays pending. The thread
 * blocks SIGPIPE during the call, which takes two or three more system calls.
 * Safety: threads, each with an *offset of its own. Errors: EINVAL (null, *offset negative, a file that cannot be
 * mapped), EBADF (closed, or a file that is not open for reading), EOVERFLOW (*offset beyond the largest of a file),
 * ESPIPE (*offset of a file without a position), EAGAIN (no space now), EPIPE (the peer has closed, or this side is
 * shut down), ECONNREFUSED, EHOSTUNREACH, ENETUNREACH (the connect failed), ECONNRESET, ENOTCONN, ETIMEDOUT, EIO (the
 * file cannot be read), EPERM (a firewall rule), ENOBUFS, ENOMEM, ENOTSUP (not on this system). After an error *offset
 * is unchanged. Since 1.0. Uses: sendfile(2), sigprocmask(2), sigpending(2), sigtimedwait(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_source_send_file(mio_source *source, mio_handle file, int64_t *offset, size_t count);

/*
 * Moves up to `count` bytes from one end to the other without copying them through the program, and returns the number
 * moved, at most 2147479552, or 0 when `from` has ended. One end must be a pipe. The other end is a stream or a pipe,
 * or any open file if the end is given as a descriptor. The call moves the position of a file, and can block for a
 * while to read or write it. Make the descriptor of a socket or a device non-blocking, or the call may block on it. To
 * move bytes from one stream to another, put a pipe between them (mio_pipe_pair): splice into its sender, then out of
 * its receiver.
 *
 * -EAGAIN means that the caller must wait for one side. If `blocked` is not null, *blocked says for which side:
 * MIO_READABLE until `from` has data, MIO_WRITABLE until `to` has space, or both. Events come only for the sides in
 * *blocked; if such a side is the program's own pipe, the program itself must fill or empty it. *blocked is 0 if
 * neither side is the cause. One cause is an out-of-band mark, which only a read passes. The other is that other
 * threads were faster, and then events for both sides follow. A short count does not say whether `from` ran dry or `to`
 * is full, so continue until -EAGAIN. To find the side takes one more system call, unless `blocked` is null and no edge
 * is emulated.
 *
 * The system closes descriptors that come with the bytes of a Unix stream. SIGPIPE and SIGXFSZ are handled as in
 * mio_source_send_file.
 * Safety: threads. Errors: EINVAL (null, no end is a pipe, both are the same pipe, a file that cannot be spliced, such
 * as a directory or one that is open for appending), EBADF (closed, or not open for reading, respectively writing),
 * EAGAIN, EINTR (a signal handler ran while the call was blocked on a blocking descriptor), EPIPE (the peer of `to` has
 * closed, or `to` is shut down), ECONNREFUSED, EHOSTUNREACH, ENETUNREACH (the connect failed), ECONNRESET, ENOTCONN,
 * ETIMEDOUT, EIO, ENOSPC and EFBIG (a file that cannot be read or written), EPERM (a firewall rule), ENOBUFS, ENOMEM,
 * ENOTSUP (not on this system). After an error but EAGAIN *blocked is unchanged. Since 1.0. Uses: splice(2),
 * sigprocmask(2), sigpending(2), sigtimedwait(2); after -EAGAIN: poll(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_source_splice(mio_source *from, mio_source *to, size_t count, uint32_t *blocked);
MIO_API MIO_MUST_CHECK int64_t mio_source_splice_to_handle(mio_source *from, mio_handle to, size_t count,
                                                           uint32_t *blocked);
MIO_API MIO_MUST_CHECK int64_t mio_source_splice_from_handle(mio_handle from, mio_source *to, size_t count,
                                                             uint32_t *blocked);

MIO_END_DECLS

#endif /* MIO_SOURCE_H */
