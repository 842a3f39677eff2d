/* SPDX-License-Identifier: MIT */
/* What the parts of the script share. */
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

/* The calls that prepare a step must succeed. */
#define OK(call) must((call) >= 0, #call, __LINE__)
void must(int is_true, const char *call, int line);

/* Names the descriptor for the lines to come; so the lines have no numbers. Returns the number. */
int named(int fd, const char *name);

/* One change. Returns what kevent(2) returns. */
int change(int kq, int ident, int filter, int flags, unsigned fflags, long udata);

/* Prints a line: the step, and the name of the error. */
void say(const char *step, int result);

/* Prints a line: the step, and all events that a look at the kqueue gets, in the order of the alphabet. */
void show(int kq, const char *step);

/* The same for an array of events. */
void show_events(const char *step, const struct kevent *events, int count);

/* What no kernel in a process has: signals, other processes. See process.c. */
void process_steps(void);

#endif
