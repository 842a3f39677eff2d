/* SPDX-License-Identifier: MIT */
/* Writes the daemon's messages to standard error. The C program and the C++ program share this file. The priorities are
 * those of <syslog.h>. */
#ifndef LOG_H
#define LOG_H

#include <syslog.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Finds out whether standard error is connected to the journal. Call this function before the other functions. */
void log_open(void);

/* Writes one line. */
__attribute__((format(printf, 2, 3))) void log_line(int priority, const char *format, ...);

/* Writes one line with priority LOG_ERR: the message, and the text for `error`, a negative errno value. Returns
 * `error`. */
__attribute__((format(printf, 2, 3))) int log_error(int error, const char *format, ...);

#ifdef __cplusplus
}
#endif

#endif /* LOG_H */
