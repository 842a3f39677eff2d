// SPDX-License-Identifier: MIT
// A mutex for backends that keep state.
#pragma once

#include "core/base.hpp"
#include "unix/cancel_guard.hpp"

#include <pthread.h>

namespace mio::impl {

// A mutex is plain data, so that zeroed storage can hold it. Call `open` before the first use and `close` after the
// last use.
class Mutex {
public:
    // None of these calls can fail, because the mutex has the default type and belongs to one process.
    void open() { (void)pthread_mutex_init(&mutex_, nullptr); }
    void close() { (void)pthread_mutex_destroy(&mutex_); }

    void lock() { (void)pthread_mutex_lock(&mutex_); }
    void unlock() { (void)pthread_mutex_unlock(&mutex_); }

private:
    pthread_mutex_t mutex_;
};

// Locks a mutex, and unlocks the mutex when the Lock is destroyed. Meanwhile the thread cannot be cancelled, because a
// cancelled thread would never unlock the mutex.
class Lock {
public:
    explicit Lock(Mutex *mutex) : mutex_(mutex) { mutex_->lock(); }
    ~Lock() { mutex_->unlock(); }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;

    // Makes one system call with the mutex unlocked. If the thread is cancelled in the call, `undo(context)` runs.
    // `undo` may lock the mutex.
    template <typename Call>
    int without(void (*undo)(void *), void *context, Call call)
    {
        mutex_->unlock();
        const int result = guard_.lift(undo, context, call);
        mutex_->lock();
        return result;
    }

private:
    CancelGuard guard_;
    Mutex *mutex_;
};

} // namespace mio::impl
