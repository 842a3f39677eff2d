// SPDX-License-Identifier: MIT
// Identifies the open file of a descriptor. A program may close a descriptor without deregistering the descriptor. Then
// another file may get the same number. If the system has ledgers (port/ledger.hpp), a ledger detects the other file.
// Without a ledger, fstat(2) distinguishes most files.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <stdint.h>

namespace mio::impl {

// The identity of a file as fstat(2) reports it. If all members are zero, the file is unknown. Files that share one
// inode, such as all eventfds, compare equal.
struct FileIdentity {
    uint64_t device;
    uint64_t inode;
    bool is_socket;
    bool is_always_ready; // the file is a regular file or a directory

    bool operator==(const FileIdentity &) const = default;
};

// Checks whether a descriptor still stands for the open file that the program has registered. The parameter `known` is
// the identity that the caller's table has recorded for the number `fd`, or null if the table has no record. Zeroed
// storage is a valid initial state.
class OpenFiles {
public:
    int open();
    void close();

    // Adds the open file of `fd` to the ledger, if there is a ledger. If a sandbox refuses this, closes the ledger, and
    // works without a ledger from then on. Stores the identity of the file in *file. Returns 0 if the file does not
    // have the identity *known, and -EEXIST if the file has this identity. Returns -EPERM if the file cannot be polled,
    // and -EBADF if `fd` is closed or was opened with O_PATH. If the result is 0, -EPERM or -EBADF, `fd` no longer
    // stands for the file that the caller has recorded, so the caller's record of `fd` is stale. Any other error does
    // not show whether the record is stale.
    int enter(int fd, const FileIdentity *known, FileIdentity *file);

    // Returns 0 if the descriptor `fd` still stands for the file with the identity *known, or if the library cannot
    // check this. Otherwise the caller's record of `fd` is stale. The result is then -ENOENT if the descriptor is open,
    // and -EBADF if it is not open.
    int check(int fd, const FileIdentity *known) const;

    // Removes the entry of `fd` from the ledger, if the ledger has this entry. Returns the result of `check`. After
    // every result, the caller can drop its record of `fd`.
    int strike(int fd, const FileIdentity *known);

private:
    bool has_ledger() const { return ledger_ != MIO_HANDLE_NONE; }

    mio_handle ledger_;
};

} // namespace mio::impl
