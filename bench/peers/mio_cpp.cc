// SPDX-License-Identifier: MIT
// Does the work of the benchmarks with the C++ classes of libmio (see peer.h).
#include "peer.h"

#include <cerrno>
#include <memory>
#include <mio.hpp>
#include <unistd.h>
#include <utility>

namespace {

constexpr std::size_t event_capacity = PEER_EVENT_CAPACITY;

void fail(std::errc error, const char *what)
{
    errno = static_cast<int>(error);
    peer_require(0, what);
}

template <class T>
T take(mio::Result<T> result, const char *what)
{
    if (!result.has_value()) fail(result.errc(), what);
    return std::move(*result);
}

void check(const mio::Result<void> &result, const char *what)
{
    if (!result.has_value()) fail(result.errc(), what);
}

template <class Stream>
struct Connection {
    Stream stream;
    Connection *other = this; // gets the received bytes; in an echo server, this connection itself
    char buffer[PEER_BUFFER_SIZE];
};

template <class Stream>
void serve(Connection<Stream> *connection)
{
    const mio::Result<std::size_t> length = connection->stream.read(connection->buffer, sizeof connection->buffer);
    if (length.value_or(0U) > 0) {
        peer_require(connection->other->stream.write(connection->buffer, *length).value_or(0U) == *length, "write");
    } else if (!length.would_block()) {
        if (connection->other != connection) delete connection->other;
        delete connection;
    }
}

// Makes a connection object for the stream, and registers the stream for reading. The caller frees the connection.
template <class Stream>
Connection<Stream> *open_connection(const mio::Registry &registry, Stream stream)
{
    auto connection = std::make_unique<Connection<Stream>>();
    connection->stream = std::move(stream);
    check(registry.register_source(connection->stream, mio::Token(reinterpret_cast<std::uintptr_t>(connection.get())),
                                   mio::Interest::readable),
          "register");
    return connection.release();
}

template <class Stream, class Listener>
void accept_all(const mio::Registry &registry, Listener &listener, bool is_proxy)
{
    for (;;) {
        auto accepted = listener.accept();
        if (accepted.would_block()) return;
        Connection<Stream> *connection = open_connection(registry, take(std::move(accepted), "accept").stream);
        if (!is_proxy) continue;
        connection->other = open_connection(registry, take(Stream::from_handle(peer_connect()), "from_handle"));
        connection->other->other = connection;
    }
}

template <class Stream, class Listener>
void serve_all(Listener listener, bool is_proxy)
{
    mio::Poll poll = take(mio::Poll::create(), "poll");
    mio::Events events(event_capacity);
    check(poll.registry().register_source(listener, mio::Token(0), mio::Interest::readable), "register");
    for (;;) {
        if (!poll.poll(events).has_value()) continue;
        for (const mio::Event &event : events) {
            if (event.token() == mio::Token(0))
                accept_all<Stream>(poll.registry(), listener, is_proxy);
            else
                serve(reinterpret_cast<Connection<Stream> *>(mio::to_integer(event.token())));
        }
    }
}

void answer_datagrams(mio::UdpSocket &socket)
{
    char buffer[PEER_BUFFER_SIZE];
    for (;;) {
        const auto received = socket.recv_from(buffer, sizeof buffer);
        if (received.would_block()) return;
        if (!received.has_value()) fail(received.errc(), "recv_from");
        peer_require(socket.send_to(buffer, received->size, received->from).value_or(0U) == received->size, "send_to");
    }
}

struct Batch {
    mio::UdpIncoming incoming[PEER_BATCH];
    mio::UdpOutgoing outgoing[PEER_BATCH];
    mio::ReadPiece buffers[PEER_BATCH];
    mio::WritePiece answers[PEER_BATCH];
    mio::Addr from[PEER_BATCH];
    char bytes[PEER_BATCH][PEER_BUFFER_SIZE];

    Batch()
    {
        for (std::size_t i = 0; i < PEER_BATCH; i++) {
            buffers[i] = mio::ReadPiece(bytes[i], sizeof bytes[i]);
            incoming[i].set_pieces(&buffers[i], 1).set_addr(from[i]);
            outgoing[i].set_pieces(&answers[i], 1).set_addr(from[i]);
        }
    }
};

void answer_batches(mio::UdpSocket &socket, Batch &batch)
{
    for (;;) {
        const auto count = socket.recv_batch(batch.incoming, PEER_BATCH);
        if (count.would_block()) return;
        if (!count.has_value()) fail(count.errc(), "recv_batch");
        for (std::size_t i = 0; i < *count; i++)
            batch.answers[i] = mio::WritePiece(batch.bytes[i], batch.incoming[i].size());
        peer_require(socket.send_batch(batch.outgoing, *count).value_or(0U) == *count, "send_batch");
    }
}

struct Loop {
    mio::Poll poll = take(mio::Poll::create(), "poll");
    mio::Waker waker = take(mio::Waker::create(poll.registry(), mio::Token(0)), "waker");
    mio::Events events{event_capacity};
};

Loop &loop_of(void *loop)
{
    return *static_cast<Loop *>(loop);
}

void receive_segments(mio::UdpSocket &socket, mio::ReadPiece piece)
{
    mio::Ancillary ancillary;
    mio::UdpIncoming message(&piece, 1);
    message.set_ancillary(ancillary);
    take(socket.recv_message(message), "recv_message");
    peer_require(message.size() == piece.size() && take(ancillary.segment_size(), "segment_size") == PEER_SEGMENT,
                 "a message");
}

} // namespace

void peer_serve(int handle, int is_proxy)
{
    auto tcp = mio::TcpListener::from_handle(handle);
    if (tcp.has_value())
        serve_all<mio::TcpStream>(std::move(*tcp), is_proxy != 0);
    else
        serve_all<mio::UnixStream>(take(mio::UnixListener::from_handle(handle), "from_handle"), is_proxy != 0);
}

void peer_echo_datagrams(int fd, int batch)
{
    mio::Poll poll = take(mio::Poll::create(), "poll");
    mio::Events events(event_capacity);
    mio::UdpSocket socket = take(mio::UdpSocket::from_handle(fd), "from_handle");
    const auto messages = std::make_unique<Batch>();
    check(poll.registry().register_source(socket, mio::Token(0), mio::Interest::readable), "register");
    for (;;) {
        if (poll.poll(events).value_or(0U) == 0) continue;
        if (batch != 0)
            answer_batches(socket, *messages);
        else
            answer_datagrams(socket);
    }
}

void *peer_open()
{
    return new Loop;
}

void peer_watch(void *loop, int fd)
{
    check(loop_of(loop).poll.registry().register_handle(fd, mio::Token(1),
                                                        mio::Interest::readable | mio::Interest::level),
          "register");
}

long peer_look(void *loop)
{
    return static_cast<long>(take(loop_of(loop).poll.poll(loop_of(loop).events, std::chrono::nanoseconds(0)), "poll"));
}

void peer_register(void *loop, int fd)
{
    const mio::Registry registry = loop_of(loop).poll.registry();
    check(registry.register_handle(fd, mio::Token(1), mio::Interest::readable), "register");
    check(registry.deregister_handle(fd), "deregister");
}

void peer_wake(void *loop)
{
    check(loop_of(loop).waker.wake(), "wake");
}

void peer_wait_for_wake(void *loop)
{
    peer_require(take(loop_of(loop).poll.poll(loop_of(loop).events), "poll") == 1, "one event");
}

void peer_sleep(void *loop, int64_t nanoseconds)
{
    const std::chrono::nanoseconds time(nanoseconds);
    peer_require(take(loop_of(loop).poll.poll(loop_of(loop).events, time), "poll") == 0, "no event");
}

void peer_pass(void *loop, const int *pair, long count)
{
    Loop &l = loop_of(loop);
    auto sender = take(mio::UnixStream::from_handle(pair[0]), "from_handle");
    auto receiver = take(mio::UnixStream::from_handle(pair[1]), "from_handle");
    check(l.poll.registry().register_source(receiver, mio::Token(1), mio::Interest::readable), "register");
    for (long i = 0; i < count; i++) {
        char byte = 0;
        mio_handle handle = MIO_HANDLE_NONE;
        take(sender.send_with_handles(&byte, 1, pair, 1), "send_with_handles");
        peer_require(take(l.poll.poll(l.events), "poll") == 1, "one event");
        take(receiver.recv_with_handles(&byte, 1, &handle, 1), "recv_with_handles");
        peer_require(close(handle) == 0, "a descriptor");
    }
}

void peer_offload(void *loop, const int *pair, long count)
{
    static char bytes[PEER_SEGMENT_COUNT * PEER_SEGMENT];
    Loop &l = loop_of(loop);
    auto sender = take(mio::UdpSocket::from_handle(pair[0]), "from_handle");
    auto receiver = take(mio::UdpSocket::from_handle(pair[1]), "from_handle");
    const mio::WritePiece piece(bytes, sizeof bytes);
    mio::Ancillary ancillary;
    check(ancillary.set_segment_size(PEER_SEGMENT), "set_segment_size");
    check(receiver.set_gro(true), "set_gro");
    check(l.poll.registry().register_source(receiver, mio::Token(1), mio::Interest::readable), "register");
    for (long i = 0; i < count; i++) {
        take(sender.send_message(mio::UdpOutgoing(&piece, 1).set_ancillary(ancillary)), "send_message");
        peer_require(take(l.poll.poll(l.events), "poll") == 1, "one event");
        receive_segments(receiver, mio::ReadPiece(bytes, sizeof bytes));
    }
}
