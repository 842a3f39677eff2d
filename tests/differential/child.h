/* SPDX-License-Identifier: MIT */
/*
 * Runs the task of the differential test in a child process. So the test survives a crash of the task. child_posix.c
 * forks this process. Windows has no fork, so child_windows.c starts the program again.
 */
#ifndef MIO_TESTS_CHILD_H
#define MIO_TESTS_CHILD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Allocates memory that this process shares with its children, and fills the memory with zeros. Returns null if there
 * is no memory. In a child on Windows, the function runs `task` on the memory of the parent, and does not return.
 */
void *share_memory(size_t size, int argc, char **argv, void (*task)(void *memory));

typedef enum ending { ENDED_WELL, ENDED_WITH_STATUS, ENDED_BY_CRASH, ENDED_BY_TIME, ENDED_FROM_OUTSIDE } ending;

/* Runs `task` in a child, and waits until the child ends. Stores the exit status or the signal in `*number`. */
ending run_in_child(void *memory, void (*task)(void *memory), int *number);

/* Sets a time limit: the system ends this process after `seconds` seconds. A later call replaces this time limit. */
void limit_time(unsigned seconds);

#endif /* MIO_TESTS_CHILD_H */
