/* SPDX-License-Identifier: MIT */
/* Tests named pipes: opening, connecting, moving bytes, readiness, and closing. */
#include "../helpers/harness.h"

#include <mio/windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum {
    READ_WRITE = MIO_READABLE | MIO_WRITABLE,
    HANG_UP = READ_WRITE | MIO_READ_CLOSED | MIO_WRITE_CLOSED,
    LIBRARY_BUFFER = 16384,
    SERVER = 1,
    CLIENT = 2,
};

_Static_assert(sizeof(mio_named_pipe) == sizeof(mio_source), "a pipe is its source");
_Static_assert(sizeof(mio_named_pipe_options) == 16 + sizeof(void *), "no padding, the same in each release");
_Static_assert(MIO_NAMED_PIPE_FIRST == 0x1, "the number of each release");
_Static_assert(MIO_NAMED_PIPE_REMOTE == 0x2, "the number of each release");

/* Returns a name that no other pipe has. */
static const char *new_name(void)
{
    static char name[64];
    static int count;
    snprintf(name, sizeof name, "\\\\.\\pipe\\mio-test-%lu-%d", (unsigned long)GetCurrentProcessId(), count++);
    return name;
}

/* A poll object with both ends of a connected pipe. No event of these ends is pending. */
typedef struct ends {
    mio_poll *poll;
    mio_registry *registry;
    mio_named_pipe server;
    mio_named_pipe client;
    uint32_t seen; /* the readiness of the client in all events that wait_for has seen */
} ends;

static void connect_ends(ends *e, uint32_t system_buffer)
{
    mio_named_pipe_options options = MIO_NAMED_PIPE_OPTIONS_INIT;
    options.buffer_size = system_buffer;
    const char *name = new_name();
    e->seen = 0;
    e->poll = open_poll(0);
    e->registry = mio_poll_registry(e->poll);
    ck_assert_ok(mio_named_pipe_create(&e->server, name, &options));
    ck_assert_ok(mio_registry_register(e->registry, &e->server.source, SERVER, READ_WRITE));
    ck_assert_errno(mio_named_pipe_connect(&e->server), -EAGAIN);
    ck_assert_ok(mio_named_pipe_open(&e->client, name));
    ck_assert_ok(mio_registry_register(e->registry, &e->client.source, CLIENT, READ_WRITE));
    expect_events(e->poll, {SERVER, MIO_WRITABLE}, {CLIENT, MIO_WRITABLE});
    expect_no_events(e->poll);
}

static void close_ends(ends *e)
{
    mio_named_pipe_close(&e->client);
    mio_named_pipe_close(&e->server);
    mio_poll_free(e->poll);
}

/* Waits, adds the readiness of the client's events to `seen`, and returns the number of events. */
static int wait_for(ends *e, int64_t timeout_ns)
{
    mio_event events[4];
    const int count = wait_events(e->poll, events, 4, timeout_ns);
    for (int i = 0; i < count; i++) {
        if (events[i].token == CLIENT) {
            e->seen |= events[i].readiness;
        }
    }
    return count;
}

/* The byte with the index i of the test pattern is i % 251. This function reads exactly `length` bytes, `piece` bytes
 * at a time. These bytes must be the bytes of the pattern from the index *position on. Advances *position by the number
 * of bytes read. */
static void read_pattern(ends *e, mio_named_pipe *pipe, size_t length, size_t piece, unsigned *position)
{
    unsigned char buffer[LIBRARY_BUFFER];
    while (length > 0) {
        const size_t asked = length < piece ? length : piece;
        const int64_t count = mio_named_pipe_read(pipe, buffer, asked);
        if (count == -EAGAIN) {
            wait_for(e, LONG_WAIT);
            continue;
        }
        ck_assert_int_gt(count, 0);
        for (int64_t i = 0; i < count; i++) {
            ck_assert_uint_eq(buffer[i], (*position)++ % 251);
        }
        length -= (size_t)count;
    }
}

static void fill_pattern(unsigned char *buffer, size_t length, unsigned position)
{
    for (size_t i = 0; i < length; i++) {
        buffer[i] = (unsigned char)((position + i) % 251);
    }
}

/* The client writes the pattern until the library and the system have no room. Returns the number of bytes that the
 * client has written. */
static size_t fill_pipe(ends *e)
{
    static unsigned char buffer[LIBRARY_BUFFER];
    size_t sum = 0;
    for (;;) {
        fill_pattern(buffer, sizeof buffer, (unsigned)sum);
        const int64_t count = mio_named_pipe_write(&e->client, buffer, sizeof buffer);
        if (count != -EAGAIN) {
            ck_assert_int_gt(count, 0);
            sum += (size_t)count;
        } else if (wait_for(e, MS(50)) == 0) {
            return sum;
        }
    }
}

/* ---- connecting -------------------------------------------------------------------------------------------------- */

START_TEST(before_it_is_registered_a_pipe_would_block)
{
    mio_named_pipe server;
    mio_named_pipe client;
    char byte = 'x';
    const char *name = new_name();
    ck_assert_ok(mio_named_pipe_create(&server, name, NULL));
    ck_assert_errno(mio_named_pipe_read(&server, &byte, 1), -ENOTCONN);
    ck_assert_errno(mio_named_pipe_write(&server, &byte, 1), -ENOTCONN);
    ck_assert_errno(mio_named_pipe_connect(&server), -EAGAIN);
    ck_assert_errno(mio_named_pipe_connect(&server), -EAGAIN);
    ck_assert_ok(mio_named_pipe_open(&client, name));
    ck_assert_errno(mio_named_pipe_connect(&server), -EAGAIN);
    ck_assert_errno(mio_named_pipe_read(&client, &byte, 1), -EAGAIN);
    ck_assert_errno(mio_named_pipe_write(&client, &byte, 1), -EAGAIN);
    ck_assert_count(mio_named_pipe_read(&client, &byte, 0), 0);
    mio_poll *poll = open_poll(_i);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &server.source, SERVER, READ_WRITE));
    expect_events(poll, {SERVER, MIO_WRITABLE});
    ck_assert_ok(mio_named_pipe_connect(&server));
    mio_named_pipe_close(&server);
    mio_named_pipe_close(&client);
    mio_poll_free(poll);
}
END_TEST

START_TEST(both_ends_of_a_new_pipe_are_writable_once)
{
    mio_named_pipe server;
    mio_named_pipe client;
    const char *name = new_name();
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    ck_assert_ok(mio_named_pipe_create(&server, name, NULL));
    ck_assert_ok(mio_named_pipe_open(&client, name));
    ck_assert_ok(mio_registry_register(registry, &server.source, SERVER, READ_WRITE));
    ck_assert_ok(mio_registry_register(registry, &client.source, CLIENT, READ_WRITE));
    ck_assert_ok(mio_named_pipe_connect(&server));
    expect_events(poll, {SERVER, MIO_WRITABLE}, {CLIENT, MIO_WRITABLE});
    expect_no_events(poll);
    ck_assert_count(mio_named_pipe_write(&server, "x", 1), 1);
    ck_assert_count(mio_named_pipe_write(&client, "y", 1), 1);
    mio_named_pipe_close(&server);
    mio_named_pipe_close(&client);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_server_that_waits_for_a_client_is_writable_when_one_comes)
{
    mio_named_pipe server;
    mio_named_pipe client;
    const char *name = new_name();
    mio_poll *poll = open_poll(_i);
    ck_assert_ok(mio_named_pipe_create(&server, name, NULL));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &server.source, SERVER, READ_WRITE));
    ck_assert_errno(mio_named_pipe_connect(&server), -EAGAIN);
    ck_assert_errno(mio_named_pipe_connect(&server), -EAGAIN);
    expect_no_events(poll);
    ck_assert_ok(mio_named_pipe_open(&client, name));
    expect_events(poll, {SERVER, MIO_WRITABLE});
    ck_assert_ok(mio_named_pipe_connect(&server));
    expect_no_events(poll);
    mio_named_pipe_close(&server);
    mio_named_pipe_close(&client);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_client_that_came_first_is_connected_at_once)
{
    mio_named_pipe server;
    mio_named_pipe client;
    const char *name = new_name();
    mio_poll *poll = open_poll(_i);
    ck_assert_ok(mio_named_pipe_create(&server, name, NULL));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &server.source, SERVER, READ_WRITE));
    expect_no_events(poll);
    ck_assert_ok(mio_named_pipe_open(&client, name));
    ck_assert_ok(mio_named_pipe_connect(&server));
    ck_assert_ok(mio_named_pipe_connect(&server));
    expect_events(poll, {SERVER, MIO_WRITABLE});
    expect_no_events(poll);
    mio_named_pipe_close(&server);
    mio_named_pipe_close(&client);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_server_serves_one_client_after_the_other)
{
    char byte = 'x';
    ends e;
    connect_ends(&e, 0);
    char name[64];
    const char *next = new_name();
    const int number = atoi(strrchr(next, '-') + 1) - 1;
    snprintf(name, sizeof name, "%.*s%d", (int)(strrchr(next, '-') + 1 - next), next, number);
    ck_assert_errno(mio_named_pipe_open(&(mio_named_pipe){0}, name), -EBUSY);
    mio_named_pipe_close(&e.client);
    expect_events(e.poll, {SERVER, HANG_UP});
    ck_assert_count(mio_named_pipe_read(&e.server, &byte, 1), 0);
    ck_assert_count(mio_named_pipe_read(&e.server, &byte, 1), 0);
    ck_assert_errno(mio_named_pipe_write(&e.server, &byte, 1), -EPIPE);
    ck_assert_ok(mio_named_pipe_disconnect(&e.server));
    ck_assert_errno(mio_named_pipe_read(&e.server, &byte, 1), -ENOTCONN);
    ck_assert_errno(mio_named_pipe_disconnect(&e.server), -ENOTCONN);
    ck_assert_errno(mio_named_pipe_connect(&e.server), -EAGAIN);
    expect_no_events(e.poll);
    ck_assert_ok(mio_named_pipe_open(&e.client, name));
    ck_assert_ok(mio_registry_register(e.registry, &e.client.source, CLIENT, READ_WRITE));
    expect_events(e.poll, {SERVER, MIO_WRITABLE}, {CLIENT, MIO_WRITABLE});
    ck_assert_count(mio_named_pipe_write(&e.client, "y", 1), 1);
    expect_events(e.poll, {SERVER, MIO_READABLE});
    ck_assert_count(mio_named_pipe_read(&e.server, &byte, 1), 1);
    ck_assert_int_eq(byte, 'y');
    close_ends(&e);
}
END_TEST

START_TEST(a_disconnected_client_is_at_its_end)
{
    char byte;
    ends e;
    connect_ends(&e, 0);
    ck_assert_ok(mio_named_pipe_disconnect(&e.server));
    expect_events(e.poll, {CLIENT, HANG_UP});
    ck_assert_count(mio_named_pipe_read(&e.client, &byte, 1), 0);
    ck_assert_errno(mio_named_pipe_write(&e.client, "x", 1), -EPIPE);
    expect_no_events(e.poll);
    close_ends(&e);
}
END_TEST

START_TEST(a_server_can_stop_waiting_for_a_client)
{
    mio_named_pipe server;
    mio_poll *poll = open_poll(_i);
    ck_assert_ok(mio_named_pipe_create(&server, new_name(), NULL));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &server.source, SERVER, READ_WRITE));
    ck_assert_errno(mio_named_pipe_connect(&server), -EAGAIN);
    ck_assert_ok(mio_named_pipe_disconnect(&server));
    expect_no_events(poll);
    ck_assert_errno(mio_named_pipe_disconnect(&server), -ENOTCONN);
    mio_named_pipe_close(&server);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_client_neither_connects_nor_disconnects)
{
    ends e;
    connect_ends(&e, 0);
    ck_assert_errno(mio_named_pipe_connect(&e.client), -EINVAL);
    ck_assert_errno(mio_named_pipe_disconnect(&e.client), -EINVAL);
    close_ends(&e);
}
END_TEST

/* ---- moving bytes ------------------------------------------------------------------------------------------------ */

START_TEST(written_bytes_are_readable_once)
{
    char buffer[8];
    ends e;
    connect_ends(&e, 0);
    assert_would_block(mio_named_pipe_read(&e.server, buffer, sizeof buffer));
    ck_assert_count(mio_named_pipe_write(&e.client, "hello", 5), 5);
    expect_events(e.poll, {SERVER, MIO_READABLE});
    expect_no_events(e.poll);
    ck_assert_count(mio_named_pipe_read(&e.server, buffer, 3), 3);
    ck_assert_count(mio_named_pipe_read(&e.server, buffer + 3, sizeof buffer - 3), 2);
    ck_assert_mem_eq(buffer, "hello", 5);
    assert_would_block(mio_named_pipe_read(&e.server, buffer, sizeof buffer));
    ck_assert_count(mio_named_pipe_write(&e.server, "you", 3), 3);
    expect_events(e.poll, {CLIENT, MIO_READABLE});
    ck_assert_count(mio_named_pipe_read(&e.client, buffer, sizeof buffer), 3);
    ck_assert_mem_eq(buffer, "you", 3);
    expect_no_events(e.poll);
    close_ends(&e);
}
END_TEST

START_TEST(a_full_pipe_is_writable_again_when_the_peer_has_read)
{
    unsigned position = 0;
    ends e;
    connect_ends(&e, 4096);
    const size_t sum = fill_pipe(&e);
    ck_assert_uint_gt(sum, LIBRARY_BUFFER);
    e.seen = 0;
    read_pattern(&e, &e.server, sum, 4000, &position);
    while (e.seen == 0) {
        ck_assert_int_gt(wait_for(&e, LONG_WAIT), 0);
    }
    ck_assert_uint_eq(e.seen, MIO_WRITABLE);
    ck_assert_uint_gt(fill_pipe(&e), LIBRARY_BUFFER);
    close_ends(&e);
}
END_TEST

/* Opens the other end of a pipe without mio. */
static HANDLE open_bare(const char *name)
{
    HANDLE file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    ck_assert_ptr_ne(file, INVALID_HANDLE_VALUE);
    return file;
}

static void read_bare(HANDLE file, size_t length)
{
    static char buffer[LIBRARY_BUFFER];
    DWORD count;
    for (size_t done = 0; done < length; done += count) {
        ck_assert(ReadFile(file, buffer, sizeof buffer, &count, NULL));
    }
}

/* Both operations of the server end before the wait, so the port has two packets of one pipe. */
START_TEST(both_directions_of_a_pipe_are_one_event)
{
    static const uint32_t modes[] = {0, MIO_LEVEL};
    static const char bytes[LIBRARY_BUFFER];
    mio_named_pipe_options options = MIO_NAMED_PIPE_OPTIONS_INIT;
    mio_named_pipe server;
    mio_event events[4];
    DWORD written;
    const char *name = new_name();
    mio_poll *poll = open_poll(0);
    options.buffer_size = 4096;
    ck_assert_ok(mio_named_pipe_create(&server, name, &options));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &server.source, SERVER, READ_WRITE | modes[_i]));
    ck_assert_errno(mio_named_pipe_connect(&server), -EAGAIN);
    HANDLE client = open_bare(name);
    expect_events(poll, {SERVER, MIO_WRITABLE});
    ck_assert_count(mio_named_pipe_write(&server, bytes, sizeof bytes), sizeof bytes);
    ck_assert_errno(mio_named_pipe_write(&server, bytes, 1), -EAGAIN);
    if (modes[_i] == MIO_LEVEL) { /* takes the packet that reported the room */
        expect_no_events(poll);
    }
    read_bare(client, sizeof bytes);
    ck_assert(WriteFile(client, "x", 1, &written, NULL));
    ck_assert_int_eq(wait_events(poll, events, 4, LONG_WAIT), 1);
    ck_assert_uint_eq(events[0].token, SERVER);
    ck_assert_uint_eq(events[0].readiness, READ_WRITE);
    CloseHandle(client);
    mio_named_pipe_close(&server);
    mio_poll_free(poll);
}
END_TEST

START_TEST(many_bytes_arrive_in_order)
{
    static const size_t pieces[] = {128, 4000, LIBRARY_BUFFER};
    static unsigned char buffer[40000];
    ends e;
    connect_ends(&e, 0);
    unsigned position = 0;
    unsigned sent = 0;
    for (int round = 0; round < 12; round++) {
        fill_pattern(buffer, sizeof buffer, sent);
        size_t done = 0;
        while (done < 10000) {
            const int64_t count = mio_named_pipe_write(&e.client, buffer + done, 10000 - done);
            if (count == -EAGAIN) {
                wait_for(&e, LONG_WAIT);
                continue;
            }
            ck_assert_int_gt(count, 0);
            done += (size_t)count;
        }
        sent += 10000;
        read_pattern(&e, &e.server, 10000, pieces[round % 3], &position);
    }
    close_ends(&e);
}
END_TEST

START_TEST(eight_kib_of_one_write_arrive_in_pieces_of_4000)
{
    enum { LENGTH = 8192, PIECE = 4000 };
    unsigned char sent[LENGTH];
    unsigned char received[LENGTH + PIECE];
    size_t done = 0;
    ends e;
    connect_ends(&e, 0);
    fill_pattern(sent, LENGTH, 0);
    ck_assert_count(mio_named_pipe_write(&e.server, sent, LENGTH), LENGTH);
    while (done < LENGTH) {
        const int64_t count = mio_named_pipe_read(&e.client, received + done, PIECE);
        if (count == -EAGAIN) {
            ck_assert_int_gt(wait_for(&e, LONG_WAIT), 0);
            continue;
        }
        ck_assert_int_gt(count, 0);
        ck_assert_int_le(count, PIECE);
        done += (size_t)count;
    }
    ck_assert_uint_eq(done, LENGTH);
    ck_assert_mem_eq(received, sent, LENGTH);
    assert_would_block(mio_named_pipe_read(&e.client, received, PIECE));
    close_ends(&e);
}
END_TEST

START_TEST(a_long_write_takes_a_part)
{
    static unsigned char buffer[40000];
    unsigned position = 0;
    ends e;
    connect_ends(&e, 0);
    fill_pattern(buffer, sizeof buffer, 0);
    ck_assert_count(mio_named_pipe_write(&e.client, buffer, sizeof buffer), LIBRARY_BUFFER);
    expect_events(e.poll, {CLIENT, MIO_WRITABLE}, {SERVER, MIO_READABLE});
    read_pattern(&e, &e.server, LIBRARY_BUFFER, sizeof buffer, &position);
    ck_assert_count(mio_named_pipe_write(&e.client, buffer, 0), 0);
    close_ends(&e);
}
END_TEST

/* ---- closing an end ---------------------------------------------------------------------------------------------- */

START_TEST(writing_to_a_peer_that_has_gone_ends_with_epipe)
{
    ends e;
    connect_ends(&e, 0);
    mio_named_pipe_close(&e.client);
    int64_t result = 0;
    for (int round = 0; round < 16 && result != -EPIPE; round++) {
        result = mio_named_pipe_write(&e.server, "x", 1);
        if (result == -EAGAIN) {
            wait_for(&e, LONG_WAIT);
        }
    }
    ck_assert_errno(result, -EPIPE);
    close_ends(&e);
}
END_TEST

START_TEST(bytes_before_the_end_are_readable)
{
    char buffer[8];
    ends e;
    connect_ends(&e, 0);
    ck_assert_count(mio_named_pipe_write(&e.client, "bye", 3), 3);
    mio_named_pipe_close(&e.client);
    expect_events(e.poll, {SERVER, MIO_READABLE});
    ck_assert_count(mio_named_pipe_read(&e.server, buffer, sizeof buffer), 3);
    ck_assert_mem_eq(buffer, "bye", 3);
    expect_events(e.poll, {SERVER, HANG_UP});
    ck_assert_count(mio_named_pipe_read(&e.server, buffer, sizeof buffer), 0);
    expect_no_events(e.poll);
    close_ends(&e);
}
END_TEST

START_TEST(a_pipe_that_is_closed_during_a_write_delivers_all_bytes)
{
    char byte;
    unsigned position = 0;
    ends e;
    connect_ends(&e, 4096);
    const size_t sum = fill_pipe(&e);
    mio_named_pipe_close(&e.client);
    read_pattern(&e, &e.server, sum, 4000, &position);
    expect_events(e.poll, {SERVER, HANG_UP});
    ck_assert_count(mio_named_pipe_read(&e.server, &byte, 1), 0);
    close_ends(&e);
}
END_TEST

START_TEST(a_pipe_without_waits_is_closed_for_the_peer)
{
    char byte;
    mio_named_pipe server;
    mio_named_pipe client;
    const char *name = new_name();
    mio_poll *left = open_poll(_i);
    mio_poll *right = open_poll(_i);
    ck_assert_ok(mio_named_pipe_create(&server, name, NULL));
    ck_assert_ok(mio_registry_register(mio_poll_registry(left), &server.source, SERVER, READ_WRITE));
    ck_assert_ok(mio_named_pipe_open(&client, name));
    ck_assert_ok(mio_named_pipe_connect(&server));
    ck_assert_ok(mio_registry_register(mio_poll_registry(right), &client.source, CLIENT, READ_WRITE));
    ck_assert_count(mio_named_pipe_write(&client, "x", 1), 1);
    mio_named_pipe_close(&client);
    expect_events(left, {SERVER, MIO_READABLE});
    ck_assert_count(mio_named_pipe_read(&server, &byte, 1), 1);
    expect_events(left, {SERVER, HANG_UP});
    mio_named_pipe_close(&server);
    mio_poll_free(right);
    mio_poll_free(left);
}
END_TEST

START_TEST(a_closed_only_interest_reports_the_end_and_not_data)
{
    char byte;
    ends e;
    connect_ends(&e, 0);
    ck_assert_ok(mio_registry_reregister(e.registry, &e.server.source, SERVER, MIO_CLOSED));
    ck_assert_count(mio_named_pipe_write(&e.client, "x", 1), 1);
    expect_no_events(e.poll);
    ck_assert_count(mio_named_pipe_read(&e.server, &byte, 1), 1);
    mio_named_pipe_close(&e.client);
    expect_events(e.poll, {SERVER, HANG_UP});
    close_ends(&e);
}
END_TEST

/* ---- registering ------------------------------------------------------------------------------------------------- */

START_TEST(a_pipe_belongs_to_one_poll_object)
{
    ends e;
    connect_ends(&e, 0);
    mio_poll *other = open_poll(_i);
    mio_registry *registry = mio_poll_registry(other);
    mio_named_pipe fresh;
    ck_assert_ok(mio_named_pipe_create(&fresh, new_name(), NULL));
    ck_assert_errno(mio_registry_reregister(registry, &fresh.source, 1, READ_WRITE), -ENOENT);
    ck_assert_errno(mio_registry_deregister(registry, &fresh.source), -ENOENT);
    ck_assert_errno(mio_registry_register(e.registry, &e.server.source, 1, READ_WRITE), -EEXIST);
    ck_assert_errno(mio_registry_register(registry, &e.server.source, 1, READ_WRITE), -EBUSY);
    ck_assert_errno(mio_registry_reregister(registry, &e.server.source, 1, READ_WRITE), -EBUSY);
    ck_assert_errno(mio_registry_deregister(registry, &e.server.source), -EBUSY);
    ck_assert_ok(mio_registry_deregister(e.registry, &e.server.source));
    ck_assert_errno(mio_registry_deregister(e.registry, &e.server.source), -ENOENT);
    ck_assert_errno(mio_registry_register(registry, &e.server.source, 1, READ_WRITE), -EBUSY);
    ck_assert_ok(mio_registry_register(e.registry, &e.server.source, SERVER, READ_WRITE));
    expect_events(e.poll, {SERVER, MIO_WRITABLE});
    mio_named_pipe_close(&fresh);
    mio_poll_free(other);
    close_ends(&e);
}
END_TEST

START_TEST(a_queued_event_does_not_come_after_deregistering)
{
    char byte;
    ends e;
    connect_ends(&e, 0);
    ck_assert_count(mio_named_pipe_write(&e.client, "x", 1), 1);
    ck_assert_ok(mio_registry_deregister(e.registry, &e.server.source));
    expect_no_events(e.poll);
    ck_assert_count(mio_named_pipe_read(&e.server, &byte, 1), 1);
    ck_assert_ok(mio_registry_register(e.registry, &e.server.source, 7, MIO_WRITABLE));
    ck_assert_ok(mio_registry_deregister(e.registry, &e.server.source));
    expect_no_events(e.poll);
    ck_assert_ok(mio_registry_register(e.registry, &e.server.source, 8, MIO_WRITABLE));
    ck_assert_ok(mio_registry_reregister(e.registry, &e.server.source, 9, MIO_WRITABLE));
    expect_events(e.poll, {9, MIO_WRITABLE});
    expect_no_events(e.poll);
    close_ends(&e);
}
END_TEST

START_TEST(the_interest_hides_what_it_does_not_name)
{
    char byte;
    ends e;
    connect_ends(&e, 0);
    ck_assert_ok(mio_registry_reregister(e.registry, &e.server.source, 5, MIO_READABLE));
    expect_no_events(e.poll);
    ck_assert_count(mio_named_pipe_write(&e.client, "x", 1), 1);
    const mio_event event = wait_for_event(e.poll, 5);
    ck_assert_uint_eq(event.readiness, MIO_READABLE);
    ck_assert_ok(mio_registry_reregister(e.registry, &e.server.source, 6, MIO_WRITABLE));
    ck_assert_uint_eq(wait_for_event(e.poll, 6).readiness, MIO_WRITABLE);
    ck_assert_count(mio_named_pipe_read(&e.server, &byte, 1), 1);
    close_ends(&e);
}
END_TEST

START_TEST(a_level_comes_with_each_wait)
{
    char byte;
    mio_event events[4];
    ends e;
    connect_ends(&e, 0);
    ck_assert_ok(mio_registry_reregister(e.registry, &e.server.source, SERVER, MIO_READABLE | MIO_LEVEL));
    ck_assert_count(mio_named_pipe_write(&e.client, "x", 1), 1);
    for (int round = 0; round < 5; round++) {
        ck_assert_int_eq(wait_events(e.poll, events, 4, LONG_WAIT), 1);
        ck_assert_uint_eq(events[0].readiness, MIO_READABLE);
    }
    ck_assert_count(mio_named_pipe_read(&e.server, &byte, 1), 1);
    expect_no_events(e.poll);
    close_ends(&e);
}
END_TEST

START_TEST(a_oneshot_comes_once)
{
    ends e;
    connect_ends(&e, 0);
    ck_assert_ok(mio_registry_reregister(e.registry, &e.server.source, SERVER, READ_WRITE | MIO_ONESHOT));
    expect_events(e.poll, {SERVER, MIO_WRITABLE});
    ck_assert_count(mio_named_pipe_write(&e.client, "x", 1), 1);
    expect_no_events(e.poll);
    ck_assert_ok(mio_registry_reregister(e.registry, &e.server.source, SERVER, READ_WRITE | MIO_ONESHOT));
    expect_events(e.poll, {SERVER, READ_WRITE});
    close_ends(&e);
}
END_TEST

START_TEST(a_rearmed_edge_comes_again)
{
    ends e;
    connect_ends(&e, 0);
    const mio_handle server = mio_named_pipe_handle(&e.server);
    ck_assert_ok(mio_registry_rearm_handle(e.registry, server, MIO_WRITABLE));
    ck_assert_uint_eq(wait_for_event(e.poll, SERVER).readiness, MIO_WRITABLE);
    ck_assert_ok(mio_registry_rearm_handle(e.registry, server, MIO_READABLE));
    expect_no_events(e.poll);
    close_ends(&e);
}
END_TEST

START_TEST(a_dump_lists_registered_pipes)
{
    HANDLE in;
    HANDLE out;
    DWORD length = 0;
    char text[4096];
    char line[64];
    ends e;
    connect_ends(&e, 0);
    ck_assert_ok(mio_registry_deregister(e.registry, &e.client.source));
    ck_assert(CreatePipe(&in, &out, NULL, sizeof text));
    ck_assert_ok(mio_poll_dump(e.poll, (mio_handle)out));
    ck_assert(ReadFile(in, text, sizeof text - 1, &length, NULL));
    text[length] = '\0';
    snprintf(line, sizeof line, " handle %d ", (int)mio_named_pipe_handle(&e.server));
    ck_assert_msg(strstr(text, line) != NULL, "no '%s' in:\n%s", line, text);
    snprintf(line, sizeof line, " handle %d ", (int)mio_named_pipe_handle(&e.client));
    ck_assert_msg(strstr(text, line) == NULL, "'%s' in:\n%s", line, text);
    CloseHandle(in);
    CloseHandle(out);
    close_ends(&e);
}
END_TEST

static void *write_later(void *client)
{
    ck_assert_count(mio_named_pipe_write(client, "x", 1), 1);
    return NULL;
}

START_TEST(another_thread_can_write_while_this_one_waits)
{
    ends e;
    connect_ends(&e, 0);
    const pthread_t thread = start_thread(write_later, &e.client);
    expect_events(e.poll, {SERVER, MIO_READABLE});
    join_thread(thread);
    close_ends(&e);
}
END_TEST

START_TEST(without_its_poll_object_a_pipe_can_only_be_closed)
{
    char byte;
    ends e;
    connect_ends(&e, 4096);
    (void)fill_pipe(&e);
    ck_assert_ok(mio_registry_deregister(e.registry, &e.server.source));
    ck_assert_ok(mio_registry_deregister(e.registry, &e.client.source));
    mio_poll_free(e.poll);
    ck_assert_errno(mio_named_pipe_read(&e.server, &byte, 1), -EBADF);
    ck_assert_errno(mio_named_pipe_write(&e.client, "x", 1), -EBADF);
    ck_assert_errno(mio_named_pipe_connect(&e.server), -EBADF);
    ck_assert_errno(mio_named_pipe_disconnect(&e.server), -EBADF);
    mio_poll *other = open_poll(_i);
    ck_assert_errno(mio_registry_register(mio_poll_registry(other), &e.server.source, 1, READ_WRITE), -EBUSY);
    mio_poll_free(other);
    mio_named_pipe_close(&e.server);
    mio_named_pipe_close(&e.client);
}
END_TEST

START_TEST(a_pipe_of_a_freed_poll_object_is_bad_although_a_waker_is_left)
{
    ends e;
    char byte;
    connect_ends(&e, 0);
    mio_waker *waker = make_waker(e.poll, 3);
    mio_poll_free(e.poll);
    ck_assert_errno(mio_named_pipe_read(&e.client, &byte, 1), -EBADF);
    ck_assert_errno(mio_named_pipe_write(&e.client, "x", 1), -EBADF);
    mio_named_pipe_close(&e.client);
    mio_named_pipe_close(&e.server);
    mio_waker_free(waker);
}
END_TEST

START_TEST(pipes_that_come_and_go_keep_no_handle_open)
{
    DWORD before = 0;
    DWORD after = 0;
    for (int round = 0; round < 20; round++) {
        ends e;
        connect_ends(&e, 4096);
        (void)fill_pipe(&e);
        close_ends(&e);
        if (round == 1) {
            GetProcessHandleCount(GetCurrentProcess(), &before);
        }
    }
    GetProcessHandleCount(GetCurrentProcess(), &after);
    ck_assert_uint_eq(before, after);
}
END_TEST

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

START_TEST(other_names_are_refused)
{
    static const char *const names[] = {
        "",
        "name",
        "C:\\name",
        "\\\\.\\pipe",
        "\\\\.\\pipe\\",
        "\\\\.\\pipe\\.",
        "\\\\.\\pipe\\..",
        "\\\\.\\pipe\\a\\b",
        "\\\\.\\pipe\\a/b",
        "//./pipe/name",
        "\\\\.\\pipes\\name",
        "\\\\\\pipe\\name",
        "\\\\.\\C:\\pipe\\name",
        "\\\\.\\pipe\\\xff",
    };
    mio_named_pipe pipe;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_errno(mio_named_pipe_create(&pipe, names[i], NULL), -EINVAL);
        ck_assert_errno(mio_named_pipe_open(&pipe, names[i]), -EINVAL);
    }
    ck_assert_errno(mio_named_pipe_create(&pipe, "\\\\host\\pipe\\name", NULL), -EINVAL);
    char name[600] = "\\\\.\\pipe\\";
    memset(name + strlen(name), 'x', sizeof name - strlen(name) - 1);
    ck_assert_errno(mio_named_pipe_create(&pipe, name, NULL), -EINVAL);
    ck_assert_errno(mio_named_pipe_open(&pipe, new_name()), -ENOENT);
}
END_TEST

START_TEST(a_name_is_utf_8_in_any_case)
{
    mio_named_pipe server;
    mio_named_pipe client;
    ck_assert_ok(mio_named_pipe_create(&server, "\\\\.\\PIPE\\mio-test-\xc3\xa4", NULL));
    ck_assert_ok(mio_named_pipe_open(&client, "\\\\.\\pipe\\MIO-test-\xc3\xa4"));
    mio_named_pipe_close(&client);
    mio_named_pipe_close(&server);
}
END_TEST

START_TEST(the_number_of_servers_is_limited)
{
    mio_named_pipe first;
    mio_named_pipe second;
    mio_named_pipe_options options = MIO_NAMED_PIPE_OPTIONS_INIT;
    options.instances = 1;
    const char *name = new_name();
    ck_assert_ok(mio_named_pipe_create(&first, name, &options));
    ck_assert_errno(mio_named_pipe_create(&second, name, &options), -EBUSY);
    mio_named_pipe_close(&first);
    ck_assert_ok(mio_named_pipe_create(&second, name, &options));
    mio_named_pipe_close(&second);
}
END_TEST

START_TEST(the_first_server_is_the_only_first_one)
{
    mio_named_pipe first;
    mio_named_pipe second;
    mio_named_pipe_options options = MIO_NAMED_PIPE_OPTIONS_INIT;
    options.flags = MIO_NAMED_PIPE_FIRST;
    const char *name = new_name();
    ck_assert_ok(mio_named_pipe_create(&first, name, &options));
    ck_assert_errno(mio_named_pipe_create(&second, name, &options), -EACCES);
    options.flags = 0;
    ck_assert_ok(mio_named_pipe_create(&second, name, &options));
    mio_named_pipe_close(&first);
    mio_named_pipe_close(&second);
}
END_TEST

START_TEST(options_of_other_versions)
{
    struct {
        mio_named_pipe_options known;
        uint64_t tail;
    } longer = {MIO_NAMED_PIPE_OPTIONS_INIT, 0};
    mio_named_pipe pipe;
    longer.known.size = sizeof longer;
    ck_assert_ok(mio_named_pipe_create(&pipe, new_name(), &longer.known));
    mio_named_pipe_close(&pipe);
    longer.tail = 1;
    ck_assert_errno(mio_named_pipe_create(&pipe, new_name(), &longer.known), -E2BIG);
    mio_named_pipe_options options = MIO_NAMED_PIPE_OPTIONS_INIT;
    options.size--;
    ck_assert_errno(mio_named_pipe_create(&pipe, new_name(), &options), -EINVAL);
    options.size++;
    options.flags = 0x4;
    ck_assert_errno(mio_named_pipe_create(&pipe, new_name(), &options), -EINVAL);
    options.flags = MIO_NAMED_PIPE_REMOTE;
    options.instances = 255;
    ck_assert_errno(mio_named_pipe_create(&pipe, new_name(), &options), -EINVAL);
    options.instances = 254;
    ck_assert_ok(mio_named_pipe_create(&pipe, new_name(), &options));
    mio_named_pipe_close(&pipe);
}
END_TEST

START_TEST(null_and_closed_pipes_are_refused)
{
    char byte = 'x';
    mio_named_pipe closed = {0};
    mio_udp_socket socket;
    const mio_addr any = loopback_v4();
    ck_assert_errno(mio_named_pipe_create(NULL, new_name(), NULL), -EINVAL);
    ck_assert_errno(mio_named_pipe_create(&closed, NULL, NULL), -EINVAL);
    ck_assert_errno(mio_named_pipe_open(NULL, new_name()), -EINVAL);
    ck_assert_errno(mio_named_pipe_open(&closed, NULL), -EINVAL);
    ck_assert_errno(mio_named_pipe_connect(NULL), -EINVAL);
    ck_assert_errno(mio_named_pipe_disconnect(NULL), -EINVAL);
    ck_assert_errno(mio_named_pipe_read(NULL, &byte, 1), -EINVAL);
    ck_assert_errno(mio_named_pipe_write(NULL, &byte, 1), -EINVAL);
    ck_assert_errno(mio_named_pipe_handle(NULL), -EINVAL);
    ck_assert_errno(mio_named_pipe_connect(&closed), -EBADF);
    ck_assert_errno(mio_named_pipe_disconnect(&closed), -EBADF);
    ck_assert_errno(mio_named_pipe_read(&closed, &byte, 1), -EBADF);
    ck_assert_errno(mio_named_pipe_write(&closed, &byte, 1), -EBADF);
    ck_assert_errno(mio_named_pipe_handle(&closed), -EBADF);
    mio_named_pipe_close(NULL);
    mio_named_pipe_close(&closed);
    ck_assert_ok(mio_udp_socket_bind(&socket, &any));
    ck_assert_errno(mio_named_pipe_read((mio_named_pipe *)&socket, &byte, 1), -EINVAL);
    ck_assert_errno(mio_named_pipe_write((mio_named_pipe *)&socket, &byte, 1), -EINVAL);
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(the_handle_stays_with_the_pipe)
{
    DWORD flags;
    mio_named_pipe server;
    ck_assert_ok(mio_named_pipe_create(&server, new_name(), NULL));
    const mio_handle handle = mio_named_pipe_handle(&server);
    ck_assert(GetHandleInformation((HANDLE)handle, &flags));
    ck_assert_uint_eq(flags & HANDLE_FLAG_INHERIT, 0);
    ck_assert_errno(mio_source_into_handle(&server.source), -EINVAL);
    mio_named_pipe moved;
    memcpy(&moved, &server, sizeof moved);
    memset(&server, 0, sizeof server);
    ck_assert_errno(mio_named_pipe_connect(&moved), -EAGAIN);
    mio_named_pipe_close(&moved);
    ck_assert(!GetHandleInformation((HANDLE)handle, &flags));
    ck_assert_errno(mio_named_pipe_connect(&moved), -EBADF);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("named_pipe");
    TCase *connecting = add_tcase(suite, "connecting");
    tcase_add_backend_test(connecting, before_it_is_registered_a_pipe_would_block);
    tcase_add_backend_test(connecting, both_ends_of_a_new_pipe_are_writable_once);
    tcase_add_backend_test(connecting, a_server_that_waits_for_a_client_is_writable_when_one_comes);
    tcase_add_backend_test(connecting, a_client_that_came_first_is_connected_at_once);
    tcase_add_backend_test(connecting, a_server_serves_one_client_after_the_other);
    tcase_add_backend_test(connecting, a_disconnected_client_is_at_its_end);
    tcase_add_backend_test(connecting, a_server_can_stop_waiting_for_a_client);
    tcase_add_backend_test(connecting, a_client_neither_connects_nor_disconnects);
    TCase *bytes = add_tcase(suite, "bytes");
    tcase_add_backend_test(bytes, written_bytes_are_readable_once);
    tcase_add_backend_test(bytes, a_full_pipe_is_writable_again_when_the_peer_has_read);
    tcase_add_loop_test(bytes, both_directions_of_a_pipe_are_one_event, 0, 2);
    tcase_add_backend_test(bytes, many_bytes_arrive_in_order);
    tcase_add_backend_test(bytes, eight_kib_of_one_write_arrive_in_pieces_of_4000);
    tcase_add_backend_test(bytes, a_long_write_takes_a_part);
    TCase *finish = add_tcase(suite, "ends");
    tcase_add_backend_test(finish, writing_to_a_peer_that_has_gone_ends_with_epipe);
    tcase_add_backend_test(finish, bytes_before_the_end_are_readable);
    tcase_add_backend_test(finish, a_pipe_that_is_closed_during_a_write_delivers_all_bytes);
    tcase_add_backend_test(finish, a_pipe_without_waits_is_closed_for_the_peer);
    tcase_add_backend_test(finish, a_closed_only_interest_reports_the_end_and_not_data);
    TCase *registering = add_tcase(suite, "registering");
    tcase_add_backend_test(registering, a_pipe_belongs_to_one_poll_object);
    tcase_add_backend_test(registering, a_queued_event_does_not_come_after_deregistering);
    tcase_add_backend_test(registering, the_interest_hides_what_it_does_not_name);
    tcase_add_backend_test(registering, a_level_comes_with_each_wait);
    tcase_add_backend_test(registering, a_oneshot_comes_once);
    tcase_add_backend_test(registering, a_rearmed_edge_comes_again);
    tcase_add_backend_test(registering, a_dump_lists_registered_pipes);
    tcase_add_backend_test(registering, another_thread_can_write_while_this_one_waits);
    tcase_add_backend_test(registering, without_its_poll_object_a_pipe_can_only_be_closed);
    tcase_add_backend_test(registering, a_pipe_of_a_freed_poll_object_is_bad_although_a_waker_is_left);
    tcase_add_backend_test(registering, pipes_that_come_and_go_keep_no_handle_open);
    TCase *refusals = add_tcase(suite, "refusals");
    tcase_add_test(refusals, other_names_are_refused);
    tcase_add_test(refusals, a_name_is_utf_8_in_any_case);
    tcase_add_test(refusals, the_number_of_servers_is_limited);
    tcase_add_test(refusals, the_first_server_is_the_only_first_one);
    tcase_add_test(refusals, options_of_other_versions);
    tcase_add_test(refusals, null_and_closed_pipes_are_refused);
    tcase_add_test(refusals, the_handle_stays_with_the_pipe);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
