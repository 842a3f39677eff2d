// SPDX-License-Identifier: MIT
// Waits for events with epoll(7), and defines epoll_selector, the selector of Linux. The selector keeps no record of
// its registrations. The kernel stores the token and the interest of each registration, and writes tokens directly into
// the caller's array.
#include "core/race_detector.hpp"
#include "core/refused_call.hpp"
#include "core/sanitizer.hpp"
#include "core/sync.hpp"
#include "core/timeout.hpp"
#include "linux/calls.hpp"
#include "linux/epoll_list.hpp"
#include "linux/mechanisms.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/errno_guard.hpp"
#include "unix/fd.hpp"
#include "unix/poll_bits.hpp"
#include "unix/wait_time.hpp"

#include <errno.h>
#include <limits.h>
#include <mio/poll.h>
#include <string.h>
#include <sys/epoll.h>

namespace mio::impl {

namespace {

struct EpollState {
    int fd;
};

EpollState &state_of(void *state)
{
    return *static_cast<EpollState *>(state);
}

const EpollState &state_of(const void *state)
{
    return *static_cast<const EpollState *>(state);
}

// ---- events -------------------------------------------------------------------------------------------------------

// The kernel uses the same bits for epoll(7) and poll(2).
static_assert(EPOLLIN == POLLIN && EPOLLPRI == POLLPRI && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR &&
              EPOLLHUP == POLLHUP && EPOLLRDHUP == POLLRDHUP);

// epoll reports six bits. A table of 64 entries has the readiness for each combination.
constexpr uint32_t low_bits = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLERR | EPOLLHUP;
static_assert(low_bits == 0x1f && EPOLLRDHUP == 0x20 << 8);

struct ReadinessTable {
    uint8_t entry[64];

    constexpr ReadinessTable() : entry()
    {
        for (uint32_t index = 0; index < 64; index++) {
            entry[index] = static_cast<uint8_t>(readiness_of((index & low_bits) | ((index & 0x20) << 8)));
        }
    }

    // Nearly every event lacks EPOLLRDHUP. If an event lacks EPOLLRDHUP, the number `bits` is the index in `entry`.
    uint32_t operator[](uint32_t bits) const
    {
        return entry[__builtin_expect(bits <= low_bits, 1) ? bits : (bits & low_bits) | ((bits >> 8) & 0x20)];
    }
};

constexpr ReadinessTable readiness_table;

// When a wait returns, the start of the caller's array contains the events of the kernel. A kernel event is not larger
// than a mio_event. rewrite_events converts the events from the last to the first. So rewrite_events needs no second
// array, and reads each event before it overwrites the event.
static_assert(sizeof(epoll_event) <= sizeof(mio_event));

void rewrite_events(mio_event *events, long count)
{
    const char *raw = reinterpret_cast<const char *>(events) + count * static_cast<long>(sizeof(epoll_event));
    // This loop is most of the cost that libmio adds to a wait. Unrolled, the loop takes 9 instructions per event
    // instead of 12 (bench/count.sh).
#pragma GCC unroll 4
    for (mio_event *event = events + count; event-- != events;) {
        raw -= sizeof(epoll_event);
        epoll_event native;
        memcpy(&native, raw, sizeof native);
        event->token = static_cast<uintptr_t>(native.data.u64);
        event->readiness = readiness_table[native.events];
        event->os_bits = native.events;
    }
}

// ---- waiting ------------------------------------------------------------------------------------------------------

// `precision` records whether the process can use epoll_pwait2. epoll_pwait2 counts time in nanoseconds. Kernels before
// 5.11 lack the call. Older sandboxes forbid the call. The library probes for the call only once. If the program enters
// a sandbox later, wait_timed changes `precision`.
enum : uint32_t { not_known, counts_nanoseconds, counts_milliseconds };
Atomic<uint32_t> precision{not_known};

bool has_nanoseconds()
{
    if (MIO_UNLIKELY(precision.load() == not_known)) {
        const CancelGuard guard;
        epoll_event unused;
        // -1 is not an open descriptor. So if the process can use epoll_pwait2, the call fails with EBADF.
        const long result = call_epoll_pwait2(-1, &unused, 1, {}, nullptr);
        (void)precision.exchange_if(not_known, result == -EBADF ? counts_nanoseconds : counts_milliseconds);
    }
    return precision.load() == counts_nanoseconds;
}

long wait_milliseconds(int fd, void *events, int capacity, int64_t timeout_ns, const void *sigmask)
{
    constexpr int64_t longest_ns = INT_MAX * nanoseconds_per_millisecond; // 24.8 days
    return wait_in_pieces(timeout_ns, longest_ns, [=](int64_t piece_ns) {
        return call_epoll_wait(fd, events, capacity, milliseconds_rounded_up(piece_ns), sigmask);
    });
}

// Waits for a limited time. Uses epoll_wait for a whole number of milliseconds, because more debuggers and tracers
// know epoll_wait than epoll_pwait2. This function is not inline. If it were inline, its caller would save more
// registers, even for a wait without a time limit.
[[gnu::noinline]] long wait_timed(int fd, void *events, int capacity, int64_t timeout_ns, const void *sigmask)
{
    if (timeout_ns % nanoseconds_per_millisecond != 0 && has_nanoseconds()) {
        const long count = wait_in_pieces(timeout_ns, longest_wait_ns, [=](int64_t piece_ns) {
            return call_epoll_pwait2(fd, events, capacity, timespec_of(piece_ns), sigmask);
        });
        // The MemorySanitizer of Clang 14 does not know epoll_pwait2.
        if (count > 0) tell_stored(events, static_cast<size_t>(count) * sizeof(epoll_event));
        if (!MIO_UNLIKELY(is_forbidden_call(count))) return count;
        precision.store(counts_milliseconds);
    }
    return wait_milliseconds(fd, events, capacity, timeout_ns, sigmask);
}

int epoll_wait_events(void *state, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask)
{
    const int fd = state_of(state).fd;
    constexpr size_t most = INT_MAX / sizeof(epoll_event); // the kernel's EP_MAX_EVENTS
    const int room = static_cast<int>(capacity < most ? capacity : most);
    // The timeout of epoll_wait is in milliseconds. This is too coarse for a positive timeout, so pass a positive
    // timeout to wait_timed.
    const long count = timeout_ns > 0 ? wait_timed(fd, events, room, timeout_ns, sigmask)
                                      : call_epoll_wait(fd, events, room, timeout_ns < 0 ? -1 : 0, sigmask);
    if (count > 0) rewrite_events(events, count);
    return static_cast<int>(count);
}

// ---- registering --------------------------------------------------------------------------------------------------

uint32_t bits_of(uint32_t interest)
{
    const bool exclusive = (interest & MIO_EXCLUSIVE) != 0;
    uint32_t bits = poll_bits_of(interest);
    // The kernel rejects EPOLLRDHUP on an exclusive registration, but still reports EPOLLIN at the end of a stream.
    // Leave EPOLLRDHUP out for a notifier as well: linux/epoll_list.cc recognises a notifier by the missing EPOLLRDHUP.
    if (exclusive || (interest & interest_notifier) != 0) bits &= ~uint32_t{EPOLLRDHUP};
    if ((interest & MIO_LEVEL) == 0) bits |= EPOLLET;
    if ((interest & MIO_ONESHOT) != 0) bits |= EPOLLONESHOT;
    if (exclusive) bits |= EPOLLEXCLUSIVE;
    return bits;
}

// EPERM means that epoll cannot poll the file. So the file is not registered.
int of_registered(int result)
{
    return result == -EPERM ? -ENOENT : result;
}

int control(void *state, int operation, int fd, uintptr_t token, uint32_t interest)
{
    const int epoll_fd = state_of(state).fd;
    epoll_event event = {};
    event.events = bits_of(interest);
    event.data.u64 = token;
    return result_of(epoll_ctl(epoll_fd, operation, fd, &event));
}

int epoll_add(void *state, mio_handle handle, uintptr_t token, uint32_t interest)
{
    return control(state, EPOLL_CTL_ADD, handle, token, interest);
}

int epoll_modify(void *state, mio_handle handle, uintptr_t token, uint32_t interest)
{
    // Before epoll_ctl(2) returns, another thread can get an event of the handle and close the handle. A race detector
    // treats epoll_ctl(2) as a read of the descriptor. The detector must not report a race between this read and the
    // close.
    const IgnoredReads guard;
    return of_registered(control(state, EPOLL_CTL_MOD, handle, token, interest));
}

int epoll_remove(void *state, mio_handle handle)
{
    const ErrnoGuard guard;
    return of_registered(result_of(epoll_ctl(state_of(state).fd, EPOLL_CTL_DEL, handle, nullptr)));
}

// ---- the selector itself ------------------------------------------------------------------------------------------

int epoll_open(void *state)
{
    const int fd = call_epoll_create();
    if (fd < 0) return fd;
    (void)has_nanoseconds(); // probe for epoll_pwait2 here, so that registrations and waits need not probe
    state_of(state) = {fd};
    return 0;
}

void epoll_close(void *state)
{
    close_fd(state_of(state).fd);
}

uint32_t epoll_capabilities(const void *)
{
    constexpr uint32_t always = MIO_CAN_EDGE | MIO_CAN_LEVEL | MIO_CAN_ONESHOT | MIO_CAN_EXCLUSIVE | MIO_CAN_PRIORITY |
                                MIO_CAN_CLOSED | MIO_CAN_NEST | MIO_CAN_SIGMASK | MIO_CAN_CLOSE;
    return always | (has_nanoseconds() ? MIO_CAN_NS : 0);
}

int epoll_list(void *state, const RegistrationVisitor &visitor)
{
    return list_epoll(state_of(state).fd, visitor);
}

int epoll_handle(const void *state, mio_handle *handle)
{
    *handle = state_of(state).fd;
    return 0;
}

} // namespace

const Selector epoll_selector = {
    .name = "epoll",
    .state_size = sizeof(EpollState),
    .add_replaces = false,
    .open = epoll_open,
    .close = epoll_close,
    .retire = nullptr,
    .capabilities = epoll_capabilities,
    .add = epoll_add,
    .modify = epoll_modify,
    .remove = epoll_remove,
    .rearm = nullptr,
    .wait = wait_in_epoch<epoll_wait_events>,
    .list = epoll_list,
    .handle = epoll_handle,
    .notifier = nullptr,
};

} // namespace mio::impl
