// SPDX-License-Identifier: MIT
#include "source/accept_reserve.hpp"

#include "core/refused_call.hpp"
#include "core/sync.hpp"
#include "poll/backends.hpp"
#include "poll/io_source.hpp"
#include "port/sockets.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

// `handle` is the reserved descriptor. A thread that has no descriptor for an accept sets `handle` to MIO_HANDLE_NONE
// and closes the reserved descriptor. After the accept, the thread opens a new reserved descriptor. If no descriptor is
// free at that time, `handle` stays MIO_HANDLE_NONE. Threads share a reserve without a lock: only one thread gets the
// reserved descriptor, and any other thread finds MIO_HANDLE_NONE and returns the error of its accept.
template <typename Handle>
struct __attribute__((may_alias)) BasicReserveLayout {
    Atomic<Handle> handle;
    uint32_t mark;
};
using ReserveLayout = BasicReserveLayout<mio_handle>;

// As in poll/source_layout.hpp, the storage has space for later versions, even if a handle has the size of a pointer.
static_assert(sizeof(BasicReserveLayout<int64_t>) + source_spare <= sizeof(mio_accept_reserve));
static_assert(alignof(ReserveLayout) <= alignof(mio_accept_reserve));

// Distinguishes an open reserve from a closed reserve, and from storage that holds garbage.
constexpr uint32_t open_mark = 0x4d52'5356;

ReserveLayout *layout(mio_accept_reserve *reserve)
{
    return reinterpret_cast<ReserveLayout *>(reserve);
}

// Opens the descriptor of a reserve. A sandbox may forbid sockets of every family, because a service manager can pass
// the listener. The function then opens a notifier, and keeps one end.
int open_spare(mio_handle *spare)
{
    const int failed = open_spare_handle(spare);
    if (!is_refused_call(failed)) return failed;
    const Notifier *notifier = nullptr;
    NotifierEnds ends;
    const int result = open_notifier(&notifier, &ends);
    if (result != 0) return is_refused_call(result) ? failed : result;
    if (ends.written != ends.watched) close_handle(ends.written);
    *spare = ends.watched;
    return 0;
}

void refill(ReserveLayout *reserve)
{
    mio_handle spare = MIO_HANDLE_NONE;
    if (open_spare(&spare) != 0) return;
    if (!reserve->handle.exchange_if(MIO_HANDLE_NONE, spare)) close_handle(spare);
}

// Closes the reserved descriptor, accepts one connection with the freed descriptor, closes this connection, and
// reserves a descriptor again. If there is no reserved descriptor, returns `error`, the error of the failed accept.
int shed(mio_handle listener, ReserveLayout *reserve, int error)
{
    const mio_handle spare = reserve->handle.exchange(MIO_HANDLE_NONE);
    if (spare == MIO_HANDLE_NONE) return error;
    close_handle(spare);
    mio_handle accepted = MIO_HANDLE_NONE;
    const int failed = accept_socket(listener, nullptr, &accepted);
    if (failed == 0) close_handle(accepted);
    refill(reserve);
    return failed == 0 ? -ECANCELED : failed;
}

SourceKind accepted_kind(const mio_source *listener)
{
    return kind_of(listener) == SourceKind::unix_listener ? SourceKind::unix_stream : SourceKind::tcp_stream;
}

} // namespace

int open_reserve(mio_accept_reserve *reserve)
{
    mio_handle spare = MIO_HANDLE_NONE;
    const int failed = open_spare(&spare);
    if (failed != 0) return failed;
    *reserve = {};
    layout(reserve)->mark = open_mark;
    layout(reserve)->handle.store(spare);
    return 0;
}

void close_reserve(mio_accept_reserve *reserve)
{
    const bool open = layout(reserve)->mark == open_mark;
    const mio_handle spare = layout(reserve)->handle.load();
    *reserve = {};
    if (open && spare != MIO_HANDLE_NONE) close_handle(spare);
}

int accept_source(mio_source *listener, mio_source *stream, mio_addr *peer)
{
    mio_handle accepted = MIO_HANDLE_NONE;
    const int failed = do_io(listener, SourceKind::tcp_listener, MIO_READABLE,
                             [&](mio_handle handle) { return accept_socket(handle, peer, &accepted); });
    if (failed != 0) return failed;
    set_open(stream, accepted_kind(listener), accepted);
    return 0;
}

int accept_or_shed(mio_source *listener, mio_accept_reserve *reserve, mio_source *stream, mio_addr *peer)
{
    ReserveLayout *spare = layout(reserve);
    if (spare->mark != open_mark) return -EBADF;
    mio_handle accepted = MIO_HANDLE_NONE;
    const int failed = do_io(listener, SourceKind::tcp_listener, MIO_READABLE, [&](mio_handle handle) {
        const int result = accept_socket(handle, peer, &accepted);
        return result == -EMFILE || result == -ENFILE ? shed(handle, spare, result) : result;
    });
    if (failed != 0) return failed;
    // If the reserve is empty, try to open a new reserved descriptor, because a descriptor may be free now.
    if (spare->handle.load() == MIO_HANDLE_NONE) refill(spare);
    set_open(stream, accepted_kind(listener), accepted);
    return 0;
}

} // namespace mio::impl
