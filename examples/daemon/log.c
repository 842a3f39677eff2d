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

/* Returns whether the journal reads standard error. JOURNAL_STREAM alone does not prove this, because the children of a
 * service inherit the variable, but may have another standard error. */
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
    /* Write each line at once, so that the lines of several processes do not mix. */
    static char buffer[BUFSIZ];
    setvbuf(stderr, buffer, _IOLBF, sizeof buffer);
    to_journal = is_journal_stream();
}

/* A key or a path can contain any byte. A control character could end the line, begin a line with another priority, or
 * control a terminal, so write_line replaces each control character. If a message is too long, its end is cut off. The
 * journal itself adds the name of the program. The number is the priority, see sd-daemon(3). */
__attribute__((format(printf, 2, 0))) static void write_line(int priority, const char *format, va_list arguments,
                                                             const char *reason)
{
    char text[6144]; /* long enough for a path and a key, so that text and reason are one write */
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
