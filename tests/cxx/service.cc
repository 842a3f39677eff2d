// SPDX-License-Identifier: MIT
// Tests <mio/service.hpp>. The test acts as the service manager.
#include "support.hpp"

#include <cstdlib>
#include <string>
#include <unistd.h>

namespace {

void set(const char *name, const std::string &value)
{
    ck_assert_int_eq(setenv(name, value.c_str(), 1), 0);
}

START_TEST(passed_descriptors_have_names_and_are_taken_over)
{
    auto listener = mio::TcpListener::bind(*mio::Addr::parse("127.0.0.1:0"));
    const mio_handle handle = listener->into_handle();
    const std::size_t index = static_cast<std::size_t>(handle) - 3;
    set("LISTEN_PID", std::to_string(getpid()));
    set("LISTEN_FDS", std::to_string(index + 1));
    set("LISTEN_FDNAMES", std::string(index, ':') + "web");
    ck_assert_uint_eq(mio::Service::listen_count().value(), index + 1);
    ck_assert_uint_eq(mio::Service::listen_find("web").value(), index);
    ck_assert(mio::Service::listen_find("web", index + 1).errc() == std::errc::no_such_file_or_directory);
    ck_assert(mio::Service::listen_name(index).value().str() == "web");
    ck_assert(mio::Service::listen_name(index + 1).errc() == std::errc::invalid_argument);
    set("LISTEN_FDNAMES", std::string(index, ':') + std::string(MIO_SERVICE_NAME_SIZE - 1, 'n'));
    ck_assert_uint_eq(mio::Service::listen_name(index).value().size(), MIO_SERVICE_NAME_SIZE - 1);
    set("LISTEN_FDNAMES", std::string(index, ':') + std::string(MIO_SERVICE_NAME_SIZE, 'n'));
    ck_assert(mio::Service::listen_name(index).errc() == std::errc::filename_too_long);
    ck_assert_int_eq(mio::Service::listen_handle(index).value(), handle);
    ck_assert(mio::TcpListener::from_handle(handle).has_value());
    ck_assert(mio::Service::forget(mio::ServiceVariables::listen).has_value());
    ck_assert_uint_eq(mio::Service::listen_count().value(), 0);
}
END_TEST

START_TEST(messages_reach_the_manager)
{
    using namespace std::chrono_literals;
    ck_assert(mio::Service::forget(mio::ServiceVariables::all).has_value());
    ck_assert(!mio::Service::notify("READY=1").value());
    ck_assert(!mio::Service::notify_barrier().value());
    auto manager = mio::UnixDatagram::bind(mio::Addr::unnamed());
    set("NOTIFY_SOCKET", manager->local_addr().value().to_string());
    char text[64];
    ck_assert(mio::Service::notify("READY=1").value());
    ck_assert_uint_eq(manager->recv(text).value().size, 7);
    ck_assert(mio::Service::notify("FDSTORE=1", {manager->handle()}).value());
    ck_assert(mio::Service::notify_reloading().value());
    ck_assert(mio::Service::notify_barrier(0ms).errc() == std::errc::timed_out);
}
END_TEST

START_TEST(the_watchdog_has_an_interval)
{
    ck_assert(mio::Service::forget(mio::ServiceVariables::all).has_value());
    ck_assert_int_eq(mio::Service::watchdog().value().count(), 0);
    set("WATCHDOG_USEC", "20");
    ck_assert_int_eq(mio::Service::watchdog().value().count(), 20000);
    set("WATCHDOG_USEC", "x");
    ck_assert(mio::Service::watchdog().errc() == std::errc::invalid_argument);
}
END_TEST

START_TEST(variables_are_joined)
{
    set("NOTIFY_SOCKET", "/no/such/path");
    set("WATCHDOG_USEC", "20");
    ck_assert(mio::Service::forget(mio::ServiceVariables::listen | mio::ServiceVariables::notify).has_value());
    ck_assert(!mio::Service::notify("READY=1").value());
    ck_assert_int_eq(mio::Service::watchdog().value().count(), 20000);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("service");
    TCase *tcase = tcase_create("service");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, passed_descriptors_have_names_and_are_taken_over);
    tcase_add_test(tcase, messages_reach_the_manager);
    tcase_add_test(tcase, the_watchdog_has_an_interval);
    tcase_add_test(tcase, variables_are_joined);
    return run(suite);
}
