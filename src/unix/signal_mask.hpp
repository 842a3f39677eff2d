// SPDX-License-Identifier: MIT
// Signal masks, for what is made of them.
#pragma once

#include "core/base.hpp"
#include "core/signal_set.hpp"

#include <signal.h>

namespace mio::impl {

// Those that the processor or the kernel raises at the instruction at fault. A thread that blocks one of them and causes
// it is killed; one that returns from its handler causes it again. So they can be neither blocked nor waited for.
constexpr int fault_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

// Changes the calling thread's mask and says what it was. The function is sigprocmask, not pthread_sigmask: every system
// that has threads in the kernel makes them the same call, and on older ones only the former is in libc.
sigset_t change_mask(int how, const sigset_t &set);

sigset_t sigset_of(const SignalSet &set);

} // namespace mio::impl
