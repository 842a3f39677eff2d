// SPDX-License-Identifier: MIT
// Reads and writes the control messages with the local address of datagrams over IPv4. The control message of a
// received datagram holds the destination address and the interface. The control message of an outgoing datagram holds
// the source address and the interface. No standard defines these control messages, so each kind of system has its own
// packet_info.cc.
#pragma once

#include "core/base.hpp"
#include "unix/control_data.hpp"

#include <stdint.h>

namespace mio::impl {

struct PacketInfo {
    uint8_t ip[4];            // an address of zeros means no address
    uint32_t interface_index; // 0 means no interface
};

// Reads the destination address of a received datagram. Returns false if no control message has the address.
bool read_destination_v4(const ControlData *data, PacketInfo *info);

// Reads the source address of an outgoing datagram. Returns a PacketInfo of zeros if there is no source address.
PacketInfo read_source_v4(const ControlData *data);

// Replaces the source address of an outgoing datagram. Returns -ENOTSUP if the system's control message cannot hold the
// address or the interface.
int replace_source_v4(ControlData *data, const PacketInfo &info);

// Removes the source address of an outgoing datagram.
void remove_source_v4(ControlData *data);

} // namespace mio::impl
