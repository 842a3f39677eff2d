// SPDX-License-Identifier: MIT
// What every file of the library relies on: include it first, before any standard header.
#pragma once

// The hardened mode of libstdc++ reports through a function of libstdc++.so, and this library links with libc alone.
#undef _GLIBCXX_ASSERTIONS
#define _GLIBCXX_NO_ASSERTIONS 1

// Everything is hidden but the definitions that carry this mark and stand in libmio.map.
#define MIO_EXPORT extern "C" __attribute__((visibility("default")))

// For tests that decide between the common course and an error, so that the common one runs straight on.
#define MIO_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define MIO_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
