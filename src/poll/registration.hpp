// SPDX-License-Identifier: MIT
// Functions that begin, change and end the registration of a source or of a bare descriptor with a poll object.
#pragma once

#include "core/base.hpp"
#include "poll/poller.hpp"

#include <mio/source.h>

namespace mio::impl {

int register_handle(mio_poll *poll, mio_handle handle, uintptr_t token, uint32_t interest);
int reregister_handle(mio_poll *poll, mio_handle handle, uintptr_t token, uint32_t interest);
int deregister_handle(mio_poll *poll, mio_handle handle);

// Tells the selector that an operation on a bare handle has used up readiness. `used_up` is MIO_READABLE, MIO_WRITABLE
// or both.
int rearm_handle(mio_poll *poll, mio_handle handle, uint32_t used_up);

int register_source(mio_poll *poll, mio_source *source, uintptr_t token, uint32_t interest);
int reregister_source(mio_poll *poll, mio_source *source, uintptr_t token, uint32_t interest);
int deregister_source(mio_poll *poll, mio_source *source);

int clone_registry(const mio_registry *registry, mio_registry **clone);
void free_registry(mio_registry *registry);

} // namespace mio::impl
