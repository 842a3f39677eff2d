// SPDX-License-Identifier: MIT
// Waits for events with poll(2), in one thread or in several. unix/poll_selector.cc explains the leader, the queue and
// the kick.
#include "core/timeout.hpp"
#include "port/clock.hpp"
#include "port/selector.hpp"
#include "unix/calls.hpp"
#include "unix/fd.hpp"
#include "unix/masked_poll.hpp"
#include "unix/mechanisms.hpp"
#include "unix/poll_bits.hpp"
#include "unix/poll_state.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

size_t smaller(size_t left, size_t right)
{
    return left < right ? left : right;
}

constexpr int64_t deadline_past = INT64_MIN;

int64_t time_left(const Waiting &waiting)
{
    if (waiting.deadline_ns == deadline_past) return 0;
    return waiting.deadline_ns == deadline_never ? wait_forever : time_until(waiting.deadline_ns, monotonic_now());
}

// Translates a result of poll(2). If the array has more descriptors than the process may open, poll(2) fails with
// EINVAL, and the selector returns -EMFILE.
int as_limit(int found)
{
    return found != -EINVAL ? found : -EMFILE;
}

// A copy of the rows of the table, after poll(2) has stored the ready bits in `fds`. `serials` has the serial number of
// each row.
struct Found {
    const pollfd *fds;
    const uint32_t *serials;
    size_t size;
};

// Stores the event of the descriptor `found`. `serial` is the serial number of the row that poll(2) has seen. Returns
// false if there is nothing to report.
bool report(PollState *poll, const pollfd &found, uint32_t serial, mio_event *event)
{
    const PollRow *row = poll->table.find(found.fd);
    if (row == nullptr || row->serial != serial) return false;
    // Another thread may have reported some bits since this poll(2). So report only the bits that the table still
    // watches.
    const uint32_t bits = static_cast<unsigned short>(found.revents) & poll->table.watched(found.fd);
    if (bits == 0) return false;
    const bool is_notifier = (row->interest & interest_notifier) != 0;
    if ((bits & POLLNVAL) != 0 || (!is_notifier && check_row(poll, found.fd) != 0)) {
        // In this case, the program has closed the descriptor without deregistering it. Drop the row without an event,
        // because epoll also drops such a registration.
        drop_row(poll, found.fd);
        return false;
    }
    if (is_notifier && !drain_fd(found.fd)) return false; // another thread has already drained the notifier
    event->token = row->token;
    event->readiness = readiness_of(bits);
    event->os_bits = bits;
    poll->table.note_reported(found.fd, bits);
    poll->version++;
    return true;
}

// Checks the rows in `found`, and stores their events in the array of `waiting`. The search begins with the row
// `start`, and after the last row continues with row 0. Stores in *passed the number of rows that the search has
// visited.
int harvest(PollState *poll, const Found &found, size_t start, const Waiting &waiting, size_t *passed)
{
    size_t count = 0;
    for (*passed = 0; *passed < found.size && count < waiting.capacity; ++*passed) {
        const size_t index = (start + *passed) % found.size;
        if (found.fds[index].revents == 0) continue;
        if (report(poll, found.fds[index], found.serials[index], &waiting.events[count])) count++;
    }
    return static_cast<int>(count);
}

void pass_turn(PollState *poll)
{
    poll->leading = false;
    if (poll->waiting > 0) (void)pipe_notifier.notify(&poll->turn);
}

// The next three functions clean up after a cancelled thread. abandon_lead is for the leader. abandon_look is for a
// thread that calls poll(2) without being the leader. abandon_queue is for a thread that waits to become the leader.
void abandon_lead(void *context)
{
    PollState *poll = static_cast<PollState *>(context);
    const Lock lock(&poll->mutex);
    poll->polling = false;
    pass_turn(poll);
}

void abandon_look(void *) {}

void abandon_queue(void *context)
{
    PollState *poll = static_cast<PollState *>(context);
    const Lock lock(&poll->mutex);
    poll->waiting--;
}

// Drains a notifier of the poll object after poll(2) has stored the ready bits in `ready`. Returns -EBADF if the
// program has closed an end of the notifier, because each poll(2) would report the closed end at once.
int drain_notifier(const pollfd &ready)
{
    if ((ready.revents & ~POLLIN) != 0) return -EBADF;
    if (ready.revents != 0) (void)drain_fd(ready.fd);
    return 0;
}

// Polls a copy of the table with the mutex unlocked. Returns the result of poll(2), or the error of drain_notifier.
int poll_copy(PollState *poll, const Waiting &waiting, int64_t timeout_ns)
{
    if (poll->copied_version != poll->version) refresh_copy(poll);
    poll->polling = true;
    const int found = waiting.lock->without(abandon_lead, poll, [=] {
        return masked_poll(poll->copy.fds, kick_slot + poll->copied_size, timeout_ns, waiting.sigmask);
    });
    poll->polling = false;
    if (found <= 0) return as_limit(found);
    const int closed = drain_notifier(poll->copy.fds[0]);
    return closed != 0 ? closed : found;
}

int lead(PollState *poll, const Waiting &waiting)
{
    for (;;) {
        const int64_t left_ns = time_left(waiting);
        const int found = poll_copy(poll, waiting, left_ns);
        if (found <= 0) return found;
        size_t passed;
        const Found all = {poll->copy.fds + kick_slot, poll->copy.serials, poll->copied_size};
        const int count = harvest(poll, all, poll->first, waiting, &passed);
        poll->first += passed;
        if (count != 0 || left_ns == 0) return count;
    }
}

constexpr size_t most_at_once = 256; // one call polls at most this many rows, because their array is on the stack

// Copies up to `size` rows of the table to the stack, from the row `start`, and polls the copy. The timeout of poll(2)
// is 0, so the function does not wait. While poll(2) runs, the mutex is unlocked.
int look_at(PollState *poll, size_t start, size_t size, const Waiting &waiting, size_t *passed)
{
    pollfd fds[most_at_once];
    uint32_t serials[most_at_once];
    poll->table.copy(start, size, fds, serials);
    const int found =
        as_limit(waiting.lock->without(abandon_look, poll, [&] { return masked_poll(fds, size, 0, waiting.sigmask); }));
    *passed = size;
    return found > 0 ? harvest(poll, {fds, serials, size}, 0, waiting, passed) : found;
}

// Polls the rows from the index `next` up to the index `end`, part by part, until a part has an event. Other threads
// can change the size of the table between two parts.
int look_between(PollState *poll, size_t next, size_t end, const Waiting &waiting)
{
    int count = 0;
    size_t passed;
    for (; count == 0 && next < smaller(end, poll->table.size()); next += passed) {
        const size_t rest = smaller(end, poll->table.size()) - next;
        count = look_at(poll, next, smaller(rest, most_at_once), waiting, &passed);
    }
    poll->first = next;
    return count;
}

// Polls all rows, part by part, from the last row to the first. A removal moves the last row into the gap. In this
// order, the search has already seen the last row, so the search misses no row.
int look_back(PollState *poll, const Waiting &waiting)
{
    int count = 0;
    size_t passed;
    for (size_t begin = poll->table.size(); count == 0 && begin > 0;) {
        const size_t end = smaller(begin, poll->table.size());
        begin = end - smaller(end, most_at_once);
        count = look_at(poll, begin, end - begin, waiting, &passed);
    }
    return count;
}

// Polls the table once while another thread is the leader. Other threads change poll->first between two parts, so the
// function reads poll->first only once. If the table has changed meanwhile, a row may have moved to a place that the
// search had already passed. So the function then searches the table again.
int look(PollState *poll, const Waiting &waiting)
{
    // Poll even an empty table, because every wait is a cancellation point and delivers the signals of its mask.
    size_t passed;
    if (poll->table.size() == 0) return look_at(poll, 0, 0, waiting, &passed);
    const uint32_t version = poll->version;
    const size_t first = poll->first % poll->table.size();
    int count = look_between(poll, first, SIZE_MAX, waiting);
    if (count == 0) count = look_between(poll, 0, first, waiting);
    return count != 0 || poll->version == version ? count : look_back(poll, waiting);
}

// Waits until no other thread leads, and takes the lead. Returns 1 if this thread leads, 0 after a timeout, or a
// negative errno value.
int take_turn(PollState *poll, const Waiting &waiting)
{
    while (poll->leading) {
        const int64_t left_ns = time_left(waiting);
        if (left_ns == 0) return 0;
        pollfd turn = {poll->turn.watched, POLLIN, 0};
        poll->waiting++;
        const int found =
            waiting.lock->without(abandon_queue, poll, [&] { return masked_poll(&turn, 1, left_ns, waiting.sigmask); });
        poll->waiting--;
        if (found < 0) return as_limit(found);
        // The notification may be old, or another thread may already be the new leader. So check `leading` again.
        const int closed = found > 0 ? drain_notifier(turn) : 0;
        if (closed != 0) return closed;
    }
    poll->leading = true;
    return 1;
}

} // namespace

int64_t deadline_of(int64_t timeout_ns)
{
    if (timeout_ns == 0) return deadline_past;
    return timeout_ns > 0 ? deadline_after(monotonic_now(), timeout_ns) : deadline_never;
}

int wait_on_table(PollState *poll, const Waiting &waiting)
{
    const int turn = take_turn(poll, waiting);
    if (turn < 0) return turn;
    if (turn == 0) return look(poll, waiting);
    const int count = lead(poll, waiting);
    pass_turn(poll);
    return count;
}

} // namespace mio::impl
