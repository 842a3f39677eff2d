/* SPDX-License-Identifier: MIT */
/* The readiness word remembers the readiness of one edge-triggered source. */
#ifndef MIO_READINESS_H
#define MIO_READINESS_H

#include <errno.h>
#include <mio/base.h>
#include <mio/event.h>
#include <mio/interest.h>

MIO_BEGIN_DECLS

/*
 * A readiness word is a uint32_t that the program keeps beside a source, with the bits of <mio/interest.h>. After each
 * event, mio_readiness_add sets bits of the word. After -EAGAIN, mio_readiness_after clears bits of the word. Each edge
 * causes only one event. If a program stops reading before a call returns -EAGAIN, no further event reports the bytes
 * that are left. While the word has MIO_READABLE, the program can continue to read without a new event. While the word
 * has MIO_WRITABLE, the program can continue to write. Set the word to 0 whenever you register the source. A program
 * may set bits itself: at worst the next call returns -EAGAIN, and mio_readiness_after clears the bits.
 */

/* Sets the readiness bits of `event` in *word, and keeps the bits that are already set. Safety: one thread, signals.
 * Since 1.0. */
MIO_INLINE void mio_readiness_add(uint32_t *word, const mio_event *event)
{
    *word |= event->readiness;
}

/*
 * If `result` is -EAGAIN, clears in *word the bits that `bits` contains. Returns `result`. `result` is the result of a
 * read, write, accept, send or receive. `bits` is MIO_READABLE after a read, an accept or a receive, and MIO_WRITABLE
 * after a write or a send.
 * Safety: one thread, signals. Since 1.0.
 */
MIO_INLINE int64_t mio_readiness_after(uint32_t *word, uint32_t bits, int64_t result)
{
    if (result == -EAGAIN) *word &= ~bits;
    return result;
}

MIO_END_DECLS

#endif /* MIO_READINESS_H */
