/* SPDX-License-Identifier: MIT */
/* What the sockets and pipes of mio have in common. */
#ifndef MIO_SOURCE_H
#define MIO_SOURCE_H

#include <mio/base.h>

MIO_BEGIN_DECLS

/*
 * mio_source: the storage of anything that can be registered, the first member of every socket and pipe type. The
 * caller provides it, on the stack, in a struct or an array, and may move it with memcpy. All zero is closed; the verbs
 * that open a source overwrite whatever was there. A call on a closed source is -EBADF. Since 1.0.
 */
typedef struct mio_source {
    uint64_t opaque[4];
} mio_source;

/* A backlog as long as the system allows (net.core.somaxconn), for every listener. Since 1.0. */
#define MIO_BACKLOG_MAX (-1)

/* Which sides a shutdown ends, for every socket that has one. Since 1.0. */
#define MIO_SHUTDOWN_READ 0
#define MIO_SHUTDOWN_WRITE 1
#define MIO_SHUTDOWN_BOTH 2

/* Bits of the `flags` that come with a received message. Since 1.0. */
#define MIO_MESSAGE_TRUNCATED UINT32_C(0x1)         /* it was longer than the buffer, and its end is lost */
#define MIO_MESSAGE_HANDLES_TRUNCATED UINT32_C(0x2) /* it brought descriptors for which there was no room; closed */
#define MIO_MESSAGE_CREDENTIALS UINT32_C(0x4)       /* it brought credentials, and they have been stored */

/*
 * Runs an operation that mio has no function for on the descriptor of a source: `operation` is called once with the
 * descriptor and `context`, and what it returns is returned: a count, or a negative errno value. Returning -EAGAIN
 * says that the readiness is used up. Do not close the descriptor in it.
 * Safety: threads. Errors: EINVAL (null), EBADF (closed), and the operation's own. Since 1.0.
 */
MIO_API int64_t mio_source_try_io(mio_source *source, int64_t (*operation)(mio_handle handle, void *context),
                                  void *context);

/*
 * Options of sockets, for mio_source_option and mio_source_set_option. Booleans are 0 and 1. Since 1.0.
 */
#define MIO_OPTION_TTL 1                     /* IP_TTL: hops of what is sent over IPv4, 1 to 255 */
#define MIO_OPTION_HOP_LIMIT 2               /* IPV6_UNICAST_HOPS: the same over IPv6, 0 to 255; -1: the system's */
#define MIO_OPTION_NODELAY 3                 /* TCP_NODELAY: send small segments at once */
#define MIO_OPTION_BROADCAST 4               /* SO_BROADCAST: may send to broadcast addresses */
#define MIO_OPTION_ONLY_V6 5                 /* IPV6_V6ONLY: no IPv4 over this IPv6 socket; set before it is bound */
#define MIO_OPTION_MULTICAST_LOOP_V4 6       /* IP_MULTICAST_LOOP: what is sent comes back to this host */
#define MIO_OPTION_MULTICAST_LOOP_V6 7       /* IPV6_MULTICAST_LOOP: the same for IPv6 */
#define MIO_OPTION_MULTICAST_TTL_V4 8        /* IP_MULTICAST_TTL: 0 to 255 */
#define MIO_OPTION_MULTICAST_HOPS_V6 9       /* IPV6_MULTICAST_HOPS: 0 to 255; -1: the system's */
#define MIO_OPTION_MULTICAST_INTERFACE_V4 10 /* IP_MULTICAST_IF: number of the interface that sends, 0: the route's */
#define MIO_OPTION_MULTICAST_INTERFACE_V6 11 /* IPV6_MULTICAST_IF: the same for IPv6 */
#define MIO_OPTION_PASS_CREDENTIALS 64       /* SO_PASSCRED: credentials come with what a Unix socket receives */

/*
 * Reads or sets one option of the socket in a source.
 * Safety: threads. Errors: EINVAL (null, a value out of range, or the socket's kind or state does not allow it: a
 * multicast option of a stream, MIO_OPTION_ONLY_V6 once it is bound), EBADF (closed), ENOPROTOOPT (no such option for
 * this kind of socket), ENODEV and EADDRNOTAVAIL (no such interface), ENOTSUP (not an option that this system has, or
 * one that cannot be read back: MIO_OPTION_MULTICAST_INTERFACE_V4), ENOTSOCK (not a socket). Since 1.0.
 * Uses: getsockopt(2), setsockopt(2).
 */
MIO_API int mio_source_option(const mio_source *source, int option, int64_t *value);
MIO_API MIO_MUST_CHECK int mio_source_set_option(mio_source *source, int option, int64_t value);

MIO_END_DECLS

#endif /* MIO_SOURCE_H */
