/* SPDX-License-Identifier: MIT */
/*
 * Tests promises of <mio.h>. Every function returns -EINVAL for a null argument, and -EBADF for a closed object. A
 * function that fails does not change its arguments. Some functions also promise to keep errno. The table of functions
 * is in tests/functions.h. The tests of further invalid arguments are in other programs. For example, udp_errors.c
 * tests the functions of UDP sockets.
 */
#include "../helpers/function.h"

#include <string.h>

enum { MARK = 4711 };

/*
 * Calls the function with a null or closed object, as `subject` says. The other arguments are valid, so the call fails
 * because of this object.
 */
static void expect_result(const function *f, enum subject subject, int64_t wanted)
{
    static stage before;
    ck_assert(set_stage(0, 0));
    memcpy(&before, &the, sizeof the);
    errno = MARK;
    int64_t result = f->make(subject);
    int code = errno;
    assert_result_at(__FILE__, __LINE__, f->call, result, wanted);
    ck_assert_msg(code == MARK || f->safety == PLAIN, "%s sets errno to %s", f->call, errno_name(code));
    ck_assert_msg(memcmp(&the, &before, offsetof(stage, released)) == 0, "%s changes its arguments", f->call);
}

START_TEST(null_is_einval_or_ignored)
{
    for (size_t i = 0; i < function_count; i++) {
        if (functions[i].result_for_null != NOT_ASKED) {
            expect_result(&functions[i], NO_OBJECT, functions[i].result_for_null);
        }
    }
}
END_TEST

START_TEST(what_is_closed_is_ebadf_or_ignored)
{
    for (size_t i = 0; i < function_count; i++) {
        if (functions[i].result_for_closed != NOT_ASKED) {
            expect_result(&functions[i], CLOSED_OBJECT, functions[i].result_for_closed);
        }
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("arguments");
    TCase *tcase = add_tcase(suite, "arguments");
    tcase_add_test(tcase, null_is_einval_or_ignored);
    tcase_add_test(tcase, what_is_closed_is_ebadf_or_ignored);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
