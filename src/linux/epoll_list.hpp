// SPDX-License-Identifier: MIT
// Lists the registrations of an epoll descriptor, which the kernel shows in /proc.
#pragma once

#include "port/selector.hpp"

namespace mio::impl {

// Passes each registration of an epoll descriptor to the visitor. Returns a negative errno value if the file in /proc
// cannot be opened or read. For example, /proc may not be mounted.
int list_epoll(int fd, const RegistrationVisitor &visitor);

// Reads the lines of `file`, an open file in /proc, for list_epoll. list_epoll opens and closes the file.
int read_epoll_list(int file, const RegistrationVisitor &visitor);

} // namespace mio::impl
