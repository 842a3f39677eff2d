// SPDX-License-Identifier: MIT
// A signal handler can write with write_all. write_all is async-signal-safe, keeps errno, and takes no lock.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// Writes all bytes to any kind of handle, and returns the number of written bytes. The number is less than `length`
// only after an error. If the first write fails, returns its error. Never raises SIGPIPE.
int64_t write_all(mio_handle handle, const void *buffer, size_t length);

} // namespace mio::impl
