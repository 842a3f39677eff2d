/* SPDX-License-Identifier: MIT */
/* Checks results for the socket tests, and makes peers with system calls. */
#include "sockets.h"

#include "system.h"

#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- results ---------------------------------------------------------------------------------------------------- */

int64_t kept_at(const char *file, int line, const char *text, int64_t result)
{
    int code = errno;
    if (code != ERRNO_MARK && promises_errno(text)) {
        ck_abort_msg("%s:%d: %s changed errno to %s", file, line, text, errno_name(code));
    }
    return result;
}

void scribble(void *object, size_t size)
{
    memset(object, 0xa5, size);
}

bool is_zero(const void *object, size_t size)
{
    const unsigned char *bytes = object;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

bool under_valgrind(void)
{
    return getenv("MIO_VALGRIND") != NULL;
}

void skip_at(const char *file, int line, const char *reason)
{
    fprintf(stderr, "%s:%d: NOT RUN here: %s\n", file, line, reason);
}

/* ---- addresses -------------------------------------------------------------------------------------------------- */

mio_addr ipv4(int a, int b, int c, int d, uint16_t port)
{
    const uint8_t ip[4] = {(uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d};
    mio_addr addr;
    ck_assert_ok(mio_addr_from_ipv4(&addr, ip, port));
    return addr;
}

mio_addr ipv6(const char *text, uint16_t port)
{
    mio_addr addr;
    ck_assert_ok(mio_addr_parse_ip(&addr, text, port));
    return addr;
}

mio_addr with_port(mio_addr addr, int port)
{
    ck_assert_int_ge(port, 0);
    ck_assert_ok(mio_addr_set_port(&addr, (uint16_t)port));
    return addr;
}

mio_addr no_addr(void)
{
    mio_addr addr;
    memset(&addr, 0, sizeof addr);
    return addr;
}

mio_addr unix_addr(void)
{
    const struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/socket"};
    mio_addr addr;
    ck_assert_ok(mio_addr_from_sockaddr(&addr, &name, sizeof name));
    return addr;
}

void assert_addr_eq_at(const char *file, int line, const mio_addr *left, const mio_addr *right)
{
    char texts[2][MIO_ADDR_TEXT_SIZE];
    ck_assert_int_gt(mio_addr_format(left, texts[0], sizeof texts[0]), 0);
    ck_assert_int_gt(mio_addr_format(right, texts[1], sizeof texts[1]), 0);
    if (strcmp(texts[0], texts[1]) != 0 || mio_addr_compare(left, right) != 0) {
        ck_abort_msg("%s:%d: the address is %s, not %s", file, line, texts[0], texts[1]);
    }
}

mio_addr foreign_v4(void)
{
    return ipv4(198, 51, 100, 77, 0); /* TEST-NET-2 (RFC 5737): no host has this address */
}

/* ---- raw sockets ------------------------------------------------------------------------------------------------ */

static socklen_t to_sockaddr(const mio_addr *addr, struct sockaddr_storage *name)
{
    int length = mio_addr_to_sockaddr(addr, name, sizeof *name);
    ck_assert_int_gt(length, 0);
    return (socklen_t)length;
}

int raw_socket(int domain, int type)
{
    int fd = socket(domain, type, 0);
    ck_assert_int_ne(fd, -1);
    return fd;
}

static mio_addr name_of(int fd, int (*ask)(int fd, struct sockaddr *name, socklen_t *length))
{
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    mio_addr addr;
    ck_assert_int_eq(ask(fd, (struct sockaddr *)&name, &length), 0);
    ck_assert_ok(mio_addr_from_sockaddr(&addr, &name, length));
    return addr;
}

/*
 * In glibc, the address parameter of getsockname(2) and getpeername(2) is a transparent union. So name_of cannot take
 * these functions as `ask`. ask_local and ask_peer have the type of `ask`, and call these functions.
 */
static int ask_local(int fd, struct sockaddr *name, socklen_t *length)
{
    return getsockname(fd, name, length);
}

static int ask_peer(int fd, struct sockaddr *name, socklen_t *length)
{
    return getpeername(fd, name, length);
}

mio_addr raw_local_addr(int fd)
{
    return name_of(fd, ask_local);
}

mio_addr raw_peer_addr(int fd)
{
    return name_of(fd, ask_peer);
}

void raw_bind(int fd, const mio_addr *port0, mio_addr *addr)
{
    struct sockaddr_storage name;
    socklen_t length = to_sockaddr(port0, &name);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&name, length), 0);
    if (addr != NULL) {
        *addr = raw_local_addr(fd);
    }
}

static int domain_of(const mio_addr *addr)
{
    return mio_addr_family(addr) == MIO_ADDR_IPV6 ? AF_INET6 : AF_INET;
}

int raw_listener(const mio_addr *port0, int backlog, mio_addr *addr)
{
    int fd = raw_socket(domain_of(port0), SOCK_STREAM);
    raw_bind(fd, port0, addr);
    ck_assert_int_eq(listen(fd, backlog), 0);
    return fd;
}

int raw_udp(const mio_addr *port0, mio_addr *addr)
{
    int fd = raw_socket(domain_of(port0), SOCK_DGRAM);
    raw_bind(fd, port0, addr);
    return fd;
}

void raw_point(int fd, const mio_addr *addr)
{
    struct sockaddr_storage name;
    socklen_t length = to_sockaddr(addr, &name);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&name, length), 0);
}

int raw_connect(const mio_addr *addr)
{
    int fd = raw_socket(domain_of(addr), SOCK_STREAM);
    raw_point(fd, addr);
    return fd;
}

int raw_accept(int listener)
{
    wait_handle(listener, POLLIN);
    int fd = accept(listener, NULL, NULL);
    ck_assert_int_ne(fd, -1);
    return fd;
}

void raw_write(int fd, const void *buffer, size_t length)
{
    const char *bytes = buffer;
    for (size_t done = 0; done < length;) {
        ssize_t count = send(fd, bytes + done, length - done, MSG_NOSIGNAL);
        ck_assert_int_gt(count, 0);
        done += (size_t)count;
    }
}

void raw_read(int fd, void *buffer, size_t length)
{
    char *bytes = buffer;
    for (size_t done = 0; done < length;) {
        wait_handle(fd, POLLIN);
        ssize_t count = recv(fd, bytes + done, length - done, 0);
        ck_assert_int_gt(count, 0);
        done += (size_t)count;
    }
}

void raw_expect_end(int fd)
{
    char byte;
    wait_handle(fd, POLLIN);
    ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
}

void raw_send_to(int fd, const void *buffer, size_t length, const mio_addr *addr)
{
    struct sockaddr_storage name;
    socklen_t name_length = to_sockaddr(addr, &name);
    ck_assert_int_eq(sendto(fd, buffer, length, 0, (const struct sockaddr *)&name, name_length), (ssize_t)length);
}

int raw_option(int fd, int level, int name)
{
    int value = 0;
    socklen_t length = sizeof value;
    ck_assert_int_eq(getsockopt(fd, level, name, &value, &length), 0);
    return value;
}

void raw_set_option(int fd, int level, int name, int value)
{
    ck_assert_int_eq(setsockopt(fd, level, name, &value, sizeof value), 0);
}

void raw_reset(int fd)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close_fd(fd);
}

int raw_refusing_tcp(mio_addr *addr)
{
    mio_addr any = loopback_v4();
    int fd = raw_socket(AF_INET, SOCK_STREAM);
    raw_bind(fd, &any, addr);
    return fd;
}

int raw_refusing_udp(mio_addr *addr)
{
    mio_addr any = loopback_v4();
    mio_addr elsewhere = ipv4(127, 0, 0, 99, 9);
    int fd = raw_udp(&any, addr);
    raw_point(fd, &elsewhere);
    return fd;
}

/* ---- streams and long transfers --------------------------------------------------------------------------------- */

int connect_to_raw(mio_tcp_stream *stream, const mio_addr *port0)
{
    mio_addr addr;
    int listener = raw_listener(port0, 16, &addr);
    call_ok(mio_tcp_stream_connect(stream, &addr));
    int peer = raw_accept(listener);
    close_fd(listener);
    wait_handle(mio_tcp_stream_handle(stream), POLLOUT);
    call_ok(mio_tcp_stream_connect_finish(stream));
    return peer;
}

void register_connected(mio_poll *poll, mio_tcp_stream *stream, uintptr_t token, uint32_t interest)
{
    call_ok(mio_registry_register(mio_poll_registry(poll), &stream->source, token, interest));
    expect_events(poll, {token, MIO_WRITABLE});
}

/* The bytes of the pattern repeat after PERIOD bytes. PERIOD is a prime, so the length of a chunk is seldom a multiple
 * of PERIOD. So if a chunk is lost, duplicated or misplaced, the bytes after it do not match the pattern. */
enum { PERIOD = 251 };

void fill_pattern(void *buffer, size_t length, uint64_t offset)
{
    uint8_t *bytes = buffer;
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)((offset + i) % PERIOD);
    }
}

void assert_pattern_at(const char *file, int line, const void *buffer, size_t length, uint64_t offset)
{
    const uint8_t *bytes = buffer;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != (uint8_t)((offset + i) % PERIOD)) {
            ck_abort_msg("%s:%d: byte %llu of the transfer is wrong", file, line, (unsigned long long)(offset + i));
        }
    }
}

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

size_t beyond_32_bits(uint32_t low)
{
    return sizeof(size_t) > sizeof low ? (size_t)((UINT64_C(1) << 32) + low) : SIZE_MAX;
}

uint32_t loopback_index(void)
{
    unsigned number = if_nametoindex("lo");
    number = number != 0 ? number : if_nametoindex("lo0");        /* the BSDs and macOS */
    number = number != 0 ? number : if_nametoindex("loopback_0"); /* Windows */
    number = number != 0 ? number : if_nametoindex("loopback_1"); /* Wine */
    ck_assert_uint_ne(number, 0);
    return number;
}

int system_setting(const char *path)
{
    int value = 0;
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%d", &value), 1);
    fclose(file);
    return value;
}
