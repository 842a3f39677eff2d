// SPDX-License-Identifier: MIT
// The version of the loaded library. MIO_VERSION is the version of the headers.
#ifndef MIO_VERSION_HPP
#define MIO_VERSION_HPP

#include <mio/base.hpp>
#include <mio/version.h>

namespace mio {

// The version of the headers, and the version of the loaded library. See mio_version.
// To compare versions, use MIO_MAKE_VERSION.
inline constexpr int header_version = MIO_VERSION;
inline int version() noexcept
{
    return mio_version();
}

// The version of the headers, and the version of the library, as text. See mio_version_string.
inline constexpr const char *header_version_string = MIO_VERSION_STRING;
inline const char *version_string() noexcept
{
    return mio_version_string();
}

} // namespace mio

#endif // MIO_VERSION_HPP
