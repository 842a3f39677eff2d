// SPDX-License-Identifier: MIT
#include "source/pipe_ends.hpp"

namespace mio::impl {

int open_pipe_pair(mio_pipe_sender *sender, mio_pipe_receiver *receiver)
{
    mio_handle written;
    mio_handle read;
    const int failed = open_pipe(&written, &read);
    if (failed != 0) return failed;
    set_open(&sender->source, SourceKind::pipe_sender, written);
    set_open(&receiver->source, SourceKind::pipe_receiver, read);
    return 0;
}

int adopt_sender(mio_pipe_sender *sender, mio_handle handle)
{
    const int failed = adopt_pipe_end(handle, PipeEnd::sender);
    if (failed == 0) set_open(&sender->source, SourceKind::pipe_sender, handle);
    return failed;
}

int adopt_receiver(mio_pipe_receiver *receiver, mio_handle handle)
{
    const int failed = adopt_pipe_end(handle, PipeEnd::receiver);
    if (failed == 0) set_open(&receiver->source, SourceKind::pipe_receiver, handle);
    return failed;
}

} // namespace mio::impl
