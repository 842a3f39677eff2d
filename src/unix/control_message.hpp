// SPDX-License-Identifier: MIT
// Writes and reads control messages that follow one another in a buffer (cmsg(3)).
#pragma once

#include "core/base.hpp"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

namespace mio::impl {

// Returns the content of a control message. The function replaces the macro CMSG_DATA, because the macro removes
// "const", and some compilers warn of the removal.
inline const unsigned char *content_of(const cmsghdr *control)
{
    return reinterpret_cast<const unsigned char *>(control) + CMSG_LEN(0);
}

// Writes one control message to `at` and returns its length, CMSG_SPACE(size). The caller provides the space. `content`
// may be unaligned. To write the next control message, a caller adds the result to `at`. CMSG_NXTHDR cannot compute
// this address, because the macro reads the header of the next control message, which does not exist yet.
inline size_t put_control_message(unsigned char *at, int level, int type, const void *content, size_t size)
{
    cmsghdr header = {};
    header.cmsg_level = level;
    header.cmsg_type = type;
    header.cmsg_len = static_cast<decltype(header.cmsg_len)>(CMSG_LEN(size));
    memset(at, 0, CMSG_LEN(0)); // clear only what the copies below leave out: the padding
    memset(at + CMSG_LEN(size), 0, CMSG_SPACE(size) - CMSG_LEN(size));
    memcpy(at, &header, sizeof header);
    memcpy(at + CMSG_LEN(0), content, size);
    return CMSG_SPACE(size);
}

// Returns the content length of a control message from the kernel.
inline size_t control_size(const cmsghdr *control)
{
    return control->cmsg_len - CMSG_LEN(0);
}

// Returns the next control message in a buffer that the kernel wrote, or null. The function replaces the macro
// CMSG_NXTHDR, because the macro of musl compares signed with unsigned numbers, and some compilers warn of this
// comparison.
inline const cmsghdr *next_control(const msghdr &message, const cmsghdr *control)
{
    const auto *begin = static_cast<const unsigned char *>(message.msg_control);
    const auto *next = reinterpret_cast<const unsigned char *>(control) + CMSG_SPACE(control_size(control));
    const size_t end = static_cast<size_t>(next - begin) + sizeof(cmsghdr);
    return end <= message.msg_controllen ? reinterpret_cast<const cmsghdr *>(next) : nullptr;
}

} // namespace mio::impl
