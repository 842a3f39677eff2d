// SPDX-License-Identifier: MIT
// Functions that a signal handler may call. A signal handler may also call Waker::wake. The functions work like the C
// functions of <mio/safe.h>, and allocate no memory. If a call has failed, Result::value and Result::or_throw throw
// an exception. No other function throws.
#ifndef MIO_SAFE_HPP
#define MIO_SAFE_HPP

#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/result.hpp>
#include <mio/safe.h>

#include <initializer_list>
#include <string_view>
#include <system_error>

namespace mio {

// Writes a whole buffer to any descriptor, and returns the number of bytes written. See mio_safe_write.
inline Result<std::size_t> safe_write(mio_handle handle, const void *buffer, std::size_t length) noexcept
{
    return detail::count<std::size_t>(mio_safe_write(handle, buffer, length));
}
inline Result<std::size_t> safe_write(mio_handle handle, ConstBytes bytes) noexcept
{
    return safe_write(handle, detail::data(bytes), detail::size(bytes));
}

// Returns the name of a signal, or null for a number without a name. See mio_signal_name.
inline const char *signal_name(int number) noexcept
{
    return mio_signal_name(number);
}

// Returns the name of an error, or null for a number without a name. See mio_error_name.
inline const char *error_name(int code) noexcept
{
    return mio_error_name(code);
}
inline const char *error_name(std::errc code) noexcept
{
    return mio_error_name(static_cast<int>(code));
}

// Builds a text in its own buffer. A signal handler may use a SafeText. See mio_text. The buffer has `Size` bytes,
// including the final null byte. If the text does not fit, the end of the text is cut off. A SafeText cannot be copied
// or moved, so declare a SafeText before you append to it:
// `SafeText<> line; line.append("caught ").append_signal(number);`.
template <std::size_t Size = 128>
class SafeText {
    static_assert(Size > 0, "there must be room for the final null");

public:
    // Begins an empty text. See mio_text_init.
    SafeText() noexcept { mio_text_init(&raw_, data_, Size); }

    SafeText(const SafeText &) = delete;
    SafeText &operator=(const SafeText &) = delete;

    // Appends a string or a string_view. For a null pointer, appends "(null)". See mio_text_append,
    // mio_text_append_bytes.
    SafeText &append(const char *string) &noexcept
    {
        mio_text_append(&raw_, string);
        return *this;
    }
    SafeText &append(std::string_view string) &noexcept
    {
        mio_text_append_bytes(&raw_, string.data(), string.size());
        return *this;
    }

    // Each function appends one value: a signed number, an unsigned number, a number in hexadecimal digits, or an
    // address. See mio_text_append_int, mio_text_append_uint, mio_text_append_hex, mio_text_append_pointer.
    SafeText &append_int(std::int64_t value) &noexcept
    {
        mio_text_append_int(&raw_, value);
        return *this;
    }
    SafeText &append_uint(std::uint64_t value) &noexcept
    {
        mio_text_append_uint(&raw_, value);
        return *this;
    }
    SafeText &append_hex(std::uint64_t value, int digits = 1) &noexcept
    {
        mio_text_append_hex(&raw_, value, digits);
        return *this;
    }
    SafeText &append_pointer(const void *pointer) &noexcept
    {
        mio_text_append_pointer(&raw_, pointer);
        return *this;
    }

    // These functions append the name of a signal or of an error, or the number if there is no name. See
    // mio_text_append_signal, mio_text_append_error.
    SafeText &append_signal(int number) &noexcept
    {
        mio_text_append_signal(&raw_, number);
        return *this;
    }
    SafeText &append_error(int code) &noexcept
    {
        mio_text_append_error(&raw_, code);
        return *this;
    }
    SafeText &append_error(std::errc code) &noexcept { return append_error(static_cast<int>(code)); }

    // Writes the text from the buffer to `handle`. See mio_text_write.
    Result<std::size_t> write(mio_handle handle) const noexcept
    {
        return detail::count<std::size_t>(mio_text_write(&raw_, handle));
    }

    // The functions c_str() and view() return the text in the buffer. The function length() returns the length of the
    // whole text, which can be longer than the buffer.
    const char *c_str() const &noexcept MIO_LIFETIMEBOUND { return data_; }
    std::string_view view() const &noexcept MIO_LIFETIMEBOUND
    {
        return {data_, raw_.length < Size ? raw_.length : Size - 1};
    }
    const char *c_str() const && = delete;
    std::string_view view() const && = delete;
    std::size_t length() const noexcept { return raw_.length; }

    // Returns the C struct.
    mio_text *raw() &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_text *raw() const &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_text *raw() const && = delete;

private:
    mio_text raw_;
    char data_[Size];
};

// A set of signals that a thread blocks. SignalMask is a value type, and wraps mio_signal_mask. A default-constructed
// mask blocks no signal.
class SignalMask {
public:
    SignalMask() noexcept = default;
    explicit SignalMask(const mio_signal_mask &raw) noexcept : raw_(raw) {}

    // These functions change the signal mask of the calling thread, and return the previous mask. See
    // mio_signal_mask_block, mio_signal_mask_unblock, mio_signal_mask_block_all, mio_signal_mask_unblock_all.
    static Result<SignalMask> block(const int *numbers, std::size_t count) noexcept
    {
        SignalMask saved;
        return detail::stored(mio_signal_mask_block(&saved.raw_, numbers, count), saved);
    }
    static Result<SignalMask> block(std::initializer_list<int> numbers) noexcept
    {
        return block(numbers.begin(), numbers.size());
    }
    static Result<SignalMask> unblock(const int *numbers, std::size_t count) noexcept
    {
        SignalMask saved;
        return detail::stored(mio_signal_mask_unblock(&saved.raw_, numbers, count), saved);
    }
    static Result<SignalMask> unblock(std::initializer_list<int> numbers) noexcept
    {
        return unblock(numbers.begin(), numbers.size());
    }
    static Result<SignalMask> block_all() noexcept
    {
        SignalMask saved;
        return detail::stored(mio_signal_mask_block_all(&saved.raw_), saved);
    }
    static Result<SignalMask> unblock_all() noexcept
    {
        SignalMask saved;
        return detail::stored(mio_signal_mask_unblock_all(&saved.raw_), saved);
    }

    // These functions convert a sigset_t to a mask, and a mask to a sigset_t. Some systems have no sigset_t. See
    // mio_signal_mask_from_sigset, mio_signal_mask_to_sigset.
    template <class Sigset>
    static Result<SignalMask> from_sigset(const Sigset &sigset) noexcept
    {
        SignalMask mask;
        return detail::stored(mio_signal_mask_from_sigset(&mask.raw_, &sigset, sizeof sigset), mask);
    }
    template <class Sigset>
    Result<void> to_sigset(Sigset &sigset) const noexcept
    {
        return detail::status(mio_signal_mask_to_sigset(&raw_, &sigset, sizeof sigset));
    }

    // Restores this mask in the calling thread. See mio_signal_mask_restore.
    Result<void> restore() const noexcept { return detail::status(mio_signal_mask_restore(&raw_)); }

    // Returns the C struct.
    mio_signal_mask *raw() &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_signal_mask *raw() const &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_signal_mask *raw() const && = delete;

private:
    mio_signal_mask raw_{};
};

} // namespace mio

#endif // MIO_SAFE_HPP
