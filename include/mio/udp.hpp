// SPDX-License-Identifier: MIT
// UDP sockets.
#ifndef MIO_UDP_HPP
#define MIO_UDP_HPP

#include <mio/addr.hpp>
#include <mio/ancillary.hpp>
#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/option.hpp>
#include <mio/result.hpp>
#include <mio/source.hpp>
#include <mio/udp.h>

#include <type_traits>

namespace mio {

namespace detail {

template <>
inline constexpr mio_udp_message empty_message<mio_udp_message> = MIO_UDP_MESSAGE_INIT;

} // namespace detail

// A datagram to send, with its address and ancillary data. The object only points to the memory that you pass to its
// functions. This memory must stay valid until the datagram is sent. See mio_udp_message.
class UdpOutgoing : public detail::Outgoing<UdpOutgoing, mio_udp_message> {
public:
    using Outgoing::Outgoing;

    // Sets the ancillary data. Passing a temporary Ancillary does not compile.
    UdpOutgoing &set_ancillary(const Ancillary &ancillary) &noexcept MIO_LIFETIMEBOUND
    {
        raw_.ancillary = const_cast<mio_ancillary *>(ancillary.raw());
        return *this;
    }
    UdpOutgoing set_ancillary(const Ancillary &ancillary) &&noexcept { return set_ancillary(ancillary); }
    UdpOutgoing &set_ancillary(const Ancillary &&ancillary) = delete;
};

// Memory for a received datagram, with its address and ancillary data. The object does not contain this memory, but
// points to the memory that you pass to its functions. This memory must stay valid until the datagram is received. See
// mio_udp_message.
class UdpIncoming : public detail::Incoming<UdpIncoming, mio_udp_message> {
public:
    using Incoming::Incoming;

    // Sets the memory for the ancillary data.
    UdpIncoming &set_ancillary(Ancillary &ancillary) &noexcept MIO_LIFETIMEBOUND
    {
        raw_.ancillary = ancillary.raw();
        return *this;
    }
    UdpIncoming set_ancillary(Ancillary &ancillary) &&noexcept { return set_ancillary(ancillary); }

    // The function size() returns the number of bytes that the receive stored. The function is_ancillary_truncated()
    // returns whether MIO_MESSAGE_ANCILLARY_TRUNCATED is set.
    std::size_t size() const noexcept { return raw_.length; }
    bool is_ancillary_truncated() const noexcept { return (raw_.flags & MIO_MESSAGE_ANCILLARY_TRUNCATED) != 0; }
};

// The C++ functions cast an array of UdpOutgoing or UdpIncoming to an array of mio_udp_message. So all three types must
// have the same layout.
static_assert(sizeof(UdpOutgoing) == sizeof(mio_udp_message) && std::is_standard_layout_v<UdpOutgoing>);
static_assert(sizeof(UdpIncoming) == sizeof(mio_udp_message) && std::is_standard_layout_v<UdpIncoming>);

// Owns a UDP socket. See mio_udp_socket.
class UdpSocket : public detail::IpSocket<mio_udp_socket> {
public:
    using IpSocket::IpSocket;

    // Opens a socket. See mio_udp_socket_bind.
    static Result<UdpSocket> bind(const Addr &addr) noexcept
    {
        UdpSocket socket;
        return detail::stored(mio_udp_socket_bind(socket.raw(), addr.raw()), socket);
    }

    // Takes over a datagram socket. See mio_udp_socket_from_handle.
    static Result<UdpSocket> from_handle(mio_handle handle) noexcept
    {
        UdpSocket socket;
        return detail::stored(mio_udp_socket_from_handle(socket.raw(), handle), socket);
    }

    // connect() sets the peer. The function disconnect() removes the peer. See mio_udp_socket_connect.
    Result<void> connect(const Addr &addr) noexcept
    {
        return detail::status(mio_udp_socket_connect(raw(), addr.raw()));
    }
    Result<void> disconnect() noexcept { return detail::status(mio_udp_socket_connect(raw(), nullptr)); }

    // Sends one datagram. See mio_udp_socket_send, mio_udp_socket_send_to.
    Result<std::size_t> send(const void *buffer, std::size_t length)
    {
        return detail::count<std::size_t>(mio_udp_socket_send(raw(), buffer, length));
    }
    Result<std::size_t> send_to(const void *buffer, std::size_t length, const Addr &addr)
    {
        return detail::count<std::size_t>(mio_udp_socket_send_to(raw(), buffer, length, addr.raw()));
    }

    // These functions receive one datagram. The functions peek and peek_from leave the datagram in the queue. See
    // mio_udp_socket_recv, mio_udp_socket_recv_from, mio_udp_socket_peek, mio_udp_socket_peek_from.
    Result<Received> recv(void *buffer, std::size_t length)
    {
        Received received;
        std::uint32_t flags = 0;
        const std::int64_t returned = mio_udp_socket_recv(raw(), buffer, length, &flags);
        return detail::received(received, returned, flags);
    }
    Result<ReceivedFrom> recv_from(void *buffer, std::size_t length)
    {
        ReceivedFrom received;
        std::uint32_t flags = 0;
        const std::int64_t returned = mio_udp_socket_recv_from(raw(), buffer, length, received.from.raw(), &flags);
        return detail::received(received, returned, flags);
    }
    Result<Received> peek(void *buffer, std::size_t length)
    {
        Received received;
        std::uint32_t flags = 0;
        const std::int64_t returned = mio_udp_socket_peek(raw(), buffer, length, &flags);
        return detail::received(received, returned, flags);
    }
    Result<ReceivedFrom> peek_from(void *buffer, std::size_t length)
    {
        ReceivedFrom received;
        std::uint32_t flags = 0;
        const std::int64_t returned = mio_udp_socket_peek_from(raw(), buffer, length, received.from.raw(), &flags);
        return detail::received(received, returned, flags);
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

    // These functions send or receive a datagram with its address and ancillary data. See mio_udp_socket_send_message,
    // mio_udp_socket_recv_message.
    Result<std::size_t> send_message(const UdpOutgoing &message)
    {
        return detail::count<std::size_t>(mio_udp_socket_send_message(raw(), message.raw()));
    }
    Result<std::size_t> recv_message(UdpIncoming &message)
    {
        return detail::count<std::size_t>(mio_udp_socket_recv_message(raw(), message.raw()));
    }

    // These functions send or receive up to MIO_UDP_BATCH_MAX datagrams, and return the number of datagrams. See
    // mio_udp_socket_send_batch, mio_udp_socket_recv_batch.
    Result<std::size_t> send_batch(const UdpOutgoing *messages, std::size_t count)
    {
        return detail::count<std::size_t>(
            mio_udp_socket_send_batch(raw(), reinterpret_cast<const mio_udp_message *>(messages), count));
    }
    Result<std::size_t> send_batch(ArrayRef<const UdpOutgoing> messages)
    {
        return send_batch(detail::data(messages), detail::size(messages));
    }
    Result<std::size_t> recv_batch(UdpIncoming *messages, std::size_t count)
    {
        return detail::count<std::size_t>(
            mio_udp_socket_recv_batch(raw(), reinterpret_cast<mio_udp_message *>(messages), count));
    }
    Result<std::size_t> recv_batch(ArrayRef<UdpIncoming> messages)
    {
        return recv_batch(detail::data(messages), detail::size(messages));
    }

    // Removes an error from the error queue, and returns the number of stored bytes of the original datagram. See
    // mio_udp_socket_recv_error.
    Result<std::size_t> recv_error(QueuedError &error)
    {
        return detail::count<std::size_t>(mio_udp_socket_recv_error(raw(), error.raw()));
    }

    // These functions join or leave an IPv4 multicast group on the interface with the address `interface_addr`. Without
    // this argument, the system chooses the interface. See mio_udp_socket_join_multicast_v4,
    // mio_udp_socket_leave_multicast_v4.
    Result<void> join_multicast_v4(const Addr &group) noexcept
    {
        return detail::status(mio_udp_socket_join_multicast_v4(raw(), group.raw(), nullptr));
    }
    Result<void> join_multicast_v4(const Addr &group, const Addr &interface_addr) noexcept
    {
        return detail::status(mio_udp_socket_join_multicast_v4(raw(), group.raw(), interface_addr.raw()));
    }
    Result<void> leave_multicast_v4(const Addr &group) noexcept
    {
        return detail::status(mio_udp_socket_leave_multicast_v4(raw(), group.raw(), nullptr));
    }
    Result<void> leave_multicast_v4(const Addr &group, const Addr &interface_addr) noexcept
    {
        return detail::status(mio_udp_socket_leave_multicast_v4(raw(), group.raw(), interface_addr.raw()));
    }

    // These functions join or leave an IPv4 multicast group on the interface with the index `interface_index`. See
    // mio_udp_socket_join_multicast_v4_on, mio_udp_socket_leave_multicast_v4_on.
    Result<void> join_multicast_v4_on(const Addr &group, std::uint32_t interface_index) noexcept
    {
        return detail::status(mio_udp_socket_join_multicast_v4_on(raw(), group.raw(), interface_index));
    }
    Result<void> leave_multicast_v4_on(const Addr &group, std::uint32_t interface_index) noexcept
    {
        return detail::status(mio_udp_socket_leave_multicast_v4_on(raw(), group.raw(), interface_index));
    }

    // These functions join or leave an IPv6 multicast group. See mio_udp_socket_join_multicast_v6,
    // mio_udp_socket_leave_multicast_v6.
    Result<void> join_multicast_v6(const Addr &group, std::uint32_t interface_index = 0) noexcept
    {
        return detail::status(mio_udp_socket_join_multicast_v6(raw(), group.raw(), interface_index));
    }
    Result<void> leave_multicast_v6(const Addr &group, std::uint32_t interface_index = 0) noexcept
    {
        return detail::status(mio_udp_socket_leave_multicast_v6(raw(), group.raw(), interface_index));
    }

    // These functions join or leave a multicast group, for the datagrams of one sender only. See
    // mio_udp_socket_join_multicast_source, mio_udp_socket_leave_multicast_source.
    Result<void> join_multicast_source(const Addr &group, const Addr &sender,
                                       std::uint32_t interface_index = 0) noexcept
    {
        return detail::status(mio_udp_socket_join_multicast_source(raw(), group.raw(), sender.raw(), interface_index));
    }
    Result<void> leave_multicast_source(const Addr &group, const Addr &sender,
                                        std::uint32_t interface_index = 0) noexcept
    {
        return detail::status(mio_udp_socket_leave_multicast_source(raw(), group.raw(), sender.raw(), interface_index));
    }

    // Returns the address of the peer. See mio_udp_socket_peer_addr.
    Result<Addr> peer_addr() const noexcept
    {
        Addr addr;
        return detail::stored(mio_udp_socket_peer_addr(raw(), addr.raw()), addr);
    }

    // These functions get and set MIO_OPTION_MULTICAST_ALL.
    Result<bool> multicast_all() const noexcept { return get<bool>(MIO_OPTION_MULTICAST_ALL); }
    Result<void> set_multicast_all(bool on) noexcept { return set_option(MIO_OPTION_MULTICAST_ALL, on); }

    // These functions get and set MIO_OPTION_BROADCAST.
    Result<bool> broadcast() const noexcept { return get<bool>(MIO_OPTION_BROADCAST); }
    Result<void> set_broadcast(bool on) noexcept { return set_option(MIO_OPTION_BROADCAST, on); }

    // These functions get and set MIO_OPTION_MULTICAST_LOOP_V4 and MIO_OPTION_MULTICAST_LOOP_V6.
    Result<bool> multicast_loop_v4() const noexcept { return get<bool>(MIO_OPTION_MULTICAST_LOOP_V4); }
    Result<void> set_multicast_loop_v4(bool on) noexcept { return set_option(MIO_OPTION_MULTICAST_LOOP_V4, on); }
    Result<bool> multicast_loop_v6() const noexcept { return get<bool>(MIO_OPTION_MULTICAST_LOOP_V6); }
    Result<void> set_multicast_loop_v6(bool on) noexcept { return set_option(MIO_OPTION_MULTICAST_LOOP_V6, on); }

    // These functions get and set MIO_OPTION_MULTICAST_TTL_V4 and MIO_OPTION_MULTICAST_HOPS_V6.
    Result<std::uint32_t> multicast_ttl_v4() const noexcept { return get<std::uint32_t>(MIO_OPTION_MULTICAST_TTL_V4); }
    Result<void> set_multicast_ttl_v4(std::uint32_t hops) noexcept
    {
        return set_option(MIO_OPTION_MULTICAST_TTL_V4, hops);
    }
    Result<int> multicast_hops_v6() const noexcept { return get<int>(MIO_OPTION_MULTICAST_HOPS_V6); }
    Result<void> set_multicast_hops_v6(int hops) noexcept { return set_option(MIO_OPTION_MULTICAST_HOPS_V6, hops); }

    // A program can set MIO_OPTION_MULTICAST_INTERFACE_V4, but cannot read this option. A program can set and read
    // MIO_OPTION_MULTICAST_INTERFACE_V6.
    Result<void> set_multicast_interface_v4(std::uint32_t index) noexcept
    {
        return set_option(MIO_OPTION_MULTICAST_INTERFACE_V4, index);
    }
    Result<std::uint32_t> multicast_interface_v6() const noexcept
    {
        return get<std::uint32_t>(MIO_OPTION_MULTICAST_INTERFACE_V6);
    }
    Result<void> set_multicast_interface_v6(std::uint32_t index) noexcept
    {
        return set_option(MIO_OPTION_MULTICAST_INTERFACE_V6, index);
    }

    // These functions set the options that add ancillary data to received datagrams: MIO_OPTION_RECEIVE_DESTINATION,
    // MIO_OPTION_RECEIVE_TOS, MIO_OPTION_RECEIVE_TTL, MIO_OPTION_RECEIVE_TIMESTAMP,
    // MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION, MIO_OPTION_RECEIVE_DROPS.
    Result<void> set_receive_destination(bool on) noexcept { return set_option(MIO_OPTION_RECEIVE_DESTINATION, on); }
    Result<void> set_receive_tos(bool on) noexcept { return set_option(MIO_OPTION_RECEIVE_TOS, on); }
    Result<void> set_receive_ttl(bool on) noexcept { return set_option(MIO_OPTION_RECEIVE_TTL, on); }
    Result<void> set_receive_timestamp(bool on) noexcept { return set_option(MIO_OPTION_RECEIVE_TIMESTAMP, on); }
    Result<void> set_receive_original_destination(bool on) noexcept
    {
        return set_option(MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION, on);
    }
    Result<void> set_receive_drops(bool on) noexcept { return set_option(MIO_OPTION_RECEIVE_DROPS, on); }

    // These functions get and set MIO_OPTION_UDP_GRO and MIO_OPTION_UDP_SEGMENT.
    Result<bool> gro() const noexcept { return get<bool>(MIO_OPTION_UDP_GRO); }
    Result<void> set_gro(bool on) noexcept { return set_option(MIO_OPTION_UDP_GRO, on); }
    Result<int> segment_size() const noexcept { return get<int>(MIO_OPTION_UDP_SEGMENT); }
    Result<void> set_segment_size(int size) noexcept { return set_option(MIO_OPTION_UDP_SEGMENT, size); }

    // Sets MIO_OPTION_RECEIVE_ERRORS.
    Result<void> set_receive_errors(bool on) noexcept { return set_option(MIO_OPTION_RECEIVE_ERRORS, on); }
};

} // namespace mio

#endif // MIO_UDP_HPP
