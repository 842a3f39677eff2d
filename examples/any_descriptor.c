/* SPDX-License-Identifier: MIT */
/*
 * Watches a timer, a process and a directory, for which mio has no types. Linux can provide a file descriptor for a
 * timer, for a process, and for the changes in a directory. This program registers such file descriptors directly. You
 * can copy the whole program. Usage:
 *
 *     any_descriptor DIRECTORY MILLISECONDS COMMAND [ARGUMENT]...
 *
 * The program runs COMMAND, and kills the command if it still runs after MILLISECONDS. While the command runs, the
 * program prints the name of each file that any process writes in DIRECTORY. The exit status is 124 if the program
 * killed the command, and otherwise the exit status of the command.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <mio.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The tokens. Each token is also an index into `fds` of struct state. */
enum { TIMER, DIRECTORY, COMMAND, KINDS };

#define READS_PER_TURN 16

struct state {
    mio_poll *poll;
    int fds[KINDS];
    pid_t pid;
    bool late;
    bool busy; /* events of the directory can remain, although no further event of mio reports them */
};

static const char usage[] =
    "usage: any_descriptor DIRECTORY MILLISECONDS COMMAND [ARGUMENT]...\n"
    "Runs the command, prints the files that are written in the directory meanwhile, and stops the command when its\n"
    "time is up. Shows how to register a timer, a process and a directory, which have no type in mio.\n";

static int fail(int error, const char *what)
{
    fprintf(stderr, "any_descriptor: %s: %s\n", what, strerror(-error));
    return error;
}

/* ---- descriptors, all close-on-exec and non-blocking ---- */

static int open_timer(long milliseconds)
{
    struct itimerspec time = {.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000000}};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (fd < 0 || timerfd_settime(fd, 0, &time, NULL) < 0) return fail(-errno, "cannot make a timer");
    return fd;
}

static int open_directory(const char *path)
{
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0 || inotify_add_watch(fd, path, IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) < 0) return fail(-errno, path);
    return fd;
}

/* Returns a pidfd: a descriptor that becomes readable when the process ends. */
static int open_process(pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    return fd < 0 ? fail(-errno, "cannot watch the command") : fd;
}

static pid_t start(char **command)
{
    pid_t pid = fork();
    if (pid < 0) return fail(-errno, "cannot fork");
    if (pid == 0) {
        execvp(command[0], command);
        fail(-errno, command[0]);
        _exit(127);
    }
    return pid;
}

/* ---- events ---- */

/* Prints the name of a file that was written. An event without a name reports no file: for example, the directory was
 * removed. */
static void print_name(const struct inotify_event *event)
{
    if (event->len > 0) printf("written: %s\n", event->name);
    if ((event->mask & IN_Q_OVERFLOW) != 0) fputs("any_descriptor: the system has lost some names\n", stderr);
}

/* Reads the directory's events once, and prints the name of each file that was written. Returns like read(). */
static ssize_t print_some(const struct state *state)
{
    _Alignas(struct inotify_event) char buffer[4096];
    ssize_t count = read(state->fds[DIRECTORY], buffer, sizeof buffer);
    for (char *next = buffer; count > 0 && next < buffer + count;) {
        const struct inotify_event *event = (const struct inotify_event *)(const void *)next;
        print_name(event);
        next += sizeof *event + event->len;
    }
    return count;
}

/* Prints the names of files that were written. Reads at most READS_PER_TURN times, because otherwise a busy directory
 * would keep the program from the timer, and sets `busy` if more events can remain. If read() fails with EAGAIN, rearms
 * the descriptor, because otherwise a backend that emulates edge-triggered events would report no further event. */
static int print_names(struct state *state)
{
    ssize_t count = 1;
    for (int i = 0; i < READS_PER_TURN && count > 0; i++)
        count = print_some(state);
    state->busy = count > 0;
    if (state->busy) return 0;
    if (count == 0 || errno != EAGAIN) return fail(count < 0 ? -errno : -EIO, "cannot read the directory's events");
    return mio_registry_rearm_handle(mio_poll_registry(state->poll), state->fds[DIRECTORY], MIO_READABLE);
}

/* Prints the names that wait now. Does not read until EAGAIN, because another process can write files without end. */
static int print_last(const struct state *state)
{
    int left = 0;
    ssize_t count = 1;
    if (ioctl(state->fds[DIRECTORY], FIONREAD, &left) < 0) return fail(-errno, "cannot read the directory's events");
    for (; left > 0 && count > 0; left -= (int)count)
        count = print_some(state);
    return 0;
}

/* Kills the command when its time is up. If the command has already ended, the signal has no effect. The system cannot
 * reuse the pid before main() calls waitpid, so the signal cannot reach another process. */
static int stop_command(struct state *state)
{
    state->late = true;
    return kill(state->pid, SIGKILL) < 0 ? fail(-errno, "cannot stop the command") : 0;
}

/* Handles events until the command has ended. When the command has ended, the function reads the directory's events
 * once more. So the program prints all files that the command wrote. */
static int run(struct state *state)
{
    bool ended = false;
    int result = 0;
    while (result == 0 && !ended) {
        mio_event events[KINDS];
        int count = mio_poll_wait(state->poll, events, KINDS, state->busy ? 0 : -1);
        if (count < 0 && count != -EINTR) return fail(count, "cannot wait for events");
        for (int i = 0; i < count && result == 0; i++) {
            if (events[i].token == TIMER) result = stop_command(state);
            if (events[i].token == COMMAND) ended = true;
        }
        if (result == 0) result = ended ? print_last(state) : print_names(state);
    }
    return result;
}

static int watch_all(struct state *state)
{
    int result = mio_poll_new(&state->poll, NULL);
    if (result < 0) return fail(result, "cannot make a poll object, of MIO_BACKEND if set");
    for (int i = 0; i < KINDS && result == 0; i++)
        result =
            mio_registry_register_handle(mio_poll_registry(state->poll), state->fds[i], (uintptr_t)i, MIO_READABLE);
    return result < 0 ? fail(result, "cannot watch") : 0;
}

int main(int argc, char **argv)
{
    struct state state = {.poll = NULL};
    int status = 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return fputs(usage, stdout) < 0;
    char *rest = "";
    long milliseconds = argc > 2 ? strtol(argv[2], &rest, 10) : 1;
    bool wrong = *rest != '\0' || milliseconds < 1 || milliseconds > 1000000000;
    if (wrong) fprintf(stderr, "any_descriptor: not a number of milliseconds: %s\n", argv[2]);
    if (wrong || argc < 4) {
        fputs(usage, stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* so that a reader of a pipe gets each name at once */
    state.fds[DIRECTORY] = open_directory(argv[1]);
    state.fds[TIMER] = open_timer(milliseconds);
    if (state.fds[DIRECTORY] < 0 || state.fds[TIMER] < 0) return EXIT_FAILURE;
    state.pid = start(argv + 3);
    if (state.pid < 0) return EXIT_FAILURE;
    signal(SIGPIPE, SIG_IGN); /* so that a pipe without a reader does not end the program before the command */
    state.fds[COMMAND] = open_process(state.pid);

    int result = state.fds[COMMAND] < 0 ? state.fds[COMMAND] : watch_all(&state);
    if (result == 0) result = run(&state);
    if (result < 0) kill(state.pid, SIGKILL);
    if (waitpid(state.pid, &status, 0) < 0) result = fail(-errno, "cannot wait for the command");
    mio_poll_free(state.poll); /* the end of the process closes the descriptors */
    if (result < 0) return EXIT_FAILURE;
    if (state.late && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return 124;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
