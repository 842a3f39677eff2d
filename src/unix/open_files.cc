// SPDX-License-Identifier: MIT
#include "unix/open_files.hpp"

#include "core/refused_call.hpp"
#include "port/ledger.hpp"
#include "unix/calls.hpp"
#include "unix/fd.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace mio::impl {

namespace {

// Stores the identity of the open file of a descriptor. Returns -EBADF for a descriptor that is not open. If fstat(2)
// fails for another reason, the function returns 0, and sets all members of *file to zero: the file is unknown.
int identify(int fd, FileIdentity *file)
{
    struct stat status;
    const int failed = result_of(fstat(fd, &status));
    *file = {};
    if (failed == -EBADF) return -EBADF;
    if (failed != 0) return 0;
    const bool always_ready = S_ISREG(status.st_mode) || S_ISDIR(status.st_mode);
    *file = {static_cast<uint64_t>(status.st_dev), status.st_ino, S_ISSOCK(status.st_mode), always_ready};
    return 0;
}

bool may_be_same(const FileIdentity &known, const FileIdentity &file)
{
    constexpr FileIdentity unknown = {};
    return known == file || known == unknown || file == unknown;
}

// Compares a descriptor with the recorded identity, and returns the result of OpenFiles::check. The library uses this
// function if it has no ledger, and if an error of the ledger does not tell which file the descriptor stands for. For
// example, a sandbox may refuse the call of the ledger, perhaps only since the registration.
int compare(int fd, const FileIdentity *known)
{
    FileIdentity file;
    const int failed = identify(fd, &file);
    if (failed != 0) return failed;
    return known == nullptr || may_be_same(*known, file) ? 0 : -ENOENT;
}

// True if a sandbox refuses the call of the ledger that returned `result` for some file. The system also returns -EPERM
// for a file that cannot be polled. So enter the ledger itself: the system returns -EINVAL, but a sandbox knows only
// the number of the call, and refuses this call too.
bool is_refused(mio_handle ledger, int result)
{
    return is_forbidden_call(result) && enter_handle(ledger, ledger) == result;
}

// True if a descriptor was opened with O_PATH. Such a descriptor cannot be polled. The library uses this check only if
// the system has no ledgers (port/ledger.hpp), because a ledger itself rejects such a descriptor.
bool is_only_a_name(int fd)
{
#ifdef O_PATH
    const int flags = result_of(fcntl(fd, F_GETFL));
    return flags >= 0 && (flags & O_PATH) != 0;
#else
    (void)fd;
    return false;
#endif
}

} // namespace

int OpenFiles::open()
{
    return open_ledger(&ledger_);
}

void OpenFiles::close()
{
    if (has_ledger()) close_fd(ledger_);
    ledger_ = MIO_HANDLE_NONE;
}

int OpenFiles::enter(int fd, const FileIdentity *known, FileIdentity *file)
{
    const int failed = identify(fd, file);
    if (failed != 0) return failed;
    if (has_ledger()) {
        const int result = enter_handle(ledger_, fd);
        // -EEXIST means that the ledger already has this open file under this number. But if `known` is null, the
        // caller's table does not have the number. This happens if the program closes the registered descriptor, and
        // then gives its number to a duplicate of the same open file, for example with dup2(2). So accept the
        // duplicate.
        if (result == -EEXIST && known == nullptr) return 0;
        if (!is_refused(ledger_, result)) return result;
        // From now on, do without the ledger in all threads. The sandbox may hold only this thread. In another thread,
        // the ledger would then report that it lacks the file of this thread.
        close();
    }
    if (known != nullptr && may_be_same(*known, *file)) return -EEXIST;
    if (is_only_a_name(fd)) return -EBADF;
    // If a file cannot be polled, poll(2) reports the file as always ready. So reject such a file at once, as epoll
    // does.
    return file->is_always_ready ? -EPERM : 0;
}

int OpenFiles::check(int fd, const FileIdentity *known) const
{
    const int entered = has_ledger() ? enter_handle(ledger_, fd) : -ENOSYS;
    if (entered == 0) (void)strike_handle(ledger_, fd);
    if (entered == 0) return -ENOENT;
    if (entered == -EEXIST) return 0;
    return entered == -EBADF ? -EBADF : compare(fd, known);
}

int OpenFiles::strike(int fd, const FileIdentity *known)
{
    const int struck = has_ledger() ? strike_handle(ledger_, fd) : -ENOSYS;
    const bool is_certain = struck == 0 || struck == -ENOENT || struck == -EBADF;
    return is_certain ? struck : compare(fd, known);
}

} // namespace mio::impl
