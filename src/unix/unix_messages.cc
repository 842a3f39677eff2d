// SPDX-License-Identifier: MIT
// Sends and receives the messages of Unix-domain sockets, with descriptors and credentials (cmsg(3), unix(7)).
#include "port/unix_messages.hpp"
#include "port/addresses.hpp"
#include "port/sockets.hpp"
#include "unix/addresses.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/control_message.hpp"
#include "unix/credentials.hpp"
#include "unix/fd.hpp"
#include "unix/int_option.hpp"
#include "unix/message.hpp"
#include "unix/new_fd.hpp"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace mio::impl {

namespace {

// Space for the control messages that this library has not requested, but that a system attaches: credentials, a pidfd,
// timestamps, a label. They arrive if the program has set options of the descriptor itself. On Linux, all of them
// without the label need 200 bytes. Without this space, the system would drop descriptors.
constexpr size_t unasked_room = 320;
constexpr size_t control_room = unasked_room + CMSG_SPACE(MIO_UNIX_HANDLES_MAX * sizeof(int));

static_assert(sizeof(mio_handle) == sizeof(int), "handles are handed to the kernel as they are");

// Builds the control messages of an outgoing message.
class ControlWriter {
public:
    void append(int type, const void *content, size_t size)
    {
        used_ += put_control_message(bytes_ + used_, SOL_SOCKET, type, content, size);
    }

    void attach_to(msghdr *native)
    {
        if (used_ == 0) return;
        native->msg_control = bytes_;
        native->msg_controllen = static_cast<decltype(native->msg_controllen)>(used_);
    }

private:
    size_t used_ = 0;
    alignas(cmsghdr) unsigned char bytes_[control_room];
};

// Stores the received descriptors, and closes the descriptors that do not fit. The library must close these
// descriptors, because the kernel has opened all received descriptors in this process.
class ControlReader {
public:
    ControlReader(mio_handle *handles, size_t capacity, mio_unix_credentials *credentials)
        : handles_(handles), capacity_(capacity), credentials_(credentials)
    {
    }

    void take(const cmsghdr *control)
    {
        mio_unix_credentials unwanted;
        if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS) {
            take_handles(content_of(control), control_size(control) / sizeof(int));
        } else if (read_credentials(control, credentials_ != nullptr ? credentials_ : &unwanted)) {
            if (credentials_ != nullptr) flags_ |= MIO_MESSAGE_CREDENTIALS;
        } else {
            close_unless_none(unasked_descriptor(control));
        }
    }

    size_t count() const { return count_; }
    uint32_t flags() const { return flags_; }

private:
    void take_handles(const unsigned char *content, size_t number)
    {
        for (size_t i = 0; i < number; i++) {
            int handle; // a copy, because the content may be unaligned
            memcpy(&handle, content + i * sizeof handle, sizeof handle);
            if (count_ < capacity_) {
                handles_[count_++] = handle;
            } else {
                close_fd(handle);
                flags_ |= MIO_MESSAGE_HANDLES_TRUNCATED;
            }
        }
    }

    static void close_unless_none(int fd)
    {
        if (fd >= 0) close_fd(fd);
    }

    mio_handle *handles_;
    size_t capacity_;
    mio_unix_credentials *credentials_;
    size_t count_ = 0;
    uint32_t flags_ = 0;
};

msghdr native_of(const mio_unix_message *message)
{
    return message_of(message->pieces, message->piece_count);
}

// Stores the address of the sender. If the sender has no name, the kernel reports no address, and the function stores
// an unnamed address.
void store_sender(const msghdr &native, mio_addr *addr)
{
    if (native.msg_namelen != 0) {
        set_sockaddr_length(addr, native.msg_namelen);
    } else {
        (void)store_endpoint(addr, {.family = MIO_ADDR_UNIX});
    }
}

// True if a receive of 0 bytes has received no message. Only a record or a datagram can be empty. If a sandbox forbids
// getsockopt(2), the function returns true, so that the caller trusts no credentials.
bool has_no_empty_messages(int fd)
{
    const int type = int_option(fd, SOL_SOCKET, SO_TYPE);
    return type != SOCK_SEQPACKET && type != SOCK_DGRAM;
}

} // namespace

int64_t send_unix_message(mio_handle handle, const mio_unix_message *message)
{
    msghdr native = native_of(message);
    ControlWriter control;
    if (message->credentials != nullptr) {
        Claim claim;
        const int failed = make_claim(message->credentials, &claim);
        if (failed != 0) return failed;
        control.append(claim.type, claim.content, claim.size);
    }
    const size_t count = message->handle_count;
    if (count > 0) control.append(SCM_RIGHTS, message->handles, count * sizeof(int));
    control.attach_to(&native);
    if (message->addr != nullptr) {
        if (endpoint_of(message->addr).family != MIO_ADDR_UNIX) return -EAFNOSUPPORT;
        native.msg_name = const_cast<sockaddr *>(sockaddr_of(message->addr));
        native.msg_namelen = sockaddr_length(message->addr);
    }
    return call_sendmsg(handle, &native, MSG_NOSIGNAL);
}

int64_t recv_unix_message(mio_handle handle, mio_unix_message *message)
{
    // Limit the space by the number of descriptors that the caller can store. Otherwise a peer could fill the process's
    // table of descriptors. If the kernel attaches nothing that the program has not requested, the kernel fills
    // unasked_room with descriptors: up to 80, and one more because of padding. ControlReader closes them.
    const size_t most = message->handle_capacity;
    const size_t capacity = most < MIO_UNIX_HANDLES_MAX ? most : MIO_UNIX_HANDLES_MAX;
    alignas(cmsghdr) unsigned char control[control_room];
    msghdr native = native_of(message);
    native.msg_control = control;
    native.msg_controllen =
        static_cast<decltype(native.msg_controllen)>(unasked_room + CMSG_SPACE(capacity * sizeof(int)));
    if (message->addr != nullptr) {
        native.msg_name = sockaddr_of(message->addr);
        native.msg_namelen = sockaddr_capacity;
    }
    const CancelGuard guard; // otherwise a cancelled thread would lose the received descriptors
    const int64_t received = receive_new_fds(handle, &native);
    if (received < 0) return received;

    // From here on the function must not fail, because a failure would leak descriptors.
    // At the end of a stream of bytes, Linux stores pid 0, user 0 and group 0, although nobody has sent a message.
    mio_unix_credentials *credentials = message->credentials;
    if (received == 0 && credentials != nullptr && has_no_empty_messages(handle)) credentials = nullptr;
    ControlReader reader(message->handles, capacity, credentials);
    for (const cmsghdr *next = CMSG_FIRSTHDR(&native); next != nullptr; next = next_control(native, next))
        reader.take(next);
    message->handle_count = reader.count();
    message->flags = reader.flags();
    if ((native.msg_flags & MSG_TRUNC) != 0) message->flags |= MIO_MESSAGE_TRUNCATED;
    // The buffer always has space for the control messages that carry no descriptors. So MSG_CTRUNC means that the
    // kernel dropped descriptors, because the buffer was full or the process had no free descriptor number.
    if ((native.msg_flags & MSG_CTRUNC) != 0) message->flags |= MIO_MESSAGE_HANDLES_TRUNCATED;
    if (message->addr != nullptr) store_sender(native, message->addr);
    return received;
}

} // namespace mio::impl
