// SPDX-License-Identifier: MIT
// Socket addresses as values that do not depend on the operating system.
#pragma once

#include "core/base.hpp"

#include <mio/addr.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// The parts of any address. `ip` is in network order, and the integers `port`, `flowinfo` and `scope_id` are in host
// order. Members that the family does not use are zero, so that a comparison of two addresses can include all members.
struct Endpoint {
    int family = MIO_ADDR_NONE; // one of the MIO_ADDR_ families
    uint8_t ip[16] = {};        // MIO_ADDR_IPV4 uses the first four bytes
    uint16_t port = 0;
    uint32_t flowinfo = 0;
    uint32_t scope_id = 0;

    // For MIO_ADDR_UNIX, the name has one of three forms. An unnamed socket has an empty name. An abstract name begins
    // with a null byte. A path does not end with a null byte. For MIO_ADDR_OTHER, the name holds the bytes of the
    // system's sockaddr. The name points into the mio_addr that holds the address.
    const uint8_t *name = nullptr;
    size_t name_length = 0;
};

// Returns how many bytes of `ip` are used: 4, 16, or 0 if the address is not an IP address.
size_t ip_length(const Endpoint &endpoint);

bool is_unspecified(const Endpoint &endpoint);
bool is_loopback(const Endpoint &endpoint);
bool is_multicast(const Endpoint &endpoint);

// True for an IPv4-mapped IPv6 address, such as ::ffff:192.0.2.1.
bool is_mapped(const Endpoint &endpoint);

// Returns the IPv4 address of an IPv4-mapped address, and any other address unchanged.
Endpoint unmapped(const Endpoint &endpoint);

// Returns the IPv4-mapped form of an IPv4 address, and any other address unchanged.
Endpoint mapped(const Endpoint &endpoint);

// The kind of the name in a Unix address, or `none` for any other address.
enum class NameKind { none, unnamed, abstract, path };
NameKind name_kind(const Endpoint &endpoint);

// Checks whether these bytes can be the path of a Unix socket. Returns -EINVAL if the path is empty or contains a null.
// Returns -ENAMETOOLONG if the path does not fit into a mio_addr. Otherwise returns 0. Some platforms accept
// only shorter paths.
int check_path(const char *path, size_t length);

// compare_endpoints compares all members, and returns -1, 0 or 1. The function defines a total order. hash_endpoint
// hashes all members, and returns the same hash on every machine.
int compare_endpoints(const Endpoint &left, const Endpoint &right);
uint64_t hash_endpoint(const Endpoint &endpoint);

} // namespace mio::impl
