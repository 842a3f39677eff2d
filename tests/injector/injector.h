/* SPDX-License-Identifier: MIT */
/* Makes the calls of libc that the library makes fail. calls.c defines these calls in the test program. */
#ifndef MIO_TESTS_INJECTOR_H
#define MIO_TESTS_INJECTOR_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * In this thread, makes the `point`-th call from now on fail with its `variant`-th error. The point 0 only counts
 * calls.
 */
void injector_arm(int point, int variant);

/*
 * Changes the `point`-th call from now on, in this thread, that moves bytes or messages. If `error` is not 0, the call
 * fails with `error`. Otherwise it moves at most `most` bytes or messages. injector_disarm returns whether there was
 * such a call, and whether it requested more.
 */
void injector_arm_transfer(int point, size_t most, int error);

/* Ends both kinds of injection. Returns whether a call has failed, and stores its name in `*name` and its error in
   `*error`. */
bool injector_disarm(const char **name, int *error);

/* Whether the point or the variant exceeds the calls made since arming. */
bool injector_is_past(void);

/* How many blocks of memory the calls since arming have taken and not given back. */
long injector_memory(void);

/*
 * The first function returns whether a call of libc moves bytes or messages. The second reduces the requested amount to
 * `most`. The third then undoes the changes that the caller can see.
 */
bool injector_is_transfer(const char *name);
bool injector_shorten(const char *name, long *words, size_t most);
void injector_restore(void);

/* Prints the number of points of a kind, for tests/injector/errors.sh. */
void injector_note_points(const char *kind, long points);

/* The test case of short counts, which shorts.c defines. */
void add_short_tests(Suite *suite);

#endif /* MIO_TESTS_INJECTOR_H */
