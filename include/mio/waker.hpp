// SPDX-License-Identifier: MIT
// A waker lets another thread or a signal handler end a wait.
#ifndef MIO_WAKER_HPP
#define MIO_WAKER_HPP

#include <mio/base.hpp>
#include <mio/event.hpp>
#include <mio/registry.hpp>
#include <mio/result.hpp>
#include <mio/waker.h>

namespace mio {

// Lets another thread or a signal handler end a wait. A Waker owns a mio_waker. A moved-from or default-constructed
// Waker is empty, and its calls fail with EINVAL.
class Waker {
public:
    // Makes a waker for the poll object of `registry`. After a call of wake(), the next wait returns an event with
    // `token`. See mio_waker_new.
    static Result<Waker> create(const Registry &registry, Token token) noexcept
    {
        mio_waker *raw = nullptr;
        const int returned = mio_waker_new(&raw, registry.raw(), to_integer(token));
        if (returned < 0) return detail::error(returned);
        return Waker(raw);
    }

    Waker() noexcept = default;

    // Takes over a waker from C code.
    explicit Waker(mio_waker *raw) noexcept : raw_(raw) {}

    // Wakes the poll object, from any thread or from a signal handler. See mio_waker_wake.
    Result<void> wake() const noexcept { return detail::status(mio_waker_wake(raw_.get())); }

    // raw() returns the C object, which this object still owns. The function release() gives the C object to the
    // caller, and the caller frees it.
    mio_waker *raw() const &noexcept MIO_LIFETIMEBOUND { return raw_.get(); }
    mio_waker *raw() const && = delete;
    mio_waker *release() noexcept { return raw_.release(); }

private:
    // Frees the object in the destructor. See mio_waker_free.
    struct Free {
        void operator()(mio_waker *raw) const noexcept { mio_waker_free(raw); }
    };

    detail::Owner<mio_waker, Free> raw_;
};

} // namespace mio

#endif // MIO_WAKER_HPP
