// SPDX-License-Identifier: MIT
#include "server.hpp"
#include "log.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace {

using namespace std::chrono_literals;

constexpr std::size_t event_capacity = 256;
constexpr std::size_t accepts_per_turn = 64;
constexpr auto retry_time = 100ms;   // how long to wait after an error before the next attempt
constexpr auto complaint_time = 10s; // minimal time between two messages of complain()

// The token of a client is the address of its Client object. All other tokens are smaller than any address.
constexpr mio::Token stop_token{0};
constexpr mio::Token reload_token{1};
constexpr std::uintptr_t first_listener = 2;

} // namespace

// Logs at most one error in ten seconds. While no descriptor is free, each new client can cause an error. Without the
// limit, the log might then fill the disk.
void Server::complain(const std::error_code &error, const char *what)
{
    if (now_ < complain_at_) return;
    complain_at_ = now_ + complaint_time;
    log_error(-error.value(), "%s", what);
}

// Closes the spare descriptor, so that the server can open a file or a socket even if clients use all other
// descriptors. The server calls this function before it opens the table, and before it notifies the service manager. A
// notification needs a new socket. Without notifications, the service manager would assume that the server is dead.
void Server::lend_spare()
{
    spare_.close();
}

void Server::take_back_spare()
{
    mio::Result<mio::AcceptReserve> spare = mio::AcceptReserve::open();
    if (spare)
        spare_ = std::move(*spare);
    else
        complain(spare.error(), "cannot keep a spare descriptor"); // the next call of this function tries again
}

// ---- messages to the service manager ----

// If no service manager started the program, the functions of this section do nothing.

mio::Result<bool> Server::notify(const char *message)
{
    lend_spare();
    mio::Result<bool> sent = mio::Service::notify(message);
    take_back_spare();
    if (!sent) complain(sent.error(), "cannot notify the service manager");
    return sent;
}

// Sends `state` to the service manager. If the manager's socket buffer is full, returns the time when the caller should
// send the state again. Otherwise returns Time::max().
Server::Time Server::say(const char *state)
{
    const std::string message = std::string(state) + "=1\nSTATUS=" + std::to_string(table_.size()) + " entries, " +
                                std::to_string(waiting_.size() + busy_.size()) + " clients";
    return notify(message.c_str()).would_block() ? now_ + retry_time : Time::max();
}

// Sends READY=1, which tells the service manager that the start or the reload is complete. Without this message, the
// manager treats the start or the reload as failed.
void Server::say_ready()
{
    ready_at_ = say("READY");
}

void Server::feed_watchdog()
{
    if (now_ < watchdog_at_) return;
    watchdog_at_ = std::min<Time>(now_ + watchdog_interval_, say("WATCHDOG"));
}

// Gets the interval of the service manager's watchdog. The watchdog expects a message in each interval, and the server
// sends two.
void Server::find_watchdog()
{
    const mio::Result<std::chrono::nanoseconds> interval = mio::Service::watchdog();
    if (!interval) return complain(interval.error(), "cannot tell how often to notify the service manager");
    watchdog_interval_ = *interval / 2;
    if (*interval > 0ns) watchdog_at_ = now_;
}

// ---- clients ----

// Moves a client to the end of `list`, and gives the client a new deadline. All clients have the same timeout, so the
// list of waiting clients is ordered by deadline. splice allocates no memory.
void Server::move(Client &client, Client::List &list)
{
    list.splice(list.end(), *client.list, client.self);
    client.list = &list;
    client.deadline = now_ + limits_.idle;
}

void Server::drop(Client &client)
{
    client.close();
    move(client, free_);
    accept_at_ = now_; // accepting may work again, because a descriptor is free
}

// Serves a client for one turn, and then puts the client into the list of its new state, with a new deadline. But if
// the client was waiting and must wait again, the deadline changes only if the server has sent all answers to the
// client in this turn.
void Server::serve(Client &client)
{
    const mio::Result<std::size_t> served = client.serve(table_);
    const bool answered = client.was_answered();
    if (served.value_or(0U) > 0)
        move(client, busy_);
    else if (!served.would_block() || (stopping_ && client.is_idle()))
        drop(client);
    else if (answered || client.list == &busy_)
        move(client, waiting_);
}

// Serves each busy client for one turn. If a client is still busy after its turn, its next turn comes in the next round
// of the loop. So the loop can handle new events first.
void Server::serve_busy()
{
    for (std::size_t left = busy_.size(); left > 0; left--)
        serve(busy_.front());
}

// Drops the waiting clients whose deadline has passed. The list of waiting clients is ordered by deadline, so the
// server needs no timer for each client.
void Server::drop_late()
{
    while (!waiting_.empty() && waiting_.front().deadline <= now_)
        drop(waiting_.front());
}

// Adds a client, and registers its socket for edge-triggered events, readable and writable. The server never changes
// this interest. Events are edge-triggered, so a socket that stays writable causes no further events. The first event
// of the socket arrives at once.
void Server::add_client(Stream stream)
{
    Client &client = free_.front();
    client.open(std::move(stream));
    move(client, waiting_);
    const auto watch = [&](auto &socket) {
        const mio::Token token{reinterpret_cast<std::uintptr_t>(&client)};
        return poll_.registry().register_source(socket, token, mio::Interest::readable | mio::Interest::writable);
    };
    mio::Result<void> result;
    // Sets TCP_NODELAY, so that the system sends each answer at once. Setting the option on the listener is not enough:
    // the service manager listens before the daemon starts, so some clients connect before the daemon can set the
    // option.
    if (auto *tcp = std::get_if<mio::TcpStream>(&client.stream())) result = tcp->set_nodelay(true);
    if (result) result = std::visit(watch, client.stream());
    if (result) return;
    complain(result.error(), "cannot serve a client");
    drop(client);
}

// ---- listeners ----

// Returns the next listener whose backlog can contain a client, or null. The function takes the listeners in turn, so
// that the clients of one listener cannot use up the limit of connections.
Listener *Server::next_listener()
{
    for (std::size_t i = 0; i < listeners_.size(); i++) {
        Listener &listener = listeners_[next_listener_++ % listeners_.size()];
        if (listener.can_accept) return &listener;
    }
    return nullptr;
}

// Accepts one client. If the process has no free descriptor, the server closes the new connection at once, so that the
// client does not wait.
void Server::accept_one(Listener &listener)
{
    mio::Result<Stream> stream = listener.accept(reserve_);
    if (stream) {
        add_client(std::move(*stream));
    } else if (stream.would_block()) {
        listener.can_accept = false;
    } else if (stream.errc() == mio::connection_shed) {
        complain(std::make_error_code(std::errc::too_many_files_open), "a client was turned away");
    } else if (!mio::accept_is_transient(stream.errc())) {
        complain(stream.error(), "cannot accept clients for now"); // no event will report the waiting clients again
        accept_at_ = now_ + retry_time;
    }
}

// Tries at most `limit` times to accept a client. While the maximal number of clients is connected, further clients
// wait in the backlog.
void Server::accept_clients(std::size_t limit)
{
    while (limit-- > 0 && !free_.empty() && now_ >= accept_at_) {
        Listener *listener = next_listener();
        if (listener == nullptr) return;
        accept_one(*listener);
    }
}

// ---- signals ----

// Reads the table again. Meanwhile the server serves no client. This is acceptable, because reading a typical table
// takes milliseconds. For a very large table, use a second thread, which reads the file and then wakes the loop.
void Server::reload()
{
    lend_spare();
    const mio::Result<bool> sent = mio::Service::notify_reloading();
    if (!sent) complain(sent.error(), "cannot notify the service manager");
    try {
        table_ = Table(table_path_);
        log_line(LOG_INFO, "reloaded: %zu entries", table_.size());
    } catch (const std::exception &error) {
        log_line(LOG_ERR, "%s", error.what());
        log_line(LOG_WARNING, "the table is unchanged: %zu entries", table_.size());
    }
    take_back_spare();
    now_ = mio::Clock::now(); // so that the time of the reload does not shorten the deadlines of new clients
    say_ready();
}

// Stops listening. If this process opened a listener, closing the listener drops the clients in its backlog. So the
// function first accepts these clients. The service manager keeps each inherited listener open, so the next process
// accepts the clients of this listener. Closing an inherited listener does not end its events, so the function
// deregisters all listeners. No later call can accept the clients, so the function does not wait for `accept_at_`. The
// last attempt on each listener only finds that no client is left.
void Server::stop_listening()
{
    const auto ignore = [this](auto &socket) { return poll_.registry().deregister_source(socket); };
    for (Listener &listener : listeners_) {
        listener.file.remove();
        listener.can_accept = !listener.inherited;
        static_cast<void>(std::visit(ignore, listener.socket));
    }
    accept_at_ = now_;
    accept_clients(limits_.connections + listeners_.size());
    listeners_.clear();
}

// Handles SIGTERM or SIGINT. After the first signal, the server answers the requests that have arrived, and then ends.
// After a second signal, the server ends at once.
void Server::stop()
{
    log_line(LOG_INFO, stopping_ ? "stopping at once" : "stopping");
    give_up_at_ = stopping_ ? now_ : now_ + limits_.drain;
    if (std::exchange(stopping_, true)) return;
    static_cast<void>(notify("STOPPING=1\nSTATUS=serving the last requests"));
    ready_at_ = Time::max();
    stop_listening();
    // Answers the requests that have arrived, and drops idle clients. serve() can move a client to the end of
    // `waiting_`. The loop makes only as many turns as the list has clients now, so it serves no client twice.
    auto next = waiting_.begin();
    for (std::size_t left = waiting_.size(); left > 0; left--) {
        Client &client = *next++;
        client.ready.add(mio::Interest::readable | mio::Interest::writable);
        serve(client);
    }
}

// In each round of the loop, handles at most one stop signal and one reload signal. A long series of signals therefore
// does not block the loop. The signals are registered level-triggered, so an event reports the next signal in the next
// round. Stop signals and reload signals have separate sets. From a single set, the system would deliver SIGHUP first,
// because SIGHUP has the lowest number. Then many SIGHUPs could delay a stop.
void Server::take_signals()
{
    if (stop_due_ && stop_signals_.recv()) stop();
    if (reload_due_ && reload_signals_.recv() && !stopping_) reload();
    stop_due_ = reload_due_ = false;
}

// ---- the loop ----

void Server::take_event(const mio::Event &event)
{
    const std::uintptr_t token = mio::to_integer(event.token());
    if (event.token() == stop_token) {
        stop_due_ = true;
    } else if (event.token() == reload_token) {
        reload_due_ = true;
    } else if (token < first_listener + listeners_.size()) {
        listeners_[token - first_listener].can_accept = true;
    } else {
        Client &client = *reinterpret_cast<Client *>(token);
        client.ready.add(event);
        if (client.list == &waiting_) serve(client);
    }
}

bool Server::has_ended() const
{
    return stopping_ && (now_ >= give_up_at_ || (waiting_.empty() && busy_.empty()));
}

// Returns the time until which the loop waits if no event arrives.
Server::Time Server::next_deadline() const
{
    if (!busy_.empty()) return now_;
    Time deadline = std::min({watchdog_at_, ready_at_, give_up_at_});
    if (!waiting_.empty()) deadline = std::min(deadline, waiting_.front().deadline);
    const auto can_accept = [](const Listener &listener) { return listener.can_accept; };
    if (!free_.empty() && std::any_of(listeners_.begin(), listeners_.end(), can_accept))
        deadline = std::min(deadline, accept_at_);
    return deadline;
}

// Runs the event loop. The order of the steps in each round matters. The server first handles all events of a wait.
// While the server handles an event, it can remove only the client of this event. Then the server handles deadlines and
// signals, which can remove any client. At the end, the server accepts new clients. So the client of an event always
// exists when the server handles the event.
void Server::run()
{
    const mio::Registry registry = poll_.registry();
    const mio::Interest level = mio::Interest::readable | mio::Interest::level;
    registry.register_source(stop_signals_, stop_token, level).or_throw("cannot watch for signals");
    registry.register_source(reload_signals_, reload_token, level).or_throw("cannot watch for signals");
    for (std::size_t i = 0; i < listeners_.size(); i++) {
        const auto watch = [&](auto &socket) {
            return registry.register_source(socket, mio::Token{first_listener + i}, mio::Interest::readable);
        };
        std::visit(watch, listeners_[i].socket).or_throw("cannot watch the listeners");
    }
    now_ = mio::Clock::now();
    find_watchdog();
    say_ready();
    mio::Events events(event_capacity);
    while (!has_ended()) {
        const mio::Result<std::size_t> count = poll_.poll_until(events, next_deadline());
        if (count.errc() != std::errc::interrupted) count.or_throw("cannot wait for events");
        now_ = mio::Clock::now();
        for (const mio::Event &event : events)
            take_event(event);
        serve_busy();
        drop_late();
        take_signals();
        accept_clients(accepts_per_turn);
        feed_watchdog();
        if (now_ >= ready_at_) say_ready();
    }
    const std::size_t left = waiting_.size() + busy_.size();
    if (left > 0) log_line(LOG_NOTICE, "gave up %zu clients", left);
}

// ---- the start ----

Server::Server(const Limits &limits)
    : limits_(limits), stop_signals_(mio::Signals::open({SIGTERM, SIGINT}).or_throw("cannot start")),
      reload_signals_(mio::Signals::open({SIGHUP}).or_throw("cannot start")),
      poll_(mio::Poll::create().or_throw("cannot make a poll object, of MIO_BACKEND if set")),
      reserve_(mio::AcceptReserve::open().or_throw("cannot start")),
      spare_(mio::AcceptReserve::open().or_throw("cannot start")), free_(limits.connections)
{
    for (auto client = free_.begin(); client != free_.end(); ++client) {
        client->list = &free_;
        client->self = client;
    }
}

void Server::load(const std::string &table_path)
{
    table_path_ = table_path;
    table_ = Table(table_path_);
}
