// SPDX-License-Identifier: MIT
#include "unix/signal_record.hpp"

namespace mio::impl {

// Fills in the record like signalfd(2): copies a member only if si_code shows that the system has set the member.
mio_signal_info record_of(int number, const siginfo_t &from)
{
    const int code = from.si_code;
    const bool is_of_child = number == SIGCHLD && code > 0 && code != SI_KERNEL;
    const bool is_of_timer = code == SI_TIMER;
    const bool is_of_process = !is_of_timer && (code <= 0 || code == SI_KERNEL) && code != SI_SIGIO;
    mio_signal_info record = {};
    record.number = number;
    record.code = code;
    if (is_of_process || is_of_child) {
        record.pid = from.si_pid;
        record.uid = from.si_uid;
    }
    if (is_of_child) record.status = from.si_status;
    if (is_of_timer) record.overrun = from.si_overrun;
    if (is_of_timer || (is_of_process && code < 0)) {
        record.value = from.si_value.sival_int;
        record.pointer = reinterpret_cast<uintptr_t>(from.si_value.sival_ptr);
    }
    return record;
}

} // namespace mio::impl
