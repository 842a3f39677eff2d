// SPDX-License-Identifier: MIT
// Tests the cancellation of a thread that waits on the backend "kqueue". The test cancels the thread after the wait has
// fetched the first events. kevent(2) is a cancellation point on FreeBSD and NetBSD, and also in tests/kqueue/kqueue.c.
// The kevent(2) of this program calls the original kevent(2), and then cancels the thread.
#include "../helpers/run_suite.hpp"

#include <check.h>
#include <dlfcn.h>
#include <mio.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <sys/event.h>

namespace {

thread_local bool cancels = false;

using Kevent = int(int, const struct kevent *, int, struct kevent *, int, const timespec *);

} // namespace

extern "C" int kevent(int kq, const struct kevent *changes, int nchanges, struct kevent *events, int nevents,
                      const timespec *timeout)
{
    Kevent *next = reinterpret_cast<Kevent *>(dlsym(RTLD_NEXT, "kevent"));
    const int count = next(kq, changes, nchanges, events, nevents, timeout);
    if (cancels && changes == nullptr && count > 0) {
        cancels = false;
        pthread_cancel(pthread_self());
    }
    return count;
}

namespace {

void *wait_and_be_cancelled(void *poll)
{
    mio_event events[8];
    cancels = true;
    const int count = mio_poll_wait(static_cast<mio_poll *>(poll), events, 8, 0);
    return count == 2 && !cancels ? poll : nullptr;
}

void open_pair(mio_registry *registry, uintptr_t token, uint32_t interest, int ends[2])
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    ck_assert_int_eq(mio_registry_register_handle(registry, ends[0], token, interest), 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
}

void close_pair(const int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

// The library puts a MIO_ONESHOT registration for reading and writing into its second kqueue. The wait fetches events
// from the main kqueue, and then from the second kqueue. This second step can enable knotes in the main kqueue. So at
// the end, the wait fetches events from the main kqueue once more.
START_TEST(a_thread_that_is_cancelled_in_the_midst_of_a_wait_returns_its_events)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = nullptr;
    int plain[2];
    int oneshot[2];
    options.backend = "kqueue";
    ck_assert_int_eq(mio_poll_new(&poll, &options), 0);
    open_pair(mio_poll_registry(poll), 1, MIO_READABLE, plain);
    open_pair(mio_poll_registry(poll), 2, MIO_READABLE | MIO_WRITABLE | MIO_ONESHOT, oneshot);
    pthread_t thread;
    void *result = nullptr;
    ck_assert_int_eq(pthread_create(&thread, nullptr, wait_and_be_cancelled, poll), 0);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_eq(result, poll);
    close_pair(plain);
    close_pair(oneshot);
    mio_poll_free(poll);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("kqueue_cancel");
    TCase *cases = tcase_create("kqueue_cancel");
    tcase_add_test(cases, a_thread_that_is_cancelled_in_the_midst_of_a_wait_returns_its_events);
    suite_add_tcase(suite, cases);
    return run(suite);
}
