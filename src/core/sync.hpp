// SPDX-License-Identifier: MIT
// Atomic variables, made with the builtins of the compiler. With the header <atomic> instead, the compiler would read
// ten times as much text.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// A variable that several threads change. All operations are sequentially consistent, except `publish`.
template <typename T>
class Atomic {
public:
    constexpr explicit Atomic(T initial = T{}) : value_(initial) {}

    T load() const { return __atomic_load_n(&value_, __ATOMIC_SEQ_CST); }
    void store(T value) { __atomic_store_n(&value_, value, __ATOMIC_SEQ_CST); }

    // Stores a value after all earlier writes of this thread. A thread that loads the value sees these writes. On x86
    // this store needs no locked instruction.
    void publish(T value) { __atomic_store_n(&value_, value, __ATOMIC_RELEASE); }

    T exchange(T value) { return __atomic_exchange_n(&value_, value, __ATOMIC_SEQ_CST); }

    // Stores `value` if the old value is `expected`. Returns whether `value` was stored.
    bool exchange_if(T expected, T value)
    {
        return __atomic_compare_exchange_n(&value_, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }

    T fetch_add(T value) { return __atomic_fetch_add(&value_, value, __ATOMIC_SEQ_CST); }
    T fetch_or(T value) { return __atomic_fetch_or(&value_, value, __ATOMIC_SEQ_CST); }
    T fetch_and(T value) { return __atomic_fetch_and(&value_, value, __ATOMIC_SEQ_CST); }
    T fetch_sub(T value) { return __atomic_fetch_sub(&value_, value, __ATOMIC_SEQ_CST); }

    // True if this machine accesses a T atomically without a lock and without a function of libatomic.
    static constexpr bool lock_free = __atomic_always_lock_free(sizeof(T), nullptr);

private:
    // Without alignas, i386 would align an integer of 64 bits to only 4 bytes. The integer could then be in two cache
    // lines, and an atomic operation across two cache lines locks the whole bus.
    alignas(sizeof(T)) T value_;
};

} // namespace mio::impl
