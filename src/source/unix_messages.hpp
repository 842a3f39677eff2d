// SPDX-License-Identifier: MIT
// Messages over Unix-domain sockets, with the descriptors, credentials and addresses that accompany the bytes.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"

#include <mio/unix.h>

namespace mio::impl {

// A carrier of messages is a connection or a datagram socket. A connection can send only to its peer. On a connection,
// a message with descriptors needs at least one byte. A datagram with descriptors may be empty.
enum class Carrier { connection, datagrams };

int64_t send_message(mio_source *source, Carrier carrier, const mio_unix_message *message);
int64_t recv_message(mio_source *source, Carrier carrier, mio_unix_message *message);

int64_t send_with_handles(mio_source *source, Carrier carrier, const void *buffer, size_t length,
                          const mio_handle *handles, size_t count);

// Where to store received handles.
struct HandleRoom {
    mio_handle *handles;
    size_t capacity;
    size_t *count;
};

// Receives bytes and handles. If bytes or handles were lost, the function sets bits in *flags. If `flags` is null and
// anything was lost, the function closes all received handles and returns -EMSGSIZE.
int64_t recv_with_handles(mio_source *source, Carrier carrier, void *buffer, size_t length, const HandleRoom &room,
                          uint32_t *flags);

// Receives bytes on a connection, without handles. If handles arrive, the function closes the handles. It then reports
// the loss in *flags, or returns -EMSGSIZE if `flags` is null.
int64_t recv_record(mio_source *source, void *buffer, size_t length, uint32_t *flags);

int peer_credentials(const mio_source *source, mio_unix_credentials *credentials);

} // namespace mio::impl
