/* SPDX-License-Identifier: MIT */
/*
 * Tests how a Unix socket identifies its peer: the credentials of the peer, the credentials in a message, and a pidfd.
 */
#include "../helpers/system_calls.h"
#include "../helpers/unix_sockets.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };

/*
 * Returns credentials that no process has. If a member still has its value after a call, the call has not written it.
 */
static mio_unix_credentials unset(void)
{
    mio_unix_credentials credentials = MIO_UNIX_CREDENTIALS_INIT;
    credentials.pid = -5;
    credentials.uid = 12345;
    credentials.gid = 54321;
    return credentials;
}

static void expect_self(const mio_unix_credentials *credentials)
{
    ck_assert_uint_eq(credentials->size, sizeof *credentials);
    ck_assert_int_eq(credentials->pid, getpid());
    ck_assert_uint_eq(credentials->uid, geteuid());
    ck_assert_uint_eq(credentials->gid, getegid());
}

/* ---- the credentials of the peer -------------------------------------------------------------------------------- */

START_TEST(peer_credentials_of_both_ends_and_of_a_pair)
{
    mio_unix_listener listener;
    mio_unix_stream streams[2];
    mio_addr addr;
    make_unix_listener(&listener, "s", &addr);
    call_ok(mio_unix_stream_connect(&streams[0], &addr, 0));
    accept_unix(&listener, &streams[1]);
    for (int round = 0; round < 2; round++) {
        for (int end = 0; end < 2; end++) {
            mio_unix_credentials credentials = unset();
            call_ok(mio_unix_stream_peer_credentials(&streams[end], &credentials));
            expect_self(&credentials);
            mio_unix_stream_close(&streams[end]);
        }
        if (round == 0) {
            call_ok(mio_unix_stream_pair(&streams[0], &streams[1], MIO_UNIX_SEQPACKET));
        }
    }
    mio_unix_listener_close(&listener);
}
END_TEST

typedef struct visit {
    const mio_addr *addr;
    /* The child connects, and writes a byte to `ready`. The child exits after it has read a byte from `leave`. */
    int ready[2];
    int leave[2];
} visit;

static pid_t start_visitor(const visit *v)
{
    char byte = 0;
    pid_t child = fork();
    ck_assert_int_ne(child, -1);
    if (child != 0) {
        return child;
    }
    mio_unix_stream stream;
    bool ok = drop_privileges() && mio_unix_stream_connect(&stream, v->addr, 0) == 0;
    byte = ok ? 'y' : 'n';
    ok = write(v->ready[1], &byte, 1) == 1 && read(v->leave[0], &byte, 1) == 1;
    _exit(ok ? 0 : 1);
}

static void end_visitor(const visit *v, pid_t child)
{
    int status;
    write_byte(v->leave[1]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}

START_TEST(peer_credentials_are_of_the_process_that_connected)
{
    mio_unix_listener listener;
    mio_unix_stream stream;
    mio_unix_credentials credentials = unset();
    mio_addr addr = abstract_addr("s");
    visit v = {.addr = &addr};
    char byte;
    ck_assert_int_eq(pipe(v.ready), 0);
    ck_assert_int_eq(pipe(v.leave), 0);
    call_ok(mio_unix_listener_bind(&listener, &addr, 4, 0));
    pid_t child = start_visitor(&v);
    ck_assert_int_eq(read(v.ready[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 'y');
    accept_unix(&listener, &stream);
    call_ok(mio_unix_stream_peer_credentials(&stream, &credentials));
    ck_assert_int_eq(credentials.pid, child);
    ck_assert_uint_eq(credentials.uid, geteuid() == 0 ? NOBODY : geteuid());
    ck_assert_uint_eq(credentials.gid, geteuid() == 0 ? NOBODY : getegid());
    end_visitor(&v, child);
    credentials = unset();
    /* The child has ended, but the stream still has the credentials that the child had when it connected. */
    call_ok(mio_unix_stream_peer_credentials(&stream, &credentials));
    ck_assert_int_eq(credentials.pid, child);
    mio_unix_stream_close(&stream);
    mio_unix_listener_close(&listener);
}
END_TEST

START_TEST(peer_pidfd_is_of_that_process_and_readable_when_it_ends)
{
    mio_poll *poll = open_poll(_i);
    mio_unix_listener listener;
    mio_unix_stream stream;
    mio_addr addr = abstract_addr("s");
    visit v = {.addr = &addr};
    char byte;
    int status;
    ck_assert_int_eq(pipe(v.ready), 0);
    ck_assert_int_eq(pipe(v.leave), 0);
    call_ok(mio_unix_listener_bind(&listener, &addr, 4, 0));
    pid_t child = start_visitor(&v);
    ck_assert_int_eq(read(v.ready[0], &byte, 1), 1);
    accept_unix(&listener, &stream);
    int before = count_descriptors();
    int64_t pidfd = kept(mio_unix_stream_peer_pidfd(&stream));
    if (pidfd == -ENOTSUP) {
        skip("no SO_PEERPIDFD: before Linux 6.5");
        end_visitor(&v, child);
    } else {
        ck_assert_int_ge(pidfd, 0);
        ck_assert(is_cloexec((int)pidfd));
        ck_assert(is_nonblocking((int)pidfd));
        ck_assert_int_eq(count_descriptors(), before + 1);
        call_ok(mio_registry_register_handle(mio_poll_registry(poll), (mio_handle)pidfd, 3, MIO_READABLE));
        expect_no_events(poll);
        write_byte(v.leave[1]);
        expect_events(poll, {3, MIO_READABLE});
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        close_fd((int)pidfd);
        pidfd = kept(mio_unix_stream_peer_pidfd(&stream)); /* now the parent has waited for the child */
        ck_assert_msg(pidfd >= 0 || pidfd == -ESRCH, "%s", errno_name(pidfd));
        if (pidfd >= 0) { /* Linux 6.16 or later */
            wait_handle((int)pidfd, POLLIN);
            close_fd((int)pidfd);
        }
    }
    mio_unix_stream_close(&stream);
    mio_unix_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

/*
 * If the process of the peer has ended and was reaped, getsockopt(2) of Linux before 6.16 returns EINVAL. A filter
 * makes getsockopt(2) return EINVAL here.
 */
static int ask_for_a_process_that_was_waited_for(void *context)
{
    (void)context;
    mio_unix_stream pair[2];
    if (!refuse_system_call(SYS_getsockopt, EINVAL)) {
        return SKIPPED;
    }
    require(mio_unix_stream_pair(&pair[0], &pair[1], 0) == 0);
    int64_t result = kept(mio_unix_stream_peer_pidfd(&pair[0]));
    require(result == -ESRCH || result == -ENOTSUP); /* -ENOTSUP: this kernel has no pidfds of peers */
    return 0;
}

START_TEST(pidfd_of_a_process_that_was_waited_for_is_esrch_where_there_is_none)
{
    if (run_apart(ask_for_a_process_that_was_waited_for, NULL) == SKIPPED) {
        skip("no seccomp filters");
    }
}
END_TEST

START_TEST(without_a_peer_there_are_no_credentials)
{
    mio_unix_stream stream;
    mio_unix_credentials credentials = unset();
    call_ok(mio_unix_stream_from_handle(&stream, raw_unix(SOCK_STREAM, NULL, NULL)));
    call_fails_keeping(&credentials, mio_unix_stream_peer_credentials(&stream, &credentials), ENOTCONN);
    int64_t pidfd = kept(mio_unix_stream_peer_pidfd(&stream));
    ck_assert(pidfd == -ENOTCONN || pidfd == -ENOTSUP);
    mio_unix_stream_close(&stream);
}
END_TEST

START_TEST(credentials_null_closed_and_sizes)
{
    mio_unix_stream pair[2];
    mio_unix_stream none;
    struct {
        mio_unix_credentials known;
        uint32_t later;
    } longer = {MIO_UNIX_CREDENTIALS_INIT, 0};
    mio_unix_credentials credentials = unset();
    memset(&none, 0, sizeof none);
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    call_fails(mio_unix_stream_peer_credentials(NULL, &credentials), EINVAL);
    call_fails(mio_unix_stream_peer_credentials(&pair[0], NULL), EINVAL);
    call_fails_keeping(&credentials, mio_unix_stream_peer_credentials(&none, &credentials), EBADF);
    call_fails(mio_unix_stream_peer_pidfd(NULL), EINVAL);
    call_fails(mio_unix_stream_peer_pidfd(&none), EBADF);
    for (uint32_t size = 0; size < sizeof credentials; size++) {
        credentials.size = size;
        call_fails_keeping(&credentials, mio_unix_stream_peer_credentials(&pair[0], &credentials), EINVAL);
    }
    longer.known.size = sizeof longer;
    call_ok(mio_unix_stream_peer_credentials(&pair[0], &longer.known));
    ck_assert_int_eq(longer.known.pid, getpid());
    ck_assert_uint_eq(longer.known.size, sizeof longer);
    longer.later = 1;
    call_fails(mio_unix_stream_peer_credentials(&pair[0], &longer.known), E2BIG);
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

/* ---- the credentials in a message ------------------------------------------------------------------------------- */

/* A message with one byte and credentials, for sending or for receiving. */
typedef struct letter {
    char byte;
    mio_iovec piece;
    mio_unix_credentials credentials;
    mio_unix_message message;
} letter;

static void write_letter(letter *l)
{
    *l = (letter){.byte = 'x', .credentials = unset(), .message = MIO_UNIX_MESSAGE_INIT};
    l->piece = (mio_iovec){&l->byte, 1};
    l->message.pieces = &l->piece;
    l->message.piece_count = 1;
    l->message.credentials = &l->credentials;
}

static void pass_credentials(mio_source *source)
{
    int64_t value = 9;
    call_ok(mio_source_option(source, MIO_OPTION_PASS_CREDENTIALS, &value));
    ck_assert_int_eq(value, 0);
    call_ok(mio_source_set_option(source, MIO_OPTION_PASS_CREDENTIALS, 1));
    call_ok(mio_source_option(source, MIO_OPTION_PASS_CREDENTIALS, &value));
    ck_assert_int_eq(value, 1);
    call_fails(mio_source_set_option(source, MIO_OPTION_PASS_CREDENTIALS, 2), EINVAL);
    call_fails(mio_source_set_option(source, MIO_OPTION_PASS_CREDENTIALS, -1), EINVAL);
}

/* Sends a datagram of `length` bytes, 0 or 1, and receives it with the credentials of this process. */
static void expect_credentials_with_a_datagram(size_t length)
{
    mio_unix_datagram pair[2];
    letter l;
    call_ok(mio_unix_datagram_pair(&pair[0], &pair[1]));
    pass_credentials(&pair[1].source);
    call_counts(mio_unix_datagram_send(&pair[0], "x", length), (int64_t)length);
    write_letter(&l);
    call_counts(mio_unix_datagram_recv_message(&pair[1], &l.message), (int64_t)length);
    ck_assert_uint_eq(l.message.flags, MIO_MESSAGE_CREDENTIALS);
    expect_self(&l.credentials);
    mio_unix_datagram_close(&pair[0]);
    mio_unix_datagram_close(&pair[1]);
}

START_TEST(credentials_come_with_a_message_once_asked_for)
{
    mio_unix_stream streams[2];
    letter l;
    call_ok(mio_unix_stream_pair(&streams[0], &streams[1], 0));
    call_counts(mio_unix_stream_write(&streams[0], "x", 1), 1);
    write_letter(&l);
    call_counts(mio_unix_stream_recv_message(&streams[1], &l.message), 1);
    ck_assert_uint_eq(l.message.flags, 0);
    ck_assert_int_eq(l.credentials.pid, -5); /* the message contains no credentials, so the call has stored none */
    pass_credentials(&streams[1].source);
    call_counts(mio_unix_stream_write(&streams[0], "x", 1), 1);
    call_counts(mio_unix_stream_recv_message(&streams[1], &l.message), 1);
    ck_assert_uint_eq(l.message.flags, MIO_MESSAGE_CREDENTIALS);
    expect_self(&l.credentials);
    mio_unix_stream_close(&streams[0]);
    mio_unix_stream_close(&streams[1]);

    expect_credentials_with_a_datagram(1);
}
END_TEST

START_TEST(message_sent_before_asking_comes_with_nobodys_credentials)
{
    mio_unix_stream pair[2];
    letter l;
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    call_counts(mio_unix_stream_write(&pair[0], "x", 1), 1);
    pass_credentials(&pair[1].source);
    write_letter(&l);
    call_counts(mio_unix_stream_recv_message(&pair[1], &l.message), 1);
    ck_assert_uint_eq(l.message.flags, MIO_MESSAGE_CREDENTIALS);
    ck_assert_int_eq(l.credentials.pid, 0);
    ck_assert_int_eq((int)l.credentials.uid, system_setting("/proc/sys/kernel/overflowuid"));
    ck_assert_int_eq((int)l.credentials.gid, system_setting("/proc/sys/kernel/overflowgid"));
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

/* At the end of a stream of bytes, Linux reports pid 0, user 0 and group 0. These credentials came with no message. */
START_TEST(end_of_a_stream_of_bytes_has_no_credentials)
{
    mio_unix_stream pair[2];
    letter l;
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    pass_credentials(&pair[1].source);
    mio_unix_stream_close(&pair[0]);
    for (int round = 0; round < 2; round++) {
        write_letter(&l);
        call_counts(mio_unix_stream_recv_message(&pair[1], &l.message), 0);
        ck_assert_uint_eq(l.message.flags, 0);
        ck_assert_int_eq(l.credentials.pid, -5);
        ck_assert_uint_eq(l.credentials.uid, 12345);
        ck_assert_uint_eq(l.credentials.gid, 54321);
    }
    mio_unix_stream_close(&pair[1]);
}
END_TEST

START_TEST(empty_record_and_empty_datagram_have_credentials)
{
    mio_unix_stream streams[2];
    letter l;
    call_ok(mio_unix_stream_pair(&streams[0], &streams[1], MIO_UNIX_SEQPACKET));
    pass_credentials(&streams[1].source);
    call_counts(mio_unix_stream_write(&streams[0], "", 0), 0);
    mio_unix_stream_close(&streams[0]);
    write_letter(&l);
    call_counts(mio_unix_stream_recv_message(&streams[1], &l.message), 0);
    ck_assert_uint_eq(l.message.flags, MIO_MESSAGE_CREDENTIALS);
    expect_self(&l.credentials);
    write_letter(&l);
    call_counts(mio_unix_stream_recv_message(&streams[1], &l.message), 0); /* the end */
    ck_assert_uint_eq(l.message.flags, 0);
    ck_assert_int_eq(l.credentials.pid, -5);
    mio_unix_stream_close(&streams[1]);

    expect_credentials_with_a_datagram(0);
}
END_TEST

START_TEST(datagram_socket_that_asks_is_given_a_name)
{
    mio_unix_datagram pair[2];
    mio_addr name;
    call_ok(mio_unix_datagram_pair(&pair[0], &pair[1]));
    pass_credentials(&pair[0].source);
    call_ok(mio_unix_datagram_local_addr(&pair[0], &name));
    ck_assert(mio_addr_is_unnamed(&name));
    call_counts(mio_unix_datagram_send(&pair[0], "x", 1), 1);
    call_ok(mio_unix_datagram_local_addr(&pair[0], &name));
    char text[MIO_ADDR_TEXT_SIZE];
    ck_assert_int_gt(mio_addr_unix_abstract(&name, text, sizeof text), 0);
    mio_unix_datagram_close(&pair[0]);
    mio_unix_datagram_close(&pair[1]);
}
END_TEST

START_TEST(accepted_stream_has_the_option_of_its_listener)
{
    mio_unix_listener listener;
    mio_unix_stream client;
    mio_unix_stream server;
    mio_addr addr = abstract_addr("s");
    letter l;
    call_ok(mio_unix_listener_bind(&listener, &addr, 4, 0));
    pass_credentials(&listener.source);
    call_ok(mio_unix_stream_connect(&client, &addr, 0));
    call_counts(mio_unix_stream_write(&client, "x", 1), 1); /* the client sends before the server accepts */
    accept_unix(&listener, &server);
    write_letter(&l);
    call_counts(mio_unix_stream_recv_message(&server, &l.message), 1);
    ck_assert_uint_eq(l.message.flags, MIO_MESSAGE_CREDENTIALS);
    expect_self(&l.credentials);
    mio_unix_stream_close(&client);
    mio_unix_stream_close(&server);
    mio_unix_listener_close(&listener);
}
END_TEST

START_TEST(credentials_that_nobody_looks_at_do_no_harm)
{
    mio_unix_stream pair[2];
    mio_handle sent[MIO_UNIX_HANDLES_MAX];
    mio_handle received[MIO_UNIX_HANDLES_MAX];
    char byte;
    size_t count = 0;
    uint32_t flags = 99;
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    pass_credentials(&pair[1].source);
    call_counts(mio_unix_stream_write(&pair[0], "xyz", 3), 3);
    call_counts(mio_unix_stream_read(&pair[1], &byte, 1), 1);
    call_counts(mio_unix_stream_recv(&pair[1], &byte, 1, &flags), 1);
    ck_assert_uint_eq(flags, 0);
    call_counts(mio_unix_stream_recv_with_handles(&pair[1], &byte, 1, NULL, 0, &count, &flags), 1);
    ck_assert_uint_eq(flags, 0);
    for (int i = 0; i < MIO_UNIX_HANDLES_MAX; i++) {
        sent[i] = mio_unix_stream_handle(&pair[0]);
    }
    call_counts(mio_unix_stream_send_with_handles(&pair[0], "x", 1, sent, MIO_UNIX_HANDLES_MAX), 1);
    call_counts(mio_unix_stream_recv_with_handles(&pair[1], &byte, 1, received, MIO_UNIX_HANDLES_MAX, &count, &flags),
                1);
    /* The library's buffer has room for all handles and the credentials. */
    ck_assert_uint_eq(count, MIO_UNIX_HANDLES_MAX);
    ck_assert_uint_eq(flags, 0);
    for (size_t i = 0; i < count; i++) {
        close_fd(received[i]);
    }
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

/* Checks that a read does not return bytes of two senders together. */
START_TEST(read_ends_where_the_sender_changes)
{
    mio_unix_stream pair[2];
    letter l;
    char buffer[8];
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    pass_credentials(&pair[1].source);
    call_counts(mio_unix_stream_write(&pair[0], "ab", 2), 2);
    pid_t child = fork();
    ck_assert_int_ne(child, -1);
    if (child == 0) {
        _exit(mio_unix_stream_write(&pair[0], "cd", 2) == 2 ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    write_letter(&l);
    l.piece = (mio_iovec){buffer, sizeof buffer};
    call_counts(mio_unix_stream_recv_message(&pair[1], &l.message), 2);
    expect_self(&l.credentials);
    call_counts(mio_unix_stream_recv_message(&pair[1], &l.message), 2);
    ck_assert_int_eq(l.credentials.pid, child);
    ck_assert_mem_eq(buffer, "cd", 2);
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

static void fill_own(mio_unix_credentials *credentials)
{
    credentials->pid = getpid();
    credentials->uid = getuid();
    credentials->gid = getgid();
}

static int claim_as_nobody(void *context)
{
    mio_unix_datagram *pair = context;
    letter out;
    letter in;
    if (!drop_privileges()) {
        return SKIPPED;
    }
    write_letter(&out);
    fill_own(&out.credentials);
    require(mio_unix_datagram_send_message(&pair[0], &out.message) == 1);
    write_letter(&in);
    require(mio_unix_datagram_recv_message(&pair[1], &in.message) == 1);
    require(in.message.flags == MIO_MESSAGE_CREDENTIALS);
    require(in.credentials.pid == getpid() && in.credentials.uid == getuid() && in.credentials.gid == getgid());
    out.credentials.uid = 0;
    require(mio_unix_datagram_send_message(&pair[0], &out.message) == -EPERM);
    fill_own(&out.credentials);
    out.credentials.gid = 0;
    require(mio_unix_datagram_send_message(&pair[0], &out.message) == -EPERM);
    fill_own(&out.credentials);
    out.credentials.pid = getppid();
    require(mio_unix_datagram_send_message(&pair[0], &out.message) == -EPERM);
    require(mio_unix_datagram_recv_message(&pair[1], &in.message) == -EAGAIN);
    return 0;
}

START_TEST(credentials_that_are_sent_must_be_ones_own)
{
    mio_unix_datagram pair[2];
    call_ok(mio_unix_datagram_pair(&pair[0], &pair[1]));
    pass_credentials(&pair[1].source);
    if (run_apart(claim_as_nobody, pair) == SKIPPED) {
        skip("privileges cannot be dropped");
    }
    mio_unix_datagram_close(&pair[0]);
    mio_unix_datagram_close(&pair[1]);
}
END_TEST

START_TEST(root_may_claim_to_be_another)
{
    mio_unix_stream pair[2];
    letter out;
    letter in;
    if (geteuid() != 0) {
        skip("needs privileges");
        return;
    }
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    pass_credentials(&pair[1].source);
    write_letter(&out);
    write_letter(&in);
    out.credentials.pid = 1;
    call_counts(mio_unix_stream_send_message(&pair[0], &out.message), 1);
    call_counts(mio_unix_stream_recv_message(&pair[1], &in.message), 1);
    ck_assert_int_eq(in.credentials.pid, 1);
    ck_assert_uint_eq(in.credentials.uid, 12345);
    ck_assert_uint_eq(in.credentials.gid, 54321);
    out.credentials.pid = INT32_MAX; /* a process ID that no process has */
    call_fails(mio_unix_stream_send_message(&pair[0], &out.message), ESRCH);
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_credentials");
    TCase *tcase = add_unix_tcase(suite, "peer");
    tcase_add_test(tcase, peer_credentials_of_both_ends_and_of_a_pair);
    tcase_add_test(tcase, peer_credentials_are_of_the_process_that_connected);
    tcase_add_backend_test(tcase, peer_pidfd_is_of_that_process_and_readable_when_it_ends);
    tcase_add_test(tcase, pidfd_of_a_process_that_was_waited_for_is_esrch_where_there_is_none);
    tcase_add_test(tcase, without_a_peer_there_are_no_credentials);
    tcase_add_test(tcase, credentials_null_closed_and_sizes);
    tcase = add_tcase(suite, "message");
    tcase_add_test(tcase, credentials_come_with_a_message_once_asked_for);
    tcase_add_test(tcase, message_sent_before_asking_comes_with_nobodys_credentials);
    tcase_add_test(tcase, end_of_a_stream_of_bytes_has_no_credentials);
    tcase_add_test(tcase, empty_record_and_empty_datagram_have_credentials);
    tcase_add_test(tcase, datagram_socket_that_asks_is_given_a_name);
    tcase_add_test(tcase, accepted_stream_has_the_option_of_its_listener);
    tcase_add_test(tcase, credentials_that_nobody_looks_at_do_no_harm);
    tcase_add_test(tcase, read_ends_where_the_sender_changes);
    tcase_add_test(tcase, credentials_that_are_sent_must_be_ones_own);
    tcase_add_test(tcase, root_may_claim_to_be_another);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
