// SPDX-License-Identifier: MIT
#include "unix/poll_table.hpp"

#include "core/memory.hpp"
#include "port/selector.hpp"
#include "unix/poll_bits.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

int negated(int fd)
{
    return ~fd;
}

int without_sign(int fd)
{
    return fd >= 0 ? fd : ~fd;
}

short events_of(uint32_t bits)
{
    return static_cast<short>(bits);
}

uint32_t bits_in(short events)
{
    return static_cast<unsigned short>(events);
}

bool is_edge(const PollRow &row)
{
    return (row.interest & (MIO_LEVEL | MIO_ONESHOT | interest_notifier)) == 0;
}

size_t grown(size_t size, size_t needed)
{
    size_t result = size != 0 ? size : 16;
    while (result < needed)
        result *= 2;
    return result;
}

} // namespace

void PollTable::close()
{
    release_array(fds_);
    release_array(rows_);
    release_array(indexes_);
    *this = {};
}

int32_t PollTable::index_of(int fd) const
{
    return fd >= 0 && static_cast<size_t>(fd) < indexes_size_ ? indexes_[fd] : no_row;
}

int PollTable::reserve_row()
{
    if (size_ < capacity_) return 0;
    const size_t capacity = grown(capacity_, size_ + 1);
    if (!resize_array(&fds_, capacity) || !resize_array(&rows_, capacity)) return -ENOMEM;
    capacity_ = capacity;
    return 0;
}

int PollTable::reserve_fd(int fd)
{
    const size_t needed = static_cast<size_t>(fd) + 1;
    if (needed <= indexes_size_) return 0;
    const size_t size = grown(indexes_size_, needed);
    if (!resize_array(&indexes_, size)) return -ENOMEM;
    for (size_t i = indexes_size_; i < size; i++)
        indexes_[i] = no_row;
    indexes_size_ = size;
    return 0;
}

void PollTable::set_row(int32_t index, int fd, uintptr_t token, uint32_t interest)
{
    fds_[index] = {fd, events_of(poll_bits_of(interest)), 0};
    rows_[index].token = token;
    rows_[index].interest = interest;
    rows_[index].serial = ++last_serial_;
    rows_[index].lasting = 0;
}

int PollTable::add(int fd, const FileIdentity &file, uintptr_t token, uint32_t interest)
{
    if (index_of(fd) != no_row) return -EEXIST;
    if (reserve_row() != 0 || reserve_fd(fd) != 0) return -ENOMEM;
    const int32_t index = static_cast<int32_t>(size_++);
    indexes_[fd] = index;
    rows_[index].file = file;
    set_row(index, fd, token, interest);
    return 0;
}

int PollTable::modify(int fd, uintptr_t token, uint32_t interest)
{
    const int32_t index = index_of(fd);
    if (index == no_row) return -ENOENT;
    set_row(index, fd, token, interest);
    return 0;
}

int PollTable::remove(int fd)
{
    const int32_t index = index_of(fd);
    if (index == no_row) return -ENOENT;
    size_--;
    // Move the last row into the gap, so that the arrays stay without gaps.
    fds_[index] = fds_[size_];
    rows_[index] = rows_[size_];
    indexes_[without_sign(fds_[index].fd)] = index;
    indexes_[fd] = no_row;
    return 0;
}

const PollRow *PollTable::find(int fd) const
{
    const int32_t index = index_of(fd);
    return index != no_row ? &rows_[index] : nullptr;
}

uint32_t PollTable::watched(int fd) const
{
    const int32_t index = index_of(fd);
    if (index == no_row || fds_[index].fd < 0) return 0;
    return bits_in(fds_[index].events) | POLLERR | POLLHUP | POLLNVAL;
}

uint32_t PollTable::resting(int fd) const
{
    const int32_t index = index_of(fd);
    if (index == no_row || !is_edge(rows_[index])) return 0;
    return poll_bits_of(rows_[index].interest) & ~bits_in(fds_[index].events);
}

void PollTable::note_reported(int fd, uint32_t bits)
{
    PollRow *row = &rows_[index_of(fd)];
    pollfd *entry = &fds_[index_of(fd)];
    if ((row->interest & MIO_ONESHOT) != 0) {
        entry->fd = negated(fd);
    } else if (is_edge(*row)) {
        entry->events = events_of(bits_in(entry->events) & ~bits);
        row->lasting |= bits & lasting_bits;
        // poll(2) reports POLLHUP and POLLERR even if `events` lacks them. A negated descriptor makes poll(2) skip the
        // row.
        if ((bits & (POLLHUP | POLLERR)) != 0) entry->fd = negated(fd);
    }
}

bool PollTable::rearm(int fd, uint32_t bits, bool awake, uint32_t still)
{
    const int32_t index = index_of(fd);
    PollRow *row = &rows_[index];
    pollfd *entry = &fds_[index];
    const uint32_t armed = bits_in(entry->events) | (bits & poll_bits_of(row->interest));
    const bool changed = (awake && entry->fd < 0) || armed != bits_in(entry->events);
    if (awake) entry->fd = fd;
    entry->events = events_of(armed);
    row->lasting &= still;
    return changed;
}

void PollTable::copy(size_t first, size_t count, pollfd *fds, uint32_t *serials) const
{
    for (size_t i = 0; i < count; i++) {
        fds[i] = fds_[first + i];
        serials[i] = rows_[first + i].serial;
    }
}

size_t PollTable::list(int first, Registration *registrations, size_t capacity) const
{
    size_t count = 0;
    for (size_t fd = static_cast<size_t>(first); fd < indexes_size_ && count < capacity; fd++) {
        if (indexes_[fd] == no_row) continue;
        const PollRow &row = rows_[indexes_[fd]];
        const pollfd &entry = fds_[indexes_[fd]];
        const uint32_t bits = bits_in(entry.events);
        const uint32_t closed = (bits & POLLRDHUP) != 0 ? MIO_CLOSED : 0; // interest_of leaves it out beside POLLIN
        const uint32_t armed = (interest_of(bits) | closed) & row.interest;
        registrations[count++] = {static_cast<mio_handle>(fd), entry.fd < 0, row.token, row.interest, armed};
    }
    return count;
}

} // namespace mio::impl
