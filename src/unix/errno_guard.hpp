// SPDX-License-Identifier: MIT
// Keeps errno unchanged in functions that a signal handler may call, and in functions that close, free or deregister. A
// program may call such a function after a failure, before the program reads errno. No other function of the library
// keeps errno.
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
