/* SPDX-License-Identifier: MIT */
/*
 * Replaces the functions of libc that close a descriptor. When a program closes a descriptor, kqueue(2) must remove the
 * knotes of this descriptor. But epoll keeps its entry for a file while a duplicate keeps the file open. So these
 * functions first remove the knotes with their entries, and then close the descriptor.
 */
#include "kqueue.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

void close_file(int fd)
{
    syscall(SYS_close, fd);
}

int close(int fd)
{
    if (fd >= 0) {
        forget_files((unsigned)fd, (unsigned)fd);
    }
    return (int)syscall(SYS_close, fd);
}

int dup3(int from, int to, int flags)
{
    if (from != to && to >= 0 && fcntl(from, F_GETFD) >= 0) {
        forget_files((unsigned)to, (unsigned)to);
    }
    return (int)syscall(SYS_dup3, from, to, flags);
}

int dup2(int from, int to)
{
    if (from == to) {
        return fcntl(from, F_GETFD) < 0 ? -1 : to;
    }
    return dup3(from, to, 0);
}

int close_range(unsigned first, unsigned last, int flags)
{
    if ((flags & (int)CLOSE_RANGE_CLOEXEC) == 0) {
        forget_files(first, last);
    }
    return (int)syscall(SYS_close_range, first, last, flags);
}

void closefrom(int first)
{
    close_range(first < 0 ? 0 : (unsigned)first, UINT_MAX, 0);
}
