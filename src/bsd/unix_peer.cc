// SPDX-License-Identifier: MIT
// The process at the other end of a Unix socket, on systems with getpeereid(3). Only macOS reports the pid
// (LOCAL_PEERPID); on other systems the pid is 0.
#include "port/unix_peer.hpp"

#include "unix/calls.hpp"

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

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
    // Some systems do not record the peer of a socket pair, and return EINVAL.
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

int unix_peer_groups(mio_handle, uint32_t *, size_t, size_t *)
{
    return -ENOTSUP;
}

} // namespace mio::impl
