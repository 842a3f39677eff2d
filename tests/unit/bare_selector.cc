// SPDX-License-Identifier: MIT
// Tests poll objects on a selector that has only the parts that port/selector.hpp requires. The selector supports no
// signal masks, cannot list its registrations, and has no descriptor. Another thread can end a wait without a pipe or
// an eventfd, as with kqueue(2) and completion ports. With this selector, wakers must work, a wait with a signal mask
// must return -ENOTSUP, and mio_poll_dump must print that the registrations are not known.
#include "poll/waker.hpp"

#include "poll/poll_dump.hpp"
#include "poll/poller.hpp"
#include "port/memory.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <mio/interest.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mio::impl;

namespace {

constexpr uintptr_t the_token = 77;

// Counts the calls of the functions below, and holds the results that open_own and notify_own must return.
struct Record {
    int own_opened;
    int own_closed;
    int notified;
    int added;
    int removed;
    bool selector_closed;
    int own_open_result;
    int notify_result;
};
Record record;

// The state of the selector of this test. `packet` is the token of the notifier. A notification sets `posted`.
struct BareState {
    uintptr_t packet;
    bool posted;
};
BareState *notified_state;

// ---- the notifier --------------------------------------------------------------------------------------------------

constexpr NotifierEnds own_ends = {-17, 4711, 0}; // no descriptors

int open_own(void *state, uintptr_t token, NotifierEnds *ends)
{
    if (record.own_open_result != 0) return record.own_open_result;
    record.own_opened++;
    notified_state = static_cast<BareState *>(state);
    notified_state->packet = token;
    *ends = own_ends;
    return 0;
}

void close_own(void *state, NotifierEnds *ends)
{
    ck_assert_ptr_eq(state, notified_state);
    ck_assert_int_eq(ends->written, own_ends.written);
    ck_assert(!record.selector_closed);
    record.own_closed++;
    static_cast<BareState *>(state)->posted = false;
}

int notify_own(const NotifierEnds *ends)
{
    ck_assert_int_eq(ends->watched, own_ends.watched);
    ck_assert_int_eq(ends->written, own_ends.written);
    record.notified++;
    if (record.notify_result == 0) notified_state->posted = true;
    return record.notify_result;
}

constexpr SelectorNotifier own_notifier = {open_own, close_own, notify_own};

// ---- the selector --------------------------------------------------------------------------------------------------

int bare_add(void *, mio_handle, uintptr_t token, uint32_t interest)
{
    ck_assert_uint_eq(token, the_token);
    ck_assert_uint_eq(interest, MIO_READABLE | interest_notifier);
    record.added++;
    return 0;
}

int bare_remove(void *, mio_handle)
{
    record.removed++;
    return 0;
}

int bare_wait(void *state, mio_event *events, size_t, int64_t, const void *sigmask)
{
    if (sigmask != nullptr) return -ENOTSUP;
    BareState *bare = static_cast<BareState *>(state);
    if (!bare->posted) return 0;
    bare->posted = false;
    events[0] = {};
    events[0].token = bare->packet;
    events[0].readiness = MIO_READABLE;
    return 1;
}

constexpr Selector bare_selector = {
    .name = "bare",
    .state_size = sizeof(BareState),
    .add_replaces = false,
    .open = [](void *) { return 0; },
    .close = [](void *) { record.selector_closed = true; },
    .retire = nullptr,
    .capabilities = [](const void *) -> uint32_t { return MIO_CAN_EDGE; },
    .add = bare_add,
    .modify = [](void *, mio_handle, uintptr_t, uint32_t) { return 0; },
    .remove = bare_remove,
    .rearm = nullptr,
    .wait = wait_in_epoch<bare_wait>,
    .list = [](void *, const RegistrationVisitor &) { return -ENOTSUP; },
    .handle = [](const void *, mio_handle *) { return -ENOTSUP; },
    .notifier = &own_notifier,
};

mio_poll *poll_object;

void set_up()
{
    record = {};
    poll_object = create<mio_poll>(bare_selector.state_size);
    ck_assert_ptr_nonnull(poll_object);
    poll_object->selector = &bare_selector;
    ck_assert_int_eq(poll_object->identity.open(), 0);
}

mio_waker *new_waker()
{
    mio_waker *waker = nullptr;
    ck_assert_int_eq(open_waker(poll_object, the_token, &waker), 0);
    return waker;
}

void expect_wake()
{
    mio_event event = {};
    ck_assert_int_eq(wait_for_events(poll_object, &event, 1, 0, nullptr), 1);
    ck_assert_uint_eq(event.token, the_token);
    ck_assert_uint_eq(event.readiness, MIO_READABLE);
    ck_assert_int_eq(wait_for_events(poll_object, &event, 1, 0, nullptr), 0);
}

// ---- wakers --------------------------------------------------------------------------------------------------------

START_TEST(a_waker_needs_no_descriptor)
{
    mio_waker *waker = new_waker();
    ck_assert_int_eq(wake(waker), 0);
    expect_wake();
    free_waker(waker);
    free_poll(poll_object);
    ck_assert_int_eq(record.own_opened, 1);
    ck_assert_int_eq(record.own_closed, 1);
    ck_assert_int_eq(record.added, 0);
    ck_assert_int_eq(record.removed, 0);
    ck_assert(record.selector_closed);
}
END_TEST

START_TEST(its_wakes_coalesce)
{
    mio_waker *waker = new_waker();
    for (int round = 1; round <= 10; round++) {
        for (int i = 0; i < 100; i++)
            ck_assert_int_eq(wake(waker), 0);
        ck_assert_int_eq(record.notified, round * 2 - 1);
        expect_wake();
        // The wait that returned the event has also ended the epoch, so the next wake notifies again.
        ck_assert_int_eq(wake(waker), 0);
        ck_assert_int_eq(record.notified, round * 2);
        expect_wake();
    }
    free_waker(waker);
    free_poll(poll_object);
}
END_TEST

START_TEST(a_wake_that_fails_says_so_and_can_be_repeated)
{
    mio_waker *waker = new_waker();
    record.notify_result = -ENOMEM;
    ck_assert_int_eq(wake(waker), -ENOMEM);
    ck_assert_int_eq(wake(waker), -ENOMEM);
    record.notify_result = 0;
    ck_assert_int_eq(wake(waker), 0);
    ck_assert_int_eq(record.notified, 3);
    expect_wake();
    free_waker(waker);
    free_poll(poll_object);
}
END_TEST

START_TEST(a_waker_that_cannot_be_made_leaves_nothing)
{
    mio_waker *waker = nullptr;
    record.own_open_result = -ENOMEM;
    ck_assert_int_eq(open_waker(poll_object, the_token, &waker), -ENOMEM);
    ck_assert_ptr_null(waker);
    ck_assert_int_eq(record.own_closed, 0);
    ck_assert_int_eq(record.added, 0);
    ck_assert_uint_eq(poll_object->references.load(), 1);
    free_poll(poll_object);
    ck_assert(record.selector_closed);
}
END_TEST

START_TEST(a_descriptor_serves_where_the_system_lacks_it)
{
    record.own_open_result = -ENOSYS;
    mio_waker *waker = new_waker();
    ck_assert_int_eq(record.added, 1);
    ck_assert_int_eq(wake(waker), 0);
    ck_assert_int_eq(record.notified, 0);
    const mio_handle watched = waker->ends.watched;
    ck_assert_int_ge(fcntl(watched, F_GETFD), 0);
    free_waker(waker);
    free_poll(poll_object);
    ck_assert_int_eq(record.removed, 1);
    ck_assert_int_eq(record.own_closed, 0);
    ck_assert_int_eq(fcntl(watched, F_GETFD), -1);
}
END_TEST

START_TEST(it_is_closed_while_the_selector_is_open)
{
    mio_waker *waker = new_waker();
    free_poll(poll_object);
    ck_assert(!record.selector_closed);
    ck_assert_int_eq(wake(waker), 0);
    ck_assert_int_eq(record.notified, 0);
    free_waker(waker);
    ck_assert_int_eq(record.own_closed, 1);
    ck_assert(record.selector_closed);
}
END_TEST

START_TEST(a_forked_child_does_not_close_its_parents)
{
    mio_waker *waker = new_waker();
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        const bool refused = wake(waker) == -ECHILD;
        free_waker(waker);
        _exit(refused && record.own_closed == 0 ? 0 : 1);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(wake(waker), 0);
    expect_wake();
    free_waker(waker);
    free_poll(poll_object);
}
END_TEST

// ---- missing parts of the selector ---------------------------------------------------------------------------------

START_TEST(a_wait_with_a_mask_is_refused)
{
    const mio_signal_mask mask = {};
    mio_event event;
    ck_assert_int_eq(wait_for_events(poll_object, &event, 1, 0, &mask), -ENOTSUP);
    poll_object->flags = MIO_POLL_RESTART;
    ck_assert_int_eq(wait_for_events(poll_object, &event, 1, -1, &mask), -ENOTSUP);
    ck_assert_int_eq(wait_for_events(poll_object, &event, 1, 0, nullptr), 0);
    free_poll(poll_object);
}
END_TEST

START_TEST(the_dump_says_that_there_is_no_list)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dump_poll(poll_object, ends[1]), 0);
    char text[1024] = {};
    ck_assert_int_gt(read(ends[0], text, sizeof text - 1), 0);
    ck_assert_ptr_nonnull(strstr(text, "backend bare number"));
    ck_assert_ptr_nonnull(strstr(text, "  can EDGE\n"));
    ck_assert_ptr_nonnull(strstr(text, "  registrations not known: ENOTSUP\n"));
    close(ends[0]);
    close(ends[1]);
    free_poll(poll_object);
}
END_TEST

START_TEST(it_has_no_descriptor_to_watch)
{
    mio_handle handle = MIO_HANDLE_NONE;
    ck_assert_int_eq(poll_handle(poll_object, &handle), -ENOTSUP);
    free_poll(poll_object);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("bare_selector");
    TCase *cases = tcase_create("bare");
    tcase_add_checked_fixture(cases, set_up, nullptr);
    tcase_add_test(cases, a_waker_needs_no_descriptor);
    tcase_add_test(cases, its_wakes_coalesce);
    tcase_add_test(cases, a_wake_that_fails_says_so_and_can_be_repeated);
    tcase_add_test(cases, a_waker_that_cannot_be_made_leaves_nothing);
    tcase_add_test(cases, a_descriptor_serves_where_the_system_lacks_it);
    tcase_add_test(cases, it_is_closed_while_the_selector_is_open);
    tcase_add_test(cases, a_forked_child_does_not_close_its_parents);
    tcase_add_test(cases, a_wait_with_a_mask_is_refused);
    tcase_add_test(cases, the_dump_says_that_there_is_no_list);
    tcase_add_test(cases, it_has_no_descriptor_to_watch);
    suite_add_tcase(suite, cases);
    return run(suite);
}
