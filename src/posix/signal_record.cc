// SPDX-License-Identifier: MIT
#include "unix/signal_record.hpp"

namespace mio::impl {

namespace {

// True if the system sent the signal for a timer, for completed asynchronous I/O, or for a message queue.
bool is_of_request(int code)
{
    return code == SI_TIMER || code == SI_ASYNCIO || code == SI_MESGQ;
}

// True if a process sent the signal. In POSIX, such a signal has a code of 0 or less. But on some systems the codes
// SI_USER and SI_QUEUE are positive.
bool is_of_process(int code)
{
    return code == SI_USER || code == SI_QUEUE || (code <= 0 && !is_of_request(code));
}

} // namespace

mio_signal_info record_of(int number, const siginfo_t &from)
{
    const int code = from.si_code;
    const bool is_of_child = number == SIGCHLD && !is_of_process(code) && !is_of_request(code);
    mio_signal_info record = {};
    record.number = number;
    record.code = code;
    if (is_of_process(code) || is_of_child) {
        record.pid = from.si_pid;
        record.uid = from.si_uid;
    }
    if (is_of_child) record.status = from.si_status;
    if (code == SI_QUEUE || is_of_request(code)) {
        record.value = from.si_value.sival_int;
        record.pointer = reinterpret_cast<uintptr_t>(from.si_value.sival_ptr);
    }
    return record;
}

} // namespace mio::impl
