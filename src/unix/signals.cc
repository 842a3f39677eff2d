// SPDX-License-Identifier: MIT
#include "port/signals.hpp"

#include "unix/calls.hpp"
#include "unix/signal_mask.hpp"

#include <errno.h>
#include <signal.h>

namespace mio::impl {

int signal_set_of(const int *numbers, size_t count, SignalSet *set)
{
    SignalSet result = {};
    for (size_t i = 0; i < count; i++) {
        const int number = numbers[i];
        // libc rejects numbers that are not signals, and signals that libc itself uses.
        sigset_t probe;
        sigemptyset(&probe);
        const int wrong = result_of(sigaddset(&probe, number));
        if (wrong != 0) return wrong;
        if (number == SIGKILL || number == SIGSTOP || number > SignalSet::most) return -EINVAL;
        for (const int fault : fault_signals) {
            if (number == fault) return -EINVAL;
        }
        result.add(number);
    }
    *set = result;
    return 0;
}

} // namespace mio::impl
