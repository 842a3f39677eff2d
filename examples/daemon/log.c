/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* for fstat in a strict C11 compilation */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool to_journal;

/* Returns whether standard error is connected to the journal. The environment variable JOURNAL_STREAM contains the
 * device and the inode of the journal's stream. The function compares this device and inode with the device and inode
 * of standard error. The variable alone is not enough: a child process of a service inherits the variable, but can have
 * another standard error. */
static bool is_journal_stream(void)
{
    const char *name = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat stream;
    return name != NULL && sscanf(name, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &stream) == 0 &&
           stream.st_dev == (dev_t)device && stream.st_ino == (ino_t)inode;
}

void log_open(void)
{
    /* With line buffering, stdio writes each line with one call, so that lines of several processes do not mix. */
    static char buffer[BUFSIZ];
    setvbuf(stderr, buffer, _IOLBF, sizeof buffer);
    to_journal = is_journal_stream();
}

/* Writes a message as one line. A message can contain a key or a path, which can contain any byte. So the function
 * replaces each control character, which could end the line, begin a line with another priority, or control a terminal.
 * The function cuts off the end of a message that is too long. For the journal, a line begins with its priority, see
 * sd-daemon(3). The journal itself adds the name of the program. */
__attribute__((format(printf, 2, 0))) static void write_line(int priority, const char *format, va_list arguments,
                                                             const char *reason)
{
    char text[6144]; /* long enough for a path and a key */
    vsnprintf(text, sizeof text, format, arguments);
    for (char *byte = text; *byte != '\0'; byte++)
        if ((unsigned char)*byte < ' ' || *byte == 0x7f) *byte = '?'; /* other bytes may be UTF-8 */
    if (to_journal)
        fprintf(stderr, "<%d>%s%s\n", priority, text, reason);
    else
        fprintf(stderr, "lookupd: %s%s\n", text, reason);
}

void log_line(int priority, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(priority, format, arguments, "");
    va_end(arguments);
}

int log_error(int error, const char *format, ...)
{
    char reason[256];
    va_list arguments;
    va_start(arguments, format);
    snprintf(reason, sizeof reason, ": %s", strerror(-error));
    write_line(LOG_ERR, format, arguments, reason);
    va_end(arguments);
    return error;
}
