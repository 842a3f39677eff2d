/* SPDX-License-Identifier: MIT */
/* The poll object waits until a registered source or descriptor is ready. */
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
 * mio_poll_options: the options of mio_poll_new. Start from MIO_POLL_OPTIONS_INIT, which sets `size`. The library uses
 * `size` to distinguish versions of the struct. Since 1.0.
 */
typedef struct mio_poll_options {
    uint32_t size;       /* sizeof(mio_poll_options) when the program was compiled */
    uint32_t flags;      /* MIO_POLL_RESTART or 0 */
    const char *backend; /* such as "epoll"; null: the value of MIO_BACKEND, else the first backend that works */
} mio_poll_options;

#define MIO_POLL_OPTIONS_INIT                                                                                          \
    {                                                                                                                  \
        sizeof(mio_poll_options), 0, NULL                                                                              \
    }

/* A flag of mio_poll_options: if a signal interrupts a wait, the wait continues with the remaining time, and does not
 * return -EINTR. Since 1.0. */
#define MIO_POLL_RESTART 0x1u

/* Bits that mio_poll_capabilities returns. Each bit is a feature of a backend. Since 1.0. */
#define MIO_CAN_EDGE 0x001u      /* supports edge-triggered registrations of every descriptor, without rearming */
#define MIO_CAN_LEVEL 0x002u     /* supports MIO_LEVEL */
#define MIO_CAN_ONESHOT 0x004u   /* supports MIO_ONESHOT */
#define MIO_CAN_EXCLUSIVE 0x008u /* supports MIO_EXCLUSIVE */
#define MIO_CAN_PRIORITY 0x010u  /* supports MIO_PRIORITY */
#define MIO_CAN_CLOSED 0x020u    /* supports MIO_CLOSED in an interest */
#define MIO_CAN_AIO 0x040u       /* supports MIO_AIO */
#define MIO_CAN_LIO 0x080u       /* supports MIO_LIO */
#define MIO_CAN_NEST 0x100u      /* supports mio_poll_handle, so another poller can watch the poll object */
#define MIO_CAN_NS 0x200u        /* waits are exact to less than a millisecond */
#define MIO_CAN_SIGMASK 0x400u   /* mio_poll_wait_masked is atomic */
#define MIO_CAN_CLOSE 0x800u     /* closing a bare descriptor and all its duplicates ends the registration */

/*
 * Makes a poll object and stores it in *poll. If `options` is null, the options are those of MIO_POLL_OPTIONS_INIT. The
 * call allocates all the memory that waiting, registering and waking need. The caller owns the object and frees it with
 * mio_poll_free.
 * Safety: threads. Errors: EINVAL (null poll, unknown flags, a `size` smaller than in mio 1.0), E2BIG (the options use
 * a field that only a newer library knows), ENOTSUP (the library has no backend of the requested name; see
 * mio_poll_backend_name), ENOSYS, EPERM and EACCES (a sandbox forbids the requested backend; without a requested
 * backend, the call uses the next backend), ENOMEM, EMFILE (also for more than 65535 poll objects), ENFILE. Since 1.0.
 * Uses: epoll_create1(2).
 */
MIO_API MIO_MUST_CHECK int mio_poll_new(mio_poll **poll, const mio_poll_options *options);

/*
 * Frees a poll object. Registered sources and descriptors stay open, and still belong to the caller. The caller may
 * register the sources and descriptors with another poll object. Wakers and cloned registries of the poll object stay
 * valid. But waking has no effect, and registering fails. For null, the call does nothing. While the program frees the
 * poll object, no thread may be waiting on it. The library does not check this rule. Wake each waiting thread, and free
 * the object after the waits have returned. If a thread still waits, the wait is safe only while a waker or a cloned
 * registry exists, because the memory of the poll object then stays allocated. An event ends this wait, but a waker
 * cannot end it. Later waits of the thread fail with -EBADF.
 * Safety: one thread. Since 1.0. Uses: close(2).
 */
MIO_API void mio_poll_free(mio_poll *poll);

/*
 * Waits until something is ready and stores up to `capacity` events in `events`. If more events are ready, the next
 * wait returns the other events. Returns the number of events stored, or 0 when `timeout_ns` nanoseconds have passed.
 * With a negative timeout, the call waits for ever. With a timeout of 0, the call returns at once, even while another
 * thread waits. The timeout begins at the start of the call. The call rounds the timeout up to the resolution of the
 * clock, and never shortens the timeout. The time during which the system is suspended does not count. Events come in
 * no particular order. An event can be spurious, so handle -EAGAIN. Several threads may wait on one poll object. Only
 * one of these threads gets an edge-triggered or MIO_ONESHOT event.
 * Safety: threads. Errors: EINVAL (null, or capacity 0), EINTR (a signal handler ran, or with epoll the process was
 * stopped and resumed; not with MIO_POLL_RESTART), EFAULT (with the backend epoll, `events` is not valid memory),
 * EMFILE (with the backend poll, RLIMIT_NOFILE is not above the number of registrations), ENOMEM (with the backend
 * poll, not enough memory to poll all descriptors), ECHILD (the poll object was made before the fork), EBADF (the poll
 * object has been freed, but a waker or a cloned registry keeps its memory; or the program has closed the descriptors
 * of the poll object). After an error `events` has no meaning. Since 1.0. Uses: epoll_pwait2(2), else epoll_wait(2).
 */
MIO_API MIO_MUST_CHECK int mio_poll_wait(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns);

/*
 * Waits like mio_poll_wait, but until a deadline on the clock of mio_clock_now. With a deadline in the past, the call
 * does not block. With INT64_MAX, the call waits for ever. Safety and errors as mio_poll_wait. Since 1.0. Uses:
 * clock_gettime(2) with CLOCK_MONOTONIC.
 */
MIO_API MIO_MUST_CHECK int mio_poll_wait_until(mio_poll *poll, mio_event *events, size_t capacity, int64_t deadline_ns);

/*
 * Waits like mio_poll_wait. During the wait, *mask is the thread's signal mask. The call changes the mask and begins
 * the wait in one atomic step, so no signal can arrive in between. The mask can be the previous mask that
 * mio_signal_mask_block stored, or a sigset_t that mio_signal_mask_from_sigset converted. If `mask` is null, the signal
 * mask stays unchanged. The system delivers a pending signal only if the call has to block. If there are events, or if
 * the timeout is 0 and the backend is epoll, the call does not block. Safety as mio_poll_wait. Errors: also ENOTSUP
 * (the backend lacks MIO_CAN_SIGMASK).
 * Since 1.0. Uses: epoll_pwait(2).
 */
MIO_API MIO_MUST_CHECK int mio_poll_wait_masked(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns,
                                                const mio_signal_mask *mask);

/* Returns the current time, in nanoseconds, on the clock that mio_poll_wait_until uses. Safety: threads, signals. Since
 * 1.0. Uses: clock_gettime(2) with CLOCK_MONOTONIC. */
MIO_API int64_t mio_clock_now(void);

/* Returns the registry of a poll object. If `poll` is null, returns null. The registry belongs to the poll object, so
 * do not free the registry. To keep a registry longer than the poll object, clone the registry. Safety: threads. Since
 * 1.0. */
MIO_API mio_registry *mio_poll_registry(mio_poll *poll);

/*
 * Returns the descriptor of the poll object itself. The descriptor is readable when a wait would return events. To nest
 * one loop in another loop, register this descriptor with the poller of the outer loop. The poll object owns the
 * descriptor, so do not read or close the descriptor.
 * Safety: threads. Errors: EINVAL, ENOTSUP (the backend lacks MIO_CAN_NEST), and ECHILD and EBADF as mio_poll_wait.
 * Since 1.0. Uses: epoll(7).
 */
MIO_API MIO_MUST_CHECK mio_handle mio_poll_handle(const mio_poll *poll);

/* Returns the name of the backend that the poll object uses, such as "epoll". If `poll` is null, returns null. The text
 * is constant. Safety: threads. Since 1.0. */
MIO_API const char *mio_poll_backend(const mio_poll *poll);

/* Returns the MIO_CAN_ bits of the backend that the poll object uses. If `poll` is null, returns 0. Safety: threads.
 * Since 1.0. */
MIO_API uint32_t mio_poll_capabilities(const mio_poll *poll);

/*
 * Stores the MIO_CAN_ bits that a new poll object with the backend `name` would have. If `name` is null, the call uses
 * the backend that mio_poll_new uses without options. To find the bits, the call makes a poll object and frees it
 * again.
 * Safety: threads. Errors: EINVAL (null capabilities), ENOTSUP (the library has no backend of that name), ENOSYS, EPERM
 * and EACCES (a sandbox forbids the backend), ENOMEM, EMFILE, ENFILE. Since 1.0.
 */
MIO_API MIO_MUST_CHECK int mio_poll_backend_capabilities(const char *name, uint32_t *capabilities);

/* Returns the name of the backend with this index, or null if no backend has this index. The best backend has index 0.
 * Safety: threads, signals. Since 1.0. */
MIO_API const char *mio_poll_backend_name(size_t index);

/*
 * Writes the state of a poll object to any descriptor, as text for people. The form of the text can change with every
 * release. The text contains the backend and its capabilities, and the number of references to the poll object. For
 * each registration, the text has a line with the handle, the token and the interest. The word "reported" marks a
 * registration whose whole interest has been reported. Examples are a oneshot registration that the program must
 * reregister, and an edge-triggered registration that the program must rearm. A wait can still report the end, a
 * hang-up or an error of the edge-triggered registration. With epoll, the call reads the registrations from /proc. If
 * an interest has both MIO_READABLE and MIO_CLOSED, /proc does not show MIO_CLOSED. After a oneshot registration has
 * reported its event, /proc no longer shows the interest of this registration. If /proc is missing, the text has the
 * words "not known" and the name of an error in place of the registrations. If other threads change registrations
 * during the call, the text can miss these changes. The call allocates no memory, and raises neither SIGPIPE nor
 * SIGXFSZ. If a non-blocking descriptor is full, the text ends early.
 * Safety: threads. Errors: EINVAL (null), ECHILD and EBADF as mio_poll_wait, and the errors of mio_safe_write. Since
 * 1.0. Uses: proc(5).
 */
MIO_API int mio_poll_dump(mio_poll *poll, mio_handle handle);

MIO_END_DECLS

#endif /* MIO_POLL_H */
