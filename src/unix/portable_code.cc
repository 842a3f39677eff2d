// SPDX-License-Identifier: MIT
#include "unix/portable_code.hpp"

#include <errno.h>

namespace mio::impl {

int portable_code(int code)
{
    switch (code) {
    case EDQUOT: // the user's quota is exhausted, but the file system is not full
        return ENOSPC;
    case EHOSTDOWN: // a router reported this error, or the neighbour does not answer
#ifdef ENONET
    case ENONET:
#endif
        return EHOSTUNREACH;
    case ETOOMANYREFS: // too many descriptors are in flight (RLIMIT_NOFILE); for a send, EMFILE has only this cause
        return EMFILE;
#if EOPNOTSUPP != ENOTSUP
    case EOPNOTSUPP: // the two codes are the same number on most systems
        return ENOTSUP;
#endif
    default:
        return code;
    }
}

int last_failure()
{
    return -portable_code(errno);
}

} // namespace mio::impl
