// SPDX-License-Identifier: MIT
// Atomic variables on the compiler's builtins: <atomic> costs ten times the text and brings nothing that is used here.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// A counter that several threads change. All operations but the relaxed one are sequentially consistent.
template <typename T>
class Atomic {
public:
    constexpr explicit Atomic(T initial = T{}) : value_(initial) {}

    T load() const { return __atomic_load_n(&value_, __ATOMIC_SEQ_CST); }
    void store(T value) { __atomic_store_n(&value_, value, __ATOMIC_SEQ_CST); }
    T exchange(T value) { return __atomic_exchange_n(&value_, value, __ATOMIC_SEQ_CST); }

    // Stores `value` if the old one is `expected`, and says whether it did.
    bool exchange_if(T expected, T value)
    {
        return __atomic_compare_exchange_n(&value_, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }

    T fetch_add(T value) { return __atomic_fetch_add(&value_, value, __ATOMIC_SEQ_CST); }
    T fetch_or(T value) { return __atomic_fetch_or(&value_, value, __ATOMIC_SEQ_CST); }
    T fetch_and(T value) { return __atomic_fetch_and(&value_, value, __ATOMIC_SEQ_CST); }
    T fetch_sub(T value) { return __atomic_fetch_sub(&value_, value, __ATOMIC_SEQ_CST); }

    // False where the machine would need a lock, or a library beside libc, for a T.
    static constexpr bool lock_free = __atomic_always_lock_free(sizeof(T), nullptr);

private:
    // i386 would put 64 bits on any word. Across two cache lines an atomic operation locks the whole bus.
    alignas(sizeof(T)) T value_;
};

} // namespace mio::impl
