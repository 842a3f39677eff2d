/* SPDX-License-Identifier: MIT */
/* A set of signals is a source that is readable when one of its signals has arrived. */
#ifndef MIO_SIGNALS_H
#define MIO_SIGNALS_H

#include <mio/base.h>
#include <mio/source.h>

MIO_BEGIN_DECLS

/*
 * mio_signals: a set of signals in the caller's storage. Register its member `source`. The member `opaque` records the
 * changes that closing must undo. If all bytes of a set are zero, the set is closed. A program may move a set with
 * memcpy.
 * Since 1.0.
 */
typedef struct mio_signals {
    mio_source source;
    uint64_t opaque[4];
} mio_signals;

/*
 * mio_signal_info: a signal that was received. The fields that the system does not fill in are 0. Start from
 * MIO_SIGNAL_INFO_INIT, which sets `size`. The library uses `size` to distinguish versions of the struct. Since 1.0.
 */
typedef struct mio_signal_info {
    uint32_t size;    /* sizeof(mio_signal_info) when the program was compiled */
    int32_t number;   /* SIGTERM, ... */
    int32_t code;     /* the cause: SI_USER, SI_QUEUE, CLD_EXITED, ... of sigaction(2) */
    int32_t pid;      /* the process that sent the signal; with SIGCHLD, the child */
    uint32_t uid;     /* the real user of the process `pid` */
    int32_t status;   /* with SIGCHLD: the exit status, or the signal that ended or stopped the child */
    int32_t value;    /* the value from sigqueue(3) or a timer, as sival_int */
    int32_t overrun;  /* for a POSIX timer: expirations that this signal reports in addition to the first */
    uint64_t pointer; /* the value as sival_ptr */
} mio_signal_info;

#define MIO_SIGNAL_INFO_INIT                                                                                           \
    {                                                                                                                  \
        sizeof(mio_signal_info), 0, 0, 0, 0, 0, 0, 0, 0                                                                \
    }

/* A flag of mio_signals_open: always receive the signals with signal handlers; see mio_signals_open. Since 1.0. */
#define MIO_SIGNALS_SELF_PIPE 0x1u

/*
 * Opens a set of the `count` signals in the array `numbers`. A set can have any signals except SIGKILL, SIGSTOP and the
 * signals of faults (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS). The call does not affect signals that are not
 * in the set. The library has two methods to receive signals, blocking and handlers:
 *
 *  - Blocking: the call blocks the signals in the calling thread, and the kernel queues these signals for the
 *    descriptor of the set. Nothing interrupts the program. Blocking is the default on Linux, on the BSDs and on macOS.
 *  - Handlers: the call unblocks the signals in the calling thread, and installs a handler that writes each signal to a
 *    pipe. The handler has SA_RESTART, so most interrupted system calls restart. But a wait returns -EINTR if its poll
 *    object lacks MIO_POLL_RESTART. Handlers are the default on all POSIX systems except Linux, the BSDs and macOS.
 *    Handlers are also the default if a sandbox forbids signalfd(2). With MIO_SIGNALS_SELF_PIPE, the call always uses
 *    handlers.
 *
 * Several sets can be open at the same time. If a signal is in several sets, only one set receives the signal. With
 * blocking, the first call of mio_signals_recv for one of these sets takes the signal. With handlers, the signal goes
 * to the open set that was opened last. When the program opens the first set that contains a signal, mio changes the
 * signal mask of the thread and the action of the signal. When the program closes the last set that contains the
 * signal, mio undoes these changes. A program may close its sets in any order. Opening and closing a set change only
 * the signal mask of the calling thread. So if several sets contain the same signal, open and close all these sets in
 * the same thread. If other code has installed its own handler in place of mio's handler, closing does not remove the
 * handler of the other code. The other handler may call mio's handler, even after the program has closed the set, and
 * in a forked child. mio's handler then calls the handler that was installed before mio's handler. If the signal was
 * ignored or had its default action, mio's handler does nothing, because a handler cannot run a default action.
 *
 * Threads: if a signal is sent to the process, the system delivers the signal to any thread that does not block the
 * signal. So before the first thread starts, block the signals of the set with mio_signal_mask_block of <mio/safe.h>.
 * New threads inherit the mask. Open and close the set in the thread that polls. A program that calls pthread_kill(3)
 * must send the signal to that thread.
 *
 * Children: a program that is started with fork(2) and execve(2) inherits the blocked signals. So the program may never
 * notice a SIGTERM. Between fork and execve, call mio_signal_mask_unblock_all, or call mio_signal_mask_restore with the
 * mask that mio_signal_mask_block saved. With posix_spawn(3), use posix_spawnattr_setsigmask(3). After execve, no
 * handler is installed. A child that continues without execve should open a set of its own. Then the child should close
 * its copy of the inherited set. A signal can reach the child before the child has opened its own set. If the
 * inherited set blocks its signals, this signal stays pending for the child's set. If the inherited set uses handlers,
 * this signal has the effect that it had before mio installed its handler. For example, SIGTERM usually ends the child.
 * A set also receives a signal that was ignored when the process started, such as SIGHUP under nohup(1). If SIGCHLD is
 * ignored, opening a set with SIGCHLD restores the default action of SIGCHLD. While SIGCHLD is ignored, the kernel
 * sends no SIGCHLD, and reaps the children itself. So open such a set before the first child starts.
 *
 * Safety: threads. Errors: EINVAL (null, no numbers, a number that is not allowed, unknown flags), EBUSY (an open set
 * with one of the numbers uses the other method), EMFILE, ENFILE, ENODEV, ENOMEM, ENOSPC (with handlers, 32 sets are
 * already open), EPERM (a sandbox forbids signalfd(2) and pipe2(2)). Since 1.0. Uses: signalfd(2), sigprocmask(2); else
 * sigaction(2), pipe2(2).
 */
MIO_API MIO_MUST_CHECK int mio_signals_open(mio_signals *set, const int *numbers, size_t count, uint32_t flags);

/*
 * Closes a set, and sets all bytes of the set to zero. mio_signals_open changed how the process handles each signal of
 * the set. Closing undoes this change for each signal that no other open set contains. The system then delivers each
 * signal that is still pending for the set, as if the signal had just been sent. If the set uses handlers, closing
 * drops a signal that the handler has already caught. To lose no signal, block the signals in all threads and
 * receive until -EAGAIN before you close the set. A process that is about to exit should leave its sets open. If the
 * process has closed a set that contains SIGTERM, another SIGTERM kills the process, and changes its exit status. Close
 * a set in the thread that opened it. For a closed set or null, the call does nothing.
 * Safety: one thread. Since 1.0. Uses: close(2), sigprocmask(2), sigaction(2).
 */
MIO_INLINE void mio_signals_close(mio_signals *set)
{
    mio_source_close(MIO_SOURCE_OF(set));
}

/* Returns the descriptor of the set, so that another poller can watch the set. The set still owns the descriptor, so do
 * not read from the descriptor.
 * Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_signals_handle(const mio_signals *set)
{
    return mio_source_handle(MIO_SOURCE_OF(set));
}

/*
 * Receives one signal, stores its details in *info and returns 1. With edge-triggered interest, receive until -EAGAIN.
 * If a signal below SIGRTMIN is sent several times, the signal may arrive only once, as usual in Unix. The kernel
 * queues each copy of the real-time signals, which begin at SIGRTMIN. The library does not reap children. After
 * SIGCHLD, call waitpid(2) for your own children until no ended child is left. With handlers, about 1600 signals can be
 * pending. Beyond this limit, further signals of the same number arrive as one signal without details.
 * Safety: threads. Errors: EINVAL (null, a `size` smaller than in mio 1.0), E2BIG (the struct uses a field that only a
 * newer library knows), EBADF, EAGAIN (none now). After an error *info is unchanged. Since 1.0. Uses: read(2).
 */
MIO_API MIO_MUST_CHECK int mio_signals_recv(mio_signals *set, mio_signal_info *info);

MIO_END_DECLS

#endif /* MIO_SIGNALS_H */
