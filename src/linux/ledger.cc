// SPDX-License-Identifier: MIT
// On Linux, a ledger (port/ledger.hpp) is an epoll(7) instance that no thread waits on. The keys of an epoll instance
// are pairs of a descriptor and an open file. These pairs also distinguish eventfds, timerfds and similar files.
// fstat(2) cannot do this, because all such files share one inode. If the ledger already has a pair, adding the pair
// again fails, and the kernel does not poll the file. This matters for a file such as /proc/mounts: when the kernel
// polls the file, it clears the event of the file, and the program would not get this event.
#include "port/ledger.hpp"

#include "core/refused_call.hpp"
#include "linux/calls.hpp"

#include <fcntl.h>
#include <sys/epoll.h>

namespace mio::impl {

namespace {

int control(mio_handle ledger, int operation, mio_handle handle)
{
    epoll_event nothing = {};
    return result_of(epoll_ctl(ledger, operation, handle, &nothing));
}

} // namespace

int open_ledger(mio_handle *ledger)
{
    const int fd = call_epoll_create();
    const bool refused = is_refused_call(fd);
    if (fd < 0 && !refused) return fd;
    // No thread waits on the ledger, so O_NONBLOCK changes nothing. Set the flag nevertheless, so that all descriptors
    // of the poll backend have the same flags.
    if (fd >= 0) (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    *ledger = refused ? MIO_HANDLE_NONE : fd;
    return 0;
}

int enter_handle(mio_handle ledger, mio_handle handle)
{
    return control(ledger, EPOLL_CTL_ADD, handle);
}

int strike_handle(mio_handle ledger, mio_handle handle)
{
    return control(ledger, EPOLL_CTL_DEL, handle);
}

} // namespace mio::impl
