// SPDX-License-Identifier: MIT
// Functions that call kqueue(2) and kevent(2). The arguments of kevent(2) have different types on different systems.
// The arguments of these functions have the same types on every system.
#pragma once

#include "bsd/kqueue_events.hpp"
#include "core/base.hpp"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <sys/event.h>
#include <sys/time.h>

namespace mio::impl {

// Some systems lack the names below. no_filter is a number that no system uses for a filter. Adding a knote with this
// number fails with EINVAL.
constexpr int no_filter = -0x7fff;
#ifdef EVFILT_USER
constexpr int filter_user = EVFILT_USER;
constexpr uint32_t note_trigger = NOTE_TRIGGER;
#else
constexpr int filter_user = no_filter;
constexpr uint32_t note_trigger = 0;
#endif
// OpenBSD, DragonFly and macOS have EVFILT_EXCEPT. The running kernel can be older than the header, so
// kernel_has_except tests the kernel.
#if defined EVFILT_EXCEPT && defined NOTE_OOB
constexpr int filter_except = EVFILT_EXCEPT;
constexpr uint32_t note_oob = NOTE_OOB;
#else
constexpr int filter_except = no_filter;
constexpr uint32_t note_oob = 0;
#endif
// Only a system that defines SIGEV_KEVENT in <signal.h> reports completed AIO requests to a kqueue. macOS defines
// EVFILT_AIO, but not SIGEV_KEVENT.
#if defined EVFILT_AIO && defined SIGEV_KEVENT
constexpr int filter_aio = EVFILT_AIO;
#else
constexpr int filter_aio = no_filter;
#endif
#if defined EVFILT_LIO && defined SIGEV_KEVENT
constexpr int filter_lio = EVFILT_LIO;
#else
constexpr int filter_lio = no_filter;
#endif

// The flags of an EVFILT_READ knote that watches the write end of a pipe. EVFILT_WRITE alone is not enough: it rejects
// a pipe without a reader, and on NetBSD does not report that the reader of a full pipe closes. No other knote has both
// EV_CLEAR and EV_DISPATCH, so a wait recognises the events of this knote by these flags. With both flags, the knote
// reports a hang-up only once.
constexpr uint32_t hang_up_flags = EV_CLEAR | EV_DISPATCH;

// The flags of such a knote for a level-triggered registration: a knote without flags reports a hang-up in every wait.
constexpr uint32_t lasting_hang_up_flags = 0;

// Returns the token of an event. The member `udata` is a pointer on most systems, and a number on others.
inline uintptr_t token_of(const struct kevent &event)
{
    return __builtin_bit_cast(uintptr_t, event.udata);
}

FilterEvent filter_event_of(const struct kevent &event);

// Returns a knote, or a change of a knote, for kevent(2). A knote of filter_except has NOTE_OOB in `fflags`, to report
// out-of-band data. Some systems overwrite `fflags` at each change, so every change of such a knote contains NOTE_OOB
// again.
struct kevent knote(uintptr_t ident, int filter, uint32_t flags, uintptr_t token);

// Opens a kqueue that is close-on-exec. A child of fork(2) does not inherit the kqueue, even if the child does not call
// execve(2).
int open_kqueue(int *opened);

// True if this kernel has filter_except.
bool kernel_has_except(int kqueue);

// Closes a kqueue. `generation` is the value of process_generation() in the process that opened the kqueue. In a forked
// child, the function does nothing: the child does not inherit the kqueue, so `fd` may be another file there.
void close_kqueue(int fd, uint32_t generation);

// The maximum number of events that one wait fetches. The array of events is on the stack, and each event takes up to
// 64 bytes.
constexpr size_t most_events = 256;

// Waits for at most `timeout_ns`, or for ever if `timeout_ns` is negative. Stores the events, and returns their number
// or a negative errno value. Returns 0 early if the system cannot wait that long. `capacity` is at most most_events. A
// cancellation point.
int wait_on_kqueue(int fd, struct kevent *events, size_t capacity, int64_t timeout_ns);

// A list of changes to one descriptor's knotes. `apply` makes all changes with one system call, which does not wait. If
// a signal interrupts the call, `apply` makes all changes again. Making a change twice has the same result as making it
// once.
class Changes {
public:
    explicit Changes(int fd) : ident_(static_cast<uintptr_t>(fd)) {}

    void add(int filter, uint32_t flags, uintptr_t token);

    // Returns 0, or a negative errno value if the system call itself failed. Not a cancellation point.
    int apply(int kqueue);

    // `size` returns the number of changes. The first change has the index 0. `filter` returns the filter of a change.
    // `result` returns 0 or a negative errno value for a change.
    size_t size() const { return size_; }
    int filter(size_t index) const { return static_cast<int>(list_[index].filter); }
    int result(size_t index) const { return -static_cast<int>(list_[index].data); }

private:
    uintptr_t ident_;
    size_t size_ = 0;
    struct kevent list_[6];
};

// Makes one change. Returns 0, or a negative errno value. Async-signal-safe, and not a cancellation point.
int change_knote(int kqueue, const struct kevent &change);

} // namespace mio::impl
