// SPDX-License-Identifier: MIT
// Receives signals through signalfd(2). The signals stay blocked, and the kernel queues the signals until the library
// reads them.
#include "linux/mechanisms.hpp"
#include "unix/calls.hpp"
#include "unix/errno_guard.hpp"
#include "unix/fd.hpp"
#include "unix/signal_mask.hpp"
#include "unix/signal_uses.hpp"

#include <errno.h>
#include <sys/signalfd.h>

namespace mio::impl {

namespace {

int open_signal_fd(const SignalSet &set, uint32_t *cookie, mio_handle *opened)
{
    const sigset_t wanted = sigset_of(set);
    const int fd = result_of(signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
    if (fd < 0) return fd;
    const int failed = enter_signals(set, nullptr, nullptr, 0);
    if (failed != 0) {
        close_fd(fd);
        return failed;
    }
    *cookie = 0;
    return store_fd(fd, opened);
}

bool stop_signal_fd(const SignalSet &set, uint32_t)
{
    const ErrnoGuard guard;
    leave_signals(set);
    return true;
}

int recv_from_signal_fd(mio_handle handle, uint32_t, mio_signal_info *info)
{
    signalfd_siginfo raw;
    const long result = uninterrupted([&] { return call_read(handle, &raw, sizeof raw); });
    if (result < 0) return static_cast<int>(result);
    // A read from a signalfd returns one whole record or fails. Any other result means that the program has closed the
    // descriptor, and that its number now stands for another file.
    if (result != sizeof raw) return -EBADF;
    info->number = static_cast<int32_t>(raw.ssi_signo);
    info->code = raw.ssi_code;
    info->pid = static_cast<int32_t>(raw.ssi_pid);
    info->uid = raw.ssi_uid;
    info->status = raw.ssi_status;
    info->value = raw.ssi_int;
    info->overrun = static_cast<int32_t>(raw.ssi_overrun);
    info->pointer = raw.ssi_ptr;
    return 1;
}

} // namespace

const SignalMechanism signal_fd = {
    .name = "signalfd",
    .open = open_signal_fd,
    .stop = stop_signal_fd,
    .recv = recv_from_signal_fd,
};

} // namespace mio::impl
