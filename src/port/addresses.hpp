// SPDX-License-Identifier: MIT
// Functions for addresses. A mio_addr holds an address in the platform's own form, so that a system call can use the
// address without conversion. All other code uses Endpoint.
#pragma once

#include "core/endpoint.hpp"

#include <mio/addr.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// Returns the parts of an address. The result has the family MIO_ADDR_NONE if `addr` is null, all zero, or too short
// for its family. Reads nothing outside *addr, even if *addr holds garbage. If the result has a name, such as a path,
// the name points into *addr. Async-signal-safe.
Endpoint endpoint_of(const mio_addr *addr);

// Stores the address of `endpoint` in *addr. The name of the endpoint may point into *addr. If the name exceeds the
// platform's limit, returns -ENAMETOOLONG. If the name is abstract, and the platform has no abstract names, returns
// -ENOTSUP. For MIO_ADDR_NONE and MIO_ADDR_OTHER, returns -EAFNOSUPPORT. For an IP address, the function always
// succeeds. Async-signal-safe.
int store_endpoint(mio_addr *addr, const Endpoint &endpoint);

// Stores the Unix address with this abstract name in *addr. `name` begins after the leading null byte of the address.
// Returns -ENOTSUP if the platform has no abstract names, or -ENAMETOOLONG if the name is too long. `name` may be null
// if `length` is 0. Async-signal-safe.
int store_abstract_name(mio_addr *addr, const void *name, size_t length);

// These two functions implement mio_addr_from_sockaddr and mio_addr_to_sockaddr. The caller passes no null pointers.
// Async-signal-safe.
int address_from_sockaddr(mio_addr *addr, const void *sockaddr, size_t length);
int address_to_sockaddr(const mio_addr *addr, void *sockaddr, size_t capacity);

// Stores the index of the interface with that name. Returns -ENODEV if no interface has that name, or another error if
// the system could not look up the name. Not async-signal-safe.
int interface_index(const char *name, uint32_t *index);

} // namespace mio::impl
