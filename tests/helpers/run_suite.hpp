// SPDX-License-Identifier: MIT
// Runs the tests in C++, which test the internals and <mio.hpp>.
#ifndef MIO_TESTS_HELPERS_RUN_SUITE_HPP
#define MIO_TESTS_HELPERS_RUN_SUITE_HPP

#include <check.h>
#include <stdlib.h>

// Runs a suite and returns the exit status.
inline int run(Suite *suite)
{
#ifndef _WIN32 // on Windows, libcheck has no time limit
    // By default, libcheck stops a test after 4 seconds. Under QEMU on a busy machine, a test can take longer.
    setenv("CK_DEFAULT_TIMEOUT", "60", 0);
#endif
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif // MIO_TESTS_HELPERS_RUN_SUITE_HPP
