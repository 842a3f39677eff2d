// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "port/ancillary.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT void mio_ancillary_clear(mio_ancillary *ancillary)
{
    if (ancillary != nullptr) clear_ancillary(ancillary);
}

MIO_EXPORT int mio_ancillary_destination(const mio_ancillary *ancillary, mio_addr *addr, uint32_t *interface_index)
{
    return ancillary != nullptr ? ancillary_destination(ancillary, addr, interface_index) : -EINVAL;
}

MIO_EXPORT int mio_ancillary_tos(const mio_ancillary *ancillary)
{
    return ancillary != nullptr ? ancillary_tos(ancillary) : -EINVAL;
}

MIO_EXPORT int mio_ancillary_ttl(const mio_ancillary *ancillary)
{
    return ancillary != nullptr ? ancillary_ttl(ancillary) : -EINVAL;
}

MIO_EXPORT int mio_ancillary_timestamp(const mio_ancillary *ancillary, int64_t *time_ns)
{
    if (ancillary == nullptr || time_ns == nullptr) return -EINVAL;
    return ancillary_timestamp(ancillary, time_ns);
}

MIO_EXPORT int mio_ancillary_original_destination(const mio_ancillary *ancillary, mio_addr *addr)
{
    if (ancillary == nullptr || addr == nullptr) return -EINVAL;
    return ancillary_original_destination(ancillary, addr);
}

MIO_EXPORT int mio_ancillary_drops(const mio_ancillary *ancillary, uint32_t *count)
{
    if (ancillary == nullptr || count == nullptr) return -EINVAL;
    return ancillary_drops(ancillary, count);
}

MIO_EXPORT int mio_ancillary_segment_size(const mio_ancillary *ancillary)
{
    return ancillary != nullptr ? ancillary_segment_size(ancillary) : -EINVAL;
}

MIO_EXPORT int mio_ancillary_set_source(mio_ancillary *ancillary, const mio_addr *addr, uint32_t interface_index)
{
    if (ancillary == nullptr || addr == nullptr) return -EINVAL;
    return set_ancillary_source(ancillary, addr, interface_index);
}

MIO_EXPORT int mio_ancillary_set_tos(mio_ancillary *ancillary, int tos)
{
    return ancillary != nullptr ? set_ancillary_tos(ancillary, tos) : -EINVAL;
}

MIO_EXPORT int mio_ancillary_set_ttl(mio_ancillary *ancillary, int ttl)
{
    return ancillary != nullptr ? set_ancillary_ttl(ancillary, ttl) : -EINVAL;
}

MIO_EXPORT int mio_ancillary_set_segment_size(mio_ancillary *ancillary, int size)
{
    return ancillary != nullptr ? set_ancillary_segment_size(ancillary, size) : -EINVAL;
}
