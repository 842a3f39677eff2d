// SPDX-License-Identifier: MIT
// The contract of a mechanism that delivers signals as readiness. Each is one constant table;
// port/mechanisms.hpp is the list of them.
#pragma once

#include "core/base.hpp"
#include "core/signal_set.hpp"

#include <mio/signals.h>

namespace mio::impl {

// Makes a set of numbers: -EINVAL where one is none, or names a signal that cannot be waited for.
int signal_set_of(const int *numbers, size_t count, SignalSet *set);

// Slots return what they say or a negative errno value; `stop` keeps errno. `open` and `stop` change the mask of the calling
// thread, or the actions of the process; several sets may share numbers, and the last one out puts back what the first
// one in found (unix/signal_uses.hpp).
struct SignalMechanism {
    const char *name;

    // Starts to collect the signals of a set and stores a descriptor, non-blocking and close-on-exec, that is readable
    // when one has come. *cookie is for `stop`. -ENOSYS or -EPERM mean that the system has no such thing, and that the
    // next table is worth a try; -EBUSY that a number is in use by the other mechanism.
    int (*open)(const SignalSet &set, uint32_t *cookie, mio_handle *opened);

    // Ends it. The caller closes the descriptor afterwards.
    void (*stop)(const SignalSet &set, uint32_t cookie);

    // Stores one signal in *info, which is all zero before, and returns 1; -EAGAIN when there is none. The size is the
    // caller's business.
    int (*recv)(mio_handle handle, uint32_t cookie, mio_signal_info *info);
};

} // namespace mio::impl
