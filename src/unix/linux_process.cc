// SPDX-License-Identifier: MIT
// Tells a process from its forked children by a page that fork(2) clears in the child, MADV_WIPEONFORK of madvise(2),
// Linux 4.14. An older kernel copies it like any other, and forks go unnoticed.
#include "port/process.hpp"

#include "core/sync.hpp"
#include "unix/errno_guard.hpp"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

namespace mio::impl {

// The page, made with the first poll object of the process and kept to its end, holds the number of the process. It is
// shared by all poll objects because what it tells is about the process.
Atomic<uint32_t> *process_page = nullptr;

namespace {

// The last number that this process, or one that it comes from, has used.
Atomic<uint32_t> last_generation{0};

Atomic<uint32_t> *open_page()
{
    Atomic<uint32_t> *known = __atomic_load_n(&process_page, __ATOMIC_SEQ_CST);
    if (known != nullptr) return known;
    constexpr size_t size = sizeof(Atomic<uint32_t>);
    void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    (void)madvise(memory, size, MADV_WIPEONFORK);
    Atomic<uint32_t> *made = static_cast<Atomic<uint32_t> *>(memory);
    if (__atomic_compare_exchange_n(&process_page, &known, made, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return made;
    // Another thread was faster.
    (void)munmap(memory, size);
    return known;
}

} // namespace

uint32_t process_generation()
{
    const int saved = errno;
    Atomic<uint32_t> *generation = open_page();
    errno = saved;
    if (generation == nullptr) return 0;
    if (generation->load() == 0) {
        const uint32_t number = last_generation.fetch_add(1) + 1;
        (void)generation->exchange_if(0, number != 0 && number != no_generation ? number : 1);
    }
    return generation->load();
}

} // namespace mio::impl
