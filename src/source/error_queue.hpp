// SPDX-License-Identifier: MIT
// Errors that come back for what a socket over IP has sent.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"

namespace mio::impl {

// `kind` is what the source has to be.
int64_t recv_error(mio_source *source, SourceKind kind, mio_queued_error *error);

} // namespace mio::impl
