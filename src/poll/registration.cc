// SPDX-License-Identifier: MIT
#include "poll/registration.hpp"

#include "core/interest.hpp"
#include "core/race_detector.hpp"
#include "poll/io_source.hpp"
#include "poll/ownership.hpp"
#include "port/memory.hpp"
#include "port/probe.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

int check_registration(const mio_poll *poll, uint32_t interest)
{
    int wrong = is_usable(poll);
    if (wrong == 0) wrong = check_interest(interest);
    if (wrong != 0) return wrong;
    const uint32_t needed = needed_capabilities(interest);
    if (needed == 0) return 0; // most interests need no capability; asking the selector costs 23 instructions
    const uint32_t able = poll->selector->capabilities(selector_state(poll));
    return (needed & ~able) == 0 ? 0 : -ENOTSUP;
}

// Checks whether a source is registered with `poll`. The system lets two poll objects register one descriptor, but the
// library does not. So each source records the poll object that it is registered with. Returns 0 if the source is
// registered with `poll`, -EBUSY if it is registered with another poll object, and -ENOENT if it is not registered.
// Returns -EBADF if the source is closed.
int check_association(const mio_poll *poll, const mio_source *source)
{
    const int unusable = is_usable(poll);
    if (unusable != 0) return unusable;
    if (handle_of(source) == MIO_HANDLE_NONE) return -EBADF;
    return poll->identity.check_owner_of(source);
}

void note_registration(mio_poll *poll, mio_source *source)
{
    mio_poll *watcher = poll->selector->rearm != nullptr ? poll : nullptr;
    if (watcher != nullptr) add_reference(watcher);
    drop_reference(set_owner(source, poll->identity, watcher));
}

void forget_registration(mio_source *source)
{
    drop_reference(forget_owner(source));
}

// ---- with a tracer ------------------------------------------------------------------------------------------------

// After a system call that registers or deregisters, the processor predicts the next returns wrongly (10 ns each). So
// without a tracer, the call of the selector is the last action of register_handle, reregister_handle and
// deregister_handle, and the compiler makes it a jump. With a tracer, the next functions make this call, and then fire
// the probe. `wrong` is the error of the checks or 0. With an error, they only fire the probe.

[[gnu::noinline]] int trace_register(mio_poll *poll, mio_handle handle, uintptr_t token, uint32_t interest, int wrong)
{
    const int result = wrong != 0 ? wrong : poll->selector->add(selector_state(poll), handle, token, interest);
    MIO_PROBE(register, poll, handle, token, interest, result);
    return result;
}

[[gnu::noinline]] int trace_reregister(mio_poll *poll, mio_handle handle, uintptr_t token, uint32_t interest, int wrong)
{
    const int result = wrong != 0 ? wrong : poll->selector->modify(selector_state(poll), handle, token, interest);
    MIO_PROBE(reregister, poll, handle, token, interest, result);
    return result;
}

[[gnu::noinline]] int trace_deregister(mio_poll *poll, mio_handle handle, int wrong)
{
    const int result = wrong != 0 ? wrong : poll->selector->remove(selector_state(poll), handle);
    MIO_PROBE(deregister, poll, handle, result);
    return result;
}

} // namespace

int register_handle(mio_poll *poll, mio_handle handle, uintptr_t token, uint32_t interest)
{
    const int wrong = check_registration(poll, interest);
    if (wrong == 0) tell_release(&poll->epoch); // tells a race detector that earlier writes come before the event
    if (wrong != 0 || MIO_PROBE_ENABLED(register)) return trace_register(poll, handle, token, interest, wrong);
    return poll->selector->add(selector_state(poll), handle, token, interest);
}

int reregister_handle(mio_poll *poll, mio_handle handle, uintptr_t token, uint32_t interest)
{
    int wrong = check_registration(poll, interest);
    // A change of a registration cannot request MIO_EXCLUSIVE. Return -EINVAL here, so that the error does not depend
    // on the kernel.
    if (wrong == 0 && (interest & MIO_EXCLUSIVE) != 0) wrong = -EINVAL;
    if (wrong == 0) tell_release(&poll->epoch); // tells a race detector that earlier writes come before the event
    if (wrong != 0 || MIO_PROBE_ENABLED(reregister)) return trace_reregister(poll, handle, token, interest, wrong);
    return poll->selector->modify(selector_state(poll), handle, token, interest);
}

int deregister_handle(mio_poll *poll, mio_handle handle)
{
    const int wrong = is_usable(poll);
    if (wrong != 0 || MIO_PROBE_ENABLED(deregister)) return trace_deregister(poll, handle, wrong);
    return poll->selector->remove(selector_state(poll), handle);
}

int register_source(mio_poll *poll, mio_source *source, uintptr_t token, uint32_t interest)
{
    const int wrong = check_association(poll, source);
    if (wrong != 0 && wrong != -ENOENT) return wrong;
    // If `add_replaces` is true, the selector would replace the earlier registration without an error. The record of
    // the source shows the earlier registration, so return -EEXIST here.
    if (wrong == 0 && poll->selector->add_replaces) return -EEXIST;
    // As soon as the selector knows the handle, another thread can get an event and use the source. So write the record
    // first, and do not touch the source after a success.
    note_registration(poll, source);
    const int result = register_handle(poll, handle_of(source), token, interest);
    if (result != 0 && wrong == -ENOENT) forget_registration(source);
    return result;
}

int reregister_source(mio_poll *poll, mio_source *source, uintptr_t token, uint32_t interest)
{
    const int wrong = check_association(poll, source);
    if (wrong != 0) return wrong;
    const int result = reregister_handle(poll, handle_of(source), token, interest);
    if (result == -ENOENT) forget_registration(source);
    return result;
}

int deregister_source(mio_poll *poll, mio_source *source)
{
    const int wrong = check_association(poll, source);
    if (wrong != 0) return wrong;
    const int result = deregister_handle(poll, handle_of(source));
    // The source's record can be wrong for two reasons. The program may have deregistered the bare handle. Or the
    // source was registered with another poll object, the program has freed that poll object, and `poll` now has the
    // number of the freed poll object. In both cases the selector does not know the handle and returns -ENOENT, and the
    // source must forget the registration.
    if (result == 0 || result == -ENOENT) forget_registration(source);
    return result;
}

int rearm_handle(mio_poll *poll, mio_handle handle, uint32_t used_up)
{
    const int wrong = is_usable(poll);
    if (wrong != 0) return wrong;
    if (used_up == 0 || (used_up & ~(MIO_READABLE | MIO_WRITABLE)) != 0) return -EINVAL;
    return poll->selector->rearm != nullptr ? poll->selector->rearm(selector_state(poll), handle, used_up) : 0;
}

int clone_registry(const mio_registry *registry, mio_registry **clone)
{
    mio_registry *made = create<mio_registry>();
    if (made == nullptr) return -ENOMEM;
    add_reference(registry->poll);
    *made = {registry->poll, false};
    *clone = made;
    return 0;
}

void free_registry(mio_registry *registry)
{
    if (registry->owned_by_poll) return;
    drop_reference(registry->poll);
    destroy(registry);
}

} // namespace mio::impl
