// SPDX-License-Identifier: MIT
// The layout of mio_ancillary: control messages, one after the other, as Winsock writes and reads them.
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
    uint16_t family; // AF_INET or AF_INET6: of the source in built data, of the socket in received data
    unsigned char bytes[sizeof(mio_ancillary) - 8];
};
static_assert(sizeof(ControlData) == sizeof(mio_ancillary) && alignof(ControlData) <= alignof(mio_ancillary));
static_assert(offsetof(ControlData, bytes) % alignof(WSACMSGHDR) == 0);

// Prepares a message to be sent with the built ancillary data, to an address of this family (AF_UNSPEC if unknown).
// Returns -EINVAL if the data was not built. Returns -EAFNOSUPPORT if the source is of the other family.
int attach_outgoing(const mio_ancillary *ancillary, int family, WSAMSG *native);

// attach_incoming prepares a message to be received with its control data. store_incoming records the data that
// arrived at a socket of this family.
void attach_incoming(mio_ancillary *ancillary, WSAMSG *native);
void store_incoming(mio_ancillary *ancillary, const WSAMSG &native, int family);

} // namespace mio::impl
