// SPDX-License-Identifier: MIT
// UDP datagrams with ancillary data.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"

#include <mio/udp.h>

namespace mio::impl {

int64_t send_udp_message(mio_udp_socket *socket, const mio_udp_message *message);
int64_t recv_udp_message(mio_udp_socket *socket, mio_udp_message *message);

int send_udp_batch(mio_udp_socket *socket, const mio_udp_message *messages, size_t count);
int recv_udp_batch(mio_udp_socket *socket, mio_udp_message *messages, size_t count);

} // namespace mio::impl
