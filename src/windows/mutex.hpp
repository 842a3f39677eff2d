// SPDX-License-Identifier: MIT
// A mutex for objects that several threads use. Zeroed storage is an unlocked mutex.
#pragma once

#include "core/base.hpp"

#include <winsock2.h>

#include <windows.h>

namespace mio::impl {

class Mutex {
public:
    void lock() { AcquireSRWLockExclusive(&lock_); }
    void unlock() { ReleaseSRWLockExclusive(&lock_); }

private:
    SRWLOCK lock_;
};

// Locks a mutex, and unlocks the mutex when the Lock is destroyed.
class Lock {
public:
    explicit Lock(Mutex *mutex) : mutex_(mutex) { mutex_->lock(); }
    ~Lock() { mutex_->unlock(); }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;

private:
    Mutex *mutex_;
};

} // namespace mio::impl
