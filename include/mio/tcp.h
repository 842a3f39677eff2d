/* SPDX-License-Identifier: MIT */
/* TCP over IPv4 and IPv6: listeners, streams, and sockets that become a listener or a stream later. */
#ifndef MIO_TCP_H
#define MIO_TCP_H

#include <mio/accept.h>
#include <mio/addr.h>
#include <mio/base.h>
#include <mio/source.h>
#include <mio/stream.h>

MIO_BEGIN_DECLS

/* mio_tcp_listener: a listening TCP socket in the caller's storage. Register its member `source`. Since 1.0. */
typedef struct mio_tcp_listener {
    mio_source source;
} mio_tcp_listener;

/* mio_tcp_stream: a TCP connection in the caller's storage. Register its member `source`. Since 1.0. */
typedef struct mio_tcp_stream {
    mio_source source;
} mio_tcp_stream;

/*
 * mio_tcp_socket: a TCP socket that does not listen and is not connected, in the caller's storage. Use a mio_tcp_socket
 * to set options through `source`, or to bind an address, before the socket becomes a listener or a stream. To open a
 * listener or a stream directly, use mio_tcp_listener_bind or mio_tcp_stream_connect. Since 1.0.
 */
typedef struct mio_tcp_socket {
    mio_source source;
} mio_tcp_socket;

/*
 * Opens a socket for addresses of `family`, which is MIO_ADDR_IPV4 or MIO_ADDR_IPV6 (see mio_addr_family). If
 * MIO_OPTION_ONLY_V6 is 0, an IPv6 socket also uses IPv4, with addresses such as ::ffff:192.0.2.1. The sysctl
 * net.ipv6.bindv6only sets the default of this option.
 * Safety: threads. Errors: EINVAL (null), EAFNOSUPPORT (another family, or a family that this host does not support),
 * EMFILE, ENFILE, ENOBUFS, ENOMEM, EACCES and EPERM (a security rule of the system). Since 1.0. Uses: socket(2).
 */
MIO_API MIO_MUST_CHECK int mio_tcp_socket_open(mio_tcp_socket *socket, int family);

/*
 * Takes over an open socket and makes it non-blocking and close-on-exec. On success `socket` then owns the descriptor.
 * If the call fails, the caller still owns the descriptor.
 * Safety: threads. Errors: EINVAL (null, or the socket listens), EISCONN (the socket is connected), EBADF, ENOTSOCK,
 * EPROTOTYPE (not a stream socket of IPv4 or IPv6). Since 1.0. Uses: getsockopt(2), getpeername(2), fcntl(2).
 */
MIO_API MIO_MUST_CHECK int mio_tcp_socket_from_handle(mio_tcp_socket *socket, mio_handle handle);

/*
 * Binds the socket to an address of this host. For port 0, the system chooses a free port, which
 * mio_tcp_socket_local_addr returns. Unlike mio_tcp_listener_bind, the call sets no option, so a server should set
 * MIO_OPTION_REUSE_ADDR first. If binding an address with a scope fails in an unprivileged process, Linux can
 * leave the socket bound to the interface of the scope. Close a socket after such an error, and open another socket.
 * Safety: threads. Errors: EINVAL (null, the socket is already bound, a multicast address of IPv6, a link-local
 * address without scope, an address whose scope is not the interface that the socket is bound to, or an IPv4-mapped
 * address with MIO_OPTION_ONLY_V6), EBADF, EAFNOSUPPORT (`addr` is not of the family of the socket), EADDRINUSE,
 * EADDRNOTAVAIL, ENODEV (no interface has the index in the scope), EACCES (a privileged port), ENOBUFS, ENOMEM, EPERM
 * (a security rule of the system; before Linux 5.7, an unprivileged process also gets this error for an address that
 * has a scope but is not link-local). Since 1.0. Uses: bind(2).
 */
MIO_API MIO_MUST_CHECK int mio_tcp_socket_bind(mio_tcp_socket *socket, const mio_addr *addr);

/*
 * Turns the socket into a listener. `backlog` has the same meaning as in mio_tcp_listener_bind. The call moves the
 * descriptor and its registration to *listener, and sets the storage of the socket to zero. After an error, the socket
 * is unchanged. If the socket is not bound, the system binds the socket to a free port and to all addresses of this
 * host.
 * Safety: one thread. Errors: EINVAL (null, backlog 0 or below -1, or the program took over a socket that was
 * connecting), EBADF, EADDRINUSE (another socket listens at the address), ENOBUFS, ENOMEM. Since 1.0. Uses: listen(2).
 */
MIO_API MIO_MUST_CHECK int mio_tcp_socket_listen(mio_tcp_socket *socket, int backlog, mio_tcp_listener *listener);

/*
 * Turns the socket into a stream and begins to connect it; see mio_tcp_stream_connect for the next steps. The call
 * moves the descriptor and its registration to *stream, and sets the storage of the socket to zero. After an error, the
 * socket keeps its options and its address, and the program may use the socket again. But if `addr` has a scope, Linux
 * can leave the socket bound to the interface of the scope; see mio_tcp_socket_bind. If the connect fails after this
 * function has returned 0, mio_tcp_stream_connect_finish reports the failure. A stream that has failed to connect
 * cannot be used again, so close it.
 *
 * If the program took over a socket that was already connecting, the earlier connect can still be under way. This call
 * then fails with -EALREADY. If the earlier connect has failed, this call can fail with -ECONNABORTED. In this case,
 * call the function again. A socket that is bound to a loopback address cannot connect to another host: this call then
 * fails with -EINVAL.
 * Safety: one thread. Errors: EINVAL (null, a link-local address of IPv6 without scope, or a scope other than the
 * interface that the socket is bound to), EBADF, EAFNOSUPPORT (`addr` is not of the family of the socket),
 * ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT, EADDRINUSE and EADDRNOTAVAIL (no port is free, or a connection
 * from the address of the socket to `addr` already exists), EALREADY, ECONNABORTED, EACCES and EPERM (a security rule
 * of the system or of the firewall, or a route that prohibits the address), ENOBUFS, ENOMEM, ENODEV (no interface has
 * the index in the scope). Since 1.0. Uses: connect(2).
 */
MIO_API MIO_MUST_CHECK int mio_tcp_socket_connect(mio_tcp_socket *socket, const mio_addr *addr, mio_tcp_stream *stream);

/* Closes the socket, and fills *socket with zeros. For a closed socket or null, the call does nothing. Safety: one
 * thread. Since 1.0. Uses: close(2). */
MIO_INLINE void mio_tcp_socket_close(mio_tcp_socket *socket)
{
    mio_source_close(MIO_SOURCE_OF(socket));
}

/* Returns the descriptor, which the socket still owns. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_tcp_socket_handle(const mio_tcp_socket *socket)
{
    return mio_source_handle(MIO_SOURCE_OF(socket));
}

/* Gives the descriptor to the caller, like mio_tcp_listener_into_handle. Safety: one thread. Errors: EINVAL, EBADF.
 * Since 1.0. */
MIO_INLINE MIO_MUST_CHECK mio_handle mio_tcp_socket_into_handle(mio_tcp_socket *socket)
{
    return mio_source_into_handle(MIO_SOURCE_OF(socket));
}

/* Stores the address that the socket is bound to. For an unbound socket, the call stores 0.0.0.0 or ::, with port 0.
 * Safety: threads. Errors: EINVAL, EBADF, ENOBUFS, ENOMEM. Since 1.0. Uses: getsockname(2). */
MIO_INLINE MIO_MUST_CHECK int mio_tcp_socket_local_addr(const mio_tcp_socket *socket, mio_addr *addr)
{
    return mio_source_local_addr(MIO_SOURCE_OF(socket), addr);
}

/*
 * Opens a socket, binds it to an address of this host, and begins to listen. For port 0, the system chooses a free
 * port, which mio_tcp_listener_local_addr returns. `backlog` limits the number of connections that wait to be accepted.
 * `backlog` is MIO_BACKLOG_MAX or a number above 0. On Linux, the real limit is one higher. The system may lower the
 * backlog. The call sets SO_REUSEADDR, so that a restarted server can bind at once.
 * Safety: threads. Errors: EINVAL (null, backlog 0 or below -1, a multicast address of IPv6, a link-local address
 * without scope, or an IPv4-mapped address where net.ipv6.bindv6only is set), EAFNOSUPPORT (not an IP address, or a
 * family that this host does not support), EADDRINUSE, EADDRNOTAVAIL, ENODEV (no interface has the index in the scope),
 * EACCES (a privileged port), EMFILE, ENFILE, ENOBUFS, ENOMEM, EPERM (a security rule of the system; before Linux 5.7,
 * an unprivileged process also gets this error for an address that has a scope but is not link-local). Since 1.0. Uses:
 * socket(2), setsockopt(2), bind(2), listen(2).
 */
MIO_API MIO_MUST_CHECK int mio_tcp_listener_bind(mio_tcp_listener *listener, const mio_addr *addr, int backlog);

/*
 * Takes over an open listening socket and makes it non-blocking and close-on-exec. On success the listener then owns
 * the descriptor. If the call fails, the caller still owns the descriptor.
 * Safety: threads. Errors: EINVAL (null, or not listening), EBADF, ENOTSOCK, EPROTOTYPE (not a stream socket of IPv4 or
 * IPv6). Since 1.0. Uses: getsockopt(2), fcntl(2).
 */
MIO_API MIO_MUST_CHECK int mio_tcp_listener_from_handle(mio_tcp_listener *listener, mio_handle handle);

/* Closes the listener, and fills *listener with zeros. For a closed listener or null, the call does nothing. Safety:
 * one thread. Since 1.0. Uses: close(2). */
MIO_INLINE void mio_tcp_listener_close(mio_tcp_listener *listener)
{
    mio_source_close(MIO_SOURCE_OF(listener));
}

/* Returns the descriptor, which the listener still owns. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_tcp_listener_handle(const mio_tcp_listener *listener)
{
    return mio_source_handle(MIO_SOURCE_OF(listener));
}

/*
 * Gives the descriptor to the caller, and sets all bytes of the listener to zero. If the listener was registered, the
 * descriptor stays registered. Deregister the descriptor with mio_registry_deregister_handle. Safety: one thread.
 * Errors: EINVAL, EBADF. Since 1.0.
 */
MIO_INLINE MIO_MUST_CHECK mio_handle mio_tcp_listener_into_handle(mio_tcp_listener *listener)
{
    return mio_source_into_handle(MIO_SOURCE_OF(listener));
}

/*
 * Accepts one connection into *stream. If `peer` is not null, the call stores the address of the client in *peer.
 * Safety: threads. Errors: EINVAL (null, or the listener was shut down), EBADF, EAGAIN (no connection is waiting),
 * ECONNABORTED, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH, EHOSTUNREACH, EOPNOTSUPP, ETIMEDOUT (the connection is
 * gone: accept the next connection, see mio_accept_is_transient), EMFILE, ENFILE (out of descriptors, see
 * mio_accept_reserve), ENOBUFS, ENOMEM, EPERM (a firewall rule). Since 1.0. Uses: accept4(2).
 */
MIO_INLINE MIO_MUST_CHECK int mio_tcp_listener_accept(mio_tcp_listener *listener, mio_tcp_stream *stream,
                                                      mio_addr *peer)
{
    return mio_listener_accept(MIO_SOURCE_OF(listener), MIO_SOURCE_OF(stream), peer);
}

/*
 * Accepts like mio_tcp_listener_accept. But if no descriptor is left for the connection, the call turns the client
 * away: the call closes the reserve, accepts the connection, closes the connection, opens the reserve again, and
 * returns -ECANCELED. The client then reads the end of the connection. If the client has already sent bytes, the system
 * resets the connection instead.
 * Safety: threads, which may share one reserve. Errors as mio_tcp_listener_accept, and: EBADF (the reserve is closed),
 * ECANCELED (the call turned a client away), EMFILE, ENFILE (another thread is using the reserve, or took the
 * descriptor that the reserve freed: try again after a while, because no event reports the connection). Since 1.0.
 * Uses: accept4(2), close(2), socket(2).
 */
MIO_INLINE MIO_MUST_CHECK int mio_tcp_listener_accept_or_shed(mio_tcp_listener *listener, mio_accept_reserve *reserve,
                                                              mio_tcp_stream *stream, mio_addr *peer)
{
    return mio_listener_accept_or_shed(MIO_SOURCE_OF(listener), reserve, MIO_SOURCE_OF(stream), peer);
}

/* Stores the address that the listener is bound to. Safety: threads. Errors: EINVAL, EBADF, ENOBUFS, ENOMEM. Since 1.0.
 * Uses: getsockname(2). */
MIO_INLINE MIO_MUST_CHECK int mio_tcp_listener_local_addr(const mio_tcp_listener *listener, mio_addr *addr)
{
    return mio_source_local_addr(MIO_SOURCE_OF(listener), addr);
}

/*
 * Fetches and clears the pending error of the socket. The call stores a negative errno value in *error, or 0 if no
 * error is pending. If the call fails, *error is unchanged.
 * Safety: threads. Errors: EINVAL (null), EBADF. Since 1.0. Uses: getsockopt(2) with SO_ERROR.
 */
MIO_INLINE MIO_MUST_CHECK int mio_tcp_listener_take_error(mio_tcp_listener *listener, int *error)
{
    return mio_source_take_error(MIO_SOURCE_OF(listener), error);
}

/*
 * Opens a stream and begins to connect it. A result of 0 means only that the connect is under way. Register the stream
 * for MIO_WRITABLE, and call mio_tcp_stream_connect_finish at the event.
 * Safety: threads. Errors: EINVAL (null, or a link-local address of IPv6 without scope), EAFNOSUPPORT (not an IP
 * address, or a family that this host does not support), ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT,
 * EADDRNOTAVAIL (no free port), EACCES and EPERM (a security rule of the system or of the firewall, a route that
 * prohibits the address), EMFILE, ENFILE, ENOBUFS, ENOMEM, ENODEV (no interface has the index in the scope). Since 1.0.
 * Uses: socket(2), connect(2).
 */
MIO_API MIO_MUST_CHECK int mio_tcp_stream_connect(mio_tcp_stream *stream, const mio_addr *addr);

/*
 * Returns 0 if the stream is connected. Returns -EINPROGRESS if the connect is still under way (wait for the next
 * event). If the connect has failed, returns the reason as a negative errno value. If a stream fails to connect, the
 * program can only close the stream. After this function has returned 0, do not call it again. After both sides have
 * shut down, the function returns -ENOTCONN. With MIO_OPTION_FAST_OPEN_CONNECT set, 0 can also mean that the first
 * write will connect.
 * Safety: threads. Errors: EINVAL (null, or RLIMIT_NOFILE is 0), EBADF, EINPROGRESS, ECONNREFUSED, ETIMEDOUT,
 * EHOSTUNREACH, ENETUNREACH, ECONNRESET and other errors of the network, ENOTCONN (an earlier call returned the
 * reason). During the connect, also the error with which a sandbox refuses poll(2). Since 1.0. Uses: getsockopt(2) with
 * SO_ERROR, getpeername(2), poll(2).
 */
MIO_INLINE MIO_MUST_CHECK int mio_tcp_stream_connect_finish(mio_tcp_stream *stream)
{
    return mio_stream_connect_finish(MIO_SOURCE_OF(stream));
}

/* Takes over an open stream socket, like mio_tcp_listener_from_handle. The call does not check whether the socket is
 * connected.
 * Safety: threads. Errors: EINVAL (null), EBADF, ENOTSOCK, EPROTOTYPE (not a stream socket of IPv4 or IPv6). Since 1.0.
 * Uses: getsockopt(2), fcntl(2). */
MIO_API MIO_MUST_CHECK int mio_tcp_stream_from_handle(mio_tcp_stream *stream, mio_handle handle);

/* Closes the stream, and fills *stream with zeros. The system still sends bytes that the program wrote before the
 * close. For a closed stream or null, the call does nothing.
 * Safety: one thread. Since 1.0. Uses: close(2). */
MIO_INLINE void mio_tcp_stream_close(mio_tcp_stream *stream)
{
    mio_source_close(MIO_SOURCE_OF(stream));
}

/* Returns the descriptor, which the stream still owns. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_tcp_stream_handle(const mio_tcp_stream *stream)
{
    return mio_source_handle(MIO_SOURCE_OF(stream));
}

/* Gives the descriptor to the caller, like mio_tcp_listener_into_handle. Safety: one thread. Errors: EINVAL, EBADF.
 * Since 1.0. */
MIO_INLINE MIO_MUST_CHECK mio_handle mio_tcp_stream_into_handle(mio_tcp_stream *stream)
{
    return mio_source_into_handle(MIO_SOURCE_OF(stream));
}

/*
 * Reads up to `length` bytes and returns the number of bytes read. Returns 0 when the peer has shut down its writing
 * side or closed the connection. Also returns 0 when `length` is 0. The function mio_tcp_stream_peek leaves the bytes
 * in the stream. The function mio_tcp_stream_readv fills `count` pieces in order. After a failed connect or a broken
 * connection, the first call reports the reason. A later read returns 0, and a later write returns -EPIPE.
 * Safety: threads. Errors: EINVAL (null stream or pieces, count above MIO_PIECES_MAX, a length above SSIZE_MAX), EBADF,
 * EAGAIN (nothing now, or not connected yet), ECONNREFUSED (the connect failed), EHOSTUNREACH, ENETUNREACH, ETIMEDOUT
 * (the connect failed, or the connection broke), ECONNRESET, ENOTCONN (neither connected nor connecting), EFAULT (bad
 * memory), ENOBUFS, ENOMEM. Since 1.0. Uses: read(2), readv(2), recv(2).
 */
MIO_INLINE MIO_MUST_CHECK int64_t mio_tcp_stream_read(mio_tcp_stream *stream, void *buffer, size_t length)
{
    return mio_stream_read(MIO_SOURCE_OF(stream), buffer, length);
}

MIO_INLINE MIO_MUST_CHECK int64_t mio_tcp_stream_readv(mio_tcp_stream *stream, const mio_iovec *pieces, size_t count)
{
    return mio_stream_readv(MIO_SOURCE_OF(stream), pieces, count);
}

MIO_INLINE MIO_MUST_CHECK int64_t mio_tcp_stream_peek(mio_tcp_stream *stream, void *buffer, size_t length)
{
    return mio_stream_peek(MIO_SOURCE_OF(stream), buffer, length);
}

/*
 * Writes up to `length` bytes and returns the number of bytes written. After a short count, write the remaining bytes
 * when the stream is writable again. The function mio_tcp_stream_writev writes `count` pieces in order.
 * Safety: threads. Errors: EINVAL (null stream or pieces, a length above SSIZE_MAX), EBADF, EAGAIN (no space now, or
 * not connected yet), ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, ECONNRESET (as mio_tcp_stream_read), EPIPE
 * (the peer has closed the connection, this side is shut down, or the stream is not connected; no SIGPIPE), ENOTCONN,
 * EMSGSIZE (count above MIO_PIECES_MAX), EFAULT, ENOBUFS, ENOMEM, EPERM (a firewall rule). Since 1.0. Uses: sendto(2),
 * sendmsg(2) with MSG_NOSIGNAL.
 */
MIO_INLINE MIO_MUST_CHECK int64_t mio_tcp_stream_write(mio_tcp_stream *stream, const void *buffer, size_t length)
{
    return mio_stream_write(MIO_SOURCE_OF(stream), buffer, length);
}

MIO_INLINE MIO_MUST_CHECK int64_t mio_tcp_stream_writev(mio_tcp_stream *stream, const mio_iovec *pieces, size_t count)
{
    return mio_stream_writev(MIO_SOURCE_OF(stream), pieces, count);
}

/*
 * Writes like mio_tcp_stream_write. `flags` is 0, MIO_SEND_MORE, MIO_SEND_OOB, or MIO_SEND_MORE | MIO_SEND_OOB. With
 * MIO_SEND_MORE, the system may delay the bytes for at most 200 ms. The delay also ends when the program sends more
 * bytes without the flag, or calls mio_source_send_file. With MIO_SEND_OOB the last byte that the call writes is
 * out-of-band, even if the count is short. If the program sends another out-of-band byte before the peer has read the
 * first, the first becomes an ordinary byte. But on Linux, the first byte is lost if the peer has already read all
 * bytes before it.
 * Safety: threads. Errors as mio_tcp_stream_write, and: EINVAL (unknown flags). Since 1.0.
 * Uses: sendto(2) with MSG_NOSIGNAL.
 */
MIO_INLINE MIO_MUST_CHECK int64_t mio_tcp_stream_send(mio_tcp_stream *stream, const void *buffer, size_t length,
                                                      uint32_t flags)
{
    return mio_stream_send(MIO_SOURCE_OF(stream), buffer, length, flags);
}

/*
 * These functions read out-of-band data, which is one byte, and find its position in the stream. An event with
 * MIO_PRIORITY announces this byte, and the system keeps this byte apart from the other bytes. The function
 * mio_tcp_stream_recv_oob reads the byte and returns 1, or returns 0 if the stream ended before the byte arrived. The
 * mark is the position of the out-of-band byte among the other bytes. The function mio_tcp_stream_at_mark returns 1 if
 * the next read begins at the mark, otherwise 0. A read never crosses the mark. So call mio_tcp_stream_at_mark before
 * each read to find out whether the next bytes come before or after the mark. Because a read stops at the mark, the
 * stream can still hold bytes after a short count. A read that begins at the mark drops an out-of-band byte that was
 * not read. If another out-of-band byte is announced before the program has read the old out-of-band byte, the old byte
 * becomes an ordinary byte. But on Linux, the old byte is lost if the program has already read all bytes before it.
 * With MIO_OPTION_OOB_INLINE the byte stays in the stream, the mark is before this byte, and mio_tcp_stream_recv_oob
 * returns -EINVAL.
 * Safety: threads. Errors: EINVAL (null, the peer has announced no out-of-band byte, the byte was already read, or
 * MIO_OPTION_OOB_INLINE is set), EBADF, EAGAIN (the byte is announced but has not arrived). Since 1.0. Uses: recv(2)
 * with MSG_OOB, ioctl(2) with SIOCATMARK.
 */
MIO_INLINE MIO_MUST_CHECK int mio_tcp_stream_recv_oob(mio_tcp_stream *stream, unsigned char *byte)
{
    return mio_stream_recv_oob(MIO_SOURCE_OF(stream), byte);
}

MIO_INLINE MIO_MUST_CHECK int mio_tcp_stream_at_mark(const mio_tcp_stream *stream)
{
    return mio_stream_at_mark(MIO_SOURCE_OF(stream));
}

/* Shuts down the reading side, the writing side or both. After a shutdown of the writing side, the peer reads the
 * remaining bytes, and then its reads return 0. On Linux, a shutdown during the connect makes the connect fail with
 * ECONNRESET. After a shutdown of the reading side, a stream on Linux can still read data that arrives later.
 * Safety: threads. Errors: EINVAL, EBADF, ENOTCONN (not connected, or no longer connected). Since 1.0. Uses:
 * shutdown(2). */
MIO_INLINE int mio_tcp_stream_shutdown(mio_tcp_stream *stream, int how)
{
    return mio_stream_shutdown(MIO_SOURCE_OF(stream), how);
}

/* These functions store the addresses of the two ends of the connection. Safety: threads. Errors: EINVAL, EBADF,
 * ENOTCONN (peer_addr only: not connected, or no longer connected), ENOBUFS, ENOMEM. Since 1.0. Uses: getsockname(2),
 * getpeername(2). */
MIO_INLINE MIO_MUST_CHECK int mio_tcp_stream_local_addr(const mio_tcp_stream *stream, mio_addr *addr)
{
    return mio_source_local_addr(MIO_SOURCE_OF(stream), addr);
}

MIO_INLINE MIO_MUST_CHECK int mio_tcp_stream_peer_addr(const mio_tcp_stream *stream, mio_addr *addr)
{
    return mio_source_peer_addr(MIO_SOURCE_OF(stream), addr);
}

/*
 * Stores the original destination of an accepted connection that a firewall rule (REDIRECT or DNAT) redirected to this
 * host. Transparent proxies use this function. For a connection without redirection, and for a connection through
 * TPROXY, the call stores the local address. On an IPv6 socket, an IPv4 destination is an IPv4-mapped address.
 * Safety: threads. Errors: EINVAL (null), EBADF, ENODATA (the system does not track this connection, so the connection
 * was not redirected), ENOTSUP (the system has no connection tracking), ENOBUFS, ENOMEM. Since 1.0. Uses: getsockopt(2)
 * with SO_ORIGINAL_DST, IP6T_SO_ORIGINAL_DST.
 */
MIO_API MIO_MUST_CHECK int mio_tcp_stream_original_destination(const mio_tcp_stream *stream, mio_addr *addr);

/*
 * Removes one entry from the error queue, and stores the entry, like mio_udp_socket_recv_error. Linux queues the ICMP
 * errors that arrive during the connect, and mio_tcp_stream_connect_finish returns these errors as well. Linux does not
 * queue later errors of a connection. Calls on the stream return these errors. If the program has set SO_ZEROCOPY on
 * the descriptor, the queue reports completed zero-copy sends. If the program has set SO_TIMESTAMPING, the queue
 * reports timestamps.
 * Safety: threads. Errors: EINVAL (null, a `size` smaller than in mio 1.0), E2BIG (the struct uses a field that only a
 * newer library knows), EBADF, EAGAIN, EMSGSIZE (piece_count above MIO_PIECES_MAX), EFAULT, ENOMEM, ENOTSUP (no such
 * queue on this system). After an error *error is unchanged. Since 1.0. Uses: recvmsg(2) with MSG_ERRQUEUE,
 * MSG_ZEROCOPY of send(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_tcp_stream_recv_error(mio_tcp_stream *stream, mio_queued_error *error);

/* Fetches and clears the pending error, like mio_tcp_listener_take_error. Safety: threads. Errors: EINVAL (null),
 * EBADF. Since 1.0. Uses: getsockopt(2) with SO_ERROR. */
MIO_INLINE MIO_MUST_CHECK int mio_tcp_stream_take_error(mio_tcp_stream *stream, int *error)
{
    return mio_source_take_error(MIO_SOURCE_OF(stream), error);
}

MIO_END_DECLS

#endif /* MIO_TCP_H */
