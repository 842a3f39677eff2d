/* SPDX-License-Identifier: MIT */
/* Test fixtures: descriptors, addresses, connected pairs, threads, time. */
#include "harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int64_t clock_ns(void)
{
    struct timespec now;
    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * INT64_C(1000000000) + (int64_t)now.tv_nsec;
}

int count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = -1; /* for the directory itself */
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    return count;
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

void make_pipe(int fds[2])
{
    ck_assert_int_eq(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
}

void make_socketpair(int fds[2])
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
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
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
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
    ck_assert_int_eq(pthread_barrier_init(&b->barrier, NULL, count), 0);
}

void barrier_wait(barrier *b)
{
    int rc = pthread_barrier_wait(&b->barrier);
    ck_assert(rc == 0 || rc == PTHREAD_BARRIER_SERIAL_THREAD);
}

void barrier_destroy(barrier *b)
{
    ck_assert_int_eq(pthread_barrier_destroy(&b->barrier), 0);
}

int thread_id(void)
{
    return (int)syscall(SYS_gettid);
}

void wait_until_asleep(int tid)
{
    char path[64];
    char line[512];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    for (;;) {
        FILE *stat = fopen(path, "re");
        ck_assert_ptr_nonnull(stat);
        const char *text = fgets(line, sizeof line, stat);
        ck_assert_ptr_nonnull(text);
        fclose(stat);
        const char *state = strrchr(line, ')');
        ck_assert_ptr_nonnull(state);
        if (state[2] == 'S') {
            return;
        }
        sched_yield();
    }
}
