/* SPDX-License-Identifier: MIT */
/*
 * Functions that help a loop to accept connections. mio_accept_is_transient recognises the errors that affect only
 * one connection. A reserve is a spare descriptor, which helps to turn clients away when the process has no other free
 * descriptor.
 */
#ifndef MIO_ACCEPT_H
#define MIO_ACCEPT_H

#include <mio/addr.h>
#include <mio/base.h>
#include <mio/source.h>

MIO_BEGIN_DECLS

/*
 * Returns 1 if `result`, the return value of an accept function, is an error of a single connection. The loop can then
 * accept the next connection at once. These errors are -EINTR, -ECANCELED (see mio_accept_reserve), and the errors of a
 * connection that failed in the backlog: -ECONNABORTED, -ECONNRESET, -EHOSTUNREACH, -ENETDOWN, -ENETUNREACH,
 * -ENOPROTOOPT, -EOPNOTSUPP, -EPROTO and -ETIMEDOUT. Returns 0 for every other result. After -EAGAIN, wait for an
 * event. The errors -EMFILE, -ENFILE, -ENOBUFS and -ENOMEM last until the program closes a descriptor, or until some
 * time has passed. Other errors are permanent.
 * Safety: threads, signals. Since 1.0. Uses: accept(2), "Error handling".
 */
MIO_API int mio_accept_is_transient(int result);

/*
 * mio_accept_reserve: a spare descriptor for a process that has no other free descriptor. The caller provides the
 * storage. If all bytes of a reserve are zero, the reserve is closed. A program may move a reserve with memcpy while no
 * call uses the reserve.
 *
 * Without a free descriptor, mio_tcp_listener_accept fails with -EMFILE, and the client stays in the backlog. With
 * level-triggered interest, every wait then returns at once. With edge-triggered interest, no event comes for that
 * client. So after -EMFILE, a server that uses mio_tcp_listener_accept should stop accepting until one of its
 * connections ends. A server that prefers to turn clients away uses mio_tcp_listener_accept_or_shed or
 * mio_unix_listener_accept_or_shed. When accepting fails with -EMFILE or -ENFILE, these functions close the reserve,
 * accept the connection, close the connection, and open the reserve again. So each call removes one client from the
 * backlog, and this loop always reaches -EAGAIN:
 *
 *     while (can_accept) {
 *         int result = mio_tcp_listener_accept_or_shed(&listener, &reserve, &stream, NULL);
 *         if (result == 0)
 *             serve(stream);
 *         else if (!mio_accept_is_transient(result))
 *             can_accept = false; // -EAGAIN: wait for an event; another error: try again after a while
 *     }
 *
 * Since 1.0.
 */
typedef struct mio_accept_reserve {
    uint64_t opaque[3];
} mio_accept_reserve;

/* Opens a reserve. Any number of listeners and threads may share the reserve. But only one thread at a time can use the
 * reserve. If several threads may need the reserve at the same time, open a reserve for each thread. Safety: threads.
 * Errors: EINVAL (null), EMFILE, ENFILE, ENOBUFS, ENOMEM. Since 1.0. Uses: socket(2); in a sandbox that forbids
 * socket(2): eventfd(2), else pipe2(2). */
MIO_API MIO_MUST_CHECK int mio_accept_reserve_open(mio_accept_reserve *reserve);

/* Closes the reserve, and fills *reserve with zeros. For a closed reserve or null, the call does nothing. Safety: one
 * thread. Since 1.0. Uses: close(2). */
MIO_API void mio_accept_reserve_close(mio_accept_reserve *reserve);

/*
 * These functions accept one connection of a TCP or Unix listener. `listener` is the member `source` of a
 * mio_tcp_listener or mio_unix_listener. `stream` is the member `source` of a stream of the same kind, mio_tcp_stream
 * or mio_unix_stream. If `peer` is not null, the call stores the address of the client in *peer. If the process has no
 * descriptor for the connection, mio_listener_accept_or_shed closes the connection. The accept functions of
 * mio_tcp_listener and mio_unix_listener call these two functions.
 * Safety: threads, which may share one reserve. Errors: EINVAL (null, not a listener, or the listener was shut down),
 * EBADF (the listener, or the reserve, is closed), EAGAIN (no connection is waiting), ECONNABORTED, EPROTO,
 * ENOPROTOOPT, ENETDOWN, ENETUNREACH, EHOSTUNREACH, EOPNOTSUPP, ETIMEDOUT (the connection is gone: accept the next
 * connection), ECANCELED (the call turned a client away), EMFILE, ENFILE (no descriptor is left;
 * mio_listener_accept_or_shed returns these errors only if another thread is using the reserve or took the descriptor
 * that the reserve freed, or if the program has lowered the limit of descriptors to or below the number of the
 * reserve), ENOBUFS, ENOMEM, EPERM (a firewall rule). Since 1.0. Uses: accept4(2); to turn a client away: close(2),
 * socket(2).
 */
MIO_API MIO_MUST_CHECK int mio_listener_accept(mio_source *listener, mio_source *stream, mio_addr *peer);
MIO_API MIO_MUST_CHECK int mio_listener_accept_or_shed(mio_source *listener, mio_accept_reserve *reserve,
                                                       mio_source *stream, mio_addr *peer);

MIO_END_DECLS

#endif /* MIO_ACCEPT_H */
