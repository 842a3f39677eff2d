// SPDX-License-Identifier: MIT
// Errors that come back for what a socket over IP has sent.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"

namespace mio::impl {

int64_t recv_error(mio_source *source, mio_queued_error *error);

} // namespace mio::impl
