/* SPDX-License-Identifier: MIT */
/*
 * Does the work of the benchmarks with epoll(7) and eventfd(2), without a library (see peer.h). bench/run.py compares
 * the other peers with this peer.
 */
#include "peer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct connection {
    int fd;
    struct connection *other; /* gets the received bytes; in an echo server, this connection itself */
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

static void close_connection(struct connection *connection)
{
    close(connection->fd);
    free(connection);
}

static void serve(struct connection *connection)
{
    ssize_t length = recv(connection->fd, connection->buffer, sizeof connection->buffer, 0);
    if (length > 0) {
        peer_require(send(connection->other->fd, connection->buffer, (size_t)length, MSG_NOSIGNAL) == length, "send");
    } else if (length == 0 || errno != EAGAIN) {
        if (connection->other != connection) close_connection(connection->other);
        close_connection(connection);
    }
}

static struct connection *open_connection(int epoll, int fd)
{
    struct connection *connection = malloc(sizeof *connection);
    peer_require(connection != NULL, "memory");
    connection->fd = fd;
    connection->other = connection;
    watch(epoll, fd, EPOLLIN | EPOLLRDHUP | EPOLLET, connection);
    return connection;
}

static void accept_all(int epoll, int listener, int is_proxy)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *connection = open_connection(epoll, fd);
        if (!is_proxy) continue;
        connection->other = open_connection(epoll, peer_connect());
        connection->other->other = connection;
    }
    peer_require(errno == EAGAIN, "accept");
}

void peer_serve(int listener, int is_proxy)
{
    struct epoll_event events[PEER_EVENT_CAPACITY];
    int epoll = open_epoll();
    watch(epoll, listener, EPOLLIN | EPOLLET, NULL);
    for (;;) {
        int count = epoll_wait(epoll, events, PEER_EVENT_CAPACITY, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                accept_all(epoll, listener, is_proxy);
            else
                serve(events[i].data.ptr);
        }
    }
}

struct batch {
    struct mmsghdr messages[PEER_BATCH];
    struct iovec pieces[PEER_BATCH];
    struct sockaddr_in from[PEER_BATCH];
    char buffers[PEER_BATCH][PEER_BUFFER_SIZE];
};

static int receive_batch(int fd, struct batch *batch)
{
    for (int i = 0; i < PEER_BATCH; i++) {
        batch->pieces[i] = (struct iovec){batch->buffers[i], PEER_BUFFER_SIZE};
        batch->messages[i].msg_hdr = (struct msghdr){.msg_name = &batch->from[i],
                                                     .msg_namelen = sizeof batch->from[i],
                                                     .msg_iov = &batch->pieces[i],
                                                     .msg_iovlen = 1};
    }
    return recvmmsg(fd, batch->messages, PEER_BATCH, 0, NULL);
}

static void answer_batches(int fd)
{
    static struct batch batch;
    int count;
    while ((count = receive_batch(fd, &batch)) > 0) {
        for (int i = 0; i < count; i++)
            batch.pieces[i].iov_len = batch.messages[i].msg_len;
        peer_require(sendmmsg(fd, batch.messages, (unsigned)count, 0) == count, "sendmmsg");
    }
    peer_require(errno == EAGAIN, "recvmmsg");
}

void peer_echo_datagrams(int fd, int batch)
{
    struct epoll_event event;
    int epoll = open_epoll();
    watch(epoll, fd, EPOLLIN | EPOLLET, NULL);
    for (;;) {
        if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
        if (batch)
            answer_batches(fd);
        else
            peer_answer_datagrams(fd);
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

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

static void send_descriptor(int socket, int fd)
{
    char byte = 0;
    union control control = {.bytes = {0}};
    struct iovec piece = {&byte, 1};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    peer_require(sendmsg(socket, &message, MSG_NOSIGNAL) == 1, "sendmsg");
}

static int receive_descriptor(int socket)
{
    int fd;
    char byte;
    union control control;
    struct iovec piece = {&byte, 1};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    peer_require(recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1, "recvmsg");
    peer_require(message.msg_controllen >= CMSG_LEN(sizeof fd) && control.header.cmsg_type == SCM_RIGHTS, "SCM_RIGHTS");
    memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
    return fd;
}

void peer_pass(void *loop, const int pair[2], long count)
{
    struct epoll_event event;
    const int epoll = ((struct loop *)loop)->epoll;
    watch(epoll, pair[1], EPOLLIN | EPOLLRDHUP | EPOLLET, NULL);
    for (long i = 0; i < count; i++) {
        send_descriptor(pair[0], pair[0]);
        peer_require(epoll_wait(epoll, &event, 1, -1) == 1, "epoll_wait");
        close(receive_descriptor(pair[1]));
    }
    close(pair[0]);
    close(pair[1]);
}

/* Returns the control data of each message: the option UDP_SEGMENT with the size PEER_SEGMENT. */
static union control segment_size(void)
{
    const uint16_t size = PEER_SEGMENT;
    union control control = {.bytes = {0}};
    control.header.cmsg_level = SOL_UDP;
    control.header.cmsg_type = UDP_SEGMENT;
    control.header.cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(&control.header), &size, sizeof size);
    return control;
}

static void send_segments(int socket, struct iovec piece, union control *control)
{
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(uint16_t));
    peer_require(sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)piece.iov_len, "sendmsg");
}

static void receive_segments(int socket, struct iovec piece)
{
    int size;
    union control control;
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    peer_require(recvmsg(socket, &message, 0) == (ssize_t)piece.iov_len, "recvmsg");
    peer_require(message.msg_controllen >= CMSG_LEN(sizeof size) && control.header.cmsg_type == UDP_GRO, "UDP_GRO");
    memcpy(&size, CMSG_DATA(&control.header), sizeof size);
    peer_require(size == PEER_SEGMENT, "the size of a datagram");
}

void peer_offload(void *loop, const int pair[2], long count)
{
    static char bytes[PEER_SEGMENT_COUNT * PEER_SEGMENT];
    const struct iovec piece = {bytes, sizeof bytes};
    union control control = segment_size();
    struct epoll_event event;
    const int on = 1;
    const int epoll = ((struct loop *)loop)->epoll;
    peer_require(setsockopt(pair[1], SOL_UDP, UDP_GRO, &on, sizeof on) == 0, "UDP_GRO");
    watch(epoll, pair[1], EPOLLIN | EPOLLET, NULL);
    for (long i = 0; i < count; i++) {
        send_segments(pair[0], piece, &control);
        peer_require(epoll_wait(epoll, &event, 1, -1) == 1, "epoll_wait");
        receive_segments(pair[1], piece);
    }
    close(pair[0]);
    close(pair[1]);
}
