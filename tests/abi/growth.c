/* SPDX-License-Identifier: MIT */
/*
 * Uses every struct that has a `size`. tests/abi/growth.sh makes a second copy of the headers, and adds a member
 * `added_later` to each struct there. growth.sh builds this program and the library with the original headers, and
 * again with the copy. Then it runs each program with each library.
 */
#include <errno.h>
#include <mio.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("    line %d: %s\n", __LINE__, #condition);                                                         \
            failed = 1;                                                                                                \
        }                                                                                                              \
    } while (0)
#define EXPECT(call, wanted)                                                                                           \
    do {                                                                                                               \
        const long long got_ = (call);                                                                                 \
        if (got_ != (long long)(wanted)) {                                                                             \
            printf("    line %d: %s is %lld, not %lld\n", __LINE__, #call, got_, (long long)(wanted));                 \
            failed = 1;                                                                                                \
        }                                                                                                              \
    } while (0)

static int failed;

/* A struct, and guard bytes after the struct. The program and the library must not write to the guard bytes. */
#define GUARDED(type, init)                                                                                            \
    struct {                                                                                                           \
        type it;                                                                                                       \
        unsigned char guard[64];                                                                                       \
    } guarded = {init, {0}};                                                                                           \
    memset(guarded.guard, 0x5a, sizeof guarded.guard);                                                                 \
    type *const it = &guarded.it
#define CHECK_GUARD()                                                                                                  \
    do {                                                                                                               \
        for (size_t i_ = 0; i_ < sizeof guarded.guard; i_++) {                                                         \
            if (guarded.guard[i_] != 0x5a) {                                                                           \
                printf("    line %d: byte %zu behind the struct was written\n", __LINE__, i_);                         \
                failed = 1;                                                                                            \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

/* Checks that a call fails if the member `size` is too small, or if a member that the library does not know is not
 * 0. */
#ifdef GROWN
#define FIRST_SIZE(type) offsetof(type, added_later)
#else
#define FIRST_SIZE(type) sizeof(type)
#endif
#define EXPECT_SIZE_ERRORS(type, call)                                                                                 \
    do {                                                                                                               \
        it->size = (uint32_t)FIRST_SIZE(type) - 1;                                                                     \
        EXPECT(call, -EINVAL);                                                                                         \
        it->size = 0;                                                                                                  \
        EXPECT(call, -EINVAL);                                                                                         \
        it->size = sizeof(type) + 32;                                                                                  \
        EXPECT(call, -E2BIG);                                                                                          \
        it->size = sizeof(type);                                                                                       \
        EXPECT_UNKNOWN_ERROR(call);                                                                                    \
    } while (0)
#if defined(GROWN) && !defined(GROWN_LIBRARY)
#define EXPECT_UNKNOWN_ERROR(call)                                                                                     \
    do {                                                                                                               \
        it->added_later = 1;                                                                                           \
        EXPECT(call, -E2BIG);                                                                                          \
        it->added_later = 0;                                                                                           \
    } while (0)
#else
#define EXPECT_UNKNOWN_ERROR(call) (void)0
#endif

static void use_poll_options(void)
{
    GUARDED(mio_poll_options, MIO_POLL_OPTIONS_INIT);
    mio_poll *poll = NULL;
    EXPECT_SIZE_ERRORS(mio_poll_options, mio_poll_new(&poll, it));
    it->flags = 0x80000000u;
    EXPECT(mio_poll_new(&poll, it), -EINVAL);
    it->flags = MIO_POLL_RESTART;
    it->backend = "poll";
    EXPECT(mio_poll_new(&poll, it), 0);
    CHECK(poll != NULL && strcmp(mio_poll_backend(poll), "poll") == 0);
    mio_poll_free(poll);
    CHECK_GUARD();
}

static void use_signal_info(void)
{
    GUARDED(mio_signal_info, MIO_SIGNAL_INFO_INIT);
    const int numbers[] = {SIGUSR1};
    mio_signals signals;
    EXPECT(mio_signals_open(&signals, numbers, 1, 0), 0);
    EXPECT_SIZE_ERRORS(mio_signal_info, mio_signals_recv(&signals, it));
    raise(SIGUSR1);
    EXPECT(mio_signals_recv(&signals, it), 1);
    EXPECT(it->number, SIGUSR1);
    EXPECT(it->pid, getpid());
    EXPECT(it->size, sizeof *it);
    CHECK_GUARD();
    EXPECT(mio_signals_recv(&signals, it), -EAGAIN);
    mio_signals_close(&signals);
}

static mio_addr loopback(void)
{
    mio_addr addr;
    EXPECT(mio_addr_parse(&addr, "127.0.0.1:0"), 0);
    return addr;
}

static void open_socket(mio_udp_socket *socket, mio_addr *addr)
{
    *addr = loopback();
    EXPECT(mio_udp_socket_bind(socket, addr), 0);
    EXPECT(mio_udp_socket_local_addr(socket, addr), 0);
}

static void use_udp_message(void)
{
    mio_udp_socket socket;
    mio_addr addr;
    mio_addr sender;
    char bytes[8] = "hello";
    mio_iovec piece = {bytes, 5};
    GUARDED(mio_udp_message, MIO_UDP_MESSAGE_INIT);
    open_socket(&socket, &addr);
    it->pieces = &piece;
    it->piece_count = 1;
    it->addr = &addr;
    EXPECT_SIZE_ERRORS(mio_udp_message, mio_udp_socket_send_message(&socket, it));
    EXPECT_SIZE_ERRORS(mio_udp_message, mio_udp_socket_recv_message(&socket, it));
    EXPECT(mio_udp_socket_send_message(&socket, it), 5);
    it->addr = &sender;
    piece.length = 4;
    EXPECT(mio_udp_socket_recv_message(&socket, it), 4);
    EXPECT(it->length, 4);
    EXPECT(it->flags, MIO_MESSAGE_TRUNCATED);
    EXPECT(it->size, sizeof *it);
    CHECK(it->pieces == &piece && it->addr == &sender);
    EXPECT(mio_addr_compare(&sender, &addr), 0);
    CHECK_GUARD();
    mio_udp_socket_close(&socket);
}

static void use_batches(void)
{
    enum { COUNT = 3 };
    mio_udp_socket socket;
    mio_addr addr;
    char bytes[COUNT][8] = {"a", "bc", "def"};
    mio_iovec pieces[COUNT];
    struct {
        mio_udp_message it[COUNT];
        unsigned char guard[64];
    } guarded;
    memset(guarded.guard, 0x5a, sizeof guarded.guard);
    open_socket(&socket, &addr);
    for (size_t i = 0; i < COUNT; i++) {
        const mio_udp_message fresh = MIO_UDP_MESSAGE_INIT;
        pieces[i] = (mio_iovec){bytes[i], i + 1};
        guarded.it[i] = fresh;
        guarded.it[i].pieces = &pieces[i];
        guarded.it[i].piece_count = 1;
        guarded.it[i].addr = &addr;
    }
    mio_udp_message *it = guarded.it;
    EXPECT_SIZE_ERRORS(mio_udp_message, mio_udp_socket_send_batch(&socket, it, 1));
    EXPECT_SIZE_ERRORS(mio_udp_message, mio_udp_socket_recv_batch(&socket, it, 1));
    EXPECT(mio_udp_socket_send_batch(&socket, it, COUNT), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        pieces[i].length = sizeof bytes[i];
        it[i].addr = NULL;
    }
    EXPECT(mio_udp_socket_recv_batch(&socket, it, COUNT), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        EXPECT(it[i].length, i + 1);
        EXPECT(it[i].size, sizeof *it);
        CHECK(it[i].pieces == &pieces[i]);
    }
    CHECK_GUARD();
    /* The library takes the size of all structs of an array from the first struct. */
    it[1].size++;
    it[0].addr = it[1].addr = &addr;
    EXPECT(mio_udp_socket_send_batch(&socket, it, 2), 1);
    mio_udp_socket_close(&socket);
}

static void use_queued_error(void)
{
    mio_udp_socket socket;
    mio_udp_socket closed;
    mio_addr addr;
    mio_addr nobody;
    char bytes[8];
    mio_iovec piece = {bytes, sizeof bytes};
    GUARDED(mio_queued_error, MIO_QUEUED_ERROR_INIT);
    open_socket(&closed, &nobody);
    mio_udp_socket_close(&closed);
    open_socket(&socket, &addr);
    EXPECT_SIZE_ERRORS(mio_queued_error, mio_udp_socket_recv_error(&socket, it));
    EXPECT(mio_source_set_option(&socket.source, MIO_OPTION_RECEIVE_ERRORS, 1), 0);
    EXPECT(mio_udp_socket_send_to(&socket, "lost", 4, &nobody), 4);
    it->pieces = &piece;
    it->piece_count = 1;
    it->destination = &addr;
    EXPECT(mio_udp_socket_recv_error(&socket, it), 4);
    EXPECT(it->error, -ECONNREFUSED);
    EXPECT(it->origin, MIO_ORIGIN_ICMP);
    EXPECT(it->length, 4);
    EXPECT(it->size, sizeof *it);
    EXPECT(mio_addr_compare(&addr, &nobody), 0);
    CHECK(memcmp(bytes, "lost", 4) == 0);
    CHECK_GUARD();
    mio_udp_socket_close(&socket);
}

static void use_unix_credentials(void)
{
    mio_unix_stream pair[2];
    GUARDED(mio_unix_credentials, MIO_UNIX_CREDENTIALS_INIT);
    EXPECT(mio_unix_stream_pair(&pair[0], &pair[1], 0), 0);
    EXPECT_SIZE_ERRORS(mio_unix_credentials, mio_unix_stream_peer_credentials(&pair[0], it));
    EXPECT(mio_unix_stream_peer_credentials(&pair[0], it), 0);
    EXPECT(it->pid, getpid());
    EXPECT(it->uid, geteuid());
    EXPECT(it->size, sizeof *it);
    CHECK_GUARD();
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}

static void use_unix_message(void)
{
    mio_unix_stream pair[2];
    char bytes[8] = "x";
    mio_iovec piece = {bytes, 1};
    mio_handle handle = 0;
    GUARDED(mio_unix_message, MIO_UNIX_MESSAGE_INIT);
    struct {
        mio_unix_credentials it;
        unsigned char guard[64];
    } own = {MIO_UNIX_CREDENTIALS_INIT, {0x5a}};
    own.it.pid = getpid();
    own.it.uid = getuid();
    own.it.gid = getgid();
    EXPECT(mio_unix_stream_pair(&pair[0], &pair[1], 0), 0);
    EXPECT(mio_source_set_option(&pair[1].source, MIO_OPTION_PASS_CREDENTIALS, 1), 0);
    it->pieces = &piece;
    it->piece_count = 1;
    EXPECT_SIZE_ERRORS(mio_unix_message, mio_unix_stream_send_message(&pair[0], it));
    EXPECT_SIZE_ERRORS(mio_unix_message, mio_unix_stream_recv_message(&pair[0], it));
    it->credentials = &own.it;
    own.it.size = 15;
    EXPECT(mio_unix_stream_send_message(&pair[0], it), -EINVAL);
    own.it.size = sizeof own.it;
    it->handles = &handle;
    it->handle_count = 1;
    EXPECT(mio_unix_stream_send_message(&pair[0], it), 1);
    handle = MIO_HANDLE_NONE;
    it->handle_count = 0;
    it->handle_capacity = 1;
    own.it.pid = 0;
    EXPECT(mio_unix_stream_recv_message(&pair[1], it), 1);
    EXPECT(it->flags, MIO_MESSAGE_CREDENTIALS);
    EXPECT(it->handle_count, 1);
    EXPECT(it->size, sizeof *it);
    CHECK(it->credentials == &own.it && it->handles == &handle);
    EXPECT(own.it.pid, getpid());
    EXPECT(own.it.size, sizeof own.it);
    EXPECT(own.guard[0], 0x5a);
    CHECK_GUARD();
    CHECK(handle >= 0 && close(handle) == 0);
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    use_poll_options();
    use_signal_info();
    use_udp_message();
    use_batches();
    use_queued_error();
    use_unix_credentials();
    use_unix_message();
    return failed;
}
