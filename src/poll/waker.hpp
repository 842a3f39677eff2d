// SPDX-License-Identifier: MIT
// A waker lets another thread or a signal handler end a wait. It consists of a notifier, and of the epoch of its latest
// notification (core/wake_epoch.hpp).
#pragma once

#include "core/base.hpp"
#include "core/sync.hpp"
#include "poll/poller.hpp"
#include "port/notifier.hpp"

#include <mio/waker.h>

struct mio_waker {
    mio::impl::Atomic<uint64_t> last{mio::impl::WakeEpoch::none};
    mio_poll *poll;
    mio::impl::Notify notify;
    const mio::impl::Notifier *descriptor; // null if the waker uses the selector's own notifier
    mio::impl::NotifierEnds ends;
};

namespace mio::impl {

int open_waker(mio_poll *poll, uintptr_t token, mio_waker **waker);
int wake(mio_waker *waker);
void free_waker(mio_waker *waker);

} // namespace mio::impl
