// SPDX-License-Identifier: MIT
#include "unix/udp_batch.hpp"

#include "unix/calls.hpp"

#include <stddef.h>
#include <sys/socket.h>
#include <time.h>

namespace mio::impl {

namespace {

static_assert(sizeof(BatchHeader) == sizeof(mmsghdr) && offsetof(BatchHeader, msg_len) == offsetof(mmsghdr, msg_len));

mmsghdr *native_of(BatchHeader *headers)
{
    return reinterpret_cast<mmsghdr *>(headers);
}

} // namespace

long send_batch(int fd, BatchHeader *headers, size_t count)
{
    return result_of(sendmmsg(fd, native_of(headers), static_cast<unsigned>(count), MSG_NOSIGNAL));
}

long recv_batch(int fd, BatchHeader *headers, size_t count)
{
    timespec *const without_limit = nullptr;
    return result_of(recvmmsg(fd, native_of(headers), static_cast<unsigned>(count), 0, without_limit));
}

} // namespace mio::impl
