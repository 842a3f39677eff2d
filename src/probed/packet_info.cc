// SPDX-License-Identifier: MIT
// Reads and sets the local address of datagrams over IPv4 through the option IP_PKTINFO and struct in_pktinfo, on
// Linux, macOS and NetBSD. The types of the members differ between systems, and NetBSD has no ipi_spec_dst.
#include "unix/packet_info.hpp"

#include <netinet/in.h>
#include <string.h>

namespace mio::impl {

namespace {

template <typename Info>
auto &source_in(Info &native)
{
    if constexpr (requires { native.ipi_spec_dst; })
        return native.ipi_spec_dst;
    else
        return native.ipi_addr;
}

PacketInfo packet_info(const in_addr &addr, const in_pktinfo &native)
{
    PacketInfo info = {};
    memcpy(info.ip, &addr, sizeof info.ip);
    info.interface_index = static_cast<uint32_t>(native.ipi_ifindex);
    return info;
}

} // namespace

bool read_destination_v4(const ControlData *data, PacketInfo *info)
{
    in_pktinfo native;
    if (!read_control(data, IPPROTO_IP, IP_PKTINFO, &native)) return false;
    *info = packet_info(native.ipi_addr, native);
    return true;
}

PacketInfo read_source_v4(const ControlData *data)
{
    in_pktinfo native = {};
    (void)read_control(data, IPPROTO_IP, IP_PKTINFO, &native);
    return packet_info(source_in(native), native);
}

int replace_source_v4(ControlData *data, const PacketInfo &info)
{
    in_pktinfo native = {};
    native.ipi_ifindex = static_cast<decltype(native.ipi_ifindex)>(info.interface_index);
    memcpy(&source_in(native), info.ip, sizeof info.ip);
    replace_control(data, IPPROTO_IP, IP_PKTINFO, native);
    return 0;
}

void remove_source_v4(ControlData *data)
{
    remove_control(data, IPPROTO_IP, IP_PKTINFO);
}

} // namespace mio::impl
