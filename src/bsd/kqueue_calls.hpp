// SPDX-License-Identifier: MIT
// kqueue(2) and kevent(2), with the types of every system that has them.
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

// The names that some systems lack. No system has this filter, and adding a knote of it is EINVAL.
constexpr int no_filter = -0x7fff;
#ifdef EVFILT_USER
constexpr int filter_user = EVFILT_USER;
constexpr uint32_t note_trigger = NOTE_TRIGGER;
#else
constexpr int filter_user = no_filter;
constexpr uint32_t note_trigger = 0;
#endif
// A system that delivers the end of such a request names its way in <signal.h>, too; macOS has the filter alone.
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

// The flags of the one filter that reads for the sake of writing: of the end of a pipe whose reader has gone. No other
// knote has both flags. The system reports it once.
constexpr uint32_t hang_up_flags = EV_CLEAR | EV_DISPATCH;

// The token of an event. Its member is a pointer on most systems, and a number on others.
inline uintptr_t token_of(const struct kevent &event)
{
    return __builtin_bit_cast(uintptr_t, event.udata);
}

FilterEvent filter_event_of(const struct kevent &event);

struct kevent knote(uintptr_t ident, int filter, uint32_t flags, uintptr_t token);

// Opens a kqueue that is close-on-exec. No child inherits it, even without exec.
int open_kqueue(int *opened);

// Closes it unless this process is a forked child of the one that opened it, where the number stands for another file.
void close_kqueue(int fd, uint32_t generation);

constexpr size_t most_events = 256; // of one wait, on the stack; an event has up to 64 bytes

// Waits for at most `timeout_ns`, or for ever if it is negative; returns early if the time is longer than the system
// can wait. `capacity` is at most most_events. A cancellation point.
int wait_on_kqueue(int fd, struct kevent *events, size_t capacity, int64_t timeout_ns);

// Changes of the knotes of one descriptor, which one call makes. The call that only changes does not wait, and if
// nevertheless a signal interrupts it, making the changes again has the same end.
class Changes {
public:
    explicit Changes(int fd) : ident_(static_cast<uintptr_t>(fd)) {}

    void add(int filter, uint32_t flags, uintptr_t token);

    // Returns 0 or a negative errno value if the call itself failed. Not a cancellation point.
    int apply(int kqueue);

    // The result of each change, in their order: 0 or a negative errno value.
    size_t size() const { return size_; }
    int result(size_t index) const { return -static_cast<int>(list_[index].data); }

private:
    uintptr_t ident_;
    size_t size_ = 0;
    struct kevent list_[4];
};

// Makes one change. Not a cancellation point; async-signal-safe.
int change_knote(int kqueue, const struct kevent &change);

} // namespace mio::impl
