/* SPDX-License-Identifier: MIT */
/*
 * Helpers of the socket tests, in addition to harness.h. Some helpers check that a failed call does not change its
 * arguments or errno. Some helpers open a socket with system calls, without mio, as the peer of a socket of mio. Other
 * helpers run a test in a separate process or network namespace.
 */
#ifndef MIO_TESTS_SOCKETS_H
#define MIO_TESTS_SOCKETS_H

#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/*
 * These macros check the result of a call. If the called function promises to keep errno, they also check errno.
 *
 *     call_ok(mio_udp_socket_bind(&socket, &addr));
 *     call_counts(mio_udp_socket_send(&socket, "abc", 3), 3);
 *     call_fails(mio_udp_socket_bind(NULL, &addr), EINVAL);
 *     call_fails_keeping(&addr, mio_udp_socket_peer_addr(&socket, &addr), ENOTCONN); // addr is unchanged, too
 */
#define call_ok(call) ck_assert_ok(kept(call))
#define call_counts(call, count) ck_assert_count(kept(call), count)
#define call_fails(call, code) ck_assert_errno(kept(call), -(code))
#define call_fails_keeping(object, call, code)                                                                         \
    do {                                                                                                               \
        unsigned char before_[sizeof *(object)];                                                                       \
        memcpy(before_, (object), sizeof before_);                                                                     \
        call_fails(call, code);                                                                                        \
        ck_assert_mem_eq((object), before_, sizeof before_);                                                           \
    } while (0)

/*
 * Makes a call and returns its result. The test fails if the call has changed errno although the function promises to
 * keep errno.
 */
#define kept(call) (errno = ERRNO_MARK, kept_at(__FILE__, __LINE__, #call, (int64_t)(call)))
#define kept_void(call)                                                                                                \
    do {                                                                                                               \
        errno = ERRNO_MARK;                                                                                            \
        call;                                                                                                          \
        kept_at(__FILE__, __LINE__, #call, 0);                                                                         \
    } while (0)
enum { ERRNO_MARK = 4099 }; /* no system has an error with this number */
int64_t kept_at(const char *file, int line, const char *text, int64_t result);

/*
 * The function scribble fills an object with bytes that an open source never contains. The function is_zero returns
 * whether all bytes of an object are zero.
 */
void scribble(void *object, size_t size);
bool is_zero(const void *object, size_t size);

/*
 * Returns the address of memory without any access rights. If a system call uses this memory, Valgrind reports an
 * error, so do not use this memory under Valgrind.
 */
void *bad_memory(void);

/* Returns whether the test runs under Valgrind. Valgrind handles system calls itself, and changes some results. */
bool under_valgrind(void);

/* Reports prominently that a test, or a part of a test, does not run here, and prints the reason. */
#define skip(reason) skip_at(__FILE__, __LINE__, (reason))
void skip_at(const char *file, int line, const char *reason);

/* Addresses. */
mio_addr ipv4(int a, int b, int c, int d, uint16_t port);
mio_addr ipv6(const char *text, uint16_t port);
mio_addr with_port(mio_addr addr, int port);
mio_addr no_addr(void);
mio_addr unix_addr(void);
#define assert_addr_eq(left, right) assert_addr_eq_at(__FILE__, __LINE__, (left), (right))
void assert_addr_eq_at(const char *file, int line, const mio_addr *left, const mio_addr *right);

/* Returns an address that this machine does not have, so that bind(2) fails with EADDRNOTAVAIL. */
mio_addr foreign_v4(void);

/*
 * These functions open sockets with system calls, without mio. The sockets are blocking and not close-on-exec, as a
 * careless program makes them. A function with a `port0` argument binds the socket to the address `port0`, and
 * stores the bound address in `addr`. Close the sockets with close_fd.
 */
int raw_socket(int domain, int type);
mio_addr raw_local_addr(int fd);
mio_addr raw_peer_addr(int fd);
void raw_bind(int fd, const mio_addr *port0, mio_addr *addr);
int raw_listener(const mio_addr *port0, int backlog, mio_addr *addr);
int raw_udp(const mio_addr *port0, mio_addr *addr);
int raw_connect(const mio_addr *addr);
int raw_accept(int listener);
void raw_write(int fd, const void *buffer, size_t length); /* writes all bytes */
void raw_read(int fd, void *buffer, size_t length);        /* reads all bytes */
void raw_expect_end(int fd);                               /* reads, and checks that the result is 0 */
void raw_send_to(int fd, const void *buffer, size_t length, const mio_addr *addr);
int raw_option(int fd, int level, int name);
void raw_set_option(int fd, int level, int name, int value);

/* Closes a TCP connection so that the peer gets a reset. */
void raw_reset(int fd);

/*
 * raw_refusing_tcp and raw_refusing_udp bind a socket to a port on 127.0.0.1, and store the address of the socket in
 * `addr`. The socket of raw_refusing_tcp does not listen, so the port refuses connections. The socket of
 * raw_refusing_udp is connected to another address, so the port refuses datagrams. raw_point connects a UDP socket to
 * `addr`. The socket then receives only from `addr`, and write(2) sends to `addr`.
 */
int raw_refusing_tcp(mio_addr *addr);
int raw_refusing_udp(mio_addr *addr);
void raw_point(int fd, const mio_addr *addr);

/* Connects a stream of mio to a listening socket, and accepts the connection with a system call. Returns the accepted
 * socket, which is blocking. */
int connect_to_raw(mio_tcp_stream *stream, const mio_addr *port0);

/* Registers a stream that is connecting, and waits for the writable event that reports the connection. */
void register_connected(mio_poll *poll, mio_tcp_stream *stream, uintptr_t token, uint32_t interest);

/*
 * Long transfers send the bytes of a fixed pattern. fill_pattern fills a buffer with the part of the pattern that
 * begins at position `offset`. assert_pattern checks that a buffer contains this part.
 */
void fill_pattern(void *buffer, size_t length, uint64_t offset);
#define assert_pattern(buffer, length, offset) assert_pattern_at(__FILE__, __LINE__, (buffer), (length), (offset))
void assert_pattern_at(const char *file, int line, const void *buffer, size_t length, uint64_t offset);

/*
 * After refuse_descriptors, opening another descriptor fails with EMFILE. If the process closes one descriptor, it can
 * open one descriptor. After refuse_descriptors_from, no new descriptor gets the number `lowest` or a higher number.
 * After allow_descriptors, opening descriptors works again.
 */
void refuse_descriptors(void);
void refuse_descriptors_from(int lowest);
void allow_descriptors(void);

/* Keeps this thread on one processor, so that its datagrams arrive in the order of the sends. */
void stay_on_one_cpu(void);

/* Waits until the backlog of a listener has `count` connections. */
void wait_until_queued(int listener, int count);

/* Gives SIGPIPE its default disposition and unblocks SIGPIPE, so that a SIGPIPE kills the process. */
void make_sigpipe_deadly(void);

/*
 * If the signal is pending, drops the signal, because its default action would end the process. Then sets the default
 * action, and returns the earlier handler. A signal can still be pending because Valgrind delivers signals late.
 */
void (*forget_signal(int number))(int);

/* Sends this thread a signal with a value, as pthread_sigqueue(3) of glibc does. */
bool queue_to_this_thread(int number, int value);

/*
 * A test can change the privileges, the namespaces or the seccomp filters of its process. run_apart runs the body of
 * such a test in a child process. The body returns 0, or the number of the line that failed. In the body use `require`,
 * not the assertions of libcheck. The body returns SKIPPED if this system does not allow the test.
 */
enum { SKIPPED = -1 };
#define require(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            return __LINE__;                                                                                           \
        }                                                                                                              \
    } while (0)
#define run_apart(body, context) run_apart_at(__FILE__, __LINE__, (body), (context))
int run_apart_at(const char *file, int line, int (*body)(void *context), void *context);

/*
 * Ends the calling process, which must be a child of fork(2). Unlike _exit(2), this function lets "make coverage" count
 * the lines that the child has run.
 */
_Noreturn void end_child(int status);

/*
 * Moves this process into a new network, which has only a loopback interface. The interface is up. run_apart must have
 * started this process.
 */
bool enter_empty_network(void);

/*
 * These functions change the network that enter_empty_network has made. reject_route adds a route that rejects packets
 * to an IPv4 address. add_loopback_address adds an address to the loopback interface. set_loopback_up turns this
 * interface on or off. set_loopback_mtu sets its MTU. route_ipv6_groups adds a route to IPv6 groups over this
 * interface. Each function returns true if it has made the change.
 */
bool reject_route(const mio_addr *host);
bool set_loopback_up(bool up);
bool add_loopback_address(const mio_addr *addr);
bool set_loopback_mtu(int mtu);
bool route_ipv6_groups(void);

/* Takes all privileges away from this process, which run_apart must have started. */
bool drop_privileges(void);

/*
 * From now on, fcntl(2) with the command `command` fails with EPERM in this process, and so does the equivalent
 * ioctl(2). `command` is F_SETFL or F_SETFD. run_apart must have started this process.
 */
bool refuse_flag_change(int command);

/*
 * Makes the system call `number` fail in this thread from now on, with the error `code`. This change is permanent. So
 * call this function only in a process that run_apart has started, or in a thread that the test has started for this
 * purpose. If Linux has several numbers for the system call, such as a second number for 64-bit times, the system call
 * fails under each number. If `code` is TRAP, the system call raises SIGSYS, as on Android.
 */
#define TRAP (-1)
bool refuse_system_call(int number, int code);

/*
 * From now on, epoll_create(2) and epoll_create1(2) fail with the error `code`. Some processors have only
 * epoll_create1(2).
 */
bool refuse_epoll(int code);
bool has_epoll_create(void);

/*
 * From now on, poll(2) fails with the error `code` in this process. On some processors, poll(2) makes the system call
 * ppoll, so that call fails too. run_apart must have started this process. Only Linux has this function.
 */
bool refuse_poll(int code);

/*
 * Makes a socket option fail with `code` in this process. With ENOPROTOOPT, the kernel seems not to know the option.
 * run_apart must have started this process. Returns false if a seccomp filter cannot see the arguments of the call on
 * this system.
 */
bool refuse_socket_option(int option, int code);

/*
 * Makes socket(2) fail with `code` for sockets of a family in this process. With EAFNOSUPPORT, this is what
 * RestrictAddressFamilies= of systemd does. run_apart must have started this process. Returns false if a seccomp filter
 * cannot see the arguments of the call on this system.
 */
bool refuse_sockets(int family, int code);

/* Returns the count 2^32 + `low`. If size_t has only 32 bits, returns SIZE_MAX. */
size_t beyond_32_bits(uint32_t low);

/* loopback_index returns the index of the loopback interface. system_setting returns the number in the file `path` of
 * /proc. */
uint32_t loopback_index(void);
int system_setting(const char *path);

#endif /* MIO_TESTS_SOCKETS_H */
