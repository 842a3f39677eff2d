// SPDX-License-Identifier: MIT
// What an epoll descriptor watches, as the kernel tells it in /proc.
#pragma once

#include "port/selector.hpp"

namespace mio::impl {

// Negative errno values of opening and reading the file: there need be no /proc.
int list_epoll(int fd, const RegistrationVisitor &visitor);

} // namespace mio::impl
