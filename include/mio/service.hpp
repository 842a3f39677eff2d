// SPDX-License-Identifier: MIT
// Functions for a service that a service manager, such as systemd, has started.
#ifndef MIO_SERVICE_HPP
#define MIO_SERVICE_HPP

#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/clock.hpp>
#include <mio/result.hpp>
#include <mio/service.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>

namespace mio {

// The variables that Service::forget removes from the environment. Combine the values with `|`.
enum class ServiceVariables : std::uint32_t {
    listen = MIO_SERVICE_LISTEN,
    notify = MIO_SERVICE_NOTIFY,
    watchdog = MIO_SERVICE_WATCHDOG,
    all = MIO_SERVICE_LISTEN | MIO_SERVICE_NOTIFY | MIO_SERVICE_WATCHDOG,
};
constexpr ServiceVariables operator|(ServiceVariables left, ServiceVariables right) noexcept
{
    return static_cast<ServiceVariables>(static_cast<std::uint32_t>(left) | static_cast<std::uint32_t>(right));
}

// The name of a passed descriptor.
using ServiceName = Text<MIO_SERVICE_NAME_SIZE>;

// The service manager of this process. All functions are static, because a process has at most one manager. See
// mio_service(3).
struct Service {
    // Returns the number of descriptors that the manager has passed. See mio_service_listen_count.
    static Result<std::size_t> listen_count() noexcept
    {
        return detail::count<std::size_t>(mio_service_listen_count());
    }

    // Returns the passed descriptor with this index, counted from 0. The function from_handle of a listener or socket
    // can take over the descriptor. Calls with the same index return the same descriptor. See
    // mio_service_listen_handle.
    static Result<mio_handle> listen_handle(std::size_t index) noexcept
    {
        return detail::count<mio_handle>(mio_service_listen_handle(index));
    }

    // Returns the name of a passed descriptor. Fails with ENAMETOOLONG if the name does not fit into a ServiceName.
    // systemd gives no such name. See mio_service_listen_name.
    static Result<ServiceName> listen_name(std::size_t index) noexcept
    {
        int length = 0;
        ServiceName name([index, &length](char *text, std::size_t size) {
            return length = mio_service_listen_name(index, text, size);
        });
        if (length >= static_cast<int>(MIO_SERVICE_NAME_SIZE)) return std::errc::filename_too_long;
        return detail::stored(length, name);
    }

    // Returns the index of the first descriptor that has the name `name`. The search begins at the index `from`. See
    // mio_service_listen_find.
    static Result<std::size_t> listen_find(const char *name, std::size_t from = 0) noexcept
    {
        return detail::count<std::size_t>(mio_service_listen_find(name, from));
    }

    // Removes variables from the environment. During the call, no other thread may use the environment. See
    // mio_service_forget.
    static Result<void> forget(ServiceVariables variables) noexcept
    {
        return detail::status(mio_service_forget(static_cast<std::uint32_t>(variables)));
    }

    // Sends the message `state`, such as "READY=1", and the descriptors in `handles` to the manager. Returns true if
    // the message was sent, and false if there is no manager. See mio_service_notify.
    static Result<bool> notify(const char *state, ArrayRef<const mio_handle> handles = {}) noexcept
    {
        return sent(mio_service_notify(state, detail::data(handles), detail::size(handles)));
    }

    // Notifies the manager that the service reloads its configuration. Returns like notify. See
    // mio_service_notify_reloading.
    static Result<bool> notify_reloading() noexcept { return sent(mio_service_notify_reloading()); }

    // Waits until the manager has processed all messages, but at most for `timeout`. Without a timeout, the function
    // waits for ever. Returns like notify. See mio_service_notify_barrier.
    static Result<bool> notify_barrier() { return sent(mio_service_notify_barrier(-1)); }
    template <class Rep, class Period>
    static Result<bool> notify_barrier(const std::chrono::duration<Rep, Period> &timeout)
    {
        return sent(mio_service_notify_barrier(to_nanoseconds(timeout)));
    }

    // Returns the longest time that may pass between two messages "WATCHDOG=1", or 0 if the manager expects no such
    // messages. See mio_service_watchdog.
    static Result<std::chrono::nanoseconds> watchdog() noexcept
    {
        std::int64_t interval = 0;
        const int returned = mio_service_watchdog(&interval);
        std::chrono::nanoseconds time(interval);
        return detail::stored(returned, time);
    }

private:
    static Result<bool> sent(int returned) noexcept
    {
        if (returned < 0) return detail::error(returned);
        return ok(returned != 0);
    }
};

} // namespace mio

#endif // MIO_SERVICE_HPP
