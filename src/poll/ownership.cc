// SPDX-License-Identifier: MIT
#include "poll/ownership.hpp"

#include "poll/source_layout.hpp"

namespace mio::impl {

namespace {

// One bit for each number that a poll object can have, 8 KiB in all. A set bit means that a poll object has the number.
// The bits change only when a program makes or frees a poll object. The bits are global, because no two poll objects of
// a process may have the same number. A source keeps the number of its owner. The bit of this number shows whether the
// owner still exists. If the owner no longer exists, a program may register the source with another poll object.
Atomic<uint32_t> taken[65536 / 32];
Atomic<uint32_t> last_number;

Atomic<uint32_t> &word_of(uint16_t number)
{
    return taken[number / 32];
}

uint32_t bit_of(uint16_t number)
{
    return UINT32_C(1) << (number % 32);
}

bool is_taken(uint16_t number)
{
    return (word_of(number).load() & bit_of(number)) != 0;
}

// Returns a number (at least 1) that no poll object has, and sets its bit. Returns 0 if there is no such number.
uint16_t take_number()
{
    for (uint32_t tries = 0; tries < 65536; tries++) {
        const uint16_t number = static_cast<uint16_t>(last_number.fetch_add(1) + 1);
        if (number == 0) continue;
        if ((word_of(number).fetch_or(bit_of(number)) & bit_of(number)) == 0) return number;
    }
    return 0;
}

} // namespace

int PollIdentity::open()
{
    const uint32_t generation = process_generation();
    if (generation == 0) return -ENOMEM;
    number_ = take_number();
    if (number_ == 0) return -EMFILE;
    generation_ = generation;
    usable_in_.store(generation);
    return 0;
}

void PollIdentity::retire()
{
    usable_in_.store(no_generation);
    word_of(number_).fetch_and(~bit_of(number_));
}

int PollIdentity::check_owner_of(const mio_source *source) const
{
    const SourceLayout &found = *layout(source);
    // A poll object that a process makes before a fork belongs to the parent. The child treats the sources of this poll
    // object as unregistered.
    if (found.owner_generation != static_cast<uint8_t>(generation_) || found.owner_number == 0) return -ENOENT;
    if (found.owner_number == number_) return 0;
    return is_taken(found.owner_number) ? -EBUSY : -ENOENT;
}

mio_poll *set_owner(mio_source *source, const PollIdentity &owner, mio_poll *watcher)
{
    mio_poll *former = watcher_of(source); // the parent may have made this poll object before the fork
    SourceLayout *record = layout(source);
    record->owner_generation = static_cast<uint8_t>(owner.generation_);
    record->owner_number = owner.number_;
    if (watcher != former) { // do not write an unchanged mark, because other threads may be reading it
        record->watcher = watcher;
        record->mark = mark_of(record->kind, watcher != nullptr ? SourceState::watched : SourceState::plain);
    }
    return former;
}

mio_poll *forget_owner(mio_source *source)
{
    return set_owner(source, PollIdentity(), nullptr);
}

mio_poll *watcher_of(const mio_source *source)
{
    return is_watched(source) ? layout(source)->watcher : nullptr;
}

} // namespace mio::impl
