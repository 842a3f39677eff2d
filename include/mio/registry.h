/* SPDX-License-Identifier: MIT */
/*
 * A registry registers sources and descriptors with a poll object. Any thread may use a registry while another thread
 * waits. Each call takes effect at once.
 */
#ifndef MIO_REGISTRY_H
#define MIO_REGISTRY_H

#include <mio/base.h>
#include <mio/interest.h>
#include <mio/source.h>

MIO_BEGIN_DECLS

/* mio_registry: an opaque registry, from mio_poll_registry or mio_registry_clone. Since 1.0. */
typedef struct mio_registry mio_registry;

/*
 * Watches a source. Events carry `token`, any value that the caller chooses. `interest` is a set of the bits and flags
 * of <mio/interest.h>. If the source is already ready, an event reports the source. The program may move the source in
 * memory. The poll object watches the source until the program deregisters or closes the source.
 * Safety: threads, each with a source that no other thread is using. Errors: EINVAL (null, unknown bits, the poll
 * object's own descriptor, MIO_EXCLUSIVE for a poll object, or MIO_EXCLUSIVE with a bit other than MIO_READABLE,
 * MIO_WRITABLE and MIO_LEVEL), EBADF (the source is closed, or the poll object freed), EEXIST (already registered),
 * EBUSY (registered with another poll object), ENOTSUP (the backend does not support a requested bit), EPERM (a
 * descriptor that cannot be polled, such as a regular file), ENOSPC (fs.epoll.max_user_watches), ENOMEM, ELOOP (nested
 * too deeply), ECHILD (the poll object was made before the fork). Since 1.0. Uses: epoll_ctl(2).
 */
MIO_API MIO_MUST_CHECK int mio_registry_register(mio_registry *registry, mio_source *source, uintptr_t token,
                                                 uint32_t interest);

/*
 * Replaces both the token and the interest of a registered source. If the source is ready during the call, a new event
 * reports the source. Safety and errors as mio_registry_register without EEXIST, and: EINVAL (MIO_EXCLUSIVE is in the
 * old or the new interest), ENOENT (not registered). Since 1.0. Uses: epoll_ctl(2).
 */
MIO_API MIO_MUST_CHECK int mio_registry_reregister(mio_registry *registry, mio_source *source, uintptr_t token,
                                                   uint32_t interest);

/*
 * Stops watching a source. A wait that begins afterwards never reports the token of the source, even if an event of the
 * source was already queued. Events that a wait has already stored, or that a wait in another thread is about to
 * return, can still carry the token. Closing a source ends its registration only if no duplicate of its descriptor is
 * open. A duplicate comes from dup(2), or from a child process that inherited the descriptor. If a duplicate can exist,
 * deregister the source before you close it.
 * Safety: threads, each with a source of its own. Errors: EINVAL, EBADF, ENOENT (not registered), EBUSY (registered
 * with another poll object). Since 1.0. Uses: epoll_ctl(2).
 */
MIO_API int mio_registry_deregister(mio_registry *registry, mio_source *source);

/*
 * These functions register, reregister and deregister a bare descriptor. The caller owns the descriptor. Examples are a
 * timerfd, a pidfd, an inotify or netlink descriptor, a terminal, and a socket of another library.
 * Safety: threads. Errors as above, without EBUSY. Since 1.0. Uses: epoll_ctl(2).
 */
MIO_API MIO_MUST_CHECK int mio_registry_register_handle(mio_registry *registry, mio_handle handle, uintptr_t token,
                                                        uint32_t interest);
MIO_API MIO_MUST_CHECK int mio_registry_reregister_handle(mio_registry *registry, mio_handle handle, uintptr_t token,
                                                          uint32_t interest);
MIO_API int mio_registry_deregister_handle(mio_registry *registry, mio_handle handle);

/*
 * Reports to mio that a call on a bare descriptor failed with -EAGAIN. `used_up` is MIO_READABLE after a read,
 * MIO_WRITABLE after a write, or both. The library then reports the next edge. Do not call this function at the end of
 * a file or after another error: the descriptor is then still ready, so mio would report the same event again at once.
 * Only backends without MIO_CAN_EDGE need this function. With other backends, the function does nothing. A third-party
 * library reads its descriptor without calling this function. So if the backend lacks MIO_CAN_EDGE, register the
 * descriptor of such a library with MIO_LEVEL. A source that was registered with mio_registry_register rearms itself.
 * Safety: threads. Errors: EINVAL (null, or `used_up` is 0 or has other bits), EBADF, ENOENT (not registered), ECHILD.
 * Since 1.0.
 */
MIO_API int mio_registry_rearm_handle(mio_registry *registry, mio_handle handle, uint32_t used_up);

/*
 * Returns the descriptor of the poll object that the registry belongs to, like mio_poll_handle.
 * Safety: threads. Errors: EINVAL, ENOTSUP (the backend lacks MIO_CAN_NEST), ECHILD, EBADF (the poll object is freed).
 * Since 1.0. Uses: epoll(7).
 */
MIO_API MIO_MUST_CHECK mio_handle mio_registry_poll_handle(const mio_registry *registry);

/*
 * Makes a clone of a registry. The clone stays valid when the program frees the poll object. After that, the program
 * can still call mio_registry_clone and mio_registry_free on the clone. Every other call on the clone fails with
 * -EBADF. The memory and the descriptors of a freed poll object stay in use until the program frees the last clone and
 * the last waker. If the backend lacks MIO_CAN_EDGE, they also stay in use until the program closes each registered
 * source, or registers the source with another poll object. The caller frees the clone with mio_registry_free.
 * Safety: threads. Errors: EINVAL, ENOMEM. Since 1.0.
 */
MIO_API MIO_MUST_CHECK int mio_registry_clone(mio_registry **clone, const mio_registry *registry);

/* Frees a clone. For null, and for a registry that mio_poll_registry returned, the call does nothing. Safety: one
 * thread. Since 1.0. */
MIO_API void mio_registry_free(mio_registry *registry);

MIO_END_DECLS

#endif /* MIO_REGISTRY_H */
