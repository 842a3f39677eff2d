/* SPDX-License-Identifier: MIT */
/* The parts of the helpers that need Linux: seccomp filters, files of /proc, namespaces. */
#include "sockets.h"
#include "system.h"

#include <dirent.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

/* Passes a null filter. The kernel rejects it with EFAULT if the kernel has filters, and with EINVAL otherwise. */
bool have_filters(void)
{
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == -1 && errno != EINVAL;
}

/*
 * The filter refuses only epoll_pwait2 and eventfd2. To find these system calls, the filter checks their numbers. The
 * numbers depend on the architecture. But the filter need not check the architecture, because all calls of this program
 * use the numbers of one architecture.
 */
void refuse_recent_calls(int code)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_eventfd2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)code),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof program[0], .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0) {
        ck_abort_msg("cannot install a seccomp filter: %s", errno_name(errno));
    }
    /* This check calls only eventfd2, because a sandbox like Android's ends a process that calls epoll_pwait2. */
    ck_assert_msg(syscall(SYS_eventfd2, 0, 0) == -1 && errno == code, "the seccomp filter does not refuse eventfd2");
}

bool is_traced(void)
{
    char line[256];
    int tracer = 0;
    FILE *status = fopen("/proc/self/status", "re");
    if (status == NULL) {
        return false;
    }
    while (fgets(line, sizeof line, status) != NULL && sscanf(line, "TracerPid: %d", &tracer) != 1) {}
    fclose(status);
    return tracer != 0;
}

/* 0x100 is RWF_NOSIGNAL, which exists since Linux 6.18. Older kernels reject this flag. */
bool can_write_quietly(int fd)
{
    return syscall(SYS_pwritev2, fd, NULL, 0, -1L, -1L, 0x100) == 0;
}

int count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = -1; /* the descriptor of `dir` does not count */
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    return count;
}

int thread_id(void)
{
    return (int)syscall(SYS_gettid);
}

bool queue_to_this_thread(int number, int value)
{
    siginfo_t info = {.si_signo = number, .si_code = SI_QUEUE};
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = value;
    return syscall(SYS_rt_tgsigqueueinfo, getpid(), thread_id(), number, &info) == 0;
}

/*
 * If the C library lacks epoll_pwait2, mio makes this system call directly. The direct call is not a cancellation
 * point; see mio_cancellation(7).
 */
extern int epoll_pwait2(int fd, struct epoll_event *events, int capacity, const struct timespec *timeout,
                        const sigset_t *mask) __attribute__((weak));

bool can_cancel_exact_wait(const char *backend)
{
    return epoll_pwait2 != NULL || strcmp(backend, "epoll") != 0;
}

void wait_until_asleep(int tid)
{
    char path[64];
    char line[512];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    for (;;) {
        FILE *stat = fopen(path, "re");
        ck_assert_ptr_nonnull(stat);
        const char *text = fgets(line, sizeof line, stat);
        ck_assert_ptr_nonnull(text);
        fclose(stat);
        const char *state = strrchr(line, ')');
        ck_assert_ptr_nonnull(state);
        if (state[2] == 'S') {
            return;
        }
        sched_yield();
    }
}

void stay_on_one_cpu(void)
{
    cpu_set_t set;
    int cpu = sched_getcpu();
    ck_assert_int_ge(cpu, 0);
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    ck_assert_int_eq(sched_setaffinity(0, sizeof set, &set), 0);
}

/* For a listener, the kernel reports in tcpi_unacked how many connections wait in the backlog. */
void wait_until_queued(int listener, int count)
{
    struct tcp_info info;
    socklen_t length = sizeof info;
    for (;;) {
        ck_assert_int_eq(getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
        if (info.tcpi_unacked >= (unsigned)count) {
            return;
        }
        poll(NULL, 0, 1);
    }
}

bool set_loopback_up(bool up)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_RUNNING | IFF_LOOPBACK};
    request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd == -1) {
        return false;
    }
    int rc = ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
    return rc == 0;
}

bool enter_empty_network(void)
{
    return (unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) && set_loopback_up(true);
}

/* On Linux, ioctl(2) adds a second address to an interface only under a second name, such as "lo:0". */
bool add_loopback_address(const mio_addr *addr)
{
    struct ifreq request = {.ifr_name = "lo:0"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool done = mio_addr_to_sockaddr(addr, &request.ifr_addr, sizeof request.ifr_addr) > 0 &&
                ioctl(fd, SIOCSIFADDR, &request) == 0;
    close(fd);
    return done;
}

bool set_loopback_mtu(int mtu)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_mtu = mtu};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool done = ioctl(fd, SIOCSIFMTU, &request) == 0;
    close(fd);
    return done;
}

bool reject_route(const mio_addr *host)
{
    struct rtentry route = {.rt_flags = RTF_UP | RTF_REJECT | RTF_HOST};
    const struct sockaddr_in mask = {.sin_family = AF_INET, .sin_addr = {INADDR_BROADCAST}};
    memcpy(&route.rt_genmask, &mask, sizeof mask);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool done = mio_addr_to_sockaddr(host, &route.rt_dst, sizeof route.rt_dst) > 0 && ioctl(fd, SIOCADDRT, &route) == 0;
    close(fd);
    return done;
}

/* Adds a local route (RTF_LOCAL) to IPv6 multicast groups over the loopback interface. With any other route, Linux
 * drops the packets. */
bool route_ipv6_groups(void)
{
    union {
        struct rtentry room; /* valgrind reads this longer structure for every route */
        struct in6_rtmsg route;
    } request;
    memset(&request, 0, sizeof request);
    request.route.rtmsg_dst.s6_addr[0] = 0xff;
    request.route.rtmsg_dst_len = 8;
    request.route.rtmsg_metric = 256;
    request.route.rtmsg_flags = (uint32_t)RTF_UP | (uint32_t)RTF_LOCAL;
    request.route.rtmsg_ifindex = (int)loopback_index();
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int rc = ioctl(fd, SIOCADDRT, &request);
    close(fd);
    return rc == 0;
}
