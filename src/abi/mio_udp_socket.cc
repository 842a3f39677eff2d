// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/error_queue.hpp"
#include "source/udp.hpp"
#include "source/udp_messages.hpp"

#include <errno.h>

using namespace mio::impl;

namespace {

int check_udp(const mio_udp_socket *socket)
{
    return check_mark(&socket->source, SourceKind::udp_socket);
}

} // namespace

MIO_EXPORT int mio_udp_socket_bind(mio_udp_socket *socket, const mio_addr *addr)
{
    if (socket == nullptr || addr == nullptr) return -EINVAL;
    return bind_udp(socket, addr);
}

MIO_EXPORT int mio_udp_socket_from_handle(mio_udp_socket *socket, mio_handle handle)
{
    return socket != nullptr ? adopt_udp(socket, handle) : -EINVAL;
}

MIO_EXPORT int mio_udp_socket_connect(mio_udp_socket *socket, const mio_addr *addr)
{
    return socket != nullptr ? connect_udp(socket, addr) : -EINVAL;
}

MIO_EXPORT int64_t mio_udp_socket_send(mio_udp_socket *socket, const void *buffer, size_t length)
{
    return socket != nullptr ? send_udp(socket, buffer, length, nullptr) : -EINVAL;
}

MIO_EXPORT int64_t mio_udp_socket_send_to(mio_udp_socket *socket, const void *buffer, size_t length,
                                          const mio_addr *addr)
{
    if (socket == nullptr || addr == nullptr) return -EINVAL;
    return send_udp(socket, buffer, length, addr);
}

MIO_EXPORT int64_t mio_udp_socket_recv(mio_udp_socket *socket, void *buffer, size_t length, uint32_t *flags)
{
    return socket != nullptr ? recv_udp(socket, buffer, length, nullptr, flags) : -EINVAL;
}

MIO_EXPORT int64_t mio_udp_socket_recv_from(mio_udp_socket *socket, void *buffer, size_t length, mio_addr *addr,
                                            uint32_t *flags)
{
    return socket != nullptr ? recv_udp(socket, buffer, length, addr, flags) : -EINVAL;
}

MIO_EXPORT int64_t mio_udp_socket_peek(mio_udp_socket *socket, void *buffer, size_t length, uint32_t *flags)
{
    return socket != nullptr ? peek_udp(socket, buffer, length, nullptr, flags) : -EINVAL;
}

MIO_EXPORT int64_t mio_udp_socket_peek_from(mio_udp_socket *socket, void *buffer, size_t length, mio_addr *addr,
                                            uint32_t *flags)
{
    return socket != nullptr ? peek_udp(socket, buffer, length, addr, flags) : -EINVAL;
}

MIO_EXPORT int64_t mio_udp_socket_send_message(mio_udp_socket *socket, const mio_udp_message *message)
{
    if (socket == nullptr || message == nullptr) return -EINVAL;
    return send_udp_message(socket, message);
}

MIO_EXPORT int64_t mio_udp_socket_recv_message(mio_udp_socket *socket, mio_udp_message *message)
{
    if (socket == nullptr || message == nullptr) return -EINVAL;
    return recv_udp_message(socket, message);
}

MIO_EXPORT int mio_udp_socket_send_batch(mio_udp_socket *socket, const mio_udp_message *messages, size_t count)
{
    if (socket == nullptr || (messages == nullptr && count > 0)) return -EINVAL;
    return send_udp_batch(socket, messages, count);
}

MIO_EXPORT int mio_udp_socket_recv_batch(mio_udp_socket *socket, mio_udp_message *messages, size_t count)
{
    if (socket == nullptr || (messages == nullptr && count > 0)) return -EINVAL;
    return recv_udp_batch(socket, messages, count);
}

MIO_EXPORT int64_t mio_udp_socket_recv_error(mio_udp_socket *socket, mio_queued_error *error)
{
    if (socket == nullptr || error == nullptr) return -EINVAL;
    return recv_error(&socket->source, SourceKind::udp_socket, error);
}

MIO_EXPORT int mio_udp_socket_join_multicast_v4(mio_udp_socket *socket, const mio_addr *group,
                                                const mio_addr *interface_addr)
{
    if (socket == nullptr || group == nullptr) return -EINVAL;
    const int wrong = check_udp(socket);
    return wrong != 0 ? wrong
                      : change_membership_v4(handle_of(&socket->source), Membership::join, group, interface_addr);
}

MIO_EXPORT int mio_udp_socket_leave_multicast_v4(mio_udp_socket *socket, const mio_addr *group,
                                                 const mio_addr *interface_addr)
{
    if (socket == nullptr || group == nullptr) return -EINVAL;
    const int wrong = check_udp(socket);
    return wrong != 0 ? wrong
                      : change_membership_v4(handle_of(&socket->source), Membership::leave, group, interface_addr);
}

MIO_EXPORT int mio_udp_socket_join_multicast_v4_on(mio_udp_socket *socket, const mio_addr *group,
                                                   uint32_t interface_index)
{
    if (socket == nullptr || group == nullptr) return -EINVAL;
    const int wrong = check_udp(socket);
    return wrong != 0 ? wrong
                      : change_membership_v4_on(handle_of(&socket->source), Membership::join, group, interface_index);
}

MIO_EXPORT int mio_udp_socket_leave_multicast_v4_on(mio_udp_socket *socket, const mio_addr *group,
                                                    uint32_t interface_index)
{
    if (socket == nullptr || group == nullptr) return -EINVAL;
    const int wrong = check_udp(socket);
    return wrong != 0 ? wrong
                      : change_membership_v4_on(handle_of(&socket->source), Membership::leave, group, interface_index);
}

MIO_EXPORT int mio_udp_socket_join_multicast_v6(mio_udp_socket *socket, const mio_addr *group, uint32_t interface_index)
{
    if (socket == nullptr || group == nullptr) return -EINVAL;
    const int wrong = check_udp(socket);
    return wrong != 0 ? wrong
                      : change_membership_v6(handle_of(&socket->source), Membership::join, group, interface_index);
}

MIO_EXPORT int mio_udp_socket_leave_multicast_v6(mio_udp_socket *socket, const mio_addr *group,
                                                 uint32_t interface_index)
{
    if (socket == nullptr || group == nullptr) return -EINVAL;
    const int wrong = check_udp(socket);
    return wrong != 0 ? wrong
                      : change_membership_v6(handle_of(&socket->source), Membership::leave, group, interface_index);
}

MIO_EXPORT int mio_udp_socket_join_multicast_source(mio_udp_socket *socket, const mio_addr *group,
                                                    const mio_addr *sender, uint32_t interface_index)
{
    if (socket == nullptr || group == nullptr || sender == nullptr) return -EINVAL;
    const int wrong = check_udp(socket);
    return wrong != 0
               ? wrong
               : change_membership_source(handle_of(&socket->source), Membership::join, group, sender, interface_index);
}

MIO_EXPORT int mio_udp_socket_leave_multicast_source(mio_udp_socket *socket, const mio_addr *group,
                                                     const mio_addr *sender, uint32_t interface_index)
{
    if (socket == nullptr || group == nullptr || sender == nullptr) return -EINVAL;
    const int wrong = check_udp(socket);
    return wrong != 0 ? wrong
                      : change_membership_source(handle_of(&socket->source), Membership::leave, group, sender,
                                                 interface_index);
}
