// SPDX-License-Identifier: MIT
// The write of a notification, whatever the descriptor is.
#pragma once

#include "core/base.hpp"
#include "port/notifier.hpp"

#include <stddef.h>

namespace mio::impl {

// What Notifier::notify does, with these bytes.
int write_notification(const NotifierEnds &ends, const void *bytes, size_t length);

} // namespace mio::impl
