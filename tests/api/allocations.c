/* SPDX-License-Identifier: MIT */
/*
 * Tests allocations. If the backend needs no memory per registration, only mio_poll_new allocates memory for a poll
 * object. When malloc fails, mio_poll_new and mio_waker_new return -ENOMEM and leak nothing. This program defines its
 * own malloc, which counts its calls and can fail. This malloc takes its blocks from one array and never reuses a
 * block. The sanitizers of addresses, threads and memory replace malloc with their own allocator. With a sanitizer,
 * this program counts the sanitizer's allocations, but cannot make them fail.
 */
#include "../helpers/function.h"
#include "../helpers/sockets.h"
#include "../helpers/tour.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * `operations` counts the calls that allocate or free memory, since the start of the program. `allocated` is the number
 * of blocks allocated, and `freed` is the number of blocks freed. `allowance` is the number of allocations that may
 * still succeed.
 */
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
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HAVE_OWN_MALLOC 0
#endif
#endif
#ifndef HAVE_OWN_MALLOC
#define HAVE_OWN_MALLOC 1
#endif

#if HAVE_OWN_MALLOC

/* Every block begins with its size. The start and end of each block are multiples of ALIGNMENT. */
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
    /* `arena` contains only zeros at first, so calloc need not clear the block. */
    return size != 0 && count > SIZE_MAX / size ? NULL : take(ALIGNMENT, count * size);
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

/* Calls mmap(2) of the kernel directly. This system call has three forms, depending on the machine. */
static void *system_mmap(void *start, size_t length, int protection, int flags, int fd, int64_t offset)
{
#if defined SYS_mmap2
    return (void *)syscall(SYS_mmap2, start, length, protection, flags, fd, (long)(offset / 4096));
#elif defined __s390x__
    const long arguments[] = {(long)start, (long)length, protection, flags, fd, offset};
    return (void *)syscall(SYS_mmap, arguments);
#else
    return (void *)syscall(SYS_mmap, start, length, protection, flags, fd, offset);
#endif
}

/* This program replaces mmap and mmap64. On systems whose off_t has 32 bits by default, the library calls mmap64. With
 * _FILE_OFFSET_BITS=64 in CFLAGS, as on Debian's armhf, the name mmap already means mmap64. */
void *mmap(void *start, size_t length, int protection, int flags, int fd, off_t offset)
{
    if (!may_allocate()) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return system_mmap(start, length, protection, flags, fd, offset);
}
#if defined SYS_mmap2 && (!defined _FILE_OFFSET_BITS || _FILE_OFFSET_BITS < 64)
void *mmap64(void *start, size_t length, int protection, int flags, int fd, off64_t offset)
{
    if (!may_allocate()) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return system_mmap(start, length, protection, flags, fd, offset);
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

/*
 * helpers/tour.h calls every function once. Before each call, this program stores the number of allocations and frees
 * so far in operations_before. registering_may_allocate is true if registering a source may allocate.
 */
static long operations_before;
static bool registering_may_allocate;

/*
 * Returns whether this program counts the calls of malloc. Valgrind replaces every malloc with its own, so under
 * Valgrind this program counts nothing.
 */
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

/*
 * Makes the call. During the call, an allocation would fail. The test fails if the call allocates or frees memory, or
 * returns an error other than -EAGAIN.
 */
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

START_TEST(malloc_is_really_counted)
{
    mio_poll *poll = NULL;
    ck_assert(malloc_is_counted());
    /*
     * Checks that the counters also count the library's allocations. mio_poll_new allocates memory, and mio_poll_free
     * frees it.
     */
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
    mio_signal_mask mask = {{0}};
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
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    FREE_OF_MALLOC(mio_poll_dump(poll, nowhere));
    close_fd(nowhere);
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

static bool may_take_memory(const char *call)
{
    const enum memory memory = function_called(call)->memory;
    return memory == MEMORY || (memory == TABLE && registering_may_allocate);
}

static void refuse_memory(const char *call)
{
    operations_before = atomic_load(&operations);
    atomic_store(&allowance, may_take_memory(call) ? LONG_MAX : 0);
}

static void expect_no_operation(const char *call, int64_t result)
{
    (void)result;
    atomic_store(&allowance, LONG_MAX);
    if (!may_take_memory(call)) {
        ck_assert_msg(atomic_load(&operations) == operations_before, "%s takes or frees memory", call);
    }
}

START_TEST(nothing_on_the_tour_of_all_functions_allocates)
{
    mio_poll *poll = open_poll(_i);
    registering_may_allocate = allocates_per_registration(poll);
    mio_poll_free(poll);
    tour(_i); /* some functions of libc allocate when they run for the first time */
    tour_before = refuse_memory;
    tour_after = expect_no_operation;
    tour(_i);
    tour_before = NULL;
    tour_after = NULL;
}
END_TEST

#ifndef __SANITIZE_THREAD__ /* with ThreadSanitizer, the test would count calls of free, but not of aligned_alloc */
START_TEST(all_memory_is_given_back)
{
    enter_variant(_i);
    mio_poll_free(open_poll(_i));
    long before = atomic_load(&allocated) - atomic_load(&freed);
    for (int i = 0; i < 10; i++) {
        mio_poll *poll = open_poll(_i);
        mio_registry *clone = NULL;
        mio_waker *waker = make_waker(poll, 1);
        ck_assert_ok(mio_registry_clone(&clone, mio_poll_registry(poll)));
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
#endif

#if HAVE_OWN_MALLOC

/* Makes the call, and lets at most `count` allocations succeed during it. */
#define WITH_MEMORY_FOR(count, call)                                                                                   \
    do {                                                                                                               \
        atomic_store(&allowance, (count));                                                                             \
        rc = (call);                                                                                                   \
        atomic_store(&allowance, LONG_MAX);                                                                            \
    } while (0)

/*
 * Repeats the call until the call succeeds. In the first call, no allocation succeeds. In the second call, only one
 * allocation succeeds, and so on.
 */
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
    WORKS_ONCE_THERE_IS_MEMORY(clone, mio_registry_clone(&clone, mio_poll_registry(poll)));
    WORKS_ONCE_THERE_IS_MEMORY(waker, mio_waker_new(&waker, mio_poll_registry(poll), 1));
    mio_waker_free(waker);
    mio_registry_free(clone);
    mio_poll_free(poll);
}
END_TEST

/* Limits the number of allocations that succeed. With each limit, a registration either works, or returns -ENOMEM and
 * changes nothing. */
START_TEST(registering_without_memory_changes_nothing)
{
    enum { COUNT = 100 };
    static int fds[COUNT][2];
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_event events[COUNT];
    for (int i = 0; i < COUNT; i++) {
        int result = -ENOMEM;
        make_pipe(fds[i]);
        write_byte(fds[i][1]);
        for (long room = 0; result != 0; room++) {
            atomic_store(&allowance, room);
            result = mio_registry_register_handle(registry, fds[i][0], (uintptr_t)i, MIO_READABLE | MIO_LEVEL);
            /*
             * A wait copies the table of registrations. The poll object keeps the memory of this copy. So a wait
             * allocates memory only if the table has outgrown this memory.
             */
            int count = i > 33 ? mio_poll_wait(poll, events, COUNT, 0) : i + (result == 0);
            atomic_store(&allowance, LONG_MAX);
            ck_assert(result == 0 || result == -ENOMEM);
            ck_assert_int_eq(count, i + (result == 0));
        }
    }
    ck_assert_int_eq(wait_events(poll, events, COUNT, 0), COUNT);
    for (int i = 0; i < COUNT; i++) {
        close_fd(fds[i][0]);
        close_fd(fds[i][1]);
    }
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
    tcase_add_backend_test(tcase, nothing_on_the_tour_of_all_functions_allocates);
#ifndef __SANITIZE_THREAD__
    tcase_add_backend_test(tcase, all_memory_is_given_back);
#endif
#if HAVE_OWN_MALLOC
    TCase *out = add_tcase(suite, "out of memory");
    tcase_add_backend_test(out, making_an_object_without_memory_is_enomem_without_a_trace);
    tcase_add_backend_test(out, registering_without_memory_changes_nothing);
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
