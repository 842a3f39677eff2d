// SPDX-License-Identifier: MIT
//
// An HTTP/1.1 server that says "Hello, world" at /, to GET and HEAD. A complete program, made to be copied:
//
//  - http/request.hpp understands requests, with the parser of Boost.Beast; http/connection.hpp answers
//    them, pipelined ones as well. Here is the loop. tcp_echo_server.cc has the same loop with less around it.
//  - A client that does not take its answers, or is busy without a pause, slows itself down and nobody else.
//  - A client has --timeout seconds for each request and for taking its answer, however it spreads its bytes over them.
//  - All memory is taken at start-up. When the table is full, or the process out of descriptors, clients wait in the
//    backlog; the server neither drops them nor spins.
//  - --workers: each is a thread with a poll object, a table and a listener of its own, and shares nothing with the
//    others. The system spreads the connections over the listeners of the port.
//  - SIGTERM and SIGINT end it gracefully: the listener goes, then connections that rest between two requests; the
//    others get the answer to the request that they have begun.
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
constexpr auto retry_time = std::chrono::milliseconds(100); // when to accept again after the system has run out

// Set by a signal handler, in any thread. A word, as not every processor has atomic bytes.
std::atomic<int> stop_requested = 0;
static_assert(std::atomic<int>::is_always_lock_free);
std::vector<mio::Waker> stop_wakers; // of each worker; complete before there is a handler

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
    std::vector<mio::Token> line_; // who is to have another turn
    std::vector<mio::Token> turn_; // and who has it now
    http_hello::Date date_;
    mio::Clock::duration timeout_;
    mio::Clock::time_point now_ = mio::Clock::now(); // read once a round
    bool can_accept_ = false;
    bool is_short_ = false;             // accepting failed for want of descriptors or memory
    mio::Clock::time_point retry_at_{}; // not to accept before
    bool draining_ = false;
};

Server::Server(const Options &options, mio::TcpListener listener)
    : poll_(mio::Poll::create().or_throw("cannot make a poll object")), listener_(std::move(listener)),
      table_(options.max_connections), timeout_(options.timeout)
{
    line_.reserve(options.max_connections);
    turn_.reserve(options.max_connections);
    date_.update(); // which reads the time zone, and takes memory for it, the first time
    poll_.registry()
        .register_source(listener_, http_hello::listener_token, mio::Interest::readable)
        .or_throw("cannot watch the listener");
    stop_wakers.push_back(
        mio::Waker::create(poll_.registry(), http_hello::waker_token).or_throw("cannot make a waker"));
}

// ---- connections ----

// Serves a connection until nothing more can be done now, or its turn is over.
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
    // The three are how clients go away.
    if (error != std::errc() && error != std::errc::connection_reset && error != std::errc::broken_pipe &&
        error != std::errc::timed_out)
        report(moved.error(), "a connection failed");
    remove_connection(connection);
}

// Gives everyone in the line one turn.
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
    retry_at_ = {}; // a descriptor has become free
}

void Server::close_late_ones()
{
    while (!table_.open().empty() && table_.open().front().deadline <= now_)
        remove_connection(table_.open().front());
}

// ---- the listener ----

// Whether accepting may go on at once.
bool Server::accept_one()
{
    mio::Result<mio::Accepted> accepted = listener_.accept();
    if (accepted) {
        add_connection(std::move(accepted->stream));
        return true;
    }
    if (mio::accept_is_transient(accepted.errc())) return true; // that one has gone before it could be accepted
    if (accepted.would_block()) {
        can_accept_ = false;
        is_short_ = false;
        return false;
    }
    // Out of descriptors or memory. The client keeps its place in the backlog, and no event will come for it: look
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

// Accepts the clients that wait already, and no more. A connection may have sent bytes whose event has not come yet, so
// this serves each one; serve() closes those that rest.
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

// When the next wait is to end, if there is no event: at once when there is work left over from this round.
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

// Several listeners share a port that has been asked for by all of them; a single one has it for itself.
mio::TcpListener listen(const mio::Addr &addr, bool shared)
{
    const std::string what = "cannot listen on " + addr.to_string();
    mio::TcpSocket socket = mio::TcpSocket::open(addr.family()).or_throw(what);
    socket.set_reuse_addr(true).or_throw(what);
    if (shared) socket.set_reuse_port(true).or_throw(what);
    socket.set_nodelay(true).or_throw(what); // connections inherit it: an answer need not wait for another
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

// Does what a thread is for. One that fails takes the others along, gracefully.
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
        addr = listener.local_addr().or_throw("cannot tell the address"); // port 0 has become a real one
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

    on_signals(SIG_IGN); // before the wakers go, which the handler uses
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
