// SPDX-License-Identifier: MIT
// Tests the steps of the protocol in src/core/wake_epoch.hpp, one by one. The notifier of the test counts its
// notifications. tests/models/waker.pml proves that the steps work together. tests/api/waker.c tests the public
// functions of wakers.
#include "poll/waker.hpp"

#include "poll/poller.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <errno.h>

// One test requires that fetch_add(0) is a single instruction, and that this instruction writes although it adds 0.
// Clang uses a fence and a load instead, and ThreadSanitizer calls a function instead.
#if defined(__linux__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define READS_BY_WRITING 1
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace mio::impl;

namespace {

int notifications;

int count_notification(const NotifierEnds *)
{
    notifications++;
    return 0;
}

// This selector finds nothing, so every wait returns at once, and only the epoch can change.
int find_nothing(void *, mio_event *, size_t, int64_t, const void *)
{
    return 0;
}

int be_interrupted(void *, mio_event *, size_t, int64_t, const void *)
{
    return -EINTR;
}

Selector idle_selector;
mio_poll poll_object;
mio_waker waker;

void set_up()
{
    notifications = 0;
    idle_selector.wait = wait_in_epoch<find_nothing>;
    poll_object.selector = &idle_selector;
    ck_assert_int_eq(poll_object.identity.open(), 0);
    waker.poll = &poll_object;
    waker.notify = count_notification;
}

void wait_returns()
{
    mio_event event;
    ck_assert_int_eq(wait_for_events(&poll_object, &event, 1, 0, nullptr), 0);
}

START_TEST(the_first_wake_notifies)
{
    ck_assert_int_eq(wake(&waker), 0);
    ck_assert_int_eq(notifications, 1);
}
END_TEST

START_TEST(wakes_before_a_wait_returns_notify_once)
{
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(wake(&waker), 0);
    ck_assert_int_eq(notifications, 1);
}
END_TEST

START_TEST(a_wake_after_each_wait_notifies)
{
    for (int i = 1; i <= 1000; i++) {
        ck_assert_int_eq(wake(&waker), 0);
        ck_assert_int_eq(notifications, i);
        wait_returns();
    }
}
END_TEST

START_TEST(waits_alone_change_nothing)
{
    const uint64_t epoch = poll_object.epoch.mark();
    wait_returns();
    for (int i = 0; i < 1000; i++)
        wait_returns();
    ck_assert_int_eq(notifications, 0);
    ck_assert_uint_eq(poll_object.epoch.mark(), epoch + 2);
}
END_TEST

START_TEST(a_wait_that_fails_advances_the_epoch_too)
{
    idle_selector.wait = wait_in_epoch<be_interrupted>;
    ck_assert_int_eq(wake(&waker), 0);
    mio_event event;
    ck_assert_int_eq(wait_for_events(&poll_object, &event, 1, 0, nullptr), -EINTR);
    ck_assert_int_eq(wake(&waker), 0);
    ck_assert_int_eq(notifications, 2);
}
END_TEST

// A wake notifies, and then stores the epoch in `last`. If the wake is delayed between these steps, it stores an old
// epoch.
START_TEST(a_stale_last_costs_a_notification_and_no_wake)
{
    wait_returns();
    ck_assert_int_eq(wake(&waker), 0);
    waker.last.store(poll_object.epoch.mark() - 2);
    ck_assert_int_eq(wake(&waker), 0);
    ck_assert_int_eq(notifications, 2);
}
END_TEST

int fail_notification(const NotifierEnds *)
{
    return -ENOMEM;
}

START_TEST(a_wake_that_fails_is_not_taken_for_one_on_its_way)
{
    waker.notify = fail_notification;
    ck_assert_int_eq(wake(&waker), -ENOMEM);
    ck_assert_int_eq(wake(&waker), -ENOMEM);
    waker.notify = count_notification;
    ck_assert_int_eq(wake(&waker), 0);
    ck_assert_int_eq(wake(&waker), 0);
    ck_assert_int_eq(notifications, 1);
}
END_TEST

// notify_slowly calls this function before it notifies. In a real program, another thread or a signal handler can run
// at this moment.
void (*meanwhile)();

int notify_slowly(const NotifierEnds *ends)
{
    void (*const action)() = meanwhile;
    meanwhile = nullptr;
    if (action != nullptr) action();
    return count_notification(ends);
}

// The thread of the first wake may stop for ever before it notifies. So a second wake that begins before this
// notification must also notify.
START_TEST(a_wake_before_the_write_of_another_notifies_too)
{
    waker.notify = notify_slowly;
    meanwhile = [] {
        ck_assert_int_eq(wake(&waker), 0);
        ck_assert_int_eq(notifications, 1);
        ck_assert_int_eq(wake(&waker), 0);
        ck_assert_int_eq(notifications, 1);
    };
    ck_assert_int_eq(wake(&waker), 0);
    ck_assert_int_eq(notifications, 2);
}
END_TEST

START_TEST(a_wait_that_returns_during_the_write_is_not_promised_the_event)
{
    waker.notify = notify_slowly;
    meanwhile = wait_returns;
    ck_assert_int_eq(wake(&waker), 0);
    ck_assert_int_eq(wake(&waker), 0);
    ck_assert_int_eq(notifications, 2);
}
END_TEST

START_TEST(wakers_of_one_poll_object_do_not_swallow_each_other)
{
    mio_waker other;
    other.poll = &poll_object;
    other.notify = count_notification;
    ck_assert_int_eq(wake(&waker), 0);
    ck_assert_int_eq(wake(&other), 0);
    ck_assert_int_eq(notifications, 2);
}
END_TEST

START_TEST(no_notification_once_the_poll_object_is_freed)
{
    poll_object.identity.retire();
    ck_assert_int_eq(wake(&waker), 0);
    ck_assert_int_eq(notifications, 0);
}
END_TEST

// Checks that the epoch has more than 32 bits. A 32-bit epoch could wrap around, and then equal an old value of the
// member `last` of a waker.
START_TEST(the_epoch_has_64_bits)
{
    ck_assert_uint_eq(sizeof waker.last, 8);
    poll_object.epoch = WakeEpoch(UINT32_MAX - 1);
    ck_assert_int_eq(wake(&waker), 0);
    wait_returns();
    ck_assert_uint_eq(poll_object.epoch.mark(), (uint64_t{1} << 32) + 1);
    ck_assert_int_eq(wake(&waker), 0);
    ck_assert_int_eq(notifications, 2);
}
END_TEST

#ifdef READS_BY_WRITING

enum { EXIT_NOT_NOTIFIED, EXIT_NOTIFIED, EXIT_WROTE };

int status_of_a_wake_on(WakeEpoch *epoch, uint64_t last)
{
    const pid_t child = fork();
    ck_assert_int_ne(child, -1);
    if (child == 0) {
        struct sigaction action = {};
        action.sa_handler = [](int) { _exit(EXIT_WROTE); };
        sigaction(SIGSEGV, &action, nullptr);
        _exit(epoch->is_notified(last) ? EXIT_NOTIFIED : EXIT_NOT_NOTIFIED);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

// After one wake has notified, further wakes do not notify until a wait returns. Such a further wake must read the
// epoch with a read-modify-write operation, not with a load (core/wake_epoch.hpp). The test puts the epoch on a
// read-only page. On this page a load works, but a read-modify-write operation raises SIGSEGV. The test expects
// SIGSEGV.
START_TEST(a_wake_that_does_not_notify_has_an_order_with_the_advance)
{
    if (!WakeEpoch::is_known) return;
    const auto size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    void *page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(page, MAP_FAILED);
    auto *epoch = static_cast<WakeEpoch *>(page);
    *epoch = WakeEpoch();
    const uint64_t last = epoch->mark();
    ck_assert_int_eq(status_of_a_wake_on(epoch, last), EXIT_NOTIFIED);
    ck_assert_int_eq(mprotect(page, size, PROT_READ), 0);
    ck_assert_int_eq(status_of_a_wake_on(epoch, last), EXIT_WROTE);
    // This wake must notify. The wake learns this from a load of the epoch, which also works on the read-only page.
    ck_assert_int_eq(status_of_a_wake_on(epoch, last - 2), EXIT_NOT_NOTIFIED);
    ck_assert_int_eq(munmap(page, size), 0);
}
END_TEST

#endif

} // namespace

int main()
{
    Suite *suite = suite_create("waker_protocol");
    TCase *cases = tcase_create("steps");
    // Each case gets new objects, even if all cases share a process.
    tcase_add_checked_fixture(
        cases,
        [] {
            poll_object = mio_poll();
            waker = mio_waker();
            set_up();
        },
        nullptr);
    tcase_add_test(cases, the_first_wake_notifies);
    tcase_add_test(cases, wakes_before_a_wait_returns_notify_once);
    tcase_add_test(cases, a_wake_after_each_wait_notifies);
    tcase_add_test(cases, waits_alone_change_nothing);
    tcase_add_test(cases, a_wait_that_fails_advances_the_epoch_too);
    tcase_add_test(cases, a_stale_last_costs_a_notification_and_no_wake);
    tcase_add_test(cases, a_wake_that_fails_is_not_taken_for_one_on_its_way);
    tcase_add_test(cases, a_wake_before_the_write_of_another_notifies_too);
    tcase_add_test(cases, a_wait_that_returns_during_the_write_is_not_promised_the_event);
    tcase_add_test(cases, wakers_of_one_poll_object_do_not_swallow_each_other);
    tcase_add_test(cases, no_notification_once_the_poll_object_is_freed);
    tcase_add_test(cases, the_epoch_has_64_bits);
#ifdef READS_BY_WRITING
    tcase_add_test(cases, a_wake_that_does_not_notify_has_an_order_with_the_advance);
#endif
    suite_add_tcase(suite, cases);
    return run(suite);
}
