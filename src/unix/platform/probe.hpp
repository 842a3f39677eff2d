// SPDX-License-Identifier: MIT
// Probe points as SystemTap's header makes them: a nop, and a note in the library that says where it is and in which
// registers its arguments are. perf, bpftrace, SystemTap and gdb read the notes, and write a breakpoint over the nop.
#pragma once

#include "core/base.hpp"

#define SDT_USE_VARIADIC 1
#include <sys/sdt.h>

#define MIO_PROBE(name, ...) STAP_PROBEV(mio, name, __VA_ARGS__)
