/* SPDX-License-Identifier: MIT */
/* The calls of libc that the library makes, which can be made to fail: calls.c defines them in the test program. */
#ifndef MIO_TESTS_INJECTOR_H
#define MIO_TESTS_INJECTOR_H

#include <stdbool.h>

/* Fails the `point`-th call from now on, with its `variant`-th error, in this thread; 0 fails none, but counts. */
void injector_arm(int point, int variant);

/* Ends that. Returns whether a call has failed: `*name` and `*error` say which, and how. */
bool injector_disarm(const char **name, int *error);

/* Whether the point, or the variant, is past the last of what has been called since arming. */
bool injector_is_past(void);

/* How many blocks of memory the calls since arming have taken and not given back. */
long injector_memory(void);

#endif /* MIO_TESTS_INJECTOR_H */
