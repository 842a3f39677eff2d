/* SPDX-License-Identifier: MIT */
/* Tests mio_poll_dump: the content of its text, and its errors. */
#include "../helpers/sockets.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * The text of a dump. `dump` makes the library write the text to a file, because a pipe could be too small for the
 * text. Then `dump` reads the file.
 */
typedef struct text {
    size_t length;
    char bytes[1 << 18];
} text;

static text *dump(mio_poll *poll)
{
    char path[] = "/tmp/mio-test.XXXXXX";
    text *t = calloc(1, sizeof *t);
    int fd = mkostemp(path, O_CLOEXEC);
    ck_assert_ptr_nonnull(t);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(unlink(path), 0);
    call_ok(mio_poll_dump(poll, fd));
    ssize_t length = pread(fd, t->bytes, sizeof t->bytes - 1, 0);
    ck_assert_int_gt(length, 0);
    ck_assert_uint_lt((size_t)length, sizeof t->bytes - 1);
    t->length = (size_t)length;
    ck_assert_uint_eq(strlen(t->bytes), t->length);
    ck_assert_int_eq(t->bytes[length - 1], '\n');
    close_fd(fd);
    return t;
}

/* Returns how many lines describe this handle, and stores the last of these lines in `line`. */
static int find_line(const text *t, int handle, char *line, size_t size)
{
    char start[32];
    int found = 0;
    snprintf(start, sizeof start, "\n  handle %d ", handle);
    for (const char *at = t->bytes; (at = strstr(at, start)) != NULL; found++) {
        at++;
        snprintf(line, size, "%.*s", (int)strcspn(at, "\n"), at);
    }
    return found;
}

#define expect_line(poll, handle, wanted) expect_line_at(__LINE__, (poll), (handle), (wanted))
static void expect_line_at(int number, mio_poll *poll, int handle, const char *wanted)
{
    char line[256] = "";
    text *t = dump(poll);
    ck_assert_msg(find_line(t, handle, line, sizeof line) == 1, "line %d: handle %d is not there once:\n%s", number,
                  handle, t->bytes);
    ck_assert_msg(strstr(line, wanted) != NULL, "line %d: no '%s' in '%s'", number, wanted, line);
    free(t);
}

static void expect_text(mio_poll *poll, const char *wanted)
{
    text *t = dump(poll);
    ck_assert_msg(strstr(t->bytes, wanted) != NULL, "no '%s' in:\n%s", wanted, t->bytes);
    free(t);
}

static bool reports_edges(mio_poll *poll)
{
    return (mio_poll_capabilities(poll) & MIO_CAN_EDGE) != 0;
}

START_TEST(a_dump_says_what_the_poll_is)
{
    mio_poll *poll = open_poll(_i);
    char wanted[80];
    snprintf(wanted, sizeof wanted, " backend %s ", mio_poll_backend(poll));
    expect_text(poll, wanted);
    snprintf(wanted, sizeof wanted, " handle %d ", mio_poll_handle(poll));
    if (mio_poll_handle(poll) >= 0) {
        expect_text(poll, wanted);
    }
    expect_text(poll, " ONESHOT ");
    expect_text(poll, " references 1\n");
    expect_text(poll, "registrations 0 wakers 0\n");
    text *t = dump(poll);
    ck_assert_ptr_null(strstr(t->bytes, "RESTART"));
    ck_assert_int_eq(strstr(t->bytes, " EDGE") != NULL, reports_edges(poll));
    free(t);
    mio_poll_free(poll);
    poll = open_poll_flags(_i, MIO_POLL_RESTART);
    expect_text(poll, " RESTART ");
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_dump_lists_registrations_and_wakers_with_their_tokens)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_udp_socket left;
    mio_udp_socket right;
    int fds[2];
    make_udp_pair(&left, &right);
    make_pipe(fds);
    call_ok(mio_registry_register(registry, &left.source, UINTPTR_MAX, MIO_READABLE | MIO_WRITABLE));
    call_ok(mio_registry_register(registry, &right.source, 0, MIO_PRIORITY | MIO_LEVEL));
    call_ok(mio_registry_register_handle(registry, fds[0], 77, MIO_READABLE | MIO_ONESHOT));
    call_ok(mio_registry_register_handle(registry, fds[1], 78, 0));
    mio_waker *waker = make_waker(poll, 4711);
    char most[64];
    snprintf(most, sizeof most, " token %ju READABLE | WRITABLE", (uintmax_t)UINTPTR_MAX);
    expect_line(poll, mio_udp_socket_handle(&left), most);
    expect_line(poll, mio_udp_socket_handle(&right), " token 0 PRIORITY | LEVEL");
    expect_line(poll, fds[0], " token 77 READABLE | ONESHOT");
    expect_line(poll, fds[1], " token 78 EMPTY");
    expect_text(poll, " token 4711 waker\n");
    expect_text(poll, "registrations 5 wakers 1\n");
    expect_text(poll, reports_edges(poll) ? " references 2\n" : " references 4\n");

    /* After a change, a dump no longer shows the earlier state. */
    call_ok(mio_registry_reregister(registry, &left.source, 9, MIO_WRITABLE));
    expect_line(poll, mio_udp_socket_handle(&left), " token 9 WRITABLE");
    call_ok(mio_registry_deregister_handle(registry, fds[1]));
    mio_waker_free(waker);
    expect_text(poll, "registrations 3 wakers 0\n");
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    expect_text(poll, "registrations 1 wakers 0\n");
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_dump_says_what_has_been_reported_and_awaits_its_rearming)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    int once[2];
    int edge[2];
    make_pipe(once);
    make_socketpair(edge);
    call_ok(mio_registry_register_handle(registry, once[0], 1, MIO_READABLE | MIO_ONESHOT));
    call_ok(mio_registry_register_handle(registry, edge[0], 2, MIO_READABLE | MIO_WRITABLE));
    write_byte(once[1]);
    expect_events(poll, {1, MIO_READABLE}, {2, MIO_WRITABLE});
    expect_line(poll, once[0], "ONESHOT, reported");
    const char *emulated = " READABLE | WRITABLE, looks for READABLE";
    expect_line(poll, edge[0], reports_edges(poll) ? " READABLE | WRITABLE" : emulated);
    write_byte(edge[1]);
    expect_events(poll, {2, MIO_READABLE});
    expect_line(poll, edge[0], reports_edges(poll) ? " READABLE | WRITABLE" : " READABLE | WRITABLE, reported");
    call_ok(mio_registry_rearm_handle(registry, edge[0], MIO_WRITABLE));
    expect_line(poll, edge[0],
                reports_edges(poll) ? " READABLE | WRITABLE" : "READABLE | WRITABLE, looks for WRITABLE");
    call_ok(mio_registry_reregister_handle(registry, once[0], 1, MIO_READABLE | MIO_ONESHOT));
    text *t = dump(poll);
    ck_assert_ptr_null(strstr(t->bytes, "reported"));
    free(t);
    for (int i = 0; i < 2; i++) {
        close_fd(once[i]);
        close_fd(edge[i]);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_dump_says_looks_for_only_if_a_part_of_the_interest_is_not_watched)
{
    mio_poll *poll = open_poll(_i);
    int fds[2];
    make_socketpair(fds);
    if ((mio_poll_capabilities(poll) & MIO_CAN_CLOSED) != 0) {
        call_ok(mio_registry_register_handle(mio_poll_registry(poll), fds[0], 1, MIO_READABLE | MIO_CLOSED));
        text *t = dump(poll);
        ck_assert_ptr_null(strstr(t->bytes, "looks for"));
        ck_assert_ptr_null(strstr(t->bytes, "reported"));
        free(t);
        write_byte(fds[1]);
        expect_events(poll, {1, MIO_READABLE});
        expect_line(poll, fds[0], reports_edges(poll) ? " READABLE" : " READABLE | CLOSED, looks for CLOSED");
    }
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

/*
 * Dumps a poll object with so many descriptors that the text is longer than any buffer of the library. While the
 * library writes the text, another thread registers and deregisters a descriptor in a loop.
 */
enum { MANY = 600 };

typedef struct changer {
    mio_registry *registry;
    atomic_bool stop;
} changer;

static void *come_and_go(void *context)
{
    changer *c = context;
    int fds[2];
    make_pipe(fds);
    while (!atomic_load(&c->stop)) {
        ck_assert_ok(mio_registry_register_handle(c->registry, fds[0], 1, MIO_READABLE));
        ck_assert_ok(mio_registry_deregister_handle(c->registry, fds[0]));
    }
    close_fd(fds[0]);
    close_fd(fds[1]);
    return NULL;
}

START_TEST(a_dump_lists_each_of_many_once_while_other_threads_register)
{
    mio_poll *poll = open_poll(_i);
    changer c = {.registry = mio_poll_registry(poll)};
    int fds[MANY];
    int pipe_fds[2];
    char line[256];
    make_pipe(pipe_fds);
    for (int i = 0; i < MANY; i++) {
        fds[i] = fcntl(pipe_fds[0], F_DUPFD_CLOEXEC, 0);
        ck_assert_int_ge(fds[i], 0);
        ck_assert_ok(mio_registry_register_handle(c.registry, fds[i], 1000 + (uintptr_t)i, MIO_READABLE));
    }
    pthread_t thread = start_thread(come_and_go, &c);
    for (int round = 0; round < rounds(20); round++) {
        text *t = dump(poll);
        for (int i = 0; i < MANY; i++) {
            ck_assert_msg(find_line(t, fds[i], line, sizeof line) == 1, "handle %d:\n%s", fds[i], t->bytes);
        }
        free(t);
    }
    atomic_store(&c.stop, true);
    join_thread(thread);
    for (int i = 0; i < MANY; i++) {
        close_fd(fds[i]);
    }
    close_fd(pipe_fds[0]);
    close_fd(pipe_fds[1]);
    mio_poll_free(poll);
}
END_TEST

static void fail_on_sigpipe(int number)
{
    (void)number;
    static const char said[] = "SIGPIPE\n";
    ck_assert_int_eq(write(2, said, sizeof said - 1), (ssize_t)sizeof said - 1);
    _exit(1);
}

static void *dump_own_descriptors(void *context)
{
#ifdef CLONE_FILES
    if (unshare(CLONE_FILES) == 0) {
        mio_poll *poll = open_poll(*(const int *)context);
        mio_waker *waker = NULL;
        ck_assert_ok(mio_waker_new(&waker, mio_poll_registry(poll), 4242));
        expect_text(poll, "4242");
        mio_waker_free(waker);
        mio_poll_free(poll);
    }
#endif
    return context;
}

START_TEST(a_dump_lists_the_descriptors_of_a_thread_with_its_own_table)
{
    join_thread(start_thread(dump_own_descriptors, &_i));
}
END_TEST

START_TEST(what_cannot_be_written_is_an_error_without_sigpipe)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(poll, 1);
    int fds[2];
    char bytes[4096] = {0};
    ck_assert(signal(SIGPIPE, fail_on_sigpipe) != SIG_ERR);
    call_fails(mio_poll_dump(NULL, 2), EINVAL);
    call_fails(mio_poll_dump(poll, -1), EBADF);
    make_pipe(fds);
    call_fails(mio_poll_dump(poll, fds[0]), EBADF);
    while (write(fds[1], bytes, sizeof bytes) > 0) {}
    while (write(fds[1], bytes, 1) > 0) {}
    call_fails(mio_poll_dump(poll, fds[1]), EAGAIN);
    close_fd(fds[0]);
    call_fails(mio_poll_dump(poll, fds[1]), EPIPE);
    close_fd(fds[1]);
    ck_assert(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    expect_text(poll, "registrations 1 wakers 1\n");
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

/* On epoll, mio_poll_dump reads the registrations from the kernel. For this purpose, mio_poll_dump needs a free
 * descriptor. */
START_TEST(a_dump_without_a_free_descriptor_says_what_is_not_known)
{
    struct rlimit limit;
    mio_poll *poll = open_poll(_i);
    int fds[2];
    char bytes[4096];
    make_cloexec_pipe(fds);
    int before = count_descriptors();
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit none = {(rlim_t)lowest_free_descriptor(), limit.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    call_ok(mio_poll_dump(poll, fds[1]));
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ssize_t length = read(fds[0], bytes, sizeof bytes - 1);
    ck_assert_int_gt(length, 0);
    bytes[length] = '\0';
    bool asks_kernel = strcmp(mio_poll_backend(poll), "epoll") == 0;
    ck_assert_msg(strstr(bytes, asks_kernel ? "registrations not known: EMFILE\n" : "registrations 0 wakers 0\n") !=
                      NULL,
                  "%s", bytes);
    ck_assert_int_eq(count_descriptors(), before);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("poll_dump");
    TCase *content = add_tcase(suite, "content");
    tcase_add_backend_test(content, a_dump_says_what_the_poll_is);
    tcase_add_backend_test(content, a_dump_lists_registrations_and_wakers_with_their_tokens);
    tcase_add_backend_test(content, a_dump_says_looks_for_only_if_a_part_of_the_interest_is_not_watched);
    tcase_add_backend_test(content, a_dump_says_what_has_been_reported_and_awaits_its_rearming);
    tcase_add_backend_test(content, a_dump_lists_each_of_many_once_while_other_threads_register);
    tcase_add_backend_test(content, a_dump_lists_the_descriptors_of_a_thread_with_its_own_table);
    TCase *errors = add_tcase(suite, "errors");
    tcase_add_backend_test(errors, what_cannot_be_written_is_an_error_without_sigpipe);
    tcase_add_backend_test(errors, a_dump_without_a_free_descriptor_says_what_is_not_known);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
