// SPDX-License-Identifier: MIT
// The names of the signals, in tables without pointers, like unix/error_names.cc.
#include "port/signal_names.hpp"

#include <signal.h>
#include <stdint.h>

namespace mio::impl {

namespace {

struct SignalName {
    uint8_t number;
    char name[11];
};

#define NAME(number)                                                                                                   \
    {                                                                                                                  \
        number, #number                                                                                                \
    }

constexpr SignalName signal_names[] = {
    NAME(SIGHUP),    NAME(SIGINT),  NAME(SIGQUIT), NAME(SIGILL),    NAME(SIGTRAP), NAME(SIGABRT), NAME(SIGBUS),
    NAME(SIGFPE),    NAME(SIGKILL), NAME(SIGUSR1), NAME(SIGSEGV),   NAME(SIGUSR2), NAME(SIGPIPE), NAME(SIGALRM),
    NAME(SIGTERM),   NAME(SIGCHLD), NAME(SIGCONT), NAME(SIGSTOP),   NAME(SIGTSTP), NAME(SIGTTIN), NAME(SIGTTOU),
    NAME(SIGURG),    NAME(SIGXCPU), NAME(SIGXFSZ), NAME(SIGVTALRM), NAME(SIGPROF), NAME(SIGSYS),
#ifdef SIGWINCH
    NAME(SIGWINCH),
#endif
#ifdef SIGIO
    NAME(SIGIO),
#endif
#ifdef SIGSTKFLT
    NAME(SIGSTKFLT),
#endif
#ifdef SIGPWR
    NAME(SIGPWR),
#endif
#ifdef SIGINFO
    NAME(SIGINFO),
#endif
#ifdef SIGEMT
    NAME(SIGEMT),
#endif
};

#undef NAME

// The names of the real-time signals, for example "SIGRTMIN+3". The number of SIGRTMIN is known only at run time, so
// the names are relative to SIGRTMIN.
struct RealTimeNames {
    static constexpr int count = 128;
    char name[count][sizeof "SIGRTMIN+127"] = {};

    constexpr RealTimeNames()
    {
        for (int i = 0; i < count; i++) {
            char *out = name[i];
            for (const char *text = "SIGRTMIN"; *text != '\0'; text++)
                *out++ = *text;
            if (i > 0) *out++ = '+';
            if (i >= 100) *out++ = '1';
            if (i >= 10) *out++ = static_cast<char>('0' + i / 10 % 10);
            if (i > 0) *out++ = static_cast<char>('0' + i % 10);
        }
    }
};
[[maybe_unused]] constexpr RealTimeNames real_time_names; // unused on systems without real-time signals

} // namespace

const char *signal_name(int number)
{
    for (const SignalName &entry : signal_names) {
        if (entry.number == number) return entry.name;
    }
#ifdef SIGRTMIN
    const int first = SIGRTMIN;
    if (number >= first && number <= SIGRTMAX && number - first < RealTimeNames::count) {
        return real_time_names.name[number - first];
    }
#endif
    return nullptr;
}

} // namespace mio::impl
