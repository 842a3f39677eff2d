// SPDX-License-Identifier: MIT
// The table: a text file, in memory.
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
    // The maximal length of a key, and of a value. Even if the encoding turns each byte into three bytes, such a key or
    // value fits into a message of the protocol, which has at most 4096 bytes.
    static constexpr std::size_t word_max = 1024;

    // The largest size of the file. The program reads and sorts such a file within the time of the watchdog, so the
    // watchdog does not kill the server meanwhile.
    static constexpr off_t size_max = 64 * 1024 * 1024;

    Table() = default;

    // Reads a file of lines "key value", and skips empty lines and lines that begin with #. Throws std::exception
    // with the error and the line.
    explicit Table(const std::string &path);

    std::optional<std::string_view> find(std::string_view key) const;
    std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        std::string_view key;
        std::string_view value;
    };

    void sort(const std::string &path);

    std::vector<char> text_;     // the file; unlike a move of a string, a move of a vector leaves views valid
    std::vector<Entry> entries_; // sorted by key
};

#endif // TABLE_HPP
