// SPDX-License-Identifier: MIT
// The contract of a notifier: a descriptor that any thread and any signal handler can make readable. It lies below the
// selectors and knows nothing of tokens; a waker is a notifier that is registered.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>

namespace mio::impl {

// The end to watch and the end to write to; one descriptor may be both.
struct NotifierEnds {
    mio_handle watched;
    mio_handle written;
};

// Slots return 0 or a negative errno value; `close` and `notify` keep errno. None is a cancellation point.
struct Notifier {
    const char *name;

    // -ENOSYS or -EPERM mean that the system lacks this mechanism; the caller then tries the next table.
    int (*open)(NotifierEnds *ends);
    void (*close)(NotifierEnds *ends);

    // Makes the watched end readable and causes a new edge each time. Async-signal-safe; never blocks. -ENOMEM and
    // -EPERM are passed on from the system; every other failure is -EBADF: the descriptor is not the one that was
    // opened.
    int (*notify)(const NotifierEnds *ends);
};

} // namespace mio::impl
