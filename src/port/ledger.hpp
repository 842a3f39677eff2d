// SPDX-License-Identifier: MIT
// The contract of a ledger. A ledger is a record of handles that the system keeps for a selector. A selector that keeps
// its own table of handles uses the ledger for two questions. Can a handle be polled at all? Does the number of a
// handle still stand for the same open file? A program may close a handle without deregistering the handle, and open
// another handle that gets the same number. On a platform without ledgers, open_ledger succeeds and stores
// MIO_HANDLE_NONE, and the selector works without a ledger.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>

namespace mio::impl {

// Opens a ledger, and stores its handle in *ledger. The caller must close this handle. If the system has no ledgers, or
// refuses to open a ledger, stores MIO_HANDLE_NONE instead. The other functions need an open ledger. A forked
// child must not use its parent's ledger.
int open_ledger(mio_handle *ledger);

// Adds the pair of the number of `handle` and its open file to the ledger. Returns 0 if the pair is new, -EEXIST if the
// ledger already has the pair, -EPERM if the file cannot be polled, and -EBADF if the handle is not open or was opened
// with O_PATH. Other errors are -ENOMEM, -ENOSPC and -ELOOP.
int enter_handle(mio_handle ledger, mio_handle handle);

// Removes the pair of `handle` from the ledger. Returns 0, or -ENOENT if the ledger does not have the pair, or -EBADF
// if the handle is not open. There are no other errors. When a program closes the last handle of an open file, the
// system itself removes the pairs of this file.
int strike_handle(mio_handle ledger, mio_handle handle);

} // namespace mio::impl
