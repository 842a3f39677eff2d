// SPDX-License-Identifier: MIT
// The base of every file of the library. Include this header first, before any standard header.
#pragma once

// The hardened mode of libstdc++ reports through a function of libstdc++.so, and this library links with libc alone.
#undef _GLIBCXX_ASSERTIONS
#define _GLIBCXX_NO_ASSERTIONS 1

// All symbols are hidden except definitions with this mark, which libmio.map lists as well.
#define MIO_EXPORT extern "C" __attribute__((visibility("default")))

// Marks the likely outcome of a test between the common path and an error, so that the common path has no jump.
#define MIO_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define MIO_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
