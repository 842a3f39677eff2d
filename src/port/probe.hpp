// SPDX-License-Identifier: MIT
// MIO_PROBE(name, argument...) is a static probe point of the provider "mio". A tracer can attach to the point in a
// running program. mio(7) lists the names and the arguments of the points. Later releases keep these names and
// arguments. If configure finds no probe mechanism, the platform needs no platform/probe.hpp, and the macro expands to
// nothing. If the macro expands to nothing, a program does not compute the arguments. So the arguments must have no
// side effects. If configure finds a probe mechanism, a program computes the arguments even if no tracer is attached.
// So the arguments must cost nothing to compute.
//
// MIO_PROBE_ENABLED(name) is true while a tracer uses the point. A function that would end with the point can skip the
// point while the result is false.
#pragma once

#include "core/base.hpp"

#ifdef MIO_PROBES
#include "platform/probe.hpp"
#else
#define MIO_PROBE(name, ...) static_cast<void>(0)
#define MIO_PROBE_ENABLED(name) false
#endif
