/* SPDX-License-Identifier: MIT */
/*
 * The tour calls all functions. First it calls the function of every row in tests/functions.h. Then the tour makes more
 * calls with poll objects, wakers, signals, addresses and texts.
 */
#include "tour.h"

#include "function.h"
#include "system.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MARK = 4711 };

void (*tour_before)(const char *call);
void (*tour_after)(const char *call, int64_t result);
bool (*tour_again)(const char *call, int64_t result);
void (*tour_note)(const char *what, int64_t value);

void tour_value(const char *what, int64_t value)
{
    if (tour_note != NULL) {
        tour_note(what, value);
    }
}

void tour_begin(const char *call)
{
    if (tour_before != NULL) {
        tour_before(call);
    }
    errno = MARK;
}

void tour_end(const char *call, int64_t result)
{
    int code = errno;
    if (tour_after != NULL) {
        tour_after(call, result);
    }
    ck_assert_msg(code == MARK || !promises_errno(call), "%s sets errno to %s", call, errno_name(code));
}

static void tour_of_poll(int variant)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = NULL;
    mio_event events[4];
    mio_signal_mask mask = {{0}};
    options.backend = "no-such-backend";
    KEEPS(mio_poll_new(&poll, &options));
    poll = open_poll(variant);
    KEEPS(mio_poll_wait(poll, events, 4, US(100)));
    KEEPS(mio_poll_wait(poll, events, 0, 0));
    KEEPS(mio_poll_wait_until(poll, events, 4, mio_clock_now() + US(100)));
    KEEPS(mio_poll_wait_masked(poll, events, 4, US(100), &mask));
    KEEPS(mio_poll_dump(poll, -1));
    mio_poll_free(poll);
    KEEPS_VOID(mio_poll_free(NULL));
}

static void tour_of_registry(int variant)
{
    mio_poll *poll = open_poll(variant);
    mio_registry *registry = mio_poll_registry(poll);
    mio_udp_socket left;
    mio_udp_socket right;
    make_udp_pair(&left, &right);
    int fd = mio_udp_socket_handle(&right);
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    KEEPS(mio_registry_reregister(registry, &left.source, 1, MIO_READABLE));
    KEEPS(mio_registry_deregister(registry, &left.source));
    KEEPS(
        mio_registry_register(registry, &left.source, 1, MIO_READABLE)); /* the first registration may allocate a table
  */
    KEEPS(mio_registry_register(registry, &left.source, 1, MIO_READABLE));
    KEEPS(mio_registry_reregister_handle(registry, fd, 1, MIO_READABLE));
    KEEPS(mio_registry_deregister_handle(registry, fd));
    ck_assert_ok(mio_registry_register_handle(registry, fd, 1, MIO_READABLE));
    KEEPS(mio_registry_register_handle(registry, fd, 1, MIO_READABLE));
    KEEPS(mio_registry_register_handle(registry, file, 1, MIO_READABLE));
    KEEPS(mio_registry_register_handle(registry, -1, 1, MIO_READABLE));
    KEEPS(mio_registry_rearm_handle(registry, fd, 0));
    KEEPS(mio_registry_deregister_handle(registry, -1));
    close_fd(file);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    mio_poll_free(poll);
}

static void tour_of_waker(int variant)
{
    mio_poll *poll = open_poll(variant);
    mio_waker *waker = make_waker(poll, 1);
    KEEPS(mio_waker_wake(waker));
    KEEPS(mio_waker_wake(waker));
    KEEPS(mio_waker_wake(NULL));
    mio_waker_free(waker);
    mio_poll_free(poll);
}

/* Receives signals first with the usual mechanism of the system, and then with a self-pipe. */
static void tour_of_signals(void)
{
    const int numbers[] = {SIGUSR1, SIGKILL};
    const uint32_t flags[] = {0, MIO_SIGNALS_SELF_PIPE};
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    mio_signals signals;
    mio_signals other;
    memset(&signals, 0, sizeof signals);
    memset(&other, 0, sizeof other);
    memset(&other, 0, sizeof other);
    for (int way = 0; way < 2; way++) {
        KEEPS(mio_signals_open(&signals, numbers, 2, flags[way]));
        KEEPS(mio_signals_open(&signals, numbers, 1, flags[way]));
        /* If the system has only self-pipes, the next call succeeds. On other systems, it returns -EBUSY. */
        KEEPS(mio_signals_open(&other, numbers, 1, flags[1 - way]));
        KEEPS_VOID(mio_signals_close(&other));
        KEEPS(mio_signals_handle(&signals));
        KEEPS(mio_signals_recv(&signals, &info));
        raise(SIGUSR1);
        KEEPS(mio_signals_recv(&signals, &info));
        KEEPS_VOID(mio_signals_close(&signals));
        KEEPS(mio_signals_recv(&signals, &info));
    }
}

static void tour_of_safe(void)
{
    const int numbers[] = {SIGUSR1, -1};
    mio_signal_mask saved;
    sigset_t set;
    mio_text text;
    char buffer[16];
    int fds[2];
    make_pipe(fds);
    ck_assert_int_ge(mio_text_init(&text, buffer, sizeof buffer), 0);
    ck_assert_int_ge(mio_text_append(&text, "a"), 0);
    close_fd(fds[0]);
    KEEPS(mio_text_write(&text, fds[1])); /* returns -EPIPE and raises no signal */
    KEEPS(mio_safe_write(fds[1], "x", 1));
    close_fd(fds[1]);
    KEEPS(mio_safe_write(-1, "x", 1));
    KEEPS(mio_signal_mask_block(&saved, numbers, 2));
    KEEPS(mio_signal_mask_block_all(&saved));
    KEEPS(mio_signal_mask_unblock_all(NULL));
    KEEPS(mio_signal_mask_restore(&saved));
    KEEPS(mio_signal_mask_from_sigset(&saved, &set, 1));
}

/* Tries to read values from empty ancillary data, and to set an invalid value. tour_ip.c reads the values of ancillary
 * data that came with a datagram. */
static void tour_of_ancillary(void)
{
    mio_addr addr;
    mio_ancillary ancillary = {{0}};
    uint32_t number;
    int64_t time_ns;
    KEEPS(mio_ancillary_destination(&ancillary, &addr, &number));
    KEEPS(mio_ancillary_tos(&ancillary));
    KEEPS(mio_ancillary_ttl(&ancillary));
    KEEPS(mio_ancillary_timestamp(&ancillary, &time_ns));
    KEEPS(mio_ancillary_original_destination(&ancillary, &addr));
    KEEPS(mio_ancillary_set_tos(&ancillary, -1));
}

static void tour_of_values(void)
{
    const mio_event event = {.token = 1, .readiness = MIO_READABLE, .os_bits = 1};
    mio_addr addr = loopback_v4();
    char text[MIO_ADDR_TEXT_SIZE];
    struct sockaddr_storage storage;
    memset(&storage, 0, sizeof storage);
    KEEPS(mio_addr_compare(&addr, NULL));
    KEEPS(mio_addr_from_mapped(&addr, &addr));
    KEEPS(mio_addr_unix_path(&addr, text, sizeof text));
    KEEPS(mio_addr_unix_abstract(&addr, text, sizeof text));
    KEEPS(mio_addr_from_abstract(&addr, "name", 400));
    KEEPS(mio_addr_from_sockaddr(&addr, &storage, 1));
    KEEPS(mio_addr_parse(&addr, "[fe80::1%no-such-if]:80"));
    KEEPS(mio_addr_parse(&addr, "[fe80::1%lo]:80"));
    KEEPS(mio_addr_parse(&addr, "127.0.0.1:99999999999999999999"));
    KEEPS(mio_addr_parse_ip(&addr, "256.0.0.1", 80));
    KEEPS(mio_event_format(&event, text, 3));
    KEEPS(mio_interest_format(1, NULL, 5));
}

/*
 * The tour sets NOTIFY_SOCKET to two addresses in turn. At the first address is unix_sink, which never closes the
 * descriptor that mio_service_notify_barrier sends, so the call times out. The second address is a path that does not
 * exist.
 */
static void tour_of_service(void)
{
    ck_assert(set_stage(SERVICE, 0));
    KEEPS(mio_service_notify_barrier(0)); /* returns -ETIMEDOUT */
    KEEPS(mio_service_listen_handle(the.count + 1));
    KEEPS(mio_service_listen_find("no-such-name", 0));
    ck_assert_int_eq(setenv("LISTEN_PIDFDID", "1", 1), 0);
    KEEPS(mio_service_listen_count());
    ck_assert_int_eq(setenv("NOTIFY_SOCKET", "/no/such/path", 1), 0);
    KEEPS(mio_service_notify("READY=1", NULL, 0));
    KEEPS(mio_service_notify_barrier(0));
    clear_stage(SERVICE);
}

static void tour_of_rows(int variant)
{
    for (size_t i = 0; i < function_count; i++) {
        const function *f = &functions[i];
        if (set_stage(f->needs, variant)) {
            tour_begin(f->call);
            int64_t result = f->make(GOOD_OBJECT);
            while (tour_again != NULL && tour_again(f->call, result)) {
                result = f->make(GOOD_OBJECT);
            }
            tour_end(f->call, result);
        }
        clear_stage(f->needs);
    }
}

void tour(int variant)
{
    enter_variant(variant);
    tour_of_rows(variant);
    tour_of_poll(variant);
    tour_of_registry(variant);
    tour_of_waker(variant);
    tour_of_ip();
    tour_of_unix();
    tour_of_signals();
    tour_of_safe();
    tour_of_ancillary();
    tour_of_values();
    tour_of_service();
}
