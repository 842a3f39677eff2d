// SPDX-License-Identifier: MIT
// The contract of a notifier: a descriptor that any thread and any signal handler can make readable. It lies below the
// selectors and knows nothing of tokens; a waker is a notifier that is registered.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>

namespace mio::impl {

// The end that is watched and the end that is written to; the same descriptor where one will do.
struct NotifierEnds {
    mio_handle watched;
    mio_handle written;
};

// Slots return 0 or a negative errno value; `close` and `notify` keep errno. None is a cancellation point.
struct Notifier {
    const char *name;

    // -ENOSYS or -EPERM mean that the system has no such thing, and that the next table is worth a try.
    int (*open)(NotifierEnds *ends);
    void (*close)(NotifierEnds *ends);

    // Makes the watched end readable and causes a new edge on it, every time. Async-signal-safe; never waits. -ENOMEM and
    // -EPERM as the system says it; every other failure is -EBADF: the descriptor is not the one that was opened.
    int (*notify)(const NotifierEnds *ends);
};

} // namespace mio::impl
