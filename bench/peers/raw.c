/* SPDX-License-Identifier: MIT */
/* epoll(7) and eventfd(2) without a library: the base line. */
#include "peer.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct connection {
    int fd;
    char buffer[PEER_BUFFER_SIZE];
};

static int open_epoll(void)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    peer_require(epoll >= 0, "epoll_create1");
    return epoll;
}

static void watch(int epoll, int fd, uint32_t events, void *pointer)
{
    struct epoll_event event = {.events = events, .data.ptr = pointer};
    peer_require(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

static void serve(struct connection *connection)
{
    ssize_t length = read(connection->fd, connection->buffer, sizeof connection->buffer);
    if (length > 0) {
        peer_require(write(connection->fd, connection->buffer, (size_t)length) == length, "write");
    } else if (length == 0 || errno != EAGAIN) {
        close(connection->fd);
        free(connection);
    }
}

static void accept_all(int epoll, int listener)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *connection = malloc(sizeof *connection);
        peer_require(connection != NULL, "memory");
        connection->fd = fd;
        watch(epoll, fd, EPOLLIN | EPOLLRDHUP | EPOLLET, connection);
    }
    peer_require(errno == EAGAIN, "accept");
}

void peer_echo(int listener)
{
    struct epoll_event events[PEER_EVENT_CAPACITY];
    int epoll = open_epoll();
    watch(epoll, listener, EPOLLIN | EPOLLET, NULL);
    for (;;) {
        int count = epoll_wait(epoll, events, PEER_EVENT_CAPACITY, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                accept_all(epoll, listener);
            else
                serve(events[i].data.ptr);
        }
    }
}

/* Each write to an edge-triggered eventfd is an edge, so the program need not read the counter. */
struct loop {
    int epoll;
    int waker;
};

void *peer_open(void)
{
    struct loop *loop = malloc(sizeof *loop);
    peer_require(loop != NULL, "memory");
    loop->epoll = open_epoll();
    loop->waker = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    peer_require(loop->waker >= 0, "eventfd");
    watch(loop->epoll, loop->waker, EPOLLIN | EPOLLET, NULL);
    return loop;
}

void peer_watch(void *loop, int fd)
{
    watch(((struct loop *)loop)->epoll, fd, EPOLLIN, NULL);
}

long peer_look(void *loop)
{
    struct epoll_event events[PEER_EVENT_CAPACITY];
    return epoll_wait(((struct loop *)loop)->epoll, events, PEER_EVENT_CAPACITY, 0);
}

void peer_register(void *loop, int fd)
{
    const int epoll = ((struct loop *)loop)->epoll;
    watch(epoll, fd, EPOLLIN | EPOLLRDHUP | EPOLLET, NULL);
    peer_require(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) == 0, "epoll_ctl");
}

void peer_wake(void *loop)
{
    const uint64_t one = 1;
    peer_require(write(((struct loop *)loop)->waker, &one, sizeof one) == sizeof one, "write");
}

void peer_wait_for_wake(void *loop)
{
    struct epoll_event event;
    peer_require(epoll_wait(((struct loop *)loop)->epoll, &event, 1, -1) == 1, "epoll_wait");
}

void peer_sleep(void *loop, int64_t nanoseconds)
{
    struct epoll_event event;
    const struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    peer_require(epoll_pwait2(((struct loop *)loop)->epoll, &event, 1, &time, NULL) == 0, "epoll_pwait2");
}
