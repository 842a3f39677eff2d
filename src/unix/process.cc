// SPDX-License-Identifier: MIT
// The library detects a forked child through a page of memory, which is zero in a new child. On some systems, the
// library calls madvise(2) or minherit(2) once, and the kernel then zeroes the page in each child. If this call fails,
// a handler of pthread_atfork(3) zeroes the page. This handler does not run in a child of clone(2) or _Fork(3). So if
// the kernel does not zero the page, the library does not detect a child of clone(2) or _Fork(3).
#include "port/process.hpp"

#include "core/sync.hpp"
#include "unix/errno_guard.hpp"
#include "unix/fork_page.hpp"
#include "unix/privilege.hpp"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>

namespace mio::impl {

// This page holds the generation of the process (port/process.hpp). The first call of process_generation allocates the
// page, and the library never frees the page. All poll objects use this one page, because a process has only one
// generation.
Atomic<uint32_t> *process_page = nullptr;

namespace {

// The latest generation that this process or one of its ancestors has chosen.
Atomic<uint32_t> last_generation{0};

constexpr size_t page_size = sizeof(Atomic<uint32_t>); // the kernel rounds this size up

void clear_page()
{
    if (process_page != nullptr) process_page->store(0);
}

// Makes the kernel zero the page in each child process. If the kernel cannot do this, the function makes libc call
// clear_page in each child process. Returns false if both attempts fail.
bool is_cleared_by_fork(void *page)
{
    return zero_in_children(page, page_size) || pthread_atfork(nullptr, nullptr, clear_page) == 0;
}

Atomic<uint32_t> *open_page()
{
    Atomic<uint32_t> *known = __atomic_load_n(&process_page, __ATOMIC_SEQ_CST);
    if (known != nullptr) return known;
    void *memory = mmap(nullptr, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    if (!is_cleared_by_fork(memory)) {
        (void)munmap(memory, page_size);
        return nullptr;
    }
    Atomic<uint32_t> *made = static_cast<Atomic<uint32_t> *>(memory);
    if (__atomic_compare_exchange_n(&process_page, &known, made, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return made;
    // If another thread has stored its own page in process_page first, use that page, and free the page of this thread.
    (void)munmap(memory, page_size);
    return known;
}

} // namespace

uint32_t process_generation()
{
    const ErrnoGuard guard;
    Atomic<uint32_t> *generation = open_page();
    if (generation == nullptr) return 0;
    if (generation->load() == 0) {
        const uint32_t number = last_generation.fetch_add(1) + 1;
        (void)generation->exchange_if(0, number != 0 && number != no_generation ? number : 1);
    }
    return generation->load();
}

const char *trusted_environment(const char *name)
{
    return unless_empty(is_privileged() ? nullptr : getenv(name));
}

} // namespace mio::impl
