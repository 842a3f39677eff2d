/* SPDX-License-Identifier: MIT */
/* The poll object: waits until something that is registered with it is ready. */
#ifndef MIO_POLL_H
#define MIO_POLL_H

#include <mio/base.h>
#include <mio/event.h>
#include <mio/registry.h>
#include <mio/safe.h>

MIO_BEGIN_DECLS

/* mio_poll: an opaque poll object, made by mio_poll_new. Since 1.0. */
typedef struct mio_poll mio_poll;

/*
 * mio_poll_options: what mio_poll_new may be told. Start from MIO_POLL_OPTIONS_INIT, which fills in `size`: it tells
 * the library which version of the struct the caller knows. Since 1.0.
 */
typedef struct mio_poll_options {
    uint32_t size;       /* sizeof(mio_poll_options) as compiled */
    uint32_t flags;      /* MIO_POLL_RESTART or 0 */
    const char *backend; /* "epoll", ...; null: that of the environment, MIO_BACKEND, else the best of the system */
} mio_poll_options;

#define MIO_POLL_OPTIONS_INIT                                                                                          \
    {                                                                                                                  \
        sizeof(mio_poll_options), 0, NULL                                                                              \
    }

/* A wait that a signal interrupts goes on with the time that is left, instead of returning -EINTR. Since 1.0. */
#define MIO_POLL_RESTART 0x1u

/* Bits of mio_poll_capabilities: what the backend of a poll object can do. Since 1.0. */
#define MIO_CAN_EDGE 0x001u      /* edge-triggered for every descriptor, without rearming */
#define MIO_CAN_LEVEL 0x002u     /* MIO_LEVEL */
#define MIO_CAN_ONESHOT 0x004u   /* MIO_ONESHOT */
#define MIO_CAN_EXCLUSIVE 0x008u /* MIO_EXCLUSIVE */
#define MIO_CAN_PRIORITY 0x010u  /* MIO_PRIORITY */
#define MIO_CAN_CLOSED 0x020u    /* MIO_CLOSED as an interest of its own */
#define MIO_CAN_AIO 0x040u       /* MIO_AIO */
#define MIO_CAN_LIO 0x080u       /* MIO_LIO */
#define MIO_CAN_NEST 0x100u      /* mio_poll_handle: the poll object can be watched itself */
#define MIO_CAN_NS 0x200u        /* waits are exact to less than a millisecond */
#define MIO_CAN_SIGMASK 0x400u   /* mio_poll_wait_masked is atomic */
#define MIO_CAN_CLOSE 0x800u     /* closing a bare descriptor, and its duplicates, ends its registration */

/*
 * Makes a poll object and stores it in *poll. `options` may be null: the best backend of the system, -EINTR returned.
 * All memory that waiting, registering and waking need is taken here. The caller owns the object and ends it with
 * mio_poll_free.
 * Safety: threads. Errors: EINVAL (null poll, unknown flags, a size below the first version's), E2BIG (options of a
 * newer version ask for what this library does not know), ENOTSUP (no backend here has the name in `backend` or, where
 * that is null, in MIO_BACKEND; see mio_poll_backend_name), ENOMEM, EMFILE (also for more than 65535 poll objects),
 * ENFILE. Since 1.0. Uses: epoll_create1(2).
 */
MIO_API MIO_MUST_CHECK int mio_poll_new(mio_poll **poll, const mio_poll_options *options);

/*
 * Ends a poll object. What is registered stays open, belongs to the caller and may be registered with another. Wakers
 * and cloned registries stay valid and do nothing useful any more. Null is ignored.
 * No thread may be waiting on it: that is an error which is not found out. Wake the thread, and free when it has left.
 * Only while a waker or a cloned registry keeps it in memory does such a thread come to no harm: an event ends its wait
 * as before, a waker no longer does, and waits that begin later are -EBADF.
 * Safety: one thread. Since 1.0. Uses: close(2).
 */
MIO_API void mio_poll_free(mio_poll *poll);

/*
 * Waits until something is ready and stores up to `capacity` events in `events`; what does not fit comes with the next
 * wait. Returns how many, or 0 when `timeout_ns` nanoseconds have passed. A negative timeout waits for ever, 0 only
 * looks, and never waits for another thread. The time is counted once, rounded up to the clock and never shortened;
 * time that the system is suspended does not count. Events come in no particular order. An event can be spurious: be
 * ready for -EAGAIN.
 * Several threads may wait on one poll object: with MIO_ONESHOT, or edge, each event goes to one of them.
 * Safety: threads. Errors: EINVAL (null, or capacity 0), EINTR (a signal handler ran, or with epoll the process was
 * stopped and goes on; not with MIO_POLL_RESTART), EFAULT (epoll: `events` is not memory), EMFILE (poll: RLIMIT_NOFILE
 * is below the number of registrations), ENOMEM (poll: the system has no memory for as many), ECHILD (the poll object
 * is the parent process's), EBADF (it is freed, and kept in memory by a waker or a cloned registry). After an error
 * `events` has no meaning. Since 1.0. Uses: epoll_pwait2(2), else epoll_pwait(2).
 */
MIO_API MIO_MUST_CHECK int mio_poll_wait(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns);

/*
 * The same, until a moment on the clock of mio_clock_now; a moment that has passed only looks, INT64_MAX waits for
 * ever. Safety and errors as mio_poll_wait. Since 1.0. Uses: clock_gettime(2) with CLOCK_MONOTONIC.
 */
MIO_API MIO_MUST_CHECK int mio_poll_wait_until(mio_poll *poll, mio_event *events, size_t capacity, int64_t deadline_ns);

/*
 * The same as mio_poll_wait with the thread's signal mask replaced by *mask for the time of the wait and in one step
 * with it, so that a signal cannot slip in between. What mio_signal_mask_block has stored is such a mask; of a sigset_t
 * mio_signal_mask_from_sigset makes one. Null leaves the mask alone. A pending signal is let through only where the
 * call has to wait: not while there are events, nor, with epoll, with a timeout of 0.
 * Safety as mio_poll_wait. Errors: also ENOTSUP (the backend lacks MIO_CAN_SIGMASK). Since 1.0. Uses: epoll_pwait(2).
 */
MIO_API MIO_MUST_CHECK int mio_poll_wait_masked(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns,
                                                const mio_signal_mask *mask);

/* The time now, in nanoseconds, on the clock that mio_poll_wait_until counts on. Safety: threads, signals. Since 1.0.
 * Uses: clock_gettime(2) with CLOCK_MONOTONIC. */
MIO_API int64_t mio_clock_now(void);

/* The registry of a poll object. It belongs to the poll object: do not free it, and clone it to keep it longer. Null
 * for null. Safety: threads. Since 1.0. */
MIO_API mio_registry *mio_poll_registry(mio_poll *poll);

/*
 * The descriptor of the poll object itself, readable when a wait would return events: register it with another poller
 * to nest one loop in another. Borrowed: do not close it, nor wait on it.
 * Safety: threads. Errors: EINVAL, ENOTSUP (the backend lacks MIO_CAN_NEST), and ECHILD and EBADF as mio_poll_wait.
 * Since 1.0. Uses: epoll(7).
 */
MIO_API MIO_MUST_CHECK mio_handle mio_poll_handle(const mio_poll *poll);

/* The name of the backend in use, "epoll"; a constant, never freed; null for null. Safety: threads. Since 1.0. */
MIO_API const char *mio_poll_backend(const mio_poll *poll);

/* The MIO_CAN_ bits of the backend in use; 0 for null. Safety: threads. Since 1.0. */
MIO_API uint32_t mio_poll_capabilities(const mio_poll *poll);

/*
 * Stores the MIO_CAN_ bits that a poll object with that backend would have here and now. A null name is the backend
 * that mio_poll_new takes without options. To find out it makes a poll object, and ends it.
 * Safety: threads. Errors: EINVAL (null capabilities), ENOTSUP (no backend of that name here), ENOMEM, EMFILE, ENFILE.
 * Since 1.0.
 */
MIO_API MIO_MUST_CHECK int mio_poll_backend_capabilities(const char *name, uint32_t *capabilities);

/* The name of the index-th backend that this library has, best first; null past the last. Safety: threads, signals.
 * Since 1.0. */
MIO_API const char *mio_poll_backend_name(size_t index);

/*
 * Writes the state of a poll object to any descriptor, as text for people, whose form can change with every release:
 * the backend and what it can do, the number of references and of waits that have returned, and a line for each
 * registration with its handle, token and interest. What the next wait does not look for says so: "reported" is a
 * oneshot that awaits its reregistration or an edge that awaits its rearming. Under epoll the list is the kernel's,
 * which does not tell MIO_CLOSED beside MIO_READABLE, nor the interest of a oneshot that was reported; without /proc it
 * is not known, and the text says so. While other threads register, what they change may be missing. Takes no memory;
 * raises no SIGPIPE and no SIGXFSZ. A descriptor that is non-blocking and full ends the text early.
 * Safety: threads. Errors: EINVAL (null), ECHILD and EBADF as mio_poll_wait, and those of mio_safe_write. Since 1.0.
 * Uses: proc(5).
 */
MIO_API int mio_poll_dump(mio_poll *poll, mio_handle handle);

MIO_END_DECLS

#endif /* MIO_POLL_H */
