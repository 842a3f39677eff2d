/* SPDX-License-Identifier: MIT */
/* The part that the programs in bench/peers share: the command line, the clock, and the sockets. */
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void peer_require(int condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
    exit(EXIT_FAILURE);
}

void peer_answer_datagrams(int fd)
{
    struct sockaddr_in from;
    char buffer[PEER_BUFFER_SIZE];
    for (;;) {
        socklen_t size = sizeof from;
        ssize_t length = recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &size);
        if (length < 0) break;
        peer_require(sendto(fd, buffer, (size_t)length, 0, (struct sockaddr *)&from, size) == length, "sendto");
    }
    peer_require(errno == EAGAIN, "recvfrom");
}

/* Not every library can pass descriptors, or split a message into datagrams. If a library cannot, the
 * definitions here end the program. */
__attribute__((weak)) void peer_pass(void *loop, const int pair[2], long count)
{
    (void)loop;
    (void)pair;
    (void)count;
    peer_require(0, "the library does not pass descriptors");
}

__attribute__((weak)) void peer_offload(void *loop, const int pair[2], long count)
{
    (void)loop;
    (void)pair;
    (void)count;
    peer_require(0, "the library does not split messages into datagrams");
}

/* Returns the processor time of all threads of the process. */
static int64_t processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* ---- servers ---- */

static int listen_on_tcp(void)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    socklen_t length = sizeof addr;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    peer_require(listener >= 0 && bind(listener, (struct sockaddr *)&addr, sizeof addr) == 0 &&
                     getsockname(listener, (struct sockaddr *)&addr, &length) == 0,
                 "listener");
    peer_require(listen(listener, SOMAXCONN) == 0, "listen");
    printf("%d\n", ntohs(addr.sin_port));
    return listener;
}

static int listen_on_path(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    peer_require(strlen(path) < sizeof addr.sun_path, "path too long");
    strcpy(addr.sun_path, path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    peer_require(listener >= 0 && bind(listener, (struct sockaddr *)&addr, sizeof addr) == 0, path);
    peer_require(listen(listener, SOMAXCONN) == 0, "listen");
    puts(path);
    return listener;
}

static int bind_udp(struct sockaddr_in *addr)
{
    socklen_t length = sizeof *addr;
    *addr = (struct sockaddr_in){.sin_family = AF_INET};
    addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    peer_require(fd >= 0 && bind(fd, (struct sockaddr *)addr, sizeof *addr) == 0 &&
                     getsockname(fd, (struct sockaddr *)addr, &length) == 0,
                 "UDP");
    return fd;
}

/* Opens a UDP socket, prints its port, and sends every datagram back. `batch` is the argument of
 * peer_echo_datagrams. */
static void serve_datagrams(int batch)
{
    struct sockaddr_in addr;
    int fd = bind_udp(&addr);
    printf("%d\n", ntohs(addr.sin_port));
    fflush(stdout);
    peer_echo_datagrams(fd, batch);
}

static int target_port;

int peer_connect(void)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)target_port)};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    peer_require(fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0, "connect");
    peer_require(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "fcntl");
    return fd;
}

/* Listens on a Unix socket at `path`, or on a TCP port if `path` is null. Prints the path or the port when clients can
 * connect, and then serves the connections. */
static void serve(const char *path)
{
    int listener = path == NULL ? listen_on_tcp() : listen_on_path(path);
    fflush(stdout);
    peer_serve(listener, target_port != 0);
}

/* ---- the workloads: each function does the work `count` times ---- */

static int open_eventfd(unsigned value)
{
    int fd = eventfd(value, EFD_NONBLOCK | EFD_CLOEXEC);
    peer_require(fd >= 0, "eventfd");
    return fd;
}

static void registrations(void *loop, long count)
{
    static int fd = -1;
    if (fd < 0) fd = open_eventfd(0);
    for (long i = 0; i < count; i++)
        peer_register(loop, fd);
}

/* Watches `ready` descriptors that stay readable, and then waits `count` times. Each wait must report all of these
 * descriptors. */
static void waits(void *loop, int ready, long count)
{
    static int watched;
    for (; watched < ready; watched++) {
        peer_watch(loop, open_eventfd(1));
        peer_look(loop); /* lets the library grow its tables */
    }
    for (long i = 0; i < count; i++)
        peer_require(peer_look(loop) == ready, "a wait must report all descriptors");
}

static void empty_waits(void *loop, long count)
{
    waits(loop, 0, count);
}

static void waits_with_one_event(void *loop, long count)
{
    waits(loop, 1, count);
}

static void full_waits(void *loop, long count)
{
    waits(loop, PEER_EVENT_CAPACITY, count);
}

/* Wakes the loop `count` times. The loop does not run between the wakes, so a library can merge the wakes. */
static void wakes(void *loop, long count)
{
    for (long i = 0; i < count; i++)
        peer_wake(loop);
}

static void wakes_with_waits(void *loop, long count)
{
    for (long i = 0; i < count; i++) {
        peer_wake(loop);
        peer_wait_for_wake(loop);
    }
}

struct side {
    void *loop;
    void *other;
    long count;
};

static void *answer(void *argument)
{
    const struct side *side = argument;
    for (long i = 0; i < side->count; i++) {
        peer_wait_for_wake(side->loop);
        peer_wake(side->other);
    }
    return NULL;
}

/* Two threads, each with its own loop, wake each other in turn. */
static void ping_pong(void *loop, long count)
{
    pthread_t thread;
    struct side side = {peer_open(), loop, count};
    peer_require(pthread_create(&thread, NULL, answer, &side) == 0, "pthread_create");
    for (long i = 0; i < count; i++) {
        peer_wake(side.loop);
        peer_wait_for_wake(loop);
    }
    pthread_join(thread, NULL);
}

#define WAKING_THREADS 8

struct crowd {
    void *loop;
    long count;
    atomic_int running;
};

/* The function of a waking thread. Wakes the loop `count` times. Then wakes the loop once more, so that the loop sees
 * that this thread has ended. */
static void *wake_often(void *argument)
{
    struct crowd *crowd = argument;
    for (long i = 0; i < crowd->count; i++)
        peer_wake(crowd->loop);
    atomic_fetch_sub(&crowd->running, 1);
    peer_wake(crowd->loop);
    return NULL;
}

static void wakes_by_threads(void *loop, long count)
{
    pthread_t threads[WAKING_THREADS];
    struct crowd crowd = {loop, count / WAKING_THREADS, WAKING_THREADS};
    for (int i = 0; i < WAKING_THREADS; i++)
        peer_require(pthread_create(&threads[i], NULL, wake_often, &crowd) == 0, "pthread_create");
    while (atomic_load(&crowd.running) > 0)
        peer_wait_for_wake(loop);
    for (int i = 0; i < WAKING_THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void pass_descriptors(void *loop, long count)
{
    int pair[2];
    peer_require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
    peer_pass(loop, pair, count);
}

static void offload(void *loop, long count)
{
    struct sockaddr_in addrs[2];
    int pair[2];
    for (int i = 0; i < 2; i++)
        pair[i] = bind_udp(&addrs[i]);
    for (int i = 0; i < 2; i++)
        peer_require(connect(pair[i], (struct sockaddr *)&addrs[1 - i], sizeof addrs[0]) == 0, "connect");
    peer_offload(loop, pair, count);
}

static void *signalled_loop;

static void wake_from_handler(int number)
{
    (void)number;
    peer_wake(signalled_loop);
}

static void wakes_by_handler(void *loop, long count)
{
    signalled_loop = loop;
    peer_require(signal(SIGUSR1, wake_from_handler) != SIG_ERR, "signal");
    for (long i = 0; i < count; i++) {
        peer_require(raise(SIGUSR1) == 0, "raise");
        peer_wait_for_wake(loop);
    }
}

static const struct workload {
    const char *name;
    void (*run)(void *loop, long count);
} workloads[] = {
    {"register", registrations},
    {"wait0", empty_waits},
    {"wait1", waits_with_one_event},
    {"wait512", full_waits},
    {"wake", wakes},
    {"wakewait", wakes_with_waits},
    {"pingpong", ping_pong},
    {"wake8", wakes_by_threads},
    {"wakesignal", wakes_by_handler},
    {"pass", pass_descriptors},
    {"offload", offload},
};

/* ---- timeouts ---- */

static const struct timeout {
    const char *name;
    int64_t nanoseconds;
} timeouts[] = {{"timeout50us", 50000}, {"timeout1ms", 1000000}};

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int compare_times(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left;
    const int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static int64_t median_lateness(int64_t nanoseconds, long count)
{
    void *loop = peer_open();
    int64_t *late = calloc((size_t)count, sizeof *late);
    peer_require(late != NULL, "memory");
    for (long i = 0; i < count; i++) {
        const int64_t began = now();
        peer_sleep(loop, nanoseconds);
        late[i] = now() - began - nanoseconds;
    }
    qsort(late, (size_t)count, sizeof *late, compare_times);
    const int64_t median = late[count / 2];
    free(late);
    return median;
}

/* ---- the command line ---- */

static int usage(void)
{
    fprintf(stderr,
            "usage: %s echo [PATH]\n"
            "       %s proxy PORT\n"
            "       %s udp | udpbatch\n"
            "       %s WORKLOAD COUNT\n"
            "Prints the processor time of an operation in nanoseconds, or the median lateness of a timeout. Workloads:",
            program_invocation_short_name, program_invocation_short_name, program_invocation_short_name,
            program_invocation_short_name);
    for (size_t i = 0; i < sizeof workloads / sizeof workloads[0]; i++)
        fprintf(stderr, " %s", workloads[i].name);
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++)
        fprintf(stderr, " %s", timeouts[i].name);
    fputc('\n', stderr);
    return 2;
}

/* Runs the workload `name`, and prints the time of an operation. Does not measure the first 16 operations, which fill
 * the caches and let the library grow its tables. */
static int measure(const char *name, long count)
{
    for (size_t i = 0; i < sizeof workloads / sizeof workloads[0]; i++) {
        if (strcmp(name, workloads[i].name) != 0) continue;
        void *loop = peer_open();
        workloads[i].run(loop, 16);
        const int64_t began = processor_time();
        workloads[i].run(loop, count);
        printf("%.2f\n", (double)(processor_time() - began) / (double)count);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        if (strcmp(name, timeouts[i].name) != 0) continue;
        printf("%" PRId64 "\n", median_lateness(timeouts[i].nanoseconds, count));
        return EXIT_SUCCESS;
    }
    return usage();
}

int main(int argc, char **argv)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    signal(SIGPIPE, SIG_IGN);
    if (argc >= 2 && argc <= 3 && strcmp(argv[1], "echo") == 0) {
        serve(argv[2]);
        return EXIT_SUCCESS;
    }
    if (argc == 3 && strcmp(argv[1], "proxy") == 0) {
        target_port = atoi(argv[2]);
        serve(NULL);
        return EXIT_SUCCESS;
    }
    if (argc == 2 && (strcmp(argv[1], "udp") == 0 || strcmp(argv[1], "udpbatch") == 0)) {
        serve_datagrams(strcmp(argv[1], "udpbatch") == 0);
        return EXIT_SUCCESS;
    }
    long count = argc == 3 ? atol(argv[2]) : 0;
    return count > 0 ? measure(argv[1], count) : usage();
}
