// SPDX-License-Identifier: MIT
// Helpers for the tests of <mio.hpp>. They check results, descriptors and events, and make connected pairs.
#ifndef MIO_TESTS_CXX_SUPPORT_HPP
#define MIO_TESTS_CXX_SUPPORT_HPP

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <mio.hpp>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

// libcheck comes last, so that its macros do not affect other headers.
#include "../helpers/run_suite.hpp"
#include "../helpers/skips.h"

#include <check.h>

using namespace std::chrono_literals;

// The calls of POSIX that the tests make. On Windows, functions of tests/windows/posix.h replace these calls.
namespace os {
#if defined(_WIN32)
constexpr auto &close = posix_close;
constexpr auto &fcntl = posix_fcntl;
constexpr auto &getsockopt = posix_getsockopt;
constexpr auto &pipe = posix_pipe;
constexpr auto &read = posix_read;
constexpr auto &socket = posix_socket;
constexpr auto &write = posix_write;
constexpr int numbers_of_a_handle = 4; // Windows ignores the last two bits, so four numbers mean one handle
#else
using ::close;
using ::fcntl;
using ::getsockopt;
using ::pipe;
using ::read;
using ::socket;
using ::write;
constexpr int numbers_of_a_handle = 1;
#endif
} // namespace os

// Returns the value of a result. If the result is an error, the test fails with this error.
#define MUST(call) must_at(__LINE__, #call, (call))

// Fails the test unless the text is the expected text.
#define READS(text, wanted) reads_at(__LINE__, #text, (text), wanted)

// The result must be the error `code`, which is a name of errno such as EINVAL. Otherwise the test fails.
#define FAILS(call, code) fails_at(__LINE__, #call, (call).errc(), static_cast<std::errc>(code))

template <class T>
T must_at(int line, const char *text, mio::Result<T> result)
{
    ck_assert_msg(result.has_value(), "line %d: %s: %s", line, text, std::strerror(result.error().value()));
    return std::move(result).value();
}

inline void must_at(int line, const char *text, mio::Result<void> result)
{
    ck_assert_msg(result.has_value(), "line %d: %s: %s", line, text, std::strerror(result.error().value()));
}

inline void fails_at(int line, const char *text, std::errc code, std::errc wanted)
{
    ck_assert_msg(code == wanted, "line %d: %s: errno %d, not %d", line, text, static_cast<int>(code),
                  static_cast<int>(wanted));
}

template <std::size_t Size>
void reads_at(int line, const char *text, const mio::Text<Size> &got, std::string_view wanted)
{
    ck_assert_msg(got.view() == wanted, "line %d: %s: \"%s\"", line, text, got.c_str());
    ck_assert_uint_eq(std::strlen(got.c_str()), got.size());
}

inline bool is_open(int fd)
{
    return os::fcntl(fd, F_GETFD) >= 0;
}

inline int count_descriptors()
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd += os::numbers_of_a_handle)
        count += is_open(fd) ? 1 : 0;
    return count;
}

inline mio::Addr loopback(std::uint16_t port = 0)
{
    return mio::Addr::ipv4({127, 0, 0, 1}, port);
}

// Waits for an event with this token, and ignores events with other tokens.
inline mio::Event wait_event(mio::Poll &poll, mio::Token token)
{
    mio::Events events(16);
    for (int round = 0; round < 8; ++round) {
        MUST(poll.poll(events, 500ms));
        for (const mio::Event &event : events)
            if (event.token() == token) return event;
    }
    ck_abort_msg("no event with token %lu", static_cast<unsigned long>(mio::to_integer(token)));
    return {};
}

// Fails the test if there is any event within 50 ms.
inline void expect_quiet(mio::Poll &poll)
{
    mio::Events events(16);
    MUST(poll.poll(events, 50ms));
    ck_assert_msg(events.empty(), "unexpected: %s", events.empty() ? "" : events[0].to_string().c_str());
}

// Two connected streams. connected_pair() registers them with a temporary poll object.
struct Pair {
    mio::TcpStream client;
    mio::TcpStream server;
};

inline Pair connected_pair()
{
    mio::Poll poll = MUST(mio::Poll::create());
    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
    MUST(poll.registry().register_source(listener, mio::Token{0}, mio::Interest::readable));
    Pair pair;
    pair.client = MUST(mio::TcpStream::connect(MUST(listener.local_addr())));
    wait_event(poll, mio::Token{0});
    pair.server = std::move(MUST(listener.accept()).stream);
    MUST(poll.registry().register_source(pair.client, mio::Token{1}, mio::Interest::writable));
    wait_event(poll, mio::Token{1});
    MUST(pair.client.connect_finish());
    MUST(poll.registry().deregister_source(pair.client));
    return pair;
}

// Reads until something arrives.
inline std::size_t read_some(mio::TcpStream &stream, void *buffer, std::size_t length)
{
    mio::Poll poll = MUST(mio::Poll::create());
    for (;;) {
        mio::Result<std::size_t> result = stream.read(buffer, length);
        if (!result.would_block()) return MUST(std::move(result));
        MUST(poll.registry().register_source(stream, mio::Token{0}, mio::Interest::readable));
        wait_event(poll, mio::Token{0});
        MUST(poll.registry().deregister_source(stream));
    }
}

#endif // MIO_TESTS_CXX_SUPPORT_HPP
