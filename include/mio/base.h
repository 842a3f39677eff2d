/* SPDX-License-Identifier: MIT */
/* Types and macros that all other headers of mio use. */
#ifndef MIO_BASE_H
#define MIO_BASE_H

#include <stddef.h>
#include <stdint.h>

/* The declarations between MIO_BEGIN_DECLS and MIO_END_DECLS have C linkage. Since 1.0. */
#ifdef __cplusplus
#define MIO_BEGIN_DECLS extern "C" {
#define MIO_END_DECLS }
#else
#define MIO_BEGIN_DECLS
#define MIO_END_DECLS
#endif

/* MIO_API marks a function that the shared library exports. On Windows, a program that links the static library defines
 * MIO_STATIC. If a build defines MIO_BUILD, the library exports these functions with dllexport. configure and make do
 * not define MIO_BUILD: they export the functions of a list, such as src/libmio.map. Since 1.0. */
#if !defined(_WIN32) || defined(MIO_STATIC)
#define MIO_API extern
#elif defined(MIO_BUILD)
#define MIO_API extern __declspec(dllexport)
#else
#define MIO_API extern __declspec(dllimport)
#endif

/*
 * MIO_INLINE marks a function that a header defines. Such a function has no symbol in the library. In C++, a program or
 * shared library that uses the function contains one definition of the function, and does not export this definition.
 * Since 1.0.
 */
#if !defined(__cplusplus)
#define MIO_INLINE static inline
#elif (defined(__GNUC__) || defined(__clang__)) && !defined(_WIN32)
#define MIO_INLINE inline __attribute__((__visibility__("hidden")))
#else
#define MIO_INLINE inline
#endif

/* MIO_MUST_CHECK makes the compiler warn if the program ignores the result of the function. Since 1.0. */
#if defined(__GNUC__) || defined(__clang__)
#define MIO_MUST_CHECK __attribute__((__warn_unused_result__))
#else
#define MIO_MUST_CHECK
#endif

MIO_BEGIN_DECLS

/*
 * mio_handle: the operating system's identifier of an open object. On Unix a handle is a file descriptor. On Windows a
 * handle is a SOCKET or a HANDLE, and has the size of a pointer. A valid handle is never negative, so a function that
 * returns a mio_handle reports an error as a negative errno value. Portable code stores the result of such a function
 * in a mio_handle. MIO_HANDLE_NONE means no open object, and has the value of INVALID_SOCKET and INVALID_HANDLE_VALUE.
 * Since 1.0.
 */
#if defined(_WIN32)
typedef intptr_t mio_handle;
#else
typedef int mio_handle;
#endif
#define MIO_HANDLE_NONE (-1)

/*
 * Closes an open object of any kind. The call leaves errno unchanged, is not a cancellation point, and ignores a
 * negative handle, such as MIO_HANDLE_NONE. Deregister a registered handle before you close it.
 * Safety: threads. Since 1.0. Uses: close(2).
 */
MIO_API void mio_handle_close(mio_handle handle);

/*
 * mio_iovec: one piece of memory for a vectored read or write. The struct has the layout of struct iovec in
 * <sys/uio.h>, so a program can also pass an array of struct iovec. A write does not change the memory at `base`. Since
 * 1.0. Uses: POSIX readv(2).
 */
typedef struct mio_iovec {
    void *base;
    size_t length;
} mio_iovec;

/* The largest number of pieces that one call accepts. Since 1.0. Uses: UIO_MAXIOV of Linux, IOV_MAX of POSIX. */
#define MIO_PIECES_MAX 1024

MIO_END_DECLS

#endif /* MIO_BASE_H */
