// SPDX-License-Identifier: MIT
// Windows has no signals. Its console control events are not delivered yet.
#include "windows/mechanisms.hpp"

#include <errno.h>

namespace mio::impl {

int signal_set_of(const int *, size_t, SignalSet *)
{
    return -ENOTSUP;
}

namespace {

int open_console(const SignalSet &, uint32_t *, mio_handle *)
{
    return -ENOTSUP;
}

bool stop_console(const SignalSet &, uint32_t)
{
    return true;
}

int recv_console(mio_handle, uint32_t, mio_signal_info *)
{
    return -ENOTSUP;
}

} // namespace

constinit const SignalMechanism signal_console = {"console", open_console, stop_console, recv_console};

} // namespace mio::impl
