/* SPDX-License-Identifier: MIT */
/*
 * Tests shortages of epoll watches, ports, memory and room for queued signals. Also tests full buffers and full
 * backlogs. During a shortage, a function that needs the resource returns an error that its manual page lists. Existing
 * registrations, and objects that are already open, still work. After the shortage, the function that failed succeeds
 * again. For other shortages, see starved.c (descriptors), allocations.c (each allocation) and file_limit.c (the size
 * of files).
 */
#include "../helpers/sockets.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OLD = 1, NEW, LISTENER, CLIENT, CLIENTS = 4 };

/* ---- watches ---------------------------------------------------------------------------------------------------- */

typedef struct watched {
    mio_poll *poll;
    int old; /* registered before the shortage */
    int new;
    int result;
} watched;

static int register_without_watches(const watched *w)
{
    mio_registry *registry = mio_poll_registry(w->poll);
    mio_event event;
    if (!refuse_system_call(SYS_epoll_ctl, ENOSPC)) {
        return SKIPPED;
    }
    for (int round = 0; round < 3; round++) {
        require(mio_registry_register_handle(registry, w->new, NEW, MIO_READABLE | MIO_LEVEL) == -ENOSPC);
        require(mio_poll_wait(w->poll, &event, 1, 0) == 1 && event.token == OLD);
    }
    return 0;
}

static void *starve(void *context)
{
    watched *w = context;
    w->result = register_without_watches(w);
    return NULL;
}

/*
 * The kernel counts the epoll watches of all processes of a user, so the test must not really reach the limit. Instead,
 * a seccomp filter makes epoll_ctl(2) fail in one thread.
 */
static int run_out_of_watches(void *context)
{
    mio_event events[2];
    int pipes[2][2];
    make_pipe(pipes[0]);
    make_pipe(pipes[1]);
    write_byte(pipes[0][1]);
    write_byte(pipes[1][1]);
    watched w = {.poll = open_poll(*(const int *)context), .old = pipes[0][0], .new = pipes[1][0]};
    mio_registry *registry = mio_poll_registry(w.poll);
    if (strcmp(mio_poll_backend(w.poll), "epoll") != 0) {
        mio_poll_free(w.poll);
        return SKIPPED;
    }
    require(mio_registry_register_handle(registry, w.old, OLD, MIO_READABLE | MIO_LEVEL) == 0);
    join_thread(start_thread(starve, &w));
    if (w.result != 0) {
        return w.result;
    }
    require(mio_registry_register_handle(registry, w.new, NEW, MIO_READABLE | MIO_LEVEL) == 0);
    require(mio_poll_wait(w.poll, events, 2, LONG_WAIT) == 2);
    mio_poll_free(w.poll);
    return 0;
}

START_TEST(without_a_watch_registering_is_enospc_and_works_later)
{
    if (run_apart(run_out_of_watches, &_i) == SKIPPED) {
        skip("only epoll has watches, and a filter must refuse them");
    }
}
END_TEST

/* ---- ports ------------------------------------------------------------------------------------------------------ */

static bool set_ports(int first, int last)
{
    FILE *range = fopen("/proc/sys/net/ipv4/ip_local_port_range", "we");
    if (range == NULL) {
        return false;
    }
    const bool written = fprintf(range, "%d %d\n", first, last) > 0;
    return fclose(range) == 0 && written;
}

/*
 * Tries to open a TCP stream, a TCP listener and a UDP socket while no port is free. Tries again when ports are free.
 */
static int open_without_ports(mio_tcp_stream *stream, const mio_addr *peer)
{
    const mio_addr any = loopback_v4();
    mio_tcp_listener listener;
    mio_udp_socket udp;
    mio_udp_socket last;
    const int before = count_descriptors();
    require(mio_udp_socket_bind(&udp, &any) == 0);
    for (int round = 0; round < 3; round++) {
        require(mio_tcp_stream_connect(stream, peer) == -EADDRNOTAVAIL);
        require(mio_tcp_listener_bind(&listener, &any, 4) == -EADDRINUSE);
        require(mio_udp_socket_bind(&last, &any) == -EADDRINUSE);
        require(count_descriptors() == before + 1);
    }
    mio_udp_socket_close(&udp);
    require(mio_udp_socket_bind(&last, &any) == 0);
    mio_udp_socket_close(&last);
    require(set_ports(40000, 40100));
    require(mio_tcp_listener_bind(&listener, &any, 4) == 0);
    mio_tcp_listener_close(&listener);
    return mio_tcp_stream_connect(stream, peer) == 0 ? 0 : __LINE__;
}

static int run_out_of_ports(void *context)
{
    const mio_addr any = loopback_v4();
    mio_addr addr;
    mio_tcp_stream streams[2];
    mio_event event;
    if (!enter_empty_network() || !set_ports(30000, 30000)) {
        return SKIPPED;
    }
    const int listener = raw_listener(&any, 4, &addr);
    require(set_ports(40000, 40000));
    mio_poll *poll = open_poll(*(const int *)context);
    mio_registry *registry = mio_poll_registry(poll);
    require(mio_tcp_stream_connect(&streams[0], &addr) == 0);
    require(mio_registry_register(registry, &streams[0].source, OLD, MIO_WRITABLE) == 0);
    const int failed = open_without_ports(&streams[1], &addr);
    if (failed != 0) {
        return failed;
    }
    require(mio_poll_wait(poll, &event, 1, LONG_WAIT) == 1 && event.token == OLD && !mio_event_is_error(&event));
    require(mio_registry_register(registry, &streams[1].source, NEW, MIO_WRITABLE) == 0);
    require(mio_poll_wait(poll, &event, 1, LONG_WAIT) == 1 && event.token == NEW && !mio_event_is_error(&event));
    mio_tcp_stream_close(&streams[0]);
    mio_tcp_stream_close(&streams[1]);
    mio_poll_free(poll);
    close(listener);
    return 0;
}

START_TEST(without_a_port_nothing_opens_and_with_ports_again_it_does)
{
    if (run_apart(run_out_of_ports, &_i) == SKIPPED) {
        skip("cannot make a network of its own, or not write to its settings");
    }
}
END_TEST

/* ---- backlogs --------------------------------------------------------------------------------------------------- */

typedef struct crowd {
    mio_poll *poll;
    mio_tcp_listener listener;
    mio_tcp_stream clients[CLIENTS];
    mio_tcp_stream served[CLIENTS];
    int accepted;
    int connected;
} crowd;

static void open_crowd(crowd *c, int variant)
{
    const mio_addr any = loopback_v4();
    mio_addr addr;
    memset(c, 0, sizeof *c);
    c->poll = open_poll(variant);
    mio_registry *registry = mio_poll_registry(c->poll);
    ck_assert_ok(mio_tcp_listener_bind(&c->listener, &any, 1));
    ck_assert_ok(mio_tcp_listener_local_addr(&c->listener, &addr));
    for (int i = 0; i < CLIENTS; i++) {
        ck_assert_ok(mio_tcp_stream_connect(&c->clients[i], &addr));
        ck_assert_ok(mio_registry_register(registry, &c->clients[i].source, (uintptr_t)(CLIENT + i), MIO_WRITABLE));
    }
    wait_until_queued((int)mio_tcp_listener_handle(&c->listener), 2);
    ck_assert_ok(mio_registry_register(registry, &c->listener.source, LISTENER, MIO_READABLE));
}

static void accept_all(crowd *c)
{
    mio_tcp_stream stream;
    int result;
    while ((result = mio_tcp_listener_accept(&c->listener, &stream, NULL)) == 0) {
        ck_assert_int_lt(c->accepted, CLIENTS);
        c->served[c->accepted++] = stream;
    }
    assert_would_block(result);
}

/*
 * Four clients connect to a listener with a backlog of 1. With this backlog, the kernel queues two connections. For
 * each of the other two clients, the kernel repeats the SYN after a second.
 */
START_TEST(clients_beyond_the_backlog_all_connect_in_the_end)
{
    crowd c;
    mio_event event;
    char byte;
    open_crowd(&c, _i);
    while (c.accepted < CLIENTS || c.connected < CLIENTS) {
        ck_assert_int_eq(wait_events(c.poll, &event, 1, LONG_WAIT), 1);
        ck_assert(!mio_event_is_error(&event));
        if (event.token == LISTENER) {
            accept_all(&c);
        } else {
            mio_tcp_stream *client = &c.clients[event.token - CLIENT];
            ck_assert_ok(mio_tcp_stream_connect_finish(client));
            ck_assert_count(mio_tcp_stream_write(client, "x", 1), 1);
            c.connected++;
        }
    }
    for (int i = 0; i < CLIENTS; i++) {
        wait_handle((int)mio_tcp_stream_handle(&c.served[i]), POLLIN);
        ck_assert_count(mio_tcp_stream_read(&c.served[i], &byte, 1), 1);
        mio_tcp_stream_close(&c.served[i]);
        mio_tcp_stream_close(&c.clients[i]);
    }
    mio_tcp_listener_close(&c.listener);
    mio_poll_free(c.poll);
}
END_TEST

/* ---- buffers ---------------------------------------------------------------------------------------------------- */

enum { TCP, UNIX, PIPE, KINDS, MODES = 2 };

typedef struct channel {
    mio_poll *poll;
    mio_tcp_stream tcp[2];
    mio_unix_stream local[2];
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_source *writer;
    mio_source *reader;
    int64_t written;
} channel;

static void open_channel(channel *c, int variant, int kind, uint32_t mode)
{
    mio_source *const writers[] = {&c->tcp[0].source, &c->local[0].source, &c->sender.source};
    mio_source *const readers[] = {&c->tcp[1].source, &c->local[1].source, &c->receiver.source};
    c->poll = open_poll(variant);
    make_tcp_pair(&c->tcp[0], &c->tcp[1]);
    ck_assert_ok(mio_unix_stream_pair(&c->local[0], &c->local[1], 0));
    ck_assert_ok(mio_pipe_pair(&c->sender, &c->receiver));
    c->writer = writers[kind];
    c->reader = readers[kind];
    c->written = 0;
    ck_assert_ok(mio_registry_register(mio_poll_registry(c->poll), c->writer, OLD, MIO_WRITABLE | mode));
}

static void close_channel(channel *c)
{
    for (int i = 0; i < 2; i++) {
        mio_tcp_stream_close(&c->tcp[i]);
        mio_unix_stream_close(&c->local[i]);
    }
    mio_pipe_sender_close(&c->sender);
    mio_pipe_receiver_close(&c->receiver);
    mio_poll_free(c->poll);
}

static int64_t write_some(channel *c, const void *bytes, size_t length)
{
    return c->writer == &c->sender.source ? mio_pipe_sender_write(&c->sender, bytes, length)
                                          : mio_stream_write(c->writer, bytes, length);
}

static int64_t read_some(channel *c, void *bytes, size_t length)
{
    return c->reader == &c->receiver.source ? mio_pipe_receiver_read(&c->receiver, bytes, length)
                                            : mio_stream_read(c->reader, bytes, length);
}

/*
 * TCP moves bytes to the peer even after the first EAGAIN, and so makes room. Therefore this function writes until 50
 * ms pass without an event.
 */
static void fill(channel *c)
{
    static const char bytes[65536];
    mio_event event;
    int64_t count;
    while (wait_events(c->poll, &event, 1, MS(50)) == 1) {
        while ((count = write_some(c, bytes, sizeof bytes)) > 0) {
            c->written += count;
        }
        assert_would_block(count);
    }
}

static void read_all_of_it(channel *c)
{
    static char bytes[65536];
    while (c->written > 0) {
        wait_handle((int)mio_source_handle(c->reader), POLLIN);
        const int64_t count = read_some(c, bytes, sizeof bytes);
        ck_assert_int_gt(count, 0);
        c->written -= count;
    }
    ck_assert_int_eq(c->written, 0);
}

START_TEST(a_full_buffer_would_block_and_is_writable_once_there_is_room)
{
    static const uint32_t modes[MODES] = {0, MIO_LEVEL};
    const int row = _i % (KINDS * MODES);
    channel c;
    mio_event event;
    open_channel(&c, _i / (KINDS * MODES), row / MODES, modes[row % MODES]);
    for (int round = 0; round < 2; round++) {
        fill(&c);
        read_all_of_it(&c);
        for (int again = 0; again < (modes[row % MODES] == MIO_LEVEL ? 2 : 1); again++) {
            ck_assert_int_eq(wait_events(c.poll, &event, 1, LONG_WAIT), 1);
            ck_assert(event.token == OLD && mio_event_is_writable(&event) && !mio_event_is_error(&event));
        }
        ck_assert_int_eq(write_some(&c, "x", 1), 1);
        ck_assert_ok(mio_registry_reregister(mio_poll_registry(c.poll), c.writer, OLD,
                                             MIO_WRITABLE | modes[row % MODES])); /* gives the next round an event */
        c.written = 1;
    }
    close_channel(&c);
}
END_TEST

/* ---- signals ---------------------------------------------------------------------------------------------------- */

static bool queue_value(int value)
{
    return sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = value}) == 0;
}

static int receive_from(mio_poll *poll, mio_signals *signals, int number)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    mio_event event;
    require(kill(getpid(), number) == 0);
    require(mio_poll_wait(poll, &event, 1, LONG_WAIT) == 1 && event.token == NEW);
    require(mio_signals_recv(signals, &info) == 1 && info.number == number);
    require(mio_signals_recv(signals, &info) == -EAGAIN);
    return 0;
}

static int receive_without_queue(int variant, uint32_t flags)
{
    const int numbers[] = {SIGUSR1, SIGRTMIN};
    mio_signals signals;
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    struct rlimit usual;
    mio_poll *poll = open_poll_flags(variant, MIO_POLL_RESTART);
    require(getrlimit(RLIMIT_SIGPENDING, &usual) == 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = usual.rlim_max};
    require(setrlimit(RLIMIT_SIGPENDING, &none) == 0);
    require(mio_signals_open(&signals, numbers, 2, flags) == 0);
    require(mio_registry_register(mio_poll_registry(poll), &signals.source, NEW, MIO_READABLE) == 0);
    for (int round = 0; round < 3; round++) {
        require(!queue_value(7) && errno == EAGAIN);
        for (int i = 0; i < 2; i++) {
            const int failed = receive_from(poll, &signals, numbers[i]);
            if (failed != 0) {
                return failed;
            }
        }
    }
    require(setrlimit(RLIMIT_SIGPENDING, &usual) == 0);
    require(queue_value(7) && queue_value(8));
    for (int value = 7; value < 9; value++) {
        require(mio_signals_recv(&signals, &info) == 1 && info.number == SIGRTMIN && info.value == value);
    }
    mio_signals_close(&signals);
    mio_poll_free(poll);
    return 0;
}

static int receive_with_blocking(void *context)
{
    return receive_without_queue(*(const int *)context, 0);
}

static int receive_with_handlers(void *context)
{
    return receive_without_queue(*(const int *)context, MIO_SIGNALS_SELF_PIPE);
}

START_TEST(a_signal_that_the_system_cannot_queue_still_arrives)
{
    if (under_valgrind()) {
        skip("Valgrind receives the signals itself");
        return;
    }
    run_apart(receive_with_blocking, &_i);
    run_apart(receive_with_handlers, &_i);
}
END_TEST

/* ---- memory ----------------------------------------------------------------------------------------------------- */

enum { WAKER = NEW };

typedef struct chunk {
    struct chunk *next;
} chunk;

/*
 * Allocates all memory that malloc can give. It tries smaller and smaller sizes, because malloc may still have small
 * free blocks when no large block is left.
 */
static chunk *take_all_memory(void)
{
    chunk *all = NULL;
    chunk *one;
    for (size_t size = 1 << 16; size >= sizeof(chunk); size -= size > 4096 ? size / 2 : sizeof(chunk)) {
        while ((one = malloc(size)) != NULL) {
            one->next = all;
            all = one;
        }
    }
    return all;
}

static void give_back(chunk *all)
{
    while (all != NULL) {
        chunk *next = all->next;
        free(all);
        all = next;
    }
}

/*
 * Limits the address space. After that, the process can map no more pages, and its stack cannot grow. If an emulator
 * ignores the limit, returns SKIPPED.
 */
static int limit_memory(struct rlimit *usual)
{
    require(getrlimit(RLIMIT_AS, usual) == 0);
    const struct rlimit none = {.rlim_cur = 1, .rlim_max = usual->rlim_max};
    require(setrlimit(RLIMIT_AS, &none) == 0);
    void *page = mmap(NULL, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return 0;
    }
    munmap(page, 1);
    return setrlimit(RLIMIT_AS, usual) == 0 ? SKIPPED : __LINE__;
}

/* Checks that one wait returns an event for a byte in the pipe and an event for a wake. */
static int wait_for_both(mio_poll *poll, mio_waker *waker, const int ends[2])
{
    mio_event events[3];
    char byte;
    require(write(ends[1], "x", 1) == 1); /* write_byte would allocate memory */
    require(mio_waker_wake(waker) == 0);
    require(mio_poll_wait(poll, events, 3, LONG_WAIT) == 2);
    require(events[0].token + events[1].token == OLD + WAKER);
    require(read(ends[0], &byte, 1) == 1);
    require(mio_registry_reregister_handle(mio_poll_registry(poll), ends[0], OLD, MIO_READABLE) == 0);
    require(mio_poll_wait(poll, events, 3, 0) == 0);
    return 0;
}

/* Tries to make a poll object, a clone of a registry and a waker. Each function must return `expected`. */
static int make_each(const mio_poll_options *options, mio_registry *registry, int expected)
{
    mio_poll *poll = NULL;
    mio_registry *clone = NULL;
    mio_waker *waker = NULL;
    require(mio_poll_new(&poll, options) == expected && (poll == NULL) == (expected != 0));
    require(mio_registry_clone(&clone, registry) == expected && (clone == NULL) == (expected != 0));
    require(mio_waker_new(&waker, registry, CLIENT) == expected && (waker == NULL) == (expected != 0));
    mio_waker_free(waker);
    mio_registry_free(clone);
    mio_poll_free(poll);
    return 0;
}

static int run_out_of_memory(void *context)
{
    struct rlimit usual;
    int ends[2];
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = open_poll(*(const int *)context);
    mio_registry *registry = mio_poll_registry(poll);
    mio_waker *waker = make_waker(poll, WAKER);
    options.backend = mio_poll_backend(poll);
    make_pipe(ends);
    require(mio_registry_register_handle(registry, ends[0], OLD, MIO_READABLE) == 0);
    require(wait_for_both(poll, waker, ends) == 0 && make_each(&options, registry, 0) == 0);
    const int before = count_descriptors();
    int failed = limit_memory(&usual);
    if (failed != 0) {
        return failed;
    }
    chunk *all = take_all_memory();
    for (int round = 0; round < 3 && failed == 0; round++) {
        failed = make_each(&options, registry, -ENOMEM);
        failed = failed != 0 ? failed : wait_for_both(poll, waker, ends);
    }
    require(setrlimit(RLIMIT_AS, &usual) == 0);
    give_back(all);
    if (failed != 0) {
        return failed;
    }
    require(count_descriptors() == before);
    require(make_each(&options, registry, 0) == 0 && wait_for_both(poll, waker, ends) == 0);
    mio_waker_free(waker);
    mio_poll_free(poll);
    return 0;
}

/* The first call of mio_poll_new in a process also maps a page, so this call needs more memory than later calls. */
static int open_first_without_a_page(void *context)
{
    struct rlimit usual;
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = NULL;
    options.backend = variant_backend(*(const int *)context);
    const int before = count_descriptors();
    const int failed = limit_memory(&usual);
    if (failed != 0) {
        return failed;
    }
    const int result = mio_poll_new(&poll, &options);
    require(setrlimit(RLIMIT_AS, &usual) == 0);
    require(result == -ENOMEM && poll == NULL && count_descriptors() == before);
    require(mio_poll_new(&poll, &options) == 0);
    mio_poll_free(poll);
    return 0;
}

START_TEST(without_memory_nothing_is_made_and_all_that_is_open_works)
{
    if (running_slowly()) {
        skip("a sanitizer or Valgrind needs memory of its own");
        return;
    }
    if (run_apart(run_out_of_memory, &_i) == SKIPPED) {
        skip("the limit of memory has no effect");
        return;
    }
    run_apart(open_first_without_a_page, &_i);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("exhausted");
    TCase *tcase = add_tcase(suite, "exhausted");
    tcase_add_backend_test(tcase, without_a_watch_registering_is_enospc_and_works_later);
    tcase_add_backend_test(tcase, without_a_port_nothing_opens_and_with_ports_again_it_does);
    tcase_add_backend_test(tcase, clients_beyond_the_backlog_all_connect_in_the_end);
    for (int row = 0; row < KINDS * MODES; row++) {
        tcase_add_row_test(tcase, a_full_buffer_would_block_and_is_writable_once_there_is_room, row, KINDS * MODES);
    }
#ifndef __SANITIZE_THREAD__ /* ThreadSanitizer stores only one pending signal of each number */
    tcase_add_backend_test(tcase, a_signal_that_the_system_cannot_queue_still_arrives);
#else
    (void)a_signal_that_the_system_cannot_queue_still_arrives;
#endif
    TCase *memory = add_tcase(suite, "memory");
    tcase_add_backend_test(memory, without_memory_nothing_is_made_and_all_that_is_open_works);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
