// SPDX-License-Identifier: MIT
// libmio by its C++ header.
#include "peer.h"

#include <cerrno>
#include <memory>
#include <mio.hpp>
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
    char buffer[PEER_BUFFER_SIZE];
};

template <class Stream>
void serve(Connection<Stream> *connection)
{
    const mio::Result<std::size_t> length = connection->stream.read(connection->buffer, sizeof connection->buffer);
    if (length.value_or(0U) > 0) {
        peer_require(connection->stream.write(connection->buffer, *length).value_or(0U) == *length, "write");
    } else if (!length.would_block()) {
        delete connection;
    }
}

template <class Stream, class Listener>
void accept_all(const mio::Registry &registry, Listener &listener)
{
    for (;;) {
        auto accepted = listener.accept();
        if (accepted.would_block()) return;
        auto connection = std::make_unique<Connection<Stream>>();
        connection->stream = std::move(take(std::move(accepted), "accept").stream);
        check(registry.register_source(connection->stream,
                                       mio::Token(reinterpret_cast<std::uintptr_t>(connection.get())),
                                       mio::Interest::readable),
              "register");
        connection.release();
    }
}

template <class Stream, class Listener>
void echo(Listener listener)
{
    mio::Poll poll = take(mio::Poll::create(), "poll");
    mio::Events events(event_capacity);
    check(poll.registry().register_source(listener, mio::Token(0), mio::Interest::readable), "register");
    for (;;) {
        if (!poll.poll(events).has_value()) continue;
        for (const mio::Event &event : events) {
            if (event.token() == mio::Token(0))
                accept_all<Stream>(poll.registry(), listener);
            else
                serve(reinterpret_cast<Connection<Stream> *>(mio::to_integer(event.token())));
        }
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

} // namespace

void peer_echo(int handle)
{
    auto tcp = mio::TcpListener::from_handle(handle);
    if (tcp.has_value())
        echo<mio::TcpStream>(std::move(*tcp));
    else
        echo<mio::UnixStream>(take(mio::UnixListener::from_handle(handle), "from_handle"));
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
