// SPDX-License-Identifier: MIT
// The options of sockets: one row says all there is to say of one.
#include "port/sockets.hpp"
#include "unix/errno_guard.hpp"

#include <errno.h>
#include <mio/source.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace mio::impl {

namespace {

// How the system wants the value: an int, or the number of an interface in a struct ip_mreqn, which it cannot give back.
enum class Form { integer, interface_v4 };

struct OptionRow {
    int option;
    int level;
    int name;
    int64_t least;
    int64_t most;
    Form form;
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
    {MIO_OPTION_MULTICAST_INTERFACE_V6, IPPROTO_IPV6, IPV6_MULTICAST_IF, 0, INT32_MAX, Form::integer},
    {MIO_OPTION_PASS_CREDENTIALS, SOL_SOCKET, SO_PASSCRED, 0, 1, Form::integer},
};

const OptionRow *find_option(int option)
{
    for (const OptionRow &row : option_rows) {
        if (row.option == option) return &row;
    }
    return nullptr;
}

} // namespace

int socket_option(mio_handle handle, int option, int64_t *value)
{
    const OptionRow *row = find_option(option);
    if (row == nullptr || row->form != Form::integer) return -ENOTSUP;
    int number = 0;
    socklen_t size = sizeof number;
    const int failed = keep_errno([&] { return getsockopt(handle, row->level, row->name, &number, &size); });
    if (failed < 0) return failed == -EOPNOTSUPP ? -ENOPROTOOPT : failed;
    *value = number;
    return 0;
}

int set_socket_option(mio_handle handle, int option, int64_t value)
{
    const OptionRow *row = find_option(option);
    if (row == nullptr) return -ENOTSUP;
    if (value < row->least || value > row->most) return -EINVAL;
    const int number = static_cast<int>(value);
    ip_mreqn interface = {};
    interface.imr_ifindex = number;
    const bool plain = row->form == Form::integer;
    const void *data = plain ? static_cast<const void *>(&number) : &interface;
    const socklen_t size = plain ? sizeof number : sizeof interface;
    const int failed = keep_errno([&] { return setsockopt(handle, row->level, row->name, data, size); });
    return failed == -EOPNOTSUPP ? -ENOPROTOOPT : failed;
}

} // namespace mio::impl
