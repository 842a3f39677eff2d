// SPDX-License-Identifier: MIT
// Tests how the library reads the variables that a service manager sets. The input has lines such as LISTEN_FDS=2. In a
// value, "self" stands for the process ID of this process. The target sends no notification: each call of
// mio_service_notify passes a descriptor that is not open, and fails.
#include "fuzz.hpp"

#include <errno.h>
#include <limits.h>
#include <mio/service.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

constexpr const char *variables[] = {"LISTEN_PID",    "LISTEN_PIDFDID", "LISTEN_FDS",   "LISTEN_FDNAMES",
                                     "NOTIFY_SOCKET", "WATCHDOG_PID",   "WATCHDOG_USEC"};

// ---- the environment ----------------------------------------------------------------------------------------------

void set_variable(const std::string &line)
{
    const size_t equals = line.find('=');
    if (equals == std::string::npos) return;
    const std::string name = line.substr(0, equals);
    const std::string value = line.substr(equals + 1);
    for (const char *known : variables) {
        if (name == known)
            REQUIRE(setenv(known, value == "self" ? std::to_string(getpid()).c_str() : value.c_str(), 1) == 0);
    }
}

void set_environment(const std::string &lines)
{
    for (const char *name : variables)
        REQUIRE(unsetenv(name) == 0);
    for (size_t at = 0; at < lines.size();) {
        const size_t end = std::min(lines.find('\n', at), lines.size());
        set_variable(lines.substr(at, end - at));
        at = end + 1;
    }
}

// Returns the value of the environment variable `name`. Returns an empty text for an unset variable.
std::string variable(const char *name)
{
    const char *value = getenv(name);
    return value != nullptr ? value : "";
}

// Reads a number from 0 to `most`. Returns false if the text is not such a number.
bool read_number(const std::string &text, uint64_t most, uint64_t *number)
{
    char *end = nullptr;
    errno = 0;
    *number = strtoull(text.c_str(), &end, 10);
    return text.find_first_not_of("0123456789") == std::string::npos && errno == 0 && *number <= most;
}

// Returns 1 if the environment variable `name` holds the ID of this process, 0 if the variable holds another number,
// and -EINVAL if the variable holds no number. If the variable is unset or empty, returns `if_unset`.
int is_own(const char *name, int if_unset)
{
    uint64_t number = 0;
    if (variable(name).empty()) return if_unset;
    if (!read_number(variable(name), INT_MAX, &number)) return -EINVAL;
    return number == static_cast<uint64_t>(getpid()) ? 1 : 0;
}

// ---- passed descriptors -------------------------------------------------------------------------------------------

// Checks mio_service_listen_count. Some kernels have no pidfd ids. So if LISTEN_PIDFDID has a valid id, the number of
// descriptors and 0 are both correct results.
int check_count()
{
    const int count = mio_service_listen_count();
    const std::string id = variable("LISTEN_PIDFDID");
    const std::string wanted = variable("LISTEN_FDS");
    uint64_t number = 0;
    const int own = is_own("LISTEN_PID", 0);
    if (own <= 0) {
        REQUIRE(count == own);
    } else if (!id.empty() && !read_number(id, UINT64_MAX, &number)) {
        REQUIRE(count == -EINVAL);
    } else if (!read_number(wanted, INT_MAX - 3, &number)) {
        REQUIRE(count == -EINVAL || (!id.empty() && count == 0));
    } else {
        REQUIRE(count == (wanted.empty() ? 0 : static_cast<int>(number)) || (!id.empty() && count == 0));
    }
    return count;
}

// Returns the names in LISTEN_FDNAMES. A colon separates two names.
std::vector<std::string> given_names()
{
    std::vector<std::string> names;
    const std::string list = variable("LISTEN_FDNAMES");
    for (size_t at = 0; at <= list.size();) {
        const size_t end = std::min(list.find(':', at), list.size());
        names.push_back(list.substr(at, end - at));
        at = end + 1;
    }
    return names;
}

// Checks the name of one descriptor, and finds the descriptor by this name.
void check_name(size_t index, const std::string &name, const std::vector<std::string> &all)
{
    fuzz::require_like_snprintf(name,
                                [=](char *text, size_t size) { return mio_service_listen_name(index, text, size); });
    const auto first = std::find(all.begin(), all.end(), name);
    if (first != all.end()) REQUIRE(mio_service_listen_find(name.c_str(), 0) == first - all.begin());
    REQUIRE(mio_service_listen_find(name.c_str(), index) == static_cast<int>(index));
}

void check_names(int count)
{
    const std::vector<std::string> names = given_names();
    const bool are_named = !variable("LISTEN_FDNAMES").empty();
    const auto past = static_cast<size_t>(count);
    fuzz::Guarded buffer(8);
    REQUIRE(mio_service_listen_name(past, buffer.data(), buffer.size()) == -EINVAL && buffer.is_untouched());
    REQUIRE(mio_service_listen_handle(past) == -EINVAL);
    if (are_named && names.size() != past) {
        REQUIRE(mio_service_listen_name(0, buffer.data(), buffer.size()) == -EINVAL && buffer.is_untouched());
        REQUIRE(mio_service_listen_find("x", 0) == -EINVAL);
        return;
    }
    if (!are_named) {
        if (past > 1000) return; // with more descriptors, the search for a name takes too long
        check_name(0, "unknown", {});
        check_name(past - 1, "unknown", {});
        return;
    }
    for (size_t i = 0; i < names.size() && i < 16; i++)
        check_name(i, names[i], names);
    const bool has_name = std::find(names.begin(), names.end(), "no such name") != names.end();
    REQUIRE(has_name || mio_service_listen_find("no such name", 0) == -ENOENT);
}

// ---- notifications, the watchdog ----------------------------------------------------------------------------------

int wanted_notification()
{
    constexpr size_t capacity = sizeof(sockaddr_un::sun_path);
    const std::string text = variable("NOTIFY_SOCKET");
    if (text.empty()) return 0;
    for (const char *vsock : {"vsock:", "vsock-stream:", "vsock-dgram:", "vsock-seqpacket:"}) {
        if (text.compare(0, strlen(vsock), vsock) == 0) return -EAFNOSUPPORT;
    }
    if (text.size() < 2 || (text[0] != '/' && text[0] != '@')) return -EINVAL;
    // The message carries a descriptor that is not open. The kernel checks this descriptor before it looks up the
    // receiver, so the result is -EBADF for every receiver.
    return text.size() > capacity ? -ENAMETOOLONG : -EBADF;
}

void check_watchdog()
{
    fuzz::Output<int64_t> interval;
    const int result = mio_service_watchdog(interval.get());
    const int own = is_own("WATCHDOG_PID", 1);
    const std::string text = variable("WATCHDOG_USEC");
    uint64_t number = 0;
    const bool is_number = read_number(text, INT64_MAX / 1000, &number);
    if (own < 0 || (own == 1 && !text.empty() && (!is_number || number == 0))) {
        REQUIRE(result == -EINVAL && interval.is_untouched());
        return;
    }
    const bool is_on = own == 1 && !text.empty();
    REQUIRE(result == (is_on ? 1 : 0) && *interval == (is_on ? static_cast<int64_t>(number) * 1000 : 0));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static constexpr mio_handle not_open = -1;
    set_environment(fuzz::Input(data, size).rest().c_str()); // the string ends at the first null byte of the input
    const int count = check_count();
    if (count > 0) check_names(count);
    REQUIRE(mio_service_notify("READY=1", &not_open, 1) == wanted_notification());
    check_watchdog();
    REQUIRE(mio_service_forget(MIO_SERVICE_LISTEN | MIO_SERVICE_NOTIFY | MIO_SERVICE_WATCHDOG) == 0);
    for (const char *name : variables)
        REQUIRE(getenv(name) == nullptr);
    REQUIRE(mio_service_listen_count() == 0 && mio_service_notify("READY=1", &not_open, 1) == 0);
    return 0;
}
