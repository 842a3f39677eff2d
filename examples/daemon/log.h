/* SPDX-License-Identifier: MIT */
/* The messages of the daemon, to standard error. The programs in C and in C++ both use this file. The priorities are
 * those of <syslog.h>. */
#ifndef LOG_H
#define LOG_H

#include <syslog.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Call this function first. The function checks whether the journal reads standard error. */
void log_open(void);

/* Writes one line. */
__attribute__((format(printf, 2, 3))) void log_line(int priority, const char *format, ...);

/* Writes one line of priority LOG_ERR with the meaning of `error`, a negative errno value. Returns `error`. */
__attribute__((format(printf, 2, 3))) int log_error(int error, const char *format, ...);

#ifdef __cplusplus
}
#endif

#endif /* LOG_H */
