// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "poll/waker.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_waker_new(mio_waker **waker, mio_registry *registry, uintptr_t token)
{
    if (registry == nullptr || waker == nullptr) return -EINVAL;
    return open_waker(registry->poll, token, waker);
}

MIO_EXPORT int mio_waker_wake(mio_waker *waker)
{
    return waker != nullptr ? wake(waker) : -EINVAL;
}

MIO_EXPORT void mio_waker_free(mio_waker *waker)
{
    if (waker != nullptr) free_waker(waker);
}
