// SPDX-License-Identifier: MIT
// Probe points in the format of SystemTap's header: a nop, and an ELF note with its address and the location of its
// arguments. Tracers such as perf, bpftrace, SystemTap and gdb read the notes and put a breakpoint on the nop.
#pragma once

#include "core/base.hpp"

#define SDT_USE_VARIADIC 1
#include <sys/sdt.h>

#define MIO_PROBE(name, ...) STAP_PROBEV(mio, name, __VA_ARGS__)
