// SPDX-License-Identifier: MIT
// Waits for events with kqueue(2), and defines kqueue_selector, the selector for systems with kqueue(2). The kernel
// stores the token and the interest of each registration, so the selector keeps no record of the registrations.
#include "bsd/kqueue_calls.hpp"
#include "bsd/kqueue_state.hpp"
#include "bsd/mechanisms.hpp"
#include "core/timeout.hpp"
#include "port/clock.hpp"
#include "port/process.hpp"
#include "port/selector.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/errno_guard.hpp"
#include "unix/masked_wait.hpp"

#include <errno.h>
#include <limits.h>
#include <mio/poll.h>
#include <sys/stat.h>

namespace mio::impl {

namespace {

KqueueState &state_of(void *state)
{
    return *static_cast<KqueueState *>(state);
}

const KqueueState &state_of(const void *state)
{
    return *static_cast<const KqueueState *>(state);
}

// ---- events -------------------------------------------------------------------------------------------------------

// Fills the caller's array with events. If several filters report events for one descriptor, joins these events into
// one event.
class Delivery {
public:
    explicit Delivery(mio_event *events) : events_(events) {}

    void put(const struct kevent &raw)
    {
        const FilterEvent event = filter_event_of(raw);
        uint64_t &word = seen_[raw.ident / 64 % words];
        const uint64_t bit = UINT64_C(1) << raw.ident % 64;
        if ((word & bit) == 0 || !join(raw, event)) append(raw, event);
        word |= bit;
    }

    size_t size() const { return count_; }

private:
    void append(const struct kevent &raw, const FilterEvent &event)
    {
        idents_[count_] = raw.ident;
        mio_event *made = &events_[count_++];
        *made = {};
        made->token = token_of(raw);
        made->readiness = readiness_of(event);
        made->os_bits = os_bits_of(event);
    }

    // Joins an event with an earlier event of the same descriptor. Returns false if the array has no such event. The
    // ident of a descriptor's event is the descriptor, and the ident of any other event is a memory address. So events
    // of different sources have different idents.
    bool join(const struct kevent &raw, const FilterEvent &event)
    {
        for (size_t i = 0; i < count_; i++) {
            if (idents_[i] != raw.ident || events_[i].token != token_of(raw)) continue;
            events_[i].readiness |= readiness_of(event);
            events_[i].os_bits = joined_os_bits(events_[i].os_bits, os_bits_of(event));
            return true;
        }
        return false;
    }

    mio_event *events_;
    size_t count_ = 0;
    // `seen_` has 1024 bits. An ident is a descriptor or a memory address. The ident modulo 1024 is the number of its
    // bit. `put` tests the bit of an event's ident before it sets the bit. If the bit was clear, the array
    // `events_` has no event with this ident, and `put` appends the event without a search. Two idents rarely share a
    // bit, because descriptors are small numbers.
    static constexpr size_t words = 16;
    uint64_t seen_[words] = {};
    uintptr_t idents_[most_events];
};

// ---- waiting ------------------------------------------------------------------------------------------------------

// wait_once and wait_masked return this value if they have fetched events, but have no event to report. No other result
// has this value.
constexpr int only_quiet = INT_MIN;

// Fetches events of the main kqueue, and adds them to `delivery`. The caller's array has `room` elements. Returns the
// number of events that kevent(2) returned, or a negative errno value. `has_aside` becomes true if the second kqueue
// has events.
int fetch(KqueueState *state, Delivery *delivery, size_t room, int64_t timeout_ns, bool *has_aside)
{
    struct kevent raw[most_events];
    const int found = wait_on_kqueue(state->fd, raw, room - delivery->size(), timeout_ns);
    // Load `aside` after the wait, because another thread may have opened `aside` during the wait.
    const uintptr_t aside = static_cast<uintptr_t>(state->aside.load());
    for (int i = 0; i < found; i++) {
        if (raw[i].ident == aside) {
            *has_aside = true;
        } else {
            delivery->put(raw[i]);
        }
    }
    return found;
}

// Puts the events of the second kqueue into the array. To get these events, the function calls look_aside, which may
// enable knotes in the main kqueue. So after this call, the function fetches events from the main kqueue once more. The
// main kqueue can then return a level-triggered event that is already in the array. Delivery joins the new event with
// the event in the array.
void fetch_aside(KqueueState *state, Delivery *delivery, size_t room)
{
    struct kevent raw[most_events];
    const int found = look_aside(state, raw, room - delivery->size());
    for (int i = 0; i < found; i++)
        delivery->put(raw[i]);
    bool has_more = false;
    const CancelGuard guard; // otherwise a cancelled thread would lose the events in the array
    if (delivery->size() < room) (void)fetch(state, delivery, room, 0, &has_more);
}

// Waits once, for at most `timeout_ns`. Returns the number of stored events, 0 if no event has arrived, or a negative
// errno value. If events have arrived, but the wait must not report any of these events, returns the constant
// only_quiet.
int wait_once(KqueueState *state, mio_event *events, size_t room, int64_t timeout_ns)
{
    Delivery delivery(events);
    bool has_aside = false;
    const int found = fetch(state, &delivery, room, timeout_ns, &has_aside);
    if (found <= 0) return found;
    if (has_aside && delivery.size() < room) fetch_aside(state, &delivery, room);
    return delivery.size() != 0 ? static_cast<int>(delivery.size()) : only_quiet;
}

// Waits with a signal mask. kevent(2) takes no signal mask. So the function first waits with the mask until the
// kqueue's descriptor is readable. Then the function fetches the events with a timeout of 0.
int wait_masked(KqueueState *state, mio_event *events, size_t room, int64_t timeout_ns, const sigset_t *sigmask)
{
    const int found = masked_wait(state->fd, timeout_ns, sigmask);
    if (found <= 0) return found;
    // Another thread may have fetched the events in the meantime. In that case `count` is 0.
    const int count = wait_once(state, events, room, 0);
    return count != 0 ? count : only_quiet;
}

int kqueue_wait(void *memory, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask)
{
    KqueueState *state = &state_of(memory);
    const size_t room = capacity < most_events ? capacity : most_events;
    const int64_t deadline_ns = timeout_ns > 0 ? deadline_after(monotonic_now(), timeout_ns) : deadline_never;
    for (;;) {
        const int count = sigmask == nullptr
                              ? wait_once(state, events, room, timeout_ns)
                              : wait_masked(state, events, room, timeout_ns, static_cast<const sigset_t *>(sigmask));
        if (count != 0 && count != only_quiet) return count;
        if (timeout_ns > 0) timeout_ns = time_until(deadline_ns, monotonic_now());
        if (count == 0 && timeout_ns == 0) return 0;
    }
}

// ---- registering --------------------------------------------------------------------------------------------------

// Returns -EPERM for regular files and directories, as other selectors do. Some kernels accept a regular file, but then
// never report its end.
int check_kind(int fd)
{
    struct stat status;
    const int failed = result_of(fstat(fd, &status));
    if (failed != 0) return failed;
    return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ? -EPERM : 0;
}

int kqueue_add(void *state, mio_handle handle, uintptr_t token, uint32_t interest)
{
    const int wrong = check_kind(handle);
    return wrong != 0 ? wrong : set_knotes(&state_of(state), handle, token, interest, false);
}

int kqueue_modify(void *state, mio_handle handle, uintptr_t token, uint32_t interest)
{
    return set_knotes(&state_of(state), handle, token, interest, true);
}

int kqueue_remove(void *state, mio_handle handle)
{
    const ErrnoGuard guard;
    return delete_knotes(&state_of(state), handle);
}

// ---- the selector itself ------------------------------------------------------------------------------------------

int kqueue_open(void *memory)
{
    KqueueState &state = state_of(memory);
    const int failed = open_kqueue(&state.fd);
    if (failed != 0) return failed;
    state.aside.store(MIO_HANDLE_NONE);
    state.has_except = kernel_has_except(state.fd);
    state.generation = process_generation();
    state.mutex.open();
    return 0;
}

void kqueue_close(void *memory)
{
    KqueueState &state = state_of(memory);
    close_aside(&state);
    close_kqueue(state.fd, state.generation);
    state.mutex.close();
}

uint32_t kqueue_capabilities(const void *state)
{
    constexpr uint32_t always = MIO_CAN_EDGE | MIO_CAN_LEVEL | MIO_CAN_ONESHOT | MIO_CAN_CLOSED | MIO_CAN_NEST |
                                MIO_CAN_NS | MIO_CAN_SIGMASK | MIO_CAN_CLOSE;
    constexpr uint32_t requests =
        (filter_aio != no_filter ? MIO_CAN_AIO : 0) | (filter_lio != no_filter ? MIO_CAN_LIO : 0);
    return always | requests | (state_of(state).has_except ? MIO_CAN_PRIORITY : 0);
}

int kqueue_list(void *, const RegistrationVisitor &)
{
    return -ENOTSUP; // no system can list the knotes of a kqueue
}

int kqueue_handle(const void *state, mio_handle *handle)
{
    *handle = state_of(state).fd;
    return 0;
}

} // namespace

const Selector kqueue_selector = {
    .name = "kqueue",
    .state_size = sizeof(KqueueState),
    .add_replaces = true,
    .open = kqueue_open,
    .close = kqueue_close,
    .retire = nullptr,
    .capabilities = kqueue_capabilities,
    .add = kqueue_add,
    .modify = kqueue_modify,
    .remove = kqueue_remove,
    .rearm = nullptr,
    .wait = wait_in_epoch<kqueue_wait>,
    .list = kqueue_list,
    .handle = kqueue_handle,
    .notifier = &user_notifier,
};

} // namespace mio::impl
