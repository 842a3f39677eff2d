// SPDX-License-Identifier: MIT
// Tests the environment variable MIO_BACKEND. If a program has more rights than its user, the library ignores this
// variable. To test this case, the test program makes a set-user-ID copy of itself. Only root can make this copy.
// Without root, the test reports that it did not run.
#include "poll/backends.hpp"
#include "port/process.hpp"
#include "port/service.hpp"

#include "../helpers/run_suite.hpp"
#include "../helpers/skips.h"

#include <check.h>
#include <errno.h>
#include <initializer_list>
#include <mio/service.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>

using namespace mio::impl;

namespace {

constexpr char secure_argument[] = "--secure";

// A test makes a set-user-ID copy of this program. The copy exits with one of these values.
enum : int { passed_over = 0, looked_at = 1, not_secure = 77 };

bool may_use_all(const Mechanisms<Selector> &list)
{
    return list.first == selectors.first && list.count == selectors.count;
}

int run_as_secure_program()
{
    if (getauxval(AT_SECURE) == 0) return not_secure;
    const char *variable = nullptr;
    const bool passed = trusted_environment("MIO_BACKEND") == nullptr && may_use_all(find_selectors(nullptr)) &&
                        service_variable("NOTIFY_SOCKET", &variable) == 0 && variable == nullptr &&
                        mio_service_notify("READY=1", nullptr, 0) == 0 && getenv("NOTIFY_SOCKET") != nullptr;
    return passed && getenv("MIO_BACKEND") != nullptr ? passed_over : looked_at;
}

START_TEST(a_variable_has_its_value)
{
    ck_assert_int_eq(setenv("MIO_BACKEND", "poll", 1), 0);
    ck_assert_str_eq(trusted_environment("MIO_BACKEND"), "poll");
    ck_assert_uint_eq(find_selectors(nullptr).count, 1);
    ck_assert_str_eq(find_selectors(nullptr).first[0]->name, "poll");
    ck_assert_int_eq(setenv("MIO_BACKEND", "no-such-backend", 1), 0);
    ck_assert_uint_eq(find_selectors(nullptr).count, 0);
}
END_TEST

START_TEST(an_empty_variable_is_unset)
{
    ck_assert_int_eq(unsetenv("MIO_BACKEND"), 0);
    ck_assert_ptr_null(trusted_environment("MIO_BACKEND"));
    ck_assert(may_use_all(find_selectors(nullptr)));
    ck_assert_int_eq(setenv("MIO_BACKEND", "", 1), 0);
    ck_assert_ptr_null(trusted_environment("MIO_BACKEND"));
    ck_assert(may_use_all(find_selectors(nullptr)));
    ck_assert_uint_eq(find_selectors("").count, 0); // an empty argument is a name, and no backend has this name
}
END_TEST

// Makes a set-user-ID copy of this program. Another user owns the copy, and the copy runs with the rights of its owner.
void make_set_user_id_copy(const char *path)
{
    struct stat self;
    const int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    const int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    ck_assert(from >= 0 && to >= 0 && fstat(from, &self) == 0);
    for (off_t left = self.st_size; left > 0;) {
        const ssize_t copied = sendfile(to, from, nullptr, static_cast<size_t>(left));
        ck_assert_int_gt(copied, 0);
        left -= copied;
    }
    constexpr uid_t nobody = 65534;
    ck_assert_int_eq(fchown(to, nobody, static_cast<gid_t>(-1)), 0);
    ck_assert_int_eq(fchmod(to, 04755), 0);
    close(from);
    close(to);
}

START_TEST(a_set_user_id_program_is_not_steered)
{
    if (geteuid() != 0) {
        fprintf(stderr, "%s: NOT RUN here: a set-user-ID copy takes root\n", __FILE__);
        return;
    }
    char directory[] = "/tmp/mio-environment-XXXXXX";
    char path[sizeof directory + sizeof "/copy"];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/copy", directory);
    make_set_user_id_copy(path);
    ck_assert_int_eq(setenv("NOTIFY_SOCKET", "/no/such/path", 1), 0);
    ck_assert_int_eq(mio_service_notify("READY=1", nullptr, 0), -ENOENT);
    for (const char *value : {"poll", "no-such-backend"}) {
        int status = 0;
        ck_assert_int_eq(setenv("MIO_BACKEND", value, 1), 0);
        const pid_t child = fork();
        if (child == 0) {
            execl(path, path, secure_argument, static_cast<char *>(nullptr));
            _exit(127);
        }
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == not_secure) {
            fprintf(stderr, "%s: NOT RUN here: /tmp or a sandbox takes no set-user-ID programs\n", __FILE__);
        } else {
            ck_assert_int_eq(status, passed_over);
        }
    }
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

} // namespace

int main(int argc, char **argv)
{
    // The set-user-ID copy of this program calls _exit and does not return from main. If the copy returned,
    // LeakSanitizer would report that it cannot inspect a set-user-ID program.
    if (argc == 2 && strcmp(argv[1], secure_argument) == 0) _exit(run_as_secure_program());
    Suite *suite = suite_create("environment");
    TCase *cases = tcase_create("variables");
    tcase_add_test(cases, a_variable_has_its_value);
    tcase_add_test(cases, an_empty_variable_is_unset);
    tcase_add_test(cases, a_set_user_id_program_is_not_steered);
    suite_add_tcase(suite, cases);
    return run(suite);
}
