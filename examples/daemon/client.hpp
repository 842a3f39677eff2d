// SPDX-License-Identifier: MIT
// A client: its connection, its requests, and the answers that must still be sent.
#ifndef CLIENT_HPP
#define CLIENT_HPP

#include "listeners.hpp"
#include "protocol.hpp"

#include <list>

class Client {
public:
    using List = std::list<Client>;

    // The list that contains the client, and the client's position in that list. At any time, each client is in exactly
    // one list of the server.
    List *list = nullptr;
    List::iterator self;
    mio::Clock::time_point deadline; // when the server closes the connection of a waiting client

    void open(Stream stream);
    void close();
    Stream &stream() { return stream_; }

    mio::Readiness ready;

    // Reads requests and sends answers until the client must wait for an event, or until the client's turn is over.
    // Returns a number above 0 if the turn is over, and 0 if the connection has ended. If the client must wait for an
    // event, would_block() of the result is true.
    mio::Result<std::size_t> serve(const Table &table);

    // Returns whether the client is idle: all its requests are answered, all answers are sent, and no part of another
    // request has arrived.
    bool is_idle() const { return requests_.is_empty() && answers_.is_empty(); }

    // Returns the flag answered_, and clears it. send_answers() sets the flag when it has sent all answers.
    bool was_answered() { return std::exchange(answered_, false); }

private:
    mio::Result<std::size_t> step(const Table &table);
    bool answer_requests(const Table &table);
    mio::Result<std::size_t> send_answers();
    mio::Result<std::size_t> read();

    Stream stream_;
    bool answered_ = false;
    bool ending_ = false;       // the server answers no more requests
    std::size_t discarded_ = 0; // number of bytes that the server discarded after the last answer
    protocol::Requests requests_;
    protocol::Answers answers_;
};

#endif // CLIENT_HPP
