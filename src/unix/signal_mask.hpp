// SPDX-License-Identifier: MIT
// Operations on signal masks that the rest of src/unix shares.
#pragma once

#include "core/base.hpp"
#include "core/signal_set.hpp"

#include <signal.h>

namespace mio::impl {

// Signals that the processor or the kernel raises at the faulting instruction. If a thread causes such a signal while
// the signal is blocked, the system kills the process. After a return from the handler, the instruction causes the
// signal again. So the library neither blocks these signals nor waits for them.
constexpr int fault_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

// Changes the calling thread's mask and returns the old mask. The function calls sigprocmask, because libc lacks
// pthread_sigmask on older systems. sigprocmask and pthread_sigmask make the same system call wherever the kernel
// implements threads.
sigset_t change_mask(int how, const sigset_t &set);

sigset_t sigset_of(const SignalSet &set);

} // namespace mio::impl
