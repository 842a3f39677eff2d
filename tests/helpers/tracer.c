/* SPDX-License-Identifier: MIT */
/* Traces scenes and counts the system calls of each operation. */
#include "tracer.h"

#include "sockets.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The result of PTRACE_GET_SYSCALL_INFO. <linux/ptrace.h> declares this struct too, but a program cannot include both
 * <linux/ptrace.h> and <sys/ptrace.h>.
 */
typedef struct syscall_info {
    uint8_t op;
    uint8_t pad[3];
    uint32_t arch;
    uint64_t instruction_pointer;
    uint64_t stack_pointer;
    uint64_t number;
    uint64_t arguments[6];
    uint64_t room[4];
} syscall_info;
enum { INFO_ENTRY = 1 };

/*
 * When an operation begins or ends, the child calls getppid(2) with these values as arguments. getppid(2) takes no
 * arguments. So no other code passes these values.
 */
enum { MARKER = 0x6d696f, BEGIN = 1, END = 2, DONE = 3 };

/* The number of operations that the child has run. The tracer must count the same number. */
static long operations;

void begin_operation(long allowed, const char *text, long line)
{
    operations++;
    syscall(SYS_getppid, MARKER, BEGIN, allowed, text, line);
}

void end_operation(void)
{
    syscall(SYS_getppid, MARKER, END);
}

/*
 * Returns the name of a system call, for messages about a wrong count. If the call is not in the table, returns the
 * number of the call.
 */
static const char *syscall_name(uint64_t number)
{
#define NAME(name)                                                                                                     \
    {                                                                                                                  \
        SYS_##name, #name                                                                                              \
    }
    static const struct {
        long number;
        const char *name;
    } names[] = {
        NAME(read),        NAME(write),       NAME(readv),      NAME(writev),     NAME(sendto),
        NAME(recvfrom),    NAME(sendmsg),     NAME(recvmsg),    NAME(close),      NAME(socket),
        NAME(bind),        NAME(listen),      NAME(accept4),    NAME(connect),    NAME(shutdown),
        NAME(getsockname), NAME(getpeername), NAME(getsockopt), NAME(setsockopt), NAME(epoll_ctl),
        NAME(epoll_pwait), NAME(eventfd2),    NAME(pipe2),      NAME(fcntl),      NAME(rt_sigprocmask),
        NAME(futex),       NAME(sendmmsg),    NAME(recvmmsg),   NAME(munmap),     NAME(brk),
        NAME(getpid),
#ifdef SYS_epoll_wait
        NAME(epoll_wait),
#endif
#ifdef SYS_mmap2
        NAME(mmap2),
#else
        NAME(mmap),
#endif
    };
#undef NAME
    static char unknown[24];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((uint64_t)names[i].number == number) {
            return names[i].name;
        }
    }
    snprintf(unknown, sizeof unknown, number == 441 ? "epoll_pwait2" : "%llu", (unsigned long long)number);
    return unknown;
}

/* The tracer's record of the traced child, and of the current operation of the child. */
typedef struct progress {
    bool inside;
    bool done;
    long wanted; /* how many operations the child has made, as the child reports at its end */
    trace_result result;
} progress;

/* Handles a marker. Returns false when an operation has ended with the wrong number of system calls. */
static bool note_marker(progress *p, const syscall_info *info)
{
    trace_result *r = &p->result;
    switch (info->arguments[1]) {
    case BEGIN:
        p->inside = true;
        r->allowed = (long)info->arguments[2];
        /* The child is a copy of this process, so its pointers are valid here. */
        r->text = (const char *)(uintptr_t)info->arguments[3];
        r->line = (long)info->arguments[4];
        r->made = 0;
        r->names[0] = '\0';
        return true;
    case END:
        p->inside = false;
        r->operations++;
        return r->made == r->allowed;
    default:
        p->done = true;
        p->wanted = (long)info->arguments[2];
        return true;
    }
}

/*
 * Handles a system call of the child. If the call is a marker, an operation begins or ends. During an operation, the
 * function counts all other calls.
 */
static bool note(progress *p, const syscall_info *info)
{
    if (info->number == SYS_getppid && info->arguments[0] == MARKER) {
        return note_marker(p, info);
    }
    /* If a machine reads the clock with a system call, the tracer does not count this call. */
    if (p->inside && info->number != SYS_clock_gettime) {
        size_t used = strlen(p->result.names);
        snprintf(p->result.names + used, sizeof p->result.names - used, " %s", syscall_name(info->number));
        p->result.made++;
    }
    return true;
}

/* Lets the child run to its next stop. Returns false if the child has ended. */
static bool next_stop(pid_t child, int *status, long *signal_number)
{
    ck_assert_int_eq(ptrace(PTRACE_SYSCALL, child, NULL, *signal_number), 0);
    ck_assert_int_eq(waitpid(child, status, 0), child);
    *signal_number = 0;
    if (WIFSTOPPED(*status) && WSTOPSIG(*status) != (SIGTRAP | 0x80)) {
        *signal_number = WSTOPSIG(*status);
    }
    return WIFSTOPPED(*status);
}

/* Starts a child that calls `scene`. The caller traces the child, and sees all system calls of the child. */
static pid_t start_scene(void (*scene)(int variant), int variant)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        operations = 0;
        scene(variant);
        syscall(SYS_getppid, MARKER, DONE, operations);
        _exit(EXIT_SUCCESS);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSTOPPED(status));
    ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
    return child;
}

trace_result trace(void (*scene)(int variant), int variant)
{
    int status = 0;
    long signal_number = 0;
    progress p;
    pid_t child = start_scene(scene, variant);
    memset(&p, 0, sizeof p);
    while (next_stop(child, &status, &signal_number)) {
        syscall_info info;
        memset(&info, 0, sizeof info);
        bool known = ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) > 0;
        if (known && signal_number == 0 && info.op == INFO_ENTRY && !note(&p, &info)) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return p.result;
        }
    }
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the scene ended with %#x", (unsigned)status);
    ck_assert(p.done);
    ck_assert_int_eq(p.result.operations, p.wanted);
    p.result.text = NULL;
    return p.result;
}

void expect_calls(void (*scene)(int variant), int variant)
{
    trace_result r = trace(scene, variant);
    ck_assert_msg(r.text == NULL, "line %ld: %s makes %ld system calls, not %ld:%s", r.line, r.text, r.made, r.allowed,
                  r.names);
    ck_assert_int_gt(r.operations, 0);
}

/* Returns true if this process may trace a child and the kernel reports the system calls (since Linux 5.3). */
static bool can_trace(void)
{
    int status = 0;
    bool can = false;
    pid_t child = fork();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0) {
            raise(SIGSTOP);
        }
        _exit(0);
    }
    if (child > 0 && waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
        syscall_info info;
        can = ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) > 0;
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
    }
    return can;
}

int run_traced_suite(Suite *(*make_suite)(void))
{
    if (under_valgrind() || !can_trace()) {
        printf("SKIPPED: tests of system calls: a child cannot be traced here, or its system calls are not its own\n");
        return 77;
    }
    return run_suite(make_suite);
}
