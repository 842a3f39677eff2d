/* SPDX-License-Identifier: MIT */
/*
 * Nests a poll object of mio in the main loop of GLib, so that a GLib program can also use mio. You can copy the whole
 * program. Usage:
 *
 *     glib_nested [--quiet MILLISECONDS] [--tick MILLISECONDS] ADDRESS:PORT...
 *
 * The program opens a UDP socket for each address, and sends each datagram back to its sender. The poll object of mio
 * watches these sockets. If a socket receives no datagram for the time that --quiet sets, the program prints "quiet".
 * At the next datagram of this socket, the program prints "heard". At the interval that --tick sets, a timer of GLib
 * prints how many datagrams have arrived since the start. GLib also receives SIGINT and SIGTERM, which end the program.
 *
 * Rules for using GLib with mio:
 *
 *  - Wait for mio once in each dispatch. The descriptor of the poll object is readable as long as a wait would return
 *    events, and GLib polls level-triggered. So if events remain, GLib dispatches again. In between, the other sources
 *    of GLib get a turn. Other outer loops can be edge-triggered, for example with EPOLLET. Such a loop reports the
 *    descriptor only once. A dispatch must then wait for mio repeatedly, with a timeout of 0, until a wait returns 0.
 *  - Register the sockets with MIO_LEVEL. If a socket still has datagrams when its turn ends, the descriptor of the
 *    poll object stays readable. With an edge-triggered registration, the program would have to store this socket in a
 *    list, and ask GLib for another dispatch.
 *  - Set the ready time of the GSource to the program's next deadline. A program without GLib would pass this deadline
 *    to mio_poll_wait_until. GLib and mio use the same clock, but the ready time is in microseconds, so round the time
 *    up. Set a new ready time in each dispatch. Otherwise the ready time stays in the past, and GLib dispatches again
 *    and again.
 *  - Destroy the GSource before mio_poll_free, because GLib polls the descriptor until the GSource is destroyed.
 *  - Some backends have no descriptor that another loop can poll. If a backend lacks MIO_CAN_NEST, as the backend
 *    "poll" does, mio_poll_handle returns -ENOTSUP. Then wait for mio in a separate thread.
 */
#include <errno.h>
#include <glib-unix.h>
#include <glib.h>
#include <mio.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_CAPACITY 8
#define DATAGRAMS_PER_TURN 16
#define DEFAULT_QUIET_MS 5000
#define DEFAULT_TICK_MS 1000
#define MAX_MS 86400000
#define MILLISECOND_NS INT64_C(1000000)

struct watch {
    mio_udp_socket socket;
    int64_t quiet_at; /* when to print "quiet"; INT64_MAX while the socket is quiet */
    char name[MIO_ADDR_TEXT_SIZE];
};

struct monitor {
    mio_poll *poll;
    GMainLoop *loop;
    GSource *source;
    int64_t quiet_ns;
    uint64_t datagrams;
    uint64_t dropped;      /* number of datagrams that could not be sent back */
    struct watch *watches; /* the token of a socket is its index in this array */
    int count;
    bool failed;
};

/* The type of the program's GSource. GLib allocates the structure, and uses its first member. */
struct monitor_source {
    GSource base;
    struct monitor *monitor;
};

static const char usage[] =
    "usage: glib_nested [--quiet MILLISECONDS] [--tick MILLISECONDS] ADDRESS:PORT...\n"
    "Echoes datagrams, until SIGTERM or SIGINT. Shows a poll object of mio in the main loop of GLib.\n";

static int fail(struct monitor *monitor, int error, const char *what)
{
    fprintf(stderr, "glib_nested: %s: %s\n", what, strerror(-error));
    monitor->failed = true;
    return error;
}

/* ---- the code that uses mio ---- */

static void note_heard(struct monitor *monitor, struct watch *watch)
{
    monitor->datagrams++;
    if (watch->quiet_at == INT64_MAX) printf("heard: %s\n", watch->name);
    watch->quiet_at = mio_clock_now() + monitor->quiet_ns;
}

/* Sends back up to DATAGRAMS_PER_TURN datagrams of one socket. If the function cannot send a datagram at once, it drops
 * the datagram. If a receive fails, the function returns. At the next event of the socket, the program calls the
 * function again. */
static void serve(struct monitor *monitor, struct watch *watch)
{
    static char buffer[65536];
    for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
        mio_addr peer;
        int64_t length = mio_udp_socket_recv_from(&watch->socket, buffer, sizeof buffer, &peer, NULL);
        if (length < 0) return;
        note_heard(monitor, watch);
        if (mio_udp_socket_send_to(&watch->socket, buffer, (size_t)length, &peer) < 0) monitor->dropped++;
    }
}

/* Prints "quiet" for each socket that has received no datagram for the time that --quiet sets. Returns the time of the
 * next check. */
static int64_t check_quiet(const struct monitor *monitor)
{
    int64_t now = mio_clock_now();
    int64_t next = INT64_MAX;
    for (int i = 0; i < monitor->count; i++) {
        struct watch *watch = &monitor->watches[i];
        if (watch->quiet_at <= now) {
            printf("quiet: %s\n", watch->name);
            watch->quiet_at = INT64_MAX;
        }
        if (watch->quiet_at < next) next = watch->quiet_at;
    }
    return next;
}

static int open_watch(struct monitor *monitor, int index, const char *address)
{
    struct watch *watch = &monitor->watches[index];
    mio_addr addr;
    int result = mio_addr_parse(&addr, address);
    if (result == 0) result = mio_udp_socket_bind(&watch->socket, &addr);
    if (result == 0) result = mio_udp_socket_local_addr(&watch->socket, &addr);
    if (result == 0)
        result = mio_registry_register(mio_poll_registry(monitor->poll), &watch->socket.source, (uintptr_t)index,
                                       MIO_READABLE | MIO_LEVEL);
    if (result < 0) return fail(monitor, result, address);
    mio_addr_format(&addr, watch->name, sizeof watch->name);
    watch->quiet_at = mio_clock_now() + monitor->quiet_ns;
    printf("listening on %s\n", watch->name);
    return 0;
}

/* ---- the GSource ---- */

static void set_ready_time(GSource *source, int64_t at_ns)
{
    g_source_set_ready_time(source, at_ns == INT64_MAX ? -1 : (at_ns + 999) / 1000);
}

/* GLib calls this function if the descriptor is readable, or if the ready time has come. In both cases, the function
 * handles the events, and then checks for quiet sockets. */
static gboolean on_dispatch(GSource *source, GSourceFunc unused, gpointer unused_data)
{
    struct monitor *monitor = ((struct monitor_source *)source)->monitor;
    mio_event events[EVENT_CAPACITY];
    (void)unused;
    (void)unused_data;
    int count = mio_poll_wait(monitor->poll, events, EVENT_CAPACITY, 0);
    if (count < 0 && count != -EINTR) {
        fail(monitor, count, "cannot look for events");
        g_main_loop_quit(monitor->loop);
        return G_SOURCE_REMOVE;
    }
    for (int i = 0; i < count; i++)
        serve(monitor, &monitor->watches[events[i].token]);
    set_ready_time(source, check_quiet(monitor));
    return G_SOURCE_CONTINUE;
}

/* Adds the poll object to GLib's main loop, as a GSource. The GSource needs no prepare or check function, because GLib
 * itself checks the descriptor and the ready time. */
static int attach(struct monitor *monitor)
{
    static GSourceFuncs functions = {.dispatch = on_dispatch};
    mio_handle handle = mio_poll_handle(monitor->poll);
    if (handle < 0) return fail(monitor, handle, "cannot nest the poll object");
    monitor->source = g_source_new(&functions, sizeof(struct monitor_source));
    ((struct monitor_source *)monitor->source)->monitor = monitor;
    g_source_set_name(monitor->source, "mio");
    g_source_add_unix_fd(monitor->source, handle, G_IO_IN);
    set_ready_time(monitor->source, check_quiet(monitor));
    g_source_attach(monitor->source, NULL);
    return 0;
}

/* ---- the code that uses only GLib ---- */

static gboolean on_tick(gpointer data)
{
    const struct monitor *monitor = data;
    printf("tick: %llu datagrams, %llu not sent back\n", (unsigned long long)monitor->datagrams,
           (unsigned long long)monitor->dropped);
    return G_SOURCE_CONTINUE;
}

static gboolean on_stop(gpointer data)
{
    const struct monitor *monitor = data;
    g_main_loop_quit(monitor->loop);
    return G_SOURCE_CONTINUE;
}

/* ---- start and end ---- */

static int open_monitor(struct monitor *monitor, char **addresses)
{
    int result = mio_poll_new(&monitor->poll, NULL);
    if (result < 0) return fail(monitor, result, "cannot make a poll object, of MIO_BACKEND if set");
    monitor->watches = calloc((size_t)monitor->count, sizeof *monitor->watches);
    if (monitor->watches == NULL) return fail(monitor, -ENOMEM, "cannot watch");
    for (int i = 0; i < monitor->count && result == 0; i++)
        result = open_watch(monitor, i, addresses[i]);
    return result == 0 ? attach(monitor) : result;
}

/* Frees a monitor, which can be partly open after a failure of open_monitor(). Destroys the GSource before the poll
 * object, because GLib polls the descriptor of the poll object. */
static void close_monitor(struct monitor *monitor)
{
    if (monitor->source != NULL) {
        g_source_destroy(monitor->source);
        g_source_unref(monitor->source);
    }
    for (int i = 0; monitor->watches != NULL && i < monitor->count; i++)
        mio_udp_socket_close(&monitor->watches[i].socket);
    free(monitor->watches);
    mio_poll_free(monitor->poll);
}

static void run(struct monitor *monitor, unsigned tick_ms)
{
    unsigned tick = g_timeout_add(tick_ms, on_tick, monitor);
    g_main_loop_run(monitor->loop);
    g_source_remove(tick);
}

/* Adds a source of GLib for each signal. main() calls this function before the program prints its first line, because
 * a process that has read this line may send a signal. The program never removes the sources. Otherwise GLib would
 * restore the default action of the signals, and a further signal would change the exit status. */
static void catch_signals(struct monitor *monitor)
{
    g_unix_signal_add(SIGINT, on_stop, monitor);
    g_unix_signal_add(SIGTERM, on_stop, monitor);
}

/* Returns the number of milliseconds in `text`. If the text is not a number from 1 to MAX_MS, prints an error and
 * returns 0. */
static unsigned parse_ms(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end == '\0' && value > 0 && value <= MAX_MS) return (unsigned)value;
    fprintf(stderr, "glib_nested: not a number of milliseconds: %s\n", text);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return fputs(usage, stdout) < 0;
    unsigned quiet_ms = DEFAULT_QUIET_MS;
    unsigned tick_ms = DEFAULT_TICK_MS;
    int first = 1;
    for (; first + 1 < argc && argv[first][0] == '-'; first += 2) {
        if (strcmp(argv[first], "--quiet") == 0)
            quiet_ms = parse_ms(argv[first + 1]);
        else if (strcmp(argv[first], "--tick") == 0)
            tick_ms = parse_ms(argv[first + 1]);
        else
            break;
    }
    bool wrong = first < argc && argv[first][0] == '-';
    if (wrong) fprintf(stderr, "glib_nested: not an option with a value: %s\n", argv[first]);
    if (wrong || first >= argc || quiet_ms == 0 || tick_ms == 0) {
        fputs(usage, stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* write each line at once, even if stdout is a pipe */
    struct monitor monitor = {.quiet_ns = quiet_ms * MILLISECOND_NS, .count = argc - first};
    monitor.loop = g_main_loop_new(NULL, FALSE);
    catch_signals(&monitor);
    if (open_monitor(&monitor, argv + first) == 0) run(&monitor, tick_ms);
    close_monitor(&monitor);
    g_main_loop_unref(monitor.loop);
    return monitor.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
