/* SPDX-License-Identifier: MIT */
/*
 * Tests MIO_OPTION_PASS_HANDLES, with which a Unix socket accepts or refuses descriptors of its peer. Also tests
 * mio_unix_stream_peer_groups, which reports the user groups of the peer's process.
 */
#include "../helpers/system_calls.h"
#include "../helpers/unix_sockets.h"

#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

/* Most systems' headers do not define this option yet. */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

/* ---- refusing descriptors ---------------------------------------------------------------------------------------- */

static int64_t passes_handles(const mio_source *source)
{
    int64_t value = 9;
    call_ok(mio_source_option(source, MIO_OPTION_PASS_HANDLES, &value));
    return value;
}

static void pass_handles(mio_source *source, int64_t on)
{
    call_ok(mio_source_set_option(source, MIO_OPTION_PASS_HANDLES, on));
    ck_assert_int_eq(passes_handles(source), on);
}

/* Returns whether this kernel has MIO_OPTION_PASS_HANDLES. If the kernel lacks this option, reports that the test is
 * skipped. */
static bool can_refuse(void)
{
    mio_unix_datagram socket;
    int64_t value = 9;
    call_ok(mio_unix_datagram_open(&socket));
    int64_t rc = kept(mio_source_option(&socket.source, MIO_OPTION_PASS_HANDLES, &value));
    mio_unix_datagram_close(&socket);
    if (rc == 0) {
        return true;
    }
    ck_assert_errno(rc, -ENOTSUP);
    ck_assert_int_eq(value, 9);
    skip("no SO_PASSRIGHTS: before Linux 6.16");
    return false;
}

static int64_t send_one(mio_unix_stream *stream)
{
    mio_handle handle = mio_unix_stream_handle(stream);
    return kept(mio_unix_stream_send_with_handles(stream, "x", 1, &handle, 1));
}

/* Receives a byte and exactly `count` descriptors, and closes these descriptors. */
static void expect_handles(mio_unix_stream *stream, size_t count)
{
    char byte;
    mio_handle handles[2];
    size_t came = 99;
    uint32_t flags = 99;
    call_counts(mio_unix_stream_recv_with_handles(stream, &byte, 1, handles, 2, &came, &flags), 1);
    ck_assert_uint_eq(came, count);
    ck_assert_uint_eq(flags, 0);
    for (size_t i = 0; i < came; i++) {
        close_fd(handles[i]);
    }
}

static void expect_nothing(mio_unix_stream *stream)
{
    char byte;
    call_fails(mio_unix_stream_read(stream, &byte, 1), EAGAIN);
}

START_TEST(stream_that_refuses_descriptors_gets_bytes_alone)
{
    mio_unix_stream pair[2];
    if (!can_refuse()) {
        return;
    }
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], _i == 0 ? 0 : MIO_UNIX_SEQPACKET));
    int before = count_descriptors();
    ck_assert_int_eq(passes_handles(&pair[1].source), 1);
    pass_handles(&pair[1].source, 0);
    ck_assert_int_eq(passes_handles(&pair[0].source), 1);
    ck_assert_errno(send_one(&pair[0]), -EPERM);
    expect_nothing(&pair[1]);
    call_counts(mio_unix_stream_write(&pair[0], "x", 1), 1);
    expect_handles(&pair[1], 0);
    ck_assert_count(send_one(&pair[1]), 1); /* a socket that refuses descriptors can still send them */
    expect_handles(&pair[0], 1);
    pass_handles(&pair[1].source, 1);
    ck_assert_count(send_one(&pair[0]), 1);
    expect_handles(&pair[1], 1);
    ck_assert_int_eq(count_descriptors(), before);
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

START_TEST(datagram_socket_that_refuses_descriptors_gets_bytes_alone)
{
    mio_unix_datagram pair[2];
    char byte;
    uint32_t flags = 99;
    if (!can_refuse()) {
        return;
    }
    call_ok(mio_unix_datagram_pair(&pair[0], &pair[1]));
    mio_handle handle = mio_unix_datagram_handle(&pair[0]);
    pass_handles(&pair[1].source, 0);
    call_fails(mio_unix_datagram_send_with_handles(&pair[0], "x", 1, &handle, 1), EPERM);
    call_fails(mio_unix_datagram_send_with_handles(&pair[0], NULL, 0, &handle, 1), EPERM);
    call_fails(mio_unix_datagram_recv(&pair[1], &byte, 1, &flags), EAGAIN);
    call_counts(mio_unix_datagram_send(&pair[0], "x", 1), 1);
    call_counts(mio_unix_datagram_recv(&pair[1], &byte, 1, &flags), 1);
    ck_assert_uint_eq(flags, 0);
    pass_handles(&pair[1].source, 1);
    call_counts(mio_unix_datagram_send_with_handles(&pair[0], "x", 1, &handle, 1), 1);
    mio_unix_datagram_close(&pair[0]);
    mio_unix_datagram_close(&pair[1]);
}
END_TEST

START_TEST(descriptors_that_were_sent_before_still_come)
{
    mio_unix_stream pair[2];
    if (!can_refuse()) {
        return;
    }
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    ck_assert_count(send_one(&pair[0]), 1);
    pass_handles(&pair[1].source, 0);
    expect_handles(&pair[1], 1);
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

START_TEST(listener_that_refuses_descriptors_does_so_for_those_who_connect_then)
{
    mio_unix_listener listener;
    mio_unix_stream clients[2];
    mio_unix_stream server;
    mio_addr addr = abstract_addr("s");
    if (!can_refuse()) {
        return;
    }
    call_ok(mio_unix_listener_bind(&listener, &addr, 4, 0));
    for (int i = 0; i < 2; i++) {
        call_ok(mio_unix_stream_connect(&clients[i], &addr, 0));
        pass_handles(&listener.source, 0);
        /* Before the accept, the option of the listener decides whether the client may send descriptors. */
        ck_assert_int_eq(send_one(&clients[i]), i == 0 ? 1 : -EPERM);
    }
    for (int i = 0; i < 2; i++) {
        accept_unix(&listener, &server);
        ck_assert_int_eq(passes_handles(&server.source), i == 0 ? 1 : 0);
        ck_assert_int_eq(send_one(&clients[i]), i == 0 ? 1 : -EPERM);
        mio_unix_stream_close(&clients[i]);
        mio_unix_stream_close(&server);
    }
    mio_unix_listener_close(&listener);
}
END_TEST

/* Runs with a filter that refuses the option, as Linux before 6.16 does. */
static int ask_an_old_kernel(void *context)
{
    mio_unix_stream pair[2];
    mio_unix_datagram datagram;
    mio_tcp_listener listener;
    mio_addr any = loopback_v4();
    int64_t value = 9;
    (void)context;
    require(mio_unix_stream_pair(&pair[0], &pair[1], 0) == 0 && mio_unix_datagram_open(&datagram) == 0);
    require(mio_tcp_listener_bind(&listener, &any, 1) == 0);
    if (!refuse_socket_option(SO_PASSRIGHTS, ENOPROTOOPT)) {
        return SKIPPED;
    }
    require(mio_source_set_option(&pair[0].source, MIO_OPTION_PASS_HANDLES, 0) == -ENOTSUP);
    require(mio_source_set_option(&datagram.source, MIO_OPTION_PASS_HANDLES, 0) == -ENOTSUP);
    require(mio_source_option(&pair[0].source, MIO_OPTION_PASS_HANDLES, &value) == -ENOTSUP && value == 9);
    require(mio_source_set_option(&listener.source, MIO_OPTION_PASS_HANDLES, 0) == -ENOPROTOOPT);
    require(mio_source_set_option(&pair[0].source, MIO_OPTION_PASS_HANDLES, 2) == -EINVAL);
    require(send_one(&pair[0]) == 1);
    return 0;
}

START_TEST(refusing_is_enotsup_where_the_system_lacks_it)
{
    if (run_apart(ask_an_old_kernel, NULL) == SKIPPED) {
        skip("no seccomp filters");
    }
}
END_TEST

/* ---- the groups of the peer -------------------------------------------------------------------------------------- */

enum { UNTOUCHED = 4242 };

/*
 * Makes a pair of sockets, and returns how many groups the peer (this process) has. Stores up to 8 groups in
 * `groups`.
 */
static size_t groups_now(uint32_t *groups)
{
    mio_unix_stream pair[2];
    size_t count = 99;
    for (size_t i = 0; i < 8; i++) {
        groups[i] = UNTOUCHED;
    }
    if (mio_unix_stream_pair(&pair[0], &pair[1], 0) != 0 ||
        kept(mio_unix_stream_peer_groups(&pair[0], groups, 8, &count)) != 0) {
        return 99;
    }
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
    return count;
}

static bool has(const uint32_t *groups, size_t count, uint32_t group)
{
    for (size_t i = 0; i < count; i++) {
        if (groups[i] == group) {
            return true;
        }
    }
    return false;
}

/* Returns whether this kernel reports groups. If the kernel reports no groups, prints that the test is skipped. */
static bool can_tell_groups(void)
{
    mio_unix_stream pair[2];
    size_t count = 99;
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    int64_t rc = kept(mio_unix_stream_peer_groups(&pair[0], NULL, 0, &count));
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
    if (rc == 0) {
        return true;
    }
    ck_assert_errno(rc, -ENOTSUP);
    ck_assert_uint_eq(count, 99);
    skip("no SO_PEERGROUPS: before Linux 4.13");
    return false;
}

static int join_and_leave_groups(void *context)
{
    static const gid_t three[] = {9, 5, 2000000};
    uint32_t groups[8];
    (void)context;
    if (setgroups(3, three) != 0) {
        return SKIPPED;
    }
    require(groups_now(groups) == 3);
    require(has(groups, 3, 5) && has(groups, 3, 9) && has(groups, 3, 2000000));
    require(groups[3] == UNTOUCHED);
    require(setgroups(0, NULL) == 0);
    require(groups_now(groups) == 0);
    require(groups[0] == UNTOUCHED);
    return 0;
}

START_TEST(groups_are_those_of_the_process)
{
    if (can_tell_groups() && run_apart(join_and_leave_groups, NULL) == SKIPPED) {
        skip("needs privileges");
    }
}
END_TEST

static int ask_with_little_room(void *context)
{
    static const gid_t three[] = {9, 5, 7};
    uint32_t groups[3] = {UNTOUCHED, UNTOUCHED, UNTOUCHED};
    mio_unix_stream pair[2];
    size_t count = 99;
    (void)context;
    if (setgroups(3, three) != 0) {
        return SKIPPED;
    }
    require(mio_unix_stream_pair(&pair[0], &pair[1], 0) == 0 && setgroups(0, NULL) == 0);
    for (size_t capacity = 1; capacity < 3; capacity++) {
        require(kept(mio_unix_stream_peer_groups(&pair[0], groups, capacity, &count)) == -ERANGE);
        require(count == 3 && groups[0] == UNTOUCHED);
        count = 99;
    }
    require(kept(mio_unix_stream_peer_groups(&pair[0], NULL, 0, &count)) == 0 && count == 3);
    count = 99;
    require(kept(mio_unix_stream_peer_groups(&pair[0], groups, 0, &count)) == 0 && count == 3);
    require(groups[0] == UNTOUCHED);
    count = 99;
    require(kept(mio_unix_stream_peer_groups(&pair[0], groups, 3, &count)) == 0 && count == 3);
    require(has(groups, 3, 5) && has(groups, 3, 7) && has(groups, 3, 9));
    return 0;
}

START_TEST(groups_without_room_are_counted)
{
    if (can_tell_groups() && run_apart(ask_with_little_room, NULL) == SKIPPED) {
        skip("needs privileges");
    }
}
END_TEST

/*
 * A process can have 65536 groups. The test passes this capacity, and much larger capacities. In bytes, the larger
 * capacities do not fit into an int, and some do not fit into a size_t.
 */
START_TEST(room_for_more_groups_than_there_can_be_is_welcome)
{
    static uint32_t groups[65536];
    const size_t sizes[] = {65536, SIZE_MAX / 4, SIZE_MAX / 4 + 2, SIZE_MAX, INT32_MAX, beyond_32_bits(0)};
    mio_unix_stream pair[2];
    if (!can_tell_groups()) {
        return;
    }
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t count = SIZE_MAX;
        call_ok(mio_unix_stream_peer_groups(&pair[0], groups, sizes[i], &count));
        ck_assert_int_eq((int)count, getgroups(0, NULL));
    }
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

START_TEST(groups_null_closed_and_without_a_peer)
{
    mio_unix_stream stream;
    mio_unix_stream none;
    uint32_t group = UNTOUCHED;
    size_t count = 99;
    if (!can_tell_groups()) {
        return;
    }
    memset(&none, 0, sizeof none);
    call_ok(mio_unix_stream_from_handle(&stream, raw_unix(SOCK_STREAM, NULL, NULL)));
    call_fails_keeping(&count, mio_unix_stream_peer_groups(&stream, &group, 1, &count), ENOTCONN);
    call_fails_keeping(&count, mio_unix_stream_peer_groups(&stream, NULL, 0, &count), ENOTCONN);
    call_fails_keeping(&count, mio_unix_stream_peer_groups(&stream, NULL, 1, &count), EINVAL);
    call_fails(mio_unix_stream_peer_groups(&stream, &group, 1, NULL), EINVAL);
    call_fails_keeping(&count, mio_unix_stream_peer_groups(NULL, &group, 1, &count), EINVAL);
    call_fails_keeping(&count, mio_unix_stream_peer_groups(&none, &group, 1, &count), EBADF);
    ck_assert_uint_eq(group, UNTOUCHED);
    mio_unix_stream_close(&stream);
}
END_TEST

static int store_into_bad_memory(void *context)
{
    static const gid_t one[] = {5};
    mio_unix_stream pair[2];
    size_t count = 99;
    (void)context;
    if (setgroups(1, one) != 0) {
        return SKIPPED;
    }
    require(mio_unix_stream_pair(&pair[0], &pair[1], 0) == 0);
    require(kept(mio_unix_stream_peer_groups(&pair[0], bad_memory(), 1, &count)) == -EFAULT && count == 99);
    return 0;
}

START_TEST(groups_into_bad_memory_are_efault)
{
    if (under_valgrind() || !can_tell_groups()) {
        return;
    }
    if (run_apart(store_into_bad_memory, NULL) == SKIPPED) {
        skip("needs privileges");
    }
}
END_TEST

/* Runs with a filter that makes getsockopt(2) fail. On Linux before 4.13, getsockopt(2) fails in this way if a program
 * asks for the groups of a peer. */
static int ask_for_groups_in_vain(void *context)
{
    mio_unix_stream pair[2];
    uint32_t group = UNTOUCHED;
    size_t count = 99;
    (void)context;
    require(mio_unix_stream_pair(&pair[0], &pair[1], 0) == 0);
    if (!refuse_system_call(SYS_getsockopt, ENOPROTOOPT)) {
        return SKIPPED;
    }
    require(kept(mio_unix_stream_peer_groups(&pair[0], &group, 1, &count)) == -ENOTSUP);
    require(kept(mio_unix_stream_peer_groups(&pair[0], NULL, 0, &count)) == -ENOTSUP);
    require(count == 99 && group == UNTOUCHED);
    return 0;
}

START_TEST(groups_are_enotsup_where_the_system_does_not_tell_them)
{
    if (run_apart(ask_for_groups_in_vain, NULL) == SKIPPED) {
        skip("no seccomp filters");
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_rights");
    TCase *tcase = add_unix_tcase(suite, "descriptors");
    tcase_add_loop_test(tcase, stream_that_refuses_descriptors_gets_bytes_alone, 0, 2);
    tcase_add_test(tcase, datagram_socket_that_refuses_descriptors_gets_bytes_alone);
    tcase_add_test(tcase, descriptors_that_were_sent_before_still_come);
    tcase_add_test(tcase, listener_that_refuses_descriptors_does_so_for_those_who_connect_then);
    tcase_add_test(tcase, refusing_is_enotsup_where_the_system_lacks_it);
    tcase = add_tcase(suite, "groups");
    tcase_add_test(tcase, groups_are_those_of_the_process);
    tcase_add_test(tcase, groups_without_room_are_counted);
    tcase_add_test(tcase, room_for_more_groups_than_there_can_be_is_welcome);
    tcase_add_test(tcase, groups_null_closed_and_without_a_peer);
    tcase_add_test(tcase, groups_into_bad_memory_are_efault);
    tcase_add_test(tcase, groups_are_enotsup_where_the_system_does_not_tell_them);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
