// SPDX-License-Identifier: MIT
// Writes to any descriptor without SIGPIPE. Linux 6.18 and later have a flag for this, RWF_NOSIGNAL, which is not
// limited to sockets.
#include "unix/quiet_write.hpp"

#include "core/refused_call.hpp"
#include "core/sanitizer.hpp"
#include "core/sync.hpp"
#include "linux/calls.hpp"
#include "unix/write_signals.hpp"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

namespace mio::impl {

namespace {

constexpr int rwf_nosignal = 0x100; // RWF_NOSIGNAL of <linux/fs.h>; the header may be older than the running kernel

// One variable is enough for all descriptors, because the kernel either has the flag or lacks it. As long as the value
// is `may_exist`, each write to a kernel without the flag makes two system calls, and the first system call fails.
enum : uint32_t { not_known, may_exist, unusable };
Atomic<uint32_t> flag{not_known};

// Decides before the first write whether to try the flag. The sanitizers know writev(2), but not pwritev2(2). So with
// pwritev2(2), AddressSanitizer would miss a read beyond the end of a buffer, and ThreadSanitizer would not know that a
// read from a pipe comes after the write.
[[gnu::noinline]] bool may_try_flag()
{
    if (flag.load() == not_known) (void)flag.exchange_if(not_known, has_sanitizer() ? unusable : may_exist);
    return flag.load() == may_exist;
}

bool is_fifo(int fd)
{
    struct stat status;
    return result_of(fstat(fd, &status)) == 0 && S_ISFIFO(status.st_mode);
}

// True if the error `result` can mean that the kernel does not know the system call or the flag, or that a sandbox
// refuses the system call.
bool is_refusal(long result)
{
    return result == -ENOTSUP || is_refused_call(result);
}

// Stops using the flag if the error `result` proves that the kernel lacks RWF_NOSIGNAL. An error from a pipe proves
// that the kernel lacks RWF_NOSIGNAL, because a kernel with RWF_NOSIGNAL accepts it for every pipe. Some other kinds of
// descriptor reject RWF_NOSIGNAL on every kernel. EINVAL proves nothing: every kernel returns it for a length that is
// too large, and no kernel returns it for an unknown flag.
void learn_from_refusal(int fd, long result)
{
    if (result == -ENOSYS || (result != -EINVAL && is_fifo(fd))) flag.store(unusable);
}

} // namespace

// Consumes the pending signals in `set`. A write raises SIGPIPE for its thread alone. sigtimedwait(2) consumes the
// thread's signals before the signals of the process. So if a SIGPIPE for the whole process arrives at the same time,
// that SIGPIPE stays pending.
void take_pending(const sigset_t &set)
{
    (void)uninterrupted([&] { return call_sigtimedwait_now(&set); });
}

long write_quietly(int fd, const iovec *pieces, size_t count)
{
    if (!MIO_LIKELY(flag.load() == may_exist) && !may_try_flag()) return write_file_quietly(fd, pieces, count);
    const long result = call_pwritev2(fd, pieces, count, rwf_nosignal);
    if (!MIO_UNLIKELY(is_refusal(result))) return result;
    learn_from_refusal(fd, result);
    return write_file_quietly(fd, pieces, count);
}

} // namespace mio::impl
