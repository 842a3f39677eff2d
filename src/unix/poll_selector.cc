// SPDX-License-Identifier: MIT
// The selector on poll(2), for systems without a better one and to test against: the semantics of epoll, at poll's own
// price of a scan of all descriptors with every wait.
//
//  1. One thread at a time, the leader, is in poll(2), on a copy of the table, so that others can register meanwhile.
//     They count the version of the table up and kick the leader, which takes a new copy and polls on, with the time
//     that is left of its own wait. Other waiting threads queue for the lead on a notifier of their own.
//  2. What poll(2) returned is looked up again by descriptor and serial number: a row that was removed or replaced
//     meanwhile is passed over, so nothing is reported after its deregistration, and nothing is lost either, since
//     poll(2) reports levels and will say it again.
//  3. Edges are emulated: PollTable stops looking at what was reported until rearm is called.
//  4. Wakers are notifiers of their own, apart from the kick, so that no registration can swallow a wake. One that is
//     reported is emptied at once.
//  5. The copy is made longer by whoever registers, never by a wait, which takes no memory.
#include "unix/poll_selector.hpp"

#include "core/memory.hpp"
#include "core/timeout.hpp"
#include "port/clock.hpp"
#include "unix/calls.hpp"
#include "unix/errno_guard.hpp"
#include "unix/fd.hpp"
#include "unix/mutex.hpp"
#include "unix/pipe_notifier.hpp"
#include "unix/poll_bits.hpp"
#include "unix/poll_table.hpp"

#include <errno.h>
#include <mio/poll.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace mio::impl {

namespace {

// A copy of the table for poll(2), with the kick in front, and the serial number of each row.
struct Snapshot {
    pollfd *fds;
    uint32_t *serials;
    size_t capacity;
};

constexpr size_t kick_slot = 1;

struct PollState {
    Mutex mutex; // for everything below
    PollTable table;
    uint32_t version; // of the table

    Snapshot copy;   // the leader's
    Snapshot longer; // for the leader to take over; empty if the copy is long enough
    uint32_t copied_version;
    size_t copied_size;
    size_t first; // where the next harvest begins, so that a small array of events starves nobody

    bool leading; // some thread is the leader
    bool polling; // and in poll(2)
    int waiting;  // threads that queue for the lead
    NotifierEnds kick;
    NotifierEnds turn;
};

PollState &state_of(void *state)
{
    return *static_cast<PollState *>(state);
}

// ---- the copy -----------------------------------------------------------------------------------------------------

void close_snapshot(Snapshot *snapshot)
{
    release_array(snapshot->fds);
    release_array(snapshot->serials);
    *snapshot = {};
}

int open_snapshot(Snapshot *snapshot, size_t capacity)
{
    Snapshot made = {};
    if (!resize_array(&made.fds, capacity + kick_slot) || !resize_array(&made.serials, capacity)) {
        close_snapshot(&made);
        return -ENOMEM;
    }
    made.capacity = capacity;
    *snapshot = made;
    return 0;
}

// Makes sure that a table of one more row can be copied.
int reserve_copy(PollState *poll)
{
    const size_t needed = poll->table.size() + 1;
    if (needed <= poll->copy.capacity || needed <= poll->longer.capacity) return 0;
    close_snapshot(&poll->longer);
    return open_snapshot(&poll->longer, needed * 2);
}

void refresh_copy(PollState *poll)
{
    if (poll->longer.capacity != 0) {
        close_snapshot(&poll->copy);
        poll->copy = poll->longer;
        poll->longer = {};
    }
    poll->copied_size = poll->table.size();
    poll->copied_version = poll->version;
    poll->copy.fds[0] = {poll->kick.watched, POLLIN, 0};
    if (poll->copied_size == 0) return;
    memcpy(poll->copy.fds + kick_slot, poll->table.fds(), poll->copied_size * sizeof(pollfd));
    for (size_t i = 0; i < poll->copied_size; i++)
        poll->copy.serials[i] = poll->table.serial_at(i);
}

// To be called after every change of the table: what the leader polls is no longer right.
void note_change(PollState *poll)
{
    poll->version++;
    if (poll->polling) (void)pipe_notifier.notify(&poll->kick);
}

// ---- registering --------------------------------------------------------------------------------------------------

// Learns what a descriptor stands for, and drops its row if that was of a file which has been closed meanwhile, as epoll
// does by itself. To be called before anything is done about a descriptor.
int identify(PollState *poll, int fd, struct stat *status)
{
    const int failed = result_of(fstat(fd, status));
    if (failed != 0 || poll->table.is_stale(fd, {status->st_dev, status->st_ino})) {
        if (poll->table.remove(fd) == 0) note_change(poll);
    }
    return failed;
}

int poll_add(void *state, mio_handle handle, uintptr_t token, uint32_t interest)
{
    PollState &poll = state_of(state);
    const Lock lock(&poll.mutex);
    struct stat status;
    int failed = identify(&poll, handle, &status);
    if (failed != 0) return failed;
    // poll(2) takes for ready what it cannot poll. Say so at once, as epoll does.
    if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) return -EPERM;
    failed = reserve_copy(&poll);
    if (failed == 0) failed = poll.table.add(handle, {status.st_dev, status.st_ino}, token, interest);
    if (failed == 0) note_change(&poll);
    return failed;
}

int poll_modify(void *state, mio_handle handle, uintptr_t token, uint32_t interest)
{
    PollState &poll = state_of(state);
    const Lock lock(&poll.mutex);
    struct stat status;
    int failed = identify(&poll, handle, &status);
    if (failed == 0) failed = poll.table.modify(handle, token, interest);
    if (failed == 0) note_change(&poll);
    return failed;
}

int poll_remove(void *state, mio_handle handle)
{
    const ErrnoGuard guard;
    PollState &poll = state_of(state);
    const Lock lock(&poll.mutex);
    struct stat status;
    int failed = identify(&poll, handle, &status);
    if (failed == 0) failed = poll.table.remove(handle);
    if (failed == 0) note_change(&poll);
    return failed;
}

bool has_urgent_data(int fd)
{
    pollfd urgent = {fd, POLLPRI, 0};
    return result_of(poll(&urgent, 1, 0)) > 0 && (urgent.revents & POLLPRI) != 0;
}

// What a read uses up can be the urgent byte as well, and only the system knows whether it was: it passes the mark.
uint32_t bits_used_up(const PollState *poll, int fd, uint32_t used_up)
{
    const uint32_t bits = poll_bits_of(used_up);
    const bool may_be_over = (bits & POLLIN) != 0 && poll->table.is_resting(fd, POLLPRI) && !has_urgent_data(fd);
    return may_be_over ? bits | POLLPRI : bits;
}

int poll_rearm(void *state, mio_handle handle, uint32_t used_up)
{
    PollState &poll = state_of(state);
    const Lock lock(&poll.mutex);
    bool changed = false;
    const int missing = poll.table.rearm(handle, bits_used_up(&poll, handle, used_up), &changed);
    if (changed) note_change(&poll);
    return missing;
}

// ---- waiting ------------------------------------------------------------------------------------------------------

// One wait of one thread.
struct Waiting {
    mio_event *events;
    size_t capacity;
    int64_t deadline_ns;
    const sigset_t *sigmask;
};

int call_ppoll(pollfd *fds, size_t size, int64_t timeout_ns, const sigset_t *sigmask)
{
    timespec timeout = {};
    timeout.tv_sec = static_cast<time_t>(timeout_ns / nanoseconds_per_second);
    timeout.tv_nsec = static_cast<long>(timeout_ns % nanoseconds_per_second);
    return result_of(ppoll(fds, size, timeout_ns < 0 ? nullptr : &timeout, sigmask));
}

// Reports one descriptor that poll(2) found something for. False if it is to be passed over.
bool report(PollState *poll, const pollfd &found, uint32_t serial, mio_event *event)
{
    const PollRow *row = poll->table.find(found.fd, serial);
    if (row == nullptr) return false;
    const uint32_t bits = static_cast<unsigned short>(found.revents);
    if ((bits & POLLNVAL) != 0) {
        // Closed without being deregistered: gone without a word, as from epoll.
        (void)poll->table.remove(found.fd);
        poll->version++;
        return false;
    }
    event->token = row->token;
    event->readiness = readiness_of(bits);
    event->os_bits = bits;
    if ((row->interest & interest_notifier) != 0) drain_fd(found.fd);
    poll->table.note_reported(found.fd, bits);
    poll->version++;
    return true;
}

int harvest(PollState *poll, const Waiting &waiting)
{
    size_t count = 0;
    size_t passed = 0;
    for (; passed < poll->copied_size && count < waiting.capacity; passed++) {
        const size_t index = (poll->first + passed) % poll->copied_size;
        const pollfd &found = poll->copy.fds[kick_slot + index];
        if (found.revents != 0 && report(poll, found, poll->copy.serials[index], &waiting.events[count])) count++;
    }
    poll->first += passed;
    return static_cast<int>(count);
}

// Polls a copy of the table without holding the mutex. Returns what poll(2) returns.
int poll_copy(PollState *poll, int64_t timeout_ns, const sigset_t *sigmask)
{
    if (poll->copied_version != poll->version) refresh_copy(poll);
    poll->polling = true;
    poll->mutex.unlock();
    const int found = call_ppoll(poll->copy.fds, kick_slot + poll->copied_size, timeout_ns, sigmask);
    poll->mutex.lock();
    poll->polling = false;
    if (found > 0 && poll->copy.fds[0].revents != 0) drain_fd(poll->kick.watched);
    return found;
}

int lead(PollState *poll, const Waiting &waiting, int64_t timeout_ns)
{
    for (;;) {
        const int found = poll_copy(poll, timeout_ns, waiting.sigmask);
        if (found <= 0) return found;
        const int count = harvest(poll, waiting);
        if (count != 0 || timeout_ns == 0) return count;
        timeout_ns = time_until(waiting.deadline_ns, monotonic_now());
    }
}

// Waits until no other thread leads. 1 with the lead, 0 when the time is up.
int take_turn(PollState *poll, const Waiting &waiting, int64_t timeout_ns)
{
    while (poll->leading) {
        pollfd turn = {poll->turn.watched, POLLIN, 0};
        poll->waiting++;
        poll->mutex.unlock();
        const int found = call_ppoll(&turn, 1, timeout_ns, waiting.sigmask);
        poll->mutex.lock();
        poll->waiting--;
        if (found <= 0) return found;
        drain_fd(poll->turn.watched);
        timeout_ns = time_until(waiting.deadline_ns, monotonic_now());
    }
    poll->leading = true;
    return 1;
}

void pass_turn(PollState *poll)
{
    poll->leading = false;
    if (poll->waiting > 0) (void)pipe_notifier.notify(&poll->turn);
}

int poll_wait(void *state, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask)
{
    PollState &poll = state_of(state);
    const int64_t deadline_ns = timeout_ns > 0 ? deadline_after(monotonic_now(), timeout_ns) : deadline_never;
    const Waiting waiting = {events, capacity, deadline_ns, static_cast<const sigset_t *>(sigmask)};
    const Lock lock(&poll.mutex);
    const int turn = take_turn(&poll, waiting, timeout_ns);
    if (turn <= 0) return turn;
    const int64_t left_ns = timeout_ns > 0 ? time_until(deadline_ns, monotonic_now()) : timeout_ns;
    const int count = lead(&poll, waiting, left_ns);
    pass_turn(&poll);
    return count;
}

// ---- the object ---------------------------------------------------------------------------------------------------

int poll_open(void *state)
{
    PollState &poll = state_of(state);
    int failed = open_snapshot(&poll.copy, 16);
    if (failed != 0) return failed;
    failed = pipe_notifier.open(&poll.kick);
    if (failed == 0) {
        failed = pipe_notifier.open(&poll.turn);
        if (failed != 0) pipe_notifier.close(&poll.kick);
    }
    if (failed != 0) {
        close_snapshot(&poll.copy);
        return failed;
    }
    poll.copied_version = poll.version - 1; // nothing is copied yet
    poll.mutex.open();
    return 0;
}

void poll_close(void *state)
{
    PollState &poll = state_of(state);
    poll.mutex.close();
    pipe_notifier.close(&poll.kick);
    pipe_notifier.close(&poll.turn);
    close_snapshot(&poll.copy);
    close_snapshot(&poll.longer);
    poll.table.close();
}

int poll_list(void *state, const RegistrationVisitor &visitor)
{
    PollState &poll = state_of(state);
    Registration some[16];
    size_t count;
    mio_handle next = 0;
    do {
        {
            const Lock lock(&poll.mutex);
            count = poll.table.list(next, some, sizeof some / sizeof *some);
        }
        for (size_t i = 0; i < count; i++) {
            const int stopped = visitor.visit(visitor.context, some[i]);
            if (stopped != 0) return stopped;
            next = some[i].handle + 1;
        }
    } while (count != 0);
    return 0;
}

uint32_t poll_capabilities(const void *)
{
    constexpr uint32_t everywhere = MIO_CAN_LEVEL | MIO_CAN_ONESHOT | MIO_CAN_PRIORITY | MIO_CAN_NS | MIO_CAN_SIGMASK;
    return everywhere | (POLLRDHUP != 0 ? MIO_CAN_CLOSED : 0);
}

mio_handle poll_handle(const void *)
{
    return -ENOTSUP;
}

} // namespace

const Selector poll_selector = {
    .name = "poll",
    .state_size = sizeof(PollState),
    .open = poll_open,
    .close = poll_close,
    .capabilities = poll_capabilities,
    .add = poll_add,
    .modify = poll_modify,
    .remove = poll_remove,
    .rearm = poll_rearm,
    .wait = poll_wait,
    .list = poll_list,
    .handle = poll_handle,
};

} // namespace mio::impl
