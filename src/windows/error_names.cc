// SPDX-License-Identifier: MIT
#include "port/error_names.hpp"

#include "core/error_names.hpp"

namespace mio::impl {

const char *error_name(int code)
{
    return find_error_name(common_error_names, code);
}

} // namespace mio::impl
