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
constexpr auto retry_time = 100ms;   // the pause when descriptors, memory or the manager's queue have run out
constexpr auto complaint_time = 10s; // the time between two reports that something has run out

// The token of a client is its address. The other tokens are lower than any address.
constexpr mio::Token stop_token{0};
constexpr mio::Token reload_token{1};
constexpr std::uintptr_t first_listener = 2;

} // namespace

// Limits messages about a lasting condition. Without a limit, each client would cause a message, and the log might fill
// the disk.
void Server::complain(const std::error_code &error, const char *what)
{
    if (now_ < complain_at_) return;
    complain_at_ = now_ + complaint_time;
    log_error(-error.value(), "%s", what);
}

// Frees the spare descriptor. The server calls this function before it opens the table, or a socket to notify the
// service manager. Without the spare descriptor, clients could use all descriptors. Then opening would fail, and the
// service manager would assume that the server is dead.
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
        complain(spare.error(), "cannot keep a spare descriptor"); // the next call tries again
}

// ---- the service manager; without a manager these functions do nothing ----

mio::Result<bool> Server::notify(const char *message)
{
    lend_spare();
    mio::Result<bool> sent = mio::Service::notify(message);
    take_back_spare();
    if (!sent) complain(sent.error(), "cannot notify the service manager");
    return sent;
}

// Sends `state` to the service manager. If the queue of the manager was full, returns the time to send the state again.
// Otherwise returns Time::max().
Server::Time Server::say(const char *state)
{
    const std::string message = std::string(state) + "=1\nSTATUS=" + std::to_string(table_.size()) + " entries, " +
                                std::to_string(waiting_.size() + busy_.size()) + " clients";
    return notify(message.c_str()).would_block() ? now_ + retry_time : Time::max();
}

// Sends READY=1. Without this message, the service manager treats a start or a reload as failed.
void Server::say_ready()
{
    ready_at_ = say("READY");
}

void Server::feed_watchdog()
{
    if (now_ < watchdog_at_) return;
    watchdog_at_ = std::min<Time>(now_ + watchdog_interval_, say("WATCHDOG"));
}

// Finds out how often to notify the service manager, and halves this interval.
void Server::find_watchdog()
{
    const mio::Result<std::chrono::nanoseconds> interval = mio::Service::watchdog();
    if (!interval) return complain(interval.error(), "cannot tell how often to notify the service manager");
    watchdog_interval_ = *interval / 2;
    if (*interval > 0ns) watchdog_at_ = now_;
}

// ---- clients ----

// Moves a client to the end of a list. All timeouts are equal, so the waiting clients are in the order of deadlines. A
// splice allocates nothing.
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
    accept_at_ = now_; // a descriptor is free again
}

// Gives a client a turn. The deadline of the client moves only if the client got an answer, or if its turn ended before
// its work was done.
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

// Gives one turn to each client that is busy when the function begins. Then the loop checks for events, so that no
// client waits long.
void Server::serve_busy()
{
    for (std::size_t left = busy_.size(); left > 0; left--)
        serve(busy_.front());
}

// Drops the clients whose deadline has passed. The first client in the list has the next deadline, so the server needs
// no timers and no search.
void Server::drop_late()
{
    while (!waiting_.empty() && waiting_.front().deadline <= now_)
        drop(waiting_.front());
}

// Registers a client once, edge-triggered, as readable and writable, because an unused interest costs nothing. The
// first event comes at once.
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
    // Sends each answer at once. The listener cannot pass on this option to a client that connected before the daemon
    // started.
    if (auto *tcp = std::get_if<mio::TcpStream>(&client.stream())) result = tcp->set_nodelay(true);
    if (result) result = std::visit(watch, client.stream());
    if (result) return;
    complain(result.error(), "cannot serve a client");
    drop(client);
}

// ---- listeners ----

// Returns the listener to accept from. The listeners take turns, so that the clients of one listener do not fill the
// table.
Listener *Server::next_listener()
{
    for (std::size_t i = 0; i < listeners_.size(); i++) {
        Listener &listener = listeners_[next_listener_++ % listeners_.size()];
        if (listener.can_accept) return &listener;
    }
    return nullptr;
}

// Accepts one client. If descriptors have run out, the server turns the client away instead of waiting for a free
// descriptor.
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
        complain(stream.error(), "cannot accept clients for now"); // no event reports the waiting clients
        accept_at_ = now_ + retry_time;
    }
}

// Accepts at most `limit` clients. While the table is full, clients wait in the backlog.
void Server::accept_clients(std::size_t limit)
{
    while (limit-- > 0 && !free_.empty() && now_ >= accept_at_) {
        Listener *listener = next_listener();
        if (listener == nullptr) return;
        accept_one(*listener);
    }
}

// ---- signals ----

// Reads the table again, in the thread of the loop. For the files of this program, reading takes milliseconds. If your
// file is larger, let a thread read the file and wake the loop at the end.
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
    now_ = mio::Clock::now(); // the reload does not shorten the deadlines of new clients
    say_ready();
}

// Accepts the clients in the backlog of each listener that ends with this process. Clients of an inherited listener
// wait for the next process. The service manager also holds inherited listeners, so closing them here would not end
// their events.
void Server::stop_listening()
{
    const auto ignore = [this](auto &socket) { return poll_.registry().deregister_source(socket); };
    for (Listener &listener : listeners_) {
        listener.file.remove();
        listener.can_accept = !listener.inherited;
        static_cast<void>(std::visit(ignore, listener.socket));
    }
    accept_clients(limits_.connections);
    listeners_.clear();
}

// Handles a stop signal: the server answers the last requests and then ends. After a second signal, the server ends at
// once.
void Server::stop()
{
    log_line(LOG_INFO, stopping_ ? "stopping at once" : "stopping");
    give_up_at_ = stopping_ ? now_ : now_ + limits_.drain;
    if (std::exchange(stopping_, true)) return;
    static_cast<void>(notify("STOPPING=1\nSTATUS=serving the last requests"));
    ready_at_ = Time::max();
    stop_listening();
    // Answers the requests that have arrived, and closes idle clients. If a client moves to the end of the list, the
    // loop does not visit the client again.
    auto next = waiting_.begin();
    for (std::size_t left = waiting_.size(); left > 0; left--) {
        Client &client = *next++;
        client.ready.add(mio::Interest::readable | mio::Interest::writable);
        serve(client);
    }
}

// Receives one signal of each kind per turn, so that a stream of signals cannot block the loop. The registration is
// level-triggered, so the next turn gets the next signal. Each kind has its own set, because from one set the system
// delivers the lowest signal number first.
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

// Returns the time when the loop must continue without an event.
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

// The order of the steps matters. Handling an event can remove the client of this event, but no other client. The
// server adds clients only after it has handled all events. So no event in the array is for a client that is gone. The
// server also handles signals and deadlines after all events.
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
