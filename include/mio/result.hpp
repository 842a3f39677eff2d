// SPDX-License-Identifier: MIT
// What a call that can fail returns: a value, or the reason why there is none.
#ifndef MIO_RESULT_HPP
#define MIO_RESULT_HPP

#include <mio/base.hpp>

#include <cstdlib>
#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>

namespace mio {

template <class T>
class Result;

namespace detail {

// The negative errno value that a C function returned, as the standard names it.
constexpr std::errc error(std::int64_t returned) noexcept
{
    return static_cast<std::errc>(-returned);
}

[[noreturn]] inline void raise(std::errc code)
{
#if defined(__cpp_exceptions)
    throw std::system_error(std::make_error_code(code));
#else
    static_cast<void>(code);
    std::abort();
#endif
}

} // namespace detail

// What a call that can fail returns, a T or an error. An error is an errno value in the generic category, so
// `result.error() == std::errc::timed_out` and `result.errc() == std::errc::timed_out` say the same. A function returns
// one by `return value;` or `return std::errc::...;`, and passes an error on by `return other.errc();`. T must have
// a default constructor; where it can be moved but not copied, so can the Result. A Result<void> has no `*`, `->` and
// `value_or`, and is a success by `return {};`.
template <class T>
class [[nodiscard]] Result {
    static_assert(std::is_default_constructible_v<T>, "on an error a Result<T> holds an empty T");

public:
    using value_type = T;

    // Implicit, so that a function can return either. `code` is not 0.
    Result(T value) noexcept(std::is_nothrow_move_constructible_v<T>) : value_(std::move(value)) {}
    Result(std::errc code) noexcept(std::is_nothrow_default_constructible_v<T>) : value_(), code_(code) {}

    // Whether there is a value. Of a Result<bool> it does not say which.
    bool has_value() const noexcept { return code_ == std::errc(); }
    explicit operator bool() const noexcept { return has_value(); }

    // The error; when there is a value its number is 0, and it is false.
    std::error_code error() const noexcept { return std::make_error_code(code_); }
    std::errc errc() const noexcept { return code_; }

    // Whether the error is EAGAIN: nothing is wrong, wait for the next event.
    bool would_block() const noexcept { return code_ == std::errc::resource_unavailable_try_again; }

    // The value. On an error it throws std::system_error, or calls std::abort where exceptions are off.
    T &value() &
    {
        check();
        return value_;
    }
    const T &value() const &
    {
        check();
        return value_;
    }
    T &&value() &&
    {
        check();
        return std::move(value_);
    }

    // The value, unchecked: on an error an empty T.
    T &operator*() &noexcept { return value_; }
    const T &operator*() const &noexcept { return value_; }
    T &&operator*() &&noexcept { return std::move(value_); }
    T *operator->() noexcept { return std::addressof(value_); }
    const T *operator->() const noexcept { return std::addressof(value_); }

    // The value, or on an error `other`.
    template <class U>
    T value_or(U &&other) const &
    {
        return has_value() ? value_ : static_cast<T>(std::forward<U>(other));
    }
    template <class U>
    T value_or(U &&other) &&
    {
        return has_value() ? std::move(value_) : static_cast<T>(std::forward<U>(other));
    }

private:
    void check() const
    {
        if (!has_value()) detail::raise(code_);
    }

    T value_;
    std::errc code_ = std::errc();
};

// Success, or an error. `return {};` is success.
template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;

    Result() noexcept = default;
    Result(std::errc code) noexcept : code_(code) {}

    // As in Result<T>.
    bool has_value() const noexcept { return code_ == std::errc(); }
    explicit operator bool() const noexcept { return has_value(); }
    std::error_code error() const noexcept { return std::make_error_code(code_); }
    std::errc errc() const noexcept { return code_; }
    bool would_block() const noexcept { return code_ == std::errc::resource_unavailable_try_again; }
    void value() const
    {
        if (!has_value()) detail::raise(code_);
    }

private:
    std::errc code_ = std::errc();
};

namespace detail {

// The result of a C function that returns 0 or a negative errno value.
inline Result<void> status(int returned) noexcept
{
    if (returned < 0) return error(returned);
    return {};
}

// The result of a C function that returns a count, or anything else that is not negative, or a negative errno value.
template <class T>
Result<T> count(std::int64_t returned) noexcept
{
    if (returned < 0) return error(returned);
    return static_cast<T>(returned);
}

// What a C function has stored in `value`, or the error that it returned.
template <class T>
Result<T> stored(int returned, T &value) noexcept
{
    if (returned < 0) return error(returned);
    return std::move(value);
}

} // namespace detail

} // namespace mio

#endif // MIO_RESULT_HPP
