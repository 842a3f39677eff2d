// SPDX-License-Identifier: MIT
#include "poll/io_source.hpp"

namespace mio::impl {

namespace {

mio_poll *watcher_of(const mio_source *source)
{
    return is_watched(source) ? layout(source)->watcher : nullptr;
}

} // namespace

void watch_source(mio_poll *poll, mio_source *source)
{
    unwatch_source(source); // one left over from before a fork
    if (poll->selector->rearm == nullptr) return;
    add_reference(poll);
    layout(source)->watcher = poll;
    layout(source)->mark = mark_of(layout(source)->kind, SourceState::watched);
}

void unwatch_source(mio_source *source)
{
    mio_poll *watcher = watcher_of(source);
    if (watcher == nullptr) return;
    layout(source)->watcher = nullptr;
    layout(source)->mark = mark_of(layout(source)->kind, SourceState::plain);
    drop_reference(watcher);
}

void close_source(mio_source *source)
{
    const mio_handle handle = handle_of(source);
    mio_poll *watcher = watcher_of(source);
    if (watcher != nullptr && is_usable(watcher) != -ECHILD) {
        (void)watcher->selector->remove(selector_state(watcher), handle);
    }
    unwatch_source(source);
    *source = {};
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
    if (kind_of(source) == SourceKind::signals) return -EINVAL;
    const int failed = borrow_handle(source, handle);
    if (failed != 0) return failed;
    unwatch_source(source);
    *source = {};
    return 0;
}

void note_used_up(mio_source *source, uint32_t used_up)
{
    mio_poll *watcher = watcher_of(source);
    // The result of the operation stands, whether or not this call succeeds.
    if (watcher != nullptr) (void)watcher->selector->rearm(selector_state(watcher), handle_of(source), used_up);
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
