// SPDX-License-Identifier: MIT
// The kind and the handle of a source, and the layout of mio_source in memory.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <mio/poll.h>
#include <mio/source.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// The kind of a source.
enum class SourceKind : uint8_t {
    none = 0, // closed
    tcp_socket,
    tcp_listener,
    tcp_stream,
    udp_socket,
    udp_on_device, // the scope of the peer binds the socket to an interface (port/sockets.hpp)
    unix_listener,
    unix_stream,
    unix_datagram,
    pipe_sender,
    pipe_receiver,
    // These sources consist of more than their handle.
    signals,
    named_pipe,
};

// A source is `watched` if it is registered with a poll object whose selector emulates edges. Operations on a watched
// source report used-up readiness to the poll object. Every other open source is `plain`. With epoll every source is
// plain.
enum class SourceState : uint8_t { plain = 1, watched = 3 };

// Returns the mark of an open source. With one comparison of the mark, an exported function knows three facts: the
// storage is not garbage, the source is open and plain, and its kind suits the call. Kinds that use the same calls have
// the same mark.
constexpr uint32_t mark_of(SourceKind kind, SourceState state)
{
    SourceKind shared = kind;
    if (kind == SourceKind::unix_stream) shared = SourceKind::tcp_stream;
    if (kind == SourceKind::unix_listener) shared = SourceKind::tcp_listener;
    if (kind == SourceKind::udp_on_device) shared = SourceKind::udp_socket;
    return 0x6d69'0000U | static_cast<uint32_t>(shared) << 8 | static_cast<uint32_t>(state);
}

// The content of a source, as the storage of a mio_source holds it. One thread can register a source while other
// threads read and write through the source. So no member is a bit-field, because writing a bit-field also writes its
// neighbours. `Handle` is a template parameter, so that every build can check the layout for a Windows handle, which
// has the size of a pointer.
template <typename Handle>
struct __attribute__((may_alias)) BasicSourceLayout {
    Handle handle;
    uint32_t mark; // the result of mark_of, or 0
    SourceKind kind;
    // The next three members record the owner. Only poll/ownership.cc uses them.
    uint8_t owner_generation;
    uint16_t owner_number;
    mio_poll *watcher;
};
using SourceLayout = BasicSourceLayout<mio_handle>;

// The storage of a mio_source has at least this number of free bytes on every machine. Later versions can use them.
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

// Returns the kind of a source, or `none` for a closed source and for garbage.
inline SourceKind kind_of(const mio_source *source)
{
    const SourceKind kind = layout(source)->kind;
    const uint32_t mark = layout(source)->mark;
    const bool open = mark == mark_of(kind, SourceState::plain) || mark == mark_of(kind, SourceState::watched);
    return open ? kind : SourceKind::none;
}

inline bool is_plain(const mio_source *source, SourceKind kind)
{
    return layout(source)->mark == mark_of(kind, SourceState::plain);
}

inline bool is_watched(const mio_source *source)
{
    return layout(source)->mark == mark_of(layout(source)->kind, SourceState::watched);
}

// Returns the handle of a source, or MIO_HANDLE_NONE for a closed source and for garbage.
inline mio_handle handle_of(const mio_source *source)
{
    return kind_of(source) != SourceKind::none ? layout(source)->handle : MIO_HANDLE_NONE;
}

// Returns 0 if the source is open and has the kind `kind`. Returns -EINVAL for a source of another kind, and -EBADF for
// a closed source.
inline int check_kind(const mio_source *source, SourceKind kind)
{
    const SourceKind found = kind_of(source);
    if (found == kind) return 0;
    return found == SourceKind::none ? -EBADF : -EINVAL;
}

// Turns the storage into an open source that is not registered.
inline void set_open(mio_source *source, SourceKind kind, mio_handle handle)
{
    *source = {};
    layout(source)->handle = handle;
    layout(source)->kind = kind;
    layout(source)->mark = mark_of(kind, SourceState::plain);
}

// Changes the kind of an open source and keeps its registration.
inline void change_kind(mio_source *source, SourceKind kind)
{
    const SourceState state = is_watched(source) ? SourceState::watched : SourceState::plain;
    layout(source)->kind = kind;
    layout(source)->mark = mark_of(kind, state);
}

// Stores the descriptor. The source still owns the descriptor. Returns -EBADF for a closed source and for garbage.
inline int borrow_handle(const mio_source *source, mio_handle *handle)
{
    if (kind_of(source) == SourceKind::none) return -EBADF;
    *handle = layout(source)->handle;
    return 0;
}

} // namespace mio::impl
