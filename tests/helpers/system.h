/* SPDX-License-Identifier: MIT */
/*
 * Helpers that depend on the system. linux.c defines most of them for Linux. elsewhere.c defines them for other
 * systems. process.c defines the helpers that need only POSIX. harness.h and sockets.h declare further helpers.
 */
#ifndef MIO_TESTS_SYSTEM_H
#define MIO_TESTS_SYSTEM_H

#include <check.h>
#include <stdbool.h>

/*
 * have_filters returns whether this process can install a filter against system calls. refuse_recent_calls installs a
 * filter that makes epoll_pwait2 and eventfd2 fail with the error `code`.
 */
bool have_filters(void);
void refuse_recent_calls(int code);

/* Turns off core dumps, unblocks all signals, and restores the default action of each ignored signal. */
void prepare_process(void);

/* Runs the tests of a variant in a child process, and returns the exit status of the child. */
int run_in_child(int (*run)(Suite *(*make_suite)(void), int variant), Suite *(*make_suite)(void), int variant);

/* Returns whether this text calls a function of mio that promises to keep errno. */
bool promises_errno(const char *text);

/* Returns whether a debugger is attached. Under a debugger, the tests run in the process that the debugger watches. */
bool is_traced(void);

/*
 * Some timeouts are not a whole number of milliseconds. Returns whether a wait with such a timeout is a cancellation
 * point on this backend.
 */
bool can_cancel_exact_wait(const char *backend);

/* Returns whether the kernel has a system call that writes to the pipe `fd` without SIGPIPE. */
bool can_write_quietly(int fd);

#endif /* MIO_TESTS_SYSTEM_H */
