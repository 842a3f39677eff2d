// SPDX-License-Identifier: MIT
// What the selector on poll(2) remembers: one row for each registered descriptor, found by its number, and which of its
// bits are still to be reported. No locking and no system calls here.
#pragma once

#include "core/base.hpp"
#include "port/selector.hpp"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// What a descriptor stands for: two descriptors of one number at different times differ in it, except some kinds that
// share one inode (eventfd, timerfd and their like).
struct FileIdentity {
    uint64_t device;
    uint64_t inode;

    bool operator==(const FileIdentity &) const = default;
};

struct PollRow {
    uintptr_t token;
    uint32_t interest;
    uint32_t serial; // of the registration; changes whenever the row stands for something new
    FileIdentity file;
};

// All zero is an empty table. Rows lie in two arrays of the same order, because poll(2) wants its own one without gaps.
// A descriptor that is not to be looked at for a while is negated there, which poll(2) passes over.
class PollTable {
public:
    void close();

    // -EEXIST, -ENOMEM.
    int add(int fd, const FileIdentity &file, uintptr_t token, uint32_t interest);

    // Whether a descriptor has a row of another file: one that was closed without being removed.
    bool is_stale(int fd, const FileIdentity &file) const;

    // The rest is -ENOENT for a descriptor that has no row. None of it takes memory, or fails otherwise.
    int modify(int fd, uintptr_t token, uint32_t interest);
    int remove(int fd);

    // Looks at those bits again; *changed says whether it had not done so all along.
    int rearm(int fd, uint32_t bits, bool *changed);

    // Whether those bits of a descriptor were reported, and are not looked at until it is rearmed.
    bool is_resting(int fd, uint32_t bits) const;

    // The row of a descriptor if it is still the registration with that serial, else null.
    const PollRow *find(int fd, uint32_t serial) const;

    // Notes that `bits` of a descriptor are being reported: an edge is not looked at again until it is rearmed, a
    // oneshot registration not until it is modified.
    void note_reported(int fd, uint32_t bits);

    // Stores up to `capacity` registrations in the order of their descriptors, from `first` on, and returns how many.
    size_t list(int first, Registration *registrations, size_t capacity) const;

    size_t size() const { return size_; }
    const pollfd *fds() const { return fds_; }
    uint32_t serial_at(size_t index) const { return rows_[index].serial; }

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
