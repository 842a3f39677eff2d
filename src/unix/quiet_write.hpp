// SPDX-License-Identifier: MIT
// Writes without SIGPIPE to a descriptor of any kind. Only sockets support MSG_NOSIGNAL. Systems suppress the signal in
// different ways, so each system has its own quiet_write.cc.
#pragma once

#include "core/base.hpp"

#include <signal.h>
#include <stddef.h>
#include <sys/uio.h>

namespace mio::impl {

// Calls writev(2) without raising SIGPIPE. The function may fail to suppress SIGXFSZ, which a write to a file with a
// size can raise. So the descriptor must be a pipe or another file without a size. Returns the number of bytes
// written, or a negative errno value. If a SIGPIPE was already pending, it stays pending. Async-signal-safe.
long write_quietly(int fd, const iovec *pieces, size_t count);

// Consumes the pending signals in `set`. The calling thread must have blocked these signals. The function does not wait
// for a signal. Async-signal-safe.
void take_pending(const sigset_t &set);

} // namespace mio::impl
