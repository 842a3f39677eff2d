// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "poll/backends.hpp"
#include "poll/poll_dump.hpp"
#include "poll/poller.hpp"
#include "port/clock.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_poll_new(mio_poll **poll, const mio_poll_options *options)
{
    return poll != nullptr ? open_poll(options, poll) : -EINVAL;
}

MIO_EXPORT void mio_poll_free(mio_poll *poll)
{
    if (poll != nullptr) free_poll(poll);
}

MIO_EXPORT int mio_poll_wait(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns)
{
    if (poll == nullptr || events == nullptr || capacity == 0) return -EINVAL;
    return wait_for_events(poll, events, capacity, timeout_ns, nullptr);
}

MIO_EXPORT int mio_poll_wait_until(mio_poll *poll, mio_event *events, size_t capacity, int64_t deadline_ns)
{
    if (poll == nullptr || events == nullptr || capacity == 0) return -EINVAL;
    return wait_until(poll, events, capacity, deadline_ns);
}

MIO_EXPORT int mio_poll_wait_masked(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns,
                                    const mio_signal_mask *mask)
{
    if (poll == nullptr || events == nullptr || capacity == 0) return -EINVAL;
    return wait_for_events(poll, events, capacity, timeout_ns, mask);
}

MIO_EXPORT int64_t mio_clock_now(void)
{
    return monotonic_now();
}

MIO_EXPORT mio_registry *mio_poll_registry(mio_poll *poll)
{
    return poll != nullptr ? &poll->registry : nullptr;
}

MIO_EXPORT mio_handle mio_poll_handle(const mio_poll *poll)
{
    mio_handle handle = MIO_HANDLE_NONE;
    const int failed = poll != nullptr ? poll_handle(poll, &handle) : -EINVAL;
    return failed == 0 ? handle : failed;
}

MIO_EXPORT const char *mio_poll_backend(const mio_poll *poll)
{
    return poll != nullptr ? poll->selector->name : nullptr;
}

MIO_EXPORT uint32_t mio_poll_capabilities(const mio_poll *poll)
{
    return poll != nullptr ? poll->selector->capabilities(selector_state(poll)) : 0;
}

MIO_EXPORT int mio_poll_backend_capabilities(const char *name, uint32_t *capabilities)
{
    return capabilities != nullptr ? backend_capabilities(name, capabilities) : -EINVAL;
}

MIO_EXPORT int mio_poll_dump(mio_poll *poll, mio_handle handle)
{
    return poll != nullptr ? dump_poll(poll, handle) : -EINVAL;
}

MIO_EXPORT const char *mio_poll_backend_name(size_t index)
{
    const Selector *selector = selector_at(index);
    return selector != nullptr ? selector->name : nullptr;
}
