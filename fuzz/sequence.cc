// SPDX-License-Identifier: MIT
// Runs a sequence of operations on every backend, and compares the results with the model of the differential test
// (tests/differential). The input is the sequence: three bytes for each step, which select the operation, the end of a
// link, and the argument.
#include "fuzz.hpp"

#include <csignal>
#include <mio/poll.h>

extern "C" {
#include "../tests/differential/replay.h"
}

namespace {

sequence take_sequence(fuzz::Input &input)
{
    sequence program = {};
    while (input.left() > 0 && program.length < LONGEST) {
        operation *step = &program.steps[program.length++];
        step->verb = static_cast<uint8_t>(input.byte() % VERBS);
        step->end = static_cast<uint8_t>(input.byte() % ENDS);
        step->arg = input.byte();
    }
    return program;
}

// Returns whether a failure is a fault of the library. A late packet or a busy machine can cause some failures. So a
// failure is a fault only if the same sequence fails twice in 20 further runs.
bool recurs(const sequence &program, const char *backend)
{
    int failed = 0;
    for (int i = 0; i < 20 && failed < 2; i++) {
        verdict result;
        run_program(&program, backend, &result, nullptr);
        failed += result.failure[0] != '\0' ? 1 : 0;
    }
    return failed == 2;
}

void check(const sequence &program, const char *backend)
{
    verdict result;
    run_patiently(&program, backend, &result);
    if (result.failure[0] == '\0') return;
    (void)fprintf(stderr, "%s: %s\n", backend, result.failure);
    REQUIRE(!result.certain && !recurs(program, backend));
}

// libFuzzer measures the time of an input with a timer, and the signal of this timer ends a wait with EINTR. The model
// has no signals, so the signal is blocked while a sequence runs.
void block_timer(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    REQUIRE(pthread_sigmask(how, &set, nullptr) == 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz::Input input(data, size);
    const sequence program = take_sequence(input);
    const char *backend = nullptr;
    block_timer(SIG_BLOCK);
    for (size_t i = 0; (backend = mio_poll_backend_name(i)) != nullptr; i++)
        check(program, backend);
    block_timer(SIG_UNBLOCK);
    return 0;
}
