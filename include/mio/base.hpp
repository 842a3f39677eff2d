// SPDX-License-Identifier: MIT
// Declarations that all other C++ headers of mio use. The C++ classes call the C functions. The classes own their
// objects, and report errors as a Result. If a C++ header and a C header have the same name, the C header describes the
// C functions that the C++ header calls.
#ifndef MIO_BASE_HPP
#define MIO_BASE_HPP

#if !(__cplusplus >= 201703L || (defined(_MSVC_LANG) && _MSVC_LANG >= 201703L))
#error "the C++ headers of mio need C++17 or later; <mio.h> is for C and for older C++"
#endif

#include <mio/base.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

// If MIO_LIFETIMEBOUND stands after a member function, the result of the function refers to the object on which the
// function is called. If MIO_LIFETIMEBOUND stands after a parameter, the result refers to the argument. Clang and MSVC
// warn if the object or the argument is a temporary. Overloads for a temporary object are also deleted, so that every
// compiler rejects the call.
#if defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::lifetimebound)
#define MIO_LIFETIMEBOUND [[clang::lifetimebound]]
#elif __has_cpp_attribute(msvc::lifetimebound)
#define MIO_LIFETIMEBOUND [[msvc::lifetimebound]]
#endif
#endif
#if !defined(MIO_LIFETIMEBOUND)
#define MIO_LIFETIMEBOUND
#endif

namespace mio {

// A short text with its own buffer, so that a program can write a log line without an allocation. `Size` includes the
// final null byte. The results of c_str and view are valid as long as the Text exists. The Text must be a named object:
// `const auto text = addr.text(); log("%s", text.c_str());`.
template <std::size_t Size>
class Text {
public:
    // Makes an empty text.
    Text() noexcept = default;

    // Calls `format(buffer, size)` to fill the buffer. Like mio_addr_format, `format` returns the length of the whole
    // text.
    template <class Format>
    explicit Text(Format format) noexcept
    {
        const int length = format(static_cast<char *>(data_), Size);
        if (length > 0) size_ = static_cast<std::size_t>(length) < Size ? static_cast<std::size_t>(length) : Size - 1;
    }

    const char *c_str() const &noexcept MIO_LIFETIMEBOUND { return data_; }
    const char *data() const &noexcept MIO_LIFETIMEBOUND { return data_; }
    std::size_t size() const noexcept { return size_; }
    std::string_view view() const &noexcept MIO_LIFETIMEBOUND { return {data_, size_}; }
    operator std::string_view() const &noexcept MIO_LIFETIMEBOUND { return view(); }
    std::string str() const { return {data_, size_}; }

    // A view of a temporary Text would dangle. Use str() to make a std::string of the text.
    const char *c_str() const && = delete;
    const char *data() const && = delete;
    std::string_view view() const && = delete;
    operator std::string_view() const && = delete;

private:
    char data_[Size] = {};
    std::size_t size_ = 0;
};

namespace detail {

// Returns whether all bytes of the C struct of an object are zero. Such an object is closed.
template <class Word, std::size_t Count>
bool is_zero(const Word (&opaque)[Count]) noexcept
{
    Word bits = 0;
    for (const Word word : opaque)
        bits |= word;
    return bits == 0;
}

// Owns an object, and frees the object with Free. std::unique_ptr would do the same. But its header, <memory>, would
// make the compilation of <mio.hpp> a fifth longer.
template <class T, class Free>
class Owner {
public:
    Owner() noexcept = default;
    explicit Owner(T *object) noexcept : object_(object) {}
    Owner(Owner &&other) noexcept : object_(other.release()) {}
    Owner &operator=(Owner &&other) noexcept
    {
        Owner moved(std::move(other));
        std::swap(object_, moved.object_);
        return *this;
    }
    ~Owner()
    {
        if (object_ != nullptr) Free()(object_);
    }

    T *get() const noexcept { return object_; }
    T *release() noexcept { return std::exchange(object_, nullptr); }

private:
    T *object_ = nullptr;
};

} // namespace detail

} // namespace mio

#endif // MIO_BASE_HPP
