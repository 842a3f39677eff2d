// SPDX-License-Identifier: MIT
#include "source/stream_io.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

// Returns 0 if the stream is connected, -ENOTCONN if the stream is not connected, or the error of a failed connect.
int ask_connection(mio_handle handle)
{
    int error = 0;
    const int failed = socket_take_error(handle, &error);
    if (failed != 0) return failed;
    mio_addr peer;
    return error != 0 ? error : socket_peer_addr(handle, &peer);
}

int ask_connect_result(mio_handle handle)
{
    const int result = ask_connection(handle);
    if (result != -ENOTCONN) return result;
    ConnectionState state;
    const int failed = connection_state(handle, &state);
    if (failed != 0) return failed;
    if (state == ConnectionState::under_way) return -EINPROGRESS;
    // No connect is under way now. Perhaps the connect ended after the first check, so check again. The stream can
    // still be unconnected for two reasons: an earlier call has fetched the error of a failed connect, or with
    // MIO_OPTION_FAST_OPEN_CONNECT the first write will connect.
    const int ended = ask_connection(handle);
    return ended == -ENOTCONN && state == ConnectionState::open ? 0 : ended;
}

} // namespace

int finish_connect(mio_source *source)
{
    return do_io(source, any_stream, MIO_WRITABLE, ask_connect_result);
}

} // namespace mio::impl
