// SPDX-License-Identifier: MIT
// The contract of addresses: what only a platform knows of them. A mio_addr holds an address in the platform's own
// form, so that its calls take it and write it without conversion; everything else works on Endpoint.
#pragma once

#include "core/endpoint.hpp"

#include <mio/addr.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// What an address says. Null, all zero and anything that is too short for its family are no address. Reads nothing
// outside *addr, whatever it holds. Async-signal-safe. The name of the result is in *addr.
Endpoint endpoint_of(const mio_addr *addr);

// Makes an address of an endpoint, whose name may be in *addr itself: -ENAMETOOLONG where the name is longer than the
// platform takes, -ENOTSUP where it is abstract and the platform has no such names, -EAFNOSUPPORT for MIO_ADDR_NONE and
// MIO_ADDR_OTHER. An IP address always succeeds. Async-signal-safe.
int store_endpoint(mio_addr *addr, const Endpoint &endpoint);

// Makes an address of an abstract name, given without the null before it: -ENOTSUP where there are no such names,
// -ENAMETOOLONG. `name` may be null if `length` is 0. Async-signal-safe.
int store_abstract_name(mio_addr *addr, const void *name, size_t length);

// mio_addr_from_sockaddr and mio_addr_to_sockaddr, for pointers that are not null. Async-signal-safe.
int address_from_sockaddr(mio_addr *addr, const void *sockaddr, size_t length);
int address_to_sockaddr(const mio_addr *addr, void *sockaddr, size_t capacity);

// The number of the interface of that name, 0 for none. Not async-signal-safe.
uint32_t interface_index(const char *name);

} // namespace mio::impl
