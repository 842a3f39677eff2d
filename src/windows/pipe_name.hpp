// SPDX-License-Identifier: MIT
// Checks the names of named pipes, and converts them to UTF-16. CreateFileW opens any kind of file. So the library
// calls CreateFileW only with a name of a pipe.
#pragma once

#include "core/base.hpp"

#include <stddef.h>

namespace mio::impl {

// A name has at most this number of UTF-16 units, including the null. If HOST is ".", Windows itself allows only 256
// characters.
constexpr size_t most_name_units = 512;

// Converts a name \\HOST\pipe\NAME from UTF-8 to UTF-16. Returns 0, or -EINVAL for any other name. If `local` is true,
// HOST must be ".".
int convert_pipe_name(const char *name, bool local, wchar_t (&converted)[most_name_units]);

} // namespace mio::impl
