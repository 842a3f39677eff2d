// SPDX-License-Identifier: MIT
// The `size` member of structs that a caller fills, or has filled: one rule for all of them, so that a struct can grow at
// its end without a word to the programs that were compiled before, or to the libraries that are older than a program.
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

// What a struct measured in the first release that had it. These are numbers, not sizeof: a member that is added later
// changes that, and then every program from before would be refused. (Add members so that there is no padding, on any
// machine: what an initializer leaves in it is not zero, and an older library would take it for a wish.)
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

inline bool is_zero(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != 0) return false;
    }
    return true;
}

// Copies a caller's struct, of whatever version, into one of today's: what an older one lacks is zero, which is what new
// members mean by default. -EINVAL below the first version's size; -E2BIG where a newer one has something in the members
// that are not known here.
template <typename Struct>
int load_struct(const Struct *given, Struct *known)
{
    static_assert(first_size<Struct> != 0, "say what the first release gave it");
    const size_t size = given->size;
    if (size < first_size<Struct>) return -EINVAL;
    const size_t common = size < sizeof(Struct) ? size : sizeof(Struct);
    if (!is_zero(reinterpret_cast<const unsigned char *>(given) + common, size - common)) return -E2BIG;
    *known = {};
    memcpy(known, given, common);
    return 0;
}

// Copies what was loaded, and filled since then, back into the caller's struct, and never beyond the end of that.
template <typename Struct>
void store_struct(const Struct &known, Struct *given)
{
    const size_t size = given->size;
    memcpy(given, &known, size < sizeof(Struct) ? size : sizeof(Struct));
}

} // namespace mio::impl
