// SPDX-License-Identifier: MIT
// Appends a control message (cmsg(3)) to others. CMSG_NXTHDR does not work here, because it reads a header that has not
// been written yet.
#pragma once

#include "core/base.hpp"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

namespace mio::impl {

// Writes one control message to `at` and returns its length, CMSG_SPACE(size). The caller provides the space. The
// content may be unaligned.
inline size_t put_control_message(unsigned char *at, int level, int type, const void *content, size_t size)
{
    cmsghdr header = {};
    header.cmsg_level = level;
    header.cmsg_type = type;
    header.cmsg_len = static_cast<decltype(header.cmsg_len)>(CMSG_LEN(size));
    memset(at, 0, CMSG_SPACE(size));
    memcpy(at, &header, sizeof header);
    memcpy(at + CMSG_LEN(0), content, size);
    return CMSG_SPACE(size);
}

} // namespace mio::impl
