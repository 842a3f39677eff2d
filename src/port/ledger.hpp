// SPDX-License-Identifier: MIT
// The contract of a ledger: the system's own record of the handles that a selector with its own table watches. The
// ledger answers two questions. Can a handle be polled at all, whatever the type of its file? Does the number of a
// handle still stand for the open file that was entered? A program may close a handle without deregistering it and open
// another one that gets its number. May be absent: then open_ledger succeeds and stores MIO_HANDLE_NONE, and the
// selector has to do without.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>

namespace mio::impl {

// MIO_HANDLE_NONE if the system has no ledger or refuses it; otherwise the caller closes it. The other functions need
// an open ledger. A forked child must not use its parent's.
int open_ledger(mio_handle *ledger);

// Enters the open file of a handle under its number: 0 if the pair is new, -EEXIST if it was entered before, -EPERM if
// the file cannot be polled, -EBADF if the handle is not open or opened with O_PATH; also -ENOMEM, -ENOSPC, -ELOOP.
int enter_handle(mio_handle ledger, mio_handle handle);

// 0, -ENOENT if the pair was not entered, -EBADF if the handle is not open. No other error. When the last handle of an
// open file is closed, the system removes its entry.
int strike_handle(mio_handle ledger, mio_handle handle);

} // namespace mio::impl
