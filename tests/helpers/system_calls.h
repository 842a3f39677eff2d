/* SPDX-License-Identifier: MIT */
/*
 * The numbers of system calls. A test passes such a number to refuse_system_call, and the system call then fails. On
 * systems other than Linux, refuse_system_call does not work, and the numbers mean nothing.
 */
#ifndef MIO_TESTS_SYSTEM_CALLS_H
#define MIO_TESTS_SYSTEM_CALLS_H

#ifdef __linux__
#include <sys/syscall.h>
#else
enum {
    SYS_accept4,
    SYS_epoll_create1,
    SYS_getsockopt,
    SYS_listen,
    SYS_madvise,
    SYS_recvmmsg,
    SYS_sendmmsg,
    SYS_socket,
    SYS_socketpair
};
#endif

#endif /* MIO_TESTS_SYSTEM_CALLS_H */
