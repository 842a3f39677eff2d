/* SPDX-License-Identifier: MIT */
/* Bits for the interest of a registration, and for the readiness of an event. */
#ifndef MIO_INTEREST_H
#define MIO_INTEREST_H

#include <mio/base.h>

MIO_BEGIN_DECLS

/*
 * Both an interest and the readiness of an event can have the following bits. An interest without any of these bits is
 * valid, because events always report errors and hang-ups. Since 1.0.
 */
#define MIO_READABLE 0x01u /* a read or an accept would not block; an interest with this bit includes MIO_CLOSED */
#define MIO_WRITABLE 0x02u /* a write would not block, or a connect has ended */
#define MIO_AIO 0x04u      /* POSIX AIO has completed (kqueue on FreeBSD) */
#define MIO_LIO 0x08u      /* lio_listio(2) has completed (kqueue on FreeBSD) */
#define MIO_PRIORITY 0x10u /* out-of-band data or another exceptional condition (EPOLLPRI) */
#define MIO_CLOSED 0x20u   /* the peer will send no more data (EPOLLRDHUP) */

/*
 * An event can have the following bits, but an interest cannot. The exception is MIO_READ_CLOSED, a second name of
 * MIO_CLOSED. Every system reports MIO_READABLE and MIO_WRITABLE. The other bits are hints that may be missing.
 * Since 1.0.
 */
#define MIO_READ_CLOSED MIO_CLOSED /* the data will end, or the program has shut down the receiving side */
#define MIO_WRITE_CLOSED 0x40u     /* writes will fail; with MIO_ERROR, the bit can also mean only an error */
#define MIO_ERROR 0x80u            /* an error is pending (*_take_error), or the error queue has an entry */

/*
 * Flags of an interest. With the default, MIO_EDGE, an event reports each change of readiness once. Read or write until
 * -EAGAIN. If you stop reading or writing before -EAGAIN, the next event may never come. Since 1.0. Uses: EPOLLET,
 * EPOLLONESHOT, EPOLLEXCLUSIVE of epoll_ctl(2).
 */
#define MIO_EDGE 0u
#define MIO_LEVEL 0x10000u     /* every wait reports the source for as long as it is ready */
#define MIO_ONESHOT 0x20000u   /* one event; then none, not even for an error, until you reregister the source */
#define MIO_EXCLUSIVE 0x40000u /* if several poll objects watch a descriptor, at least one of them gets the event */

/* A buffer of this size holds every text that mio_interest_format writes. Since 1.0. */
#define MIO_INTEREST_TEXT_SIZE 128

/*
 * Writes an interest or the readiness of an event as text. Examples are "READABLE | WRITABLE | ONESHOT" and "EMPTY".
 * Bits without a name become one hexadecimal number. Like snprintf, the function writes at most `size` bytes, including
 * a final null byte. It returns the length of the whole text, without this null byte. `text` may be null if `size` is
 * 0.
 * Safety: threads, signals. Errors: EINVAL. Since 1.0.
 */
MIO_API int mio_interest_format(uint32_t interest, char *text, size_t size);

MIO_END_DECLS

#endif /* MIO_INTEREST_H */
