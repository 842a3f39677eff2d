/* SPDX-License-Identifier: MIT */
/* Signals as readiness: a source that is readable when one of its signals has arrived. */
#ifndef MIO_SIGNALS_H
#define MIO_SIGNALS_H

#include <mio/base.h>
#include <mio/source.h>

MIO_BEGIN_DECLS

/*
 * mio_signals: a set of signals in the caller's storage; `source` is for the registry, and the rest says what must be
 * put back. All zero is closed; it may be moved with memcpy. Since 1.0.
 */
typedef struct mio_signals {
    mio_source source;
    uint64_t opaque[4];
} mio_signals;

/*
 * mio_signal_info: a signal that was received. What the system did not tell is 0. Start from MIO_SIGNAL_INFO_INIT,
 * which fills in `size`: it tells the library which version of the struct the caller knows. Since 1.0.
 */
typedef struct mio_signal_info {
    uint32_t size;    /* sizeof(mio_signal_info) as compiled */
    int32_t number;   /* SIGTERM, ... */
    int32_t code;     /* why: SI_USER, SI_QUEUE, CLD_EXITED, ... of sigaction(2) */
    int32_t pid;      /* the sender's process; with SIGCHLD the child's */
    uint32_t uid;     /* and its real user */
    int32_t status;   /* with SIGCHLD: the exit status, or the number of the signal that ended or stopped the child */
    int32_t value;    /* what sigqueue(3) or a timer sent along, as sival_int ... */
    int32_t overrun;  /* from a POSIX timer: expirations that this one signal stands for, beyond the first */
    uint64_t pointer; /* ... and as sival_ptr: the same bytes */
} mio_signal_info;

#define MIO_SIGNAL_INFO_INIT                                                                                           \
    {                                                                                                                  \
        sizeof(mio_signal_info), 0, 0, 0, 0, 0, 0, 0, 0                                                                \
    }

/* A flag of mio_signals_open: catch the signals with a handler that writes to a pipe, also where there is a better way.
 * Since 1.0. */
#define MIO_SIGNALS_SELF_PIPE 0x1u

/*
 * Opens a source for `count` signals, any but SIGKILL, SIGSTOP and the faults (SIGSEGV, SIGBUS, SIGFPE, SIGILL,
 * SIGTRAP, SIGSYS), none of which can be waited for. No other signal is touched. There are two ways, with the same
 * contract:
 *
 *  - The signals are blocked in the calling thread, and the system keeps them for the descriptor: nothing interrupts
 *    the program. This is the way on Linux.
 *  - With MIO_SIGNALS_SELF_PIPE, and where the system refuses the first way, a handler is installed and the signals are
 *    unblocked in the calling thread. System calls are restarted after it, but a wait returns -EINTR, unless its poll
 *    object has MIO_POLL_RESTART.
 *
 * Several sets may be open. A signal that more than one of them names goes to one of them: to the set that receives
 * first, with handlers to the newest. Once the last of them is closed, in whatever order, what the first one changed is
 * as it was before. The mask is that of one thread, so sets that share a signal belong in one thread. A handler that
 * somebody else installed over that of mio is left alone.
 *
 * Threads: a signal to the process goes to any thread that does not block it. Call mio_signal_mask_block of
 * <mio/safe.h> with the same numbers before the first thread is started, as all threads inherit that, then open the set
 * in the thread that polls, and close it there. A signal to one thread (pthread_kill(3)) must go to that thread.
 *
 * Children: fork(2) and execve(2) hand the mask down, so a program that is started while a set is open has the signals
 * blocked, and may never notice a SIGTERM. Between the two, or by posix_spawnattr_setsigmask(3), restore the mask:
 * mio_signal_mask_restore with what mio_signal_mask_block saved, or mio_signal_mask_unblock_all. (A handler is not
 * handed down by execve.) A child that goes on without execve opens a set of its own, then closes its copy of the
 * inherited one. A signal to the child that comes before is kept for its set where the signals are blocked; with
 * handlers it is dealt with as if the handler had never been installed. What was ignored when the process started, such
 * as SIGHUP under nohup(1), is received all the same: it was asked for. SIGCHLD is given its default action where it is
 * ignored, because the system would send none and reap the children itself.
 *
 * Safety: threads. Errors: EINVAL (null, no numbers, a number that is refused, unknown flags), EBUSY (an open set has
 * one of the numbers, and uses the other way), EMFILE, ENFILE, ENODEV, ENOMEM, ENOSPC (handlers: 32 sets are open).
 * Since 1.0.
 * Uses: signalfd(2), sigprocmask(2); else sigaction(2), pipe2(2).
 */
MIO_API MIO_MUST_CHECK int mio_signals_open(mio_signals *signals, const int *numbers, size_t count, uint32_t flags);

/*
 * Closes a set and puts back what opening it changed, see there; the storage becomes all zero. A signal that the system
 * still keeps for the set is then delivered as if it had just been sent; one that a handler has caught already is
 * dropped. To be on the safe side, receive until -EAGAIN before. A process that is about to exit leaves its sets open:
 * another SIGTERM, if it came after this, would kill it and change its exit status. Call it in the thread that opened
 * the set. A closed one, or null, is ignored. Safety: one thread. Since 1.0. Uses: close(2), sigprocmask(2),
 * sigaction(2).
 */
MIO_INLINE void mio_signals_close(mio_signals *signals)
{
    mio_source_close(MIO_SOURCE_OF(signals));
}

/* The descriptor, still owned by the set, to be watched by other means; do not read from it. Safety: threads. Errors:
 * EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_signals_handle(const mio_signals *signals)
{
    return mio_source_handle(MIO_SOURCE_OF(signals));
}

/*
 * Takes one signal off the set, stores what is known about it and returns 1. With edge-triggered interest call it until
 * -EAGAIN. As everywhere in Unix, a signal below SIGRTMIN that is sent again before it was received may count once;
 * those from SIGRTMIN on are queued. Children are not reaped: after SIGCHLD call waitpid(2) for your own, in a loop.
 * With handlers, more than about 1600 signals that are not yet received collapse into one of each number, about
 * which nothing but the number is known.
 * Safety: threads. Errors: EINVAL (null, a size below the first version's), E2BIG (a newer version asks for what this
 * library does not know), EBADF, EAGAIN (none now). After an error *info is as it was. Since 1.0. Uses: read(2).
 */
MIO_API MIO_MUST_CHECK int mio_signals_recv(mio_signals *signals, mio_signal_info *info);

MIO_END_DECLS

#endif /* MIO_SIGNALS_H */
