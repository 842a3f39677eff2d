/* SPDX-License-Identifier: MIT */
/*
 * mio: an embeddable event loop for system daemons. This header is the whole C interface; each part can also be
 * included alone.
 *
 * Conventions that hold for every function, so that the comments below can be short:
 *
 *  - A function that can fail returns a negative errno value (-EAGAIN, -EINVAL, ...) and 0 or a count on success.
 *    A failed call leaves its arguments and the system as they were.
 *  - errno is unspecified after a call, as after any of libc's, but left as it was by what a signal handler may call
 *    ("Safety: signals"), and by everything that closes, frees or deregisters.
 *  - A null pointer where an object is needed is -EINVAL.
 *  - Parameters have one order: the object that the function is named after, which it makes or acts on; what goes in;
 *    what comes out. Memory that is to be filled goes in, with its size, as read(2) and epoll_wait(2) have it. Where
 *    bytes move from one object to another, `from` comes before `to`.
 *  - Every descriptor that mio makes is non-blocking and close-on-exec from birth. No call raises SIGPIPE or
 *    SIGXFSZ, installs a signal handler (but mio_signals_open, where it says so), starts a thread, prints or exits.
 *  - In a child that was forked after a poll object was made, that poll object, its registries and its wakers answer
 *    -ECHILD; freeing them there releases the child's copy and leaves the parent's alone.
 *  - Times are int64_t nanoseconds, but for options of sockets, which say what they are in.
 *  - "Safety" says from where a call may be made. "threads" = several threads may make it on the same object at once;
 *    "one thread" = calls on the same object must not overlap (different objects never disturb each other);
 *    "signals" = it may also be made from a signal handler.
 *  - "Since" is the first release that has it; "Uses" names the system calls or standards beneath it on Linux.
 *
 * mio(7) is the overview: the portability rules, what is out of scope and what to use instead. Each function has a page
 * of its name, with examples.
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
#include <mio/registry.h>
#include <mio/safe.h>
#include <mio/signals.h>
#include <mio/source.h>
#include <mio/stream.h>
#include <mio/tcp.h>
#include <mio/udp.h>
#include <mio/unix.h>
#include <mio/version.h>
#include <mio/waker.h>

#endif /* MIO_H */
