// SPDX-License-Identifier: MIT
// Tests the ownership of descriptors: moving, closing, releasing and adopting. The tests count the open descriptors.
#include <mio/source.h>

// Replaces mio_source_close in the headers of <mio.hpp>, and counts the calls. If `is_fake` is true, the storage has no
// open descriptor, so the function only clears the storage.
static int close_calls = 0;
static bool is_fake = false;
static void counted_close(mio_source *source)
{
    ++close_calls;
    if (is_fake)
        *source = {};
    else
        mio_source_close(source);
}
#define mio_source_close counted_close

#include "support.hpp"

#include <memory>
#include <type_traits>
#include <vector>

namespace {

template <class T>
constexpr bool owns_and_moves =
    !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> && std::is_nothrow_move_constructible_v<T> &&
    std::is_nothrow_move_assignable_v<T> && std::is_nothrow_swappable_v<T> && std::is_nothrow_destructible_v<T> &&
    std::is_nothrow_default_constructible_v<T>;

static_assert(owns_and_moves<mio::Poll> && owns_and_moves<mio::OwnedRegistry> && owns_and_moves<mio::Waker>);
static_assert(owns_and_moves<mio::TcpListener> && owns_and_moves<mio::TcpStream> && owns_and_moves<mio::UdpSocket>);
static_assert(owns_and_moves<mio::UnixListener> && owns_and_moves<mio::UnixStream> && owns_and_moves<mio::Stream>);
static_assert(owns_and_moves<mio::UnixDatagram> && owns_and_moves<mio::Signals>);
static_assert(owns_and_moves<mio::PipeSender> && owns_and_moves<mio::PipeReceiver>);
static_assert(owns_and_moves<mio::Accepted> && owns_and_moves<mio::UnixAccepted> && owns_and_moves<mio::Pipe>);
static_assert(std::is_trivially_copyable_v<mio::Registry>);

// A wrapper is exactly as large as the wrapped object.
static_assert(sizeof(mio::TcpStream) == sizeof(mio_tcp_stream) && alignof(mio::TcpStream) == alignof(mio_tcp_stream));
static_assert(sizeof(mio::TcpListener) == sizeof(mio_tcp_listener));
static_assert(sizeof(mio::UdpSocket) == sizeof(mio_udp_socket));
static_assert(sizeof(mio::UnixListener) == sizeof(mio_unix_listener));
static_assert(sizeof(mio::UnixStream) == sizeof(mio_unix_stream));
static_assert(sizeof(mio::UnixDatagram) == sizeof(mio_unix_datagram) && sizeof(mio::Stream) == sizeof(mio_source));
static_assert(sizeof(mio::Poll) == sizeof(mio_poll *) && sizeof(mio::Waker) == sizeof(mio_waker *));
static_assert(sizeof(mio::Registry) == sizeof(mio_registry *) && sizeof(mio::OwnedRegistry) == sizeof(mio_registry *));

// No value converts to an owner implicitly, and no object has two owners.
static_assert(!std::is_constructible_v<mio::TcpStream, mio_tcp_stream &>);
static_assert(!std::is_constructible_v<mio::TcpStream, const mio_tcp_stream &>);
static_assert(!std::is_constructible_v<mio::Signals, const mio_signals &>);
static_assert(!std::is_constructible_v<mio::AcceptReserve, const mio_accept_reserve &>);
static_assert(std::is_nothrow_constructible_v<mio::TcpStream, mio_tcp_stream>);
static_assert(!std::is_convertible_v<mio_tcp_stream, mio::TcpStream>);
static_assert(!std::is_convertible_v<mio_poll *, mio::Poll> && !std::is_convertible_v<mio_waker *, mio::Waker>);
static_assert(!std::is_convertible_v<mio_registry *, mio::OwnedRegistry>);

// Each struct stands for one type of socket. The function `open` of the struct opens a socket of this type.
struct Listener {
    using Type = mio::TcpListener;
    static Type open() { return MUST(Type::bind(loopback())); }
};

struct Stream {
    using Type = mio::TcpStream;
    static Type open() { return std::move(connected_pair().client); }
};

struct Udp {
    using Type = mio::UdpSocket;
    static Type open() { return MUST(Type::bind(loopback())); }
};

struct UnixListening {
    using Type = mio::UnixListener;
    static Type open() { return MUST(Type::bind(mio::Addr::unnamed())); }
};

struct UnixConnected {
    using Type = mio::UnixStream;
    static Type open() { return std::move(MUST(Type::pair()).first); }
};

struct UnixDatagrams {
    using Type = mio::UnixDatagram;
    static Type open() { return MUST(Type::open()); }
};

// Makes all calls that must fail on a closed socket. The calls must change nothing.
template <class Type>
void expect_closed(Type &socket)
{
    ck_assert(!socket.is_open());
    ck_assert_int_eq(socket.handle(), MIO_HANDLE_NONE);
    ck_assert_int_eq(socket.into_handle(), MIO_HANDLE_NONE);
    FAILS(socket.local_addr(), EBADF);
    FAILS(socket.take_error(), EBADF);
    FAILS(socket.option(MIO_OPTION_TTL), EBADF);
    FAILS(socket.set_option(MIO_OPTION_TTL, 5), EBADF);
    FAILS(socket.try_io([](mio_handle) { return std::int64_t{0}; }), EBADF);
    const mio::Poll poll = MUST(mio::Poll::create());
    FAILS(poll.registry().register_source(socket, mio::Token{0}, mio::Interest::readable), EBADF);
    socket.close();
}

template <class Kind>
void move_to_a_new_one()
{
    const int before = count_descriptors();
    {
        auto socket = Kind::open();
        ck_assert_int_eq(count_descriptors(), before + 1);
        const int fd = socket.handle();
        ck_assert(socket.is_open());
        ck_assert(is_open(fd));

        auto moved(std::move(socket));
        ck_assert_int_eq(count_descriptors(), before + 1);
        ck_assert_int_eq(moved.handle(), fd);
        expect_closed(socket); // NOLINT: a moved-from object is closed, not unspecified
    }
    ck_assert_int_eq(count_descriptors(), before);
}

template <class Kind>
void move_to_an_open_one()
{
    const int before = count_descriptors();
    {
        auto socket = Kind::open();
        auto target = Kind::open();
        ck_assert_int_eq(count_descriptors(), before + 2);
        const int fd = socket.handle();
        const int replaced = target.handle();
        target = std::move(socket);
        ck_assert_int_eq(target.handle(), fd);
        ck_assert(is_open(fd));
        ck_assert(!is_open(replaced));
        expect_closed(socket); // NOLINT
        ck_assert_int_eq(count_descriptors(), before + 1);

        // A new socket can be assigned to the variable of a closed socket.
        socket = Kind::open();
        ck_assert(socket.is_open());
        std::swap(socket, target);
        ck_assert_int_eq(socket.handle(), fd);
        ck_assert_int_eq(count_descriptors(), before + 2);
    }
    ck_assert_int_eq(count_descriptors(), before);
}

template <class Kind>
void move_to_itself()
{
    auto socket = Kind::open();
    auto &same = socket;
    const int fd = socket.handle();
    socket = std::move(same);
    ck_assert_int_eq(socket.handle(), fd);
    ck_assert(is_open(fd));
}

// The next descriptor that is opened gets the number of a closed descriptor, so a second close would close another
// file.
template <class Kind>
void close_once()
{
    int stranger = -1;
    {
        auto socket = Kind::open();
        const int fd = socket.handle();
        auto moved(std::move(socket));
        moved.close();
        ck_assert(!moved.is_open());
        stranger = os::fcntl(STDERR_FILENO, F_DUPFD, fd);
        ck_assert_int_eq(stranger, fd);
        moved.close();
    }
    ck_assert(is_open(stranger));
    os::close(stranger);
}

template <class Kind>
void descriptors_are_given_and_taken()
{
    const int before = count_descriptors();
    auto socket = Kind::open();
    const mio::Addr addr = MUST(socket.local_addr());
    const int fd = socket.into_handle();
    ck_assert(is_open(fd));
    expect_closed(socket);
    ck_assert_int_eq(count_descriptors(), before + 1);

    auto adopted = MUST(Kind::Type::from_handle(fd));
    ck_assert_int_eq(adopted.handle(), fd);
    ck_assert(MUST(adopted.local_addr()) == addr);
    adopted.close();
    ck_assert_int_eq(count_descriptors(), before);

    // A number that is not a descriptor cannot be adopted.
    FAILS(Kind::Type::from_handle(-1), EBADF);
}

template <class Kind>
void a_pipe_is_refused()
{
    int pipe_ends[2];
    ck_assert_int_eq(os::pipe(pipe_ends), 0);
    FAILS(Kind::Type::from_handle(pipe_ends[0]), ENOTSOCK);
    ck_assert(is_open(pipe_ends[0]));
    os::close(pipe_ends[0]);
    os::close(pipe_ends[1]);
}

template <class Kind>
void c_structs_are_given_and_taken()
{
    const int before = count_descriptors();
    {
        auto socket = Kind::open();
        const int fd = socket.handle();
        ck_assert_ptr_eq(socket.source(), &socket.raw()->source);
        ck_assert_ptr_eq(std::as_const(socket).source(), &std::as_const(socket).raw()->source);
        ck_assert_ptr_eq(socket.raw(), &socket);

        auto raw = socket.release();
        expect_closed(socket);
        ck_assert(is_open(fd));
        typename Kind::Type again(std::move(raw));
        ck_assert_int_eq(again.handle(), fd);
        typename Kind::Type nothing(std::move(raw)); // NOLINT: a moved-from object is closed
        ck_assert(!nothing.is_open());
        ck_assert_int_eq(count_descriptors(), before + 1);
    }
    ck_assert_int_eq(count_descriptors(), before);
}

START_TEST(what_is_closed_or_moved_from_costs_no_call)
{
    struct Fake {
        mio_source source;
    };
    using Owner = mio::detail::OwnedSource<Fake>;
    Fake open = {};
    std::memset(&open.source, 0x80, 1); // with this first byte the source looks open
    Fake last = {};
    std::memset(reinterpret_cast<char *>(&last.source + 1) - 1, 0x80, 1);
    close_calls = 0;
    is_fake = true;
    {
        Owner closed;
        std::vector<Owner> many(200);
        many.resize(1000);
        Owner owner(std::move(open));
        Owner moved(std::move(owner));
        owner = std::move(moved);
        ck_assert_int_eq(close_calls, 0);
        owner = Owner(std::move(last));
        ck_assert_int_eq(close_calls, 1);
        owner.close();
        ck_assert_int_eq(close_calls, 2);
        owner.close();
    }
    is_fake = false;
    ck_assert_int_eq(close_calls, 2);
}
END_TEST

// A vector moves its elements when it grows.
template <class Kind>
void kept_in_a_vector()
{
    const int before = count_descriptors();
    std::vector<typename Kind::Type> sockets;
    for (int i = 0; i < 9; ++i)
        sockets.push_back(Kind::open());
    ck_assert_int_eq(count_descriptors(), before + 9);
    sockets.erase(sockets.begin() + 2);
    ck_assert_int_eq(count_descriptors(), before + 8);
    for (const auto &socket : sockets)
        ck_assert(is_open(socket.handle()));
    sockets.clear();
    ck_assert_int_eq(count_descriptors(), before);
}

// The tests run once for each kind of socket. _i is the index of the kind.
constexpr int kinds = 6;

#define FOR_KIND(function)                                                                                             \
    START_TEST(function##_)                                                                                            \
    {                                                                                                                  \
        if (_i == 0) function<Listener>();                                                                             \
        if (_i == 1) function<Stream>();                                                                               \
        if (_i == 2) function<Udp>();                                                                                  \
        if (_i == 3) function<UnixListening>();                                                                        \
        if (_i == 4) function<UnixConnected>();                                                                        \
        if (_i == 5) function<UnixDatagrams>();                                                                        \
    }                                                                                                                  \
    END_TEST

FOR_KIND(move_to_a_new_one)
FOR_KIND(move_to_an_open_one)
FOR_KIND(move_to_itself)
FOR_KIND(close_once)
FOR_KIND(descriptors_are_given_and_taken)
FOR_KIND(a_pipe_is_refused)
FOR_KIND(c_structs_are_given_and_taken)
FOR_KIND(kept_in_a_vector)

START_TEST(a_failed_call_leaves_no_descriptor)
{
    const int before = count_descriptors();
    const mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
    FAILS(mio::TcpListener::bind(MUST(listener.local_addr())), EADDRINUSE);
    FAILS(mio::TcpListener::bind(mio::Addr()), EAFNOSUPPORT);
    FAILS(mio::TcpListener::bind(loopback(), 0), EINVAL);
    FAILS(mio::TcpStream::connect(mio::Addr()), EAFNOSUPPORT);
    FAILS(mio::UdpSocket::bind(mio::Addr()), EAFNOSUPPORT);
    FAILS(mio::Poll::create({"no such backend", false}), ENOTSUP);
    ck_assert_int_eq(count_descriptors(), before + 1);
}
END_TEST

START_TEST(a_result_that_is_dropped_closes_what_is_in_it)
{
    const int before = count_descriptors();
    static_cast<void>(mio::TcpListener::bind(loopback()));
    static_cast<void>(mio::UdpSocket::bind(loopback()));
    static_cast<void>(mio::Poll::create());
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(many_polls_leave_no_descriptor)
{
    const int before = count_descriptors();
    for (int i = 0; i < 200; ++i) {
        mio::Poll poll = MUST(mio::Poll::create());
        const mio::Waker waker = MUST(mio::Waker::create(poll.registry(), mio::Token{0}));
        const mio::OwnedRegistry clone = MUST(poll.registry().clone());
    }
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(a_poll_is_moved)
{
    const int before = count_descriptors();
    {
        mio::Events events(4);
        mio::Poll poll = MUST(mio::Poll::create());
        mio_poll *const raw = poll.raw();
        const mio::Waker waker = MUST(mio::Waker::create(poll.registry(), mio::Token{1}));
        mio::Poll moved(std::move(poll));
        ck_assert_ptr_eq(moved.raw(), raw);
        MUST(waker.wake());
        ck_assert_uint_eq(MUST(moved.poll(events, 5s)), 1);

        // A moved-from object is closed, so every call fails.
        ck_assert_ptr_null(poll.raw()); // NOLINT
        FAILS(poll.poll(events, 0ms), EINVAL);
        FAILS(poll.poll(events), EINVAL);
        FAILS(poll.poll_until(events, mio::Clock::now()), EINVAL);
        FAILS(poll.poll_masked(events, 0ms, mio::SignalMask()), EINVAL);
        FAILS(poll.handle(), EINVAL);
        FAILS(poll.dump(2), EINVAL);
        FAILS(poll.registry().clone(), EINVAL);
        FAILS(poll.registry().register_handle(0, mio::Token{0}, mio::Interest::readable), EINVAL);
        FAILS(mio::Waker::create(poll.registry(), mio::Token{0}), EINVAL);
        ck_assert_ptr_null(poll.backend());
        ck_assert_uint_eq(poll.capabilities(), 0);

        mio::Poll &same = moved;
        moved = std::move(same);
        ck_assert_ptr_eq(moved.raw(), raw);
        poll = std::move(moved);
        ck_assert_ptr_eq(poll.raw(), raw);
        poll = MUST(mio::Poll::create());
    }
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(a_poll_a_registry_and_a_waker_are_given_and_taken)
{
    const int before = count_descriptors();
    {
        mio::Poll poll = MUST(mio::Poll::create());
        mio_poll *const raw = poll.release();
        ck_assert_ptr_null(poll.raw());
        mio::Poll again(raw);

        mio::OwnedRegistry clone = MUST(again.registry().clone());
        ck_assert_ptr_eq(clone.raw(), clone.registry().raw());
        mio_registry *const raw_clone = clone.release();
        FAILS(clone.registry().deregister_handle(0), EINVAL);
        mio::OwnedRegistry clone_again(raw_clone);
        const mio::Registry view = clone_again;
        ck_assert_ptr_eq(view.raw(), raw_clone);

        mio::Waker waker = MUST(mio::Waker::create(view, mio::Token{3}));
        mio_waker *const raw_waker = waker.release();
        FAILS(waker.wake(), EINVAL);
        const mio::Waker waker_again(raw_waker);
        ck_assert_int_eq(mio_waker_wake(waker_again.raw()), 0);
        wait_event(again, mio::Token{3});
    }
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(a_clone_and_a_waker_outlive_their_poll)
{
    const int before = count_descriptors();
    {
        mio::Poll poll = MUST(mio::Poll::create());
        const mio::OwnedRegistry clone = MUST(poll.registry().clone());
        const mio::Waker waker = MUST(mio::Waker::create(clone, mio::Token{0}));
        poll = mio::Poll();
        mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
        FAILS(clone.registry().register_source(listener, mio::Token{0}, mio::Interest::readable), EBADF);
        MUST(waker.wake());
    }
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

} // namespace

int main()
{
    // When a process opens its first socket, Windows also opens handles that stay open. The tests must not count these
    // handles.
    static_cast<void>(mio::UdpSocket::bind(loopback()));
    Suite *suite = suite_create("ownership");
    TCase *sockets = tcase_create("sockets");
    suite_add_tcase(suite, sockets);
    tcase_add_loop_test(sockets, move_to_a_new_one_, 0, kinds);
    tcase_add_loop_test(sockets, move_to_an_open_one_, 0, kinds);
    tcase_add_loop_test(sockets, move_to_itself_, 0, kinds);
    tcase_add_loop_test(sockets, close_once_, 0, kinds);
    tcase_add_loop_test(sockets, descriptors_are_given_and_taken_, 0, kinds);
    tcase_add_loop_test(sockets, a_pipe_is_refused_, 0, kinds);
    tcase_add_loop_test(sockets, c_structs_are_given_and_taken_, 0, kinds);
    tcase_add_loop_test(sockets, kept_in_a_vector_, 0, kinds);
    tcase_add_test(sockets, what_is_closed_or_moved_from_costs_no_call);
    tcase_add_test(sockets, a_failed_call_leaves_no_descriptor);
    tcase_add_test(sockets, a_result_that_is_dropped_closes_what_is_in_it);
    TCase *polls = tcase_create("polls");
    suite_add_tcase(suite, polls);
    tcase_add_test(polls, many_polls_leave_no_descriptor);
    tcase_add_test(polls, a_poll_is_moved);
    tcase_add_test(polls, a_poll_a_registry_and_a_waker_are_given_and_taken);
    tcase_add_test(polls, a_clone_and_a_waker_outlive_their_poll);
    return run(suite);
}
