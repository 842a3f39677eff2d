// SPDX-License-Identifier: MIT
// The state of a poll object on poll(2); unix/poll_selector.cc describes the algorithm.
#pragma once

#include "core/base.hpp"
#include "port/notifier.hpp"
#include "unix/mutex.hpp"
#include "unix/open_files.hpp"
#include "unix/poll_table.hpp"

#include <mio/event.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// A copy of the table for poll(2), with the serial number of each row. The first row of the copy is the kick, the
// notifier that makes the leader take a new copy.
struct Snapshot {
    pollfd *fds;
    uint32_t *serials;
    size_t capacity;
};

constexpr size_t kick_slot = 1;

struct PollState {
    Mutex mutex; // protects all members below
    PollTable table;
    uint32_t version; // the version of the table
    OpenFiles files;  // the open files of the descriptors in the table

    Snapshot copy;   // the leader's copy of the table
    Snapshot longer; // the leader's next copy, empty if `copy` is long enough
    uint32_t copied_version;
    size_t copied_size;
    size_t first; // the next search begins at this row, where the last search stopped, so every row gets its turn

    bool leading; // some thread is the leader
    bool polling; // the leader is in poll(2)
    int waiting;  // number of threads that queue for the lead
    NotifierEnds kick;
    NotifierEnds turn;
};

// These functions open and close the state. The storage must be zeroed before open_poll_state.
int open_poll_state(PollState *poll);
void close_poll_state(PollState *poll);

// Call the following functions with the mutex locked.

// Makes enough space for a copy of the table with one more row. After a failure nothing has changed.
int reserve_copy(PollState *poll);

// Brings the leader's copy up to date.
void refresh_copy(PollState *poll);

// Increments the version of the table, and ends the poll(2) of the leader by a notification (unix/poll_selector.cc).
// Call the function after every change of the table, because the leader may be polling an outdated copy.
void note_change(PollState *poll);

void drop_row(PollState *poll, int fd);

// Returns the identity of the file that the program registered with the number `fd`, or null.
const FileIdentity *known_file(const PollState *poll, int fd);

// Returns 0 if a descriptor still stands for the open file that the program registered. Otherwise returns -ENOENT or
// -EBADF, and drops the row, because epoll also drops such a registration.
int check_row(PollState *poll, int fd);

// One wait of one thread. The thread unlocks the mutex while it waits. The wait returns the number of events stored, 0
// after a timeout, or an error.
struct Waiting {
    mio_event *events;
    size_t capacity;
    int64_t deadline_ns;
    const sigset_t *sigmask;
    Lock *lock;
};
int wait_on_table(PollState *poll, const Waiting &waiting);

// Returns the deadline of a timeout. For a timeout of 0, the deadline is always in the past, so the time left is always
// 0.
int64_t deadline_of(int64_t timeout_ns);

} // namespace mio::impl
