// SPDX-License-Identifier: MIT
// Sends a part of a file with sendfile(2). FreeBSD and DragonFly have one form of sendfile(2), and macOS has another
// form. For each form, there is an overload of send_part. The compiler selects the overload by the type of sendfile.
#pragma once

#include "core/base.hpp"
#include "unix/calls.hpp"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

namespace mio::impl {

// Calls sendfile(2) of FreeBSD and DragonFly.
template <typename Headers>
int send_part(int (*call)(int, int, off_t, size_t, Headers *, off_t *, int), int file, int to, off_t position,
              size_t count, off_t *sent)
{
    return call(file, to, position, count, nullptr, sent, 0);
}

// Calls sendfile(2) of macOS.
template <typename Headers>
int send_part(int (*call)(int, int, off_t, off_t *, Headers *, int), int file, int to, off_t position, size_t count,
              off_t *sent)
{
    *sent = static_cast<off_t>(count);
    return call(file, to, position, sent, nullptr, 0);
}

// Sends a part of a file. Returns the number of bytes that sendfile(2) has sent, or a negative errno value. After a
// partial send, sendfile(2) fails with EAGAIN or EINTR, but stores the number of bytes sent. `count` must not be 0:
// with 0, sendfile(2) would send the rest of the file.
template <typename Call>
long send_from(Call call, int file, int to, int64_t position, size_t count)
{
    off_t sent = 0;
    const int failed = result_of(send_part(call, file, to, static_cast<off_t>(position), count, &sent));
    const bool partly = (failed == -EAGAIN || failed == -EINTR) && sent > 0;
    return failed == 0 || partly ? static_cast<long>(sent) : failed;
}

} // namespace mio::impl
