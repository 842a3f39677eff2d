// SPDX-License-Identifier: MIT
// Socket options. Most options have functions of their own. The functions option() and set_option() work with every
// option whose value is a number. The functions text_option() and set_text_option() work with every option whose value
// is a text.
#ifndef MIO_OPTION_HPP
#define MIO_OPTION_HPP

#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/option.h>
#include <mio/result.hpp>
#include <mio/source.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace mio {

// A text that is the value of an option.
using OptionText = Text<MIO_OPTION_TEXT_SIZE>;

namespace detail {

// The functions that all sockets share.
template <class Raw>
class Socket : public OwnedSource<Raw> {
public:
    using OwnedSource<Raw>::OwnedSource;

    // These functions get and set the option with the given MIO_OPTION_ constant. Use these two functions for an option
    // that has no functions of its own. See mio_source_option, mio_source_set_option.
    Result<std::int64_t> option(int option) const noexcept { return get<std::int64_t>(option); }
    Result<void> set_option(int option, std::int64_t value) noexcept
    {
        return status(mio_source_set_option(this->source(), option, value));
    }

    // These functions get and set an option whose value is a text. See mio_source_text_option,
    // mio_source_set_text_option.
    Result<OptionText> text_option(int option) const noexcept
    {
        int returned = 0;
        const OptionText text([&](char *buffer, std::size_t size) {
            return returned = mio_source_text_option(this->source(), option, buffer, size);
        });
        if (returned < 0) return error(returned);
        return text;
    }
    Result<void> set_text_option(int option, const char *text) noexcept
    {
        return status(mio_source_set_text_option(this->source(), option, text));
    }
    Result<void> set_text_option(int option, std::string_view text) noexcept
    {
        return set_text_option(option, Terminated<MIO_OPTION_TEXT_SIZE>(text).get());
    }

    // Returns the address that the socket is bound to. See mio_source_local_addr.
    Result<Addr> local_addr() const noexcept
    {
        Addr addr;
        return stored(mio_source_local_addr(this->source(), addr.raw()), addr);
    }

    // Fetches and clears the pending error. If no error is pending, the value of the std::error_code is 0. See
    // mio_source_take_error.
    Result<std::error_code> take_error() noexcept
    {
        int error = 0;
        const int returned = mio_source_take_error(this->source(), &error);
        return pending(returned, error);
    }

    // These functions get and set MIO_OPTION_SEND_BUFFER and MIO_OPTION_RECEIVE_BUFFER, in bytes. The system can choose
    // a size other than the requested size; see <mio/option.h>.
    Result<std::uint32_t> send_buffer() const noexcept { return get<std::uint32_t>(MIO_OPTION_SEND_BUFFER); }
    Result<void> set_send_buffer(std::uint32_t bytes) noexcept { return set_option(MIO_OPTION_SEND_BUFFER, bytes); }
    Result<std::uint32_t> receive_buffer() const noexcept { return get<std::uint32_t>(MIO_OPTION_RECEIVE_BUFFER); }
    Result<void> set_receive_buffer(std::uint32_t bytes) noexcept
    {
        return set_option(MIO_OPTION_RECEIVE_BUFFER, bytes);
    }

protected:
    template <class T>
    Result<T> get(int option) const noexcept
    {
        std::int64_t value = 0;
        const int returned = mio_source_option(this->source(), option, &value);
        if (returned < 0) return error(returned);
        return ok(static_cast<T>(value));
    }
};

// The options of all sockets over IP.
template <class Raw>
class IpSocket : public Socket<Raw> {
public:
    using Socket<Raw>::Socket;

    // These functions get and set MIO_OPTION_TTL.
    Result<std::uint32_t> ttl() const noexcept { return this->template get<std::uint32_t>(MIO_OPTION_TTL); }
    Result<void> set_ttl(std::uint32_t hops) noexcept { return this->set_option(MIO_OPTION_TTL, hops); }

    // These functions get and set MIO_OPTION_HOP_LIMIT.
    Result<int> hop_limit() const noexcept { return this->template get<int>(MIO_OPTION_HOP_LIMIT); }
    Result<void> set_hop_limit(int hops) noexcept { return this->set_option(MIO_OPTION_HOP_LIMIT, hops); }

    // These functions get and set MIO_OPTION_ONLY_V6. Set the option before you bind the socket.
    Result<bool> only_v6() const noexcept { return this->template get<bool>(MIO_OPTION_ONLY_V6); }
    Result<void> set_only_v6(bool on) noexcept { return this->set_option(MIO_OPTION_ONLY_V6, on); }

    // These functions get and set MIO_OPTION_REUSE_ADDR and MIO_OPTION_REUSE_PORT. Set the options before you bind the
    // socket.
    Result<bool> reuse_addr() const noexcept { return this->template get<bool>(MIO_OPTION_REUSE_ADDR); }
    Result<void> set_reuse_addr(bool on) noexcept { return this->set_option(MIO_OPTION_REUSE_ADDR, on); }
    Result<bool> reuse_port() const noexcept { return this->template get<bool>(MIO_OPTION_REUSE_PORT); }
    Result<void> set_reuse_port(bool on) noexcept { return this->set_option(MIO_OPTION_REUSE_PORT, on); }

    // These functions get and set MIO_OPTION_TOS and MIO_OPTION_TRAFFIC_CLASS.
    Result<std::uint32_t> tos() const noexcept { return this->template get<std::uint32_t>(MIO_OPTION_TOS); }
    Result<void> set_tos(std::uint32_t tos) noexcept { return this->set_option(MIO_OPTION_TOS, tos); }
    Result<int> traffic_class() const noexcept { return this->template get<int>(MIO_OPTION_TRAFFIC_CLASS); }
    Result<void> set_traffic_class(int value) noexcept { return this->set_option(MIO_OPTION_TRAFFIC_CLASS, value); }

    // These functions get and set MIO_OPTION_MARK and MIO_OPTION_PRIORITY.
    Result<std::uint32_t> mark() const noexcept { return this->template get<std::uint32_t>(MIO_OPTION_MARK); }
    Result<void> set_mark(std::uint32_t mark) noexcept { return this->set_option(MIO_OPTION_MARK, mark); }
    Result<std::uint32_t> priority() const noexcept { return this->template get<std::uint32_t>(MIO_OPTION_PRIORITY); }
    Result<void> set_priority(std::uint32_t value) noexcept { return this->set_option(MIO_OPTION_PRIORITY, value); }

    // These functions get and set MIO_OPTION_BIND_ADDRESS_NO_PORT. Set the option before you bind the socket.
    Result<bool> bind_address_no_port() const noexcept
    {
        return this->template get<bool>(MIO_OPTION_BIND_ADDRESS_NO_PORT);
    }
    Result<void> set_bind_address_no_port(bool on) noexcept
    {
        return this->set_option(MIO_OPTION_BIND_ADDRESS_NO_PORT, on);
    }

    // These functions get and set MIO_OPTION_MTU_DISCOVER. The mode is one of the MIO_MTU_ values. The function
    // path_mtu() returns MIO_OPTION_PATH_MTU of a connected socket, in bytes.
    Result<std::uint32_t> mtu_discover() const noexcept
    {
        return this->template get<std::uint32_t>(MIO_OPTION_MTU_DISCOVER);
    }
    Result<void> set_mtu_discover(std::uint32_t mode) noexcept
    {
        return this->set_option(MIO_OPTION_MTU_DISCOVER, mode);
    }
    Result<std::uint32_t> path_mtu() const noexcept { return this->template get<std::uint32_t>(MIO_OPTION_PATH_MTU); }

    // These functions get and set MIO_OPTION_INCOMING_CPU. The value is the number of a processor, or -1 for no
    // processor.
    Result<int> incoming_cpu() const noexcept { return this->template get<int>(MIO_OPTION_INCOMING_CPU); }
    Result<void> set_incoming_cpu(int cpu) noexcept { return this->set_option(MIO_OPTION_INCOMING_CPU, cpu); }

    // These functions get and set MIO_OPTION_BIND_DEVICE. The text is the name of the only interface that the socket
    // uses, or "" for any interface.
    Result<OptionText> bind_device() const noexcept { return this->text_option(MIO_OPTION_BIND_DEVICE); }
    Result<void> set_bind_device(const char *name) noexcept
    {
        return this->set_text_option(MIO_OPTION_BIND_DEVICE, name);
    }
    Result<void> set_bind_device(std::string_view name) noexcept
    {
        return this->set_text_option(MIO_OPTION_BIND_DEVICE, name);
    }
};

// The options that TCP streams, listeners and unconnected sockets share. <mio/option.h> states which options a stream
// inherits from its listener.
template <class Raw>
class AnyTcpSocket : public IpSocket<Raw> {
public:
    using IpSocket<Raw>::IpSocket;

    // These functions get and set MIO_OPTION_NODELAY, MIO_OPTION_CORK and MIO_OPTION_QUICK_ACK.
    Result<bool> nodelay() const noexcept { return this->template get<bool>(MIO_OPTION_NODELAY); }
    Result<void> set_nodelay(bool on) noexcept { return this->set_option(MIO_OPTION_NODELAY, on); }
    Result<bool> cork() const noexcept { return this->template get<bool>(MIO_OPTION_CORK); }
    Result<void> set_cork(bool on) noexcept { return this->set_option(MIO_OPTION_CORK, on); }
    Result<bool> quick_ack() const noexcept { return this->template get<bool>(MIO_OPTION_QUICK_ACK); }
    Result<void> set_quick_ack(bool on) noexcept { return this->set_option(MIO_OPTION_QUICK_ACK, on); }

    // These functions get and set MIO_OPTION_KEEPALIVE, MIO_OPTION_KEEPALIVE_IDLE, MIO_OPTION_KEEPALIVE_INTERVAL and
    // MIO_OPTION_KEEPALIVE_COUNT.
    Result<bool> keepalive() const noexcept { return this->template get<bool>(MIO_OPTION_KEEPALIVE); }
    Result<void> set_keepalive(bool on) noexcept { return this->set_option(MIO_OPTION_KEEPALIVE, on); }
    Result<std::chrono::seconds> keepalive_idle() const noexcept
    {
        return this->template get<std::chrono::seconds>(MIO_OPTION_KEEPALIVE_IDLE);
    }
    Result<void> set_keepalive_idle(std::chrono::seconds time) noexcept
    {
        return this->set_option(MIO_OPTION_KEEPALIVE_IDLE, time.count());
    }
    Result<std::chrono::seconds> keepalive_interval() const noexcept
    {
        return this->template get<std::chrono::seconds>(MIO_OPTION_KEEPALIVE_INTERVAL);
    }
    Result<void> set_keepalive_interval(std::chrono::seconds time) noexcept
    {
        return this->set_option(MIO_OPTION_KEEPALIVE_INTERVAL, time.count());
    }
    Result<std::uint32_t> keepalive_count() const noexcept
    {
        return this->template get<std::uint32_t>(MIO_OPTION_KEEPALIVE_COUNT);
    }
    Result<void> set_keepalive_count(std::uint32_t probes) noexcept
    {
        return this->set_option(MIO_OPTION_KEEPALIVE_COUNT, probes);
    }

    // These functions get and set MIO_OPTION_LINGER. std::nullopt stands for -1, the default of this option.
    Result<std::optional<std::chrono::seconds>> linger() const noexcept
    {
        const Result<std::int64_t> value = this->option(MIO_OPTION_LINGER);
        if (!value) return value.errc();
        return *value < 0 ? std::nullopt : std::optional<std::chrono::seconds>(*value);
    }
    Result<void> set_linger(std::optional<std::chrono::seconds> time) noexcept
    {
        return this->set_option(MIO_OPTION_LINGER, time ? time->count() : -1);
    }

    // These functions get and set MIO_OPTION_FAST_OPEN and MIO_OPTION_FAST_OPEN_CONNECT. MIO_OPTION_FAST_OPEN limits
    // how many connections with early data can wait at a listener. Set MIO_OPTION_FAST_OPEN_CONNECT before the connect.
    Result<std::uint32_t> fast_open() const noexcept { return this->template get<std::uint32_t>(MIO_OPTION_FAST_OPEN); }
    Result<void> set_fast_open(std::uint32_t queue) noexcept { return this->set_option(MIO_OPTION_FAST_OPEN, queue); }
    Result<bool> fast_open_connect() const noexcept { return this->template get<bool>(MIO_OPTION_FAST_OPEN_CONNECT); }
    Result<void> set_fast_open_connect(bool on) noexcept { return this->set_option(MIO_OPTION_FAST_OPEN_CONNECT, on); }

    // These functions get and set MIO_OPTION_DEFER_ACCEPT and MIO_OPTION_USER_TIMEOUT. For MIO_OPTION_DEFER_ACCEPT, 0
    // means off, and the system rounds the time up. For MIO_OPTION_USER_TIMEOUT, 0 means the limit of the system.
    Result<std::chrono::seconds> defer_accept() const noexcept
    {
        return this->template get<std::chrono::seconds>(MIO_OPTION_DEFER_ACCEPT);
    }
    Result<void> set_defer_accept(std::chrono::seconds time) noexcept
    {
        return this->set_option(MIO_OPTION_DEFER_ACCEPT, time.count());
    }
    Result<std::chrono::milliseconds> user_timeout() const noexcept
    {
        return this->template get<std::chrono::milliseconds>(MIO_OPTION_USER_TIMEOUT);
    }
    Result<void> set_user_timeout(std::chrono::milliseconds time) noexcept
    {
        return this->set_option(MIO_OPTION_USER_TIMEOUT, time.count());
    }

    // These functions get and set MIO_OPTION_MAX_SEGMENT and MIO_OPTION_NOTSENT_LOWAT, in bytes. With 0, the system
    // chooses the value.
    Result<std::uint32_t> max_segment() const noexcept
    {
        return this->template get<std::uint32_t>(MIO_OPTION_MAX_SEGMENT);
    }
    Result<void> set_max_segment(std::uint32_t bytes) noexcept
    {
        return this->set_option(MIO_OPTION_MAX_SEGMENT, bytes);
    }
    Result<std::uint32_t> notsent_lowat() const noexcept
    {
        return this->template get<std::uint32_t>(MIO_OPTION_NOTSENT_LOWAT);
    }
    Result<void> set_notsent_lowat(std::uint32_t bytes) noexcept
    {
        return this->set_option(MIO_OPTION_NOTSENT_LOWAT, bytes);
    }

    // These functions get and set MIO_OPTION_CONGESTION. The text is the name of an algorithm, such as "cubic".
    Result<OptionText> congestion() const noexcept { return this->text_option(MIO_OPTION_CONGESTION); }
    Result<void> set_congestion(const char *name) noexcept
    {
        return this->set_text_option(MIO_OPTION_CONGESTION, name);
    }
    Result<void> set_congestion(std::string_view name) noexcept
    {
        return this->set_text_option(MIO_OPTION_CONGESTION, name);
    }
};

} // namespace detail

} // namespace mio

#endif // MIO_OPTION_HPP
