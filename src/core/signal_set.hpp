// SPDX-License-Identifier: MIT
// A set of signal numbers. The layout of the set is the same on every system, so a caller's storage can hold the set.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// A set of numbers from 1 to 128, with one bit for each number. The words have 32 bits, because every machine can read
// 32 bits atomically in a signal handler.
struct SignalSet {
    static constexpr int words = 4;
    static constexpr int most = 32 * words;

    uint32_t bits[words];

    static constexpr int word_of(int number) { return (number - 1) / 32; }
    static constexpr uint32_t bit_of(int number) { return UINT32_C(1) << ((number - 1) % 32); }

    void add(int number) { bits[word_of(number)] |= bit_of(number); }

    bool has(int number) const
    {
        return number >= 1 && number <= most && (bits[word_of(number)] & bit_of(number)) != 0;
    }
};

} // namespace mio::impl
