// SPDX-License-Identifier: MIT
#include "unix/membership.hpp"

#include "unix/calls.hpp"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

namespace mio::impl {

bool would_replace_membership(int fd, int level, const group_source_req &request)
{
    // Ask the system to stop blocking a sender that nobody can have blocked: the unspecified address. For a membership
    // for all senders, the error is EADDRNOTAVAIL. Otherwise it is EINVAL. MCAST_MSFILTER could not answer the
    // question, because it does not choose an interface as a join does.
    group_source_req nobody = request;
    memset(&nobody.gsr_source, 0, sizeof nobody.gsr_source);
    nobody.gsr_source.ss_family = request.gsr_source.ss_family;
    return result_of(setsockopt(fd, level, MCAST_UNBLOCK_SOURCE, &nobody, sizeof nobody)) == -EADDRNOTAVAIL;
}

} // namespace mio::impl
