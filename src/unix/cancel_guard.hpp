// SPDX-License-Identifier: MIT
// Defers the cancellation of a thread (pthreads(7)) during calls to libc. A cancelled thread must never leave an
// operation of the library half done. So the cancellation points of libc run under a CancelGuard. Some calls in
// unix/calls.hpp need no guard: a thread that is cancelled in such a call loses nothing.
#pragma once

#include "core/base.hpp"

#include <pthread.h>

namespace mio::impl {

#ifdef MIO_HAVE_CANCELLATION

// Defers the cancellation of the calling thread until the guard is destroyed. Async-signal-safe.
class CancelGuard {
public:
    CancelGuard() { (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
    ~CancelGuard() { restore(); }
    CancelGuard(const CancelGuard &) = delete;
    CancelGuard &operator=(const CancelGuard &) = delete;

    // Makes one system call that may wait. The thread can be cancelled in this call. If the thread is cancelled,
    // `undo(context)` runs. No destructor of the library runs, because the library is built without exceptions.
    template <typename Call>
    [[gnu::noinline]] int lift(void (*undo)(void *), void *context, Call call)
    {
        int result = 0;
        pthread_cleanup_push(undo, context);
        restore();
        result = call();
        (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_);
        pthread_cleanup_pop(0);
        return result;
    }

private:
    void restore()
    {
        int unused;
        (void)pthread_setcancelstate(before_, &unused);
    }

    int before_;
};

#else // Android has no cancellation

class CancelGuard {
public:
    CancelGuard() {}
    ~CancelGuard() {}
    CancelGuard(const CancelGuard &) = delete;
    CancelGuard &operator=(const CancelGuard &) = delete;

    template <typename Call>
    int lift(void (*)(void *), void *, Call call)
    {
        return call();
    }
};

#endif

} // namespace mio::impl
