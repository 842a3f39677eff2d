// SPDX-License-Identifier: MIT
#include "source/signal_source.hpp"

#include "core/refused_call.hpp"
#include "core/struct_size.hpp"
#include "port/mechanisms.hpp"

#include <errno.h>
#include <string.h>

namespace mio::impl {

namespace {

// The content of mio_signals.opaque.
struct Collection {
    uint32_t mechanism; // the index of the mechanism plus one; 0 means no mechanism
    uint32_t cookie;    // set by `open` of the mechanism, and passed to `stop`
    SignalSet set;
};
static_assert(sizeof(Collection) <= sizeof(mio_signals::opaque));

// Copies the content of mio_signals.opaque to *collection. Returns false if *collection does not have the index of a
// mechanism. In this case the storage is not an open set, and may hold garbage.
bool load_collection(const mio_signals *signals, Collection *collection)
{
    memcpy(collection, signals->opaque, sizeof *collection);
    return collection->mechanism - 1 < signal_mechanisms.count;
}

const SignalMechanism *mechanism_of(const Collection &collection)
{
    return signal_mechanisms.first[collection.mechanism - 1];
}

} // namespace

int open_signals(mio_signals *signals, const int *numbers, size_t count, uint32_t flags)
{
    if (count == 0 || (flags & ~MIO_SIGNALS_SELF_PIPE) != 0) return -EINVAL;
    Collection made = {};
    const int wrong = signal_set_of(numbers, count, &made.set);
    if (wrong != 0) return wrong;
    mio_handle handle = MIO_HANDLE_NONE;
    int failed = -ENOSYS;
    const uint32_t last = static_cast<uint32_t>(signal_mechanisms.count);
    made.mechanism = (flags & MIO_SIGNALS_SELF_PIPE) != 0 ? last : 1;
    for (; made.mechanism <= last; made.mechanism++) {
        failed = mechanism_of(made)->open(made.set, &made.cookie, &handle);
        if (!is_refused_call(failed)) break;
    }
    if (failed != 0) return failed;
    *signals = {};
    set_open(&signals->source, SourceKind::signals, handle);
    memcpy(signals->opaque, &made, sizeof made);
    return 0;
}

void close_signals(mio_source *source)
{
    mio_signals *signals = reinterpret_cast<mio_signals *>(source);
    Collection collection;
    const bool is_known = load_collection(signals, &collection);
    const bool closes = !is_known || mechanism_of(collection)->stop(collection.set, collection.cookie);
    if (closes) close_source(&signals->source);
    *signals = {};
}

int recv_signal(mio_signals *signals, mio_signal_info *info)
{
    Collection collection;
    mio_signal_info received;
    int wrong = load_struct(info, &received);
    if (wrong == 0) wrong = check_kind(&signals->source, SourceKind::signals);
    if (wrong != 0) return wrong;
    if (!load_collection(signals, &collection)) return -EBADF;
    received = {};
    const int result = do_io(&signals->source, SourceKind::signals, MIO_READABLE, [&](mio_handle handle) {
        return mechanism_of(collection)->recv(handle, collection.cookie, &received);
    });
    if (result < 0) return result;
    received.size = info->size;
    store_struct(received, info);
    return result;
}

} // namespace mio::impl
