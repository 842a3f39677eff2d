// SPDX-License-Identifier: MIT
// Computes the next step of the AFD selector for a socket from the state of the socket. An operation of AFD completes
// once, and reports the conditions that the socket has at that time. If a condition lasts, another operation would
// report the condition again. So the selector emulates edges: after each report, the next operation requests fewer
// conditions. This file makes no system call and includes no Windows header. So a unit test can run this code on any
// system. windows/afd_state.cc carries out the steps.
#pragma once

#include "core/base.hpp"

#include <mio/interest.h>
#include <stdint.h>

namespace mio::impl {

// The bits of AFD. The member `os_bits` of an event has these bits.
constexpr uint32_t afd_receive = 0x001;
constexpr uint32_t afd_receive_expedited = 0x002;
constexpr uint32_t afd_send = 0x004;
constexpr uint32_t afd_disconnect = 0x008;
constexpr uint32_t afd_abort = 0x010;
constexpr uint32_t afd_local_close = 0x020;
constexpr uint32_t afd_accept = 0x080;
constexpr uint32_t afd_connect_fail = 0x100;

// These bits mean that the connection is broken in both directions. Every registration requests them.
constexpr uint32_t afd_broken = afd_abort | afd_connect_fail;

constexpr uint32_t afd_bits_of(uint32_t interest)
{
    uint32_t bits = afd_broken;
    if ((interest & MIO_READABLE) != 0) bits |= afd_receive | afd_accept | afd_disconnect;
    if ((interest & MIO_WRITABLE) != 0) bits |= afd_send;
    if ((interest & MIO_PRIORITY) != 0) bits |= afd_receive_expedited;
    if ((interest & MIO_CLOSED) != 0) bits |= afd_disconnect;
    return bits;
}

constexpr uint32_t readiness_of_afd(uint32_t bits)
{
    uint32_t readiness = 0;
    if ((bits & (afd_receive | afd_accept)) != 0) readiness |= MIO_READABLE;
    if ((bits & afd_receive_expedited) != 0) readiness |= MIO_PRIORITY;
    if ((bits & afd_send) != 0) readiness |= MIO_WRITABLE;
    if ((bits & afd_disconnect) != 0) readiness |= MIO_READABLE | MIO_READ_CLOSED;
    if ((bits & afd_broken) != 0) {
        readiness |= MIO_READABLE | MIO_WRITABLE | MIO_READ_CLOSED | MIO_WRITE_CLOSED | MIO_ERROR;
    }
    return readiness;
}

enum class Operation : uint8_t { none, pending, cancelled };

// How an operation ended. AFD refuses an operation only if memory is short, or if a layered provider of Winsock is
// faulty.
enum class Ending : uint8_t { success, cancelled, closed, refused };

enum class Step : uint8_t { none, submit, cancel, release };

struct SockState {
    uint32_t interest;
    uint32_t armed;   // the bits that the next event may report
    uint32_t polled;  // the bits that the operation under way requests
    uint32_t lasting; // reported bits that stay set for ever
    Operation operation;
    bool refused; // AFD has refused an operation, so no operation starts until the next `arm`
    bool removed;
};

constexpr bool is_edge(const SockState &state)
{
    return (state.interest & (MIO_LEVEL | MIO_ONESHOT)) == 0;
}

// Registers a socket, or modifies its registration. The next operation reports all requested conditions that the socket
// has.
constexpr void arm(SockState *state, uint32_t interest)
{
    state->interest = interest;
    state->armed = afd_bits_of(interest);
    state->lasting = 0;
    state->refused = false;
}

// Returns the bits that the next operation requests. Every operation requests afd_local_close, so the operation ends
// when the program closes the socket. Without this request, the library would not learn that the socket was closed. So
// even a socket that has nothing to report needs an operation.
constexpr uint32_t bits_to_poll(const SockState &state)
{
    return state.armed | afd_local_close;
}

// Returns the step that the selector takes next for a socket. The step cancels an operation only if the socket was
// removed, or if the operation does not request all bits of bits_to_poll. If an operation requests too many bits, it
// continues, because the selector ignores the additional bits.
constexpr Step next_step(const SockState &state)
{
    switch (state.operation) {
    case Operation::none:
        if (state.removed) return Step::release;
        return state.refused ? Step::none : Step::submit;
    case Operation::pending:
        return state.removed || (bits_to_poll(state) & ~state.polled) != 0 ? Step::cancel : Step::none;
    case Operation::cancelled:
        return Step::none;
    }
    return Step::none;
}

constexpr void note_submitted(SockState *state)
{
    state->operation = Operation::pending;
    state->polled = bits_to_poll(*state);
}

constexpr void note_cancelled(SockState *state)
{
    state->operation = Operation::cancelled;
}

// Records that the selector reports `bits` to the program.
constexpr void note_reported(SockState *state, uint32_t bits)
{
    if ((state->interest & MIO_ONESHOT) != 0) {
        state->armed = 0;
    } else if (is_edge(*state)) {
        state->armed &= (bits & afd_broken) != 0 ? 0 : ~bits;
        state->lasting |= bits & (afd_broken | afd_disconnect);
    }
}

// Records that the operation has ended. Returns the bits of the event to report, or 0. If the program has closed the
// socket, marks the socket as removed.
constexpr uint32_t note_ended(SockState *state, Ending ending, uint32_t bits)
{
    state->operation = Operation::none;
    if (ending == Ending::refused) {
        bits = afd_connect_fail;
        // A level-triggered socket repeats its error event, so each wait returns. An edge-triggered or oneshot socket
        // reports the error event only once. For an edge-triggered or oneshot socket, a later wait must not start
        // another operation: AFD would refuse each new operation, and the wait would try for ever.
        state->refused = is_edge(*state) || (state->interest & MIO_ONESHOT) != 0;
    }
    if (ending == Ending::closed || (ending == Ending::success && (bits & afd_local_close) != 0)) state->removed = true;
    if (state->removed || ending == Ending::cancelled) return 0;
    const uint32_t news = bits & state->armed;
    if (news != 0) note_reported(state, news);
    return news;
}

// Rearms an edge after an operation of the program has used up readiness; see `rearm` in port/selector.hpp. Some edges
// are never rearmed: nothing arrives after the end of the stream, and a broken connection stays broken.
constexpr void rearm(SockState *state, uint32_t used_up)
{
    if (!is_edge(*state) || (state->lasting & afd_broken) != 0) return;
    uint32_t bits = 0;
    if ((used_up & MIO_READABLE) != 0) bits |= afd_receive | afd_accept;
    if ((used_up & MIO_WRITABLE) != 0) bits |= afd_send;
    if ((used_up & MIO_PRIORITY) != 0) bits |= afd_receive_expedited;
    if ((state->lasting & afd_disconnect) != 0) bits &= ~(afd_receive | afd_accept);
    state->armed |= bits & afd_bits_of(state->interest);
}

} // namespace mio::impl
