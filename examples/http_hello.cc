// SPDX-License-Identifier: MIT
//
// An HTTP/1.1 server that says "Hello, world" at /, to GET and HEAD. A complete program to copy:
//
//  - http/request.hpp reads requests with the parser of Boost.Beast, and http/connection.hpp answers the requests, even
//    if a client pipelines them. This file has the loop. tcp_echo_server.cc has the same loop in a smaller program.
//  - A client that does not read its answers, or never pauses, slows down only itself.
//  - A client has --timeout seconds to send each request and read its answer, even if the client sends slowly.
//  - The server allocates all memory at start-up. When the table is full, or the process has run out of descriptors,
//    clients wait in the backlog. The server does not drop these clients, and does not spin.
//  - Each of the --workers is a thread with its own poll object, table and listener, and shares nothing with the other
//    workers. The system distributes the connections among the listeners of the port.
//  - SIGTERM and SIGINT stop the server gracefully. The server closes the listener and the idle connections, and
//    answers the requests that have begun.
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
constexpr auto retry_time = std::chrono::milliseconds(100); // the pause when descriptors or memory have run out

// A signal handler in any thread sets this variable. The variable is a word, because not every processor has atomic
// bytes.
std::atomic<int> stop_requested = 0;
static_assert(std::atomic<int>::is_always_lock_free);
std::vector<mio::Waker> stop_wakers; // a waker for each worker; complete before the program installs the handler

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
    std::vector<mio::Token> line_; // the connections that get another turn
    std::vector<mio::Token> turn_; // the connections that have a turn now
    http_hello::Date date_;
    mio::Clock::duration timeout_;
    mio::Clock::time_point now_ = mio::Clock::now(); // the time, read once a round
    bool can_accept_ = false;
    bool is_short_ = false;             // accepting failed for lack of descriptors or memory
    mio::Clock::time_point retry_at_{}; // accept no client before this time
    bool draining_ = false;
};

Server::Server(const Options &options, mio::TcpListener listener)
    : poll_(mio::Poll::create().or_throw("cannot make a poll object, of MIO_BACKEND if set")),
      listener_(std::move(listener)), table_(options.max_connections), timeout_(options.timeout)
{
    line_.reserve(options.max_connections);
    turn_.reserve(options.max_connections);
    date_.update(); // the first call reads the time zone, and allocates memory for this
    poll_.registry()
        .register_source(listener_, http_hello::listener_token, mio::Interest::readable)
        .or_throw("cannot watch the listener");
    stop_wakers.push_back(
        mio::Waker::create(poll_.registry(), http_hello::waker_token).or_throw("cannot make a waker"));
}

// ---- connections ----

// Serves a connection until it must wait for an event, or its turn is over.
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
    // These three errors mean that the client has disconnected.
    if (error != std::errc() && error != std::errc::connection_reset && error != std::errc::broken_pipe &&
        error != std::errc::timed_out)
        report(moved.error(), "a connection failed");
    remove_connection(connection);
}

// Gives each connection in the queue one turn.
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
    connection->has_ended |= event.is_read_closed();
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
    retry_at_ = {}; // a descriptor is free again
}

void Server::close_late_ones()
{
    while (!table_.open().empty() && table_.open().front().deadline <= now_)
        remove_connection(table_.open().front());
}

// ---- the listener ----

// Returns whether the server should accept again at once.
bool Server::accept_one()
{
    mio::Result<mio::Accepted> accepted = listener_.accept();
    if (accepted) {
        add_connection(std::move(accepted->stream));
        return true;
    }
    if (mio::accept_is_transient(accepted.errc())) return true; // only this connection is lost
    if (accepted.would_block()) {
        can_accept_ = false;
        is_short_ = false;
        return false;
    }
    // The server lacks descriptors or memory. The client stays in the backlog, and no event reports this client. So try
    // again when a connection has ended, or a little later.
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

// Accepts the waiting clients for the last time. A client may have sent bytes although no event has reported them
// yet, so the function serves each client. serve() closes idle connections.
void Server::drain()
{
    draining_ = true;
    can_accept_ = true;
    accept_clients(SIZE_MAX);
    listener_.close();
    auto next = table_.open().begin();
    while (next != table_.open().end()) {
        Connection &connection = *next++;
        connection.can_read = true;
        if (!connection.waiting) serve(connection);
    }
}

// Returns the deadline of the next wait. If this round has left work, the deadline is now.
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

// Several listeners can share a port only if each listener sets MIO_OPTION_REUSE_PORT. A single listener does not set
// the option.
mio::TcpListener listen(const mio::Addr &addr, bool shared)
{
    const std::string what = "cannot listen on " + addr.to_string();
    mio::TcpSocket socket = mio::TcpSocket::open(addr.family()).or_throw(what);
    socket.set_reuse_addr(true).or_throw(what);
    if (shared) socket.set_reuse_port(true).or_throw(what);
    socket.set_nodelay(true).or_throw(what); // connections inherit this option, and send each answer at once
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

// The body of a worker thread. If a worker fails, it stops the other workers gracefully.
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
        addr = listener.local_addr().or_throw("cannot tell the address"); // replaces port 0 by the real port
        servers.push_back(std::make_unique<Server>(options, std::move(listener)));
    }
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

    on_signals(SIG_IGN); // the handler uses the wakers, and the program frees the wakers below
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
