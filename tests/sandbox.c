/* SPDX-License-Identifier: MIT */
/*
 * Runs a program under a seccomp filter. The filter refuses newer system calls, as an older kernel or a container does:
 *
 *     sandbox ERROR CALL[,CALL...] PROGRAM [WORD...]        sandbox ENOSYS eventfd2,accept4 tests/api/poll
 *
 * If ERROR is SIGSYS, the call ends the program, as on Android.
 */
#include "helpers/sockets.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

typedef struct name {
    const char *text;
    int number;
} name;

static const name errors[] = {{"ENOSYS", ENOSYS}, {"EPERM", EPERM}, {"EINVAL", EINVAL}, {"SIGSYS", TRAP}};
static const name calls[] = {
    {"accept4", SYS_accept4},
    {"epoll_create1", SYS_epoll_create1},
    {"epoll_pwait2", SYS_epoll_pwait2},
    {"eventfd2", SYS_eventfd2},
    {"madvise", SYS_madvise},
    {"pipe2", SYS_pipe2},
    {"ppoll", SYS_ppoll},
    {"pwritev2", SYS_pwritev2},
    {"recvmmsg", SYS_recvmmsg},
    {"sendfile", SYS_sendfile},
    {"sendmmsg", SYS_sendmmsg},
    {"signalfd4", SYS_signalfd4},
    {"splice", SYS_splice},
};

static int number_of(const char *text, const name *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i].text, text) == 0) {
            return names[i].number;
        }
    }
    fprintf(stderr, "sandbox: what is %s?\n", text);
    exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: sandbox ERROR CALL[,CALL...] PROGRAM [WORD...]\n");
        return EXIT_FAILURE;
    }
    const int code = number_of(argv[1], errors, sizeof errors / sizeof errors[0]);
    for (char *call = strtok(argv[2], ","); call != NULL; call = strtok(NULL, ",")) {
        if (!refuse_system_call(number_of(call, calls, sizeof calls / sizeof calls[0]), code)) {
            perror("sandbox: no seccomp filters");
            return EXIT_FAILURE;
        }
    }
    execvp(argv[3], argv + 3);
    perror(argv[3]);
    return EXIT_FAILURE;
}
