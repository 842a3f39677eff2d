/* SPDX-License-Identifier: MIT */
/* Socket options. One pair of functions reads and sets the options whose values are numbers. A second pair reads and
 * sets the options whose values are texts. */
#ifndef MIO_OPTION_H
#define MIO_OPTION_H

#include <mio/base.h>
#include <mio/source.h>

MIO_BEGIN_DECLS

/*
 * Options of the socket in a source. Use a mio_tcp_socket to set options before the socket listens or connects.
 * A boolean is 0 or 1. The library uses the units of the system (bytes, seconds, milliseconds), and rounds no value.
 * "Inherited" means that a listener passes the value on to connections that it accepts afterwards. If the comment of an
 * option does not say "inherited", a listener may or may not pass the value on. If the comment of an option gives no
 * other limit, the largest value is 2^31-1. Since 1.0.
 */
#define MIO_OPTION_TTL 1               /* IP_TTL: hops of packets sent over IPv4, 1 to 255; inherited */
#define MIO_OPTION_HOP_LIMIT 2         /* IPV6_UNICAST_HOPS: hops over IPv6, 0 to 255; -1: the default; inherited */
#define MIO_OPTION_NODELAY 3           /* TCP_NODELAY: send small segments at once; inherited */
#define MIO_OPTION_BROADCAST 4         /* SO_BROADCAST: allow sending to broadcast addresses */
#define MIO_OPTION_ONLY_V6 5           /* IPV6_V6ONLY: use no IPv4 on an IPv6 socket; set before binding, or EINVAL */
#define MIO_OPTION_MULTICAST_LOOP_V4 6 /* IP_MULTICAST_LOOP: this host also receives its own multicast datagrams */
#define MIO_OPTION_MULTICAST_LOOP_V6 7 /* IPV6_MULTICAST_LOOP: this host also receives its own multicast datagrams */
#define MIO_OPTION_MULTICAST_TTL_V4 8  /* IP_MULTICAST_TTL: hops of multicast over IPv4, 0 to 255 */
#define MIO_OPTION_MULTICAST_HOPS_V6 9 /* IPV6_MULTICAST_HOPS: hops over IPv6, 0 to 255; -1: the default */
#define MIO_OPTION_MULTICAST_INTERFACE_V4 10 /* IP_MULTICAST_IF: index of the sending interface; 0: system chooses */
#define MIO_OPTION_MULTICAST_INTERFACE_V6 11 /* IPV6_MULTICAST_IF: index of the sending interface; 0: system chooses */
#define MIO_OPTION_REUSE_ADDR 12             /* SO_REUSEADDR: bind despite sockets in TIME_WAIT; set before binding */
#define MIO_OPTION_REUSE_PORT 13             /* SO_REUSEPORT: share the address, see below; set before binding */
#define MIO_OPTION_KEEPALIVE 14              /* SO_KEEPALIVE: probe a peer that sends nothing; inherited */
#define MIO_OPTION_KEEPALIVE_IDLE 15         /* TCP_KEEPIDLE: seconds before the first probe, 1 to 32767; inherited */
#define MIO_OPTION_KEEPALIVE_INTERVAL 16     /* TCP_KEEPINTVL: seconds between probes, 1 to 32767; inherited */
#define MIO_OPTION_KEEPALIVE_COUNT 17        /* TCP_KEEPCNT: unanswered probes before ETIMEDOUT, 1 to 127; inherited */
#define MIO_OPTION_LINGER 18                 /* SO_LINGER: closing with unsent data, see below; inherited */
#define MIO_OPTION_SEND_BUFFER 19            /* SO_SNDBUF: size in bytes, at least 1, see below; inherited */
#define MIO_OPTION_RECEIVE_BUFFER 20         /* SO_RCVBUF: size in bytes, at least 1, see below; inherited */
#define MIO_OPTION_TOS 21                    /* IP_TOS: type of service of IPv4, 0 to 255, see below; inherited */
#define MIO_OPTION_TRAFFIC_CLASS 22          /* IPV6_TCLASS: traffic class of IPv6; -1: the default; inherited */
#define MIO_OPTION_MARK 23                   /* SO_MARK: mark for routing and firewalls, 0 to 2^32-1; privileged */
#define MIO_OPTION_PRIORITY 24          /* SO_PRIORITY: queue priority; above 6: privileged; set after MIO_OPTION_TOS */
#define MIO_OPTION_FAST_OPEN 25         /* TCP_FASTOPEN: limit of pending requests with early data; 0: off */
#define MIO_OPTION_FAST_OPEN_CONNECT 26 /* TCP_FASTOPEN_CONNECT: see below; set before connecting, or EINVAL */
#define MIO_OPTION_DEFER_ACCEPT 27      /* TCP_DEFER_ACCEPT: hold connections until data arrives, see below; 0: off */
#define MIO_OPTION_USER_TIMEOUT 28  /* TCP_USER_TIMEOUT: ms to wait for acknowledgement; 0: system's limit; inherited */
#define MIO_OPTION_MAX_SEGMENT 29   /* TCP_MAXSEG: size in bytes, 88 to 32767; 0: the system's choice */
#define MIO_OPTION_QUICK_ACK 30     /* TCP_QUICKACK: acknowledge at once; the system can turn this off */
#define MIO_OPTION_CORK 31          /* TCP_CORK: hold back a partial segment, for at most 200 ms */
#define MIO_OPTION_NOTSENT_LOWAT 32 /* TCP_NOTSENT_LOWAT: limit of unsent bytes, see below; 0: the system's limit */
#define MIO_OPTION_INCOMING_CPU 33  /* SO_INCOMING_CPU: the receiving processor, -1: none; see below */
#define MIO_OPTION_BIND_DEVICE 34   /* text, SO_BINDTODEVICE: name of the only interface to use; "": any */
#define MIO_OPTION_CONGESTION 35    /* text, TCP_CONGESTION: the algorithm, such as "cubic"; inherited */
#define MIO_OPTION_BIND_ADDRESS_NO_PORT 36 /* IP_BIND_ADDRESS_NO_PORT: connect(2) picks the port; set before binding */
#define MIO_OPTION_MTU_DISCOVER 37         /* IP_MTU_DISCOVER, IPV6_MTU_DISCOVER: a MIO_MTU_ value, see below */
#define MIO_OPTION_PATH_MTU 38             /* IP_MTU, IPV6_MTU: read only, bytes of the longest packet to the peer */
#define MIO_OPTION_MULTICAST_ALL 39        /* IP_MULTICAST_ALL, IPV6_MULTICAST_ALL: receive for all groups, see below */
#define MIO_OPTION_RECEIVE_DESTINATION 40  /* IP_PKTINFO, IPV6_RECVPKTINFO: for mio_ancillary_destination */
#define MIO_OPTION_RECEIVE_TOS 41          /* IP_RECVTOS, IPV6_RECVTCLASS: for mio_ancillary_tos */
#define MIO_OPTION_RECEIVE_TTL 42          /* IP_RECVTTL, IPV6_RECVHOPLIMIT: for mio_ancillary_ttl */
#define MIO_OPTION_RECEIVE_TIMESTAMP 43    /* SO_TIMESTAMPNS: for mio_ancillary_timestamp */
#define MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION 44 /* IP_RECVORIGDSTADDR: for mio_ancillary_original_destination */
#define MIO_OPTION_RECEIVE_DROPS 45                /* SO_RXQ_OVFL: for mio_ancillary_drops */
#define MIO_OPTION_RECEIVE_ERRORS 46               /* IP_RECVERR, IPV6_RECVERR: for mio_udp_socket_recv_error */
#define MIO_OPTION_UDP_GRO 47                      /* UDP_GRO: several datagrams may arrive as one message, see below */
#define MIO_OPTION_OOB_INLINE 48                   /* SO_OOBINLINE: an out-of-band byte stays among the other bytes */
#define MIO_OPTION_UDP_SEGMENT 49      /* UDP_SEGMENT: split a message into datagrams of this length; 0: off */
#define MIO_OPTION_PASS_CREDENTIALS 64 /* SO_PASSCRED: received messages carry credentials */
#define MIO_OPTION_PASS_HANDLES 65     /* SO_PASSRIGHTS: peers may send descriptors, see below; inherited */

/*
 * The values of MIO_OPTION_MTU_DISCOVER decide whether the system may fragment UDP datagrams, and which MTU limits
 * their length. If the system may not fragment a datagram that exceeds this limit, sending the datagram fails with
 * -EMSGSIZE. Since 1.0. Uses: IP_PMTUDISC_ of ip(7).
 */
#define MIO_MTU_FRAGMENT 0  /* this host and routers may fragment */
#define MIO_MTU_WANT 1      /* discover the path MTU, and fragment longer datagrams on this host */
#define MIO_MTU_DO 2        /* don't fragment, and limit datagrams to the known path MTU */
#define MIO_MTU_PROBE 3     /* don't fragment, limit datagrams to the interface's MTU; for measuring the path MTU */
#define MIO_MTU_INTERFACE 4 /* ignore ICMP, limit datagrams to the interface's MTU, do not fragment on this host */
#define MIO_MTU_OMIT 5 /* ignore ICMP, limit packets to the interface's MTU, fragment longer datagrams on this host */

/*
 * Details:
 *
 *  - MIO_OPTION_REUSE_PORT: if several sockets of one user all have this option, they can be bound to the same address.
 *    The system distributes connections or datagrams among the sockets. If the system distributes neither connections
 *    nor datagrams, setting the option fails with -ENOTSUP. Closing a listener loses the connections in its backlog;
 *    see examples/tcp_worker_server.c.
 *  - MIO_OPTION_LINGER: with -1, the default, closing returns at once and the system sends the unsent bytes. With 0,
 *    closing drops the unsent bytes and resets the connection. With 1 to 32767, closing blocks until the system has
 *    sent the bytes, or until this number of seconds has passed. Closing blocks although the socket is non-blocking.
 *  - MIO_OPTION_SEND_BUFFER, MIO_OPTION_RECEIVE_BUFFER: if the value is outside the limits of the system, the system
 *    uses the nearest limit, without an error. The upper limits are net.core.wmem_max and net.core.rmem_max. If the
 *    program sets the option, the system no longer adapts the size itself. Linux doubles the value to cover its own
 *    overhead, and returns the doubled value. TCP must know a size above 64 KiB before the connection begins. So set
 *    such a receive buffer on a listener or a mio_tcp_socket.
 *  - MIO_OPTION_TOS, MIO_OPTION_TRAFFIC_CLASS: TCP itself manages the two low bits (ECN), so setting the option does
 *    not change them. Setting MIO_OPTION_TOS also sets MIO_OPTION_PRIORITY.
 *  - MIO_OPTION_NOTSENT_LOWAT: the socket is writable only while the number of unsent bytes is below this value. The
 *    value is 0 to 2^32-1.
 *  - MIO_OPTION_MAX_SEGMENT: reading the option returns the segment size that the socket uses.
 *  - MIO_OPTION_FAST_OPEN: the option has an effect only if net.ipv4.tcp_fastopen has the bit 0x2. By default this bit
 *    is not set.
 *  - MIO_OPTION_FAST_OPEN_CONNECT: if this host has a TCP Fast Open cookie from an earlier connection to the server,
 *    connecting sends nothing. The stream is then writable at once, and mio_tcp_stream_connect_finish returns 0. The
 *    first write sends its data in the connection request, so only a later call reports a failure to connect. The
 *    network can deliver this first data twice. So use the option only for requests that are harmless if they arrive
 *    twice. If the system no longer has the cookie, the first write begins to connect and fails with -EAGAIN. An event
 *    follows when the connect has ended. If net.ipv4.tcp_fastopen disables fast open, setting the option fails with
 *    -ENOPROTOOPT.
 *  - MIO_OPTION_DEFER_ACCEPT: the system holds back a new connection until its first data arrives, or until a time
 *    limit has passed. The value is this limit in seconds, 0 to 32767. The system converts the limit to a number of
 *    retransmissions. Reading the option returns the time that these retransmissions take.
 *  - MIO_OPTION_INCOMING_CPU: reading the option returns the processor that handled the latest received packet. If
 *    several sockets share an address with MIO_OPTION_REUSE_PORT, set a different processor for each socket. The system
 *    then prefers the socket of the processor that handles the packet.
 *  - MIO_OPTION_BIND_DEVICE: if the socket is already bound to an interface, setting the option needs the privilege
 *    CAP_NET_RAW. Before Linux 5.7, setting the option always needs this privilege.
 *  - MIO_OPTION_CONGESTION: the name of an algorithm in net.ipv4.tcp_available_congestion_control. Without the
 *    privilege CAP_NET_ADMIN, a program can choose only an algorithm in tcp_allowed_congestion_control.
 *  - MIO_OPTION_BIND_ADDRESS_NO_PORT: the option is for clients that bind to an address and port 0, and then connect.
 *    The system chooses the port only when the client connects. Before the connect, the port is 0. With the option,
 *    several connections can use the same local port if their remote addresses differ. So one local address can have
 *    more connections than there are ports.
 *  - MIO_OPTION_MTU_DISCOVER: the option is for UDP, because TCP segments fit the path MTU anyway.
 *    net.ipv4.ip_no_pmtu_disc sets the default, usually MIO_MTU_WANT.
 *  - MIO_OPTION_PATH_MTU: the length includes the headers of the packet. The system knows the path MTU only for a
 *    connected socket. On an unconnected socket, reading the option fails with -ENOTCONN. Linux forgets the route, and
 *    returns this error until the next send, if the program sets MIO_OPTION_TOS, MIO_OPTION_TRAFFIC_CLASS,
 *    MIO_OPTION_MARK or MIO_OPTION_BIND_DEVICE. If sending fails with -EMSGSIZE, the path MTU may have become smaller.
 *    The error queue also reports the path MTU (mio_queued_error).
 *  - MIO_OPTION_MULTICAST_ALL: with 1, the default of Linux, the socket also receives the datagrams of groups that only
 *    other sockets of this host have joined. The address and port that the socket is bound to must match the
 *    destination of the datagram. With 0, the socket receives only the datagrams of groups that it has joined itself.
 *    If the system lacks the option, setting it fails with -ENOTSUP.
 *  - MIO_OPTION_UDP_GRO: the system can join consecutive datagrams of one sender into one message. All these datagrams
 *    have the same length, but the last one may be shorter. The function mio_ancillary_segment_size returns this
 *    length. Provide a buffer of 65535 bytes. Setting the option fails with -ENOTSUP if the system lacks the option.
 *  - MIO_OPTION_UDP_SEGMENT: the value is 0 to 65535 bytes. The function mio_ancillary_set_segment_size overrides the
 *    option for one message. If the system lacks the option, setting it fails with -ENOTSUP.
 *  - MIO_OPTION_PASS_HANDLES: 1 is the default. With 0, a peer that sends descriptors to this socket gets -EPERM. So no
 *    peer can fill the descriptor table of this process. Descriptors that a peer sent before the option became 0 still
 *    arrive. The socket itself can still send descriptors. If the program changes the option of a listener, the new
 *    value applies to every client that connects afterwards. The value applies even before the listener accepts the
 *    client. Before Linux 6.16, setting the option fails with -ENOTSUP.
 */

/*
 * These functions read or set one option of the socket in a source.
 * Safety: threads. Errors: EINVAL (null, a value out of range, an option whose value is a text, or an option that the
 * kind or state of the socket does not allow, such as MIO_OPTION_MULTICAST_TTL_V4 of a stream or MIO_OPTION_ONLY_V6 of
 * a bound socket), EBADF (closed), ENOPROTOOPT (no such option for this kind of socket), ENODEV and EADDRNOTAVAIL (no
 * such interface), EPERM (a privilege is missing), ENOTSUP (the system does not have the option, cannot read
 * MIO_OPTION_MULTICAST_INTERFACE_V4, or cannot set MIO_OPTION_PATH_MTU), ENOTCONN (MIO_OPTION_PATH_MTU without a peer),
 * ENOTSOCK (not a socket), ENOBUFS, ENOMEM. Since 1.0. Uses: getsockopt(2), setsockopt(2), socket(7), ip(7), ipv6(7),
 * tcp(7).
 */
MIO_API int mio_source_option(const mio_source *source, int option, int64_t *value);
MIO_API MIO_MUST_CHECK int mio_source_set_option(mio_source *source, int option, int64_t value);

/* A buffer of this size holds every text that mio_source_text_option writes. Since 1.0. */
#define MIO_OPTION_TEXT_SIZE 64

/*
 * These functions read or set one option whose value is a text. Like snprintf, mio_source_text_option writes at most
 * `size` bytes, including a final null byte. It returns the length of the whole text, without this null byte. `text`
 * may be null if `size` is 0.
 * Safety: threads. Errors: EINVAL (null, an option whose value is a number, "" for MIO_OPTION_CONGESTION), EBADF
 * (closed), ENOPROTOOPT (no such option for this kind of socket), ENODEV (no such interface), ENOENT (no such
 * algorithm), EPERM (a privilege is missing), ENAMETOOLONG (more than 15 bytes), ENOTSUP (the system does not have the
 * option), ENOTSOCK (not a socket), ENOBUFS, ENOMEM. Since 1.0. Uses: getsockopt(2), setsockopt(2).
 */
MIO_API int mio_source_text_option(const mio_source *source, int option, char *text, size_t size);
MIO_API MIO_MUST_CHECK int mio_source_set_text_option(mio_source *source, int option, const char *text);

MIO_END_DECLS

#endif /* MIO_OPTION_H */
