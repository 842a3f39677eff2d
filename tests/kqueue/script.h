/* SPDX-License-Identifier: MIT */
/* Declarations that the parts of the script share. */
#ifndef SCRIPT_H
#define SCRIPT_H

#ifdef SCRIPT_SYSTEM
#include SCRIPT_SYSTEM
#else
#include "system.h"
#endif

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* OK makes a call that prepares a step. If the call fails, OK prints the error and ends the script. */
#define OK(call) must((call) >= 0, #call, __LINE__)
void must(int is_true, const char *call, int line);

/* Gives the descriptor a name. Later lines print this name instead of the number. Returns the descriptor. */
int named(int fd, const char *name);

/* Makes one change. Returns the result of kevent(2). */
int change(int kq, int ident, int filter, int flags, unsigned fflags, long udata);

/* Prints a line with the step, and "ok" or the name of the error. */
void say(const char *step, int result);

/* Fetches all events, and prints a line with the step and these events in alphabetical order. */
void show(int kq, const char *step);

/* Prints the events of this array in a line, as show() does. */
void show_events(const char *step, const struct kevent *events, int count);

/*
 * Runs the steps of process.c. If the script tests a kernel that runs inside a process, do not call this function,
 * because such a kernel has no signals and no processes.
 */
void process_steps(void);

#endif
