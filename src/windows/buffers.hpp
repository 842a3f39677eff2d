// SPDX-License-Identifier: MIT
// Converts the pieces of a vectored call to the form of Winsock. Winsock describes a piece by a WSABUF. WSABUF and
// mio_iovec have their members in different orders, and the length in a WSABUF has only 32 bits. So the library copies
// the address and the length of each piece. It does not copy the bytes.
#pragma once

#include "core/base.hpp"
#include "windows/winsock.hpp"

#include <limits.h>
#include <mio/base.h>
#include <stddef.h>

namespace mio::impl {

// One call moves at most this number of bytes. Winsock counts bytes in 32 bits, and some calls return the count in an
// int.
constexpr size_t most_bytes = INT_MAX;

inline int clamped(size_t length)
{
    return static_cast<int>(length < most_bytes ? length : most_bytes);
}

struct Buffers {
    WSABUF pieces[MIO_PIECES_MAX];
    DWORD count;
    size_t length; // number of bytes in all pieces together
};

// Describes `count` pieces by WSABUF structs, as Winsock requires. `count` is at most MIO_PIECES_MAX. Returns false if
// the pieces have more bytes than one call moves. In that case `buffers` describes only the first most_bytes bytes.
inline bool fill_buffers(Buffers *buffers, const mio_iovec *pieces, size_t count)
{
    buffers->count = 0;
    buffers->length = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t room = most_bytes - buffers->length;
        const size_t length = pieces[i].length < room ? pieces[i].length : room;
        if (length > 0) {
            buffers->pieces[buffers->count++] = {static_cast<ULONG>(length), static_cast<char *>(pieces[i].base)};
        }
        buffers->length += length;
        if (length < pieces[i].length) return false;
    }
    return true;
}

} // namespace mio::impl
