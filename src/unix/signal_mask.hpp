// SPDX-License-Identifier: MIT
// Operations on signal masks that the rest of src/unix shares.
#pragma once

#include "core/base.hpp"
#include "core/signal_set.hpp"

#include <signal.h>

namespace mio::impl {

// Signals that the processor or the kernel raises at the faulting instruction. A thread that blocks such a signal and
// causes it is killed. A handler that returns causes the signal again. So these signals can be neither blocked nor
// waited for.
constexpr int fault_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

// Changes the calling thread's mask and returns the old mask. It calls sigprocmask, because older systems lack
// pthread_sigmask in libc. Both functions make the same system call wherever the kernel implements threads.
sigset_t change_mask(int how, const sigset_t &set);

sigset_t sigset_of(const SignalSet &set);

} // namespace mio::impl
