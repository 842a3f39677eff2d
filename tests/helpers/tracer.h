/* SPDX-License-Identifier: MIT */
/*
 * Counts the system calls of each operation exactly. A scene is a function that runs some operations. Each scene runs
 * in a child traced with ptrace(2). Markers show where an operation begins and ends, and how many calls the operation
 * may make. A marker is a system call with arguments that no other code uses. A library that is built with sanitizers
 * makes the same system calls, so the tests also work with sanitizers.
 */
#ifndef MIO_TESTS_TRACER_H
#define MIO_TESTS_TRACER_H

#include "harness.h"

/* In the child, checks that the call makes exactly `count` system calls, and that it either succeeds or would block. */
#define CALLS(count, call)                                                                                             \
    do {                                                                                                               \
        begin_operation((count), #call, __LINE__);                                                                     \
        int64_t result_ = (int64_t)(call);                                                                             \
        end_operation();                                                                                               \
        ck_assert_msg(result_ >= 0 || result_ == -EAGAIN, "%s is %s", #call, errno_name(result_));                     \
    } while (0)
#define CALLS_VOID(count, call)                                                                                        \
    do {                                                                                                               \
        begin_operation((count), #call, __LINE__);                                                                     \
        call;                                                                                                          \
        end_operation();                                                                                               \
    } while (0)
void begin_operation(long allowed, const char *text, long line);
void end_operation(void);

/* Runs a scene. The test fails at the first operation that makes a wrong number of system calls. */
void expect_calls(void (*scene)(int variant), int variant);

/* Describes the first operation that makes a wrong number of system calls in a scene. If every operation makes the
 * right number, `text` is null. */
typedef struct trace_result {
    int operations;
    const char *text;
    long line;
    long allowed;
    long made;
    char names[256];
} trace_result;
trace_result trace(void (*scene)(int variant), int variant);

/*
 * Returns the result of run_suite. Returns 77 if the process runs under Valgrind, which makes system calls of its own,
 * or if the process cannot trace a child.
 */
int run_traced_suite(Suite *(*make_suite)(void));

#endif /* MIO_TESTS_TRACER_H */
