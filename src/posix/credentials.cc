// SPDX-License-Identifier: MIT
// Reports that messages carry no credentials, because POSIX has no control message for credentials.
#include "unix/credentials.hpp"

#include <errno.h>

namespace mio::impl {

int make_claim(const mio_unix_credentials *, Claim *)
{
    return -ENOTSUP;
}

bool read_credentials(const cmsghdr *, mio_unix_credentials *)
{
    return false;
}

int unasked_descriptor(const cmsghdr *)
{
    return -1;
}

} // namespace mio::impl
