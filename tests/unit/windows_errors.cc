// SPDX-License-Identifier: MIT
// Tests the errno value of every Winsock code, and of every Win32 code that the system calls of the library can return.
#include "windows/errors.hpp"

#include "../helpers/run_suite.hpp"
#include "windows/winsock.hpp"

#include <check.h>
#include <errno.h>

using namespace mio::impl;

namespace {

struct Row {
    uint32_t code;
    int general;
    int datagram;
};

constexpr Row rows[] = {
    {WSAEINTR, EINTR, EINTR},
    {WSAEBADF, EBADF, EBADF},
    {WSAEACCES, EACCES, EACCES},
    {WSAEFAULT, EFAULT, EFAULT},
    {WSAEINVAL, EINVAL, EINVAL},
    {WSAEMFILE, EMFILE, EMFILE},
    {WSAEWOULDBLOCK, EAGAIN, EAGAIN},
    {WSAEINPROGRESS, EAGAIN, EAGAIN},
    {WSAEALREADY, EALREADY, EALREADY},
    {WSAENOTSOCK, ENOTSOCK, ENOTSOCK},
    {WSAEDESTADDRREQ, EDESTADDRREQ, EDESTADDRREQ},
    {WSAEMSGSIZE, EMSGSIZE, EMSGSIZE},
    {WSAEPROTOTYPE, EPROTOTYPE, EPROTOTYPE},
    {WSAENOPROTOOPT, ENOPROTOOPT, ENOPROTOOPT},
    {WSAEPROTONOSUPPORT, EAFNOSUPPORT, EAFNOSUPPORT},
    {WSAESOCKTNOSUPPORT, EAFNOSUPPORT, EAFNOSUPPORT},
    {WSAEOPNOTSUPP, ENOTSUP, ENOTSUP},
    {WSAEPFNOSUPPORT, EAFNOSUPPORT, EAFNOSUPPORT},
    {WSAEAFNOSUPPORT, EAFNOSUPPORT, EAFNOSUPPORT},
    {WSAEADDRINUSE, EADDRINUSE, EADDRINUSE},
    {WSAEADDRNOTAVAIL, EADDRNOTAVAIL, EADDRNOTAVAIL},
    {WSAENETDOWN, ENETUNREACH, ENETUNREACH},
    {WSAENETUNREACH, ENETUNREACH, ENETUNREACH},
    {WSAENETRESET, ETIMEDOUT, EHOSTUNREACH},
    {WSAECONNABORTED, ECONNRESET, ECONNRESET},
    {WSAECONNRESET, ECONNRESET, ECONNREFUSED},
    {WSAENOBUFS, ENOBUFS, ENOBUFS},
    {WSAEISCONN, EISCONN, EISCONN},
    {WSAENOTCONN, ENOTCONN, EDESTADDRREQ},
    {WSAESHUTDOWN, EPIPE, EPIPE},
    {WSAETIMEDOUT, ETIMEDOUT, ETIMEDOUT},
    {WSAECONNREFUSED, ECONNREFUSED, ECONNREFUSED},
    {WSAEHOSTDOWN, EHOSTUNREACH, EHOSTUNREACH},
    {WSAEHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH},
    {WSAEPROCLIM, ENOBUFS, ENOBUFS},
    {WSASYSNOTREADY, ENOBUFS, ENOBUFS},
    {WSAVERNOTSUPPORTED, ENOBUFS, ENOBUFS},
    {WSANOTINITIALISED, EBADF, EBADF},
    {WSAEINVALIDPROCTABLE, ENOBUFS, ENOBUFS},
    {WSAEINVALIDPROVIDER, ENOBUFS, ENOBUFS},
    {WSAEPROVIDERFAILEDINIT, ENOBUFS, ENOBUFS},
    {WSASYSCALLFAILURE, ENOBUFS, ENOBUFS},
    {ERROR_INVALID_FUNCTION, ENOTSUP, ENOTSUP},
    {ERROR_FILE_NOT_FOUND, ENOENT, ENOENT},
    {ERROR_PATH_NOT_FOUND, ENOENT, ENOENT},
    {ERROR_TOO_MANY_OPEN_FILES, EMFILE, EMFILE},
    {ERROR_ACCESS_DENIED, EACCES, EACCES},
    {ERROR_INVALID_HANDLE, EBADF, EBADF},
    {ERROR_NOT_ENOUGH_MEMORY, ENOMEM, ENOMEM},
    {ERROR_OUTOFMEMORY, ENOMEM, ENOMEM},
    {ERROR_LOCK_VIOLATION, EACCES, EACCES},
    {ERROR_HANDLE_DISK_FULL, ENOSPC, ENOSPC},
    {ERROR_NOT_SUPPORTED, ENOTSUP, ENOTSUP},
    {ERROR_NETNAME_DELETED, ECONNRESET, ECONNREFUSED},
    {ERROR_INVALID_PARAMETER, EINVAL, EINVAL},
    {ERROR_BROKEN_PIPE, EPIPE, EPIPE},
    {ERROR_DISK_FULL, ENOSPC, ENOSPC},
    {ERROR_SEM_TIMEOUT, ETIMEDOUT, ETIMEDOUT},
    {ERROR_INVALID_NAME, EINVAL, EINVAL},
    {ERROR_PIPE_BUSY, EBUSY, EBUSY},
    {ERROR_NO_DATA, EPIPE, EPIPE},
    {ERROR_PIPE_NOT_CONNECTED, EPIPE, EPIPE},
    {ERROR_OPERATION_ABORTED, ECANCELED, ECANCELED},
    {ERROR_NOACCESS, EFAULT, EFAULT},
    {ERROR_IO_DEVICE, EIO, EIO},
    {ERROR_CONNECTION_REFUSED, ECONNREFUSED, ECONNREFUSED},
    {ERROR_NETWORK_UNREACHABLE, ENETUNREACH, ENETUNREACH},
    {ERROR_HOST_UNREACHABLE, EHOSTUNREACH, EHOSTUNREACH},
    {ERROR_PROTOCOL_UNREACHABLE, ECONNREFUSED, ECONNREFUSED},
    {ERROR_PORT_UNREACHABLE, ECONNREFUSED, ECONNREFUSED},
    {ERROR_CONNECTION_ABORTED, ECONNRESET, ECONNRESET},
    {ERROR_NO_SYSTEM_RESOURCES, ENOBUFS, ENOBUFS},
    {ERROR_COMMITMENT_LIMIT, ENOMEM, ENOMEM},
};

const Row *find_row(uint32_t code)
{
    for (const Row &row : rows)
        if (row.code == code) return &row;
    return nullptr;
}

START_TEST(every_code_becomes_an_errno_value_of_the_manual)
{
    for (const Row &row : rows) {
        ck_assert_int_eq(errno_of(row.code), row.general);
        ck_assert_int_eq(errno_of(row.code, CallKind::datagram), row.datagram);
    }
}
END_TEST

START_TEST(no_other_code_has_a_value_of_its_own)
{
    for (uint32_t code = 1; code < 16384; code++) {
        if (find_row(code) == nullptr) ck_assert_int_eq(errno_of(code), EINVAL);
    }
}
END_TEST

START_TEST(a_failed_call_gives_the_value_of_its_code)
{
    WSASetLastError(WSAECONNRESET);
    ck_assert_int_eq(last_failure(MIO_HANDLE_NONE), -ECONNRESET);
    WSASetLastError(WSAECONNRESET);
    ck_assert_int_eq(last_failure(MIO_HANDLE_NONE, CallKind::datagram), -ECONNREFUSED);
    WSASetLastError(WSAEWOULDBLOCK);
    ck_assert_int_eq(last_failure(MIO_HANDLE_NONE), -EAGAIN);
}
END_TEST

START_TEST(a_handle_that_is_no_socket_differs_from_one_that_is_not_open)
{
    const HANDLE event = CreateEventW(nullptr, TRUE, FALSE, nullptr);
    const auto handle = reinterpret_cast<mio_handle>(event);
    constexpr int codes[] = {WSAENOTSOCK, WSANOTINITIALISED};
    for (const int code : codes) {
        WSASetLastError(code);
        ck_assert_int_eq(last_failure(handle), -ENOTSOCK);
        WSASetLastError(code);
        ck_assert_int_eq(last_failure(MIO_HANDLE_NONE), -EBADF);
    }
    CloseHandle(event);
    WSASetLastError(WSAENOTSOCK);
    ck_assert_int_eq(last_failure(handle), -EBADF);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("windows_errors");
    TCase *cases = tcase_create("windows_errors");
    tcase_add_test(cases, every_code_becomes_an_errno_value_of_the_manual);
    tcase_add_test(cases, no_other_code_has_a_value_of_its_own);
    tcase_add_test(cases, a_failed_call_gives_the_value_of_its_code);
    tcase_add_test(cases, a_handle_that_is_no_socket_differs_from_one_that_is_not_open);
    suite_add_tcase(suite, cases);
    return run(suite);
}
