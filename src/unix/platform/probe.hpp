// SPDX-License-Identifier: MIT
// Probe points in the format of SystemTap's header. Each probe point is a nop and an ELF note. The note has the address
// of the nop, the location of the arguments, and the address of the point's semaphore. Tracers such as perf, bpftrace,
// SystemTap and gdb read the notes, put a breakpoint on the nop, and add 1 to the semaphore. When a tracer detaches, it
// subtracts 1 from the semaphore.
#pragma once

#include "core/base.hpp"

#define SDT_USE_VARIADIC 1
#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>

// The macros of sys/sdt.h expect these names. unix/probe.cc defines the semaphores.
extern "C" {
extern volatile unsigned short mio_deregister_semaphore;
extern volatile unsigned short mio_register_semaphore;
extern volatile unsigned short mio_reregister_semaphore;
extern volatile unsigned short mio_wait_begin_semaphore;
extern volatile unsigned short mio_wait_end_semaphore;
extern volatile unsigned short mio_wake_semaphore;
}

#define MIO_PROBE(name, ...) STAP_PROBEV(mio, name, __VA_ARGS__)
#define MIO_PROBE_ENABLED(name) MIO_UNLIKELY(mio_##name##_semaphore != 0)
