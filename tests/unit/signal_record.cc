// SPDX-License-Identifier: MIT
// Tests which members of siginfo_t the library copies to the record of a signal. The origin of the signal decides which
// members the system sets. Members of siginfo_t share memory, so all other members contain garbage.
#include "unix/signal_record.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <string.h>

using namespace mio::impl;

namespace {

START_TEST(a_record_has_what_the_origin_of_the_signal_sets)
{
    static const struct {
        int number;
        int code;
        bool has_sender; // pid and uid
        bool has_status;
        bool has_overrun;
        bool has_value;
    } cases[] = {
        {SIGUSR1, SI_USER, true, false, false, false},      {SIGUSR1, SI_KERNEL, true, false, false, false},
        {SIGUSR1, SI_QUEUE, true, false, false, true},      {SIGALRM, SI_TIMER, false, false, true, true},
        {SIGIO, SI_SIGIO, false, false, false, false},      {SIGIO, POLL_IN, false, false, false, false},
        {SIGSEGV, SEGV_MAPERR, false, false, false, false}, {SIGCHLD, CLD_EXITED, true, true, false, false},
        {SIGCHLD, CLD_KILLED, true, true, false, false},    {SIGCHLD, SI_USER, true, false, false, false},
        {SIGCHLD, SI_KERNEL, true, false, false, false},    {SIGCHLD, SI_QUEUE, true, false, false, true},
    };
    for (const auto &each : cases) {
        siginfo_t from;
        memset(&from, 0x11, sizeof from);
        from.si_code = each.code;
        const mio_signal_info record = record_of(each.number, from);
        ck_assert_int_eq(record.number, each.number);
        ck_assert_int_eq(record.code, each.code);
        ck_assert_int_eq(record.pid, each.has_sender ? from.si_pid : 0);
        ck_assert_uint_eq(record.uid, each.has_sender ? from.si_uid : 0);
        ck_assert_int_eq(record.status, each.has_status ? from.si_status : 0);
        ck_assert_int_eq(record.overrun, each.has_overrun ? from.si_overrun : 0);
        ck_assert_int_eq(record.value, each.has_value ? from.si_value.sival_int : 0);
        ck_assert_uint_eq(record.pointer, each.has_value ? reinterpret_cast<uintptr_t>(from.si_value.sival_ptr) : 0);
    }
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("signal_record");
    TCase *cases = tcase_create("signal_record");
    tcase_add_test(cases, a_record_has_what_the_origin_of_the_signal_sets);
    suite_add_tcase(suite, cases);
    return run(suite);
}
