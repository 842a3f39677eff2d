// SPDX-License-Identifier: MIT
// The contract of what a signal handler may use. All of it is async-signal-safe, keeps errno, and takes no lock.
#pragma once

#include "core/base.hpp"

#include <mio/safe.h>

namespace mio::impl {

// Writes all of it to whatever the handle is; fewer only after an error. Never SIGPIPE.
int64_t write_all(mio_handle handle, const void *buffer, size_t length);

// "SIGTERM" and "EAGAIN", or null. `code` is positive.
const char *signal_name(int number);
const char *error_name(int code);

// Change the calling thread's mask; `saved` may be null. -EINVAL for a number that cannot be blocked, and then nothing
// has changed.
enum class MaskChange { block, unblock };
int change_signal_mask(MaskChange change, const int *numbers, size_t count, mio_signal_mask *saved);

// block: all but those that report a fault of the program; unblock: all.
void change_whole_signal_mask(MaskChange change, mio_signal_mask *saved);

void restore_signal_mask(const mio_signal_mask *saved);

// To and from what the system has for a set of signals, which lies at the beginning of a mio_signal_mask: -EINVAL where
// `size` is not its size.
int load_signal_mask(mio_signal_mask *mask, const void *sigset, size_t size);
int store_signal_mask(const mio_signal_mask *mask, void *sigset, size_t size);

} // namespace mio::impl
