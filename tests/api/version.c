/* SPDX-License-Identifier: MIT */
/* Tests that mio_version and mio_version_string agree with the version macros. */
#include "../helpers/harness.h"

#include <stdio.h>
#include <string.h>

/* The preprocessor can compare the macros. */
#if MIO_VERSION < MIO_MAKE_VERSION(1, 0, 0) ||                                                                         \
    MIO_VERSION != MIO_MAKE_VERSION(MIO_VERSION_MAJOR, MIO_VERSION_MINOR, MIO_VERSION_PATCH)
#error MIO_VERSION
#endif
#if MIO_MAKE_VERSION(1, 2, 3) >= MIO_MAKE_VERSION(1, 3, 0) || MIO_MAKE_VERSION(1, 999, 999) >= MIO_MAKE_VERSION(2, 0, 0)
#error MIO_MAKE_VERSION
#endif

START_TEST(macros_function_and_text_agree)
{
    char text[64];
    snprintf(text, sizeof text, "%d.%d.%d", MIO_VERSION_MAJOR, MIO_VERSION_MINOR, MIO_VERSION_PATCH);
    ck_assert_int_eq(mio_version(), MIO_VERSION);
    ck_assert_str_eq(mio_version_string(), MIO_VERSION_STRING);
    ck_assert_str_eq(mio_version_string(), text);
    ck_assert_ptr_eq(mio_version_string(), mio_version_string());
}
END_TEST

START_TEST(versions_grow_with_every_release)
{
    ck_assert_int_lt(MIO_MAKE_VERSION(1, 0, 0), MIO_MAKE_VERSION(1, 0, 1));
    ck_assert_int_lt(MIO_MAKE_VERSION(1, 0, 99), MIO_MAKE_VERSION(1, 1, 0));
    ck_assert_int_lt(MIO_MAKE_VERSION(1, 99, 99), MIO_MAKE_VERSION(2, 0, 0));
    ck_assert_int_eq(MIO_MAKE_VERSION(1 + 1, 2 + 1, 3 + 1), MIO_MAKE_VERSION(2, 3, 4));
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("version");
    TCase *tcase = add_tcase(suite, "version");
    tcase_add_test(tcase, macros_function_and_text_agree);
    tcase_add_test(tcase, versions_grow_with_every_release);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
