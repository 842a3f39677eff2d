// SPDX-License-Identifier: MIT
// The names of Unix addresses, read from text and written as text so that no two of them have one text.
#pragma once

#include "core/endpoint.hpp"
#include "core/text.hpp"

#include <mio/addr.h>

namespace mio::impl {

// Room for the name of an Endpoint.
struct UnixName {
    uint8_t bytes[sizeof(mio_addr)];
};

// Whether a text can only be that of a Unix address.
bool is_unix_text(const char *text);

// Reads such a text; the name of *endpoint is then in *name. -EINVAL, or -ENAMETOOLONG for more than any mio_addr holds.
int parse_unix(Endpoint *endpoint, UnixName *name, const char *text);

// `name` is as in Endpoint.
void format_unix_name(TextWriter *out, const uint8_t *name, size_t length);

} // namespace mio::impl
