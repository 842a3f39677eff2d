// SPDX-License-Identifier: MIT
#include "windows/afd.hpp"

#include "windows/iocp.hpp"

#include <errno.h>
#include <mswsock.h>

namespace mio::impl {

namespace {

constexpr DWORD sio_base_handle = 0x48000022;
constexpr DWORD sio_bsp_handle_poll = 0x4800001d;

int error_of(NTSTATUS status)
{
    switch (status) {
    case nt_no_memory:
    case nt_insufficient_resources:
    case nt_quota_exceeded:
        return -ENOMEM;
    case nt_too_many_handles:
        return -EMFILE;
    default:
        return -ENOSYS;
    }
}

// True if the handle is a socket. On some systems, the requests of socket_below succeed even if the handle is not a
// socket, so base_socket checks the handle first.
bool is_socket(SOCKET socket)
{
    int type;
    int length = sizeof type;
    return getsockopt(socket, SOL_SOCKET, SO_TYPE, reinterpret_cast<char *>(&type), &length) == 0;
}

// Winsock providers can be stacked in layers. Returns the socket of the provider that is one layer below the provider
// of `socket`. Returns INVALID_SOCKET if the provider of `socket` does not report that socket.
SOCKET socket_below(SOCKET socket, DWORD question)
{
    SOCKET below = INVALID_SOCKET;
    DWORD length;
    const int failed = WSAIoctl(socket, question, nullptr, 0, &below, sizeof below, &length, nullptr, nullptr);
    return failed == 0 ? below : INVALID_SOCKET;
}

} // namespace

int open_afd(HANDLE port, uintptr_t key, HANDLE *afd)
{
    // The last part of the name, "Mio", shows which library has opened the handle. AFD ignores this part.
    wchar_t text[] = L"\\Device\\Afd\\Mio";
    UNICODE_STRING name = {.Length = sizeof text - sizeof *text, .MaximumLength = sizeof text, .Buffer = text};
    OBJECT_ATTRIBUTES attributes = {};
    attributes.Length = sizeof attributes;
    attributes.ObjectName = &name;
    IO_STATUS_BLOCK result;
    const NTSTATUS status = NtCreateFile(afd, SYNCHRONIZE, &attributes, &result, nullptr, 0,
                                         FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, 0, nullptr, 0);
    if (status != nt_success) return error_of(status);
    int failed = attach_to_port(port, *afd, key);
    // Threads wait on the port and never on the handle, so completed operations need not signal the handle.
    if (failed == 0 && !SetFileCompletionNotificationModes(*afd, FILE_SKIP_SET_EVENT_ON_HANDLE)) failed = -ENOSYS;
    if (failed != 0) CloseHandle(*afd);
    return failed;
}

int check_handle(mio_handle handle)
{
    DWORD flags;
    // Some negative handles stand for objects that are always open, such as this process. So reject every negative
    // handle.
    if (handle < 0) return -EBADF;
    return GetHandleInformation(reinterpret_cast<HANDLE>(handle), &flags) ? 0 : -EBADF;
}

int base_socket(mio_handle handle, SOCKET *base)
{
    SOCKET socket = static_cast<SOCKET>(handle);
    while (is_socket(socket)) {
        *base = socket_below(socket, sio_base_handle);
        if (*base != INVALID_SOCKET) return 0;
        // Some layered providers do not answer the request sio_base_handle correctly, so try the request
        // sio_bsp_handle_poll. WSAPoll makes this second request, so most providers support it. The answer is the
        // socket of the next lower provider.
        const SOCKET below = socket_below(socket, sio_bsp_handle_poll);
        if (below == INVALID_SOCKET || below == socket) break;
        socket = below;
    }
    const int wrong = check_handle(handle);
    return wrong != 0 ? wrong : -EPERM;
}

// Marks a socket, by setting its mode FILE_SKIP_SET_EVENT_ON_HANDLE. With this mode, the system does not set the handle
// of the socket to the signaled state when an operation completes. This does no harm, because Winsock never waits for
// this state.
bool mark_socket(mio_handle handle)
{
    return SetFileCompletionNotificationModes(reinterpret_cast<HANDLE>(handle), FILE_SKIP_SET_EVENT_ON_HANDLE) != 0 &&
           is_marked(handle);
}

bool is_marked(mio_handle handle)
{
    ULONG modes = 0;
    IO_STATUS_BLOCK result;
    const NTSTATUS status = NtQueryInformationFile(reinterpret_cast<HANDLE>(handle), &result, &modes, sizeof modes,
                                                   file_notification_modes);
    return status == nt_success && (modes & FILE_SKIP_SET_EVENT_ON_HANDLE) != 0;
}

bool submit_poll(HANDLE afd, AfdOperation *operation, SOCKET base, uint32_t bits)
{
    AfdPollInfo *info = &operation->info;
    *info = {};
    info->timeout.QuadPart = INT64_MAX;
    info->count = 1;
    info->socket.handle = reinterpret_cast<HANDLE>(base);
    info->socket.events = bits;
    operation->status.Status = nt_pending;
    const NTSTATUS status = NtDeviceIoControlFile(afd, nullptr, nullptr, operation, &operation->status, ioctl_afd_poll,
                                                  info, sizeof *info, info, sizeof *info);
    if (status >= 0) return true;
    operation->status.Status = status;
    return false;
}

void cancel_poll(HANDLE afd, AfdOperation *operation)
{
    IO_STATUS_BLOCK result;
    // If the operation has already completed, the call fails and changes nothing.
    (void)NtCancelIoFileEx(afd, &operation->status, &result);
}

Ending ending_of(const AfdOperation &operation, uint32_t *bits)
{
    *bits = 0;
    const NTSTATUS status = operation.status.Status;
    if (status == nt_cancelled) return Ending::cancelled;
    // If the program has closed the socket, the handle may now belong to an object of another type.
    if (status == nt_invalid_handle || status == nt_wrong_object_type) return Ending::closed;
    if (status < 0) return Ending::refused;
    if (operation.info.count != 0) *bits = operation.info.socket.events;
    return Ending::success;
}

} // namespace mio::impl
