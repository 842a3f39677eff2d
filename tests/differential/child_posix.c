/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1

#include "child.h"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void *share_memory(size_t size, int argc, char **argv, void (*task)(void *memory))
{
    (void)argc;
    (void)argv;
    (void)task;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* Returns whether the signal means a crash. A busy machine cannot cause any of these signals. */
static bool is_crash(int number)
{
    return number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE || number == SIGABRT ||
           number == SIGPIPE;
}

ending run_in_child(void *memory, void (*task)(void *memory), int *number)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        task(memory);
        fflush(stdout);
        _exit(0);
    }
    if (child == -1 || waitpid(child, &status, 0) != child) {
        *number = -1;
        return ENDED_FROM_OUTSIDE;
    }
    if (WIFEXITED(status)) {
        *number = WEXITSTATUS(status);
        return *number == 0 ? ENDED_WELL : ENDED_WITH_STATUS;
    }
    *number = WTERMSIG(status);
    return *number == SIGALRM ? ENDED_BY_TIME : is_crash(*number) ? ENDED_BY_CRASH : ENDED_FROM_OUTSIDE;
}

void limit_time(unsigned seconds)
{
    alarm(seconds);
}
