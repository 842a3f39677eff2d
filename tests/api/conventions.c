/* SPDX-License-Identifier: MIT */
/*
 * What <mio.h> promises of every function: errno is left as it was, whether the call works or fails; no signal is
 * raised, no handler installed, no thread started, nothing printed; null is -EINVAL.
 */
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

/* The functions of the tour, and whether each has worked at least once, or is not to be had here. */
enum { MOST_FUNCTIONS = 500 };
static struct {
    char name[64];
    bool works;
} functions[MOST_FUNCTIONS];

static void note_result(const char *call, int64_t result)
{
    const char *start = strstr(call, "mio_");
    size_t length = strcspn(start, "(");
    int i = 0;
    ck_assert_uint_lt(length, sizeof functions[0].name);
    while (i < MOST_FUNCTIONS - 1 && functions[i].name[0] != '\0' &&
           (strncmp(functions[i].name, start, length) != 0 || functions[i].name[length] != '\0')) {
        i++;
    }
    memcpy(functions[i].name, start, length);
    bool not_here = result == -ENOTSUP || result == -ENODATA;
    functions[i].works = functions[i].works || result >= 0 || result < -4095 || not_here;
}

START_TEST(every_function_works_somewhere_on_the_tour)
{
    memset(functions, 0, sizeof functions);
    tour_after = note_result;
    tour(_i);
    tour_after = NULL;
    ck_assert_str_eq(functions[MOST_FUNCTIONS - 1].name, "");
    char failing[sizeof functions + 1] = "";
    for (int i = 0; functions[i].name[0] != '\0'; i++) {
        if (!functions[i].works) {
            strcat(strcat(failing, " "), functions[i].name);
        }
    }
    ck_assert_msg(failing[0] == '\0', "the tour has these only fail:%s", failing);
}
END_TEST

START_TEST(every_function_keeps_errno)
{
    tour(_i);
}
END_TEST

static atomic_bool stop_signals;

static void do_nothing(int number)
{
    (void)number;
}

static void *send_signals(void *context)
{
    pthread_t target = *(const pthread_t *)context;
    while (!atomic_load(&stop_signals)) {
        pthread_kill(target, SIGUSR1);
        usleep(1000);
    }
    return NULL;
}

START_TEST(a_wait_that_is_interrupted_keeps_errno)
{
    mio_poll *poll = open_poll(_i);
    pthread_t self = pthread_self();
    struct sigaction action;
    mio_event event;
    int rc;
    memset(&action, 0, sizeof action);
    action.sa_handler = do_nothing;
    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
    atomic_store(&stop_signals, false);
    pthread_t thread = start_thread(send_signals, &self);
    KEEPS(rc = mio_poll_wait(poll, &event, 1, -1));
    ck_assert_errno(rc, -EINTR);
    atomic_store(&stop_signals, true);
    join_thread(thread);
    mio_poll_free(poll);
}
END_TEST

START_TEST(no_handler_is_installed_and_no_mask_changed)
{
    struct sigaction before[32];
    sigset_t mask_before;
    sigset_t mask_after;
    signal(SIGPIPE, SIG_DFL); /* so that one would end this process */
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
    enter_variant(_i);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        int descriptors = count_descriptors();
        dup2(out[1], STDOUT_FILENO);
        dup2(out[1], STDERR_FILENO);
        __fpurge(stdout); /* what the parent had not written yet */
        tour(_i);
        fflush(NULL); /* what waits in a buffer counts as well */
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
    tcase_add_backend_test(tcase, every_function_keeps_errno);
    tcase_add_backend_test(tcase, a_wait_that_is_interrupted_keeps_errno);
    tcase_add_backend_test(tcase, no_handler_is_installed_and_no_mask_changed);
    tcase_add_backend_test(tcase, no_thread_is_started);
    tcase_add_backend_test(tcase, nothing_is_printed_and_no_descriptor_left);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
