// SPDX-License-Identifier: MIT
// Tests TextWriter, which writes text into a buffer of fixed size: the text, the count of bytes, and a full buffer.
#include "core/text.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

using mio::impl::TextWriter;

namespace {

constexpr uint64_t numbers[] = {0,
                                1,
                                9,
                                10,
                                15,
                                16,
                                99,
                                100,
                                255,
                                256,
                                65535,
                                4294967295,
                                4294967296,
                                9999999999999999999u,
                                10000000000000000000u,
                                UINT64_MAX - 1,
                                UINT64_MAX};

// Writes one text with every kind of value.
void write_sample(TextWriter *out)
{
    out->append("token=");
    out->append_decimal(UINT64_MAX);
    out->append(' ');
    out->append("");
    out->append_hex(0xbeef);
    out->append('/');
    out->append_hex(0x7, 4);
}
constexpr char sample[] = "token=18446744073709551615 beef/0007";

} // namespace

START_TEST(a_new_writer_has_an_empty_text)
{
    char text[] = "xyz";
    TextWriter out(text, sizeof text);
    ck_assert_int_eq(out.length(), 0);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(text[1], 'y');
}
END_TEST

START_TEST(pieces_follow_each_other)
{
    char text[64];
    TextWriter out(text, sizeof text);
    write_sample(&out);
    ck_assert_str_eq(text, sample);
    ck_assert_int_eq(out.length(), static_cast<int>(strlen(sample)));
}
END_TEST

START_TEST(the_text_ends_with_a_null_after_every_call)
{
    char text[16];
    memset(text, '#', sizeof text);
    TextWriter out(text, sizeof text);
    out.append('a');
    ck_assert_str_eq(text, "a");
    out.append("bc");
    ck_assert_str_eq(text, "abc");
    out.append_decimal(40);
    ck_assert_str_eq(text, "abc40");
    out.append_hex(0xd);
    ck_assert_str_eq(text, "abc40d");
}
END_TEST

START_TEST(decimal_numbers_are_those_of_printf)
{
    for (const uint64_t number : numbers) {
        char wanted[32];
        char text[32];
        snprintf(wanted, sizeof wanted, "%llu", static_cast<unsigned long long>(number));
        TextWriter out(text, sizeof text);
        out.append_decimal(number);
        ck_assert_str_eq(text, wanted);
    }
}
END_TEST

START_TEST(hexadecimal_numbers_are_those_of_printf)
{
    for (const uint64_t number : numbers) {
        for (unsigned digits = 1; digits <= 16; ++digits) {
            char wanted[32];
            char text[32];
            snprintf(wanted, sizeof wanted, "%0*llx", static_cast<int>(digits),
                     static_cast<unsigned long long>(number));
            TextWriter out(text, sizeof text);
            out.append_hex(number, digits);
            ck_assert_str_eq(text, wanted);
        }
    }
}
END_TEST

START_TEST(every_byte_is_appended_as_it_is)
{
    for (int byte = 1; byte < 256; ++byte) {
        char text[2];
        TextWriter out(text, sizeof text);
        out.append(static_cast<char>(byte));
        ck_assert_int_eq(static_cast<unsigned char>(text[0]), byte);
        ck_assert_int_eq(text[1], 0);
    }
}
END_TEST

// The buffer is a separate block, so that a sanitizer detects an access beyond its end. Without a sanitizer, the guard
// bytes detect such an access.
START_TEST(a_short_buffer_is_filled_and_the_rest_counted)
{
    for (size_t size = 0; size <= sizeof sample + 2; ++size) {
        char guarded[sizeof sample + 4];
        memset(guarded, '#', sizeof guarded);
        char *block = static_cast<char *>(malloc(size > 0 ? size : 1));
        TextWriter in_block(block, size);
        TextWriter in_guarded(guarded, size);
        write_sample(&in_block);
        write_sample(&in_guarded);
        ck_assert_int_eq(in_block.length(), static_cast<int>(sizeof sample - 1));
        if (size > 0) {
            const size_t kept = size < sizeof sample ? size - 1 : sizeof sample - 1;
            ck_assert_uint_eq(strlen(block), kept);
            ck_assert_mem_eq(block, sample, kept);
            ck_assert_str_eq(guarded, block);
        }
        for (size_t i = size; i < sizeof guarded; ++i)
            ck_assert_int_eq(guarded[i], '#');
        free(block);
    }
}
END_TEST

START_TEST(no_buffer_only_counts)
{
    TextWriter out(nullptr, 0);
    write_sample(&out);
    ck_assert_int_eq(out.length(), static_cast<int>(sizeof sample - 1));
}
END_TEST

static Suite *make_suite()
{
    Suite *suite = suite_create("text");
    TCase *tcase = tcase_create("writer");
    tcase_add_test(tcase, a_new_writer_has_an_empty_text);
    tcase_add_test(tcase, pieces_follow_each_other);
    tcase_add_test(tcase, the_text_ends_with_a_null_after_every_call);
    tcase_add_test(tcase, decimal_numbers_are_those_of_printf);
    tcase_add_test(tcase, hexadecimal_numbers_are_those_of_printf);
    tcase_add_test(tcase, every_byte_is_appended_as_it_is);
    tcase_add_test(tcase, a_short_buffer_is_filled_and_the_rest_counted);
    tcase_add_test(tcase, no_buffer_only_counts);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main()
{
    return run(make_suite());
}
