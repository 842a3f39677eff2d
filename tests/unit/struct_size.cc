// SPDX-License-Identifier: MIT
// A struct with the member `size` can grow in a later version. This test applies the rule for such structs to a struct
// that has grown twice. tests/abi/growth.sh tests the structs of the library.
#include "core/struct_size.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <string.h>

namespace {

struct Grown {
    uint32_t size;
    uint32_t first;
    uint32_t second; // since the second version
    uint32_t third;  // since the third version
};

} // namespace

template <>
inline constexpr size_t mio::impl::first_size<Grown> = 8;

using namespace mio::impl;

namespace {

// No struct has grown yet. When a struct grows, remove its line here, and leave its first_size unchanged.
static_assert(first_size<mio_poll_options> == sizeof(mio_poll_options));
static_assert(first_size<mio_signal_info> == sizeof(mio_signal_info));
static_assert(first_size<mio_queued_error> == sizeof(mio_queued_error));
static_assert(first_size<mio_udp_message> == sizeof(mio_udp_message));
static_assert(first_size<mio_unix_credentials> == sizeof(mio_unix_credentials));
static_assert(first_size<mio_unix_message> == sizeof(mio_unix_message));

// The storage of a caller. The storage can be longer than the known struct.
struct Storage {
    Grown known;
    uint32_t later[4];
};

Storage storage_of(uint32_t size)
{
    Storage storage = {{size, 11, 22, 33}, {0, 0, 0, 0}};
    return storage;
}

START_TEST(below_the_first_version_is_einval)
{
    Grown known = {1, 2, 3, 4};
    const Grown before = known;
    for (uint32_t size = 0; size < 8; size++) {
        const Storage given = storage_of(size);
        ck_assert_int_eq(load_struct(&given.known, &known), -EINVAL);
        ck_assert_mem_eq(&known, &before, sizeof known);
    }
}
END_TEST

START_TEST(what_an_older_version_lacks_is_zero)
{
    Grown known = {1, 2, 3, 4};
    const Storage first = storage_of(8);
    ck_assert_int_eq(load_struct(&first.known, &known), 0);
    ck_assert(known.size == 8 && known.first == 11 && known.second == 0 && known.third == 0);
    const Storage second = storage_of(12);
    ck_assert_int_eq(load_struct(&second.known, &known), 0);
    ck_assert(known.size == 12 && known.first == 11 && known.second == 22 && known.third == 0);
    const Storage today = storage_of(16);
    ck_assert_int_eq(load_struct(&today.known, &known), 0);
    ck_assert(known.size == 16 && known.first == 11 && known.second == 22 && known.third == 33);
}
END_TEST

START_TEST(what_a_newer_version_has_more_must_be_zero)
{
    for (uint32_t size = 17; size <= sizeof(Storage); size++) {
        Grown known = {1, 2, 3, 4};
        Storage given = storage_of(size);
        ck_assert_int_eq(load_struct(&given.known, &known), 0);
        ck_assert(known.size == size && known.third == 33);
        auto *bytes = reinterpret_cast<unsigned char *>(&given);
        for (uint32_t at = 16; at < sizeof(Storage); at++) {
            bytes[at] = 1;
            ck_assert_int_eq(load_struct(&given.known, &known), at < size ? -E2BIG : 0);
            bytes[at] = 0;
        }
    }
}
END_TEST

// The struct is followed by zeros, so only the limit ends the search for a nonzero member.
START_TEST(a_garbage_size_is_not_read_to_its_end)
{
    alignas(Grown) static unsigned char bytes[most_size + 1];
    auto *given = reinterpret_cast<Grown *>(bytes);
    Grown known = {1, 2, 3, 4};
    given->size = most_size;
    ck_assert_int_eq(load_struct(given, &known), 0);
    const uint32_t sizes[] = {most_size + 1, INT32_MAX, UINT32_MAX};
    for (const uint32_t size : sizes) {
        given->size = size;
        ck_assert_int_eq(load_struct(given, &known), -E2BIG);
        ck_assert_uint_eq(known.size, most_size);
    }
}
END_TEST

START_TEST(nothing_is_stored_behind_the_callers_size)
{
    for (uint32_t size = 8; size <= sizeof(Storage); size++) {
        Storage given;
        memset(&given, 0x5a, sizeof given);
        given.known.size = size;
        const Grown known = {size, 1, 2, 3};
        store_struct(known, &given.known);
        const auto *stored = reinterpret_cast<const unsigned char *>(&given);
        const auto *wanted = reinterpret_cast<const unsigned char *>(&known);
        for (uint32_t at = 0; at < sizeof given; at++) {
            const bool inside = at < size && at < sizeof known;
            ck_assert_uint_eq(stored[at], inside ? wanted[at] : 0x5a);
        }
    }
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("struct_size");
    TCase *cases = tcase_create("struct_size");
    tcase_add_test(cases, below_the_first_version_is_einval);
    tcase_add_test(cases, what_an_older_version_lacks_is_zero);
    tcase_add_test(cases, what_a_newer_version_has_more_must_be_zero);
    tcase_add_test(cases, a_garbage_size_is_not_read_to_its_end);
    tcase_add_test(cases, nothing_is_stored_behind_the_callers_size);
    suite_add_tcase(suite, cases);
    return run(suite);
}
