/* SPDX-License-Identifier: MIT */
/*
 * When the library calls libc, the injector can make the call fail. calls.c defines the libc functions in the test
 * program.
 */
#ifndef MIO_TESTS_INJECTOR_H
#define MIO_TESTS_INJECTOR_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Counts the calls of libc that this thread makes from now on. The call with the number `point` fails with the error at
 * index `variant` in the list of errors of this call. If `point` is 0, no call fails, but the injector still counts
 * calls.
 */
void injector_arm(int point, int variant);

/*
 * From now on, counts the calls with which this thread moves bytes or messages. If `error` is not 0, the call with the
 * number `point` fails with `error`. Otherwise this call moves at most `most` bytes or messages.
 */
void injector_arm_transfer(int point, size_t most, int error);

/*
 * Ends both kinds of injection. Returns whether a call has failed, or has moved less than requested. Stores the name of
 * this call in `*name`, and its error in `*error`.
 */
bool injector_disarm(const char **name, int *error);

/*
 * Returns true if the requested failure was not possible, for one of two reasons: the thread has made fewer than
 * `point` calls since the injector was armed, or the list of errors of the call with the number `point` has no entry
 * with the index `variant`.
 */
bool injector_is_past(void);

/* Returns how many blocks of memory this thread has allocated since injector_arm and has not freed. */
long injector_memory(void);

/*
 * injector_is_transfer returns whether the libc function `name` moves bytes or messages. injector_shorten changes the
 * arguments `words` of a call of this function, so that the call moves at most `most` bytes or messages. If the call
 * requests at most `most` bytes or messages anyway, injector_shorten changes nothing and returns false. If the call has
 * a struct msghdr as an argument, injector_shorten changes the caller's struct. After the call, injector_restore
 * restores the struct.
 */
bool injector_is_transfer(const char *name);
bool injector_shorten(const char *name, long *words, size_t most);
void injector_restore(void);

/* Prints how many injection points of a kind there are, for tests/injector/errors.sh. */
void injector_note_points(const char *kind, long points);

/* The test case of short counts (shorts.c). */
void add_short_tests(Suite *suite);

#endif /* MIO_TESTS_INJECTOR_H */
