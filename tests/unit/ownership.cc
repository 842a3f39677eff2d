// SPDX-License-Identifier: MIT
// Tests the owner of a source: the poll object that the source is registered with. Each living poll object has a unique
// number. The library reuses a number as late as possible. A program can leave a source registered with a freed object,
// and a new object can get the number of the freed object. To reach this case through the ABI, a test would have to
// make 65,535 poll objects. So this test calls internal functions.
#include "poll/ownership.hpp"

#include "poll/backends.hpp"
#include "poll/io_source.hpp"
#include "poll/poller.hpp"
#include "poll/registration.hpp"
#include "poll/source_layout.hpp"
#include "port/mechanisms.hpp"

#include "../helpers/run_suite.hpp"
#include "../helpers/skips.h"

#include <check.h>
#include <errno.h>
#include <mio/unix.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace mio::impl;

namespace {

constexpr uint32_t number_count = 65535;

uint16_t use_a_number_up()
{
    PollIdentity identity;
    ck_assert_int_eq(identity.open(), 0);
    identity.retire();
    return identity.number();
}

START_TEST(all_numbers_are_different_and_then_there_are_no_more)
{
    static bool seen[number_count + 1];
    static PollIdentity identities[number_count];
    for (PollIdentity &identity : identities) {
        ck_assert_int_eq(identity.open(), 0);
        ck_assert_uint_ne(identity.number(), 0);
        ck_assert(!seen[identity.number()]);
        seen[identity.number()] = true;
    }
    PollIdentity one_more;
    ck_assert_int_eq(one_more.open(), -EMFILE);
    const uint16_t number = identities[77].number();
    identities[77].retire();
    ck_assert_int_eq(one_more.open(), 0);
    ck_assert_uint_eq(one_more.number(), number);
    ck_assert_int_eq(identities[77].open(), -EMFILE);
    for (PollIdentity &identity : identities)
        identity.retire();
    one_more.retire();
}
END_TEST

START_TEST(a_freed_number_is_used_again_last)
{
    const uint16_t first = use_a_number_up();
    for (uint32_t i = 1; i < number_count; i++)
        ck_assert_uint_ne(use_a_number_up(), first);
    ck_assert_uint_eq(use_a_number_up(), first);
}
END_TEST

START_TEST(an_identity_is_usable_until_it_is_retired)
{
    PollIdentity identity;
    ck_assert_int_eq(identity.open(), 0);
    ck_assert_int_eq(identity.check_usable(), 0);
    identity.retire();
    ck_assert_int_eq(identity.check_usable(), -EBADF);
}
END_TEST

// ---- a source records its poll object ----------------------------------------------------------------------------

START_TEST(a_source_has_one_owner_and_forgets_it)
{
    PollIdentity one;
    PollIdentity other;
    ck_assert_int_eq(one.open(), 0);
    ck_assert_int_eq(other.open(), 0);
    mio_source source;
    set_open(&source, SourceKind::udp_socket, 5);
    ck_assert_int_eq(one.check_owner_of(&source), -ENOENT);
    ck_assert_ptr_null(set_owner(&source, one, nullptr));
    ck_assert_int_eq(one.check_owner_of(&source), 0);
    ck_assert_int_eq(other.check_owner_of(&source), -EBUSY);
    ck_assert(is_plain(&source, SourceKind::udp_socket));
    ck_assert_ptr_null(forget_owner(&source));
    ck_assert_int_eq(one.check_owner_of(&source), -ENOENT);
    ck_assert_int_eq(other.check_owner_of(&source), -ENOENT);
    ck_assert_ptr_null(set_owner(&source, one, nullptr));
    one.retire();
    ck_assert_int_eq(other.check_owner_of(&source), -ENOENT);
    other.retire();
}
END_TEST

START_TEST(a_watcher_is_returned_by_the_call_that_replaces_it)
{
    static mio_poll first;
    static mio_poll second;
    const PollIdentity nobody;
    mio_source source;
    set_open(&source, SourceKind::tcp_stream, 5);
    ck_assert_ptr_null(watcher_of(&source));
    ck_assert_ptr_null(set_owner(&source, nobody, &first));
    ck_assert_ptr_eq(watcher_of(&source), &first);
    ck_assert(!is_plain(&source, SourceKind::tcp_stream));
    ck_assert_ptr_eq(set_owner(&source, nobody, &first), &first);
    ck_assert_ptr_eq(set_owner(&source, nobody, &second), &first);
    ck_assert_ptr_eq(watcher_of(&source), &second);
    ck_assert_ptr_eq(forget_owner(&source), &second);
    ck_assert_ptr_null(watcher_of(&source));
    ck_assert(is_plain(&source, SourceKind::tcp_stream));
    memset(&source, 0xa5, sizeof source);
    ck_assert_ptr_null(watcher_of(&source));
}
END_TEST

mio_poll *open_backend(int index)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    options.backend = selector_at(static_cast<size_t>(index))->name;
    mio_poll *poll = nullptr;
    ck_assert_int_eq(open_poll(&options, &poll), 0);
    return poll;
}

// ---- failures and bare handles ------------------------------------------------------------------------------------

START_TEST(a_poll_object_that_fails_to_open_keeps_no_number)
{
    rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const rlimit none = {0, limit.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    options.backend = selector_at(static_cast<size_t>(_i))->name;
    mio_poll *poll = nullptr;
    for (uint32_t i = 0; i <= number_count; i++)
        ck_assert_int_eq(open_poll(&options, &poll), -EMFILE);
    ck_assert_ptr_null(poll);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_int_eq(open_poll(&options, &poll), 0);
    free_poll(poll);
}
END_TEST

START_TEST(a_source_is_free_once_its_handle_is_not_registered)
{
    mio_poll *one = open_backend(_i);
    mio_poll *other = open_backend(_i);
    mio_unix_stream left;
    mio_unix_stream right;
    ck_assert_int_eq(mio_unix_stream_pair(&left, &right, 0), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(register_source(one, &left.source, 1, MIO_READABLE), 0);
        ck_assert_int_eq(deregister_handle(one, handle_of(&left.source)), 0);
        ck_assert_int_eq(register_source(other, &left.source, 1, MIO_READABLE), -EBUSY);
        const int gone =
            i == 0 ? deregister_source(one, &left.source) : reregister_source(one, &left.source, 1, MIO_READABLE);
        ck_assert_int_eq(gone, -ENOENT);
        ck_assert_ptr_null(watcher_of(&left.source));
        ck_assert_uint_eq(one->references.load(), 1);
        ck_assert_int_eq(register_source(other, &left.source, 1, MIO_READABLE), 0);
        ck_assert_int_eq(deregister_source(other, &left.source), 0);
    }
    mio_unix_stream_close(&left);
    mio_unix_stream_close(&right);
    free_poll(one);
    free_poll(other);
}
END_TEST

// ---- a source that is closed, or whose descriptor is released ----------------------------------------------------

int count_registrations(mio_poll *poll)
{
    int count = 0;
    const RegistrationVisitor visitor = {
        [](void *context, const Registration &) {
            ++*static_cast<int *>(context);
            return 0;
        },
        &count,
    };
    ck_assert_int_eq(poll->selector->list(selector_state(poll), visitor), 0);
    return count;
}

START_TEST(a_watched_source_holds_a_reference_while_it_is_registered)
{
    mio_poll *poll = open_backend(_i);
    const uint32_t watched = poll->selector->rearm != nullptr ? 1 : 0;
    mio_unix_stream left;
    mio_unix_stream right;
    ck_assert_int_eq(mio_unix_stream_pair(&left, &right, 0), 0);
    ck_assert_int_eq(register_source(poll, &left.source, 1, MIO_READABLE), 0);
    ck_assert_int_eq(register_source(poll, &right.source, 2, MIO_READABLE), 0);
    ck_assert_uint_eq(poll->references.load(), 1 + 2 * watched);
    ck_assert_int_eq(deregister_source(poll, &left.source), 0);
    ck_assert_uint_eq(poll->references.load(), 1 + watched);
    ck_assert_int_eq(register_source(poll, &left.source, 1, MIO_READABLE), 0);
    ck_assert_uint_eq(poll->references.load(), 1 + 2 * watched);
    mio_handle handle;
    ck_assert_int_eq(release_handle(&left.source, &handle), 0);
    ck_assert_uint_eq(poll->references.load(), 1 + watched);
    ck_assert_int_eq(count_registrations(poll), 2);
    // The duplicate keeps the file open. A selector that keeps references to its sources must still remove
    // the registration of the closed handle.
    const int copy = dup(handle_of(&right.source));
    mio_unix_stream_close(&right);
    ck_assert_uint_eq(poll->references.load(), 1);
    if (watched != 0) ck_assert_int_eq(count_registrations(poll), 1);
    close(copy);
    close_handle(handle);
    free_poll(poll);
}
END_TEST

// ---- a new poll object with the number of a freed poll object ----------------------------------------------------

// A source that was left registered with a freed poll object. `taker` is a new poll object with the number of the freed
// poll object. So the source looks as if it were registered with `taker`.
struct Stale {
    mio_unix_stream left;
    mio_unix_stream right;
    mio_poll *taker;
    mio_poll *other;

    explicit Stale(int backend)
    {
        ck_assert_int_eq(mio_unix_stream_pair(&left, &right, 0), 0);
        mio_poll *gone = open_backend(backend);
        const uint16_t number = gone->identity.number();
        ck_assert_int_eq(register_source(gone, &left.source, 1, MIO_READABLE), 0);
        free_poll(gone);
        other = open_backend(backend);
        ck_assert_int_eq(deregister_source(other, &left.source), -ENOENT);
        for (uint32_t i = 2; i < number_count; i++)
            use_a_number_up();
        taker = open_backend(backend);
        ck_assert_uint_eq(taker->identity.number(), number);
        // The record in the source looks exactly like a registration with `taker`.
        ck_assert_int_eq(register_source(other, &left.source, 1, MIO_READABLE), -EBUSY);
    }

    Stale(const Stale &) = delete;
    Stale &operator=(const Stale &) = delete;

    ~Stale()
    {
        mio_unix_stream_close(&left);
        mio_unix_stream_close(&right);
        free_poll(taker);
        free_poll(other);
    }
};

START_TEST(deregistering_frees_a_source_whose_poll_is_gone_and_number_taken)
{
    Stale stale(_i);
    ck_assert_int_eq(deregister_source(stale.taker, &stale.left.source), -ENOENT);
    ck_assert_int_eq(register_source(stale.other, &stale.left.source, 2, MIO_READABLE), 0);
    ck_assert_int_eq(register_source(stale.taker, &stale.left.source, 2, MIO_READABLE), -EBUSY);
    ck_assert_int_eq(deregister_source(stale.other, &stale.left.source), 0);
}
END_TEST

START_TEST(so_does_reregistering)
{
    Stale stale(_i);
    ck_assert_int_eq(reregister_source(stale.taker, &stale.left.source, 2, MIO_READABLE), -ENOENT);
    ck_assert_int_eq(register_source(stale.other, &stale.left.source, 2, MIO_READABLE), 0);
}
END_TEST

START_TEST(the_poll_that_has_taken_the_number_can_register_the_source)
{
    Stale stale(_i);
    mio_event event;
    ck_assert_int_eq(register_source(stale.taker, &stale.left.source, 2, MIO_READABLE), 0);
    ck_assert_int_eq(mio_unix_stream_write(&stale.right, "x", 1), 1);
    ck_assert_int_eq(wait_for_events(stale.taker, &event, 1, -1, nullptr), 1);
    ck_assert_uint_eq(event.token, 2);
    ck_assert_int_eq(deregister_source(stale.taker, &stale.left.source), 0);
}
END_TEST

} // namespace

int main()
{
    const int backends = static_cast<int>(selectors.count);
    Suite *suite = suite_create("ownership");
    TCase *cases = tcase_create("owners");
    tcase_add_test(cases, all_numbers_are_different_and_then_there_are_no_more);
    tcase_add_test(cases, a_freed_number_is_used_again_last);
    tcase_add_test(cases, an_identity_is_usable_until_it_is_retired);
    tcase_add_test(cases, a_source_has_one_owner_and_forgets_it);
    tcase_add_test(cases, a_watcher_is_returned_by_the_call_that_replaces_it);
    tcase_add_loop_test(cases, a_poll_object_that_fails_to_open_keeps_no_number, 0, backends);
    tcase_add_loop_test(cases, a_source_is_free_once_its_handle_is_not_registered, 0, backends);
    tcase_add_loop_test(cases, a_watched_source_holds_a_reference_while_it_is_registered, 0, backends);
    tcase_add_loop_test(cases, deregistering_frees_a_source_whose_poll_is_gone_and_number_taken, 0, backends);
    tcase_add_loop_test(cases, so_does_reregistering, 0, backends);
    tcase_add_loop_test(cases, the_poll_that_has_taken_the_number_can_register_the_source, 0, backends);
    suite_add_tcase(suite, cases);
    return run(suite);
}
