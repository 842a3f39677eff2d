/* SPDX-License-Identifier: MIT */
/*
 * Installs seccomp filters that refuse system calls. On some processors, one system call has several numbers, and libc
 * uses one of them. If a filter refuses a call in call_names, the filter refuses all numbers of the call.
 */
#include "sockets.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* No system call has this number. */
#define NO_CALL UINT32_MAX

#ifdef SYS_fcntl64
#define FCNTL_64 SYS_fcntl64
#else
#define FCNTL_64 NO_CALL
#endif
#ifdef SYS_recvmmsg_time64
#define RECVMMSG_64 SYS_recvmmsg_time64
#else
#define RECVMMSG_64 NO_CALL
#endif
#ifdef SYS_sendfile64
#define SENDFILE_64 SYS_sendfile64
#else
#define SENDFILE_64 NO_CALL
#endif
#ifdef SYS_socketcall
#define MULTIPLEXER SYS_socketcall
#else
#define MULTIPLEXER NO_CALL
#endif

/*
 * System calls with several numbers. `number` is the usual number of a call. `other` is the second number of the call.
 * `within` is the number of the call in socketcall(2).
 */
static const struct call_name {
    uint32_t number;
    uint32_t other;
    uint32_t within;
} call_names[] = {
    {SYS_socket, NO_CALL, SYS_SOCKET},         {SYS_listen, NO_CALL, SYS_LISTEN},
    {SYS_accept4, NO_CALL, SYS_ACCEPT4},       {SYS_setsockopt, NO_CALL, SYS_SETSOCKOPT},
    {SYS_getsockopt, NO_CALL, SYS_GETSOCKOPT}, {SYS_sendmmsg, NO_CALL, SYS_SENDMMSG},
    {SYS_recvmmsg, RECVMMSG_64, SYS_RECVMMSG}, {SYS_sendfile, SENDFILE_64, NO_CALL},
};

static struct call_name name_of(uint32_t number)
{
    for (size_t i = 0; i < sizeof call_names / sizeof call_names[0]; i++) {
        if (call_names[i].number == number) {
            return call_names[i];
        }
    }
    return (struct call_name){number, NO_CALL, NO_CALL};
}

static bool install_filter(struct sock_filter *program, unsigned short length)
{
    const struct sock_fprog filter = {.len = length, .filter = program};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

/*
 * The offset of the low half of an argument. The low half comes first on little-endian machines, and second on
 * big-endian machines.
 */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARGUMENT(n) ((uint32_t)offsetof(struct seccomp_data, args[n]))
#else
#define ARGUMENT(n) ((uint32_t)offsetof(struct seccomp_data, args[n]) + 4)
#endif

bool refuse_flag_change(int command)
{
    const uint32_t request = command == F_SETFL ? FIONBIO : FIOCLEX;
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FCNTL_64, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 3, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(1)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)command, 3, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(1)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, request, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    return install_filter(program, sizeof program / sizeof program[0]);
}

bool refuse_system_call(int number, int code)
{
    const struct call_name name = name_of((uint32_t)number);
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, name.number, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, name.other, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MULTIPLEXER, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, name.within, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, code == TRAP ? SECCOMP_RET_TRAP : SECCOMP_RET_ERRNO | (uint32_t)code),
    };
    return install_filter(program, sizeof program / sizeof program[0]);
}

bool has_epoll_create(void)
{
#ifdef SYS_epoll_create
    return true;
#else
    return false;
#endif
}

bool refuse_epoll(int code)
{
#ifdef SYS_epoll_create
    if (!refuse_system_call(SYS_epoll_create, code)) {
        return false;
    }
#endif
    return refuse_system_call(SYS_epoll_create1, code);
}

bool refuse_poll(int code)
{
#ifdef SYS_poll
    if (!refuse_system_call(SYS_poll, code)) {
        return false;
    }
#endif
    return refuse_system_call(SYS_ppoll, code);
}

bool refuse_socket_option(int option, int code)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getsockopt, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setsockopt, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(2)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)option, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)code),
    };
    /* On a system with socketcall(2), return false, because this call passes its arguments in memory, and a filter
     * cannot read memory. */
    return MULTIPLEXER == NO_CALL && install_filter(program, sizeof program / sizeof program[0]);
}

bool refuse_sockets(int family, int code)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)family, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)code),
    };
    return MULTIPLEXER == NO_CALL && install_filter(program, sizeof program / sizeof program[0]);
}
