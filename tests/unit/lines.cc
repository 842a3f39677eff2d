// SPDX-License-Identifier: MIT
// Tests examples/lines.h. The bytes of a random stream arrive in random pieces, and must give the same lines.
#include "../../examples/lines.h"

#include "../helpers/random.hpp"
#include "../helpers/run_suite.hpp"

#include <check.h>
#include <stdint.h>

namespace {

constexpr size_t longest_stream = 200;
constexpr size_t longest_buffer = 32;
constexpr char guard = 'G'; // follows the buffer

struct Run {
    char stream[longest_stream];
    size_t length;
    size_t read;  // stream[0..read) has arrived in the buffer
    size_t taken; // stream[0..taken) has been returned in lines
    size_t size;  // size of the buffer
    bool was_too_long;
    struct lines lines;
    char buffer[longest_buffer + 1];
};

void start(Run *run, uint32_t *random)
{
    *run = {};
    run->length = next_random(random) % longest_stream;
    const uint32_t line_length = 1 + next_random(random) % 20;
    for (size_t i = 0; i < run->length; i++)
        run->stream[i] = next_random(random) % line_length == 0 ? '\n' : static_cast<char>(next_random(random) % 3);
    run->size = 2 + next_random(random) % (longest_buffer - 1);
    run->buffer[run->size] = guard;
    lines_init(&run->lines, run->buffer, run->size);
}

// Compares a line with the stream, and moves `taken` to the byte after the line's newline.
void check(Run *run, const struct line &line)
{
    ck_assert_uint_le(run->taken + line.length, run->read);
    ck_assert_mem_eq(line.text, run->stream + run->taken, line.length);
    ck_assert_ptr_null(memchr(line.text, '\n', line.length));
    ck_assert_int_eq(line.text[line.length], '\0');
    ck_assert_int_eq(run->buffer[run->size], guard);
    ck_assert(line.continues == run->was_too_long);
    run->was_too_long = line.too_long;
    run->taken += line.length;
    if (line.too_long) {
        ck_assert_uint_eq(line.length, run->size - 1);
    } else if (run->taken < run->length) {
        ck_assert_int_eq(run->stream[run->taken], '\n');
        run->taken++;
    }
}

void read_once(Run *run, uint32_t *random)
{
    const size_t room = lines_room(&run->lines);
    const size_t left = run->length - run->read;
    ck_assert_uint_ge(room, 1);
    const size_t count = 1 + next_random(random) % (left < room ? left : room);
    memcpy(lines_space(&run->lines), run->stream + run->read, count);
    ck_assert_uint_eq(lines_room(&run->lines), room);
    lines_add(&run->lines, count);
    run->read += count;
}

START_TEST(random_reads_give_the_lines_of_the_stream)
{
    uint32_t random = 7;
    for (int i = 0; i < 300; i++) {
        Run run;
        struct line line = {};
        start(&run, &random);
        while (run.read < run.length) {
            read_once(&run, &random);
            while (lines_take(&run.lines, &line))
                check(&run, line);
            ck_assert_ptr_null(memchr(run.stream + run.taken, '\n', run.read - run.taken));
        }
        ck_assert(lines_is_empty(&run.lines) == (run.taken == run.length));
        const bool unfinished = run.taken < run.length || run.was_too_long;
        ck_assert(lines_rest(&run.lines, &line) == unfinished);
        if (unfinished) check(&run, line);
        ck_assert(!run.was_too_long);
        ck_assert_uint_eq(run.taken, run.length);
        ck_assert(!lines_take(&run.lines, &line));
        ck_assert(!lines_rest(&run.lines, &line));
    }
}
END_TEST

void add(struct lines *lines, const char *text)
{
    const size_t length = strlen(text);
    ck_assert_uint_le(length, lines_room(lines));
    memcpy(lines_space(lines), text, length);
    lines_add(lines, length);
}

void expect(struct lines *lines, const char *text, bool continues, bool too_long)
{
    struct line line = {};
    ck_assert(lines_take(lines, &line));
    ck_assert_str_eq(line.text, text);
    ck_assert_uint_eq(line.length, strlen(text));
    ck_assert(line.continues == continues);
    ck_assert(line.too_long == too_long);
}

START_TEST(the_longest_line_fits_with_its_newline_and_a_null)
{
    char buffer[6];
    struct lines lines = {};
    struct line line = {};
    lines_init(&lines, buffer, sizeof buffer);
    add(&lines, "four\n");
    expect(&lines, "four", false, false);
    add(&lines, "five5");
    expect(&lines, "five5", false, true);
    ck_assert(!lines_take(&lines, &line));
    add(&lines, "\n\nend");
    expect(&lines, "", true, false);
    expect(&lines, "", false, false);
    ck_assert(!lines_take(&lines, &line));
    ck_assert(lines_rest(&lines, &line));
    ck_assert_str_eq(line.text, "end");
    ck_assert(!lines_rest(&lines, &line));
}
END_TEST

START_TEST(the_end_of_a_line_that_is_too_long_is_a_part_of_its_own)
{
    char buffer[6];
    struct lines lines = {};
    struct line line = {};
    lines_init(&lines, buffer, sizeof buffer);
    add(&lines, "five5");
    expect(&lines, "five5", false, true);
    ck_assert(lines_rest(&lines, &line));
    ck_assert_str_eq(line.text, "");
    ck_assert(line.continues && !line.too_long);
    ck_assert(!lines_rest(&lines, &line));
}
END_TEST

// A program may take a line later, when it has room for the answer.
START_TEST(lines_that_are_not_taken_stay)
{
    char buffer[16];
    struct lines lines = {};
    lines_init(&lines, buffer, sizeof buffer);
    add(&lines, "a\nb\nc");
    expect(&lines, "a", false, false);
    add(&lines, "d\n");
    expect(&lines, "b", false, false);
    expect(&lines, "cd", false, false);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("lines");
    TCase *cases = tcase_create("lines");
    tcase_add_test(cases, random_reads_give_the_lines_of_the_stream);
    tcase_add_test(cases, the_longest_line_fits_with_its_newline_and_a_null);
    tcase_add_test(cases, the_end_of_a_line_that_is_too_long_is_a_part_of_its_own);
    tcase_add_test(cases, lines_that_are_not_taken_stay);
    suite_add_tcase(suite, cases);
    return run(suite);
}
