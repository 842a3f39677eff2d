/* SPDX-License-Identifier: MIT */
/* Events, which a wait returns. Each event has the token of a source that is ready. */
#ifndef MIO_EVENT_H
#define MIO_EVENT_H

#include <mio/base.h>
#include <mio/interest.h>

MIO_BEGIN_DECLS

/*
 * mio_event: one source became ready. `token` is the value from the registration of the source. `readiness` has the
 * portable bits of <mio/interest.h>. `os_bits` has the bits that the system returned (EPOLLIN and so on), for details
 * that the portable bits do not express. An error or a hang-up also sets MIO_READABLE and MIO_WRITABLE, so a loop can
 * test only these two bits. An edge-triggered event can omit readiness that an earlier event has reported. An event has
 * 16 bytes on every machine. `reserved` exists only where pointers have 32 bits, and has no meaning. Since 1.0.
 */
typedef struct mio_event {
    uintptr_t token;
    uint32_t readiness;
    uint32_t os_bits;
#if UINTPTR_MAX <= UINT32_MAX
    uint32_t reserved;
#endif
} mio_event;

/*
 * Each of the following functions tests one bit of the event, and returns 1 or 0. Every system reports that a source
 * becomes readable or writable. The other bits are hints. If a hint is set, its condition is true. If a hint is not
 * set, its condition can still be true. Safety: threads, signals. Since 1.0.
 */
MIO_INLINE int mio_event_is_readable(const mio_event *event)
{
    return (event->readiness & MIO_READABLE) != 0;
}

MIO_INLINE int mio_event_is_writable(const mio_event *event)
{
    return (event->readiness & MIO_WRITABLE) != 0;
}

MIO_INLINE int mio_event_is_error(const mio_event *event)
{
    return (event->readiness & MIO_ERROR) != 0;
}

MIO_INLINE int mio_event_is_read_closed(const mio_event *event)
{
    return (event->readiness & MIO_READ_CLOSED) != 0;
}

MIO_INLINE int mio_event_is_write_closed(const mio_event *event)
{
    return (event->readiness & MIO_WRITE_CLOSED) != 0;
}

MIO_INLINE int mio_event_is_priority(const mio_event *event)
{
    return (event->readiness & MIO_PRIORITY) != 0;
}

MIO_INLINE int mio_event_is_aio(const mio_event *event)
{
    return (event->readiness & MIO_AIO) != 0;
}

MIO_INLINE int mio_event_is_lio(const mio_event *event)
{
    return (event->readiness & MIO_LIO) != 0;
}

/* A buffer of this size holds every text that mio_event_format writes. Since 1.0. */
#define MIO_EVENT_TEXT_SIZE 160

/*
 * Writes an event as text for a log, such as "token=7 READABLE | READ_CLOSED os=0x2001". Like mio_interest_format, the
 * function returns the length of the whole text, and truncates a text that does not fit. Safety: threads, signals.
 * Errors: EINVAL. Since 1.0.
 */
MIO_API int mio_event_format(const mio_event *event, char *text, size_t size);

MIO_END_DECLS

#endif /* MIO_EVENT_H */
