// SPDX-License-Identifier: MIT
// A signal mechanism makes a descriptor readable when a signal arrives. Each mechanism is one constant table.
// port/mechanisms.hpp lists the tables.
#pragma once

#include "core/base.hpp"
#include "core/signal_set.hpp"

#include <mio/signals.h>

namespace mio::impl {

// Makes a set of signal numbers. Returns -EINVAL if a number is not a signal, or if a program cannot wait for the
// signal.
int signal_set_of(const int *numbers, size_t count, SignalSet *set);

// A table with the name and the functions of a signal mechanism. The function pointers are called slots. `open` and
// `recv` return the documented value or a negative errno value. `stop` keeps errno. Some mechanisms change the signal
// mask of the calling thread in `open` and `stop`. The other mechanisms change the signal actions of the process.
// Several sets may contain the same signal. When the first of these sets opens, the mechanism changes the mask or the
// action of the signal. When the last of these sets closes, the mechanism restores the mask or the action
// (unix/signal_uses.hpp).
struct SignalMechanism {
    const char *name;

    // Starts to collect the signals of a set. Stores a descriptor in *opened, and in *cookie a value that the caller
    // passes to `recv` and `stop`. The descriptor is non-blocking and close-on-exec, and becomes readable when a signal
    // arrives. If is_refused_call is true for the error, the system lacks this mechanism, and the caller tries the next
    // mechanism. Returns -EBUSY if another mechanism already collects one of the signals.
    int (*open)(const SignalSet &set, uint32_t *cookie, mio_handle *opened);

    // Stops collecting the signals of a set. Returns true if the caller must close the descriptor. Returns false in a
    // forked child that has not inherited the descriptor.
    bool (*stop)(const SignalSet &set, uint32_t cookie);

    // Stores one signal in *info and returns 1. The caller has zeroed *info. Returns -EAGAIN if there is no signal. The
    // caller sets the `size` member.
    int (*recv)(mio_handle handle, uint32_t cookie, mio_signal_info *info);
};

} // namespace mio::impl
