// SPDX-License-Identifier: MIT
// Linux lets a socket join a group for a single sender although the socket has joined the group for all senders. The
// socket then no longer receives from the other senders. Even a failed attempt to leave the group for a single sender
// has this effect. So on Linux the library asks first. Other systems reject such calls.
#pragma once

#include "core/base.hpp"

#include <netinet/in.h>

namespace mio::impl {

// True if the system does not protect the membership for all senders, and the socket has joined the group of `request`
// for all senders. `level` is the level of the options of the group's family.
bool would_replace_membership(int fd, int level, const group_source_req &request);

} // namespace mio::impl
