// SPDX-License-Identifier: MIT
// Tests each type that can be registered: sockets, bare descriptors, user-defined sources, and the pointers, optionals
// and reference wrappers that hold a source.
#include "support.hpp"

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using mio::Interest;
using mio::Registry;
using mio::Result;
using mio::Token;

namespace {

// A user-defined source that records its calls and returns the given results.
struct Recorder {
    Result<void> register_with(const Registry &registry, Token token, Interest interest)
    {
        return note("register", registry, token, interest);
    }
    Result<void> reregister_with(const Registry &registry, Token token, Interest interest)
    {
        return note("reregister", registry, token, interest);
    }
    Result<void> deregister_from(const Registry &registry) { return note("deregister", registry, Token{}, {}); }

    Result<void> note(const char *call, const Registry &registry, Token token, Interest interest)
    {
        calls.emplace_back(call);
        last_registry = registry.raw();
        last_token = token;
        last_interest = interest;
        return answer;
    }

    Result<void> answer;
    std::vector<std::string> calls;
    mio_registry *last_registry = nullptr;
    Token last_token{};
    Interest last_interest;
};

// Several types of sources that share one base class.
struct Base {
    Base() = default;
    Base(const Base &) = delete;
    Base &operator=(const Base &) = delete;
    virtual ~Base() = default;
    virtual Result<void> register_with(const Registry &registry, Token token, Interest interest) = 0;
    virtual Result<void> reregister_with(const Registry &registry, Token token, Interest interest) = 0;
    virtual Result<void> deregister_from(const Registry &registry) = 0;
};

struct Derived : Base {
    Result<void> register_with(const Registry &registry, Token token, Interest interest) override
    {
        return registry.register_source(listener, token, interest);
    }
    Result<void> reregister_with(const Registry &registry, Token token, Interest interest) override
    {
        return registry.reregister_source(listener, token, interest);
    }
    Result<void> deregister_from(const Registry &registry) override { return registry.deregister_source(listener); }

    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
};

// A source made of two sources. The first source gets the token of the registration, and the second source gets the
// next token.
struct Both {
    Result<void> register_with(const Registry &registry, Token token, Interest interest)
    {
        if (Result<void> result = registry.register_source(pair.client, token, interest); !result) return result;
        return registry.register_source(pair.server, next(token), interest);
    }
    Result<void> reregister_with(const Registry &registry, Token token, Interest interest)
    {
        if (Result<void> result = registry.reregister_source(pair.client, token, interest); !result) return result;
        return registry.reregister_source(pair.server, next(token), interest);
    }
    Result<void> deregister_from(const Registry &registry)
    {
        if (Result<void> result = registry.deregister_source(pair.client); !result) return result;
        return registry.deregister_source(pair.server);
    }

    static Token next(Token token) { return Token{mio::to_integer(token) + 1}; }

    Pair pair = connected_pair();
};

// Like the sockets of mio, this type has a member source() that returns the source to register.
struct Lender {
    mio_source *source() { return listener.source(); }

    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
};

// These types are not sources. In each type, one function is missing, takes other arguments, or returns another type.
struct TwoOfThree {
    Result<void> register_with(const Registry &registry, Token token, Interest interest);
    Result<void> reregister_with(const Registry &registry, Token token, Interest interest);
};
struct OtherToken {
    Result<void> register_with(const Registry &registry, std::uintptr_t token, Interest interest);
    Result<void> reregister_with(const Registry &registry, std::uintptr_t token, Interest interest);
    Result<void> deregister_from(const Registry &registry);
};
struct OtherResult {
    int register_with(const Registry &registry, Token token, Interest interest);
    int reregister_with(const Registry &registry, Token token, Interest interest);
    int deregister_from(const Registry &registry);
};
struct OtherLender {
    int source();
};

static_assert(mio::is_source_v<mio::TcpStream> && mio::is_source_v<mio::TcpListener> && mio::is_source_v<mio_source>);
static_assert(mio::is_source_v<mio::UdpSocket> && mio::is_source_v<Recorder> && mio::is_source_v<Both>);
static_assert(mio::is_source_v<mio::UnixListener> && mio::is_source_v<mio::UnixStream>);
static_assert(mio::is_source_v<mio::UnixDatagram> && mio::is_source_v<mio::Signals>);
static_assert(mio::is_source_v<mio::PipeSender> && mio::is_source_v<mio::PipeReceiver>);
static_assert(mio::is_source_v<Base> && mio::is_source_v<Derived> && mio::is_source_v<Lender>);
static_assert(mio::is_source_v<std::unique_ptr<mio::TcpStream>> && mio::is_source_v<std::unique_ptr<Base>>);
static_assert(mio::is_source_v<const std::unique_ptr<Base>> && mio::is_source_v<std::shared_ptr<Recorder>>);
static_assert(mio::is_source_v<std::reference_wrapper<mio::TcpStream>> && mio::is_source_v<mio::TcpStream *>);
static_assert(mio::is_source_v<std::reference_wrapper<Base>> && mio::is_source_v<mio_source *>);
static_assert(mio::is_source_v<std::optional<mio::TcpStream>>);
static_assert(!mio::is_source_v<int> && !mio::is_source_v<int *> && !mio::is_source_v<std::unique_ptr<int>>);
static_assert(!mio::is_source_v<TwoOfThree> && !mio::is_source_v<OtherToken> && !mio::is_source_v<OtherResult>);
static_assert(!mio::is_source_v<OtherLender> && !mio::is_source_v<const mio::TcpStream> && !mio::is_source_v<void *>);
static_assert(!mio::is_source_v<std::unique_ptr<std::unique_ptr<mio::TcpStream>>>);

#if defined(__cpp_concepts) && __cpp_concepts >= 201907L
static_assert(mio::Source<mio::TcpStream> && mio::Source<Recorder> && mio::Source<std::unique_ptr<Base>>);
static_assert(!mio::Source<int> && !mio::Source<TwoOfThree> && !mio::Source<OtherResult>);
#endif

constexpr Interest some = Interest::readable | Interest::oneshot;

START_TEST(a_custom_source_gets_exactly_the_token_and_interest_and_one_deregister_call)
{
    const mio::Poll poll = MUST(mio::Poll::create());
    Recorder recorder;
    MUST(poll.registry().register_source(recorder, Token{UINTPTR_MAX}, some));
    ck_assert_uint_eq(recorder.calls.size(), 1);
    ck_assert(recorder.calls[0] == "register");
    ck_assert(recorder.last_token == Token{UINTPTR_MAX});
    ck_assert(recorder.last_interest == some);
    ck_assert_ptr_eq(recorder.last_registry, poll.registry().raw());

    MUST(poll.registry().reregister_source(recorder, Token{0}, Interest::none));
    ck_assert_uint_eq(recorder.calls.size(), 2);
    ck_assert(recorder.calls[1] == "reregister");
    ck_assert(recorder.last_token == Token{0});
    ck_assert(recorder.last_interest == Interest::none);

    recorder.last_registry = nullptr;
    MUST(poll.registry().deregister_source(recorder));
    ck_assert_uint_eq(recorder.calls.size(), 3);
    ck_assert(recorder.calls[2] == "deregister");
    ck_assert_ptr_eq(recorder.last_registry, poll.registry().raw());
}
END_TEST

START_TEST(errors_returned_by_a_custom_source_reach_the_caller_unchanged)
{
    const mio::Poll poll = MUST(mio::Poll::create());
    const Registry registry = poll.registry();
    Recorder recorder;
    for (const int code : {EIO, EAGAIN, ENOSPC, 12345}) {
        recorder.answer = static_cast<std::errc>(code);
        FAILS(registry.register_source(recorder, Token{1}, some), code);
        FAILS(registry.reregister_source(recorder, Token{1}, some), code);
        FAILS(registry.deregister_source(recorder), code);
    }
    ck_assert_uint_eq(recorder.calls.size(), 12);
}
END_TEST

START_TEST(a_custom_source_of_two_parts_delivers_for_both)
{
    mio::Poll poll = MUST(mio::Poll::create());
    Both both;
    MUST(poll.registry().register_source(both, Token{10}, Interest::readable));
    expect_quiet(poll);
    MUST(both.pair.client.write("a", 1));
    ck_assert(wait_event(poll, Token{11}).is_readable());
    MUST(both.pair.server.write("b", 1));
    ck_assert(wait_event(poll, Token{10}).is_readable());

    MUST(poll.registry().reregister_source(both, Token{20}, Interest::writable));
    ck_assert(wait_event(poll, Token{20}).is_writable());
    MUST(poll.registry().reregister_source(both, Token{20}, Interest::writable));
    ck_assert(wait_event(poll, Token{21}).is_writable());

    MUST(poll.registry().deregister_source(both));
    expect_quiet(poll);
    FAILS(poll.registry().deregister_source(both), ENOENT);
}
END_TEST

// Registers, reregisters and deregisters the source, and checks that each call reaches the library.
template <class S>
void expect_registers(mio::Poll &poll, S &source)
{
    const Registry registry = poll.registry();
    MUST(registry.register_source(source, Token{1}, Interest::readable));
    FAILS(registry.register_source(source, Token{1}, Interest::readable), EEXIST);
    MUST(registry.reregister_source(source, Token{2}, Interest::readable));
    MUST(registry.deregister_source(source));
    FAILS(registry.deregister_source(source), ENOENT);
    FAILS(registry.reregister_source(source, Token{2}, Interest::readable), ENOENT);
}

START_TEST(sockets_and_what_lends_a_source_are_sources)
{
    mio::Poll poll = MUST(mio::Poll::create());
    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
    mio::UdpSocket udp = MUST(mio::UdpSocket::bind(loopback()));
    Pair pair = connected_pair();
    Lender lender;
    Derived derived;
    expect_registers(poll, listener);
    expect_registers(poll, udp);
    expect_registers(poll, pair.client);
    expect_registers(poll, lender);
    expect_registers(poll, derived);
    expect_registers(poll, *listener.source());
}
END_TEST

START_TEST(unix_sockets_pipes_and_signals_are_sources)
{
    mio::Poll poll = MUST(mio::Poll::create());
    mio::UnixListener unix_listener = MUST(mio::UnixListener::bind(mio::Addr::unnamed()));
    auto unix_pair = MUST(mio::UnixStream::pair());
    mio::UnixDatagram unix_datagram = MUST(mio::UnixDatagram::open());
    mio::Pipe pipe = MUST(mio::Pipe::create());
    mio::Signals signals = MUST(mio::Signals::open({SIGTERM}));
    expect_registers(poll, unix_listener);
    expect_registers(poll, unix_pair.first);
    expect_registers(poll, unix_datagram);
    expect_registers(poll, pipe.sender);
    expect_registers(poll, pipe.receiver);
    expect_registers(poll, signals);
}
END_TEST

START_TEST(a_source_of_c_is_registered_from_cxx)
{
    mio::Poll poll = MUST(mio::Poll::create());
    mio_udp_socket socket;
    const mio::Addr addr = loopback();
    ck_assert_int_eq(mio_udp_socket_bind(&socket, addr.raw()), 0);
    expect_registers(poll, socket.source);
    mio_source *const source = &socket.source;
    expect_registers(poll, source);
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(boxed_sources_and_boxed_abstract_sources_are_sources)
{
    mio::Poll poll = MUST(mio::Poll::create());
    auto unique = std::make_unique<mio::TcpListener>(MUST(mio::TcpListener::bind(loopback())));
    expect_registers(poll, unique);
    const auto shared = std::make_shared<mio::UdpSocket>(MUST(mio::UdpSocket::bind(loopback())));
    expect_registers(poll, shared);
    const std::unique_ptr<Base> abstract = std::make_unique<Derived>();
    expect_registers(poll, abstract);
    std::optional<mio::UdpSocket> maybe = MUST(mio::UdpSocket::bind(loopback()));
    expect_registers(poll, maybe);
    auto reference = std::ref(*unique);
    expect_registers(poll, reference);
    const std::reference_wrapper<Base> abstract_reference = *abstract;
    expect_registers(poll, abstract_reference);
    mio::TcpListener *const pointer = unique.get();
    expect_registers(poll, pointer);
    std::vector<std::unique_ptr<Base>> many;
    for (int i = 0; i < 3; ++i)
        many.push_back(std::make_unique<Derived>());
    for (const auto &source : many)
        expect_registers(poll, source);
}
END_TEST

START_TEST(a_temporary_pointer_or_reference_is_a_source)
{
    const mio::Poll poll = MUST(mio::Poll::create());
    const Registry registry = poll.registry();
    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
    MUST(registry.register_source(&listener, Token{1}, Interest::readable));
    FAILS(registry.register_source(std::ref(listener), Token{1}, Interest::readable), EEXIST);
    MUST(registry.reregister_source(std::ref(listener), Token{2}, Interest::readable));
    MUST(registry.reregister_source(listener.source(), Token{2}, Interest::readable));
    MUST(registry.deregister_source(&listener));
    FAILS(registry.deregister_source(std::ref(listener)), ENOENT);
    FAILS(registry.deregister_source(std::ref(*listener.source())), ENOENT);
    FAILS(registry.deregister_source(static_cast<mio::TcpListener *>(nullptr)), EINVAL);
}
END_TEST

START_TEST(a_boxed_custom_source_gets_and_answers_the_same)
{
    const mio::Poll poll = MUST(mio::Poll::create());
    const auto box = std::make_unique<Recorder>();
    MUST(poll.registry().register_source(box, Token{5}, some));
    ck_assert(box->last_token == Token{5});
    ck_assert(box->last_interest == some);
    box->answer = std::errc::io_error;
    FAILS(poll.registry().reregister_source(box, Token{5}, some), EIO);
    FAILS(poll.registry().deregister_source(box), EIO);
    ck_assert_uint_eq(box->calls.size(), 3);
}
END_TEST

START_TEST(a_null_source_is_invalid)
{
    struct Null {
        mio_source *source() { return nullptr; }
    } null;
    const mio::Poll poll = MUST(mio::Poll::create());
    FAILS(poll.registry().register_source(null, Token{0}, some), EINVAL);
    FAILS(poll.registry().reregister_source(null, Token{0}, some), EINVAL);
    FAILS(poll.registry().deregister_source(null), EINVAL);
}
END_TEST

template <class S>
void expect_invalid(const Registry registry, S &source)
{
    FAILS(registry.register_source(source, Token{0}, some), EINVAL);
    FAILS(registry.reregister_source(source, Token{0}, some), EINVAL);
    FAILS(registry.deregister_source(source), EINVAL);
}

START_TEST(an_empty_box_is_invalid)
{
    const mio::Poll poll = MUST(mio::Poll::create());
    std::unique_ptr<mio::TcpStream> unique;
    const std::shared_ptr<Recorder> shared;
    std::unique_ptr<Base> abstract;
    std::optional<mio::UdpSocket> maybe;
    mio::TcpListener *pointer = nullptr;
    mio_source *of_c = nullptr;
    expect_invalid(poll.registry(), unique);
    expect_invalid(poll.registry(), shared);
    expect_invalid(poll.registry(), abstract);
    expect_invalid(poll.registry(), maybe);
    expect_invalid(poll.registry(), pointer);
    expect_invalid(poll.registry(), of_c);
}
END_TEST

START_TEST(any_descriptor_is_registered_by_its_number)
{
    mio::Poll poll = MUST(mio::Poll::create());
    const Registry registry = poll.registry();
    int pipe_ends[2];
    ck_assert_int_eq(os::pipe(pipe_ends), 0);
    MUST(registry.register_handle(pipe_ends[0], Token{3}, Interest::readable));
    FAILS(registry.register_handle(pipe_ends[0], Token{3}, Interest::readable), EEXIST);
    expect_quiet(poll);
    ck_assert_int_eq(os::write(pipe_ends[1], "x", 1), 1);
    ck_assert(wait_event(poll, Token{3}).is_readable());
    MUST(registry.reregister_handle(pipe_ends[0], Token{4}, Interest::readable | Interest::level));
    ck_assert(wait_event(poll, Token{4}).is_readable());
    ck_assert(wait_event(poll, Token{4}).is_readable());
    MUST(registry.rearm_handle(pipe_ends[0], Interest::readable));
    FAILS(registry.rearm_handle(pipe_ends[0], Interest::priority), EINVAL);
    MUST(registry.deregister_handle(pipe_ends[0]));
    expect_quiet(poll);
    FAILS(registry.deregister_handle(pipe_ends[0]), ENOENT);
    FAILS(registry.register_handle(-1, Token{3}, Interest::readable), EBADF);
    os::close(pipe_ends[0]);
    os::close(pipe_ends[1]);
}
END_TEST

START_TEST(errors_of_the_library_reach_the_caller)
{
    mio::Poll poll = MUST(mio::Poll::create());
    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
    const Registry registry = poll.registry();
    FAILS(registry.register_source(listener, Token{0}, Interest::from_bits(0x8000)), EINVAL);
    FAILS(registry.register_source(listener, Token{0}, Interest::exclusive | Interest::oneshot), EINVAL);
    const mio::Poll other = MUST(mio::Poll::create());
    MUST(registry.register_source(listener, Token{0}, Interest::readable));
    FAILS(other.registry().register_source(listener, Token{0}, Interest::readable), EBUSY);
    FAILS(other.registry().deregister_source(listener), EBUSY);
}
END_TEST

START_TEST(a_registered_source_is_moved)
{
    mio::Poll poll = MUST(mio::Poll::create());
    Pair pair = connected_pair();
    MUST(poll.registry().register_source(pair.server, Token{1}, Interest::readable));
    mio::TcpStream moved = std::move(pair.server);
    MUST(pair.client.write("x", 1));
    ck_assert(wait_event(poll, Token{1}).is_readable());
    MUST(poll.registry().reregister_source(moved, Token{2}, Interest::readable));
    ck_assert(wait_event(poll, Token{2}).is_readable());
    MUST(poll.registry().deregister_source(moved));
}
END_TEST

START_TEST(a_handle_owns_a_descriptor_and_is_a_source)
{
    int fds[2];
    ck_assert_int_eq(os::pipe(fds), 0);
    mio::Poll poll = MUST(mio::Poll::create());
    mio::Handle writing(fds[1]);
    {
        mio::Handle reading(fds[0]);
        MUST(poll.registry().register_source(reading, Token{1}, Interest::readable));
        MUST(poll.registry().reregister_source(reading, Token{2}, Interest::readable));
        ck_assert_int_eq(os::write(writing.handle(), "x", 1), 1);
        ck_assert(wait_event(poll, Token{2}).is_readable());
        MUST(poll.registry().deregister_source(reading));

        mio::Handle moved(std::move(reading));
        ck_assert(!reading.is_open()); // NOLINT: a moved-from object is closed
        ck_assert_int_eq(moved.handle(), fds[0]);
        int others[2];
        ck_assert_int_eq(os::pipe(others), 0);
        mio::Handle(others[1]).close();
        mio::Handle target(others[0]);
        const int replaced = target.handle();
        target = std::move(moved);
        ck_assert(!is_open(replaced));
        ck_assert_int_eq(target.handle(), fds[0]);
    }
    ck_assert(!is_open(fds[0]));
    ck_assert_int_eq(writing.into_handle(), fds[1]);
    ck_assert(!writing.is_open());
    writing.close();
    ck_assert(is_open(fds[1]));
    mio::Handle(fds[1]).close();
    ck_assert(!is_open(fds[1]));

    mio::Handle failed(-1);
    ck_assert(!failed.is_open());
    FAILS(poll.registry().register_source(failed, Token{1}, Interest::readable), EBADF);
    static_assert(!std::is_convertible_v<mio_handle, mio::Handle>, "nothing becomes an owner by itself");
    static_assert(!std::is_copy_constructible_v<mio::Handle>);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("source");
    TCase *tcase = tcase_create("source");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, a_custom_source_gets_exactly_the_token_and_interest_and_one_deregister_call);
    tcase_add_test(tcase, errors_returned_by_a_custom_source_reach_the_caller_unchanged);
    tcase_add_test(tcase, a_custom_source_of_two_parts_delivers_for_both);
    tcase_add_test(tcase, sockets_and_what_lends_a_source_are_sources);
    tcase_add_test(tcase, unix_sockets_pipes_and_signals_are_sources);
    tcase_add_test(tcase, a_source_of_c_is_registered_from_cxx);
    tcase_add_test(tcase, boxed_sources_and_boxed_abstract_sources_are_sources);
    tcase_add_test(tcase, a_temporary_pointer_or_reference_is_a_source);
    tcase_add_test(tcase, a_boxed_custom_source_gets_and_answers_the_same);
    tcase_add_test(tcase, a_null_source_is_invalid);
    tcase_add_test(tcase, an_empty_box_is_invalid);
    tcase_add_test(tcase, any_descriptor_is_registered_by_its_number);
    tcase_add_test(tcase, errors_of_the_library_reach_the_caller);
    tcase_add_test(tcase, a_registered_source_is_moved);
    tcase_add_test(tcase, a_handle_owns_a_descriptor_and_is_a_source);
    return run(suite);
}
