/* SPDX-License-Identifier: MIT */
/*
 * Leaves out tests that this build cannot run, because an emulated processor or a platform lacks parts of Linux. The
 * environment variable MIO_SKIPS names a file that lists these tests. Each line has a program, a test of this program,
 * and the reason. "test:2" skips turn 2 and all later turns of a loop test. "test:<2" skips the turns before turn 2.
 * For each skipped test, the program prints the word SKIPPED, the test and the reason. The program runs all other
 * tests.
 */
#ifndef MIO_TESTS_SKIPS_H
#define MIO_TESTS_SKIPS_H

#include <check.h>

#ifdef __cplusplus
extern "C" {
#endif

void add_test(TCase *tcase, const TTest *test, int start, int end);

#ifdef __cplusplus
}
#endif

#undef tcase_add_test
#undef tcase_add_loop_test
#define tcase_add_test(tcase, test) add_test((tcase), (test), 0, 1)
#define tcase_add_loop_test(tcase, test, start, end) add_test((tcase), (test), (start), (end))

#endif /* MIO_TESTS_SKIPS_H */
