// SPDX-License-Identifier: MIT
// Checks the functions that write texts. The target compares the texts that mio_text_append and mio_text_append_* write
// with the texts that snprintf(3) writes. The target also formats an event and its readiness, parses the texts, and
// checks that the texts contain exactly the bits of the event. The first byte of the input selects the check. The other
// bytes contain the event, or they select the calls and their arguments.
#include "fuzz.hpp"

#include <errno.h>
#include <limits.h>
#include <mio/event.h>
#include <mio/interest.h>
#include <mio/safe.h>
#include <stdarg.h>

namespace {

// ---- mio_text -----------------------------------------------------------------------------------------------------

__attribute__((format(printf, 1, 2))) std::string printed(const char *format, ...)
{
    char text[64];
    va_list values;
    va_start(values, format);
    const int length = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    REQUIRE(length >= 0 && static_cast<size_t>(length) < sizeof text);
    return text;
}

// Calls one of the functions that append to a text. Stores the expected text in *wanted.
int append(mio_text *text, fuzz::Input &input, std::string *wanted)
{
    const uint8_t call = input.byte() % 9;
    if (call == 0) {
        const std::string string = input.text(input.byte()).c_str(); // the string ends at the first null byte
        *wanted = string;
        return mio_text_append(text, string.c_str());
    }
    if (call == 1) {
        *wanted = input.text(input.byte());
        return mio_text_append_bytes(text, fuzz::Exact(*wanted).data(), wanted->size());
    }
    if (call == 2) {
        *wanted = "(null)";
        return mio_text_append(text, nullptr);
    }
    const auto value = input.number<uint64_t>();
    const auto number = static_cast<int>(value >> 32 == 0 ? value % 200 : value);
    switch (call) {
    case 3:
        *wanted = printed("%lld", static_cast<long long>(value));
        return mio_text_append_int(text, static_cast<int64_t>(value));
    case 4:
        *wanted = printed("%llu", static_cast<unsigned long long>(value));
        return mio_text_append_uint(text, value);
    case 5: {
        const int digits = input.number<int8_t>();
        *wanted = printed("%0*llx", std::clamp(digits, 1, 16), static_cast<unsigned long long>(value));
        return mio_text_append_hex(text, value, digits);
    }
    case 6: {
        const auto address = static_cast<uintptr_t>(value);
        *wanted = printed("0x%llx", static_cast<unsigned long long>(address));
        return mio_text_append_pointer(text, reinterpret_cast<const void *>(address));
    }
    case 7: {
        const char *name = mio_signal_name(number);
        *wanted = name != nullptr ? name : printed("%d", number);
        return mio_text_append_signal(text, number);
    }
    default: {
        const char *name = mio_error_name(number);
        if (number != INT_MIN) REQUIRE(name == mio_error_name(-number));
        *wanted = name != nullptr ? name : printed("%d", number);
        return mio_text_append_error(text, number);
    }
    }
}

void check_buffer(const fuzz::Guarded &buffer, char *text, const std::string &whole)
{
    if (buffer.size() == 0) return;
    const size_t written = std::min(whole.size(), buffer.size() - 1);
    REQUIRE(memcmp(text, whole.data(), written) == 0 && text[written] == '\0');
    REQUIRE(buffer.is_untouched(written + 1));
}

void check_calls(fuzz::Input &input)
{
    fuzz::Guarded buffer(input.byte());
    mio_text text;
    REQUIRE(mio_text_init(&text, buffer.size() > 0 ? buffer.data() : nullptr, buffer.size()) == 0);
    std::string whole;
    while (input.left() > 0) {
        std::string wanted;
        const int length = append(&text, input, &wanted);
        whole += wanted;
        REQUIRE(length == static_cast<int>(whole.size()) && text.length == whole.size());
        REQUIRE(text.size == buffer.size());
        check_buffer(buffer, buffer.data(), whole);
    }
}

// Checks that the length of a text never exceeds INT_MAX, and that no call writes beyond the buffer.
void check_limit(fuzz::Input &input)
{
    fuzz::Guarded buffer(input.byte());
    mio_text text = {buffer.data(), buffer.size(), INT_MAX - size_t{input.byte()}};
    while (input.left() > 0) {
        std::string wanted;
        const size_t before = text.length;
        const int length = append(&text, input, &wanted);
        REQUIRE(text.length == std::min(before + wanted.size(), size_t{INT_MAX}));
        REQUIRE(length == static_cast<int>(text.length) && buffer.is_untouched());
    }
}

// ---- interests and events -----------------------------------------------------------------------------------------

constexpr struct {
    const char *name;
    uint32_t bit;
} names[] = {
    {"READABLE", MIO_READABLE},
    {"WRITABLE", MIO_WRITABLE},
    {"AIO", MIO_AIO},
    {"LIO", MIO_LIO},
    {"PRIORITY", MIO_PRIORITY},
    {"CLOSED", MIO_CLOSED},
    {"READ_CLOSED", MIO_READ_CLOSED},
    {"ERROR", MIO_ERROR},
    {"WRITE_CLOSED", MIO_WRITE_CLOSED},
    {"LEVEL", MIO_LEVEL},
    {"ONESHOT", MIO_ONESHOT},
    {"EXCLUSIVE", MIO_EXCLUSIVE},
    {"EMPTY", 0},
};

// Returns the bits that one word of a text stands for.
uint32_t bits_of(const std::string &word)
{
    for (const auto &each : names) {
        if (word == each.name) return each.bit;
    }
    char *end = nullptr;
    REQUIRE(word.compare(0, 2, "0x") == 0);
    const unsigned long bits = strtoul(word.c_str(), &end, 16);
    REQUIRE(*end == '\0' && bits != 0);
    return static_cast<uint32_t>(bits);
}

// Splits the text into words at each " | ", and returns the bits that the words stand for. Checks that no two words
// share a bit.
uint32_t read_back(const std::string &text)
{
    uint32_t bits = 0;
    for (size_t at = 0; at != std::string::npos;) {
        const size_t bar = text.find(" | ", at);
        const std::string word = text.substr(at, bar == std::string::npos ? bar : bar - at);
        REQUIRE((bits & bits_of(word)) == 0 && (word != "EMPTY" || word == text));
        bits |= bits_of(word);
        at = bar == std::string::npos ? bar : bar + 3;
    }
    return bits;
}

void check_event(fuzz::Input &input)
{
    mio_event event = {};
    event.token = static_cast<uintptr_t>(input.number<uint64_t>());
    event.readiness = input.number<uint32_t>();
    event.os_bits = input.number<uint32_t>();
    const auto format_interest = [&](char *text, size_t size) {
        return mio_interest_format(event.readiness, text, size);
    };
    const auto format_event = [&](char *text, size_t size) { return mio_event_format(&event, text, size); };
    REQUIRE(read_back(fuzz::text_of(MIO_INTEREST_TEXT_SIZE, format_interest)) == event.readiness);
    const std::string text = fuzz::text_of(MIO_EVENT_TEXT_SIZE, format_event);
    const std::string head = printed("token=%llu ", static_cast<unsigned long long>(event.token));
    const std::string tail = printed(" os=0x%lx", static_cast<unsigned long>(event.os_bits));
    REQUIRE(text.size() > head.size() + tail.size());
    REQUIRE(text.compare(0, head.size(), head) == 0);
    REQUIRE(text.compare(text.size() - tail.size(), tail.size(), tail) == 0);
    REQUIRE(read_back(text.substr(head.size(), text.size() - head.size() - tail.size())) == event.readiness);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz::Input input(data, size);
    switch (input.byte() % 3) {
    case 0:
        check_calls(input);
        break;
    case 1:
        check_limit(input);
        break;
    default:
        check_event(input);
        break;
    }
    return 0;
}
