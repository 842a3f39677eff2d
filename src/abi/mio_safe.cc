// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "port/error_names.hpp"
#include "port/safe.hpp"
#include "port/signal_mask.hpp"
#include "port/signal_names.hpp"

#include <errno.h>
#include <limits.h>

using namespace mio::impl;

namespace {

// Returns the positive errno value for an error code of mio, which is negative. Returns INT_MIN unchanged, because an
// int cannot hold -INT_MIN.
int positive(int code)
{
    return code < 0 && code != INT_MIN ? -code : code;
}

} // namespace

MIO_EXPORT int64_t mio_safe_write(mio_handle handle, const void *buffer, size_t length)
{
    return write_all(handle, buffer, length);
}

MIO_EXPORT const char *mio_signal_name(int number)
{
    return signal_name(number);
}

MIO_EXPORT const char *mio_error_name(int code)
{
    return error_name(positive(code));
}

MIO_EXPORT int mio_signal_mask_block(mio_signal_mask *saved, const int *numbers, size_t count)
{
    if (numbers == nullptr && count != 0) return -EINVAL;
    return change_signal_mask(MaskChange::block, numbers, count, saved);
}

MIO_EXPORT int mio_signal_mask_unblock(mio_signal_mask *saved, const int *numbers, size_t count)
{
    if (numbers == nullptr && count != 0) return -EINVAL;
    return change_signal_mask(MaskChange::unblock, numbers, count, saved);
}

MIO_EXPORT int mio_signal_mask_block_all(mio_signal_mask *saved)
{
    return change_whole_signal_mask(MaskChange::block, saved);
}

MIO_EXPORT int mio_signal_mask_unblock_all(mio_signal_mask *saved)
{
    return change_whole_signal_mask(MaskChange::unblock, saved);
}

MIO_EXPORT int mio_signal_mask_restore(const mio_signal_mask *saved)
{
    return saved != nullptr ? restore_signal_mask(saved) : -EINVAL;
}

MIO_EXPORT int mio_signal_mask_from_sigset(mio_signal_mask *mask, const void *sigset, size_t size)
{
    if (mask == nullptr || sigset == nullptr) return -EINVAL;
    return load_signal_mask(mask, sigset, size);
}

MIO_EXPORT int mio_signal_mask_to_sigset(const mio_signal_mask *mask, void *sigset, size_t size)
{
    if (mask == nullptr || sigset == nullptr) return -EINVAL;
    return store_signal_mask(mask, sigset, size);
}
