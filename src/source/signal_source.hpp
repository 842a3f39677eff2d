// SPDX-License-Identifier: MIT
// Signals as a source. Beside the source lie a word that says which mechanism collects them and what it must be told to
// stop, and the numbers.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"

#include <mio/signals.h>

namespace mio::impl {

int open_signals(mio_signals *signals, const int *numbers, size_t count, uint32_t flags);

// Of an open source of that kind, which the rest of its set lies behind.
void close_signals(mio_source *source);

int recv_signal(mio_signals *signals, mio_signal_info *info);

} // namespace mio::impl
