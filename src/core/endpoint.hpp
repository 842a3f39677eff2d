// SPDX-License-Identifier: MIT
// Socket addresses as values, without the operating system: what they say, their order, their hash.
#pragma once

#include "core/base.hpp"

#include <mio/addr.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// What any address says. Numbers are plain, `ip` is in network order, and what the family has no use for is zero, so
// that all members can be compared whatever the family is.
struct Endpoint {
    int family = MIO_ADDR_NONE; // one of the MIO_ADDR_ families
    uint8_t ip[16] = {};        // MIO_ADDR_IPV4 has the first four
    uint16_t port = 0;
    uint32_t flowinfo = 0;
    uint32_t scope_id = 0;

    // MIO_ADDR_UNIX: empty where unnamed, with a null first where abstract, else a path without its final null.
    // MIO_ADDR_OTHER: the address itself. The bytes are borrowed from where the address was taken.
    const uint8_t *name = nullptr;
    size_t name_length = 0;
};

// How many bytes of `ip` count: 4, 16, or 0 where the address is not an IP address.
size_t ip_length(const Endpoint &endpoint);

bool is_unspecified(const Endpoint &endpoint);
bool is_loopback(const Endpoint &endpoint);
bool is_multicast(const Endpoint &endpoint);

// Whether it is an IPv4 address in the form of IPv6, ::ffff:192.0.2.1.
bool is_mapped(const Endpoint &endpoint);

// That IPv4 address, or what is none as it is.
Endpoint unmapped(const Endpoint &endpoint);

// An IPv4 address in that form, or what is none as it is.
Endpoint mapped(const Endpoint &endpoint);

// What a Unix address is a name of; `none` of any other address.
enum class NameKind { none, unnamed, abstract, path };
NameKind name_kind(const Endpoint &endpoint);

// Whether these bytes can be a path: -EINVAL for no byte or one that is null, -ENAMETOOLONG for more than any mio_addr
// holds. A platform may take fewer still.
int check_path(const char *path, size_t length);

// A total order, -1, 0 or 1, and a hash of what it looks at, the same on every machine.
int compare_endpoints(const Endpoint &left, const Endpoint &right);
uint64_t hash_endpoint(const Endpoint &endpoint);

} // namespace mio::impl
