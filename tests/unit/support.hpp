// SPDX-License-Identifier: MIT
// Helpers of the unit tests.
#ifndef MIO_TESTS_UNIT_SUPPORT_HPP
#define MIO_TESTS_UNIT_SUPPORT_HPP

#include <check.h>
#include <stdlib.h>

// Runs a suite and returns the exit status.
inline int run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif // MIO_TESTS_UNIT_SUPPORT_HPP
