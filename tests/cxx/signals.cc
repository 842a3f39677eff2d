// SPDX-License-Identifier: MIT
// Tests the C++ classes Signals, SignalInfo, SignalMask and SafeText, and the functions that a signal handler may call.
// The tests send real signals, and check that each C++ function calls the matching C function.
#include "support.hpp"

#include <csignal>
#include <string>
#include <type_traits>

using mio::Interest;
using mio::SafeText;
using mio::SignalInfo;
using mio::SignalMask;
using mio::Signals;
using mio::SignalsFlags;
using mio::Token;

static_assert(sizeof(Signals) == sizeof(mio_signals) && sizeof(SignalInfo) == sizeof(mio_signal_info));
static_assert(!std::is_copy_constructible_v<Signals> && std::is_nothrow_move_constructible_v<Signals>);
static_assert(std::is_nothrow_move_assignable_v<Signals> && mio::is_source_v<Signals>);
static_assert(std::is_trivially_copyable_v<SignalMask> && sizeof(SignalMask) == sizeof(mio_signal_mask));
static_assert(std::is_trivially_copyable_v<SignalInfo> && !std::is_copy_constructible_v<SafeText<>>);

namespace {

// The library can receive signals in two ways: its usual way, and a self-pipe. Each test of Signals runs once per way,
// and _i is the index into `ways`.
const SignalsFlags ways[] = {SignalsFlags::none, SignalsFlags::self_pipe};
constexpr int way_count = 2;

bool is_blocked(int number)
{
    sigset_t blocked;
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, nullptr, &blocked), 0);
    return sigismember(&blocked, number) == 1;
}

START_TEST(a_signal_makes_the_set_readable_and_is_received)
{
    mio::PollOptions options;
    options.restart = true;
    mio::Poll poll = MUST(mio::Poll::create(options));
    Signals signals = MUST(Signals::open({SIGUSR1, SIGUSR2}, ways[_i]));
    MUST(poll.registry().register_source(signals, Token{1}, Interest::readable));
    ck_assert(signals.recv().would_block());
    ck_assert_int_eq(kill(getpid(), SIGUSR2), 0);
    ck_assert(wait_event(poll, Token{1}).is_readable());
    const SignalInfo info = MUST(signals.recv());
    ck_assert_int_eq(info.number(), SIGUSR2);
    ck_assert_int_eq(info.code(), SI_USER);
    ck_assert_int_eq(info.pid(), getpid());
    ck_assert_uint_eq(info.uid(), getuid());
    ck_assert_int_eq(info.status(), 0);
    ck_assert_int_eq(info.overrun(), 0);
    ck_assert_ptr_null(info.pointer());
    ck_assert(signals.recv().would_block());
}
END_TEST

#ifdef SIGRTMIN // macOS has neither real-time signals nor sigqueue(3)
START_TEST(what_was_sent_along_is_received)
{
    Signals signals = MUST(Signals::open({SIGUSR1}, ways[_i]));
    sigval sent{};
    sent.sival_ptr = &signals;
    ck_assert_int_eq(sigqueue(getpid(), SIGUSR1, sent), 0);
    mio::Poll poll = MUST(mio::Poll::create());
    MUST(poll.registry().register_source(signals, Token{1}, Interest::readable));
    wait_event(poll, Token{1});
    const SignalInfo info = MUST(signals.recv());
    ck_assert_int_eq(info.code(), SI_QUEUE);
    ck_assert_ptr_eq(info.pointer(), &signals);
    ck_assert_int_eq(info.value(), sent.sival_int);
}
END_TEST
#endif

START_TEST(a_set_is_moved_and_closed)
{
    const int before = count_descriptors();
    const bool blocks = ways[_i] == SignalsFlags::none;
    {
        const int numbers[] = {SIGUSR1, SIGUSR2};
        Signals signals = MUST(Signals::open(numbers, 2, ways[_i]));
        const int fd = signals.handle();
        ck_assert(is_open(fd));
        ck_assert_int_eq(is_blocked(SIGUSR1), blocks);
        Signals moved(std::move(signals));
        ck_assert(!signals.is_open()); // NOLINT: a moved-from object is closed
        FAILS(signals.recv(), EBADF);
        signals.close();
        ck_assert_int_eq(moved.handle(), fd);
        ck_assert_int_eq(kill(getpid(), SIGUSR1), 0);
        ck_assert_int_eq(MUST(moved.recv()).number(), SIGUSR1);
        Signals again(moved.release());
        ck_assert(!moved.is_open());
        ck_assert_int_eq(again.handle(), fd);
    }
    ck_assert(!is_blocked(SIGUSR1));
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(what_cannot_be_waited_for_is_refused)
{
    FAILS(Signals::open({SIGKILL}), EINVAL);
    FAILS(Signals::open({}), EINVAL);
    FAILS(Signals::open(nullptr, 1), EINVAL);
    FAILS(Signals::open({SIGUSR1}, SignalsFlags{0x80}), EINVAL);
    const Signals signals = MUST(Signals::open({SIGUSR1}));
    FAILS(Signals::open({SIGUSR1}, SignalsFlags::self_pipe), EBUSY);
}
END_TEST

START_TEST(masks_are_changed_and_restored)
{
    const SignalMask first = MUST(SignalMask::block({SIGUSR1}));
    ck_assert(is_blocked(SIGUSR1) && !is_blocked(SIGUSR2));
    const SignalMask second = MUST(SignalMask::unblock({SIGUSR1}));
    ck_assert(!is_blocked(SIGUSR1));
    MUST(second.restore());
    ck_assert(is_blocked(SIGUSR1));
    MUST(first.restore());
    ck_assert(!is_blocked(SIGUSR1));
    const SignalMask third = MUST(SignalMask::block_all());
    ck_assert(is_blocked(SIGUSR1) && is_blocked(SIGTERM) && !is_blocked(SIGSEGV));
    const SignalMask fourth = MUST(SignalMask::unblock_all());
    ck_assert(!is_blocked(SIGUSR1));
    MUST(fourth.restore());
    ck_assert(is_blocked(SIGTERM));
    MUST(SignalMask().restore());
    ck_assert(!is_blocked(SIGTERM));
    MUST(SignalMask(*fourth.raw()).restore());
    ck_assert(is_blocked(SIGTERM));
    MUST(third.restore());
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    MUST(MUST(SignalMask::from_sigset(set)).restore());
    ck_assert(is_blocked(SIGUSR2) && !is_blocked(SIGUSR1));
    sigemptyset(&set);
    MUST(MUST(SignalMask::unblock_all()).to_sigset(set));
    ck_assert(sigismember(&set, SIGUSR2) == 1 && sigismember(&set, SIGUSR1) == 0);
    FAILS(SignalMask::from_sigset('x'), EINVAL);
    FAILS(SignalMask::block({SIGKILL}), EINVAL);
    FAILS(SignalMask::unblock({SIGSTOP}), EINVAL);
}
END_TEST

START_TEST(names_are_given)
{
    ck_assert_str_eq(mio::signal_name(SIGTERM), "SIGTERM");
    ck_assert_ptr_null(mio::signal_name(0));
    ck_assert_str_eq(mio::error_name(EAGAIN), "EAGAIN");
    ck_assert_str_eq(mio::error_name(-EAGAIN), "EAGAIN");
    ck_assert_str_eq(mio::error_name(std::errc::timed_out), "ETIMEDOUT");
}
END_TEST

START_TEST(a_text_is_put_together)
{
    SafeText<> text;
    ck_assert_str_eq(text.c_str(), "");
    const char *none = nullptr;
    text.append("a ").append(std::string_view("bc", 1)).append(std::string(" c ")).append(none);
    ck_assert(text.view() == "a b c (null)");
    SafeText<64> numbers;
    numbers.append_int(-5).append(" ").append_uint(6).append(" ").append_hex(10).append(" ").append_hex(10, 4);
    ck_assert_str_eq(numbers.c_str(), "-5 6 a 000a");
    SafeText<32> pointer;
    pointer.append_pointer(reinterpret_cast<void *>(std::uintptr_t{0x42}));
    ck_assert_str_eq(pointer.c_str(), "0x42");
    SafeText<64> names;
    names.append_signal(SIGINT).append(" ").append_error(-EINVAL).append(" ").append_error(std::errc::io_error);
    ck_assert_str_eq(names.c_str(), "SIGINT EINVAL EIO");
    ck_assert_uint_eq(names.length(), names.view().size());
    ck_assert_uint_eq(names.raw()->length, names.length());
}
END_TEST

START_TEST(a_text_that_does_not_fit_is_cut)
{
    SafeText<4> text;
    text.append("abc");
    ck_assert(text.view() == "abc");
    text.append("def");
    ck_assert(text.view() == "abc");
    ck_assert_str_eq(text.c_str(), "abc");
    ck_assert_uint_eq(text.length(), 6);
}
END_TEST

START_TEST(texts_and_bytes_are_written)
{
    auto [sender, receiver] = MUST(mio::Pipe::create());
    SafeText<8> text;
    ck_assert_uint_eq(MUST(text.append("abc").write(sender.handle())), 3);
    ck_assert_uint_eq(MUST(mio::safe_write(sender.handle(), "de", 2)), 2);
    char buffer[8] = {};
    ck_assert_uint_eq(MUST(receiver.read(buffer, sizeof buffer)), 5);
    ck_assert_str_eq(buffer, "abcde");
    receiver.close();
    FAILS(mio::safe_write(sender.handle(), "a", 1), EPIPE);
    FAILS(text.write(-1), EBADF);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("signals");
    TCase *sets = tcase_create("sets");
    suite_add_tcase(suite, sets);
    tcase_add_loop_test(sets, a_signal_makes_the_set_readable_and_is_received, 0, way_count);
#ifdef SIGRTMIN
    tcase_add_loop_test(sets, what_was_sent_along_is_received, 0, way_count);
#endif
    tcase_add_loop_test(sets, a_set_is_moved_and_closed, 0, way_count);
    tcase_add_test(sets, what_cannot_be_waited_for_is_refused);
    TCase *safe = tcase_create("safe");
    suite_add_tcase(suite, safe);
    tcase_add_test(safe, masks_are_changed_and_restored);
    tcase_add_test(safe, names_are_given);
    tcase_add_test(safe, a_text_is_put_together);
    tcase_add_test(safe, a_text_that_does_not_fit_is_cut);
    tcase_add_test(safe, texts_and_bytes_are_written);
    return run(suite);
}
