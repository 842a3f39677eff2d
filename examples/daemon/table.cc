// SPDX-License-Identifier: MIT
#include "table.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace {

constexpr std::string_view blanks = " \t\r\v\f";

// ---- the file ----

class File {
public:
    // With O_NONBLOCK, opening a pipe does not block.
    explicit File(const std::string &path)
        : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
    {
        if (descriptor_ < 0) fail(errno);
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    ~File() { ::close(descriptor_); }

    // Returns the content of the file.
    std::vector<char> read() const
    {
        struct stat facts;
        if (::fstat(descriptor_, &facts) < 0) fail(errno);
        if (S_ISDIR(facts.st_mode)) fail(EISDIR);
        if (!S_ISREG(facts.st_mode)) fail(EINVAL); // reading a pipe, for example, could block the daemon
        if (facts.st_size > Table::size_max) fail(EFBIG);
        std::vector<char> text(static_cast<std::size_t>(facts.st_size));
        std::size_t length = 0;
        while (length < text.size()) {
            const ssize_t count = ::read(descriptor_, text.data() + length, text.size() - length);
            if (count == 0) break;
            if (count > 0)
                length += static_cast<std::size_t>(count);
            else if (errno != EINTR)
                fail(errno);
        }
        text.resize(length);
        return text;
    }

private:
    [[noreturn]] void fail(int error) const
    {
        throw std::system_error(error, std::generic_category(), "cannot read " + path_);
    }

    const std::string &path_;
    int descriptor_;
};

// ---- lines ----

std::string_view trim(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(blanks);
    return begin == text.npos ? std::string_view() : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

// Checks an entry. Returns the text of an error, or null.
const char *complaint(std::string_view key, std::string_view value)
{
    if (value.empty()) return "a key without a value";
    if (key.size() > Table::word_max) return "a key that is too long";
    if (value.size() > Table::word_max) return "a value that is too long";
    return nullptr;
}

} // namespace

// ---- the table ----

Table::Table(const std::string &path) : text_(File(path).read())
{
    std::string_view rest(text_.data(), text_.size());
    if (rest.find('\0') != rest.npos) throw std::runtime_error(path + ": a null byte, so this is no text");
    for (std::size_t number = 1; !rest.empty(); number++) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = trim(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.empty() || line.front() == '#') continue;
        const std::string_view key = line.substr(0, line.find_first_of(blanks));
        const std::string_view value = trim(line.substr(key.size()));
        if (const char *wrong = complaint(key, value))
            throw std::runtime_error(path + ":" + std::to_string(number) + ": " + wrong);
        entries_.push_back({key, value});
    }
    sort(path);
}

// Sorts the entries by key. Fails if two entries have the same key, because the program cannot know which value is
// right.
void Table::sort(const std::string &path)
{
    const auto before = [](const Entry &left, const Entry &right) { return left.key < right.key; };
    const auto same = [](const Entry &left, const Entry &right) { return left.key == right.key; };
    std::sort(entries_.begin(), entries_.end(), before);
    const auto twice = std::adjacent_find(entries_.begin(), entries_.end(), same);
    if (twice != entries_.end())
        throw std::runtime_error(path + ": the key " + std::string(twice->key) + " stands there twice");
}

std::optional<std::string_view> Table::find(std::string_view key) const
{
    const auto before = [](const Entry &entry, std::string_view wanted) { return entry.key < wanted; };
    const auto entry = std::lower_bound(entries_.begin(), entries_.end(), key, before);
    if (entry == entries_.end() || entry->key != key) return std::nullopt;
    return entry->value;
}
