// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "core/text.hpp"
#include "port/safe.hpp"
#include "port/signal_names.hpp"

#include <errno.h>
#include <mio/safe.h>
#include <string.h>

using namespace mio::impl;

namespace {

// Appends to the text with `append`, a member function of TextWriter. Returns the length of the whole text.
template <typename... Parameters, typename... Values>
int append_to(mio_text *text, void (TextWriter::*append)(Parameters...), Values... values)
{
    if (text == nullptr || (text->text == nullptr && text->size != 0)) return -EINVAL;
    TextWriter out(text->text, text->size, text->length);
    (out.*append)(values...);
    text->length = static_cast<size_t>(out.length());
    return out.length();
}

} // namespace

MIO_EXPORT int mio_text_init(mio_text *text, char *buffer, size_t size)
{
    if (text == nullptr || (buffer == nullptr && size != 0)) return -EINVAL;
    *text = {buffer, size, 0};
    return TextWriter(buffer, size).length();
}

MIO_EXPORT int mio_text_append(mio_text *text, const char *string)
{
    if (string == nullptr) string = "(null)";
    // Measure the string first. It can be the text itself, whose end moves with each appended byte.
    return append_to(text, &TextWriter::append_bytes, string, strlen(string));
}

MIO_EXPORT int mio_text_append_bytes(mio_text *text, const char *bytes, size_t length)
{
    if (bytes == nullptr && length != 0) return -EINVAL;
    return append_to(text, &TextWriter::append_bytes, bytes, length);
}

MIO_EXPORT int mio_text_append_int(mio_text *text, int64_t value)
{
    return append_to(text, &TextWriter::append_signed, value);
}

MIO_EXPORT int mio_text_append_uint(mio_text *text, uint64_t value)
{
    return append_to(text, &TextWriter::append_decimal, value);
}

MIO_EXPORT int mio_text_append_hex(mio_text *text, uint64_t value, int digits)
{
    const unsigned least = digits < 1 ? 1 : digits > 16 ? 16 : static_cast<unsigned>(digits);
    return append_to(text, &TextWriter::append_hex, value, least);
}

MIO_EXPORT int mio_text_append_pointer(mio_text *text, const void *pointer)
{
    return append_to(text, &TextWriter::append_pointer, pointer);
}

MIO_EXPORT int mio_text_append_signal(mio_text *text, int number)
{
    return append_to(text, &TextWriter::append_name, signal_name(number), number);
}

MIO_EXPORT int mio_text_append_error(mio_text *text, int code)
{
    return append_to(text, &TextWriter::append_name, mio_error_name(code), code);
}

MIO_EXPORT int64_t mio_text_write(const mio_text *text, mio_handle handle)
{
    if (text == nullptr || (text->text == nullptr && text->size != 0)) return -EINVAL;
    const size_t room = text->size > 0 ? text->size - 1 : 0;
    return write_all(handle, text->text, text->length < room ? text->length : room);
}
