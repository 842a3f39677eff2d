// SPDX-License-Identifier: MIT
// Lists the registrations of an epoll descriptor. Since Linux 3.8, /proc/self/fdinfo/N has a line for each registration
// of the epoll descriptor N (proc_pid_fdinfo(5)):
//
//     tfd:        5 events: 80002019 data: 2a  pos:0 ino:1f sdev:9
//
// So the library need not record the registrations itself.
#include "linux/epoll_list.hpp"

#include "core/text.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/fd.hpp"
#include "unix/poll_bits.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>

namespace mio::impl {

namespace {

// Reads a number that follows `label`, and advances *text past the number. Returns false if the label is missing.
bool take_number(const char **text, const char *label, unsigned base, uint64_t *value)
{
    const char *at = strstr(*text, label);
    if (at == nullptr) return false;
    at += strlen(label);
    while (*at == ' ')
        at++;
    const char *digits = "0123456789abcdef";
    *value = 0;
    for (const char *digit; *at != '\0' && (digit = strchr(digits, *at)) != nullptr; at++)
        *value = *value * base + static_cast<uint64_t>(digit - digits);
    *text = at;
    return true;
}

Registration registration_of(uint64_t fd, uint32_t bits, uint64_t data)
{
    Registration found = {};
    found.handle = static_cast<mio_handle>(fd);
    found.token = static_cast<uintptr_t>(data);
    found.armed = interest_of(bits);
    found.interest = found.armed;
    if ((bits & EPOLLET) == 0) found.interest |= MIO_LEVEL;
    if ((bits & EPOLLONESHOT) != 0) found.interest |= MIO_ONESHOT;
    if ((bits & EPOLLEXCLUSIVE) != 0) found.interest |= MIO_EXCLUSIVE;
    // Every registration has EPOLLERR, except a oneshot registration that the kernel has already reported.
    found.asleep = (bits & EPOLLERR) == 0;
    const bool lacks_rdhup = (bits & (EPOLLIN | EPOLLRDHUP)) == EPOLLIN;
    if (lacks_rdhup && (bits & EPOLLEXCLUSIVE) == 0) found.interest |= interest_notifier;
    return found;
}

int visit_line(const char *line, const RegistrationVisitor &visitor)
{
    uint64_t fd;
    uint64_t bits;
    uint64_t data;
    if (!take_number(&line, "tfd:", 10, &fd) || !take_number(&line, "events:", 16, &bits) ||
        !take_number(&line, "data:", 16, &data)) {
        return 0;
    }
    return visitor.visit(visitor.context, registration_of(fd, static_cast<uint32_t>(bits), data));
}

// Reads the complete lines in the buffer, and moves the incomplete line to the start of the buffer.
int visit_lines(char *buffer, size_t *length, const RegistrationVisitor &visitor)
{
    char *line = buffer;
    for (;;) {
        char *end = static_cast<char *>(memchr(line, '\n', static_cast<size_t>(buffer + *length - line)));
        if (end == nullptr) break;
        *end = '\0';
        const int stopped = visit_line(line, visitor);
        if (stopped != 0) return stopped;
        line = end + 1;
    }
    *length = static_cast<size_t>(buffer + *length - line);
    memmove(buffer, line, *length);
    return 0;
}

int open_in(const char *folder, int fd)
{
    char path[sizeof "/proc/thread-self/fdinfo/2147483647"];
    TextWriter name(path, sizeof path);
    name.append(folder);
    name.append_decimal(static_cast<uint64_t>(fd));
    return result_of(open(path, O_RDONLY | O_CLOEXEC));
}

// /proc/self shows the descriptors of the main thread. But the main thread may have ended, or the calling thread may
// have a table of its own (CLONE_FILES). Kernels before 3.17 have only /proc/self.
int open_list(int fd)
{
    const int file = open_in("/proc/thread-self/fdinfo/", fd);
    return file == -ENOENT ? open_in("/proc/self/fdinfo/", fd) : file;
}

} // namespace

int read_epoll_list(int file, const RegistrationVisitor &visitor)
{
    char buffer[1024]; // a line has at most 150 bytes
    size_t length = 0;
    for (;;) {
        const long more = uninterrupted([&] { return call_read(file, buffer + length, sizeof buffer - length); });
        if (more <= 0) return static_cast<int>(more);
        length += static_cast<size_t>(more);
        const int stopped = visit_lines(buffer, &length, visitor);
        if (stopped != 0) return stopped;
    }
}

int list_epoll(int fd, const RegistrationVisitor &visitor)
{
    const CancelGuard guard;
    const int file = open_list(fd);
    if (file < 0) return file;
    const int result = read_epoll_list(file, visitor);
    close_fd(file);
    return result;
}

} // namespace mio::impl
