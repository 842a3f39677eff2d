// SPDX-License-Identifier: MIT
// Operations on signal masks that the rest of src/unix shares.
#pragma once

#include "core/base.hpp"
#include "core/signal_set.hpp"

#include <signal.h>

namespace mio::impl {

// Signals that the processor or the kernel raises at the faulting instruction. A thread that blocks one of them and
// causes it is killed; a handler that returns causes it again. So these signals can be neither blocked nor waited for.
constexpr int fault_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

// Changes the calling thread's mask and returns the old one. It calls sigprocmask, not pthread_sigmask: they are the
// same system call wherever the kernel implements threads, and older systems have only the former in libc.
sigset_t change_mask(int how, const sigset_t &set);

sigset_t sigset_of(const SignalSet &set);

} // namespace mio::impl
