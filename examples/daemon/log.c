/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* fstat, in a strict C11 compilation */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool to_journal;

/* JOURNAL_STREAM alone does not tell: who is started by a service inherits it, maybe with another standard error. */
static bool is_journal_stream(void)
{
    const char *name = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat stream;
    return name != NULL && sscanf(name, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &stream) == 0 &&
           stream.st_dev == device && stream.st_ino == inode;
}

void log_open(void)
{
    /* One line is one write, so that the lines of several processes do not mix. */
    static char buffer[BUFSIZ];
    setvbuf(stderr, buffer, _IOLBF, sizeof buffer);
    to_journal = is_journal_stream();
}

/* The journal adds the name of the program itself; the number is sd-daemon(3)'s way to give it the priority. */
static void begin_line(int priority)
{
    if (to_journal)
        fprintf(stderr, "<%d>", priority);
    else
        fputs("lookupd: ", stderr);
}

void log_line(int priority, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    begin_line(priority);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

int log_error(int error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    begin_line(LOG_ERR);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, ": %s\n", strerror(-error));
    va_end(arguments);
    return error;
}
