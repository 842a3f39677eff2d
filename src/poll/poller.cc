// SPDX-License-Identifier: MIT
#include "poll/poller.hpp"

#include "core/race_detector.hpp"
#include "core/refused_call.hpp"
#include "core/struct_size.hpp"
#include "core/timeout.hpp"
#include "poll/backends.hpp"
#include "port/clock.hpp"
#include "port/memory.hpp"
#include "port/probe.hpp"

#include <errno.h>
#include <stddef.h>

namespace mio::impl {

namespace {

// Copies the caller's options into *options. The program may be compiled with another version of the struct. If `given`
// is null, stores the defaults.
int load_options(const mio_poll_options *given, mio_poll_options *options)
{
    *options = MIO_POLL_OPTIONS_INIT;
    const int wrong = given != nullptr ? load_struct(given, options) : 0;
    if (wrong != 0) return wrong;
    return (options->flags & ~MIO_POLL_RESTART) == 0 ? 0 : -EINVAL;
}

int open_identified(mio_poll *poll)
{
    int failed = poll->identity.open();
    if (failed != 0) return failed;
    failed = poll->selector->open(selector_state(poll));
    if (failed != 0) poll->identity.retire();
    return failed;
}

int open_with(const Selector *selector, uint32_t flags, mio_poll **poll)
{
    mio_poll *made = create<mio_poll>(selector->state_size);
    if (made == nullptr) return -ENOMEM;
    made->selector = selector;
    made->flags = flags;
    made->registry = {made, true};
    const int failed = open_identified(made);
    if (failed != 0) {
        destroy(made);
        return failed;
    }
    *poll = made;
    return 0;
}

int wait_once(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask)
{
    return poll->selector->wait(selector_state(poll), events, capacity, timeout_ns, sigmask, &poll->epoch);
}

// Waits again after a signal handler has interrupted the wait.
int wait_with_restart(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask)
{
    const int64_t deadline_ns = timeout_ns > 0 ? deadline_after(monotonic_now(), timeout_ns) : deadline_never;
    int result;
    while ((result = wait_once(poll, events, capacity, timeout_ns, sigmask)) == -EINTR) {
        if (timeout_ns > 0) timeout_ns = time_until(deadline_ns, monotonic_now());
    }
    return result;
}

bool restarts(const mio_poll *poll)
{
    return (poll->flags & MIO_POLL_RESTART) != 0;
}

// Does the same as wait_for_events, and something after the wait: waits again, or fires the probe. This function is not
// inline, so that the call of the selector is the last action of wait_for_events, and the compiler makes it a jump. A
// return after a system call costs up to 10 ns, because the processor predicts it wrongly.
[[gnu::noinline]] int wait_and_follow_up(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns,
                                         const void *sigmask)
{
    const int result = restarts(poll) ? wait_with_restart(poll, events, capacity, timeout_ns, sigmask)
                                      : wait_once(poll, events, capacity, timeout_ns, sigmask);
    MIO_PROBE(wait_end, poll, result);
    return result;
}

} // namespace

int open_poll(const mio_poll_options *given, mio_poll **poll)
{
    mio_poll_options options;
    const int wrong = load_options(given, &options);
    if (wrong != 0) return wrong;
    int result = -ENOTSUP; // the library has no backend of that name
    for (const Selector *selector : find_selectors(options.backend)) {
        result = open_with(selector, options.flags, poll);
        if (!is_refused_call(result)) break;
    }
    return result;
}

int backend_capabilities(const char *name, uint32_t *capabilities)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    options.backend = name;
    mio_poll *poll;
    const int failed = open_poll(&options, &poll);
    if (failed != 0) return failed;
    *capabilities = poll->selector->capabilities(selector_state(poll));
    free_poll(poll);
    return 0;
}

void free_poll(mio_poll *poll)
{
    poll->identity.retire();
    if (poll->selector->retire != nullptr) poll->selector->retire(selector_state(poll));
    drop_reference(poll);
}

void add_reference(mio_poll *poll)
{
    poll->references.fetch_add(1);
}

void drop_reference(mio_poll *poll)
{
    if (poll == nullptr || poll->references.fetch_sub(1) != 1) return;
    poll->selector->close(selector_state(poll));
    destroy(poll);
}

int wait_for_events(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask)
{
    const int wrong = is_usable(poll);
    if (MIO_UNLIKELY(wrong != 0)) return wrong;
    MIO_PROBE(wait_begin, poll, capacity, timeout_ns);
    if (restarts(poll) || MIO_PROBE_ENABLED(wait_end)) {
        return wait_and_follow_up(poll, events, capacity, timeout_ns, sigmask);
    }
    return wait_once(poll, events, capacity, timeout_ns, sigmask);
}

int wait_until(mio_poll *poll, mio_event *events, size_t capacity, int64_t deadline_ns)
{
    const int64_t timeout_ns = time_until(deadline_ns, monotonic_now());
    return wait_for_events(poll, events, capacity, timeout_ns, nullptr);
}

} // namespace mio::impl
