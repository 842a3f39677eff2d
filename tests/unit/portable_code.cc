// SPDX-License-Identifier: MIT
// Tests that the library replaces each error code that only some systems have, and keeps every other code.
#include "unix/portable_code.hpp"

#include "unix/calls.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>

using namespace mio::impl;

namespace {

constexpr int pairs[][2] = {
    {EDQUOT, ENOSPC},       {EHOSTDOWN, EHOSTUNREACH},
#ifdef ENONET
    {ENONET, EHOSTUNREACH},
#endif
    {ETOOMANYREFS, EMFILE}, {EOPNOTSUPP, ENOTSUP},
};

START_TEST(what_some_systems_lack_becomes_what_all_have)
{
    for (const auto &pair : pairs) {
        ck_assert_int_eq(portable_code(pair[0]), pair[1]);
        errno = pair[0];
        ck_assert_int_eq(result_of(-1), -pair[1]);
    }
}
END_TEST

START_TEST(every_other_code_stays)
{
    for (int code = 0; code < 4096; code++) {
        bool replaced = false;
        for (const auto &pair : pairs)
            replaced = replaced || pair[0] == code;
        if (!replaced) ck_assert_int_eq(portable_code(code), code);
    }
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("portable_code");
    TCase *cases = tcase_create("portable_code");
    tcase_add_test(cases, what_some_systems_lack_becomes_what_all_have);
    tcase_add_test(cases, every_other_code_stays);
    suite_add_tcase(suite, cases);
    return run(suite);
}
