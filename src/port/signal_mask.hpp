// SPDX-License-Identifier: MIT
// Functions for signal masks. Every function is async-signal-safe, keeps errno, and takes no lock. On a platform
// without signal masks, every function returns -ENOTSUP, and callers pass this error on.
#pragma once

#include "core/base.hpp"

#include <mio/safe.h>
#include <stddef.h>

namespace mio::impl {

// Changes the calling thread's mask. Stores the old mask in *saved, unless `saved` is null. If one of the numbers
// cannot be blocked, returns -EINVAL and changes nothing.
enum class MaskChange { block, unblock };
int change_signal_mask(MaskChange change, const int *numbers, size_t count, mio_signal_mask *saved);

// MaskChange::block blocks all signals, except SIGABRT and the signals that report a fault of the program, such as
// SIGSEGV. MaskChange::unblock unblocks all signals.
int change_whole_signal_mask(MaskChange change, mio_signal_mask *saved);

int restore_signal_mask(const mio_signal_mask *saved);

// load_signal_mask converts a sigset_t to a mio_signal_mask, and store_signal_mask converts a mio_signal_mask to a
// sigset_t. Both functions return -EINVAL if `size` is not the size of a sigset_t.
int load_signal_mask(mio_signal_mask *mask, const void *sigset, size_t size);
int store_signal_mask(const mio_signal_mask *mask, void *sigset, size_t size);

} // namespace mio::impl
