// SPDX-License-Identifier: MIT
//
// The class Connection reads HTTP requests and sends answers. The class Table contains all connections.
#ifndef HTTP_CONNECTION_HPP
#define HTTP_CONNECTION_HPP

#include "request.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <iterator>
#include <list>
#include <mio.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace http_hello {

constexpr std::size_t output_size = 4096;
constexpr std::size_t max_answer = 512;                          // the longest answer, including a "100 Continue"
constexpr std::size_t max_linger = std::size_t{4} * 1024 * 1024; // maximal number of bytes to discard before closing

// Stores the text of the header field Date. update() writes the text again if a new second has begun.
class Date {
public:
    void update()
    {
        const std::time_t now = std::time(nullptr);
        if (now == second_) return;
        second_ = now;
        std::tm utc = {};
        gmtime_r(&now, &utc);
        length_ = std::strftime(text_, sizeof text_, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    }
    std::string_view text() const { return {text_, length_}; }

private:
    std::time_t second_ = -1;
    std::size_t length_ = 0;
    char text_[32];
};

inline std::string_view status_text(int status)
{
    switch (status) {
    case 200:
        return "200 OK";
    case 404:
        return "404 Not Found";
    case 405:
        return "405 Method Not Allowed\r\nAllow: GET, HEAD"; // a 405 answer must have the field Allow
    case 413:
        return "413 Content Too Large";
    case 417:
        return "417 Expectation Failed";
    case 431:
        return "431 Request Header Fields Too Large";
    case 501:
        return "501 Not Implemented";
    default:
        return "400 Bad Request";
    }
}

class Connection {
public:
    Connection() {} // leaves the buffers uninitialised

    mio::TcpStream stream;
    std::uintptr_t token = 0;
    mio::Clock::time_point deadline; // when the server closes the connection; each answer renews the deadline
    bool waiting = false;            // whether the connection is in the queue for another turn
    bool can_read = false;           // false after EAGAIN
    bool can_write = false;

    void open(mio::TcpStream accepted)
    {
        stream = std::move(accepted);
        waiting = can_read = can_write = false;
        has_answered_ = is_renewed_ = is_closing_ = is_silent_ = is_lingering_ = false;
        lingered_ = 0;
        in_begin_ = in_end_ = out_begin_ = out_end_ = 0;
        request_ = Request();
    }

    mio::Result<std::size_t> step(const Date &date, bool is_last);

    // Returns whether the connection is idle: the server has answered at least one request, has sent all answers, and
    // has received no part of another request. So a new connection is not idle.
    bool is_idle() const
    {
        return has_answered_ && !is_closing_ && request_.is_empty() && in_begin_ == in_end_ && out_begin_ == out_end_;
    }

    // Returns whether the server has answered a request since the previous call of this function.
    bool take_renewal() { return std::exchange(is_renewed_, false); }

private:
    void append(std::string_view text)
    {
        std::memcpy(output_ + out_end_, text.data(), text.size());
        out_end_ += text.size();
    }
    void answer(const Date &date);
    void take_requests(const Date &date, bool is_last);
    mio::Result<std::size_t> send();
    mio::Result<std::size_t> recv();

    bool has_answered_ = false;
    bool is_renewed_ = false;
    bool is_closing_ = false;   // the server answers no more requests
    bool is_silent_ = false;    // the client has announced that it sends no more requests
    bool is_lingering_ = false; // the server has sent all answers, and waits until the client closes its end
    std::size_t lingered_ = 0;
    std::size_t in_begin_ = 0; // input_[in_begin_..in_end_) is not parsed yet
    std::size_t in_end_ = 0;
    std::size_t out_begin_ = 0; // output_[out_begin_..out_end_) must still be sent
    std::size_t out_end_ = 0;
    Request request_;
    char input_[max_header];
    char output_[output_size];
};

inline void Connection::answer(const Date &date)
{
    const std::string_view status = status_text(request_.status());
    const std::string_view body = request_.status() == 200 ? "Hello, world" : status.substr(0, status.find('\r'));
    char length[8];
    const char *length_end = std::to_chars(std::begin(length), std::end(length), body.size() + 1).ptr;

    append("HTTP/1.1 ");
    append(status);
    append("\r\nDate: ");
    append(date.text());
    append("\r\nContent-Type: text/plain\r\nContent-Length: ");
    append({length, static_cast<std::size_t>(length_end - length)});
    if (is_closing_)
        append("\r\nConnection: close");
    else if (request_.is_http_1_0())
        append("\r\nConnection: keep-alive");
    append("\r\n\r\n");
    if (request_.is_head()) return;
    append(body);
    append("\n");
}

// Parses the bytes in input_, and appends an answer to output_ for each complete request. So one call of send() can
// send the answers to several requests. Stops when output_ has no space for another answer.
inline void Connection::take_requests(const Date &date, bool is_last)
{
    while (!is_closing_ && in_begin_ < in_end_ && output_size - out_end_ >= max_answer) {
        const std::size_t used = request_.take(input_ + in_begin_, in_end_ - in_begin_);
        in_begin_ += used;
        if (request_.take_wait()) append("HTTP/1.1 100 Continue\r\n\r\n");
        if (used == 0 && !request_.is_over()) return;
        if (!request_.is_over()) continue;
        is_closing_ = is_last || !request_.keeps_alive();
        is_silent_ = request_.is_last();
        answer(date);
        request_ = Request();
        has_answered_ = is_renewed_ = true;
    }
}

inline mio::Result<std::size_t> Connection::send()
{
    if (!can_write) return std::errc::resource_unavailable_try_again;
    mio::Result<std::size_t> length = stream.write(output_ + out_begin_, out_end_ - out_begin_);
    can_write = !length.would_block();
    out_begin_ += length.value_or(0U);
    if (out_begin_ == out_end_) out_begin_ = out_end_ = 0;
    return length;
}

inline mio::Result<std::size_t> Connection::recv()
{
    if (!can_read) return std::errc::resource_unavailable_try_again;
    std::memmove(input_, input_ + in_begin_, in_end_ - in_begin_);
    in_end_ -= std::exchange(in_begin_, 0);
    mio::Result<std::size_t> length = stream.read(input_ + in_end_, max_header - in_end_);
    // After a short count, more bytes may be there: a read stops at the mark of out-of-band data, and any client can
    // send such data. So the server reads until EAGAIN.
    can_read = !length.would_block();
    in_end_ += length.value_or(0U);
    return length;
}

// Sends or reads once: sends the finished answers, or reads more requests if there are no answers. If is_last is true,
// the connection closes after the answer to the next request. Returns the number of bytes sent or read, or 0 if the
// caller must close the connection. If would_block() of the result is true, the caller must wait for the next event.
//
// A system resets a connection if a program closes the socket while bytes are unread. After a reset, the client's
// system drops the bytes that the client has not read yet. So if the server closes the socket while the client sends,
// the client can lose the last answer. To prevent this, the server first shuts down its sending side. Then the server
// discards bytes until the client closes its end, or until the server has discarded more than max_linger bytes.
inline mio::Result<std::size_t> Connection::step(const Date &date, bool is_last)
{
    take_requests(date, is_last);
    if (out_begin_ < out_end_) return send();
    if (!is_closing_) return recv();
    if (is_silent_ && in_begin_ == in_end_) return 0U;

    if (!std::exchange(is_lingering_, true)) {
        // If shutdown() fails, the connection has already ended, and recv() below returns the error.
        static_cast<void>(stream.shutdown(mio::Shutdown::write));
    }
    in_begin_ = in_end_ = 0;
    if (lingered_ > max_linger) return 0U;
    mio::Result<std::size_t> length = recv();
    lingered_ += length.value_or(0U);
    return length;
}

// The low bits of a connection's token are the index of the connection in Table::slots_, plus first_token. The high
// bits are a generation, which changes when a connection closes. So an event of a closed connection does not match a
// new connection in the same slot.
constexpr mio::Token listener_token{0};
constexpr mio::Token waker_token{1};
constexpr std::uintptr_t first_token = 2;
constexpr int slot_bits = 20;
constexpr std::uintptr_t slot_mask = (std::uintptr_t{1} << slot_bits) - 1;
constexpr unsigned long max_connections_limit = slot_mask + 1 - first_token;

// All Connection objects, in two lists: the open connections, and the objects that are not in use. splice moves an
// object between the lists in constant time, and allocates no memory.
class Table {
public:
    explicit Table(std::size_t size) : free_(size)
    {
        slots_.reserve(size);
        for (auto place = free_.begin(); place != free_.end(); ++place) {
            place->token = slots_.size() + first_token;
            slots_.push_back(place);
        }
    }

    bool is_full() const { return free_.empty(); }

    // The open connections, ordered by deadline.
    std::list<Connection> &open() { return open_; }
    const std::list<Connection> &open() const { return open_; }

    // Returns the connection with this token, or null if that connection has been closed.
    Connection *find(mio::Token token)
    {
        const std::uintptr_t number = mio::to_integer(token);
        Connection &connection = *place_of(number);
        return connection.token == number ? &connection : nullptr;
    }

    Connection &add(mio::TcpStream stream, mio::Clock::time_point deadline)
    {
        open_.splice(open_.end(), free_, free_.begin());
        open_.back().open(std::move(stream));
        open_.back().deadline = deadline;
        return open_.back();
    }

    // Gives a connection a new deadline. All connections have the same timeout, so the new deadline is the latest, and
    // the connection moves to the end of the list.
    void renew(Connection &connection, mio::Clock::time_point deadline)
    {
        connection.deadline = deadline;
        open_.splice(open_.end(), open_, place_of(connection.token));
    }

    void remove(Connection &connection)
    {
        connection.stream.close();
        connection.token += slot_mask + 1; // the next generation
        free_.splice(free_.begin(), open_, place_of(connection.token));
    }

private:
    using Place = std::list<Connection>::iterator;
    Place place_of(std::uintptr_t token) const { return slots_[(token & slot_mask) - first_token]; }

    std::list<Connection> free_;
    std::list<Connection> open_;
    std::vector<Place> slots_;
};

} // namespace http_hello

#endif // HTTP_CONNECTION_HPP
