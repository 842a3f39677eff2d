// SPDX-License-Identifier: MIT
// Reads addresses from text (RFC 4291) and writes them as text (RFC 5952), with zones (RFC 4007).
#pragma once

#include "core/endpoint.hpp"
#include "core/text.hpp"

namespace mio::impl {

// Stores the index of an interface. Returns -ENODEV if no interface has that name, or another error.
using InterfaceIndex = int (*)(const char *name, uint32_t *index);

// The size of a buffer for the name of an interface and its final null. The library does not look up longer names.
constexpr size_t interface_name_size = 16;

// parse_endpoint implements mio_addr_parse for IP addresses. parse_ip implements mio_addr_parse_ip. Each function
// returns the errors of the public function that it implements. After an error *endpoint is unchanged. If the text is
// too long, both functions reject it before they parse it. If the text has several errors, they return the leftmost
// error. They look up an interface last, and only if the rest of the text is valid.
int parse_endpoint(Endpoint *endpoint, const char *text, InterfaceIndex interface_index);
int parse_ip(Endpoint *endpoint, const char *text, uint16_t port, InterfaceIndex interface_index);

// Implements mio_addr_format: writes an address as text.
void format_endpoint(TextWriter *out, const Endpoint &endpoint);

} // namespace mio::impl
