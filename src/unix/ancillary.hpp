// SPDX-License-Identifier: MIT
// Ancillary data of a datagram.
#pragma once

#include "core/base.hpp"

#include <mio/ancillary.h>
#include <sys/socket.h>

namespace mio::impl {

// Prepares a message to be sent with the built ancillary data, to an address of this family (AF_UNSPEC if unknown).
// Returns -EINVAL if the data was not built. Returns -EAFNOSUPPORT if the source is of the other family, because the
// kernel would ignore the source.
int attach_outgoing(const mio_ancillary *ancillary, int family, msghdr *native);

// Selects the interface that the scope of the destination names. Returns -EINVAL if the ancillary data names another
// interface, or was received.
int set_outgoing_interface(mio_ancillary *ancillary, const mio_addr *addr);

// attach_incoming prepares a message to be received with its control data. store_incoming records the data that
// arrived.
void attach_incoming(mio_ancillary *ancillary, msghdr *native);
void store_incoming(mio_ancillary *ancillary, const msghdr &native);

} // namespace mio::impl
