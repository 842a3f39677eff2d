// SPDX-License-Identifier: MIT
// Tests that each function of the classes Pipe, PipeSender and PipeReceiver calls the matching C function. The tests
// use real pipes.
#include "support.hpp"

#include <type_traits>

#if __cplusplus >= 202002L
#include <array>
#endif

using mio::Interest;
using mio::Pipe;
using mio::PipeReceiver;
using mio::PipeSender;
using mio::Token;

static_assert(sizeof(PipeSender) == sizeof(mio_pipe_sender) && sizeof(PipeReceiver) == sizeof(mio_pipe_receiver));
static_assert(!std::is_copy_constructible_v<Pipe> && std::is_nothrow_move_constructible_v<Pipe>);
static_assert(!std::is_convertible_v<PipeSender, PipeReceiver>);

namespace {

START_TEST(what_is_sent_is_received)
{
    mio::Poll poll = MUST(mio::Poll::create());
    auto [sender, receiver] = MUST(Pipe::create());
    MUST(poll.registry().register_source(receiver, Token{1}, Interest::readable));
    MUST(poll.registry().register_source(sender, Token{2}, Interest::writable));
    ck_assert(wait_event(poll, Token{2}).is_writable());
    char buffer[8] = {};
    ck_assert(receiver.read(buffer, sizeof buffer).would_block());
    ck_assert_uint_eq(MUST(sender.write("abc", 3)), 3);
    ck_assert(wait_event(poll, Token{1}).is_readable());
    ck_assert_uint_eq(MUST(receiver.read(buffer, sizeof buffer)), 3);
    ck_assert_str_eq(buffer, "abc");
    sender.close();
    ck_assert(wait_event(poll, Token{1}).is_read_closed());
    ck_assert_uint_eq(MUST(receiver.read(buffer, sizeof buffer)), 0);
}
END_TEST

START_TEST(pieces_are_sent_and_received)
{
    auto [sender, receiver] = MUST(Pipe::create());
    const mio::WritePiece out[] = {{"ab", 2}, {"cd", 2}};
    ck_assert_uint_eq(MUST(sender.writev(out)), 4);
    char first[3] = {};
    char second[3] = {};
    const mio::ReadPiece in[] = {{first, 2}, {second, 2}};
    ck_assert_uint_eq(MUST(receiver.readv(in)), 4);
    ck_assert_str_eq(first, "ab");
    ck_assert_str_eq(second, "cd");
    ck_assert(receiver.readv(in).would_block());
}
END_TEST

START_TEST(nobody_reads_any_more)
{
    auto [sender, receiver] = MUST(Pipe::create());
    receiver.close();
    FAILS(sender.write("a", 1), EPIPE);
}
END_TEST

#if defined(__cpp_lib_span)
START_TEST(spans_are_buffers)
{
    auto [sender, receiver] = MUST(Pipe::create());
    const std::array<std::byte, 3> out{std::byte{1}, std::byte{2}, std::byte{3}};
    std::array<std::byte, 8> in{};
    ck_assert_uint_eq(MUST(sender.write(out)), 3);
    ck_assert_uint_eq(MUST(receiver.read(in)), 3);
    ck_assert(in[2] == std::byte{3});
}
END_TEST
#endif

START_TEST(the_ends_own_their_descriptors)
{
    const int before = count_descriptors();
    {
        Pipe pipe = MUST(Pipe::create());
        ck_assert_int_eq(count_descriptors(), before + 2);
        const Pipe moved = std::move(pipe);
        ck_assert(!pipe.sender.is_open() && !pipe.receiver.is_open()); // NOLINT: a moved-from object is closed
        FAILS(pipe.sender.write("a", 1), EBADF);
        char byte = 0;
        FAILS(pipe.receiver.read(&byte, 1), EBADF);
        pipe = MUST(Pipe::create());
        ck_assert_int_eq(count_descriptors(), before + 4);
        pipe.sender = PipeSender();
        ck_assert_int_eq(count_descriptors(), before + 3);
        ck_assert(moved.sender.is_open() && moved.receiver.is_open());
    }
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(descriptors_are_given_and_taken)
{
    const int before = count_descriptors();
    int ends[2];
    ck_assert_int_eq(os::pipe(ends), 0);
    FAILS(PipeSender::from_handle(ends[0]), EPROTOTYPE);
    FAILS(PipeReceiver::from_handle(ends[1]), EPROTOTYPE);
    FAILS(PipeSender::from_handle(-1), EBADF);
    ck_assert_int_eq(count_descriptors(), before + 2);
    PipeSender sender = MUST(PipeSender::from_handle(ends[1]));
    PipeReceiver receiver = MUST(PipeReceiver::from_handle(ends[0]));
    ck_assert_int_eq(sender.handle(), ends[1]);
    ck_assert_int_eq(receiver.handle(), ends[0]);
    MUST(sender.write("a", 1));
    ck_assert_int_eq(receiver.into_handle(), ends[0]);
    ck_assert_int_eq(sender.into_handle(), ends[1]);
    ck_assert(!receiver.is_open() && !sender.is_open());
    char byte = 0;
    ck_assert_int_eq(os::read(ends[0], &byte, 1), 1);
    os::close(ends[0]);
    os::close(ends[1]);

    Pipe pipe = MUST(Pipe::create());
    const PipeSender sender_again(pipe.sender.release());
    const PipeReceiver receiver_again(pipe.receiver.release());
    ck_assert(!pipe.sender.is_open() && !pipe.receiver.is_open());
    ck_assert(sender_again.is_open() && receiver_again.is_open());
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("pipe");
    TCase *tcase = tcase_create("pipe");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, what_is_sent_is_received);
    tcase_add_test(tcase, pieces_are_sent_and_received);
    tcase_add_test(tcase, nobody_reads_any_more);
#if defined(__cpp_lib_span)
    tcase_add_test(tcase, spans_are_buffers);
#endif
    tcase_add_test(tcase, the_ends_own_their_descriptors);
    tcase_add_test(tcase, descriptors_are_given_and_taken);
    return run(suite);
}
