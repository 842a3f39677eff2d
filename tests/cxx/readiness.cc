// SPDX-License-Identifier: MIT
// Tests the class Readiness, which remembers the readiness of a source.
#include "support.hpp"

using mio::Event;
using mio::Interest;
using mio::Readiness;
using mio::Result;

namespace {

Event event_of(std::uint32_t readiness)
{
    mio_event raw = {};
    raw.readiness = readiness;
    return Event(raw);
}

START_TEST(events_add_bits_and_eagain_removes_them)
{
    Readiness ready;
    ck_assert(!ready.is_readable() && !ready.is_writable());
    ready.add(event_of(MIO_READABLE));
    ready.add(event_of(MIO_WRITABLE | MIO_CLOSED));
    ck_assert(ready.is_readable() && ready.is_writable());

    ck_assert_uint_eq(MUST(ready.after(Interest::readable, Result<std::size_t>(std::size_t{3}))), 3);
    FAILS(ready.after(Interest::readable, Result<std::size_t>(std::errc::connection_reset)), ECONNRESET);
    ck_assert_uint_eq(ready.bits(), MIO_READABLE | MIO_WRITABLE | MIO_CLOSED);

    const auto blocked =
        ready.after(Interest::readable, Result<std::size_t>(std::errc::resource_unavailable_try_again));
    ck_assert(blocked.would_block());
    ck_assert(!ready.is_readable() && ready.is_writable());
    FAILS(ready.after(Interest::writable, Result<void>(std::errc::resource_unavailable_try_again)), EAGAIN);
    ck_assert_uint_eq(ready.bits(), MIO_CLOSED);
}
END_TEST

START_TEST(a_program_adds_bits_without_an_event)
{
    Readiness ready;
    ready.add(event_of(MIO_CLOSED));
    ready.add(Interest::readable | Interest::writable);
    ck_assert_uint_eq(ready.bits(), MIO_READABLE | MIO_WRITABLE | MIO_CLOSED);
}
END_TEST

START_TEST(results_that_only_move_pass_through)
{
    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
    Readiness ready;
    ready.add(event_of(MIO_READABLE));
    ck_assert(ready.after(Interest::readable, listener.accept()).would_block());
    ck_assert(!ready.is_readable());
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("readiness");
    TCase *tcase = tcase_create("readiness");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, events_add_bits_and_eagain_removes_them);
    tcase_add_test(tcase, a_program_adds_bits_without_an_event);
    tcase_add_test(tcase, results_that_only_move_pass_through);
    return run(suite);
}
