/* SPDX-License-Identifier: MIT */
#include "transport.h"

int64_t stream_read(struct stream *stream, void *buffer, size_t length)
{
    return stream->transport == TRANSPORT_TCP ? mio_tcp_stream_read(&stream->tcp, buffer, length)
                                              : mio_unix_stream_read(&stream->local, buffer, length);
}

int64_t stream_write(struct stream *stream, const void *buffer, size_t length)
{
    return stream->transport == TRANSPORT_TCP ? mio_tcp_stream_write(&stream->tcp, buffer, length)
                                              : mio_unix_stream_write(&stream->local, buffer, length);
}

int stream_end(struct stream *stream)
{
    return stream->transport == TRANSPORT_TCP ? mio_tcp_stream_shutdown(&stream->tcp, MIO_SHUTDOWN_WRITE)
                                              : mio_unix_stream_shutdown(&stream->local, MIO_SHUTDOWN_WRITE);
}

void stream_close(struct stream *stream)
{
    if (stream->transport == TRANSPORT_TCP)
        mio_tcp_stream_close(&stream->tcp);
    else
        mio_unix_stream_close(&stream->local);
}

int listener_accept(struct listener *listener, struct stream *stream, mio_accept_reserve *reserve)
{
    stream->transport = listener->transport;
    return listener->transport == TRANSPORT_TCP
               ? mio_tcp_listener_accept_or_shed(&listener->tcp, reserve, &stream->tcp, NULL)
               : mio_unix_listener_accept_or_shed(&listener->local, reserve, &stream->local, NULL);
}

int listener_local_addr(const struct listener *listener, mio_addr *addr)
{
    return listener->transport == TRANSPORT_TCP ? mio_tcp_listener_local_addr(&listener->tcp, addr)
                                                : mio_unix_listener_local_addr(&listener->local, addr);
}

void listener_close(struct listener *listener)
{
    if (listener->transport == TRANSPORT_TCP)
        mio_tcp_listener_close(&listener->tcp);
    else
        mio_unix_listener_close(&listener->local);
}
