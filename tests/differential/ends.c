/* SPDX-License-Identifier: MIT */
/*
 * Opens, uses and closes links of every kind. ends_linux.c and ends_windows.c define the functions that differ between
 * the systems.
 */
#include "ends.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool is_bare(const endpoint *end)
{
    return end->kind >= KIND_BARE_STREAM;
}

bool is_stream(const endpoint *end)
{
    return end->kind == KIND_TCP || end->kind == KIND_UNIX_STREAM || end->kind == KIND_PIPE;
}

void wait_until(int fd, short bit)
{
    struct pollfd entry = {.fd = fd, .events = bit};
    (void)poll(&entry, 1, 5000);
}

static bool open_tcp(endpoint ends[2])
{
    mio_addr addr;
    mio_tcp_listener listener;
    if (mio_addr_parse(&addr, "127.0.0.1:0") != 0 || mio_tcp_listener_bind(&listener, &addr, 1) != 0) {
        return false;
    }
    bool ok = mio_tcp_listener_local_addr(&listener, &addr) == 0 && mio_tcp_stream_connect(&ends[0].as.tcp, &addr) == 0;
    if (ok) {
        wait_until(mio_tcp_listener_handle(&listener), POLLIN);
        ok = mio_tcp_listener_accept(&listener, &ends[1].as.tcp, NULL) == 0;
        if (ok) {
            wait_until(mio_tcp_stream_handle(&ends[0].as.tcp), POLLOUT);
            ok = mio_tcp_stream_connect_finish(&ends[0].as.tcp) == 0;
        }
        ends[0].fd = mio_tcp_stream_handle(&ends[0].as.tcp);
        ends[1].fd = ok ? mio_tcp_stream_handle(&ends[1].as.tcp) : -1;
    }
    mio_tcp_listener_close(&listener);
    return ok;
}

static bool open_udp(endpoint ends[2])
{
    mio_addr addr[2];
    for (int i = 0; i < 2; i++) {
        if (mio_addr_parse(&addr[i], "127.0.0.1:0") != 0 || mio_udp_socket_bind(&ends[i].as.udp, &addr[i]) != 0 ||
            mio_udp_socket_local_addr(&ends[i].as.udp, &addr[i]) != 0) {
            return false;
        }
        ends[i].fd = mio_udp_socket_handle(&ends[i].as.udp);
    }
    return mio_udp_socket_connect(&ends[0].as.udp, &addr[1]) == 0 &&
           mio_udp_socket_connect(&ends[1].as.udp, &addr[0]) == 0;
}

static bool open_kind(endpoint ends[2], link_kind kind)
{
    int fds[2] = {-1, -1};
    bool ok = false;
    switch (kind) {
    case KIND_TCP:
        return open_tcp(ends);
    case KIND_UDP:
        return open_udp(ends);
    case KIND_UNIX_STREAM:
        ok = mio_unix_stream_pair(&ends[0].as.stream, &ends[1].as.stream, 0) == 0;
        ends[0].fd = mio_unix_stream_handle(&ends[0].as.stream);
        ends[1].fd = mio_unix_stream_handle(&ends[1].as.stream);
        return ok;
    case KIND_UNIX_DATAGRAM:
        ok = mio_unix_datagram_pair(&ends[0].as.datagram, &ends[1].as.datagram) == 0;
        ends[0].fd = mio_unix_datagram_handle(&ends[0].as.datagram);
        ends[1].fd = mio_unix_datagram_handle(&ends[1].as.datagram);
        return ok;
    case KIND_PIPE:
        ok = mio_pipe_pair(&ends[0].as.sender, &ends[1].as.receiver) == 0;
        ends[0].fd = mio_pipe_sender_handle(&ends[0].as.sender);
        ends[1].fd = mio_pipe_receiver_handle(&ends[1].as.receiver);
        return ok;
    default:
        ok = open_bare(fds, kind);
        ends[0].fd = fds[0];
        ends[1].fd = fds[1];
        return ok;
    }
}

bool open_link(endpoint ends[2], link_kind kind)
{
    for (unsigned i = 0; i < 2; i++) {
        int duplicate = ends[i].duplicate;
        memset(&ends[i], 0, sizeof ends[i]);
        ends[i].duplicate = duplicate;
        ends[i].kind = kind;
        ends[i].side = i;
        ends[i].fd = -1;
    }
    bool ok = open_kind(ends, kind);
    for (unsigned i = 0; i < 2; i++) {
        ends[i].is_open = ends[i].fd >= 0;
    }
    return ok;
}

int64_t outcome(int64_t result)
{
    return result < 0 ? -errno : result;
}

int64_t write_end(endpoint *end, const void *buffer, size_t length)
{
    switch (end->kind) {
    case KIND_TCP:
        return mio_tcp_stream_write(&end->as.tcp, buffer, length);
    case KIND_UNIX_STREAM:
        return mio_unix_stream_write(&end->as.stream, buffer, length);
    case KIND_UNIX_DATAGRAM:
        return mio_unix_datagram_send(&end->as.datagram, buffer, length);
    case KIND_UDP:
        return mio_udp_socket_send(&end->as.udp, buffer, length);
    case KIND_PIPE:
        return end->side == 0 ? mio_pipe_sender_write(&end->as.sender, buffer, length) : -ENOSYS;
    default:
        return write_bare(end, buffer, length);
    }
}

int64_t read_end(endpoint *end, void *buffer, size_t length)
{
    uint64_t number = 0;
    switch (end->kind) {
    case KIND_TCP:
        return mio_tcp_stream_read(&end->as.tcp, buffer, length);
    case KIND_UNIX_STREAM:
        return mio_unix_stream_read(&end->as.stream, buffer, length);
    case KIND_UNIX_DATAGRAM:
        return mio_unix_datagram_recv(&end->as.datagram, buffer, length, NULL);
    case KIND_UDP:
        return mio_udp_socket_recv(&end->as.udp, buffer, length, NULL);
    case KIND_PIPE:
        return end->side == 1 ? mio_pipe_receiver_read(&end->as.receiver, buffer, length) : -ENOSYS;
    case KIND_BARE_STREAM:
        return outcome(read(end->fd, buffer, length));
    default:
        return outcome(read(end->fd, &number, sizeof number));
    }
}

int shutdown_end(endpoint *end, int how)
{
    switch (end->kind) {
    case KIND_TCP:
        return mio_tcp_stream_shutdown(&end->as.tcp, how);
    case KIND_UNIX_STREAM:
        return mio_unix_stream_shutdown(&end->as.stream, how);
    case KIND_UNIX_DATAGRAM:
        return mio_unix_datagram_shutdown(&end->as.datagram, how);
    case KIND_BARE_STREAM:
        return (int)outcome(shutdown(end->fd, how));
    default:
        return -ENOSYS;
    }
}

void close_end(endpoint *end)
{
    switch (end->kind) {
    case KIND_TCP:
        mio_tcp_stream_close(&end->as.tcp);
        break;
    case KIND_UNIX_STREAM:
        mio_unix_stream_close(&end->as.stream);
        break;
    case KIND_UNIX_DATAGRAM:
        mio_unix_datagram_close(&end->as.datagram);
        break;
    case KIND_UDP:
        mio_udp_socket_close(&end->as.udp);
        break;
    case KIND_PIPE:
        if (end->side == 0) {
            mio_pipe_sender_close(&end->as.sender);
        } else {
            mio_pipe_receiver_close(&end->as.receiver);
        }
        break;
    default:
        close(end->fd);
        break;
    }
    end->is_open = false;
    end->fd = -1;
}

void reset_end(endpoint *end)
{
    const struct linger at_once = {.l_onoff = 1};
    if (end->kind == KIND_TCP) {
        (void)setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    close_end(end);
}
