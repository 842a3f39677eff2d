/* SPDX-License-Identifier: MIT */
/* Test fixtures: descriptors, addresses, connected pairs, threads, time. */
#include "harness.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t clock_ns(void)
{
    struct timespec now;
    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * INT64_C(1000000000) + (int64_t)now.tv_nsec;
}

int lowest_free_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    close_fd(fd);
    return fd;
}

bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) != -1;
}

bool is_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    ck_assert_int_ne(flags, -1);
    return (flags & O_NONBLOCK) != 0;
}

bool is_cloexec(int fd)
{
    int flags = fcntl(fd, F_GETFD);
    ck_assert_int_ne(flags, -1);
    return (flags & FD_CLOEXEC) != 0;
}

void make_cloexec_pipe(int fds[2])
{
    ck_assert_int_eq(pipe(fds), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(fcntl(fds[i], F_SETFD, FD_CLOEXEC), 0);
    }
}

void make_pipe(int fds[2])
{
    make_cloexec_pipe(fds);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(fcntl(fds[i], F_SETFL, O_NONBLOCK), 0);
    }
}

int open_socket_pair(int fds[2])
{
    int rc = socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    for (int i = 0; i < 2 && rc == 0; i++) {
        ck_assert_int_eq(fcntl(fds[i], F_SETFD, FD_CLOEXEC), 0);
        ck_assert_int_eq(fcntl(fds[i], F_SETFL, O_NONBLOCK), 0);
    }
    return rc;
}

void make_socketpair(int fds[2])
{
    ck_assert_int_eq(open_socket_pair(fds), 0);
}

void write_byte(int fd)
{
    ck_assert_int_eq(write(fd, "x", 1), 1);
}

void drain(int fd)
{
    char buffer[4096];
    ssize_t count;
    do {
        count = read(fd, buffer, sizeof buffer);
    } while (count > 0);
}

void close_fd(int fd)
{
    ck_assert_int_eq(close(fd), 0);
}

void wait_handle(int fd, short events)
{
    struct pollfd entry = {.fd = fd, .events = events};
    int count;
    do {
        count = poll(&entry, 1, (int)(LONG_WAIT / MS(1)));
    } while (count == -1 && errno == EINTR);
    ck_assert_int_eq(count, 1);
}

mio_addr loopback_v4(void)
{
    static const uint8_t ip[4] = {127, 0, 0, 1};
    mio_addr addr;
    ck_assert_ok(mio_addr_from_ipv4(&addr, ip, 0));
    return addr;
}

mio_addr loopback_v6(void)
{
    static const uint8_t ip[16] = {[15] = 1};
    mio_addr addr;
    ck_assert_ok(mio_addr_from_ipv6(&addr, ip, 0, 0, 0));
    return addr;
}

bool have_ipv6(void)
{
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (fd == -1) {
        return false;
    }
    bool bound = bind(fd, (const struct sockaddr *)&name, sizeof name) == 0;
    close_fd(fd);
    return bound;
}

void make_listener(mio_tcp_listener *listener, mio_addr *addr)
{
    mio_addr any = loopback_v4();
    ck_assert_ok(mio_tcp_listener_bind(listener, &any, 128));
    if (addr != NULL) {
        ck_assert_ok(mio_tcp_listener_local_addr(listener, addr));
    }
}

void accept_one(mio_tcp_listener *listener, mio_tcp_stream *stream)
{
    wait_handle(mio_tcp_listener_handle(listener), POLLIN);
    ck_assert_ok(mio_tcp_listener_accept(listener, stream, NULL));
}

void make_tcp_pair(mio_tcp_stream *client, mio_tcp_stream *server)
{
    mio_tcp_listener listener;
    mio_addr addr;
    make_listener(&listener, &addr);
    ck_assert_ok(mio_tcp_stream_connect(client, &addr));
    accept_one(&listener, server);
    wait_handle(mio_tcp_stream_handle(client), POLLOUT);
    ck_assert_ok(mio_tcp_stream_connect_finish(client));
    mio_tcp_listener_close(&listener);
}

void make_udp_pair(mio_udp_socket *left, mio_udp_socket *right)
{
    mio_addr any = loopback_v4();
    mio_addr left_addr;
    mio_addr right_addr;
    ck_assert_ok(mio_udp_socket_bind(left, &any));
    ck_assert_ok(mio_udp_socket_bind(right, &any));
    ck_assert_ok(mio_udp_socket_local_addr(left, &left_addr));
    ck_assert_ok(mio_udp_socket_local_addr(right, &right_addr));
    ck_assert_ok(mio_udp_socket_connect(left, &right_addr));
    ck_assert_ok(mio_udp_socket_connect(right, &left_addr));
}

void write_all(mio_tcp_stream *stream, const void *buffer, size_t length)
{
    const char *bytes = buffer;
    for (size_t done = 0; done < length;) {
        int64_t count = mio_tcp_stream_write(stream, bytes + done, length - done);
        if (count == -EAGAIN) {
            wait_handle(mio_tcp_stream_handle(stream), POLLOUT);
            continue;
        }
        ck_assert_msg(count > 0, "mio_tcp_stream_write gave %s", errno_name(count));
        done += (size_t)count;
    }
}

void read_all(mio_tcp_stream *stream, void *buffer, size_t length)
{
    char *bytes = buffer;
    for (size_t done = 0; done < length;) {
        int64_t count = mio_tcp_stream_read(stream, bytes + done, length - done);
        if (count == -EAGAIN) {
            wait_handle(mio_tcp_stream_handle(stream), POLLIN);
            continue;
        }
        ck_assert_msg(count > 0, "mio_tcp_stream_read gave %s", errno_name(count));
        done += (size_t)count;
    }
}

pthread_t start_thread(void *(*run)(void *context), void *context)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, run, context), 0);
    return thread;
}

void *join_thread(pthread_t thread)
{
    void *result = NULL;
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    return result;
}

void barrier_init(barrier *b, unsigned count)
{
    *b = (barrier){.missing = count, .count = count};
    ck_assert_int_eq(pthread_mutex_init(&b->mutex, NULL), 0);
    ck_assert_int_eq(pthread_cond_init(&b->complete, NULL), 0);
}

void barrier_wait(barrier *b)
{
    ck_assert_int_eq(pthread_mutex_lock(&b->mutex), 0);
    const unsigned round = b->round;
    b->missing--;
    if (b->missing == 0) {
        b->missing = b->count;
        b->round++;
        ck_assert_int_eq(pthread_cond_broadcast(&b->complete), 0);
    }
    while (round == b->round) {
        ck_assert_int_eq(pthread_cond_wait(&b->complete, &b->mutex), 0);
    }
    ck_assert_int_eq(pthread_mutex_unlock(&b->mutex), 0);
}

void barrier_destroy(barrier *b)
{
    ck_assert_int_eq(pthread_mutex_destroy(&b->mutex), 0);
    ck_assert_int_eq(pthread_cond_destroy(&b->complete), 0);
}
