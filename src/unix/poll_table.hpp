// SPDX-License-Identifier: MIT
// The memory of the selector on poll(2): one row for each registered descriptor, found by its number, and which of its
// bits are still to be reported. No locks and no system calls here.
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

// Conditions that may last even after an operation found nothing to do.
constexpr uint32_t lasting_bits = POLLERR | POLLHUP | POLLRDHUP;

// All zero is an empty table. The rows are split into two arrays in the same order, because poll(2) needs its own
// without gaps. Negating a descriptor there makes poll(2) skip it.
class PollTable {
public:
    void close();

    // -EEXIST, -ENOMEM.
    int add(int fd, const FileIdentity &file, uintptr_t token, uint32_t interest);

    // The row of a descriptor, or null.
    const PollRow *find(int fd) const;

    // The rest returns -ENOENT for a descriptor without a row. None of it allocates, or fails otherwise.
    int modify(int fd, uintptr_t token, uint32_t interest);
    int remove(int fd);

    // The bits that the next poll(2) reports for a descriptor: the requested bits, and those that need no request. 0 if
    // the descriptor is skipped or has no row.
    uint32_t watched(int fd) const;

    // The bits of an edge that were reported, and are ignored until it is rearmed.
    uint32_t resting(int fd) const;

    // Records that `bits` of a descriptor are being reported: an edge is then ignored until it is rearmed, a oneshot
    // registration until it is modified.
    void note_reported(int fd, uint32_t bits);

    // Re-arms those bits of an edge, and the whole descriptor if `awake`; also records which of the lasting bits still
    // hold. True if this changed anything.
    bool rearm(int fd, uint32_t bits, bool awake, uint32_t still);

    // Stores up to `capacity` registrations in the order of their descriptors, starting at `first`; returns how many.
    size_t list(int first, Registration *registrations, size_t capacity) const;

    // Copies `count` rows for poll(2), starting at that index.
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
