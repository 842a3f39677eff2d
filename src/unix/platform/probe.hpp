// SPDX-License-Identifier: MIT
// Probe points in the format of SystemTap's header. Each probe point is a nop and an ELF note. The note has the address
// of the nop and the location of the arguments. Tracers such as perf, bpftrace, SystemTap and gdb read the notes and
// put a breakpoint on the nop.
#pragma once

#include "core/base.hpp"

#define SDT_USE_VARIADIC 1
#include <sys/sdt.h>

#define MIO_PROBE(name, ...) STAP_PROBEV(mio, name, __VA_ARGS__)
