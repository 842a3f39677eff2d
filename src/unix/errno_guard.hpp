// SPDX-License-Identifier: MIT
// Restores errno at the end of a function. A function that a signal handler may call needs the guard. A function that
// closes, frees or deregisters something also needs the guard, because a program often cleans up after a failure before
// it reads errno. No other function of the library keeps errno.
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
