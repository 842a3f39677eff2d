// SPDX-License-Identifier: MIT
#include "core/endpoint.hpp"
#include "core/text.hpp"
#include "port/addresses.hpp"

#include <errno.h>
#include <mio/addr.h>
#include <string.h>

using namespace mio::impl;

MIO_EXPORT int mio_addr_from_path(mio_addr *addr, const char *path, size_t length)
{
    if (addr == nullptr || path == nullptr) return -EINVAL;
    const int wrong = check_path(path, length);
    if (wrong != 0) return wrong;
    const auto *name = reinterpret_cast<const uint8_t *>(path);
    return store_endpoint(addr, {.family = MIO_ADDR_UNIX, .name = name, .name_length = length});
}

MIO_EXPORT int mio_addr_from_abstract(mio_addr *addr, const void *name, size_t length)
{
    if (addr == nullptr || (name == nullptr && length > 0)) return -EINVAL;
    return store_abstract_name(addr, name, length);
}

MIO_EXPORT int mio_addr_unnamed(mio_addr *addr)
{
    return addr != nullptr ? store_endpoint(addr, {.family = MIO_ADDR_UNIX}) : -EINVAL;
}

MIO_EXPORT int mio_addr_unix_path(const mio_addr *addr, char *path, size_t size)
{
    if (addr == nullptr || (path == nullptr && size > 0)) return -EINVAL;
    const Endpoint endpoint = endpoint_of(addr);
    if (name_kind(endpoint) != NameKind::path) return -EAFNOSUPPORT;
    TextWriter out(path, size);
    for (size_t i = 0; i < endpoint.name_length; ++i)
        out.append(static_cast<char>(endpoint.name[i]));
    return out.length();
}

MIO_EXPORT int mio_addr_unix_abstract(const mio_addr *addr, void *name, size_t capacity)
{
    if (addr == nullptr || (name == nullptr && capacity > 0)) return -EINVAL;
    const Endpoint endpoint = endpoint_of(addr);
    if (name_kind(endpoint) != NameKind::abstract) return -EAFNOSUPPORT;
    const size_t length = endpoint.name_length - 1;
    if (length > capacity) return -ENOSPC;
    if (length > 0) memcpy(name, endpoint.name + 1, length);
    return static_cast<int>(length);
}

MIO_EXPORT int mio_addr_is_unnamed(const mio_addr *addr)
{
    return name_kind(endpoint_of(addr)) == NameKind::unnamed;
}
