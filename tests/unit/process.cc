// SPDX-License-Identifier: MIT
// Tests that the library detects a forked child (port/process.hpp) if the kernel cannot zero a page in the child.
// With such a kernel, a handler of pthread_atfork(3) zeroes the page. If there is no memory for this handler,
// mio_poll_new and mio_signals_open must fail.
#include "port/process.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <errno.h>
#include <mio.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

using namespace mio::impl;

namespace {

int atfork_result;
int atfork_calls;
void (*child_handler)();

} // namespace

extern "C" int madvise(void *, size_t, int)
{
    errno = ENOSYS;
    return -1;
}

extern "C" int pthread_atfork(void (*)(), void (*)(), void (*child)())
{
    atfork_calls++;
    child_handler = child;
    return atfork_result;
}

namespace {

// In each process, the library allocates the page and calls pthread_atfork(3) only once. Under Valgrind, all tests run
// in one process. A second test would then see no call of pthread_atfork(3), so this file has only one test.
START_TEST(the_handler_needs_memory_and_gives_a_child_another_generation)
{
    const int numbers[] = {SIGUSR1};
    mio_poll *poll = nullptr;
    mio_signals signals = {};
    atfork_result = ENOMEM;
    errno = EXDEV;
    ck_assert_uint_eq(process_generation(), 0);
    ck_assert_int_eq(errno, EXDEV);
    ck_assert_int_eq(mio_poll_new(&poll, nullptr), -ENOMEM);
    ck_assert_ptr_null(poll);
    ck_assert_int_eq(mio_signals_open(&signals, numbers, 1, 0), -ENOMEM);
    ck_assert_int_eq(mio_signals_open(&signals, numbers, 1, MIO_SIGNALS_SELF_PIPE), -ENOMEM);

    atfork_result = 0;
    atfork_calls = 0;
    const uint32_t generation = process_generation();
    ck_assert_uint_ne(generation, 0);
    ck_assert_uint_eq(process_generation(), generation);
    child_handler();
    ck_assert(!is_process_generation(generation));
    ck_assert_uint_ne(process_generation(), generation);
    ck_assert_uint_ne(process_generation(), 0);
    ck_assert_int_eq(atfork_calls, 1);
    ck_assert_int_eq(mio_poll_new(&poll, nullptr), 0);
    mio_poll_free(poll);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("process");
    TCase *cases = tcase_create("process");
    tcase_add_test(cases, the_handler_needs_memory_and_gives_a_child_another_generation);
    suite_add_tcase(suite, cases);
    return run(suite);
}
