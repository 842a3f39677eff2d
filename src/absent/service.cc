// SPDX-License-Identifier: MIT
#include "port/service.hpp"

#include <errno.h>

namespace mio::impl {

int service_variable(const char *, const char **)
{
    return -ENOTSUP;
}

int remove_service_variable(const char *)
{
    return -ENOTSUP;
}

int64_t service_process()
{
    return -ENOTSUP;
}

int adopt_inherited_handle(size_t, mio_handle *)
{
    return -ENOTSUP;
}

int64_t send_to_service_manager(const mio_unix_message *)
{
    return -ENOTSUP;
}

int send_barrier(const mio_unix_message *, int64_t)
{
    return -ENOTSUP;
}

} // namespace mio::impl
