/* SPDX-License-Identifier: MIT */
/* The resources that a process of the soak test uses, measured when the process has no connection. */
#ifndef MIO_TESTS_SOAK_GAUGE_H
#define MIO_TESTS_SOAK_GAUGE_H

#include <stdint.h>

/* The work that the process has done until now. */
typedef struct work {
    uint64_t connections;
    uint64_t events; /* events of connections */
    uint64_t waits;
    uint64_t bytes;
} work;

/* Measures a round, which ends now. `total` is the work since the start. */
void end_round(const work *total);

/*
 * Ignores the first rounds, in which the process warms up. All remaining rounds must have the same number of
 * descriptors, and the same number of bytes in the heap. Other measurements, such as the processor time, may vary. For
 * each of these measurements, the function compares the smallest value in the first third of the rounds with the
 * smallest value in the last third. If a value has grown too much, the function ends the process. Otherwise, the
 * function prints the measurements in one line.
 */
void judge_rounds(const char *backend, const char *role);

#endif /* MIO_TESTS_SOAK_GAUGE_H */
