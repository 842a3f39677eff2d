// SPDX-License-Identifier: MIT
// Signals as a source. After the source follow a word with the mechanism that collects the signals and the cookie to
// stop it, and the numbers.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"

#include <mio/signals.h>

namespace mio::impl {

int open_signals(mio_signals *signals, const int *numbers, size_t count, uint32_t flags);

// Takes the source of an open collection; the rest of the collection follows it in memory.
void close_signals(mio_source *source);

int recv_signal(mio_signals *signals, mio_signal_info *info);

} // namespace mio::impl
