// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "poll/event_text.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_interest_format(uint32_t interest, char *text, size_t size)
{
    if (text == nullptr && size != 0) return -EINVAL;
    TextWriter out(text, size);
    format_interest(&out, interest);
    return out.length();
}

MIO_EXPORT int mio_event_format(const mio_event *event, char *text, size_t size)
{
    if (event == nullptr || (text == nullptr && size != 0)) return -EINVAL;
    TextWriter out(text, size);
    format_event(&out, *event);
    return out.length();
}
