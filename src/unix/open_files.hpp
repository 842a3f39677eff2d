// SPDX-License-Identifier: MIT
// The open file behind the number of a descriptor, for a table of descriptors: a program may close a descriptor
// without deregistering it, and its number then goes to another file. The system's ledger knows (port/ledger.hpp);
// without one, fstat(2) distinguishes most files.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <stdint.h>

namespace mio::impl {

// As far as fstat(2) can tell; all zero means unknown. Kinds that share one inode (eventfd, timerfd and the like)
// compare equal.
struct FileIdentity {
    uint64_t device;
    uint64_t inode;
    bool is_socket;
    bool is_always_ready; // a regular file or a directory

    bool operator==(const FileIdentity &) const = default;
};

// `known` is the table's record of a number, null if there is none. Zeroed storage is a valid initial state.
class OpenFiles {
public:
    int open();
    void close();

    // Enters an open file that is to be watched, and stores its identity. -EEXIST if it is the known one, -EPERM if it
    // cannot be polled, -EBADF. After 0, -EPERM and -EBADF the table's record is stale. After any other error nothing
    // has changed, and the record may or may not be stale.
    int enter(int fd, const FileIdentity *known, FileIdentity *file);

    // 0 if the number still stands for the known file, or if that cannot be decided. Otherwise the table's record is
    // stale, and the result is -ENOENT, or -EBADF for a descriptor that is not open.
    int check(int fd, const FileIdentity *known) const;

    // The same, and in any case removes the entry.
    int strike(int fd, const FileIdentity *known);

private:
    bool has_ledger() const { return ledger_ != MIO_HANDLE_NONE; }

    mio_handle ledger_;
};

} // namespace mio::impl
