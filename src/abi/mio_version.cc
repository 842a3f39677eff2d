// SPDX-License-Identifier: MIT
#include "core/base.hpp"

#include <mio/version.h>

MIO_EXPORT int mio_version(void)
{
    return MIO_VERSION;
}

MIO_EXPORT const char *mio_version_string(void)
{
    return MIO_VERSION_STRING;
}
