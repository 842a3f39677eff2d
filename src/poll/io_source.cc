// SPDX-License-Identifier: MIT
#include "poll/io_source.hpp"

#include "poll/ownership.hpp"
#include "poll/poller.hpp"

namespace mio::impl {

void close_source(mio_source *source)
{
    const mio_handle handle = handle_of(source);
    mio_poll *watcher = watcher_of(source);
    if (watcher != nullptr && is_ours(watcher)) (void)watcher->selector->remove(selector_state(watcher), handle);
    *source = {};
    drop_reference(watcher);
    if (handle != MIO_HANDLE_NONE) close_handle(handle);
}

int keep_or_close(mio_source *source, SourceKind kind, mio_handle handle, int failed)
{
    if (failed != 0) {
        close_handle(handle);
        return failed;
    }
    set_open(source, kind, handle);
    return 0;
}

int release_handle(mio_source *source, mio_handle *handle)
{
    if (kind_of(source) >= SourceKind::signals) return -EINVAL;
    const int failed = borrow_handle(source, handle);
    if (failed != 0) return failed;
    mio_poll *watcher = watcher_of(source);
    *source = {};
    drop_reference(watcher);
    return 0;
}

void note_used_up(mio_source *source, uint32_t used_up)
{
    mio_poll *watcher = watcher_of(source);
    // Ignore a failure of `rearm`, because the result of the operation is valid in any case.
    if (watcher != nullptr && is_ours(watcher))
        (void)watcher->selector->rearm(selector_state(watcher), handle_of(source), used_up);
}

size_t length_of(const Pieces &pieces)
{
    size_t length = 0;
    for (size_t i = 0; i < pieces.count; i++)
        length += pieces.first[i].length;
    return length;
}

int check_mark(const mio_source *source, SourceKind kind)
{
    const SourceKind found = kind_of(source);
    if (found == SourceKind::none) return -EBADF;
    return mark_of(found, SourceState::plain) == mark_of(kind, SourceState::plain) ? 0 : -EINVAL;
}

void note_result(mio_source *source, uint32_t way, size_t asked, int64_t result)
{
    const bool short_count = result > 0 && static_cast<uint64_t>(result) < asked;
    if (would_wait(result) || short_count) {
        note_used_up(source, way);
    } else if (result < 0) {
        note_used_up(source, way & MIO_ERROR);
    }
}

} // namespace mio::impl
