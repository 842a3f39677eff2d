/* SPDX-License-Identifier: MIT */
/*
 * Functions for a service that a service manager, such as systemd, has started. The manager can open sockets for the
 * service. The service notifies the manager of its state, and sends the messages that the watchdog of the manager
 * expects. The manager passes information in environment variables. An empty variable counts as unset. In a program
 * with more privileges than its user, such as a set-user-ID program, the functions ignore the variables. The functions
 * read the variables at each call, and allocate nothing. While a thread calls these functions, no other thread may
 * change the environment.
 */
#ifndef MIO_SERVICE_H
#define MIO_SERVICE_H

#include <mio/base.h>

MIO_BEGIN_DECLS

/* A buffer of this size holds every name that systemd gives a descriptor. Since 1.0. */
#define MIO_SERVICE_NAME_SIZE 256

/*
 * Returns the number of descriptors that the manager has passed to this process. Returns 0 if there is no manager, or
 * if the descriptors are meant for another process, such as the parent. LISTEN_FDS is the number of descriptors.
 * LISTEN_PID is the pid of the process that the descriptors are meant for. If LISTEN_PIDFDID is set, it is the inode
 * number of a pidfd of that process. Before Linux 6.9, all pidfds have the same inode number, so the call ignores
 * LISTEN_PIDFDID.
 * Safety: threads. Errors: EINVAL (a variable is malformed), EMFILE, ENFILE, ENOBUFS and ENOMEM (not enough descriptors
 * or memory to check LISTEN_PIDFDID), ENOTSUP (the system has no service managers). Since 1.0. Uses: getenv(3),
 * getpid(2); for LISTEN_PIDFDID: socketpair(2), getsockopt(2) with SO_PEERPIDFD, fstatfs(2), fstat(2).
 */
MIO_API MIO_MUST_CHECK int mio_service_listen_count(void);

/*
 * Returns the passed descriptor with this index, counted from 0, and makes the descriptor non-blocking and
 * close-on-exec. The descriptor can have any type. A function such as mio_tcp_listener_from_handle checks the type and
 * takes over the descriptor. Call mio_service_listen_handle for each passed descriptor, even if the program does not
 * use the descriptor. Otherwise the descriptor is not close-on-exec, and child processes inherit it.
 * Safety: threads. Errors as mio_service_listen_count, and: EINVAL (the index is not below the count), EBADF (the
 * descriptor is not open). Since 1.0. Uses: fcntl(2), and the calls of mio_service_listen_count.
 */
MIO_API MIO_MUST_CHECK mio_handle mio_service_listen_handle(size_t index);

/*
 * Writes to `text` the name of the passed descriptor with this index. In systemd, FileDescriptorName= of the socket
 * unit sets the name. If LISTEN_FDNAMES is unset, every descriptor has the name "unknown". Like snprintf, the function
 * writes at most `size` bytes, including a final null byte. It returns the length of the whole name, without this null
 * byte. `text` may be null if `size` is 0.
 * Safety: threads. Errors as mio_service_listen_count, and: EINVAL (null, the index is not below the count, or
 * LISTEN_FDNAMES does not have one name for each descriptor). Since 1.0. Uses: the calls of mio_service_listen_count.
 */
MIO_API MIO_MUST_CHECK int mio_service_listen_name(size_t index, char *text, size_t size);

/*
 * Returns the index of the first descriptor that has the name `name`. The search begins at the index `from`. Several
 * descriptors can have the same name.
 * Safety: threads. Errors as mio_service_listen_count, and: EINVAL (null, or LISTEN_FDNAMES does not have one name for
 * each descriptor), ENOENT (no descriptor has the name). Since 1.0. Uses: the calls of mio_service_listen_count.
 */
MIO_API MIO_MUST_CHECK int mio_service_listen_find(const char *name, size_t from);

/* Flags of mio_service_forget. They select the variables LISTEN_*, NOTIFY_SOCKET, and WATCHDOG_*. Since 1.0. */
#define MIO_SERVICE_LISTEN 0x1u
#define MIO_SERVICE_NOTIFY 0x2u
#define MIO_SERVICE_WATCHDOG 0x4u

/*
 * Removes variables from the environment, so that child processes do not inherit the variables. Afterwards, the
 * functions that read these variables find no manager. `variables` is a combination of the flags above. During the
 * call, no other thread may read or change the environment, so call the function before threads start.
 * Safety: one thread. Errors: EINVAL (no flags, or unknown flags), ENOTSUP (the system has no service managers). Since
 * 1.0. Uses: unsetenv(3).
 */
MIO_API int mio_service_forget(uint32_t variables);

/*
 * Sends the message `state` to the manager. The message has lines such as "READY=1", "STOPPING=1", "WATCHDOG=1" and
 * "STATUS=text"; see sd_notify(3). The array `handles` has `count` descriptors to send with the message. The line
 * "FDSTORE=1" asks the manager to keep the descriptors for the service. The caller still owns the descriptors. If
 * `count` is 0, `handles` may be null. The function returns 1 if the message was sent, and 0 if there is no manager
 * (NOTIFY_SOCKET is unset). The call does not block. -EAGAIN means that the queue of the manager is full. No event
 * reports when the queue has space again, so try again later.
 * Safety: threads. Errors: EINVAL (null or empty state, null handles, count above MIO_UNIX_HANDLES_MAX, NOTIFY_SOCKET
 * is malformed), EAFNOSUPPORT (NOTIFY_SOCKET is an address of vsock), ENAMETOOLONG (NOTIFY_SOCKET is too long), EAGAIN,
 * EBADF (one of `handles` is not open), EMSGSIZE (the message is longer than the send buffer), ECONNREFUSED (the
 * manager is gone), ENOENT, ENOTDIR (the path in NOTIFY_SOCKET does not exist), ELOOP (the path has too many symbolic
 * links), EACCES (the service may not write to the socket), EPERM, ECONNRESET (the manager's socket is connected to
 * another socket), EPROTOTYPE (the socket at the path is not a datagram socket), EPIPE (the manager has shut down the
 * socket), EMFILE (no descriptor is left, or too many descriptors are in flight), ENFILE, ENOBUFS, ENOMEM, ENOTSUP (the
 * system has no service managers or no Unix sockets). Since 1.0. Uses: socket(2), sendmsg(2) with SCM_RIGHTS, close(2).
 */
MIO_API int mio_service_notify(const char *state, const mio_handle *handles, size_t count);

/*
 * Notifies the manager that the service reloads its configuration. The call sends "RELOADING=1" and the time of
 * CLOCK_MONOTONIC, because Type=notify-reload of systemd requires the time. After the reload, send "READY=1" with
 * mio_service_notify.
 * Safety: threads. Returns and fails like mio_service_notify. Errors as mio_service_notify. Since 1.0. Uses: the calls
 * of mio_service_notify, clock_gettime(2).
 */
MIO_API int mio_service_notify_reloading(void);

/*
 * Sends "BARRIER=1". Then waits until the manager has processed all earlier messages of this process, or until
 * `timeout_ns` nanoseconds have passed. If `timeout_ns` is negative, the wait has no time limit. If a process is not
 * the main process of the service, it should call this function after its last message, before it exits. Without the
 * barrier, the manager can fail to find out which service sent the message. After a signal handler has run, the wait
 * continues. The function returns 1 if the manager has processed the messages, and 0 if there is no manager.
 * Safety: threads. Errors as mio_service_notify, and: ETIMEDOUT. Since 1.0. Uses: the calls of mio_service_notify,
 * pipe2(2), ppoll(2).
 */
MIO_API MIO_MUST_CHECK int mio_service_notify_barrier(int64_t timeout_ns);

/*
 * Returns 1 if the manager expects "WATCHDOG=1" from this process. In this case the call stores in *interval_ns the
 * longest time that may pass between two such messages. Send a message whenever half of this time has passed. Returns 0
 * and stores 0 if WATCHDOG_USEC is unset, or if WATCHDOG_PID is the pid of another process.
 * Safety: threads. Errors: EINVAL (null, or a variable is malformed), ENOTSUP (the system has no service managers).
 * Since 1.0. Uses: getenv(3), getpid(2).
 */
MIO_API MIO_MUST_CHECK int mio_service_watchdog(int64_t *interval_ns);

MIO_END_DECLS

#endif /* MIO_SERVICE_H */
