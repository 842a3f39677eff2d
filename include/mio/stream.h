/* SPDX-License-Identifier: MIT */
/*
 * Functions that work on TCP and Unix streams alike. Each function takes a pointer to the member `source` of a
 * mio_tcp_stream or mio_unix_stream. The functions of these two types, such as mio_tcp_stream_read, call the functions
 * of this header. <mio/tcp.h> and <mio/unix.h> describe the details of each type.
 */
#ifndef MIO_STREAM_H
#define MIO_STREAM_H

#include <mio/base.h>
#include <mio/source.h>

MIO_BEGIN_DECLS

/*
 * Returns 0 if the stream is connected. Returns -EINPROGRESS if the connect is still under way (wait for the next
 * event). If the connect has failed, returns the reason as a negative errno value. If a stream fails to connect, the
 * program can only close the stream. See mio_tcp_stream_connect_finish.
 * Safety: threads. Errors: EINVAL (null, not a stream, or RLIMIT_NOFILE is 0), EBADF, EINPROGRESS, ECONNREFUSED,
 * ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ECONNRESET and other errors of the network, ENOTCONN (an earlier call returned
 * the reason). During the connect, also the error with which a sandbox refuses poll(2). Since 1.0. Uses: getsockopt(2)
 * with SO_ERROR, getpeername(2), poll(2).
 */
MIO_API MIO_MUST_CHECK int mio_stream_connect_finish(mio_source *stream);

/*
 * Reads up to `length` bytes and returns the number of bytes read. Returns 0 when the peer has shut down its writing
 * side or closed the connection. Also returns 0 when `length` is 0. The function mio_stream_peek leaves the bytes in
 * the stream. The function mio_stream_readv fills `count` pieces in order. See mio_tcp_stream_read,
 * mio_unix_stream_read.
 * Safety: threads. Errors: EINVAL (null stream or pieces, count above MIO_PIECES_MAX, a length above SSIZE_MAX, not a
 * stream, a Unix stream that is not connected), EBADF, EAGAIN (nothing now, or not connected yet), ECONNREFUSED (the
 * connect failed), EHOSTUNREACH, ENETUNREACH, ETIMEDOUT (the connect failed, or the connection broke), ECONNRESET,
 * ENOTCONN, EFAULT (bad memory), ENOBUFS, ENOMEM. Since 1.0. Uses: read(2), readv(2), recv(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_stream_read(mio_source *stream, void *buffer, size_t length);
MIO_API MIO_MUST_CHECK int64_t mio_stream_readv(mio_source *stream, const mio_iovec *pieces, size_t count);
MIO_API MIO_MUST_CHECK int64_t mio_stream_peek(mio_source *stream, void *buffer, size_t length);

/*
 * Writes up to `length` bytes and returns the number of bytes written. After a short count, write the remaining bytes
 * when the stream is writable again. The function mio_stream_writev writes `count` pieces in order. See
 * mio_tcp_stream_write, mio_unix_stream_write.
 * Safety: threads. Errors: EINVAL (null stream or pieces, a length above SSIZE_MAX, not a stream), EBADF, EAGAIN (no
 * space now, or not connected yet), ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, ECONNRESET (as
 * mio_stream_read), EPIPE (the peer has closed the connection, this side is shut down, or the stream is not connected;
 * no SIGPIPE), ENOTCONN, EMSGSIZE (count above MIO_PIECES_MAX, or more data than fits in a record), EFAULT, ENOBUFS,
 * ENOMEM, EPERM (a firewall rule). Since 1.0. Uses: sendto(2), sendmsg(2) with MSG_NOSIGNAL.
 */
MIO_API MIO_MUST_CHECK int64_t mio_stream_write(mio_source *stream, const void *buffer, size_t length);
MIO_API MIO_MUST_CHECK int64_t mio_stream_writev(mio_source *stream, const mio_iovec *pieces, size_t count);

/*
 * Writes like mio_stream_write. `flags` is 0, MIO_SEND_MORE, MIO_SEND_OOB, or MIO_SEND_MORE | MIO_SEND_OOB. See
 * mio_tcp_stream_send, mio_unix_stream_send.
 * Safety: threads. Errors as mio_stream_write, and: EINVAL (unknown flags), ENOTSUP (MIO_SEND_OOB on a Unix stream that
 * carries records, or on any Unix stream if `length` is 0 or before Linux 5.15). Since 1.0. Uses: sendto(2) with
 * MSG_NOSIGNAL.
 */
MIO_API MIO_MUST_CHECK int64_t mio_stream_send(mio_source *stream, const void *buffer, size_t length, uint32_t flags);

/*
 * The function mio_stream_recv_oob reads the out-of-band byte. The mark is the position of this byte in the stream. The
 * function mio_stream_at_mark returns 1 if the next read begins at the mark, otherwise 0. See mio_tcp_stream_recv_oob
 * and mio_tcp_stream_at_mark.
 * Safety: threads. Errors: EINVAL (null, not a stream, the peer has announced no out-of-band byte, the byte was already
 * read, or MIO_OPTION_OOB_INLINE is set), EBADF, EAGAIN (the byte is announced but has not arrived), ENOTSUP (a Unix
 * stream of records, or any Unix stream before Linux 5.15). Since 1.0. Uses: recv(2) with MSG_OOB, ioctl(2) with
 * SIOCATMARK.
 */
MIO_API MIO_MUST_CHECK int mio_stream_recv_oob(mio_source *stream, unsigned char *byte);
MIO_API MIO_MUST_CHECK int mio_stream_at_mark(const mio_source *stream);

/* Shuts down the reading side, the writing side or both. `how` is one of the MIO_SHUTDOWN_ constants. After a shutdown
 * of the writing side, the peer reads the remaining bytes, and then its reads return 0. Safety: threads. Errors: EINVAL
 * (null, another `how`, not a stream), EBADF, ENOTCONN. Since 1.0. Uses: shutdown(2). */
MIO_API int mio_stream_shutdown(mio_source *stream, int how);

MIO_END_DECLS

#endif /* MIO_STREAM_H */
