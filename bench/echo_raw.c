/* SPDX-License-Identifier: MIT */
/*
 * A TCP echo server that calls epoll(7) directly. count.sh compares the cost of echo_mio.c with the cost of this
 * server. The two servers have the same algorithm, line by line.
 */
#include "echo_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENT_CAPACITY 64

struct connection {
    int fd;
    size_t begin; /* buffer[begin..end) must still be sent back */
    size_t end;
    char buffer[4096];
};

static struct connection connections[ECHO_CONNECTIONS];
static int accepted;
static int closed;
static uint64_t answered;

static void fail(const char *what)
{
    fprintf(stderr, "echo_raw: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void drop(struct connection *connection)
{
    close(connection->fd);
    connection->fd = -1;
    closed++;
}

/* Echoes until a call would block. */
static void serve(struct connection *connection)
{
    for (;;) {
        while (connection->begin < connection->end) {
            ssize_t length = send(connection->fd, connection->buffer + connection->begin,
                                  connection->end - connection->begin, MSG_NOSIGNAL);
            if (length < 0) {
                if (errno != EAGAIN) drop(connection);
                return;
            }
            connection->begin += (size_t)length;
            answered += (uint64_t)length;
        }
        ssize_t length = recv(connection->fd, connection->buffer, sizeof connection->buffer, 0);
        if (length <= 0) {
            if (length == 0 || errno != EAGAIN) drop(connection);
            return;
        }
        connection->begin = 0;
        connection->end = (size_t)length;
    }
}

static void accept_all(int epoll, int listener)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *connection = &connections[accepted++];
        connection->fd = fd;
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = connection};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
    }
    if (errno != EAGAIN) fail("accept");
}

static void run(int epoll, int listener, struct echo_client *client)
{
    struct epoll_event events[EVENT_CAPACITY];
    while (closed < ECHO_CONNECTIONS) {
        echo_client_gate(client, answered);
        int count = epoll_wait(epoll, events, EVENT_CAPACITY, -1);
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                accept_all(epoll, listener);
            else
                serve(events[i].data.ptr);
        }
    }
}

int main(int argc, char **argv)
{
    unsigned long rounds = echo_client_rounds(argc, argv);

    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) fail("epoll_create1");
    struct sockaddr_in addr = {.sin_family = AF_INET};
    socklen_t length = sizeof addr;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(listener, SOMAXCONN) < 0 ||
        getsockname(listener, (struct sockaddr *)&addr, &length) < 0)
        fail("listener");
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = NULL};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) fail("epoll_ctl");

    struct echo_client client;
    if (echo_client_start(&client, ntohs(addr.sin_port), rounds) < 0) fail("client");
    run(epoll, listener, &client);
    close(listener);
    close(epoll);
    return echo_client_end(&client) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
