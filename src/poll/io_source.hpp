// SPDX-License-Identifier: MIT
// The layout of mio_source, known here alone.
#pragma once

#include "core/base.hpp"
#include "poll/poller.hpp"
#include "port/sockets.hpp"

#include <errno.h>
#include <mio/interest.h>
#include <mio/source.h>

namespace mio::impl {

enum class SourceState : uint8_t {
    closed = 0,  // so that all zero is closed
    plain = 1,   // open, and nobody asks what becomes of its readiness: always so with epoll
    watched = 2, // open, and a poll object must be told when readiness is used up
};

// Epoll needs the first word only. The parts of it are variables of their own, so that one thread may register a source
// while others read and write through it.
struct __attribute__((may_alias)) SourceLayout {
    mio_handle handle;
    SourceState state;
    uint8_t owner_generation; // of the process when it was registered, port/process.hpp
    uint16_t owner_number;    // of the poll object that it is registered with, poll/poll_number.hpp, or 0

    // The poll object that must be told, and the complement of the pointer, so that storage full of garbage is not
    // taken for one.
    uint64_t watcher;
    uint64_t not_watcher;
    bool device_is_peers; // of a UDP socket, port/sockets.hpp
    uint8_t unused[7];
};
static_assert(sizeof(SourceLayout) == sizeof(mio_source) && alignof(SourceLayout) <= alignof(mio_source));

inline SourceLayout *layout(mio_source *source)
{
    return reinterpret_cast<SourceLayout *>(source);
}

inline const SourceLayout *layout(const mio_source *source)
{
    return reinterpret_cast<const SourceLayout *>(source);
}

// MIO_HANDLE_NONE for a closed source, and for garbage.
inline mio_handle handle_of(const mio_source *source)
{
    const SourceState state = layout(source)->state;
    const bool open = state == SourceState::plain || state == SourceState::watched;
    return open ? layout(source)->handle : MIO_HANDLE_NONE;
}

// Whether the source was registered with a poll object of that generation of the process, and which.
inline uint16_t owner_of(const mio_source *source, uint32_t generation)
{
    const bool current = layout(source)->owner_generation == static_cast<uint8_t>(generation);
    return current ? layout(source)->owner_number : 0;
}

inline void set_owner(mio_source *source, uint16_t number, uint32_t generation)
{
    layout(source)->owner_generation = static_cast<uint8_t>(generation);
    layout(source)->owner_number = number;
}

// Makes the storage an open source that is not registered.
inline void set_open(mio_source *source, mio_handle handle)
{
    *source = {};
    layout(source)->handle = handle;
    layout(source)->state = SourceState::plain;
}

inline mio_handle borrow_handle(const mio_source *source)
{
    const mio_handle handle = handle_of(source);
    return handle != MIO_HANDLE_NONE ? handle : -EBADF;
}

// Closes what is open, and ends its registration where the system does not do it by itself.
void close_source(mio_source *source);

// Gives the descriptor to the caller, with its registration.
mio_handle release_handle(mio_source *source);

// A source that is registered with a poll object which must be told holds a reference to it.
void watch_source(mio_poll *poll, mio_source *source);
void unwatch_source(mio_source *source);

// Tells the watcher what an operation has used up, see rearm in port/selector.hpp.
void note_used_up(mio_source *source, uint32_t used_up);

inline bool is_plain(const mio_source *source)
{
    return layout(source)->state == SourceState::plain;
}

// Whether a result says that the operation would have had to wait, and so that its way is used up. Another error says
// nothing of the kind: no descriptor left, too long, closed by the peer. Nor does the end of a stream, which stays.
constexpr bool would_wait(int64_t result)
{
    return result == -EAGAIN || result == -EWOULDBLOCK || result == -EINPROGRESS;
}

// Runs an operation on a source that is watched, or closed, and says so where it used readiness up: when it would have
// had to wait, or returned less than `enough`. One that failed otherwise may have fetched a pending error, and that
// alone. Out of the way, so that nothing of it is in the common course.
template <typename Operation>
[[gnu::noinline]] auto do_watched_io(mio_source *source, uint32_t way, size_t enough, Operation operation)
{
    const auto result = operation(handle_of(source));
    const bool short_count = result > 0 && static_cast<uint64_t>(result) < enough;
    if (would_wait(result) || short_count) {
        note_used_up(source, way);
    } else if (result < 0) {
        note_used_up(source, way & MIO_ERROR);
    }
    return result;
}

// Every operation that can find readiness used up goes through one of these, so that a selector that emulates edges
// learns of it. `way` is what the operation uses up: MIO_READABLE, MIO_WRITABLE, or both if that is not known; MIO_ERROR
// for one that fetches errors and nothing else.
template <typename Operation>
inline auto do_io(mio_source *source, uint32_t way, Operation operation)
{
    if (MIO_LIKELY(is_plain(source))) return operation(layout(source)->handle);
    return do_watched_io(source, way, 0, operation);
}

// The same for streams, and for batches of datagrams, where a count below the `length` that was asked for says it as
// well: mio(7) promises it of streams, as epoll(7) does.
template <typename Operation>
inline int64_t do_stream_io(mio_source *source, uint32_t way, size_t length, Operation operation)
{
    if (MIO_LIKELY(is_plain(source))) return operation(layout(source)->handle);
    return do_watched_io(source, way, length, operation);
}

// The pending error of a socket, cleared.
inline int take_error(mio_source *source)
{
    return do_io(source, MIO_ERROR, socket_take_error);
}

// How much a vectored operation asks for.
inline size_t length_of(const mio_iovec *pieces, size_t count)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += pieces[i].length;
    return length;
}

template <typename Operation>
inline int64_t do_vectored_io(mio_source *source, uint32_t way, const mio_iovec *pieces, size_t count,
                              Operation operation)
{
    if (MIO_LIKELY(is_plain(source))) return operation(layout(source)->handle);
    return do_watched_io(source, way, length_of(pieces, count), operation);
}

} // namespace mio::impl
