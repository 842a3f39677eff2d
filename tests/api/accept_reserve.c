/* SPDX-License-Identifier: MIT */
/*
 * Tests mio_accept_is_transient, and mio_accept_reserve, which holds a spare descriptor. With the reserve, a listener
 * sheds (accepts and closes) a connection when the process has no free descriptor.
 */
#include "../helpers/system.h"
#include "../helpers/system_calls.h"
#include "../helpers/unix_sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

enum { LISTENER = 31, CLIENTS = 5 };

/* ---- transient errors ------------------------------------------------------------------------------------------- */

START_TEST(transient_errors_are_told_apart)
{
    static const int transient[] = {ECONNABORTED, ECONNRESET, EHOSTUNREACH, EINTR,     ENETDOWN, ENETUNREACH,
                                    ENOPROTOOPT,  EOPNOTSUPP, EPROTO,       ETIMEDOUT, ECANCELED};
    static const int others[] = {EAGAIN, EMFILE,   ENFILE, ENOBUFS, ENOMEM, EBADF,
                                 EINVAL, ENOTSOCK, EPERM,  EACCES,  EFAULT};
    for (size_t i = 0; i < sizeof transient / sizeof transient[0]; i++) {
        call_counts(mio_accept_is_transient(-transient[i]), 1);
        call_counts(mio_accept_is_transient(transient[i]), 0); /* mio returns errors as negative numbers */
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        call_counts(mio_accept_is_transient(-others[i]), 0);
    }
    call_counts(mio_accept_is_transient(0), 0);
    call_counts(mio_accept_is_transient(1), 0);
    call_counts(mio_accept_is_transient(INT32_MIN + 1), 0);
    call_counts(mio_accept_is_transient(INT32_MIN), 0);
}
END_TEST

/* ---- listeners of every kind ------------------------------------------------------------------------------------ */

enum kind { TCP, UNIX_STREAM, UNIX_SEQPACKET, KINDS };

/* A listener with waiting clients. The first member of every source type is a mio_source. */
typedef struct service {
    enum kind kind;
    mio_addr addr;
    int clients[CLIENTS];
    union {
        mio_source source;
        mio_tcp_listener tcp;
        mio_unix_listener local;
    } listener;
} service;

static int raw_client(const service *self)
{
    return self->kind == TCP ? raw_connect(&self->addr)
                             : raw_unix(self->kind == UNIX_STREAM ? SOCK_STREAM : SOCK_SEQPACKET, NULL, &self->addr);
}

static void connect_clients(service *self)
{
    for (int i = 0; i < CLIENTS; i++) {
        self->clients[i] = raw_client(self);
    }
    wait_handle(mio_tcp_listener_handle(&self->listener.tcp), POLLIN);
}

static void start_service(service *self, enum kind kind)
{
    self->kind = kind;
    if (kind == TCP) {
        make_listener(&self->listener.tcp, &self->addr);
    } else {
        self->addr = path_addr(kind == UNIX_STREAM ? "stream" : "seqpacket");
        call_ok(mio_unix_listener_bind(&self->listener.local, &self->addr, 16,
                                       kind == UNIX_STREAM ? 0 : MIO_UNIX_SEQPACKET));
    }
    connect_clients(self);
}

/* mio_tcp_listener_close can close a listener of any type, because all listener types close in the same way. */
static void stop_service(service *self)
{
    for (int i = 0; i < CLIENTS; i++) {
        close_fd(self->clients[i]);
    }
    mio_tcp_listener_close(&self->listener.tcp);
}

/* Calls accept_or_shed once, and closes the stream if the call has accepted a connection. Returns the call's result. */
static int64_t accept_and_close(service *self, mio_accept_reserve *reserve)
{
    union {
        mio_tcp_stream tcp;
        mio_unix_stream local;
    } stream;
    mio_addr peer = with_port(loopback_v4(), 4711);
    mio_addr before = peer;
    unsigned char scribbled[sizeof stream];
    scribble(&stream, sizeof stream);
    memcpy(scribbled, &stream, sizeof stream);
    int64_t rc = self->kind == TCP
                     ? kept(mio_tcp_listener_accept_or_shed(&self->listener.tcp, reserve, &stream.tcp, &peer))
                     : kept(mio_unix_listener_accept_or_shed(&self->listener.local, reserve, &stream.local, &peer));
    if (rc == 0) {
        ck_assert_int_eq(mio_addr_family(&peer), self->kind == TCP ? MIO_ADDR_IPV4 : MIO_ADDR_UNIX);
        ck_assert(is_nonblocking(mio_tcp_stream_handle(&stream.tcp)));
        ck_assert(is_cloexec(mio_tcp_stream_handle(&stream.tcp)));
        mio_tcp_stream_close(&stream.tcp);
    } else {                     /* a failed accept does not change its arguments */
        if (!under_valgrind()) { /* Valgrind accepts and stores an address before it returns EMFILE */
            assert_addr_eq(&peer, &before);
        }
        ck_assert_mem_eq(&stream, scribbled, sizeof stream);
    }
    return rc;
}

/* Accepts until no connection is left. Returns how many connections the library has shed, that is, accepted and closed
 * at once. */
static int shed_all(service *self, mio_accept_reserve *reserve)
{
    int count = 0;
    int64_t rc;
    while ((rc = accept_and_close(self, reserve)) == -ECANCELED) {
        call_counts(mio_accept_is_transient((int)rc), 1);
        count++;
    }
    assert_would_block(rc);
    return count;
}

/*
 * Checks that the library has shed all connections. Under Valgrind, the library sheds only some of the connections.
 * Valgrind itself accepts and closes the other connections, and returns EMFILE for them.
 */
static void assert_shed(int count)
{
    if (under_valgrind()) {
        ck_assert_int_gt(count, 0);
    } else {
        ck_assert_int_eq(count, CLIENTS);
    }
}

/* ---- accepting with and without free descriptors ---------------------------------------------------------------- */

START_TEST(with_descriptors_it_accepts)
{
    for (int kind = 0; kind < KINDS; kind++) {
        service self;
        mio_accept_reserve reserve;
        int before = count_descriptors();
        start_service(&self, (enum kind)kind);
        scribble(&reserve, sizeof reserve);
        call_ok(mio_accept_reserve_open(&reserve));
        ck_assert_int_eq(count_descriptors(), before + CLIENTS + 2);
        for (int i = 0; i < CLIENTS; i++) {
            call_ok(accept_and_close(&self, &reserve));
        }
        assert_would_block(accept_and_close(&self, &reserve));
        kept_void(mio_accept_reserve_close(&reserve));
        stop_service(&self);
        ck_assert_int_eq(count_descriptors(), before);
    }
}
END_TEST

START_TEST(without_descriptors_clients_are_turned_away)
{
    for (int kind = 0; kind < KINDS; kind++) {
        service self;
        mio_accept_reserve opened;
        mio_accept_reserve reserve;
        start_service(&self, (enum kind)kind);
        call_ok(mio_accept_reserve_open(&opened));
        memcpy(&reserve, &opened, sizeof reserve); /* a program may move a reserve in memory */
        scribble(&opened, sizeof opened);
        int before = count_descriptors();
        refuse_descriptors();
        assert_shed(shed_all(&self, &reserve));
        for (int i = 0; i < CLIENTS; i++) {
            raw_expect_end(self.clients[i]);
        }
        allow_descriptors();
        ck_assert_int_eq(count_descriptors(),
                         before); /* after shedding, the library has opened a new spare descriptor */
        int late = raw_client(&self);
        wait_handle(mio_tcp_listener_handle(&self.listener.tcp), POLLIN);
        refuse_descriptors();
        ck_assert_int_gt(shed_all(&self, &reserve), under_valgrind() ? -1 : 0); /* the library uses the reserve again */
        allow_descriptors();
        raw_expect_end(late);
        close_fd(late);
        mio_accept_reserve_close(&reserve);
        stop_service(&self);
    }
}
END_TEST

/* ---- loops ------------------------------------------------------------------------------------------------------ */

/*
 * Runs an event loop without free descriptors, and returns the number of events. If `all` is true, the loop accepts at
 * each event until no connection is left. Otherwise, the loop accepts one connection at each event.
 */
static int rounds_of_loop(int variant, uint32_t flags, bool all, int *shed)
{
    mio_poll *poll = open_poll(variant);
    service self;
    mio_accept_reserve reserve;
    mio_event event;
    int count = 0;
    *shed = 0;
    start_service(&self, TCP);
    call_ok(mio_registry_register(mio_poll_registry(poll), &self.listener.source, LISTENER, MIO_READABLE | flags));
    call_ok(mio_accept_reserve_open(&reserve));
    refuse_descriptors();
    while (wait_events(poll, &event, 1, MS(50)) == 1) {
        ck_assert_int_lt(++count, 3 * CLIENTS);
        if (all) {
            *shed += shed_all(&self, &reserve);
        } else {
            ck_assert_errno(accept_and_close(&self, &reserve), -ECANCELED);
            ++*shed;
        }
    }
    allow_descriptors();
    for (int i = 0; i < CLIENTS; i++) {
        raw_expect_end(self.clients[i]);
    }
    mio_accept_reserve_close(&reserve);
    stop_service(&self);
    mio_poll_free(poll);
    return count;
}

START_TEST(an_edge_triggered_loop_sheds_all_and_rests)
{
    int shed;
    int count = rounds_of_loop(_i, MIO_EDGE, true, &shed);
    assert_shed(shed);
    ck_assert_int_le(count, CLIENTS);
}
END_TEST

START_TEST(a_level_triggered_loop_sheds_one_each_round_and_rests)
{
    int shed;
    if (under_valgrind()) {
        skip("valgrind accepts before it says EMFILE");
        return;
    }
    int count = rounds_of_loop(_i, MIO_LEVEL, false, &shed);
    assert_shed(shed);
    ck_assert_int_eq(count, CLIENTS);
}
END_TEST

/* ---- a reserve that has lost its descriptor --------------------------------------------------------------------- */

START_TEST(a_reserve_that_was_lost_is_made_up_for)
{
    service self;
    mio_accept_reserve reserve;
    if (under_valgrind()) {
        skip("valgrind accepts before it says EMFILE");
        return;
    }
    start_service(&self, TCP);
    int spare = lowest_free_descriptor();
    call_ok(mio_accept_reserve_open(&reserve));
    ck_assert(is_open(spare));
    refuse_descriptors_from(spare); /* no new descriptor can get this number, as if another thread had taken it */
    ck_assert_errno(accept_and_close(&self, &reserve), -EMFILE);
    ck_assert(!is_open(spare));
    ck_assert_errno(accept_and_close(&self, &reserve), -EMFILE);
    allow_descriptors();
    int before = count_descriptors();
    call_ok(accept_and_close(&self, &reserve));
    ck_assert_int_eq(count_descriptors(), before + 1);
    int filler =
        raw_socket(AF_INET, SOCK_DGRAM); /* takes the lowest free descriptor number, which is below the reserve's */
    refuse_descriptors();
    ck_assert_int_eq(shed_all(&self, &reserve), CLIENTS - 1);
    allow_descriptors();
    close_fd(filler);
    mio_accept_reserve_close(&reserve);
    ck_assert_int_eq(count_descriptors(), before);
    stop_service(&self);
}
END_TEST

START_TEST(a_lost_reserve_can_be_closed)
{
    service self;
    mio_accept_reserve reserve;
    start_service(&self, TCP);
    int before = count_descriptors();
    call_ok(mio_accept_reserve_open(&reserve));
    refuse_descriptors_from(3);
    (void)accept_and_close(&self, &reserve);
    allow_descriptors();
    ck_assert_int_eq(count_descriptors(), before);
    kept_void(mio_accept_reserve_close(&reserve));
    ck_assert_int_eq(count_descriptors(), before);
    stop_service(&self);
}
END_TEST

/*
 * In this test, accept4(2) and socket(2) return ENFILE, as if all processes together had too many open files. The
 * library closes its spare descriptor, but accepting still fails. After that, the library cannot open a spare
 * descriptor again.
 */
static int accept_says_enfile(void *context)
{
    service *self = context;
    mio_accept_reserve reserve;
    mio_tcp_stream stream;
    require(mio_accept_reserve_open(&reserve) == 0);
    int before = count_descriptors();
    if (!refuse_system_call(SYS_accept4, ENFILE) || !refuse_system_call(SYS_socket, ENFILE)) {
        return SKIPPED;
    }
    require(kept(mio_tcp_listener_accept_or_shed(&self->listener.tcp, &reserve, &stream, NULL)) == -ENFILE);
    require(count_descriptors() == before - 1);
    mio_accept_reserve_close(&reserve);
    require(count_descriptors() == before - 1);
    return 0;
}

START_TEST(out_of_files_that_lasts_is_told)
{
    service self;
    start_service(&self, TCP);
    if (run_apart(accept_says_enfile, &self) == SKIPPED) {
        skip("no seccomp filters");
    }
    stop_service(&self);
}
END_TEST

/* Opens a reserve in a sandbox that allows only IP sockets. */
static int open_without_unix_sockets(void *context)
{
    mio_accept_reserve reserve;
    const int *code = context;
    if (!refuse_sockets(AF_UNIX, *code)) {
        return SKIPPED;
    }
    require(socket(AF_UNIX, SOCK_DGRAM, 0) == -1 && errno == *code);
    require(mio_accept_reserve_open(&reserve) == 0);
    mio_accept_reserve_close(&reserve);
    return 0;
}

START_TEST(a_reserve_needs_no_unix_sockets)
{
    int codes[] = {EAFNOSUPPORT, EPERM, EACCES};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (run_apart(open_without_unix_sockets, &codes[i]) == SKIPPED) {
            skip("no seccomp filters that see the family of a socket");
            break;
        }
    }
}
END_TEST

/* Sheds clients in a sandbox that refuses every socket. A service manager may have passed the listener. */
static int shed_without_sockets(void *context)
{
    service self;
    mio_accept_reserve reserve;
    const int *code = context;
    start_service(&self, TCP);
    require(refuse_system_call(SYS_socket, *code));
    require(socket(AF_INET, SOCK_DGRAM, 0) == -1 && errno == *code);
    require(mio_accept_reserve_open(&reserve) == 0);
    refuse_descriptors();
    require(shed_all(&self, &reserve) == CLIENTS);
    allow_descriptors();
    mio_accept_reserve_close(&reserve);
    return 0;
}

START_TEST(a_reserve_needs_no_sockets)
{
    int codes[] = {EAFNOSUPPORT, EPERM, EACCES};
    if (!have_filters() || under_valgrind()) {
        skip("no seccomp filters, or valgrind accepts before it says EMFILE");
        return;
    }
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        run_apart(shed_without_sockets, &codes[i]);
    }
}
END_TEST

/* ---- threads ---------------------------------------------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 20 };
static service shared;
static mio_accept_reserve shared_reserve;
static barrier start;

/*
 * Accepts or sheds until no connection is left, and returns the number of connections. After EMFILE it tries again,
 * because another thread may be using the reserve.
 */
static void *shed_with_others(void *context)
{
    intptr_t count = 0;
    (void)context;
    barrier_wait(&start);
    for (;;) {
        mio_tcp_stream stream;
        int rc = mio_tcp_listener_accept_or_shed(&shared.listener.tcp, &shared_reserve, &stream, NULL);
        if (rc == -EAGAIN) {
            return (void *)count;
        }
        if (rc == 0) { /* another thread has just freed a descriptor */
            mio_tcp_stream_close(&stream);
        }
        count += rc == 0 || rc == -ECANCELED;
        ck_assert_msg(rc == 0 || rc == -ECANCELED || rc == -EMFILE, "%s", errno_name(rc));
    }
}

START_TEST(threads_share_a_reserve)
{
    for (int round = 0; round < rounds(ROUNDS); round++) {
        pthread_t threads[THREADS];
        intptr_t total = 0;
        barrier_init(&start, THREADS);
        start_service(&shared, TCP);
        int before = count_descriptors();
        call_ok(mio_accept_reserve_open(&shared_reserve));
        refuse_descriptors();
        for (int i = 0; i < THREADS; i++) {
            threads[i] = start_thread(shed_with_others, NULL);
        }
        for (int i = 0; i < THREADS; i++) {
            total += (intptr_t)join_thread(threads[i]);
        }
        allow_descriptors();
        for (int i = 0; i < CLIENTS; i++) {
            raw_expect_end(shared.clients[i]);
        }
        if (!under_valgrind()) {
            ck_assert_int_eq(total, CLIENTS);
        }
        mio_accept_reserve_close(&shared_reserve);
        ck_assert_int_eq(count_descriptors(), before);
        stop_service(&shared);
        barrier_destroy(&start);
    }
}
END_TEST

/* ---- closed and null reserves, and bytes that are no reserve ---------------------------------------------------- */

START_TEST(a_reserve_needs_a_descriptor)
{
    mio_accept_reserve reserve;
    scribble(&reserve, sizeof reserve);
    refuse_descriptors();
    call_fails_keeping(&reserve, mio_accept_reserve_open(&reserve), EMFILE);
    allow_descriptors();
    call_fails(mio_accept_reserve_open(NULL), EINVAL);
}
END_TEST

START_TEST(closed_reserves_and_garbage_are_ebadf)
{
    static const int fillings[] = {0, 0xff, 0xa5, 0x80, 0x7f};
    service self;
    mio_accept_reserve reserve;
    start_service(&self, TCP);
    int before = count_descriptors();
    call_ok(mio_accept_reserve_open(&reserve));
    kept_void(mio_accept_reserve_close(&reserve));
    ck_assert(is_zero(&reserve, sizeof reserve));
    ck_assert_errno(accept_and_close(&self, &reserve), -EBADF);
    for (size_t i = 0; i < sizeof fillings / sizeof fillings[0]; i++) {
        memset(&reserve, fillings[i], sizeof reserve);
        ck_assert_errno(accept_and_close(&self, &reserve), -EBADF);
        kept_void(mio_accept_reserve_close(&reserve));
        ck_assert(is_zero(&reserve, sizeof reserve));
    }
    kept_void(mio_accept_reserve_close(NULL));
    ck_assert_int_eq(count_descriptors(), before);
    stop_service(&self);
}
END_TEST

START_TEST(closed_listeners_and_null_are_refused)
{
    mio_tcp_listener listener = {{{0}}};
    mio_unix_listener local = {{{0}}};
    mio_tcp_stream stream;
    mio_unix_stream local_stream;
    mio_accept_reserve reserve;
    call_ok(mio_accept_reserve_open(&reserve));
    call_fails(mio_tcp_listener_accept_or_shed(&listener, &reserve, &stream, NULL), EBADF);
    call_fails(mio_tcp_listener_accept_or_shed(NULL, &reserve, &stream, NULL), EINVAL);
    call_fails(mio_tcp_listener_accept_or_shed(&listener, &reserve, NULL, NULL), EINVAL);
    call_fails(mio_tcp_listener_accept_or_shed(&listener, NULL, &stream, NULL), EINVAL);
    call_fails(mio_unix_listener_accept_or_shed(&local, &reserve, &local_stream, NULL), EBADF);
    call_fails(mio_unix_listener_accept_or_shed(NULL, &reserve, &local_stream, NULL), EINVAL);
    call_fails(mio_unix_listener_accept_or_shed(&local, &reserve, NULL, NULL), EINVAL);
    call_fails(mio_unix_listener_accept_or_shed(&local, NULL, &local_stream, NULL), EINVAL);
    mio_accept_reserve_close(&reserve);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("accept_reserve");
    TCase *errors = add_tcase(suite, "transient errors");
    tcase_add_test(errors, transient_errors_are_told_apart);
    TCase *shedding = add_unix_tcase(suite, "with descriptors and without");
    tcase_add_test(shedding, with_descriptors_it_accepts);
    tcase_add_test(shedding, without_descriptors_clients_are_turned_away);
    TCase *loops = add_tcase(suite, "loops");
    tcase_add_backend_test(loops, an_edge_triggered_loop_sheds_all_and_rests);
    tcase_add_backend_test(loops, a_level_triggered_loop_sheds_one_each_round_and_rests);
    TCase *lost = add_tcase(suite, "a reserve that is lost");
    tcase_add_test(lost, a_reserve_that_was_lost_is_made_up_for);
    tcase_add_test(lost, a_lost_reserve_can_be_closed);
    tcase_add_test(lost, out_of_files_that_lasts_is_told);
    tcase_add_test(lost, a_reserve_needs_no_unix_sockets);
    tcase_add_test(lost, a_reserve_needs_no_sockets);
    TCase *threads = add_tcase(suite, "threads");
    tcase_add_test(threads, threads_share_a_reserve);
    TCase *bad = add_tcase(suite, "closed, garbage and null");
    tcase_add_test(bad, a_reserve_needs_a_descriptor);
    tcase_add_test(bad, closed_reserves_and_garbage_are_ebadf);
    tcase_add_test(bad, closed_listeners_and_null_are_refused);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
