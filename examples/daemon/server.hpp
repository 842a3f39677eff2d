// SPDX-License-Identifier: MIT
// The server of lookupd. It has one thread and one poll object, and allocates the memory for all clients at start-up.
#ifndef SERVER_HPP
#define SERVER_HPP

#include "client.hpp"

#include <chrono>
#include <string>
#include <vector>

struct Limits {
    std::size_t connections = 1000;
    std::chrono::seconds idle{300}; // how long a client may take for a request and its answer
    std::chrono::seconds drain{20}; // how long the server answers the last requests after a stop signal
};

class Server {
public:
    // Call listen, load and run in this order. On failure, the constructor, load and run throw a std::exception.
    explicit Server(const Limits &limits);
    ~Server() // the signals stay blocked, so that another signal cannot change the exit status
    {
        stop_signals_.release();
        reload_signals_.release();
    }
    void listen(std::vector<Listener> listeners) { listeners_ = std::move(listeners); }
    void load(const std::string &table_path);
    void run();

private:
    using Time = mio::Clock::time_point;

    void complain(const std::error_code &error, const char *what);
    void lend_spare();
    void take_back_spare();
    mio::Result<bool> notify(const char *message);
    Time say(const char *state);
    void say_ready();
    void feed_watchdog();
    void find_watchdog();

    void move(Client &client, Client::List &list);
    void drop(Client &client);
    void serve(Client &client);
    void serve_busy();
    void drop_late();
    void add_client(Stream stream);

    Listener *next_listener();
    void accept_one(Listener &listener);
    void accept_clients(std::size_t limit);

    void reload();
    void stop();
    void stop_listening();
    void take_signals();

    void take_event(const mio::Event &event);
    bool has_ended() const;
    Time next_deadline() const;

    Limits limits_;
    mio::Signals stop_signals_; // opened first, so that an early signal stays pending until the loop runs
    mio::Signals reload_signals_;
    mio::Poll poll_;
    mio::AcceptReserve reserve_; // lets the server accept and close a connection when descriptors have run out
    mio::AcceptReserve spare_;   // closed while the server itself needs a descriptor
    std::vector<Listener> listeners_;
    std::size_t next_listener_ = 0; // index of the next listener to accept from, modulo the number of listeners
    Client::List free_;             // Client objects that are not in use
    Client::List waiting_;          // clients that wait for an event, ordered by deadline
    Client::List busy_;             // clients whose last turn ended before their work was done
    std::string table_path_;
    Table table_;
    Time now_ = mio::Clock::now(); // the time when the last wait or reload ended; counts as the current time
    Time accept_at_;               // the server accepts no client before this time
    Time complain_at_;             // complain() logs no error before this time
    std::chrono::nanoseconds watchdog_interval_{};
    Time watchdog_at_ = Time::max(); // when the server must next notify the watchdog
    Time ready_at_ = Time::max();    // when to send READY=1 again, if the manager's socket buffer was full
    bool stop_due_ = false;          // an event has reported a stop signal
    bool reload_due_ = false;
    bool stopping_ = false;
    Time give_up_at_ = Time::max(); // when a stopping server drops its last clients
};

#endif // SERVER_HPP
