// SPDX-License-Identifier: MIT
// Opens and closes sets of signals, and receives their signals. An open mio_signals holds these members in this order:
// its mio_source, the mechanism that collects the signals, the mechanism's cookie (port/signals.hpp), and the numbers
// of the signals.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"

#include <mio/signals.h>

namespace mio::impl {

int open_signals(mio_signals *signals, const int *numbers, size_t count, uint32_t flags);

// Closes a set of signals. `source` must be the member of an open mio_signals, because the function also uses the other
// members of this struct.
void close_signals(mio_source *source);

int recv_signal(mio_signals *signals, mio_signal_info *info);

} // namespace mio::impl
