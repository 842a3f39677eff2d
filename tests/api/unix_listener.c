/* SPDX-License-Identifier: MIT */
/*
 * Tests Unix listeners: opening, adopting, accepting and events. unix_listener_errors.c tests errors. unix_replace.c
 * tests MIO_UNIX_REPLACE.
 */
#include "../helpers/unix_sockets.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { LISTENER = 7, OTHER = 8 };

/* ---- basic use -------------------------------------------------------------------------------------------------- */

enum { CONNECTIONS = 64 };

typedef struct acceptor {
    mio_unix_listener *listener;
    barrier *start;
    atomic_int *accepted;
    int64_t failure; /* an error of accept, except EAGAIN */
} acceptor;

static void *accept_until_all_are_there(void *context)
{
    acceptor *self = context;
    struct pollfd entry = {.fd = mio_unix_listener_handle(self->listener), .events = POLLIN};
    mio_unix_stream stream;
    barrier_wait(self->start);
    while (atomic_load(self->accepted) < CONNECTIONS && self->failure == 0) {
        int rc = mio_unix_listener_accept(self->listener, &stream, NULL);
        if (rc == 0) {
            atomic_fetch_add(self->accepted, 1);
            mio_unix_stream_close(&stream);
        } else if (rc == -EAGAIN) {
            poll(&entry, 1, 1);
        } else {
            self->failure = rc;
        }
    }
    return NULL;
}

START_TEST(unix_listener_is_used_from_two_threads)
{
    mio_unix_listener listener;
    mio_addr addr;
    barrier start;
    atomic_int accepted = 0;
    int clients[CONNECTIONS];
    make_unix_listener(&listener, "s", &addr);
    for (int i = 0; i < CONNECTIONS; i++) {
        clients[i] = raw_unix(SOCK_STREAM, NULL, &addr);
    }
    barrier_init(&start, 2);
    acceptor acceptors[2] = {{&listener, &start, &accepted, 0}, {&listener, &start, &accepted, 0}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        threads[i] = start_thread(accept_until_all_are_there, &acceptors[i]);
    }
    for (int i = 0; i < 2; i++) {
        join_thread(threads[i]);
        ck_assert_ok(acceptors[i].failure);
    }
    ck_assert_int_eq(atomic_load(&accepted), CONNECTIONS);
    for (int i = 0; i < CONNECTIONS; i++) {
        raw_expect_end(clients[i]);
        close_fd(clients[i]);
    }
    mio_unix_listener_close(&listener);
    barrier_destroy(&start);
}
END_TEST

/* Registers a listener, waits for a client, accepts the client's stream, and closes the stream and the listener. */
static void smoke(int variant, mio_unix_listener *listener, int type, const mio_addr *wanted)
{
    mio_poll *poll = open_poll(variant);
    mio_addr addr;
    mio_addr peer;
    mio_unix_stream stream;
    ck_assert(is_nonblocking(mio_unix_listener_handle(listener)));
    ck_assert(is_cloexec(mio_unix_listener_handle(listener)));
    call_ok(mio_unix_listener_local_addr(listener, &addr));
    assert_addr_eq(&addr, wanted);

    call_ok(mio_registry_register(mio_poll_registry(poll), &listener->source, LISTENER, MIO_READABLE));
    expect_no_events(poll);
    assert_would_block(kept(mio_unix_listener_accept(listener, &stream, &peer)));

    int client = raw_unix(type, NULL, &addr);
    expect_events(poll, {LISTENER, MIO_READABLE});
    scribble(&stream, sizeof stream);
    scribble(&peer, sizeof peer);
    call_ok(mio_unix_listener_accept(listener, &stream, &peer));
    ck_assert_int_eq(mio_addr_is_unnamed(&peer), 1);
    ck_assert(is_nonblocking(mio_unix_stream_handle(&stream)));
    ck_assert(is_cloexec(mio_unix_stream_handle(&stream)));
    ck_assert_int_eq(raw_option(mio_unix_stream_handle(&stream), SOL_SOCKET, SO_TYPE), type);
    assert_would_block(kept(mio_unix_listener_accept(listener, &stream, NULL)));
    assert_pending(mio_unix_listener_take_error, listener, 0);

    mio_unix_stream_close(&stream);
    close_fd(client);
    mio_unix_listener_close(listener);
    mio_poll_free(poll);
}

START_TEST(unix_listener_smoke)
{
    mio_unix_listener listener;
    mio_addr addr = path_addr("s");
    scribble(&listener, sizeof listener);
    call_ok(mio_unix_listener_bind(&listener, &addr, 16, 0));
    smoke(_i, &listener, SOCK_STREAM, &addr);
}
END_TEST

START_TEST(unix_listener_smoke_seqpacket)
{
    mio_unix_listener listener;
    mio_addr addr = path_addr("s");
    call_ok(mio_unix_listener_bind(&listener, &addr, 16, MIO_UNIX_SEQPACKET));
    smoke(_i, &listener, SOCK_SEQPACKET, &addr);
}
END_TEST

static void smoke_adopted(int variant, int type)
{
    mio_unix_listener listener;
    mio_addr addr = path_addr("s");
    int fd = raw_unix_listener(type, &addr, 16);
    scribble(&listener, sizeof listener);
    call_ok(mio_unix_listener_from_handle(&listener, fd));
    ck_assert_int_eq(mio_unix_listener_handle(&listener), fd);
    smoke(variant, &listener, type, &addr);
    ck_assert(!is_open(fd));
}

START_TEST(unix_listener_adopted_by_from_handle)
{
    smoke_adopted(_i, SOCK_STREAM);
}
END_TEST

START_TEST(unix_listener_adopted_by_from_handle_seqpacket)
{
    smoke_adopted(_i, SOCK_SEQPACKET);
}
END_TEST

START_TEST(accepted_stream_local_address_is_the_path_and_peer_is_unnamed)
{
    mio_unix_listener listener;
    mio_unix_stream stream;
    mio_addr addr;
    mio_addr at;
    make_unix_listener(&listener, "s", &addr);
    int client = raw_unix(SOCK_STREAM, NULL, &addr);
    accept_unix(&listener, &stream);
    call_ok(mio_unix_stream_local_addr(&stream, &at));
    assert_addr_eq(&at, &addr);
    call_ok(mio_unix_stream_peer_addr(&stream, &at));
    ck_assert_int_eq(mio_addr_is_unnamed(&at), 1);
    mio_unix_stream_close(&stream);
    close_fd(client);
    mio_unix_listener_close(&listener);
}
END_TEST

START_TEST(idle_unix_listener_gives_no_event)
{
    mio_poll *poll = open_poll(_i);
    mio_unix_listener listener;
    make_unix_listener(&listener, "s", NULL);
    call_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, LISTENER, MIO_READABLE | MIO_WRITABLE));
    expect_no_events(poll);
    mio_unix_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

START_TEST(writable_only_hides_a_connection_reregister_readable_reports_it)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_unix_listener listener;
    mio_addr addr;
    mio_event event;
    make_unix_listener(&listener, "s", &addr);
    call_ok(mio_registry_register(registry, &listener.source, LISTENER, MIO_WRITABLE));
    int client = raw_unix(SOCK_STREAM, NULL, &addr);
    expect_no_events(poll);
    call_ok(mio_registry_reregister(registry, &listener.source, OTHER, MIO_READABLE));
    ck_assert_int_eq(wait_events(poll, &event, 1, LONG_WAIT), 1);
    ck_assert_uint_eq(event.token, OTHER);
    ck_assert(mio_event_is_readable(&event));
    close_fd(client);
    mio_unix_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

START_TEST(deregistered_unix_listener_is_quiet)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_unix_listener listener;
    mio_unix_stream stream;
    mio_addr addr;
    make_unix_listener(&listener, "s", &addr);
    call_ok(mio_registry_register(registry, &listener.source, LISTENER, MIO_READABLE));
    int client = raw_unix(SOCK_STREAM, NULL, &addr);
    call_ok(mio_registry_deregister(registry, &listener.source));
    expect_no_events(poll);
    accept_unix(&listener, &stream);
    mio_unix_stream_close(&stream);
    close_fd(client);
    mio_unix_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

START_TEST(abstract_name_bind_local_addr_equal_connect_reported_peer_unnamed)
{
    mio_unix_listener listener;
    mio_addr addr = abstract_addr("listener");
    call_ok(mio_unix_listener_bind(&listener, &addr, 16, 0));
    smoke(_i, &listener, SOCK_STREAM, &addr);
}
END_TEST

/* ---- the address of the peer, and an event for every connection ------------------------------------------------- */

/*
 * Checks that accept returns the client's address. The Rust library mio 1.2.2 returns an unnamed address if the client
 * has an abstract name.
 */
static void expect_peer(const mio_addr *client_addr)
{
    mio_unix_listener listener;
    mio_unix_stream stream;
    mio_addr addr;
    mio_addr peer;
    make_unix_listener(&listener, "server", &addr);
    int client = raw_unix(SOCK_STREAM, client_addr, &addr);
    mio_addr client_name = raw_local_addr(client);
    scribble(&peer, sizeof peer);
    call_ok(mio_unix_listener_accept(&listener, &stream, &peer));
    assert_addr_eq(&peer, &client_name);
    call_ok(mio_unix_stream_peer_addr(&stream, &peer));
    assert_addr_eq(&peer, &client_name);
    mio_unix_stream_close(&stream);
    close_fd(client);
    mio_unix_listener_close(&listener);
    ck_assert_int_eq(unlink(in_dir("server")), 0);
}

START_TEST(accept_does_not_lose_an_abstract_peer)
{
    mio_addr client = abstract_addr("client");
    expect_peer(&client);
    char name[] = "\0\xff with nulls \0....";
    const pid_t self = getpid();
    mio_addr binary;
    memcpy(name + sizeof name - 5, &self, 4);
    call_ok(mio_addr_from_abstract(&binary, name, sizeof name));
    expect_peer(&binary);
    mio_addr chosen = unnamed_addr(); /* an unnamed address: the kernel chooses a name */
    expect_peer(&chosen);
}
END_TEST

START_TEST(accept_reports_the_path_of_a_peer)
{
    mio_addr client = path_addr("client");
    expect_peer(&client);
}
END_TEST

/* The Rust library mio had a bug here: its backend on poll(2) did not rearm a Unix listener after accepting. */
START_TEST(accept_rearms_each_connection_is_reported_after_draining)
{
    mio_poll *poll = open_poll(_i);
    mio_unix_listener listener;
    mio_unix_stream stream;
    mio_addr addr;
    make_unix_listener(&listener, "s", &addr);
    call_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, LISTENER, MIO_READABLE));
    for (int i = 0; i < 3; i++) {
        int client = raw_unix(SOCK_STREAM, NULL, &addr);
        expect_events(poll, {LISTENER, MIO_READABLE});
        call_ok(mio_unix_listener_accept(&listener, &stream, NULL));
        mio_unix_stream_close(&stream);
        assert_would_block(kept(mio_unix_listener_accept(&listener, &stream, NULL)));
        expect_no_events(poll);
        close_fd(client);
    }
    mio_unix_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

/* ---- names ------------------------------------------------------------------------------------------------------ */

START_TEST(unnamed_address_lets_the_system_choose_an_abstract_name)
{
    mio_unix_listener listener;
    mio_addr addr = unnamed_addr();
    char name[128];
    call_ok(mio_unix_listener_bind(&listener, &addr, 16, 0));
    call_ok(mio_unix_listener_local_addr(&listener, &addr));
    ck_assert_int_gt(mio_addr_unix_abstract(&addr, name, sizeof name), 0);
    close_fd(raw_unix(SOCK_STREAM, NULL, &addr));
    mio_unix_listener_close(&listener);
}
END_TEST

START_TEST(longest_path_can_be_bound_connected_and_is_told)
{
    enum { LONGEST = sizeof(((struct sockaddr_un *)NULL)->sun_path) };
    char name[LONGEST + 1];
    mio_unix_listener listener;
    mio_unix_stream stream;
    mio_addr at;
    memset(name, 'n', sizeof name);
    name[LONGEST - strlen(in_dir(""))] = '\0';
    mio_addr addr = path_addr(name);
    call_ok(mio_unix_listener_bind(&listener, &addr, 16, 0));
    ck_assert(is_socket_file(name));
    call_ok(mio_unix_listener_local_addr(&listener, &at));
    assert_addr_eq(&at, &addr);
    int client = raw_unix(SOCK_STREAM, NULL, &at);
    accept_unix(&listener, &stream);
    call_ok(mio_unix_stream_local_addr(&stream, &at));
    assert_addr_eq(&at, &addr);
    close_fd(client);
    mio_unix_stream_close(&stream);
    mio_unix_listener_close(&listener);
}
END_TEST

START_TEST(socket_file_has_the_modes_that_umask_leaves)
{
    mio_unix_listener listener;
    struct stat file;
    mode_t usual = umask(0137);
    make_unix_listener(&listener, "s", NULL);
    umask(usual);
    ck_assert_int_eq(stat(in_dir("s"), &file), 0);
    ck_assert_uint_eq(file.st_mode & 0777, 0640);
    mio_unix_listener_close(&listener);
}
END_TEST

START_TEST(close_does_not_unlink)
{
    mio_unix_listener listener;
    make_unix_listener(&listener, "s", NULL);
    int fd = mio_unix_listener_handle(&listener);
    kept_void(mio_unix_listener_close(&listener));
    ck_assert(!is_open(fd));
    ck_assert(is_zero(&listener, sizeof listener));
    ck_assert(is_socket_file("s"));
    kept_void(mio_unix_listener_close(&listener));
    kept_void(mio_unix_listener_close(NULL));
}
END_TEST

START_TEST(backlog_is_what_was_asked_for)
{
    mio_unix_listener listener;
    mio_unix_stream streams[8];
    mio_addr addr = path_addr("s");
    int taken = 0;
    int rc = 0;
    call_ok(mio_unix_listener_bind(&listener, &addr, 2, 0));
    while (taken < 8 && (rc = mio_unix_stream_connect(&streams[taken], &addr, 0)) == 0) {
        taken++;
    }
    ck_assert_errno(rc, -EAGAIN);
    ck_assert_int_eq(taken, 3); /* Linux queues one connection more than the backlog of 2 */
    for (int i = 0; i < taken; i++) {
        mio_unix_stream_close(&streams[i]);
    }
    mio_unix_listener_close(&listener);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_listener");
    TCase *tcase = add_unix_tcase(suite, "checklist");
    tcase_add_test(tcase, unix_listener_is_used_from_two_threads);
    tcase_add_backend_test(tcase, unix_listener_smoke);
    tcase_add_backend_test(tcase, unix_listener_smoke_seqpacket);
    tcase_add_backend_test(tcase, unix_listener_adopted_by_from_handle);
    tcase_add_backend_test(tcase, unix_listener_adopted_by_from_handle_seqpacket);
    tcase_add_test(tcase, accepted_stream_local_address_is_the_path_and_peer_is_unnamed);
    tcase_add_backend_test(tcase, idle_unix_listener_gives_no_event);
    tcase_add_backend_test(tcase, writable_only_hides_a_connection_reregister_readable_reports_it);
    tcase_add_backend_test(tcase, deregistered_unix_listener_is_quiet);
    tcase_add_backend_test(tcase, abstract_name_bind_local_addr_equal_connect_reported_peer_unnamed);
    tcase = add_unix_tcase(suite, "accept");
    tcase_add_test(tcase, accept_does_not_lose_an_abstract_peer);
    tcase_add_test(tcase, accept_reports_the_path_of_a_peer);
    tcase_add_backend_test(tcase, accept_rearms_each_connection_is_reported_after_draining);
    tcase = add_unix_tcase(suite, "names");
    tcase_add_test(tcase, unnamed_address_lets_the_system_choose_an_abstract_name);
    tcase_add_test(tcase, longest_path_can_be_bound_connected_and_is_told);
    tcase_add_test(tcase, socket_file_has_the_modes_that_umask_leaves);
    tcase_add_test(tcase, close_does_not_unlink);
    tcase_add_test(tcase, backlog_is_what_was_asked_for);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
