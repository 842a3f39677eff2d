// SPDX-License-Identifier: MIT
// The second kqueue, `aside` (bsd/kqueue_state.hpp): opens it, and decides which of its events a wait reports.
#include "bsd/kqueue_calls.hpp"
#include "bsd/kqueue_state.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"

#include <poll.h>

namespace mio::impl {

namespace {

constexpr uintptr_t settled = UINTPTR_MAX; // replaces the ident of an event after the event has been handled

// Returns the mode of the knote that caused an event of the second kqueue, `aside`. The flags of the event contain the
// mode.
uint32_t mode_of(const struct kevent &event)
{
    return event.flags & (EV_CLEAR | EV_DISPATCH);
}

bool is_quiet(const struct kevent &event)
{
    return mode_of(event) == EV_CLEAR;
}

bool has_ended(const struct kevent &event)
{
    return (event.flags & EV_EOF) != 0;
}

// `event` belongs to one of the two filters EVFILT_READ and EVFILT_WRITE. Returns true if the other filter reports
// EV_EOF for the same descriptor. To find this out, the function adds a knote to the empty kqueue `probe`, and then
// deletes the knote.
bool has_ended_otherwise(const KqueueState *state, const struct kevent &event)
{
    struct kevent found;
    const int other = event.filter == EVFILT_READ ? EVFILT_WRITE : EVFILT_READ;
    if (change_knote(state->probe, knote(event.ident, other, EV_ADD, 0)) != 0) return false;
    const bool ended = wait_on_kqueue(state->probe, &found, 1, 0) == 1 && has_ended(found);
    (void)change_knote(state->probe, knote(event.ident, other, EV_DELETE, 0));
    return ended;
}

// True if the connection is broken, or has ended in both directions. On NetBSD, poll(2) does not report a broken or an
// ended connection, so the function does not rely on poll(2) alone.
bool is_broken(const KqueueState *state, const struct kevent &event)
{
    if (has_ended(event) && event.fflags != 0) return true;
    pollfd now = {static_cast<int>(event.ident), 0, 0};
    if (call_poll_now(&now, 1) > 0 && (now.revents & (POLLERR | POLLHUP)) != 0) return true;
    return has_ended(event) && has_ended_otherwise(state, event);
}

// Disables knotes of one descriptor in the second kqueue, `aside`. The descriptor is the ident of `event`. If `all` is
// true, the function disables all knotes of the descriptor. If `all` is false, the knote that caused `event` stays
// enabled. Each EV_DISABLE repeats the old token, because on some systems each change of a knote overwrites its token.
void disable(KqueueState *state, const struct kevent &event, bool all)
{
    Changes changes(static_cast<int>(event.ident));
    for (size_t i = 0; i < filter_count(state); i++) {
        if (all || filters[i] != static_cast<int>(event.filter)) changes.add(filters[i], EV_DISABLE, token_of(event));
    }
    (void)changes.apply(state->aside.load()); // the result is -ENOENT for a knote that the second kqueue does not have
}

// Enables the knote of `filter` in the main kqueue. Returns whether the knote existed. After EV_ENABLE alone, some
// systems do not check whether the descriptor is ready. After EV_ADD, all systems check this, but EV_ADD would create a
// missing knote. So EV_DISABLE comes first: it fails if the knote is missing. If EV_ENABLE came first, another thread
// could get the event before EV_ADD, and a oneshot registration would report two events.
bool enable_in_main(KqueueState *state, const struct kevent &event, int filter)
{
    const uintptr_t token = token_of(event);
    return change_knote(state->fd, knote(event.ident, filter, EV_DISABLE, token)) == 0 &&
           change_knote(state->fd, knote(event.ident, filter, EV_ADD | EV_ENABLE, token)) == 0;
}

// `event` comes from a quiet knote (bsd/kqueue_state.hpp). If `event` shows an error or the end of the stream, the
// function enables the knotes of the same descriptor in the main kqueue. Returns whether the main kqueue now reports
// the error or the end. If the main kqueue reports two events, the wait joins them into one event.
bool promote(KqueueState *state, const struct kevent &event)
{
    const bool broken = is_broken(state, event);
    const bool at_end = event.filter == EVFILT_READ && has_ended(event);
    const bool reads = (broken || at_end) && enable_in_main(state, event, EVFILT_READ);
    const bool writes = broken && enable_in_main(state, event, EVFILT_WRITE);
    if (!reads && !writes) return false;
    disable(state, event, true);
    return true;
}

void settle_quiet(struct kevent *events, int count, uintptr_t ident)
{
    for (int i = 0; i < count; i++) {
        if (events[i].ident == ident && is_quiet(events[i])) events[i].ident = settled;
    }
}

// The wait must report the events of all knotes that are not quiet. The function moves these events to the front of the
// array, and returns their number.
int settle_reported(KqueueState *state, struct kevent *events, int count)
{
    int reported = 0;
    for (int i = 0; i < count; i++) {
        if (events[i].ident == settled || is_quiet(events[i])) continue;
        if (mode_of(events[i]) == lasting_hang_up_flags) {
            events[i].flags |= hang_up_flags;
        } else {
            disable(state, events[i], false);
        }
        settle_quiet(events, count, events[i].ident);
        const struct kevent other = events[reported];
        events[reported++] = events[i];
        events[i] = other;
    }
    return reported;
}

void settle_ends(KqueueState *state, struct kevent *events, int count)
{
    for (int i = 0; i < count; i++) {
        if (events[i].ident != settled && promote(state, events[i])) settle_quiet(events, count, events[i].ident);
    }
}

} // namespace

int open_aside(KqueueState *state)
{
    if (state->aside.load() >= 0) return 0;
    int probe;
    int failed = open_kqueue(&probe);
    if (failed != 0) return failed;
    int fd;
    failed = open_kqueue(&fd);
    if (failed == 0) {
        failed = change_knote(state->fd, knote(static_cast<uintptr_t>(fd), EVFILT_READ, EV_ADD, 0));
        if (failed != 0) close_kqueue(fd, state->generation);
    }
    if (failed != 0) {
        close_kqueue(probe, state->generation);
        return failed;
    }
    state->probe = probe;
    state->aside.store(fd);
    return 0;
}

void close_aside(KqueueState *state)
{
    const int aside = state->aside.load();
    if (aside < 0) return;
    close_kqueue(aside, state->generation);
    close_kqueue(state->probe, state->generation);
}

int look_aside(KqueueState *state, struct kevent *events, size_t capacity)
{
    const CancelGuard guard; // otherwise a cancelled thread would leave the mutex locked
    const Lock lock(&state->mutex);
    const int count = wait_on_kqueue(state->aside.load(), events, capacity, 0);
    const int reported = settle_reported(state, events, count);
    settle_ends(state, events + reported, count - reported);
    return reported;
}

} // namespace mio::impl
