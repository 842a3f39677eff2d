// SPDX-License-Identifier: MIT
// A ledger is a record of handles. The system keeps this record. Each entry is a pair: the number of a handle, and the
// open file of the handle. A selector that has its own table of handles uses the ledger for two checks. Can the system
// poll a handle? Does the number of a handle still stand for the same open file? A program may close a handle without
// deregistering the handle. Then another file can get the same number. On a platform without ledgers, open_ledger
// succeeds and stores MIO_HANDLE_NONE. The selector then works without a ledger.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>

namespace mio::impl {

// Opens a ledger, and stores its handle in *ledger. The caller must close this handle. If the system has no ledgers, or
// refuses to open a ledger, stores MIO_HANDLE_NONE instead. The other functions need an open ledger. A forked
// child must not use its parent's ledger.
int open_ledger(mio_handle *ledger);

// Adds an entry for `handle` to the ledger. Returns 0 if the entry is new, and -EEXIST if the ledger already has the
// entry. Returns -EPERM if the file cannot be polled, or if a sandbox refuses the call. Returns -EBADF if the handle is
// not open, or was opened with O_PATH. Returns -EINVAL for the ledger itself. Other errors are -ENOMEM, -ENOSPC, -ELOOP
// and every error that a sandbox chooses.
int enter_handle(mio_handle ledger, mio_handle handle);

// Removes the entry of `handle` from the ledger. Returns 0. Returns -ENOENT if the ledger does not have the entry,
// -EPERM as enter_handle does, and -EBADF if the handle is not open. Other errors come from a sandbox. When the last
// handle of an open file is closed, the system removes the entries of this file.
int strike_handle(mio_handle ledger, mio_handle handle);

} // namespace mio::impl
