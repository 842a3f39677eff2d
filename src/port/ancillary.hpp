// SPDX-License-Identifier: MIT
// The contract of ancillary data: reading what came with a datagram, and building what goes with one. A mio_ancillary
// holds it in the platform's own form, which only the platform knows. These functions only touch memory, so they are
// async-signal-safe, and they read nothing outside *ancillary, even if it holds garbage. Where <mio/ancillary.h>
// specifies the behaviour, it is not repeated here; the caller has rejected null pointers as specified there.
#pragma once

#include "core/base.hpp"

#include <mio/ancillary.h>

namespace mio::impl {

void clear_ancillary(mio_ancillary *ancillary);

// -ENODATA if the value did not arrive. Outputs may be null in the first function only.
int ancillary_destination(const mio_ancillary *ancillary, mio_addr *addr, uint32_t *interface_index);
int ancillary_tos(const mio_ancillary *ancillary);
int ancillary_ttl(const mio_ancillary *ancillary);
int ancillary_timestamp(const mio_ancillary *ancillary, int64_t *time_ns);
int ancillary_original_destination(const mio_ancillary *ancillary, mio_addr *addr);
int ancillary_drops(const mio_ancillary *ancillary, uint32_t *count);
int ancillary_segment_size(const mio_ancillary *ancillary);

// -EINVAL if it holds received data.
int set_ancillary_source(mio_ancillary *ancillary, const mio_addr *addr, uint32_t interface_index);
int set_ancillary_tos(mio_ancillary *ancillary, int tos);
int set_ancillary_ttl(mio_ancillary *ancillary, int ttl);
int set_ancillary_segment_size(mio_ancillary *ancillary, int size);

} // namespace mio::impl
