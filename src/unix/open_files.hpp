// SPDX-License-Identifier: MIT
// Which open file the number of a descriptor stands for, for a table of descriptors: a program may close one without a
// word, and its number goes to another file. The ledger of the system knows (port/ledger.hpp); where there is none,
// fstat(2) tells most files apart.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <stdint.h>

namespace mio::impl {

// As far as fstat(2) tells; all zero is unknown. Kinds that share one inode (eventfd, timerfd and their like) are alike.
struct FileIdentity {
    uint64_t device;
    uint64_t inode;
    bool is_socket;
    bool is_always_ready; // a regular file or a directory

    bool operator==(const FileIdentity &) const = default;
};

// `known` is what the table has of a number, null if it has nothing. Lies in zeroed storage.
class OpenFiles {
public:
    int open();
    void close();

    // Enters an open file that is to be watched, and tells what it is. -EEXIST if it is the known one, -EPERM if it cannot
    // be polled, -EBADF. After each of these but -EEXIST, and after 0, what is known is out of date; another error has
    // changed nothing and tells nothing of it.
    int enter(int fd, const FileIdentity *known, FileIdentity *file);

    // 0 if the number stands for what is known, or nobody can tell; else what is known is out of date, and it is -ENOENT,
    // or -EBADF for a descriptor that is not open.
    int check(int fd, const FileIdentity *known) const;

    // The same, and forgets it in any case.
    int strike(int fd, const FileIdentity *known);

private:
    bool has_ledger() const { return ledger_ != MIO_HANDLE_NONE; }

    mio_handle ledger_;
};

} // namespace mio::impl
