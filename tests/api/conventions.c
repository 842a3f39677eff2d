/* SPDX-License-Identifier: MIT */
/*
 * Tests promises of <mio.h>. The tests call every function. No function raises SIGPIPE, starts a thread or prints text.
 * Afterwards the signal handlers and the signal mask are as before. Some functions also promise to keep errno. The
 * table in tests/functions.h lists these functions.
 */
#include "../helpers/function.h"
#include "../helpers/sockets.h"
#include "../helpers/tour.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * `works` has an element for each row of tests/functions.h. The element is true if a call of the function has
 * succeeded, or if this system lacks the function.
 */
enum { MOST_FUNCTIONS = 500 };
static bool works[MOST_FUNCTIONS];

static void note_result(const char *call, int64_t result)
{
    const ptrdiff_t row = function_called(call) - functions;
    works[row] = works[row] || (is_good(result) && result != -EAGAIN);
}

START_TEST(every_function_works_somewhere_on_the_tour)
{
    memset(works, 0, sizeof works);
    ck_assert_uint_le(function_count, MOST_FUNCTIONS);
    tour_after = note_result;
    tour(_i);
    tour_after = NULL;
    for (size_t i = 0; i < function_count; i++) {
        const bool lacks_ipv6 = (functions[i].needs & GROUPS_V6) != 0 && !have_ipv6();
        ck_assert_msg(works[i] || lacks_ipv6, "the tour has only failures of %s", functions[i].name);
    }
}
END_TEST

START_TEST(errno_is_kept_where_promised)
{
    tour(_i);
}
END_TEST

/*
 * In the tour (helpers/tour.h, which calls every function) close(2) always succeeds. Here close(2) fails, because the
 * test closes the descriptors before it closes the objects.
 */
START_TEST(closing_keeps_errno_when_it_fails)
{
    mio_poll *poll = open_poll(_i);
    mio_udp_socket left;
    mio_udp_socket right;
    mio_signals signals;
    const int number = SIGUSR1;
    make_udp_pair(&left, &right);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &left.source, 1, MIO_READABLE));
    ck_assert_ok(mio_signals_open(&signals, &number, 1, 0));
    close_fd(mio_udp_socket_handle(&left));
    close_fd(mio_udp_socket_handle(&right));
    close_fd(mio_signals_handle(&signals));
    KEEPS_VOID(mio_udp_socket_close(&left));
    KEEPS_VOID(mio_udp_socket_close(&right));
    KEEPS_VOID(mio_signals_close(&signals));
    if (mio_poll_handle(poll) >= 0) {
        close_fd(mio_poll_handle(poll));
    }
    KEEPS_VOID(mio_poll_free(poll));
}
END_TEST

START_TEST(no_handler_is_installed_and_no_mask_changed)
{
    struct sigaction before[32];
    sigset_t mask_before;
    sigset_t mask_after;
    signal(SIGPIPE, SIG_DFL); /* from here on a SIGPIPE ends this process */
    for (int number = 1; number < 32; number++) {
        sigaction(number, NULL, &before[number]);
    }
    pthread_sigmask(SIG_SETMASK, NULL, &mask_before);
    tour(_i);
    pthread_sigmask(SIG_SETMASK, NULL, &mask_after);
    for (int number = 1; number < 32; number++) {
        struct sigaction after;
        if (sigaction(number, NULL, &after) == 0) {
            ck_assert_msg(after.sa_handler == before[number].sa_handler, "the handler of signal %d", number);
            ck_assert_int_eq(sigismember(&mask_before, number), sigismember(&mask_after, number));
        }
    }
}
END_TEST

static int count_threads(void)
{
    DIR *dir = opendir("/proc/self/task");
    int count = 0;
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    return count;
}

START_TEST(no_thread_is_started)
{
    int before = count_threads();
    tour(_i);
    ck_assert_int_eq(count_threads(), before);
}
END_TEST

START_TEST(nothing_is_printed_and_no_descriptor_left)
{
    int out[2];
    char text[64];
    int status = 0;
    if (!have_ipv6()) {
        skip("without IPv6, the tour itself prints what it leaves out");
        return;
    }
    enter_variant(_i);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        int descriptors = count_descriptors();
        dup2(out[1], STDOUT_FILENO);
        dup2(out[1], STDERR_FILENO);
        __fpurge(stdout); /* drops the parent's output that stdio has buffered and not yet written */
        tour(_i);
        fflush(NULL); /* writes the child's output that stdio has buffered */
        _exit(count_descriptors() == descriptors ? 0 : 1);
    }
    close_fd(out[1]);
    ssize_t count = read(out[0], text, sizeof text);
    ck_assert_int_eq(count, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %#x", (unsigned)status);
    close_fd(out[0]);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("conventions");
    TCase *tcase = add_tcase(suite, "conventions");
    tcase_add_backend_test(tcase, every_function_works_somewhere_on_the_tour);
    tcase_add_backend_test(tcase, errno_is_kept_where_promised);
    tcase_add_backend_test(tcase, closing_keeps_errno_when_it_fails);
    tcase_add_backend_test(tcase, no_handler_is_installed_and_no_mask_changed);
    tcase_add_backend_test(tcase, no_thread_is_started);
    tcase_add_backend_test(tcase, nothing_is_printed_and_no_descriptor_left);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
