// SPDX-License-Identifier: MIT
// What a poll object of the selector on poll(2) consists of; unix/poll_selector.cc says how it works.
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
    OpenFiles files;  // those in the table

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

// Lies in zeroed storage.
int open_poll_state(PollState *poll);
void close_poll_state(PollState *poll);

// The rest is called with the mutex held.

// Makes sure that a table of one more row can be copied, or fails and changes nothing.
int reserve_copy(PollState *poll);

// Makes the leader's copy that of the table as it is.
void refresh_copy(PollState *poll);

// To be called after every change of the table: what the leader polls is no longer right.
void note_change(PollState *poll);

void drop_row(PollState *poll, int fd);

// What is known of the file of a descriptor, or null.
const FileIdentity *known_file(const PollState *poll, int fd);

// Whether the row of a descriptor stands for the open file that was registered: 0, or -ENOENT or -EBADF. Drops a row
// that does not, as epoll does by itself.
int check_row(PollState *poll, int fd);

// One wait of one thread; the mutex is released meanwhile. The events stored, 0 when the time is up, or an error.
struct Waiting {
    mio_event *events;
    size_t capacity;
    int64_t deadline_ns;
    const sigset_t *sigmask;
    Lock *lock;
};
int wait_on_table(PollState *poll, const Waiting &waiting);

// A timeout of 0 is a deadline that has always passed: time that is counted anew must not make "never" of it.
int64_t deadline_of(int64_t timeout_ns);

} // namespace mio::impl
