// SPDX-License-Identifier: MIT
// What TcpStream and UnixStream have beyond reading and writing: flags and out-of-band data.
#include "support.hpp"

using mio::Interest;
using mio::SendFlags;
using mio::Token;

namespace {

// The same over either type.
template <class Stream>
void check_out_of_band(Stream &left, Stream &right)
{
    mio::Poll poll = MUST(mio::Poll::create());
    MUST(poll.registry().register_source(right, Token{1}, Interest::readable | Interest::priority));
    unsigned char byte = 0;
    ck_assert_uint_eq(MUST(left.send("ab", 2, SendFlags::more)), 2);
    mio::Result<std::size_t> sent = left.send("!", 1, SendFlags::more | SendFlags::oob);
    if (!sent && sent.errc() == std::errc::operation_not_supported) return; // Unix sockets before Linux 5.15
    ck_assert_uint_eq(MUST(std::move(sent)), 1);
    while (!wait_event(poll, Token{1}).is_priority())
        continue;
    ck_assert(!MUST(right.at_mark()));
    ck_assert_uint_eq(MUST(right.recv_oob(&byte)), 1);
    ck_assert_int_eq(byte, '!');
    FAILS(right.recv_oob(&byte), EINVAL);
    char buffer[8] = {};
    ck_assert_uint_eq(MUST(right.read(buffer, sizeof buffer)), 2);
    ck_assert_str_eq(buffer, "ab");
    ck_assert(MUST(right.at_mark()));

    ck_assert(!MUST(right.oob_inline()));
    MUST(right.set_oob_inline(true));
    ck_assert(MUST(right.oob_inline()));
    FAILS(left.send("x", 1, static_cast<SendFlags>(0x80)), EINVAL);
    ck_assert_uint_eq(MUST(left.send("x", 1, SendFlags::none)), 1);
}

START_TEST(tcp_streams_send_with_flags_and_out_of_band)
{
    Pair pair = connected_pair();
    check_out_of_band(pair.client, pair.server);
}
END_TEST

START_TEST(unix_streams_send_with_flags_and_out_of_band)
{
    auto [left, right] = MUST(mio::UnixStream::pair());
    check_out_of_band(left, right);
}
END_TEST

Suite *make_suite()
{
    Suite *suite = suite_create("stream");
    TCase *tcase = tcase_create("stream");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, tcp_streams_send_with_flags_and_out_of_band);
    tcase_add_test(tcase, unix_streams_send_with_flags_and_out_of_band);
    return suite;
}

} // namespace

int main()
{
    return run(make_suite());
}
