// SPDX-License-Identifier: MIT
// Checks whether a pidfd id belongs to this process. Since Linux 6.9, the pidfd id of a process is the inode number of
// each of its pidfds. Before Linux 6.9, all pidfds share one inode, so a process has no pidfd id.
#include "port/pidfd_id.hpp"

#include "core/shortage.hpp"
#include "port/unix_peer.hpp"
#include "port/unix_sockets.hpp"
#include "unix/calls.hpp"
#include "unix/fd.hpp"

#include <errno.h>
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

// Stores the pidfd id of this process. Returns -ENOTSUP if the process has no pidfd id.
int get_own_id(uint64_t *id)
{
    mio_handle pidfd = MIO_HANDLE_NONE;
    int failed = open_own_pidfd(&pidfd);
    if (failed != 0) return failed;
    struct statfs system = {};
    struct stat file = {};
    failed = result_of(fstatfs(pidfd, &system));
    if (failed == 0 && system.f_type != pidfs_magic) failed = -ENOTSUP;
    if (failed == 0) failed = result_of(fstat(pidfd, &file));
    close_fd(pidfd);
    *id = file.st_ino;
    return failed;
}

} // namespace

int is_own_pidfd_id(uint64_t id)
{
    uint64_t own;
    const int failed = get_own_id(&own);
    if (failed != 0) return is_shortage(failed) ? failed : 1; // the other errors come from old kernels and sandboxes
    // A 32-bit kernel reports only the low half of the id.
    return static_cast<uint32_t>(own) == static_cast<uint32_t>(id) ? 1 : 0;
}

} // namespace mio::impl
