// SPDX-License-Identifier: MIT
// Operations on signal masks that the rest of src/unix shares.
#pragma once

#include "core/base.hpp"
#include "core/signal_set.hpp"

#include <signal.h>

namespace mio::impl {

// fault_signals lists the signals that a faulting instruction of the program causes. If such a signal is blocked when
// the instruction runs, the system kills the process. If a handler of the signal returns, the instruction runs again
// and causes the signal again. So the library does not block these signals, and does not wait for them.
constexpr int fault_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

// Changes the calling thread's mask and returns the old mask. The function calls sigprocmask, because on older systems
// libc lacks pthread_sigmask. If the kernel, not a library, implements the threads, sigprocmask and pthread_sigmask
// make the same system call.
sigset_t change_mask(int how, const sigset_t &set);

sigset_t sigset_of(const SignalSet &set);

} // namespace mio::impl
