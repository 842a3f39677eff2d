// SPDX-License-Identifier: MIT
// Tests waits of the backend "poll" that have a timeout of 0 and poll the table in several parts. Other threads can use
// the table while such a wait polls a part. The test replaces masked_poll, the function that calls poll(2). Before the
// first part is polled, the replacement does once what the other threads do.
#include "unix/masked_poll.hpp"
#include "unix/mechanisms.hpp"
#include "unix/poll_state.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <fcntl.h>
#include <initializer_list>
#include <mio/interest.h>
#include <stdint.h>
#include <unistd.h>

using namespace mio::impl;

namespace {

constexpr int part = 256; // a wait polls this number of rows at once
constexpr int rows = 2 * part + 10;

PollState state;
int fds[rows]; // the index of a row in the table is also its index here, and its token
void (*others_act)();

// Returns the reading end of a pipe.
int make_pipe(bool readable)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    if (readable) ck_assert_int_eq(write(ends[1], "x", 1), 1);
    return ends[0];
}

// Fills the table. The rows in `ready` are readable. The state says that another thread leads, so each wait polls the
// table itself.
void open_table(std::initializer_list<int> ready)
{
    const int idle = make_pipe(false);
    ck_assert_int_eq(poll_selector.open(&state), 0);
    for (int &fd : fds)
        fd = fcntl(idle, F_DUPFD_CLOEXEC, 0);
    for (const int row : ready)
        ck_assert_int_eq(dup2(make_pipe(true), fds[row]), fds[row]);
    for (int i = 0; i < rows; i++)
        ck_assert_int_eq(poll_selector.add(&state, fds[i], static_cast<uintptr_t>(i), MIO_READABLE), 0);
    state.leading = true;
}

void close_table()
{
    state.leading = false;
    poll_selector.close(&state);
    state = {};
    for (const int fd : fds)
        close(fd);
}

int look(mio_event *event)
{
    WakeEpoch epoch;
    return poll_selector.wait(&state, event, 1, 0, nullptr, &epoch);
}

void expect_row(int row)
{
    mio_event event;
    ck_assert_int_eq(look(&event), 1);
    ck_assert_uint_eq(event.token, static_cast<uintptr_t>(row));
}

void expect_nothing()
{
    mio_event event;
    ck_assert_int_eq(look(&event), 0);
}

void remove_row(int row)
{
    ck_assert_int_eq(poll_selector.remove(&state, fds[row]), 0);
}

} // namespace

namespace mio::impl {

uint32_t masked_poll_capabilities()
{
    return 0;
}

int masked_poll(pollfd *copy, size_t size, int64_t timeout_ns, const sigset_t *)
{
    ck_assert_int_eq(timeout_ns, 0);
    void (*const act)() = others_act;
    others_act = nullptr;
    if (act != nullptr) act();
    return poll(copy, static_cast<nfds_t>(size), 0);
}

} // namespace mio::impl

namespace {

START_TEST(every_part_is_polled_while_others_look)
{
    open_table({part - 1, part});
    others_act = [] { expect_row(part - 1); }; // the search of the next wait begins with the second part
    expect_row(part);
    expect_nothing();
    close_table();
}
END_TEST

// The last row moves to the place of the removed row.
START_TEST(a_row_that_moves_is_found)
{
    open_table({rows - 1});
    others_act = [] { remove_row(0); };
    expect_row(rows - 1);
    expect_nothing();
    close_table();
}
END_TEST

START_TEST(the_table_may_shrink)
{
    open_table({part});
    others_act = [] {
        for (int row = rows - 1; row > part; row--)
            remove_row(row);
    };
    expect_row(part);
    others_act = [] { remove_row(part); };
    expect_nothing();
    others_act = [] {
        for (int row = 0; row < part; row++)
            remove_row(row);
    };
    expect_nothing();
    expect_nothing();
    close_table();
}
END_TEST

START_TEST(waits_take_turns_among_the_rows)
{
    open_table({3, part, rows - 1});
    for (const int row : {3, part, rows - 1})
        ck_assert_int_eq(poll_selector.modify(&state, fds[row], static_cast<uintptr_t>(row), MIO_READABLE | MIO_LEVEL),
                         0);
    for (int round = 0; round < 3; round++) {
        expect_row(3);
        expect_row(part);
        expect_row(rows - 1);
    }
    close_table();
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("poll_look");
    TCase *cases = tcase_create("poll_look");
    tcase_add_test(cases, every_part_is_polled_while_others_look);
    tcase_add_test(cases, a_row_that_moves_is_found);
    tcase_add_test(cases, the_table_may_shrink);
    tcase_add_test(cases, waits_take_turns_among_the_rows);
    suite_add_tcase(suite, cases);
    return run(suite);
}
