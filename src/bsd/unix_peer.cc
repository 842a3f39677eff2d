// SPDX-License-Identifier: MIT
// Identifies the process at the other end of a Unix socket, on systems with getpeereid(3). The library gets the pid
// only on macOS (LOCAL_PEERPID). On other systems, the pid is 0. macOS, FreeBSD and DragonFly report groups
// (LOCAL_PEERCRED).
#include "port/unix_peer.hpp"

#include "unix/calls.hpp"

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#ifdef LOCAL_PEERCRED
#include <sys/ucred.h>
#endif

namespace mio::impl {

namespace {

#ifdef LOCAL_PEERPID

pid_t peer_pid(int fd)
{
    pid_t pid = 0;
    socklen_t size = sizeof pid;
    return getsockopt(fd, SOL_LOCAL, LOCAL_PEERPID, &pid, &size) == 0 ? pid : 0;
}

#else

pid_t peer_pid(int)
{
    return 0;
}

#endif

} // namespace

int unix_peer_credentials(mio_handle handle, mio_unix_credentials *credentials)
{
    uid_t uid = 0;
    gid_t gid = 0;
    const int failed = result_of(getpeereid(handle, &uid, &gid));
    // If a system does not record the peer of a socket pair, getpeereid(3) fails with EINVAL.
    if (failed != 0) return failed == -EINVAL ? -ENOTSUP : failed;
    credentials->pid = peer_pid(handle);
    credentials->uid = uid;
    credentials->gid = gid;
    return 0;
}

int unix_peer_pidfd(mio_handle, mio_handle *)
{
    return -ENOTSUP;
}

#ifdef LOCAL_PEERCRED

// Stores the supplementary groups. The function skips the first group in `native`, because it is the effective group.
// If the array in `native` is full, the peer may have more groups. In this case the function fails instead of storing
// an incomplete list.
int unix_peer_groups(mio_handle handle, uint32_t *groups, size_t capacity, size_t *count)
{
    constexpr int level = 0; // FreeBSD names this level SOL_LOCAL since version 12
    xucred native = {};
    socklen_t size = sizeof native;
    const int failed = result_of(getsockopt(handle, level, LOCAL_PEERCRED, &native, &size));
    if (failed != 0) return failed == -EINVAL ? -ENOTSUP : failed;
    const auto known = static_cast<size_t>(native.cr_ngroups);
    if (known * sizeof native.cr_groups[0] >= sizeof native.cr_groups) return -ENOTSUP;
    *count = known > 0 ? known - 1 : 0;
    if (capacity == 0) return 0;
    if (*count > capacity) return -ERANGE;
    for (size_t i = 0; i < *count; i++)
        groups[i] = native.cr_groups[i + 1];
    return 0;
}

#else

int unix_peer_groups(mio_handle, uint32_t *, size_t, size_t *)
{
    return -ENOTSUP;
}

#endif

} // namespace mio::impl
