// SPDX-License-Identifier: MIT
#include "unix/cancel_guard.hpp"

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define MIO_HAVE_SINGLE_THREADED 1
#endif

namespace mio::impl {

#ifdef MIO_HAVE_CANCELLATION

namespace {

// The state of a guard that has nothing to restore.
constexpr int not_deferred = -1;

// Returns whether the calling thread is the only thread of the process. Then no other thread can cancel it. Otherwise a
// guard costs up to 45 ns, a tenth of the time of a wake and its wait. musl does not tell how many threads there are.
bool is_only_thread()
{
#ifdef MIO_HAVE_SINGLE_THREADED
    return __libc_single_threaded != 0;
#else
    return false;
#endif
}

} // namespace

int defer_cancellation()
{
    if (is_only_thread()) return not_deferred;
    int before;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

void restore_cancellation(int before)
{
    int unused;
    if (before != not_deferred) (void)pthread_setcancelstate(before, &unused);
}

#endif

} // namespace mio::impl
