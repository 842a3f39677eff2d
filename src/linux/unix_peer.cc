// SPDX-License-Identifier: MIT
// Identifies the process at the other end of a Unix socket by the options SO_PEERCRED, SO_PEERPIDFD and SO_PEERGROUPS.
#include "port/unix_peer.hpp"

#include "unix/calls.hpp"
#include "unix/fd.hpp"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>

// Many systems have headers that are too old to define SO_PEERPIDFD.
#if !defined(SO_PEERPIDFD) && !defined(__hppa__) && !defined(__sparc__)
#define SO_PEERPIDFD 77
#endif

namespace mio::impl {

int unix_peer_credentials(mio_handle handle, mio_unix_credentials *credentials)
{
    ucred native = {};
    socklen_t size = sizeof native;
    const int failed = result_of(getsockopt(handle, SOL_SOCKET, SO_PEERCRED, &native, &size));
    if (failed < 0) return failed;
    // The uid -1 is not valid (setreuid(2)), so the kernel uses -1 for "no peer". A peer whose uid is not mapped in
    // this namespace has the uid overflowuid instead.
    if (native.uid == static_cast<uid_t>(-1)) return -ENOTCONN;
    credentials->pid = native.pid;
    credentials->uid = native.uid;
    credentials->gid = native.gid;
    return 0;
}

#ifdef SO_PEERPIDFD

int unix_peer_pidfd(mio_handle handle, mio_handle *pidfd)
{
    int fd = -1;
    socklen_t size = sizeof fd;
    const int failed = result_of(getsockopt(handle, SOL_SOCKET, SO_PEERPIDFD, &fd, &size));
    // Without a peer, SO_PEERPIDFD fails with ENODATA.
    if (failed == -ENODATA) return -ENOTCONN;
    if (failed == -ENOPROTOOPT) return -ENOTSUP;
    // EINVAL means that the parent has already waited for the process. Since Linux 6.16 the kernel returns a pidfd for
    // such a process as well.
    if (failed == -EINVAL) return -ESRCH;
    if (failed < 0) return failed;
    // The kernel has made the pidfd close-on-exec. store_new_fd also makes the pidfd non-blocking, so that waitid(2)
    // fails with EAGAIN instead of waiting.
    return store_new_fd(fd, pidfd);
}

#else

int unix_peer_pidfd(mio_handle, mio_handle *)
{
    return -ENOTSUP;
}

#endif

#ifdef SO_PEERGROUPS

int unix_peer_groups(mio_handle handle, uint32_t *groups, size_t capacity, size_t *count)
{
    static_assert(sizeof(gid_t) == sizeof *groups);
    // No process has more groups than NGROUPS_MAX. The limit also avoids EINVAL for a length that exceeds an int.
    const size_t room = capacity < NGROUPS_MAX ? capacity : NGROUPS_MAX;
    socklen_t size = static_cast<socklen_t>(room * sizeof *groups);
    const int failed = result_of(getsockopt(handle, SOL_SOCKET, SO_PEERGROUPS, groups, &size));
    // Without a peer, SO_PEERGROUPS fails with ENODATA.
    if (failed == -ENODATA) return -ENOTCONN;
    if (failed == -ENOPROTOOPT) return -ENOTSUP;
    if (failed != 0 && failed != -ERANGE) return failed;
    *count = size / sizeof *groups;
    return capacity == 0 ? 0 : failed;
}

#else

int unix_peer_groups(mio_handle, uint32_t *, size_t, size_t *)
{
    return -ENOTSUP;
}

#endif

} // namespace mio::impl
