// SPDX-License-Identifier: MIT
// Keeps errno unchanged in functions that a signal handler may call, and in functions that close, free or deregister.
// Programs call such functions between a failure and reading its errno. No other function of the library keeps errno.
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
