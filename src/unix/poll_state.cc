// SPDX-License-Identifier: MIT
#include "unix/poll_state.hpp"

#include "core/memory.hpp"
#include "unix/mechanisms.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

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

int open_descriptors(PollState *poll)
{
    int failed = pipe_notifier.open(&poll->kick);
    if (failed != 0) return failed;
    failed = pipe_notifier.open(&poll->turn);
    if (failed == 0) {
        failed = poll->files.open();
        if (failed != 0) pipe_notifier.close(&poll->turn);
    }
    if (failed != 0) pipe_notifier.close(&poll->kick);
    return failed;
}

} // namespace

int open_poll_state(PollState *poll)
{
    int failed = open_snapshot(&poll->copy, 16);
    if (failed != 0) return failed;
    failed = open_descriptors(poll);
    if (failed != 0) {
        close_snapshot(&poll->copy);
        return failed;
    }
    poll->copied_version = poll->version - 1; // nothing is copied yet
    poll->mutex.open();
    return 0;
}

void close_poll_state(PollState *poll)
{
    poll->mutex.close();
    pipe_notifier.close(&poll->kick);
    pipe_notifier.close(&poll->turn);
    poll->files.close();
    close_snapshot(&poll->copy);
    close_snapshot(&poll->longer);
    poll->table.close();
}

int reserve_copy(PollState *poll)
{
    const size_t needed = poll->table.size() + 1;
    if (needed <= poll->copy.capacity || needed <= poll->longer.capacity) return 0;
    Snapshot longer;
    const int failed = open_snapshot(&longer, needed * 2);
    if (failed != 0) return failed;
    close_snapshot(&poll->longer);
    poll->longer = longer;
    return 0;
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
    poll->table.copy(0, poll->copied_size, poll->copy.fds + kick_slot, poll->copy.serials);
}

void note_change(PollState *poll)
{
    poll->version++;
    if (poll->polling) (void)pipe_notifier.notify(&poll->kick);
}

void drop_row(PollState *poll, int fd)
{
    if (poll->table.remove(fd) == 0) note_change(poll);
}

const FileIdentity *known_file(const PollState *poll, int fd)
{
    const PollRow *row = poll->table.find(fd);
    return row != nullptr ? &row->file : nullptr;
}

int check_row(PollState *poll, int fd)
{
    const int result = poll->files.check(fd, known_file(poll, fd));
    if (result != 0) drop_row(poll, fd);
    return result;
}

} // namespace mio::impl
