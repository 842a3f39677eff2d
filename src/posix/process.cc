// SPDX-License-Identifier: MIT
// Distinguishes a process from its forked children by a number that pthread_atfork(3) clears in a child. The library
// does not notice a child that was made without libc's fork(2).
#include "port/process.hpp"

#include "core/sync.hpp"
#include "unix/errno_guard.hpp"
#include "unix/generation.hpp"
#include "unix/privilege.hpp"

#include <pthread.h>
#include <stdlib.h>

namespace mio::impl {

namespace {

Atomic<uint32_t> generation{0};

Atomic<uint32_t> is_watching{0};

void clear_generation()
{
    generation.store(0);
}

// Two threads may each add a handler. The second handler does no harm.
bool watch_forks()
{
    if (is_watching.load() != 0) return true;
    if (pthread_atfork(nullptr, nullptr, clear_generation) != 0) return false;
    is_watching.store(1);
    return true;
}

} // namespace

Atomic<uint32_t> *process_page = &generation;

uint32_t process_generation()
{
    const ErrnoGuard guard;
    if (!watch_forks()) return 0;
    return number_process(&generation);
}

const char *trusted_environment(const char *name)
{
    return unless_empty(is_privileged() ? nullptr : getenv(name));
}

} // namespace mio::impl
