// SPDX-License-Identifier: MIT
// Writes a notification to any kind of descriptor.
#pragma once

#include "core/base.hpp"
#include "port/notifier.hpp"

#include <stddef.h>

namespace mio::impl {

// Translates `result`, the error of a system call on the library's own descriptor. Returns an error that a function of
// the type Notify may return (port/notifier.hpp).
int notification_failure(long result);

// Implements Notifier::notify. The function writes `length` bytes to the written end.
int write_notification(const NotifierEnds &ends, const void *bytes, size_t length);

} // namespace mio::impl
