// SPDX-License-Identifier: MIT
// The layout of mio_ancillary, which contains a sequence of control messages in the kernel's format (cmsg(3)).
#pragma once

#include "core/base.hpp"
#include "core/control_state.hpp"
#include "unix/control_message.hpp"

#include <mio/ancillary.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

namespace mio::impl {

struct __attribute__((may_alias)) ControlData {
    uint32_t length; // number of bytes in use; ignored if the state is `empty`
    ControlState state;
    uint16_t source_family; // in outgoing data: AF_INET or AF_INET6 if there is a source address, else 0
    unsigned char bytes[sizeof(mio_ancillary) - 8];
};
static_assert(sizeof(ControlData) == sizeof(mio_ancillary) && alignof(ControlData) <= alignof(mio_ancillary));
static_assert(offsetof(ControlData, bytes) % alignof(cmsghdr) == 0);

// The content of a control message. find_control finds the control message with the level `level` and the type `type`.
// If `bytes` in the result is null, the control message is missing, or the kernel truncated it.
struct ControlContent {
    const unsigned char *bytes;
    size_t size;
};
ControlContent find_control(const unsigned char *bytes, size_t length, int level, int type);

// Reads the value in a control message, if the value has the size of the type Value. If the value is absent, leaves
// *value unchanged. A control message that the kernel truncated counts as absent.
template <typename Value>
bool read_control(const ControlData *data, int level, int type, Value *value)
{
    const ControlContent found = find_control(data->bytes, data->length, level, type);
    if (found.bytes == nullptr || found.size != sizeof *value) return false;
    memcpy(value, found.bytes, sizeof *value);
    return true;
}

// These functions change outgoing data. data->bytes has space for all control messages that a program can build, so
// replace_control always succeeds.
void remove_control(ControlData *data, int level, int type);

template <typename Value>
void replace_control(ControlData *data, int level, int type, const Value &value)
{
    remove_control(data, level, type);
    data->length +=
        static_cast<uint32_t>(put_control_message(data->bytes + data->length, level, type, &value, sizeof value));
}

} // namespace mio::impl
