// SPDX-License-Identifier: MIT
// Receives signals through a signal handler that writes to a pipe. The library uses this mechanism if a system lacks
// signalfd(2), or if a sandbox refuses signalfd(2). A program that must keep its signal mask can also request this
// mechanism. Each set of signals has a pipe. The handler writes a record of the signal into the pipe of the newest open
// set that contains the signal.
#include "core/sync.hpp"
#include "port/process.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/errno_guard.hpp"
#include "unix/fd.hpp"
#include "unix/mechanisms.hpp"
#include "unix/new_fd.hpp"
#include "unix/signal_record.hpp"
#include "unix/signal_turn.hpp"
#include "unix/signal_uses.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace mio::impl {

namespace {

// The data that the signal handler needs about one open set. `published` is 1 while the set is open. A handler reads
// `published` first, and skips the slot if it is 0.
struct Slot {
    Atomic<uint32_t> taken;
    Atomic<uint32_t> published;
    Atomic<int> fd;              // the pipe's write end
    Atomic<uint32_t> generation; // generation of the process that opened the set (port/process.hpp)
    Atomic<int> process;
    Atomic<uint32_t> age; // a greater number means a newer set
    Atomic<uint32_t> bits[SignalSet::words];
    Atomic<uint32_t> lost[SignalSet::words]; // signal numbers that did not fit into the pipe
    Atomic<uint32_t> handlers;               // number of handlers that are using this slot

    bool has(int number) const { return (bits[SignalSet::word_of(number)].load() & SignalSet::bit_of(number)) != 0; }
};

// A handler receives the number of the signal, but no pointer to a set. So the state of the sets must be global. The
// state is a fixed array, because neither a handler nor the call that opens a set may allocate. The state cannot be in
// the caller's set, because the caller may move the set.
constexpr uint32_t most_sets = 32;
Slot slots[most_sets];
Atomic<uint32_t> last_age{0};

// A record with the number 0 makes the reader check the member `lost` of the slot.
constexpr mio_signal_info nudge = {};

long write_to_pipe(int fd, const mio_signal_info &record)
{
    return uninterrupted([&] { return call_write(fd, &record, sizeof record); });
}

// True if this process opened the set. The function must compare the generation and the pid. A child of vfork(2) has
// its parent's generation, but never its parent's pid. A child of fork(2) can have its parent's pid in another PID
// namespace, but never its parent's generation.
bool is_own(const Slot &slot)
{
    return is_process_generation(slot.generation.load()) && slot.process.load() == getpid();
}

// Returns the newest slot whose set contains the signal `number`, or null. The caller then holds the slot until it
// calls release_slot. Meanwhile no other thread can close the pipe. The slots can change during the search, so the
// function checks the slot again after it has begun to hold the slot.
Slot *hold_slot(int number)
{
    for (;;) {
        Slot *newest = nullptr;
        for (Slot &slot : slots) {
            const bool fits = slot.published.load() != 0 && is_own(slot) && slot.has(number);
            if (fits && (newest == nullptr || slot.age.load() > newest->age.load())) newest = &slot;
        }
        if (newest == nullptr) return nullptr;
        newest->handlers.fetch_add(1);
        if (newest->published.load() != 0 && newest->has(number)) return newest;
        newest->handlers.fetch_sub(1);
    }
}

void release_slot(Slot *slot)
{
    slot->handlers.fetch_sub(1);
}

// Returns whether an open set contains the signal `number`. If the caller holds the turn (unix/signal_turn.hpp), the
// result is exact. A set publishes its slot before it installs the handler, and gives up the slot after it has removed
// the handler.
bool has_slot(int number)
{
    Slot *slot = hold_slot(number);
    if (slot != nullptr) release_slot(slot);
    return slot != nullptr;
}

// Writes a record of the signal into the pipe of the newest set that contains the signal. Returns false if there is no
// such set.
bool write_record(int number, const siginfo_t &info)
{
    const ErrnoGuard errno_guard;
    const CancelGuard cancel_guard;
    Slot *slot = hold_slot(number);
    if (slot == nullptr) return false;
    const int fd = slot->fd.load();
    const mio_signal_info record = record_of(number, info);
    if (write_to_pipe(fd, record) == -EAGAIN) {
        // The pipe is full. Record the number of the signal in the member `lost`. The reader may have emptied the pipe
        // and read `lost` before this function recorded the number. So write the nudge, a record with the number 0.
        // When the reader receives the nudge, it checks `lost` again.
        (void)slot->lost[SignalSet::word_of(number)].fetch_or(SignalSet::bit_of(number));
        (void)write_to_pipe(fd, nudge);
    }
    release_slot(slot);
    return true;
}

void handle_signal(int number, siginfo_t *info, void *context)
{
    if (!write_record(number, *info)) give_back_signal(number, info, context, handle_signal, has_slot);
}

// Takes a free slot for a set. No handler uses the slot before publish_slot.
int take_slot(const SignalSet &set, int fd, uint32_t *cookie)
{
    const uint32_t generation = process_generation();
    if (generation == 0) return -ENOMEM;
    for (uint32_t i = 0; i < most_sets; i++) {
        Slot &slot = slots[i];
        if (!slot.taken.exchange_if(0, 1)) continue;
        // If the generation of the slot is not the generation of this process, the parent took the slot before it
        // forked this process. This process does not have the other threads of the parent, so no handler uses the slot.
        if (slot.generation.load() != generation) slot.handlers.store(0);
        slot.generation.store(generation);
        slot.process.store(getpid());
        slot.age.store(last_age.fetch_add(1) + 1);
        for (int word = 0; word < SignalSet::words; word++) {
            slot.bits[word].store(set.bits[word]);
            slot.lost[word].store(0);
        }
        slot.fd.store(fd);
        *cookie = i;
        return 0;
    }
    return -ENOSPC;
}

// Makes the slot visible to the handlers.
void publish_slot(uint32_t cookie)
{
    slots[cookie].published.store(1);
}

// Waits until no handler uses the write end of the pipe, and closes the write end. The wait is short, because a handler
// only executes a few instructions and a write that does not block.
void give_up_slot(uint32_t cookie)
{
    Slot &slot = slots[cookie];
    slot.published.store(0);
    const bool has_handlers = is_process_generation(slot.generation.load());
    while (has_handlers && slot.handlers.load() != 0)
        pause_for_others();
    close_fd(slot.fd.load());
    slot.taken.store(0);
}

int open_signal_pipe(const SignalSet &set, uint32_t *cookie, mio_handle *opened)
{
    mio_handle fds[2];
    int failed = new_pipe(&fds[0], &fds[1]);
    if (failed != 0) return failed;
    failed = take_slot(set, fds[1], cookie);
    if (failed != 0) {
        close_fd(fds[1]);
    } else {
        failed = enter_signals(set, handle_signal, publish_slot, *cookie);
        if (failed != 0) give_up_slot(*cookie);
    }
    if (failed != 0) {
        close_fd(fds[0]);
        return failed;
    }
    return store_fd(fds[0], opened);
}

bool stop_signal_pipe(const SignalSet &set, uint32_t cookie)
{
    const ErrnoGuard guard;
    if (cookie >= most_sets || slots[cookie].taken.load() == 0) return true;
    leave_signals(set);
    give_up_slot(cookie);
    return true;
}

// Removes one signal number from the slot's member `lost`, and returns the number. If `lost` is empty, returns 0.
int take_lost(Slot *slot)
{
    for (int number = 1; number <= SignalSet::most; number++) {
        Atomic<uint32_t> &word = slot->lost[SignalSet::word_of(number)];
        const uint32_t bit = SignalSet::bit_of(number);
        if ((word.load() & bit) != 0 && (word.fetch_and(~bit) & bit) != 0) return number;
    }
    return 0;
}

bool has_lost(const Slot &slot)
{
    for (const Atomic<uint32_t> &word : slot.lost) {
        if (word.load() != 0) return true;
    }
    return false;
}

// A program that receives one signal per event may not read until -EAGAIN. So while `lost` has a signal, the pipe must
// stay readable. The reader has just made space for the nudge.
void stay_readable(const Slot &slot)
{
    const CancelGuard guard; // otherwise a cancelled thread would lose the record
    if (has_lost(slot)) (void)write_to_pipe(slot.fd.load(), nudge);
}

int recv_from_signal_pipe(mio_handle handle, uint32_t cookie, mio_signal_info *info)
{
    mio_signal_info record = {};
    long result;
    do {
        result = uninterrupted([&] { return call_read(handle, &record, sizeof record); });
    } while (result == sizeof record && record.number == 0);
    if (result == -EAGAIN && cookie < most_sets) {
        record = {};
        record.number = take_lost(&slots[cookie]);
        if (record.number == 0) return -EAGAIN;
    } else if (result != sizeof record) {
        return result < 0 ? static_cast<int>(result) : -EBADF;
    }
    if (cookie < most_sets) stay_readable(slots[cookie]);
    *info = record;
    return 1;
}

} // namespace

const SignalMechanism signal_pipe = {
    .name = "self-pipe",
    .open = open_signal_pipe,
    .stop = stop_signal_pipe,
    .recv = recv_from_signal_pipe,
};

} // namespace mio::impl
