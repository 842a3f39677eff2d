// SPDX-License-Identifier: MIT
#include "windows/iocp.hpp"

#include "core/timeout.hpp"

#include <errno.h>

namespace mio::impl {

int open_port(HANDLE *port)
{
    *port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 0);
    return *port != nullptr ? 0 : -ENOMEM;
}

int attach_to_port(HANDLE port, HANDLE file, uintptr_t key)
{
    return CreateIoCompletionPort(file, port, key, 0) == port ? 0 : -ENOMEM;
}

int post_packet(HANDLE port, uintptr_t key, uintptr_t value)
{
    const DWORD error = GetLastError();
    const BOOL posted = PostQueuedCompletionStatus(port, 0, key, reinterpret_cast<OVERLAPPED *>(value));
    const int result = posted ? 0 : GetLastError() == ERROR_INVALID_HANDLE ? -EBADF : -ENOMEM;
    SetLastError(error);
    return result;
}

int wait_on_port(HANDLE port, OVERLAPPED_ENTRY *packets, size_t capacity, int64_t timeout_ns)
{
    const DWORD milliseconds = static_cast<DWORD>(milliseconds_rounded_up(timeout_ns)); // -1 is INFINITE
    ULONG count = 0;
    if (GetQueuedCompletionStatusEx(port, packets, static_cast<ULONG>(capacity), &count, milliseconds, FALSE)) {
        return static_cast<int>(count);
    }
    // The call fails after a timeout, or if the port does not exist.
    return GetLastError() == WAIT_TIMEOUT ? 0 : -EBADF;
}

} // namespace mio::impl
