// SPDX-License-Identifier: MIT
// The table of keys and values, which the program reads from a text file and keeps in memory.
#ifndef TABLE_HPP
#define TABLE_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

class Table {
public:
    // The maximal length of a key, and of a value, in bytes. The protocol limits a line to 4096 bytes, and encodes some
    // bytes as three bytes. A key or a value of 1024 bytes becomes at most 3072 bytes, so it fits into a line.
    static constexpr std::size_t word_max = 1024;

    // The maximal size of the file, in bytes. The server cannot notify the watchdog while it reads and sorts the file.
    // For a file of this size, the server finishes before the watchdog expires.
    static constexpr off_t size_max = 64 * 1024 * 1024;

    Table() = default;

    // Reads a file with lines "key value". Skips empty lines, and comments: lines whose first non-blank character is #.
    // On failure, throws a std::exception whose text has the reason. If a line is invalid, the text also has the line
    // number.
    explicit Table(const std::string &path);

    std::optional<std::string_view> find(std::string_view key) const;
    std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        std::string_view key;
        std::string_view value;
    };

    void sort(const std::string &path);

    std::vector<char> text_;     // a vector, because moving a string can invalidate the views of its text
    std::vector<Entry> entries_; // sorted by key
};

#endif // TABLE_HPP
