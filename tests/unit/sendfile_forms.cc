// SPDX-License-Identifier: MIT
// Tests calls of sendfile(2) in the forms of FreeBSD and of macOS. Functions of the test take the place of the system's
// sendfile(2).
#include "bsd/sendfile_forms.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <errno.h>

using namespace mio::impl;

namespace {

struct Headers;

constexpr int file = 11;
constexpr int to = 12;
constexpr off_t position = 7000;
constexpr size_t count = 500;

// The next call of sendfile(2) sends `sent_by_system` bytes. If `error` is not 0, the call also fails, and sets
// errno to `error`.
int error;
off_t sent_by_system;

int finish()
{
    errno = error;
    return error != 0 ? -1 : 0;
}

int like_freebsd(int from, int socket, off_t offset, size_t most, Headers *headers, off_t *sent, int flags)
{
    ck_assert(from == file && socket == to && offset == position && most == count);
    ck_assert(headers == nullptr && flags == 0);
    *sent = sent_by_system;
    return finish();
}

int like_macos(int from, int socket, off_t offset, off_t *length, Headers *headers, int flags)
{
    ck_assert(from == file && socket == to && offset == position && *length == static_cast<off_t>(count));
    ck_assert(headers == nullptr && flags == 0);
    *length = sent_by_system;
    return finish();
}

START_TEST(a_part_that_was_sent_is_a_count)
{
    static const struct {
        int error;
        off_t sent;
        long result;
    } cases[] = {
        {0, 500, 500},   {0, 20, 20},        {0, 0, 0},           {EAGAIN, 20, 20},         {EAGAIN, 0, -EAGAIN},
        {EINTR, 20, 20}, {EINTR, 0, -EINTR}, {EPIPE, 20, -EPIPE}, {ENOTSOCK, 0, -ENOTSOCK},
    };
    for (const auto &each : cases) {
        error = each.error;
        sent_by_system = each.sent;
        ck_assert_int_eq(send_from(like_freebsd, file, to, position, count), each.result);
        ck_assert_int_eq(send_from(like_macos, file, to, position, count), each.result);
    }
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("sendfile_forms");
    TCase *tcase = tcase_create("sendfile_forms");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, a_part_that_was_sent_is_a_count);
    return run(suite);
}
