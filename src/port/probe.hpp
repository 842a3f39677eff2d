// SPDX-License-Identifier: MIT
// MIO_PROBE(name, argument...) is a static probe point of the provider "mio". A tracer can attach to the point in a
// running program. mio(7) lists the names and the arguments of the points. Later releases keep these names and
// arguments. If configure finds no probe mechanism, the macro expands to nothing, and the platform needs no
// platform/probe.hpp. So the arguments of a probe must have no side effects. They must also cost nothing to compute,
// because a program computes them even if no tracer is attached.
#pragma once

#include "core/base.hpp"

#ifdef MIO_PROBES
#include "platform/probe.hpp"
#else
#define MIO_PROBE(name, ...) static_cast<void>(0)
#endif
