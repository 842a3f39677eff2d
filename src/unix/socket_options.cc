// SPDX-License-Identifier: MIT
// Reads and sets the options of sockets. Each row of option_rows describes one option completely.
#include "core/text.hpp"
#include "port/sockets.hpp"
#include "unix/calls.hpp"
#include "unix/int_option.hpp"
#include "unix/option_names.hpp"
#include "unix/socket_name.hpp"

#include <errno.h>
#include <mio/option.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

namespace mio::impl {

namespace {

// The type of the value that the system uses for an option. With `family`, the value is an int, and the option has one
// name for IPv4 and another name for IPv6. `family_read` is a read-only `family`. `interface_v4` is an interface index
// in a struct ip_mreqn, and is write-only.
enum class Form { integer, family, family_read, linger, interface_v4, text };

struct OptionRow {
    int option;
    int level;
    int name;
    int64_t least; // the least valid value, or the least valid length of a text
    int64_t most;
    Form form;
    int name_v6 = absent; // name of the IPv6 option, if this name differs from `name`
    int second = absent;  // name of a second IPv4 option that gets the same value
};

// The maximum of an int option that the system reads as an unsigned number.
constexpr int64_t most_unsigned = UINT32_MAX;

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
    {MIO_OPTION_MULTICAST_INTERFACE_V6, IPPROTO_IPV6, IPV6_MULTICAST_IF, 0, INT32_MAX, Form::integer},
    {MIO_OPTION_REUSE_ADDR, SOL_SOCKET, SO_REUSEADDR, 0, 1, Form::integer},
    {MIO_OPTION_REUSE_PORT, SOL_SOCKET, name_reuse_port, 0, 1, Form::integer},
    {MIO_OPTION_KEEPALIVE, SOL_SOCKET, SO_KEEPALIVE, 0, 1, Form::integer},
    {MIO_OPTION_KEEPALIVE_IDLE, IPPROTO_TCP, TCP_KEEPIDLE, 1, INT16_MAX, Form::integer},
    {MIO_OPTION_KEEPALIVE_INTERVAL, IPPROTO_TCP, TCP_KEEPINTVL, 1, INT16_MAX, Form::integer},
    {MIO_OPTION_KEEPALIVE_COUNT, IPPROTO_TCP, TCP_KEEPCNT, 1, INT8_MAX, Form::integer},
    {MIO_OPTION_LINGER, SOL_SOCKET, SO_LINGER, -1, INT16_MAX, Form::linger},
    {MIO_OPTION_SEND_BUFFER, SOL_SOCKET, SO_SNDBUF, 1, INT32_MAX, Form::integer},
    {MIO_OPTION_RECEIVE_BUFFER, SOL_SOCKET, SO_RCVBUF, 1, INT32_MAX, Form::integer},
    {MIO_OPTION_TOS, IPPROTO_IP, IP_TOS, 0, 255, Form::integer},
    {MIO_OPTION_TRAFFIC_CLASS, IPPROTO_IPV6, IPV6_TCLASS, -1, 255, Form::integer},
    {MIO_OPTION_MARK, SOL_SOCKET, SO_MARK, 0, most_unsigned, Form::integer},
    {MIO_OPTION_PRIORITY, SOL_SOCKET, SO_PRIORITY, 0, INT32_MAX, Form::integer},
    {MIO_OPTION_FAST_OPEN, IPPROTO_TCP, TCP_FASTOPEN, 0, INT32_MAX, Form::integer},
    {MIO_OPTION_FAST_OPEN_CONNECT, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 0, 1, Form::integer},
    {MIO_OPTION_DEFER_ACCEPT, IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, INT16_MAX, Form::integer},
    {MIO_OPTION_USER_TIMEOUT, IPPROTO_TCP, TCP_USER_TIMEOUT, 0, INT32_MAX, Form::integer},
    {MIO_OPTION_MAX_SEGMENT, IPPROTO_TCP, TCP_MAXSEG, 0, INT16_MAX, Form::integer},
    {MIO_OPTION_QUICK_ACK, IPPROTO_TCP, TCP_QUICKACK, 0, 1, Form::integer},
    {MIO_OPTION_CORK, IPPROTO_TCP, TCP_CORK, 0, 1, Form::integer},
    {MIO_OPTION_NOTSENT_LOWAT, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 0, most_unsigned, Form::integer},
    {MIO_OPTION_INCOMING_CPU, SOL_SOCKET, SO_INCOMING_CPU, -1, INT32_MAX, Form::integer},
    {MIO_OPTION_BIND_DEVICE, SOL_SOCKET, SO_BINDTODEVICE, 0, 15, Form::text},
    {MIO_OPTION_CONGESTION, IPPROTO_TCP, TCP_CONGESTION, 1, 15, Form::text},
    {MIO_OPTION_BIND_ADDRESS_NO_PORT, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 0, 1, Form::integer},
    {MIO_OPTION_MTU_DISCOVER, IPPROTO_IP, IP_MTU_DISCOVER, MIO_MTU_FRAGMENT, MIO_MTU_OMIT, Form::family,
     IPV6_MTU_DISCOVER},
    {MIO_OPTION_PATH_MTU, IPPROTO_IP, IP_MTU, 0, 0, Form::family_read, IPV6_MTU},
    {MIO_OPTION_MULTICAST_ALL, IPPROTO_IP, IP_MULTICAST_ALL, 0, 1, Form::family, IPV6_MULTICAST_ALL},
    {MIO_OPTION_RECEIVE_DESTINATION, IPPROTO_IP, name_destination, 0, 1, Form::family, IPV6_RECVPKTINFO,
     name_interface},
    {MIO_OPTION_RECEIVE_TOS, IPPROTO_IP, IP_RECVTOS, 0, 1, Form::family, IPV6_RECVTCLASS},
    {MIO_OPTION_RECEIVE_TTL, IPPROTO_IP, IP_RECVTTL, 0, 1, Form::family, IPV6_RECVHOPLIMIT},
    {MIO_OPTION_RECEIVE_TIMESTAMP, SOL_SOCKET, name_timestamp, 0, 1, Form::integer},
    {MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION, IPPROTO_IP, IP_RECVORIGDSTADDR, 0, 1, Form::family, IPV6_RECVORIGDSTADDR},
    {MIO_OPTION_RECEIVE_DROPS, SOL_SOCKET, SO_RXQ_OVFL, 0, 1, Form::integer},
    {MIO_OPTION_OOB_INLINE, SOL_SOCKET, SO_OOBINLINE, 0, 1, Form::integer},
    {MIO_OPTION_RECEIVE_ERRORS, IPPROTO_IP, IP_RECVERR, 0, 1, Form::family, IPV6_RECVERR},
    {MIO_OPTION_UDP_GRO, IPPROTO_UDP, UDP_GRO, 0, 1, Form::integer},
    {MIO_OPTION_UDP_SEGMENT, IPPROTO_UDP, UDP_SEGMENT, 0, UINT16_MAX, Form::integer},
    {MIO_OPTION_PASS_CREDENTIALS, level_credentials, name_credentials, 0, 1, Form::integer},
    {MIO_OPTION_PASS_HANDLES, SOL_SOCKET, SO_PASSRIGHTS, 0, 1, Form::integer},
};

// True if no option has two rows. find_option finds only the first row of an option.
constexpr bool numbers_differ()
{
    for (const OptionRow &row : option_rows) {
        for (const OptionRow *other = option_rows; other != &row; other++) {
            if (other->option == row.option) return false;
        }
    }
    return true;
}
static_assert(numbers_differ());

const OptionRow *find_option(int option)
{
    for (const OptionRow &row : option_rows) {
        if (row.option == option) return row.name != absent ? &row : nullptr;
    }
    return nullptr;
}

// Returns true if only recent kernels have this option, and the option is for this kind of socket. If the kernel
// rejects such an option, the kernel is too old.
bool is_meant_for(const OptionRow &row, int fd)
{
    if (row.level == IPPROTO_UDP) return int_option(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_UDP;
    return (row.option == MIO_OPTION_PASS_HANDLES || row.option == MIO_OPTION_PASS_CREDENTIALS) &&
           socket_family(fd) == AF_UNIX;
}

// True if the number in `row.name` stands for a different option on this socket. On FreeBSD, SOL_LOCAL and IPPROTO_IP
// are the same number. On an IP socket, an option for Unix sockets would set IP_TOS.
bool is_ambiguous(const OptionRow &row, int fd)
{
    return row.option == MIO_OPTION_PASS_CREDENTIALS && row.level == IPPROTO_IP && socket_family(fd) != AF_UNIX;
}

// Translates the error of a call that reads or sets an option. For an unknown option, some protocols return EOPNOTSUPP,
// and other protocols return ENOPROTOOPT. Each code has two possible causes: the kernel lacks the option, or this kind
// of socket does not have the option. To find the cause, the function checks the kind of the socket. It returns
// -ENOTSUP if the kernel lacks the option, and -ENOPROTOOPT if this kind of socket does not have the option.
int one_error(int fd, const OptionRow &row, int result)
{
    if (result != -ENOTSUP && result != -ENOPROTOOPT) return result;
    return is_meant_for(row, fd) ? -ENOTSUP : -ENOPROTOOPT;
}

int get(int fd, const OptionRow &row, void *data, socklen_t size)
{
    if (is_ambiguous(row, fd)) return -ENOPROTOOPT;
    return one_error(fd, row, result_of(getsockopt(fd, row.level, row.name, data, &size)));
}

int set(int fd, const OptionRow &row, const void *data, socklen_t size)
{
    if (is_ambiguous(row, fd)) return -ENOPROTOOPT;
    return one_error(fd, row, result_of(setsockopt(fd, row.level, row.name, data, size)));
}

int get_integer(int fd, const OptionRow &row, int64_t *value)
{
    int number = 0;
    const int failed = get(fd, row, &number, sizeof number);
    if (failed != 0) return failed;
    *value = row.least < 0 ? int64_t{number} : int64_t{static_cast<uint32_t>(number)};
    return 0;
}

int get_linger(int fd, const OptionRow &row, int64_t *value)
{
    linger closing = {};
    const int failed = get(fd, row, &closing, sizeof closing);
    if (failed != 0) return failed;
    *value = closing.l_onoff != 0 ? closing.l_linger : -1;
    return 0;
}

// Returns the row for the IPv6 name of an option. For example, the option with the IPv4 name IP_RECVTOS is called
// IPV6_RECVTCLASS for IPv6. An IPv4 socket accepts only the IPv4 name. On an IPv6 socket, mio sets the value under the
// two names, because the socket may carry IPv4 as well.
OptionRow row_v6(const OptionRow &row)
{
    return {row.option, IPPROTO_IPV6, row.name_v6, row.least, row.most, Form::integer};
}

OptionRow second_row(const OptionRow &row)
{
    return {row.option, row.level, row.second, row.least, row.most, Form::integer};
}

int get_either(int fd, const OptionRow &row, int64_t *value)
{
    return get_integer(fd, row_v6(row), value) == 0 ? 0 : get_integer(fd, row, value);
}

int set_both(int fd, const OptionRow &row, int number)
{
    const int v6 = set(fd, row_v6(row), &number, sizeof number);
    // An IPv6 socket needs the option for IPv6, because the option for IPv4 would not apply to IPv6. -ENOPROTOOPT means
    // that the kernel lacks the option for IPv6.
    if (v6 != 0 && socket_family(fd) == AF_INET6) return v6 == -ENOPROTOOPT ? -ENOTSUP : v6;
    int v4 = set(fd, row, &number, sizeof number);
    if (v4 == 0 && row.second != absent) v4 = set(fd, second_row(row), &number, sizeof number);
    return v6 == 0 ? 0 : v4;
}

} // namespace

int socket_option(mio_handle handle, int option, int64_t *value)
{
    const OptionRow *row = find_option(option);
    if (row == nullptr) return -ENOTSUP;
    switch (row->form) {
    case Form::integer:
        return get_integer(handle, *row, value);
    case Form::family:
    case Form::family_read:
        return get_either(handle, *row, value);
    case Form::linger:
        return get_linger(handle, *row, value);
    case Form::interface_v4:
        return -ENOTSUP;
    default:
        return -EINVAL;
    }
}

int set_socket_option(mio_handle handle, int option, int64_t value)
{
    const OptionRow *row = find_option(option);
    if (row == nullptr) return -ENOTSUP;
    if (row->form == Form::family_read) return -ENOTSUP;
    if (row->form == Form::text || value < row->least || value > row->most) return -EINVAL;
    const int number = static_cast<int>(value);
    if (row->form == Form::family) return set_both(handle, *row, number);
    if (row->form == Form::linger) {
        const linger closing = {number >= 0, number >= 0 ? number : 0};
        return set(handle, *row, &closing, sizeof closing);
    }
    if (row->form == Form::interface_v4) {
        ip_mreqn interface = {};
        interface.imr_ifindex = number;
        return set(handle, *row, &interface, sizeof interface);
    }
    return set(handle, *row, &number, sizeof number);
}

int socket_text_option(mio_handle handle, int option, char *text, size_t size)
{
    const OptionRow *row = find_option(option);
    if (row == nullptr) return -ENOTSUP;
    if (row->form != Form::text) return -EINVAL;
    // Fill the buffer with nulls, because the system may store a text without a final null. For the text "", the system
    // stores nothing at all.
    char value[MIO_OPTION_TEXT_SIZE] = "";
    const int failed = get(handle, *row, value, static_cast<socklen_t>(row->most + 1));
    if (failed != 0) return failed;
    TextWriter writer(text, size);
    writer.append(value);
    return writer.length();
}

int set_socket_text_option(mio_handle handle, int option, const char *text)
{
    const OptionRow *row = find_option(option);
    if (row == nullptr) return -ENOTSUP;
    if (row->form != Form::text) return -EINVAL;
    const int64_t length = static_cast<int64_t>(strlen(text));
    if (length < row->least) return -EINVAL;
    // The system would truncate a text that is too long. So reject it.
    if (length > row->most) return -ENAMETOOLONG;
    return set(handle, *row, text, static_cast<socklen_t>(length));
}

} // namespace mio::impl
