// SPDX-License-Identifier: MIT
// The contract of a mechanism that delivers signals as readiness. Each mechanism is one constant table.
// port/mechanisms.hpp lists the tables.
#pragma once

#include "core/base.hpp"
#include "core/signal_set.hpp"

#include <mio/signals.h>

namespace mio::impl {

// Makes a set of numbers. Returns -EINVAL for a number that is not a signal, and for a signal that a program cannot
// wait for.
int signal_set_of(const int *numbers, size_t count, SignalSet *set);

// Slots return the documented value or a negative errno value; `stop` keeps errno. `open` and `stop` change the mask of
// the calling thread, or the actions of the process. Several sets may share numbers. The first set that opens changes
// mask and action. The last set that closes restores mask and action (unix/signal_uses.hpp).
struct SignalMechanism {
    const char *name;

    // Starts to collect the signals of a set and stores a descriptor. The descriptor is non-blocking and close-on-exec,
    // and becomes readable when a signal arrives. Pass *cookie to `stop`. Error codes of is_refused_call mean that the
    // system lacks this mechanism, and the caller tries the next table. -EBUSY means that another mechanism already
    // collects one of the numbers.
    int (*open)(const SignalSet &set, uint32_t *cookie, mio_handle *opened);

    // Stops collecting. If `stop` returns true, the caller then closes the descriptor. `stop` returns false in a forked
    // child that has not inherited the descriptor.
    bool (*stop)(const SignalSet &set, uint32_t cookie);

    // Stores one signal in *info and returns 1. The caller has zeroed *info. Returns -EAGAIN if there is no signal. The
    // caller handles the `size` member.
    int (*recv)(mio_handle handle, uint32_t cookie, mio_signal_info *info);
};

} // namespace mio::impl
