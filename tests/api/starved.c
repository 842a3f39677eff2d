/* SPDX-License-Identifier: MIT */
/*
 * Tests a server that has no free descriptor. Each function that opens a descriptor fails and changes nothing. Existing
 * connections, registrations and wakers still work. Clients that wait in the backlog must not wake the event loop again
 * and again. After the test closes a connection, the server can accept one more client. After the test raises the limit
 * of descriptors, the server can accept all clients.
 */
#include "../helpers/sockets.h"

#include <sys/resource.h>

enum { LISTENER = 1, SERVER, WAKER, ACCEPTED, CLIENTS = 4 };

typedef struct starved {
    mio_poll *poll;
    mio_waker *waker;
    mio_tcp_listener listener;
    mio_tcp_stream client; /* connected to `server` before the test lowers the limit */
    mio_tcp_stream server;
    mio_tcp_stream waiting[CLIENTS];
    mio_tcp_stream accepted[CLIENTS];
    mio_addr addr;
    struct rlimit usual;
} starved;

static mio_registry *registry_of(const starved *s)
{
    return mio_poll_registry(s->poll);
}

static void open_starved(starved *s, int variant)
{
    memset(s, 0, sizeof *s);
    s->poll = open_poll(variant);
    s->waker = make_waker(s->poll, WAKER);
    make_tcp_pair(&s->client, &s->server);
    make_listener(&s->listener, &s->addr);
    ck_assert_ok(mio_registry_register(registry_of(s), &s->listener.source, LISTENER, MIO_READABLE));
    ck_assert_ok(mio_registry_register(registry_of(s), &s->server.source, SERVER, MIO_READABLE));
    for (int i = 0; i < CLIENTS; i++) {
        ck_assert_ok(mio_tcp_stream_connect(&s->waiting[i], &s->addr));
    }
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &s->usual), 0);
    const struct rlimit full = {.rlim_cur = (rlim_t)lowest_free_descriptor(), .rlim_max = s->usual.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &full), 0);
}

static void end_hunger(const starved *s)
{
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &s->usual), 0);
}

static void close_starved(starved *s)
{
    end_hunger(s);
    for (int i = 0; i < CLIENTS; i++) {
        mio_tcp_stream_close(&s->waiting[i]);
        mio_tcp_stream_close(&s->accepted[i]);
    }
    mio_tcp_stream_close(&s->client);
    mio_tcp_stream_close(&s->server);
    mio_tcp_listener_close(&s->listener);
    mio_waker_free(s->waker);
    mio_poll_free(s->poll);
}

/* Accepts until accepting fails, and returns the error. Adds the number of accepted connections to *count. */
static int accept_until_error(starved *s, int *count)
{
    for (;;) {
        mio_tcp_stream stream;
        const int result = mio_tcp_listener_accept(&s->listener, &stream, NULL);
        if (result != 0) {
            return result;
        }
        ck_assert_int_lt(*count, CLIENTS);
        s->accepted[(*count)++] = stream;
    }
}

/*
 * Waits for the event of the listener, and then tries to accept, which fails. One event reports all clients. After the
 * failed attempt, no further event reports the listener.
 */
static void use_up_the_listener(starved *s)
{
    int count = 0;
    expect_events(s->poll, {LISTENER, MIO_READABLE});
    ck_assert_errno(accept_until_error(s, &count), -EMFILE);
    ck_assert_int_eq(count, 0);
    expect_no_events(s->poll);
}

static void exchange_a_byte(starved *s)
{
    char byte = 0;
    ck_assert_count(mio_tcp_stream_write(&s->client, "x", 1), 1);
    expect_events(s->poll, {SERVER, MIO_READABLE});
    ck_assert_count(mio_tcp_stream_read(&s->server, &byte, 1), 1);
    assert_would_block(mio_tcp_stream_read(&s->server, &byte, 1));
    ck_assert_count(mio_tcp_stream_write(&s->server, &byte, 1), 1);
    wait_handle((int)mio_tcp_stream_handle(&s->client), POLLIN);
    ck_assert_count(mio_tcp_stream_read(&s->client, &byte, 1), 1);
}

START_TEST(without_a_descriptor_nothing_opens_and_all_that_is_open_works)
{
    starved s;
    mio_poll *poll = NULL;
    mio_tcp_stream stream = {0};
    mio_pipe_sender sender = {0};
    mio_pipe_receiver receiver = {0};
    open_starved(&s, _i);
    use_up_the_listener(&s);
    for (int round = 0; round < 20; round++) {
        ck_assert_errno(mio_poll_new(&poll, NULL), -EMFILE);
        ck_assert_errno(mio_tcp_stream_connect(&stream, &s.addr), -EMFILE);
        ck_assert_errno(mio_pipe_pair(&sender, &receiver), -EMFILE);
        exchange_a_byte(&s);
        ck_assert_ok(mio_waker_wake(s.waker));
        expect_events(s.poll, {WAKER, MIO_READABLE});
        ck_assert_ok(mio_registry_deregister(registry_of(&s), &s.server.source));
        ck_assert_ok(mio_registry_register(registry_of(&s), &s.server.source, SERVER, MIO_READABLE));
    }
    ck_assert_ptr_null(poll);
    expect_no_events(s.poll);
    close_starved(&s);
}
END_TEST

START_TEST(a_connection_that_ends_makes_place_for_the_next)
{
    starved s;
    int count = 0;
    if (under_valgrind()) {
        skip("Valgrind accepts a client before it looks at the limit");
        return;
    }
    open_starved(&s, _i);
    use_up_the_listener(&s);
    mio_tcp_stream_close(&s.server);
    ck_assert_errno(accept_until_error(&s, &count), -EMFILE);
    ck_assert_int_eq(count, 1);
    mio_tcp_stream_close(&s.accepted[0]);
    ck_assert_errno(accept_until_error(&s, &count), -EMFILE);
    ck_assert_int_eq(count, 2);
    close_starved(&s);
}
END_TEST

START_TEST(with_descriptors_again_every_client_is_served)
{
    starved s;
    int count = 0;
    char byte;
    if (under_valgrind()) {
        skip("Valgrind accepts a client before it looks at the limit");
        return;
    }
    open_starved(&s, _i);
    use_up_the_listener(&s);
    end_hunger(&s);
    assert_would_block(accept_until_error(&s, &count));
    ck_assert_int_eq(count, CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        ck_assert_ok(
            mio_registry_register(registry_of(&s), &s.accepted[i].source, (uintptr_t)(ACCEPTED + i), MIO_READABLE));
        write_all(&s.waiting[i], "x", 1);
        expect_events(s.poll, {(uintptr_t)(ACCEPTED + i), MIO_READABLE});
        ck_assert_count(mio_tcp_stream_read(&s.accepted[i], &byte, 1), 1);
    }
    exchange_a_byte(&s);
    close_starved(&s);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("starved");
    TCase *tcase = add_tcase(suite, "starved");
    tcase_add_backend_test(tcase, without_a_descriptor_nothing_opens_and_all_that_is_open_works);
    tcase_add_backend_test(tcase, a_connection_that_ends_makes_place_for_the_next);
    tcase_add_backend_test(tcase, with_descriptors_again_every_client_is_served);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
