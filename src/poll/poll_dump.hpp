// SPDX-License-Identifier: MIT
// Writes the state of a poll object as text.
#pragma once

#include "core/base.hpp"
#include "poll/poller.hpp"

namespace mio::impl {

// Writes the state of `poll` as text to `handle`. Allocates nothing.
int dump_poll(mio_poll *poll, mio_handle handle);

} // namespace mio::impl
