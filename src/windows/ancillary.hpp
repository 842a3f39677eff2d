// SPDX-License-Identifier: MIT
// The layout of mio_ancillary, which contains a sequence of control messages in Winsock's format.
#pragma once

#include "core/base.hpp"
#include "core/control_state.hpp"
#include "windows/winsock.hpp"

#include <mio/ancillary.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

struct __attribute__((may_alias)) ControlData {
    uint32_t length; // number of bytes in use; ignored if the state is `empty`
    ControlState state;
    // AF_INET or AF_INET6. For data to send, this is the family of the source address. For received data, this is the
    // family of the socket.
    uint16_t family;
    unsigned char bytes[sizeof(mio_ancillary) - 8];
};
static_assert(sizeof(ControlData) == sizeof(mio_ancillary) && alignof(ControlData) <= alignof(mio_ancillary));
static_assert(offsetof(ControlData, bytes) % alignof(WSACMSGHDR) == 0);

// Attaches ancillary data, which the program has built, to an outgoing message. `family` is the family of the
// destination, or AF_UNSPEC if unknown. Returns -EINVAL if *ancillary holds received data or garbage. Returns
// -EAFNOSUPPORT if the source in the ancillary data and the destination have different families.
int attach_outgoing(const mio_ancillary *ancillary, int family, WSAMSG *native);

// Before a receive, attach_incoming attaches space for control data to the message. After the receive, store_incoming
// records the control data. `family` is the family of the socket.
void attach_incoming(mio_ancillary *ancillary, WSAMSG *native);
void store_incoming(mio_ancillary *ancillary, const WSAMSG &native, int family);

} // namespace mio::impl
