// SPDX-License-Identifier: MIT
// Waits with ppoll(2) of POSIX.1-2024, which Linux and most BSDs have. A sandbox can refuse the call, perhaps only
// after the program has started.
#include "unix/masked_poll.hpp"

#include "core/refused_call.hpp"
#include "core/sync.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/plain_poll.hpp"
#include "unix/wait_time.hpp"

#include <mio/poll.h>

namespace mio::impl {

namespace {

enum : uint32_t { not_known, is_there, is_missing };
Atomic<uint32_t> ppoll_state{not_known};

// Probes for ppoll(2) at the first call, and stores the result for all threads.
bool has_ppoll()
{
    if (MIO_UNLIKELY(ppoll_state.load() == not_known)) {
        const CancelGuard guard;
        const timespec now = {};
        const int result = result_of(ppoll(nullptr, 0, &now, nullptr));
        (void)ppoll_state.exchange_if(not_known, is_refused_call(result) ? is_missing : is_there);
    }
    return ppoll_state.load() == is_there;
}

int call_ppoll(pollfd *fds, size_t size, int64_t timeout_ns, const sigset_t *sigmask)
{
    if (timeout_ns < 0) return result_of(ppoll(fds, size, nullptr, sigmask));
    return wait_in_pieces(timeout_ns, longest_wait_ns, [=](int64_t piece_ns) {
        const timespec timeout = timespec_of(piece_ns);
        return result_of(ppoll(fds, size, &timeout, sigmask));
    });
}

} // namespace

uint32_t masked_poll_capabilities()
{
    return has_ppoll() ? MIO_CAN_NS | MIO_CAN_SIGMASK : 0;
}

int masked_poll(pollfd *fds, size_t size, int64_t timeout_ns, const sigset_t *sigmask)
{
    if (has_ppoll()) {
        const int count = call_ppoll(fds, size, timeout_ns, sigmask);
        if (!MIO_UNLIKELY(is_forbidden_call(count))) return count;
        ppoll_state.store(is_missing);
    }
    return plain_poll(fds, size, timeout_ns, sigmask);
}

} // namespace mio::impl
