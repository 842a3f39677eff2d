// SPDX-License-Identifier: MIT
// Whose is a source? Every poll object has an identity: the generation of the process that made it (port/process.hpp)
// and a number that no other live poll object has. A registered source remembers them in three bytes, which stay valid
// after the poll object is freed and after a fork. This file alone writes and compares them.
//
// The source also remembers its watcher, if it has one: the poll object that must learn which readiness is used up,
// because its selector has a `rearm` slot. A source holds a reference to its watcher, so that the pointer stays valid.
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
    // Takes a number: -EMFILE if 65535 poll objects are alive, -ENOMEM if the process cannot be told from its children.
    int open();

    // Returns the number; nothing is usable or owned by this identity from then on. Numbers are reused as late as
    // possible. So a source left registered with a freed poll object can be registered elsewhere at once; only after
    // 65,535 more poll objects can a stale number match a live one, and then deregistering clears it.
    void retire();

    // 0, or why the poll object is unusable: -ECHILD in a child forked after the object was made, -EBADF once it is
    // retired.
    int check_usable() const
    {
        if (MIO_LIKELY(is_process_generation(usable_in_.load()))) return 0;
        return is_process_generation(generation_) ? -EBADF : -ECHILD;
    }

    // 0 if the source is registered with this poll object; -EBUSY if it is registered with another one that is alive
    // and of the same process; otherwise -ENOENT.
    int check_owner_of(const mio_source *source) const;

    uint16_t number() const { return number_; }

private:
    friend mio_poll *set_owner(mio_source *source, const PollIdentity &owner, mio_poll *watcher);

    uint32_t generation_ = 0;
    uint16_t number_ = 0; // 0: no owner
    // Equals `generation_` until this identity is retired, so that one comparison checks both for a fork and for that.
    Atomic<uint32_t> usable_in_{no_generation};
};

// Records the owner of an open source, and its watcher or null. Returns the watcher it had before, or null: the caller
// drops that reference.
[[nodiscard]] mio_poll *set_owner(mio_source *source, const PollIdentity &owner, mio_poll *watcher);
[[nodiscard]] mio_poll *forget_owner(mio_source *source);

// Null if nobody watches it, and for a closed source and for garbage.
mio_poll *watcher_of(const mio_source *source);

} // namespace mio::impl
