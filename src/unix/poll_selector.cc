// SPDX-License-Identifier: MIT
// Waits for events with poll(2), and defines poll_selector, the selector for tests and for systems without a better
// call. The selector has the semantics of epoll, but every wait scans all descriptors.
//
//  1. One thread at a time, the leader, calls poll(2). The leader polls a copy of the table of registrations, so that
//     other threads can register meanwhile. A registration increments the version of the table, and uses a notifier,
//     called the kick, to end the leader's poll(2). The leader then takes a new copy, and polls for the rest of its
//     wait. Every other waiting thread joins a queue, and waits on a second notifier until the leader leaves.
//  2. Every registration gets a new serial number. For each result of poll(2), the leader looks in the table for a row
//     with the same descriptor and the same serial number. If another thread has removed or replaced this row, the
//     leader skips the result, so no event follows a deregistration. The leader loses no event, because poll(2) reports
//     a condition again as long as the condition holds. There is one exception: for a file such as
//     /proc/self/mountinfo, the condition ends when poll(2) reports it. If the array of the wait is full, the event of
//     this file is lost.
//  3. The selector emulates edges. After a wait has reported a condition, PollTable ignores the condition until a call
//     of `rearm`. The library calls `rearm` after an operation has used up readiness. Then a wait reports the condition
//     as soon as the condition holds again. But a wait reports a lasting condition, such as a hang-up, only once, even
//     after `rearm`.
//  4. Wakers do not use the kick, which is the notifier of the registrations. Each waker has its own notifier, so no
//     registration can swallow a wake. When a wait reports a waker, the wait drains the waker's notifier at once.
//  5. A wait allocates no memory. A registration that makes the table longer also allocates the memory for the leader's
//     copy of the table.
//  6. A wait with a timeout of 0 never joins the queue. If another thread leads, the wait polls the table itself, part
//     by part. When the timeout of a queued wait ends, this wait also polls the table itself. If two threads find one
//     edge, only the first thread that locks the mutex reports the edge.
//  7. A program may close a descriptor without deregistering the descriptor. Then another file may get the same number.
//     So before a wait reports a row, the wait checks that the descriptor still stands for the registered open file
//     (unix/open_files.hpp).
//  8. A thread can be cancelled only while it waits, and a waiting thread holds no lock. A cancelled thread gives up
//     the lead or its place in the queue.
#include "port/selector.hpp"
#include "unix/calls.hpp"
#include "unix/errno_guard.hpp"
#include "unix/masked_poll.hpp"
#include "unix/mechanisms.hpp"
#include "unix/poll_bits.hpp"
#include "unix/poll_state.hpp"

#include <errno.h>
#include <mio/poll.h>
#include <poll.h>

namespace mio::impl {

namespace {

PollState &state_of(void *state)
{
    return *static_cast<PollState *>(state);
}

// ---- registering --------------------------------------------------------------------------------------------------

int poll_add(void *state, mio_handle handle, uintptr_t token, uint32_t interest)
{
    PollState &poll = state_of(state);
    const Lock lock(&poll.mutex);
    FileIdentity file;
    int failed = poll.files.enter(handle, known_file(&poll, handle), &file);
    if (failed == 0 || failed == -EPERM || failed == -EBADF) drop_row(&poll, handle);
    if (failed != 0) return failed;
    failed = reserve_copy(&poll);
    if (failed == 0) failed = poll.table.add(handle, file, token, interest);
    if (failed == 0) {
        note_change(&poll);
    } else {
        (void)poll.files.strike(handle, nullptr);
    }
    return failed;
}

int poll_modify(void *state, mio_handle handle, uintptr_t token, uint32_t interest)
{
    PollState &poll = state_of(state);
    const Lock lock(&poll.mutex);
    int failed = check_row(&poll, handle);
    if (failed == 0) failed = poll.table.modify(handle, token, interest);
    if (failed == 0) note_change(&poll);
    return failed;
}

int poll_remove(void *state, mio_handle handle)
{
    const ErrnoGuard guard;
    PollState &poll = state_of(state);
    const Lock lock(&poll.mutex);
    const int failed = poll.files.strike(handle, known_file(&poll, handle));
    const int missing = poll.table.remove(handle);
    if (missing == 0) note_change(&poll);
    return failed != 0 ? failed : missing;
}

// ---- rearming -----------------------------------------------------------------------------------------------------

// Returns the bits that poll(2) reports for a socket now. Call this function only for sockets. Some other files report
// a condition only once, so this function would use up the report.
uint32_t bits_now(int fd)
{
    pollfd now = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};
    return call_poll_now(&now, 1) > 0 ? static_cast<unsigned short>(now.revents) : 0;
}

void rearm_edge(PollState *poll, int fd, const PollRow &row, uint32_t used_up)
{
    const bool asks = row.file.is_socket;
    uint32_t bits = poll_bits_of(used_up);
    // If a read has passed the out-of-band mark, the read has also used up the readiness for out-of-band data. Only the
    // system knows whether the read has passed the mark.
    const bool passes_mark = (bits & POLLIN) != 0 && (poll->table.resting(fd) & POLLPRI) != 0;
    const uint32_t now = asks && (passes_mark || row.lasting != 0) ? bits_now(fd) : 0;
    if (passes_mark && (now & POLLPRI) == 0) bits |= POLLPRI;
    const uint32_t still = row.lasting & now;
    // Do not rearm reading at the end of the stream: nothing more will arrive, and the selector would report the end
    // for ever.
    if ((still & (POLLHUP | POLLRDHUP)) != 0) bits &= ~uint32_t{POLLIN | POLLRDHUP};
    // Report a hang-up only once, because poll(2) reports the hang-up for ever. But when an operation returns an error,
    // the operation also clears the error. So if poll(2) still reports an error, this error is new.
    const bool is_news = (now & ~row.lasting & (POLLHUP | POLLERR)) != 0;
    const bool awake = used_up != 0 ? (still & POLLHUP) == 0 : (still & (POLLHUP | POLLERR)) == 0 && asks;
    if (poll->table.rearm(fd, bits, awake || is_news, still)) note_change(poll);
}

int poll_rearm(void *state, mio_handle handle, uint32_t used_up)
{
    PollState &poll = state_of(state);
    const Lock lock(&poll.mutex);
    const PollRow *row = poll.table.find(handle);
    if (row == nullptr) return -ENOENT;
    if ((row->interest & (MIO_LEVEL | MIO_ONESHOT)) == 0) rearm_edge(&poll, handle, *row, used_up);
    return 0;
}

// ---- waiting ------------------------------------------------------------------------------------------------------

int poll_wait(void *state, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask)
{
    PollState &poll = state_of(state);
    const int64_t deadline_ns = deadline_of(timeout_ns);
    Lock lock(&poll.mutex);
    const Waiting waiting = {events, capacity, deadline_ns, static_cast<const sigset_t *>(sigmask), &lock};
    return wait_on_table(&poll, waiting);
}

// ---- the object ---------------------------------------------------------------------------------------------------

int poll_open(void *state)
{
    (void)masked_poll_capabilities(); // probe for ppoll(2) here, so that registrations and waits need not probe
    return open_poll_state(&state_of(state));
}

void poll_close(void *state)
{
    close_poll_state(&state_of(state));
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
    constexpr uint32_t everywhere = MIO_CAN_LEVEL | MIO_CAN_ONESHOT | MIO_CAN_PRIORITY;
    return everywhere | masked_poll_capabilities() | (POLLRDHUP != 0 ? MIO_CAN_CLOSED : 0);
}

int poll_handle(const void *, mio_handle *)
{
    return -ENOTSUP;
}

} // namespace

const Selector poll_selector = {
    .name = "poll",
    .state_size = sizeof(PollState),
    .add_replaces = false,
    .open = poll_open,
    .close = poll_close,
    .retire = nullptr,
    .capabilities = poll_capabilities,
    .add = poll_add,
    .modify = poll_modify,
    .remove = poll_remove,
    .rearm = poll_rearm,
    .wait = wait_in_epoch<poll_wait>,
    .list = poll_list,
    .handle = poll_handle,
    .notifier = nullptr,
};

} // namespace mio::impl
