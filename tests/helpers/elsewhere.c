/* SPDX-License-Identifier: MIT */
/* Defines the helpers of linux.c for other systems. */
#include "sockets.h"
#include "system.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

bool have_filters(void)
{
    return false;
}

void refuse_recent_calls(int code)
{
    ck_abort_msg("this system has no filter that refuses calls with %s", errno_name(code));
}

bool is_traced(void)
{
    return false;
}

bool can_write_quietly(int fd)
{
    (void)fd;
    return false;
}

int count_descriptors(void)
{
    const long most = sysconf(_SC_OPEN_MAX);
    int count = 0;
    for (int fd = 0; fd < most; fd++) {
        count += is_open(fd);
    }
    return count;
}

int thread_id(void)
{
    return 1;
}

bool queue_to_this_thread(int number, int value)
{
    (void)number;
    (void)value;
    return false;
}

bool can_cancel_exact_wait(const char *backend)
{
    (void)backend;
    return true;
}

/* No portable call reports whether a thread sleeps, so this function gives the thread time to fall asleep. */
void wait_until_asleep(int tid)
{
    (void)tid;
    (void)poll(NULL, 0, 100);
}

/* No portable call binds a thread to a processor. */
void stay_on_one_cpu(void) {}

void wait_until_queued(int listener, int count)
{
    (void)listener;
    (void)count;
    (void)poll(NULL, 0, 100);
}

bool enter_empty_network(void)
{
    return false;
}

bool reject_route(const mio_addr *host)
{
    (void)host;
    return false;
}

bool add_loopback_address(const mio_addr *addr)
{
    (void)addr;
    return false;
}

bool set_loopback_up(bool up)
{
    (void)up;
    return false;
}

bool set_loopback_mtu(int mtu)
{
    (void)mtu;
    return false;
}

bool route_ipv6_groups(void)
{
    return false;
}

bool refuse_flag_change(int command)
{
    (void)command;
    return false;
}

bool refuse_system_call(int number, int code)
{
    (void)number;
    (void)code;
    return false;
}

bool refuse_sockets(int family, int code)
{
    (void)family;
    (void)code;
    return false;
}

bool refuse_socket_option(int option, int code)
{
    (void)option;
    (void)code;
    return false;
}
