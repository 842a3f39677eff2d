// SPDX-License-Identifier: MIT
#include "poll/poll_number.hpp"

#include "core/sync.hpp"

namespace mio::impl {

namespace {

// One bit for each number: 8 KiB, written only when a poll object is made or freed. This cannot be a member of a poll
// object, because the numbers distinguish one object from another. Without them a source could not be registered with a
// second poll object after the first one is freed.
Atomic<uint32_t> taken[65536 / 32];
Atomic<uint32_t> last_number;

Atomic<uint32_t> &word_of(uint16_t number)
{
    return taken[number / 32];
}

uint32_t bit_of(uint16_t number)
{
    return UINT32_C(1) << (number % 32);
}

} // namespace

uint16_t take_poll_number()
{
    for (uint32_t tries = 0; tries < 65536; tries++) {
        const uint16_t number = static_cast<uint16_t>(last_number.fetch_add(1) + 1);
        if (number == 0) continue;
        if ((word_of(number).fetch_or(bit_of(number)) & bit_of(number)) == 0) return number;
    }
    return 0;
}

void return_poll_number(uint16_t number)
{
    word_of(number).fetch_and(~bit_of(number));
}

bool is_poll_number_taken(uint16_t number)
{
    return (word_of(number).load() & bit_of(number)) != 0;
}

} // namespace mio::impl
