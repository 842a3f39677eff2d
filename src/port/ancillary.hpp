// SPDX-License-Identifier: MIT
// The contract of ancillary data: reading what came with a datagram, and putting together what goes with one. A
// mio_ancillary holds it in the platform's own form, which is known here alone. Pure work on memory: async-signal-safe,
// and nothing is read outside of *ancillary, whatever it holds. What is as good as <mio/ancillary.h> has it is not said
// again; the caller has checked for null where that says so.
#pragma once

#include "core/base.hpp"

#include <mio/ancillary.h>

namespace mio::impl {

void clear_ancillary(mio_ancillary *ancillary);

// -ENODATA where it did not come. Outputs may be null in the first one only.
int ancillary_destination(const mio_ancillary *ancillary, mio_addr *addr, uint32_t *interface_index);
int ancillary_tos(const mio_ancillary *ancillary);
int ancillary_ttl(const mio_ancillary *ancillary);
int ancillary_timestamp(const mio_ancillary *ancillary, int64_t *time_ns);
int ancillary_original_destination(const mio_ancillary *ancillary, mio_addr *addr);
int ancillary_drops(const mio_ancillary *ancillary, uint32_t *count);
int ancillary_segment_size(const mio_ancillary *ancillary);

// -EINVAL where it holds what was received.
int set_ancillary_source(mio_ancillary *ancillary, const mio_addr *addr, uint32_t interface_index);
int set_ancillary_tos(mio_ancillary *ancillary, int tos);
int set_ancillary_ttl(mio_ancillary *ancillary, int ttl);
int set_ancillary_segment_size(mio_ancillary *ancillary, int size);

} // namespace mio::impl
