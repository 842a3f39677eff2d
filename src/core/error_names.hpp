// SPDX-License-Identifier: MIT
// The names of the errors that every system has. Each entry contains the characters of a name, not a pointer to them.
// Without pointers in the table, the dynamic linker has nothing to relocate. So all processes share the table, and code
// can read the table even before the dynamic linker has relocated the library.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

struct ErrorName {
    uint16_t code;
    char name[16];
};

#define MIO_ERROR_NAME(error)                                                                                          \
    {                                                                                                                  \
        error, #error                                                                                                  \
    }

// The table is not inline, so each file that includes the table has its own copy, and the symbol of each copy is local.
// For an inline table, the compiler would make a global symbol (STB_GNU_UNIQUE).
constexpr ErrorName common_error_names[] = {
    // EWOULDBLOCK is EAGAIN and EOPNOTSUPP is ENOTSUP on most systems. For a code with two names, the table has the
    // name that the manual uses.
    MIO_ERROR_NAME(EPERM),           MIO_ERROR_NAME(ENOENT),        MIO_ERROR_NAME(ESRCH),
    MIO_ERROR_NAME(EINTR),           MIO_ERROR_NAME(EIO),           MIO_ERROR_NAME(ENXIO),
    MIO_ERROR_NAME(E2BIG),           MIO_ERROR_NAME(ENOEXEC),       MIO_ERROR_NAME(EBADF),
    MIO_ERROR_NAME(ECHILD),          MIO_ERROR_NAME(EAGAIN),        MIO_ERROR_NAME(ENOMEM),
    MIO_ERROR_NAME(EACCES),          MIO_ERROR_NAME(EFAULT),        MIO_ERROR_NAME(EBUSY),
    MIO_ERROR_NAME(EEXIST),          MIO_ERROR_NAME(EXDEV),         MIO_ERROR_NAME(ENODEV),
    MIO_ERROR_NAME(ENOTDIR),         MIO_ERROR_NAME(EISDIR),        MIO_ERROR_NAME(EINVAL),
    MIO_ERROR_NAME(ENFILE),          MIO_ERROR_NAME(EMFILE),        MIO_ERROR_NAME(ENOTTY),
    MIO_ERROR_NAME(ETXTBSY),         MIO_ERROR_NAME(EFBIG),         MIO_ERROR_NAME(ENOSPC),
    MIO_ERROR_NAME(ESPIPE),          MIO_ERROR_NAME(EROFS),         MIO_ERROR_NAME(EMLINK),
    MIO_ERROR_NAME(EPIPE),           MIO_ERROR_NAME(EDOM),          MIO_ERROR_NAME(ERANGE),
    MIO_ERROR_NAME(EDEADLK),         MIO_ERROR_NAME(ENAMETOOLONG),  MIO_ERROR_NAME(ENOLCK),
    MIO_ERROR_NAME(ENOSYS),          MIO_ERROR_NAME(ENOTEMPTY),     MIO_ERROR_NAME(ELOOP),
    MIO_ERROR_NAME(ENOMSG),          MIO_ERROR_NAME(EIDRM),         MIO_ERROR_NAME(ENOLINK),
    MIO_ERROR_NAME(EPROTO),          MIO_ERROR_NAME(EBADMSG),       MIO_ERROR_NAME(EOVERFLOW),
    MIO_ERROR_NAME(EILSEQ),          MIO_ERROR_NAME(ENOTSOCK),      MIO_ERROR_NAME(EDESTADDRREQ),
    MIO_ERROR_NAME(EMSGSIZE),        MIO_ERROR_NAME(EPROTOTYPE),    MIO_ERROR_NAME(ENOPROTOOPT),
    MIO_ERROR_NAME(EPROTONOSUPPORT), MIO_ERROR_NAME(ENOTSUP),       MIO_ERROR_NAME(EAFNOSUPPORT),
    MIO_ERROR_NAME(EADDRINUSE),      MIO_ERROR_NAME(EADDRNOTAVAIL), MIO_ERROR_NAME(ENETDOWN),
    MIO_ERROR_NAME(ENETUNREACH),     MIO_ERROR_NAME(ENETRESET),     MIO_ERROR_NAME(ECONNABORTED),
    MIO_ERROR_NAME(ECONNRESET),      MIO_ERROR_NAME(ENOBUFS),       MIO_ERROR_NAME(EISCONN),
    MIO_ERROR_NAME(ENOTCONN),        MIO_ERROR_NAME(ETIMEDOUT),     MIO_ERROR_NAME(ECONNREFUSED),
    MIO_ERROR_NAME(EHOSTUNREACH),    MIO_ERROR_NAME(EALREADY),      MIO_ERROR_NAME(EINPROGRESS),
    MIO_ERROR_NAME(ECANCELED),       MIO_ERROR_NAME(EOWNERDEAD),    MIO_ERROR_NAME(ENOTRECOVERABLE),
#if EOPNOTSUPP != ENOTSUP
    MIO_ERROR_NAME(EOPNOTSUPP),
#endif
#if EWOULDBLOCK != EAGAIN
    MIO_ERROR_NAME(EWOULDBLOCK),
#endif
};

// Returns the name of an error in a table, or null.
template <size_t count>
const char *find_error_name(const ErrorName (&names)[count], int code)
{
    for (const ErrorName &entry : names) {
        if (entry.code == code) return entry.name;
    }
    return nullptr;
}

} // namespace mio::impl
