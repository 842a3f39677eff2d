/* SPDX-License-Identifier: MIT */
/*
 * Runs a server and its clients for a given time, on every backend at once. TCP and Unix connections open and close.
 * Some connections end with a half-close or a reset. Some readers are slow, and some streams are very long. Signals
 * arrive, and threads wake the poll objects. The server and the clients check every byte. The server and the clients
 * must not lose an event, a wake or a signal. At the end, the server and the clients must not use more memory,
 * descriptors or processor time than at the start.
 *
 *     soak SECONDS [BACKEND...]
 *
 * Each round has the same connections. A round ends when all its connections are closed. Then each process measures its
 * memory, descriptors and processor time. The first rounds open more connections at once than the later rounds. So the
 * tables reach their final size early.
 */
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE = 300, MORE_AT_ONCE = 900, CONNECTIONS = 1000, BIG_ROUNDS = 2 };

/* The client process sends ROUND_ENDS at the end of a round. The server process answers with NEXT_ROUND or STOP. */
enum { ROUND_ENDS = 'e', NEXT_ROUND = 'n', STOP = 's' };

static loop the_loop;

static char wait_for_message(loop *l)
{
    l->message = 0;
    while (l->message == 0) {
        turn_loop(l);
    }
    return l->message;
}

/* ---- the server ---- */

static void serve(const char *backend, int control, int64_t end)
{
    loop *l = &the_loop;
    char reply = NEXT_ROUND;
    open_loop(l, backend, control);
    while (reply != STOP) {
        check_that(wait_for_message(l) == ROUND_ENDS, "an unexpected message");
        while (l->live > 0) {
            turn_loop(l);
        }
        end_round(&l->work);
        reply = mio_clock_now() < end ? NEXT_ROUND : STOP;
        tell(l, reply);
    }
    close_loop(l);
    judge_rounds(backend, "server");
}

/* ---- the clients ---- */

/* Makes the send buffer small, so that writes often return -EAGAIN. */
static void narrow(mio_source *source)
{
    enum { SMALL = 32 << 10 };
    check_that(mio_source_set_option(source, MIO_OPTION_SEND_BUFFER, SMALL) == 0, "cannot set the size of the buffer");
}

/* Returns false if the client must try again later. */
static bool connect_one(loop *l, const mio_addr addrs[2], uint32_t number)
{
    slot *s = free_slot(l);
    s->flow.is_client = true;
    s->flow.script = write_script(number);
    const int result = number % 2 == 0 ? mio_tcp_stream_connect(&s->flow.stream.tcp, &addrs[0])
                                       : mio_unix_stream_connect(&s->flow.stream.local, &addrs[1], 0);
    if (result == -EAGAIN || result == -EADDRNOTAVAIL) { /* the backlog is full, or no port is free */
        s->flow = (flow){0};
        return false;
    }
    check_that(result == 0, "connect returned %s", mio_error_name(-result));
    if (number % 4 < 2) {
        narrow(&s->flow.stream.source);
    }
    add_flow(l, s);
    return true;
}

static void run_round(loop *l, const mio_addr addrs[2], int at_once)
{
    uint32_t made = 0;
    do {
        while (made < CONNECTIONS && l->live < at_once && connect_one(l, addrs, made)) {
            made++;
        }
        turn_loop(l);
    } while (made < CONNECTIONS || l->live > 0);
}

static void run_clients(const char *backend, int control, const mio_addr addrs[2])
{
    loop *l = &the_loop;
    int rounds = 0;
    open_loop(l, backend, control);
    do {
        run_round(l, addrs, rounds < BIG_ROUNDS ? MORE_AT_ONCE : AT_ONCE);
        end_round(&l->work);
        tell(l, ROUND_ENDS);
        rounds++;
    } while (wait_for_message(l) == NEXT_ROUND);
    close_loop(l);
    judge_rounds(backend, "client");
}

/* ---- processes ---- */

static void bind_both(mio_tcp_listener *tcp, mio_unix_listener *local, mio_addr addrs[2])
{
    static const uint8_t loopback[] = {127, 0, 0, 1};
    mio_addr_from_ipv4(&addrs[0], loopback, 0);
    mio_addr_unnamed(&addrs[1]);
    check_that(mio_tcp_listener_bind(tcp, &addrs[0], MIO_BACKLOG_MAX) == 0 &&
                   mio_unix_listener_bind(local, &addrs[1], MIO_BACKLOG_MAX, 0) == 0 &&
                   mio_source_local_addr(&tcp->source, &addrs[0]) == 0 &&
                   mio_source_local_addr(&local->source, &addrs[1]) == 0,
               "cannot bind");
}

/*
 * Tests one backend until the time `end`. The program starts a child for each backend, and each child calls this
 * function. Returns the exit status of the child.
 */
static int soak_backend(const char *backend, int64_t end)
{
    static mio_tcp_listener tcp;
    static mio_unix_listener local;
    mio_addr addrs[2];
    int control[2];
    int status = 1;
    bind_both(&tcp, &local, addrs);
    check_that(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) == 0, "no socket pair");
    const pid_t clients = fork();
    check_that(clients >= 0, "cannot fork");
    if (clients == 0) {
        mio_tcp_listener_close(&tcp);
        mio_unix_listener_close(&local);
        close(control[0]);
        run_clients(backend, control[1], addrs);
        exit(0);
    }
    close(control[1]);
    the_loop.listeners[0] = &tcp.source;
    the_loop.listeners[1] = &local.source;
    serve(backend, control[0], end);
    check_that(waitpid(clients, &status, 0) == clients && status == 0, "the clients of %s have failed", backend);
    return 0;
}

static bool is_wanted(const char *backend, int count, char **names)
{
    bool wanted = count == 0;
    for (int i = 0; i < count; i++) {
        wanted = wanted || strcmp(names[i], backend) == 0;
    }
    return wanted;
}

/* Blocks SIGHUP in every process and thread of the test, and raises the limit of descriptors. */
static void prepare(void)
{
    const int hangup = SIGHUP;
    struct rlimit files;
    check_that(mio_signal_mask_block(NULL, &hangup, 1) == 0, "cannot block SIGHUP");
    check_that(getrlimit(RLIMIT_NOFILE, &files) == 0, "getrlimit failed");
    files.rlim_cur = files.rlim_max < FLOWS ? files.rlim_max : FLOWS;
    check_that(setrlimit(RLIMIT_NOFILE, &files) == 0, "setrlimit failed");
}

int main(int argc, char **argv)
{
    const long seconds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    int started = 0;
    int failed = 0;
    int status;
    if (seconds <= 0) {
        fprintf(stderr, "usage: soak SECONDS [BACKEND...]\n");
        return 2;
    }
    prepare();
    const int64_t end = mio_clock_now() + seconds * INT64_C(1000000000);
    for (size_t i = 0; mio_poll_backend_name(i) != NULL; i++) {
        if (is_wanted(mio_poll_backend_name(i), argc - 2, argv + 2)) {
            started++;
            if (fork() == 0) {
                exit(soak_backend(mio_poll_backend_name(i), end));
            }
        }
    }
    while (wait(&status) > 0) {
        failed += status != 0;
    }
    printf("%d backends, %d failed\n", started, failed);
    return failed != 0 || started == 0;
}
