// SPDX-License-Identifier: MIT
// Addresses read from text and written as text: RFC 4291 (reading), RFC 5952 (writing), RFC 4007 (zones).
#pragma once

#include "core/endpoint.hpp"
#include "core/text.hpp"

namespace mio::impl {

// Finds the number of an interface, or 0 where there is none of that name.
using InterfaceIndex = uint32_t (*)(const char *name);

// The room for the name of an interface, final null included; a longer one is not looked up.
constexpr size_t interface_name_size = 16;

// Read text as mio_addr_parse promises of IP addresses, and mio_addr_parse_ip, with their errors; after one *endpoint is as it was. A
// text that is too long is read no further; else the first thing from the left that is wrong decides. An interface is
// looked up only when all else is right.
int parse_endpoint(Endpoint *endpoint, const char *text, InterfaceIndex interface_index);
int parse_ip(Endpoint *endpoint, const char *text, uint16_t port, InterfaceIndex interface_index);

// Writes what mio_addr_format promises.
void format_endpoint(TextWriter *out, const Endpoint &endpoint);

} // namespace mio::impl
