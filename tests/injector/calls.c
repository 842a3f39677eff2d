/* SPDX-License-Identifier: MIT */
/*
 * Defines each libc function that the library calls and that can fail. The library calls these functions instead of
 * libc's, so the test can make each call fail. tests/injector/errors.sh compares the list in CALLS with the imports of
 * libmio.so. Each function here has a C name that begins with "injected_", but its symbol is the name of the libc
 * function. Every parameter is a long, so each argument of the libc functions must fit into a long.
 */
#include "injector.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

static _Thread_local bool armed;
static _Thread_local int wanted_point;
static _Thread_local int wanted_variant;
static _Thread_local int calls;
static _Thread_local long blocks;
static _Thread_local const char *failed_name;
static _Thread_local int failed_error;
static _Thread_local bool past_variants;
static _Thread_local bool wants_transfer; /* whether the injector counts only calls that move bytes or messages */
static _Thread_local size_t wanted_count; /* the call moves at most this many bytes or messages */
static _Thread_local int wanted_error;    /* if not 0, the call fails with this error, and moves nothing */

void injector_arm(int point, int variant)
{
    wants_transfer = false;
    wanted_point = point;
    wanted_variant = variant;
    calls = 0;
    blocks = 0;
    failed_name = NULL;
    past_variants = false;
    armed = true;
}

void injector_arm_transfer(int point, size_t most, int error)
{
    injector_arm(point, 0);
    wants_transfer = true;
    wanted_count = most;
    wanted_error = error;
}

bool injector_disarm(const char **name, int *error)
{
    armed = false;
    *name = failed_name;
    *error = failed_error;
    failed_name = NULL;
    return *name != NULL;
}

bool injector_is_past(void)
{
    return calls < wanted_point || past_variants;
}

long injector_memory(void)
{
    return blocks;
}

/* Returns whether this call must fail. If the call must fail, sets errno. `errors` ends with 0. */
static bool fails(const char *name, const int *errors)
{
    if (!armed || wants_transfer || ++calls != wanted_point) {
        return false;
    }
    for (int i = 0; i < wanted_variant; i++) {
        if (errors[i] == 0) {
            past_variants = true;
            return false;
        }
    }
    past_variants = errors[wanted_variant] == 0;
    if (past_variants) {
        return false;
    }
    failed_name = name;
    failed_error = errno = errors[wanted_variant];
    return true;
}

typedef long words(long, long, long, long, long, long, long);

static words *next(words **cached, const char *name)
{
    if (*cached == NULL) {
        *(void **)(void *)cached = dlsym(RTLD_NEXT, name);
    }
    return *cached;
}

/* Makes the call of libc. If the call is the transfer with the number `wanted_point`, this function shortens the
 * transfer, or fails with `wanted_error` without making the call. */
static long call_real(words *real, const char *name, long *w)
{
    bool is_point = armed && wants_transfer && injector_is_transfer(name) && ++calls == wanted_point;
    if (is_point && wanted_error != 0) {
        failed_name = name;
        failed_error = errno = wanted_error;
        return -1;
    }
    bool is_short = is_point && injector_shorten(name, w, wanted_count);
    long result = real(w[0], w[1], w[2], w[3], w[4], w[5], w[6]);
    if (is_short) {
        injector_restore();
        /* An older kernel rejects pwritev2. Then shorten the call that the library makes instead. */
        if ((int)result == -1) {
            calls--;
        } else {
            failed_name = name;
        }
    }
    return result;
}

#define EXPORTED __attribute__((used, visibility("default")))
#define RECEIVING EAGAIN, ENOMEM, ECONNRESET
#define SENDING EAGAIN, ENOMEM, ENOBUFS, EPIPE, ECONNRESET
#define OPENING EMFILE, ENFILE, ENOMEM

/* CALL(name, its result when it fails, the plausible errors) */
#define CALLS                                                                                                          \
    CALL(accept, -1, OPENING, EAGAIN, ENOBUFS, ECONNABORTED, EPERM)                                                    \
    CALL(accept4, -1, OPENING, EAGAIN, ENOBUFS, ECONNABORTED, EPERM)                                                   \
    CALL(bind, -1, EADDRINUSE, EADDRNOTAVAIL, EACCES, ENOMEM)                                                          \
    CALL(connect, -1, EINTR, EAGAIN, ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL, ENOBUFS, ENOMEM, EPERM)                 \
    CALL(epoll_create, -1, OPENING)                                                                                    \
    CALL(epoll_create1, -1, OPENING, ENOSYS, EPERM, EACCES)                                                            \
    CALL(epoll_ctl, -1, ENOMEM, ENOSPC)                                                                                \
    CALL(epoll_pwait, -1, EINTR)                                                                                       \
    CALL(epoll_pwait2, -1, ENOSYS, EPERM, EACCES, EINTR)                                                               \
    CALL(epoll_wait, -1, EINTR)                                                                                        \
    CALL(eventfd, -1, OPENING, ENOSYS, EPERM, EACCES)                                                                  \
    CALL(fcntl, -1, EBADF)                                                                                             \
    CALL(fchmod, -1, EPERM)                                                                                            \
    CALL(fchmodat, -1, EPERM, EACCES)                                                                                  \
    CALL(flock, -1, EINTR, ENOLCK)                                                                                     \
    CALL(fstatfs, -1, ENOSYS)                                                                                          \
    CALL(fstat, -1, ENOMEM)                                                                                            \
    CALL(getpeername, -1, ENOBUFS)                                                                                     \
    CALL(getsockname, -1, ENOBUFS)                                                                                     \
    CALL(getsockopt, -1, ENOBUFS, ENOMEM)                                                                              \
    CALL(ioctl, -1, ENOMEM)                                                                                            \
    CALL(listen, -1, EADDRINUSE)                                                                                       \
    CALL(lstat, -1, ENOENT, EACCES, ENOMEM)                                                                            \
    CALL(madvise, -1, EINVAL)                                                                                          \
    CALL(mmap, -1, ENOMEM)                                                                                             \
    CALL(nanosleep, -1, EINTR)                                                                                         \
    CALL(open, -1, OPENING, EINTR, EACCES, ENOENT)                                                                     \
    CALL(pipe2, -1, OPENING, EPERM, EACCES)                                                                            \
    CALL(poll, -1, EINTR, ENOMEM)                                                                                      \
    CALL(ppoll, -1, EINTR, ENOMEM, ENOSYS, EPERM, EACCES)                                                              \
    CALL(pwritev2, -1, ENOSYS, EACCES, EOPNOTSUPP, EAGAIN, EINTR)                                                      \
    CALL(read, -1, RECEIVING, EINTR)                                                                                   \
    CALL(readv, -1, RECEIVING)                                                                                         \
    CALL(recv, -1, RECEIVING)                                                                                          \
    CALL(recvfrom, -1, RECEIVING)                                                                                      \
    CALL(recvmmsg, -1, RECEIVING, ENOSYS)                                                                              \
    CALL(recvmsg, -1, RECEIVING)                                                                                       \
    CALL(send, -1, SENDING)                                                                                            \
    CALL(sendfile, -1, EAGAIN, ENOMEM, EIO, EPIPE, ECONNRESET)                                                         \
    CALL(sendmmsg, -1, SENDING, ENOSYS)                                                                                \
    CALL(sendmsg, -1, SENDING)                                                                                         \
    CALL(sendto, -1, SENDING)                                                                                          \
    CALL(setsockopt, -1, ENOMEM, ENOBUFS)                                                                              \
    CALL(shutdown, -1, ENOTCONN)                                                                                       \
    CALL(signalfd, -1, OPENING)                                                                                        \
    CALL(sigtimedwait, -1, EINTR)                                                                                      \
    CALL(socket, -1, OPENING, ENOBUFS, EACCES, EAFNOSUPPORT)                                                           \
    CALL(socketpair, -1, OPENING, ENOBUFS)                                                                             \
    CALL(splice, -1, EAGAIN, ENOMEM, ECONNRESET)                                                                       \
    CALL(syscall, -1, ENOSYS, EPERM, EINTR, ENOMEM)                                                                    \
    CALL(unlink, -1, ENOENT, EACCES, EBUSY)                                                                            \
    CALL(write, -1, SENDING, EINTR)                                                                                    \
    CALL(writev, -1, SENDING)                                                                                          \
    CALL(malloc, 0, ENOMEM)                                                                                            \
    CALL(calloc, 0, ENOMEM)                                                                                            \
    CALL(realloc, 0, ENOMEM)                                                                                           \
    CALL(posix_memalign, ENOMEM, ENOMEM)

/* A failed allocation returns null or ENOMEM, not -1. */
#define CALL(name, failure, ...)                                                                                       \
    long injected_##name(long, long, long, long, long, long, long) __asm__(#name) EXPORTED;                            \
    long injected_##name(long a, long b, long c, long d, long e, long f, long g)                                       \
    {                                                                                                                  \
        static const int errors[] = {__VA_ARGS__, 0};                                                                  \
        static words *real;                                                                                            \
        if (fails(#name, errors)) {                                                                                    \
            return failure;                                                                                            \
        }                                                                                                              \
        blocks += armed && (failure) != -1 && !(sizeof #name == sizeof "realloc" && a != 0 && #name[0] == 'r');        \
        return call_real(next(&real, #name), #name, (long[]){a, b, c, d, e, f, g});                                    \
    }
CALLS

/* close(2) closes the descriptor even if it returns an error. */
long injected_close(long fd) __asm__("close") EXPORTED;
long injected_close(long fd)
{
    static const int errors[] = {EINTR, EIO, 0};
    static words *real;
    long result = next(&real, "close")(fd, 0, 0, 0, 0, 0, 0);
    return fails("close", errors) ? -1 : result;
}

void injected_free(void *block) __asm__("free") EXPORTED;
void injected_free(void *block)
{
    static words *real;
    blocks -= armed && block != NULL;
    next(&real, "free")((long)block, 0, 0, 0, 0, 0, 0);
}
