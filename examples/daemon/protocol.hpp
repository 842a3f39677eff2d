// SPDX-License-Identifier: MIT
// The protocol tcp_table(5) of Postfix. Each request and each answer is one line.
#ifndef PROTOCOL_HPP
#define PROTOCOL_HPP

#include "table.hpp"

#include <cstddef>
#include <cstring>
#include <string_view>

namespace protocol {

// The maximal length of a request or an answer, in bytes, including the newline. tcp_table(5) sets this limit for
// answers. lookupd uses the same limit for requests.
constexpr std::size_t line_max = 4096;

// A byte buffer. append() adds bytes at the end, and consume() removes bytes from the front. The constructor does not
// initialise the storage.
template <std::size_t Size>
class Buffer {
public:
    Buffer() {}

    std::string_view content() const { return {bytes_ + begin_, end_ - begin_}; }
    bool is_empty() const { return begin_ == end_; }
    bool is_full() const { return end_ == Size; }
    void clear() { begin_ = end_ = 0; }

    // space() returns the address of the free space at the end of the buffer, and room() returns the size of this
    // space. After the caller has stored `count` bytes at that address, filled(count) adds these bytes to the content.
    char *space() { return bytes_ + end_; }
    std::size_t room() const { return Size - end_; }
    void filled(std::size_t count) { end_ += count; }
    void append(std::string_view text)
    {
        std::memcpy(space(), text.data(), text.size());
        filled(text.size());
    }

    void consume(std::size_t count)
    {
        begin_ += count;
        if (begin_ == end_) clear();
    }

    // Moves the content to the front of the buffer, so that all free space is at the end.
    void make_room()
    {
        std::memmove(bytes_, bytes_ + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }

private:
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    char bytes_[Size];
};

using Requests = Buffer<line_max>;
using Answers = Buffer<4 * line_max>; // usually large enough for the answers to all requests that a read returns

// Appends to `answers` the answer to a request. `request` is a line without its newline. The caller ensures that
// `answers` has space for line_max bytes.
void answer(const Table &table, std::string_view request, Answers &answers);

// Appends to `answers` the answer to a request that is longer than line_max.
void refuse_long(Answers &answers);

} // namespace protocol

#endif // PROTOCOL_HPP
