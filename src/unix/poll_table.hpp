// SPDX-License-Identifier: MIT
// What the selector on poll(2) remembers: one row for each registered descriptor, found by its number, and which of its
// bits are still to be reported. No locking and no system calls here.
#pragma once

#include "core/base.hpp"
#include "port/selector.hpp"
#include "unix/open_files.hpp"
#include "unix/poll_bits.hpp"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

struct PollRow {
    uintptr_t token;
    uint32_t interest;
    uint32_t serial; // of the registration; changes whenever the row stands for something new
    FileIdentity file;
    uint32_t lasting; // which of lasting_bits have been reported as an edge, and may still hold
};

// Conditions that an operation which finds nothing to do need not have ended.
constexpr uint32_t lasting_bits = POLLERR | POLLHUP | POLLRDHUP;

// All zero is an empty table. Rows lie in two arrays of the same order, because poll(2) wants its own one without gaps.
// A descriptor that is not to be looked at for a while is negated there, which poll(2) passes over.
class PollTable {
public:
    void close();

    // -EEXIST, -ENOMEM.
    int add(int fd, const FileIdentity &file, uintptr_t token, uint32_t interest);

    // The row of a descriptor, or null.
    const PollRow *find(int fd) const;

    // The rest is -ENOENT for a descriptor that has no row. None of it takes memory, or fails otherwise.
    int modify(int fd, uintptr_t token, uint32_t interest);
    int remove(int fd);

    // The bits that the next poll(2) is to report of a descriptor: what is asked for, and what comes unasked. 0 for one
    // that is not looked at, or has no row.
    uint32_t watched(int fd) const;

    // Which bits of an edge were reported, and are not looked at until it is rearmed.
    uint32_t resting(int fd) const;

    // Notes that `bits` of a descriptor are being reported: an edge is not looked at again until it is rearmed, a
    // oneshot registration not until it is modified.
    void note_reported(int fd, uint32_t bits);

    // Looks again at those bits of an edge, and at the descriptor at all if `awake`; which of the lasting bits still
    // hold is noted. True if something has changed by it.
    bool rearm(int fd, uint32_t bits, bool awake, uint32_t still);

    // Stores up to `capacity` registrations in the order of their descriptors, from `first` on, and returns how many.
    size_t list(int first, Registration *registrations, size_t capacity) const;

    // Copies `count` rows for poll(2), from the one with that index on.
    void copy(size_t first, size_t count, pollfd *fds, uint32_t *serials) const;

    size_t size() const { return size_; }

private:
    static constexpr int32_t no_row = -1;

    int32_t index_of(int fd) const;
    int reserve_row();
    int reserve_fd(int fd);
    void set_row(int32_t index, int fd, uintptr_t token, uint32_t interest);

    pollfd *fds_;
    PollRow *rows_;
    size_t size_;
    size_t capacity_;
    int32_t *indexes_; // by descriptor
    size_t indexes_size_;
    uint32_t last_serial_;
};

} // namespace mio::impl
