// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/service.hpp"

#include <errno.h>
#include <mio/service.h>
#include <mio/unix.h>

using namespace mio::impl;

MIO_EXPORT int mio_service_listen_count(void)
{
    return count_passed_handles();
}

MIO_EXPORT mio_handle mio_service_listen_handle(size_t index)
{
    mio_handle handle = MIO_HANDLE_NONE;
    const int failed = adopt_passed_handle(index, &handle);
    return failed != 0 ? failed : handle;
}

MIO_EXPORT int mio_service_listen_name(size_t index, char *text, size_t size)
{
    if (text == nullptr && size > 0) return -EINVAL;
    return name_passed_handle(index, text, size);
}

MIO_EXPORT int mio_service_listen_find(const char *name, size_t from)
{
    return name != nullptr ? find_passed_handle(name, from) : -EINVAL;
}

MIO_EXPORT int mio_service_forget(uint32_t variables)
{
    return forget_service(variables);
}

MIO_EXPORT int mio_service_notify(const char *state, const mio_handle *handles, size_t count)
{
    if (state == nullptr || *state == '\0') return -EINVAL;
    if (count > MIO_UNIX_HANDLES_MAX || (handles == nullptr && count > 0)) return -EINVAL;
    return notify_manager(state, handles, count);
}

MIO_EXPORT int mio_service_notify_reloading(void)
{
    return notify_reloading();
}

MIO_EXPORT int mio_service_notify_barrier(int64_t timeout_ns)
{
    return notify_barrier(timeout_ns);
}

MIO_EXPORT int mio_service_watchdog(int64_t *interval_ns)
{
    return interval_ns != nullptr ? watchdog_interval(interval_ns) : -EINVAL;
}
