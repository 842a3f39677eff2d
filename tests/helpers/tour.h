/* SPDX-License-Identifier: MIT */
/*
 * A tour calls all functions of mio. Each row of tests/functions.h contains a call, and the tour first makes these
 * calls. Then the tour makes calls that depend on earlier calls, and calls that fail. If a function promises to keep
 * errno, the tour checks errno after the call.
 */
#ifndef MIO_TESTS_TOUR_H
#define MIO_TESTS_TOUR_H

#include "harness.h"

/* tour runs the whole tour. tour_of_ip and tour_of_unix run the parts of the tour that need no poll object. */
void tour(int variant);
void tour_of_ip(void);
void tour_of_unix(void);

/*
 * The tour runs tour_before before each call, and tour_after after each call. A test can set these two function
 * pointers. The tour skips a null pointer. `call` is the call as source text.
 */
extern void (*tour_before)(const char *call);
extern void (*tour_after)(const char *call, int64_t result);

/*
 * If tour_again is not null, the tour repeats each call while tour_again returns true. The tour then uses the result of
 * the last call.
 */
extern bool (*tour_again)(const char *call, int64_t result);

/*
 * The tour calls tour_note with a value that earlier calls have stored for the program, such as the flags of a received
 * message. The tour skips a null pointer. `what` is the name of the value.
 */
extern void (*tour_note)(const char *what, int64_t value);
#define NOTES(value) tour_value(#value, (int64_t)(value))
void tour_value(const char *what, int64_t value);

/* Evaluates a call. Fails if errno has changed although the function promises to keep errno. */
#define KEEPS(call)                                                                                                    \
    do {                                                                                                               \
        tour_begin(#call);                                                                                             \
        int64_t result_ = (int64_t)(call);                                                                             \
        while (tour_again != NULL && tour_again(#call, result_)) {                                                     \
            result_ = (int64_t)(call);                                                                                 \
        }                                                                                                              \
        tour_end(#call, result_);                                                                                      \
    } while (0)
void tour_begin(const char *call);
void tour_end(const char *call, int64_t result);

/* Like KEEPS, but for a call without a result. */
#define KEEPS_VOID(call)                                                                                               \
    do {                                                                                                               \
        tour_begin(#call);                                                                                             \
        call;                                                                                                          \
        (void)(tour_again != NULL && tour_again(#call, 0));                                                            \
        tour_end(#call, 0);                                                                                            \
    } while (0)

#endif /* MIO_TESTS_TOUR_H */
