// SPDX-License-Identifier: MIT
// Functions for the protocol between a service manager, such as systemd, and its service. The manager sets environment
// variables and passes handles. The service sends datagrams to a Unix socket of the manager. On a platform without this
// protocol, every function returns -ENOTSUP, and callers pass this error on.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <mio/unix.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// Calls trusted_environment (port/process.hpp) for the variable `name`, and stores the returned pointer in *value.
int service_variable(const char *name, const char **value);

// Removes a variable from the environment.
int remove_service_variable(const char *name);

// Returns the pid of this process.
int64_t service_process();

// Stores an inherited handle, and makes it non-blocking and close-on-exec. The first inherited handle has the index 0.
int adopt_inherited_handle(size_t index, mio_handle *handle);

// Sends the message as a datagram to `message->addr`, from a new socket. Returns the length of the datagram. Not a
// cancellation point.
int64_t send_to_service_manager(const mio_unix_message *message);

// Sends one end of a new pipe with the message, and waits until no process has this end open. Returns 0 or a negative
// errno value. If a process still has this end open when `timeout_ns` has passed, the error is -ETIMEDOUT. A
// cancellation point.
int send_barrier(const mio_unix_message *message, int64_t timeout_ns);

} // namespace mio::impl
