// SPDX-License-Identifier: MIT
// The layout of mio_source, known here alone. Its first word holds the descriptor plus one in the low half, so that all
// zero is closed, and in the high half the number of the poll object that the source is registered with, or 0. The other
// words are zero, for backends that keep state.
#pragma once

#include "core/base.hpp"
#include "port/sockets.hpp"

#include <errno.h>
#include <mio/source.h>

namespace mio::impl {

// One thread may read or write through a source while another registers it, so the word is read and written whole.
inline uint64_t load_word(const mio_source *source)
{
    return __atomic_load_n(&source->opaque[0], __ATOMIC_RELAXED);
}

inline void store_word(mio_source *source, uint64_t word)
{
    __atomic_store_n(&source->opaque[0], word, __ATOMIC_RELAXED);
}

// MIO_HANDLE_NONE for a closed source, to which the system answers -EBADF.
inline mio_handle handle_of(const mio_source *source)
{
    return static_cast<mio_handle>(static_cast<uint32_t>(load_word(source)) - 1);
}

inline uint16_t owner_of(const mio_source *source)
{
    return static_cast<uint16_t>(load_word(source) >> 32);
}

inline void set_owner(mio_source *source, uint16_t number)
{
    store_word(source, uint64_t{number} << 32 | static_cast<uint32_t>(load_word(source)));
}

// Makes the storage an open source that is not registered.
inline void set_open(mio_source *source, mio_handle handle)
{
    *source = {{static_cast<uint32_t>(handle) + 1, 0, 0, 0}};
}

// Closes what is open.
inline void close_source(mio_source *source)
{
    const mio_handle handle = handle_of(source);
    if (handle == MIO_HANDLE_NONE) return;
    *source = {};
    close_handle(handle);
}

inline mio_handle borrow_handle(const mio_source *source)
{
    const mio_handle handle = handle_of(source);
    return handle != MIO_HANDLE_NONE ? handle : -EBADF;
}

// Gives the descriptor to the caller.
inline mio_handle release_handle(mio_source *source)
{
    const mio_handle handle = borrow_handle(source);
    if (handle >= 0) *source = {};
    return handle;
}

// Every read, write and accept goes through here, so that backends which must know when readiness is used up can learn
// of -EAGAIN. epoll need not.
template <typename Operation>
inline auto do_io(const mio_source *source, Operation operation)
{
    return operation(handle_of(source));
}

} // namespace mio::impl
