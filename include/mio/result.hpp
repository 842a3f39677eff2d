// SPDX-License-Identifier: MIT
// The result of a call that can fail: a value or an error.
#ifndef MIO_RESULT_HPP
#define MIO_RESULT_HPP

#include <mio/base.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#if __cplusplus > 202002L || (defined(_MSVC_LANG) && _MSVC_LANG > 202002L)
#include <version>
#endif
#if defined(__cpp_lib_expected)
#include <expected>
#endif

namespace mio {

template <class T>
class Result;

namespace detail {

// Converts a negative errno value, which a C function has returned, to a std::errc.
constexpr std::errc error(std::int64_t returned) noexcept
{
    return static_cast<std::errc>(-returned);
}

// Throws `code` as a std::system_error. In a program without exceptions, prints the text of the error to standard error
// and aborts.
[[noreturn]] inline void raise(std::errc code, std::string_view doing)
{
    const std::error_code error = std::make_error_code(code);
#if defined(__cpp_exceptions)
    if (doing.empty()) throw std::system_error(error);
    throw std::system_error(error, std::string(doing));
#else
    const int length = doing.size() < 1000 ? static_cast<int>(doing.size()) : 1000;
    std::fprintf(stderr, "%.*s%s%s\n", length, doing.data(), length > 0 ? ": " : "", error.message().c_str());
    std::abort();
#endif
}

// True if a type can hold a negative errno value. Also true for char and wchar_t, even on a machine where these types
// are unsigned.
template <class T>
inline constexpr bool is_signed_number_v =
    std::is_integral_v<T> && !std::is_same_v<T, bool> &&
    (std::is_signed_v<T> || std::is_same_v<T, char> || std::is_same_v<T, wchar_t>);

// True if a Result<T> can be made from a value of type U, so that `return value;` compiles. Neither T nor U may be a
// signed integer type, because a signed number may be a negative errno value. If T and U are different number types,
// both must be unsigned, and T must hold every number of type U.
template <class T, class U>
constexpr bool is_value_of() noexcept
{
    if constexpr (std::is_same_v<U, Result<T>> || is_signed_number_v<U> || is_signed_number_v<T>)
        return false;
    else if constexpr (std::is_same_v<T, U>)
        return true;
    else if constexpr (std::is_unsigned_v<T> && std::is_unsigned_v<U>)
        return !std::is_same_v<T, bool> && !std::is_same_v<U, bool> && sizeof(U) <= sizeof(T);
    else if constexpr (std::is_arithmetic_v<T> || std::is_arithmetic_v<U>)
        return false;
    else
        return std::is_convertible_v<U, T>;
}

template <class T, class U>
using IfValue = std::enable_if_t<is_value_of<T, std::decay_t<U>>(), int>;
template <class U>
using IfSigned = std::enable_if_t<is_signed_number_v<std::decay_t<U>>, int>;
template <class T>
using IfBool = std::enable_if_t<std::is_same_v<T, bool>, int>;

// Makes a std::expected, if the standard library has that type.
template <class T>
struct InExpected;
#if defined(__cpp_lib_expected)
template <class T>
struct InExpected {
    using type = std::expected<T, std::error_code>;
    static type failure(std::error_code error) { return std::unexpected(error); }
};
#endif

} // namespace detail

// A Result holds a value of type T or an error. An error is an errno value in the generic category, so
// `result.error() == std::errc::timed_out` and `result.errc() == std::errc::timed_out` are equivalent. A function
// makes a Result by `return value;` or `return std::errc::...;`, and passes an error on by `return other.errc();`. To
// return a signed number as the value, write `return mio::ok(number);`. A plain signed number, such as `return
// -EINVAL;`, does not compile, because the number could be meant as a value or as an error. T must have a default
// constructor. If T is move-only, the Result is also move-only. A Result<void> has no `*`, `->` or `value_or`, and
// `return {};` makes a success. Traps: `*result` does not check for an error, so on an error `*result` is an empty T.
// If T is a count of bytes, the empty T is 0, which looks like the end of a stream. `if (result)` tests for success,
// even if T is bool. For a Result<bool>, `*result` is the bool. EAGAIN is an error, so or_throw() throws on EAGAIN.
// Call would_block() before or_throw(). The text of the exception names the failed call only if or_throw() has an
// argument. To return the negative `code` of a C function as the error, write `return static_cast<std::errc>(code);`. A
// Result accepts a positive or a negative code.
template <class T>
class [[nodiscard]] Result {
    static_assert(std::is_default_constructible_v<T>, "on an error a Result<T> holds an empty T");
    static_assert(!std::is_same_v<std::remove_cv_t<T>, std::errc>, "a std::errc in a Result is its error");

public:
    using value_type = T;

    // These constructors are implicit, so that a function can return a value or an error. A `code` of 0 is not an
    // error, and becomes EINVAL. A negative `code`, such as the result of a C function, becomes positive.
    template <class U = T, detail::IfValue<T, U> = 0>
    Result(U &&value) noexcept(std::is_nothrow_constructible_v<T, U>) : value_(std::forward<U>(value))
    {
    }
    Result(std::errc code) noexcept(std::is_nothrow_default_constructible_v<T>) : value_(), code_(failure(code)) {}

    // This constructor is deleted, because a signed number may be a negative errno value. Return a std::errc for an
    // error, and mio::ok(number) for a value.
    template <class U, detail::IfSigned<U> = 0>
    Result(U &&number) = delete;

    // mio::ok calls this constructor, which accepts any value.
    Result(std::in_place_t, T value) noexcept(std::is_nothrow_move_constructible_v<T>) : value_(std::move(value)) {}

    // Returns whether there is a value. The operator is deleted for a temporary Result<bool>, because `if (call())`
    // would look like a test of the bool.
    bool has_value() const noexcept { return code_ == std::errc(); }
    explicit operator bool() const &noexcept { return has_value(); }
    template <class U = T, detail::IfBool<U> = 0>
    explicit operator bool() const && = delete;

    // error() returns the error as a std::error_code. After a success, the value of the std::error_code is 0, so the
    // std::error_code converts to false. errc() returns the error as a std::errc.
    std::error_code error() const noexcept { return std::make_error_code(code_); }
    std::errc errc() const noexcept { return code_; }

    // Returns whether the error is EAGAIN. After EAGAIN, wait for the next event.
    bool would_block() const noexcept { return code_ == std::errc::resource_unavailable_try_again; }

    // Returns the value. On an error, throws std::system_error. A program without exceptions prints the text of this
    // error and calls std::abort. A temporary Result returns the value itself, not a reference.
    T &value() & MIO_LIFETIMEBOUND
    {
        require_value({});
        return value_;
    }
    const T &value() const &MIO_LIFETIMEBOUND
    {
        require_value({});
        return value_;
    }
    T value() &&
    {
        require_value({});
        return std::move(value_);
    }

    // Works like value(), but the text of the exception begins with the argument `doing`:
    // `stream.write(...).or_throw("write")`.
    T &or_throw(std::string_view doing = {}) & MIO_LIFETIMEBOUND
    {
        require_value(doing);
        return value_;
    }
    const T &or_throw(std::string_view doing = {}) const &MIO_LIFETIMEBOUND
    {
        require_value(doing);
        return value_;
    }
    T or_throw(std::string_view doing = {}) &&
    {
        require_value(doing);
        return std::move(value_);
    }

    // Returns the value without a check. On an error, returns an empty T.
    T &operator*() &noexcept MIO_LIFETIMEBOUND { return value_; }
    const T &operator*() const &noexcept MIO_LIFETIMEBOUND { return value_; }
    T operator*() &&noexcept(std::is_nothrow_move_constructible_v<T>) { return std::move(value_); }
    T *operator->() &noexcept MIO_LIFETIMEBOUND { return std::addressof(value_); }
    const T *operator->() const &noexcept MIO_LIFETIMEBOUND { return std::addressof(value_); }

    // These overloads for a temporary are deleted, because their results would refer to the temporary.
    const T &value() const && = delete;
    const T &or_throw(std::string_view doing = {}) const && = delete;
    const T &operator*() const && = delete;
    const T *operator->() const && = delete;

    // Returns the value. On an error, returns `other`.
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

    // Converts the Result to a std::expected<T, std::error_code>, in C++23.
    template <class U = T>
    typename detail::InExpected<U>::type to_expected() const &
    {
        if (!has_value()) return detail::InExpected<U>::failure(error());
        return value_;
    }
    template <class U = T>
    typename detail::InExpected<U>::type to_expected() &&
    {
        if (!has_value()) return detail::InExpected<U>::failure(error());
        return std::move(value_);
    }

private:
    static constexpr std::errc failure(std::errc code) noexcept
    {
        if (code == std::errc()) return std::errc::invalid_argument;
        return code < std::errc() ? detail::error(static_cast<int>(code)) : code;
    }

    void require_value(std::string_view doing) const
    {
        if (!has_value()) detail::raise(code_, doing);
    }

    T value_;
    std::errc code_ = std::errc();
};

// A Result<void> is a success or an error. `return {};` makes a success, and so does a std::errc of 0.
template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;

    Result() noexcept = default;
    Result(std::errc code) noexcept : code_(code < std::errc() ? detail::error(static_cast<int>(code)) : code) {}

    // These functions work like the functions of Result<T> with the same names.
    bool has_value() const noexcept { return code_ == std::errc(); }
    explicit operator bool() const noexcept { return has_value(); }
    std::error_code error() const noexcept { return std::make_error_code(code_); }
    std::errc errc() const noexcept { return code_; }
    bool would_block() const noexcept { return code_ == std::errc::resource_unavailable_try_again; }
    void value() const { or_throw(); }
    void or_throw(std::string_view doing = {}) const
    {
        if (!has_value()) detail::raise(code_, doing);
    }
    template <class U = void>
    typename detail::InExpected<U>::type to_expected() const
    {
        if (!has_value()) return detail::InExpected<U>::failure(error());
        return {};
    }

private:
    std::errc code_ = std::errc();
};

// Makes a success with the given value, which can be a signed number: `return mio::ok(count - 1);`.
template <class T>
Result<std::decay_t<T>> ok(T &&value) noexcept(std::is_nothrow_constructible_v<std::decay_t<T>, T>)
{
    return Result<std::decay_t<T>>(std::in_place, std::forward<T>(value));
}

namespace detail {

// Converts the result of a C function that returns 0 or a negative errno value.
inline Result<void> status(int returned) noexcept
{
    if (returned < 0) return error(returned);
    return {};
}

// Converts the result of a C function. The result is a negative errno value, or a number of at least 0, such as a
// count.
template <class T>
Result<T> count(std::int64_t returned) noexcept
{
    if (returned < 0) return error(returned);
    return ok(static_cast<T>(returned));
}

// Returns the `value` that a C function has stored, or the error that the function returned.
template <class T>
Result<T> stored(int returned, T &value) noexcept
{
    if (returned < 0) return error(returned);
    return ok(std::move(value));
}

} // namespace detail

} // namespace mio

#endif // MIO_RESULT_HPP
