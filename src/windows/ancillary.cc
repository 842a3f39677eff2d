// SPDX-License-Identifier: MIT
// Reads and builds the ancillary data of datagrams on Windows. For a received datagram, the data has the destination
// address, the type of service and the time to live. For an outgoing datagram, the data has the source address.
#include "windows/ancillary.hpp"

#include "core/endpoint.hpp"
#include "port/addresses.hpp"
#include "port/ancillary.hpp"

#include <errno.h>
#include <string.h>

namespace mio::impl {

namespace {

ControlData *data_of(mio_ancillary *ancillary)
{
    return reinterpret_cast<ControlData *>(ancillary);
}

const ControlData *data_of(const mio_ancillary *ancillary)
{
    return reinterpret_cast<const ControlData *>(ancillary);
}

// Copies the content of one received control message. Returns false if the message is absent or truncated.
template <typename Content>
bool find_control(const mio_ancillary *ancillary, int level, int type, Content *content)
{
    const ControlData *data = data_of(ancillary);
    if (data->state != ControlState::received || data->length > sizeof data->bytes) return false;
    for (size_t at = 0; at + sizeof(WSACMSGHDR) <= data->length;) {
        WSACMSGHDR header;
        memcpy(&header, data->bytes + at, sizeof header);
        if (header.cmsg_len < sizeof header || header.cmsg_len > data->length - at) return false;
        if (header.cmsg_level == level && header.cmsg_type == type) {
            if (header.cmsg_len < WSA_CMSG_LEN(sizeof *content)) return false;
            memcpy(content, data->bytes + at + WSA_CMSG_LEN(0), sizeof *content);
            return true;
        }
        at += WSA_CMSGHDR_ALIGN(header.cmsg_len);
    }
    return false;
}

// Returns the number, from 0 to 255, in the received control message of the type `type_v4`, `other_v4` or `type_v6`.
// Returns -ENODATA if there is no such message. Two types stand for the same number of IPv4, because the versions of
// Windows differ.
int find_number(const mio_ancillary *ancillary, int type_v4, int other_v4, int type_v6)
{
    int number;
    const bool found = find_control(ancillary, IPPROTO_IP, type_v4, &number) ||
                       find_control(ancillary, IPPROTO_IP, other_v4, &number) ||
                       find_control(ancillary, IPPROTO_IPV6, type_v6, &number);
    return found ? number & 0xff : -ENODATA;
}

template <typename Content>
void build(ControlData *data, int level, const Content &content, int family)
{
    static_assert(WSA_CMSG_SPACE(sizeof(Content)) <= sizeof data->bytes);
    const WSACMSGHDR header = {.cmsg_len = WSA_CMSG_LEN(sizeof content), .cmsg_level = level, .cmsg_type = IP_PKTINFO};
    memset(data->bytes, 0, WSA_CMSG_SPACE(sizeof content));
    memcpy(data->bytes, &header, sizeof header);
    memcpy(data->bytes + WSA_CMSG_LEN(0), &content, sizeof content);
    data->length = static_cast<uint32_t>(WSA_CMSG_SPACE(sizeof content));
    data->family = static_cast<uint16_t>(family);
    data->state = ControlState::built;
}
static_assert(IP_PKTINFO == IPV6_PKTINFO);

} // namespace

// ---- sending and receiving ------------------------------------------------------------------------------------------

int attach_outgoing(const mio_ancillary *ancillary, int family, WSAMSG *native)
{
    const ControlData *data = data_of(ancillary);
    if (data->state == ControlState::empty) return 0;
    if (data->state != ControlState::built || data->length > sizeof data->bytes) return -EINVAL;
    if (family != AF_UNSPEC && data->family != family) return -EAFNOSUPPORT;
    native->Control.len = data->length;
    native->Control.buf = reinterpret_cast<char *>(const_cast<unsigned char *>(data->bytes));
    return 0;
}

void attach_incoming(mio_ancillary *ancillary, WSAMSG *native)
{
    ControlData *data = data_of(ancillary);
    // Set the length in the first header to 0. If Winsock stores no control message, the length stays 0.
    memset(data->bytes, 0, sizeof(WSACMSGHDR));
    native->Control.len = sizeof data->bytes;
    native->Control.buf = reinterpret_cast<char *>(data->bytes);
}

void store_incoming(mio_ancillary *ancillary, const WSAMSG &native, int family)
{
    data_of(ancillary)->family = static_cast<uint16_t>(family);
    data_of(ancillary)->length = native.Control.len;
    data_of(ancillary)->state = ControlState::received;
}

// ---- reading --------------------------------------------------------------------------------------------------------

void clear_ancillary(mio_ancillary *ancillary)
{
    data_of(ancillary)->state = ControlState::empty;
}

int ancillary_destination(const mio_ancillary *ancillary, mio_addr *addr, uint32_t *interface_index)
{
    Endpoint endpoint;
    uint32_t index;
    IN_PKTINFO v4;
    IN6_PKTINFO v6;
    if (find_control(ancillary, IPPROTO_IP, IP_PKTINFO, &v4)) {
        endpoint.family = MIO_ADDR_IPV4;
        memcpy(endpoint.ip, &v4.ipi_addr, sizeof v4.ipi_addr);
        index = v4.ipi_ifindex;
    } else if (find_control(ancillary, IPPROTO_IPV6, IPV6_PKTINFO, &v6)) {
        endpoint.family = MIO_ADDR_IPV6;
        memcpy(endpoint.ip, &v6.ipi6_addr, sizeof v6.ipi6_addr);
        index = v6.ipi6_ifindex;
        const bool link_local = endpoint.ip[0] == 0xfe && (endpoint.ip[1] & 0xc0) == 0x80;
        if (link_local) endpoint.scope_id = index;
    } else {
        return -ENODATA;
    }
    if (data_of(ancillary)->family == AF_INET6) endpoint = mapped(endpoint);
    if (addr != nullptr) (void)store_endpoint(addr, endpoint);
    if (interface_index != nullptr) *interface_index = index;
    return 0;
}

int ancillary_tos(const mio_ancillary *ancillary)
{
    return find_number(ancillary, IP_TOS, IP_TCLASS, IPV6_TCLASS);
}

int ancillary_ttl(const mio_ancillary *ancillary)
{
    return find_number(ancillary, IP_TTL, IP_HOPLIMIT, IPV6_HOPLIMIT);
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

// ---- building -------------------------------------------------------------------------------------------------------

int set_ancillary_source(mio_ancillary *ancillary, const mio_addr *addr, uint32_t interface_index)
{
    ControlData *data = data_of(ancillary);
    if (data->state != ControlState::empty && data->state != ControlState::built) return -EINVAL;
    const Endpoint source = endpoint_of(addr);
    if (ip_length(source) == 0) return -EAFNOSUPPORT;
    if (source.scope_id != 0 && interface_index != 0 && source.scope_id != interface_index) return -EINVAL;
    const uint32_t index = interface_index != 0 ? interface_index : source.scope_id;
    if (source.family == MIO_ADDR_IPV4) {
        IN_PKTINFO v4 = {};
        memcpy(&v4.ipi_addr, source.ip, sizeof v4.ipi_addr);
        v4.ipi_ifindex = index;
        build(data, IPPROTO_IP, v4, AF_INET);
    } else {
        IN6_PKTINFO v6 = {};
        memcpy(&v6.ipi6_addr, source.ip, sizeof v6.ipi6_addr);
        v6.ipi6_ifindex = index;
        build(data, IPPROTO_IPV6, v6, AF_INET6);
    }
    return 0;
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
