// SPDX-License-Identifier: MIT
// An I/O completion port: a queue of packets. A packet comes from an operation that has completed, or is posted.
#pragma once

#include "core/base.hpp"

#include <stddef.h>
#include <stdint.h>
#include <winsock2.h>

#include <windows.h>

namespace mio::impl {

int open_port(HANDLE *port);

// The packets of the operations of a file get this key.
int attach_to_port(HANDLE port, HANDLE file, uintptr_t key);

// Adds a packet; `value` becomes its lpOverlapped. Makes one system call, so it is safe at any time. Keeps the last
// error.
int post_packet(HANDLE port, uintptr_t key, uintptr_t value);

// Waits for packets for at most `timeout_ns`, or for ever if `timeout_ns` is negative. Returns their number, or 0 after
// a timeout. Windows may return a little early, and the longest wait is 24 days.
int wait_on_port(HANDLE port, OVERLAPPED_ENTRY *packets, size_t capacity, int64_t timeout_ns);

} // namespace mio::impl
