// SPDX-License-Identifier: MIT
// Records which poll object a source is registered with: the owner of the source. Every poll object has an identity.
// The identity consists of the generation of the process (port/process.hpp) and a number. No two live poll objects have
// the same number. A registered source stores three bytes: the two bytes of the number, and the low byte of the
// generation.
// After a fork, or after the poll object is freed, a source can still hold these three bytes. Only poll/ownership.cc
// writes and compares the bytes.
//
// If the owner's selector has a `rearm` slot, the owner is also the watcher of the source. Operations report to the
// watcher which readiness they have used up. A source stores a pointer to its watcher, and holds a reference to the
// watcher, so that the pointer stays valid.
#pragma once

#include "core/base.hpp"
#include "core/sync.hpp"
#include "port/process.hpp"

#include <errno.h>
#include <mio/poll.h>
#include <mio/source.h>
#include <stdint.h>

namespace mio::impl {

class PollIdentity {
public:
    // Gives the poll object a number. Returns 0 on success, -EMFILE if 65,535 poll objects are alive, or -ENOMEM if
    // there is no memory to distinguish the process from its children.
    int open();

    // Frees the number. Afterwards the poll object is unusable and owns no source. If a source still holds the number
    // of a freed poll object, the program can register the source elsewhere at once. Numbers are reused as late as
    // possible: a new poll object gets a freed number only after the library has tried all other numbers. A source
    // that still holds the freed number then seems to belong to the new poll object. Deregistering the source clears
    // the number.
    void retire();

    // Returns 0 if the poll object is usable, -ECHILD in a child forked after the object was made, and -EBADF after
    // `retire`.
    int check_usable() const
    {
        if (MIO_LIKELY(is_process_generation(usable_in_.load()))) return 0;
        return is_process_generation(generation_) ? -EBADF : -ECHILD;
    }

    // Returns 0 if the source is registered with this poll object. Returns -EBUSY if the source is registered with
    // another live poll object of this process. Otherwise returns -ENOENT.
    int check_owner_of(const mio_source *source) const;

    uint16_t number() const { return number_; }

private:
    friend mio_poll *set_owner(mio_source *source, const PollIdentity &owner, mio_poll *watcher);

    uint32_t generation_ = 0;
    uint16_t number_ = 0; // 0 in a source means that the source has no owner
    // Equals `generation_` until retire() is called. If `usable_in_` differs from the generation of the running
    // process, there are two possible reasons: the identity is retired, or the process is a forked child.
    Atomic<uint32_t> usable_in_{no_generation};
};

// set_owner records the owner and the watcher of an open source. `watcher` may be null. forget_owner removes the owner
// and the watcher. The functions return the former watcher or null. The caller then drops the reference to the former
// watcher.
[[nodiscard]] mio_poll *set_owner(mio_source *source, const PollIdentity &owner, mio_poll *watcher);
[[nodiscard]] mio_poll *forget_owner(mio_source *source);

// Returns the watcher of a source. Returns null if the source has no watcher, is closed, or is garbage.
mio_poll *watcher_of(const mio_source *source);

} // namespace mio::impl
