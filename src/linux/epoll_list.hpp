// SPDX-License-Identifier: MIT
// What an epoll descriptor watches, read from /proc.
#pragma once

#include "port/selector.hpp"

namespace mio::impl {

// Negative errno values of opening and reading the file: /proc may not be mounted.
int list_epoll(int fd, const RegistrationVisitor &visitor);

} // namespace mio::impl
