// SPDX-License-Identifier: MIT
// Distinguishes a process from its forked children by a page of memory that is zero in each child. Since Linux 4.14 the
// kernel zeroes the page (MADV_WIPEONFORK of madvise(2)). If the kernel or a sandbox refuses this advice, a handler of
// pthread_atfork(3) zeroes the page. Then the library does not notice a child that clone(2) or _Fork(3) made, without
// libc's fork(2).
#include "port/process.hpp"

#include "core/sync.hpp"
#include "unix/errno_guard.hpp"
#include "unix/generation.hpp"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>

namespace mio::impl {

// This page holds the number of the process. The first poll object of the process allocates the page, and the page
// stays until the process ends. All poll objects share the page, because the number belongs to the process.
Atomic<uint32_t> *process_page = nullptr;

namespace {

constexpr size_t page_size = sizeof(Atomic<uint32_t>); // the kernel rounds this size up

// Some emulators and sandboxes accept any advice and do nothing. So the function gives invalid advice first. If the
// kernel accepts it, the kernel's answers mean nothing.
bool kernel_clears(void *page)
{
    constexpr int no_advice = -1;
    return madvise(page, page_size, no_advice) != 0 && madvise(page, page_size, MADV_WIPEONFORK) == 0;
}

void clear_page()
{
    if (process_page != nullptr) process_page->store(0);
}

// Returns whether the kernel or libc will zero the page in a child.
bool is_cleared_by_fork(void *page)
{
    return kernel_clears(page) || pthread_atfork(nullptr, nullptr, clear_page) == 0;
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
    // Another thread has allocated the page first.
    (void)munmap(memory, page_size);
    return known;
}

} // namespace

uint32_t process_generation()
{
    const ErrnoGuard guard;
    Atomic<uint32_t> *generation = open_page();
    return generation != nullptr ? number_process(generation) : 0;
}

const char *trusted_environment(const char *name)
{
    return unless_empty(getauxval(AT_SECURE) == 0 ? getenv(name) : nullptr);
}

} // namespace mio::impl
