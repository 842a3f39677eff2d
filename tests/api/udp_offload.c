/* SPDX-License-Identifier: MIT */
/*
 * Tests UDP offload: the kernel splits one message into datagrams (segmentation), and joins datagrams into one message
 * (GRO). The program sets the size of the datagrams for one message, or for the whole socket.
 */
#include "../helpers/sockets.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/syscall.h>

enum { LONGEST = 65535 };

/* Two UDP sockets that are connected to each other. */
typedef struct fixture {
    mio_udp_socket left;
    mio_udp_socket right;
} fixture;

static fixture open_fixture(mio_addr any)
{
    fixture f;
    mio_addr addr;
    stay_on_one_cpu();
    call_ok(mio_udp_socket_bind(&f.left, &any));
    call_ok(mio_udp_socket_bind(&f.right, &any));
    call_ok(mio_udp_socket_local_addr(&f.right, &addr));
    call_ok(mio_udp_socket_connect(&f.left, &addr));
    call_ok(mio_udp_socket_local_addr(&f.left, &addr));
    call_ok(mio_udp_socket_connect(&f.right, &addr));
    return f;
}

static void close_fixture(fixture *f)
{
    mio_udp_socket_close(&f->left);
    mio_udp_socket_close(&f->right);
}

/* Returns whether this kernel has both offload options. If the kernel lacks one of the options, reports that the test
 * does not run. */
static bool have_offload(void)
{
    static const int options[] = {MIO_OPTION_UDP_SEGMENT, MIO_OPTION_UDP_GRO};
    fixture f = open_fixture(loopback_v4());
    bool have = true;
    for (size_t i = 0; i < 2 && have; i++) {
        int64_t rc = kept(mio_source_set_option(&f.left.source, options[i], 1));
        have = rc != -ENOTSUP;
        ck_assert_msg(rc == 0 || !have, "%s", errno_name(rc));
    }
    close_fixture(&f);
    if (!have) {
        skip("no UDP_SEGMENT or no UDP_GRO");
    }
    return have;
}

static void for_families(void (*test)(fixture *f))
{
    if (!have_offload()) {
        return;
    }
    for (int v6 = 0; v6 < 2; v6++) {
        if (v6 && !have_ipv6()) {
            skip("the IPv6 part: no IPv6");
            return;
        }
        fixture f = open_fixture(v6 ? loopback_v6() : loopback_v4());
        test(&f);
        close_fixture(&f);
    }
}

/*
 * Sends `length` bytes in one message, which the kernel splits into datagrams of `size` bytes. If `size` is -1, the
 * message contains no size, so the kernel uses the size in the option MIO_OPTION_UDP_SEGMENT of the socket.
 */
static int64_t send_segmented(fixture *f, size_t length, int size)
{
    static uint8_t bytes[LONGEST];
    const mio_iovec piece = {bytes, length};
    mio_ancillary ancillary = {{0}};
    mio_udp_message message = {sizeof message, 0, &piece, 1, 0, NULL, &ancillary};
    fill_pattern(bytes, length, 0);
    if (size != -1) {
        call_ok(mio_ancillary_set_segment_size(&ancillary, size));
    }
    return kept(mio_udp_socket_send_message(&f->left, &message));
}

/*
 * Receives a message of `length` bytes, and returns the size of its segments. The message must be equal to the part of
 * the sent pattern that begins at `offset`.
 */
static int64_t receive(fixture *f, size_t length, uint64_t offset)
{
    static uint8_t bytes[LONGEST];
    const mio_iovec piece = {bytes, sizeof bytes};
    mio_ancillary ancillary;
    mio_udp_message message = {sizeof message, 0, &piece, 1, 0, NULL, &ancillary};
    wait_handle(mio_udp_socket_handle(&f->right), POLLIN);
    call_counts(mio_udp_socket_recv_message(&f->right, &message), length);
    ck_assert_uint_eq(message.flags, 0);
    assert_pattern(bytes, length, offset);
    return kept(mio_ancillary_segment_size(&ancillary));
}

static void expect_nothing_more(fixture *f)
{
    char byte;
    assert_would_block(kept(mio_udp_socket_recv(&f->right, &byte, 1, NULL)));
}

static void expect_datagrams(fixture *f, size_t length, size_t size)
{
    for (size_t at = 0; at < length; at += size) {
        ck_assert_errno(receive(f, length - at < size ? length - at : size, at), -ENODATA);
    }
    expect_nothing_more(f);
}

/* ---- sending ---------------------------------------------------------------------------------------------------- */

static void by_message(fixture *f)
{
    call_counts(send_segmented(f, 2500, 1000), 2500);
    expect_datagrams(f, 2500, 1000);
    call_counts(send_segmented(f, 60000, 1200), 60000);
    expect_datagrams(f, 60000, 1200);
    call_counts(send_segmented(f, 7, 1000), 7); /* shorter than one segment */
    expect_datagrams(f, 7, 1000);
    call_counts(send_segmented(f, 2500, -1), 2500);
    expect_datagrams(f, 2500, 2500);
}

START_TEST(message_is_sent_as_datagrams_of_its_segment_size)
{
    for_families(by_message);
}
END_TEST

static void by_socket(fixture *f)
{
    call_ok(mio_source_set_option(&f->left.source, MIO_OPTION_UDP_SEGMENT, 900));
    call_counts(send_segmented(f, 2500, -1), 2500);
    expect_datagrams(f, 2500, 900);
    call_counts(send_segmented(f, 2500, 500), 2500); /* the size in the message takes precedence over the option */
    expect_datagrams(f, 2500, 500);
    call_counts(send_segmented(f, 2500, 0), 2500);
    expect_datagrams(f, 2500, 2500);
    call_ok(mio_source_set_option(&f->left.source, MIO_OPTION_UDP_SEGMENT, 0));
    call_counts(send_segmented(f, 2500, -1), 2500);
    expect_datagrams(f, 2500, 2500);
}

START_TEST(socket_has_a_segment_size_that_a_message_overrides)
{
    for_families(by_socket);
}
END_TEST

static void in_a_batch(fixture *f)
{
    static uint8_t bytes[3000];
    const mio_iovec pieces[2] = {{bytes, 3000}, {bytes, 2000}};
    mio_ancillary ancillary[2] = {{{0}}, {{0}}};
    mio_udp_message batch[2] = {{sizeof batch[0], 0, &pieces[0], 1, 0, NULL, &ancillary[0]},
                                {sizeof batch[1], 0, &pieces[1], 1, 0, NULL, &ancillary[1]}};
    fill_pattern(bytes, sizeof bytes, 0);
    call_ok(mio_ancillary_set_segment_size(&ancillary[0], 1500));
    call_ok(mio_ancillary_set_segment_size(&ancillary[1], 1000));
    call_counts(mio_udp_socket_send_batch(&f->left, batch, 2), 2);
    for (uint64_t i = 0; i < 4; i++) {
        ck_assert_errno(receive(f, i < 2 ? 1500 : 1000, i % 2 * (i < 2 ? 1500 : 1000)), -ENODATA);
    }
    expect_nothing_more(f);
}

START_TEST(each_message_of_a_batch_has_its_own_segment_size)
{
    for_families(in_a_batch);
}
END_TEST

static void too_many(fixture *f)
{
    call_fails(send_segmented(f, 20000, 1), EINVAL);
    expect_nothing_more(f);
}

START_TEST(more_segments_than_the_system_takes_are_einval)
{
    for_families(too_many);
}
END_TEST

/* ---- receiving -------------------------------------------------------------------------------------------------- */

static void together(fixture *f)
{
    call_ok(mio_source_set_option(&f->right.source, MIO_OPTION_UDP_GRO, 1));
    call_counts(send_segmented(f, 2500, 1000), 2500);
    ck_assert_int_eq(receive(f, 2500, 0), 1000);
    call_counts(send_segmented(f, 60000, 1200), 60000);
    ck_assert_int_eq(receive(f, 60000, 0), 1200);
    call_counts(send_segmented(f, 1000, -1), 1000); /* sends a single datagram */
    ck_assert_errno(receive(f, 1000, 0), -ENODATA);
    call_ok(mio_source_set_option(&f->right.source, MIO_OPTION_UDP_GRO, 0));
    call_counts(send_segmented(f, 2500, 1000), 2500);
    expect_datagrams(f, 2500, 1000);
}

START_TEST(datagrams_of_one_length_come_together_and_tell_it)
{
    for_families(together);
}
END_TEST

/* ---- systems without offload ------------------------------------------------------------------------------------ */

/* Installs a filter that makes setsockopt(2) return ENOPROTOOPT, as an old kernel does for the offload options. Then
 * sets some options. */
static int set_refused(void *context)
{
    mio_udp_socket socket;
    mio_tcp_listener listener;
    mio_addr any = loopback_v4();
    (void)context;
    require(mio_udp_socket_bind(&socket, &any) == 0 && mio_tcp_listener_bind(&listener, &any, 1) == 0);
    if (!refuse_system_call(SYS_setsockopt, ENOPROTOOPT)) {
        return SKIPPED;
    }
    require(mio_source_set_option(&socket.source, MIO_OPTION_UDP_SEGMENT, 1000) == -ENOTSUP);
    require(mio_source_set_option(&socket.source, MIO_OPTION_UDP_GRO, 1) == -ENOTSUP);
    require(mio_source_set_option(&socket.source, MIO_OPTION_BROADCAST, 1) == -ENOPROTOOPT);
    require(mio_source_set_option(&listener.source, MIO_OPTION_UDP_GRO, 1) == -ENOPROTOOPT);
    return 0;
}

START_TEST(offload_is_enotsup_where_the_system_lacks_it)
{
    if (run_apart(set_refused, NULL) == SKIPPED) {
        skip("no seccomp filters");
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_offload");
    TCase *sending = add_tcase(suite, "sending");
    tcase_add_test(sending, message_is_sent_as_datagrams_of_its_segment_size);
    tcase_add_test(sending, socket_has_a_segment_size_that_a_message_overrides);
    tcase_add_test(sending, each_message_of_a_batch_has_its_own_segment_size);
    tcase_add_test(sending, more_segments_than_the_system_takes_are_einval);
    TCase *receiving = add_tcase(suite, "receiving");
    tcase_add_test(receiving, datagrams_of_one_length_come_together_and_tell_it);
    TCase *lacking = add_tcase(suite, "without it");
    tcase_add_test(lacking, offload_is_enotsup_where_the_system_lacks_it);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
