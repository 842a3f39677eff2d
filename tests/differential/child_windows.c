/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <windows.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Exit statuses. If a process crashes, Windows sets a status of FIRST_CRASH or more. Ctrl+C also ends a process with
 * such a status.
 */
enum { OUT_OF_TIME = 124 };
#define FIRST_CRASH 0xc0000000U
#define ENDED_BY_CTRL_C 0xc000013aU

static HANDLE mapping;

/* The first argument of a child process is this word. The second argument is the handle of the shared memory. */
static const char child_word[] = "--child";

void *share_memory(size_t size, int argc, char **argv, void (*task)(void *memory))
{
    SECURITY_ATTRIBUTES inherits = {.nLength = sizeof inherits, .bInheritHandle = TRUE};
    bool is_child = argc == 3 && strcmp(argv[1], child_word) == 0;
    /* Without SetErrorMode, Windows would show a dialogue after a crash. */
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    mapping = is_child ? (HANDLE)(uintptr_t)strtoull(argv[2], NULL, 10)
                       : CreateFileMappingW(INVALID_HANDLE_VALUE, &inherits, PAGE_READWRITE, 0, (DWORD)size, NULL);
    void *memory = mapping != NULL ? MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, size) : NULL;
    if (is_child && memory != NULL) {
        task(memory);
        exit(0);
    }
    return memory;
}

static bool start_child(PROCESS_INFORMATION *child)
{
    STARTUPINFOA start = {.cb = sizeof start};
    char program[MAX_PATH];
    char line[MAX_PATH + 64];
    if (GetModuleFileNameA(NULL, program, sizeof program) >= sizeof program) {
        return false;
    }
    (void)snprintf(line, sizeof line, "\"%s\" %s %llu", program, child_word, (unsigned long long)(uintptr_t)mapping);
    fflush(NULL);
    return CreateProcessA(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, child) != 0;
}

ending run_in_child(void *memory, void (*task)(void *memory), int *number)
{
    PROCESS_INFORMATION child;
    DWORD status = 0;
    (void)memory;
    (void)task;
    if (!start_child(&child)) {
        *number = -1;
        return ENDED_FROM_OUTSIDE;
    }
    WaitForSingleObject(child.hProcess, INFINITE);
    GetExitCodeProcess(child.hProcess, &status);
    CloseHandle(child.hThread);
    CloseHandle(child.hProcess);
    *number = (int)status;
    if (status == 0) {
        return ENDED_WELL;
    }
    if (status == OUT_OF_TIME || status == ENDED_BY_CTRL_C) {
        return status == OUT_OF_TIME ? ENDED_BY_TIME : ENDED_FROM_OUTSIDE;
    }
    return status >= FIRST_CRASH ? ENDED_BY_CRASH : ENDED_WITH_STATUS;
}

static void CALLBACK end_process(void *context, BOOLEAN fired)
{
    (void)context;
    (void)fired;
    TerminateProcess(GetCurrentProcess(), OUT_OF_TIME);
}

void limit_time(unsigned seconds)
{
    static HANDLE timer;
    if (timer != NULL) {
        ChangeTimerQueueTimer(NULL, timer, seconds * 1000, 0);
    } else if (!CreateTimerQueueTimer(&timer, NULL, end_process, NULL, seconds * 1000, 0, WT_EXECUTEDEFAULT)) {
        timer = NULL;
    }
}
