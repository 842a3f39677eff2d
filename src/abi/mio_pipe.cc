// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/pipe_ends.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_pipe_pair(mio_pipe_sender *sender, mio_pipe_receiver *receiver)
{
    if (sender == nullptr || receiver == nullptr) return -EINVAL;
    return open_pipe_pair(sender, receiver);
}

MIO_EXPORT int mio_pipe_sender_from_handle(mio_pipe_sender *sender, mio_handle handle)
{
    return sender != nullptr ? adopt_sender(sender, handle) : -EINVAL;
}

MIO_EXPORT int mio_pipe_receiver_from_handle(mio_pipe_receiver *receiver, mio_handle handle)
{
    return receiver != nullptr ? adopt_receiver(receiver, handle) : -EINVAL;
}

MIO_EXPORT int64_t mio_pipe_sender_write(mio_pipe_sender *sender, const void *buffer, size_t length)
{
    return sender != nullptr ? write_pipe(sender, buffer, length) : -EINVAL;
}

MIO_EXPORT int64_t mio_pipe_sender_writev(mio_pipe_sender *sender, const mio_iovec *pieces, size_t count)
{
    if (sender == nullptr || pieces == nullptr) return -EINVAL;
    return writev_pipe(sender, pieces, count);
}

MIO_EXPORT int64_t mio_pipe_receiver_read(mio_pipe_receiver *receiver, void *buffer, size_t length)
{
    return receiver != nullptr ? read_pipe(receiver, buffer, length) : -EINVAL;
}

MIO_EXPORT int64_t mio_pipe_receiver_readv(mio_pipe_receiver *receiver, const mio_iovec *pieces, size_t count)
{
    if (receiver == nullptr || pieces == nullptr) return -EINVAL;
    return readv_pipe(receiver, pieces, count);
}
