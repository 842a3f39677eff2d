// SPDX-License-Identifier: MIT
#include "core/text.hpp"

namespace mio::impl {

void TextWriter::append_bytes(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        append(bytes[i]);
}

void TextWriter::append_name(const char *name, int64_t number)
{
    if (name != nullptr) {
        append(name);
    } else {
        append_signed(number);
    }
}

void TextWriter::append_signed(int64_t value)
{
    if (value < 0) append('-');
    append_decimal(value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
}

void TextWriter::append_pointer(const void *pointer)
{
    append("0x");
    append_hex(reinterpret_cast<uintptr_t>(pointer));
}

void TextWriter::append_number(uint64_t value, unsigned base, unsigned least_digits)
{
    char digits[sizeof "18446744073709551615"];
    char *first = digits + sizeof digits - 1;
    *first = '\0';
    for (; value != 0 || least_digits > 0; value /= base) {
        *--first = "0123456789abcdef"[value % base];
        if (least_digits > 0) --least_digits;
    }
    append(first);
}

} // namespace mio::impl
