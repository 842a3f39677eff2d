// SPDX-License-Identifier: MIT
// The system calls that run once per message or per wait. Each returns a negative errno value and leaves errno alone.
//
// Made directly, as liburing and the BSD libraries do, such a call costs half the instructions of libc's function: no
// test for cancellation, no errno to save, set, read and restore on every -EAGAIN of a drained socket (bench/count.sh
// shows it). libc's functions serve where a tool must see the calls (sanitizers) and on machines without a stub.
#pragma once

#ifdef MIO_DIRECT_SYSCALLS
#include "unix/calls_direct.hpp"
#else
#include "unix/calls_libc.hpp"
#endif
