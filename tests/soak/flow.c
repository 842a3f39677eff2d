/* SPDX-License-Identifier: MIT */
#include "flow.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*report_details)(void *context);
static void *report_context;

void set_report(void (*report)(void *context), void *context)
{
    report_details = report;
    report_context = context;
}

void broken(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "FAILED: soak (%ld): ", (long)getpid());
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    if (report_details != NULL) {
        report_details(report_context);
    }
    _Exit(1);
}

/* ---- scripts ---- */

static uint32_t mixed(uint32_t number)
{
    number = (number ^ (number >> 16)) * 0x7feb352du;
    number = (number ^ (number >> 15)) * 0x846ca68bu;
    return number ^ (number >> 16);
}

/* Returns the length of a stream. Half of the streams have less than 4096 bytes, and one in 16 has up to 900000. */
static uint32_t length_of(uint32_t random)
{
    static const uint32_t limits[] = {0,     64,    64,    4096,  4096,  4096,  4096,  4096,
                                      30000, 30000, 30000, 90000, 90000, 90000, 90000, 900000};
    const uint32_t limit = limits[random % 16];
    return limit == 0 ? 0 : (random >> 4) % limit;
}

script write_script(uint32_t number)
{
    static const uint32_t flags[] = {SLOW_CLIENT,
                                     SLOW_SERVER,
                                     SLOW_CLIENT | SLOW_SERVER,
                                     ABORTING_CLIENT,
                                     ABORTING_SERVER,
                                     ABORTING_CLIENT | SLOW_SERVER,
                                     ABORTING_SERVER | SLOW_CLIENT};
    const uint32_t seed = mixed(number);
    const uint32_t choice = mixed(seed + 1) % 16;
    return (script){
        .seed = seed,
        .up = length_of(mixed(seed + 2)),
        .down = length_of(mixed(seed + 3)),
        .flags = choice < sizeof flags / sizeof flags[0] ? flags[choice] : 0,
    };
}

/* ---- bytes ---- */

enum { CHUNK = 64 << 10, PIECE = 8 << 10 };

static unsigned char byte_at(uint32_t seed, uint32_t position)
{
    return (unsigned char)(((position ^ seed) * 0x9e3779b1u) >> 24);
}

static uint32_t seed_of(const flow *f, bool of_client)
{
    return of_client ? f->script.seed : ~f->script.seed;
}

static uint32_t bytes_to_send(const flow *f)
{
    return f->is_client ? f->script.up : f->script.down;
}

static uint32_t bytes_to_receive(const flow *f)
{
    return f->is_client ? f->script.down : f->script.up;
}

bool is_slow(const flow *f)
{
    return (f->script.flags & (f->is_client ? SLOW_CLIENT : SLOW_SERVER)) != 0;
}

static bool aborts(const flow *f, bool client)
{
    return (f->script.flags & (client ? ABORTING_CLIENT : ABORTING_SERVER)) != 0;
}

static bool has_script(const flow *f)
{
    return f->header == sizeof f->script;
}

/*
 * Handles a connection that the peer has ended early. If this end has the whole script of the connection, the function
 * checks that the script tells the peer to abort. Always returns false, so that the caller closes the connection.
 */
static bool ends_early(const flow *f, const char *call, int64_t result)
{
    check_that(!has_script(f) || aborts(f, !f->is_client), "%s of a stream at %u of %u bytes returned %s", call,
               f->received, bytes_to_receive(f), result == 0 ? "the end" : mio_error_name((int)-result));
    return false;
}

static void compare(flow *f, const unsigned char *bytes, uint32_t count)
{
    const uint32_t seed = seed_of(f, !f->is_client);
    for (uint32_t i = 0; i < count; i++) {
        check_that(bytes[i] == byte_at(seed, f->received + i), "byte %u of a stream is wrong", f->received + i);
    }
    f->received += count;
}

/* ---- the steps of turn_flow: each function returns false when the connection is over ---- */

static bool finish_connect(flow *f)
{
    const int result = mio_stream_connect_finish(&f->stream.source);
    check_that(result == 0 || result == -EINPROGRESS, "a connect failed with %s", mio_error_name(-result));
    f->is_connected = result == 0;
    return true;
}

static bool move_script(flow *f)
{
    while (!has_script(f)) {
        char *at = (char *)&f->script + f->header;
        const size_t left = sizeof f->script - f->header;
        const int64_t count =
            f->is_client ? mio_stream_write(&f->stream.source, at, left) : mio_stream_read(&f->stream.source, at, left);
        if (count == -EAGAIN) {
            return true;
        }
        if (count <= 0) {
            return ends_early(f, "moving the script", count);
        }
        f->header += (uint32_t)count;
    }
    return true;
}

static bool take(flow *f, bool at_tick, uint64_t *moved)
{
    static unsigned char bytes[CHUNK];
    while (!f->has_ended && (!is_slow(f) || at_tick)) {
        const int64_t count = mio_stream_read(&f->stream.source, bytes, is_slow(f) ? PIECE : sizeof bytes);
        if (count == -EAGAIN) {
            return true;
        }
        if (count < 0 || (count == 0 && f->received < bytes_to_receive(f))) {
            return ends_early(f, "read", count);
        }
        check_that(count <= bytes_to_receive(f) - f->received, "a stream has too many bytes");
        compare(f, bytes, (uint32_t)count);
        *moved += (uint64_t)count;
        f->has_ended = count == 0;
        at_tick = false;
    }
    return true;
}

static bool give(flow *f, uint64_t *moved)
{
    static unsigned char bytes[CHUNK];
    while (f->sent < bytes_to_send(f)) {
        const uint32_t left = bytes_to_send(f) - f->sent;
        const uint32_t length = left < sizeof bytes ? left : (uint32_t)sizeof bytes;
        for (uint32_t i = 0; i < length; i++) {
            bytes[i] = byte_at(seed_of(f, f->is_client), f->sent + i);
        }
        const int64_t count = mio_stream_write(&f->stream.source, bytes, length);
        if (count == -EAGAIN) {
            return true;
        }
        if (count <= 0) {
            return ends_early(f, "write", count);
        }
        f->sent += (uint32_t)count;
        *moved += (uint64_t)count;
    }
    if (!f->has_shut_down) {
        const int result = mio_stream_shutdown(&f->stream.source, MIO_SHUTDOWN_WRITE);
        if (result < 0) {
            return ends_early(f, "shutdown", result);
        }
        f->has_shut_down = true;
    }
    return true;
}

bool turn_flow(flow *f, bool at_tick, uint64_t *moved)
{
    if (!f->is_connected && (!finish_connect(f) || !f->is_connected)) {
        return true;
    }
    if (!move_script(f)) {
        return false;
    }
    if (!has_script(f)) {
        return true;
    }
    if (!take(f, at_tick, moved) || !give(f, moved)) {
        return false;
    }
    if (aborts(f, f->is_client) && f->received >= bytes_to_receive(f) / 2) {
        const int result = mio_source_set_option(&f->stream.source, MIO_OPTION_LINGER, 0);
        check_that(result == 0, "MIO_OPTION_LINGER failed with %s", mio_error_name(-result));
        return false;
    }
    return !(f->has_ended && f->has_shut_down);
}
