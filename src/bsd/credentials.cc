// SPDX-License-Identifier: MIT
// Sends and receives credentials with the messages of a Unix socket on FreeBSD and DragonFly, as control messages of
// the type SCM_CREDS (struct cmsgcred). If the receiver has set the option LOCAL_CREDS_PERSISTENT, FreeBSD sends
// SCM_CREDS2 instead.
#include "unix/credentials.hpp"

#include "unix/control_message.hpp"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mio::impl {

namespace {

bool is_of(const cmsghdr *control, int type)
{
    return control->cmsg_level == SOL_SOCKET && control->cmsg_type == type;
}

#ifdef SCM_CREDS2

// Reads the credentials in a control message of the type SCM_CREDS2. The structure ends with a list of groups. The
// length of this list varies, so the function copies only the members before the list.
bool read_persistent(const cmsghdr *control, mio_unix_credentials *credentials)
{
    constexpr size_t without_groups = offsetof(sockcred2, sc_groups);
    sockcred2 native = {};
    if (!is_of(control, SCM_CREDS2) || control_size(control) < without_groups) return false;
    memcpy(&native, content_of(control), without_groups);
    credentials->pid = native.sc_pid;
    credentials->uid = native.sc_uid;
    credentials->gid = native.sc_gid;
    return true;
}

#else

bool read_persistent(const cmsghdr *, mio_unix_credentials *)
{
    return false;
}

#endif

} // namespace

// Builds the control message that states the credentials. The kernel overwrites the content with the sender's pid, real
// user and real group. So make_claim rejects other credentials.
int make_claim(const mio_unix_credentials *credentials, Claim *claim)
{
    if (credentials->pid != getpid() || credentials->uid != getuid() || credentials->gid != getgid()) return -EPERM;
    static_assert(sizeof(cmsgcred) <= sizeof claim->content);
    memset(claim->content, 0, sizeof claim->content);
    claim->type = SCM_CREDS;
    claim->size = sizeof(cmsgcred);
    return 0;
}

// Reads the credentials in a control message. A control message of the type SCM_CREDS holds a struct cmsgcred or a
// struct sockcred. The two structs differ in size, so the function checks the size of the message.
bool read_credentials(const cmsghdr *control, mio_unix_credentials *credentials)
{
    cmsgcred native;
    if (!is_of(control, SCM_CREDS) || control_size(control) != sizeof native)
        return read_persistent(control, credentials);
    memcpy(&native, content_of(control), sizeof native);
    credentials->pid = native.cmcred_pid;
    credentials->uid = native.cmcred_uid;
    credentials->gid = native.cmcred_gid;
    return true;
}

int unasked_descriptor(const cmsghdr *)
{
    return -1;
}

} // namespace mio::impl
