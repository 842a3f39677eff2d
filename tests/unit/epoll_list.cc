// SPDX-License-Identifier: MIT
// Tests the parser of /proc/self/fdinfo, where the kernel lists the registrations of an epoll descriptor, one on each
// line.
#include "linux/epoll_list.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <errno.h>
#include <initializer_list>
#include <mio/interest.h>
#include <string.h>
#include <unistd.h>

using namespace mio::impl;

namespace {

// A visitor stores here the registrations that it has seen. When the visitor has seen `last` registrations, it returns
// an error, so that it sees no further registration.
struct Visits {
    Registration seen[100];
    size_t count;
    size_t last;
};

constexpr int verdict = -EPIPE;

int visit(void *context, const Registration &registration)
{
    auto *visits = static_cast<Visits *>(context);
    visits->seen[visits->count++] = registration;
    return visits->count == visits->last ? verdict : 0;
}

int read_text(const char *text, Visits *visits)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], text, strlen(text)), static_cast<ssize_t>(strlen(text)));
    close(ends[1]);
    const int result = read_epoll_list(ends[0], {visit, visits});
    close(ends[0]);
    return result;
}

START_TEST(a_line_is_a_registration)
{
    static const struct {
        const char *line;
        mio_handle handle;
        uintptr_t token;
        uint32_t interest;
        uint32_t armed;
        bool asleep;
    } cases[] = {
        {"tfd:        5 events: 80002019 data:               2a  pos:0 ino:1f sdev:9\n", 5, 42, MIO_READABLE,
         MIO_READABLE, false},
        {"tfd:        6 events:     201d data:               2b\n", 6, 43, MIO_READABLE | MIO_WRITABLE | MIO_LEVEL,
         MIO_READABLE | MIO_WRITABLE, false},
        {"tfd:        7 events: 90000019 data:               2c\n", 7, 44, MIO_READABLE | MIO_EXCLUSIVE, MIO_READABLE,
         false},
        {"tfd:        8 events: c0000000 data:               2d\n", 8, 45, MIO_ONESHOT, 0, true},
        {"tfd:        9 events: 80000019 data:               2e\n", 9, 46, MIO_READABLE | interest_notifier,
         MIO_READABLE, false},
    };
    for (const auto &each : cases) {
        Visits visits = {};
        ck_assert_int_eq(read_text(each.line, &visits), 0);
        ck_assert_uint_eq(visits.count, 1);
        const Registration &found = visits.seen[0];
        ck_assert_int_eq(found.handle, each.handle);
        ck_assert_uint_eq(found.token, each.token);
        ck_assert_uint_eq(found.interest, each.interest);
        ck_assert_uint_eq(found.armed, each.armed);
        ck_assert(found.asleep == each.asleep);
    }
}
END_TEST

START_TEST(any_other_line_is_no_registration)
{
    for (const char *line : {"pos:\t0\n", "flags:\t02\n", "tfd: 5\n", "tfd: 5 events: 19\n", "tfd: 5 data: 2a\n", "\n",
                             "tfd: 5 events: 19 data: 2a"}) {
        Visits visits = {};
        ck_assert_int_eq(read_text(line, &visits), 0);
        ck_assert_msg(visits.count == 0, "%s", line);
    }
}
END_TEST

// The text is longer than the buffer of read_epoll_list. So when the buffer is full, the last line in the buffer is
// incomplete.
START_TEST(a_visitor_ends_a_long_list)
{
    enum { lines = 60 };
    static constexpr char line[] = "tfd:        5 events: 80002019 data:               2a  pos:0 ino:1f sdev:9\n";
    char text[lines * sizeof line] = "";
    for (size_t i = 0; i < lines; i++)
        memcpy(text + i * (sizeof line - 1), line, sizeof line);
    for (const size_t last : {1u, 2u, 30u, 59u}) {
        Visits visits = {};
        visits.last = last;
        ck_assert_int_eq(read_text(text, &visits), verdict);
        ck_assert_uint_eq(visits.count, last);
    }
    Visits visits = {};
    ck_assert_int_eq(read_text(text, &visits), 0);
    ck_assert_uint_eq(visits.count, lines);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_an_error)
{
    Visits visits = {};
    ck_assert_int_eq(read_epoll_list(-1, {visit, &visits}), -EBADF);
    ck_assert_uint_eq(visits.count, 0);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("epoll_list");
    TCase *cases = tcase_create("epoll_list");
    tcase_add_test(cases, a_line_is_a_registration);
    tcase_add_test(cases, any_other_line_is_no_registration);
    tcase_add_test(cases, a_visitor_ends_a_long_list);
    tcase_add_test(cases, a_file_that_cannot_be_read_is_an_error);
    suite_add_tcase(suite, cases);
    return run(suite);
}
