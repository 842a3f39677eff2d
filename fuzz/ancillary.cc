// SPDX-License-Identifier: MIT
// Tests the functions for ancillary data. The first byte of the input selects what the program checks: received
// data, data to send, or storage that holds garbage.
#include "unix/ancillary.hpp"
#include "fuzz.hpp"
#include "unix/control_data.hpp"
#include "unix/option_names.hpp"

#include <errno.h>
#include <limits.h>
#include <memory>
#include <mio/addr.h>
#include <mio/ancillary.h>
#include <netinet/in.h>
#include <sys/time.h>
#include <time.h>

using namespace mio::impl;

namespace {

// A control message. `Messages` lists the control messages of one buffer in their order.
struct Message {
    int level;
    int type;
    std::string content;
};
using Messages = std::vector<Message>;

// The kinds of control messages that mio reads.
constexpr struct {
    int level;
    int type;
} kinds[] = {
    {IPPROTO_IP, IP_PKTINFO},
    {IPPROTO_IPV6, IPV6_PKTINFO},
    {IPPROTO_IP, IP_TOS},
    {IPPROTO_IPV6, IPV6_TCLASS},
    {IPPROTO_IP, IP_TTL},
    {IPPROTO_IPV6, IPV6_HOPLIMIT},
    {SOL_SOCKET, SCM_TIMESTAMPNS},
    {SOL_SOCKET, SCM_TIMESTAMP},
    {IPPROTO_IP, IP_ORIGDSTADDR},
    {SOL_SOCKET, SO_RXQ_OVFL},
    {IPPROTO_IPV6, IPV6_ORIGDSTADDR},
    {IPPROTO_UDP, UDP_GRO},
    {IPPROTO_IP, IP_RECVTOS},
    {IPPROTO_IP, IP_RECVTTL},
    {IPPROTO_UDP, 1000},
};
constexpr size_t kind_count = sizeof kinds / sizeof *kinds;

// Returns the content of the first message of a kind. mio ignores all further messages of this kind.
const std::string *find(const Messages &messages, int level, int type)
{
    for (const Message &each : messages) {
        if (each.level == level && each.type == type) return &each.content;
    }
    return nullptr;
}

// Finds the message with this level and this type, and copies its content to *value. Returns false if there is no such
// message, or if the content does not have exactly the size of *value.
template <typename Value>
bool value_of(const Messages &messages, int level, int type, Value *value)
{
    const std::string *content = find(messages, level, type);
    if (content == nullptr || content->size() != sizeof *value) return false;
    memcpy(value, content->data(), sizeof *value);
    return true;
}

// ---- received data ------------------------------------------------------------------------------------------------

// Stores control messages as the kernel does. If the last message does not fit, the kernel truncates it. The header of
// the last message claims `excess` bytes more than the buffer has. No kernel writes such a header, and mio ignores the
// message.
void receive(mio_ancillary *ancillary, Messages *messages, uint8_t excess)
{
    msghdr native = {};
    attach_incoming(ancillary, &native);
    auto *bytes = static_cast<unsigned char *>(native.msg_control);
    const size_t capacity = native.msg_controllen;
    size_t end = 0;
    for (size_t i = 0; i < messages->size(); i++) {
        Message &each = (*messages)[i];
        const size_t at = std::min(capacity, CMSG_ALIGN(end));
        if (capacity - at < CMSG_LEN(0)) {
            messages->resize(i);
            break;
        }
        each.content.resize(std::min(each.content.size(), capacity - at - CMSG_LEN(0)));
        const size_t claimed = each.content.size() + (i + 1 == messages->size() ? excess : 0);
        cmsghdr header = {};
        header.cmsg_level = each.level;
        header.cmsg_type = each.type;
        header.cmsg_len = static_cast<decltype(header.cmsg_len)>(CMSG_LEN(claimed));
        memcpy(bytes + at, &header, sizeof header);
        memcpy(bytes + at + CMSG_LEN(0), each.content.data(), each.content.size());
        end = at + CMSG_LEN(each.content.size());
        if (claimed > each.content.size()) messages->pop_back();
    }
    native.msg_controllen = static_cast<decltype(native.msg_controllen)>(end);
    store_incoming(ancillary, native);
}

int number_of(const Messages &messages, int level, int type)
{
    int number = 0;
    unsigned char byte = 0;
    if (value_of(messages, level, type, &number)) return number >= 0 ? number : -ENODATA;
    return value_of(messages, level, type, &byte) ? byte : -ENODATA;
}

int first_number(std::initializer_list<int> numbers)
{
    for (const int number : numbers) {
        if (number >= 0) return number;
    }
    return -ENODATA;
}

void check_numbers(const mio_ancillary &ancillary, const Messages &messages)
{
    const int tos =
        first_number({number_of(messages, IPPROTO_IPV6, IPV6_TCLASS), number_of(messages, IPPROTO_IP, IP_TOS),
                      number_of(messages, IPPROTO_IP, IP_RECVTOS)});
    const int ttl =
        first_number({number_of(messages, IPPROTO_IPV6, IPV6_HOPLIMIT), number_of(messages, IPPROTO_IP, IP_TTL),
                      number_of(messages, IPPROTO_IP, IP_RECVTTL)});
    REQUIRE(mio_ancillary_tos(&ancillary) == tos && mio_ancillary_ttl(&ancillary) == ttl);
    REQUIRE(mio_ancillary_segment_size(&ancillary) == number_of(messages, IPPROTO_UDP, UDP_GRO));
    fuzz::Output<uint32_t> drops;
    uint32_t wanted = 0;
    const bool has_drops = value_of(messages, SOL_SOCKET, SO_RXQ_OVFL, &wanted);
    REQUIRE(mio_ancillary_drops(&ancillary, drops.get()) == (has_drops ? 0 : -ENODATA));
    REQUIRE(has_drops ? *drops == wanted : drops.is_untouched());
}

// Stores a time in nanoseconds since 1970. Returns false if the time is invalid, for example more than about 292 years
// before or after 1970.
bool add_up(int64_t seconds, int64_t fraction, int64_t unit_ns, int64_t *time_ns)
{
    constexpr int64_t second = 1'000'000'000;
    constexpr int64_t most = 9'223'372'035;
    if (seconds < -most || seconds > most || fraction < 0 || fraction >= second / unit_ns) return false;
    *time_ns = seconds * second + fraction * unit_ns;
    return true;
}

void check_timestamp(const mio_ancillary &ancillary, const Messages &messages)
{
    timespec fine;
    timeval coarse;
    int64_t wanted = 0;
    bool has_time = false;
    if (value_of(messages, SOL_SOCKET, SCM_TIMESTAMPNS, &fine))
        has_time = add_up(fine.tv_sec, fine.tv_nsec, 1, &wanted);
    else if (value_of(messages, SOL_SOCKET, SCM_TIMESTAMP, &coarse))
        has_time = add_up(coarse.tv_sec, coarse.tv_usec, 1000, &wanted);
    fuzz::Output<int64_t> time_ns;
    REQUIRE(mio_ancillary_timestamp(&ancillary, time_ns.get()) == (has_time ? 0 : -ENODATA));
    REQUIRE(has_time ? *time_ns == wanted : time_ns.is_untouched());
}

void check_destination(const mio_ancillary &ancillary, const Messages &messages)
{
    in6_pktinfo v6;
    in_pktinfo v4;
    uint8_t ip[16];
    fuzz::Output<mio_addr> addr;
    fuzz::Output<uint32_t> index;
    const int result = mio_ancillary_destination(&ancillary, addr.get(), index.get());
    REQUIRE(mio_ancillary_destination(&ancillary, nullptr, nullptr) == result);
    if (value_of(messages, IPPROTO_IPV6, IPV6_PKTINFO, &v6)) {
        REQUIRE(result == 0 && *index == static_cast<uint32_t>(v6.ipi6_ifindex));
        REQUIRE(mio_addr_ip(addr.get(), ip) == 16 && memcmp(ip, &v6.ipi6_addr, 16) == 0);
        const uint32_t scope = mio_addr_scope_id(addr.get());
        REQUIRE(scope == *index || (scope == 0 && !IN6_IS_ADDR_LINKLOCAL(&v6.ipi6_addr)));
    } else if (value_of(messages, IPPROTO_IP, IP_PKTINFO, &v4)) {
        REQUIRE(result == 0 && *index == static_cast<uint32_t>(v4.ipi_ifindex));
        REQUIRE(mio_addr_ip(addr.get(), ip) == 4 && memcmp(ip, &v4.ipi_addr, 4) == 0);
    } else {
        REQUIRE(result == -ENODATA && addr.is_untouched() && index.is_untouched());
    }
}

void check_original(const mio_ancillary &ancillary, const Messages &messages)
{
    fuzz::Output<mio_addr> addr;
    const int result = mio_ancillary_original_destination(&ancillary, addr.get());
    const std::string *content = find(messages, IPPROTO_IPV6, IPV6_ORIGDSTADDR);
    if (content == nullptr) content = find(messages, IPPROTO_IP, IP_ORIGDSTADDR);
    mio_addr wanted;
    if (content == nullptr || mio_addr_from_sockaddr(&wanted, content->data(), content->size()) != 0)
        REQUIRE(result == -ENODATA && addr.is_untouched());
    else
        REQUIRE(result == 0 && mio_addr_compare(addr.get(), &wanted) == 0);
}

// The storage holds received data. So every function that adds outgoing data must fail.
void check_refusals(const mio_ancillary &ancillary)
{
    mio_ancillary changed = ancillary;
    mio_addr addr;
    REQUIRE(mio_addr_parse(&addr, "192.0.2.1:0") == 0);
    REQUIRE(mio_ancillary_set_tos(&changed, 1) == -EINVAL && mio_ancillary_set_ttl(&changed, 1) == -EINVAL);
    REQUIRE(mio_ancillary_set_segment_size(&changed, 1) == -EINVAL);
    REQUIRE(mio_ancillary_set_source(&changed, &addr, 0) == -EINVAL);
    REQUIRE(memcmp(&changed, &ancillary, sizeof changed) == 0);
    mio_ancillary_clear(&changed);
    REQUIRE(mio_ancillary_tos(&changed) == -ENODATA && mio_ancillary_set_tos(&changed, 1) == 0);
}

void check_received(fuzz::Input &input)
{
    const uint8_t excess = input.byte();
    Messages messages;
    while (input.left() > 0) {
        const auto &kind = kinds[input.byte() % kind_count];
        if (kind.type != absent) messages.push_back({kind.level, kind.type, input.text(input.byte())});
    }
    mio_ancillary ancillary;
    memset(&ancillary, 0xa5, sizeof ancillary);
    receive(&ancillary, &messages, excess);
    check_numbers(ancillary, messages);
    check_timestamp(ancillary, messages);
    check_destination(ancillary, messages);
    check_original(ancillary, messages);
    check_refusals(ancillary);
}

// ---- data to send -------------------------------------------------------------------------------------------------

// Records that the library must build this control message, instead of an earlier message with this level and this
// type. If `size` is 0, only removes the earlier message.
void set(Messages *messages, int level, int type, const void *value, size_t size)
{
    std::erase_if(*messages, [=](const Message &each) { return each.level == level && each.type == type; });
    if (size > 0) messages->push_back({level, type, std::string(static_cast<const char *>(value), size)});
}

mio_addr take_ip(fuzz::Input &input)
{
    uint8_t ip[16];
    mio_addr addr;
    const bool is_v6 = input.byte() % 2 != 0;
    const uint32_t scope = input.byte() % 4;
    for (uint8_t &byte : ip)
        byte = input.byte();
    REQUIRE((is_v6 ? mio_addr_from_ipv6(&addr, ip, 7, 0, scope) : mio_addr_from_ipv4(&addr, ip, 7)) == 0);
    return addr;
}

int set_source(mio_ancillary *ancillary, Messages *messages, fuzz::Input &input)
{
    const mio_addr addr = take_ip(input);
    const uint32_t scope = mio_addr_scope_id(&addr);
    const auto index = input.number<uint32_t>() >> (input.byte() % 32);
    const int result = mio_ancillary_set_source(ancillary, &addr, index);
    const bool is_valid = index <= INT_MAX && (scope == 0 || index == 0 || scope == index);
    REQUIRE(result == (is_valid ? 0 : -EINVAL));
    if (!is_valid) return result;
    in_pktinfo v4 = {};
    in6_pktinfo v6 = {};
    v4.ipi_ifindex = static_cast<decltype(v4.ipi_ifindex)>(index);
    v6.ipi6_ifindex = index != 0 ? index : scope;
    uint8_t ip[16];
    const bool is_v6 = mio_addr_ip(&addr, ip) == 16;
    memcpy(&v4.ipi_spec_dst, ip, sizeof v4.ipi_spec_dst);
    memcpy(&v6.ipi6_addr, ip, sizeof v6.ipi6_addr);
    set(messages, IPPROTO_IP, IP_PKTINFO, &v4, is_v6 ? 0 : sizeof v4);
    set(messages, IPPROTO_IPV6, IPV6_PKTINFO, &v6, is_v6 ? sizeof v6 : 0);
    return result;
}

int set_value(mio_ancillary *ancillary, Messages *messages, fuzz::Input &input)
{
    const uint8_t call = input.byte() % 4;
    if (call == 3) return set_source(ancillary, messages, input);
    const int value = input.byte() % 8 == 0 ? input.number<int>() : input.number<int16_t>() % 512;
    const auto size = static_cast<uint16_t>(value);
    const int least = call == 1 ? 1 : 0;
    const bool is_valid = value >= least && value <= (call == 2 ? UINT16_MAX : 255);
    int result;
    if (call == 0) {
        result = mio_ancillary_set_tos(ancillary, value);
        if (is_valid) set(messages, IPPROTO_IP, IP_TOS, &value, sizeof value);
        if (is_valid) set(messages, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof value);
    } else if (call == 1) {
        result = mio_ancillary_set_ttl(ancillary, value);
        if (is_valid) set(messages, IPPROTO_IP, IP_TTL, &value, sizeof value);
        if (is_valid) set(messages, IPPROTO_IPV6, IPV6_HOPLIMIT, &value, sizeof value);
    } else {
        result = mio_ancillary_set_segment_size(ancillary, value);
        if (is_valid) set(messages, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size);
    }
    REQUIRE(result == (is_valid ? 0 : -EINVAL));
    return result;
}

// Reads the messages with the macros of the system, as the kernel does. CMSG_NXTHDR of musl compares signed with
// unsigned numbers, so GCC would warn.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
void check_outgoing(const mio_ancillary &ancillary, const Messages &messages)
{
    msghdr native = {};
    REQUIRE(attach_outgoing(&ancillary, AF_UNSPEC, &native) == 0);
    size_t count = 0;
    for (cmsghdr *next = CMSG_FIRSTHDR(&native); next != nullptr; next = CMSG_NXTHDR(&native, next)) {
        const std::string *wanted = find(messages, next->cmsg_level, next->cmsg_type);
        REQUIRE(wanted != nullptr && next->cmsg_len == CMSG_LEN(wanted->size()));
        REQUIRE(memcmp(CMSG_DATA(next), wanted->data(), wanted->size()) == 0);
        count++;
    }
    REQUIRE(count == messages.size());
    in6_pktinfo v6;
    in_pktinfo v4;
    if (value_of(messages, IPPROTO_IP, IP_PKTINFO, &v4))
        REQUIRE(attach_outgoing(&ancillary, AF_INET6, &native) == -EAFNOSUPPORT);
    if (value_of(messages, IPPROTO_IPV6, IPV6_PKTINFO, &v6))
        REQUIRE(attach_outgoing(&ancillary, AF_INET, &native) == -EAFNOSUPPORT);
}
#pragma GCC diagnostic pop

void check_built(fuzz::Input &input)
{
    Messages messages;
    mio_ancillary ancillary = {};
    while (input.left() > 0) {
        const mio_ancillary before = ancillary;
        const int result = set_value(&ancillary, &messages, input);
        if (result != 0) REQUIRE(memcmp(&before, &ancillary, sizeof before) == 0);
        check_outgoing(ancillary, messages);
        REQUIRE(mio_ancillary_tos(&ancillary) == -ENODATA); // this function reads only received data
    }
}

// ---- storage that holds garbage -----------------------------------------------------------------------------------

// Calls every function on storage that holds garbage. The address sanitizer checks that no function reads or writes
// outside the storage.
void check_garbage(fuzz::Input &input)
{
    const auto ancillary = std::make_unique<mio_ancillary>();
    const std::string bytes = input.text(sizeof *ancillary);
    memcpy(ancillary.get(), bytes.data(), bytes.size());
    const auto before = std::make_unique<mio_ancillary>(*ancillary);
    mio_addr addr;
    uint32_t number = 0;
    int64_t time_ns = 0;
    msghdr native = {};
    const int tos = mio_ancillary_tos(ancillary.get());
    const int ttl = mio_ancillary_ttl(ancillary.get());
    REQUIRE((tos >= 0 || tos == -ENODATA) && (ttl >= 0 || ttl == -ENODATA));
    (void)mio_ancillary_segment_size(ancillary.get());
    (void)mio_ancillary_drops(ancillary.get(), &number);
    (void)mio_ancillary_timestamp(ancillary.get(), &time_ns);
    (void)mio_ancillary_destination(ancillary.get(), &addr, &number);
    (void)mio_ancillary_original_destination(ancillary.get(), &addr);
    if (attach_outgoing(ancillary.get(), AF_UNSPEC, &native) == 0)
        REQUIRE(native.msg_controllen <= sizeof(ControlData::bytes));
    REQUIRE(memcmp(ancillary.get(), before.get(), sizeof *before) == 0);
    REQUIRE(mio_addr_parse(&addr, "[fe80::1%3]:0") == 0);
    for (const int result :
         {mio_ancillary_set_tos(ancillary.get(), 1), mio_ancillary_set_ttl(ancillary.get(), 1),
          mio_ancillary_set_segment_size(ancillary.get(), 1), mio_ancillary_set_source(ancillary.get(), &addr, 0),
          set_outgoing_interface(ancillary.get(), &addr)})
        REQUIRE(result == 0 || result == -EINVAL);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz::Input input(data, size);
    switch (input.byte() % 3) {
    case 0:
        check_received(input);
        break;
    case 1:
        check_built(input);
        break;
    default:
        check_garbage(input);
        break;
    }
    return 0;
}
