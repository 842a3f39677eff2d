/* SPDX-License-Identifier: MIT */
/*
 * A SOCKS5 proxy that serves one pair of connections at a time. socks.sh makes recipe.h and handshake.h from the
 * programs in mio_proxy(7). recipe.h has the functions of the first program. handshake.h has serve().
 */
#include "recipe.h"
#include <time.h>

#define PAIR_LIMIT_NS INT64_C(4000000000)

enum { CONNECT = 1, IPV4 = 1 };

struct pair {
    enum { GREETING, REQUEST, CONNECTING, RELAY } state;
    struct side sides[2]; /* the client and the target */
};

static mio_poll *poller;

static void answer(struct pair *pair, const void *bytes, size_t size)
{
    struct side *target = &pair->sides[1];
    memcpy(target->bytes + target->end, bytes, size);
    target->end += size;
}

/* Answers a request. The code 0 is success. */
static void reply(struct pair *pair, char code)
{
    const char bytes[10] = {5, code, 0, IPV4};
    struct side *target = &pair->sides[1];
    answer(pair, bytes, sizeof bytes);
    pair->state = RELAY;
    if (code == 0) return;
    mio_tcp_stream_close(&target->stream);
    target->ended = target->broken = 1;
}

static int watch(struct pair *pair, uintptr_t side)
{
    return mio_registry_register(mio_poll_registry(poller), &pair->sides[side].stream.source, side,
                                 MIO_READABLE | MIO_WRITABLE);
}

static void start_connect(struct pair *pair, const unsigned char *request)
{
    mio_addr addr;
    uint16_t port = (uint16_t)(request[8] << 8 | request[9]);
    int result = mio_addr_from_ipv4(&addr, request + 4, port);
    if (result == 0) result = mio_tcp_stream_connect(&pair->sides[1].stream, &addr);
    if (result == 0) result = watch(pair, 1);
    pair->state = CONNECTING;
    if (result < 0) reply(pair, 1);
}

static void finish_connect(struct pair *pair)
{
    int result = mio_tcp_stream_connect_finish(&pair->sides[1].stream);
    if (result == 0)
        reply(pair, 0);
    else if (result != -EINPROGRESS)
        reply(pair, result == -ECONNREFUSED ? 5 : 1);
}

static int take_message(struct pair *pair)
{
    struct side *client = &pair->sides[0];
    const unsigned char *message = (const unsigned char *)client->bytes + client->begin;
    size_t have = client->end - client->begin;
    size_t size = pair->state == REQUEST ? 10 : have < 2 ? 2 : 2 + (size_t)message[1];
    if (have < size) return 0;
    client->begin += size;
    if (pair->state == REQUEST && message[1] == CONNECT && message[3] == IPV4) {
        start_connect(pair, message);
    } else if (pair->state == REQUEST) {
        reply(pair, 7);
    } else {
        answer(pair, "\5\0", 2);
        pair->state = REQUEST;
    }
    return 1;
}

#include "handshake.h"

static void serve_one(struct pair *pair)
{
    int64_t until = mio_clock_now() + PAIR_LIMIT_NS, result = -EAGAIN;
    while ((result == -EAGAIN || result == 1) && mio_clock_now() < until) {
        mio_event events[8];
        int64_t count = mio_poll_wait_until(poller, events, 8, result == 1 ? 0 : until);
        if (count != -EINTR) check(count, "wait");
        for (int64_t i = 0; i < count; i++)
            mio_readiness_add(&pair->sides[events[i].token].ready, &events[i]);
        result = serve(pair);
    }
    mio_tcp_stream_close(&pair->sides[0].stream);
    mio_tcp_stream_close(&pair->sides[1].stream);
}

int main(void)
{
    static struct pair pair, fresh;
    mio_addr addr;
    mio_tcp_listener listener;
    check(mio_poll_new(&poller, NULL), "poll");
    check(mio_addr_parse(&addr, "127.0.0.1:0"), "address");
    check(mio_tcp_listener_bind(&listener, &addr, MIO_BACKLOG_MAX), "bind");
    check(mio_tcp_listener_local_addr(&listener, &addr), "address");
    check(pair_limit(), "limit");
    printf("listening on 127.0.0.1:%d\n", mio_addr_port(&addr));
    fflush(stdout);
    for (;;) { /* until the test kills the proxy */
        struct timespec pause = {0, 1000000};
        pair = fresh;
        while (mio_tcp_listener_accept(&listener, &pair.sides[0].stream, NULL) < 0)
            nanosleep(&pause, NULL);
        check(watch(&pair, 0), "register");
        serve_one(&pair);
    }
}
