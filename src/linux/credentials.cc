// SPDX-License-Identifier: MIT
// Sends and receives credentials with the messages of a Unix socket on Linux, as control messages of the type
// SCM_CREDENTIALS. Also finds the pidfd in a control message of the type SCM_PIDFD.
#include "unix/credentials.hpp"

#include "unix/control_message.hpp"

#include <string.h>
#include <sys/socket.h>

// Many systems have headers that are too old to define SCM_PIDFD.
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04
#endif

namespace mio::impl {

namespace {

bool carries(const cmsghdr *control, int type, size_t size)
{
    return control->cmsg_level == SOL_SOCKET && control->cmsg_type == type && control->cmsg_len >= CMSG_LEN(size);
}

} // namespace

int make_claim(const mio_unix_credentials *credentials, Claim *claim)
{
    const ucred native = {.pid = credentials->pid, .uid = credentials->uid, .gid = credentials->gid};
    static_assert(sizeof native <= sizeof claim->content);
    memcpy(claim->content, &native, sizeof native);
    claim->type = SCM_CREDENTIALS;
    claim->size = sizeof native;
    return 0;
}

bool read_credentials(const cmsghdr *control, mio_unix_credentials *credentials)
{
    ucred native;
    if (!carries(control, SCM_CREDENTIALS, sizeof native)) return false;
    memcpy(&native, content_of(control), sizeof native);
    credentials->pid = native.pid;
    credentials->uid = native.uid;
    credentials->gid = native.gid;
    return true;
}

// Returns the pidfd in a control message, or -1. A pidfd arrives if the program has set SO_PASSPIDFD.
int unasked_descriptor(const cmsghdr *control)
{
    int pidfd = -1;
    if (carries(control, SCM_PIDFD, sizeof pidfd)) memcpy(&pidfd, content_of(control), sizeof pidfd);
    return pidfd;
}

} // namespace mio::impl
