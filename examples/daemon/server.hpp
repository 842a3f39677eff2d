// SPDX-License-Identifier: MIT
// The server: one thread, one poll object, and the memory for all clients, taken at start-up.
#ifndef SERVER_HPP
#define SERVER_HPP

#include "client.hpp"

#include <chrono>
#include <string>
#include <vector>

struct Limits {
    std::size_t connections = 1000;
    std::chrono::seconds idle{300}; // that a client may take for a request and its answer
    std::chrono::seconds drain{20}; // and all of them together, when the server stops
};

class Server {
public:
    // These throw std::exception.
    explicit Server(const Limits &limits);
    ~Server() // the signals stay blocked: one that comes now must not make the end another one
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
    void say(const char *state);
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
    mio::Signals stop_signals_; // before all else: one that arrives before the loop runs waits for it
    mio::Signals reload_signals_;
    mio::Poll poll_;
    mio::AcceptReserve reserve_; // to turn clients away
    mio::AcceptReserve spare_;   // lent to the server itself
    std::vector<Listener> listeners_;
    std::size_t next_listener_ = 0; // whose turn it is to accept
    Client::List free_;             // places without a client
    Client::List waiting_;          // until an event comes, or their deadline, by which they are in order
    Client::List busy_;             // whose turn was over before their work was
    std::string table_path_;
    Table table_;
    Time now_ = mio::Clock::now(); // when the last wait ended
    Time accept_at_;               // not to accept before
    Time complain_at_;             // not to say again before that there is no room
    std::chrono::nanoseconds watchdog_interval_{};
    Time watchdog_at_ = Time::max(); // when to tell the service manager again that the loop runs
    bool stop_due_ = false;          // such a signal waits to be received
    bool reload_due_ = false;
    bool stopping_ = false;
    Time give_up_at_ = Time::max(); // when it is stopping
};

#endif // SERVER_HPP
