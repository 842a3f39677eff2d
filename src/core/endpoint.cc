// SPDX-License-Identifier: MIT
#include "core/endpoint.hpp"

#include <errno.h>
#include <string.h>

namespace mio::impl {

namespace {

template <typename Number>
int order_of(Number left, Number right)
{
    return (left > right) - (left < right);
}

int order_of_names(const Endpoint &left, const Endpoint &right)
{
    const size_t common = left.name_length < right.name_length ? left.name_length : right.name_length;
    const int order = common > 0 ? memcmp(left.name, right.name, common) : 0;
    return order != 0 ? order_of(order, 0) : order_of(left.name_length, right.name_length);
}

// FNV-1a with 64 bits.
class Hash {
public:
    void add(const uint8_t *bytes, size_t length)
    {
        for (size_t i = 0; i < length; ++i)
            value_ = (value_ ^ bytes[i]) * prime;
    }

    // Adds a number to the hash, byte by byte, so that the hash does not depend on the byte order of the machine.
    void add_number(uint32_t number)
    {
        for (int shift = 0; shift < 32; shift += 8)
            value_ = (value_ ^ (number >> shift & 0xff)) * prime;
    }

    uint64_t value() const { return value_; }

private:
    static constexpr uint64_t prime = 0x100000001b3;
    uint64_t value_ = 0xcbf29ce484222325;
};

} // namespace

size_t ip_length(const Endpoint &endpoint)
{
    if (endpoint.family == MIO_ADDR_IPV4) return 4;
    return endpoint.family == MIO_ADDR_IPV6 ? 16 : 0;
}

bool is_unspecified(const Endpoint &endpoint)
{
    constexpr uint8_t unspecified[16] = {};
    return ip_length(endpoint) != 0 && memcmp(endpoint.ip, unspecified, sizeof unspecified) == 0;
}

bool is_loopback(const Endpoint &endpoint)
{
    constexpr uint8_t loopback[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    if (endpoint.family == MIO_ADDR_IPV4) return endpoint.ip[0] == 127;
    return endpoint.family == MIO_ADDR_IPV6 && memcmp(endpoint.ip, loopback, sizeof loopback) == 0;
}

bool is_multicast(const Endpoint &endpoint)
{
    if (endpoint.family == MIO_ADDR_IPV4) return endpoint.ip[0] >> 4 == 0xe;
    return endpoint.family == MIO_ADDR_IPV6 && endpoint.ip[0] == 0xff;
}

namespace {

constexpr uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

} // namespace

bool is_mapped(const Endpoint &endpoint)
{
    return endpoint.family == MIO_ADDR_IPV6 && memcmp(endpoint.ip, mapped_prefix, sizeof mapped_prefix) == 0;
}

Endpoint unmapped(const Endpoint &endpoint)
{
    if (!is_mapped(endpoint)) return endpoint;
    Endpoint v4 = {.family = MIO_ADDR_IPV4, .port = endpoint.port};
    memcpy(v4.ip, endpoint.ip + sizeof mapped_prefix, 4);
    return v4;
}

Endpoint mapped(const Endpoint &endpoint)
{
    if (endpoint.family != MIO_ADDR_IPV4) return endpoint;
    Endpoint v6 = {.family = MIO_ADDR_IPV6, .port = endpoint.port};
    memcpy(v6.ip, mapped_prefix, sizeof mapped_prefix);
    memcpy(v6.ip + sizeof mapped_prefix, endpoint.ip, 4);
    return v6;
}

NameKind name_kind(const Endpoint &endpoint)
{
    if (endpoint.family != MIO_ADDR_UNIX) return NameKind::none;
    if (endpoint.name_length == 0) return NameKind::unnamed;
    return endpoint.name[0] == '\0' ? NameKind::abstract : NameKind::path;
}

int check_path(const char *path, size_t length)
{
    if (length == 0) return -EINVAL;
    if (length > sizeof(mio_addr)) return -ENAMETOOLONG;
    return memchr(path, '\0', length) == nullptr ? 0 : -EINVAL;
}

int compare_endpoints(const Endpoint &left, const Endpoint &right)
{
    const int orders[] = {
        order_of(left.family, right.family),
        order_of(memcmp(left.ip, right.ip, sizeof left.ip), 0),
        order_of_names(left, right),
        order_of(left.port, right.port),
        order_of(left.scope_id, right.scope_id),
        order_of(left.flowinfo, right.flowinfo),
    };
    for (const int order : orders)
        if (order != 0) return order;
    return 0;
}

uint64_t hash_endpoint(const Endpoint &endpoint)
{
    Hash hash;
    hash.add_number(static_cast<uint32_t>(endpoint.family));
    hash.add(endpoint.ip, ip_length(endpoint));
    hash.add(endpoint.name, endpoint.name_length);
    hash.add_number(endpoint.port);
    hash.add_number(endpoint.scope_id);
    hash.add_number(endpoint.flowinfo);
    return hash.value();
}

} // namespace mio::impl
