// SPDX-License-Identifier: MIT
// Distinguishes a process from its forked children by a number that pthread_atfork(3) clears in a child. Children made
// without libc's fork(2) go unnoticed.
#include "port/process.hpp"

#include "core/sync.hpp"
#include "unix/errno_guard.hpp"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

namespace mio::impl {

namespace {

Atomic<uint32_t> generation{0};

// The last number that this process or one of its ancestors has used.
Atomic<uint32_t> last_generation{0};

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

bool is_privileged()
{
    return getuid() != geteuid() || getgid() != getegid();
}

} // namespace

Atomic<uint32_t> *process_page = &generation;

uint32_t process_generation()
{
    const ErrnoGuard guard;
    if (!watch_forks()) return 0;
    if (generation.load() == 0) {
        const uint32_t number = last_generation.fetch_add(1) + 1;
        (void)generation.exchange_if(0, number != 0 && number != no_generation ? number : 1);
    }
    return generation.load();
}

const char *trusted_environment(const char *name)
{
    const char *value = is_privileged() ? nullptr : getenv(name);
    return value != nullptr && *value != '\0' ? value : nullptr;
}

} // namespace mio::impl
