# SPDX-License-Identifier: MIT
# Macros that configure.ac uses to check the compiler and the functions of the system.

# If pkg-config is not installed, its macros are undefined. Then autoconf fails, and names these macros.
m4_pattern_forbid([^PKG_])

# MIO_ADD_FLAGS(VARIABLE, FLAG...): appends each flag that the compiler of the current language accepts.
# The test uses -Werror, because clang only warns of an unknown warning flag.
AC_DEFUN([MIO_ADD_FLAGS], [
  for mio_flag in $2; do
    mio_saved=$[]_AC_LANG_PREFIX[]FLAGS
    _AC_LANG_PREFIX[]FLAGS="$mio_saved -Werror $mio_flag"
    AC_MSG_CHECKING([whether $_AC_CC accepts $mio_flag])
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([[typedef int mio_probe;]])],
      [mio_result=yes; $1="$$1 $mio_flag"], [mio_result=no])
    AC_MSG_RESULT([$mio_result])
    _AC_LANG_PREFIX[]FLAGS=$mio_saved
  done])

# MIO_LINK_FLAG(FLAG, IF-TAKEN, IF-NOT): checks whether the C compiler driver can link a program with this flag.
AC_DEFUN([MIO_LINK_FLAG], [
  AC_MSG_CHECKING([whether linking accepts $1])
  mio_saved=$LDFLAGS
  LDFLAGS="$LDFLAGS $1"
  AC_LINK_IFELSE([AC_LANG_PROGRAM()], [mio_result=yes], [mio_result=no])
  LDFLAGS=$mio_saved
  AC_MSG_RESULT([$mio_result])
  AS_IF([test $mio_result = yes], [$2], [$3])])

AS_CASE([$host_os], [linux*], [host_linux=yes], [host_linux=no])
AM_CONDITIONAL([HOST_LINUX], [test $host_linux = yes])

# The platform decides which files src/module.am builds. Without --with-platform, configure chooses the platform by the
# calls that the system has: epoll, kqueue, or those of Windows.
AC_CHECK_FUNC([epoll_create1], [have_epoll=yes], [have_epoll=no])
AC_CHECK_FUNC([kqueue], [have_kqueue=yes], [have_kqueue=no])
AC_MSG_CHECKING([for the calls of Windows])
AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#ifndef _WIN32
#error not Windows
#endif
#include <winsock2.h>
]])], [have_windows=yes], [have_windows=no])
AC_MSG_RESULT([$have_windows])
AC_ARG_WITH([platform],
  [AS_HELP_STRING([--with-platform=NAME], [linux: epoll(7); bsd: kqueue(2), or on Linux the kqueue of tests/kqueue, for
    tests alone; windows: AFD; posix: poll(2), with what POSIX has alone @<:@the first that the system has@:>@])],
  [], [AS_IF([test $have_epoll = yes], [with_platform=linux],
             [test $have_kqueue = yes], [with_platform=bsd],
             [test $have_windows = yes], [with_platform=windows], [with_platform=posix])])
SYSTEM_LIBS=
AS_CASE([$with_platform],
  [posix], [],
  [bsd], [AS_IF([test $have_kqueue = no && test $host_linux = no], [AC_MSG_ERROR([this system has no kqueue(2)])])],
  [linux], [AS_IF([test $have_epoll = no], [AC_MSG_ERROR([this system has no epoll(7)])])],
  [windows], [AS_IF([test $have_windows = no], [AC_MSG_ERROR([this system is not Windows])])
    SYSTEM_LIBS='-lws2_32 -liphlpapi -lntdll'],
  [AC_MSG_ERROR([--with-platform is linux, bsd, windows or posix, and not "$with_platform"])])
AC_SUBST([SYSTEM_LIBS])
AM_CONDITIONAL([PLATFORM_LINUX], [test $with_platform = linux])
AM_CONDITIONAL([PLATFORM_BSD], [test $with_platform = bsd])
AM_CONDITIONAL([PLATFORM_WINDOWS], [test $with_platform = windows])
AM_CONDITIONAL([KQUEUE_FOR_TESTS], [test $with_platform = bsd && test $have_kqueue = no])

# Checks for a function. With the results, src/module.am chooses files for the BSDs and macOS. There is no check for
# pipe2(2), because every system with accept4(2) also has pipe2(2).
AC_DEFUN([MIO_FUNCTION], [
  AC_CHECK_FUNC([$1], [mio_result=yes], [mio_result=no])
  AM_CONDITIONAL([HAVE_]m4_toupper([$1]), [test $mio_result = yes])])
MIO_FUNCTION([accept4])
MIO_FUNCTION([getpeereid])
MIO_FUNCTION([issetugid])
MIO_FUNCTION([minherit])
MIO_FUNCTION([ppoll])
AC_CHECK_TYPE([struct in_pktinfo], [have_in_pktinfo=yes], [have_in_pktinfo=no], [[#include <netinet/in.h>]])
AM_CONDITIONAL([HAVE_IN_PKTINFO], [test $have_in_pktinfo = yes])
# FreeBSD and DragonFly send the credentials of a process in a struct cmsgcred.
AC_CHECK_TYPE([struct cmsgcred], [have_cmsgcred=yes], [have_cmsgcred=no], [[#include <sys/types.h>
#include <sys/socket.h>]])
AM_CONDITIONAL([HAVE_CMSGCRED], [test $have_cmsgcred = yes])
# FreeBSD, DragonFly and macOS declare struct sf_hdtr for their sendfile(2). Linux has another sendfile(2).
AC_CHECK_TYPE([struct sf_hdtr], [have_sf_hdtr=yes], [have_sf_hdtr=no], [[#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>]])
AM_CONDITIONAL([HAVE_SF_HDTR], [test $have_sf_hdtr = yes])

# An old version of a system or of its libc may lack these functions.
AC_CHECK_FUNC([epoll_pwait2], [have_epoll_pwait2=yes], [have_epoll_pwait2=no])
AC_CHECK_FUNC([pwritev2], [have_pwritev2=yes], [have_pwritev2=no])
AC_CHECK_FUNC([sigtimedwait], [have_sigtimedwait=yes], [have_sigtimedwait=no])
AC_CHECK_FUNC([pthread_setcancelstate], [have_cancellation=yes], [have_cancellation=no])
# On Android, a seccomp filter can kill a process for a system call that Android's libc never makes.
AC_CACHE_CHECK([whether system calls that libc lacks can be tried], [mio_cv_calls_past_libc],
  [AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#ifdef __ANDROID__
#error they may be deadly
#endif
]])], [mio_cv_calls_past_libc=yes], [mio_cv_calls_past_libc=no])])
AM_CONDITIONAL([CALLS_PAST_LIBC], [test $mio_cv_calls_past_libc = yes])
AM_CONDITIONAL([EPOLL_PWAIT2], [test $have_epoll_pwait2 = yes])
AM_CONDITIONAL([PWRITEV2], [test $have_pwritev2 = yes])
AM_CONDITIONAL([SIGTIMEDWAIT], [test $have_sigtimedwait = yes])
AM_CONDITIONAL([CANCELLATION], [test $have_cancellation = yes])
