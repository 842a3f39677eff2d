/* SPDX-License-Identifier: MIT */
/*
 * Tests the bits of interests, combinations of bits, and mio_interest_format. interest_modes.c tests registrations with
 * each interest.
 */
#include "../helpers/harness.h"

#include <string.h>

static const struct {
    uint32_t bit;
    const char *name;
} interests[] = {
    {MIO_READABLE, "READABLE"}, {MIO_WRITABLE, "WRITABLE"}, {MIO_AIO, "AIO"},
    {MIO_LIO, "LIO"},           {MIO_PRIORITY, "PRIORITY"}, {MIO_CLOSED, "CLOSED"},
    {MIO_LEVEL, "LEVEL"},       {MIO_ONESHOT, "ONESHOT"},   {MIO_EXCLUSIVE, "EXCLUSIVE"},
};
enum { INTERESTS = (int)(sizeof interests / sizeof interests[0]) };

/* Returns whether `text`, a list of words separated by " | ", contains `word`. */
static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word)) {
        bool begins = at == text || strncmp(at - 1, " ", 1) == 0;
        if (begins && (at[length] == '\0' || at[length] == ' ')) {
            return true;
        }
    }
    return false;
}

static void expect_text(uint32_t interest, const char *wanted)
{
    char text[MIO_INTEREST_TEXT_SIZE];
    int length = mio_interest_format(interest, text, sizeof text);
    ck_assert_str_eq(text, wanted);
    ck_assert_int_eq(length, (int)strlen(wanted));
}

START_TEST(each_constant_is_one_bit_of_its_own)
{
    uint32_t all = MIO_EDGE;
    for (int i = 0; i < INTERESTS; i++) {
        ck_assert_uint_ne(interests[i].bit, 0);
        ck_assert_uint_eq(interests[i].bit & (interests[i].bit - 1), 0);
        ck_assert_uint_eq(all & interests[i].bit, 0);
        all |= interests[i].bit;
    }
    ck_assert_uint_eq(all & (MIO_ERROR | MIO_WRITE_CLOSED), 0);
    ck_assert_uint_eq(MIO_READ_CLOSED, MIO_CLOSED);
}
END_TEST

START_TEST(is_readable_writable_aio_lio_on_the_constants)
{
    for (int i = 0; i < INTERESTS; i++) {
        const mio_event event = {.token = 0, .readiness = interests[i].bit, .os_bits = 0};
        ck_assert_int_eq(mio_event_is_readable(&event), interests[i].bit == MIO_READABLE);
        ck_assert_int_eq(mio_event_is_writable(&event), interests[i].bit == MIO_WRITABLE);
        ck_assert_int_eq(mio_event_is_aio(&event), interests[i].bit == MIO_AIO);
        ck_assert_int_eq(mio_event_is_lio(&event), interests[i].bit == MIO_LIO);
    }
}
END_TEST

START_TEST(or_joins_two_interests)
{
    static const uint32_t constant = MIO_READABLE | MIO_WRITABLE; /* the constants can be in a static initialiser */
    const mio_event event = {.token = 0, .readiness = constant, .os_bits = 0};
    ck_assert(mio_event_is_readable(&event));
    ck_assert(mio_event_is_writable(&event));
    ck_assert(!mio_event_is_aio(&event));
    ck_assert(!mio_event_is_lio(&event));
}
END_TEST

START_TEST(textual_form)
{
    expect_text(0, "EMPTY");
    expect_text(MIO_EDGE, "EMPTY");
    for (int i = 0; i < INTERESTS; i++) {
        expect_text(interests[i].bit, interests[i].name);
    }
    expect_text(MIO_READABLE | MIO_WRITABLE, "READABLE | WRITABLE");
    expect_text(MIO_READABLE | MIO_WRITABLE | MIO_ONESHOT, "READABLE | WRITABLE | ONESHOT");
}
END_TEST

START_TEST(textual_form_of_the_readiness_of_an_event)
{
    expect_text(MIO_ERROR, "ERROR");
    expect_text(MIO_WRITE_CLOSED, "WRITE_CLOSED");
    expect_text(MIO_READABLE | MIO_ERROR, "READABLE | ERROR");
}
END_TEST

START_TEST(bits_without_a_name_are_hexadecimal)
{
    expect_text(UINT32_C(0x100), "0x100");
    expect_text(UINT32_C(0x80000000), "0x80000000");
    expect_text(MIO_READABLE | UINT32_C(0xff000000), "READABLE | 0xff000000");
}
END_TEST

START_TEST(every_set_of_bits_names_them_and_no_others)
{
    for (uint32_t set = 0; set < UINT32_C(1) << INTERESTS; set++) {
        char text[MIO_INTEREST_TEXT_SIZE];
        uint32_t interest = 0;
        for (int i = 0; i < INTERESTS; i++) {
            interest |= (set >> i & 1) != 0 ? interests[i].bit : 0;
        }
        int length = mio_interest_format(interest, text, sizeof text);
        ck_assert_uint_eq(strlen(text), (size_t)length);
        for (int i = 0; i < INTERESTS; i++) {
            ck_assert_int_eq(has_word(text, interests[i].name), (interest & interests[i].bit) != 0);
        }
    }
}
END_TEST

START_TEST(the_longest_text_fits_the_size_that_is_promised)
{
    char text[1024];
    int length = mio_interest_format(UINT32_MAX, text, sizeof text);
    ck_assert_int_gt(length, 0);
    ck_assert_int_lt(length, MIO_INTEREST_TEXT_SIZE);
    ck_assert_uint_eq(strlen(text), (size_t)length);
    for (int i = 0; i < INTERESTS; i++) {
        ck_assert(has_word(text, interests[i].name));
    }
}
END_TEST

START_TEST(the_text_is_truncated_at_every_size_as_by_snprintf)
{
    const char *whole = "READABLE | WRITABLE | EXCLUSIVE";
    const int length = (int)strlen(whole);
    for (size_t size = 0; size <= (size_t)length + 8; size++) {
        char text[MIO_INTEREST_TEXT_SIZE];
        size_t kept = size <= (size_t)length ? size - 1 : (size_t)length;
        memset(text, '#', sizeof text);
        ck_assert_int_eq(
            mio_interest_format(MIO_READABLE | MIO_WRITABLE | MIO_EXCLUSIVE, size == 0 ? NULL : text, size), length);
        if (size > 0) {
            ck_assert_mem_eq(text, whole, kept);
            ck_assert_int_eq(text[kept], '\0');
        }
        for (size_t i = size; i < sizeof text; i++) {
            ck_assert_int_eq(text[i], '#');
        }
    }
}
END_TEST

START_TEST(formatting_to_null_is_invalid)
{
    ck_assert_errno(mio_interest_format(MIO_READABLE, NULL, 1), -EINVAL);
    ck_assert_errno(mio_interest_format(MIO_READABLE, NULL, SIZE_MAX), -EINVAL);
    ck_assert_count(mio_interest_format(MIO_READABLE, NULL, 0), 8);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("interest");
    TCase *bits = add_tcase(suite, "bits");
    tcase_add_test(bits, each_constant_is_one_bit_of_its_own);
    tcase_add_test(bits, is_readable_writable_aio_lio_on_the_constants);
    tcase_add_test(bits, or_joins_two_interests);
    TCase *text = add_tcase(suite, "text");
    tcase_add_test(text, textual_form);
    tcase_add_test(text, textual_form_of_the_readiness_of_an_event);
    tcase_add_test(text, bits_without_a_name_are_hexadecimal);
    tcase_add_test(text, every_set_of_bits_names_them_and_no_others);
    tcase_add_test(text, the_longest_text_fits_the_size_that_is_promised);
    tcase_add_test(text, the_text_is_truncated_at_every_size_as_by_snprintf);
    tcase_add_test(text, formatting_to_null_is_invalid);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
