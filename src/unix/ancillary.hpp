// SPDX-License-Identifier: MIT
// The layout of mio_ancillary: control messages, one after the other, as the kernel writes and reads them (cmsg(3)).
// The control messages differ between systems, so each system has its own ancillary.cc.
#pragma once

#include "core/base.hpp"

#include <mio/ancillary.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

namespace mio::impl {

enum class ControlState : uint16_t {
    empty = 0, // 0, so that zeroed storage is empty
    built = 0x6275,
    received = 0x7265, // any other value: uninitialised storage
};

struct __attribute__((may_alias)) ControlData {
    uint32_t length; // how many bytes are in use; ignored if empty
    ControlState state;
    uint16_t source_family; // when built: AF_INET or AF_INET6 if it has a source address, else 0
    unsigned char bytes[sizeof(mio_ancillary) - 8];
};
static_assert(sizeof(ControlData) == sizeof(mio_ancillary) && alignof(ControlData) <= alignof(mio_ancillary));
static_assert(offsetof(ControlData, bytes) % alignof(cmsghdr) == 0);

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

// Returns the content of one control message. `bytes` is null if the message is absent, or if the kernel truncated it.
struct ControlContent {
    const unsigned char *bytes;
    size_t size;
};
ControlContent find_control(const unsigned char *bytes, size_t length, int level, int type);

} // namespace mio::impl
