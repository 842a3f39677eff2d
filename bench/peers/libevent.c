/* SPDX-License-Identifier: MIT */
/*
 * Does the work of the benchmarks with libevent (see peer.h). This file uses plain events, because they cost less than
 * bufferevents.
 */
#include "peer.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/thread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    struct event event;
    struct connection *other; /* gets the received bytes; in an echo server, this connection itself */
    char buffer[PEER_BUFFER_SIZE];
};

static struct event_base *open_base(void)
{
    struct event_base *base = event_base_new();
    peer_require(base != NULL, "event_base_new");
    return base;
}

static void close_connection(struct connection *connection)
{
    event_del(&connection->event);
    close(event_get_fd(&connection->event));
    free(connection);
}

static void serve(evutil_socket_t fd, short what, void *argument)
{
    struct connection *connection = argument;
    (void)what;
    ssize_t length = recv(fd, connection->buffer, sizeof connection->buffer, 0);
    if (length > 0) {
        const evutil_socket_t other = event_get_fd(&connection->other->event);
        peer_require(send(other, connection->buffer, (size_t)length, MSG_NOSIGNAL) == length, "send");
    } else if (length == 0 || errno != EAGAIN) {
        if (connection->other != connection) close_connection(connection->other);
        close_connection(connection);
    }
}

static int is_proxy;

static struct connection *open_connection(struct event_base *base, int fd)
{
    struct connection *connection = malloc(sizeof *connection);
    peer_require(connection != NULL, "memory");
    connection->other = connection;
    event_assign(&connection->event, base, fd, EV_READ | EV_PERSIST, serve, connection);
    peer_require(event_add(&connection->event, NULL) == 0, "event_add");
    return connection;
}

static void accept_all(evutil_socket_t listener, short what, void *argument)
{
    int fd;
    (void)what;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *connection = open_connection(argument, fd);
        if (!is_proxy) continue;
        connection->other = open_connection(argument, peer_connect());
        connection->other->other = connection;
    }
    peer_require(errno == EAGAIN, "accept");
}

void peer_serve(int listener, int proxy)
{
    is_proxy = proxy;
    struct event_base *base = open_base();
    struct event *event = event_new(base, listener, EV_READ | EV_PERSIST, accept_all, base);
    peer_require(event != NULL && event_add(event, NULL) == 0, "event_add");
    event_base_dispatch(base);
}

static void answer_datagrams(evutil_socket_t fd, short what, void *argument)
{
    (void)what;
    (void)argument;
    peer_answer_datagrams(fd);
}

void peer_echo_datagrams(int fd, int batch)
{
    struct event_base *base = open_base();
    struct event *event = event_new(base, fd, EV_READ | EV_PERSIST, answer_datagrams, NULL);
    peer_require(!batch, "libevent has no batches");
    peer_require(event != NULL && event_add(event, NULL) == 0, "event_add");
    event_base_dispatch(base);
}

/* To wake the loop, a thread activates the event `waker`. */
struct loop {
    struct event_base *base;
    struct event waker;
    long reports;
};

static void count_report(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    ((struct loop *)argument)->reports++;
}

void *peer_open(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    peer_require(loop != NULL && evthread_use_pthreads() == 0, "evthread_use_pthreads");
    loop->base = open_base();
    peer_require(event_assign(&loop->waker, loop->base, -1, EV_PERSIST, count_report, loop) == 0, "event_assign");
    peer_require(event_add(&loop->waker, NULL) == 0, "event_add");
    return loop;
}

void peer_watch(void *loop, int fd)
{
    struct event *event = event_new(((struct loop *)loop)->base, fd, EV_READ | EV_PERSIST, count_report, loop);
    peer_require(event != NULL && event_add(event, NULL) == 0, "event_add");
}

long peer_look(void *loop)
{
    struct loop *l = loop;
    l->reports = 0;
    event_base_loop(l->base, EVLOOP_ONCE | EVLOOP_NONBLOCK | EVLOOP_NO_EXIT_ON_EMPTY);
    return l->reports;
}

void peer_register(void *loop, int fd)
{
    struct event event;
    event_assign(&event, ((struct loop *)loop)->base, fd, EV_READ | EV_PERSIST, count_report, loop);
    peer_require(event_add(&event, NULL) == 0, "event_add");
    peer_require(event_del(&event) == 0, "event_del");
}

void peer_wake(void *loop)
{
    event_active(&((struct loop *)loop)->waker, EV_READ, 0);
}

void peer_wait_for_wake(void *loop)
{
    struct loop *l = loop;
    for (l->reports = 0; l->reports == 0;)
        event_base_loop(l->base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
}

/* Opens a base with a precise clock. By default, libevent reads a clock that advances every few milliseconds. */
static struct event_base *open_precise_base(void)
{
    struct event_config *config = event_config_new();
    peer_require(config != NULL && event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER) == 0, "event_config");
    struct event_base *base = event_base_new_with_config(config);
    peer_require(base != NULL, "event_base_new_with_config");
    event_config_free(config);
    return base;
}

void peer_sleep(void *loop, int64_t nanoseconds)
{
    static struct event_base *base;
    struct loop *l = loop;
    struct event timer;
    const struct timeval time = {nanoseconds / 1000000000, nanoseconds % 1000000000 / 1000};
    if (base == NULL) base = open_precise_base();
    evtimer_assign(&timer, base, count_report, loop);
    peer_require(evtimer_add(&timer, &time) == 0, "evtimer_add");
    for (l->reports = 0; l->reports == 0;)
        event_base_loop(base, EVLOOP_ONCE);
}
