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

// The keys of packets. With key_afd, the value of a packet is the address of an AfdOperation. With key_waker, the value
// is the serial number of a waker. With key_pipe, the value is the address of a PipeOperation.
constexpr uintptr_t key_afd = 1;
constexpr uintptr_t key_waker = 2;
constexpr uintptr_t key_pipe = 3;

int open_port(HANDLE *port);

// Attaches a file to the port. When an operation of the file completes, the port gets a packet with this key.
int attach_to_port(HANDLE port, HANDLE file, uintptr_t key);

// Adds a packet to the port. The member lpOverlapped of the packet becomes `value`. The function makes one system call
// and takes no lock, so any thread can call the function at any time. The function does not change the result of
// GetLastError.
int post_packet(HANDLE port, uintptr_t key, uintptr_t value);

// Waits for packets for at most `timeout_ns`, or for ever if `timeout_ns` is negative. Returns the number of packets,
// or 0 after a timeout. The function may return a little early, and waits for at most 24 days.
int wait_on_port(HANDLE port, OVERLAPPED_ENTRY *packets, size_t capacity, int64_t timeout_ns);

} // namespace mio::impl
