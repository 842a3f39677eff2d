// SPDX-License-Identifier: MIT
// POSIX has no ancillary data for datagrams over IP. So none can be sent, and none arrives.
#include "unix/ancillary.hpp"

#include "port/ancillary.hpp"

#include <errno.h>

namespace mio::impl {

int attach_outgoing(const mio_ancillary *, int, msghdr *)
{
    return 0;
}

int set_outgoing_interface(mio_ancillary *, const mio_addr *)
{
    return -ENOTSUP;
}

void attach_incoming(mio_ancillary *, msghdr *) {}

void store_incoming(mio_ancillary *ancillary, const msghdr &)
{
    clear_ancillary(ancillary);
}

void clear_ancillary(mio_ancillary *ancillary)
{
    reinterpret_cast<ControlData *>(ancillary)->state = ControlState::empty;
}

int ancillary_destination(const mio_ancillary *, mio_addr *, uint32_t *)
{
    return -ENODATA;
}

int ancillary_tos(const mio_ancillary *)
{
    return -ENODATA;
}

int ancillary_ttl(const mio_ancillary *)
{
    return -ENODATA;
}

int ancillary_timestamp(const mio_ancillary *, int64_t *)
{
    return -ENODATA;
}

int ancillary_original_destination(const mio_ancillary *, mio_addr *)
{
    return -ENODATA;
}

int ancillary_drops(const mio_ancillary *, uint32_t *)
{
    return -ENODATA;
}

int ancillary_segment_size(const mio_ancillary *)
{
    return -ENODATA;
}

int set_ancillary_source(mio_ancillary *, const mio_addr *, uint32_t)
{
    return -ENOTSUP;
}

int set_ancillary_tos(mio_ancillary *, int)
{
    return -ENOTSUP;
}

int set_ancillary_ttl(mio_ancillary *, int)
{
    return -ENOTSUP;
}

int set_ancillary_segment_size(mio_ancillary *, int)
{
    return -ENOTSUP;
}

} // namespace mio::impl
