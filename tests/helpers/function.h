/* SPDX-License-Identifier: MIT */
/*
 * Turns each row of tests/functions.h into an element of an array. A row describes one function of mio, and contains a
 * call of this function. The element contains the description, and a pointer to a function that makes the call.
 */
#ifndef MIO_TESTS_FUNCTION_H
#define MIO_TESTS_FUNCTION_H

#include "stage.h"

/*
 * HANDLER: a signal handler may call the function, so it keeps errno. KEEPS: the function keeps errno. PLAIN: the
 * function may change errno.
 */
enum safety { PLAIN, KEEPS, HANDLER };

/*
 * NO_MEMORY: the function neither allocates nor frees. TABLE: the function may allocate and free, if the backend has a
 * table of registrations. MEMORY: the function may allocate and free on any backend.
 */
enum memory { NO_MEMORY, TABLE, MEMORY };

/*
 * The object that a call gets: a null pointer, a closed object (all zero), or an open object, which stage.h provides.
 */
enum subject { NO_OBJECT, CLOSED_OBJECT, GOOD_OBJECT };

/*
 * ANY_NUMBER means that the test does not count system calls. NOT_ASKED means that the test does not check the result.
 */
enum { ANY_NUMBER = -1 };
#define NOT_ASKED INT64_MIN

typedef struct function {
    const char *name;
    const char *call; /* the call as source text */
    int64_t (*make)(enum subject subject);
    long (*calls)(void); /* after set_stage(): the number of system calls that make(GOOD_OBJECT) must make */
    enum safety safety;
    enum memory memory;
    int needs;
    int64_t result_for_null;
    int64_t result_for_closed;
} function;

extern const function functions[];
extern const size_t function_count;

/*
 * `text` is a call, such as "count = mio_stream_read(&stream, text, 8)". Returns the row of the called function.
 * Returns null if the text calls no function of mio.
 */
const function *function_called(const char *text);

/* Returns whether a call has worked, would block, or needs something that this system lacks. */
bool is_good(int64_t result);

#endif /* MIO_TESTS_FUNCTION_H */
