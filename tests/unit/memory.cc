// SPDX-License-Identifier: MIT
// Tests that create() zeroes an object, and aligns the object as its type requires, even if this alignment is larger
// than malloc's.
#include "port/memory.hpp"

#include "poll/backends.hpp"
#include "poll/poller.hpp"
#include "poll/waker.hpp"
#include "port/mechanisms.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <stdlib.h>
#include <string.h>

using namespace mio::impl;

// If there is not enough memory, a sanitizer's allocator ends the program. The option below makes the allocator return
// null instead.
extern "C" [[gnu::visibility("default")]] const char *__asan_default_options();
extern "C" const char *__asan_default_options()
{
    return "allocator_may_return_null=1";
}
extern "C" [[gnu::visibility("default")]] const char *__tsan_default_options();
extern "C" const char *__tsan_default_options()
{
    return "allocator_may_return_null=1";
}
extern "C" [[gnu::visibility("default")]] const char *__msan_default_options();
extern "C" const char *__msan_default_options()
{
    return "allocator_may_return_null=1";
}

namespace {

template <size_t alignment>
struct alignas(alignment) Aligned {
    unsigned char bytes[alignment + 1];
};

// Fills memory with bytes and frees it. So allocate_zeroed gets memory that it must clear.
void dirty_the_heap(size_t size)
{
    void *pieces[8];
    for (void *&piece : pieces) {
        piece = malloc(size);
        ck_assert_ptr_nonnull(piece);
        memset(piece, 0xa5, size);
    }
    for (void *piece : pieces)
        free(piece);
}

bool is_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0) return false;
    return true;
}

template <size_t alignment>
void expect_aligned_zeros()
{
    using Type = Aligned<alignment>;
    for (size_t extra = 0; extra < 100; extra += 33) {
        Type *made[16];
        dirty_the_heap(sizeof(Type) + extra);
        for (Type *&one : made) {
            one = create<Type>(extra);
            ck_assert_ptr_nonnull(one);
            ck_assert_uint_eq(reinterpret_cast<uintptr_t>(one) % alignment, 0);
            ck_assert(is_zero(one->bytes, sizeof(Type) + extra));
        }
        for (Type *one : made)
            destroy(one);
    }
}

START_TEST(objects_of_every_alignment_are_aligned_and_zero)
{
    expect_aligned_zeros<1>();
    expect_aligned_zeros<8>();
    expect_aligned_zeros<16>();
    expect_aligned_zeros<32>();
    expect_aligned_zeros<256>();
    expect_aligned_zeros<4096>();
}
END_TEST

START_TEST(more_memory_than_there_is_is_null)
{
    // `much` is volatile, because the compiler warns if a constant number of bytes is this large. Valgrind warns of a
    // request for more than SIZE_MAX / 4 bytes, so the test usually requests only this number. If size_t has 32 bits,
    // malloc could return SIZE_MAX / 4 bytes, so the test requests more.
    volatile size_t much = sizeof(size_t) > sizeof(uint32_t) ? SIZE_MAX / 4 : SIZE_MAX / 4 * 3;
    ck_assert_ptr_null((create<Aligned<1>>(much)));
    ck_assert_ptr_null((create<Aligned<64>>(much)));
}
END_TEST

// The state of a selector begins at the byte after the poll object. The state can have any type, so the size of the
// poll object must be a multiple of the largest alignment. Atomic 64-bit numbers need an alignment of 8.
static_assert(sizeof(mio_poll) % alignof(max_align_t) == 0);
static_assert(alignof(Atomic<uint64_t>) == 8 && alignof(mio_waker) % 8 == 0);

START_TEST(a_poll_object_and_the_state_behind_it_are_aligned)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    options.backend = selector_at(static_cast<size_t>(_i))->name;
    mio_poll *polls[16];
    for (mio_poll *&poll : polls) {
        ck_assert_int_eq(open_poll(&options, &poll), 0);
        ck_assert_uint_eq(reinterpret_cast<uintptr_t>(poll) % alignof(mio_poll), 0);
        ck_assert_uint_eq(reinterpret_cast<uintptr_t>(selector_state(poll)) % alignof(max_align_t), 0);
    }
    for (mio_poll *poll : polls)
        free_poll(poll);
}
END_TEST

} // namespace

int main()
{
    const int backends = static_cast<int>(selectors.count);
    Suite *suite = suite_create("memory");
    TCase *cases = tcase_create("memory");
    tcase_add_test(cases, objects_of_every_alignment_are_aligned_and_zero);
    tcase_add_test(cases, more_memory_than_there_is_is_null);
    tcase_add_loop_test(cases, a_poll_object_and_the_state_behind_it_are_aligned, 0, backends);
    suite_add_tcase(suite, cases);
    return run(suite);
}
