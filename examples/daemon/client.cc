// SPDX-License-Identifier: MIT
#include "client.hpp"

namespace {

constexpr int steps_per_turn = 32;
constexpr std::size_t discard_max = 65536;
constexpr std::errc would_block = std::errc::resource_unavailable_try_again;

} // namespace

void Client::open(Stream stream)
{
    stream_ = std::move(stream);
    ready = {};
    answered_ = ending_ = false;
    discarded_ = 0;
    requests_.clear();
    answers_.clear();
}

void Client::close()
{
    std::visit([](auto &socket) { socket.close(); }, stream_);
}

// Answers the complete requests in the read buffer while the answer buffer has space. Returns whether an answer is
// ready to be sent.
bool Client::answer_requests(const Table &table)
{
    std::size_t length = 0;
    while (answers_.room() >= protocol::line_max &&
           (length = requests_.content().find('\n')) != std::string_view::npos) {
        protocol::answer(table, requests_.content().substr(0, length), answers_);
        requests_.consume(length + 1);
    }
    if (!answers_.is_empty()) return true;
    requests_.make_room();
    if (!requests_.is_full()) return false;
    // A line that does not fit into the buffer is too long. The client gets an error as its last answer, and then the
    // server ends the connection.
    protocol::refuse_long(answers_);
    requests_.clear();
    ending_ = true;
    return true;
}

mio::Result<std::size_t> Client::send_answers()
{
    if (!ready.is_writable()) return would_block;
    const std::string_view content = answers_.content();
    const auto write = [content](auto &socket) { return socket.write(content.data(), content.size()); };
    const auto count = ready.after(mio::Interest::writable, std::visit(write, stream_));
    answers_.consume(count.value_or(0U));
    if (!count || !answers_.is_empty()) return count;
    answered_ = true;
    if (!ending_) return count;
    const auto end = [](auto &socket) { return socket.shutdown(mio::Shutdown::write); };
    const mio::Result<void> ended = std::visit(end, stream_);
    return ended ? count : ended.errc();
}

mio::Result<std::size_t> Client::read()
{
    if (!ready.is_readable()) return would_block;
    const auto read = [this](auto &socket) { return socket.read(requests_.space(), requests_.room()); };
    const auto count = ready.after(mio::Interest::readable, std::visit(read, stream_));
    requests_.filled(count.value_or(0U));
    return count;
}

// Sends or reads once. The function reads no request while an answer is unsent. So a client that does not read its
// answers delays only itself, and needs no further memory.
mio::Result<std::size_t> Client::step(const Table &table)
{
    if (!answers_.is_empty()) return send_answers();
    if (!ending_) return answer_requests(table) ? send_answers() : read();
    // A system resets a connection if a program closes the socket while bytes are unread. The client might then lose
    // the last answer. So the function discards bytes until the client closes its end, or until more than discard_max
    // bytes were discarded.
    const mio::Result<std::size_t> count = read();
    requests_.clear();
    discarded_ += count.value_or(0U);
    if (discarded_ > discard_max) return 0U;
    return count;
}

mio::Result<std::size_t> Client::serve(const Table &table)
{
    mio::Result<std::size_t> moved = 1U;
    for (int steps = 0; steps < steps_per_turn && moved.value_or(0U) > 0; steps++)
        moved = step(table);
    return moved;
}
