// SPDX-License-Identifier: MIT
// The table of the selector that uses poll(2). The table has one row for each registered descriptor. The table finds a
// row by the number of its descriptor. A row contains the bits of poll(2) that the next wait can report. The table
// takes no lock and makes no system call.
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
    uint32_t serial; // each registration gets a new number
    FileIdentity file;
    uint32_t lasting; // the lasting_bits that a wait has reported as an edge, and that may still be set
};

// Conditions that poll(2) may still report after an operation has returned -EAGAIN.
constexpr uint32_t lasting_bits = POLLERR | POLLHUP | POLLRDHUP;

// Contains the rows of all registered descriptors. Zeroed storage is an empty table. Each row has two parts: a pollfd
// in the array `fds_`, and a PollRow at the same index in the array `rows_`. The parts are separate, because poll(2)
// takes an array of pollfd. If a descriptor in `fds_` is negated, poll(2) skips the row.
class PollTable {
public:
    void close();

    // Adds a row for a descriptor. Returns 0, -EEXIST or -ENOMEM.
    int add(int fd, const FileIdentity &file, uintptr_t token, uint32_t interest);

    // Returns the row of a descriptor, or null.
    const PollRow *find(int fd) const;

    // modify and remove return 0, or -ENOENT for a descriptor without a row. Neither function allocates memory.
    int modify(int fd, uintptr_t token, uint32_t interest);
    int remove(int fd);

    // Returns the bits that the next poll(2) can report for a descriptor. These are the requested bits and the bits
    // that need no request. Returns 0 if poll(2) skips the descriptor, or if the descriptor has no row.
    uint32_t watched(int fd) const;

    // Returns the bits that a wait has reported as an edge. The table ignores these bits until a call of `rearm`.
    uint32_t resting(int fd) const;

    // Records that a wait reports `bits` of a descriptor. If the registration is edge-triggered, the table then ignores
    // these bits until a call of `rearm`. If the registration is oneshot, the table ignores all bits until a call of
    // `modify`.
    void note_reported(int fd, uint32_t bits);

    // Makes the table watch `bits` again, but ignores the bits that are not in the registration's interest. If `awake`
    // is true, poll(2) no longer skips the descriptor. `still` contains the bits of PollRow::lasting that poll(2) still
    // reports. Returns true if anything changed.
    bool rearm(int fd, uint32_t bits, bool awake, uint32_t still);

    // Stores up to `capacity` registrations in the order of their descriptors, beginning with the descriptor `first`.
    // Returns the number of registrations that it has stored.
    size_t list(int first, Registration *registrations, size_t capacity) const;

    // Copies `count` rows for poll(2), starting at the index `first`.
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
    int32_t *indexes_; // for each descriptor, the index of its row
    size_t indexes_size_;
    uint32_t last_serial_;
};

} // namespace mio::impl
