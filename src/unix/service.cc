// SPDX-License-Identifier: MIT
// The protocol of service managers on Unix, described in sd_listen_fds(3) and sd_notify(3).
#include "port/service.hpp"

#include "core/timeout.hpp"
#include "port/clock.hpp"
#include "port/pipes.hpp"
#include "port/process.hpp"
#include "port/unix_messages.hpp"
#include "port/unix_sockets.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/fd.hpp"
#include "unix/masked_poll.hpp"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

namespace mio::impl {

namespace {

constexpr int first_inherited_fd = 3;

void close_in_cleanup(void *handle)
{
    close_fd(*static_cast<mio_handle *>(handle));
}

// Waits until no process has the other end of a pipe open. poll(2) then reports POLLHUP, even if `events` is 0.
int wait_for_hangup(mio_handle receiver, int64_t deadline_ns)
{
    pollfd fd = {.fd = receiver, .events = 0, .revents = 0};
    int ready;
    do {
        ready = masked_poll(&fd, 1, time_until(deadline_ns, monotonic_now()), nullptr);
    } while (ready == -EINTR);
    if (ready == 0) return -ETIMEDOUT;
    return ready < 0 ? ready : 0;
}

} // namespace

int service_variable(const char *name, const char **value)
{
    *value = trusted_environment(name);
    return 0;
}

int remove_service_variable(const char *name)
{
    return result_of(unsetenv(name));
}

int64_t service_process()
{
    return getpid();
}

int adopt_inherited_handle(size_t index, mio_handle *handle)
{
    const int fd = first_inherited_fd + static_cast<int>(index);
    const int failed = set_nonblocking_cloexec(fd);
    return failed != 0 ? failed : store_fd(fd, handle);
}

int64_t send_to_service_manager(const mio_unix_message *message)
{
    const CancelGuard guard; // otherwise a cancelled thread would not close the socket
    mio_handle handle = MIO_HANDLE_NONE;
    const int failed = open_unix_socket(UnixKind::datagram, &handle);
    if (failed != 0) return failed;
    const int64_t sent = uninterrupted([=] { return send_unix_message(handle, message); });
    close_fd(handle);
    return sent;
}

int send_barrier(const mio_unix_message *message, int64_t timeout_ns)
{
    CancelGuard guard;
    const int64_t deadline_ns = deadline_after(monotonic_now(), timeout_ns);
    mio_handle sender = MIO_HANDLE_NONE;
    mio_handle receiver = MIO_HANDLE_NONE;
    int failed = open_pipe(&sender, &receiver);
    if (failed != 0) return failed;
    mio_unix_message with_sender = *message;
    with_sender.handles = &sender;
    with_sender.handle_count = 1;
    const int64_t sent = send_to_service_manager(&with_sender);
    close_fd(sender);
    const auto wait = [=] { return wait_for_hangup(receiver, deadline_ns); };
    failed = sent < 0 ? static_cast<int>(sent) : guard.lift(close_in_cleanup, &receiver, wait);
    close_fd(receiver);
    return failed;
}

} // namespace mio::impl
