// SPDX-License-Identifier: MIT
#include "bsd/kqueue_calls.hpp"

#include "core/timeout.hpp"
#include "port/process.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/fd.hpp"
#include "unix/wait_time.hpp"

#include <errno.h>
#include <fcntl.h>

namespace mio::impl {

namespace {

constexpr timespec no_time = {};

// Some systems reject a timeout of more than 100,000,000 seconds (3.2 years).
constexpr int64_t longest_kevent_ns = 100'000'000 * nanoseconds_per_second;

// kevent(2) takes its counts as int on most systems, and as size_t on others. Each of the two types can hold every
// unsigned short.
using Count = unsigned short;

int call_kevent(int fd, const struct kevent *changes, Count changed, struct kevent *events, Count room,
                const timespec *timeout)
{
    return result_of(kevent(fd, changes, changed, events, room, timeout));
}

// Makes the changes in one call of kevent(2). If `results` is not null, stores the result of each change in this array.
// Not a cancellation point.
int make_changes(int fd, const struct kevent *changes, Count count, struct kevent *results)
{
    const CancelGuard guard;
    const Count room = results != nullptr ? count : Count{0};
    return uninterrupted([&] { return call_kevent(fd, changes, count, results, room, &no_time); });
}

// True if the event reports out-of-band data. On macOS a knote of EVFILT_EXCEPT also reports everything that
// EVFILT_READ reports. These other events lack NOTE_OOB. If an event has EV_EOF, its `fflags` is an errno value, so the
// function does not test NOTE_OOB.
bool has_oob(const struct kevent &event)
{
    return (event.flags & EV_EOF) == 0 && (event.fflags & note_oob) != 0;
}

Filter portable_filter(const struct kevent &event)
{
    const int filter = static_cast<int>(event.filter);
    if (filter == static_cast<int>(EVFILT_READ)) return Filter::read;
    if (filter == static_cast<int>(EVFILT_WRITE)) return Filter::write;
    if (filter == filter_user) return Filter::user;
    if (filter == filter_except) return has_oob(event) ? Filter::except : Filter::read;
    if (filter == filter_aio) return Filter::aio;
    return filter == filter_lio ? Filter::lio : Filter::other;
}

} // namespace

FilterEvent filter_event_of(const struct kevent &event)
{
    const bool at_end = (event.flags & EV_EOF) != 0;
    const bool hangs_up = (event.flags & hang_up_flags) == hang_up_flags;
    return {portable_filter(event), at_end, hangs_up, event.fflags};
}

struct kevent knote(uintptr_t ident, int filter, uint32_t flags, uintptr_t token)
{
    struct kevent made = {};
    made.ident = ident;
    made.filter = static_cast<decltype(made.filter)>(filter);
    made.flags = static_cast<decltype(made.flags)>(flags);
    made.fflags = filter == filter_except ? note_oob : 0;
    made.udata = __builtin_bit_cast(decltype(made.udata), token);
    return made;
}

int open_kqueue(int *opened)
{
    const int fd = result_of(kqueue());
    if (fd < 0) return fd;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC); // this call cannot fail on an open descriptor
    *opened = fd;
    return 0;
}

// Returns whether the kernel has filter_except. The function tries to delete a knote that does not exist. The call
// fails with ENOENT if the kernel has filter_except, and with EINVAL if not.
bool kernel_has_except(int kqueue)
{
    if (filter_except == no_filter) return false;
    return change_knote(kqueue, knote(static_cast<uintptr_t>(kqueue), filter_except, EV_DELETE, 0)) == -ENOENT;
}

void close_kqueue(int fd, uint32_t generation)
{
    if (is_process_generation(generation)) close_fd(fd);
}

int wait_on_kqueue(int fd, struct kevent *events, size_t capacity, int64_t timeout_ns)
{
    const Count room = static_cast<Count>(capacity);
    if (timeout_ns < 0) return call_kevent(fd, nullptr, 0, events, room, nullptr);
    const timespec timeout = timespec_of(timeout_ns < longest_kevent_ns ? timeout_ns : longest_kevent_ns);
    return call_kevent(fd, nullptr, 0, events, room, &timeout);
}

void Changes::add(int filter, uint32_t flags, uintptr_t token)
{
    list_[size_++] = knote(ident_, filter, flags | EV_RECEIPT, token);
}

int Changes::apply(int kqueue)
{
    struct kevent results[sizeof list_ / sizeof *list_];
    const int got = make_changes(kqueue, list_, static_cast<Count>(size_), results);
    if (got < 0) return got;
    for (size_t i = 0; i < size_; i++)
        list_[i].data = results[i].data;
    return 0;
}

int change_knote(int kqueue, const struct kevent &change)
{
    return make_changes(kqueue, &change, 1, nullptr);
}

} // namespace mio::impl
