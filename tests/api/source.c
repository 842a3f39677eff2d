/* SPDX-License-Identifier: MIT */
/*
 * Tests the functions that take any source: mio_source_try_io, and all functions with a closed source or with a source
 * that is filled with garbage. options.c tests the options of sources.
 */
#include "../helpers/sockets.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

enum { SOURCE = 61 };

/* ---- try_io ----------------------------------------------------------------------------------------------------- */

/* An operation for mio_source_try_io that counts its calls and returns `result`. */
typedef struct call {
    int times;
    mio_handle handle;
    int64_t result;
} call;

static int64_t note_call(mio_handle handle, void *context)
{
    call *self = context;
    self->times++;
    self->handle = handle;
    return self->result;
}

/* An operation for mio_source_try_io. Receives one byte, keeps errno, and returns the count or a negative error. */
static int64_t recv_byte(mio_handle handle, void *context)
{
    int saved = errno;
    ssize_t count = recv(handle, context, 1, 0);
    int64_t result = count < 0 ? -errno : count;
    errno = saved;
    return result;
}

START_TEST(try_io_calls_once_with_the_handle_and_the_context_and_returns_the_result)
{
    static const int64_t results[] = {0, 1, 4096, INT64_MAX, -1, -EAGAIN, -EPIPE, -EINVAL, INT64_MIN};
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_udp_socket left;
    mio_udp_socket right;
    make_listener(&listener, NULL);
    make_tcp_pair(&client, &server);
    make_udp_pair(&left, &right);
    mio_source *sources[] = {&listener.source, &client.source, &left.source};
    const int handles[] = {mio_tcp_listener_handle(&listener), mio_tcp_stream_handle(&client),
                           mio_udp_socket_handle(&left)};
    for (size_t s = 0; s < 3; s++) {
        for (size_t r = 0; r < sizeof results / sizeof results[0]; r++) {
            call note = {.result = results[r]};
            ck_assert_count(kept(mio_source_try_io(sources[s], note_call, &note)), results[r]);
            ck_assert_int_eq(note.times, 1);
            ck_assert_int_eq(note.handle, handles[s]);
        }
    }
    mio_tcp_listener_close(&listener);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

static int64_t context_is_null(mio_handle handle, void *context)
{
    (void)handle;
    return context == NULL;
}

START_TEST(try_io_passes_a_null_context)
{
    mio_tcp_listener listener;
    make_listener(&listener, NULL);
    call_counts(mio_source_try_io(&listener.source, context_is_null, NULL), 1);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(try_io_on_null_or_a_closed_source_does_not_call)
{
    mio_tcp_listener listener;
    call note = {.result = 7};
    make_listener(&listener, NULL);
    call_fails(mio_source_try_io(NULL, note_call, &note), EINVAL);
    call_fails(mio_source_try_io(NULL, NULL, NULL), EINVAL);
    call_fails(mio_source_try_io(&listener.source, NULL, &note), EINVAL);
    mio_tcp_listener_close(&listener);
    call_fails(mio_source_try_io(&listener.source, note_call, &note), EBADF);
    ck_assert_int_eq(note.times, 0);
}
END_TEST

START_TEST(try_io_that_would_block_rearms_next_data_is_reported)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_stream client;
    mio_tcp_stream server;
    char byte = 0;
    make_tcp_pair(&client, &server);
    call_ok(mio_registry_register(mio_poll_registry(poll), &client.source, SOURCE, MIO_READABLE));
    for (char sent = 'a'; sent < 'd'; sent++) {
        assert_would_block(kept(mio_source_try_io(&client.source, recv_byte, &byte)));
        write_all(&server, &sent, 1);
        expect_events(poll, {SOURCE, MIO_READABLE});
        call_counts(mio_source_try_io(&client.source, recv_byte, &byte), 1);
        ck_assert_int_eq(byte, sent);
    }
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    mio_poll_free(poll);
}
END_TEST

/* ---- closed sources and garbage --------------------------------------------------------------------------------- */

START_TEST(a_source_is_four_words)
{
    ck_assert_uint_eq(sizeof(mio_source), 4 * sizeof(uint64_t));
    ck_assert_uint_eq(_Alignof(mio_source), _Alignof(uint64_t));
}
END_TEST

/* Checks that every function for a source fails if the source is not open. */
static void expect_all_bad(mio_poll *poll, mio_source *source)
{
    mio_registry *registry = mio_poll_registry(poll);
    call note = {.result = 7};
    int64_t value = 77;
    call_fails_keeping(source, mio_source_try_io(source, note_call, &note), EBADF);
    ck_assert_int_eq(note.times, 0);
    call_fails_keeping(&value, mio_source_option(source, MIO_OPTION_TTL, &value), EBADF);
    call_fails_keeping(source, mio_source_set_option(source, MIO_OPTION_TTL, 1), EBADF);
    call_fails_keeping(source, mio_registry_register(registry, source, SOURCE, MIO_READABLE), EBADF);
    call_fails_keeping(source, mio_registry_reregister(registry, source, SOURCE, MIO_READABLE), EBADF);
    call_fails_keeping(source, mio_registry_deregister(registry, source), EBADF);
}

START_TEST(all_zero_is_a_closed_source)
{
    mio_poll *poll = open_poll(_i);
    mio_source source;
    memset(&source, 0, sizeof source);
    expect_all_bad(poll, &source);
    mio_poll_free(poll);
}
END_TEST

/*
 * Registering garbage can fail with different errors, because garbage can look like a source that another poll object
 * has registered.
 */
START_TEST(garbage_is_an_error_and_no_harm)
{
    static const int fillings[] = {0xff, 0xa5, 0x80, 0x7f};
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    int before = count_descriptors();
    for (size_t i = 0; i < sizeof fillings / sizeof fillings[0]; i++) {
        mio_source source;
        int64_t value = 77;
        memset(&source, fillings[i], sizeof source);
        call_fails_keeping(&value, mio_source_option(&source, MIO_OPTION_TTL, &value), EBADF);
        call_fails(mio_source_set_option(&source, MIO_OPTION_TTL, 1), EBADF);
        ck_assert_int_lt(kept(mio_registry_register(registry, &source, SOURCE, MIO_READABLE)), 0);
        ck_assert_int_lt(kept(mio_registry_deregister(registry, &source)), 0);
    }
    expect_no_events(poll);
    ck_assert_int_eq(count_descriptors(), before);
    mio_poll_free(poll);
}
END_TEST

START_TEST(handle_close_closes_and_keeps_errno)
{
    int fds[2];
    make_pipe(fds);
    errno = ERANGE;
    mio_handle_close(fds[0]);
    ck_assert_int_eq(errno, ERANGE);
    ck_assert(!is_open(fds[0]));
    ck_assert(is_open(fds[1]));
    errno = ERANGE;
    mio_handle_close(fds[0]); /* closing a handle that is not open does nothing */
    ck_assert_int_eq(errno, ERANGE);
    close_fd(fds[1]);
}
END_TEST

START_TEST(handle_close_ignores_a_negative_handle)
{
    const int before = count_descriptors();
    errno = ERANGE;
    mio_handle_close(MIO_HANDLE_NONE);
    mio_handle_close(INT_MIN);
    ck_assert_int_eq(errno, ERANGE);
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("source");
    TCase *try_io = add_tcase(suite, "try_io");
    tcase_add_test(try_io, try_io_calls_once_with_the_handle_and_the_context_and_returns_the_result);
    tcase_add_test(try_io, try_io_passes_a_null_context);
    tcase_add_test(try_io, try_io_on_null_or_a_closed_source_does_not_call);
    tcase_add_backend_test(try_io, try_io_that_would_block_rearms_next_data_is_reported);
    TCase *storage = add_tcase(suite, "closed and garbage storage");
    tcase_add_test(storage, a_source_is_four_words);
    tcase_add_backend_test(storage, all_zero_is_a_closed_source);
    tcase_add_backend_test(storage, garbage_is_an_error_and_no_harm);
    TCase *handles = add_tcase(suite, "handles");
    tcase_add_test(handles, handle_close_closes_and_keeps_errno);
    tcase_add_test(handles, handle_close_ignores_a_negative_handle);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
