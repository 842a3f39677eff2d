/* SPDX-License-Identifier: MIT */
/*
 * The promises of <mio.h> for every function: a call with a null argument returns -EINVAL, and a call on a closed
 * object returns -EBADF. A call that fails leaves its arguments unchanged. If the function promises to keep errno, the
 * call also keeps errno. The rows are in tests/functions.h. The tests of a family check the other arguments that its
 * functions refuse.
 */
#include "../helpers/function.h"

#include <string.h>

enum { MARK = 4711 };

/* Makes the call of a row. All other arguments are good, so the call fails because of the object. */
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
