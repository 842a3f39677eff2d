/* SPDX-License-Identifier: MIT */
/* Socket options: two functions to read and set numbers, two for texts. */
#ifndef MIO_OPTION_H
#define MIO_OPTION_H

#include <mio/base.h>
#include <mio/source.h>

MIO_BEGIN_DECLS

/*
 * Options of any socket in a source. Use a mio_tcp_socket to set options before the socket listens or connects.
 * Booleans are 0 and 1. Bytes, seconds and milliseconds are the units of the system, so mio rounds nothing. "Early"
 * means that the option is set before the socket is bound. "Inherited" means that sockets that a listener accepts from
 * then on have the listener's value. Other options may not be inherited. Numbers go up to 2^31-1 unless a limit is
 * given.
 * Since 1.0.
 */
#define MIO_OPTION_TTL 1               /* IP_TTL: hops of packets sent over IPv4, 1 to 255; inherited */
#define MIO_OPTION_HOP_LIMIT 2         /* IPV6_UNICAST_HOPS: hops over IPv6, 0 to 255; -1: the system's; inherited */
#define MIO_OPTION_NODELAY 3           /* TCP_NODELAY: send small segments at once; inherited */
#define MIO_OPTION_BROADCAST 4         /* SO_BROADCAST: allow sending to broadcast addresses */
#define MIO_OPTION_ONLY_V6 5           /* IPV6_V6ONLY: no IPv4 over this IPv6 socket; early, or EINVAL */
#define MIO_OPTION_MULTICAST_LOOP_V4 6 /* IP_MULTICAST_LOOP: this host also receives what it sends */
#define MIO_OPTION_MULTICAST_LOOP_V6 7 /* IPV6_MULTICAST_LOOP: the same for IPv6 */
#define MIO_OPTION_MULTICAST_TTL_V4 8  /* IP_MULTICAST_TTL: 0 to 255 */
#define MIO_OPTION_MULTICAST_HOPS_V6 9 /* IPV6_MULTICAST_HOPS: 0 to 255; -1: the system's */
#define MIO_OPTION_MULTICAST_INTERFACE_V4 10 /* IP_MULTICAST_IF: number of the interface that sends, 0: the route's */
#define MIO_OPTION_MULTICAST_INTERFACE_V6 11 /* IPV6_MULTICAST_IF: the same for IPv6 */
#define MIO_OPTION_REUSE_ADDR 12             /* SO_REUSEADDR: bind also where old connections are in TIME_WAIT; early */
#define MIO_OPTION_REUSE_PORT 13             /* SO_REUSEPORT: share the address, see below; early */
#define MIO_OPTION_KEEPALIVE 14              /* SO_KEEPALIVE: probe a silent peer; inherited */
#define MIO_OPTION_KEEPALIVE_IDLE 15         /* TCP_KEEPIDLE: after 1 to 32767 seconds of silence; inherited */
#define MIO_OPTION_KEEPALIVE_INTERVAL 16     /* TCP_KEEPINTVL: repeat after 1 to 32767 seconds; inherited */
#define MIO_OPTION_KEEPALIVE_COUNT 17        /* TCP_KEEPCNT: give up, ETIMEDOUT, after 1 to 127 probes; inherited */
#define MIO_OPTION_LINGER 18                 /* SO_LINGER: closing with unsent data, see below; inherited */
#define MIO_OPTION_SEND_BUFFER 19            /* SO_SNDBUF: bytes, at least 1, see below; inherited */
#define MIO_OPTION_RECEIVE_BUFFER 20         /* SO_RCVBUF: bytes, at least 1, see below; inherited */
#define MIO_OPTION_TOS 21                    /* IP_TOS: type of service of IPv4, 0 to 255, see below; inherited */
#define MIO_OPTION_TRAFFIC_CLASS 22          /* IPV6_TCLASS: the same of IPv6; -1: the system's; inherited */
#define MIO_OPTION_MARK 23                   /* SO_MARK: for routing and firewalls, 0 to 2^32-1; privileged */
#define MIO_OPTION_PRIORITY 24               /* SO_PRIORITY: for the queues; above 6 privileged. Set it after the TOS */
#define MIO_OPTION_FAST_OPEN 25              /* TCP_FASTOPEN: connections that may wait with data; 0: off */
#define MIO_OPTION_FAST_OPEN_CONNECT 26      /* TCP_FASTOPEN_CONNECT: see below; set before connecting, or EINVAL */
#define MIO_OPTION_DEFER_ACCEPT 27           /* TCP_DEFER_ACCEPT: accept with the first data only, see below; 0: off */
#define MIO_OPTION_USER_TIMEOUT 28           /* TCP_USER_TIMEOUT: ms unacknowledged; 0: the system's; inherited */
#define MIO_OPTION_MAX_SEGMENT 29            /* TCP_MAXSEG: bytes, 88 to 32767; 0: the system's choice */
#define MIO_OPTION_QUICK_ACK 30              /* TCP_QUICKACK: acknowledge at once; the system can turn it off */
#define MIO_OPTION_CORK 31                   /* TCP_CORK: send full segments only, until 0 is set or 200 ms later */
#define MIO_OPTION_NOTSENT_LOWAT 32          /* TCP_NOTSENT_LOWAT: limit of unsent bytes, see below; 0: the system's */
#define MIO_OPTION_INCOMING_CPU 33           /* SO_INCOMING_CPU: the receiving processor, -1: none; see below */
#define MIO_OPTION_BIND_DEVICE 34            /* text, SO_BINDTODEVICE: name of the only interface to use; "": any */
#define MIO_OPTION_CONGESTION 35             /* text, TCP_CONGESTION: the algorithm, "cubic"; inherited */
#define MIO_OPTION_BIND_ADDRESS_NO_PORT 36   /* IP_BIND_ADDRESS_NO_PORT: choose port 0 at the connect; early */
#define MIO_OPTION_MTU_DISCOVER 37           /* IP_MTU_DISCOVER, IPV6_MTU_DISCOVER: a MIO_MTU_, see below */
#define MIO_OPTION_PATH_MTU 38               /* IP_MTU, IPV6_MTU: read, the longest packet to the peer, in bytes */
#define MIO_OPTION_MULTICAST_ALL 39       /* IP_MULTICAST_ALL, IPV6_MULTICAST_ALL: also groups of others, see below */
#define MIO_OPTION_RECEIVE_DESTINATION 40 /* IP_PKTINFO, IPV6_RECVPKTINFO: for mio_ancillary_destination */
#define MIO_OPTION_RECEIVE_TOS 41         /* IP_RECVTOS, IPV6_RECVTCLASS: for mio_ancillary_tos */
#define MIO_OPTION_RECEIVE_TTL 42         /* IP_RECVTTL, IPV6_RECVHOPLIMIT: for mio_ancillary_ttl */
#define MIO_OPTION_RECEIVE_TIMESTAMP 43   /* SO_TIMESTAMPNS: for mio_ancillary_timestamp */
#define MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION 44 /* IP_RECVORIGDSTADDR: for mio_ancillary_original_destination */
#define MIO_OPTION_RECEIVE_DROPS 45                /* SO_RXQ_OVFL: for mio_ancillary_drops */
#define MIO_OPTION_RECEIVE_ERRORS 46               /* IP_RECVERR, IPV6_RECVERR: for mio_udp_socket_recv_error */
#define MIO_OPTION_UDP_GRO 47                      /* UDP_GRO: several datagrams may arrive as one message, see below */
#define MIO_OPTION_OOB_INLINE 48                   /* SO_OOBINLINE: an out-of-band byte stays inline */
#define MIO_OPTION_UDP_SEGMENT 49      /* UDP_SEGMENT: split a message into datagrams of this length; 0: do not */
#define MIO_OPTION_PASS_CREDENTIALS 64 /* SO_PASSCRED: received messages carry credentials */
#define MIO_OPTION_PASS_HANDLES 65     /* SO_PASSRIGHTS: peers may send descriptors, see below; inherited */

/*
 * The values of MIO_OPTION_MTU_DISCOVER say whether datagrams may be fragmented, and which path MTU the system uses.
 * Sending a datagram that is too long fails with EMSGSIZE. Since 1.0. Uses: IP_PMTUDISC_ of ip(7).
 */
#define MIO_MTU_FRAGMENT 0  /* this host and routers may fragment */
#define MIO_MTU_WANT 1      /* discover the path MTU, and fragment longer datagrams on this host */
#define MIO_MTU_DO 2        /* don't fragment, and limit datagrams to the known path MTU */
#define MIO_MTU_PROBE 3     /* don't fragment, and limit datagrams to the interface's MTU only, to probe the path */
#define MIO_MTU_INTERFACE 4 /* ignore ICMP, limit datagrams to the interface's MTU, do not fragment on this host */
#define MIO_MTU_OMIT 5      /* the same, but fragment longer datagrams on this host */

/*
 * Details:
 *
 *  - MIO_OPTION_REUSE_PORT: several sockets of one user bind to one address, if all of them have the option set, and
 *    the system spreads connections or datagrams among them. On systems that share the address without spreading,
 *    setting the option fails with -ENOTSUP. Closing a listener loses the connections in its backlog; see
 *    examples/tcp_worker_server.c.
 *  - MIO_OPTION_LINGER: with -1, the default, closing returns at once and the system sends the rest. With 0, closing
 *    drops the rest and resets the connection. With 1 to 32767, closing waits up to that many seconds for the rest to
 *    be sent, although the socket is non-blocking.
 *  - MIO_OPTION_SEND_BUFFER, MIO_OPTION_RECEIVE_BUFFER: the system raises and lowers the value to its limits
 *    (net.core.wmem_max, rmem_max) without an error, and stops tuning the size itself. Linux doubles the value to cover
 *    its own overhead, and returns the doubled value. TCP must know of a receive buffer of more than 64 KiB before the
 *    connection begins, so set it on a listener or a mio_tcp_socket.
 *  - MIO_OPTION_TOS, MIO_OPTION_TRAFFIC_CLASS: TCP manages the two low bits, ECN, itself, and setting the option leaves
 *    them alone. Setting MIO_OPTION_TOS also sets MIO_OPTION_PRIORITY.
 *  - MIO_OPTION_NOTSENT_LOWAT: the socket is writable only while fewer bytes are unsent, 0 to 2^32-1.
 *  - MIO_OPTION_MAX_SEGMENT: reading the option returns the size in use.
 *  - MIO_OPTION_FAST_OPEN: the option has no effect unless net.ipv4.tcp_fastopen has the bit 0x2, which is not the
 *    default.
 *  - MIO_OPTION_FAST_OPEN_CONNECT: connecting to a server that this host has connected to before sends nothing. The
 *    stream is writable, and mio_tcp_stream_connect_finish returns 0 at once. The first write sends its data in the
 *    connection request. So a failure to connect shows only later. The network can deliver this first data twice, so
 *    use the option only for requests that may arrive twice. If the system has no cookie of the server, the first write
 *    fails with EAGAIN and begins to connect, and an event follows. Setting the option fails with ENOPROTOOPT if
 *    net.ipv4.tcp_fastopen disables it.
 *  - MIO_OPTION_DEFER_ACCEPT: a number of seconds, at most 32767. The system holds back a connection until its first
 *    data arrives, at most for that time. It converts the time to a number of retransmissions, and reading the option
 *    returns the time that these take.
 *  - MIO_OPTION_INCOMING_CPU: reading the option returns the processor that handled the last packet received. Among
 *    sockets that share an address with MIO_OPTION_REUSE_PORT, the system prefers the one whose number matches.
 *  - MIO_OPTION_BIND_DEVICE: changing the interface later needs the privilege CAP_NET_RAW; before Linux 5.7, setting it
 *    the first time needs the privilege, too.
 *  - MIO_OPTION_CONGESTION: one of net.ipv4.tcp_available_congestion_control; without the privilege CAP_NET_ADMIN one
 *    of tcp_allowed_congestion_control.
 *  - MIO_OPTION_BIND_ADDRESS_NO_PORT: for clients that bind to an address and port 0, and then connect. The system
 *    chooses the port at the connect. Only the pair of both ends must be unique then, so one address serves more
 *    connections than there are ports. Until then the port is 0.
 *  - MIO_OPTION_MTU_DISCOVER: for UDP; TCP segments fit the path MTU anyway. The default is the system's
 *    (net.ipv4.ip_no_pmtu_disc), usually MIO_MTU_WANT.
 *  - MIO_OPTION_PATH_MTU: the length includes the headers of the packet. The system knows the path MTU only for a
 *    connected socket; otherwise reading the option fails with ENOTCONN. After EMSGSIZE the path MTU may have shrunk;
 *    the error queue also reports it (mio_queued_error).
 *  - MIO_OPTION_MULTICAST_ALL: with 1, the default of Linux, the socket also receives from groups that other sockets of
 *    this host have joined, if address and port match. With 0 the socket receives only from groups that it has joined
 *    itself. Setting the option fails with -ENOTSUP if the system lacks it.
 *  - MIO_OPTION_UDP_GRO: consecutive datagrams of one sender and of equal length arrive as one message;
 *    mio_ancillary_segment_size returns their length. Provide a buffer of 65535 bytes. Setting the option fails with
 *    -ENOTSUP if the system lacks it.
 *  - MIO_OPTION_UDP_SEGMENT: 0 to 65535 bytes; mio_ancillary_set_segment_size overrides the option for one message.
 *    Setting the option fails with -ENOTSUP if the system lacks it.
 *  - MIO_OPTION_PASS_HANDLES: 1 is the default. With 0, a peer that sends descriptors to this socket gets -EPERM, so
 *    that no peer can fill this process with descriptors. Descriptors sent earlier still arrive, and this socket can
 *    send its own. The option of a listener applies to clients that connect from then on, even before they are
 *    accepted. Setting the option fails with -ENOTSUP before Linux 6.16.
 */

/*
 * Reads or sets one option of the socket in a source.
 * Safety: threads. Errors: EINVAL (null, a value out of range, an option that is text, or the socket's kind or state
 * does not allow it: MIO_OPTION_MULTICAST_TTL_V4 of a stream, MIO_OPTION_ONLY_V6 once it is bound), EBADF (closed),
 * ENOPROTOOPT (no such option for this kind of socket), ENODEV and EADDRNOTAVAIL (no such interface), EPERM (a
 * privilege is missing), ENOTSUP (not an option that this system has, one that cannot be read back,
 * MIO_OPTION_MULTICAST_INTERFACE_V4, or one that can only be read, MIO_OPTION_PATH_MTU), ENOTCONN (MIO_OPTION_PATH_MTU
 * without a peer), ENOTSOCK (not a socket), ENOBUFS, ENOMEM. Since 1.0. Uses: getsockopt(2),
 * setsockopt(2), socket(7), ip(7), ipv6(7), tcp(7).
 */
MIO_API int mio_source_option(const mio_source *source, int option, int64_t *value);
MIO_API MIO_MUST_CHECK int mio_source_set_option(mio_source *source, int option, int64_t value);

/* A buffer of this size holds every text that mio_source_text_option writes. Since 1.0. */
#define MIO_OPTION_TEXT_SIZE 64

/*
 * Reads or sets one option that is text. Like snprintf, the first function returns the length of the whole text without
 * the final null, and writes at most `size` bytes, the last of them null. `text` may be null if `size` is 0.
 * Safety: threads. Errors: EINVAL (null, an option that is a number, "" for MIO_OPTION_CONGESTION), EBADF (closed),
 * ENOPROTOOPT (no such option for this kind of socket), ENODEV (no such interface), ENOENT (no such algorithm), EPERM
 * (a privilege is missing), ENAMETOOLONG (more than 15 bytes), ENOTSUP (not an option that this system has), ENOTSOCK
 * (not a socket), ENOBUFS, ENOMEM. Since 1.0. Uses: getsockopt(2), setsockopt(2).
 */
MIO_API int mio_source_text_option(const mio_source *source, int option, char *text, size_t size);
MIO_API MIO_MUST_CHECK int mio_source_set_text_option(mio_source *source, int option, const char *text);

MIO_END_DECLS

#endif /* MIO_OPTION_H */
