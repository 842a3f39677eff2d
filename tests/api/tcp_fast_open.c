/* SPDX-License-Identifier: MIT */
/*
 * Tests MIO_OPTION_FAST_OPEN_CONNECT: the first write to the stream starts the connect. If the kernel has no cookie
 * from this server, the first write sends nothing and returns -EAGAIN, even if it is a write of zero bytes. The first
 * write can be a call of any function that sends. After -EAGAIN, an event on every backend reports when the program can
 * send.
 */
#include "../helpers/sockets.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { STREAM = 61 };

/* The tests send "hello" to the stream. The pipe and the file contain the bytes "hello". */
typedef struct ends {
    mio_tcp_stream *stream;
    mio_pipe_receiver pipe;
    int file;
} ends;

static int64_t by_write(ends *e, size_t length)
{
    return mio_tcp_stream_write(e->stream, "hello", length);
}

static int64_t by_writev(ends *e, size_t length)
{
    char text[] = "hello";
    mio_iovec pieces[2] = {{text, length / 2}, {text + length / 2, length - length / 2}};
    return mio_tcp_stream_writev(e->stream, pieces, 2);
}

static int64_t by_send(ends *e, size_t length)
{
    return mio_tcp_stream_send(e->stream, "hello", length, 0);
}

static int64_t by_send_file(ends *e, size_t length)
{
    int64_t offset = 0;
    return mio_source_send_file(&e->stream->source, e->file, &offset, length);
}

/*
 * Sends with mio_source_splice. Over loopback, the connect can finish before splice checks which end is blocked. In
 * that case, splice tries again.
 */
static int64_t by_splice(ends *e, size_t length)
{
    return mio_source_splice(&e->pipe.source, &e->stream->source, length, NULL);
}

static int64_t (*const ways[])(ends *e, size_t length) = {by_write, by_writev, by_send, by_send_file, by_splice};
enum {
    WAYS = sizeof ways / sizeof ways[0],
    WAYS_OF_NOTHING = 3 /* by_send_file and by_splice make no system call for zero bytes */
};

enum { CLIENT = 0x1, SERVER = 0x2, WITHOUT_COOKIE = 0x4 | 0x200 };

static bool set_fast_open(int bits)
{
    FILE *setting = fopen("/proc/sys/net/ipv4/tcp_fastopen", "w");
    return setting != NULL && fprintf(setting, "%d", bits) > 0 && fclose(setting) == 0;
}

static int open_ends(ends *e)
{
    char name[] = "/tmp/mio-fast-open-XXXXXX";
    mio_pipe_sender sender;
    require(mio_pipe_pair(&sender, &e->pipe) == 0);
    require(mio_pipe_sender_write(&sender, "hello", 5) == 5);
    mio_pipe_sender_close(&sender);
    e->file = mkstemp(name);
    require(e->file >= 0 && unlink(name) == 0);
    require(write(e->file, "hello", 5) == 5);
    return 0;
}

/* Makes a stream whose first write will start the connect. */
static int connect_fast(mio_tcp_stream *client, const mio_addr *addr)
{
    mio_tcp_socket socket;
    require(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4) == 0);
    require(mio_source_set_option(&socket.source, MIO_OPTION_FAST_OPEN_CONNECT, 1) == 0);
    require(mio_tcp_socket_connect(&socket, addr, client) == 0);
    return 0;
}

static int listen_fast(mio_tcp_listener *listener, mio_addr *addr)
{
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_tcp_socket socket;
    require(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4) == 0);
    require(mio_source_set_option(&socket.source, MIO_OPTION_FAST_OPEN, 5) == 0);
    require(mio_tcp_socket_bind(&socket, &any) == 0);
    require(mio_tcp_socket_local_addr(&socket, addr) == 0);
    return mio_tcp_socket_listen(&socket, 16, listener);
}

/*
 * Makes a stream to `addr`; the kernel has no cookie from this server. The first attempt to send `length` bytes returns
 * -EAGAIN; after an event, the bytes can be sent.
 */
static int send_too_early(mio_poll *poll, mio_tcp_listener *listener, const mio_addr *addr, int way, size_t length)
{
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_event event;
    char bytes[8] = "";
    ends e = {.stream = &client};
    require(open_ends(&e) == 0);
    require(set_fast_open(CLIENT | SERVER | WITHOUT_COOKIE));
    require(connect_fast(&client, addr) == 0);
    require(set_fast_open(CLIENT | SERVER));
    require(mio_registry_register(mio_poll_registry(poll), &client.source, STREAM, MIO_WRITABLE) == 0);
    require(mio_poll_wait(poll, &event, 1, LONG_WAIT) == 1 && mio_event_is_writable(&event));
    int64_t taken = ways[way](&e, length);
    if (ways[way] != by_splice || taken != (int64_t)length) {
        require(taken == -EAGAIN);
        require(mio_poll_wait(poll, &event, 1, LONG_WAIT) == 1 && mio_event_is_writable(&event));
        require(mio_tcp_stream_connect_finish(&client) == 0);
        require(ways[way](&e, 5) == 5);
    }
    wait_handle(mio_tcp_listener_handle(listener), POLLIN);
    require(mio_tcp_listener_accept(listener, &server, NULL) == 0);
    wait_handle(mio_tcp_stream_handle(&server), POLLIN);
    require(mio_tcp_stream_read(&server, bytes, sizeof bytes) == 5 && memcmp(bytes, "hello", 5) == 0);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    mio_pipe_receiver_close(&e.pipe);
    close_fd(e.file);
    return 0;
}

static int send_too_early_all_ways(void *context)
{
    const int *variant = context;
    mio_tcp_listener listener;
    mio_addr addr;
    if (!enter_empty_network() || !set_fast_open(CLIENT | SERVER)) {
        return SKIPPED;
    }
    mio_poll *poll = open_poll(*variant);
    require(listen_fast(&listener, &addr) == 0);
    for (int i = 0; i < WAYS + WAYS_OF_NOTHING; i++) {
        mio_addr server = ipv4(127, 0, 1, i, (uint16_t)mio_addr_port(&addr));
        int failed = i < WAYS ? send_too_early(poll, &listener, &server, i, 5)
                              : send_too_early(poll, &listener, &server, i - WAYS, 0);
        require(failed == 0);
    }
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
    return 0;
}

START_TEST(a_first_write_without_a_cookie_is_eagain_and_rearmed)
{
    if (run_apart(send_too_early_all_ways, &_i) == SKIPPED) {
        skip("no network of its own");
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_fast_open");
    TCase *tcase = add_tcase(suite, "first write");
    tcase_add_backend_test(tcase, a_first_write_without_a_cookie_is_eagain_and_rearmed);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
