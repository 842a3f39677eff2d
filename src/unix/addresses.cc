// SPDX-License-Identifier: MIT
// Converts between Endpoint and struct sockaddr. The functions read only the members that have a meaning. So padding
// and the length members of some systems do not matter.
#include "unix/addresses.hpp"

#include "core/endpoint_text.hpp"
#include "port/addresses.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

namespace mio::impl {

namespace {

// Only Linux has abstract names of Unix sockets. Such a name begins with a null byte.
#ifdef __linux__
constexpr bool has_abstract_names = true;
#else
constexpr bool has_abstract_names = false;
#endif

constexpr size_t family_offset = offsetof(sockaddr, sa_family);
constexpr size_t name_offset = offsetof(sockaddr_un, sun_path);
static_assert(name_offset == family_offset + sizeof(sa_family_t));
static_assert(interface_name_size == IF_NAMESIZE);

sa_family_t native_family(const unsigned char *bytes)
{
    sa_family_t family;
    memcpy(&family, bytes + family_offset, sizeof family);
    return family;
}

// True if an address of `length` bytes is complete. Every address needs a family field. An IPv4 or IPv6 address needs a
// whole sockaddr_in or sockaddr_in6.
bool is_complete(const unsigned char *bytes, size_t length)
{
    if (length < name_offset) return false;
    if (native_family(bytes) == AF_INET) return length >= sizeof(sockaddr_in);
    return native_family(bytes) != AF_INET6 || length >= sizeof(sockaddr_in6);
}

Endpoint decode_ipv4(const unsigned char *bytes)
{
    sockaddr_in native;
    memcpy(&native, bytes, sizeof native);
    Endpoint result{.family = MIO_ADDR_IPV4, .port = ntohs(native.sin_port)};
    memcpy(result.ip, &native.sin_addr, sizeof native.sin_addr);
    return result;
}

Endpoint decode_ipv6(const unsigned char *bytes)
{
    sockaddr_in6 native;
    memcpy(&native, bytes, sizeof native);
    Endpoint result{
        .family = MIO_ADDR_IPV6,
        .port = ntohs(native.sin6_port),
        .flowinfo = ntohl(native.sin6_flowinfo),
        .scope_id = native.sin6_scope_id,
    };
    memcpy(result.ip, &native.sin6_addr, sizeof native.sin6_addr);
    return result;
}

// Reads a Unix address of `length` bytes. A path ends at a null byte or at the end of the address. An abstract name may
// contain null bytes and ends at the end of the address.
Endpoint decode_unix(const unsigned char *bytes, size_t length)
{
    const unsigned char *name = bytes + name_offset;
    size_t name_length = length - name_offset;
    if (name_length > 0 && (name[0] != '\0' || !has_abstract_names)) {
        name_length = strnlen(reinterpret_cast<const char *>(name), name_length);
    }
    return {.family = MIO_ADDR_UNIX, .name = name, .name_length = name_length};
}

Endpoint decode(const unsigned char *bytes, size_t length)
{
    if (!is_complete(bytes, length)) return {};
    switch (native_family(bytes)) {
    case AF_UNSPEC:
        return {};
    case AF_INET:
        return decode_ipv4(bytes);
    case AF_INET6:
        return decode_ipv6(bytes);
    case AF_UNIX:
        return decode_unix(bytes, length);
    default:
        return {.family = MIO_ADDR_OTHER, .name = bytes + family_offset, .name_length = length - family_offset};
    }
}

// On the BSDs and macOS, the structure itself also holds the length of the address. The function stores this length.
template <typename Native>
void set_inner_length(Native *address, [[maybe_unused]] size_t length)
{
    if constexpr (requires { address->sa_len; }) address->sa_len = static_cast<decltype(address->sa_len)>(length);
}

int store_native(mio_addr *addr, const void *native, size_t length)
{
    *addr = {};
    memcpy(stored(addr)->bytes, native, length);
    set_inner_length(sockaddr_of(addr), length);
    set_sockaddr_length(addr, static_cast<socklen_t>(length));
    return 0;
}

int store_ipv4(mio_addr *addr, const Endpoint &endpoint)
{
    sockaddr_in native = {};
    native.sin_family = AF_INET;
    native.sin_port = htons(endpoint.port);
    memcpy(&native.sin_addr, endpoint.ip, sizeof native.sin_addr);
    return store_native(addr, &native, sizeof native);
}

int store_ipv6(mio_addr *addr, const Endpoint &endpoint)
{
    sockaddr_in6 native = {};
    native.sin6_family = AF_INET6;
    native.sin6_port = htons(endpoint.port);
    native.sin6_flowinfo = htonl(endpoint.flowinfo);
    native.sin6_scope_id = endpoint.scope_id;
    memcpy(&native.sin6_addr, endpoint.ip, sizeof native.sin6_addr);
    return store_native(addr, &native, sizeof native);
}

// Stores a Unix address with this name. The stored length of a path includes the final null byte, like the lengths that
// the system reports. A path that fills the whole array has no final null byte.
int store_unix(mio_addr *addr, const uint8_t *name, size_t name_length)
{
    sockaddr_un native = {};
    if (name_length > 0 && name[0] == '\0' && !has_abstract_names) return -ENOTSUP;
    if (name_length > sizeof native.sun_path) return -ENAMETOOLONG;
    native.sun_family = AF_UNIX;
    if (name_length > 0) memcpy(native.sun_path, name, name_length);
    const bool is_path = name_length > 0 && name[0] != '\0';
    const bool has_null = is_path && name_length < sizeof native.sun_path;
    return store_native(addr, &native, name_offset + name_length + (has_null ? 1 : 0));
}

} // namespace

Endpoint endpoint_of(const mio_addr *addr)
{
    return addr != nullptr ? decode(stored(addr)->bytes, sockaddr_length(addr)) : Endpoint{};
}

int store_endpoint(mio_addr *addr, const Endpoint &endpoint)
{
    switch (endpoint.family) {
    case MIO_ADDR_IPV4:
        return store_ipv4(addr, endpoint);
    case MIO_ADDR_IPV6:
        return store_ipv6(addr, endpoint);
    case MIO_ADDR_UNIX:
        return store_unix(addr, endpoint.name, endpoint.name_length);
    default:
        return -EAFNOSUPPORT;
    }
}

int store_abstract_name(mio_addr *addr, const void *name, size_t length)
{
    uint8_t bytes[sizeof(sockaddr_un::sun_path)] = {};
    if (length > sizeof bytes - 1) return -ENAMETOOLONG;
    if (length > 0) memcpy(bytes + 1, name, length);
    return store_unix(addr, bytes, length + 1);
}

int address_from_sockaddr(mio_addr *addr, const void *sockaddr, size_t length)
{
    const auto *bytes = static_cast<const unsigned char *>(sockaddr);
    if (!is_complete(bytes, length)) return -EINVAL;
    return store_endpoint(addr, decode(bytes, length));
}

int address_to_sockaddr(const mio_addr *addr, void *sockaddr, size_t capacity)
{
    if (endpoint_of(addr).family == MIO_ADDR_NONE) return -EADDRNOTAVAIL;
    const socklen_t length = sockaddr_length(addr);
    if (length > capacity) return -ENOSPC;
    memcpy(sockaddr, stored(addr)->bytes, length);
    return static_cast<int>(length);
}

} // namespace mio::impl
