// SPDX-License-Identifier: MIT
#pragma once

namespace mio::impl {

// Dissolves the association of a datagram socket with its peer. Returns 0, or a negative errno value.
int forget_peer(int fd);

} // namespace mio::impl
