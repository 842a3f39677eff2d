// SPDX-License-Identifier: MIT
// Copies structs between a program and the library. The program may have been compiled with an older or a newer version
// of the library, in which a struct has fewer or more members. The first member of each struct, `size`, holds the size
// that the struct had when the program was compiled. So a new version of the library can add members at the end of a
// struct, and every program still works with newer and with older versions of the library.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <mio/poll.h>
#include <mio/signals.h>
#include <mio/source.h>
#include <mio/udp.h>
#include <mio/unix.h>
#include <stddef.h>
#include <string.h>

namespace mio::impl {

constexpr size_t with_pointers_of(size_t bits_64, size_t bits_32)
{
    return sizeof(void *) == 8 ? bits_64 : bits_32;
}

// The size that a struct had in its first release. The sizes are literal numbers, because sizeof grows with each new
// member, and a check against sizeof would reject every older program. Add members so that the struct has no padding on
// any machine. An initializer may leave nonzero bytes in padding, and an older library would mistake these bytes for a
// new member.
template <typename Struct>
constexpr size_t first_size = 0;
template <>
inline constexpr size_t first_size<mio_poll_options> = with_pointers_of(16, 12);
template <>
inline constexpr size_t first_size<mio_signal_info> = 40;
template <>
inline constexpr size_t first_size<mio_queued_error> = with_pointers_of(72, 52);
template <>
inline constexpr size_t first_size<mio_udp_message> = with_pointers_of(48, 28);
template <>
inline constexpr size_t first_size<mio_unix_credentials> = 16;
template <>
inline constexpr size_t first_size<mio_unix_message> = with_pointers_of(64, 36);

// No struct of any version has more bytes. Without this limit, a garbage `size` would make load_struct read far beyond
// the struct.
constexpr size_t most_size = 4096;

inline bool is_zero(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != 0) return false;
    }
    return true;
}

// Copies a caller's struct into a struct of this version of the library. The caller's struct may have an older or a
// newer version. Members that an older version lacks become zero, the default of every new member. Returns -EINVAL if
// the struct is smaller than the first version. Returns -E2BIG if the caller's struct is newer, and has a nonzero
// member that this version lacks. Also returns -E2BIG for a size above most_size.
template <typename Struct>
int load_struct(const Struct *given, Struct *known)
{
    static_assert(first_size<Struct> != 0, "say what the first release gave it");
    const size_t size = given->size;
    if (MIO_LIKELY(size == sizeof(Struct))) { // the compiler copies a struct of known size without a call
        *known = *given;
        return 0;
    }
    if (size < first_size<Struct>) return -EINVAL;
    if (size > most_size) return -E2BIG;
    const size_t common = size < sizeof(Struct) ? size : sizeof(Struct);
    if (!is_zero(reinterpret_cast<const unsigned char *>(given) + common, size - common)) return -E2BIG;
    *known = {};
    memcpy(known, given, common);
    return 0;
}

// The reverse of load_struct: copies a struct, with its results, back into the caller's struct. Never writes beyond the
// end of the caller's struct.
template <typename Struct>
void store_struct(const Struct &known, Struct *given)
{
    const size_t size = given->size; // NOLINT(clang-analyzer-core.NullDereference): load_struct has read *given
    if (MIO_LIKELY(size == sizeof(Struct))) {
        *given = known;
    } else {
        memcpy(given, &known, size < sizeof(Struct) ? size : sizeof(Struct));
    }
}

} // namespace mio::impl
