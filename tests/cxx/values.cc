// SPDX-License-Identifier: MIT
// Tests the types that hold values: Token, Interest, Event, Events and Text. Also tests the version.
#include "support.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <iterator>
#include <string>
#include <type_traits>
#include <unordered_map>

using mio::Event;
using mio::Events;
using mio::Interest;
using mio::Token;

// A token is a strong type. No number becomes a token implicitly.
static_assert(sizeof(Token) == sizeof(std::uintptr_t) && std::is_trivially_copyable_v<Token>);
static_assert(!std::is_convertible_v<std::uintptr_t, Token> && !std::is_convertible_v<Token, std::uintptr_t>);
static_assert(mio::to_integer(Token{7}) == 7 && mio::to_integer(Token{UINTPTR_MAX}) == UINTPTR_MAX);
static_assert(Token{1} == Token{1} && Token{1} != Token{2} && Token{1} < Token{2} && Token{} == Token{0});

// An interest is a 32-bit value, and the compiler can compute it.
static_assert(sizeof(Interest) == sizeof(std::uint32_t) && std::is_trivially_copyable_v<Interest>);
static_assert(!std::is_convertible_v<std::uint32_t, Interest>);
static_assert(Interest() == Interest::none && Interest::edge == Interest::none && Interest::none.bits() == 0);
static_assert(Interest::readable.bits() == MIO_READABLE && Interest::writable.bits() == MIO_WRITABLE);
static_assert(Interest::aio.bits() == MIO_AIO && Interest::lio.bits() == MIO_LIO);
static_assert(Interest::priority.bits() == MIO_PRIORITY && Interest::closed.bits() == MIO_CLOSED);
static_assert(Interest::level.bits() == MIO_LEVEL && Interest::oneshot.bits() == MIO_ONESHOT);
static_assert(Interest::exclusive.bits() == MIO_EXCLUSIVE);
static_assert(Interest::from_bits(0x8003).bits() == 0x8003);

// Each constant of Interest has one bit, and no other constant has this bit.
static_assert(Interest::readable.is_readable() && !Interest::readable.is_writable());
static_assert(!Interest::readable.is_aio() && !Interest::readable.is_lio() && !Interest::readable.is_priority());
static_assert(Interest::writable.is_writable() && !Interest::writable.is_readable());
static_assert(Interest::aio.is_aio() && !Interest::aio.is_lio() && !Interest::aio.is_readable());
static_assert(Interest::lio.is_lio() && !Interest::lio.is_aio() && !Interest::lio.is_writable());
static_assert(Interest::priority.is_priority() && !Interest::priority.is_closed());
static_assert(Interest::closed.is_closed() && !Interest::closed.is_readable());
static_assert(Interest::level.is_level() && !Interest::level.is_edge() && !Interest::level.is_oneshot());
static_assert(Interest::none.is_edge() && !Interest::none.is_level() && !Interest::none.is_readable());
static_assert(Interest::oneshot.is_oneshot() && Interest::oneshot.is_edge() && !Interest::oneshot.is_exclusive());
static_assert(Interest::exclusive.is_exclusive() && !Interest::exclusive.is_level());

// `|` and add() join two interests. remove() removes an interest.
constexpr Interest both = Interest::readable | Interest::writable;
static_assert(both.is_readable() && both.is_writable() && both.bits() == (MIO_READABLE | MIO_WRITABLE));
static_assert(Interest::readable.add(Interest::writable) == both && both.add(both) == both);
static_assert(both.remove(Interest::writable) == Interest::readable && both.remove(both) == Interest::none);
static_assert(both.remove(Interest::aio) == both && both != Interest::readable);
static_assert(both.contains(Interest::readable) && both.contains(both) && both.contains(Interest::none));
static_assert(!both.contains(Interest::aio) && !both.contains(Interest::readable | Interest::aio));

// An Event holds a mio_event and nothing else.
static_assert(sizeof(Event) == sizeof(mio_event) && sizeof(Event) <= 16 && std::is_trivially_copyable_v<Event>);
static_assert(Event().token() == Token{0} && Event().readiness() == 0 && Event().os_bits() == 0);
static_assert(Event(mio_event{9, MIO_ERROR, 8}).token() == Token{9});

// Events owns its array.
static_assert(std::is_nothrow_move_constructible_v<Events> && std::is_nothrow_move_assignable_v<Events>);
static_assert(!std::is_copy_constructible_v<Events> && !std::is_copy_assignable_v<Events>);
static_assert(!std::is_convertible_v<std::size_t, Events>);

static_assert(mio::header_version == MIO_VERSION);

namespace {

constexpr Token SERVER{0};
constexpr Token CLIENT{1};

START_TEST(tokens_are_switched_on_hashed_and_made_of_pointers)
{
    int found = 0;
    switch (Token{1}) {
    case SERVER:
        break;
    case CLIENT:
        found = 1;
        break;
    default:
        break;
    }
    ck_assert_int_eq(found, 1);
    std::unordered_map<Token, int> map;
    map[SERVER] = 10;
    map[CLIENT] = 11;
    ck_assert_int_eq(map.at(CLIENT), 11);
    ck_assert(std::hash<Token>()(SERVER) == std::hash<Token>()(Token{0}));
    const int object = 5;
    ck_assert_ptr_eq(mio::to_pointer<const int>(mio::to_token(&object)), &object);
}
END_TEST

START_TEST(add_joins_two_interests_in_a_constant)
{
    static constexpr Interest joined = Interest::readable.add(Interest::writable);
    static_assert(joined == both);
    ck_assert_uint_eq(joined.bits(), MIO_READABLE | MIO_WRITABLE);
}
END_TEST

START_TEST(an_interest_grows_by_or)
{
    Interest interest = Interest::readable;
    ck_assert(&(interest |= Interest::oneshot) == &interest);
    ck_assert(interest == (Interest::oneshot | Interest::readable));
}
END_TEST

START_TEST(interests_have_a_text)
{
    READS(Interest::readable.text(), "READABLE");
    READS(Interest::writable.text(), "WRITABLE");
    READS(both.text(), "READABLE | WRITABLE");
    READS(Interest::aio.text(), "AIO");
    READS(Interest::lio.text(), "LIO");
    READS(Interest::none.text(), "EMPTY");
    ck_assert(both.to_string() == "READABLE | WRITABLE");
    // The longest text fits.
    char longest[256];
    const int length = mio_interest_format(UINT32_MAX, longest, sizeof longest);
    ck_assert_int_gt(length, 0);
    ck_assert_int_lt(length, MIO_INTEREST_TEXT_SIZE);
    READS(Interest::from_bits(UINT32_MAX).text(), longest);
}
END_TEST

START_TEST(a_text_can_be_had_in_every_way)
{
    const auto text = both.text();
    ck_assert_uint_eq(text.size(), 19);
    ck_assert_ptr_eq(text.data(), text.c_str());
    ck_assert(text.view() == "READABLE | WRITABLE");
    ck_assert(text.str() == "READABLE | WRITABLE");
    const std::string_view view = text;
    ck_assert(view == "READABLE | WRITABLE");
    const auto copy = text; // NOLINT: tests that a copy has its own buffer
    ck_assert_ptr_ne(copy.c_str(), text.c_str());
    ck_assert_str_eq(copy.c_str(), text.c_str());
}
END_TEST

START_TEST(a_text_that_does_not_fit_is_cut_and_ended)
{
    const mio::Text<4> cut(
        [](char *buffer, std::size_t size) { return mio_interest_format(MIO_AIO | MIO_LIO, buffer, size); });
    ck_assert_str_eq(cut.c_str(), "AIO");
    ck_assert_uint_eq(cut.size(), 3);
    const mio::Text<4> failed([](char *, std::size_t) { return -EINVAL; });
    ck_assert_str_eq(failed.c_str(), "");
    ck_assert_uint_eq(failed.size(), 0);
}
END_TEST

START_TEST(each_predicate_of_an_event_looks_at_its_bit)
{
    const struct {
        std::uint32_t bit;
        bool (Event::*is)() const noexcept;
    } rows[] = {
        {MIO_READABLE, &Event::is_readable},
        {MIO_WRITABLE, &Event::is_writable},
        {MIO_ERROR, &Event::is_error},
        {MIO_READ_CLOSED, &Event::is_read_closed},
        {MIO_WRITE_CLOSED, &Event::is_write_closed},
        {MIO_PRIORITY, &Event::is_priority},
        {MIO_AIO, &Event::is_aio},
        {MIO_LIO, &Event::is_lio},
    };
    for (const auto &asked : rows)
        for (const auto &given : rows)
            ck_assert((Event(mio_event{0, given.bit, 0}).*asked.is)() == (asked.bit == given.bit));
    ck_assert(!Event(mio_event{UINTPTR_MAX, 0, UINT32_MAX}).is_readable());
}
END_TEST

START_TEST(an_event_gives_its_parts_and_a_text)
{
    Event event(mio_event{7, MIO_READABLE | MIO_READ_CLOSED, 0x2001});
    ck_assert(event.token() == Token{7});
    ck_assert_uint_eq(event.readiness(), MIO_READABLE | MIO_READ_CLOSED);
    ck_assert_uint_eq(event.os_bits(), 0x2001);
    char wanted[MIO_EVENT_TEXT_SIZE];
    ck_assert_int_gt(mio_event_format(event.raw(), wanted, sizeof wanted), 0);
    READS(event.text(), wanted);
    ck_assert(event.to_string() == wanted);
    ck_assert_ptr_nonnull(std::strstr(wanted, "token=7 "));
    event.raw()->token = 8;
    ck_assert(event.token() == Token{8});
}
END_TEST

START_TEST(events_keep_their_capacity_and_are_empty_until_a_wait_fills_them)
{
    Events events(8);
    ck_assert_uint_eq(events.capacity(), 8);
    ck_assert_uint_eq(events.size(), 0);
    ck_assert(events.empty());
    ck_assert(events.begin() == events.end());

    mio::Poll poll = MUST(mio::Poll::create());
    const mio::Waker waker = MUST(mio::Waker::create(poll.registry(), Token{10}));
    const mio::Waker other = MUST(mio::Waker::create(poll.registry(), Token{11}));
    MUST(waker.wake());
    MUST(other.wake());
    ck_assert_uint_eq(MUST(poll.poll(events, 5s)), 2);
    ck_assert_uint_eq(events.size(), 2);
    ck_assert(!events.empty());
    ck_assert_uint_eq(events.capacity(), 8);

    std::uintptr_t tokens = 0;
    for (const mio::Event &event : events) {
        ck_assert(event.is_readable());
        tokens += mio::to_integer(event.token());
    }
    ck_assert_uint_eq(tokens, 21);
    ck_assert(std::distance(events.begin(), events.end()) == 2);
    ck_assert(&events[1] == events.data() + 1);
    ck_assert(std::as_const(events).begin() == events.data());

    events.clear();
    ck_assert(events.empty());
    ck_assert(events.begin() == events.end());
    ck_assert_uint_eq(events.capacity(), 8);
}
END_TEST

START_TEST(an_iterator_that_moved_on_counts_what_is_left)
{
    Events events(8);
    mio::Poll poll = MUST(mio::Poll::create());
    const mio::Waker wakers[] = {MUST(mio::Waker::create(poll.registry(), Token{1})),
                                 MUST(mio::Waker::create(poll.registry(), Token{2}))};
    for (const mio::Waker &waker : wakers)
        MUST(waker.wake());
    MUST(poll.poll(events, 5s));
    auto at = events.begin();
    ck_assert(std::distance(at, events.end()) == 2);
    ck_assert(std::distance(++at, events.end()) == 1);
    ck_assert(std::distance(++at, events.end()) == 0);
}
END_TEST

START_TEST(what_does_not_fit_comes_with_the_next_wait)
{
    Events events(1);
    mio::Poll poll = MUST(mio::Poll::create());
    const mio::Waker waker = MUST(mio::Waker::create(poll.registry(), Token{1}));
    const mio::Waker other = MUST(mio::Waker::create(poll.registry(), Token{2}));
    MUST(waker.wake());
    MUST(other.wake());
    ck_assert_uint_eq(MUST(poll.poll(events, 5s)), 1);
    const std::uintptr_t first = mio::to_integer(events[0].token());
    ck_assert_uint_eq(MUST(poll.poll(events, 5s)), 1);
    ck_assert_uint_eq(first + mio::to_integer(events[0].token()), 3);
}
END_TEST

START_TEST(events_are_moved)
{
    mio::Poll poll = MUST(mio::Poll::create());
    const mio::Waker waker = MUST(mio::Waker::create(poll.registry(), Token{10}));
    MUST(waker.wake());
    Events events(8);
    MUST(poll.poll(events, 5s));
    const Event *const array = events.data();

    Events moved(std::move(events));
    ck_assert_ptr_eq(moved.data(), array);
    ck_assert_uint_eq(moved.size(), 1);
    ck_assert_uint_eq(moved.capacity(), 8);
    ck_assert(events.empty()); // NOLINT: a moved-from object is empty, not unspecified
    ck_assert(events.begin() == events.end());
    ck_assert_uint_eq(events.capacity(), 0);
    FAILS(poll.poll(events, 0ms), EINVAL);

    Events other(3);
    other = std::move(moved);
    ck_assert_ptr_eq(other.data(), array);
    ck_assert_uint_eq(other.capacity(), 8);
    ck_assert_uint_eq(moved.capacity(), 0); // NOLINT

    Events &same = other;
    other = std::move(same);
    ck_assert_ptr_eq(other.data(), array);
    ck_assert_uint_eq(other.size(), 1);
    MUST(waker.wake());
    ck_assert_uint_eq(MUST(poll.poll(other, 5s)), 1);
}
END_TEST

START_TEST(the_version_is_the_one_of_the_library)
{
    ck_assert_int_eq(mio::version(), mio::header_version);
    ck_assert_str_eq(mio::version_string(), mio::header_version_string);
    ck_assert_str_eq(mio::version_string(), MIO_VERSION_STRING);
    ck_assert_int_ge(mio::version(), MIO_MAKE_VERSION(1, 0, 0));
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("values");
    TCase *tcase = tcase_create("values");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, tokens_are_switched_on_hashed_and_made_of_pointers);
    tcase_add_test(tcase, add_joins_two_interests_in_a_constant);
    tcase_add_test(tcase, an_interest_grows_by_or);
    tcase_add_test(tcase, interests_have_a_text);
    tcase_add_test(tcase, a_text_can_be_had_in_every_way);
    tcase_add_test(tcase, a_text_that_does_not_fit_is_cut_and_ended);
    tcase_add_test(tcase, each_predicate_of_an_event_looks_at_its_bit);
    tcase_add_test(tcase, an_event_gives_its_parts_and_a_text);
    tcase_add_test(tcase, events_keep_their_capacity_and_are_empty_until_a_wait_fills_them);
    tcase_add_test(tcase, an_iterator_that_moved_on_counts_what_is_left);
    tcase_add_test(tcase, what_does_not_fit_comes_with_the_next_wait);
    tcase_add_test(tcase, events_are_moved);
    tcase_add_test(tcase, the_version_is_the_one_of_the_library);
    return run(suite);
}
