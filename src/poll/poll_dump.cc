// SPDX-License-Identifier: MIT
#include "poll/poll_dump.hpp"

#include "core/text.hpp"
#include "poll/event_text.hpp"
#include "port/error_names.hpp"
#include "port/safe.hpp"

#include <errno.h>
#include <mio/interest.h>

namespace mio::impl {

namespace {

struct CapabilityName {
    uint32_t bit;
    const char *name;
};

constexpr CapabilityName capability_names[] = {
    {MIO_CAN_EDGE, "EDGE"},         {MIO_CAN_LEVEL, "LEVEL"},
    {MIO_CAN_ONESHOT, "ONESHOT"},   {MIO_CAN_EXCLUSIVE, "EXCLUSIVE"},
    {MIO_CAN_PRIORITY, "PRIORITY"}, {MIO_CAN_CLOSED, "CLOSED"},
    {MIO_CAN_AIO, "AIO"},           {MIO_CAN_LIO, "LIO"},
    {MIO_CAN_NEST, "NEST"},         {MIO_CAN_NS, "NS"},
    {MIO_CAN_SIGMASK, "SIGMASK"},   {MIO_CAN_CLOSE, "CLOSE"},
};

// The destination of a dump. `registrations` and `wakers` count what the dump has found so far. A dump builds and
// writes one line at a time, so that the text can have any length.
struct Dump {
    mio_handle handle;
    uint64_t registrations;
    uint64_t wakers;
};

int write_line(mio_handle handle, const char *line, size_t length)
{
    for (size_t done = 0; done < length;) {
        const int64_t written = write_all(handle, line + done, length - done);
        if (written <= 0) return written < 0 ? static_cast<int>(written) : -EIO;
        done += static_cast<size_t>(written);
    }
    return 0;
}

// Lets `append` build one line, and writes the line. The buffer is long enough for every line of a dump.
template <typename Append>
int dump_line(const Dump &dump, Append append)
{
    char line[256];
    TextWriter out(line, sizeof line);
    append(&out);
    out.append('\n');
    return write_line(dump.handle, line, static_cast<size_t>(out.length()));
}

int dump_registration(void *context, const Registration &found)
{
    Dump &dump = *static_cast<Dump *>(context);
    const bool is_waker = (found.interest & interest_notifier) != 0;
    dump.registrations++;
    if (is_waker) dump.wakers++;
    return dump_line(dump, [&](TextWriter *out) {
        out->append("  handle ");
        out->append_signed(found.handle);
        out->append(" token ");
        out->append_decimal(found.token);
        out->append(is_waker ? " waker" : " ");
        if (is_waker) return;
        format_interest(out, found.interest);
        constexpr uint32_t flags = MIO_LEVEL | MIO_ONESHOT | MIO_EXCLUSIVE;
        const uint32_t wanted = found.interest & ~flags;
        if (found.asleep || (found.armed == 0 && wanted != 0)) {
            out->append(", reported");
        } else if (found.armed != wanted) {
            out->append(", looks for ");
            format_interest(out, found.armed);
        }
    });
}

int dump_head(mio_poll *poll, const Dump &dump)
{
    const int failed = dump_line(dump, [=](TextWriter *out) {
        out->append("poll 0x");
        out->append_hex(reinterpret_cast<uintptr_t>(poll));
        out->append(" backend ");
        out->append(poll->selector->name);
        mio_handle own = MIO_HANDLE_NONE;
        if (poll->selector->handle(selector_state(poll), &own) == 0) {
            out->append(" handle ");
            out->append_signed(own);
        }
        if ((poll->flags & MIO_POLL_RESTART) != 0) out->append(" RESTART");
        out->append(" number ");
        out->append_decimal(poll->identity.number());
        out->append(" references ");
        out->append_decimal(poll->references.load());
    });
    if (failed != 0) return failed;
    return dump_line(dump, [=](TextWriter *out) {
        const uint32_t able = poll->selector->capabilities(selector_state(poll));
        out->append("  can");
        for (const CapabilityName &capability : capability_names) {
            if ((able & capability.bit) == 0) continue;
            out->append(' ');
            out->append(capability.name);
        }
    });
}

} // namespace

int dump_poll(mio_poll *poll, mio_handle handle)
{
    const int wrong = is_usable(poll);
    if (wrong != 0) return wrong;
    Dump dump = {handle, 0, 0};
    int result = dump_head(poll, dump);
    if (result != 0) return result;
    result = poll->selector->list(selector_state(poll), {dump_registration, &dump});
    if (result != 0 && dump.registrations != 0) return result;
    return dump_line(dump, [=](TextWriter *out) {
        out->append("  registrations ");
        if (result != 0) {
            const char *name = error_name(-result);
            out->append("not known: ");
            out->append(name != nullptr ? name : "?");
            return;
        }
        out->append_decimal(dump.registrations);
        out->append(" wakers ");
        out->append_decimal(dump.wakers);
    });
}

} // namespace mio::impl
