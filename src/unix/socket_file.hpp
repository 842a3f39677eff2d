// SPDX-License-Identifier: MIT
// The file that bind(2) creates for a Unix socket.
#pragma once

#include "core/base.hpp"

#include <mio/addr.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace mio::impl {

// The path of an address as text. path_of returns false if the address has no path.
struct SocketPath {
    char text[sizeof(sockaddr_un::sun_path) + 1];
};
bool path_of(const mio_addr *addr, SocketPath *path);

constexpr mode_t permission_bits = S_ISUID | S_ISGID | S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO;

// Sets the mode of the file at a path, without following a symbolic link. Returns -ENOTSUP if libc needs /proc to set
// the mode, and /proc is missing.
int set_mode(const char *path, mode_t mode);

// Binds a socket to the path of an address. Returns -EINVAL if the address has no path. The file never grants more
// rights than `mode`, and in the end has exactly this mode.
int bind_unix_socket_with_mode(mio_handle handle, const mio_addr *addr, uint32_t mode);

} // namespace mio::impl
