/* SPDX-License-Identifier: MIT */
/* What the sockets and pipes of mio have in common. */
#ifndef MIO_SOURCE_H
#define MIO_SOURCE_H

#include <mio/addr.h>
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

/* Flags of mio_tcp_stream_send and mio_unix_stream_send. Since 1.0. Uses: MSG_MORE, MSG_OOB of send(2). */
#define MIO_SEND_MORE UINT32_C(0x1) /* more follows at once: TCP may wait for it to fill a segment, others ignore it */
#define MIO_SEND_OOB UINT32_C(0x2)  /* the last byte is out-of-band, and announced ahead of the others */

/* Bits of the `flags` that come with a received message. Since 1.0. */
#define MIO_MESSAGE_TRUNCATED UINT32_C(0x1)           /* it was longer than the buffer, and its end is lost */
#define MIO_MESSAGE_HANDLES_TRUNCATED UINT32_C(0x2)   /* it brought descriptors for which there was no room; closed */
#define MIO_MESSAGE_CREDENTIALS UINT32_C(0x4)         /* it brought credentials, and they have been stored */
#define MIO_MESSAGE_ANCILLARY_TRUNCATED UINT32_C(0x8) /* it brought more ancillary data than there was room for */

/* Where a queued error comes from; what is not listed has a number of its own. Since 1.0. Uses: SO_EE_ORIGIN_ of
 * recv(2). */
#define MIO_ORIGIN_NONE 0
#define MIO_ORIGIN_LOCAL 1         /* this host: with EMSGSIZE, `info` is the longest packet that would pass */
#define MIO_ORIGIN_ICMP 2          /* an answer by ICMP; with EMSGSIZE, `info` is the same of the way there */
#define MIO_ORIGIN_ICMP6 3         /* by ICMPv6; `info` as for ICMP */
#define MIO_ORIGIN_TIMESTAMP 4     /* no error: when something was sent */
#define MIO_ORIGIN_ZEROCOPY 5      /* no error: the sends numbered `info` to `data` have given their memory back */
#define MIO_ORIGIN_TRANSMIT_TIME 6 /* a time to send at was missed, or was wrong */

/*
 * mio_queued_error: an error that came back for something that was sent, with as much of that as came along. Start from
 * MIO_QUEUED_ERROR_INIT, which fills in `size`; set the pieces and addresses that are wanted. The rest is stored by the
 * call. Since 1.0. Uses: struct sock_extended_err of recv(2).
 */
typedef struct mio_queued_error {
    uint32_t size;           /* sizeof(mio_queued_error) as compiled */
    uint32_t flags;          /* 0, or MIO_MESSAGE_TRUNCATED: what was sent is longer than there was room for */
    const mio_iovec *pieces; /* room for what was sent, in turn */
    size_t piece_count;      /* 0 to 1024 */
    size_t length;           /* how many bytes were stored */
    mio_addr *offender;      /* not null: who answered is stored there, with port 0; none for a local error */
    mio_addr *destination;   /* not null: where it was sent to; no address where it is unknown, port 0 where that is */
    int32_t error;           /* a negative errno value, such as -ECONNREFUSED, or 0 for what is no error */
    uint32_t origin;         /* a MIO_ORIGIN_ */
    uint32_t type;           /* of ICMP and ICMPv6: the type and code of the answer */
    uint32_t code;
    uint32_t info; /* what the origin says of them, else 0 */
    uint32_t data;
} mio_queued_error;

#define MIO_QUEUED_ERROR_INIT                                                                                          \
    {                                                                                                                  \
        sizeof(mio_queued_error), 0, NULL, 0, 0, NULL, NULL, 0, 0, 0, 0, 0, 0                                          \
    }

/*
 * Runs an operation that mio has no function for on the descriptor of a source: `operation` is called once with the
 * descriptor and `context`, and what it returns is returned: a count, or a negative errno value. Returning -EAGAIN
 * says that the readiness is used up. Do not close the descriptor in it.
 * Safety: threads. Errors: EINVAL (null), EBADF (closed), and the operation's own. Since 1.0.
 */
MIO_API int64_t mio_source_try_io(mio_source *source, int64_t (*operation)(mio_handle handle, void *context),
                                  void *context);

MIO_END_DECLS

#endif /* MIO_SOURCE_H */
