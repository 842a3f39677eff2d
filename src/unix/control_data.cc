// SPDX-License-Identifier: MIT
#include "unix/control_data.hpp"

namespace mio::impl {

// Finds the control message with this level and type. The function does not use CMSG_NXTHDR, because CMSG_NXTHDR trusts
// the lengths in the control messages, and the storage may hold garbage.
ControlContent find_control(const unsigned char *bytes, size_t length, int level, int type)
{
    cmsghdr header;
    if (length > sizeof(ControlData::bytes)) return {};
    for (size_t at = 0; at < length && length - at >= sizeof header;) {
        memcpy(&header, bytes + at, sizeof header);
        const size_t whole = header.cmsg_len;
        if (whole < CMSG_LEN(0) || whole > length - at) break;
        const size_t size = whole - CMSG_LEN(0);
        if (header.cmsg_level == level && header.cmsg_type == type) return {bytes + at + CMSG_LEN(0), size};
        at += CMSG_SPACE(size);
    }
    return {};
}

void remove_control(ControlData *data, int level, int type)
{
    const ControlContent found = find_control(data->bytes, data->length, level, type);
    if (found.bytes == nullptr) return;
    const size_t at = static_cast<size_t>(found.bytes - data->bytes) - CMSG_LEN(0);
    const size_t space = at + CMSG_SPACE(found.size);
    const size_t end = space < data->length ? space : data->length;
    memmove(data->bytes + at, data->bytes + end, data->length - end);
    data->length -= static_cast<uint32_t>(end - at);
}

} // namespace mio::impl
