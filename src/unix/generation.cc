// SPDX-License-Identifier: MIT
#include "unix/generation.hpp"

#include "port/process.hpp"

namespace mio::impl {

namespace {

// The last number that this process or one of its ancestors has used.
Atomic<uint32_t> last_generation{0};

} // namespace

uint32_t number_process(Atomic<uint32_t> *word)
{
    if (word->load() == 0) {
        const uint32_t number = last_generation.fetch_add(1) + 1;
        (void)word->exchange_if(0, number != 0 && number != no_generation ? number : 1);
    }
    return word->load();
}

} // namespace mio::impl
