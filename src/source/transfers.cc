// SPDX-License-Identifier: MIT
// Moves bytes from one source or descriptor to another. A short count does not say which side blocks. If the library
// rearmed a side that is still ready, the event of this side would repeat at once. If a program waited for a side that
// is still ready, no edge would come, so the wait would not end. The library therefore polls both sides if a selector
// emulates edges, or if the caller asks which side blocks.
#include "source/transfers.hpp"

#include "port/transfers.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

constexpr int both_sides = static_cast<int>(MIO_READABLE | MIO_WRITABLE);

bool is_watched_end(TransferEnd end)
{
    return end.source != nullptr && is_watched(end.source);
}

// A source must be a stream or an end of a pipe, because a transfer would divide or drop the datagrams of another kind.
// A bare descriptor and a closed source pass the check, because the system itself checks them.
bool is_allowed_end(TransferEnd end)
{
    if (end.source == nullptr) return true;
    switch (kind_of(end.source)) {
    case SourceKind::none:
    case SourceKind::tcp_stream:
    case SourceKind::unix_stream:
    case SourceKind::pipe_sender:
    case SourceKind::pipe_receiver:
        return true;
    default:
        return false;
    }
}

bool is_short(int64_t result, size_t count)
{
    return result < 0 || (result > 0 && static_cast<uint64_t>(result) < count);
}

// Records that the readiness of `sides` is used up. A negative error means that each side may be unready.
void note_unready(TransferEnd from, TransferEnd to, int error_or_sides)
{
    const auto sides = static_cast<uint32_t>(error_or_sides < 0 ? both_sides : error_or_sides);
    if ((sides & MIO_READABLE) != 0 && is_watched_end(from)) note_used_up(from.source, MIO_READABLE);
    if ((sides & MIO_WRITABLE) != 0 && is_watched_end(to)) note_used_up(to.source, MIO_WRITABLE);
}

} // namespace

int64_t send_file_to(mio_source *source, mio_handle file, int64_t *offset, size_t count)
{
    const TransferEnd to = end_of(source);
    // If `source` is closed, return -EBADF here, because the system could report an error of `file` first.
    if (to.handle == MIO_HANDLE_NONE) return -EBADF;
    if (!is_allowed_end(to)) return -EINVAL;
    if (count > transfer_most) count = transfer_most;
    const int64_t result = send_file(to.handle, file, offset, count);
    // The caller waits only for the stream, never for the file. If the stream has become ready since the transfer,
    // rearming causes an event.
    const bool full = result == -EAGAIN;
    if (is_watched_end(to) && is_short(result, count))
        note_unready({}, to, full ? static_cast<int>(MIO_WRITABLE) : unready_sides(MIO_HANDLE_NONE, to.handle));
    return result;
}

int64_t splice_ends(TransferEnd from, TransferEnd to, size_t count, uint32_t *blocked)
{
    if (!is_allowed_end(from) || !is_allowed_end(to)) return -EINVAL;
    if (count > transfer_most) count = transfer_most;
    const bool watched = is_watched_end(from) || is_watched_end(to);
    int64_t result = 0;
    int sides = 0;
    // If both sides are ready now, the side that blocked has become ready after the transfer, so try again. At an
    // out-of-band mark both sides stay ready and no bytes move, so limit the attempts.
    for (int attempts = 0; attempts < 3 && sides == 0; attempts++) {
        result = splice_handles(from.handle, to.handle, count);
        const bool asked = watched ? is_short(result, count) : blocked != nullptr && result == -EAGAIN;
        if (!asked) return result;
        sides = unready_sides(from.handle, to.handle);
        if (result != -EAGAIN) break;
    }
    // If both sides were ready at each attempt but no bytes moved, there are two possible reasons. If the stream is at
    // an out-of-band mark, both sides stay ready. Rearming them would repeat their events for ever, so record nothing.
    // If the stream is not at a mark, other threads may have read or written just before each attempt. So record that
    // the readiness of both sides is used up.
    const bool at_odds = watched && result == -EAGAIN && sides == 0 && stream_at_mark(from.handle) <= 0;
    note_unready(from, to, at_odds ? both_sides : sides);
    if (result != -EAGAIN || blocked == nullptr) return result;
    if (sides < 0) return sides; // no byte has moved
    *blocked = static_cast<uint32_t>(sides);
    return result;
}

} // namespace mio::impl
