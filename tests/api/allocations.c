/* SPDX-License-Identifier: MIT */
/*
 * No memory is taken at run time: once a poll object is made, nothing of mio allocates, on backends that need no memory
 * per registration. The program's own malloc counts, and refuses during every call; where a poll object or a waker is
 * made, that is -ENOMEM without a trace.
 *
 * The malloc here hands out pieces of one array and never takes them back, so it needs no other. With the address or
 * thread sanitizer, which have an allocator of their own, its hooks count instead, and memory cannot run out.
 */
#include "../helpers/harness.h"
#include "../helpers/sockets.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The operations on memory since the start, and how many of them may still succeed. */
static atomic_long operations;
static atomic_long allocated;
static atomic_long freed;
static atomic_long allowance = LONG_MAX;

static bool may_allocate(void)
{
    atomic_fetch_add(&operations, 1);
    return atomic_load(&allowance) == LONG_MAX || atomic_fetch_sub(&allowance, 1) > 0;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAVE_OWN_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAVE_OWN_MALLOC 0
#endif
#endif
#ifndef HAVE_OWN_MALLOC
#define HAVE_OWN_MALLOC 1
#endif

#if HAVE_OWN_MALLOC

/* Every piece begins with its size, and lies and ends on a multiple of this. */
enum { ALIGNMENT = 32, ARENA = 64 << 20 };
static _Alignas(ALIGNMENT) char arena[ARENA];
static atomic_size_t arena_used;

static void *take(size_t alignment, size_t size)
{
    if (!may_allocate()) {
        errno = ENOMEM;
        return NULL;
    }
    size_t room = (size + alignment + 2 * ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    size_t at = atomic_fetch_add(&arena_used, room);
    if (size > ARENA || at + room > ARENA) {
        abort();
    }
    uintptr_t start = (uintptr_t)arena + at + ALIGNMENT;
    char *piece = (char *)((start + alignment - 1) / alignment * alignment);
    memcpy(piece - sizeof size, &size, sizeof size);
    atomic_fetch_add(&allocated, 1);
    return piece;
}

void *malloc(size_t size)
{
    return take(ALIGNMENT, size);
}

void *calloc(size_t count, size_t size)
{
    return size != 0 && count > SIZE_MAX / size ? NULL : take(ALIGNMENT, count * size); /* the array starts as zeros */
}

void free(void *piece)
{
    if (piece != NULL) {
        atomic_fetch_add(&operations, 1);
        atomic_fetch_add(&freed, 1);
    }
}

void *realloc(void *piece, size_t size)
{
    void *moved = take(ALIGNMENT, size);
    if (piece != NULL && moved != NULL) {
        size_t old;
        memcpy(&old, (char *)piece - sizeof old, sizeof old);
        memcpy(moved, piece, old < size ? old : size);
        atomic_fetch_add(&freed, 1);
    }
    return moved;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return take(alignment < ALIGNMENT ? ALIGNMENT : alignment, size);
}

void *memalign(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size)
{
    return aligned_alloc(alignment, size);
}

int posix_memalign(void **piece, size_t alignment, size_t size)
{
    void *made = aligned_alloc(alignment, size);
    *piece = made != NULL ? made : *piece;
    return made != NULL ? 0 : ENOMEM;
}

#ifdef SYS_mmap
void *mmap(void *start, size_t length, int protection, int flags, int fd, off_t offset)
{
    if (!may_allocate()) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, start, length, protection, flags, fd, offset);
}
#endif

static void install_hooks(void) {}

#else

int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));

static void count_malloc(const volatile void *piece, size_t size)
{
    (void)piece;
    (void)size;
    (void)may_allocate();
    atomic_fetch_add(&allocated, 1);
}

static void count_free(const volatile void *piece)
{
    if (piece != NULL) {
        atomic_fetch_add(&operations, 1);
        atomic_fetch_add(&freed, 1);
    }
}

static void install_hooks(void)
{
    __sanitizer_install_malloc_and_free_hooks(count_malloc, count_free);
}

#endif

/* Whether malloc is counted at all: not under valgrind, which puts its own in place of any. */
static bool malloc_is_counted(void)
{
    long before = atomic_load(&operations);
    void *volatile piece = malloc(100);
    bool counted = atomic_load(&operations) == before + 1;
    piece = realloc(piece, 200);
    counted = counted && atomic_load(&operations) > before + 1;
    free(piece);
    return counted && atomic_load(&allocated) > 0;
}

/* Runs a call without memory, and fails when it tried to take any, or gave some back, or did not work. */
#define FREE_OF_MALLOC(call)                                                                                           \
    do {                                                                                                               \
        long before_ = atomic_load(&operations);                                                                       \
        atomic_store(&allowance, 0);                                                                                   \
        int64_t result_ = (int64_t)(call);                                                                             \
        atomic_store(&allowance, LONG_MAX);                                                                            \
        long after_ = atomic_load(&operations);                                                                        \
        ck_assert_msg(after_ == before_, "%s takes or frees memory", #call);                                           \
        ck_assert_msg(result_ >= 0 || result_ == -EAGAIN, "%s is %s", #call, errno_name(result_));                     \
    } while (0)
#define FREE_OF_MALLOC_VOID(call) FREE_OF_MALLOC(((call), 0))

START_TEST(malloc_is_really_counted)
{
    mio_poll *poll = NULL;
    ck_assert(malloc_is_counted());
    /* And so is the library's: making a poll object takes memory, ending it gives it back. */
    enter_variant(_i);
    long before = atomic_load(&operations);
    poll = open_poll(_i);
    long made = atomic_load(&operations);
    ck_assert_int_gt(made, before);
    mio_poll_free(poll);
    ck_assert_int_gt(atomic_load(&operations), made);
}
END_TEST

static bool allocates_per_registration(const mio_poll *poll)
{
    return strcmp(mio_poll_backend(poll), "epoll") != 0 && strcmp(mio_poll_backend(poll), "kqueue") != 0;
}

static void use_registry(mio_poll *poll)
{
    mio_registry *registry = mio_poll_registry(poll);
    mio_udp_socket left;
    mio_udp_socket right;
    if (allocates_per_registration(poll)) {
        return;
    }
    make_udp_pair(&left, &right);
    int fd = mio_udp_socket_handle(&right);
    for (uintptr_t i = 0; i < 100; i++) {
        FREE_OF_MALLOC(mio_registry_register(registry, &left.source, i, MIO_READABLE));
        FREE_OF_MALLOC(mio_registry_reregister(registry, &left.source, i, MIO_WRITABLE));
        FREE_OF_MALLOC(mio_registry_deregister(registry, &left.source));
        FREE_OF_MALLOC(mio_registry_register_handle(registry, fd, i, MIO_READABLE | MIO_ONESHOT));
        FREE_OF_MALLOC(mio_registry_reregister_handle(registry, fd, i, MIO_WRITABLE | MIO_LEVEL));
        FREE_OF_MALLOC(mio_registry_deregister_handle(registry, fd));
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}

START_TEST(registering_allocates_nothing)
{
    mio_poll *poll = open_poll(_i);
    use_registry(poll);
    mio_poll_free(poll);
}
END_TEST

START_TEST(waiting_and_waking_allocate_nothing)
{
    mio_poll *poll = open_poll_flags(_i, MIO_POLL_RESTART);
    mio_waker *waker = make_waker(poll, 1);
    static mio_event events[4096];
    sigset_t mask;
    sigemptyset(&mask);
    for (int i = 0; i < 100; i++) {
        FREE_OF_MALLOC(mio_waker_wake(waker));
        FREE_OF_MALLOC(mio_waker_wake(waker));
        FREE_OF_MALLOC(mio_poll_wait(poll, events, i % 2 == 0 ? 1 : 4096, -1));
        FREE_OF_MALLOC(mio_poll_wait(poll, events, 4096, 0));
        FREE_OF_MALLOC(mio_poll_wait(poll, events, 4096, US(10)));
        FREE_OF_MALLOC(mio_poll_wait_until(poll, events, 4096, mio_clock_now() + US(10)));
        FREE_OF_MALLOC(mio_poll_wait_masked(poll, events, 4096, US(10), &mask));
    }
    if ((mio_poll_capabilities(poll) & MIO_CAN_NEST) != 0) {
        FREE_OF_MALLOC(mio_poll_handle(poll));
    }
    FREE_OF_MALLOC(mio_poll_capabilities(poll));
    FREE_OF_MALLOC(mio_poll_registry(poll) == NULL);
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

/* One connection from its first call to its last. */
static void use_tcp(mio_poll *poll)
{
    mio_addr addr = loopback_v4();
    mio_tcp_socket socket;
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    char bytes[64] = "bytes";
    mio_iovec pieces[2] = {{bytes, 32}, {bytes + 32, 32}};
    FREE_OF_MALLOC(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4));
    FREE_OF_MALLOC(mio_tcp_socket_bind(&socket, &addr));
    FREE_OF_MALLOC(mio_tcp_socket_listen(&socket, 16, &listener));
    FREE_OF_MALLOC_VOID(mio_tcp_listener_close(&listener));
    FREE_OF_MALLOC(mio_tcp_listener_bind(&listener, &addr, 16));
    FREE_OF_MALLOC(mio_tcp_listener_local_addr(&listener, &addr));
    FREE_OF_MALLOC(mio_tcp_listener_accept(&listener, &server, NULL));
    FREE_OF_MALLOC(mio_tcp_stream_connect(&client, &addr));
    wait_handle(mio_tcp_listener_handle(&listener), POLLIN);
    FREE_OF_MALLOC(mio_tcp_listener_accept(&listener, &server, &addr));
    if (!allocates_per_registration(poll)) {
        FREE_OF_MALLOC(mio_registry_register(mio_poll_registry(poll), &server.source, 1, MIO_READABLE));
    }
    FREE_OF_MALLOC(mio_tcp_stream_connect_finish(&client));
    FREE_OF_MALLOC(mio_tcp_stream_write(&client, bytes, 64));
    FREE_OF_MALLOC(mio_tcp_stream_writev(&client, pieces, 2));
    FREE_OF_MALLOC(mio_tcp_stream_send(&client, bytes, 1, MIO_SEND_MORE | MIO_SEND_OOB));
    wait_handle(mio_tcp_stream_handle(&server), POLLPRI);
    FREE_OF_MALLOC(mio_tcp_stream_recv_oob(&server, (unsigned char *)bytes));
    FREE_OF_MALLOC(mio_tcp_stream_at_mark(&server));
    wait_handle(mio_tcp_stream_handle(&server), POLLIN);
    FREE_OF_MALLOC(mio_tcp_stream_peek(&server, bytes, 64));
    FREE_OF_MALLOC(mio_tcp_stream_read(&server, bytes, 64));
    FREE_OF_MALLOC(mio_tcp_stream_readv(&server, pieces, 2));
    FREE_OF_MALLOC(mio_tcp_stream_read(&server, bytes, 64));
    FREE_OF_MALLOC(mio_tcp_stream_local_addr(&client, &addr));
    FREE_OF_MALLOC(mio_tcp_stream_peer_addr(&client, &addr));
    FREE_OF_MALLOC(mio_source_set_option(&client.source, MIO_OPTION_NODELAY, 1));
    FREE_OF_MALLOC(mio_source_set_text_option(&client.source, MIO_OPTION_CONGESTION, "reno"));
    FREE_OF_MALLOC(mio_source_text_option(&client.source, MIO_OPTION_CONGESTION, NULL, 0));
    FREE_OF_MALLOC(mio_tcp_stream_shutdown(&client, MIO_SHUTDOWN_WRITE));
    FREE_OF_MALLOC(mio_tcp_stream_take_error(&client));
    FREE_OF_MALLOC(mio_tcp_stream_from_handle(&client, mio_tcp_stream_into_handle(&client)));
    FREE_OF_MALLOC_VOID(mio_tcp_stream_close(&client));
    FREE_OF_MALLOC_VOID(mio_tcp_stream_close(&server));
    FREE_OF_MALLOC_VOID(mio_tcp_listener_close(&listener));
}

START_TEST(tcp_allocates_nothing)
{
    mio_poll *poll = open_poll(_i);
    for (int i = 0; i < 10; i++) {
        use_tcp(poll);
    }
    mio_poll_free(poll);
}
END_TEST

static int64_t nothing(mio_handle handle, void *context)
{
    (void)context;
    return handle;
}

static void use_udp(void)
{
    mio_addr addr = loopback_v4();
    mio_addr sender;
    mio_udp_socket left;
    mio_udp_socket right;
    char bytes[64] = "bytes";
    int64_t value = 0;
    uint32_t flags = 0;
    mio_ancillary ancillary = {{0}};
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    message.ancillary = &ancillary;
    mio_queued_error error = MIO_QUEUED_ERROR_INIT;
    mio_udp_message batch[MIO_UDP_BATCH_MAX];
    for (size_t i = 0; i < MIO_UDP_BATCH_MAX; i++) {
        batch[i] = (mio_udp_message)MIO_UDP_MESSAGE_INIT;
    }
    FREE_OF_MALLOC(mio_udp_socket_bind(&left, &addr));
    FREE_OF_MALLOC(mio_udp_socket_bind(&right, &addr));
    FREE_OF_MALLOC(mio_udp_socket_local_addr(&right, &addr));
    FREE_OF_MALLOC(mio_udp_socket_send_to(&left, bytes, 64, &addr));
    FREE_OF_MALLOC(mio_udp_socket_connect(&left, &addr));
    FREE_OF_MALLOC(mio_udp_socket_peer_addr(&left, &addr));
    FREE_OF_MALLOC(mio_udp_socket_send(&left, bytes, 64));
    FREE_OF_MALLOC(mio_udp_socket_peek(&right, bytes, 64, &flags));
    FREE_OF_MALLOC(mio_udp_socket_peek_from(&right, bytes, 64, &sender, NULL));
    FREE_OF_MALLOC(mio_udp_socket_recv(&right, bytes, 64, NULL));
    FREE_OF_MALLOC(mio_udp_socket_recv_from(&right, bytes, 4, &sender, &flags));
    FREE_OF_MALLOC(mio_udp_socket_recv(&right, bytes, 64, NULL));
    FREE_OF_MALLOC(mio_ancillary_set_tos(&ancillary, 1));
    FREE_OF_MALLOC(mio_udp_socket_send_message(&left, &message));
    mio_ancillary_clear(&ancillary);
    FREE_OF_MALLOC(mio_udp_socket_recv_message(&right, &message));
    FREE_OF_MALLOC(mio_udp_socket_send_batch(&left, batch, MIO_UDP_BATCH_MAX));
    FREE_OF_MALLOC(mio_udp_socket_recv_batch(&right, batch, MIO_UDP_BATCH_MAX));
    FREE_OF_MALLOC(mio_udp_socket_recv_error(&left, &error));
    FREE_OF_MALLOC(mio_source_option(&left.source, MIO_OPTION_BROADCAST, &value));
    FREE_OF_MALLOC(mio_source_set_option(&left.source, MIO_OPTION_BROADCAST, 1));
    FREE_OF_MALLOC(mio_source_try_io(&left.source, nothing, NULL));
    FREE_OF_MALLOC(mio_udp_socket_take_error(&left));
    FREE_OF_MALLOC_VOID(mio_udp_socket_close(&left));
    FREE_OF_MALLOC_VOID(mio_udp_socket_close(&right));
}

START_TEST(udp_allocates_nothing)
{
    for (int i = 0; i < 10; i++) {
        use_udp();
    }
}
END_TEST

/* A connection, a record and a datagram, with what can go along. */
static void use_unix(void)
{
    mio_addr addr;
    mio_unix_listener listener;
    mio_unix_stream client;
    mio_unix_stream server;
    mio_unix_datagram pair[2];
    mio_unix_credentials credentials = MIO_UNIX_CREDENTIALS_INIT;
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    mio_handle received[MIO_UNIX_HANDLES_MAX];
    size_t count = 0;
    uint32_t flags = 0;
    char bytes[64] = "bytes";
    const mio_iovec piece = {bytes, 4};
    message.pieces = &piece;
    message.piece_count = 1;
    FREE_OF_MALLOC(mio_addr_unnamed(&addr));
    FREE_OF_MALLOC(mio_unix_listener_bind(&listener, &addr, 16, MIO_UNIX_REPLACE));
    FREE_OF_MALLOC(mio_unix_listener_local_addr(&listener, &addr));
    FREE_OF_MALLOC(mio_unix_stream_connect(&client, &addr, 0));
    FREE_OF_MALLOC(mio_unix_listener_accept(&listener, &server, &addr));
    FREE_OF_MALLOC(mio_unix_stream_connect_finish(&client));
    FREE_OF_MALLOC(mio_unix_stream_peer_credentials(&server, &credentials));
    FREE_OF_MALLOC(mio_unix_stream_write(&client, bytes, 64));
    FREE_OF_MALLOC(mio_unix_stream_read(&server, bytes, 64));
    FREE_OF_MALLOC(mio_unix_stream_send(&client, bytes, 1, MIO_SEND_MORE));
    FREE_OF_MALLOC(mio_unix_stream_read(&server, bytes, 64));
    mio_handle handle = mio_unix_stream_handle(&client);
    FREE_OF_MALLOC(mio_unix_stream_send_with_handles(&client, bytes, 1, &handle, 1));
    FREE_OF_MALLOC(
        mio_unix_stream_recv_with_handles(&server, bytes, 1, received, MIO_UNIX_HANDLES_MAX, &count, &flags));
    close_fd(received[0]);
    FREE_OF_MALLOC_VOID(mio_unix_stream_close(&client));
    FREE_OF_MALLOC_VOID(mio_unix_stream_close(&server));
    FREE_OF_MALLOC_VOID(mio_unix_listener_close(&listener));
    FREE_OF_MALLOC(mio_unix_datagram_pair(&pair[0], &pair[1]));
    FREE_OF_MALLOC(mio_unix_datagram_send_message(&pair[0], &message));
    FREE_OF_MALLOC(mio_unix_datagram_recv_message(&pair[1], &message));
    FREE_OF_MALLOC(mio_unix_datagram_recv_from(&pair[1], bytes, 64, &addr, &flags));
    FREE_OF_MALLOC_VOID(mio_unix_datagram_close(&pair[0]));
    FREE_OF_MALLOC_VOID(mio_unix_datagram_close(&pair[1]));
}

START_TEST(unix_sockets_allocate_nothing)
{
    for (int i = 0; i < 10; i++) {
        use_unix();
    }
}
END_TEST

START_TEST(addresses_and_texts_allocate_nothing)
{
    const mio_event event = {1, UINT32_MAX, UINT32_MAX};
    struct sockaddr_storage storage;
    char text[MIO_ADDR_TEXT_SIZE];
    mio_addr addr;
    FREE_OF_MALLOC(mio_addr_parse(&addr, "[2001:db8::1%7]:80"));
    FREE_OF_MALLOC(mio_addr_parse(&addr, "192.0.2.1:80"));
    FREE_OF_MALLOC(mio_addr_parse_ip(&addr, "fe80::1%lo", 80));
    FREE_OF_MALLOC(mio_addr_format(&addr, text, sizeof text));
    FREE_OF_MALLOC(mio_addr_to_sockaddr(&addr, &storage, sizeof storage));
    FREE_OF_MALLOC(mio_addr_from_sockaddr(&addr, &storage, sizeof storage));
    FREE_OF_MALLOC(mio_addr_compare(&addr, &addr));
    FREE_OF_MALLOC(mio_addr_hash(&addr) != 0);
    FREE_OF_MALLOC(mio_event_format(&event, text, sizeof text));
    FREE_OF_MALLOC(mio_interest_format(UINT32_MAX, text, sizeof text));
}
END_TEST

START_TEST(all_memory_is_given_back)
{
    enter_variant(_i);
    mio_poll_free(open_poll(_i));
    long before = atomic_load(&allocated) - atomic_load(&freed);
    for (int i = 0; i < 10; i++) {
        mio_poll *poll = open_poll(_i);
        mio_registry *clone = NULL;
        mio_waker *waker = make_waker(poll, 1);
        ck_assert_ok(mio_registry_clone(mio_poll_registry(poll), &clone));
        use_registry(poll);
        if (i % 2 == 0) {
            mio_poll_free(poll);
        }
        mio_waker_free(waker);
        mio_registry_free(clone);
        if (i % 2 != 0) {
            mio_poll_free(poll);
        }
    }
    ck_assert_int_eq(atomic_load(&allocated) - atomic_load(&freed), before);
}
END_TEST

#if HAVE_OWN_MALLOC

/* Only so many more allocations succeed, from here to the end of the call. */
#define WITH_MEMORY_FOR(count, call)                                                                                   \
    do {                                                                                                               \
        atomic_store(&allowance, (count));                                                                             \
        rc = (call);                                                                                                   \
        atomic_store(&allowance, LONG_MAX);                                                                            \
    } while (0)

/* Tries with memory for no allocation, for one, for two, until it works. */
#define WORKS_ONCE_THERE_IS_MEMORY(object, call)                                                                       \
    do {                                                                                                               \
        int descriptors_ = count_descriptors();                                                                        \
        int rc = -ENOMEM;                                                                                              \
        for (long count_ = 0; rc != 0; count_++) {                                                                     \
            ck_assert_int_lt(count_, 100);                                                                             \
            WITH_MEMORY_FOR(count_, call);                                                                             \
            ck_assert_msg(count_ > 0 || rc != 0, "%s needs no memory", #call);                                         \
            if (rc != 0) {                                                                                             \
                ck_assert_errno(rc, -ENOMEM);                                                                          \
                ck_assert_ptr_null(object);                                                                            \
                ck_assert_int_eq(count_descriptors(), descriptors_);                                                   \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

START_TEST(making_an_object_without_memory_is_enomem_without_a_trace)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = NULL;
    mio_registry *clone = NULL;
    mio_waker *waker = NULL;
    enter_variant(_i);
    options.backend = variant_backend(_i);
    WORKS_ONCE_THERE_IS_MEMORY(poll, mio_poll_new(&poll, &options));
    WORKS_ONCE_THERE_IS_MEMORY(clone, mio_registry_clone(mio_poll_registry(poll), &clone));
    WORKS_ONCE_THERE_IS_MEMORY(waker, mio_waker_new(mio_poll_registry(poll), 1, &waker));
    mio_waker_free(waker);
    mio_registry_free(clone);
    mio_poll_free(poll);
}
END_TEST

#endif

static Suite *make_suite(void)
{
    Suite *suite = suite_create("allocations");
    TCase *tcase = add_tcase(suite, "allocations");
    tcase_add_backend_test(tcase, malloc_is_really_counted);
    tcase_add_backend_test(tcase, registering_allocates_nothing);
    tcase_add_backend_test(tcase, waiting_and_waking_allocate_nothing);
    tcase_add_backend_test(tcase, tcp_allocates_nothing);
    tcase_add_test(tcase, udp_allocates_nothing);
    tcase_add_test(tcase, unix_sockets_allocate_nothing);
    tcase_add_test(tcase, addresses_and_texts_allocate_nothing);
    tcase_add_backend_test(tcase, all_memory_is_given_back);
#if HAVE_OWN_MALLOC
    TCase *out = add_tcase(suite, "out of memory");
    tcase_add_backend_test(out, making_an_object_without_memory_is_enomem_without_a_trace);
#endif
    return suite;
}

int main(void)
{
    install_hooks();
    if (under_valgrind()) {
        skip("valgrind replaces malloc, so it cannot be counted");
        return 77;
    }
    return run_suite(make_suite);
}
