// SPDX-License-Identifier: MIT
// Reads and sets the options of sockets. Each row of option_rows describes one option completely. The library does not
// support an option without a row. For example, IP_TOS has no row, because Windows accepts this option and ignores it.
#include "port/sockets.hpp"
#include "windows/winsock.hpp"

#include <errno.h>
#include <mio/option.h>
#include <mio/windows.h>

namespace mio::impl {

namespace {

// Options that only recent versions of Windows have. Older headers lack their names.
constexpr int tcp_keep_idle = 3;
constexpr int tcp_keep_count = 16;
constexpr int tcp_keep_interval = 17;
constexpr int udp_send_message_size = 2;

// The type of the value that Windows uses for an option. With `family`, the value is an int, and Windows has one option
// for IPv4 and another option for IPv6. `family_read` is a read-only `family`. `interface_v6` is the index of an
// interface. `interface_v4` is an interface index in network order, and is write-only. `reuse` is SO_REUSEADDR. The
// library never sets this option on a stream. On Windows a stream can bind without this option, even while old
// connections still use the port. With SO_REUSEADDR, the stream could take the port of another listener. `report` is a
// boolean that WSAIoctl sets, and that no call reads.
enum class Form { integer, family, family_read, linger, interface_v6, interface_v4, reuse, report };

struct OptionRow {
    int option;
    int level;
    int name;
    int64_t least;
    int64_t most;
    Form form;
    int name_v6 = 0; // for `family` and `family_read`
};

constexpr OptionRow option_rows[] = {
    {MIO_OPTION_TTL, IPPROTO_IP, IP_TTL, 1, 255, Form::integer},
    {MIO_OPTION_HOP_LIMIT, IPPROTO_IPV6, IPV6_UNICAST_HOPS, -1, 255, Form::integer},
    {MIO_OPTION_NODELAY, IPPROTO_TCP, TCP_NODELAY, 0, 1, Form::integer},
    {MIO_OPTION_BROADCAST, SOL_SOCKET, SO_BROADCAST, 0, 1, Form::integer},
    {MIO_OPTION_ONLY_V6, IPPROTO_IPV6, IPV6_V6ONLY, 0, 1, Form::integer},
    {MIO_OPTION_MULTICAST_LOOP_V4, IPPROTO_IP, IP_MULTICAST_LOOP, 0, 1, Form::integer},
    {MIO_OPTION_MULTICAST_LOOP_V6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0, 1, Form::integer},
    {MIO_OPTION_MULTICAST_TTL_V4, IPPROTO_IP, IP_MULTICAST_TTL, 0, 255, Form::integer},
    {MIO_OPTION_MULTICAST_HOPS_V6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, -1, 255, Form::integer},
    {MIO_OPTION_MULTICAST_INTERFACE_V4, IPPROTO_IP, IP_MULTICAST_IF, 0, INT32_MAX, Form::interface_v4},
    {MIO_OPTION_MULTICAST_INTERFACE_V6, IPPROTO_IPV6, IPV6_MULTICAST_IF, 0, INT32_MAX, Form::interface_v6},
    {MIO_OPTION_REUSE_ADDR, SOL_SOCKET, SO_REUSEADDR, 0, 1, Form::reuse},
    {MIO_OPTION_KEEPALIVE, SOL_SOCKET, SO_KEEPALIVE, 0, 1, Form::integer},
    {MIO_OPTION_KEEPALIVE_IDLE, IPPROTO_TCP, tcp_keep_idle, 1, INT16_MAX, Form::integer},
    {MIO_OPTION_KEEPALIVE_INTERVAL, IPPROTO_TCP, tcp_keep_interval, 1, INT16_MAX, Form::integer},
    {MIO_OPTION_KEEPALIVE_COUNT, IPPROTO_TCP, tcp_keep_count, 1, INT8_MAX, Form::integer},
    {MIO_OPTION_LINGER, SOL_SOCKET, SO_LINGER, -1, INT16_MAX, Form::linger},
    {MIO_OPTION_SEND_BUFFER, SOL_SOCKET, SO_SNDBUF, 1, INT32_MAX, Form::integer},
    {MIO_OPTION_RECEIVE_BUFFER, SOL_SOCKET, SO_RCVBUF, 1, INT32_MAX, Form::integer},
    {MIO_OPTION_PATH_MTU, IPPROTO_IP, IP_MTU, 0, 0, Form::family_read, IPV6_MTU},
    {MIO_OPTION_RECEIVE_DESTINATION, IPPROTO_IP, IP_PKTINFO, 0, 1, Form::family, IPV6_PKTINFO},
    {MIO_OPTION_RECEIVE_TOS, IPPROTO_IP, IP_RECVTOS, 0, 1, Form::family, IPV6_RECVTCLASS},
    {MIO_OPTION_RECEIVE_TTL, IPPROTO_IP, IP_RECVTTL, 0, 1, Form::family, IPV6_HOPLIMIT},
    {MIO_OPTION_OOB_INLINE, SOL_SOCKET, SO_OOBINLINE, 0, 1, Form::integer},
    {MIO_OPTION_UDP_SEGMENT, IPPROTO_UDP, udp_send_message_size, 0, UINT16_MAX, Form::integer},
    {MIO_OPTION_UDP_CONNRESET, IPPROTO_UDP, static_cast<int>(SIO_UDP_CONNRESET), 0, 1, Form::report},
    {MIO_OPTION_UDP_NETRESET, IPPROTO_UDP, static_cast<int>(sio_udp_netreset), 0, 1, Form::report},
};

const OptionRow *find_option(int option)
{
    for (const OptionRow &row : option_rows) {
        if (row.option == option) return &row;
    }
    return nullptr;
}

bool is_datagram(mio_handle handle)
{
    int type;
    return read_option(handle, SOL_SOCKET, SO_TYPE, &type) == 0 && type == SOCK_DGRAM;
}

// True if `handle` is a socket of the right kind for the option. For example, an IPv6 option needs an IPv6 socket.
bool is_meant_for(const OptionRow &row, mio_handle handle)
{
    if (row.level == IPPROTO_TCP || row.level == IPPROTO_UDP) return is_datagram(handle) == (row.level == IPPROTO_UDP);
    return row.level != IPPROTO_IPV6 || socket_family(handle) == AF_INET6;
}

// Translates the error of a call that reads or sets an option. If this kind of socket does not have the option, Winsock
// returns one of several codes. These codes can also mean that this version of Windows lacks the option. So the
// function checks the kind of the socket.
int one_error(mio_handle handle, const OptionRow &row, int result)
{
    if (result == 0 || result == -EBADF || result == -ENOTSOCK) return result;
    if (!is_meant_for(row, handle)) return -ENOPROTOOPT;
    if (result != -ENOPROTOOPT && result != -ENOTSUP) return result;
    const bool is_recent = row.level == IPPROTO_TCP || row.level == IPPROTO_UDP || row.name_v6 != 0;
    return is_recent ? -ENOTSUP : -ENOPROTOOPT;
}

int get(mio_handle handle, const OptionRow &row, void *data, int size)
{
    const int result = getsockopt(socket_of(handle), row.level, row.name, static_cast<char *>(data), &size);
    return one_error(handle, row, result_of(handle, result));
}

int set(mio_handle handle, const OptionRow &row, const void *data, int size)
{
    const int result = setsockopt(socket_of(handle), row.level, row.name, static_cast<const char *>(data), size);
    return one_error(handle, row, result_of(handle, result));
}

OptionRow row_v6(const OptionRow &row)
{
    return {row.option, IPPROTO_IPV6, row.name_v6, row.least, row.most, Form::integer, row.name_v6};
}

int get_integer(mio_handle handle, const OptionRow &row, int64_t *value)
{
    int number = 0;
    const int failed = get(handle, row, &number, sizeof number);
    if (failed == 0) *value = number;
    return failed;
}

int get_linger(mio_handle handle, const OptionRow &row, int64_t *value)
{
    linger closing = {};
    const int failed = get(handle, row, &closing, sizeof closing);
    if (failed == 0) *value = closing.l_onoff != 0 ? closing.l_linger : -1;
    return failed;
}

int get_reuse(mio_handle handle, const OptionRow &row, int64_t *value)
{
    const int failed = get_integer(handle, row, value);
    if (failed == 0 && !is_datagram(handle)) *value = 1;
    return failed;
}

int set_reuse(mio_handle handle, const OptionRow &row, int number)
{
    int64_t unused;
    const int failed = get_integer(handle, row, &unused);
    if (failed != 0) return failed;
    if (is_datagram(handle)) return set(handle, row, &number, sizeof number);
    return number == 1 ? 0 : -ENOTSUP;
}

int set_interface(mio_handle handle, const OptionRow &row, uint32_t index)
{
    const int failed = set(handle, row, &index, sizeof index);
    return failed == -EINVAL || failed == -EADDRNOTAVAIL ? -ENODEV : failed;
}

int set_report(mio_handle handle, const OptionRow &row, int number)
{
    // Wine lets a program set these options even on a stream, so reject a stream here.
    int type;
    const int failed = read_option(handle, SOL_SOCKET, SO_TYPE, &type);
    if (failed != 0) return failed;
    if (type != SOCK_DGRAM) return -ENOPROTOOPT;
    return one_error(handle, row, set_udp_report(handle, static_cast<DWORD>(row.name), number != 0));
}

int set_family(mio_handle handle, const OptionRow &row, int number)
{
    const int family = socket_family(handle);
    if (family < 0) return family;
    if (family != AF_INET6) return set(handle, row, &number, sizeof number);
    // An IPv6 socket that also carries IPv4 needs the option at the level of IPv4 as well.
    const int failed = set(handle, row_v6(row), &number, sizeof number);
    if (failed == 0) (void)set(handle, row, &number, sizeof number);
    return failed;
}

} // namespace

int socket_option(mio_handle handle, int option, int64_t *value)
{
    const OptionRow *row = find_option(option);
    if (row == nullptr) return -ENOTSUP;
    switch (row->form) {
    case Form::integer:
    case Form::interface_v6:
        return get_integer(handle, *row, value);
    case Form::family:
    case Form::family_read:
        return get_integer(handle, socket_family(handle) == AF_INET6 ? row_v6(*row) : *row, value);
    case Form::linger:
        return get_linger(handle, *row, value);
    case Form::reuse:
        return get_reuse(handle, *row, value);
    default:
        return -ENOTSUP;
    }
}

int set_socket_option(mio_handle handle, int option, int64_t value)
{
    const OptionRow *row = find_option(option);
    if (row == nullptr || row->form == Form::family_read) return -ENOTSUP;
    if (value < row->least || value > row->most) return -EINVAL;
    const int number = static_cast<int>(value);
    if (row->form == Form::family) return set_family(handle, *row, number);
    if (row->form == Form::reuse) return set_reuse(handle, *row, number);
    if (row->form == Form::report) return set_report(handle, *row, number);
    if (row->form == Form::linger) {
        const auto seconds = static_cast<u_short>(number >= 0 ? number : 0);
        const linger closing = {static_cast<u_short>(number >= 0), seconds};
        return set(handle, *row, &closing, sizeof closing);
    }
    if (row->form == Form::interface_v6) return set_interface(handle, *row, static_cast<uint32_t>(number));
    // Windows accepts an interface index of up to 24 bits.
    if (row->form == Form::interface_v4 && number > 0xffffff) return -ENODEV;
    if (row->form == Form::interface_v4)
        return set_interface(handle, *row, __builtin_bswap32(static_cast<uint32_t>(number)));
    return set(handle, *row, &number, sizeof number);
}

// Windows has no options with text values.
int socket_text_option(mio_handle, int option, char *, size_t)
{
    return find_option(option) != nullptr ? -EINVAL : -ENOTSUP;
}

int set_socket_text_option(mio_handle, int option, const char *)
{
    return find_option(option) != nullptr ? -EINVAL : -ENOTSUP;
}

} // namespace mio::impl
