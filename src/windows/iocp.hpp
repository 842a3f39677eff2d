// SPDX-License-Identifier: MIT
// An I/O completion port: a queue of packets. Each completed operation adds a packet, and each call of post_packet adds
// a packet.
#pragma once

#include "core/base.hpp"

#include <stddef.h>
#include <stdint.h>
#include <winsock2.h>

#include <windows.h>

namespace mio::impl {

int open_port(HANDLE *port);

// The operations of the file complete on the port, and their packets have this key.
int attach_to_port(HANDLE port, HANDLE file, uintptr_t key);

// Adds a packet. The lpOverlapped of the packet is `value`. Makes one system call, so any thread can call the function
// at any time. Keeps the last error.
int post_packet(HANDLE port, uintptr_t key, uintptr_t value);

// Waits for packets for at most `timeout_ns`, or for ever if `timeout_ns` is negative. Returns the number of packets,
// or 0 after a timeout. Windows may return a little early, and the longest wait is 24 days.
int wait_on_port(HANDLE port, OVERLAPPED_ENTRY *packets, size_t capacity, int64_t timeout_ns);

} // namespace mio::impl
