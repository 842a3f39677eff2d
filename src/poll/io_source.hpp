// SPDX-License-Identifier: MIT
// The layout of mio_source, which no other file knows.
#pragma once

#include "core/base.hpp"
#include "poll/poller.hpp"
#include "port/sockets.hpp"

#include <errno.h>
#include <mio/interest.h>
#include <mio/source.h>
#include <utility>

namespace mio::impl {

// What a source is.
enum class SourceKind : uint8_t {
    none = 0, // closed
    tcp_socket,
    tcp_listener,
    tcp_stream,
    udp_socket,
    udp_on_device, // one whose interface is its peer's, see port/sockets.hpp; for the same calls
    unix_listener,
    unix_stream,
    unix_datagram,
    pipe_sender,
    pipe_receiver,
    signals,
};

// Whether the source is open and no selector tracks its readiness, which is always so with epoll. Otherwise a poll
// object must learn when readiness is used up.
// readiness is used up.
enum class SourceState : uint8_t { plain = 1, watched = 3 };

// One comparison checks all of this: the storage is not garbage, the source is open, its kind suits the call, and no
// selector tracks it. Kinds that share their calls share a mark.
constexpr uint32_t mark_of(SourceKind kind, SourceState state)
{
    SourceKind shared = kind;
    if (kind == SourceKind::unix_stream) shared = SourceKind::tcp_stream;
    if (kind == SourceKind::unix_listener) shared = SourceKind::tcp_listener;
    if (kind == SourceKind::udp_on_device) shared = SourceKind::udp_socket;
    return 0x6d69'0000U | static_cast<uint32_t>(shared) << 8 | static_cast<uint32_t>(state);
}

// The members are separate variables, so that one thread may register a source while others read and write through it.
// A Windows handle has the size of a pointer.
template <typename Handle>
struct __attribute__((may_alias)) BasicSourceLayout {
    Handle handle;
    uint32_t mark; // mark_of, or 0
    SourceKind kind;
    uint8_t owner_generation; // of the process when it was registered, port/process.hpp
    uint16_t owner_number;    // of the poll object that it is registered with, poll/poll_number.hpp, or 0
    mio_poll *watcher;        // the poll object that must learn what is used up, or null
};
using SourceLayout = BasicSourceLayout<mio_handle>;

// The rest of the storage is reserved for later versions: at least this many bytes on any machine.
constexpr size_t source_spare = 8;
static_assert(sizeof(SourceLayout) + source_spare <= sizeof(mio_source));
static_assert(sizeof(BasicSourceLayout<int64_t>) + source_spare <= sizeof(mio_source));
static_assert(alignof(SourceLayout) <= alignof(mio_source));

inline SourceLayout *layout(mio_source *source)
{
    return reinterpret_cast<SourceLayout *>(source);
}

inline const SourceLayout *layout(const mio_source *source)
{
    return reinterpret_cast<const SourceLayout *>(source);
}

// `none` for a closed source and for garbage.
inline SourceKind kind_of(const mio_source *source)
{
    const SourceKind kind = layout(source)->kind;
    const uint32_t mark = layout(source)->mark;
    const bool open = mark == mark_of(kind, SourceState::plain) || mark == mark_of(kind, SourceState::watched);
    return open ? kind : SourceKind::none;
}

inline bool is_watched(const mio_source *source)
{
    return layout(source)->mark == mark_of(layout(source)->kind, SourceState::watched);
}

// MIO_HANDLE_NONE for a closed source and for garbage.
inline mio_handle handle_of(const mio_source *source)
{
    return kind_of(source) != SourceKind::none ? layout(source)->handle : MIO_HANDLE_NONE;
}

// 0 for an open source of that kind, -EINVAL for a source of another kind, -EBADF for a closed one.
inline int check_kind(const mio_source *source, SourceKind kind)
{
    const SourceKind found = kind_of(source);
    if (found == kind) return 0;
    return found == SourceKind::none ? -EBADF : -EINVAL;
}

// The same, but accepts any kind that shares the mark.
int check_mark(const mio_source *source, SourceKind kind);

// The number of the poll object that it was registered with in that generation of the process, or 0.
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

// Turns the storage into an open source that is not registered.
inline void set_open(mio_source *source, SourceKind kind, mio_handle handle)
{
    *source = {};
    layout(source)->handle = handle;
    layout(source)->kind = kind;
    layout(source)->mark = mark_of(kind, SourceState::plain);
}

// The last step of opening: turns the storage into an open source of a handle; if an earlier step failed, closes the
// handle and returns that error.
int keep_or_close(mio_source *source, SourceKind kind, mio_handle handle, int failed);

// Changes the kind of an open source and keeps its registration.
inline void change_kind(mio_source *source, SourceKind kind)
{
    const SourceState state = is_watched(source) ? SourceState::watched : SourceState::plain;
    layout(source)->kind = kind;
    layout(source)->mark = mark_of(kind, state);
}

// Stores the descriptor, which the source still owns. -EBADF for a closed source and for garbage.
inline int borrow_handle(const mio_source *source, mio_handle *handle)
{
    if (kind_of(source) == SourceKind::none) return -EBADF;
    *handle = layout(source)->handle;
    return 0;
}

// Closes the descriptor if there is one, and ends its registration if the system does not do so by itself.
void close_source(mio_source *source);

// Transfers the descriptor, with its registration, to the caller. -EINVAL for a set of signals, which is more than its
// descriptor.
int release_handle(mio_source *source, mio_handle *handle);

// A source holds a reference to its poll object if that object must learn when readiness is used up.
void watch_source(mio_poll *poll, mio_source *source);
void unwatch_source(mio_source *source);

// Tells the watcher what an operation has used up; see rearm in port/selector.hpp.
void note_used_up(mio_source *source, uint32_t used_up);

// Whether a result means that the operation would block, so that this direction is used up. Other errors do not mean
// that: no free descriptor, message too long, closed by the peer. Nor does the end of a stream, which stays readable.
constexpr bool would_wait(int64_t result)
{
    return result == -EAGAIN || result == -EWOULDBLOCK || result == -EINPROGRESS;
}

template <typename Operation>
using ResultOf = decltype(std::declval<Operation>()(mio_handle()));

// How much an operation asks for, where a smaller count means that the direction is used up.
struct Pieces {
    const mio_iovec *first;
    size_t count;
};

inline size_t length_of(size_t length)
{
    return length;
}

size_t length_of(const Pieces &pieces);

// Reports readiness as used up if the operation would block, or returned less than was asked for. An operation that failed
// otherwise may have fetched a pending error, and nothing else.
void note_result(mio_source *source, uint32_t way, size_t asked, int64_t result);

// Runs an operation on a source that is watched, of another kind, or closed. This is a separate function, so that it adds
// nothing to the common path.
template <typename Asked, typename Operation>
[[gnu::noinline]] ResultOf<Operation> do_watched_io(mio_source *source, SourceKind kind, uint32_t way, Asked asked,
                                                    Operation operation)
{
    const int wrong = check_mark(source, kind);
    if (wrong != 0) return wrong;
    const ResultOf<Operation> result = operation(layout(source)->handle);
    note_result(source, way, length_of(asked), result);
    return result;
}

inline bool is_plain(const mio_source *source, SourceKind kind)
{
    return layout(source)->mark == mark_of(kind, SourceState::plain);
}

// Every operation that can use readiness up goes through here, so that a selector that emulates edges learns of it.
// `way` is what the operation uses up: MIO_READABLE, MIO_WRITABLE, or both if the direction is unknown; MIO_ERROR if it
// only fetches errors. `asked` is a length, or Pieces, of streams and of batches of datagrams: mio(7) specifies that a
// short count uses readiness up, as epoll(7) does.
template <typename Asked, typename Operation>
inline ResultOf<Operation> do_io(mio_source *source, SourceKind kind, uint32_t way, Asked asked, Operation operation)
{
    if (MIO_LIKELY(is_plain(source, kind))) return operation(layout(source)->handle);
    return do_watched_io(source, kind, way, asked, operation);
}

template <typename Operation>
inline ResultOf<Operation> do_io(mio_source *source, SourceKind kind, uint32_t way, Operation operation)
{
    return do_io(source, kind, way, size_t{0}, operation);
}

// Fetches and clears the pending error of a socket: 0, or a negative errno value.
inline int take_error(mio_source *source, int *error)
{
    const int failed = socket_take_error(handle_of(source), error);
    if (failed == 0 && *error != 0) note_used_up(source, MIO_ERROR);
    return failed;
}

// mio_source_try_io, of what is not null.
inline int64_t try_io(mio_source *source, int64_t (*operation)(mio_handle handle, void *context), void *context)
{
    const SourceKind kind = kind_of(source);
    if (kind == SourceKind::none) return -EBADF;
    return do_io(source, kind, MIO_READABLE | MIO_WRITABLE,
                 [=](mio_handle handle) { return operation(handle, context); });
}

} // namespace mio::impl
