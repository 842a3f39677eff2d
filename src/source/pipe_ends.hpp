// SPDX-License-Identifier: MIT
// The two ends of a pipe.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"
#include "port/pipes.hpp"

#include <mio/pipe.h>

namespace mio::impl {

int open_pipe_pair(mio_pipe_sender *sender, mio_pipe_receiver *receiver);
int adopt_sender(mio_pipe_sender *sender, mio_handle handle);
int adopt_receiver(mio_pipe_receiver *receiver, mio_handle handle);

} // namespace mio::impl
