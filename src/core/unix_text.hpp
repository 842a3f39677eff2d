// SPDX-License-Identifier: MIT
// Reads and writes the names of Unix addresses as text. Different names have different texts.
#pragma once

#include "core/endpoint.hpp"
#include "core/text.hpp"

#include <mio/addr.h>

namespace mio::impl {

// Space for the name of a Unix address.
struct UnixName {
    uint8_t bytes[sizeof(mio_addr)];
};

// True if the text has a form that only Unix addresses have.
bool is_unix_text(const char *text);

// Reads the text of a Unix address into *endpoint. The function stores the bytes of the name in *name, and
// endpoint->name points to these bytes. Returns -EINVAL for an invalid text, and -ENAMETOOLONG if no mio_addr can hold
// the name.
int parse_unix(Endpoint *endpoint, UnixName *name, const char *text);

// Writes the text of the name in a Unix address. `name` has the form of Endpoint::name.
void format_unix_name(TextWriter *out, const uint8_t *name, size_t length);

} // namespace mio::impl
