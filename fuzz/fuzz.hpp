// SPDX-License-Identifier: MIT
// Declarations for all fuzz targets: the entry point, a check of a property, the input, and a buffer with guards.
#ifndef MIO_FUZZ_FUZZ_HPP
#define MIO_FUZZ_FUZZ_HPP

#include <algorithm>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <vector>

// The entry point of a target. A fuzzing engine, or standalone.cc, calls this function with each input.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Ends the program if a property does not hold, so that the engine keeps the input.
#define REQUIRE(property)                                                                                              \
    do {                                                                                                               \
        if (!(property)) fuzz::fail(__FILE__, __LINE__, #property);                                                    \
    } while (false)

namespace fuzz {

[[noreturn]] inline void fail(const char *file, int line, const char *property)
{
    (void)fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, property);
    abort();
}

// Reads values from an input, from the beginning to the end. After the end of the input, every number that a call reads
// is 0, and every text is empty.
class Input {
public:
    Input(const uint8_t *data, size_t size) : next_(data), left_(size) {}

    size_t left() const { return left_; }

    template <typename Number>
    Number number()
    {
        uint64_t value = 0;
        for (size_t i = 0; i < sizeof(Number); i++)
            value |= uint64_t{byte()} << (8 * i); // the byte order of the machine does not matter
        return static_cast<Number>(value);
    }

    uint8_t byte()
    {
        if (left_ == 0) return 0;
        left_--;
        return *next_++;
    }

    // Takes up to `most` bytes.
    std::string text(size_t most)
    {
        const size_t length = std::min(most, left_);
        std::string result(next_, next_ + length);
        next_ += length;
        left_ -= length;
        return result;
    }

    std::string rest() { return text(left_); }

private:
    const uint8_t *next_;
    size_t left_;
};

// A copy of some bytes. The allocated memory has exactly the size of the copy, so that the address sanitizer finds a
// read beyond the end.
class Exact {
public:
    explicit Exact(const std::string &bytes) : bytes_(new char[bytes.size()])
    {
        std::copy(bytes.begin(), bytes.end(), bytes_);
    }
    Exact(const Exact &) = delete;
    Exact &operator=(const Exact &) = delete;
    ~Exact() { delete[] bytes_; }

    const char *data() const { return bytes_; }

private:
    char *bytes_;
};

// A buffer between two guards. The guards show a write outside the buffer, even in builds without a sanitizer.
class Guarded {
public:
    explicit Guarded(size_t size) : bytes_(size + 2 * guard, filler) {}
    Guarded(const Guarded &) = delete;
    Guarded &operator=(const Guarded &) = delete;
    ~Guarded() { REQUIRE(is_filler(0, guard) && is_filler(bytes_.size() - guard, guard)); }

    char *data() { return bytes_.data() + guard; }
    size_t size() const { return bytes_.size() - 2 * guard; }

    // Returns whether all bytes from `begin` on are unchanged.
    bool is_untouched(size_t begin = 0) const { return is_filler(guard + begin, size() - begin); }

private:
    static constexpr size_t guard = 32;
    static constexpr char filler = '\x5a';

    // Returns whether the `length` bytes at `begin` all have the value `filler`. Checks that the first byte has this
    // value, and that each byte equals the next byte.
    bool is_filler(size_t begin, size_t length) const
    {
        const char *at = bytes_.data() + begin;
        return length == 0 || (*at == filler && memcmp(at, at + 1, length - 1) == 0);
    }

    std::vector<char> bytes_;
};

// An object that a function fills. The constructor sets all bytes to a pattern, so that is_untouched() can report
// whether the function has written to the object.
template <typename Value>
class Output {
public:
    Output() { memset(&value_, filler, sizeof value_); }

    Value *get() { return &value_; }
    const Value &operator*() const { return value_; }

    bool is_untouched() const
    {
        Value untouched;
        memset(&untouched, filler, sizeof untouched);
        return memcmp(&value_, &untouched, sizeof untouched) == 0;
    }

private:
    static constexpr int filler = 0x5a;
    Value value_;
};

// Checks that the function `format(text, size)` treats its buffer and its size like snprintf. `whole` is the text that
// the function writes into a large buffer. The check passes a null buffer, buffers that are too short for the text, a
// buffer of exactly the right size, and a larger buffer.
template <typename Format>
void require_like_snprintf(const std::string &whole, Format format)
{
    const int length = static_cast<int>(whole.size());
    REQUIRE(format(nullptr, 0) == length);
    for (const size_t size : {size_t{1}, whole.size() / 2, whole.size(), whole.size() + 1, whole.size() + 9}) {
        Guarded buffer(size);
        REQUIRE(format(buffer.data(), size) == length);
        if (size == 0) continue;
        const size_t written = std::min(whole.size(), size - 1);
        REQUIRE(memcmp(buffer.data(), whole.data(), written) == 0 && buffer.data()[written] == '\0');
        REQUIRE(buffer.is_untouched(written + 1));
    }
}

// Returns the text that `format(text, size)` writes. The text must have fewer than `most` bytes. Also checks `format`
// with require_like_snprintf().
template <typename Format>
std::string text_of(size_t most, Format format)
{
    std::string text(most, '\0');
    const int length = format(text.data(), most);
    REQUIRE(length >= 0 && static_cast<size_t>(length) < most);
    text.resize(static_cast<size_t>(length));
    require_like_snprintf(text, format);
    return text;
}

} // namespace fuzz

#endif // MIO_FUZZ_FUZZ_HPP
