// SPDX-License-Identifier: MIT
// The layout of mio_ancillary: control messages, one after the other, as the kernel writes and reads them (cmsg(3)).
#pragma once

#include "core/base.hpp"

#include <mio/ancillary.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

namespace mio::impl {

enum class ControlState : uint16_t {
    empty = 0, // so that all zero is empty
    built = 0x6275,
    received = 0x7265, // anything else is storage that was never one
};

struct __attribute__((may_alias)) ControlData {
    uint32_t length; // how many of the bytes count; empty has none, whatever this is
    ControlState state;
    uint16_t source_family; // of what was built: AF_INET or AF_INET6 where it has a source, else 0
    unsigned char bytes[sizeof(mio_ancillary) - 8];
};
static_assert(sizeof(ControlData) == sizeof(mio_ancillary) && alignof(ControlData) <= alignof(mio_ancillary));
static_assert(offsetof(ControlData, bytes) % alignof(cmsghdr) == 0);

// Lets a message be sent with what was built, to an address of this family, AF_UNSPEC where it is not known: -EINVAL
// for anything else than that, -EAFNOSUPPORT where the source is of the other family, which the kernel would pass over.
int attach_outgoing(const mio_ancillary *ancillary, int family, msghdr *native);

// Has it sent by the interface that is the scope of the address that it goes to: -EINVAL where it is to be sent by
// another one, or holds what was received.
int set_outgoing_interface(mio_ancillary *ancillary, const mio_addr *addr);

// Lets a message be received with its control data, and takes note of what came.
void attach_incoming(mio_ancillary *ancillary, msghdr *native);
void store_incoming(mio_ancillary *ancillary, const msghdr &native);

// One control message of it, of all that the kernel has written whole; null content where it is not there.
struct ControlContent {
    const unsigned char *bytes;
    size_t size;
};
ControlContent find_control(const unsigned char *bytes, size_t length, int level, int type);

} // namespace mio::impl
