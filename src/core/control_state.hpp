// SPDX-License-Identifier: MIT
// The state of a mio_ancillary: empty, built by the program, or received. Every platform stores one of these states in
// the mio_ancillary.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

enum class ControlState : uint16_t {
    empty = 0, // 0, so that zeroed storage is empty
    built = 0x6275,
    received = 0x7265, // all other values mean that the storage is uninitialised
};

} // namespace mio::impl
