// SPDX-License-Identifier: MIT
// Computes the readiness and the next step of a named pipe from its state. For a named pipe, Windows does not report
// readiness. Windows reports only the end of an operation. So the library keeps one read under way and buffers its
// bytes. The library also buffers the bytes of one write. The state of the two buffers gives the readiness of the
// pipe. This file makes no system call and includes no Windows header. So a unit test can run this code on any system.
// windows/pipe_object.cc carries out the steps.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <mio/interest.h>
#include <stdint.h>

namespace mio::impl {

// The link to the peer. The link of a client is always in the state `open`. The link of a server is in the state
// `apart` until the program waits for a client.
enum class PipeLink : uint8_t { apart, connecting, open };

// The state of one operation of a pipe. In the states `unwanted` and `cancelled`, the library ignores the result of the
// operation.
enum class PipeWork : uint8_t { idle, under_way, unwanted, cancelled };

enum class PipeStep : uint8_t {
    none,
    connect,
    read,
    write,
    cancel_connect,
    cancel_read,
    cancel_write,
    report,
    close,
    release,
};

// The conditions of a pipe. The library computes the readiness of the pipe from its conditions.
constexpr uint32_t pipe_input = 0x01;
constexpr uint32_t pipe_output = 0x02;
constexpr uint32_t pipe_write_closed = 0x04;
constexpr uint32_t pipe_hang_up = 0x08;
constexpr uint32_t pipe_failed = 0x10;

struct PipeState {
    uint32_t interest;
    uint32_t armed;    // the conditions that the next event may report
    uint32_t received; // number of bytes in the input buffer
    uint32_t taken;    // number of bytes of `received` that the program has read
    uint32_t queued;   // number of bytes in the output buffer
    uint32_t sent;     // number of bytes of `queued` that the system has accepted
    // Each of the next two members is 0 while its direction is open. After the direction has ended, the member holds
    // the reason, a negative errno value. -EPIPE means that the peer has closed or disconnected the pipe.
    int32_t read_end;
    int32_t write_end;
    PipeLink link;
    PipeWork connect;
    PipeWork read;
    PipeWork write;
    bool reporting; // the port holds a packet that will become an event of this pipe
    bool due;       // a wait has taken a packet of the pipe, and the next step follows at the end of the wait
    bool attached;  // the pipe has a port, so operations can start
    bool registered;
    bool closing; // the program has closed the pipe
    bool closed;  // the library has closed the handle
};

// ---- conditions ---------------------------------------------------------------------------------------------------

constexpr uint32_t pipe_conditions_of(uint32_t interest)
{
    uint32_t conditions = pipe_write_closed | pipe_hang_up | pipe_failed;
    if ((interest & MIO_READABLE) != 0) conditions |= pipe_input;
    if ((interest & MIO_WRITABLE) != 0) conditions |= pipe_output;
    return conditions;
}

constexpr uint32_t readiness_of_pipe(uint32_t conditions)
{
    uint32_t readiness = 0;
    if ((conditions & pipe_input) != 0) readiness |= MIO_READABLE;
    if ((conditions & pipe_output) != 0) readiness |= MIO_WRITABLE;
    if ((conditions & pipe_write_closed) != 0) readiness |= MIO_WRITABLE | MIO_WRITE_CLOSED;
    if ((conditions & pipe_hang_up) != 0) {
        readiness |= MIO_READABLE | MIO_WRITABLE | MIO_READ_CLOSED | MIO_WRITE_CLOSED;
    }
    if ((conditions & pipe_failed) != 0) readiness |= MIO_READABLE | MIO_WRITABLE | MIO_ERROR;
    return readiness;
}

constexpr bool has_input(const PipeState &state)
{
    return state.taken < state.received;
}

// Returns whether the output buffer is free, so that a write can succeed.
constexpr bool has_room(const PipeState &state)
{
    return state.attached && state.write == PipeWork::idle && state.queued == 0 && state.write_end == 0;
}

constexpr bool is_failure(int32_t end)
{
    return end != 0 && end != -EPIPE;
}

constexpr uint32_t conditions_of(const PipeState &state)
{
    if (state.link != PipeLink::open) return 0;
    uint32_t conditions = 0;
    if (has_input(state)) conditions |= pipe_input;
    if (has_room(state)) conditions |= pipe_output;
    if (state.write_end != 0) conditions |= pipe_output | pipe_write_closed;
    if (state.read_end != 0) conditions |= pipe_hang_up;
    if (is_failure(state.read_end) || is_failure(state.write_end)) conditions |= pipe_failed;
    return conditions;
}

constexpr uint32_t news_of(const PipeState &state)
{
    return state.registered ? conditions_of(state) & state.armed : 0;
}

constexpr bool is_edge(const PipeState &state)
{
    return (state.interest & (MIO_LEVEL | MIO_ONESHOT)) == 0;
}

// Returns the conditions to report, or 0, and records that the selector reports them.
constexpr uint32_t take_news(PipeState *state)
{
    const uint32_t news = news_of(*state);
    if (news == 0) return 0;
    if ((state->interest & MIO_ONESHOT) != 0) state->armed = 0;
    if (is_edge(*state)) state->armed &= ~news;
    return news;
}

// Lets the next event report `conditions` again, if the registration is edge-triggered.
constexpr void rearm_conditions(PipeState *state, uint32_t conditions)
{
    if (is_edge(*state)) state->armed |= conditions & pipe_conditions_of(state->interest);
}

// ---- steps --------------------------------------------------------------------------------------------------------

constexpr PipeStep next_cancel(const PipeState &state)
{
    if (state.connect == PipeWork::unwanted) return PipeStep::cancel_connect;
    if (state.read == PipeWork::unwanted) return PipeStep::cancel_read;
    if (state.write == PipeWork::unwanted) return PipeStep::cancel_write;
    return PipeStep::none;
}

constexpr bool is_write_due(const PipeState &state)
{
    return state.attached && state.write == PipeWork::idle && state.queued != 0;
}

// Returns true if the port will get no more packets of the pipe, and no wait will use the pipe.
constexpr bool is_idle(const PipeState &state)
{
    return state.connect == PipeWork::idle && state.read == PipeWork::idle && state.write == PipeWork::idle &&
           !state.reporting && !state.due;
}

// Returns the next step of a pipe that the program has closed. If the program closes a pipe during a write, the library
// closes the handle after the write has ended. The library keeps the memory of the pipe until the packet of every
// operation has arrived, because the system can write to this memory during an operation.
constexpr PipeStep next_end(const PipeState &state)
{
    if (!state.closed) {
        if (is_write_due(state)) return PipeStep::write;
        return state.write == PipeWork::under_way ? PipeStep::none : PipeStep::close;
    }
    return is_idle(state) ? PipeStep::release : PipeStep::none;
}

constexpr PipeStep next_step(const PipeState &state)
{
    const PipeStep cancel = next_cancel(state);
    if (cancel != PipeStep::none) return cancel;
    if (state.closing) return next_end(state);
    if (!state.attached) return PipeStep::none;
    if (state.link == PipeLink::connecting && state.connect == PipeWork::idle) return PipeStep::connect;
    if (is_write_due(state)) return PipeStep::write;
    const bool can_read = state.link == PipeLink::open && state.read_end == 0 && !has_input(state);
    if (can_read && state.read == PipeWork::idle) return PipeStep::read;
    return news_of(state) != 0 && !state.reporting ? PipeStep::report : PipeStep::none;
}

constexpr void note_started(PipeState *state, PipeStep step)
{
    if (step == PipeStep::connect) state->connect = PipeWork::under_way;
    if (step == PipeStep::read) state->read = PipeWork::under_way;
    if (step == PipeStep::write) state->write = PipeWork::under_way;
}

constexpr void note_cancelled(PipeState *state, PipeStep step)
{
    if (step == PipeStep::cancel_connect) state->connect = PipeWork::cancelled;
    if (step == PipeStep::cancel_read) state->read = PipeWork::cancelled;
    if (step == PipeStep::cancel_write) state->write = PipeWork::cancelled;
}

// ---- ends of operations -------------------------------------------------------------------------------------------
// In the functions below, `error` is the result of the operation: 0 or a negative errno value. Windows may cancel an
// operation itself, for example when the thread that started the operation ends. The result is then -ECANCELED, and the
// next step starts the operation again.

// Marks the operation as idle. Returns false if the operation was cancelled: the caller must then ignore `error`.
constexpr bool finish(PipeWork *work, int error)
{
    const bool counts = *work == PipeWork::under_way;
    *work = PipeWork::idle;
    return counts && error != -ECANCELED;
}

constexpr void empty_buffers(PipeState *state)
{
    state->received = 0;
    state->taken = 0;
    state->queued = 0;
    state->sent = 0;
}

// Records that connecting has finished. If connecting failed, the link is open, but both directions have ended with
// the error.
constexpr void note_connected(PipeState *state, int error)
{
    if (!finish(&state->connect, error)) return;
    state->link = PipeLink::open;
    state->read_end = error;
    state->write_end = error;
    rearm_conditions(state, ~UINT32_C(0));
}

constexpr void note_received(PipeState *state, int error, uint32_t count)
{
    if (!finish(&state->read, error)) return;
    state->taken = 0;
    state->received = error == 0 ? count : 0;
    if (state->received != 0) rearm_conditions(state, pipe_input);
    if (error == 0) return;
    state->read_end = error;
    if (state->write_end == 0) state->write_end = error;
}

constexpr void note_sent(PipeState *state, int error, uint32_t count)
{
    const bool counts = finish(&state->write, error);
    if (state->queued != 0) state->sent += count;
    if (counts && error != 0 && state->write_end == 0) state->write_end = error;
    if (state->sent != state->queued && state->write_end == 0) return;
    state->queued = 0;
    state->sent = 0;
}

// ---- requests of the program --------------------------------------------------------------------------------------

// Registers a pipe, or modifies its registration.
constexpr void arm(PipeState *state, uint32_t interest)
{
    state->attached = true;
    state->registered = true;
    state->interest = interest;
    state->armed = pipe_conditions_of(interest);
}

// An operation of the program has used up the readiness `used_up`. After this call, an event can report this readiness
// again; see `rearm` in port/selector.hpp.
constexpr void rearm(PipeState *state, uint32_t used_up)
{
    if ((used_up & MIO_READABLE) != 0) rearm_conditions(state, pipe_input);
    if ((used_up & MIO_WRITABLE) != 0) rearm_conditions(state, pipe_output);
}

// Returns 1 if there are bytes to read, 0 at the end, or a negative errno value.
constexpr int check_read(const PipeState &state)
{
    if (state.link == PipeLink::apart) return -ENOTCONN;
    if (has_input(state)) return 1;
    if (state.read_end == -EPIPE) return 0;
    return state.read_end != 0 ? state.read_end : -EAGAIN;
}

// Returns 0 if the program can fill the output buffer, or a negative errno value.
constexpr int check_write(const PipeState &state)
{
    if (state.link == PipeLink::apart) return -ENOTCONN;
    if (state.write_end != 0) return state.write_end;
    return state.link == PipeLink::open && has_room(state) ? 0 : -EAGAIN;
}

constexpr void discard(PipeWork *work)
{
    if (*work == PipeWork::under_way) *work = PipeWork::unwanted;
}

// Ends the link. Bytes in the buffers are lost.
constexpr void disconnect(PipeState *state)
{
    discard(&state->connect);
    discard(&state->read);
    discard(&state->write);
    empty_buffers(state);
    state->read_end = 0;
    state->write_end = 0;
    state->link = PipeLink::apart;
}

// Records that the port of the pipe closes. Afterwards the pipe cannot get another port.
constexpr void detach(PipeState *state)
{
    disconnect(state);
    state->attached = false;
    state->registered = false;
}

// Records that the program has closed the pipe.
constexpr void begin_close(PipeState *state)
{
    discard(&state->connect);
    discard(&state->read);
    state->registered = false;
    state->closing = true;
}

} // namespace mio::impl
