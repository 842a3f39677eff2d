// SPDX-License-Identifier: MIT
// Tests a page that minherit(2) of FreeBSD zeroes in each child process. Linux lacks the call, so the test defines the
// call.
#include <stddef.h>

#define INHERIT_ZERO 3 // the number of FreeBSD

extern "C" int minherit(void *page, size_t size, int inherit);

#include "bsd/fork_page.cc"

#include "../helpers/run_suite.hpp"

#include <check.h>

namespace {

struct Call {
    void *page;
    size_t size;
    int inherit;
    int result;
};
Call call;

} // namespace

extern "C" int minherit(void *page, size_t size, int inherit)
{
    call = {page, size, inherit, call.result};
    return call.result;
}

namespace {

START_TEST(the_kernel_zeroes_the_page)
{
    char page[16];
    call = {};
    ck_assert(mio::impl::zero_in_children(page, sizeof page));
    ck_assert_ptr_eq(call.page, page);
    ck_assert_uint_eq(call.size, sizeof page);
    ck_assert_int_eq(call.inherit, 3);
}
END_TEST

START_TEST(a_refusal_is_reported)
{
    char page[16];
    call = {};
    call.result = -1;
    ck_assert(!mio::impl::zero_in_children(page, sizeof page));
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("fork_page");
    TCase *tcase = tcase_create("fork_page");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, the_kernel_zeroes_the_page);
    tcase_add_test(tcase, a_refusal_is_reported);
    return run(suite);
}
