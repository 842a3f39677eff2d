// SPDX-License-Identifier: MIT
// A set of signals is a source that is readable when one of its signals has arrived.
#ifndef MIO_SIGNALS_HPP
#define MIO_SIGNALS_HPP

#include <mio/base.hpp>
#include <mio/result.hpp>
#include <mio/signals.h>
#include <mio/source.hpp>

#include <initializer_list>

namespace mio {

// The flags of mio_signals_open.
enum class SignalsFlags : std::uint32_t {
    none = 0,
    self_pipe = MIO_SIGNALS_SELF_PIPE,
};

// A received signal. SignalInfo is a value type. The fields that the system does not fill in are 0. See
// mio_signal_info.
class SignalInfo {
public:
    SignalInfo() noexcept = default;
    explicit SignalInfo(const mio_signal_info &raw) noexcept : raw_(raw) {}

    // These functions return the members of mio_signal_info.
    int number() const noexcept { return raw_.number; }
    int code() const noexcept { return raw_.code; }
    std::int32_t pid() const noexcept { return raw_.pid; }
    std::uint32_t uid() const noexcept { return raw_.uid; }
    int status() const noexcept { return raw_.status; }
    int overrun() const noexcept { return raw_.overrun; }

    // A signal can carry a value that sigqueue(3) or a timer attached. value() returns the sival_int of this value, and
    // pointer() returns its sival_ptr.
    int value() const noexcept { return raw_.value; }
    void *pointer() const noexcept { return reinterpret_cast<void *>(static_cast<std::uintptr_t>(raw_.pointer)); }

    // Returns the C struct.
    mio_signal_info *raw() &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_signal_info *raw() const &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_signal_info *raw() const && = delete;

private:
    mio_signal_info raw_ = MIO_SIGNAL_INFO_INIT;
};

// Owns a set of signals that arrive as events. See mio_signals. Close and destroy the set in the thread that opened
// it. If the process is about to exit, call release() instead; see mio_signals(3).
class Signals : public detail::OwnedSource<mio_signals> {
public:
    using OwnedSource::OwnedSource;

    // Opens a set of signals, for example with `Signals::open({SIGINT, SIGTERM})`. See mio_signals_open.
    static Result<Signals> open(const int *numbers, std::size_t count, SignalsFlags flags = SignalsFlags::none) noexcept
    {
        Signals set;
        return detail::stored(mio_signals_open(set.raw(), numbers, count, static_cast<std::uint32_t>(flags)), set);
    }
    static Result<Signals> open(std::initializer_list<int> numbers, SignalsFlags flags = SignalsFlags::none) noexcept
    {
        return open(numbers.begin(), numbers.size(), flags);
    }

    // This function is deleted, because a set consists of more than its descriptor. The function release() gives the
    // whole set to the caller.
    mio_handle into_handle() = delete;

    // Receives one signal. If no signal has arrived, returns the error EAGAIN. See mio_signals_recv.
    Result<SignalInfo> recv()
    {
        SignalInfo info;
        return detail::stored(mio_signals_recv(raw(), info.raw()), info);
    }
};

} // namespace mio

#endif // MIO_SIGNALS_HPP
