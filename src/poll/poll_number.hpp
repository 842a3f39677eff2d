// SPDX-License-Identifier: MIT
// Numbers for poll objects, so that a source can remember in two bytes which one it is registered with, and an error
// can tell a poll object that lives from one that has been freed.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// A number that no living poll object has, from 1 on; 0 when all 65535 are taken. Freed numbers are used again last: a
// source that was left registered with a freed poll object is free for any other until 65535 more have been made, and
// then once more when the one that has the number is told to forget it.
uint16_t take_poll_number();
void return_poll_number(uint16_t number);

bool is_poll_number_taken(uint16_t number);

} // namespace mio::impl
