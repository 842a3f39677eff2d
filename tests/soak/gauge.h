/* SPDX-License-Identifier: MIT */
/* The resources that a process of the soak test uses, measured when the process has no connection. */
#ifndef MIO_TESTS_SOAK_GAUGE_H
#define MIO_TESTS_SOAK_GAUGE_H

#include <stdint.h>

/* The work that the process has done until now. */
typedef struct work {
    uint64_t connections;
    uint64_t events; /* of connections */
    uint64_t waits;
    uint64_t bytes;
} work;

/* Measures a round, which ends now. `total` is the work since the start. */
void end_round(const work *total);

/*
 * Ignores the first rounds, in which the process warms up. Compares the last third of the remaining rounds with the
 * first third. Each remaining round must have the same number of descriptors and of bytes in the heap. Prints a line.
 * Ends the process if something has grown.
 */
void judge_rounds(const char *backend, const char *role);

#endif /* MIO_TESTS_SOAK_GAUGE_H */
