/* SPDX-License-Identifier: MIT */
/*
 * mio: an embeddable event loop for system daemons. This header includes the whole C interface. Instead, a program can
 * include single headers, such as <mio/tcp.h>.
 *
 * The following conventions hold for every function. The comments of the functions do not repeat these conventions:
 *
 *  - On success a function returns 0 or a count. On failure a function returns a negative errno value, such as -EAGAIN.
 *    A call that fails changes neither its arguments nor the system. The comment of a function states any exception.
 *  - A call may change errno, as any call of libc may. A function that a signal handler may call ("Safety: signals")
 *    leaves errno unchanged. A function that closes, frees or deregisters something also leaves errno unchanged.
 *  - If the program passes a null pointer in place of an object, the call fails with -EINVAL.
 *  - The first parameter is the object that the function makes or acts on. The inputs follow, and then the outputs. A
 *    buffer that the function fills stands among the inputs, before its size, as in read(2) and epoll_wait(2). If a
 *    function moves bytes, `from` comes before `to`.
 *  - Every descriptor that mio makes is close-on-exec from the start. Every descriptor that a program can read or write
 *    is also non-blocking. No call raises SIGPIPE or SIGXFSZ, starts a thread, prints or exits. Only mio_signals_open
 *    installs signal handlers.
 *  - A forked child cannot use a poll object of its parent: in the child, waiting, registering and waking fail with
 *    -ECHILD. The child may free the poll object, a registry or a waker. This frees only the child's copy, and does not
 *    change the parent's object.
 *  - Times are int64_t nanoseconds, except in socket options, which name their units.
 *  - "Safety" states who may call the function:
 *      "threads"     several threads at once may call the function on the same object
 *      "one thread"  calls on the same object must not overlap; calls on different objects may overlap
 *      "signals"     a signal handler may call the function, too
 *  - "Since" is the first release with the function.
 *  - "Uses" names the system calls or standards that the function uses on Linux.
 *
 * mio(7) is the overview, with the rules for portable programs and the limits of the library. Each function has a
 * manual page of the same name, with examples.
 */
#ifndef MIO_H
#define MIO_H

#include <mio/accept.h>
#include <mio/addr.h>
#include <mio/ancillary.h>
#include <mio/base.h>
#include <mio/event.h>
#include <mio/interest.h>
#include <mio/option.h>
#include <mio/pipe.h>
#include <mio/poll.h>
#include <mio/readiness.h>
#include <mio/registry.h>
#include <mio/safe.h>
#include <mio/service.h>
#include <mio/signals.h>
#include <mio/source.h>
#include <mio/stream.h>
#include <mio/tcp.h>
#include <mio/udp.h>
#include <mio/unix.h>
#include <mio/version.h>
#include <mio/waker.h>

#endif /* MIO_H */
