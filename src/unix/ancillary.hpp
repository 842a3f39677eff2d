// SPDX-License-Identifier: MIT
// Attaches ancillary data to an outgoing message, and records the ancillary data of a received message.
#pragma once

#include "core/base.hpp"

#include <mio/ancillary.h>
#include <sys/socket.h>

namespace mio::impl {

// Attaches ancillary data, which the program has built, to an outgoing message. `family` is the family of the
// destination, or AF_UNSPEC if unknown. Returns -EINVAL if *ancillary holds received data or garbage. Returns
// -EAFNOSUPPORT if the source in the ancillary data and the destination have different families: the kernel would
// ignore the source.
int attach_outgoing(const mio_ancillary *ancillary, int family, msghdr *native);

// Stores in *ancillary the interface in the scope of the destination `addr`. Returns -EINVAL if *ancillary already
// contains another interface, or if *ancillary holds received data or garbage.
int set_outgoing_interface(mio_ancillary *ancillary, const mio_addr *addr);

// Before a receive, attach_incoming attaches space for control data to the message. After the receive, store_incoming
// records the control data.
void attach_incoming(mio_ancillary *ancillary, msghdr *native);
void store_incoming(mio_ancillary *ancillary, const msghdr &native);

} // namespace mio::impl
