// SPDX-License-Identifier: MIT
// The layout of mio_source, known here alone.
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

// Open, and nobody asks what becomes of its readiness: always so with epoll. Or a poll object must be told when
// readiness is used up.
enum class SourceState : uint8_t { plain = 1, watched = 3 };

// What one comparison finds out: that the storage is no garbage, that the source is open, of a kind that the call is
// for, and plain. The kinds that the same calls are for have one mark.
constexpr uint32_t mark_of(SourceKind kind, SourceState state)
{
    SourceKind shared = kind;
    if (kind == SourceKind::unix_stream) shared = SourceKind::tcp_stream;
    if (kind == SourceKind::unix_listener) shared = SourceKind::tcp_listener;
    if (kind == SourceKind::udp_on_device) shared = SourceKind::udp_socket;
    return 0x6d69'0000U | static_cast<uint32_t>(shared) << 8 | static_cast<uint32_t>(state);
}

// The parts are variables of their own, so that one thread may register a source while others read and write through
// it. A handle of Windows has the size of a pointer.
template <typename Handle>
struct __attribute__((may_alias)) BasicSourceLayout {
    Handle handle;
    uint32_t mark; // mark_of, or 0
    SourceKind kind;
    uint8_t owner_generation; // of the process when it was registered, port/process.hpp
    uint16_t owner_number;    // of the poll object that it is registered with, poll/poll_number.hpp, or 0
    mio_poll *watcher;        // the poll object that must be told
};
using SourceLayout = BasicSourceLayout<mio_handle>;

// What is left is for later versions: never less than this, on any machine.
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

// `none` for a closed source, and for garbage.
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

// MIO_HANDLE_NONE for a closed source, and for garbage.
inline mio_handle handle_of(const mio_source *source)
{
    return kind_of(source) != SourceKind::none ? layout(source)->handle : MIO_HANDLE_NONE;
}

// 0 for an open source of that kind, -EINVAL for one of another, -EBADF for a closed one.
inline int check_kind(const mio_source *source, SourceKind kind)
{
    const SourceKind found = kind_of(source);
    if (found == kind) return 0;
    return found == SourceKind::none ? -EBADF : -EINVAL;
}

// The same, where a kind will do that the same calls are for.
inline int check_mark(const mio_source *source, SourceKind kind)
{
    const SourceKind found = kind_of(source);
    if (found == SourceKind::none) return -EBADF;
    return mark_of(found, SourceState::plain) == mark_of(kind, SourceState::plain) ? 0 : -EINVAL;
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
inline void set_open(mio_source *source, SourceKind kind, mio_handle handle)
{
    *source = {};
    layout(source)->handle = handle;
    layout(source)->kind = kind;
    layout(source)->mark = mark_of(kind, SourceState::plain);
}

// The last step of opening: makes the storage an open source of a handle, or closes the handle where a step before has
// failed, and returns why.
int keep_or_close(mio_source *source, SourceKind kind, mio_handle handle, int failed);

// Makes it an open source of another kind, registered as it was.
inline void change_kind(mio_source *source, SourceKind kind)
{
    const SourceState state = is_watched(source) ? SourceState::watched : SourceState::plain;
    layout(source)->kind = kind;
    layout(source)->mark = mark_of(kind, state);
}

// Stores the descriptor, which stays the source's. -EBADF for a closed source, and for garbage.
inline int borrow_handle(const mio_source *source, mio_handle *handle)
{
    if (kind_of(source) == SourceKind::none) return -EBADF;
    *handle = layout(source)->handle;
    return 0;
}

// Closes what is open, and ends its registration where the system does not do it by itself.
void close_source(mio_source *source);

// Gives the descriptor to the caller, with its registration. -EINVAL for a set of signals, which is more than that.
int release_handle(mio_source *source, mio_handle *handle);

// A source that is registered with a poll object which must be told holds a reference to it.
void watch_source(mio_poll *poll, mio_source *source);
void unwatch_source(mio_source *source);

// Tells the watcher what an operation has used up, see rearm in port/selector.hpp.
void note_used_up(mio_source *source, uint32_t used_up);

// Whether a result says that the operation would have had to wait, and so that its way is used up. Another error says
// nothing of the kind: no descriptor left, too long, closed by the peer. Nor does the end of a stream, which stays.
constexpr bool would_wait(int64_t result)
{
    return result == -EAGAIN || result == -EWOULDBLOCK || result == -EINPROGRESS;
}

template <typename Operation>
using ResultOf = decltype(std::declval<Operation>()(mio_handle()));

// Runs an operation on a source that is watched, of another kind, or closed, and says so where it used readiness up:
// when it would have had to wait, or returned less than `enough`. One that failed otherwise may have fetched a pending
// error, and that alone. Out of the way, so that nothing of it is in the common course.
template <typename Operation>
[[gnu::noinline]] ResultOf<Operation> do_watched_io(mio_source *source, SourceKind kind, uint32_t way, size_t enough,
                                                    Operation operation)
{
    const int wrong = check_mark(source, kind);
    if (wrong != 0) return wrong;
    const ResultOf<Operation> result = operation(layout(source)->handle);
    const bool short_count = result > 0 && static_cast<uint64_t>(result) < enough;
    if (would_wait(result) || short_count) {
        note_used_up(source, way);
    } else if (result < 0) {
        note_used_up(source, way & MIO_ERROR);
    }
    return result;
}

inline bool is_plain(const mio_source *source, SourceKind kind)
{
    return layout(source)->mark == mark_of(kind, SourceState::plain);
}

// Every operation that can find readiness used up goes through one of these, so that a selector that emulates edges
// learns of it. `way` is what the operation uses up: MIO_READABLE, MIO_WRITABLE, or both if that is not known; MIO_ERROR
// for one that fetches errors and nothing else.
template <typename Operation>
inline ResultOf<Operation> do_io(mio_source *source, SourceKind kind, uint32_t way, Operation operation)
{
    if (MIO_LIKELY(is_plain(source, kind))) return operation(layout(source)->handle);
    return do_watched_io(source, kind, way, 0, operation);
}

// The same for streams, and for batches of datagrams, where a count below the `length` that was asked for says it as
// well: mio(7) promises it of streams, as epoll(7) does.
template <typename Operation>
inline int64_t do_stream_io(mio_source *source, SourceKind kind, uint32_t way, size_t length, Operation operation)
{
    if (MIO_LIKELY(is_plain(source, kind))) return operation(layout(source)->handle);
    return do_watched_io(source, kind, way, length, operation);
}

// The pending error of a socket, cleared: 0, or a negative errno value.
inline int take_error(mio_source *source, int *error)
{
    const int failed = socket_take_error(handle_of(source), error);
    if (failed == 0 && *error != 0) note_used_up(source, MIO_ERROR);
    return failed;
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
inline int64_t do_vectored_io(mio_source *source, SourceKind kind, uint32_t way, const mio_iovec *pieces, size_t count,
                              Operation operation)
{
    if (MIO_LIKELY(is_plain(source, kind))) return operation(layout(source)->handle);
    return do_watched_io(source, kind, way, length_of(pieces, count), operation);
}

} // namespace mio::impl
