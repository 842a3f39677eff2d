// SPDX-License-Identifier: MIT
#include "port/signal_names.hpp"

#include <signal.h>

namespace mio::impl {

const char *signal_name(int number)
{
    switch (number) {
    case SIGINT:
        return "SIGINT";
    case SIGILL:
        return "SIGILL";
    case SIGFPE:
        return "SIGFPE";
    case SIGSEGV:
        return "SIGSEGV";
    case SIGTERM:
        return "SIGTERM";
    case SIGBREAK:
        return "SIGBREAK";
    case SIGABRT:
        return "SIGABRT";
    default:
        return nullptr;
    }
}

} // namespace mio::impl
