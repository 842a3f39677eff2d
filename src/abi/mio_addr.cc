// SPDX-License-Identifier: MIT
#include "core/endpoint.hpp"
#include "core/endpoint_text.hpp"
#include "core/text.hpp"
#include "core/unix_text.hpp"
#include "port/addresses.hpp"

#include <errno.h>
#include <mio/addr.h>
#include <string.h>

using namespace mio::impl;

MIO_EXPORT int mio_addr_from_ipv4(mio_addr *addr, const uint8_t ip[4], uint16_t port)
{
    if (addr == nullptr || ip == nullptr) return -EINVAL;
    Endpoint endpoint{.family = MIO_ADDR_IPV4, .port = port};
    memcpy(endpoint.ip, ip, 4);
    return store_endpoint(addr, endpoint);
}

MIO_EXPORT int mio_addr_from_ipv6(mio_addr *addr, const uint8_t ip[16], uint16_t port, uint32_t flowinfo,
                                  uint32_t scope_id)
{
    if (addr == nullptr || ip == nullptr) return -EINVAL;
    Endpoint endpoint{.family = MIO_ADDR_IPV6, .port = port, .flowinfo = flowinfo, .scope_id = scope_id};
    memcpy(endpoint.ip, ip, 16);
    return store_endpoint(addr, endpoint);
}

MIO_EXPORT int mio_addr_parse(mio_addr *addr, const char *text)
{
    if (addr == nullptr || text == nullptr) return -EINVAL;
    Endpoint endpoint;
    UnixName name;
    const int error =
        is_unix_text(text) ? parse_unix(&endpoint, &name, text) : parse_endpoint(&endpoint, text, interface_index);
    return error != 0 ? error : store_endpoint(addr, endpoint);
}

MIO_EXPORT int mio_addr_parse_ip(mio_addr *addr, const char *text, uint16_t port)
{
    if (addr == nullptr || text == nullptr) return -EINVAL;
    Endpoint endpoint;
    const int error = parse_ip(&endpoint, text, port, interface_index);
    return error != 0 ? error : store_endpoint(addr, endpoint);
}

MIO_EXPORT int mio_addr_format(const mio_addr *addr, char *text, size_t size)
{
    if (addr == nullptr || (text == nullptr && size > 0)) return -EINVAL;
    TextWriter out(text, size);
    format_endpoint(&out, endpoint_of(addr));
    return out.length();
}

MIO_EXPORT int mio_addr_from_sockaddr(mio_addr *addr, const void *sockaddr, size_t length)
{
    if (addr == nullptr || sockaddr == nullptr) return -EINVAL;
    return address_from_sockaddr(addr, sockaddr, length);
}

MIO_EXPORT int mio_addr_to_sockaddr(const mio_addr *addr, void *sockaddr, size_t capacity)
{
    if (addr == nullptr || sockaddr == nullptr) return -EINVAL;
    return address_to_sockaddr(addr, sockaddr, capacity);
}

MIO_EXPORT int mio_addr_family(const mio_addr *addr)
{
    return endpoint_of(addr).family;
}

MIO_EXPORT int mio_addr_port(const mio_addr *addr)
{
    if (addr == nullptr) return -EINVAL;
    const Endpoint endpoint = endpoint_of(addr);
    return ip_length(endpoint) != 0 ? endpoint.port : -EAFNOSUPPORT;
}

MIO_EXPORT int mio_addr_set_port(mio_addr *addr, uint16_t port)
{
    if (addr == nullptr) return -EINVAL;
    Endpoint endpoint = endpoint_of(addr);
    if (ip_length(endpoint) == 0) return -EAFNOSUPPORT;
    endpoint.port = port;
    return store_endpoint(addr, endpoint);
}

MIO_EXPORT int mio_addr_ip(const mio_addr *addr, uint8_t ip[16])
{
    if (addr == nullptr || ip == nullptr) return -EINVAL;
    const Endpoint endpoint = endpoint_of(addr);
    const size_t length = ip_length(endpoint);
    if (length == 0) return -EAFNOSUPPORT;
    memcpy(ip, endpoint.ip, length);
    return static_cast<int>(length);
}

MIO_EXPORT uint32_t mio_addr_flowinfo(const mio_addr *addr)
{
    return endpoint_of(addr).flowinfo;
}

MIO_EXPORT uint32_t mio_addr_scope_id(const mio_addr *addr)
{
    return endpoint_of(addr).scope_id;
}

MIO_EXPORT int mio_addr_is_unspecified(const mio_addr *addr)
{
    return is_unspecified(endpoint_of(addr));
}

MIO_EXPORT int mio_addr_is_loopback(const mio_addr *addr)
{
    return is_loopback(endpoint_of(addr));
}

MIO_EXPORT int mio_addr_is_multicast(const mio_addr *addr)
{
    return is_multicast(endpoint_of(addr));
}

MIO_EXPORT int mio_addr_from_mapped(mio_addr *addr, const mio_addr *mapped)
{
    if (addr == nullptr || mapped == nullptr) return -EINVAL;
    const Endpoint endpoint = endpoint_of(mapped);
    const Endpoint v4 = unmapped(endpoint);
    if (v4.family != MIO_ADDR_IPV4) return -EAFNOSUPPORT;
    return endpoint.scope_id == 0 ? store_endpoint(addr, v4) : -EINVAL;
}

MIO_EXPORT int mio_addr_to_mapped(const mio_addr *addr, mio_addr *mapped_addr)
{
    if (addr == nullptr || mapped_addr == nullptr) return -EINVAL;
    const Endpoint v6 = mapped(endpoint_of(addr));
    return v6.family == MIO_ADDR_IPV6 ? store_endpoint(mapped_addr, v6) : -EAFNOSUPPORT;
}

MIO_EXPORT int mio_addr_compare(const mio_addr *left, const mio_addr *right)
{
    return compare_endpoints(endpoint_of(left), endpoint_of(right));
}

MIO_EXPORT uint64_t mio_addr_hash(const mio_addr *addr)
{
    return hash_endpoint(endpoint_of(addr));
}
