// SPDX-License-Identifier: MIT
// With a notifier, any thread and any signal handler can end a wait. There are two kinds:
//
//   Notifier          a descriptor that becomes readable. A Notifier depends on no selector and has no token.
//                     port/mechanisms.hpp lists the notifiers of a platform. A selector watches the descriptor like any
//                     other descriptor.
//   SelectorNotifier  a selector's own way to return an event, without a descriptor. Examples are EVFILT_USER of
//                     kqueue(2), and a packet posted to a completion port. A selector without a SelectorNotifier needs
//                     a Notifier. If the selector has a SelectorNotifier that works, a waker uses it.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <stdint.h>

namespace mio::impl {

// The two ends of a Notifier: the selector watches one end, and a wake writes to the other end. One descriptor may
// serve as both ends. A SelectorNotifier stores other values in this struct, such as the descriptor of a kqueue.
struct NotifierEnds {
    mio_handle watched;
    mio_handle written;
    uintptr_t token; // only a SelectorNotifier has a token
};

// A function that sends a notification. Each notification causes a new edge of `watched`. The function is
// async-signal-safe, never blocks, keeps errno, and is not a cancellation point. The function returns 0, or -ENOMEM or
// -EPERM from the system. After any other failure, the function returns -EBADF, because such a failure means that the
// program has closed the descriptor.
using Notify = int (*)(const NotifierEnds *ends);

// A table with the name and the functions of a notifier. The function pointers are called slots. `open` and `notify`
// return 0 or a negative errno value. `close` keeps errno. No slot is a cancellation point.
struct Notifier {
    const char *name;

    // Opens both ends. If is_refused_call is true for the error, the system lacks this notifier, and the caller tries
    // the next notifier.
    int (*open)(NotifierEnds *ends);
    void (*close)(NotifierEnds *ends);

    // Makes the watched end readable.
    Notify notify;
};

// The functions of a notifier that only one selector can watch. The parameter `state` is the state of this selector.
// The selector outlives its notifiers. In all other respects, the functions of the table follow the rules of Notifier.
struct SelectorNotifier {
    // Makes a notifier whose event has the token. If the running system lacks this kind of notifier, returns -ENOSYS,
    // and the caller uses a Notifier. The caller must not move *ends in memory until it has called `close`.
    int (*open)(void *state, uintptr_t token, NotifierEnds *ends);

    // Closes a notifier. A wait that begins after `close` does not return the token. A forked child does not call
    // `close`.
    void (*close)(void *state, NotifierEnds *ends);

    // Sends a notification: the current or the next wait returns a readable event with the token. If several
    // notifications come before the wait returns, the wait may return only one event for all of them.
    Notify notify;
};

} // namespace mio::impl
