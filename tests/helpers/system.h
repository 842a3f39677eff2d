/* SPDX-License-Identifier: MIT */
/*
 * Helpers that depend on the system, besides those in harness.h and sockets.h. linux.c defines them for Linux, and
 * elsewhere.c for other systems.
 */
#ifndef MIO_TESTS_SYSTEM_H
#define MIO_TESTS_SYSTEM_H

#include <stdbool.h>

/*
 * The first function returns whether this process can install a filter against system calls. The second installs one
 * that makes epoll_pwait2 and eventfd2 fail with this error.
 */
bool have_filters(void);
void refuse_recent_calls(int code);

/* Whether a debugger is attached. The tests then run in the process that the debugger watches. */
bool is_traced(void);

/* Whether a thread can be cancelled in a wait of parts of a millisecond on this backend. */
bool can_cancel_exact_wait(const char *backend);

/* Whether one call can write to this pipe without SIGPIPE. */
bool can_write_quietly(int fd);

#endif /* MIO_TESTS_SYSTEM_H */
