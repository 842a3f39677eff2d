// SPDX-License-Identifier: MIT
// Parameter types of calls that send, receive, read and write. These parameters accept any container of bytes.
#ifndef MIO_BYTES_HPP
#define MIO_BYTES_HPP

#include <mio/base.hpp>

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <type_traits>

#if __cplusplus >= 202002L || (defined(_MSVC_LANG) && _MSVC_LANG >= 202002L)
#include <span>
#endif

namespace mio {

namespace detail {

// is_byte_v is true if T is std::byte, or a character type of one byte. is_text_v is true if T is char or char8_t.
template <class T>
inline constexpr bool is_text_v = std::is_same_v<T, char>;
#if defined(__cpp_char8_t)
template <>
inline constexpr bool is_text_v<char8_t> = true;
#endif
template <class T>
inline constexpr bool is_byte_v =
    is_text_v<T> || std::is_same_v<T, std::byte> || std::is_same_v<T, unsigned char> || std::is_same_v<T, signed char>;

// The element type of the type C, if C is an array or has data() and size(). For any other type, the element type is
// NotElement.
struct NotElement;
template <class C, class = void>
struct ElementOf {
    using type = NotElement;
};
template <class C>
struct ElementOf<C, std::void_t<decltype(std::size(std::declval<C &>())), decltype(*std::data(std::declval<C &>()))>> {
    using type = std::remove_pointer_t<decltype(std::data(std::declval<C &>()))>;
};
template <class C>
using element_t = typename ElementOf<C>::type;

// is_sent_v is true if a program can send the bytes in an object of type C. is_filled_v is true if a program can
// receive into an object of type C. If the object has a name, C is an lvalue reference. Otherwise the object is
// temporary. A program can receive into a temporary object only if this object is a view of bytes, such as a std::span.
template <class C>
inline constexpr bool is_sent_v = is_byte_v<std::remove_cv_t<element_t<std::remove_reference_t<C>>>>;
template <class C>
inline constexpr bool is_filled_v = is_sent_v<C> && !std::is_const_v<element_t<std::remove_reference_t<C>>> &&
                                    (std::is_lvalue_reference_v<C> || !std::is_const_v<element_t<const C>>);

// is_view_v is true if C is a view. A view does not own its elements. stays_v is true if the elements of an argument of
// type C stay valid after the call.
template <class C>
inline constexpr bool is_view_v = false;
template <class Char, class Traits>
inline constexpr bool is_view_v<std::basic_string_view<Char, Traits>> = true;
#if defined(__cpp_lib_span)
template <class T, std::size_t Extent>
inline constexpr bool is_view_v<std::span<T, Extent>> = true;
#endif
template <class C>
inline constexpr bool stays_v = std::is_lvalue_reference_v<C> || is_view_v<std::remove_cv_t<C>>;

// True if the elements of C have the type T, or T without const. C must be an array, or have data() and size().
template <class T, class C>
inline constexpr bool is_array_of_v = std::is_convertible_v<element_t<std::remove_reference_t<C>> (*)[], T (*)[]>;

template <class C>
using IfSent = std::enable_if_t<is_sent_v<C>, int>;
template <class C>
using IfFilled = std::enable_if_t<is_filled_v<C>, int>;
template <class C>
using IfSentLater = std::enable_if_t<is_sent_v<C> && stays_v<C>, int>;
template <class T, class C>
using IfArrayOf = std::enable_if_t<is_array_of_v<T, C>, int>;

// Returns the number of bytes, without the null byte that ends a string literal.
template <class C>
std::size_t byte_count(C &bytes) noexcept
{
    const std::size_t count = std::size(bytes);
    if constexpr (std::is_array_v<C> && std::is_const_v<element_t<C>> && is_text_v<std::remove_cv_t<element_t<C>>>) {
        if (bytes[count - 1] == element_t<C>()) return count - 1;
    }
    return count;
}

struct Access;

// A text with a final null byte, for the C functions that need such a text. If a text does not fit, the constructor
// truncates the text. This is harmless: even the truncated text is longer than every text that the C functions accept.
template <std::size_t Size>
class Terminated {
public:
    explicit Terminated(std::string_view text) noexcept : is_text_(text.find('\0') == text.npos)
    {
        data_[text.copy(data_, Size - 1)] = '\0';
    }

    // Returns a null pointer if the text contains a null byte.
    const char *get() const noexcept { return is_text_ ? data_ : nullptr; }

private:
    char data_[Size];
    bool is_text_;
};

} // namespace detail

// A view of the bytes that a call sends. The view is valid only during the call. The argument is an array or any type
// with data() and size(), such as a string, a string_view, a vector or a span. The elements are std::byte or characters
// of one byte. If a constant array of char ends with a null byte, as a string literal does, the call leaves out this
// null byte. Use ConstBytes only as the type of a parameter, not of a variable.
class ConstBytes {
public:
    template <class Buffer, detail::IfSent<Buffer> = 0>
    ConstBytes(Buffer &&bytes MIO_LIFETIMEBOUND) noexcept : data_(std::data(bytes)), size_(detail::byte_count(bytes))
    {
    }
    ConstBytes(const ConstBytes &) = delete;
    ConstBytes &operator=(const ConstBytes &) = delete;

private:
    friend struct detail::Access;

    const void *data_;
    std::size_t size_;
};

// A view of the bytes that a call fills. The view is valid only during the call. The argument has one of the types that
// ConstBytes accepts, but the bytes must not be constant. The call fills at most size() bytes. Use Bytes only as the
// type of a parameter.
class Bytes {
public:
    template <class Buffer, detail::IfFilled<Buffer> = 0>
    Bytes(Buffer &&bytes MIO_LIFETIMEBOUND) noexcept : data_(std::data(bytes)), size_(std::size(bytes))
    {
    }
    Bytes(const Bytes &) = delete;
    Bytes &operator=(const Bytes &) = delete;

private:
    friend struct detail::Access;

    void *data_;
    std::size_t size_;
};

// A view of the elements that a call reads or fills. The view is valid only during the call. The argument is an array,
// a vector, a span or any type with data() and size(). If the elements are constant, the argument can also be a list in
// braces. Use ArrayRef only as the type of a parameter.
template <class T>
class ArrayRef {
public:
    template <class Array, detail::IfArrayOf<T, Array> = 0>
    ArrayRef(Array &&array MIO_LIFETIMEBOUND) noexcept : data_(std::data(array)), size_(std::size(array))
    {
    }
    template <class U = T, std::enable_if_t<std::is_const_v<U>, int> = 0>
    ArrayRef(std::initializer_list<std::remove_const_t<U>> list MIO_LIFETIMEBOUND) noexcept
        : data_(std::data(list)), size_(std::size(list))
    {
    }
    ArrayRef(const ArrayRef &) = delete;
    ArrayRef &operator=(const ArrayRef &) = delete;

private:
    friend struct detail::Access;

    T *data_;
    std::size_t size_;
};

namespace detail {

// Lets the functions of mio read the private pointer and the private size of a view.
struct Access {
    static const void *data(const ConstBytes &bytes) noexcept { return bytes.data_; }
    static std::size_t size(const ConstBytes &bytes) noexcept { return bytes.size_; }
    static void *data(const Bytes &bytes) noexcept { return bytes.data_; }
    static std::size_t size(const Bytes &bytes) noexcept { return bytes.size_; }
    template <class T>
    static T *data(const ArrayRef<T> &array) noexcept
    {
        return array.data_;
    }
    template <class T>
    static std::size_t size(const ArrayRef<T> &array) noexcept
    {
        return array.size_;
    }
};

template <class Parameter>
auto data(const Parameter &parameter) noexcept
{
    return Access::data(parameter);
}
template <class Parameter>
std::size_t size(const Parameter &parameter) noexcept
{
    return Access::size(parameter);
}

} // namespace detail

} // namespace mio

#endif // MIO_BYTES_HPP
