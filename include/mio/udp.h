/* SPDX-License-Identifier: MIT */
/* UDP sockets over IPv4 and IPv6. */
#ifndef MIO_UDP_H
#define MIO_UDP_H

#include <mio/addr.h>
#include <mio/ancillary.h>
#include <mio/base.h>
#include <mio/source.h>

MIO_BEGIN_DECLS

/* mio_udp_socket: a UDP socket in the caller's storage. Register its member `source`. Since 1.0. */
typedef struct mio_udp_socket {
    mio_source source;
} mio_udp_socket;

/*
 * Opens a socket and binds it to an address of this host. For port 0, the system chooses a free port.
 * Safety: threads. Errors: EINVAL (null, a link-local address of IPv6 without scope, or an IPv4-mapped address where
 * net.ipv6.bindv6only is set), EAFNOSUPPORT (not an IP address, or a family that this host does not support),
 * EADDRINUSE, EADDRNOTAVAIL, ENODEV (no interface has the index in the scope), EACCES, EMFILE, ENFILE, ENOBUFS, ENOMEM,
 * EPERM (a security rule of the system; before Linux 5.7, an unprivileged process also gets this error for an address
 * that has a scope but is not link-local). Since 1.0. Uses: socket(2), bind(2).
 */
MIO_API MIO_MUST_CHECK int mio_udp_socket_bind(mio_udp_socket *socket, const mio_addr *addr);

/* Takes over an open datagram socket and makes it non-blocking and close-on-exec. On success `socket` then owns the
 * descriptor. If the call fails, the caller still owns the descriptor.
 * Safety: threads. Errors: EINVAL (null), EBADF, ENOTSOCK, EPROTOTYPE (not a datagram socket of IPv4 or IPv6). Since
 * 1.0. Uses: getsockopt(2), fcntl(2). */
MIO_API MIO_MUST_CHECK int mio_udp_socket_from_handle(mio_udp_socket *socket, mio_handle handle);

/* Closes the socket, and fills *socket with zeros. For a closed socket or null, the call does nothing. Safety: one
 * thread. Since 1.0. Uses: close(2). */
MIO_INLINE void mio_udp_socket_close(mio_udp_socket *socket)
{
    mio_source_close(MIO_SOURCE_OF(socket));
}

/* Returns the descriptor, which the socket still owns. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_udp_socket_handle(const mio_udp_socket *socket)
{
    return mio_source_handle(MIO_SOURCE_OF(socket));
}

/* Gives the descriptor to the caller, like mio_tcp_listener_into_handle. Safety: one thread. Errors: EINVAL, EBADF.
 * Since 1.0. */
MIO_INLINE MIO_MUST_CHECK mio_handle mio_udp_socket_into_handle(mio_udp_socket *socket)
{
    return mio_source_into_handle(MIO_SOURCE_OF(socket));
}

/*
 * Sets the peer of the socket. The socket then sends to the peer, and receives only from the peer. Datagrams of other
 * senders that arrived before the call stay in the queue. Call the function again to change the peer. When the peer
 * changes, the socket keeps its port, and stays bound to its address and its interface. If the socket is bound to all
 * addresses, the system chooses the source address again. During the change, the socket receives from every sender for
 * a moment. With null as `addr`, the call disconnects the socket, but the socket stays bound. After an error, the
 * socket keeps its old peer. But if the port of the socket or the route to the old peer is lost, the socket has no
 * peer.
 * Safety: threads. Errors: EINVAL (null socket, port 0, a link-local address of IPv6 without scope, a scope other than
 * the interface that the socket is bound to, or the address of another host for a socket that is bound to a loopback
 * address), EBADF, EAFNOSUPPORT (not an IP address of the family of the socket; an IPv6 socket without
 * MIO_OPTION_ONLY_V6 also accepts IPv4 addresses), ENETUNREACH, EHOSTUNREACH, ENODEV (no interface has the index in the
 * scope, or the socket is bound to an interface that is gone), EACCES (a broadcast address without
 * MIO_OPTION_BROADCAST, or a route that prohibits the address), EPERM (a security rule of the system; before Linux 5.7,
 * an unprivileged process also gets this error for an address that has a scope but is not link-local, and if a socket
 * that the program has bound to an interface has a peer: such a socket loses the peer and the interface), EADDRNOTAVAIL
 * (no free port, or no local address can reach the peer), EADDRINUSE (changing the peer released the port, and another
 * socket now has the port on this address or on another address of this host), ENOBUFS, ENOMEM. Since 1.0. Uses:
 * connect(2), bind(2).
 */
MIO_API MIO_MUST_CHECK int mio_udp_socket_connect(mio_udp_socket *socket, const mio_addr *addr);

/*
 * Sends one datagram of `length` bytes to the connected peer or to `addr`, and returns the length. `length` may be 0.
 * The call sends the whole datagram or nothing.
 * Safety: threads. Errors: EINVAL (null socket or addr, port 0, or the address of another host for a socket that is
 * bound to a loopback address), EBADF, EAGAIN (no space now), EDESTADDRREQ (mio_udp_socket_send without a peer),
 * EMSGSIZE (too long for a datagram), ECONNREFUSED and similar errors (an ICMP error for an earlier datagram: nothing
 * was sent), EACCES, EAFNOSUPPORT, ENETUNREACH, EHOSTUNREACH, EPERM, EFAULT, ENOBUFS, ENOMEM, ENODEV (no interface has
 * the index in the scope), EADDRNOTAVAIL (no local address can reach the destination). Since 1.0. Uses: sendto(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_udp_socket_send(mio_udp_socket *socket, const void *buffer, size_t length);
MIO_API MIO_MUST_CHECK int64_t mio_udp_socket_send_to(mio_udp_socket *socket, const void *buffer, size_t length,
                                                      const mio_addr *addr);

/*
 * Receives one datagram, stores at most `length` bytes, and returns the number of bytes stored, which can be 0. The
 * functions mio_udp_socket_recv_from and mio_udp_socket_peek_from store the address of the sender in *addr, unless
 * `addr` is null. The peek functions leave the datagram in the queue. If `flags` is not null, the call sets *flags to
 * MIO_MESSAGE_TRUNCATED or 0. If `flags` is null and the datagram does not fit, the call fails with -EMSGSIZE, so that
 * the program notices the loss. The call still fills the buffer and *addr, and the end of the datagram is lost. If the
 * call fails with EFAULT, the whole datagram is lost.
 * Safety: threads. Errors: EINVAL (null socket), EBADF, EAGAIN (nothing now), EMSGSIZE, ECONNREFUSED and similar
 * errors (an ICMP error for an earlier datagram), EFAULT, ENOMEM, ENOBUFS. Since 1.0. Uses: recvfrom(2) with
 * MSG_TRUNC.
 */
MIO_API MIO_MUST_CHECK int64_t mio_udp_socket_recv(mio_udp_socket *socket, void *buffer, size_t length,
                                                   uint32_t *flags);
MIO_API MIO_MUST_CHECK int64_t mio_udp_socket_recv_from(mio_udp_socket *socket, void *buffer, size_t length,
                                                        mio_addr *addr, uint32_t *flags);
MIO_API MIO_MUST_CHECK int64_t mio_udp_socket_peek(mio_udp_socket *socket, void *buffer, size_t length,
                                                   uint32_t *flags);
MIO_API MIO_MUST_CHECK int64_t mio_udp_socket_peek_from(mio_udp_socket *socket, void *buffer, size_t length,
                                                        mio_addr *addr, uint32_t *flags);

/*
 * mio_udp_message: a datagram with its address and ancillary data. Fields that you do not use must stay zero. Start
 * from MIO_UDP_MESSAGE_INIT, which sets `size`. Since 1.0.
 */
typedef struct mio_udp_message {
    uint32_t size;            /* sizeof(mio_udp_message) when the program was compiled */
    uint32_t flags;           /* received: MIO_MESSAGE_ bits; sending: 0 */
    const mio_iovec *pieces;  /* the bytes, in order */
    size_t piece_count;       /* 0 to MIO_PIECES_MAX */
    size_t length;            /* received: number of bytes stored */
    mio_addr *addr;           /* if not null: the destination, or memory for the sender's address */
    mio_ancillary *ancillary; /* if not null: the data to send, or memory for received data */
} mio_udp_message;

#define MIO_UDP_MESSAGE_INIT                                                                                           \
    {                                                                                                                  \
        sizeof(mio_udp_message), 0, NULL, 0, 0, NULL, NULL                                                             \
    }

/*
 * Sends one datagram with its ancillary data, and returns the length of the datagram.
 * Safety: threads. Errors as mio_udp_socket_send_to, and: EINVAL (null, null `pieces` with a `piece_count` above 0, a
 * `size` smaller than in mio 1.0, `flags` other than 0, an `ancillary` that holds received data or no valid data, a
 * source address that the interface, or for IPv6 on Linux this host, does not have, too many segments, or segments
 * longer than a packet), E2BIG (the struct uses a field that only a newer library knows), EDESTADDRREQ (no `addr`, and
 * no peer), EMSGSIZE (piece_count above MIO_PIECES_MAX), EAFNOSUPPORT (the source address is not of the family of
 * `addr`; without `addr`, the call ignores a source address that is not of the peer's family), ENODEV, ENETUNREACH and
 * EADDRNOTAVAIL (this host does not have the interface or the source address), ENOTSUP (`addr` has a scope, and on this
 * system a program cannot set the interface for a single datagram), EIO (the interface cannot compute the checksums of
 * segments). Since 1.0. Uses: sendmsg(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_udp_socket_send_message(mio_udp_socket *socket, const mio_udp_message *message);

/*
 * Receives one datagram with its ancillary data, and returns the number of bytes that the call has stored in the
 * pieces. If a message is truncated, the call does not fail, but sets a bit in `flags`. MIO_MESSAGE_TRUNCATED means
 * that the datagram did not fit. MIO_MESSAGE_ANCILLARY_TRUNCATED means that more ancillary data came than `ancillary`
 * can hold. The program can still read the stored part. Only socket options that mio does not know can cause
 * MIO_MESSAGE_ANCILLARY_TRUNCATED.
 * Safety: threads. Errors as mio_udp_socket_recv_from, and: EINVAL (null, null `pieces` with a `piece_count` above 0, a
 * `size` smaller than in mio 1.0), E2BIG (the struct uses a field that only a newer library knows), EMSGSIZE
 * (piece_count above MIO_PIECES_MAX). An error leaves *message unchanged, but may change the memory of `ancillary`.
 * Since 1.0. Uses: recvmsg(2).
 */
MIO_API MIO_MUST_CHECK int64_t mio_udp_socket_recv_message(mio_udp_socket *socket, mio_udp_message *message);

/* The largest number of datagrams that one call sends or receives. Since 1.0. */
#define MIO_UDP_BATCH_MAX 64

/*
 * Sends up to `count` messages, at most MIO_UDP_BATCH_MAX, in one system call. Returns the number of messages that the
 * call has sent. All messages must have the same `size`. After a short count, call again with the remaining messages,
 * until -EAGAIN. If the call fails, the result is the error of the first message. If a later message is invalid, the
 * batch ends before this message, and the next call reports the error. If a pending error ends the batch after the
 * first message, this error is lost, as with sendmmsg(2). Where the system has no call for batches, mio sends one
 * message at a time.
 * Safety: threads. Errors as mio_udp_socket_send_message, and: EINVAL (null messages, unless count is 0). Since 1.0.
 * Uses: sendmmsg(2).
 */
MIO_API MIO_MUST_CHECK int mio_udp_socket_send_batch(mio_udp_socket *socket, const mio_udp_message *messages,
                                                     size_t count);

/*
 * Receives up to `count` messages, at most MIO_UDP_BATCH_MAX, in one system call. Returns the number of messages that
 * the call has received. The call stores a result in each message. All messages must have the same `size`. After a
 * short count, the queue can still have datagrams, so call again until -EAGAIN. If the call fails, the result is the
 * error of the first datagram. An error of a later datagram ends the batch, and the next call reports this error. Where
 * the system has no call for batches, mio receives one message at a time.
 * Safety: threads. Errors as mio_udp_socket_recv_message, and: EINVAL (null messages, unless count is 0). Since 1.0.
 * Uses: recvmmsg(2).
 */
MIO_API MIO_MUST_CHECK int mio_udp_socket_recv_batch(mio_udp_socket *socket, mio_udp_message *messages, size_t count);

/*
 * Removes one error from the error queue of the socket, and stores the error. MIO_OPTION_RECEIVE_ERRORS turns the queue
 * on. The call also stores the part of the original datagram that came with the error, and returns the number of bytes
 * stored. If the queue is empty, the call returns -EAGAIN. With MIO_OPTION_RECEIVE_ERRORS set to 1, the system queues
 * every ICMP error, even on an unconnected socket. While the queue holds an error, the socket has MIO_ERROR and is
 * readable and writable, so remove all errors from the queue. An error that stays in the queue also makes one send or
 * receive fail. The queue uses space of the receive buffer. When this buffer is full, further errors are lost. If the
 * call fails with EFAULT, it loses the removed error.
 * Safety: threads. Errors: EINVAL (null, a `size` smaller than in mio 1.0), E2BIG (the struct uses a field that only a
 * newer library knows), EBADF, EAGAIN, EMSGSIZE (piece_count above MIO_PIECES_MAX), EFAULT, ENOMEM, ENOTSUP (no such
 * queue on this system). After an error *error is unchanged. Since 1.0. Uses: recvmsg(2) with MSG_ERRQUEUE, IP_RECVERR
 * of ip(7).
 */
MIO_API MIO_MUST_CHECK int64_t mio_udp_socket_recv_error(mio_udp_socket *socket, mio_queued_error *error);

/*
 * These functions join or leave an IPv4 multicast group on the interface that has the address `interface_addr`. If
 * `interface_addr` is null or 0.0.0.0, the system chooses the interface. The call ignores the ports of both addresses.
 * Safety: threads. Errors: EINVAL (null, or not a multicast address), EBADF, EAFNOSUPPORT (not IPv4), EADDRINUSE
 * (joined already), EADDRNOTAVAIL (leave: not joined), ENODEV (no such interface), ENOBUFS, ENOMEM. Since 1.0.
 * Uses: IP_ADD_MEMBERSHIP and IP_DROP_MEMBERSHIP of ip(7).
 */
MIO_API MIO_MUST_CHECK int mio_udp_socket_join_multicast_v4(mio_udp_socket *socket, const mio_addr *group,
                                                            const mio_addr *interface_addr);
MIO_API int mio_udp_socket_leave_multicast_v4(mio_udp_socket *socket, const mio_addr *group,
                                              const mio_addr *interface_addr);

/*
 * These functions join or leave an IPv4 multicast group on the interface with the index `interface_index`. The
 * interface need not have an address. If `interface_index` is 0, the system chooses the interface. To leave a group,
 * call the leave function with the same arguments.
 * Safety: threads. Errors: EINVAL (null, or not a multicast address), EBADF, EAFNOSUPPORT (not IPv4), EADDRINUSE
 * (joined already), EADDRNOTAVAIL (leave: not joined), ENODEV (no such interface), ENOBUFS, ENOMEM. Since 1.0. Uses:
 * IP_ADD_MEMBERSHIP and IP_DROP_MEMBERSHIP of ip(7), with a struct ip_mreqn.
 */
MIO_API MIO_MUST_CHECK int mio_udp_socket_join_multicast_v4_on(mio_udp_socket *socket, const mio_addr *group,
                                                               uint32_t interface_index);
MIO_API int mio_udp_socket_leave_multicast_v4_on(mio_udp_socket *socket, const mio_addr *group,
                                                 uint32_t interface_index);

/*
 * These functions join or leave an IPv6 multicast group on the interface with the index `interface_index`. If
 * `interface_index` is 0, the functions use the interface in the scope of the group. If the group has no scope either,
 * the system chooses the interface.
 * Safety: threads. Errors: EINVAL (null, not a multicast address, or interface and scope differ), EBADF, EAFNOSUPPORT
 * (not IPv6, or the socket is an IPv4 socket), EADDRINUSE (joined already), EADDRNOTAVAIL (leave: not joined), ENODEV
 * (no such interface), ENOBUFS, ENOMEM. Since 1.0.
 * Uses: IPV6_ADD_MEMBERSHIP and IPV6_DROP_MEMBERSHIP of ipv6(7), RFC 3493.
 */
MIO_API MIO_MUST_CHECK int mio_udp_socket_join_multicast_v6(mio_udp_socket *socket, const mio_addr *group,
                                                            uint32_t interface_index);
MIO_API int mio_udp_socket_leave_multicast_v6(mio_udp_socket *socket, const mio_addr *group, uint32_t interface_index);

/*
 * These functions join or leave an IPv4 or IPv6 multicast group on the interface with the index `interface_index`. In
 * this group, the socket receives only the datagrams of `sender`. If `interface_index` is 0, the functions use the
 * interface in the scope of the group or in the scope of the sender. If neither address has a scope, the system chooses
 * the interface. A socket cannot join the same group both for all senders and for single senders.
 * Safety: threads. Errors: EINVAL (null, not a multicast address, or interface and scopes differ), EBADF, EAFNOSUPPORT
 * (group and sender differ in family, or are IPv6 addresses for an IPv4 socket), EADDRINUSE (joined already),
 * EADDRNOTAVAIL (not joined, or on some systems: joined already), ENODEV, ENOBUFS, ENOMEM, ENOTSUP. Since 1.0.
 * Uses: MCAST_JOIN_SOURCE_GROUP, MCAST_LEAVE_SOURCE_GROUP and MCAST_UNBLOCK_SOURCE, RFC 3678.
 */
MIO_API MIO_MUST_CHECK int mio_udp_socket_join_multicast_source(mio_udp_socket *socket, const mio_addr *group,
                                                                const mio_addr *sender, uint32_t interface_index);
MIO_API int mio_udp_socket_leave_multicast_source(mio_udp_socket *socket, const mio_addr *group, const mio_addr *sender,
                                                  uint32_t interface_index);

/* These functions store the address that the socket is bound to, and the address of its peer. Safety: threads. Errors:
 * EINVAL, EBADF, ENOTCONN (peer_addr: the socket has no peer), ENOBUFS, ENOMEM. Since 1.0. Uses: getsockname(2),
 * getpeername(2). */
MIO_INLINE MIO_MUST_CHECK int mio_udp_socket_local_addr(const mio_udp_socket *socket, mio_addr *addr)
{
    return mio_source_local_addr(MIO_SOURCE_OF(socket), addr);
}

MIO_INLINE MIO_MUST_CHECK int mio_udp_socket_peer_addr(const mio_udp_socket *socket, mio_addr *addr)
{
    return mio_source_peer_addr(MIO_SOURCE_OF(socket), addr);
}

/* Fetches and clears the pending error, like mio_tcp_listener_take_error. Safety: threads. Errors: EINVAL (null),
 * EBADF. Since 1.0. Uses: getsockopt(2) with SO_ERROR. */
MIO_INLINE MIO_MUST_CHECK int mio_udp_socket_take_error(mio_udp_socket *socket, int *error)
{
    return mio_source_take_error(MIO_SOURCE_OF(socket), error);
}

MIO_END_DECLS

#endif /* MIO_UDP_H */
