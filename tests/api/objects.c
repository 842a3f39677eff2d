/* SPDX-License-Identifier: MIT */
/*
 * Tests the functions that all types with a descriptor share. The tests open, adopt, close and move objects, give
 * descriptors away, and read addresses and errors. Each test case has the name of its type. _i is the index of this
 * type in the table of helpers/objects.c. If a test also runs for each backend variant, _i stands for a pair of a type
 * and a variant, and row_of returns the type.
 */
#include "../helpers/objects.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { OBJECT = 71, OTHER = 72 };

/*
 * A loop test can run once for each pair of an object type and a backend variant. `turn` is the value of _i, which
 * stands for such a pair. Returns the object type of the pair.
 */
static const object_type *row_of(int turn)
{
    return &object_types[turn % OBJECT_TYPES];
}

/*
 * `it` is an object that has adopted fds[0]. fds[1] is the other end of the connection. The test has made both
 * descriptors with system calls.
 */
typedef struct adopted {
    object it;
    int fds[2];
} adopted;

static adopted adopt(int row)
{
    const object_type *type = &object_types[row];
    adopted a;
    scribble(&a.it, sizeof a.it);
    type->raw(a.fds);
    call_ok(type->from_handle(&a.it, a.fds[0]));
    return a;
}

static void provoke(adopted *a, const object_type *type)
{
    if (type->provoke != NULL) {
        type->provoke(a->fds);
    }
}

static void close_peer(adopted *a)
{
    if (a->fds[1] != MIO_HANDLE_NONE) {
        close_fd(a->fds[1]);
    }
}

/* ---- adopting --------------------------------------------------------------------------------------------------- */

/*
 * Each of these functions opens a kind of descriptor that helpers/objects.c does not open. The function returns -1 if
 * this system lacks this kind of descriptor.
 */
static int null_device(void)
{
    return open("/dev/null", O_RDWR);
}

static int null_device_to_read(void)
{
    return open("/dev/null", O_RDONLY);
}

static int terminal(void)
{
    return posix_openpt(O_RDWR | O_NOCTTY);
}

static int regular_file(void)
{
    return open(in_dir("file"), O_RDWR | O_CREAT, 0600);
}

static int directory(void)
{
    return open("/", O_RDONLY | O_DIRECTORY);
}

static int epoll(void)
{
    return epoll_create1(0);
}

static int netlink(void)
{
    return socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE);
}

static int tcp_bound(void)
{
    const mio_addr any = loopback_v4();
    int fd = raw_socket(AF_INET, SOCK_STREAM);
    raw_bind(fd, &any, NULL);
    return fd;
}

static int tcp_of_ipv6(void)
{
    return socket(AF_INET6, SOCK_STREAM, 0);
}

static int udp_of_ipv6(void)
{
    return socket(AF_INET6, SOCK_DGRAM, 0);
}

static int unix_fresh(void)
{
    return raw_socket(AF_UNIX, SOCK_STREAM);
}

static int unix_bound(void)
{
    const mio_addr any = unnamed_addr();
    return raw_unix(SOCK_STREAM, &any, NULL);
}

static int records_fresh(void)
{
    return raw_socket(AF_UNIX, SOCK_SEQPACKET);
}

static int records_listening(void)
{
    const mio_addr any = unnamed_addr();
    return raw_unix_listener(SOCK_SEQPACKET, &any, 4);
}

static int datagrams_fresh(void)
{
    return raw_socket(AF_UNIX, SOCK_DGRAM);
}

#define NSK ENOTSOCK
#define PRT EPROTOTYPE
#define INV EINVAL
#define CON EISCONN

/*
 * A kind of descriptor. `codes` has one element for each type, in the order of the columns below. The element is the
 * error that from_handle of the type returns for this descriptor. If the element is 0, from_handle adopts the
 * descriptor.
 */
typedef struct descriptor {
    const char *name;
    int codes[ADOPTING_TYPES];
    int (*open)(void); /* opens the descriptor; if null, object_types[type].raw opens it */
    int type;
} descriptor;

/* clang-format off */
static const descriptor descriptors[] = {
    /*                                TCP                  UDP  Unix           pipe
                                      sock list strm       list strm dgrm send recv */
    {"a pipe's end to read",         {NSK, NSK, NSK, NSK, NSK, NSK, NSK, PRT,   0}, NULL, PIPE_RECEIVER},
    {"a pipe's end to write",        {NSK, NSK, NSK, NSK, NSK, NSK, NSK,   0, PRT}, NULL, PIPE_SENDER},
    {"/dev/null",                    {NSK, NSK, NSK, NSK, NSK, NSK, NSK,   0,   0}, null_device, 0},
    {"/dev/null to read",            {NSK, NSK, NSK, NSK, NSK, NSK, NSK, PRT,   0}, null_device_to_read, 0},
    {"a terminal",                   {NSK, NSK, NSK, NSK, NSK, NSK, NSK,   0,   0}, terminal, 0},
    {"a file",                       {NSK, NSK, NSK, NSK, NSK, NSK, NSK, PRT, PRT}, regular_file, 0},
    {"a directory",                  {NSK, NSK, NSK, NSK, NSK, NSK, NSK, PRT, PRT}, directory, 0},
    {"an epoll descriptor",          {NSK, NSK, NSK, NSK, NSK, NSK, NSK, PRT, PRT}, epoll, 0},
    {"a netlink socket",             {PRT, INV, PRT, PRT, INV, PRT, PRT, PRT, PRT}, netlink, 0},
    {"a TCP socket",                 {  0, INV,   0, PRT, INV, PRT, PRT,   0,   0}, NULL, TCP_SOCKET},
    {"a TCP socket of IPv6",         {  0, INV,   0, PRT, INV, PRT, PRT,   0,   0}, tcp_of_ipv6, 0},
    {"a bound TCP socket",           {  0, INV,   0, PRT, INV, PRT, PRT,   0,   0}, tcp_bound, 0},
    {"a TCP listener",               {INV,   0,   0, PRT, PRT, PRT, PRT,   0,   0}, NULL, TCP_LISTENER},
    {"a TCP connection",             {CON, INV,   0, PRT, INV, PRT, PRT,   0,   0}, NULL, TCP_STREAM},
    {"a UDP socket",                 {PRT, INV, PRT,   0, INV, PRT, PRT, PRT, PRT}, NULL, UDP_SOCKET},
    {"a UDP socket of IPv6",         {PRT, INV, PRT,   0, INV, PRT, PRT, PRT, PRT}, udp_of_ipv6, 0},
    {"a Unix socket",                {PRT, INV, PRT, PRT, INV,   0, PRT,   0,   0}, unix_fresh, 0},
    {"a bound Unix socket",          {PRT, INV, PRT, PRT, INV,   0, PRT,   0,   0}, unix_bound, 0},
    {"a Unix listener",              {INV, PRT, PRT, PRT,   0,   0, PRT,   0,   0}, NULL, UNIX_LISTENER},
    {"a Unix connection",            {PRT, INV, PRT, PRT, INV,   0, PRT,   0,   0}, NULL, UNIX_STREAM},
    {"a Unix socket of records",     {PRT, INV, PRT, PRT, INV,   0, PRT, PRT, PRT}, records_fresh, 0},
    {"a Unix listener of records",   {INV, PRT, PRT, PRT,   0,   0, PRT, PRT, PRT}, records_listening, 0},
    {"a Unix connection of records", {PRT, INV, PRT, PRT, INV,   0, PRT, PRT, PRT}, NULL, UNIX_RECORDS},
    {"a Unix datagram socket",       {PRT, INV, PRT, PRT, INV, PRT,   0, PRT, PRT}, datagrams_fresh, 0},
    {"connected Unix datagrams",     {PRT, INV, PRT, PRT, INV, PRT,   0, PRT, PRT}, NULL, UNIX_DATAGRAM},
};
/* clang-format on */
enum { DESCRIPTORS = (int)(sizeof descriptors / sizeof descriptors[0]) };

/*
 * Checks that from_handle fails with `code`. from_handle must not change the descriptor's flags or the object's memory.
 */
static void expect_refusal(const object_type *type, int fd, const char *name, int code)
{
    object it;
    object before;
    scribble(&it, sizeof it);
    scribble(&before, sizeof before);
    int64_t result = type->from_handle(&it, fd);
    ck_assert_msg(result == -code, "%s_from_handle of %s is %s", type->name, name, errno_name(result));
    ck_assert_msg(memcmp(&it, &before, sizeof it) == 0, "%s_from_handle of %s changes the storage", type->name, name);
    ck_assert_msg(!is_nonblocking(fd) && !is_cloexec(fd), "%s_from_handle changes %s", type->name, name);
}

static void expect_adoption(const object_type *type, int fd, const char *name)
{
    object it;
    scribble(&it, sizeof it);
    int64_t result = type->from_handle(&it, fd);
    ck_assert_msg(result == 0, "%s_from_handle of %s is %s", type->name, name, errno_name(result));
    ck_assert_msg(is_nonblocking(fd) && is_cloexec(fd), "%s_from_handle leaves %s as it was", type->name, name);
    call_counts(type->handle(&it), fd);
    close_object(&it, type);
    ck_assert(!is_open(fd));
}

START_TEST(a_descriptor_of_its_kind_is_made_nonblocking_and_cloexec_and_any_other_is_unchanged)
{
    const object_type *type = &object_types[_i];
    for (const descriptor *d = descriptors; d < descriptors + DESCRIPTORS; d++) {
        int fds[2] = {MIO_HANDLE_NONE, MIO_HANDLE_NONE};
        int code = d->codes[_i];
        if (d->open != NULL) {
            fds[0] = d->open();
        } else {
            object_types[d->type].raw(fds);
        }
        if (fds[0] == -1) {
            skip(d->name);
        } else if (code == 0) {
            expect_adoption(type, fds[0], d->name);
        } else {
            expect_refusal(type, fds[0], d->name, code);
            close_fd(fds[0]);
        }
        if (fds[1] != MIO_HANDLE_NONE) {
            close_fd(fds[1]);
        }
    }
}
END_TEST

START_TEST(nothing_and_null_cannot_adopt)
{
    const object_type *type = &object_types[_i];
    const int numbers[] = {lowest_free_descriptor(), MIO_HANDLE_NONE, INT32_MIN, INT32_MAX};
    object it;
    int fds[2];
    scribble(&it, sizeof it);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        call_fails_keeping(&it, type->from_handle(&it, numbers[i]), EBADF);
    }
    type->raw(fds);
    call_fails(type->from_handle(NULL, fds[0]), EINVAL);
    ck_assert(!is_nonblocking(fds[0]) && !is_cloexec(fds[0]));
    close_fd(fds[0]);
}
END_TEST

typedef struct refused_flag {
    const object_type *type;
    int command;
} refused_flag;

static int adopt_where_a_flag_cannot_change(void *context)
{
    const refused_flag *r = context;
    object it;
    int fds[2];
    r->type->raw(fds);
    if (!refuse_flag_change(r->command)) {
        return SKIPPED;
    }
    memset(&it, 0x5a, sizeof it);
    require(r->type->from_handle(&it, fds[0]) == -EPERM);
    require(it.source.opaque[0] == UINT64_C(0x5a5a5a5a5a5a5a5a));
    require(!is_nonblocking(fds[0]) && !is_cloexec(fds[0]));
    return 0;
}

START_TEST(where_a_flag_cannot_be_set_adopting_fails_and_sets_neither)
{
    refused_flag r = {&object_types[_i], F_SETFL};
    if (under_valgrind()) {
        skip("valgrind makes calls of its own");
        return;
    }
    if (run_apart(adopt_where_a_flag_cannot_change, &r) == SKIPPED) {
        skip("no seccomp filters");
        return;
    }
    r.command = F_SETFD;
    run_apart(adopt_where_a_flag_cannot_change, &r);
}
END_TEST

/* ---- opening and closing ---------------------------------------------------------------------------------------- */

static int open_where_no_flag_can_change(void *context)
{
    const int row = *(const int *)context;
    const object_type *type = &object_types[row];
    object it;
    object accepted;
    if (!refuse_flag_change(F_SETFL) || !refuse_flag_change(F_SETFD)) {
        return SKIPPED;
    }
    require(type->open(&it) == 0);
    int fds[2] = {type->handle(&it), MIO_HANDLE_NONE};
    require(is_nonblocking(fds[0]) && is_cloexec(fds[0]));
    if (row == TCP_LISTENER || row == UNIX_LISTENER) {
        type->provoke(fds);
        require(mio_listener_accept(&it.source, &accepted.source, NULL) == 0);
        int fd = mio_source_handle(&accepted.source);
        require(is_nonblocking(fd) && is_cloexec(fd));
    }
    return 0;
}

START_TEST(a_descriptor_is_nonblocking_and_cloexec_from_birth)
{
    if (run_apart(open_where_no_flag_can_change, &_i) == SKIPPED) {
        skip("no seccomp filters");
    }
}
END_TEST

START_TEST(without_descriptors_opening_fails_and_changes_nothing)
{
    object it;
    int before = count_descriptors();
    if ((_i == UNIX_STREAM || _i == UNIX_RECORDS) && under_valgrind()) {
        skip("valgrind lets pairs pass the limit");
        return;
    }
    scribble(&it, sizeof it);
    refuse_descriptors();
    call_fails_keeping(&it, object_types[_i].open(&it), EMFILE);
    allow_descriptors();
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(close_zeroes_the_storage_and_twice_is_harmless)
{
    const object_type *type = &object_types[_i];
    object it;
    int before = count_descriptors();
    open_object(&it, _i);
    int fd = type->handle(&it);
    close_object(&it, type);
    ck_assert(!is_open(fd));
    ck_assert_int_eq(count_descriptors(), before);
    int reused = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ck_assert_int_le(reused, fd);
    close_object(&it, type);
    ck_assert(is_open(reused));
    close_fd(reused);
    type->close(NULL);
}
END_TEST

START_TEST(descriptor_0_is_as_good_as_any)
{
    const object_type *type = &object_types[_i];
    object it;
    int saved = dup(STDIN_FILENO); /* dup returns -1 if descriptor 0 is already closed */
    close(STDIN_FILENO);
    open_object(&it, _i);
    if (type->handle(&it) != 0) { /* `it` is one end of a pair, and the other end has got descriptor 0 */
        ck_assert_int_eq(dup2(type->handle(&it), 0), 0);
        close_object(&it, type);
        call_ok(type->from_handle(&it, 0));
    }
    call_counts(type->handle(&it), 0);
    ck_assert(!is_zero(&it.source, sizeof it.source));
    call_counts(type->into_handle(&it), 0);
    call_fails(type->handle(&it), EBADF);
    call_ok(type->from_handle(&it, 0));
    close_object(&it, type);
    ck_assert(!is_open(0));
    if (saved != -1) {
        ck_assert_int_eq(dup2(saved, STDIN_FILENO), STDIN_FILENO);
        close_fd(saved);
    }
}
END_TEST

/*
 * Calls every function of the type with `it`, which is null, or points to a closed object or to garbage. Each call must
 * return `code`, and must not change the object's memory.
 */
static void expect_all_bad(const object_type *type, object *it, int code)
{
    object before;
    mio_addr addr = unix_addr();
    int error = 77;
    memset(&before, 0, sizeof before);
    if (it != NULL) {
        before = *it;
    }
    call_fails(type->handle(it), code);
    if (type->into_handle != NULL) {
        call_fails(type->into_handle(it), code);
    }
    if (type->local_addr != NULL) {
        call_fails_keeping(&addr, type->local_addr(it, &addr), code);
        call_fails(type->local_addr(it, NULL), EINVAL);
    }
    if (type->peer_addr != NULL) {
        call_fails_keeping(&addr, type->peer_addr(it, &addr), code);
        call_fails(type->peer_addr(it, NULL), EINVAL);
    }
    if (type->take_error != NULL) {
        call_fails_keeping(&error, type->take_error(it, &error), code);
        call_fails(type->take_error(it, NULL), EINVAL);
    }
    ck_assert(it == NULL || memcmp(it, &before, sizeof before) == 0);
}

START_TEST(closed_storage_and_garbage_are_ebadf_and_null_is_einval)
{
    static const int fillings[] = {0, 0xff, 0xa5, 0x80, 0x7f};
    const object_type *type = &object_types[_i];
    object it;
    open_object(&it, _i);
    close_object(&it, type);
    expect_all_bad(type, &it, EBADF);
    int before = count_descriptors();
    for (size_t i = 0; i < sizeof fillings / sizeof fillings[0]; i++) {
        memset(&it, fillings[i], sizeof it);
        expect_all_bad(type, &it, EBADF);
        close_object(&it, type);
    }
    expect_all_bad(type, NULL, EINVAL);
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

/* ---- giving away and moving ------------------------------------------------------------------------------------- */

START_TEST(into_handle_gives_the_descriptor_away_and_from_handle_takes_it_back)
{
    const object_type *type = &object_types[_i];
    object it;
    object again;
    mio_addr addrs[2] = {no_addr(), no_addr()};
    open_object(&it, _i);
    int fd = type->handle(&it);
    if (type->local_addr != NULL) {
        call_ok(type->local_addr(&it, &addrs[0]));
    }
    call_counts(type->into_handle(&it), fd);
    ck_assert(is_zero(&it.source, sizeof it.source));
    ck_assert(is_nonblocking(fd) && is_cloexec(fd));
    call_fails(type->into_handle(&it), EBADF);
    scribble(&again, sizeof again);
    call_ok(type->from_handle(&again, fd));
    ck_assert_int_eq(type->handle(&again), fd);
    if (type->local_addr != NULL) {
        call_ok(type->local_addr(&again, &addrs[1]));
        assert_addr_eq(&addrs[0], &addrs[1]);
    }
    close_object(&again, type);
    ck_assert(!is_open(fd));
}
END_TEST

START_TEST(into_handle_keeps_the_registration)
{
    const object_type *type = row_of(_i);
    int before = count_descriptors();
    mio_poll *poll = open_poll(_i / OBJECT_TYPES);
    mio_registry *registry = mio_poll_registry(poll);
    adopted a = adopt(_i % OBJECT_TYPES);
    call_ok(mio_registry_register(registry, &a.it.source, OBJECT, type->interest));
    call_counts(type->into_handle(&a.it), a.fds[0]);
    ck_assert(is_zero(&a.it.source, sizeof a.it.source));
    provoke(&a, type);
    expect_events(poll, {OBJECT, type->interest});
    call_ok(mio_registry_deregister_handle(registry, a.fds[0]));
    provoke(&a, type);
    expect_no_events(poll);
    close_fd(a.fds[0]);
    close_peer(&a);
    mio_poll_free(poll);
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(an_object_may_be_moved_by_memcpy)
{
    const object_type *type = row_of(_i);
    int before = count_descriptors();
    mio_poll *poll = open_poll(_i / OBJECT_TYPES);
    mio_registry *registry = mio_poll_registry(poll);
    adopted a = adopt(_i % OBJECT_TYPES);
    object moved;
    call_ok(mio_registry_register(registry, &a.it.source, OBJECT, type->interest));
    memcpy(&moved, &a.it, sizeof moved);
    scribble(&a.it, sizeof a.it);
    call_counts(type->handle(&moved), a.fds[0]);
    provoke(&a, type);
    expect_events(poll, {OBJECT, type->interest});
    call_ok(mio_registry_reregister(registry, &moved.source, OTHER, type->interest));
    expect_events(poll, {OTHER, type->interest});
    call_ok(mio_registry_deregister(registry, &moved.source));
    provoke(&a, type);
    expect_no_events(poll);
    close_object(&moved, type);
    ck_assert(!is_open(a.fds[0]));
    close_peer(&a);
    mio_poll_free(poll);
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

/* ---- addresses and errors --------------------------------------------------------------------------------------- */

START_TEST(the_addresses_are_those_of_the_descriptor)
{
    const object_type *type = &object_types[_i];
    adopted a = adopt(_i);
    mio_addr addr = no_addr();
    mio_addr wanted = raw_local_addr(a.fds[0]);
    call_ok(type->local_addr(&a.it, &addr));
    assert_addr_eq(&addr, &wanted);
    if (type->peer_addr != NULL) {
        object alone;
        wanted = raw_peer_addr(a.fds[0]);
        call_ok(type->peer_addr(&a.it, &addr));
        assert_addr_eq(&addr, &wanted);
        scribble(&alone, sizeof alone);
        call_ok(type->from_handle(&alone, raw_socket(raw_option(a.fds[0], SOL_SOCKET, SO_DOMAIN),
                                                     raw_option(a.fds[0], SOL_SOCKET, SO_TYPE))));
        call_fails_keeping(&addr, type->peer_addr(&alone, &addr), ENOTCONN);
        close_object(&alone, type);
    }
    close_object(&a.it, type);
    close_peer(&a);
}
END_TEST

START_TEST(take_error_fetches_the_pending_error_and_clears_it)
{
    const object_type *type = &object_types[_i];
    adopted a = adopt(_i);
    assert_pending(type->take_error, &a.it, 0);
    if (type->spoil != NULL) {
        int wanted = type->spoil(a.fds);
        assert_pending(type->take_error, &a.it, wanted);
        assert_pending(type->take_error, &a.it, 0);
    }
    close_object(&a.it, type);
    close_peer(&a);
}
END_TEST

static void add_type(Suite *suite, int row)
{
    const object_type *type = &object_types[row];
    TCase *tcase = add_object_tcase(suite, row == UNIX_RECORDS ? "mio_unix_stream of records" : type->name);
    tcase_add_loop_test(tcase, close_zeroes_the_storage_and_twice_is_harmless, row, row + 1);
    tcase_add_loop_test(tcase, closed_storage_and_garbage_are_ebadf_and_null_is_einval, row, row + 1);
    if (row == SIGNALS) {
        return;
    }
    if (row < ADOPTING_TYPES) {
        tcase_add_loop_test(tcase, a_descriptor_of_its_kind_is_made_nonblocking_and_cloexec_and_any_other_is_unchanged,
                            row, row + 1);
    }
    tcase_add_loop_test(tcase, nothing_and_null_cannot_adopt, row, row + 1);
    tcase_add_loop_test(tcase, where_a_flag_cannot_be_set_adopting_fails_and_sets_neither, row, row + 1);
    tcase_add_loop_test(tcase, a_descriptor_is_nonblocking_and_cloexec_from_birth, row, row + 1);
    tcase_add_loop_test(tcase, without_descriptors_opening_fails_and_changes_nothing, row, row + 1);
    tcase_add_loop_test(tcase, descriptor_0_is_as_good_as_any, row, row + 1);
    tcase_add_loop_test(tcase, into_handle_gives_the_descriptor_away_and_from_handle_takes_it_back, row, row + 1);
    tcase_add_row_test(tcase, into_handle_keeps_the_registration, row, OBJECT_TYPES);
    tcase_add_row_test(tcase, an_object_may_be_moved_by_memcpy, row, OBJECT_TYPES);
    if (type->local_addr != NULL) {
        tcase_add_loop_test(tcase, the_addresses_are_those_of_the_descriptor, row, row + 1);
    }
    if (type->take_error != NULL) {
        tcase_add_loop_test(tcase, take_error_fetches_the_pending_error_and_clears_it, row, row + 1);
    }
}

static Suite *make_suite(void)
{
    Suite *suite = suite_create("objects");
    for (int row = 0; row < OBJECT_TYPES; row++) {
        add_type(suite, row);
    }
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
