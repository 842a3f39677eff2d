// SPDX-License-Identifier: MIT
// Tests that each function of NamedPipe (<mio/windows.hpp>) calls the matching C function. The tests use real pipes.
#include "support.hpp"

#include <mio/windows.hpp>
#include <string>
#include <type_traits>

using mio::Interest;
using mio::NamedPipe;
using mio::NamedPipeOptions;
using mio::Token;

static_assert(sizeof(NamedPipe) == sizeof(mio_named_pipe) && mio::is_source_v<NamedPipe>);
static_assert(!std::is_copy_constructible_v<NamedPipe> && !std::is_copy_assignable_v<NamedPipe>);
static_assert(std::is_nothrow_move_constructible_v<NamedPipe> && std::is_nothrow_move_assignable_v<NamedPipe>);
static_assert(!std::is_convertible_v<mio_named_pipe, NamedPipe>);

namespace {

constexpr Token SERVER{1};
constexpr Token CLIENT{2};

// Returns a name that no other pipe has.
std::string new_name()
{
    static int count = 0;
    return R"(\\.\pipe\mio-test-)" + std::to_string(GetCurrentProcessId()) + "-" + std::to_string(count++);
}

// A poll object, a server and a connected client. Server and client are registered for reading and writing.
struct Ends {
    std::string name = new_name();
    mio::Poll poll = MUST(mio::Poll::create());
    NamedPipe server = MUST(NamedPipe::create(name));
    NamedPipe client;

    Ends()
    {
        MUST(poll.registry().register_source(server, SERVER, Interest::readable | Interest::writable));
        ck_assert(server.connect().would_block());
        client = MUST(NamedPipe::open(name));
        MUST(poll.registry().register_source(client, CLIENT, Interest::readable | Interest::writable));
        ck_assert(wait_event(poll, SERVER).is_writable());
        MUST(server.connect());
    }

    // Reads from this pipe. If there are no bytes yet, the function waits for the next event of the pipe and reads
    // again.
    std::string read_next(NamedPipe &pipe, Token token)
    {
        char buffer[16];
        mio::Result<std::size_t> count = pipe.read(buffer);
        while (count.would_block()) {
            wait_event(poll, token);
            count = pipe.read(buffer);
        }
        return std::string(buffer, MUST(std::move(count)));
    }
};

START_TEST(what_one_end_writes_the_other_end_reads)
{
    Ends ends;
    char buffer[8];
    ck_assert(ends.server.read(buffer).would_block());
    ck_assert_uint_eq(MUST(ends.client.write("hello")), 5);
    ck_assert(ends.read_next(ends.server, SERVER) == "hello");
    ck_assert_uint_eq(MUST(ends.server.write("world", 5)), 5);
    ck_assert(ends.read_next(ends.client, CLIENT) == "world");
    ends.client.close();
    ck_assert(ends.read_next(ends.server, SERVER).empty());
}
END_TEST

START_TEST(a_server_serves_one_client_after_the_other)
{
    Ends ends;
    FAILS(ends.client.connect(), EINVAL);
    FAILS(ends.client.disconnect(), EINVAL);
    MUST(ends.server.disconnect());
    FAILS(ends.server.disconnect(), ENOTCONN);
    ck_assert(ends.server.connect().would_block());
    const NamedPipe next = MUST(NamedPipe::open(ends.name.c_str()));
    ck_assert(wait_event(ends.poll, SERVER).is_writable());
    MUST(ends.server.connect());
}
END_TEST

START_TEST(the_options_of_a_server_reach_the_system)
{
    const std::string name = new_name();
    NamedPipeOptions options;
    options.instances = 1;
    options.buffer_size = 4096;
    options.first = true;
    options.remote = true;
    const NamedPipe only = MUST(NamedPipe::create(name.c_str(), options));
    DWORD most = 0;
    DWORD out = 0;
    ck_assert(GetNamedPipeInfo(reinterpret_cast<HANDLE>(only.handle()), nullptr, &out, nullptr, &most));
    ck_assert_uint_eq(most, 1);
    ck_assert_uint_eq(out, 4096);
    options.first = false;
    FAILS(NamedPipe::create(name, options), EBUSY);
    options.instances = 255;
    FAILS(NamedPipe::create(name, options), EINVAL);
    FAILS(NamedPipe::create("no pipe"), EINVAL);
    FAILS(NamedPipe::open(new_name()), ENOENT);
    FAILS(NamedPipe::open(std::string_view("\\\\.\\pipe\\a\0b", 12)), EINVAL);
}
END_TEST

START_TEST(the_servers_own_their_handles)
{
    const std::string name = new_name();
    NamedPipe server = MUST(NamedPipe::create(name));
    const mio_handle handle = server.handle();
    NamedPipe moved(std::move(server));
    ck_assert(!server.is_open()); // NOLINT: a moved-from object is closed
    FAILS(server.connect(), EBADF);
    FAILS(server.write("x"), EBADF);
    ck_assert_int_eq(moved.handle(), handle);
    moved = MUST(NamedPipe::create(name));
    ck_assert(!is_open(handle));
    NamedPipe again(moved.release());
    ck_assert(!moved.is_open() && again.is_open()); // NOLINT
    again.close();
    FAILS(NamedPipe::open(name), ENOENT);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("named_pipe");
    TCase *tcase = tcase_create("named_pipe");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, what_one_end_writes_the_other_end_reads);
    tcase_add_test(tcase, a_server_serves_one_client_after_the_other);
    tcase_add_test(tcase, the_options_of_a_server_reach_the_system);
    tcase_add_test(tcase, the_servers_own_their_handles);
    return run(suite);
}
