// SPDX-License-Identifier: MIT
// Tests the parser of files in /proc/self/fdinfo. For each epoll descriptor, this directory has a file that lists the
// registrations. The input is the content of such a file, or a list of registrations, which the target first prints in
// the format of the kernel.
#include "linux/epoll_list.hpp"
#include "fuzz.hpp"

#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace mio::impl;

namespace {

// The registrations that a visitor has seen. At registration number `most`, the visitor returns `verdict`. A nonzero
// `verdict` makes read_epoll_list stop.
struct Visits {
    std::vector<Registration> seen;
    size_t most;
    int verdict;
};

int visit(void *context, const Registration &registration)
{
    auto *visits = static_cast<Visits *>(context);
    visits->seen.push_back(registration);
    return visits->seen.size() == visits->most ? visits->verdict : 0;
}

// Writes `content` to a file, reads the file as a list of registrations, and stores the registrations in *visits.
int read_back(const std::string &content, Visits *visits)
{
    static const int file = memfd_create("fdinfo", MFD_CLOEXEC);
    REQUIRE(file >= 0 && ftruncate(file, 0) == 0);
    REQUIRE(pwrite(file, content.data(), content.size(), 0) == static_cast<ssize_t>(content.size()));
    REQUIRE(lseek(file, 0, SEEK_SET) == 0);
    return read_epoll_list(file, {visit, visits});
}

// ---- a list in the format of the kernel ---------------------------------------------------------------------------

struct Line {
    int fd;
    uint32_t events;
    uint64_t data;
};

Line take_line(fuzz::Input &input)
{
    static constexpr uint32_t bits[] = {EPOLLIN, EPOLLOUT,     EPOLLPRI,       EPOLLRDHUP,
                                        EPOLLET, EPOLLONESHOT, EPOLLEXCLUSIVE, EPOLLERR | EPOLLHUP};
    Line line = {};
    line.fd = static_cast<int>(input.number<uint32_t>() >> (1 + input.byte() % 31));
    const uint8_t chosen = input.byte();
    for (unsigned i = 0; i < 8; i++) {
        if ((chosen >> i & 1) != 0) line.events |= bits[i];
    }
    line.data = input.number<uint64_t>() >> (input.byte() % 64);
    return line;
}

std::string print(const std::vector<Line> &lines)
{
    std::string text = "pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t1057\n";
    for (const Line &each : lines) {
        char line[200];
        (void)snprintf(line, sizeof line, "tfd: %8d events: %8x data: %16llx  pos:0 ino:%x sdev:9\n", each.fd,
                       each.events, static_cast<unsigned long long>(each.data), each.events);
        text += line;
    }
    return text;
}

uint32_t wanted_interest(const Line &line)
{
    uint32_t interest = 0;
    if ((line.events & EPOLLIN) != 0) interest |= MIO_READABLE;
    if ((line.events & EPOLLOUT) != 0) interest |= MIO_WRITABLE;
    if ((line.events & EPOLLPRI) != 0) interest |= MIO_PRIORITY;
    if ((line.events & EPOLLRDHUP) != 0 && (line.events & EPOLLIN) == 0) interest |= MIO_CLOSED;
    return interest;
}

void check_line(const Line &line, const Registration &found)
{
    const uint32_t interest = wanted_interest(line);
    const uint32_t bits = MIO_READABLE | MIO_WRITABLE | MIO_PRIORITY | MIO_CLOSED;
    REQUIRE(found.handle == line.fd && found.token == static_cast<uintptr_t>(line.data));
    REQUIRE(found.armed == interest && (found.interest & bits) == interest);
    REQUIRE(found.asleep == ((line.events & EPOLLERR) == 0));
    REQUIRE(((found.interest & MIO_LEVEL) != 0) == ((line.events & EPOLLET) == 0));
    REQUIRE(((found.interest & MIO_ONESHOT) != 0) == ((line.events & EPOLLONESHOT) != 0));
    REQUIRE(((found.interest & MIO_EXCLUSIVE) != 0) == ((line.events & EPOLLEXCLUSIVE) != 0));
    const bool lacks_closed = (line.events & (EPOLLIN | EPOLLRDHUP | EPOLLEXCLUSIVE)) == EPOLLIN;
    REQUIRE(((found.interest & interest_notifier) != 0) == lacks_closed);
}

void check_printed(fuzz::Input &input)
{
    const uint8_t most = input.byte();
    std::vector<Line> lines;
    while (input.left() > 0)
        lines.push_back(take_line(input));
    Visits visits = {{}, most, 1 + most};
    const bool stops = most > 0 && most <= lines.size();
    REQUIRE(read_back(print(lines), &visits) == (stops ? visits.verdict : 0));
    REQUIRE(visits.seen.size() == (stops ? most : lines.size()));
    for (size_t i = 0; i < visits.seen.size(); i++)
        check_line(lines[i], visits.seen[i]);
}

// ---- a file with any content --------------------------------------------------------------------------------------

// Reads a file of arbitrary content. Only a complete line with "tfd:", "events:" and "data:" may count as a
// registration.
void check_content(const std::string &content)
{
    Visits visits = {{}, SIZE_MAX, 0};
    REQUIRE(read_back(content, &visits) == 0);
    const auto most = static_cast<size_t>(std::count(content.begin(), content.end(), '\n'));
    REQUIRE(visits.seen.size() <= most);
    const bool has_labels = content.find("tfd:") != std::string::npos && content.find("events:") != std::string::npos &&
                            content.find("data:") != std::string::npos;
    REQUIRE(has_labels || visits.seen.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz::Input input(data, size);
    if (input.byte() % 2 == 0)
        check_printed(input);
    else
        check_content(input.rest());
    return 0;
}
