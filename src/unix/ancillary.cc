// SPDX-License-Identifier: MIT
// Reads and builds the ancillary data of datagrams. Most values, such as the TTL, have two control messages: one for
// IPv4, and one for IPv6 (RFC 3542). To send such a value, the library passes both control messages, and the kernel
// ignores the control message of the wrong family. So the library need not know the family of the socket.
#include "unix/ancillary.hpp"

#include "core/timeout.hpp"
#include "port/addresses.hpp"
#include "port/ancillary.hpp"
#include "unix/addresses.hpp"
#include "unix/control_data.hpp"
#include "unix/option_names.hpp"
#include "unix/packet_info.hpp"
#include "unix/scope.hpp"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/time.h>
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

// Returns the data of *ancillary if a receive has stored it, and null otherwise.
const ControlData *received(const mio_ancillary *ancillary)
{
    const ControlData *data = control(ancillary);
    return data->state == ControlState::received ? data : nullptr;
}

template <typename Value>
bool read_value(const mio_ancillary *ancillary, int level, int type, Value *value)
{
    const ControlData *data = received(ancillary);
    return data != nullptr && read_control(data, level, type, value);
}

// Reads the number in a received control message. The content of the control message is an int or a byte.
int read_number(const mio_ancillary *ancillary, int level, int type)
{
    int number = 0;
    unsigned char byte = 0;
    if (read_value(ancillary, level, type, &number)) return number >= 0 ? number : -ENODATA;
    return read_value(ancillary, level, type, &byte) ? byte : -ENODATA;
}

// Reads the number in the control message for IPv6 or for IPv4. The type of the control message for IPv4 differs
// between Linux and other systems. On Linux the type is the option that sets the value, such as IP_TTL. On other
// systems, the type is the option that requests the value, such as IP_RECVTTL.
int read_either(const mio_ancillary *ancillary, int type_v6, int type_v4, int option_v4)
{
    int number = read_number(ancillary, IPPROTO_IPV6, type_v6);
    if (number < 0) number = read_number(ancillary, IPPROTO_IP, type_v4);
    return number >= 0 ? number : read_number(ancillary, IPPROTO_IP, option_v4);
}

// Stores the time of a received control message, in nanoseconds. The time is `seconds` plus `fraction` units of
// `unit_ns` nanoseconds. Returns -ENODATA if the storage holds garbage: the fraction is a second or more, or int64_t
// cannot hold the time.
int report_time(int64_t seconds, int64_t fraction, int64_t unit_ns, int64_t *time_ns)
{
    constexpr int64_t most_seconds = INT64_MAX / nanoseconds_per_second - 1;
    if (seconds > most_seconds || seconds < -most_seconds) return -ENODATA;
    if (fraction < 0 || fraction >= nanoseconds_per_second / unit_ns) return -ENODATA;
    *time_ns = seconds * nanoseconds_per_second + fraction * unit_ns;
    return 0;
}

int report_destination(const Endpoint &endpoint, uint32_t index, mio_addr *addr, uint32_t *interface_index)
{
    if (addr != nullptr) (void)store_endpoint(addr, endpoint);
    if (interface_index != nullptr) *interface_index = index;
    return 0;
}

// ---- building -----------------------------------------------------------------------------------------------------

// The control messages that a program can build for one datagram have at most this total size.
constexpr size_t most_built =
    CMSG_SPACE(sizeof(in6_pktinfo)) + 4 * CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(uint16_t));
static_assert(2 * most_built <= sizeof(ControlData::bytes));

// Prepares storage for outgoing control messages. Empty storage gets the state `built`. Storage in the state `built` is
// unchanged. Returns null if the storage holds received data or garbage.
ControlData *begin_building(mio_ancillary *ancillary)
{
    ControlData *data = control(ancillary);
    if (data->state == ControlState::empty) {
        data->length = 0;
        data->source_family = 0;
        data->state = ControlState::built;
    }
    // Outgoing data never exceeds most_built bytes. So if `length` is greater, the storage holds garbage. Garbage with
    // a smaller `length` is harmless, because the buffer still has space for the new control message (see the
    // static_assert).
    return data->state == ControlState::built && data->length <= most_built ? data : nullptr;
}

// Sets the TOS or the TTL of outgoing datagrams to `number`, with one control message for IPv4 and another for IPv6. If
// the system has no control message for IPv4, the function returns -ENOTSUP: datagrams over IPv4 would not get the
// value.
int put_number(mio_ancillary *ancillary, NumberForm form_v4, int type_v6, int number)
{
    if (form_v4.type == absent) return -ENOTSUP;
    ControlData *data = begin_building(ancillary);
    if (data == nullptr) return -EINVAL;
    if (form_v4.is_byte)
        replace_control(data, IPPROTO_IP, form_v4.type, static_cast<unsigned char>(number));
    else
        replace_control(data, IPPROTO_IP, form_v4.type, number);
    replace_control(data, IPPROTO_IPV6, type_v6, number);
    return 0;
}

// Stores `index`, the index of the interface. The control message with the source address also holds the interface. If
// `data` has no such control message, the function adds a control message without a source address.
int name_interface_v6(ControlData *data, uint32_t index)
{
    in6_pktinfo info = {};
    (void)read_control(data, IPPROTO_IPV6, IPV6_PKTINFO, &info);
    if (info.ipi6_ifindex != 0 && info.ipi6_ifindex != index) return -EINVAL;
    info.ipi6_ifindex = index;
    replace_control(data, IPPROTO_IPV6, IPV6_PKTINFO, info);
    return 0;
}

int name_interface_v4(ControlData *data, uint32_t index)
{
    PacketInfo info = read_source_v4(data);
    if (info.interface_index != 0 && info.interface_index != index) return -EINVAL;
    info.interface_index = index;
    return replace_source_v4(data, info);
}

} // namespace

// ---- sending and receiving ----------------------------------------------------------------------------------------

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
    // If the destination is an IPv4-mapped address, and the source is not an IPv6 address, the kernel reads the control
    // message for IPv4.
    in6_pktinfo source;
    const bool is_v6 = !is_mapped(endpoint) || read_control(data, IPPROTO_IPV6, IPV6_PKTINFO, &source);
    return is_v6 ? name_interface_v6(data, endpoint.scope_id) : name_interface_v4(data, endpoint.scope_id);
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

// ---- the functions of port/ancillary.hpp --------------------------------------------------------------------------

void clear_ancillary(mio_ancillary *ancillary)
{
    control(ancillary)->state = ControlState::empty;
}

int ancillary_destination(const mio_ancillary *ancillary, mio_addr *addr, uint32_t *interface_index)
{
    in6_pktinfo v6;
    PacketInfo v4;
    if (read_value(ancillary, IPPROTO_IPV6, IPV6_PKTINFO, &v6)) {
        const auto index = static_cast<uint32_t>(v6.ipi6_ifindex);
        Endpoint endpoint = {.family = MIO_ADDR_IPV6};
        memcpy(endpoint.ip, &v6.ipi6_addr, sizeof v6.ipi6_addr);
        if (needs_scope(endpoint.ip)) endpoint.scope_id = index;
        return report_destination(endpoint, index, addr, interface_index);
    }
    const ControlData *data = received(ancillary);
    if (data == nullptr || !read_destination_v4(data, &v4)) return -ENODATA;
    Endpoint endpoint = {.family = MIO_ADDR_IPV4};
    memcpy(endpoint.ip, v4.ip, sizeof v4.ip);
    return report_destination(endpoint, v4.interface_index, addr, interface_index);
}

int ancillary_tos(const mio_ancillary *ancillary)
{
    return read_either(ancillary, IPV6_TCLASS, IP_TOS, IP_RECVTOS);
}

int ancillary_ttl(const mio_ancillary *ancillary)
{
    return read_either(ancillary, IPV6_HOPLIMIT, IP_TTL, IP_RECVTTL);
}

int ancillary_timestamp(const mio_ancillary *ancillary, int64_t *time_ns)
{
    timespec fine;
    timeval coarse;
    if (read_value(ancillary, SOL_SOCKET, SCM_TIMESTAMPNS, &fine))
        return report_time(fine.tv_sec, fine.tv_nsec, 1, time_ns);
    if (!read_value(ancillary, SOL_SOCKET, SCM_TIMESTAMP, &coarse)) return -ENODATA;
    return report_time(coarse.tv_sec, coarse.tv_usec, 1000, time_ns);
}

int ancillary_original_destination(const mio_ancillary *ancillary, mio_addr *addr)
{
    const ControlData *data = received(ancillary);
    if (data == nullptr) return -ENODATA;
    ControlContent found = find_control(data->bytes, data->length, IPPROTO_IPV6, IPV6_ORIGDSTADDR);
    if (found.bytes == nullptr) found = find_control(data->bytes, data->length, IPPROTO_IP, IP_ORIGDSTADDR);
    if (found.bytes == nullptr) return -ENODATA;
    // A truncated address is shorter than its family requires, so its conversion fails.
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
    if (endpoint.family == MIO_ADDR_IPV4) {
        PacketInfo v4 = {};
        v4.interface_index = interface_index;
        memcpy(v4.ip, endpoint.ip, sizeof v4.ip);
        const int failed = replace_source_v4(data, v4);
        if (failed != 0) return failed;
        remove_control(data, IPPROTO_IPV6, IPV6_PKTINFO);
        data->source_family = AF_INET;
    } else {
        in6_pktinfo v6 = {};
        v6.ipi6_ifindex = interface_index;
        memcpy(&v6.ipi6_addr, endpoint.ip, sizeof v6.ipi6_addr);
        remove_source_v4(data);
        replace_control(data, IPPROTO_IPV6, IPV6_PKTINFO, v6);
        data->source_family = AF_INET6;
    }
    return 0;
}

int set_ancillary_tos(mio_ancillary *ancillary, int tos)
{
    if (tos < 0 || tos > 255) return -EINVAL;
    return put_number(ancillary, sent_tos_v4, IPV6_TCLASS, tos);
}

int set_ancillary_ttl(mio_ancillary *ancillary, int ttl)
{
    if (ttl < 1 || ttl > 255) return -EINVAL;
    return put_number(ancillary, sent_ttl_v4, IPV6_HOPLIMIT, ttl);
}

int set_ancillary_segment_size(mio_ancillary *ancillary, int size)
{
    if (size < 0 || size > UINT16_MAX) return -EINVAL;
    if (UDP_SEGMENT == absent) return -ENOTSUP;
    ControlData *data = begin_building(ancillary);
    if (data == nullptr) return -EINVAL;
    replace_control(data, IPPROTO_UDP, UDP_SEGMENT, static_cast<uint16_t>(size));
    return 0;
}

} // namespace mio::impl
