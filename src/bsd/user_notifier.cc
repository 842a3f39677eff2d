// SPDX-License-Identifier: MIT
// Defines user_notifier. With this notifier, any thread and any signal handler can end a wait on kqueue(2). Each waker
// has one EVFILT_USER knote in the kqueue.
#include "bsd/kqueue_calls.hpp"
#include "bsd/kqueue_state.hpp"
#include "bsd/mechanisms.hpp"
#include "unix/errno_guard.hpp"
#include "unix/notification.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

// Returns a struct kevent that changes the knote of a waker. The address of `ends` is unique in the process, so the
// address identifies the knote.
struct kevent user_knote(const NotifierEnds *ends, uint32_t flags)
{
    return knote(reinterpret_cast<uintptr_t>(ends), filter_user, flags, ends->token);
}

int open_user(void *state, uintptr_t token, NotifierEnds *ends)
{
    ends->watched = static_cast<const KqueueState *>(state)->fd;
    ends->token = token;
    const int result = change_knote(ends->watched, user_knote(ends, EV_ADD | EV_CLEAR));
    return result == -EINVAL ? -ENOSYS : result; // NetBSD before 10 lacks EVFILT_USER
}

void close_user(void *, NotifierEnds *ends)
{
    const ErrnoGuard guard;
    (void)change_knote(ends->watched, user_knote(ends, EV_DELETE));
}

// Triggers the knote. On some systems every change of a knote overwrites its token, so this change contains the old
// token again.
int notify_user(const NotifierEnds *ends)
{
    const ErrnoGuard guard;
    struct kevent change = user_knote(ends, 0);
    change.fflags = note_trigger;
    const int result = change_knote(ends->watched, change);
    return result == 0 ? 0 : notification_failure(result);
}

} // namespace

constinit const SelectorNotifier user_notifier = {open_user, close_user, notify_user};

} // namespace mio::impl
