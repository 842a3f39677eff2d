// SPDX-License-Identifier: MIT
// A mutex for the backends that keep state.
#pragma once

#include "core/base.hpp"

#include <pthread.h>

namespace mio::impl {

// Plain data, so that it can lie in zeroed storage; `open` it before use and `close` it after.
class Mutex {
public:
    // An ordinary mutex of one process: the functions have no way to fail.
    void open() { (void)pthread_mutex_init(&mutex_, nullptr); }
    void close() { (void)pthread_mutex_destroy(&mutex_); }

    void lock() { (void)pthread_mutex_lock(&mutex_); }
    void unlock() { (void)pthread_mutex_unlock(&mutex_); }

private:
    pthread_mutex_t mutex_;
};

// Holds a mutex for the length of a block.
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
