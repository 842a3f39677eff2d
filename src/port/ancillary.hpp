// SPDX-License-Identifier: MIT
// Functions that read the ancillary data of a received datagram, and build the ancillary data of an outgoing datagram.
// A mio_ancillary holds the data in a form that only the platform knows. These functions only touch memory, so they are
// async-signal-safe. The functions read nothing outside *ancillary, even if *ancillary holds garbage. <mio/ancillary.h>
// specifies the results and the errors of the functions. The caller has already rejected null pointers.
#pragma once

#include "core/base.hpp"

#include <mio/ancillary.h>

namespace mio::impl {

void clear_ancillary(mio_ancillary *ancillary);

// Each of these functions reads one value that arrived with a datagram. If the value did not arrive, the function
// returns -ENODATA. Only the outputs of ancillary_destination may be null.
int ancillary_destination(const mio_ancillary *ancillary, mio_addr *addr, uint32_t *interface_index);
int ancillary_tos(const mio_ancillary *ancillary);
int ancillary_ttl(const mio_ancillary *ancillary);
int ancillary_timestamp(const mio_ancillary *ancillary, int64_t *time_ns);
int ancillary_original_destination(const mio_ancillary *ancillary, mio_addr *addr);
int ancillary_drops(const mio_ancillary *ancillary, uint32_t *count);
int ancillary_segment_size(const mio_ancillary *ancillary);

// Each of these functions sets one value of an outgoing datagram. It returns -EINVAL if *ancillary holds received data.
int set_ancillary_source(mio_ancillary *ancillary, const mio_addr *addr, uint32_t interface_index);
int set_ancillary_tos(mio_ancillary *ancillary, int tos);
int set_ancillary_ttl(mio_ancillary *ancillary, int ttl);
int set_ancillary_segment_size(mio_ancillary *ancillary, int size);

} // namespace mio::impl
