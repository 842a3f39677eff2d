// SPDX-License-Identifier: MIT
// A registry registers sources and descriptors with a poll object.
#ifndef MIO_REGISTRY_HPP
#define MIO_REGISTRY_HPP

#include <mio/base.hpp>
#include <mio/event.hpp>
#include <mio/interest.hpp>
#include <mio/registry.h>
#include <mio/result.hpp>
#include <mio/source.hpp>

namespace mio {

class OwnedRegistry;

// Registers sources with a Poll. A Registry is a view of a registry that belongs to a Poll or an OwnedRegistry. A
// Registry wraps mio_registry. A program may copy a Registry, but must not use the copy after the Poll or OwnedRegistry
// has been destroyed.
class Registry {
public:
    Registry() noexcept = default;
    explicit Registry(mio_registry *raw) noexcept : raw_(raw) {}

    // Watches a source. The page mio_cpp(7) lists the kinds of sources. For a composite source, the call runs
    // register_with of the source. For any other source, see mio_registry_register.
    Result<void> register_source(mio_source &source, Token token, Interest interest) const noexcept
    {
        return detail::status(mio_registry_register(raw_, &source, to_integer(token), interest.bits()));
    }
    template <class S>
    Result<void> register_source(S &source, Token token, Interest interest) const
    {
        static_assert(is_source_v<S>, "not a source: see mio::is_source_v");
        if constexpr (detail::is_composite_v<S>)
            return source.register_with(*this, token, interest);
        else if constexpr (detail::has_source_v<S>)
            return detail::status(mio_registry_register(raw_, source.source(), to_integer(token), interest.bits()));
        else if (detail::is_empty(source))
            return std::errc::invalid_argument;
        else
            return register_source(detail::unbox(source, 0), token, interest);
    }
    template <class S, detail::IfBorrowed<S> = 0>
    Result<void> register_source(const S &&box, Token token, Interest interest) const
    {
        return register_source(box, token, interest);
    }

    // Replaces the token and the interest of a source. See mio_registry_reregister.
    Result<void> reregister_source(mio_source &source, Token token, Interest interest) const noexcept
    {
        return detail::status(mio_registry_reregister(raw_, &source, to_integer(token), interest.bits()));
    }
    template <class S>
    Result<void> reregister_source(S &source, Token token, Interest interest) const
    {
        static_assert(is_source_v<S>, "not a source: see mio::is_source_v");
        if constexpr (detail::is_composite_v<S>)
            return source.reregister_with(*this, token, interest);
        else if constexpr (detail::has_source_v<S>)
            return detail::status(mio_registry_reregister(raw_, source.source(), to_integer(token), interest.bits()));
        else if (detail::is_empty(source))
            return std::errc::invalid_argument;
        else
            return reregister_source(detail::unbox(source, 0), token, interest);
    }
    template <class S, detail::IfBorrowed<S> = 0>
    Result<void> reregister_source(const S &&box, Token token, Interest interest) const
    {
        return reregister_source(box, token, interest);
    }

    // Stops watching a source. See mio_registry_deregister.
    Result<void> deregister_source(mio_source &source) const noexcept
    {
        return detail::status(mio_registry_deregister(raw_, &source));
    }
    template <class S>
    Result<void> deregister_source(S &source) const
    {
        static_assert(is_source_v<S>, "not a source: see mio::is_source_v");
        if constexpr (detail::is_composite_v<S>)
            return source.deregister_from(*this);
        else if constexpr (detail::has_source_v<S>)
            return detail::status(mio_registry_deregister(raw_, source.source()));
        else if (detail::is_empty(source))
            return std::errc::invalid_argument;
        else
            return deregister_source(detail::unbox(source, 0));
    }
    template <class S, detail::IfBorrowed<S> = 0>
    Result<void> deregister_source(const S &&box) const
    {
        return deregister_source(box);
    }

    // These functions register, reregister and deregister a bare descriptor, which is not part of a source. See
    // mio_registry_register_handle, mio_registry_reregister_handle, mio_registry_deregister_handle.
    Result<void> register_handle(mio_handle handle, Token token, Interest interest) const noexcept
    {
        return detail::status(mio_registry_register_handle(raw_, handle, to_integer(token), interest.bits()));
    }
    Result<void> reregister_handle(mio_handle handle, Token token, Interest interest) const noexcept
    {
        return detail::status(mio_registry_reregister_handle(raw_, handle, to_integer(token), interest.bits()));
    }
    Result<void> deregister_handle(mio_handle handle) const noexcept
    {
        return detail::status(mio_registry_deregister_handle(raw_, handle));
    }

    // Reports to mio that a call on a bare descriptor failed with EAGAIN. Only backends that emulate edges need this
    // report. See mio_registry_rearm_handle.
    Result<void> rearm_handle(mio_handle handle, Interest used_up) const noexcept
    {
        return detail::status(mio_registry_rearm_handle(raw_, handle, used_up.bits()));
    }

    // Returns the descriptor of the poll object. The poll object still owns the descriptor. See
    // mio_registry_poll_handle.
    Result<mio_handle> poll_handle() const noexcept
    {
        return detail::count<mio_handle>(mio_registry_poll_handle(raw_));
    }

    // Makes a clone. The clone may outlive the Poll. After the Poll has been destroyed, clone() still works, and all
    // other calls on the clone fail with EBADF. See mio_registry_clone.
    Result<OwnedRegistry> clone() const noexcept;

    // Returns the C object, which the Poll or the OwnedRegistry still owns.
    mio_registry *raw() const noexcept { return raw_; }

private:
    mio_registry *raw_ = nullptr;
};

// Owns a clone of a registry. The clone may outlive its Poll. See mio_registry_clone. A moved-from or
// default-constructed object is empty, and its calls fail with EINVAL.
class OwnedRegistry {
public:
    OwnedRegistry() noexcept = default;

    // Takes over a clone that C code made with mio_registry_clone.
    explicit OwnedRegistry(mio_registry *raw) noexcept : raw_(raw) {}

    // Returns a view of this registry, with all functions of Registry.
    Registry registry() const &noexcept MIO_LIFETIMEBOUND { return Registry(raw_.get()); }
    operator Registry() const &noexcept MIO_LIFETIMEBOUND { return registry(); }
    Registry registry() const && = delete;
    operator Registry() const && = delete;

    // raw() returns the C object, which this object still owns. The function release() gives the C object to the
    // caller, and the caller frees it.
    mio_registry *raw() const &noexcept MIO_LIFETIMEBOUND { return raw_.get(); }
    mio_registry *raw() const && = delete;
    mio_registry *release() noexcept { return raw_.release(); }

private:
    // The destructor of OwnedRegistry calls this struct to free the clone. See mio_registry_free.
    struct Free {
        void operator()(mio_registry *raw) const noexcept { mio_registry_free(raw); }
    };

    detail::Owner<mio_registry, Free> raw_;
};

inline Result<OwnedRegistry> Registry::clone() const noexcept
{
    mio_registry *clone = nullptr;
    const int returned = mio_registry_clone(&clone, raw_);
    if (returned < 0) return detail::error(returned);
    return OwnedRegistry(clone);
}

} // namespace mio

#endif // MIO_REGISTRY_HPP
