// SPDX-License-Identifier: MIT
// Writes interests and events as text.
#pragma once

#include "core/base.hpp"
#include "core/text.hpp"

#include <mio/event.h>

namespace mio::impl {

void format_interest(TextWriter *out, uint32_t interest);
void format_event(TextWriter *out, const mio_event &event);

} // namespace mio::impl
