// SPDX-License-Identifier: MIT
// Implements the protocol of service managers: passed descriptors, notifications, the watchdog. include/mio/service.h
// specifies each function.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

int count_passed_handles();
int adopt_passed_handle(size_t index, mio_handle *handle);
int name_passed_handle(size_t index, char *text, size_t size);
int find_passed_handle(const char *name, size_t from);

int forget_service(uint32_t variables);

int notify_manager(const char *state, const mio_handle *handles, size_t count);
int notify_reloading();
int notify_barrier(int64_t timeout_ns);

int watchdog_interval(int64_t *interval_ns);

} // namespace mio::impl
