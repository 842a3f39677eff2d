/* SPDX-License-Identifier: MIT */
/* A waker lets another thread or a signal handler end a wait. */
#ifndef MIO_WAKER_H
#define MIO_WAKER_H

#include <mio/base.h>
#include <mio/registry.h>

MIO_BEGIN_DECLS

/* mio_waker: an opaque waker, made by mio_waker_new. Since 1.0. */
typedef struct mio_waker mio_waker;

/*
 * Makes a waker and stores it in *waker. After a wake, the next wait on the poll object of `registry` returns a
 * readable event with `token`. A poll object can have any number of wakers. The caller owns the waker, and frees it
 * with mio_waker_free before or after the poll object.
 * Safety: threads. Errors: EINVAL, EBADF (the poll object is freed), ENOMEM, EMFILE, ENFILE, ENOSPC, EPERM (a sandbox
 * forbids both eventfd(2) and pipe2(2)). Since 1.0. Uses: eventfd(2), else pipe2(2).
 */
MIO_API MIO_MUST_CHECK int mio_waker_new(mio_waker **waker, mio_registry *registry, uintptr_t token);

/*
 * Sends a wake: the current or the next wait on the poll object returns the event of the waker. Wakes coalesce. Until a
 * wait returns the event, further wakes add no second event. Until any wait returns, they also make no system call.
 * When a wait returns the event, the waiting thread sees everything that the calling thread wrote before the wake.
 * After the poll object has been freed, a wake does nothing. A call that fails has not sent the wake, so the program
 * can try again. The failure does not affect other wakes.
 * Safety: threads, signals; errno is kept. Errors: EINVAL, EBADF (other code closed the waker's descriptor), ENOMEM,
 * EPERM (a sandbox forbids write(2)). Since 1.0. Uses: write(2).
 */
MIO_API int mio_waker_wake(mio_waker *waker);

/* Frees a waker that no thread is using. A wait that begins after this call does not return the token of the waker.
 * For null, the call does nothing.
 * Safety: one thread. Since 1.0. Uses: close(2). */
MIO_API void mio_waker_free(mio_waker *waker);

MIO_END_DECLS

#endif /* MIO_WAKER_H */
