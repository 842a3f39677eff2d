// SPDX-License-Identifier: MIT
// Tests the state of a socket in the AFD selector: the next step that the selector takes, and the bits that it reports.
// The test runs on any system. Each test case is a `Story`, a list of moves. A move calls one function on the state of
// the socket. `news` has the bits that the call must report. `step` is the next step that the state must choose.
#include "windows/sock_state.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>

using namespace mio::impl;

namespace {

enum class Kind { none, submit, cancel, success, cancelled, closed, refused, rearm, modify, remove };

struct Move {
    Kind kind;
    uint32_t bits; // for `success`, bits of AFD; for `rearm` and `modify`, an interest
    uint32_t news; // the bits to report
    Step step;
};

struct Story {
    const char *name;
    uint32_t interest;
    Move moves[10];
};

constexpr uint32_t both = MIO_READABLE | MIO_WRITABLE;
constexpr Move submit = {Kind::submit, 0, 0, Step::none};
constexpr Move cancel = {Kind::cancel, 0, 0, Step::none};

constexpr Move success(uint32_t bits, uint32_t news)
{
    return {Kind::success, bits, news, Step::submit};
}

constexpr Story stories[] = {
    {"an edge is reported once, and again after it was used up",
     both,
     {submit,
      success(afd_send, afd_send),
      submit,
      success(afd_send, 0),
      submit,
      success(afd_receive | afd_send, afd_receive),
      {Kind::rearm, both, 0, Step::submit},
      submit,
      success(afd_receive | afd_send, afd_receive | afd_send)}},
    {"a level is reported as long as it holds",
     MIO_READABLE | MIO_LEVEL,
     {submit,
      success(afd_receive, afd_receive),
      submit,
      success(afd_receive, afd_receive),
      submit,
      {Kind::rearm, MIO_READABLE, 0, Step::none},
      success(afd_disconnect, afd_disconnect),
      submit,
      success(afd_disconnect, afd_disconnect)}},
    {"a oneshot is reported once, until it is modified",
     both | MIO_ONESHOT,
     {submit,
      success(afd_send, afd_send),
      submit,
      success(afd_send | afd_receive | afd_abort, 0),
      submit,
      {Kind::rearm, both, 0, Step::none},
      {Kind::modify, both | MIO_ONESHOT, 0, Step::cancel},
      cancel,
      {Kind::cancelled, 0, 0, Step::submit},
      submit}},
    {"a oneshot of a level is reported once, too",
     MIO_READABLE | MIO_ONESHOT | MIO_LEVEL,
     {submit, success(afd_receive, afd_receive), submit, success(afd_receive, 0), submit}},
    {"closed only: data is not news, the end is",
     MIO_CLOSED,
     {submit, success(afd_receive | afd_send, 0), submit, success(afd_disconnect, afd_disconnect), submit,
      success(afd_disconnect, 0), submit, success(afd_abort, afd_abort)}},
    {"an empty interest reports errors",
     0,
     {submit, success(afd_receive | afd_send | afd_disconnect | afd_accept, 0), submit,
      success(afd_connect_fail, afd_connect_fail)}},
    {"urgent data is an edge of its own",
     MIO_READABLE | MIO_PRIORITY,
     {submit,
      success(afd_receive_expedited, afd_receive_expedited),
      submit,
      {Kind::rearm, MIO_READABLE, 0, Step::none},
      success(afd_receive_expedited, 0),
      {Kind::rearm, MIO_PRIORITY, 0, Step::submit},
      submit,
      success(afd_receive_expedited, afd_receive_expedited)}},
    {"a listener accepts until nobody waits",
     MIO_READABLE,
     {submit,
      success(afd_accept, afd_accept),
      submit,
      success(afd_accept, 0),
      {Kind::rearm, MIO_READABLE, 0, Step::submit},
      submit,
      success(afd_accept, afd_accept)}},
    {"rearming does not repeat the end of the stream",
     MIO_READABLE,
     {submit,
      success(afd_receive | afd_disconnect, afd_receive | afd_disconnect),
      {Kind::rearm, MIO_READABLE, 0, Step::submit},
      submit,
      success(afd_receive | afd_disconnect, 0),
      submit,
      success(afd_abort, afd_abort)}},
    {"a broken connection is reported once",
     both,
     {submit,
      success(afd_abort | afd_receive, afd_abort | afd_receive),
      submit,
      success(afd_send | afd_abort, 0),
      {Kind::rearm, both, 0, Step::submit},
      submit,
      success(afd_send | afd_receive | afd_abort, 0),
      submit,
      {Kind::modify, both, 0, Step::cancel}}},
    {"an interest that the operation covers already needs nothing",
     both,
     {submit,
      {Kind::modify, MIO_READABLE, 0, Step::none},
      success(afd_send, 0),
      submit,
      {Kind::modify, both, 0, Step::cancel},
      cancel,
      {Kind::modify, MIO_READABLE, 0, Step::none},
      success(afd_send | afd_receive, afd_receive),
      submit,
      {Kind::rearm, MIO_WRITABLE, 0, Step::none}}},
    {"an operation that the system ends is started again",
     MIO_READABLE,
     {submit, {Kind::cancelled, 0, 0, Step::submit}, submit, success(0, 0), submit}},
    {"after removing, a completion under way is not reported",
     both,
     {submit, {Kind::remove, 0, 0, Step::cancel}, cancel, {Kind::success, afd_receive, 0, Step::release}}},
    {"after removing, a cancelled operation is not started again",
     both | MIO_LEVEL,
     {submit, {Kind::remove, 0, 0, Step::cancel}, cancel, {Kind::cancelled, 0, 0, Step::release}}},
    {"a socket without an operation is released at once", MIO_READABLE, {{Kind::remove, 0, 0, Step::release}}},
    {"a socket that the program closes is gone",
     MIO_READABLE | MIO_LEVEL,
     {submit, {Kind::success, afd_local_close | afd_receive, 0, Step::release}}},
    {"a socket that was closed before polling is gone", 0, {submit, {Kind::closed, 0, 0, Step::release}}},
    {"a refused operation is an error, and is not tried again",
     MIO_READABLE,
     {submit,
      {Kind::refused, 0, afd_connect_fail, Step::none},
      {Kind::rearm, MIO_READABLE, 0, Step::none},
      {Kind::modify, MIO_READABLE, 0, Step::submit},
      submit,
      success(afd_receive, afd_receive)}},
    {"a refused operation of a oneshot is not tried again, asleep or not",
     MIO_READABLE | MIO_ONESHOT | MIO_LEVEL,
     {submit,
      {Kind::refused, 0, afd_connect_fail, Step::none},
      {Kind::modify, MIO_READABLE | MIO_ONESHOT, 0, Step::submit},
      submit,
      success(afd_receive, afd_receive),
      submit,
      {Kind::refused, 0, 0, Step::none},
      {Kind::rearm, MIO_READABLE, 0, Step::none},
      {Kind::modify, MIO_READABLE | MIO_ONESHOT, 0, Step::submit}}},
    {"a refused operation of a level is an error each time",
     MIO_READABLE | MIO_LEVEL,
     {submit,
      {Kind::refused, 0, afd_connect_fail, Step::submit},
      submit,
      {Kind::refused, 0, afd_connect_fail, Step::submit}}},
};

uint32_t make(SockState *state, const Move &move)
{
    switch (move.kind) {
    case Kind::none:
        break;
    case Kind::submit:
        note_submitted(state);
        break;
    case Kind::cancel:
        note_cancelled(state);
        break;
    case Kind::success:
        return note_ended(state, Ending::success, move.bits);
    case Kind::cancelled:
        return note_ended(state, Ending::cancelled, move.bits);
    case Kind::closed:
        return note_ended(state, Ending::closed, move.bits);
    case Kind::refused:
        return note_ended(state, Ending::refused, move.bits);
    case Kind::rearm:
        rearm(state, move.bits);
        break;
    case Kind::modify:
        arm(state, move.bits);
        break;
    case Kind::remove:
        state->removed = true;
        break;
    }
    return 0;
}

START_TEST(each_story_goes_as_told)
{
    const Story &story = stories[_i];
    SockState state = {};
    arm(&state, story.interest);
    ck_assert(next_step(state) == Step::submit);
    int number = 0;
    for (const Move &move : story.moves) {
        if (move.kind == Kind::none) break;
        const uint32_t news = make(&state, move);
        ck_assert_msg(news == move.news, "%s, move %d: reports %#x", story.name, number, news);
        const Step step = next_step(state);
        ck_assert_msg(step == move.step, "%s, move %d: step %d", story.name, number, static_cast<int>(step));
        number++;
    }
}
END_TEST

struct Conversion {
    uint32_t interest;
    uint32_t bits;
};

constexpr Conversion conversions[] = {
    {0, afd_broken},
    {MIO_READABLE, afd_broken | afd_receive | afd_accept | afd_disconnect},
    {MIO_WRITABLE, afd_broken | afd_send},
    {MIO_PRIORITY, afd_broken | afd_receive_expedited},
    {MIO_CLOSED | MIO_LEVEL, afd_broken | afd_disconnect},
};

START_TEST(an_interest_asks_for_these_bits)
{
    ck_assert_uint_eq(afd_bits_of(conversions[_i].interest), conversions[_i].bits);
}
END_TEST

struct Readiness {
    uint32_t bits;
    uint32_t readiness;
};

constexpr uint32_t everything = MIO_READABLE | MIO_WRITABLE | MIO_READ_CLOSED | MIO_WRITE_CLOSED | MIO_ERROR;

constexpr Readiness readinesses[] = {
    {afd_receive, MIO_READABLE},
    {afd_accept, MIO_READABLE},
    {afd_send, MIO_WRITABLE},
    {afd_receive_expedited, MIO_PRIORITY},
    {afd_disconnect, MIO_READABLE | MIO_READ_CLOSED},
    {afd_abort, everything},
    {afd_connect_fail, everything},
    {afd_local_close, 0},
};

START_TEST(bits_of_afd_mean_this_readiness)
{
    ck_assert_uint_eq(readiness_of_afd(readinesses[_i].bits), readinesses[_i].readiness);
}
END_TEST

template <typename Row, size_t count>
int rows(const Row (&)[count])
{
    return static_cast<int>(count);
}

} // namespace

int main()
{
    Suite *suite = suite_create("sock_state");
    TCase *tcase = tcase_create("states");
    tcase_add_loop_test(tcase, each_story_goes_as_told, 0, rows(stories));
    tcase_add_loop_test(tcase, an_interest_asks_for_these_bits, 0, rows(conversions));
    tcase_add_loop_test(tcase, bits_of_afd_mean_this_readiness, 0, rows(readinesses));
    suite_add_tcase(suite, tcase);
    return run(suite);
}
