// SPDX-License-Identifier: MIT
// The names of the errors. Each entry contains its text. Without pointers the dynamic linker has nothing to relocate.
// So all processes share the table, and code can read the table at any time.
#include "port/error_names.hpp"

#include <errno.h>
#include <stdint.h>

namespace mio::impl {

namespace {

struct ErrorName {
    uint16_t code;
    char name[16];
};

#define NAME(error)                                                                                                    \
    {                                                                                                                  \
        error, #error                                                                                                  \
    }

constexpr ErrorName error_names[] = {
    // From POSIX. EWOULDBLOCK is EAGAIN and EOPNOTSUPP is ENOTSUP on most systems. The table has the names that the
    // manual uses.
    NAME(EPERM),
    NAME(ENOENT),
    NAME(ESRCH),
    NAME(EINTR),
    NAME(EIO),
    NAME(ENXIO),
    NAME(E2BIG),
    NAME(ENOEXEC),
    NAME(EBADF),
    NAME(ECHILD),
    NAME(EAGAIN),
    NAME(ENOMEM),
    NAME(EACCES),
    NAME(EFAULT),
    NAME(EBUSY),
    NAME(EEXIST),
    NAME(EXDEV),
    NAME(ENODEV),
    NAME(ENOTDIR),
    NAME(EISDIR),
    NAME(EINVAL),
    NAME(ENFILE),
    NAME(EMFILE),
    NAME(ENOTTY),
    NAME(ETXTBSY),
    NAME(EFBIG),
    NAME(ENOSPC),
    NAME(ESPIPE),
    NAME(EROFS),
    NAME(EMLINK),
    NAME(EPIPE),
    NAME(EDOM),
    NAME(ERANGE),
    NAME(EDEADLK),
    NAME(ENAMETOOLONG),
    NAME(ENOLCK),
    NAME(ENOSYS),
    NAME(ENOTEMPTY),
    NAME(ELOOP),
    NAME(ENOMSG),
    NAME(EIDRM),
    NAME(ENOLINK),
    NAME(EPROTO),
    NAME(EMULTIHOP),
    NAME(EBADMSG),
    NAME(EOVERFLOW),
    NAME(EILSEQ),
    NAME(ENOTSOCK),
    NAME(EDESTADDRREQ),
    NAME(EMSGSIZE),
    NAME(EPROTOTYPE),
    NAME(ENOPROTOOPT),
    NAME(EPROTONOSUPPORT),
    NAME(ENOTSUP),
    NAME(EAFNOSUPPORT),
    NAME(EADDRINUSE),
    NAME(EADDRNOTAVAIL),
    NAME(ENETDOWN),
    NAME(ENETUNREACH),
    NAME(ENETRESET),
    NAME(ECONNABORTED),
    NAME(ECONNRESET),
    NAME(ENOBUFS),
    NAME(EISCONN),
    NAME(ENOTCONN),
    NAME(ETIMEDOUT),
    NAME(ECONNREFUSED),
    NAME(EHOSTUNREACH),
    NAME(EALREADY),
    NAME(EINPROGRESS),
    NAME(ESTALE),
    NAME(EDQUOT),
    NAME(ECANCELED),
    NAME(EOWNERDEAD),
    NAME(ENOTRECOVERABLE),
#if EOPNOTSUPP != ENOTSUP
    NAME(EOPNOTSUPP),
#endif
#if EWOULDBLOCK != EAGAIN
    NAME(EWOULDBLOCK),
#endif
    // Errors of the BSDs.
    NAME(ENOTBLK),
    NAME(EPFNOSUPPORT),
    NAME(ESHUTDOWN),
    NAME(EHOSTDOWN),
    NAME(EUSERS),
    NAME(ETOOMANYREFS),
    NAME(ESOCKTNOSUPPORT),
    NAME(EREMOTE),
#ifdef __linux__
    // From Linux.
    NAME(ECHRNG),
    NAME(EL2NSYNC),
    NAME(EL3HLT),
    NAME(EL3RST),
    NAME(ELNRNG),
    NAME(EUNATCH),
    NAME(ENOCSI),
    NAME(EL2HLT),
    NAME(EBADE),
    NAME(EBADR),
    NAME(EXFULL),
    NAME(ENOANO),
    NAME(EBADRQC),
    NAME(EBADSLT),
    NAME(EBFONT),
    NAME(ENOSTR),
    NAME(ENODATA),
    NAME(ETIME),
    NAME(ENOSR),
    NAME(ENONET),
    NAME(ENOPKG),
    NAME(EADV),
    NAME(ESRMNT),
    NAME(ECOMM),
    NAME(EDOTDOT),
    NAME(ENOTUNIQ),
    NAME(EBADFD),
    NAME(EREMCHG),
    NAME(ELIBACC),
    NAME(ELIBBAD),
    NAME(ELIBSCN),
    NAME(ELIBMAX),
    NAME(ELIBEXEC),
    NAME(ERESTART),
    NAME(ESTRPIPE),
    NAME(EUCLEAN),
    NAME(ENOTNAM),
    NAME(ENAVAIL),
    NAME(EISNAM),
    NAME(EREMOTEIO),
    NAME(ENOMEDIUM),
    NAME(EMEDIUMTYPE),
    NAME(ENOKEY),
    NAME(EKEYEXPIRED),
    NAME(EKEYREVOKED),
    NAME(EKEYREJECTED),
    NAME(ERFKILL),
    NAME(EHWPOISON),
#endif
};

#undef NAME

} // namespace

const char *error_name(int code)
{
    for (const ErrorName &entry : error_names) {
        if (entry.code == code) return entry.name;
    }
    return nullptr;
}

} // namespace mio::impl
