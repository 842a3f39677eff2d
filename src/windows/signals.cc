// SPDX-License-Identifier: MIT
#include "port/signals.hpp"

#include <errno.h>
#include <signal.h>

namespace mio::impl {

// Accepts only SIGINT, SIGBREAK and SIGTERM, because a console sends no other signals; see windows/signal_console.cc.
int signal_set_of(const int *numbers, size_t count, SignalSet *set)
{
    SignalSet result = {};
    for (size_t i = 0; i < count; i++) {
        const int number = numbers[i];
        if (number != SIGINT && number != SIGBREAK && number != SIGTERM) return -EINVAL;
        result.add(number);
    }
    *set = result;
    return 0;
}

} // namespace mio::impl
