// SPDX-License-Identifier: MIT
// Leaves errno as it was, for what a signal handler may call, and for closing, freeing and deregistering, which programs
// do between a failure and the look at its errno. Nothing else in the library keeps it.
#pragma once

#include "core/base.hpp"

#include <errno.h>

namespace mio::impl {

class ErrnoGuard {
public:
    ErrnoGuard() : saved_(errno) {}
    ~ErrnoGuard() { errno = saved_; }
    ErrnoGuard(const ErrnoGuard &) = delete;
    ErrnoGuard &operator=(const ErrnoGuard &) = delete;

private:
    int saved_;
};

} // namespace mio::impl
