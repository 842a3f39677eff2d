// SPDX-License-Identifier: MIT
// Reads and sets the local address of datagrams over IPv4 on systems without IP_PKTINFO. FreeBSD, OpenBSD and DragonFly
// have the options IP_RECVDSTADDR and IP_RECVIF instead. When the library sends a datagram, a control message of the
// type IP_RECVDSTADDR sets the source. These systems have no control message that sets the interface. On a system
// without these two options, the library cannot report the destination of a datagram, and cannot set its source.
#include "unix/packet_info.hpp"

#include "unix/option_names.hpp"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

namespace mio::impl {

namespace {

// The content of IP_RECVIF is a struct sockaddr_dl. The length of this struct varies. On every system, the struct
// begins with these members.
struct InterfaceName {
    uint8_t length;
    uint8_t family;
    uint16_t index;
};

constexpr PacketInfo nothing = {};

bool is_any(const uint8_t ip[4])
{
    return memcmp(ip, nothing.ip, sizeof nothing.ip) == 0;
}

} // namespace

bool read_destination_v4(const ControlData *data, PacketInfo *info)
{
    if (!read_control(data, IPPROTO_IP, IP_RECVDSTADDR, &info->ip)) return false;
    const ControlContent found = find_control(data->bytes, data->length, IPPROTO_IP, IP_RECVIF);
    InterfaceName name = {};
    if (found.size >= sizeof name) memcpy(&name, found.bytes, sizeof name);
    info->interface_index = name.index;
    return true;
}

PacketInfo read_source_v4(const ControlData *data)
{
    PacketInfo info = nothing;
    (void)read_control(data, IPPROTO_IP, IP_RECVDSTADDR, &info.ip);
    return info;
}

// Sets the source address of an outgoing datagram. The address 0.0.0.0 lets the system choose the source address. A
// system with IP_RECVDSTADDR chooses the source address if the datagram has no control message with a source address.
// So for 0.0.0.0 the function removes this control message.
int replace_source_v4(ControlData *data, const PacketInfo &info)
{
    constexpr bool can_choose = IP_RECVDSTADDR != absent; // NOLINT(misc-redundant-expression): true on FreeBSD
    if (info.interface_index != 0 || (!can_choose && !is_any(info.ip))) return -ENOTSUP;
    if (is_any(info.ip))
        remove_source_v4(data);
    else
        replace_control(data, IPPROTO_IP, IP_RECVDSTADDR, info.ip);
    return 0;
}

void remove_source_v4(ControlData *data)
{
    remove_control(data, IPPROTO_IP, IP_RECVDSTADDR);
}

} // namespace mio::impl
