// SPDX-License-Identifier: MIT
// Binds a Unix socket to a path, so that the file gets a given mode. Linux creates the file with the mode of the
// socket, without the bits of the umask. The library does not change the umask, because the umask belongs to the whole
// process. So the library sets the mode of the socket before the bind, and after the bind adds the bits that the umask
// has removed.
#include "unix/socket_file.hpp"

#include "port/addresses.hpp"
#include "port/sockets.hpp"
#include "port/unix_sockets.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

namespace mio::impl {

namespace {

int make_exact(const SocketPath &path, mode_t mode)
{
    struct stat file = {};
    const int failed = result_of(lstat(path.text, &file));
    if (failed != 0) return failed;
    return (file.st_mode & permission_bits) != mode ? set_mode(path.text, mode) : 0;
}

} // namespace

bool path_of(const mio_addr *addr, SocketPath *path)
{
    const Endpoint endpoint = endpoint_of(addr);
    if (name_kind(endpoint) != NameKind::path) return false;
    *path = {};
    memcpy(path->text, endpoint.name, endpoint.name_length);
    return true;
}

int set_mode(const char *path, mode_t mode)
{
    return result_of(fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW));
}

void remove_unix_path(const mio_addr *addr)
{
    SocketPath path;
    if (path_of(addr, &path)) (void)unlink(path.text);
}

int bind_unix_socket_with_mode(mio_handle handle, const mio_addr *addr, uint32_t mode)
{
    const CancelGuard guard;
    SocketPath path;
    if (!path_of(addr, &path)) return -EINVAL;
    int failed = result_of(fchmod(handle, static_cast<mode_t>(mode)));
    if (failed == 0) failed = bind_socket(handle, addr);
    if (failed != 0) return failed;
    failed = make_exact(path, static_cast<mode_t>(mode));
    if (failed != 0) (void)unlink(path.text);
    return failed;
}

} // namespace mio::impl
