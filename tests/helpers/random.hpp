// SPDX-License-Identifier: MIT
// Makes random numbers for the tests in C++.
#ifndef MIO_TESTS_HELPERS_RANDOM_HPP
#define MIO_TESTS_HELPERS_RANDOM_HPP

#include <stdint.h>

// Returns the next pseudo-random number. Each run gets the same numbers, so a failure recurs.
inline uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

#endif // MIO_TESTS_HELPERS_RANDOM_HPP
