// SPDX-License-Identifier: MIT
// The file that binding a Unix socket makes.
#pragma once

#include "core/base.hpp"

#include <mio/addr.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace mio::impl {

// The path of an address as text; false where the address has none.
struct SocketPath {
    char text[sizeof(sockaddr_un::sun_path) + 1];
};
bool path_of(const mio_addr *addr, SocketPath *path);

constexpr mode_t permission_bits = S_ISUID | S_ISGID | S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO;

// Sets the mode of the file at a path, and not of one that a symbolic link there names. -ENOTSUP where libc needs /proc
// for that and it is missing.
int set_mode(const char *path, mode_t mode);

// Binds to a path, -EINVAL for any other name. The file is never more open than `mode`, and has exactly that in the end.
int bind_unix_socket_with_mode(mio_handle handle, const mio_addr *addr, uint32_t mode);

} // namespace mio::impl
