// SPDX-License-Identifier: MIT
// The poll object waits until a registered source or descriptor is ready.
#ifndef MIO_POLL_HPP
#define MIO_POLL_HPP

#include <mio/base.hpp>
#include <mio/clock.hpp>
#include <mio/event.hpp>
#include <mio/poll.h>
#include <mio/registry.hpp>
#include <mio/result.hpp>
#include <mio/safe.hpp>

#include <chrono>
#include <optional>

namespace mio {

// The options of Poll::create. See mio_poll_options.
struct PollOptions {
    const char *backend = nullptr; // "epoll", ...; null: the default
    bool restart = false;          // MIO_POLL_RESTART
};

// The capabilities of a backend: the MIO_CAN_ bits.
enum class Capability : std::uint32_t {
    edge = MIO_CAN_EDGE,
    level = MIO_CAN_LEVEL,
    oneshot = MIO_CAN_ONESHOT,
    exclusive = MIO_CAN_EXCLUSIVE,
    priority = MIO_CAN_PRIORITY,
    closed = MIO_CAN_CLOSED,
    aio = MIO_CAN_AIO,
    lio = MIO_CAN_LIO,
    nest = MIO_CAN_NEST,
    nanoseconds = MIO_CAN_NS,
    sigmask = MIO_CAN_SIGMASK,
    close = MIO_CAN_CLOSE,
};

// Waits until a registered source is ready. Poll owns a poll object, mio_poll. A moved-from or default-constructed
// Poll is empty, and its calls fail with EINVAL.
class Poll {
public:
    // Makes a poll object. See mio_poll_new.
    static Result<Poll> create(const PollOptions &options = PollOptions()) noexcept
    {
        mio_poll_options raw_options{};
        raw_options.size = sizeof raw_options;
        raw_options.flags = options.restart ? MIO_POLL_RESTART : 0;
        raw_options.backend = options.backend;
        mio_poll *raw = nullptr;
        const int returned = mio_poll_new(&raw, &raw_options);
        if (returned < 0) return detail::error(returned);
        return Poll(raw);
    }

    Poll() noexcept = default;

    // Takes over a poll object from C code.
    explicit Poll(mio_poll *raw) noexcept : raw_(raw) {}

    // Waits for events, and returns the number of events. See mio_poll_wait. A positive `timeout` limits the wait. With
    // a timeout that is 0 or negative, the call does not block. Without a timeout, or with an empty std::optional, the
    // call waits for ever.
    Result<std::size_t> poll(Events &events) { return wait(events, -1); }
    template <class Rep, class Period>
    Result<std::size_t> poll(Events &events, const std::chrono::duration<Rep, Period> &timeout)
    {
        return wait(events, to_nanoseconds(timeout));
    }
    template <class Rep, class Period>
    Result<std::size_t> poll(Events &events, const std::optional<std::chrono::duration<Rep, Period>> &timeout)
    {
        return wait(events, timeout ? to_nanoseconds(*timeout) : -1);
    }

    // Waits for events until a deadline. The largest time_point means "for ever". See mio_poll_wait_until.
    template <class Duration>
    Result<std::size_t> poll_until(Events &events, const std::chrono::time_point<Clock, Duration> &deadline)
    {
        return wait_until(events, to_nanoseconds(deadline));
    }

    // Waits until a deadline on std::chrono::steady_clock. The clocks mio::Clock and steady_clock both read
    // CLOCK_MONOTONIC.
    template <class Duration>
    Result<std::size_t> poll_until(Events &events,
                                   const std::chrono::time_point<std::chrono::steady_clock, Duration> &deadline)
    {
        return wait_until(events, to_nanoseconds(deadline));
    }

    // Waits, and replaces the signal mask of the thread during the wait. See mio_poll_wait_masked.
    Result<std::size_t> poll_masked(Events &events, const SignalMask &mask) { return wait_masked(events, -1, mask); }
    template <class Rep, class Period>
    Result<std::size_t> poll_masked(Events &events, const std::chrono::duration<Rep, Period> &timeout,
                                    const SignalMask &mask)
    {
        return wait_masked(events, to_nanoseconds(timeout), mask);
    }

    // Returns the registry. The registry is valid as long as the poll object exists. See mio_poll_registry.
    Registry registry() const &noexcept MIO_LIFETIMEBOUND { return Registry(mio_poll_registry(raw_.get())); }
    Registry registry() const && = delete;

    // Returns the poll object's own descriptor, for another poller. See mio_poll_handle.
    Result<mio_handle> handle() const &noexcept { return detail::count<mio_handle>(mio_poll_handle(raw_.get())); }
    Result<mio_handle> handle() const && = delete;

    // backend() returns the name of the backend in use. The function capabilities() returns the MIO_CAN_ bits of this
    // backend. The function can() returns whether the backend has `capability`. See mio_poll_backend,
    // mio_poll_capabilities.
    const char *backend() const noexcept { return mio_poll_backend(raw_.get()); }
    std::uint32_t capabilities() const noexcept { return mio_poll_capabilities(raw_.get()); }
    bool can(Capability capability) const noexcept
    {
        return (capabilities() & static_cast<std::uint32_t>(capability)) != 0;
    }

    // Returns the name of the backend with this index, or null if no backend has this index. See mio_poll_backend_name.
    static const char *backend_name(std::size_t index) noexcept { return mio_poll_backend_name(index); }

    // Returns the MIO_CAN_ bits of the backend called `name`. If `name` is null, returns the bits of the default
    // backend. See mio_poll_backend_capabilities.
    static Result<std::uint32_t> backend_capabilities(const char *name) noexcept
    {
        std::uint32_t capabilities = 0;
        const int returned = mio_poll_backend_capabilities(name, &capabilities);
        if (returned < 0) return detail::error(returned);
        return capabilities;
    }

    // Writes the state of the poll object to a descriptor, as text for people. See mio_poll_dump.
    Result<void> dump(mio_handle handle) const noexcept { return detail::status(mio_poll_dump(raw_.get(), handle)); }

    // raw() returns the C object, which this object still owns. The function release() gives the C object to the
    // caller, and the caller frees it.
    mio_poll *raw() const &noexcept MIO_LIFETIMEBOUND { return raw_.get(); }
    mio_poll *raw() const && = delete;
    mio_poll *release() noexcept { return raw_.release(); }

private:
    // The destructor of Poll calls this struct to free the poll object. See mio_poll_free.
    struct Free {
        void operator()(mio_poll *raw) const noexcept { mio_poll_free(raw); }
    };

    Result<std::size_t> wait(Events &events, std::int64_t timeout)
    {
        return store(events, mio_poll_wait(raw_.get(), events.raw(), events.capacity_, timeout));
    }
    Result<std::size_t> wait_until(Events &events, std::int64_t deadline)
    {
        return store(events, mio_poll_wait_until(raw_.get(), events.raw(), events.capacity_, deadline));
    }
    Result<std::size_t> wait_masked(Events &events, std::int64_t timeout, const SignalMask &mask)
    {
        return store(events, mio_poll_wait_masked(raw_.get(), events.raw(), events.capacity_, timeout, mask.raw()));
    }

    // Records in `events` how many events a wait has stored. If the wait has failed, `events` becomes empty.
    static Result<std::size_t> store(Events &events, int returned) noexcept
    {
        events.size_ = returned < 0 ? 0 : static_cast<std::size_t>(returned);
        return detail::count<std::size_t>(returned);
    }

    detail::Owner<mio_poll, Free> raw_;
};

} // namespace mio

#endif // MIO_POLL_HPP
