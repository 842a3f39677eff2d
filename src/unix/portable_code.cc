// SPDX-License-Identifier: MIT
#include "unix/portable_code.hpp"

#include <errno.h>

namespace mio::impl {

int portable_code(int code)
{
    switch (code) {
    case EDQUOT: // the user's share of the file system, instead of the whole
        return ENOSPC;
    case EHOSTDOWN: // reported by a router, or because the neighbour does not answer
#ifdef ENONET
    case ENONET:
#endif
        return EHOSTUNREACH;
    case ETOOMANYREFS: // more descriptors in flight than RLIMIT_NOFILE allows; for sending, EMFILE has no other cause
        return EMFILE;
    default:
        return code;
    }
}

int last_failure()
{
    return -portable_code(errno);
}

} // namespace mio::impl
