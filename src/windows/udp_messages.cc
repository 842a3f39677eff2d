// SPDX-License-Identifier: MIT
// Sends and receives datagrams with ancillary data (WSASendMsg, WSARecvMsg). Winsock has no call for several datagrams,
// so a batch makes one call per datagram.
#include "port/udp_messages.hpp"

#include "core/sync.hpp"
#include "windows/addresses.hpp"
#include "windows/ancillary.hpp"
#include "windows/buffers.hpp"
#include "windows/datagrams.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

// No DLL exports WSARecvMsg. WSAIoctl on a socket returns the address of WSARecvMsg. The address is the same for all
// sockets of the process, so the library keeps the address.
Atomic<LPFN_WSARECVMSG> receive_call{nullptr};

int find_receive_call(mio_handle handle, LPFN_WSARECVMSG *call)
{
    *call = receive_call.load();
    if (*call != nullptr) return 0;
    GUID name = WSAID_WSARECVMSG;
    DWORD unused;
    const int result = WSAIoctl(socket_of(handle), SIO_GET_EXTENSION_FUNCTION_POINTER, &name, sizeof name, call,
                                sizeof *call, &unused, nullptr, nullptr);
    if (result != 0) return last_failure(handle);
    receive_call.store(*call);
    return 0;
}

// Converts a message to a WSAMSG, the struct of Winsock. Winsock rejects a message without pieces. For such a message,
// the function passes one piece of `length` bytes at the address `nothing`.
WSAMSG native_of(const mio_udp_message *message, Buffers *buffers, char *nothing, ULONG length)
{
    WSAMSG native = {};
    if (buffers->count == 0) buffers->pieces[buffers->count++] = {length, nothing};
    native.lpBuffers = buffers->pieces;
    native.dwBufferCount = buffers->count;
    if (message->addr != nullptr) native.name = sockaddr_of(message->addr);
    return native;
}

// Stores the results of a receive.
void finish_incoming(mio_handle handle, mio_udp_message *message, const WSAMSG &native, size_t length, bool truncated)
{
    message->length = length;
    message->flags = truncated ? MIO_MESSAGE_TRUNCATED : 0;
    if (message->addr != nullptr) set_sockaddr_length(message->addr, native.namelen);
    if (message->ancillary == nullptr) return;
    const int family = message->addr != nullptr ? native.name->sa_family : socket_family(handle);
    store_incoming(message->ancillary, native, family);
    if ((native.dwFlags & MSG_CTRUNC) != 0) message->flags |= MIO_MESSAGE_ANCILLARY_TRUNCATED;
}

} // namespace

int64_t datagram_send_message(mio_handle handle, const mio_udp_message *message)
{
    int wrong = message->addr != nullptr ? check_destination(message->addr) : 0;
    if (wrong != 0) return wrong;
    Buffers buffers;
    if (message->piece_count > MIO_PIECES_MAX) return -EMSGSIZE;
    if (!fill_buffers(&buffers, message->pieces, message->piece_count)) return -EMSGSIZE;
    char nothing = 0;
    WSAMSG native = native_of(message, &buffers, &nothing, 0);
    int family = AF_UNSPEC;
    if (message->addr != nullptr) {
        family = native.name->sa_family;
        native.namelen = sockaddr_length(message->addr);
    }
    wrong = message->ancillary != nullptr ? attach_outgoing(message->ancillary, family, &native) : 0;
    if (wrong != 0) return wrong;
    DWORD sent = 0;
    const int failed = WSASendMsg(socket_of(handle), &native, 0, &sent, nullptr, nullptr);
    return failed == 0 ? static_cast<int64_t>(sent) : send_failure(handle, message->addr);
}

int64_t datagram_recv_message(mio_handle handle, mio_udp_message *message)
{
    if (message->piece_count > MIO_PIECES_MAX) return -EMSGSIZE;
    LPFN_WSARECVMSG receive;
    const int missing = find_receive_call(handle, &receive);
    if (missing != 0) return missing;
    Buffers buffers;
    (void)fill_buffers(&buffers, message->pieces, message->piece_count);
    char nothing;
    WSAMSG native = native_of(message, &buffers, &nothing, sizeof nothing);
    if (message->addr != nullptr) native.namelen = sockaddr_capacity;
    if (message->ancillary != nullptr) attach_incoming(message->ancillary, &native);
    DWORD received = 0;
    const int failed = receive(socket_of(handle), &native, &received, nullptr, nullptr);
    if (failed != 0 && WSAGetLastError() != WSAEMSGSIZE) return receive_failure(handle);
    // WSAEMSGSIZE means that data or control data did not fit. In this case Winsock may not have stored the number of
    // bytes in `received`.
    const bool truncated = (failed != 0 && (native.dwFlags & MSG_CTRUNC) == 0) || (native.dwFlags & MSG_TRUNC) != 0 ||
                           received > buffers.length;
    const size_t length = truncated ? buffers.length : received;
    finish_incoming(handle, message, native, length, truncated);
    return static_cast<int64_t>(length);
}

int datagram_send_batch(mio_handle handle, const mio_udp_message *messages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const int64_t sent = datagram_send_message(handle, &messages[i]);
        if (sent < 0) return i > 0 ? static_cast<int>(i) : static_cast<int>(sent);
    }
    return static_cast<int>(count);
}

// Receives up to `count` messages. If receiving fails after the first message, the batch ends, and the error is lost.
// The library turns off the reports of ICMP errors (windows/sockets.cc). So receiving fails with an ICMP error only if
// the program has turned on these reports again.
int datagram_recv_batch(mio_handle handle, mio_udp_message *messages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const int64_t received = datagram_recv_message(handle, &messages[i]);
        if (received < 0) return i > 0 ? static_cast<int>(i) : static_cast<int>(received);
    }
    return static_cast<int>(count);
}

} // namespace mio::impl
