// SPDX-License-Identifier: MIT
// Reads the error queue of a socket (recv(2), MSG_ERRQUEUE), which has ICMP errors, local errors, completions of
// zero-copy sends, and timestamps of sends.
#include "port/error_queue.hpp"
#include "port/addresses.hpp"
#include "unix/addresses.hpp"
#include "unix/ancillary.hpp"
#include "unix/calls.hpp"
#include "unix/control_data.hpp"
#include "unix/message.hpp"

#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <linux/errqueue.h>
#include <netinet/in.h>

namespace mio::impl {

namespace {

// Stores the error of a control message in *error. The control message holds the error, and then the address of the
// node that reported the error. The family of this address is AF_UNSPEC if no node reported the error.
void store_error(const ControlContent &content, mio_queued_error *error)
{
    sock_extended_err native = {};
    if (content.size >= sizeof native) memcpy(&native, content.bytes, sizeof native);
    // A timestamp is not an error, but Linux marks every timestamp with ENOMSG.
    const bool is_error = native.ee_origin != SO_EE_ORIGIN_TIMESTAMPING;
    error->error = is_error ? -portable_code(static_cast<int>(native.ee_errno)) : 0;
    error->origin = native.ee_origin;
    error->type = native.ee_type;
    error->code = native.ee_code;
    error->info = native.ee_info;
    error->data = native.ee_data;
    if (error->offender == nullptr) return;
    const size_t rest = content.size > sizeof native ? content.size - sizeof native : 0;
    if (rest == 0 || address_from_sockaddr(error->offender, content.bytes + sizeof native, rest) != 0) {
        *error->offender = {};
    }
}

// Completes the address that the kernel stored in *destination. If the kernel stored no address, clears *destination.
void store_destination(const msghdr &native, mio_addr *destination)
{
    if (native.msg_namelen == 0) *destination = {};
    set_sockaddr_length(destination, native.msg_namelen);
}

} // namespace

int64_t dequeue_error(mio_handle handle, mio_queued_error *error)
{
    mio_ancillary room; // the program may have requested control messages other than the error
    msghdr native = message_of(error->pieces, error->piece_count);
    if (error->destination != nullptr) {
        native.msg_name = sockaddr_of(error->destination);
        native.msg_namelen = sockaddr_capacity;
    }
    attach_incoming(&room, &native);
    const int64_t received = call_recvmsg(handle, &native, MSG_ERRQUEUE);
    if (received < 0) return received;

    const auto *control = static_cast<const unsigned char *>(native.msg_control);
    ControlContent content = find_control(control, native.msg_controllen, IPPROTO_IPV6, IPV6_RECVERR);
    if (content.bytes == nullptr) content = find_control(control, native.msg_controllen, IPPROTO_IP, IP_RECVERR);
    store_error(content, error);
    error->length = static_cast<size_t>(received);
    error->flags = (native.msg_flags & MSG_TRUNC) != 0 ? MIO_MESSAGE_TRUNCATED : 0;
    if (error->destination != nullptr) store_destination(native, error->destination);
    return received;
}

} // namespace mio::impl
