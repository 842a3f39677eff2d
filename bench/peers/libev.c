/* SPDX-License-Identifier: MIT */
/* Does the work of the benchmarks with libev (see peer.h). */
#include "peer.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    ev_io io;
    struct connection *other; /* gets the received bytes; in an echo server, this connection itself */
    char buffer[PEER_BUFFER_SIZE];
};

static struct ev_loop *open_loop(void)
{
    struct ev_loop *loop = ev_loop_new(EVBACKEND_EPOLL);
    peer_require(loop != NULL, "ev_loop_new");
    return loop;
}

static void close_connection(struct ev_loop *loop, struct connection *connection)
{
    ev_io_stop(loop, &connection->io);
    close(connection->io.fd);
    free(connection);
}

static void serve(struct ev_loop *loop, ev_io *io, int events)
{
    struct connection *connection = (struct connection *)io;
    (void)events;
    ssize_t length = recv(io->fd, connection->buffer, sizeof connection->buffer, 0);
    if (length > 0) {
        const int other = connection->other->io.fd;
        peer_require(send(other, connection->buffer, (size_t)length, MSG_NOSIGNAL) == length, "send");
    } else if (length == 0 || errno != EAGAIN) {
        if (connection->other != connection) close_connection(loop, connection->other);
        close_connection(loop, connection);
    }
}

static void watch(struct ev_loop *loop, ev_io *io, int fd, void (*callback)(struct ev_loop *, ev_io *, int))
{
    ev_init(io, callback);
    ev_io_set(io, fd, EV_READ);
    ev_io_start(loop, io);
}

static int is_proxy;

static struct connection *open_connection(struct ev_loop *loop, int fd)
{
    struct connection *connection = malloc(sizeof *connection);
    peer_require(connection != NULL, "memory");
    connection->other = connection;
    watch(loop, &connection->io, fd, serve);
    return connection;
}

static void accept_all(struct ev_loop *loop, ev_io *io, int events)
{
    int fd;
    (void)events;
    while ((fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *connection = open_connection(loop, fd);
        if (!is_proxy) continue;
        connection->other = open_connection(loop, peer_connect());
        connection->other->other = connection;
    }
    peer_require(errno == EAGAIN, "accept");
}

void peer_serve(int listener, int proxy)
{
    is_proxy = proxy;
    struct ev_loop *loop = open_loop();
    ev_io io;
    watch(loop, &io, listener, accept_all);
    ev_run(loop, 0);
}

static void answer_datagrams(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    peer_answer_datagrams(io->fd);
}

void peer_echo_datagrams(int fd, int batch)
{
    struct ev_loop *loop = open_loop();
    ev_io io;
    peer_require(!batch, "libev has no batches");
    watch(loop, &io, fd, answer_datagrams);
    ev_run(loop, 0);
}

struct loop {
    ev_async waker; /* the first member, because the callback gets the address of the waker */
    struct ev_loop *loop;
    long reports;
};

static void count_report(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    ((struct loop *)io->data)->reports++;
}

static void count_wake(struct ev_loop *loop, ev_async *waker, int events)
{
    (void)loop;
    (void)events;
    ((struct loop *)waker)->reports++;
}

void *peer_open(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    peer_require(loop != NULL, "memory");
    loop->loop = open_loop();
    ev_async_init(&loop->waker, count_wake);
    ev_async_start(loop->loop, &loop->waker);
    return loop;
}

void peer_watch(void *loop, int fd)
{
    ev_io *io = malloc(sizeof *io);
    peer_require(io != NULL, "memory");
    io->data = loop;
    watch(((struct loop *)loop)->loop, io, fd, count_report);
}

long peer_look(void *loop)
{
    struct loop *l = loop;
    l->reports = 0;
    ev_run(l->loop, EVRUN_NOWAIT);
    return l->reports;
}

/* libev registers a descriptor in the kernel only when the loop runs, so the function runs the loop after each change.
 * When the watcher stops, libev does not deregister the descriptor in the kernel. */
void peer_register(void *loop, int fd)
{
    struct loop *l = loop;
    ev_io io;
    io.data = loop;
    watch(l->loop, &io, fd, count_report);
    ev_run(l->loop, EVRUN_NOWAIT);
    ev_io_stop(l->loop, &io);
    ev_run(l->loop, EVRUN_NOWAIT);
}

void peer_wake(void *loop)
{
    ev_async_send(((struct loop *)loop)->loop, &((struct loop *)loop)->waker);
}

void peer_wait_for_wake(void *loop)
{
    struct loop *l = loop;
    for (l->reports = 0; l->reports == 0;)
        ev_run(l->loop, EVRUN_ONCE);
}

static void count_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    ((struct loop *)timer->data)->reports++;
}

/* The loop of libev stores the current time, and a timer starts at the stored time. So the function first updates the
 * stored time. */
void peer_sleep(void *loop, int64_t nanoseconds)
{
    struct loop *l = loop;
    ev_timer timer;
    ev_now_update(l->loop);
    ev_timer_init(&timer, count_timer, (double)nanoseconds / 1e9, 0);
    timer.data = loop;
    ev_timer_start(l->loop, &timer);
    for (l->reports = 0; l->reports == 0;)
        ev_run(l->loop, EVRUN_ONCE);
}
