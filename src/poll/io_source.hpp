// SPDX-License-Identifier: MIT
// Completes the opening of a source, closes a source, and runs the operations, such as a read, that can use up the
// readiness of a source.
#pragma once

#include "core/base.hpp"
#include "poll/source_layout.hpp"
#include "port/sockets.hpp"

#include <mio/interest.h>
#include <utility>

namespace mio::impl {

// Completes the opening of a source. If `failed` is 0, turns the storage into an open source of the handle. Otherwise
// an earlier step has failed with this error, so the function closes the handle and returns the error.
int keep_or_close(mio_source *source, SourceKind kind, mio_handle handle, int failed);

// Closes the descriptor of an open source. If closing a descriptor does not end its registration, the function ends the
// registration first.
void close_source(mio_source *source);

// Empties the source without closing its descriptor, and stores the descriptor in *handle. The descriptor stays
// registered. Returns -EINVAL for a set of signals or a named pipe, because such a source consists of more than its
// descriptor.
int release_handle(mio_source *source, mio_handle *handle);

// Call this function after an operation on the source has used up the readiness `used_up`. The function tells the poll
// object of the source that this readiness is used up; see `rearm` in port/selector.hpp. In a child that has inherited
// the source, the function does nothing.
void note_used_up(mio_source *source, uint32_t used_up);

// True if the operation would block. In this case the operation has used up the readiness of its direction. Other
// errors, such as EMFILE, EMSGSIZE or EPIPE, use up nothing. The end of a stream also uses up nothing.
constexpr bool would_wait(int64_t result)
{
    return result == -EAGAIN || result == -EWOULDBLOCK || result == -EINPROGRESS;
}

template <typename Operation>
using ResultOf = decltype(std::declval<Operation>()(mio_handle()));

// Checks a source like check_kind. Also accepts other kinds if they have the same mark as `kind`
// (poll/source_layout.hpp).
int check_mark(const mio_source *source, SourceKind kind);

// length_of returns the number of bytes or messages that an operation requests. An operation that returns less than
// this number has used up the readiness.
struct Pieces {
    const mio_iovec *first;
    size_t count;
};

inline size_t length_of(size_t length)
{
    return length;
}

size_t length_of(const Pieces &pieces);

// Calls note_used_up if `result` shows that an operation has used up readiness. `way` has the bits of the readiness
// that the operation can use up. If the operation would block, or returned less than requested, this readiness is used
// up. After any other failure, only the bit MIO_ERROR of `way` is used up. The function uses `asked` only if `result`
// is above 0.
void note_result(mio_source *source, uint32_t way, size_t asked, int64_t result);

// The slow path of do_io: runs an operation on a watched source, or fails if the source is closed or has the wrong
// kind. This function is not inline, so that the fast path stays short.
template <typename Asked, typename Operation>
[[gnu::noinline]] ResultOf<Operation> do_watched_io(mio_source *source, SourceKind kind, uint32_t way, Asked asked,
                                                    Operation operation)
{
    const int wrong = check_mark(source, kind);
    if (wrong != 0) return wrong;
    const ResultOf<Operation> result = operation(layout(source)->handle);
    // Compute the length only after a success. A failed operation may not have read the pieces, because there were too
    // many of them, or because they are not in readable memory.
    note_result(source, way, result > 0 ? length_of(asked) : 0, result);
    return result;
}

// Use do_io for every operation that can use up readiness. If a selector emulates edges, do_io reports to the selector
// that the readiness is used up. `way` is the readiness that the operation can use up: MIO_READABLE, MIO_WRITABLE, or
// both if the direction is unknown. `way` is MIO_ERROR if the operation only fetches errors. For a stream, `asked` is
// the requested length, or the Pieces of a vectored call. For a batch of datagrams, `asked` is the number of messages.
// A result below `asked` means that the readiness is used up (mio(7), epoll(7)).
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

// Stores the pending error of a socket in *error, and clears the pending error. Returns 0, or a negative errno value.
inline int take_error(mio_source *source, int *error)
{
    const int failed = socket_take_error(handle_of(source), error);
    if (failed == 0 && *error != 0) note_used_up(source, MIO_ERROR);
    return failed;
}

// Implements mio_source_try_io for pointers that are not null.
inline int64_t try_io(mio_source *source, int64_t (*operation)(mio_handle handle, void *context), void *context)
{
    const SourceKind kind = kind_of(source);
    if (kind == SourceKind::none) return -EBADF;
    return do_io(source, kind, MIO_READABLE | MIO_WRITABLE,
                 [=](mio_handle handle) { return operation(handle, context); });
}

} // namespace mio::impl
