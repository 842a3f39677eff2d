// SPDX-License-Identifier: MIT
// Ancillary data of datagrams. Each value has a control message for IPv4 and one for IPv6. The kernel ignores the
// messages of the other family, so the library need not know the family of a socket.
#include "unix/ancillary.hpp"

#include "port/addresses.hpp"
#include "port/ancillary.hpp"
#include "unix/addresses.hpp"
#include "unix/control_message.hpp"
#include "unix/scope.hpp"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <time.h>

namespace mio::impl {

namespace {

ControlData *control(mio_ancillary *ancillary)
{
    return reinterpret_cast<ControlData *>(ancillary);
}

const ControlData *control(const mio_ancillary *ancillary)
{
    return reinterpret_cast<const ControlData *>(ancillary);
}

// ---- reading ------------------------------------------------------------------------------------------------------

ControlContent find_received(const mio_ancillary *ancillary, int level, int type)
{
    const ControlData *data = control(ancillary);
    if (data->state != ControlState::received) return {};
    return find_control(data->bytes, data->length, level, type);
}

// Reads a value of exactly the type Value. A control message that the kernel truncated counts as absent.
template <typename Value>
bool read_value(const mio_ancillary *ancillary, int level, int type, Value *value)
{
    const ControlContent found = find_received(ancillary, level, type);
    if (found.bytes == nullptr || found.size != sizeof *value) return false;
    memcpy(value, found.bytes, sizeof *value);
    return true;
}

// Reads an int, or a byte for IP_TOS.
int read_number(const mio_ancillary *ancillary, int level, int type)
{
    int number = 0;
    unsigned char byte = 0;
    if (read_value(ancillary, level, type, &number)) return number >= 0 ? number : -ENODATA;
    return read_value(ancillary, level, type, &byte) ? byte : -ENODATA;
}

int read_either(const mio_ancillary *ancillary, int type_v4, int type_v6)
{
    const int number = read_number(ancillary, IPPROTO_IPV6, type_v6);
    return number >= 0 ? number : read_number(ancillary, IPPROTO_IP, type_v4);
}

int report_destination(const Endpoint &endpoint, uint32_t index, mio_addr *addr, uint32_t *interface_index)
{
    if (addr != nullptr) (void)store_endpoint(addr, endpoint);
    if (interface_index != nullptr) *interface_index = index;
    return 0;
}

// ---- building -----------------------------------------------------------------------------------------------------

// The size of the control messages if all values are set.
constexpr size_t most_built =
    CMSG_SPACE(sizeof(in6_pktinfo)) + 4 * CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(uint16_t));
static_assert(2 * most_built <= sizeof(ControlData::bytes));

// Returns null if the storage is empty, or holds anything but built ancillary data.
ControlData *begin_building(mio_ancillary *ancillary)
{
    ControlData *data = control(ancillary);
    if (data->state == ControlState::empty) {
        data->length = 0;
        data->source_family = 0;
        data->state = ControlState::built;
    }
    // Building never exceeds this size, so there is space for the new message even if the storage held garbage.
    return data->state == ControlState::built && data->length <= most_built ? data : nullptr;
}

void remove(ControlData *data, int level, int type)
{
    const ControlContent found = find_control(data->bytes, data->length, level, type);
    if (found.bytes == nullptr) return;
    const size_t at = static_cast<size_t>(found.bytes - data->bytes) - CMSG_LEN(0);
    const size_t space = at + CMSG_SPACE(found.size);
    const size_t end = space < data->length ? space : data->length;
    memmove(data->bytes + at, data->bytes + end, data->length - end);
    data->length -= static_cast<uint32_t>(end - at);
}

template <typename Value>
void put(ControlData *data, int level, int type, const Value &value)
{
    remove(data, level, type);
    data->length +=
        static_cast<uint32_t>(put_control_message(data->bytes + data->length, level, type, &value, sizeof value));
}

// Reads the value of a built control message. Leaves *value unchanged if there is no such message.
template <typename Value>
bool built_value(const ControlData *data, int level, int type, Value *value)
{
    const ControlContent found = find_control(data->bytes, data->length, level, type);
    if (found.bytes == nullptr || found.size != sizeof *value) return false;
    memcpy(value, found.bytes, sizeof *value);
    return true;
}

// Sets a number that has a control message in each family.
int put_number(mio_ancillary *ancillary, int type_v4, int type_v6, int number)
{
    ControlData *data = begin_building(ancillary);
    if (data == nullptr) return -EINVAL;
    put(data, IPPROTO_IP, type_v4, number);
    put(data, IPPROTO_IPV6, type_v6, number);
    return 0;
}

} // namespace

// ---- for system calls ---------------------------------------------------------------------------------------------

int attach_outgoing(const mio_ancillary *ancillary, int family, msghdr *native)
{
    const ControlData *data = control(ancillary);
    if (data->state == ControlState::empty) return 0;
    if (data->state != ControlState::built || data->length > sizeof data->bytes) return -EINVAL;
    if (data->source_family != 0 && family != AF_UNSPEC && family != data->source_family) return -EAFNOSUPPORT;
    native->msg_control = const_cast<unsigned char *>(data->bytes);
    native->msg_controllen = static_cast<decltype(native->msg_controllen)>(data->length);
    return 0;
}

int set_outgoing_interface(mio_ancillary *ancillary, const mio_addr *addr)
{
    ControlData *data = begin_building(ancillary);
    if (data == nullptr) return -EINVAL;
    const Endpoint endpoint = endpoint_of(addr);
    uint32_t index = endpoint.scope_id;
    in6_pktinfo v6 = {};
    in_pktinfo v4 = {};
    // The source address shares a control message with the interface. For an IPv4-mapped destination the kernel needs
    // the IPv4 message, unless the source is an IPv6 address.
    const bool has_v6 = built_value(data, IPPROTO_IPV6, IPV6_PKTINFO, &v6);
    if (has_v6 || !is_mapped(endpoint)) {
        if (v6.ipi6_ifindex != 0 && v6.ipi6_ifindex != index) return -EINVAL;
        v6.ipi6_ifindex = index;
        put(data, IPPROTO_IPV6, IPV6_PKTINFO, v6);
    } else {
        (void)built_value(data, IPPROTO_IP, IP_PKTINFO, &v4);
        if (v4.ipi_ifindex != 0 && static_cast<uint32_t>(v4.ipi_ifindex) != index) return -EINVAL;
        v4.ipi_ifindex = static_cast<int>(index);
        put(data, IPPROTO_IP, IP_PKTINFO, v4);
    }
    return 0;
}

void attach_incoming(mio_ancillary *ancillary, msghdr *native)
{
    native->msg_control = control(ancillary)->bytes;
    native->msg_controllen = sizeof control(ancillary)->bytes;
}

void store_incoming(mio_ancillary *ancillary, const msghdr &native)
{
    control(ancillary)->length = static_cast<uint32_t>(native.msg_controllen);
    control(ancillary)->state = ControlState::received;
    control(ancillary)->source_family = 0;
}

// find_control walks by offsets, because CMSG_NXTHDR trusts the lengths in the messages.
ControlContent find_control(const unsigned char *bytes, size_t length, int level, int type)
{
    cmsghdr header;
    if (length > sizeof(ControlData::bytes)) return {};
    for (size_t at = 0; at < length && length - at >= sizeof header;) {
        memcpy(&header, bytes + at, sizeof header);
        const size_t whole = header.cmsg_len;
        if (whole < CMSG_LEN(0) || whole > length - at) break;
        const size_t size = whole - CMSG_LEN(0);
        if (header.cmsg_level == level && header.cmsg_type == type) return {bytes + at + CMSG_LEN(0), size};
        at += CMSG_SPACE(size);
    }
    return {};
}

// ---- the contract -------------------------------------------------------------------------------------------------

void clear_ancillary(mio_ancillary *ancillary)
{
    control(ancillary)->state = ControlState::empty;
}

int ancillary_destination(const mio_ancillary *ancillary, mio_addr *addr, uint32_t *interface_index)
{
    in6_pktinfo v6;
    in_pktinfo v4;
    if (read_value(ancillary, IPPROTO_IPV6, IPV6_PKTINFO, &v6)) {
        const auto index = static_cast<uint32_t>(v6.ipi6_ifindex);
        Endpoint endpoint = {.family = MIO_ADDR_IPV6};
        memcpy(endpoint.ip, &v6.ipi6_addr, sizeof v6.ipi6_addr);
        if (needs_scope(endpoint.ip)) endpoint.scope_id = index;
        return report_destination(endpoint, index, addr, interface_index);
    }
    if (read_value(ancillary, IPPROTO_IP, IP_PKTINFO, &v4)) {
        Endpoint endpoint = {.family = MIO_ADDR_IPV4};
        memcpy(endpoint.ip, &v4.ipi_addr, sizeof v4.ipi_addr);
        return report_destination(endpoint, static_cast<uint32_t>(v4.ipi_ifindex), addr, interface_index);
    }
    return -ENODATA;
}

int ancillary_tos(const mio_ancillary *ancillary)
{
    return read_either(ancillary, IP_TOS, IPV6_TCLASS);
}

int ancillary_ttl(const mio_ancillary *ancillary)
{
    return read_either(ancillary, IP_TTL, IPV6_HOPLIMIT);
}

int ancillary_timestamp(const mio_ancillary *ancillary, int64_t *time_ns)
{
    timespec time;
    if (!read_value(ancillary, SOL_SOCKET, SCM_TIMESTAMPNS, &time)) return -ENODATA;
    *time_ns = static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
    return 0;
}

int ancillary_original_destination(const mio_ancillary *ancillary, mio_addr *addr)
{
    ControlContent found = find_received(ancillary, IPPROTO_IPV6, IPV6_ORIGDSTADDR);
    if (found.bytes == nullptr) found = find_received(ancillary, IPPROTO_IP, IP_ORIGDSTADDR);
    if (found.bytes == nullptr) return -ENODATA;
    // A truncated address is shorter than its family requires.
    return address_from_sockaddr(addr, found.bytes, found.size) == 0 ? 0 : -ENODATA;
}

int ancillary_drops(const mio_ancillary *ancillary, uint32_t *count)
{
    return read_value(ancillary, SOL_SOCKET, SO_RXQ_OVFL, count) ? 0 : -ENODATA;
}

int ancillary_segment_size(const mio_ancillary *ancillary)
{
    return read_number(ancillary, IPPROTO_UDP, UDP_GRO);
}

int set_ancillary_source(mio_ancillary *ancillary, const mio_addr *addr, uint32_t interface_index)
{
    const Endpoint endpoint = endpoint_of(addr);
    if (endpoint.family != MIO_ADDR_IPV4 && endpoint.family != MIO_ADDR_IPV6) return -EAFNOSUPPORT;
    if (agree_on_interface(&interface_index, addr) != 0 || interface_index > INT32_MAX) return -EINVAL;
    ControlData *data = begin_building(ancillary);
    if (data == nullptr) return -EINVAL;
    remove(data, IPPROTO_IP, IP_PKTINFO);
    remove(data, IPPROTO_IPV6, IPV6_PKTINFO);
    if (endpoint.family == MIO_ADDR_IPV4) {
        in_pktinfo v4 = {};
        v4.ipi_ifindex = static_cast<int>(interface_index);
        memcpy(&v4.ipi_spec_dst, endpoint.ip, sizeof v4.ipi_spec_dst);
        put(data, IPPROTO_IP, IP_PKTINFO, v4);
        data->source_family = AF_INET;
    } else {
        in6_pktinfo v6 = {};
        v6.ipi6_ifindex = interface_index;
        memcpy(&v6.ipi6_addr, endpoint.ip, sizeof v6.ipi6_addr);
        put(data, IPPROTO_IPV6, IPV6_PKTINFO, v6);
        data->source_family = AF_INET6;
    }
    return 0;
}

int set_ancillary_tos(mio_ancillary *ancillary, int tos)
{
    if (tos < 0 || tos > 255) return -EINVAL;
    return put_number(ancillary, IP_TOS, IPV6_TCLASS, tos);
}

int set_ancillary_ttl(mio_ancillary *ancillary, int ttl)
{
    if (ttl < 1 || ttl > 255) return -EINVAL;
    return put_number(ancillary, IP_TTL, IPV6_HOPLIMIT, ttl);
}

int set_ancillary_segment_size(mio_ancillary *ancillary, int size)
{
    if (size < 0 || size > UINT16_MAX) return -EINVAL;
    ControlData *data = begin_building(ancillary);
    if (data == nullptr) return -EINVAL;
    put(data, IPPROTO_UDP, UDP_SEGMENT, static_cast<uint16_t>(size));
    return 0;
}

} // namespace mio::impl
