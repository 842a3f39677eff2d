/* SPDX-License-Identifier: MIT */
/* Tests Unix addresses: paths, abstract names and unnamed addresses. */
#include "../helpers/unix_sockets.h"

#include <limits.h>
#include <sys/un.h>

enum { LONGEST = sizeof(((struct sockaddr_un *)NULL)->sun_path) };

static const char PATH[] = "/run/mio/test.socket";

static mio_addr scribbled(void)
{
    mio_addr addr;
    scribble(&addr, sizeof addr);
    return addr;
}

/* ---- paths ------------------------------------------------------------------------------------------------------ */

START_TEST(path_goes_in_and_comes_out)
{
    mio_addr addr = scribbled();
    char text[MIO_ADDR_TEXT_SIZE];
    call_ok(mio_addr_from_path(&addr, PATH, sizeof PATH - 1));
    call_counts(mio_addr_family(&addr), MIO_ADDR_UNIX);
    call_counts(mio_addr_unix_path(&addr, text, sizeof text), sizeof PATH - 1);
    ck_assert_str_eq(text, PATH);
    call_counts(mio_addr_format(&addr, text, sizeof text), sizeof PATH - 1);
    ck_assert_str_eq(text, PATH);
    call_counts(mio_addr_is_unnamed(&addr), 0);
}
END_TEST

START_TEST(path_is_what_sockaddr_un_holds)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    mio_addr addr;
    mio_addr same;
    memcpy(name.sun_path, PATH, sizeof PATH);
    call_ok(mio_addr_from_path(&addr, PATH, sizeof PATH - 1));
    call_ok(mio_addr_from_sockaddr(&same, &name, sizeof name));
    assert_addr_eq(&addr, &same);
    ck_assert_uint_eq(mio_addr_hash(&addr), mio_addr_hash(&same));
}
END_TEST

START_TEST(sockaddr_un_is_as_long_as_its_name)
{
    const size_t start = offsetof(struct sockaddr_un, sun_path);
    struct sockaddr_un name;
    mio_addr addr;
    call_ok(mio_addr_from_path(&addr, PATH, sizeof PATH - 1));
    /* The length includes the null at the end of the path. */
    call_counts(mio_addr_to_sockaddr(&addr, &name, sizeof name), start + sizeof PATH);
    ck_assert_str_eq(name.sun_path, PATH);
    call_ok(mio_addr_from_abstract(&addr, "abc", 3));
    /* The length includes the null before the name. */
    call_counts(mio_addr_to_sockaddr(&addr, &name, sizeof name), start + 1 + 3);
    ck_assert_mem_eq(name.sun_path, "\0abc", 4);
    call_ok(mio_addr_unnamed(&addr));
    call_counts(mio_addr_to_sockaddr(&addr, &name, sizeof name), start);
}
END_TEST

START_TEST(path_need_not_end_with_a_null)
{
    const char bytes[] = {'a', '/', 'b', 'X', 'X'};
    mio_addr addr;
    char text[16];
    call_ok(mio_addr_from_path(&addr, bytes, 3));
    call_counts(mio_addr_unix_path(&addr, text, sizeof text), 3);
    ck_assert_str_eq(text, "a/b");
}
END_TEST

START_TEST(longest_path_has_every_byte_of_sockaddr_un)
{
    char longest[LONGEST + 1];
    char text[LONGEST + 2];
    mio_addr addr = scribbled();
    memset(longest, 'p', sizeof longest);
    call_fails_keeping(&addr, mio_addr_from_path(&addr, longest, LONGEST + 1), ENAMETOOLONG);
    call_fails_keeping(&addr, mio_addr_from_path(&addr, longest, SIZE_MAX), ENAMETOOLONG);
    call_ok(mio_addr_from_path(&addr, longest, LONGEST));
    call_counts(mio_addr_unix_path(&addr, text, sizeof text), LONGEST);
    ck_assert_mem_eq(text, longest, LONGEST);
    ck_assert_int_eq(text[LONGEST], '\0');
    struct sockaddr_un name;
    /* The longest path fills sun_path, so no null follows the path. */
    call_counts(mio_addr_to_sockaddr(&addr, &name, sizeof name), sizeof name);
    ck_assert_mem_eq(name.sun_path, longest, LONGEST);
}
END_TEST

START_TEST(path_that_is_none)
{
    mio_addr addr = scribbled();
    call_fails_keeping(&addr, mio_addr_from_path(&addr, "", 0), EINVAL);
    call_fails_keeping(&addr, mio_addr_from_path(&addr, "\0abc", 4), EINVAL);
    call_fails_keeping(&addr, mio_addr_from_path(&addr, "abc", 4), EINVAL); /* a null in a path is invalid */
    call_fails_keeping(&addr, mio_addr_from_path(&addr, NULL, 4), EINVAL);
    call_fails(mio_addr_from_path(NULL, PATH, 4), EINVAL);
}
END_TEST

START_TEST(path_is_truncated_as_by_snprintf)
{
    mio_addr addr = any_path_addr(PATH);
    char text[8];
    memset(text, 'x', sizeof text);
    call_counts(mio_addr_unix_path(&addr, text, 5), sizeof PATH - 1);
    ck_assert_mem_eq(text, "/run\0xxx", sizeof text);
    call_counts(mio_addr_unix_path(&addr, text, 1), sizeof PATH - 1);
    ck_assert_mem_eq(text, "\0run\0xxx", sizeof text);
    call_counts(mio_addr_unix_path(&addr, text, 0), sizeof PATH - 1);
    call_counts(mio_addr_unix_path(&addr, NULL, 0), sizeof PATH - 1);
    call_fails(mio_addr_unix_path(&addr, NULL, 5), EINVAL);
    call_fails(mio_addr_unix_path(NULL, text, sizeof text), EINVAL);
    ck_assert_mem_eq(text, "\0run\0xxx", sizeof text);
}
END_TEST

/* ---- abstract names --------------------------------------------------------------------------------------------- */

START_TEST(abstract_name_goes_in_and_comes_out)
{
    static const char name[] = {'m', '\0', '\xff', 'o', '\0'};
    mio_addr addr = scribbled();
    char bytes[16];
    call_ok(mio_addr_from_abstract(&addr, name, sizeof name));
    call_counts(mio_addr_family(&addr), MIO_ADDR_UNIX);
    call_counts(mio_addr_unix_abstract(&addr, bytes, sizeof bytes), sizeof name);
    ck_assert_mem_eq(bytes, name, sizeof name);
    call_counts(mio_addr_unix_abstract(&addr, bytes, sizeof name), sizeof name);
    call_counts(mio_addr_is_unnamed(&addr), 0);
    char text[MIO_ADDR_TEXT_SIZE];
    ck_assert_int_gt(mio_addr_format(&addr, text, sizeof text), 0);
    ck_assert_str_eq(text, "@m\\x00\\xffo\\x00");
}
END_TEST

START_TEST(abstract_names_that_differ_in_a_null_are_two)
{
    mio_addr with;
    mio_addr without;
    call_ok(mio_addr_from_abstract(&with, "ab", 3));
    call_ok(mio_addr_from_abstract(&without, "ab", 2));
    ck_assert_int_ne(mio_addr_compare(&with, &without), 0);
}
END_TEST

START_TEST(abstract_name_of_no_byte_is_a_name)
{
    mio_addr addr;
    mio_addr unnamed = unnamed_addr();
    char byte = 'x';
    call_ok(mio_addr_from_abstract(&addr, NULL, 0));
    call_counts(mio_addr_unix_abstract(&addr, &byte, 1), 0);
    call_counts(mio_addr_unix_abstract(&addr, NULL, 0), 0);
    call_counts(mio_addr_is_unnamed(&addr), 0);
    ck_assert_int_ne(mio_addr_compare(&addr, &unnamed), 0);
    ck_assert_int_eq(byte, 'x');
}
END_TEST

START_TEST(longest_abstract_name_is_one_byte_shorter)
{
    char longest[LONGEST];
    char bytes[LONGEST];
    mio_addr addr = scribbled();
    memset(longest, 'a', sizeof longest);
    call_fails_keeping(&addr, mio_addr_from_abstract(&addr, longest, LONGEST), ENAMETOOLONG);
    call_fails_keeping(&addr, mio_addr_from_abstract(&addr, longest, SIZE_MAX), ENAMETOOLONG);
    call_ok(mio_addr_from_abstract(&addr, longest, LONGEST - 1));
    call_counts(mio_addr_unix_abstract(&addr, bytes, sizeof bytes), LONGEST - 1);
    ck_assert_mem_eq(bytes, longest, LONGEST - 1);
}
END_TEST

START_TEST(abstract_name_that_does_not_fit_or_is_null)
{
    mio_addr addr = scribbled();
    char bytes[4] = "xyz";
    call_fails_keeping(&addr, mio_addr_from_abstract(&addr, NULL, 1), EINVAL);
    call_fails(mio_addr_from_abstract(NULL, "a", 1), EINVAL);
    call_ok(mio_addr_from_abstract(&addr, "abc", 3));
    call_fails(mio_addr_unix_abstract(&addr, bytes, 2), ENOSPC);
    call_fails(mio_addr_unix_abstract(&addr, NULL, 0), ENOSPC);
    call_fails(mio_addr_unix_abstract(&addr, NULL, 3), EINVAL);
    call_fails(mio_addr_unix_abstract(NULL, bytes, 3), EINVAL);
    ck_assert_str_eq(bytes, "xyz");
}
END_TEST

/* ---- the unnamed address, and functions that take every kind of address ----------------------------------------- */

START_TEST(unnamed_is_a_unix_address_without_a_name)
{
    mio_addr addr = scribbled();
    char text[MIO_ADDR_TEXT_SIZE];
    call_ok(mio_addr_unnamed(&addr));
    call_counts(mio_addr_family(&addr), MIO_ADDR_UNIX);
    call_counts(mio_addr_is_unnamed(&addr), 1);
    ck_assert_int_gt(mio_addr_format(&addr, text, sizeof text), 0);
    ck_assert_str_eq(text, "unnamed");
    call_fails(mio_addr_unnamed(NULL), EINVAL);
    call_counts(mio_addr_is_unnamed(NULL), 0);
}
END_TEST

/*
 * Checks that parsing the text of the address gives the same address again. It follows that no two addresses have the
 * same text.
 */
static void expect_text_of_its_own(const mio_addr *addr, const char *wanted)
{
    char text[MIO_ADDR_TEXT_SIZE];
    mio_addr again = scribbled();
    ck_assert_int_lt(mio_addr_format(addr, text, sizeof text), (int)sizeof text);
    if (wanted != NULL) {
        ck_assert_str_eq(text, wanted);
    }
    call_ok(mio_addr_parse(&again, text));
    assert_addr_eq(&again, addr);
}

START_TEST(each_address_has_a_text_of_its_own)
{
    static const char *const names[] = {"a", "unnamed", "none", "other", "127.0.0.1:80", "[::1]:80", "", "\\x41"};
    char text[MIO_ADDR_TEXT_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        mio_addr abstract = abstract_addr(names[i]);
        ck_assert_int_gt(mio_addr_format(&abstract, text, sizeof text), 0);
        expect_text_of_its_own(&abstract, NULL);
        mio_addr path = any_path_addr(text); /* the path is the text of the abstract name */
        expect_text_of_its_own(&path, NULL);
        snprintf(text, sizeof text, "./%s", names[i]);
        if (names[i][0] != '\0') {
            path = any_path_addr(names[i]);
            expect_text_of_its_own(&path, text);
        }
        path = any_path_addr(text);
        expect_text_of_its_own(&path, NULL);
    }
    mio_addr unnamed = unnamed_addr();
    expect_text_of_its_own(&unnamed, "unnamed");
    mio_addr path = any_path_addr("/run/a b");
    expect_text_of_its_own(&path, "/run/a b");
}
END_TEST

START_TEST(the_longest_names_have_a_text_that_is_read)
{
    char longest[LONGEST + 3];
    mio_addr addr;
    memset(longest, '\xff', sizeof longest);
    call_ok(mio_addr_from_path(&addr, longest, LONGEST));
    expect_text_of_its_own(&addr, NULL);
    call_ok(mio_addr_from_abstract(&addr, longest, LONGEST - 1));
    expect_text_of_its_own(&addr, NULL);
    memset(longest, 'a', sizeof longest);
    longest[LONGEST + 2] = '\0';
    addr = scribbled();
    longest[0] = '/';
    call_fails_keeping(&addr, mio_addr_parse(&addr, longest), ENAMETOOLONG);
    longest[0] = '@';
    call_fails_keeping(&addr, mio_addr_parse(&addr, longest), ENAMETOOLONG);
}
END_TEST

START_TEST(each_accessor_takes_its_own_kind_only)
{
    char bytes[8] = "kept";
    mio_addr path = any_path_addr("/x");
    mio_addr abstract = abstract_addr("x");
    mio_addr unnamed = unnamed_addr();
    mio_addr none = no_addr();
    mio_addr ip = loopback_v4();
    const mio_addr *not_paths[] = {&abstract, &unnamed, &none, &ip};
    const mio_addr *not_abstract[] = {&path, &unnamed, &none, &ip};
    const mio_addr *not_unnamed[] = {&path, &abstract, &none, &ip};
    for (size_t i = 0; i < 4; i++) {
        call_fails(mio_addr_unix_path(not_paths[i], bytes, sizeof bytes), EAFNOSUPPORT);
        call_fails(mio_addr_unix_abstract(not_abstract[i], bytes, sizeof bytes), EAFNOSUPPORT);
        call_counts(mio_addr_is_unnamed(not_unnamed[i]), 0);
    }
    ck_assert_str_eq(bytes, "kept");
    call_fails(mio_addr_port(&path), EAFNOSUPPORT);
}
END_TEST

START_TEST(garbage_in_an_address_is_not_read_past)
{
    mio_addr addr = scribbled();
    char bytes[256];
    for (unsigned fill = 0; fill < 256; fill++) {
        memset(&addr, (int)fill, sizeof addr);
        kept(mio_addr_unix_path(&addr, bytes, sizeof bytes));
        kept(mio_addr_unix_abstract(&addr, bytes, sizeof bytes));
        kept(mio_addr_is_unnamed(&addr));
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_addr");
    TCase *tcase = add_tcase(suite, "path");
    tcase_add_test(tcase, path_goes_in_and_comes_out);
    tcase_add_test(tcase, path_is_what_sockaddr_un_holds);
    tcase_add_test(tcase, sockaddr_un_is_as_long_as_its_name);
    tcase_add_test(tcase, path_need_not_end_with_a_null);
    tcase_add_test(tcase, longest_path_has_every_byte_of_sockaddr_un);
    tcase_add_test(tcase, path_that_is_none);
    tcase_add_test(tcase, path_is_truncated_as_by_snprintf);
    tcase = add_tcase(suite, "abstract");
    tcase_add_test(tcase, abstract_name_goes_in_and_comes_out);
    tcase_add_test(tcase, abstract_names_that_differ_in_a_null_are_two);
    tcase_add_test(tcase, abstract_name_of_no_byte_is_a_name);
    tcase_add_test(tcase, longest_abstract_name_is_one_byte_shorter);
    tcase_add_test(tcase, abstract_name_that_does_not_fit_or_is_null);
    tcase = add_tcase(suite, "others");
    tcase_add_test(tcase, unnamed_is_a_unix_address_without_a_name);
    tcase_add_test(tcase, each_address_has_a_text_of_its_own);
    tcase_add_test(tcase, the_longest_names_have_a_text_that_is_read);
    tcase_add_test(tcase, each_accessor_takes_its_own_kind_only);
    tcase_add_test(tcase, garbage_in_an_address_is_not_read_past);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
