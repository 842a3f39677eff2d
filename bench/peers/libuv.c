/* SPDX-License-Identifier: MIT */
/*
 * Does the work of the benchmarks with libuv (see peer.h): streams for the echo server, uv_poll_t for bare descriptors,
 * uv_async_t for wakes.
 */
#include "peer.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

/* The stream is a TCP socket or a Unix socket. */
struct connection {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } socket;
    struct connection *other; /* gets the received bytes; in an echo server, this connection itself */
    char buffer[PEER_BUFFER_SIZE];
};

static int is_tcp;
static int is_proxy;

static void check(int result, const char *what)
{
    peer_require(result >= 0, what);
}

static void open_loop(uv_loop_t *loop)
{
    check(uv_loop_init(loop), "uv_loop_init");
}

static void open_socket(uv_loop_t *loop, struct connection *connection)
{
    if (is_tcp)
        check(uv_tcp_init(loop, &connection->socket.tcp), "uv_tcp_init");
    else
        check(uv_pipe_init(loop, &connection->socket.pipe, 0), "uv_pipe_init");
}

static void free_connection(uv_handle_t *handle)
{
    free(handle);
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct connection *connection = (struct connection *)handle;
    (void)suggested;
    *buffer = uv_buf_init(connection->buffer, sizeof connection->buffer);
}

/* Writes the received bytes to the connection `other`. The function calls uv_try_write, because this call needs no
 * request and costs least. */
static void serve(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
    struct connection *connection = (struct connection *)stream;
    if (length > 0) {
        uv_buf_t bytes = uv_buf_init(buffer->base, (unsigned)length);
        peer_require(uv_try_write(&connection->other->socket.stream, &bytes, 1) == length, "uv_try_write");
    } else if (length < 0) {
        if (connection->other != connection) uv_close(&connection->other->socket.handle, free_connection);
        uv_close(&connection->socket.handle, free_connection);
    }
}

static struct connection *new_connection(uv_loop_t *loop)
{
    struct connection *connection = malloc(sizeof *connection);
    peer_require(connection != NULL, "memory");
    connection->other = connection;
    open_socket(loop, connection);
    return connection;
}

static void start_to_read(struct connection *connection)
{
    check(uv_read_start(&connection->socket.stream, give_buffer, serve), "uv_read_start");
}

static void connect_other(uv_loop_t *loop, struct connection *connection)
{
    struct connection *other = new_connection(loop);
    check(uv_tcp_open(&other->socket.tcp, peer_connect()), "uv_tcp_open");
    other->other = connection;
    connection->other = other;
    start_to_read(other);
}

static void accept_one(uv_stream_t *listener, int status)
{
    struct connection *connection = new_connection(listener->loop);
    check(status, "accept");
    check(uv_accept(listener, &connection->socket.stream), "uv_accept");
    start_to_read(connection);
    if (is_proxy) connect_other(listener->loop, connection);
}

void peer_serve(int fd, int proxy)
{
    is_proxy = proxy;
    struct sockaddr_storage addr;
    socklen_t length = sizeof addr;
    uv_loop_t loop;
    struct connection listener;
    peer_require(getsockname(fd, (struct sockaddr *)&addr, &length) == 0, "getsockname");
    is_tcp = addr.ss_family != AF_UNIX;
    open_loop(&loop);
    open_socket(&loop, &listener);
    if (is_tcp)
        check(uv_tcp_open(&listener.socket.tcp, fd), "uv_tcp_open");
    else
        check(uv_pipe_open(&listener.socket.pipe, fd), "uv_pipe_open");
    check(uv_listen(&listener.socket.stream, SOMAXCONN, accept_one), "uv_listen");
    uv_run(&loop, UV_RUN_DEFAULT);
}

static void give_datagram_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    static char memory[20 * 65536]; /* libuv receives at most 20 datagrams at once, each into 64 KiB */
    *buffer = uv_buf_init(memory, (unsigned)(uv_udp_using_recvmmsg((uv_udp_t *)handle) ? sizeof memory : suggested));
}

static void answer_datagram(uv_udp_t *udp, ssize_t length, const uv_buf_t *buffer, const struct sockaddr *from,
                            unsigned flags)
{
    (void)flags;
    check((int)length, "receive");
    if (from == NULL) return;
    uv_buf_t bytes = uv_buf_init(buffer->base, (unsigned)length);
    peer_require(uv_udp_try_send(udp, &bytes, 1, from) == length, "uv_udp_try_send");
}

void peer_echo_datagrams(int fd, int batch)
{
    uv_loop_t loop;
    uv_udp_t udp;
    open_loop(&loop);
    check(uv_udp_init_ex(&loop, &udp, AF_UNSPEC | (batch ? UV_UDP_RECVMMSG : 0)), "uv_udp_init_ex");
    check(uv_udp_open(&udp, fd), "uv_udp_open");
    check(uv_udp_recv_start(&udp, give_datagram_buffer, answer_datagram), "uv_udp_recv_start");
    uv_run(&loop, UV_RUN_DEFAULT);
}

struct loop {
    uv_async_t waker; /* the first member, because the callback gets the address of the waker */
    uv_loop_t loop;
    uv_timer_t timer;
    long reports;
};

static void count_report(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    ((struct loop *)handle->data)->reports++;
}

static void count_wake(uv_async_t *waker)
{
    ((struct loop *)waker)->reports++;
}

void *peer_open(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    peer_require(loop != NULL, "memory");
    open_loop(&loop->loop);
    check(uv_async_init(&loop->loop, &loop->waker, count_wake), "uv_async_init");
    check(uv_timer_init(&loop->loop, &loop->timer), "uv_timer_init");
    loop->timer.data = loop;
    return loop;
}

void peer_watch(void *loop, int fd)
{
    uv_poll_t *handle = malloc(sizeof *handle);
    peer_require(handle != NULL, "memory");
    handle->data = loop;
    check(uv_poll_init(&((struct loop *)loop)->loop, handle, fd), "uv_poll_init");
    check(uv_poll_start(handle, UV_READABLE, count_report), "uv_poll_start");
}

long peer_look(void *loop)
{
    struct loop *l = loop;
    l->reports = 0;
    uv_run(&l->loop, UV_RUN_NOWAIT);
    return l->reports;
}

/* libuv registers a descriptor in the kernel only when the loop runs, so the function runs the loop. uv_poll_stop
 * deregisters the descriptor at once. */
void peer_register(void *loop, int fd)
{
    static uv_poll_t handle;
    if (handle.data == NULL) check(uv_poll_init(&((struct loop *)loop)->loop, &handle, fd), "uv_poll_init");
    handle.data = loop;
    check(uv_poll_start(&handle, UV_READABLE, count_report), "uv_poll_start");
    uv_run(&((struct loop *)loop)->loop, UV_RUN_NOWAIT);
    check(uv_poll_stop(&handle), "uv_poll_stop");
}

void peer_wake(void *loop)
{
    check(uv_async_send(&((struct loop *)loop)->waker), "uv_async_send");
}

void peer_wait_for_wake(void *loop)
{
    struct loop *l = loop;
    for (l->reports = 0; l->reports == 0;)
        uv_run(&l->loop, UV_RUN_ONCE);
}

/* uv_run can call this function before it waits, if the timer is due by then. Without uv_stop, uv_run would then wait
 * for a wake that never comes. */
static void count_timer(uv_timer_t *timer)
{
    ((struct loop *)timer->data)->reports++;
    uv_stop(timer->loop);
}

/* The loop of libuv stores the current time in milliseconds, and a timer starts at the stored time. So the function
 * first updates the stored time. */
void peer_sleep(void *loop, int64_t nanoseconds)
{
    struct loop *l = loop;
    uv_update_time(&l->loop);
    check(uv_timer_start(&l->timer, count_timer, (uint64_t)(nanoseconds + 999999) / 1000000, 0), "uv_timer_start");
    for (l->reports = 0; l->reports == 0;)
        uv_run(&l->loop, UV_RUN_ONCE);
}

static void receive_pipe(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
    (void)buffer;
    peer_require(length == 1 && uv_pipe_pending_count((uv_pipe_t *)stream) == 1, "a descriptor");
    struct connection *received = malloc(sizeof *received);
    peer_require(received != NULL, "memory");
    check(uv_pipe_init(stream->loop, &received->socket.pipe, 0), "uv_pipe_init");
    check(uv_accept(stream, &received->socket.stream), "uv_accept");
    uv_close(&received->socket.handle, free_connection);
    ((struct loop *)stream->data)->reports++;
}

static struct connection *open_end(struct loop *loop, int fd)
{
    struct connection *end = malloc(sizeof *end);
    peer_require(end != NULL, "memory");
    check(uv_pipe_init(&loop->loop, &end->socket.pipe, 1), "uv_pipe_init");
    check(uv_pipe_open(&end->socket.pipe, fd), "uv_pipe_open");
    end->socket.handle.data = loop;
    return end;
}

/* libuv cannot pass a bare descriptor, only a stream. So the function passes the sending stream itself. */
void peer_pass(void *loop, const int pair[2], long count)
{
    struct loop *l = loop;
    char byte = 0;
    uv_buf_t bytes = uv_buf_init(&byte, 1);
    struct connection *sender = open_end(l, pair[0]);
    struct connection *receiver = open_end(l, pair[1]);
    check(uv_read_start(&receiver->socket.stream, give_buffer, receive_pipe), "uv_read_start");
    for (long i = 0; i < count; i++) {
        peer_require(uv_try_write2(&sender->socket.stream, &bytes, 1, &sender->socket.stream) == 1, "uv_try_write2");
        for (l->reports = 0; l->reports == 0;)
            uv_run(&l->loop, UV_RUN_ONCE);
    }
    uv_close(&sender->socket.handle, free_connection);
    uv_close(&receiver->socket.handle, free_connection);
    uv_run(&l->loop, UV_RUN_NOWAIT);
}
