// SPDX-License-Identifier: MIT
// Result: a value or an error, in every way to ask for either.
#include "support.hpp"

#include <csignal>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>

// A Result is as movable and copyable as what it holds, and as cheap.
static_assert(std::is_nothrow_move_constructible_v<mio::Result<std::size_t>>);
static_assert(std::is_trivially_copyable_v<mio::Result<std::size_t>>);
static_assert(std::is_trivially_copyable_v<mio::Result<void>>);
static_assert(sizeof(mio::Result<std::size_t>) <= 2 * sizeof(std::size_t));
static_assert(!std::is_copy_constructible_v<mio::Result<mio::TcpStream>>);
static_assert(std::is_nothrow_move_constructible_v<mio::Result<mio::TcpStream>>);
static_assert(std::is_same_v<mio::Result<int>::value_type, int>);

// Its test is explicit: a Result is no number and no bool.
static_assert(!std::is_convertible_v<mio::Result<int>, bool> && !std::is_convertible_v<mio::Result<int>, int>);
static_assert(std::is_constructible_v<bool, mio::Result<int>>);

namespace {

mio::Result<int> half(int number)
{
    if (number % 2 != 0) return std::errc::invalid_argument;
    return number / 2;
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
#else
START_TEST(value_aborts_without_exceptions)
{
    mio::Result<int> result = std::errc::timed_out;
    static_cast<void>(result.value());
}
END_TEST

START_TEST(value_of_void_aborts_without_exceptions)
{
    must_be_even(3).value();
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
    tcase_add_test(tcase, would_block_is_eagain_and_nothing_else);
    tcase_add_test(tcase, a_value_that_only_moves_is_moved_out);
    tcase_add_test(tcase, the_errno_value_of_a_c_function_is_turned_positive);
#if defined(__cpp_exceptions)
    tcase_add_test(tcase, value_throws_the_error);
#else
    // A test that ends by a signal needs a process of its own.
    const char *fork_mode = std::getenv("CK_FORK");
    if (fork_mode == nullptr || std::strcmp(fork_mode, "no") != 0) {
        tcase_add_test_raise_signal(tcase, value_aborts_without_exceptions, SIGABRT);
        tcase_add_test_raise_signal(tcase, value_of_void_aborts_without_exceptions, SIGABRT);
    }
#endif
    return run(suite);
}
