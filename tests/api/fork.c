/* SPDX-License-Identifier: MIT */
/*
 * A child inherits the poll objects of its parent. In the child, functions on these poll objects return -ECHILD. But
 * the child may free the poll objects.
 */
#include "../helpers/sockets.h"
#include "../helpers/system_calls.h"

#ifdef __linux__
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#endif
#include <sys/wait.h>
#include <unistd.h>

/* ThreadSanitizer must see each fork, so with ThreadSanitizer no test forks by a system call. */
#if defined(MADV_WIPEONFORK) && !defined(__SANITIZE_THREAD__)
#define HAVE_WIPED_PAGES 1
#endif

/*
 * `child` is the result of a fork. In the child, runs `body`. In the parent, waits for the child. `body` returns 0, or
 * 1 plus the number of the line that has failed.
 */
static void run_child(pid_t child, int (*body)(void *context), void *context)
{
    int status = 0;
    ck_assert_int_ge(child, 0);
    if (child == 0) end_child(body(context));
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "the child was ended by signal %d", WTERMSIG(status));
    ck_assert_msg(WEXITSTATUS(status) == 0, "line %d (modulo 255) failed in the child", WEXITSTATUS(status) - 1);
}

static void in_child(int (*body)(void *context), void *context)
{
    run_child(fork(), body, context);
}

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition)) return 1 + __LINE__ % 255;                                                                   \
    } while (0)

typedef struct fixture {
    int variant;
    mio_poll *poll;
    mio_registry *clone;
    mio_waker *waker;
    mio_udp_socket registered;
    mio_udp_socket free;
} fixture;

enum { REGISTERED = 1, WAKER = 2, OTHER = 3 };

static fixture open_fixture(int variant)
{
    fixture f = {.variant = variant, .poll = open_poll(variant)};
    make_udp_pair(&f.registered, &f.free);
    mio_registry *registry = mio_poll_registry(f.poll);
    ck_assert_ok(mio_registry_register(registry, &f.registered.source, REGISTERED, MIO_READABLE));
    ck_assert_ok(mio_registry_clone(&f.clone, registry));
    ck_assert_ok(mio_waker_new(&f.waker, registry, WAKER));
    return f;
}

static void close_fixture(fixture *f)
{
    mio_waker_free(f->waker);
    mio_registry_free(f->clone);
    mio_udp_socket_close(&f->registered);
    mio_udp_socket_close(&f->free);
    mio_poll_free(f->poll);
}

/* Checks that the parent's poll object still works. */
static void expect_parent_works(fixture *f)
{
    expect_no_events(f->poll);
    ck_assert_count(mio_udp_socket_send(&f->free, "x", 1), 1);
    expect_events(f->poll, {REGISTERED, MIO_READABLE});
    char byte;
    ck_assert_count(mio_udp_socket_recv(&f->registered, &byte, 1, NULL), 1);
    ck_assert_errno(mio_udp_socket_recv(&f->registered, &byte, 1, NULL), -EAGAIN);
    ck_assert_ok(mio_waker_wake(f->waker));
    expect_events(f->poll, {WAKER, MIO_READABLE});
    expect_no_events(f->poll);
}

static int every_call_is_echild(void *context)
{
    fixture *f = context;
    mio_event event;
    mio_waker *waker = NULL;
    errno = 77;
    for (int i = 0; i < 2; i++) {
        mio_registry *registry = i == 0 ? mio_poll_registry(f->poll) : f->clone;
        int fd = mio_udp_socket_handle(&f->free);
        REQUIRE(mio_registry_register(registry, &f->free.source, OTHER, MIO_READABLE) == -ECHILD);
        REQUIRE(mio_registry_register_handle(registry, fd, OTHER, MIO_READABLE) == -ECHILD);
        REQUIRE(mio_registry_reregister(registry, &f->registered.source, OTHER, MIO_READABLE) == -ECHILD);
        REQUIRE(mio_registry_reregister_handle(registry, fd, OTHER, MIO_READABLE) == -ECHILD);
        REQUIRE(mio_registry_deregister(registry, &f->registered.source) == -ECHILD);
        REQUIRE(mio_registry_deregister_handle(registry, fd) == -ECHILD);
        REQUIRE(mio_registry_rearm_handle(registry, fd, MIO_READABLE) == -ECHILD);
        REQUIRE(mio_waker_new(&waker, registry, OTHER) == -ECHILD);
    }
    REQUIRE(waker == NULL);
    REQUIRE(mio_poll_wait(f->poll, &event, 1, 0) == -ECHILD);
    REQUIRE(mio_poll_wait(f->poll, &event, 1, -1) == -ECHILD);
    REQUIRE(mio_poll_wait_until(f->poll, &event, 1, 0) == -ECHILD);
    REQUIRE(mio_poll_wait_masked(f->poll, &event, 1, 0, NULL) == -ECHILD);
    REQUIRE(mio_poll_handle(f->poll) == -ECHILD);
    REQUIRE(mio_registry_poll_handle(f->clone) == -ECHILD);
    REQUIRE(mio_poll_dump(f->poll, 2) == -ECHILD);
    REQUIRE(mio_waker_wake(f->waker) == -ECHILD);
    REQUIRE(errno == 77);
    return 0;
}

START_TEST(every_call_in_a_child_is_echild)
{
    fixture f = open_fixture(_i);
    in_child(every_call_is_echild, &f);
    expect_parent_works(&f);
    close_fixture(&f);
}
END_TEST

static int free_everything(void *context)
{
    fixture *f = context;
    close_fixture(f);
    return 0;
}

START_TEST(free_in_a_child_does_not_disturb_the_parent)
{
    fixture f = open_fixture(_i);
    in_child(free_everything, &f);
    expect_parent_works(&f);
    close_fixture(&f);
}
END_TEST

static int use_a_poll_of_its_own(void *context)
{
    fixture *f = context;
    mio_poll *poll = NULL;
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    options.backend = variant_backend(f->variant);
    REQUIRE(mio_poll_new(&poll, &options) == 0);
    mio_registry *registry = mio_poll_registry(poll);
    /* The child's poll object does not know the registrations of the parent's poll object. */
    REQUIRE(mio_registry_deregister(registry, &f->registered.source) == -ENOENT);
    REQUIRE(mio_registry_register(registry, &f->registered.source, OTHER, MIO_READABLE) == 0);
    REQUIRE(mio_udp_socket_send(&f->free, "x", 1) == 1);
    mio_event event;
    REQUIRE(mio_poll_wait(poll, &event, 1, -1) == 1);
    REQUIRE(event.token == OTHER);
    char byte;
    REQUIRE(mio_udp_socket_recv(&f->registered, &byte, 1, NULL) == 1);
    REQUIRE(mio_udp_socket_recv(&f->registered, &byte, 1, NULL) == -EAGAIN);
    REQUIRE(mio_udp_socket_send(&f->free, "x", 1) == 1);
    REQUIRE(mio_poll_wait(poll, &event, 1, -1) == 1);
    REQUIRE(mio_udp_socket_recv(&f->registered, &byte, 1, NULL) == 1);
    REQUIRE(mio_registry_deregister(registry, &f->registered.source) == 0);
    /* The parent's poll object still fails in the child, although the child now has a poll object of its own. */
    REQUIRE(mio_poll_wait(f->poll, &event, 1, 0) == -ECHILD);
    mio_poll_free(poll);
    return 0;
}

START_TEST(a_child_may_have_a_poll_of_its_own)
{
    fixture f = open_fixture(_i);
    in_child(use_a_poll_of_its_own, &f);
    close_fixture(&f);
}
END_TEST

static int fork_once_more(void *context)
{
    fixture *f = context;
    pid_t child = fork();
    if (child == 0) end_child(every_call_is_echild(f));
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(a_grandchild_is_a_child)
{
    fixture f = open_fixture(_i);
    in_child(fork_once_more, &f);
    expect_parent_works(&f);
    close_fixture(&f);
}
END_TEST

#ifdef __linux__
/*
 * In this child, write(2) kills the process. The child ends with _exit(2), because end_child writes the coverage counts
 * of the process.
 */
static int read_without_writing(void *context)
{
    fixture *f = context;
    char byte;
    int error = 0;
    REQUIRE(refuse_system_call(SYS_write, TRAP));
    int64_t first = mio_udp_socket_recv(&f->registered, &byte, 1, NULL);
    int64_t second = mio_udp_socket_recv(&f->registered, &byte, 1, NULL);
    int failed = mio_udp_socket_take_error(&f->registered, &error);
    mio_udp_socket_close(&f->registered);
    _exit(first == 1 && second == -EAGAIN && failed == 0 ? 0 : 1);
}

typedef struct waiting {
    fixture *f;
    atomic_int tid;
} waiting;

static void *wait_for_the_waker(void *context)
{
    waiting *w = context;
    atomic_store(&w->tid, thread_id());
    expect_one_wake(w->f->poll, WAKER);
    return NULL;
}

/* If a source is read while a thread waits, the backend poll writes to a pipe to tell this thread. A child shares the
 * pipe with its parent, so the child must not write. */
START_TEST(reading_in_a_child_does_not_disturb_a_wait_of_the_parent)
{
    fixture f = open_fixture(_i);
    waiting w = {.f = &f};
    ck_assert_count(mio_udp_socket_send(&f.free, "x", 1), 1);
    expect_events(f.poll, {REGISTERED, MIO_READABLE});
    pthread_t thread = start_thread(wait_for_the_waker, &w);
    while (atomic_load(&w.tid) == 0) {
        sched_yield();
    }
    wait_until_asleep(atomic_load(&w.tid));
    in_child(read_without_writing, &f);
    ck_assert_ok(mio_waker_wake(f.waker));
    join_thread(thread);
    close_fixture(&f);
}
END_TEST
#endif

#ifdef HAVE_WIPED_PAGES
/* Forks by a system call, so that the handlers of pthread_atfork(3) do not run, as with _Fork(3). */
static pid_t fork_without_handlers(void)
{
#ifdef SYS_fork
    return (pid_t)syscall(SYS_fork);
#else
    return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
#endif
}

/*
 * Returns whether MADV_WIPEONFORK works: in a forked child, a page with this advice must contain only zeros. Some
 * emulators accept every advice but ignore it, and some sandboxes refuse madvise(2).
 */
static bool kernel_clears_pages(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(page, MAP_FAILED);
    bool clears = madvise(page, size, -1) != 0 && madvise(page, size, MADV_WIPEONFORK) == 0;
    munmap(page, size);
    return clears;
}

START_TEST(a_child_that_runs_no_handlers_is_told_where_the_kernel_clears_pages)
{
    if (!kernel_clears_pages()) {
        skip("the kernel clears no pages in children");
        return;
    }
    fixture f = open_fixture(_i);
    run_child(fork_without_handlers(), every_call_is_echild, &f);
    expect_parent_works(&f);
    close_fixture(&f);
}
END_TEST
#endif

/*
 * Usually the kernel clears one page of memory in each forked child, and the library detects a child by this page. In
 * this test the kernel does not clear the page, because madvise(2) fails with `code`, or does nothing if `code` is 0.
 * The library must detect the child in another way. On an old kernel or in a sandbox, madvise(2) can fail. Some
 * emulators accept the call, but the call does nothing.
 */
static void expect_children_are_told(int variant, int code)
{
    ck_assert(refuse_system_call(SYS_madvise, code));
    fixture f = open_fixture(variant);
    in_child(every_call_is_echild, &f);
    in_child(fork_once_more, &f);
    in_child(use_a_poll_of_its_own, &f);
    in_child(free_everything, &f);
    expect_parent_works(&f);
    close_fixture(&f);
}

START_TEST(a_child_is_told_by_an_old_kernel)
{
    expect_children_are_told(_i, EINVAL);
}
END_TEST

START_TEST(a_child_is_told_in_a_sandbox)
{
    expect_children_are_told(_i, EPERM);
}
END_TEST

START_TEST(a_child_is_told_where_advice_is_not_known)
{
    expect_children_are_told(_i, ENOSYS);
}
END_TEST

START_TEST(a_child_is_told_where_advice_is_passed_over)
{
    expect_children_are_told(_i, 0);
}
END_TEST

static void add_refused_tests(Suite *suite)
{
    if (under_valgrind()) return; /* valgrind emulates madvise */
    TCase *tcase = add_tcase(suite, "refused");
#ifdef __linux__
    tcase_add_backend_test(tcase, reading_in_a_child_does_not_disturb_a_wait_of_the_parent);
#endif
    tcase_add_backend_test(tcase, a_child_is_told_by_an_old_kernel);
    tcase_add_backend_test(tcase, a_child_is_told_in_a_sandbox);
    tcase_add_backend_test(tcase, a_child_is_told_where_advice_is_not_known);
    tcase_add_backend_test(tcase, a_child_is_told_where_advice_is_passed_over);
}

/*
 * Acts like a daemon: forks, lets the parent exit, and uses a poll object in the child. The child writes a byte if
 * everything works.
 */
static int daemonise(void *context)
{
    const int *arguments = context; /* the variant of the backend, and the descriptor to which the child writes */
    if (fork() != 0) return 0;
    setsid();
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    options.backend = variant_backend(arguments[0]);
    mio_poll *poll = NULL;
    mio_event event;
    if (mio_poll_new(&poll, &options) != 0 || mio_poll_wait(poll, &event, 1, 0) != 0) end_child(1);
    mio_poll_free(poll);
    end_child(write(arguments[1], "x", 1) == 1 ? 0 : 1);
}

START_TEST(daemonising_before_the_poll_object_is_made_works)
{
    int ends[2];
    char byte;
    mio_poll_free(open_poll(_i)); /* freeing a poll object before the fork must not change the result */
    ck_assert_int_eq(pipe(ends), 0);
    int arguments[2] = {_i, ends[1]};
    in_child(daemonise, arguments);
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &byte, 1), 1); /* read returns 0 if the daemon has failed */
    close(ends[0]);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("fork");
    TCase *tcase = add_tcase(suite, "fork");
    tcase_add_backend_test(tcase, every_call_in_a_child_is_echild);
    tcase_add_backend_test(tcase, free_in_a_child_does_not_disturb_the_parent);
    tcase_add_backend_test(tcase, a_child_may_have_a_poll_of_its_own);
    tcase_add_backend_test(tcase, a_grandchild_is_a_child);
#ifdef HAVE_WIPED_PAGES
    if (!under_valgrind()) { /* valgrind emulates madvise */
        tcase_add_backend_test(tcase, a_child_that_runs_no_handlers_is_told_where_the_kernel_clears_pages);
    }
#endif
    tcase_add_backend_test(tcase, daemonising_before_the_poll_object_is_made_works);
    add_refused_tests(suite);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
