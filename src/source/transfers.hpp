// SPDX-License-Identifier: MIT
// Moves bytes between sources, and between a source and any other descriptor.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"

#include <mio/source.h>

namespace mio::impl {

// One end of a transfer: a source, or a bare descriptor.
struct TransferEnd {
    mio_source *source;
    mio_handle handle;
};

inline TransferEnd end_of(mio_source *source)
{
    return {source, handle_of(source)};
}

inline TransferEnd end_of(mio_handle handle)
{
    return {nullptr, handle};
}

int64_t send_file_to(mio_source *source, mio_handle file, int64_t *offset, size_t count);

// Moves bytes between two ends, like mio_source_splice. `blocked` may be null.
int64_t splice_ends(TransferEnd from, TransferEnd to, size_t count, uint32_t *blocked);

} // namespace mio::impl
