// SPDX-License-Identifier: MIT
// Does the work of the benchmarks with standalone asio (see peer.h). The echo server creates the io_context with the
// concurrency hint 1, because only one thread runs the loop.
#include "peer.h"

#include <asio.hpp>
#include <memory>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <utility>

namespace {

template <class Protocol>
class Connection : public std::enable_shared_from_this<Connection<Protocol>> {
public:
    explicit Connection(typename Protocol::socket socket) : socket_(std::move(socket)) {}

    void read()
    {
        socket_.async_read_some(asio::buffer(buffer_),
                                [self = this->shared_from_this()](const asio::error_code &error, std::size_t length) {
                                    if (error)
                                        self->end();
                                    else
                                        self->write(length);
                                });
    }

    // After this call, the bytes of this connection go to `other`. Without the call, the bytes go back to the sender.
    void send_to(std::shared_ptr<Connection> other) { other_ = std::move(other); }

private:
    void write(std::size_t length)
    {
        asio::async_write(other_ ? other_->socket_ : socket_, asio::buffer(buffer_, length),
                          [self = this->shared_from_this()](const asio::error_code &error, std::size_t) {
                              if (!error) self->read();
                          });
    }

    void end()
    {
        if (!other_) return;
        other_->socket_.close();
        other_->other_.reset();
        other_.reset();
    }

    typename Protocol::socket socket_;
    std::shared_ptr<Connection> other_;
    char buffer_[PEER_BUFFER_SIZE];
};

template <class Protocol>
void connect_other(typename Protocol::acceptor &acceptor, const std::shared_ptr<Connection<Protocol>> &connection)
{
    typename Protocol::socket socket(acceptor.get_executor(), acceptor.local_endpoint().protocol(), peer_connect());
    const auto other = std::make_shared<Connection<Protocol>>(std::move(socket));
    other->send_to(connection);
    connection->send_to(other);
    other->read();
}

template <class Protocol>
void accept(typename Protocol::acceptor &acceptor, bool is_proxy)
{
    acceptor.async_accept([&acceptor, is_proxy](const asio::error_code &error, typename Protocol::socket socket) {
        peer_require(!error, "accept");
        const auto connection = std::make_shared<Connection<Protocol>>(std::move(socket));
        if (is_proxy) connect_other<Protocol>(acceptor, connection);
        connection->read();
        accept<Protocol>(acceptor, is_proxy);
    });
}

template <class Protocol>
void serve(const Protocol &protocol, int listener, bool is_proxy)
{
    asio::io_context context(1);
    typename Protocol::acceptor acceptor(context, protocol, listener);
    accept<Protocol>(acceptor, is_proxy);
    context.run();
}

class Datagrams {
public:
    Datagrams(asio::io_context &context, int fd) : socket_(context, asio::ip::udp::v4(), fd) {}

    void receive()
    {
        socket_.async_receive_from(asio::buffer(buffer_), from_,
                                   [this](const asio::error_code &error, std::size_t length) {
                                       peer_require(!error, "receive");
                                       socket_.send_to(asio::buffer(buffer_, length), from_);
                                       receive();
                                   });
    }

private:
    asio::ip::udp::socket socket_;
    asio::ip::udp::endpoint from_;
    char buffer_[PEER_BUFFER_SIZE];
};

// asio fetches events from the system only while the context has an object with a descriptor. `idle` is this object.
struct Loop {
    asio::io_context context;
    asio::posix::stream_descriptor idle{context, eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
};

Loop &loop_of(void *loop)
{
    return *static_cast<Loop *>(loop);
}

} // namespace

void peer_serve(int listener, int is_proxy)
{
    sockaddr_storage addr{};
    socklen_t length = sizeof addr;
    peer_require(getsockname(listener, reinterpret_cast<sockaddr *>(&addr), &length) == 0, "getsockname");
    if (addr.ss_family == AF_UNIX)
        serve(asio::local::stream_protocol(), listener, is_proxy != 0);
    else
        serve(asio::ip::tcp::v4(), listener, is_proxy != 0);
}

void peer_echo_datagrams(int fd, int batch)
{
    peer_require(!batch, "asio has no batches");
    asio::io_context context(1);
    Datagrams datagrams(context, fd);
    datagrams.receive();
    context.run();
}

void *peer_open()
{
    return new Loop;
}

void peer_watch(void *, int)
{
    peer_require(0, "asio cannot watch a descriptor level-triggered");
}

long peer_look(void *loop)
{
    return static_cast<long>(loop_of(loop).context.poll());
}

// Assigns the descriptor to an asio object, which registers the descriptor. asio always registers for all events, and
// edge-triggered. Then the object releases the descriptor, which deregisters it.
void peer_register(void *loop, int fd)
{
    asio::posix::stream_descriptor descriptor(loop_of(loop).context, fd);
    descriptor.release();
}

// Wakes the loop by posting an empty handler.
void peer_wake(void *loop)
{
    asio::post(loop_of(loop).context, [] {});
}

void peer_wait_for_wake(void *loop)
{
    peer_require(loop_of(loop).context.run_one() == 1, "one handler");
}

void peer_sleep(void *loop, int64_t nanoseconds)
{
    asio::steady_timer timer(loop_of(loop).context, std::chrono::nanoseconds(nanoseconds));
    timer.async_wait([](const asio::error_code &) {});
    peer_require(loop_of(loop).context.run_one() == 1, "one handler");
}
