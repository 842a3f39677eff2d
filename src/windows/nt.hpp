// SPDX-License-Identifier: MIT
// Declarations of Windows NT that no public header has.
#pragma once

#include "core/base.hpp"

#include <stdint.h>
#include <winsock2.h>

#include <winternl.h>

namespace mio::impl {

constexpr NTSTATUS nt_success = 0;
constexpr NTSTATUS nt_pending = 0x103;
constexpr NTSTATUS nt_cancelled = static_cast<NTSTATUS>(0xc0000120);
constexpr NTSTATUS nt_invalid_handle = static_cast<NTSTATUS>(0xc0000008);
constexpr NTSTATUS nt_wrong_object_type = static_cast<NTSTATUS>(0xc0000024);
constexpr NTSTATUS nt_no_memory = static_cast<NTSTATUS>(0xc0000017);
constexpr NTSTATUS nt_insufficient_resources = static_cast<NTSTATUS>(0xc000009a);
constexpr NTSTATUS nt_quota_exceeded = static_cast<NTSTATUS>(0xc0000044);
constexpr NTSTATUS nt_too_many_handles = static_cast<NTSTATUS>(0xc000011f);

// IOCTL_AFD_POLL and its argument. AFD stores the result in the argument. One request can poll several sockets, but the
// library polls one socket per request.
constexpr ULONG ioctl_afd_poll = 0x12024;

struct AfdPollInfo {
    LARGE_INTEGER timeout;
    ULONG count;
    ULONG exclusive;
    struct {
        HANDLE handle;
        ULONG events;
        NTSTATUS status;
    } socket;
};

// The number of the information class FileIoCompletionNotificationInformation. The information is one ULONG.
constexpr auto file_notification_modes = static_cast<FILE_INFORMATION_CLASS>(41);

} // namespace mio::impl

extern "C" NTSTATUS NTAPI NtCancelIoFileEx(HANDLE file, IO_STATUS_BLOCK *request, IO_STATUS_BLOCK *result);
