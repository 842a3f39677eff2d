// SPDX-License-Identifier: MIT
// Tests the state of a named pipe: the next step that the library takes, and the readiness that an event reports. The
// test runs on any system. Each test case is a `Story`, a list of moves. As the library does, each move changes or
// checks a PipeState. `result` is the value that the move must return. `step` is the value that next_step() must return
// after the move.
#include "windows/pipe_state.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>

using namespace mio::impl;

namespace {

enum class Kind {
    none,
    arm,
    unregister,
    ask_to_connect,
    start, // starts the step that the previous move has made pending
    cancel,
    connected, // `value` is the error
    received,  // `value` is an error or a count
    sent,
    posted,
    packet, // the packet of PipeStep::report arrives; `result` is the readiness of its event, or 0 without an event
    news,   // the packet of another step arrives; `result` is the readiness of its event, or 0 without an event
    read,   // takes `value` bytes
    check_read,
    write, // queues `value` bytes
    check_write,
    rearm,
    disconnect,
    detach,
    close,
    closed,
    due,    // a wait has taken a packet of the pipe
    settle, // this wait does the steps of the pipe
};

struct Move {
    Kind kind;
    int value;
    int result;
    PipeStep step;
};

struct Story {
    const char *name;
    PipeLink link;
    Move moves[22];
};

constexpr int both = MIO_READABLE | MIO_WRITABLE;
constexpr int hang_up = both | MIO_READ_CLOSED | MIO_WRITE_CLOSED;

// The first moves of a client: it registers for edges, starts a read, and reports that it is writable.
constexpr Move arm_both = {Kind::arm, both, 0, PipeStep::read};
constexpr Move start_read = {Kind::start, 0, 0, PipeStep::report};
constexpr Move post = {Kind::posted, 0, 0, PipeStep::none};
constexpr Move writable = {Kind::packet, 0, MIO_WRITABLE, PipeStep::none};
// This move starts the step that the previous move has made pending. After this move, no step is pending.
constexpr Move start = {Kind::start, 0, 0, PipeStep::none};

constexpr Move idle(Kind kind, int value = 0, int result = 0)
{
    return {kind, value, result, PipeStep::none};
}

constexpr Story stories[] = {
    {"input is an edge for each read that has ended",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      writable,
      idle(Kind::check_read, 0, -EAGAIN),
      {Kind::received, 5, 0, PipeStep::report},
      idle(Kind::news, 0, MIO_READABLE),
      idle(Kind::check_read, 0, 1),
      idle(Kind::read, 3),
      idle(Kind::check_read, 0, 1),
      {Kind::read, 2, 0, PipeStep::read},
      start,
      idle(Kind::check_read, 0, -EAGAIN),
      {Kind::received, 1, 0, PipeStep::report},
      idle(Kind::news, 0, MIO_READABLE)}},
    {"output is an edge only after a write found no room",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      writable,
      {Kind::write, 9, 0, PipeStep::write},
      start,
      idle(Kind::sent, 9),
      {Kind::write, 9, 0, PipeStep::write},
      start,
      idle(Kind::check_write, 0, -EAGAIN),
      idle(Kind::rearm, MIO_WRITABLE),
      {Kind::sent, 9, 0, PipeStep::report},
      idle(Kind::news, 0, MIO_WRITABLE)}},
    {"a short write goes on",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      writable,
      {Kind::write, 9, 0, PipeStep::write},
      start,
      {Kind::sent, 4, 0, PipeStep::write},
      start,
      idle(Kind::sent, 5),
      idle(Kind::check_write)}},
    {"an operation that the system ends is started again",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      writable,
      {Kind::received, -ECANCELED, 0, PipeStep::read},
      start,
      {Kind::write, 9, 0, PipeStep::write},
      start,
      {Kind::sent, -ECANCELED, 0, PipeStep::write},
      start,
      idle(Kind::sent, 9)}},
    {"a read without bytes is no input",
     PipeLink::open,
     {arm_both, start_read, post, writable, {Kind::received, 0, 0, PipeStep::read}, start}},
    {"the end comes once, with all bits, and stays",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      writable,
      {Kind::received, -EPIPE, 0, PipeStep::report},
      idle(Kind::news, 0, hang_up),
      idle(Kind::check_read, 0, 0),
      idle(Kind::check_write, 0, -EPIPE),
      idle(Kind::rearm, MIO_READABLE)}},
    {"the end comes after the bytes before it",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      writable,
      {Kind::received, 5, 0, PipeStep::report},
      idle(Kind::news, 0, MIO_READABLE),
      {Kind::read, 5, 0, PipeStep::read},
      start,
      {Kind::received, -EPIPE, 0, PipeStep::report},
      idle(Kind::news, 0, hang_up)}},
    {"an error of reading is an error of the pipe",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      writable,
      {Kind::received, -ENOMEM, 0, PipeStep::report},
      idle(Kind::news, 0, hang_up | MIO_ERROR),
      idle(Kind::check_read, 0, -ENOMEM),
      idle(Kind::check_write, 0, -ENOMEM)}},
    {"an error of writing closes that direction, and bytes can still come",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      writable,
      {Kind::write, 9, 0, PipeStep::write},
      start,
      {Kind::sent, -EPIPE, 0, PipeStep::report},
      idle(Kind::news, 0, MIO_WRITABLE | MIO_WRITE_CLOSED),
      idle(Kind::check_write, 0, -EPIPE),
      {Kind::received, 5, 0, PipeStep::report},
      idle(Kind::news, 0, MIO_READABLE)}},
    {"a level is reported again as long as it holds",
     PipeLink::open,
     {{Kind::arm, MIO_READABLE | MIO_LEVEL, 0, PipeStep::read},
      start,
      {Kind::received, 5, 0, PipeStep::report},
      {Kind::news, 0, MIO_READABLE, PipeStep::report},
      post,
      {Kind::packet, 0, MIO_READABLE, PipeStep::report},
      post,
      {Kind::read, 5, 0, PipeStep::read},
      start,
      idle(Kind::packet)}},
    {"a oneshot is reported once, until it is modified",
     PipeLink::open,
     {{Kind::arm, both | MIO_ONESHOT, 0, PipeStep::read},
      start_read,
      post,
      writable,
      idle(Kind::rearm, MIO_WRITABLE),
      idle(Kind::received, 5),
      {Kind::arm, both | MIO_ONESHOT, 0, PipeStep::report},
      post,
      idle(Kind::packet, 0, both)}},
    {"an empty interest reports the end",
     PipeLink::open,
     {{Kind::arm, 0, 0, PipeStep::read},
      start,
      idle(Kind::received, 5),
      {Kind::read, 5, 0, PipeStep::read},
      start,
      {Kind::received, -EPIPE, 0, PipeStep::report},
      idle(Kind::news, 0, hang_up)}},
    {"after deregistering, operations go on and nothing is reported",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      idle(Kind::unregister),
      idle(Kind::packet),
      idle(Kind::received, 5),
      idle(Kind::news),
      {Kind::read, 5, 0, PipeStep::read},
      start,
      {Kind::arm, both, 0, PipeStep::report},
      post,
      writable}},
    {"before it is registered, a client waits",
     PipeLink::open,
     {idle(Kind::check_read, 0, -EAGAIN), idle(Kind::check_write, 0, -EAGAIN)}},
    {"a server that has not been asked to connect does nothing",
     PipeLink::apart,
     {idle(Kind::arm, both), idle(Kind::check_read, 0, -ENOTCONN), idle(Kind::check_write, 0, -ENOTCONN)}},
    {"a client connects to a server, and both directions are ready",
     PipeLink::apart,
     {idle(Kind::ask_to_connect),
      {Kind::arm, both, 0, PipeStep::connect},
      start,
      idle(Kind::check_read, 0, -EAGAIN),
      idle(Kind::check_write, 0, -EAGAIN),
      {Kind::connected, 0, 0, PipeStep::read},
      start_read,
      idle(Kind::news, 0, MIO_WRITABLE)}},
    {"a connect that the system ends is started again",
     PipeLink::apart,
     {idle(Kind::ask_to_connect),
      {Kind::arm, both, 0, PipeStep::connect},
      start,
      {Kind::connected, -ECANCELED, 0, PipeStep::connect}}},
    {"a failed connect is an error",
     PipeLink::apart,
     {idle(Kind::ask_to_connect),
      {Kind::arm, both, 0, PipeStep::connect},
      start,
      {Kind::connected, -ENOMEM, 0, PipeStep::report},
      idle(Kind::news, 0, hang_up | MIO_ERROR)}},
    {"a server disconnects and connects again, and the old operations do not matter",
     PipeLink::apart,
     {idle(Kind::ask_to_connect),
      {Kind::arm, both, 0, PipeStep::connect},
      start,
      {Kind::connected, 0, 0, PipeStep::read},
      start_read,
      idle(Kind::news, 0, MIO_WRITABLE),
      {Kind::write, 9, 0, PipeStep::write},
      start,
      {Kind::disconnect, 0, 0, PipeStep::cancel_read},
      {Kind::cancel, 0, 0, PipeStep::cancel_write},
      idle(Kind::cancel),
      {Kind::ask_to_connect, 0, 0, PipeStep::connect},
      start,
      idle(Kind::received, 5),
      idle(Kind::news),
      {Kind::connected, 0, 0, PipeStep::read},
      start,
      idle(Kind::check_write, 0, -EAGAIN),
      {Kind::sent, -EPIPE, 0, PipeStep::report},
      idle(Kind::news, 0, MIO_WRITABLE)}},
    {"disconnecting ends a connect that is under way",
     PipeLink::apart,
     {idle(Kind::ask_to_connect),
      {Kind::arm, both, 0, PipeStep::connect},
      start,
      {Kind::disconnect, 0, 0, PipeStep::cancel_connect},
      idle(Kind::cancel),
      idle(Kind::connected),
      idle(Kind::check_read, 0, -ENOTCONN)}},
    {"a closed pipe cancels its read, ends its write, and then closes the handle",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      writable,
      {Kind::write, 9, 0, PipeStep::write},
      start,
      {Kind::close, 0, 0, PipeStep::cancel_read},
      idle(Kind::cancel),
      {Kind::sent, 4, 0, PipeStep::write},
      start,
      {Kind::sent, 5, 0, PipeStep::close},
      idle(Kind::closed),
      {Kind::received, -ECANCELED, 0, PipeStep::release}}},
    {"the memory of a closed pipe stays until its report has come",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      {Kind::close, 0, 0, PipeStep::cancel_read},
      {Kind::cancel, 0, 0, PipeStep::close},
      idle(Kind::closed),
      idle(Kind::received, -ECANCELED),
      {Kind::packet, 0, 0, PipeStep::release}}},
    {"the memory of a closed pipe stays until a wait that has taken its packet uses it no more",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      idle(Kind::due),
      idle(Kind::packet, 0, MIO_WRITABLE),
      {Kind::close, 0, 0, PipeStep::cancel_read},
      {Kind::cancel, 0, 0, PipeStep::close},
      idle(Kind::closed),
      idle(Kind::received, -ECANCELED),
      {Kind::settle, 0, 0, PipeStep::release}}},
    {"a pipe that was never registered closes at once",
     PipeLink::apart,
     {{Kind::close, 0, 0, PipeStep::close}, {Kind::closed, 0, 0, PipeStep::release}}},
    {"without a port nothing starts",
     PipeLink::open,
     {arm_both,
      start_read,
      post,
      writable,
      {Kind::write, 9, 0, PipeStep::write},
      start,
      {Kind::detach, 0, 0, PipeStep::cancel_read},
      {Kind::cancel, 0, 0, PipeStep::cancel_write},
      idle(Kind::cancel),
      idle(Kind::received, -ECANCELED),
      idle(Kind::sent, -ECANCELED),
      idle(Kind::check_write, 0, -ENOTCONN),
      {Kind::close, 0, 0, PipeStep::close}}},
};

void request(PipeState *state, const Move &move)
{
    if (move.kind == Kind::arm) arm(state, static_cast<uint32_t>(move.value));
    if (move.kind == Kind::unregister) state->registered = false;
    if (move.kind == Kind::ask_to_connect) state->link = PipeLink::connecting;
    if (move.kind == Kind::read) state->taken += static_cast<uint32_t>(move.value);
    if (move.kind == Kind::write) state->queued = static_cast<uint32_t>(move.value);
    if (move.kind == Kind::rearm) rearm(state, static_cast<uint32_t>(move.value));
    if (move.kind == Kind::disconnect) disconnect(state);
    if (move.kind == Kind::detach) detach(state);
    if (move.kind == Kind::close) begin_close(state);
}

void end_operation(PipeState *state, const Move &move)
{
    const int error = move.value < 0 ? move.value : 0;
    const uint32_t count = move.value > 0 ? static_cast<uint32_t>(move.value) : 0;
    if (move.kind == Kind::connected) note_connected(state, error);
    if (move.kind == Kind::received) note_received(state, error, count);
    if (move.kind == Kind::sent) note_sent(state, error, count);
    if (move.kind == Kind::posted) state->reporting = true;
    if (move.kind == Kind::packet) state->reporting = false;
    if (move.kind == Kind::closed) state->closed = true;
    if (move.kind == Kind::due) state->due = true;
    if (move.kind == Kind::settle) state->due = false;
}

// Applies a move to the state. Returns the result of a check, the readiness of an event, or 0 for any other move.
// `step` is the step that next_step returned after the previous move.
int make(PipeState *state, const Move &move, PipeStep step)
{
    if (move.kind == Kind::start) note_started(state, step);
    if (move.kind == Kind::cancel) note_cancelled(state, step);
    request(state, move);
    end_operation(state, move);
    if (move.kind == Kind::check_read) return check_read(*state);
    if (move.kind == Kind::check_write) return check_write(*state);
    const bool gives_event = move.kind == Kind::packet || move.kind == Kind::news;
    return gives_event ? static_cast<int>(readiness_of_pipe(take_news(state))) : 0;
}

START_TEST(each_story_goes_as_told)
{
    const Story &story = stories[_i];
    PipeState state = {};
    state.link = story.link;
    PipeStep step = next_step(state);
    ck_assert(step == PipeStep::none);
    int number = 0;
    for (const Move &move : story.moves) {
        if (move.kind == Kind::none) break;
        const int result = make(&state, move, step);
        ck_assert_msg(result == move.result, "%s, move %d: gives %d", story.name, number, result);
        step = next_step(state);
        ck_assert_msg(step == move.step, "%s, move %d: step %d", story.name, number, static_cast<int>(step));
        number++;
    }
}
END_TEST

struct Row {
    uint32_t from;
    uint32_t to;
};

constexpr uint32_t always = pipe_write_closed | pipe_hang_up | pipe_failed;

constexpr Row interests[] = {
    {0, always},
    {MIO_READABLE, always | pipe_input},
    {MIO_WRITABLE | MIO_LEVEL, always | pipe_output},
    {MIO_CLOSED, always},
};

START_TEST(an_interest_asks_for_these_conditions)
{
    ck_assert_uint_eq(pipe_conditions_of(interests[_i].from), interests[_i].to);
}
END_TEST

constexpr Row readinesses[] = {
    {0, 0},
    {pipe_input, MIO_READABLE},
    {pipe_output, MIO_WRITABLE},
    {pipe_write_closed, MIO_WRITABLE | MIO_WRITE_CLOSED},
    {pipe_hang_up, static_cast<uint32_t>(hang_up)},
    {pipe_failed, MIO_READABLE | MIO_WRITABLE | MIO_ERROR},
};

START_TEST(conditions_mean_this_readiness)
{
    ck_assert_uint_eq(readiness_of_pipe(readinesses[_i].from), readinesses[_i].to);
}
END_TEST

template <typename Element, size_t count>
int rows(const Element (&)[count])
{
    return static_cast<int>(count);
}

} // namespace

int main()
{
    Suite *suite = suite_create("pipe_state");
    TCase *tcase = tcase_create("states");
    tcase_add_loop_test(tcase, each_story_goes_as_told, 0, rows(stories));
    tcase_add_loop_test(tcase, an_interest_asks_for_these_conditions, 0, rows(interests));
    tcase_add_loop_test(tcase, conditions_mean_this_readiness, 0, rows(readinesses));
    suite_add_tcase(suite, tcase);
    return run(suite);
}
