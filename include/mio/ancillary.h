/* SPDX-License-Identifier: MIT */
/* Ancillary data accompanies the bytes and the address of a datagram. */
#ifndef MIO_ANCILLARY_H
#define MIO_ANCILLARY_H

#include <mio/addr.h>
#include <mio/base.h>

MIO_BEGIN_DECLS

/*
 * mio_ancillary: the ancillary data of one datagram. The caller provides the struct. The content has the format of the
 * system, so the library copies nothing. The struct holds the data of a received datagram, or data to send. The program
 * can send the data several times. The functions mio_ancillary_set_* write data to send. The other functions read
 * received data. Receiving overwrites the previous contents. If all bytes of a struct are zero, the struct is empty. A
 * program may move the struct with memcpy. The struct has space for the data of all MIO_OPTION_RECEIVE_ options at
 * once, and for all data that a program can set. Since 1.0. Uses: cmsg(3).
 */
typedef struct mio_ancillary {
    uint64_t opaque[64];
} mio_ancillary;

/* Empties `ancillary`. The call leaves some bytes of the struct unchanged. For null, the call does nothing. Safety: one
 * thread, signals. Since 1.0. */
MIO_API void mio_ancillary_clear(mio_ancillary *ancillary);

/*
 * Stores the destination address of the datagram, with port 0, and the index of the interface where the datagram
 * arrived. `addr` and `interface_index` may be null. To answer from the destination address, pass the address to
 * mio_ancillary_set_source. Do not pass a multicast or broadcast address. On an IPv6 socket, a datagram over IPv4 has
 * an IPv4-mapped destination.
 * Safety: threads, signals. Errors: EINVAL (null ancillary), ENODATA (no such data; see
 * MIO_OPTION_RECEIVE_DESTINATION). Since 1.0. Uses: IP_PKTINFO of ip(7), or IP_RECVDSTADDR and IP_RECVIF of BSDs,
 * IPV6_PKTINFO of RFC 3542.
 */
MIO_API int mio_ancillary_destination(const mio_ancillary *ancillary, mio_addr *addr, uint32_t *interface_index);

/* Explicit congestion notification (ECN) uses the two low bits of a type of service (tos). Since 1.0. Uses: RFC
 * 3168. */
#define MIO_ECN_MASK 0x3
#define MIO_ECN_NOT_ECT 0x0 /* the transport of the sender does not support ECN */
#define MIO_ECN_ECT_1 0x1   /* the transport of the sender supports ECN */
#define MIO_ECN_ECT_0 0x2   /* the transport of the sender supports ECN */
#define MIO_ECN_CE 0x3      /* a router met congestion */

/* Returns the type of service (IPv4) or the traffic class (IPv6), 0 to 255. The value consists of six bits of DSCP and
 * two bits of ECN.
 * Safety: threads, signals. Errors: EINVAL (null), ENODATA (no such data; see MIO_OPTION_RECEIVE_TOS). Since 1.0. Uses:
 * IP_TOS of ip(7), IPV6_TCLASS of RFC 3542. */
MIO_API int mio_ancillary_tos(const mio_ancillary *ancillary);

/* Returns the time to live (IPv4) or the hop limit (IPv6) that was left when the datagram arrived, 0 to 255. Safety:
 * threads, signals. Errors: EINVAL (null), ENODATA (no such data; see MIO_OPTION_RECEIVE_TTL). Since 1.0. Uses: IP_TTL
 * of ip(7), IPV6_HOPLIMIT of RFC 3542. */
MIO_API int mio_ancillary_ttl(const mio_ancillary *ancillary);

/* Stores the time when the kernel received the datagram, in nanoseconds since 1970 on the system's clock. This clock
 * can jump when the date is set, unlike the clock of mio_clock_now. Safety: threads, signals. Errors: EINVAL (null),
 * ENODATA (no such data; see MIO_OPTION_RECEIVE_TIMESTAMP). Since 1.0. Uses: SO_TIMESTAMPNS of socket(7), SO_TIMESTAMP
 * of BSDs. */
MIO_API int mio_ancillary_timestamp(const mio_ancillary *ancillary, int64_t *time_ns);

/* Stores the original destination, with its port, of a datagram that the system redirected to this socket (TPROXY).
 * Safety: threads, signals. Errors: EINVAL (null), ENODATA (no such data; see MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION).
 * Since 1.0. Uses: IP_RECVORIGDSTADDR of ip(7). */
MIO_API int mio_ancillary_original_destination(const mio_ancillary *ancillary, mio_addr *addr);

/* Stores how many datagrams the system has dropped because the receive buffer was full. The system counts from the
 * opening of the socket until the arrival of this datagram. The number wraps around at 2^32. Safety: threads, signals.
 * Errors: EINVAL (null), ENODATA (no datagram was dropped, or no such data; see MIO_OPTION_RECEIVE_DROPS). Since 1.0.
 * Uses: SO_RXQ_OVFL of socket(7). */
MIO_API int mio_ancillary_drops(const mio_ancillary *ancillary, uint32_t *count);

/* If a message consists of several datagrams, returns their common length. Only the last datagram may be shorter.
 * Safety: threads, signals. Errors: EINVAL (null), ENODATA (the message is a single datagram; see MIO_OPTION_UDP_GRO).
 * Since 1.0. Uses: UDP_GRO of udp(7). */
MIO_API int mio_ancillary_segment_size(const mio_ancillary *ancillary);

/*
 * These functions set data to send. Setting a value again replaces the old value. If `ancillary` holds received data,
 * call mio_ancillary_clear first.
 *
 * The function mio_ancillary_set_source sets the source address of the datagram, and the index of the interface that
 * sends the datagram. This function ignores the port of the address. If the address is 0.0.0.0 or ::, the system
 * chooses an address. If `interface_index` is 0, the system uses the interface in the scope of the address. If the
 * address has no scope either, the system chooses the interface. The address and the destination must have the same
 * family.
 *
 * The function mio_ancillary_set_tos sets the type of service (IPv4) or the traffic class (IPv6), 0 to 255. The
 * function mio_ancillary_set_ttl sets the time to live (IPv4) or the hop limit (IPv6), 1 to 255. The function
 * mio_ancillary_set_segment_size sets the segment size. With a segment size of 1 to 65535, the system splits the
 * message into datagrams of this length. The last datagram may be shorter. Linux splits a message into at most 64
 * datagrams, and since 6.9 into at most 128. With a segment size of 0, the system sends one datagram, even if
 * MIO_OPTION_UDP_SEGMENT is set. Linux before 4.18 ignores the segment size, and lacks MIO_OPTION_UDP_SEGMENT. So read
 * this option first, and if reading fails, do not set a segment size.
 *
 * Safety: one thread, signals. Errors: EINVAL (null, a value out of range, an interface that is not the scope of the
 * address, or `ancillary` holds received data), EAFNOSUPPORT (an address that is not IP), ENOTSUP (the system can set
 * the value only for a whole socket). Since 1.0. Uses: IP_PKTINFO, IP_TOS and IP_TTL of ip(7), IP_SENDSRCADDR of BSDs,
 * IPV6_PKTINFO, IPV6_TCLASS and IPV6_HOPLIMIT of RFC 3542, UDP_SEGMENT of udp(7).
 */
MIO_API MIO_MUST_CHECK int mio_ancillary_set_source(mio_ancillary *ancillary, const mio_addr *addr,
                                                    uint32_t interface_index);
MIO_API MIO_MUST_CHECK int mio_ancillary_set_tos(mio_ancillary *ancillary, int tos);
MIO_API MIO_MUST_CHECK int mio_ancillary_set_ttl(mio_ancillary *ancillary, int ttl);
MIO_API MIO_MUST_CHECK int mio_ancillary_set_segment_size(mio_ancillary *ancillary, int size);

MIO_END_DECLS

#endif /* MIO_ANCILLARY_H */
