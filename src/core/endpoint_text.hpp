// SPDX-License-Identifier: MIT
// Reads addresses from text (RFC 4291) and writes them as text (RFC 5952), with zones (RFC 4007).
#pragma once

#include "core/endpoint.hpp"
#include "core/text.hpp"

namespace mio::impl {

// Finds the number of an interface, or returns 0 if no interface has that name.
using InterfaceIndex = uint32_t (*)(const char *name);

// The space for the name of an interface with its final null. A longer name is not looked up.
constexpr size_t interface_name_size = 16;

// The first function reads text as mio_addr_parse reads IP addresses, the second function as mio_addr_parse_ip does.
// Each function returns the errors of its mio_addr function. An error leaves *endpoint unchanged. A text that is too
// long is rejected unread; otherwise the leftmost error decides. The interface is looked up only if the rest of the
// text is valid.
int parse_endpoint(Endpoint *endpoint, const char *text, InterfaceIndex interface_index);
int parse_ip(Endpoint *endpoint, const char *text, uint16_t port, InterfaceIndex interface_index);

// Writes what mio_addr_format specifies.
void format_endpoint(TextWriter *out, const Endpoint &endpoint);

} // namespace mio::impl
