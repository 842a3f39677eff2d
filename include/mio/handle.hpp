// SPDX-License-Identifier: MIT
// The type Handle owns a descriptor for which mio has no other type.
#ifndef MIO_HANDLE_HPP
#define MIO_HANDLE_HPP

#include <mio/base.hpp>
#include <mio/registry.hpp>
#include <mio/result.hpp>

#include <utility>

namespace mio {

// Owns a descriptor that has no type in mio, such as a timerfd, a pidfd or an inotify instance. See mio_handle. A
// Handle can be registered like a socket: `registry.register_source(timer, mio::Token{1}, mio::Interest::readable)`.
// Deregister the Handle before you close it.
class Handle {
public:
    // A default-constructed Handle is closed. The other constructor takes over a descriptor. If the descriptor is a
    // negative number, such as the result of a failed system call, the Handle is closed.
    Handle() noexcept = default;
    explicit Handle(mio_handle handle) noexcept : handle_(handle) {}

    // A move transfers the descriptor to this object, and leaves the other object closed. An assignment also closes the
    // descriptor that this object had before.
    Handle(Handle &&other) noexcept : handle_(other.into_handle()) {}
    Handle &operator=(Handle &&other) noexcept
    {
        const mio_handle handle = other.into_handle();
        close();
        handle_ = handle;
        return *this;
    }
    ~Handle() { close(); }

    // Closes the descriptor, as the destructor does. See mio_handle_close.
    void close() noexcept { mio_handle_close(into_handle()); }

    // handle() returns the descriptor. The function into_handle() gives the descriptor to the caller. For a closed
    // Handle, both functions return a negative number.
    mio_handle handle() const &noexcept { return handle_; }
    mio_handle handle() const && = delete;
    mio_handle into_handle() noexcept { return std::exchange(handle_, MIO_HANDLE_NONE); }
    bool is_open() const noexcept { return handle_ >= 0; }

    // Registry::register_source, reregister_source and deregister_source call these functions. See
    // Registry::register_handle.
    Result<void> register_with(const Registry &registry, Token token, Interest interest) const noexcept
    {
        return registry.register_handle(handle_, token, interest);
    }
    Result<void> reregister_with(const Registry &registry, Token token, Interest interest) const noexcept
    {
        return registry.reregister_handle(handle_, token, interest);
    }
    Result<void> deregister_from(const Registry &registry) const noexcept
    {
        return registry.deregister_handle(handle_);
    }

private:
    mio_handle handle_ = MIO_HANDLE_NONE;
};

} // namespace mio

#endif // MIO_HANDLE_HPP
