// SPDX-License-Identifier: MIT
#include "source/service.hpp"

#include "core/endpoint.hpp"
#include "core/text.hpp"
#include "port/addresses.hpp"
#include "port/clock.hpp"
#include "port/pidfd_id.hpp"
#include "port/service.hpp"

#include <errno.h>
#include <limits.h>
#include <mio/service.h>
#include <mio/unix.h>
#include <string.h>

namespace mio::impl {

namespace {

constexpr uint64_t nanoseconds_per_microsecond = 1000;
constexpr uint64_t most_passed_handles = INT_MAX - 3; // the first passed handle has the number 3

// ---- variables -----------------------------------------------------------------------------------------------------

// Reads a decimal number. Returns -EINVAL if the text has a character that is not a digit, or if the number is above
// the limit `most`.
int parse_number(const char *text, uint64_t most, uint64_t *number)
{
    *number = 0;
    for (const char *next = text; *next != '\0'; next++) {
        const uint64_t digit = static_cast<uint64_t>(static_cast<unsigned char>(*next)) - '0';
        if (digit > 9 || digit > most || *number > (most - digit) / 10) return -EINVAL;
        *number = *number * 10 + digit;
    }
    return 0;
}

// Reads the number in the environment variable `name`. Returns 1 and stores the number, or returns 0 if the variable is
// unset.
int number_variable(const char *name, uint64_t most, uint64_t *number)
{
    const char *text = nullptr;
    int failed = service_variable(name, &text);
    if (failed != 0 || text == nullptr) return failed;
    failed = parse_number(text, most, number);
    return failed != 0 ? failed : 1;
}

// Returns 1 if the environment variable `name` contains the pid of this process, and 0 if it contains another pid. If
// the variable is unset, returns `if_unset`.
int is_own_pid(const char *name, int if_unset)
{
    uint64_t pid = 0;
    const int found = number_variable(name, INT_MAX, &pid);
    if (found < 0) return found;
    if (found == 0) return if_unset;
    return pid == static_cast<uint64_t>(service_process()) ? 1 : 0;
}

// Returns 1 if the passed handles are for this process, and 0 if not. Checks the pid, because a child process inherits
// the variables. Checks the pidfd id as well, because a system can reuse a pid.
int are_own_handles()
{
    const int own_pid = is_own_pid("LISTEN_PID", 0);
    if (own_pid <= 0) return own_pid;
    uint64_t id = 0;
    const int found = number_variable("LISTEN_PIDFDID", UINT64_MAX, &id);
    if (found < 0) return found;
    return found == 0 ? 1 : is_own_pidfd_id(id);
}

int check_index(size_t index)
{
    const int count = count_passed_handles();
    if (count < 0) return count;
    return index < static_cast<size_t>(count) ? 0 : -EINVAL;
}

// ---- names of passed handles ---------------------------------------------------------------------------------------

struct PassedName {
    const char *text;
    size_t length;
};

// Reads the names of the passed handles from a list, one after the other. Colons separate the names.
class PassedNames {
public:
    explicit PassedNames(const char *list) : next_(list), left_(strlen(list)) {}

    PassedName take()
    {
        const void *colon = memchr(next_, ':', left_);
        const PassedName name = {next_, colon != nullptr ? distance_to(colon) : left_};
        const size_t used = name.length + (colon != nullptr ? 1 : 0);
        next_ += used;
        left_ -= used;
        return name;
    }

private:
    size_t distance_to(const void *colon) const
    {
        return static_cast<size_t>(static_cast<const char *>(colon) - next_);
    }

    const char *next_;
    size_t left_;
};

size_t count_names(const char *list)
{
    size_t count = 1;
    for (; *list != '\0'; list++)
        count += *list == ':' ? 1 : 0;
    return count;
}

// Stores the names of the passed handles in *list, or null if the handles have no names. Returns the number of handles.
int passed_names(const char **list)
{
    const int count = count_passed_handles();
    if (count <= 0) return count;
    const int failed = service_variable("LISTEN_FDNAMES", list);
    if (failed != 0) return failed;
    return *list == nullptr || count_names(*list) == static_cast<size_t>(count) ? count : -EINVAL;
}

constexpr PassedName no_name = {"unknown", sizeof "unknown" - 1};

// ---- notifications -------------------------------------------------------------------------------------------------

// True for an address of vsock(7). The text begins with "vsock:", or with a prefix that also names the type of the
// socket.
bool is_vsock(const char *text)
{
    static constexpr char beginnings[][17] = {"vsock:", "vsock-stream:", "vsock-dgram:", "vsock-seqpacket:"};
    for (const auto &beginning : beginnings) {
        if (strncmp(text, beginning, strlen(beginning)) == 0) return true;
    }
    return false;
}

// Returns 1 and stores the address of the manager, or returns 0 if there is no manager.
int manager_address(mio_addr *addr)
{
    const char *text = nullptr;
    int failed = service_variable("NOTIFY_SOCKET", &text);
    if (failed != 0 || text == nullptr) return failed;
    const size_t length = strlen(text);
    if (is_vsock(text)) return -EAFNOSUPPORT;
    if (length < 2 || (*text != '/' && *text != '@')) return -EINVAL;
    if (*text == '@') {
        failed = store_abstract_name(addr, text + 1, length - 1);
    } else {
        const uint8_t *path = reinterpret_cast<const uint8_t *>(text);
        failed = store_endpoint(addr, {.family = MIO_ADDR_UNIX, .name = path, .name_length = length});
    }
    return failed != 0 ? failed : 1;
}

mio_unix_message message_to(mio_addr *addr, const mio_iovec *piece)
{
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    message.pieces = piece;
    message.piece_count = 1;
    message.addr = addr;
    return message;
}

mio_iovec piece_of(const char *state)
{
    return {const_cast<char *>(state), strlen(state)};
}

} // namespace

// ---- passed handles ------------------------------------------------------------------------------------------------

int count_passed_handles()
{
    const int own = are_own_handles();
    if (own <= 0) return own;
    uint64_t count = 0;
    const int found = number_variable("LISTEN_FDS", most_passed_handles, &count);
    return found < 0 ? found : static_cast<int>(count);
}

int adopt_passed_handle(size_t index, mio_handle *handle)
{
    const int wrong = check_index(index);
    return wrong != 0 ? wrong : adopt_inherited_handle(index, handle);
}

int name_passed_handle(size_t index, char *text, size_t size)
{
    const char *list = nullptr;
    const int count = passed_names(&list);
    if (count < 0) return count;
    if (index >= static_cast<size_t>(count)) return -EINVAL;
    PassedName name = no_name;
    if (list != nullptr) {
        PassedNames names(list);
        for (size_t i = 0; i <= index; i++)
            name = names.take();
    }
    TextWriter out(text, size);
    out.append_bytes(name.text, name.length);
    return out.length();
}

int find_passed_handle(const char *name, size_t from)
{
    const char *list = nullptr;
    const int count = passed_names(&list);
    if (count < 0) return count;
    const size_t length = strlen(name);
    PassedNames names(list != nullptr ? list : "");
    for (int i = 0; i < count; i++) {
        const PassedName next = list != nullptr ? names.take() : no_name;
        if (static_cast<size_t>(i) < from) continue;
        if (next.length == length && strncmp(next.text, name, length) == 0) return i;
    }
    return -ENOENT;
}

// ---- the environment -----------------------------------------------------------------------------------------------

int forget_service(uint32_t variables)
{
    static constexpr struct {
        uint32_t flag;
        const char *name;
    } known[] = {
        {MIO_SERVICE_LISTEN, "LISTEN_PID"},      {MIO_SERVICE_LISTEN, "LISTEN_PIDFDID"},
        {MIO_SERVICE_LISTEN, "LISTEN_FDS"},      {MIO_SERVICE_LISTEN, "LISTEN_FDNAMES"},
        {MIO_SERVICE_NOTIFY, "NOTIFY_SOCKET"},   {MIO_SERVICE_WATCHDOG, "WATCHDOG_PID"},
        {MIO_SERVICE_WATCHDOG, "WATCHDOG_USEC"},
    };
    const uint32_t all = MIO_SERVICE_LISTEN | MIO_SERVICE_NOTIFY | MIO_SERVICE_WATCHDOG;
    if (variables == 0 || (variables & ~all) != 0) return -EINVAL;
    for (const auto &variable : known) {
        const int failed = (variables & variable.flag) != 0 ? remove_service_variable(variable.name) : 0;
        if (failed != 0) return failed;
    }
    return 0;
}

// ---- notifications, the watchdog -----------------------------------------------------------------------------------

int notify_manager(const char *state, const mio_handle *handles, size_t count)
{
    mio_addr addr;
    const int found = manager_address(&addr);
    if (found <= 0) return found;
    const mio_iovec piece = piece_of(state);
    mio_unix_message message = message_to(&addr, &piece);
    message.handles = const_cast<mio_handle *>(handles);
    message.handle_count = count;
    const int64_t sent = send_to_service_manager(&message);
    return sent < 0 ? static_cast<int>(sent) : 1;
}

int notify_reloading()
{
    char text[64];
    TextWriter state(text, sizeof text);
    state.append("RELOADING=1\nMONOTONIC_USEC=");
    state.append_decimal(static_cast<uint64_t>(monotonic_now()) / nanoseconds_per_microsecond);
    return notify_manager(text, nullptr, 0);
}

int notify_barrier(int64_t timeout_ns)
{
    mio_addr addr;
    const int found = manager_address(&addr);
    if (found <= 0) return found;
    const mio_iovec piece = piece_of("BARRIER=1");
    const mio_unix_message message = message_to(&addr, &piece);
    const int failed = send_barrier(&message, timeout_ns);
    return failed != 0 ? failed : 1;
}

int watchdog_interval(int64_t *interval_ns)
{
    const int own = is_own_pid("WATCHDOG_PID", 1);
    if (own < 0) return own;
    uint64_t microseconds = 0;
    const uint64_t most = INT64_MAX / nanoseconds_per_microsecond;
    const int found = own == 1 ? number_variable("WATCHDOG_USEC", most, &microseconds) : 0;
    if (found < 0) return found;
    if (found == 1 && microseconds == 0) return -EINVAL;
    *interval_ns = static_cast<int64_t>(microseconds * nanoseconds_per_microsecond);
    return found;
}

} // namespace mio::impl
