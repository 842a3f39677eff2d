// SPDX-License-Identifier: MIT
// Tests <mio/accept.hpp>, and accept_or_shed of the listeners.
#include "support.hpp"

#include <sys/resource.h>
#include <sys/socket.h>

namespace {

// While an object of this class lives, the process cannot open another descriptor.
class NoDescriptors {
public:
    NoDescriptors()
    {
        ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &usual_), 0);
        const int lowest = dup(0);
        ck_assert_int_ge(lowest, 0);
        ::close(lowest);
        rlimit full = usual_;
        full.rlim_cur = static_cast<rlim_t>(lowest);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &full), 0);
    }
    ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &usual_); }

private:
    rlimit usual_{};
};

START_TEST(transient_errors_are_told_apart)
{
    ck_assert(mio::accept_is_transient(std::errc::connection_aborted));
    ck_assert(mio::accept_is_transient(std::errc::protocol_error));
    ck_assert(mio::accept_is_transient(mio::connection_shed));
    ck_assert(!mio::accept_is_transient(std::errc::too_many_files_open));
    ck_assert(!mio::accept_is_transient(std::errc::resource_unavailable_try_again));
    ck_assert(!mio::accept_is_transient(std::errc()));
    ck_assert_int_eq(static_cast<int>(mio::connection_shed), ECANCELED);
}
END_TEST

START_TEST(a_tcp_listener_accepts_or_sheds)
{
    mio::AcceptReserve reserve = MUST(mio::AcceptReserve::open());
    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
    mio::Poll poll = MUST(mio::Poll::create());
    MUST(poll.registry().register_source(listener, mio::Token{1}, mio::Interest::readable));
    ck_assert(listener.accept_or_shed(reserve).would_block());
    mio::TcpStream first = MUST(mio::TcpStream::connect(MUST(listener.local_addr())));
    wait_event(poll, mio::Token{1});
    {
        const mio::Accepted accepted = MUST(listener.accept_or_shed(reserve));
        ck_assert(accepted.peer == MUST(first.local_addr()));
    }
    ck_assert(listener.accept_or_shed(reserve).would_block());
    // Under Valgrind, an accept that finds no free descriptor still accepts a client, closes the connection, and
    // returns EMFILE. So the test makes two clients: after this EMFILE, the second client is still in the backlog, and
    // the library uses the reserve to turn the second client away.
    mio::TcpStream second = MUST(mio::TcpStream::connect(MUST(listener.local_addr())));
    mio::TcpStream third = MUST(mio::TcpStream::connect(MUST(listener.local_addr())));
    wait_event(poll, mio::Token{1});
    {
        const NoDescriptors none;
        FAILS(listener.accept_or_shed(reserve), ECANCELED);
        while (listener.accept_or_shed(reserve).errc() == mio::connection_shed)
            continue;
    }
    char byte;
    ck_assert_uint_eq(read_some(second, &byte, 1), 0);
    ck_assert_uint_eq(read_some(third, &byte, 1), 0);
    ck_assert(listener.accept_or_shed(reserve).would_block());
}
END_TEST

START_TEST(a_unix_listener_accepts_or_sheds)
{
    mio::AcceptReserve reserve = MUST(mio::AcceptReserve::open());
    mio::UnixListener listener = MUST(mio::UnixListener::bind(mio::Addr::unnamed()));
    mio::UnixStream client = MUST(mio::UnixStream::connect(MUST(listener.local_addr())));
    MUST(listener.accept_or_shed(reserve));
    FAILS(listener.accept_or_shed(reserve), EAGAIN);
    mio::UnixStream second = MUST(mio::UnixStream::connect(MUST(listener.local_addr())));
    mio::UnixStream third = MUST(mio::UnixStream::connect(MUST(listener.local_addr())));
    {
        const NoDescriptors none;
        FAILS(listener.accept_or_shed(reserve), ECANCELED);
        while (listener.accept_or_shed(reserve).errc() == mio::connection_shed)
            continue;
    }
    char byte;
    ck_assert_uint_eq(MUST(second.read(&byte, 1)), 0);
    ck_assert_uint_eq(MUST(third.read(&byte, 1)), 0);
}
END_TEST

START_TEST(a_reserve_is_owned)
{
    const int before = count_descriptors();
    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
    {
        mio::AcceptReserve reserve = MUST(mio::AcceptReserve::open());
        ck_assert_int_eq(count_descriptors(), before + 2);
        mio::AcceptReserve moved = std::move(reserve);
        FAILS(listener.accept_or_shed(reserve), EBADF);
        ck_assert(listener.accept_or_shed(moved).would_block());
        reserve = MUST(mio::AcceptReserve::open());
        ck_assert_int_eq(count_descriptors(), before + 3);
        reserve = std::move(moved);
        ck_assert_int_eq(count_descriptors(), before + 2);
        mio::AcceptReserve taken(reserve.release());
        FAILS(listener.accept_or_shed(reserve), EBADF);
        ck_assert(listener.accept_or_shed(taken).would_block());
        ck_assert_int_eq(mio_tcp_listener_accept_or_shed(listener.raw(), taken.raw(), nullptr, nullptr), -EINVAL);
        taken.close();
        FAILS(listener.accept_or_shed(taken), EBADF);
        ck_assert_int_eq(count_descriptors(), before + 1);
    }
    mio::AcceptReserve closed;
    FAILS(listener.accept_or_shed(closed), EBADF);
    ck_assert_int_eq(count_descriptors(), before + 1);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("accept");
    TCase *tcase = tcase_create("accept");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, transient_errors_are_told_apart);
    tcase_add_test(tcase, a_tcp_listener_accepts_or_sheds);
    tcase_add_test(tcase, a_unix_listener_accepts_or_sheds);
    tcase_add_test(tcase, a_reserve_is_owned);
    return run(suite);
}
