// SPDX-License-Identifier: MIT
// Formats text into a caller's buffer, like snprintf. The code does not use libc, so a signal handler can format text
// as well.
#pragma once

#include "core/base.hpp"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// Returns the value of a hexadecimal digit, or 16 for any other byte.
constexpr unsigned hex_value(char byte)
{
    if (byte >= '0' && byte <= '9') return static_cast<unsigned>(byte - '0');
    if (byte >= 'a' && byte <= 'f') return static_cast<unsigned>(byte - 'a') + 10;
    if (byte >= 'A' && byte <= 'F') return static_cast<unsigned>(byte - 'A') + 10;
    return 16;
}

// Appends text until the buffer is full, and then only counts bytes, up to INT_MAX. The text is null-terminated after
// every call.
class TextWriter {
public:
    // Begins an empty text in a buffer of `size` bytes. `text` may be null when `size` is 0.
    TextWriter(char *text, size_t size) : text_(text), size_(size)
    {
        if (size_ > 0) text_[0] = '\0';
    }

    // Continues an existing text of `length` bytes.
    TextWriter(char *text, size_t size, size_t length) : text_(text), size_(size), length_(length) {}

    void append(char byte)
    {
        if (size_ > 1 && length_ < size_ - 1) {
            text_[length_] = byte;
            text_[length_ + 1] = '\0';
        }
        if (length_ < INT_MAX) ++length_; // length() returns an int, so an overflow would look like an error
    }

    void append(const char *string)
    {
        while (*string != '\0')
            append(*string++);
    }

    void append_bytes(const char *bytes, size_t length);

    // Appends the text `name`, or the number in decimal digits if `name` is null.
    void append_name(const char *name, int64_t number);

    void append_decimal(uint64_t value) { append_number(value, 10, 1); }
    void append_signed(int64_t value);

    // Appends hexadecimal digits in lower case without a prefix, padded with zeros to `digits` (at most 16).
    void append_hex(uint64_t value, unsigned digits = 1) { append_number(value, 16, digits); }
    void append_pointer(const void *pointer);

    // Returns the length of the whole text, even if the buffer is too small. The final null does not count.
    int length() const { return static_cast<int>(length_); }

private:
    void append_number(uint64_t value, unsigned base, unsigned least_digits);

    char *text_;
    size_t size_;
    size_t length_ = 0;
};

} // namespace mio::impl
