// SPDX-License-Identifier: MIT
// Numbers for poll objects. A source remembers in two bytes which poll object it is registered with, and an error can
// distinguish a live poll object from a freed one.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// Returns a number from 1 on that no live poll object has; 0 if all 65535 are taken. Numbers are reused as late as
// possible. A source left registered with a freed poll object can be registered elsewhere at once; only after 65,535
// more poll objects can a stale number match a live one, and then deregistering clears it.
uint16_t take_poll_number();
void return_poll_number(uint16_t number);

bool is_poll_number_taken(uint16_t number);

} // namespace mio::impl
