// SPDX-License-Identifier: MIT
// Checks whether a pidfd id belongs to this process. Since Linux 6.9, the pidfd id of a process is the inode number of
// each of its pidfds. Before Linux 6.9, all pidfds share one inode, so a process has no pidfd id.
#include "port/pidfd_id.hpp"

#include "port/unix_peer.hpp"
#include "port/unix_sockets.hpp"
#include "unix/fd.hpp"

#include <sys/stat.h>
#include <sys/vfs.h>

namespace mio::impl {

namespace {

constexpr auto pidfs_magic = 0x50494446; // PIDFS_MAGIC of <linux/magic.h>, which many systems do not define yet

// Opens a pidfd of this process. The function makes a pair of sockets, and asks one socket for the pidfd of its peer.
// The peer is this process. The function does not use pidfd_open(2), because many libcs have no wrapper for this call.
int open_own_pidfd(mio_handle *pidfd)
{
    mio_handle ends[2];
    int failed = open_unix_pair(UnixKind::stream, ends);
    if (failed != 0) return failed;
    failed = unix_peer_pidfd(ends[0], pidfd);
    close_fd(ends[0]);
    close_fd(ends[1]);
    return failed;
}

} // namespace

bool may_be_own_pidfd_id(uint64_t id)
{
    mio_handle pidfd = MIO_HANDLE_NONE;
    if (open_own_pidfd(&pidfd) != 0) return true;
    struct statfs system = {};
    struct stat file = {};
    const bool has_id = fstatfs(pidfd, &system) == 0 && system.f_type == pidfs_magic && fstat(pidfd, &file) == 0;
    close_fd(pidfd);
    // A 32-bit kernel reports only the low half of the id.
    return !has_id || static_cast<uint32_t>(file.st_ino) == static_cast<uint32_t>(id);
}

} // namespace mio::impl
