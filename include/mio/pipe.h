/* SPDX-License-Identifier: MIT */
/*
 * These functions make pipes, write to the sender of a pipe, and read from the receiver. An end can also serve as
 * standard input or output of a child process.
 */
#ifndef MIO_PIPE_H
#define MIO_PIPE_H

#include <mio/base.h>
#include <mio/source.h>

MIO_BEGIN_DECLS

/* mio_pipe_sender: the writing end of a pipe, in the caller's storage. Register its member `source`.
 * Since 1.0. */
typedef struct mio_pipe_sender {
    mio_source source;
} mio_pipe_sender;

/* mio_pipe_receiver: the reading end of a pipe, in the caller's storage. Register its member `source`.
 * Since 1.0. */
typedef struct mio_pipe_receiver {
    mio_source source;
} mio_pipe_receiver;

/*
 * Makes a pipe and stores its two ends. When the last descriptor of the sender is closed, the receiver gets an event
 * with MIO_READ_CLOSED. When the last descriptor of the receiver is closed, the sender gets an event with
 * MIO_WRITE_CLOSED.
 * Safety: threads. Errors: EINVAL (null), EMFILE, ENFILE, ENOMEM, ENOTSUP (the system has no pipes), EPERM (a sandbox
 * forbids pipe2(2)). Since 1.0. Uses: pipe2(2).
 */
MIO_API MIO_MUST_CHECK int mio_pipe_pair(mio_pipe_sender *sender, mio_pipe_receiver *receiver);

/*
 * Takes over a descriptor that other code opened. For example, a sender can take over the writing end of the standard
 * input of a child. A receiver can take over the reading end of the standard output of a child. On success the sender
 * or receiver then owns the descriptor. The call makes the descriptor non-blocking and close-on-exec. The call accepts
 * pipes, named pipes, terminals and other character devices. The call also accepts stream sockets, because some
 * programs use stream sockets in place of a pipe. If the call fails, the descriptor is unchanged and still belongs to
 * the caller. The non-blocking flag belongs to the open file description, so the call affects every process that shares
 * the open file description. If a pipe connects a parent and a child process, take over only the parent's end. Do not
 * take over a terminal that a shell shares. Open /dev/tty instead.
 * Safety: threads. Errors: EINVAL (null), EBADF, EPROTOTYPE (another kind of file, a sender that is not open for
 * writing, or a receiver that is not open for reading), ENOTSUP (the system has no pipes). Since 1.0. Uses: fstat(2),
 * fcntl(2).
 */
MIO_API MIO_MUST_CHECK int mio_pipe_sender_from_handle(mio_pipe_sender *sender, mio_handle handle);
MIO_API MIO_MUST_CHECK int mio_pipe_receiver_from_handle(mio_pipe_receiver *receiver, mio_handle handle);

/* Closes an end, and fills *sender or *receiver with zeros. The receiver can still read bytes that were written
 * before the sender was closed. For a closed end or null, the call does nothing. Safety: one thread. Since 1.0. Uses:
 * close(2). */
MIO_INLINE void mio_pipe_sender_close(mio_pipe_sender *sender)
{
    mio_source_close(MIO_SOURCE_OF(sender));
}

MIO_INLINE void mio_pipe_receiver_close(mio_pipe_receiver *receiver)
{
    mio_source_close(MIO_SOURCE_OF(receiver));
}

/* Returns the descriptor, which the end of the pipe still owns. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_pipe_sender_handle(const mio_pipe_sender *sender)
{
    return mio_source_handle(MIO_SOURCE_OF(sender));
}

MIO_INLINE mio_handle mio_pipe_receiver_handle(const mio_pipe_receiver *receiver)
{
    return mio_source_handle(MIO_SOURCE_OF(receiver));
}

/*
 * Gives the descriptor to the caller, and sets the storage of the sender or receiver to zero. The descriptor stays
 * non-blocking. A registered descriptor stays registered. Deregister the descriptor with
 * mio_registry_deregister_handle.
 * Safety: one thread. Errors: EINVAL, EBADF. Since 1.0.
 */
MIO_INLINE MIO_MUST_CHECK mio_handle mio_pipe_sender_into_handle(mio_pipe_sender *sender)
{
    return mio_source_into_handle(MIO_SOURCE_OF(sender));
}

MIO_INLINE MIO_MUST_CHECK mio_handle mio_pipe_receiver_into_handle(mio_pipe_receiver *receiver)
{
    return mio_source_into_handle(MIO_SOURCE_OF(receiver));
}

/*
 * Writes up to `length` bytes and returns the number of bytes written. After a short count, write the remaining bytes
 * when the sender is writable again. The function mio_pipe_sender_writev writes `count` pieces in order. If a write has
 * at most PIPE_BUF bytes (4096 on Linux), the pipe accepts all bytes or none. The pipe does not mix these bytes with
 * the bytes of other writers. The call raises no SIGPIPE. If a SIGPIPE was already pending for the calling thread, this
 * SIGPIPE stays pending. Before Linux 6.18, the call makes two or three more system calls to block SIGPIPE.
 * Safety: threads. Errors: EINVAL (null sender or pieces, count above MIO_PIECES_MAX, a length above SSIZE_MAX),
 * EBADF, EAGAIN (no space now), EPIPE (the receiver is closed, or the sender is a TCP socket without a peer), EFAULT
 * (bad memory), ENOMEM, for a terminal EINTR (a signal handler interrupted the write) and EIO (the terminal no longer
 * exists, or it stops background writers and the caller's process group is orphaned), and for a socket ECONNRESET,
 * ENOTCONN, ETIMEDOUT, ENOBUFS. Since 1.0. Uses: pwritev2(2) with RWF_NOSIGNAL, else sigprocmask(2), sigpending(2),
 * writev(2), sigtimedwait(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_pipe_sender_write(mio_pipe_sender *sender, const void *buffer, size_t length);
MIO_API MIO_MUST_CHECK int64_t mio_pipe_sender_writev(mio_pipe_sender *sender, const mio_iovec *pieces, size_t count);

/*
 * Reads up to `length` bytes and returns the number of bytes read. Returns 0 if `length` is 0. Also returns 0 when
 * every sender is closed and all bytes have been read. The function mio_pipe_receiver_readv fills `count` pieces in
 * order.
 * Safety: threads. Errors: EINVAL (null receiver or pieces, count above MIO_PIECES_MAX, a piece above SSIZE_MAX, a Unix
 * socket without a peer), EBADF, EAGAIN (nothing now), EFAULT (bad memory), for a terminal EINTR (a background process
 * handles SIGTTIN) and EIO (the terminal no longer exists, or a background process ignores or blocks SIGTTIN or has an
 * orphaned process group), and for a socket ECONNRESET, ENOTCONN, ETIMEDOUT, ENOBUFS, ENOMEM. Since 1.0. Uses: read(2),
 * readv(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_pipe_receiver_read(mio_pipe_receiver *receiver, void *buffer, size_t length);
MIO_API MIO_MUST_CHECK int64_t mio_pipe_receiver_readv(mio_pipe_receiver *receiver, const mio_iovec *pieces,
                                                       size_t count);

MIO_END_DECLS

#endif /* MIO_PIPE_H */
