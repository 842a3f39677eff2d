// SPDX-License-Identifier: MIT
// Reads the errors that the network reports for datagrams or connections of an IP socket.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"

namespace mio::impl {

// Removes one error from the error queue of a source. `kind` is the kind that the source must have.
int64_t recv_error(mio_source *source, SourceKind kind, mio_queued_error *error);

} // namespace mio::impl
