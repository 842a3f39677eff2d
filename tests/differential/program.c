/* SPDX-License-Identifier: MIT */
/* Makes random programs for the differential test. The same seed makes the same program. */
#include "program.h"

#include <mio.h>

/* Returns the next number of splitmix64. No two seeds give the same sequence of numbers. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static unsigned below(uint64_t *state, unsigned bound)
{
    return (unsigned)(next_random(state) % bound);
}

uint32_t interest_of(unsigned arg)
{
    static const uint32_t bits[] = {
        MIO_READABLE, MIO_WRITABLE, MIO_READABLE | MIO_WRITABLE, 0, MIO_CLOSED, MIO_READABLE | MIO_PRIORITY,
    };
    static const uint32_t flags[] = {
        MIO_EDGE, MIO_LEVEL, MIO_ONESHOT, MIO_LEVEL | MIO_ONESHOT, MIO_EXCLUSIVE, MIO_EXCLUSIVE | MIO_LEVEL, MIO_EDGE,
    };
    enum { BITS = sizeof bits / sizeof bits[0], FLAGS = sizeof flags / sizeof flags[0] };
    return bits[arg % BITS] | flags[arg / BITS % FLAGS];
}

/* The relative frequencies of the operations, in the order of the verbs in program.h. */
static const unsigned weights[VERBS] = {4, 12, 5, 4, 14, 4, 6, 14, 4, 1, 2, 2, 3, 4, 24, 2, 2, 1};

static unsigned pick_verb(uint64_t *state)
{
    unsigned total = 0;
    for (unsigned i = 0; i < VERBS; i++) {
        total += weights[i];
    }
    unsigned at = below(state, total);
    unsigned chosen = 0;
    while (at >= weights[chosen]) {
        at -= weights[chosen++];
    }
    return chosen;
}

/* Makes a random program from a seed. A program first opens and registers a few links, because the other steps have no
 * effect without open links. */
void generate(sequence *program, uint64_t seed)
{
    uint64_t state = seed;
    unsigned opened = 1 + below(&state, LINKS);
    program->length = 10 + below(&state, LONGEST - 10 + 1);
    for (size_t i = 0; i < program->length; i++) {
        operation *step = &program->steps[i];
        step->verb = (uint8_t)(i < opened ? DO_OPEN : i < 2 * (size_t)opened ? DO_REGISTER : pick_verb(&state));
        step->end = (uint8_t)(i < opened ? 2 * i : below(&state, ENDS));
        step->arg = (uint8_t)below(&state, 256);
    }
}
