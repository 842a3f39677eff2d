// SPDX-License-Identifier: MIT
#include "poll/event_text.hpp"

namespace mio::impl {

namespace {

struct BitName {
    uint32_t bit;
    const char *name;
};

// Appends the names of all bits that are set, with "|" between two names.
class BitList {
public:
    explicit BitList(TextWriter *out) : out_(out) {}

    void append(uint32_t bits, const BitName *names, size_t count)
    {
        for (size_t i = 0; i < count; i++) {
            if ((bits & names[i].bit) != 0) append_name(names[i].name);
            bits &= ~names[i].bit;
        }
        if (bits != 0) {
            append_name("0x");
            out_->append_hex(bits);
        }
        if (first_) out_->append("EMPTY");
    }

private:
    void append_name(const char *name)
    {
        if (!first_) out_->append(" | ");
        first_ = false;
        out_->append(name);
    }

    TextWriter *out_;
    bool first_ = true;
};

constexpr BitName interest_names[] = {
    {MIO_READABLE, "READABLE"},
    {MIO_WRITABLE, "WRITABLE"},
    {MIO_AIO, "AIO"},
    {MIO_LIO, "LIO"},
    {MIO_PRIORITY, "PRIORITY"},
    {MIO_CLOSED, "CLOSED"},
    {MIO_WRITE_CLOSED, "WRITE_CLOSED"},
    {MIO_ERROR, "ERROR"},
    {MIO_LEVEL, "LEVEL"},
    {MIO_ONESHOT, "ONESHOT"},
    {MIO_EXCLUSIVE, "EXCLUSIVE"},
};

constexpr BitName readiness_names[] = {
    {MIO_READABLE, "READABLE"},
    {MIO_WRITABLE, "WRITABLE"},
    {MIO_AIO, "AIO"},
    {MIO_LIO, "LIO"},
    {MIO_PRIORITY, "PRIORITY"},
    {MIO_READ_CLOSED, "READ_CLOSED"},
    {MIO_WRITE_CLOSED, "WRITE_CLOSED"},
    {MIO_ERROR, "ERROR"},
};

} // namespace

void format_interest(TextWriter *out, uint32_t interest)
{
    BitList(out).append(interest, interest_names, sizeof interest_names / sizeof *interest_names);
}

void format_event(TextWriter *out, const mio_event &event)
{
    out->append("token=");
    out->append_decimal(event.token);
    out->append(' ');
    BitList(out).append(event.readiness, readiness_names, sizeof readiness_names / sizeof *readiness_names);
    out->append(" os=0x");
    out->append_hex(event.os_bits);
}

} // namespace mio::impl
