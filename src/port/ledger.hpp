// SPDX-License-Identifier: MIT
// The contract of a ledger: what the system itself knows of the handles that a selector with a table of its own watches.
// It says which handles can be polled at all, whatever the type of their file, and whether the number of a handle still
// stands for the open file that was entered: a program may close one without a word, and open another that gets its
// number.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>

namespace mio::impl {

// MIO_HANDLE_NONE where the system has no ledger, or refuses it; else the caller closes it. The rest wants a ledger that
// is one. A forked child must not use that of its parent.
int open_ledger(mio_handle *ledger);

// Enters the open file of a handle under its number. 0 if it was not there, -EEXIST if it was, -EPERM if it cannot be
// polled, -EBADF if the handle is not open, or only names a file; -ENOMEM, -ENOSPC, -ELOOP.
int enter_handle(mio_handle ledger, mio_handle handle);

// 0, -ENOENT if the open file of that number was not entered, -EBADF if the handle is not open. Never fails otherwise.
// An open file that is closed for good is struck by the system.
int strike_handle(mio_handle ledger, mio_handle handle);

} // namespace mio::impl
