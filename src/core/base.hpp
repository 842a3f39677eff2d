// SPDX-License-Identifier: MIT
// Macros that every file of the library needs. Include this header first, before any standard header.
#pragma once

// The assertions of libstdc++ call a function of libstdc++.so. This library links with libc alone, so switch the
// assertions off.
#undef _GLIBCXX_ASSERTIONS
#define _GLIBCXX_NO_ASSERTIONS 1

// Marks the definitions that the library exports. libmio.map must also list these definitions. All other symbols have
// hidden visibility.
#define MIO_EXPORT extern "C" __attribute__((visibility("default")))

// These macros tell the compiler which result of a condition is likely. The compiler then lays out the common path
// without a jump.
#define MIO_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define MIO_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
