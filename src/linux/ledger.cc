// SPDX-License-Identifier: MIT
// The ledger of Linux is an instance of epoll(7) that nobody waits on: its entries are pairs of a number and an open file,
// which is more than fstat(2) can tell apart, since eventfd, timerfd and their like share one inode. Adding a pair that
// is there fails before the kernel looks at the file: a look would take back what some files report only once.
#include "port/ledger.hpp"

#include "unix/calls.hpp"

#include <errno.h>
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
    const int fd = result_of(epoll_create1(EPOLL_CLOEXEC));
    const bool refused = fd == -ENOSYS || fd == -EPERM || fd == -EACCES;
    if (fd < 0 && !refused) return fd;
    // Nobody waits on it; a process that looks at its descriptors finds them all alike.
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
    // The kernel says EPERM of what cannot be polled; it was not entered.
    const int result = control(ledger, EPOLL_CTL_DEL, handle);
    return result == -EPERM ? -ENOENT : result;
}

} // namespace mio::impl
