// SPDX-License-Identifier: MIT
// Tests the class Result, and every way to get the value or the error out of a Result.
#include "support.hpp"

#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>

#if !defined(__cpp_exceptions)
#include <csignal>
#include <sys/wait.h>
#endif

// A Result can be moved if its value can be moved, and copied if its value can be copied. A Result of a number is at
// most twice as large as the number.
static_assert(std::is_nothrow_move_constructible_v<mio::Result<std::size_t>>);
static_assert(std::is_trivially_copyable_v<mio::Result<std::size_t>>);
static_assert(std::is_trivially_copyable_v<mio::Result<void>>);
static_assert(sizeof(mio::Result<std::size_t>) <= 2 * sizeof(std::size_t));
static_assert(!std::is_copy_constructible_v<mio::Result<mio::TcpStream>>);
static_assert(std::is_nothrow_move_constructible_v<mio::Result<mio::TcpStream>>);
static_assert(std::is_same_v<mio::Result<int>::value_type, int>);

// The conversion to bool is explicit, because a Result is no number and no bool.
static_assert(!std::is_convertible_v<mio::Result<int>, bool> && !std::is_convertible_v<mio::Result<int>, int>);
static_assert(std::is_constructible_v<bool, mio::Result<int>>);

// A signed number never becomes the value of a Result implicitly, because the number may be a negative errno value.
template <class T, class Number>
constexpr bool takes = std::is_convertible_v<Number, mio::Result<T>> || std::is_constructible_v<mio::Result<T>, Number>;

template <class T>
constexpr bool takes_signed = takes<T, int> || takes<T, const int &> || takes<T, long> || takes<T, long long> ||
                              takes<T, short> || takes<T, signed char> || takes<T, char>;
static_assert(!takes_signed<int> && !takes_signed<std::int64_t> && !takes_signed<std::size_t>);
static_assert(!takes_signed<std::uint16_t> && !takes_signed<char> && !takes_signed<bool> && !takes_signed<double>);
static_assert(!takes_signed<std::optional<int>> && !takes_signed<mio::Token> && !takes_signed<void>);
static_assert(!takes<bool, const char *> && !takes<bool, unsigned> && !takes<unsigned, bool>);
static_assert(!takes<std::uint16_t, std::size_t> && !takes<std::optional<int>, double>);

// The compiler accepts unambiguous conversions.
static_assert(std::is_convertible_v<std::size_t, mio::Result<std::size_t>>);
static_assert(std::is_convertible_v<const unsigned &, mio::Result<std::size_t>>);
static_assert(std::is_convertible_v<bool, mio::Result<bool>> && std::is_convertible_v<double, mio::Result<double>>);
static_assert(std::is_convertible_v<const char *, mio::Result<std::string>>);
static_assert(std::is_convertible_v<std::nullopt_t, mio::Result<std::optional<int>>>);
static_assert(std::is_convertible_v<std::errc, mio::Result<std::uint64_t>>);

// On a temporary Result, value(), or_throw() and operator* return the value itself, not a reference to the value.
static_assert(std::is_same_v<decltype(std::declval<mio::Result<std::string>>().value()), std::string>);
static_assert(std::is_same_v<decltype(std::declval<mio::Result<std::string>>().or_throw()), std::string>);
static_assert(std::is_same_v<decltype(*std::declval<mio::Result<std::string>>()), std::string>);
static_assert(std::is_same_v<decltype(std::declval<mio::Result<std::string> &>().value()), std::string &>);

namespace {

mio::Result<int> half(int number)
{
    if (number % 2 != 0) return std::errc::invalid_argument;
    return mio::ok(number / 2);
}

mio::Result<void> must_be_even(int number)
{
    if (mio::Result<int> result = half(number); !result) return result.errc();
    return {};
}

START_TEST(a_value_is_had_in_every_way)
{
    mio::Result<std::string> result = std::string("abc");
    ck_assert(result.has_value());
    ck_assert(static_cast<bool>(result));
    ck_assert(!result.error());
    ck_assert(result.errc() == std::errc());
    ck_assert(!result.would_block());
    ck_assert_str_eq((*result).c_str(), "abc");
    ck_assert_uint_eq(result->size(), 3);
    ck_assert_str_eq(result.value().c_str(), "abc");
    const mio::Result<std::string> constant = result;
    ck_assert_str_eq((*constant).c_str(), "abc");
    ck_assert_uint_eq(constant->size(), 3);
    ck_assert_str_eq(constant.value().c_str(), "abc");
    ck_assert(constant.value_or("other") == "abc");
    ck_assert(mio::Result<std::string>("abc").value_or("other") == "abc");
}
END_TEST

START_TEST(an_error_is_told_in_every_way)
{
    const mio::Result<int> result = half(3);
    ck_assert(!result.has_value());
    ck_assert(!result);
    ck_assert(result.errc() == std::errc::invalid_argument);
    ck_assert(result.error() == std::errc::invalid_argument);
    ck_assert_int_eq(result.error().value(), EINVAL);
    ck_assert(result.error().category() == std::generic_category());
    ck_assert_int_eq(result.value_or(7), 7);
    ck_assert_int_eq(half(3).value_or(8), 8);
    ck_assert_int_eq(*result, 0);
    ck_assert_int_eq(half(8).value_or(7), 4);
}
END_TEST

START_TEST(a_result_without_a_value_is_success_or_an_error)
{
    ck_assert(must_be_even(4).has_value());
    ck_assert(static_cast<bool>(must_be_even(4)));
    ck_assert(!must_be_even(4).error());
    must_be_even(4).value();
    const mio::Result<void> failed = must_be_even(5);
    ck_assert(!failed);
    ck_assert(failed.errc() == std::errc::invalid_argument);
    ck_assert(failed.error() == std::errc::invalid_argument);
    ck_assert(!failed.would_block());
}
END_TEST

START_TEST(ok_makes_a_value_of_any_number)
{
    ck_assert_int_eq(mio::ok(-EINVAL).value(), -EINVAL);
    const long number = -7;
    const mio::Result<long> result = mio::ok(number);
    ck_assert_int_eq(*result, -7);
    ck_assert(mio::ok(std::string("abc")).value() == "abc");
    ck_assert_int_eq(*mio::ok(std::make_unique<int>(5)).value(), 5);
}
END_TEST

START_TEST(an_error_is_never_a_value)
{
    ck_assert_int_eq(mio::Result<int>(std::errc()).error().value(), EINVAL);
    ck_assert_int_eq(mio::Result<int>(half(2).errc()).error().value(), EINVAL);
    ck_assert_int_eq(mio::Result<int>(static_cast<std::errc>(-EPIPE)).error().value(), EPIPE);
    ck_assert_int_eq(mio::Result<void>(static_cast<std::errc>(-EPIPE)).error().value(), EPIPE);
    ck_assert(mio::Result<void>(half(2).errc()).has_value());
}
END_TEST

START_TEST(would_block_is_eagain_and_nothing_else)
{
    ck_assert(mio::Result<int>(static_cast<std::errc>(EAGAIN)).would_block());
    ck_assert(mio::Result<void>(static_cast<std::errc>(EAGAIN)).would_block());
    ck_assert(!mio::Result<int>(std::errc::operation_in_progress).would_block());
    ck_assert(!mio::Result<void>(std::errc::interrupted).would_block());
    ck_assert(!mio::Result<void>().would_block());
}
END_TEST

START_TEST(a_value_that_only_moves_is_moved_out)
{
    mio::Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
    std::unique_ptr<int> taken = std::move(result).value();
    ck_assert_int_eq(*taken, 5);
    result = std::make_unique<int>(6);
    taken = *std::move(result);
    ck_assert_int_eq(*taken, 6);
    taken = mio::Result<std::unique_ptr<int>>(std::make_unique<int>(7)).value_or(nullptr);
    ck_assert_int_eq(*taken, 7);
}
END_TEST

START_TEST(the_errno_value_of_a_c_function_is_turned_positive)
{
    ck_assert_int_eq(mio::detail::status(-ENOENT).error().value(), ENOENT);
    ck_assert(mio::detail::status(0).has_value());
    ck_assert(mio::detail::status(5).has_value());
    ck_assert_int_eq(mio::detail::count<std::size_t>(-EPIPE).error().value(), EPIPE);
    ck_assert_uint_eq(*mio::detail::count<std::size_t>(0), 0);
    ck_assert_uint_eq(*mio::detail::count<std::uint64_t>(INT64_MAX), INT64_MAX);
}
END_TEST

#if defined(__cpp_exceptions)
template <class Call>
int thrown_by(Call call)
{
    try {
        call();
    } catch (const std::system_error &error) {
        ck_assert(error.code().category() == std::generic_category());
        return error.code().value();
    }
    return 0;
}

START_TEST(value_throws_the_error)
{
    mio::Result<int> result = std::errc::timed_out;
    const mio::Result<int> constant = result;
    ck_assert_int_eq(thrown_by([&] { static_cast<void>(result.value()); }), ETIMEDOUT);
    ck_assert_int_eq(thrown_by([&] { static_cast<void>(constant.value()); }), ETIMEDOUT);
    ck_assert_int_eq(thrown_by([&] { static_cast<void>(std::move(result).value()); }), ETIMEDOUT);
    ck_assert_int_eq(thrown_by([] { must_be_even(3).value(); }), EINVAL);
    ck_assert_int_eq(thrown_by([] { must_be_even(2).value(); }), 0);
    ck_assert_int_eq(thrown_by([] { mio::Addr::parse("nonsense").value(); }), EINVAL);
}
END_TEST

START_TEST(or_throw_throws_the_error)
{
    mio::Result<int> result = std::errc::timed_out;
    const mio::Result<int> constant = result;
    ck_assert_int_eq(thrown_by([&] { result.or_throw(); }), ETIMEDOUT);
    ck_assert_int_eq(thrown_by([&] { constant.or_throw("wait"); }), ETIMEDOUT);
    ck_assert_int_eq(thrown_by([&] { std::move(result).or_throw(); }), ETIMEDOUT);
    ck_assert_int_eq(thrown_by([] { must_be_even(3).or_throw("halve"); }), EINVAL);
    ck_assert_int_eq(thrown_by([] { must_be_even(2).or_throw(); }), 0);
}
END_TEST

// Returns the message of the exception that the call throws.
template <class Call>
std::string said_by(Call call)
{
    try {
        call();
    } catch (const std::system_error &error) {
        return error.what();
    }
    return {};
}
#else
// Makes the call in a child process, because the call aborts its process. Returns the message that the call writes to
// standard error.
template <class Call>
std::string said_by(Call call)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        std::signal(SIGABRT, SIG_DFL);
        call();
        _exit(0);
    }
    close(ends[1]);
    std::string said;
    char bytes[256];
    for (ssize_t count = 0; (count = read(ends[0], bytes, sizeof bytes)) > 0;)
        said.append(bytes, static_cast<std::size_t>(count));
    close(ends[0]);
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    ck_assert(!said.empty() && said.back() == '\n');
    said.pop_back();
    return said;
}
#endif

START_TEST(what_fails_says_what_was_being_done)
{
    const std::string refused = std::strerror(ECONNREFUSED);
    mio::Result<int> result = std::errc::connection_refused;
    const mio::Result<void> nothing = std::errc::connection_refused;
    const std::string name = "connect to 127.0.0.1:80";
    ck_assert(said_by([&] { result.or_throw("connect"); }) == "connect: " + refused);
    ck_assert(said_by([&] { nothing.or_throw("connect"); }) == "connect: " + refused);
    ck_assert(said_by([&] { std::move(result).or_throw(name); }) == name + ": " + refused);
    ck_assert(said_by([&] { result.or_throw(); }) == refused);
    ck_assert(said_by([&] { nothing.value(); }) == refused);
}
END_TEST

START_TEST(or_throw_gives_the_value)
{
    mio::Result<std::string> result = std::string("abc");
    ck_assert_str_eq(result.or_throw().c_str(), "abc");
    ck_assert_str_eq(std::as_const(result).or_throw("read").c_str(), "abc");
    result.or_throw("read") += "d";
    ck_assert(std::move(result).or_throw("read") == "abcd");
    ck_assert_int_eq(*mio::Result<std::unique_ptr<int>>(std::make_unique<int>(7)).or_throw("make"), 7);
    must_be_even(4).or_throw("halve");
}
END_TEST

#if defined(__cpp_lib_expected)
START_TEST(a_result_becomes_a_std_expected)
{
    const std::expected<int, std::error_code> good = half(8).to_expected();
    ck_assert_int_eq(good.value(), 4);
    const mio::Result<int> failed = half(3);
    ck_assert(failed.to_expected().error() == std::errc::invalid_argument);
    const std::expected<void, std::error_code> nothing = must_be_even(4).to_expected();
    ck_assert(nothing.has_value());
    ck_assert(must_be_even(5).to_expected().error() == failed.error());
    mio::Result<std::unique_ptr<int>> owner = std::make_unique<int>(5);
    ck_assert_int_eq(**std::move(owner).to_expected(), 5);
}
END_TEST
#endif

} // namespace

int main()
{
    Suite *suite = suite_create("result");
    TCase *tcase = tcase_create("result");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, a_value_is_had_in_every_way);
    tcase_add_test(tcase, an_error_is_told_in_every_way);
    tcase_add_test(tcase, a_result_without_a_value_is_success_or_an_error);
    tcase_add_test(tcase, ok_makes_a_value_of_any_number);
    tcase_add_test(tcase, an_error_is_never_a_value);
    tcase_add_test(tcase, would_block_is_eagain_and_nothing_else);
    tcase_add_test(tcase, a_value_that_only_moves_is_moved_out);
    tcase_add_test(tcase, the_errno_value_of_a_c_function_is_turned_positive);
    tcase_add_test(tcase, what_fails_says_what_was_being_done);
    tcase_add_test(tcase, or_throw_gives_the_value);
#if defined(__cpp_exceptions)
    tcase_add_test(tcase, value_throws_the_error);
    tcase_add_test(tcase, or_throw_throws_the_error);
#endif
#if defined(__cpp_lib_expected)
    tcase_add_test(tcase, a_result_becomes_a_std_expected);
#endif
    return run(suite);
}
