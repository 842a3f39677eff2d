// SPDX-License-Identifier: MIT
// Sends and receives datagrams with ancillary data, one or many at a time (recvmsg(2), udp(7)).
#include "port/udp_messages.hpp"
#include "core/refused_call.hpp"
#include "port/ancillary.hpp"
#include "unix/addresses.hpp"
#include "unix/ancillary.hpp"
#include "unix/calls.hpp"
#include "unix/message.hpp"
#include "unix/refusal.hpp"
#include "unix/scope.hpp"
#include "unix/udp_batch.hpp"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace mio::impl {

namespace {

msghdr native_of(const mio_udp_message *message)
{
    return message_of(message->pieces, message->piece_count);
}

// True if the system lacks or refuses a call for several messages. EACCES does not count, because EACCES can be the
// answer of a router to an earlier datagram. The failed call has then taken this error from the socket.
bool is_refused_batch(long result)
{
    return result != -EACCES && is_refused_call(result);
}

bool is_scoped(const mio_udp_message *message)
{
    return message->addr != nullptr && is_scope_dropped(message->addr);
}

// Converts an outgoing message to *native, the structure that the kernel reads. If the kernel would ignore the scope of
// the destination, the function builds ancillary data in the buffer `room`. This ancillary data contains the interface.
int make_outgoing(const mio_udp_message *message, msghdr *native, mio_ancillary *room)
{
    int family = AF_UNSPEC;
    const mio_ancillary *along = message->ancillary;
    *native = native_of(message);
    if (message->addr != nullptr) {
        family = sockaddr_of(message->addr)->sa_family;
        if (family != AF_INET && family != AF_INET6) return -EAFNOSUPPORT;
        native->msg_name = sockaddr_of(message->addr);
        native->msg_namelen = sockaddr_length(message->addr);
    }
    if (MIO_UNLIKELY(is_scoped(message))) {
        clear_ancillary(room);
        if (along != nullptr) *room = *along;
        const int wrong = set_outgoing_interface(room, message->addr);
        if (wrong != 0) return wrong;
        along = room;
    }
    return along != nullptr ? attach_outgoing(along, family, native) : 0;
}

void make_incoming(mio_udp_message *message, msghdr *native)
{
    *native = native_of(message);
    if (message->addr != nullptr) {
        native->msg_name = sockaddr_of(message->addr);
        native->msg_namelen = sockaddr_capacity;
    }
    if (message->ancillary != nullptr) attach_incoming(message->ancillary, native);
}

// Copies the results of a receive from `native` to *message.
void finish_incoming(mio_udp_message *message, const msghdr &native, size_t length)
{
    message->length = length;
    message->flags = (native.msg_flags & MSG_TRUNC) != 0 ? MIO_MESSAGE_TRUNCATED : 0;
    if (message->addr != nullptr) set_sockaddr_length(message->addr, native.msg_namelen);
    if (message->ancillary == nullptr) return; // the caller requested no ancillary data
    store_incoming(message->ancillary, native);
    if ((native.msg_flags & MSG_CTRUNC) != 0) message->flags |= MIO_MESSAGE_ANCILLARY_TRUNCATED;
}

} // namespace

int64_t datagram_send_message(mio_handle handle, const mio_udp_message *message)
{
    msghdr native;
    mio_ancillary room;
    const int wrong = make_outgoing(message, &native, &room);
    return wrong == 0 ? send_result(handle, message->addr, call_sendmsg(handle, &native, MSG_NOSIGNAL)) : wrong;
}

int64_t datagram_recv_message(mio_handle handle, mio_udp_message *message)
{
    msghdr native;
    make_incoming(message, &native);
    const int64_t received = call_recvmsg(handle, &native, 0);
    if (received >= 0) finish_incoming(message, native, static_cast<size_t>(received));
    return received;
}

int datagram_send_batch(mio_handle handle, const mio_udp_message *messages, size_t count)
{
    BatchHeader headers[MIO_UDP_BATCH_MAX];
    mio_ancillary room;
    size_t ready = 0;
    int wrong = 0;
    // The buffer `room` holds the ancillary data of only one message. So if a message needs the buffer, the library
    // sends this message without other messages.
    bool full = false;
    for (; ready < count && wrong == 0 && !full; ready += wrong == 0) {
        const mio_udp_message *message = &messages[ready];
        if (is_scoped(message) && ready > 0) break;
        full = is_scoped(message);
        wrong = make_outgoing(message, &headers[ready].msg_hdr, &room);
    }
    if (ready == 0 && wrong != 0) return wrong;
    const long sent = send_batch(handle, headers, ready);
    if (!MIO_UNLIKELY(is_refused_batch(sent))) return static_cast<int>(send_result(handle, messages->addr, sent));
    const long length = call_sendmsg(handle, &headers[0].msg_hdr, MSG_NOSIGNAL);
    return length < 0 ? static_cast<int>(send_result(handle, messages->addr, length)) : 1;
}

int datagram_recv_batch(mio_handle handle, mio_udp_message *messages, size_t count)
{
    BatchHeader headers[MIO_UDP_BATCH_MAX];
    for (size_t i = 0; i < count; i++)
        make_incoming(&messages[i], &headers[i].msg_hdr);
    long received = recv_batch(handle, headers, count);
    if (MIO_UNLIKELY(is_refused_batch(received))) {
        // Without recvmmsg(2), receive only one message. A second recvmsg(2) could fail, and the library could not keep
        // this error for the next call.
        const long length = call_recvmsg(handle, &headers[0].msg_hdr, 0);
        headers[0].msg_len = static_cast<unsigned>(length);
        received = length < 0 ? length : 1;
    }
    for (long i = 0; i < received; i++) {
        const auto at = static_cast<size_t>(i);
        finish_incoming(&messages[at], headers[at].msg_hdr, headers[at].msg_len);
    }
    return static_cast<int>(received);
}

} // namespace mio::impl
