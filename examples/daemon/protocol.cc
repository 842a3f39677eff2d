// SPDX-License-Identifier: MIT
#include "protocol.hpp"

#include <array>
#include <optional>

namespace protocol {

namespace {

// ---- bytes that are encoded as %XX ----

// Returns the value of the first character of `digit`. If this character is missing, or is not a hexadecimal digit,
// returns nothing.
std::optional<unsigned> digit_value(std::string_view digit)
{
    constexpr std::string_view digits = "0123456789abcdef0123456789ABCDEF";
    const std::size_t place = digit.empty() ? digits.npos : digits.find(digit.front());
    if (place == digits.npos) return std::nullopt;
    return static_cast<unsigned>(place % 16);
}

using Key = std::array<char, line_max>;

// Copies `text` into `room`, decodes each %XX of the copy, and returns the decoded key. Returns nothing if a %XX is
// malformed. Also returns nothing if a %XX stands for a null byte, because no key contains a null byte.
std::optional<std::string_view> decode(std::string_view text, Key &room)
{
    std::size_t length = 0;
    while (!text.empty()) {
        char byte = text.front();
        text.remove_prefix(1);
        if (byte == '%') {
            const std::optional<unsigned> high = digit_value(text.substr(0, 1));
            const std::optional<unsigned> low = high ? digit_value(text.substr(1, 1)) : std::nullopt;
            if (!low || *high + *low == 0) return std::nullopt;
            byte = static_cast<char>(*high * 16 + *low);
            text.remove_prefix(2);
        }
        room[length++] = byte;
    }
    return std::string_view(room.data(), length);
}

void append_encoded(std::string_view value, Answers &answers)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char &character : value) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte > ' ' && byte < 0x7f && byte != '%') {
            answers.append({&character, 1});
        } else {
            const char code[] = {'%', digits[byte >> 4], digits[byte & 15]};
            answers.append({code, sizeof code});
        }
    }
}

// ---- requests ----

void answer_get(const Table &table, std::string_view text, Answers &answers)
{
    Key room;
    std::optional<std::string_view> key;
    if (!text.empty() && text.find(' ') == text.npos) key = decode(text, room);
    if (!key) return answers.append("400 malformed key\n");
    const std::optional<std::string_view> value = table.find(*key);
    if (!value) return answers.append("500 not found\n");
    answers.append("200 ");
    append_encoded(*value, answers);
    answers.append("\n");
}

} // namespace

void answer(const Table &table, std::string_view request, Answers &answers)
{
    const std::string_view verb = request.substr(0, 4);
    if (request.find('\0') != request.npos)
        answers.append("400 unknown request\n");
    else if (verb == "get ")
        answer_get(table, request.substr(4), answers);
    else if (verb == "put ")
        answers.append("500 this table is not changed by requests\n");
    else
        answers.append("400 unknown request\n");
}

void refuse_long(Answers &answers)
{
    answers.append("400 request too long\n");
}

} // namespace protocol
