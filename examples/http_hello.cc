// SPDX-License-Identifier: MIT
//
// An HTTP/1.1 server that answers GET and HEAD requests for / with "Hello, world". You can copy the whole program. It
// works as follows:
//
//  - http/request.hpp parses requests with the parser of Boost.Beast. http/connection.hpp answers the requests. A
//    client can send further requests before it has the answers.
//  - This file has the event loop. tcp_echo_server.cc is a smaller program with the same loop.
//  - A client that does not read its answers, or that sends requests without a pause, does not delay other clients.
//  - If a client takes longer than --timeout seconds to send a request and read the answer, the server disconnects the
//    client. A client that sends byte by byte gets no more time.
//  - The server allocates all memory at start-up. If a worker has --max-connections open connections, or if the process
//    has no free descriptor, further clients wait in the backlog. The server does not drop these clients, and does not
//    poll in a busy loop.
//  - --workers sets the number of threads. Each thread has its own poll object, connections and listener. All listeners
//    have the same port, and the system distributes new connections among the listeners.
//  - After SIGTERM or SIGINT, the server accepts the clients in the backlog, and closes its listeners and all idle
//    connections. Then it answers the requests that have begun to arrive, and ends.
#include "http/connection.hpp"
#include "http/options.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mio.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace {

using http_hello::Connection;
using http_hello::Options;

constexpr std::size_t event_capacity = 256;
constexpr int steps_per_turn = 32;
constexpr std::size_t accepts_per_turn = 64;
constexpr auto retry_time = std::chrono::milliseconds(100); // how long to wait after a failed accept

// The signal handler sets this variable. The handler can run in any thread. The type is int and not bool, because some
// processors have no lock-free atomic bytes.
std::atomic<int> stop_requested = 0;
static_assert(std::atomic<int>::is_always_lock_free);
std::vector<mio::Waker> stop_wakers; // one waker for each worker; request_stop() wakes all workers

extern "C" void request_stop(int)
{
    stop_requested = 1;
    for (const mio::Waker &waker : stop_wakers)
        static_cast<void>(waker.wake());
}

void report(const std::error_code &error, const char *what)
{
    std::fprintf(stderr, "http_hello: %s: %s\n", what, std::strerror(error.value()));
}

// ---- a worker ----

class Server {
public:
    Server(const Options &options, mio::TcpListener listener);
    void run();

private:
    void serve(Connection &connection);
    void serve_line();
    void connection_event(const mio::Event &event);
    void add_connection(mio::TcpStream stream);
    void remove_connection(Connection &connection);
    void close_late_ones();
    bool accept_one();
    void accept_clients(std::size_t most);
    void drain();
    mio::Clock::time_point wake_time() const;

    mio::Poll poll_;
    mio::Events events_{event_capacity};
    mio::TcpListener listener_;
    http_hello::Table table_;
    std::vector<mio::Token> line_; // the connections that wait for another turn
    std::vector<mio::Token> turn_; // the connections that serve_line() serves in this round
    http_hello::Date date_;
    mio::Clock::duration timeout_;
    mio::Clock::time_point now_ = mio::Clock::now(); // the current time, read once in each round
    bool can_accept_ = false;
    bool is_short_ = false;             // the last accept failed, for lack of descriptors or memory
    mio::Clock::time_point retry_at_{}; // the server accepts no client before this time
    bool draining_ = false;
};

Server::Server(const Options &options, mio::TcpListener listener)
    : poll_(mio::Poll::create().or_throw("cannot make a poll object, of MIO_BACKEND if set")),
      listener_(std::move(listener)), table_(options.max_connections), timeout_(options.timeout)
{
    line_.reserve(options.max_connections);
    turn_.reserve(options.max_connections);
    date_.update(); // the first call allocates memory to read the time zone, so call update() at start-up
    poll_.registry()
        .register_source(listener_, http_hello::listener_token, mio::Interest::readable)
        .or_throw("cannot watch the listener");
    stop_wakers.push_back(
        mio::Waker::create(poll_.registry(), http_hello::waker_token).or_throw("cannot make a waker"));
}

// ---- connections ----

// Reads requests of a connection and sends answers, until the connection must wait for an event or its turn is over.
void Server::serve(Connection &connection)
{
    mio::Result<std::size_t> moved = 1U;
    for (int steps = 0; steps < steps_per_turn && moved.value_or(0U) > 0; steps++)
        moved = connection.step(date_, draining_);
    if (connection.take_renewal()) table_.renew(connection, now_ + timeout_);
    if (moved.value_or(0U) > 0) {
        connection.waiting = true;
        line_.push_back(mio::Token{connection.token});
        return;
    }
    if (moved.would_block()) {
        if (draining_ && connection.is_idle()) remove_connection(connection);
        return;
    }
    const std::errc error = moved.errc();
    // The three errors below mean that the client has disconnected, so the server does not report them.
    if (error != std::errc() && error != std::errc::connection_reset && error != std::errc::broken_pipe &&
        error != std::errc::timed_out)
        report(moved.error(), "a connection failed");
    remove_connection(connection);
}

// Serves each connection in line_ for one turn.
void Server::serve_line()
{
    std::swap(line_, turn_);
    for (const mio::Token token : turn_) {
        Connection *connection = table_.find(token);
        if (connection == nullptr) continue;
        connection->waiting = false;
        serve(*connection);
    }
    turn_.clear();
}

void Server::connection_event(const mio::Event &event)
{
    Connection *connection = table_.find(event.token());
    if (connection == nullptr) return;
    connection->can_read |= event.is_readable();
    connection->can_write |= event.is_writable();
    if (!connection->waiting) serve(*connection);
}

void Server::add_connection(mio::TcpStream stream)
{
    Connection &connection = table_.add(std::move(stream), now_ + timeout_);
    const mio::Result<void> result = poll_.registry().register_source(
        connection.stream, mio::Token{connection.token}, mio::Interest::readable | mio::Interest::writable);
    if (!result) {
        report(result.error(), "cannot serve a connection");
        remove_connection(connection);
    }
}

void Server::remove_connection(Connection &connection)
{
    table_.remove(connection);
    retry_at_ = {}; // accepting may work again, because a descriptor is free
}

void Server::close_late_ones()
{
    while (!table_.open().empty() && table_.open().front().deadline <= now_)
        remove_connection(table_.open().front());
}

// ---- the listener ----

// Accepts one client. Returns whether the caller should accept again at once.
bool Server::accept_one()
{
    mio::Result<mio::Accepted> accepted = listener_.accept();
    if (accepted) {
        add_connection(std::move(accepted->stream));
        return true;
    }
    if (mio::accept_is_transient(accepted.errc())) return true; // only this connection has failed
    if (accepted.would_block()) {
        can_accept_ = false;
        is_short_ = false;
        return false;
    }
    // Accepting failed for lack of descriptors or memory. The client stays in the backlog, and no event will report it
    // again. So the server accepts again when a connection has ended, or after retry_time.
    if (!is_short_) report(accepted.error(), "cannot accept connections for now");
    is_short_ = true;
    retry_at_ = now_ + retry_time;
    return false;
}

void Server::accept_clients(std::size_t most)
{
    for (std::size_t i = 0; i < most; i++) {
        if (!can_accept_ || table_.is_full() || now_ < retry_at_ || !accept_one()) return;
    }
}

// ---- the loop ----

// Begins to stop the server. Accepts the clients in the backlog, and closes the listener. Then serves each connection,
// because its client may have sent bytes that no event has reported yet. If the connection is idle, serve() closes the
// connection.
void Server::drain()
{
    draining_ = true;
    can_accept_ = true;
    retry_at_ = {}; // no later call can accept the clients
    accept_clients(SIZE_MAX);
    listener_.close();
    auto next = table_.open().begin();
    while (next != table_.open().end()) {
        Connection &connection = *next++;
        connection.can_read = true;
        if (!connection.waiting) serve(connection);
    }
}

// Returns the deadline of the next wait. If a connection is in the queue for another turn, the deadline is in the past,
// so that the wait returns at once.
mio::Clock::time_point Server::wake_time() const
{
    if (!line_.empty()) return {};
    mio::Clock::time_point time = mio::Clock::time_point::max();
    if (!table_.open().empty()) time = table_.open().front().deadline;
    if (can_accept_ && !draining_ && !table_.is_full()) time = std::min(time, retry_at_);
    return time;
}

void Server::run()
{
    while (!draining_ || !table_.open().empty()) {
        const mio::Result<std::size_t> count = poll_.poll_until(events_, wake_time());
        if (count.errc() != std::errc::interrupted) count.or_throw("cannot wait for events");
        now_ = mio::Clock::now();
        date_.update();
        for (const mio::Event &event : events_) {
            if (event.token() == http_hello::listener_token)
                can_accept_ = true;
            else if (event.token() != http_hello::waker_token)
                connection_event(event);
        }
        serve_line();
        if (stop_requested != 0 && !draining_) drain();
        if (!draining_) accept_clients(accepts_per_turn);
        close_late_ones();
    }
}

// ---- the workers ----

// Opens a listener. `shared` is true if several listeners share the port. Each of these listeners must set
// SO_REUSEPORT.
mio::TcpListener listen(const mio::Addr &addr, bool shared)
{
    const std::string what = "cannot listen on " + addr.to_string();
    mio::TcpSocket socket = mio::TcpSocket::open(addr.family()).or_throw(what);
    socket.set_reuse_addr(true).or_throw(what);
    if (shared) socket.set_reuse_port(true).or_throw(what);
    socket.set_nodelay(true).or_throw(what); // accepted connections inherit this option
    socket.bind(addr).or_throw(what);
    return socket.listen().or_throw(what);
}

void on_signals(void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGTERM, &action, nullptr) < 0 || sigaction(SIGINT, &action, nullptr) < 0)
        throw std::system_error(errno, std::generic_category(), "cannot catch signals");
}

// Calls `body`, which runs a worker. If the worker throws, stores the exception in `failure` and stops all workers.
template <class Body>
void guard(std::exception_ptr &failure, Body body)
{
    try {
        body();
    } catch (...) {
        failure = std::current_exception();
        request_stop(0);
    }
}

void run(const Options &options, mio::Addr addr)
{
    std::vector<std::unique_ptr<Server>> servers;
    while (servers.size() < options.workers) {
        mio::TcpListener listener = listen(addr, options.workers > 1);
        addr = listener.local_addr().or_throw("cannot tell the address"); // replaces port 0 by the chosen port
        servers.push_back(std::make_unique<Server>(options, std::move(listener)));
    }
    std::signal(SIGPIPE, SIG_IGN); // standard error can be a pipe without a reader
    on_signals(request_stop);

    std::vector<std::exception_ptr> failures(servers.size());
    std::vector<std::thread> threads;
    guard(failures[0], [&] {
        for (std::size_t i = 1; i < servers.size(); i++)
            threads.emplace_back([&, i] { guard(failures[i], [&] { servers[i]->run(); }); });
        std::printf("listening on %s\n", addr.to_string().c_str());
        std::fflush(stdout);
        servers[0]->run();
    });
    for (std::thread &thread : threads)
        thread.join();

    on_signals(SIG_IGN); // so that request_stop() does not run while the next line frees the wakers
    stop_wakers.clear();
    for (const std::exception_ptr &failure : failures)
        if (failure) std::rethrow_exception(failure);
}

} // namespace

int main(int argc, char **argv)
{
    const Options options = http_hello::parse_options(argc, argv);
    const mio::Result<mio::Addr> addr = mio::Addr::parse_ip(options.address, options.port);
    if (!addr) {
        std::fprintf(stderr, "http_hello: not an IP address: %s\n", options.address);
        return 2;
    }
    try {
        run(options, *addr);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "http_hello: %s\n", error.what());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
