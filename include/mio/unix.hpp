// SPDX-License-Identifier: MIT
// Unix-domain sockets: listeners, streams of bytes or records, and datagrams. Streams and datagrams can carry
// descriptors and credentials. A received descriptor is a plain mio_handle, so the caller must close the descriptor.
#ifndef MIO_UNIX_HPP
#define MIO_UNIX_HPP

#include <mio/accept.hpp>
#include <mio/addr.hpp>
#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/option.hpp>
#include <mio/result.hpp>
#include <mio/source.hpp>
#include <mio/stream.hpp>
#include <mio/unix.h>

#include <utility>

namespace mio {

namespace detail {

template <>
inline constexpr mio_unix_message empty_message<mio_unix_message> = MIO_UNIX_MESSAGE_INIT;

// The options of all Unix sockets.
template <class Raw>
class UnixSocket : public Socket<Raw> {
public:
    using Socket<Raw>::Socket;

    // These functions get and set MIO_OPTION_PASS_CREDENTIALS.
    Result<bool> pass_credentials() const noexcept { return this->template get<bool>(MIO_OPTION_PASS_CREDENTIALS); }
    Result<void> set_pass_credentials(bool on) noexcept { return this->set_option(MIO_OPTION_PASS_CREDENTIALS, on); }

    // These functions get and set MIO_OPTION_PASS_HANDLES.
    Result<bool> pass_handles() const noexcept { return this->template get<bool>(MIO_OPTION_PASS_HANDLES); }
    Result<void> set_pass_handles(bool on) noexcept { return this->set_option(MIO_OPTION_PASS_HANDLES, on); }
};

} // namespace detail

// The flags of the functions that open a socket: MIO_UNIX_SEQPACKET, MIO_UNIX_REPLACE, and the mode of the socket file,
// such as UnixFlags{MIO_UNIX_MODE(0660)}. Combine the flags with `|`.
enum class UnixFlags : std::uint32_t {
    none = 0,
    seqpacket = MIO_UNIX_SEQPACKET,
    replace = MIO_UNIX_REPLACE,
};
constexpr UnixFlags operator|(UnixFlags left, UnixFlags right) noexcept
{
    return static_cast<UnixFlags>(static_cast<std::uint32_t>(left) | static_cast<std::uint32_t>(right));
}

// The pid, user and group of a process. UnixCredentials is a value type. See mio_unix_credentials.
class UnixCredentials {
public:
    UnixCredentials() noexcept = default;
    UnixCredentials(std::int32_t pid, std::uint32_t uid, std::uint32_t gid) noexcept
    {
        raw_.pid = pid;
        raw_.uid = uid;
        raw_.gid = gid;
    }
    explicit UnixCredentials(const mio_unix_credentials &raw) noexcept : raw_(raw) {}

    std::int32_t pid() const noexcept { return raw_.pid; }
    std::uint32_t uid() const noexcept { return raw_.uid; }
    std::uint32_t gid() const noexcept { return raw_.gid; }

    // Returns the C struct.
    mio_unix_credentials *raw() &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_unix_credentials *raw() const &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_unix_credentials *raw() const && = delete;

private:
    mio_unix_credentials raw_ = MIO_UNIX_CREDENTIALS_INIT;
};

// A message to send on a Unix socket. The object only points to the memory that you pass to its functions. This memory
// must stay valid until the message is sent. See mio_unix_message.
class UnixOutgoing : public detail::Outgoing<UnixOutgoing, mio_unix_message> {
public:
    using Outgoing::Outgoing;

    // These functions set the descriptors and the credentials. The caller still owns the descriptors. Passing a
    // temporary UnixCredentials does not compile.
    UnixOutgoing &set_handles(const mio_handle *handles, std::size_t count) &noexcept MIO_LIFETIMEBOUND
    {
        raw_.handles = const_cast<mio_handle *>(handles);
        raw_.handle_count = count;
        return *this;
    }
    UnixOutgoing &set_credentials(const UnixCredentials &credentials) &noexcept MIO_LIFETIMEBOUND
    {
        raw_.credentials = const_cast<mio_unix_credentials *>(credentials.raw());
        return *this;
    }
    UnixOutgoing set_handles(const mio_handle *handles, std::size_t count) &&noexcept
    {
        return set_handles(handles, count);
    }
    UnixOutgoing set_credentials(const UnixCredentials &credentials) &&noexcept { return set_credentials(credentials); }
    UnixOutgoing &set_credentials(const UnixCredentials &&credentials) = delete;
};

// Memory for a received message of a Unix socket. The object does not contain this memory, but points to the memory
// that you pass to its functions. This memory must stay valid until the message is received. See mio_unix_message.
class UnixIncoming : public detail::Incoming<UnixIncoming, mio_unix_message> {
public:
    using Incoming::Incoming;

    // These functions set the memory for the descriptors and the credentials.
    UnixIncoming &set_handles(mio_handle *handles, std::size_t capacity) &noexcept MIO_LIFETIMEBOUND
    {
        raw_.handles = handles;
        raw_.handle_capacity = capacity;
        return *this;
    }
    UnixIncoming &set_credentials(UnixCredentials &credentials) &noexcept MIO_LIFETIMEBOUND
    {
        raw_.credentials = credentials.raw();
        return *this;
    }
    UnixIncoming set_handles(mio_handle *handles, std::size_t capacity) &&noexcept
    {
        return set_handles(handles, capacity);
    }
    UnixIncoming set_credentials(UnixCredentials &credentials) &&noexcept { return set_credentials(credentials); }

    // The function handle_count() returns the number of received descriptors. The other two functions return whether
    // MIO_MESSAGE_HANDLES_TRUNCATED is set, and whether MIO_MESSAGE_CREDENTIALS is set.
    std::size_t handle_count() const noexcept { return raw_.handle_count; }
    bool is_handles_truncated() const noexcept { return (raw_.flags & MIO_MESSAGE_HANDLES_TRUNCATED) != 0; }
    bool has_credentials() const noexcept { return (raw_.flags & MIO_MESSAGE_CREDENTIALS) != 0; }
};

// The result of receiving from a stream: the number of bytes stored, and whether bytes (MIO_MESSAGE_TRUNCATED) or
// descriptors (MIO_MESSAGE_HANDLES_TRUNCATED) were lost.
struct UnixReceived {
    std::size_t size = 0;
    bool truncated = false;
    bool handles_truncated = false;
};

// The result of receiving bytes or a datagram with descriptors: the number of bytes stored, the number of descriptors
// stored, and whether bytes or descriptors were lost. The caller owns the stored descriptors.
struct ReceivedHandles {
    std::size_t size = 0;
    std::size_t handle_count = 0;
    bool truncated = false;
    bool handles_truncated = false;
};

namespace detail {

// Makes the result of receiving a message that can carry descriptors.
template <class Message>
Result<Message> received_with_handles(Message &message, std::int64_t returned, std::uint32_t flags) noexcept
{
    message.handles_truncated = (flags & MIO_MESSAGE_HANDLES_TRUNCATED) != 0;
    return received(message, returned, flags);
}

} // namespace detail

// Owns a connection over a Unix socket that carries bytes or records. See mio_unix_stream.
class UnixStream : public detail::StreamSocket<detail::UnixSocket<mio_unix_stream>> {
public:
    using StreamSocket::StreamSocket;

    // connect() opens a stream and connects it. On systems where connecting takes time, connect_finish() returns the
    // result. See mio_unix_stream_connect, mio_unix_stream_connect_finish.
    static Result<UnixStream> connect(const Addr &addr, UnixFlags flags = UnixFlags::none) noexcept
    {
        UnixStream stream;
        return detail::stored(mio_unix_stream_connect(stream.raw(), addr.raw(), static_cast<std::uint32_t>(flags)),
                              stream);
    }

    // Opens two connected streams. See mio_unix_stream_pair.
    static Result<std::pair<UnixStream, UnixStream>> pair(UnixFlags flags = UnixFlags::none) noexcept
    {
        std::pair<UnixStream, UnixStream> pair;
        return detail::stored(
            mio_unix_stream_pair(pair.first.raw(), pair.second.raw(), static_cast<std::uint32_t>(flags)), pair);
    }

    // Takes over an open socket. See mio_unix_stream_from_handle.
    static Result<UnixStream> from_handle(mio_handle handle) noexcept
    {
        UnixStream stream;
        return detail::stored(mio_unix_stream_from_handle(stream.raw(), handle), stream);
    }

    // Reads, and reports whether bytes or descriptors were lost. See mio_unix_stream_recv.
    Result<UnixReceived> recv(void *buffer, std::size_t length)
    {
        UnixReceived received;
        std::uint32_t flags = 0;
        const std::int64_t returned = mio_unix_stream_recv(raw(), buffer, length, &flags);
        return detail::received_with_handles(received, returned, flags);
    }

    // These functions write bytes with descriptors, or read bytes with descriptors. See
    // mio_unix_stream_send_with_handles, mio_unix_stream_recv_with_handles.
    Result<std::size_t> send_with_handles(const void *buffer, std::size_t length, const mio_handle *handles,
                                          std::size_t count)
    {
        return detail::count<std::size_t>(mio_unix_stream_send_with_handles(raw(), buffer, length, handles, count));
    }
    Result<ReceivedHandles> recv_with_handles(void *buffer, std::size_t length, mio_handle *handles,
                                              std::size_t capacity)
    {
        ReceivedHandles received;
        std::uint32_t flags = 0;
        const std::int64_t returned =
            mio_unix_stream_recv_with_handles(raw(), buffer, length, handles, capacity, &received.handle_count, &flags);
        return detail::received_with_handles(received, returned, flags);
    }

    // These functions send or receive a message with descriptors and credentials. See mio_unix_stream_send_message,
    // mio_unix_stream_recv_message.
    Result<std::size_t> send_message(const UnixOutgoing &message)
    {
        return detail::count<std::size_t>(mio_unix_stream_send_message(raw(), message.raw()));
    }
    Result<std::size_t> recv_message(UnixIncoming &message)
    {
        return detail::count<std::size_t>(mio_unix_stream_recv_message(raw(), message.raw()));
    }

    // These functions accept any container of bytes. See mio::ConstBytes, mio::Bytes.
    Result<UnixReceived> recv(Bytes bytes) { return recv(detail::data(bytes), detail::size(bytes)); }
    Result<std::size_t> send_with_handles(ConstBytes bytes, ArrayRef<const mio_handle> handles)
    {
        return send_with_handles(detail::data(bytes), detail::size(bytes), detail::data(handles),
                                 detail::size(handles));
    }
    Result<ReceivedHandles> recv_with_handles(Bytes bytes, ArrayRef<mio_handle> handles)
    {
        return recv_with_handles(detail::data(bytes), detail::size(bytes), detail::data(handles),
                                 detail::size(handles));
    }

    // These functions return the credentials of the peer process, and a pidfd of the peer process. The caller closes
    // the pidfd. See mio_unix_stream_peer_credentials, mio_unix_stream_peer_pidfd.
    Result<UnixCredentials> peer_credentials() const noexcept
    {
        UnixCredentials credentials;
        return detail::stored(mio_unix_stream_peer_credentials(raw(), credentials.raw()), credentials);
    }
    Result<mio_handle> peer_pidfd() const noexcept
    {
        return detail::count<mio_handle>(mio_unix_stream_peer_pidfd(raw()));
    }

    // Stores the supplementary groups of the peer, and returns the number of groups. If `capacity` is 0, the function
    // stores no groups, and only returns their number. See mio_unix_stream_peer_groups.
    Result<std::size_t> peer_groups(std::uint32_t *groups, std::size_t capacity) const noexcept
    {
        std::size_t count = 0;
        return detail::stored(mio_unix_stream_peer_groups(raw(), groups, capacity, &count), count);
    }
    Result<std::size_t> peer_groups(ArrayRef<std::uint32_t> groups) const noexcept
    {
        return peer_groups(detail::data(groups), detail::size(groups));
    }
};

// A connection and the address of its client.
struct UnixAccepted {
    UnixStream stream;
    Addr peer;
};

// Owns a listening Unix socket. See mio_unix_listener. Closing the socket does not remove the socket file.
class UnixListener : public detail::UnixSocket<mio_unix_listener> {
public:
    using UnixSocket::UnixSocket;

    // Opens a listener. See mio_unix_listener_bind.
    static Result<UnixListener> bind(const Addr &addr, int backlog = MIO_BACKLOG_MAX,
                                     UnixFlags flags = UnixFlags::none) noexcept
    {
        UnixListener listener;
        return detail::stored(
            mio_unix_listener_bind(listener.raw(), addr.raw(), backlog, static_cast<std::uint32_t>(flags)), listener);
    }
    static Result<UnixListener> bind(const Addr &addr, UnixFlags flags) noexcept
    {
        return bind(addr, MIO_BACKLOG_MAX, flags);
    }

    // Takes over a listening socket. See mio_unix_listener_from_handle.
    static Result<UnixListener> from_handle(mio_handle handle) noexcept
    {
        UnixListener listener;
        return detail::stored(mio_unix_listener_from_handle(listener.raw(), handle), listener);
    }

    // Accepts one connection. See mio_unix_listener_accept.
    Result<UnixAccepted> accept() noexcept
    {
        UnixAccepted accepted;
        return detail::stored(mio_unix_listener_accept(raw(), accepted.stream.raw(), accepted.peer.raw()), accepted);
    }

    // Accepts one connection. If no descriptor is left for the connection, closes the connection and returns the error
    // mio::connection_shed (ECANCELED). See mio_unix_listener_accept_or_shed.
    Result<UnixAccepted> accept_or_shed(AcceptReserve &reserve) noexcept
    {
        UnixAccepted accepted;
        return detail::stored(
            mio_unix_listener_accept_or_shed(raw(), reserve.raw(), accepted.stream.raw(), accepted.peer.raw()),
            accepted);
    }
};

// Owns a Unix datagram socket. See mio_unix_datagram. Closing the socket does not remove the socket file.
class UnixDatagram : public detail::UnixSocket<mio_unix_datagram> {
public:
    using UnixSocket::UnixSocket;

    // open() opens a socket without a name. bind() opens a socket on an address. See mio_unix_datagram_open,
    // mio_unix_datagram_bind.
    static Result<UnixDatagram> open() noexcept
    {
        UnixDatagram socket;
        return detail::stored(mio_unix_datagram_open(socket.raw()), socket);
    }
    static Result<UnixDatagram> bind(const Addr &addr, UnixFlags flags = UnixFlags::none) noexcept
    {
        UnixDatagram socket;
        return detail::stored(mio_unix_datagram_bind(socket.raw(), addr.raw(), static_cast<std::uint32_t>(flags)),
                              socket);
    }

    // Opens two connected sockets. See mio_unix_datagram_pair.
    static Result<std::pair<UnixDatagram, UnixDatagram>> pair() noexcept
    {
        std::pair<UnixDatagram, UnixDatagram> pair;
        return detail::stored(mio_unix_datagram_pair(pair.first.raw(), pair.second.raw()), pair);
    }

    // Takes over an open socket. See mio_unix_datagram_from_handle.
    static Result<UnixDatagram> from_handle(mio_handle handle) noexcept
    {
        UnixDatagram socket;
        return detail::stored(mio_unix_datagram_from_handle(socket.raw(), handle), socket);
    }

    // connect() sets the peer. The function disconnect() removes the peer. See mio_unix_datagram_connect.
    Result<void> connect(const Addr &addr) noexcept
    {
        return detail::status(mio_unix_datagram_connect(raw(), addr.raw()));
    }
    Result<void> disconnect() noexcept { return detail::status(mio_unix_datagram_connect(raw(), nullptr)); }

    // Sends one datagram. See mio_unix_datagram_send, mio_unix_datagram_send_to.
    Result<std::size_t> send(const void *buffer, std::size_t length)
    {
        return detail::count<std::size_t>(mio_unix_datagram_send(raw(), buffer, length));
    }
    Result<std::size_t> send_to(const void *buffer, std::size_t length, const Addr &addr)
    {
        return detail::count<std::size_t>(mio_unix_datagram_send_to(raw(), buffer, length, addr.raw()));
    }

    // These functions receive one datagram. The functions peek and peek_from leave the datagram in the queue. See
    // mio_unix_datagram_recv, mio_unix_datagram_recv_from, mio_unix_datagram_peek, mio_unix_datagram_peek_from.
    Result<Received> recv(void *buffer, std::size_t length)
    {
        Received received;
        std::uint32_t flags = 0;
        const std::int64_t returned = mio_unix_datagram_recv(raw(), buffer, length, &flags);
        return detail::received(received, returned, flags);
    }
    Result<ReceivedFrom> recv_from(void *buffer, std::size_t length)
    {
        ReceivedFrom received;
        std::uint32_t flags = 0;
        const std::int64_t returned = mio_unix_datagram_recv_from(raw(), buffer, length, received.from.raw(), &flags);
        return detail::received(received, returned, flags);
    }
    Result<Received> peek(void *buffer, std::size_t length)
    {
        Received received;
        std::uint32_t flags = 0;
        const std::int64_t returned = mio_unix_datagram_peek(raw(), buffer, length, &flags);
        return detail::received(received, returned, flags);
    }
    Result<ReceivedFrom> peek_from(void *buffer, std::size_t length)
    {
        ReceivedFrom received;
        std::uint32_t flags = 0;
        const std::int64_t returned = mio_unix_datagram_peek_from(raw(), buffer, length, received.from.raw(), &flags);
        return detail::received(received, returned, flags);
    }

    // These functions send or receive a datagram with descriptors. See mio_unix_datagram_send_with_handles,
    // mio_unix_datagram_recv_with_handles.
    Result<std::size_t> send_with_handles(const void *buffer, std::size_t length, const mio_handle *handles,
                                          std::size_t count)
    {
        return detail::count<std::size_t>(mio_unix_datagram_send_with_handles(raw(), buffer, length, handles, count));
    }
    Result<ReceivedHandles> recv_with_handles(void *buffer, std::size_t length, mio_handle *handles,
                                              std::size_t capacity)
    {
        ReceivedHandles received;
        std::uint32_t flags = 0;
        const std::int64_t returned = mio_unix_datagram_recv_with_handles(raw(), buffer, length, handles, capacity,
                                                                          &received.handle_count, &flags);
        return detail::received_with_handles(received, returned, flags);
    }

    // These functions send or receive a message with descriptors, credentials and an address. See
    // mio_unix_datagram_send_message, mio_unix_datagram_recv_message.
    Result<std::size_t> send_message(const UnixOutgoing &message)
    {
        return detail::count<std::size_t>(mio_unix_datagram_send_message(raw(), message.raw()));
    }
    Result<std::size_t> recv_message(UnixIncoming &message)
    {
        return detail::count<std::size_t>(mio_unix_datagram_recv_message(raw(), message.raw()));
    }

    // These functions accept any container of bytes. See mio::ConstBytes, mio::Bytes.
    Result<std::size_t> send(ConstBytes bytes) { return send(detail::data(bytes), detail::size(bytes)); }
    Result<std::size_t> send_to(ConstBytes bytes, const Addr &addr)
    {
        return send_to(detail::data(bytes), detail::size(bytes), addr);
    }
    Result<Received> recv(Bytes bytes) { return recv(detail::data(bytes), detail::size(bytes)); }
    Result<ReceivedFrom> recv_from(Bytes bytes) { return recv_from(detail::data(bytes), detail::size(bytes)); }
    Result<Received> peek(Bytes bytes) { return peek(detail::data(bytes), detail::size(bytes)); }
    Result<ReceivedFrom> peek_from(Bytes bytes) { return peek_from(detail::data(bytes), detail::size(bytes)); }
    Result<std::size_t> send_with_handles(ConstBytes bytes, ArrayRef<const mio_handle> handles)
    {
        return send_with_handles(detail::data(bytes), detail::size(bytes), detail::data(handles),
                                 detail::size(handles));
    }
    Result<ReceivedHandles> recv_with_handles(Bytes bytes, ArrayRef<mio_handle> handles)
    {
        return recv_with_handles(detail::data(bytes), detail::size(bytes), detail::data(handles),
                                 detail::size(handles));
    }

    // Shuts down the receiving side, the sending side or both. See mio_unix_datagram_shutdown.
    Result<void> shutdown(Shutdown how) noexcept
    {
        return detail::status(mio_unix_datagram_shutdown(raw(), static_cast<int>(how)));
    }

    // Returns the address of the peer. See mio_unix_datagram_peer_addr.
    Result<Addr> peer_addr() const noexcept
    {
        Addr addr;
        return detail::stored(mio_unix_datagram_peer_addr(raw(), addr.raw()), addr);
    }
};

} // namespace mio

#endif // MIO_UNIX_HPP
