// SPDX-License-Identifier: MIT
// Converts between Endpoint and the struct sockaddr of Windows.
#include "windows/addresses.hpp"

#include "port/addresses.hpp"

#include <errno.h>
#include <netioapi.h>
#include <string.h>

namespace mio::impl {

namespace {

constexpr size_t name_offset = offsetof(sockaddr_un, sun_path);
static_assert(name_offset == sizeof(ADDRESS_FAMILY));

ADDRESS_FAMILY native_family(const unsigned char *bytes)
{
    ADDRESS_FAMILY family;
    memcpy(&family, bytes, sizeof family);
    return family;
}

// True if an address is long enough for its family field, and for all fields that the family needs.
bool is_complete(const unsigned char *bytes, size_t length)
{
    if (length < name_offset) return false;
    if (native_family(bytes) == AF_INET) return length >= sizeof(sockaddr_in);
    return native_family(bytes) != AF_INET6 || length >= sizeof(sockaddr_in6);
}

// Converts a number between network order and the order of the machine. Every processor that runs Windows is
// little-endian, and network order is big-endian. So the function swaps the bytes itself, and needs no function of
// Winsock's DLL.
uint16_t swapped(uint16_t number)
{
    return __builtin_bswap16(number);
}

Endpoint decode_ipv4(const unsigned char *bytes)
{
    sockaddr_in native;
    memcpy(&native, bytes, sizeof native);
    Endpoint result{.family = MIO_ADDR_IPV4, .port = swapped(native.sin_port)};
    memcpy(result.ip, &native.sin_addr, sizeof native.sin_addr);
    return result;
}

Endpoint decode_ipv6(const unsigned char *bytes)
{
    sockaddr_in6 native;
    memcpy(&native, bytes, sizeof native);
    Endpoint result{
        .family = MIO_ADDR_IPV6,
        .port = swapped(native.sin6_port),
        .flowinfo = __builtin_bswap32(native.sin6_flowinfo),
        .scope_id = native.sin6_scope_id,
    };
    memcpy(result.ip, &native.sin6_addr, sizeof native.sin6_addr);
    return result;
}

// Reads a Unix address of `length` bytes. A path ends at a null byte or at the end of the address. Windows has no
// abstract names.
Endpoint decode_unix(const unsigned char *bytes, size_t length)
{
    const unsigned char *name = bytes + name_offset;
    const size_t name_length = strnlen(reinterpret_cast<const char *>(name), length - name_offset);
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
        return {.family = MIO_ADDR_OTHER, .name = bytes, .name_length = length};
    }
}

int store_native(mio_addr *addr, const void *native, size_t length)
{
    *addr = {};
    memcpy(stored(addr)->bytes, native, length);
    set_sockaddr_length(addr, static_cast<int>(length));
    return 0;
}

int store_ipv4(mio_addr *addr, const Endpoint &endpoint)
{
    sockaddr_in native = {};
    native.sin_family = AF_INET;
    native.sin_port = swapped(endpoint.port);
    memcpy(&native.sin_addr, endpoint.ip, sizeof native.sin_addr);
    return store_native(addr, &native, sizeof native);
}

int store_ipv6(mio_addr *addr, const Endpoint &endpoint)
{
    sockaddr_in6 native = {};
    native.sin6_family = AF_INET6;
    native.sin6_port = swapped(endpoint.port);
    native.sin6_flowinfo = __builtin_bswap32(endpoint.flowinfo);
    native.sin6_scope_id = endpoint.scope_id;
    memcpy(&native.sin6_addr, endpoint.ip, sizeof native.sin6_addr);
    return store_native(addr, &native, sizeof native);
}

// Stores a Unix address with the path `name`. The stored length includes the final null byte, unless the path fills the
// whole array.
int store_unix(mio_addr *addr, const uint8_t *name, size_t name_length)
{
    sockaddr_un native = {};
    if (name_length > 0 && name[0] == '\0') return -ENOTSUP;
    if (name_length > sizeof native.sun_path) return -ENAMETOOLONG;
    native.sun_family = AF_UNIX;
    if (name_length > 0) memcpy(native.sun_path, name, name_length);
    const bool has_null = name_length > 0 && name_length < sizeof native.sun_path;
    return store_native(addr, &native, name_offset + name_length + (has_null ? 1 : 0));
}

} // namespace

Endpoint endpoint_of(const mio_addr *addr)
{
    return addr != nullptr ? decode(stored(addr)->bytes, static_cast<size_t>(sockaddr_length(addr))) : Endpoint{};
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

int store_abstract_name(mio_addr *, const void *, size_t length)
{
    return length > sizeof(sockaddr_un::sun_path) - 1 ? -ENAMETOOLONG : -ENOTSUP;
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
    const auto length = static_cast<size_t>(sockaddr_length(addr));
    if (length > capacity) return -ENOSPC;
    memcpy(sockaddr, stored(addr)->bytes, length);
    return static_cast<int>(length);
}

bool is_interface(uint32_t index)
{
    char name[IF_NAMESIZE];
    return if_indextoname(index, name) != nullptr;
}

int blame_address(mio_handle handle, const mio_addr *addr, int failed)
{
    if (failed == -EBADF || failed == -ENOTSOCK) return failed;
    const int family = socket_family(handle);
    if (family >= 0 && family != sockaddr_of(addr)->sa_family) return -EAFNOSUPPORT;
    const uint32_t scope = endpoint_of(addr).scope_id;
    return scope != 0 && !is_interface(scope) ? -ENODEV : failed;
}

int interface_index(const char *name, uint32_t *index)
{
    *index = if_nametoindex(name);
    return *index != 0 ? 0 : -ENODEV;
}

} // namespace mio::impl
