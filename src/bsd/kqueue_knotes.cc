// SPDX-License-Identifier: MIT
// Registers a descriptor with kqueue(2), changes its registration, and ends its registration. A registration consists
// of knotes: the kernel keeps one knote for each filter of a descriptor. bsd/kqueue_state.hpp describes the knotes.
#include "bsd/kqueue_calls.hpp"
#include "bsd/kqueue_state.hpp"
#include "unix/fd.hpp"

#include <errno.h>
#include <fcntl.h>
#include <mio/interest.h>
#include <sys/stat.h>

namespace mio::impl {

namespace {

// ---- the kqueue of each knote --------------------------------------------------------------------------------------

// The kqueue that has the knote of a filter: none, the main kqueue, or the second kqueue, `aside`. `quiet` means that a
// knote in `aside` watches only for errors and for the end of the stream. In the case `quiet`, the main kqueue may also
// have a knote of the filter. This knote is disabled.
enum class Place { nowhere, main, aside, quiet };

struct Plan {
    Place read;
    Place write;
    Place except;
    uint32_t mode;        // the flags of each knote, except the quiet knotes in `aside`
    bool reports_hang_up; // true: the READ knote watches the write end of a pipe, with flags hang_up_mode_of(mode)
};

constexpr uint32_t mode_of(uint32_t interest)
{
    if ((interest & MIO_ONESHOT) != 0)
        return EV_DISPATCH; // EV_ONESHOT would delete the knote, and a later change would not find the knote
    return (interest & MIO_LEVEL) != 0 ? 0 : EV_CLEAR;
}

// Returns the flags of the knote that reports the hang-up of a pipe. `mode` is the mode of the registration. A
// level-triggered registration (mode 0) uses lasting_hang_up_flags, because a knote with hang_up_flags reports the
// hang-up only once.
constexpr uint32_t hang_up_mode_of(uint32_t mode)
{
    return mode == 0 ? lasting_hang_up_flags : hang_up_flags;
}

// Decides which kqueue gets each knote of a registration. A registration with a single knote uses only the main kqueue.
constexpr Plan plan_of(uint32_t interest, bool is_pipe)
{
    const bool reads = (interest & MIO_READABLE) != 0;
    const bool writes = (interest & MIO_WRITABLE) != 0;
    const bool reads_end = !reads && (interest & MIO_CLOSED) != 0;
    const bool has_priority = (interest & MIO_PRIORITY) != 0;
    const Place either = (interest & MIO_ONESHOT) != 0 ? Place::aside : Place::main;
    const Place only = has_priority ? either : Place::main;
    const Place except = has_priority ? either : Place::nowhere;
    const uint32_t mode = mode_of(interest);
    if (writes && is_pipe) return {mode == 0 ? Place::aside : either, either, except, mode, true};
    if (writes && reads) return {either, either, except, mode, false};
    if (reads) return {only, Place::nowhere, except, mode, false};
    if (!writes) return {Place::quiet, Place::quiet, except, mode, false};
    if (!reads_end) return {Place::nowhere, only, except, mode, false};
    return {Place::quiet, either, except, mode, false};
}

// True if the descriptor is the write end of a pipe. The write end needs EVFILT_READ, because EVFILT_WRITE on NetBSD
// does not report that the reader of a full pipe closes.
bool writes_pipe(int fd)
{
    struct stat status;
    const int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) == O_WRONLY && fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

// True if the main kqueue gets a disabled knote for the filter. EVFILT_READ gets a disabled knote only if the interest
// has MIO_CLOSED. With MIO_CLOSED, an event reports the end of the peer's data. A oneshot registration gets only one
// disabled knote, because two knotes could report two events.
constexpr bool has_mark(Place place, int filter, uint32_t interest)
{
    const bool reads_end = (interest & MIO_CLOSED) != 0;
    const bool writes = !reads_end || (interest & MIO_ONESHOT) == 0;
    return place == Place::quiet && (filter == EVFILT_READ ? reads_end : writes);
}

bool needs_aside(const Plan &plan)
{
    return plan.read > Place::main || plan.write > Place::main || plan.except > Place::main;
}

// ---- changes -------------------------------------------------------------------------------------------------------

// Adds a deletion for the knote of each filter. In every list of changes, the deletions come first.
void add_deletions(const KqueueState *state, Changes *changes)
{
    for (size_t i = 0; i < filter_count(state); i++)
        changes->add(filters[i], EV_DELETE, 0);
}

// To make, change or remove one registration, the selector adds and deletes knotes. This struct collects all these
// additions and deletions. `apply` makes one system call for the main kqueue, and another for `aside`.
struct Update {
    Changes main;
    Changes aside;
    bool has_aside;

    explicit Update(const KqueueState *state, int fd) : main(fd), aside(fd), has_aside(state->aside.load() >= 0)
    {
        add_deletions(state, &main);
        add_deletions(state, &aside);
    }

    int apply(KqueueState *state)
    {
        const int failed = main.apply(state->fd);
        return failed == 0 && has_aside ? aside.apply(state->aside.load()) : failed;
    }
};

// True if a deletion in `changes` has found a knote. This means that the descriptor was registered, because each
// registration has a knote of EVFILT_READ or of EVFILT_WRITE.
bool has_deleted(const Changes &changes)
{
    return changes.result(0) == 0 || changes.result(1) == 0;
}

// Translates the error of kevent(2) for a change that the system has rejected. Systems return different errors if
// kqueue(2) or the filter does not support the descriptor. The function translates all of these errors to -EPERM.
// EVFILT_WRITE on a pipe without a reader fails with -EPIPE, or with -EBADF on NetBSD.
int explained(int result, int fd)
{
    if (result == -EBADF && fcntl(fd, F_GETFD) >= 0) return -EPIPE;
    return result == 0 || result == -EBADF || result == -ENOMEM || result == -EPIPE || result == -ELOOP ? result
                                                                                                        : -EPERM;
}

// Tests whether the descriptor supports filter_except. Only some kinds of descriptor support this filter. For the test,
// the function adds a disabled knote. If the test fails, the old registration must stay as it was. So call the function
// before any other change of the registration.
int try_except(KqueueState *state, int fd)
{
    const struct kevent change = knote(static_cast<uintptr_t>(fd), filter_except, EV_ADD | EV_DISABLE, 0);
    const int failed = explained(change_knote(state->fd, change), fd);
    return failed == -EPERM ? -ENOTSUP : failed;
}

// Call this function if the descriptor has rejected the knote of `filter` with the error `failed`. Returns whether the
// registration works without this knote.
bool is_dispensable(int failed, const Plan &plan, uint32_t interest, int filter)
{
    if (filter == EVFILT_READ) return failed == -EPERM && plan.reports_hang_up;
    const bool rejected = failed == -EPERM || failed == -EPIPE;
    if (plan.write != Place::quiet) return rejected && plan.read != Place::nowhere && !plan.reports_hang_up;
    return failed == -EPERM || (failed == -EPIPE && (interest & MIO_CLOSED) != 0);
}

// The list `changes` begins with deletions, which can fail. `first` is the index of the first change that is not
// a deletion. Returns the first failure from this index on.
int failure_of(const Changes &changes, size_t first, const Plan &plan, uint32_t interest, int fd)
{
    for (size_t i = first; i < changes.size(); i++) {
        const int failed = explained(changes.result(i), fd);
        if (failed != 0 && !is_dispensable(failed, plan, interest, changes.filter(i))) return failed;
    }
    return 0;
}

int remove_knotes(KqueueState *state, int fd)
{
    Update update(state, fd);
    const int failed = update.apply(state);
    if (failed != 0) return failed;
    if (has_deleted(update.main) || (update.has_aside && has_deleted(update.aside))) return 0;
    return update.main.result(0) == -EBADF ? -EBADF : -ENOENT;
}

void add_filter(Update *update, const Plan &plan, int filter, uintptr_t token, uint32_t interest)
{
    const Place place = filter == EVFILT_READ ? plan.read : filter == EVFILT_WRITE ? plan.write : plan.except;
    const uint32_t mode = filter == EVFILT_READ && plan.reports_hang_up ? hang_up_mode_of(plan.mode) : plan.mode;
    if (place == Place::main) update->main.add(filter, EV_ADD | mode, token);
    if (has_mark(place, filter, interest)) update->main.add(filter, EV_ADD | EV_DISABLE | mode, token);
    if (place == Place::aside) update->aside.add(filter, EV_ADD | mode, token);
    if (place == Place::quiet) update->aside.add(filter, EV_ADD | EV_CLEAR, token);
}

// True if the main kqueue should have a disabled knote, but has none, because the descriptor rejects EVFILT_WRITE.
bool lacks_mark(const Changes &main, size_t first, const Plan &plan, uint32_t interest)
{
    return plan.write == Place::quiet && !has_mark(plan.read, EVFILT_READ, interest) && main.result(first) != 0;
}

bool is_own(const KqueueState *state, int fd)
{
    const int aside = state->aside.load();
    return fd == state->fd || (aside >= 0 && (fd == aside || fd == state->probe));
}

// Watches the writing end of a pipe whose reading end is closed. kevent(2) rejects EVFILT_WRITE for this writing end,
// so the function adds a knote of EVFILT_READ. A wait recognises the hang-up by the flags of this knote.
int watch_hang_up(KqueueState *state, int fd, uintptr_t token, uint32_t mode)
{
    const uint32_t flags = hang_up_mode_of(mode);
    const int failed = flags == lasting_hang_up_flags ? open_aside(state) : 0;
    if (failed != 0) return failed;
    const int kqueue = flags == lasting_hang_up_flags ? state->aside.load() : state->fd;
    return explained(change_knote(kqueue, knote(static_cast<uintptr_t>(fd), EVFILT_READ, EV_ADD | flags, token)), fd);
}

} // namespace

int set_knotes(KqueueState *state, int fd, uintptr_t token, uint32_t interest, bool must_exist)
{
    if (is_own(state, fd)) return -EINVAL;
    const Plan plan = plan_of(interest, (interest & MIO_WRITABLE) != 0 && writes_pipe(fd));
    const Lock lock(&state->mutex);
    int failed = needs_aside(plan) ? open_aside(state) : 0;
    if (failed == 0 && plan.except != Place::nowhere) failed = try_except(state, fd);
    if (failed != 0) return failed;
    Update update(state, fd);
    for (const int filter : filters)
        add_filter(&update, plan, filter, token, interest);
    failed = update.apply(state);
    const size_t first = filter_count(state);
    if (failed == 0) failed = failure_of(update.main, first, plan, interest, fd);
    if (failed == 0 && update.has_aside) failed = failure_of(update.aside, first, plan, interest, fd);
    // A registration with quiet knotes needs a disabled knote in the main kqueue. Some descriptors, such as the read
    // end of a pipe, reject EVFILT_WRITE. Such a descriptor gets a disabled knote of EVFILT_READ, which can report that
    // the writer has hung up.
    if (failed == 0 && lacks_mark(update.main, first, plan, interest))
        failed = change_knote(state->fd,
                              knote(static_cast<uintptr_t>(fd), EVFILT_READ, EV_ADD | EV_DISABLE | plan.mode, token));
    const bool existed = has_deleted(update.main) || (update.has_aside && has_deleted(update.aside));
    const bool rejected = failed == -EPIPE || failed == -EPERM;
    if ((failed == 0 || rejected) && must_exist && !existed) failed = -ENOENT;
    if (failed != 0) (void)remove_knotes(state, fd);
    return failed == -EPIPE ? watch_hang_up(state, fd, token, plan.mode) : failed;
}

int delete_knotes(KqueueState *state, int fd)
{
    if (is_own(state, fd)) return -EINVAL;
    const Lock lock(&state->mutex);
    return remove_knotes(state, fd);
}

} // namespace mio::impl
