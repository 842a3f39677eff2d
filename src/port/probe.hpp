// SPDX-License-Identifier: MIT
// MIO_PROBE(name, argument...) is a static probe point of the provider "mio", for tracers to attach to in a program that
// runs. Names and arguments are listed in mio(7) and stay as they are, like an export. Where configure finds no means
// for it, nothing is compiled, so an argument must have no effect, and cost nothing to have at hand.
#pragma once

#include "core/base.hpp"

#ifdef MIO_PROBES
#include "platform/probe.hpp"
#else
#define MIO_PROBE(name, ...) static_cast<void>(0)
#endif
