/* SPDX-License-Identifier: MIT */
/* How many system calls the operations make that syscalls.c leaves out: of Unix sockets, pipes, signals, and values. */
#include "../helpers/sockets.h"
#include "../helpers/tracer.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Adopting a descriptor asks for its type, then reads and sets the flags. */
enum { FLAGS = 4 };

static void scene_of_unix_listener(int variant)
{
    int error = 0;
    mio_addr addr;
    mio_accept_reserve reserve;
    mio_unix_listener listener;
    mio_unix_stream client;
    mio_unix_stream server;
    mio_handle handle;
    (void)variant;
    ck_assert_ok(mio_addr_unnamed(&addr));
    CALLS(3, mio_unix_listener_bind(&listener, &addr, 16, MIO_UNIX_REPLACE)); /* socket, bind, listen */
    CALLS(1, mio_unix_listener_local_addr(&listener, &addr));
    CALLS(1, mio_unix_listener_accept(&listener, &server, NULL));
    ck_assert_ok(mio_accept_reserve_open(&reserve));
    CALLS(1, mio_unix_listener_accept_or_shed(&listener, &reserve, &server, NULL));
    mio_accept_reserve_close(&reserve);
    CALLS(2, mio_unix_stream_connect(&client, &addr, 0)); /* socket, connect */
    CALLS(2, mio_unix_stream_connect_finish(&client));    /* getsockopt, getpeername */
    CALLS(1, mio_unix_listener_accept(&listener, &server, &addr));
    CALLS(1, mio_unix_listener_take_error(&listener, &error));
    CALLS(0, mio_unix_listener_handle(&listener));
    CALLS(0, handle = mio_unix_listener_into_handle(&listener));
    CALLS(3 + FLAGS, mio_unix_listener_from_handle(&listener, handle));
    CALLS_VOID(1, mio_unix_stream_close(&client));
    CALLS_VOID(0, mio_unix_stream_close(&client));
    CALLS_VOID(1, mio_unix_stream_close(&server));
    CALLS_VOID(1, mio_unix_listener_close(&listener));
}

static void scene_of_unix_stream(int variant)
{
    int error = 0;
    mio_addr addr;
    mio_unix_stream client;
    mio_unix_stream server;
    mio_unix_credentials credentials = MIO_UNIX_CREDENTIALS_INIT;
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    mio_handle handle;
    size_t arrived = 0;
    uint32_t flags;
    char bytes[64] = "bytes";
    const mio_iovec pieces[2] = {{bytes, 32}, {bytes + 32, 32}};
    message.pieces = pieces;
    message.piece_count = 2;
    (void)variant;
    CALLS(1, mio_unix_stream_pair(&client, &server, 0));
    CALLS(1, mio_unix_stream_write(&client, bytes, 64));
    CALLS(1, mio_unix_stream_peek(&server, bytes, 64));
    CALLS(1, mio_unix_stream_read(&server, bytes, 64));
    CALLS(1, mio_unix_stream_read(&server, bytes, 64));
    CALLS(1, mio_unix_stream_writev(&client, pieces, 2));
    CALLS(1, mio_unix_stream_readv(&server, pieces, 2));
    CALLS(1, mio_unix_stream_send(&client, bytes, 1, MIO_SEND_MORE));
    CALLS(1, mio_unix_stream_recv(&server, bytes, 64, &flags));
    CALLS(1, mio_unix_stream_send(&client, bytes, 1, MIO_SEND_OOB) <= 1); /* or not here: Linux has it since 5.15 */
    CALLS(1, mio_unix_stream_recv_oob(&server, (unsigned char *)bytes) <= 1);
    CALLS(1, mio_unix_stream_at_mark(&server) <= 1);
    CALLS(1, mio_unix_stream_send_message(&client, &message));
    CALLS(1, mio_unix_stream_recv_message(&server, &message));
    handle = mio_unix_stream_handle(&client);
    CALLS(1, mio_unix_stream_send_with_handles(&client, bytes, 1, &handle, 1));
    CALLS(1, mio_unix_stream_recv_with_handles(&server, bytes, 1, &handle, 1, &arrived, &flags));
    close_fd(handle);
    CALLS(1, mio_unix_stream_peer_credentials(&server, &credentials));
    handle = mio_unix_stream_peer_pidfd(&server);
    if (handle >= 0) { /* a system that has it */
        close_fd(handle);
        CALLS(1 + FLAGS, handle = mio_unix_stream_peer_pidfd(&server));
        close_fd(handle);
    }
    if (mio_unix_stream_peer_groups(&server, NULL, 0, &arrived) == 0) {
        CALLS(1, mio_unix_stream_peer_groups(&server, NULL, 0, &arrived));
    }
    CALLS(1, mio_unix_stream_local_addr(&client, &addr));
    CALLS(1, mio_unix_stream_peer_addr(&client, &addr));
    CALLS(1, mio_unix_stream_take_error(&client, &error));
    CALLS(1, mio_unix_stream_shutdown(&client, MIO_SHUTDOWN_WRITE));
    CALLS(0, mio_unix_stream_handle(&client));
    CALLS(0, handle = mio_unix_stream_into_handle(&client));
    CALLS(2 + FLAGS, mio_unix_stream_from_handle(&client, handle));
    CALLS(1, mio_source_local_addr(&client.source, &addr));
    CALLS(1, mio_source_peer_addr(&client.source, &addr));
    CALLS(1, mio_source_take_error(&client.source, &error));
    CALLS(0, mio_source_handle(&client.source));
    CALLS(0, handle = mio_source_into_handle(&client.source));
    CALLS_VOID(1, mio_source_close(&server.source));
    CALLS_VOID(0, mio_source_close(&server.source));
    close_fd(handle);
}

static void scene_of_unix_datagram(int variant)
{
    int error = 0;
    mio_addr addr;
    mio_unix_datagram left;
    mio_unix_datagram right;
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    mio_handle handle;
    size_t arrived = 0;
    uint32_t flags;
    char bytes[64] = "bytes";
    const mio_iovec piece = {bytes, 4};
    message.pieces = &piece;
    message.piece_count = 1;
    (void)variant;
    CALLS(1, mio_unix_datagram_pair(&left, &right));
    CALLS_VOID(1, mio_unix_datagram_close(&left));
    CALLS_VOID(1, mio_unix_datagram_close(&right));
    CALLS(1, mio_unix_datagram_open(&left));
    ck_assert_ok(mio_addr_unnamed(&addr));
    CALLS(2, mio_unix_datagram_bind(&right, &addr, MIO_UNIX_REPLACE)); /* socket, bind */
    CALLS(1, mio_unix_datagram_local_addr(&right, &addr));
    CALLS(1, mio_unix_datagram_send_to(&left, bytes, 64, &addr));
    CALLS(1, mio_unix_datagram_connect(&left, &addr));
    CALLS(1, mio_unix_datagram_peer_addr(&left, &addr));
    CALLS(1, mio_unix_datagram_send(&left, bytes, 64));
    CALLS(1, mio_unix_datagram_peek(&right, bytes, 64, NULL));
    CALLS(1, mio_unix_datagram_peek_from(&right, bytes, 64, &addr, &flags));
    CALLS(1, mio_unix_datagram_recv_from(&right, bytes, 64, &addr, &flags));
    CALLS(1, mio_unix_datagram_recv(&right, bytes, 4, &flags)); /* even if truncated */
    CALLS(1, mio_unix_datagram_recv(&right, bytes, 64, NULL));
    CALLS(1, mio_unix_datagram_send_message(&left, &message));
    CALLS(1, mio_unix_datagram_recv_message(&right, &message));
    handle = mio_unix_datagram_handle(&left);
    CALLS(1, mio_unix_datagram_send_with_handles(&left, bytes, 1, &handle, 1));
    CALLS(1, mio_unix_datagram_recv_with_handles(&right, bytes, 1, &handle, 1, &arrived, &flags));
    close_fd(handle);
    CALLS(1, mio_unix_datagram_take_error(&left, &error));
    CALLS(1, mio_unix_datagram_shutdown(&left, MIO_SHUTDOWN_WRITE));
    CALLS(0, mio_unix_datagram_handle(&left));
    CALLS(0, handle = mio_unix_datagram_into_handle(&left));
    CALLS(2 + FLAGS, mio_unix_datagram_from_handle(&left, handle));
    mio_unix_datagram_close(&left);
    mio_unix_datagram_close(&right);
}

static void scene_of_pipes(int variant)
{
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_text line;
    mio_handle handle;
    char bytes[64] = "bytes";
    const mio_iovec piece = {bytes, 8};
    (void)variant;
    CALLS(1, mio_pipe_pair(&sender, &receiver));
    /* Before Linux 6.18, which has RWF_NOSIGNAL, the first write finds that out, and each changes the mask twice. */
    int fd = mio_pipe_sender_handle(&sender);
    long calls = syscall(SYS_pwritev2, fd, NULL, 0, -1L, -1L, 0x100) == 0 ? 1 : 3;
    (void)!mio_pipe_sender_write(&sender, bytes, 8);
    CALLS(calls, mio_pipe_sender_write(&sender, bytes, 8));
    CALLS(calls, mio_pipe_sender_writev(&sender, &piece, 1));
    CALLS(calls + 1, mio_safe_write(fd, bytes, 8)); /* fstat: a file would need SIGXFSZ blocked */
    CALLS(0, mio_text_init(&line, bytes, sizeof bytes));
    CALLS(0, mio_text_append(&line, "text"));
    CALLS(calls + 1, mio_text_write(&line, fd));
    CALLS(1, mio_pipe_receiver_read(&receiver, bytes, 8));
    CALLS(1, mio_pipe_receiver_readv(&receiver, &piece, 1));
    CALLS(0, mio_pipe_sender_handle(&sender));
    CALLS(0, handle = mio_pipe_sender_into_handle(&sender));
    CALLS(2 + FLAGS, mio_pipe_sender_from_handle(&sender, handle));
    CALLS(0, mio_pipe_receiver_handle(&receiver));
    CALLS(0, handle = mio_pipe_receiver_into_handle(&receiver));
    CALLS(2 + FLAGS, mio_pipe_receiver_from_handle(&receiver, handle));
    CALLS_VOID(1, mio_pipe_sender_close(&sender));
    CALLS_VOID(1, mio_pipe_receiver_close(&receiver));
}

/*
 * Neither has a flag against SIGPIPE: two calls block and unblock it, and if it may have been raised, one more takes
 * it.
 */
static void scene_of_transfers(int variant)
{
    mio_unix_stream left;
    mio_unix_stream right;
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    int64_t offset = 0;
    uint32_t blocked;
    (void)variant;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    ck_assert_ok(mio_unix_stream_pair(&left, &right, 0));
    ck_assert_ok(mio_pipe_pair(&sender, &receiver));
    int in = mio_pipe_sender_handle(&sender);
    CALLS(3, mio_source_send_file(&left.source, file, &offset, 64));
    CALLS(3, mio_source_splice(&right.source, &sender.source, 60, NULL));
    CALLS(4, mio_source_splice(&right.source, &sender.source, 60, &blocked)); /* 4 bytes: fewer than asked for */
    CALLS(3, mio_source_splice(&right.source, &sender.source, 60, NULL));     /* would block */
    CALLS(4, mio_source_splice_to_handle(&right.source, in, 60, &blocked));   /* and looks on which side */
    CALLS(3, mio_source_splice_from_handle(mio_pipe_receiver_handle(&receiver), &left.source, 64, &blocked));
    close_fd(file);
}

static void scene_of_signals(int variant)
{
    const int number = SIGUSR1;
    const uint32_t ways[] = {0, MIO_SIGNALS_SELF_PIPE};
    mio_signals signals;
    mio_signal_mask saved;
    sigset_t set;
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    (void)variant;
    for (int way = 0; way < 2; way++) {
        ck_assert_ok(mio_signals_open(&signals, &number, 1, ways[way]));
        CALLS(0, mio_signals_handle(&signals));
        CALLS(1, mio_signals_recv(&signals, &info));
        raise(SIGUSR1);
        CALLS(1, mio_signals_recv(&signals, &info));
        mio_signals_close(&signals);
    }
    sigemptyset(&set);
    CALLS(1, mio_signal_mask_block(&saved, &number, 1));
    CALLS(1, mio_signal_mask_restore(&saved));
    CALLS(1, mio_signal_mask_unblock(&saved, &number, 1));
    CALLS(1, mio_signal_mask_block_all(NULL));
    CALLS(1, mio_signal_mask_unblock_all(NULL));
    CALLS(0, mio_signal_mask_to_sigset(&saved, &set, sizeof set));
    CALLS(0, mio_signal_mask_from_sigset(&saved, &set, sizeof set));
}

static void scene_of_texts(int variant)
{
    const mio_event event = {.token = 1, .readiness = MIO_READABLE, .os_bits = 1};
    char bytes[64];
    mio_text line;
    (void)variant;
    CALLS(0, mio_event_format(&event, bytes, sizeof bytes));
    CALLS(0, mio_event_is_readable(&event));
    CALLS(0, mio_event_is_writable(&event));
    CALLS(0, mio_event_is_error(&event));
    CALLS(0, mio_event_is_read_closed(&event));
    CALLS(0, mio_event_is_write_closed(&event));
    CALLS(0, mio_event_is_priority(&event));
    CALLS(0, mio_event_is_aio(&event));
    CALLS(0, mio_event_is_lio(&event));
    CALLS(0, mio_interest_format(MIO_READABLE, bytes, sizeof bytes));
    CALLS(0, mio_text_init(&line, bytes, sizeof bytes));
    CALLS(0, mio_text_append(&line, "text"));
    CALLS(0, mio_text_append_bytes(&line, "text", 4));
    CALLS(0, mio_text_append_int(&line, INT64_MIN));
    CALLS(0, mio_text_append_uint(&line, UINT64_MAX));
    CALLS(0, mio_text_append_hex(&line, UINT64_MAX, 16));
    CALLS(0, mio_text_append_pointer(&line, &line));
    CALLS(0, mio_text_append_signal(&line, SIGTERM));
    CALLS(0, mio_text_append_error(&line, ENOENT));
    CALLS(0, mio_signal_name(SIGTERM) != NULL);
    CALLS(0, mio_error_name(ENOENT) != NULL);
    CALLS(0, mio_version());
    CALLS(0, mio_version_string() != NULL);
}

static void scene_of_addresses(int variant)
{
    const uint8_t ip[16] = {0x20, 1};
    uint8_t out[16];
    mio_addr addr;
    mio_addr other;
    char text[MIO_ADDR_TEXT_SIZE];
    struct sockaddr_storage storage;
    (void)variant;
    CALLS(0, mio_addr_from_ipv4(&other, ip, 80));
    CALLS(0, mio_addr_from_ipv6(&addr, ip, 80, 1, 2));
    CALLS(0, mio_addr_parse(&addr, "[2001:db8::1%7]:80")); /* an interface by name would be looked up */
    CALLS(0, mio_addr_parse_ip(&addr, "192.0.2.1", 80));
    CALLS(0, mio_addr_format(&addr, text, sizeof text));
    CALLS(0, mio_addr_family(&addr));
    CALLS(0, mio_addr_port(&addr));
    CALLS(0, mio_addr_set_port(&addr, 81));
    CALLS(0, mio_addr_ip(&addr, out));
    CALLS(0, mio_addr_flowinfo(&addr));
    CALLS(0, mio_addr_scope_id(&addr));
    CALLS(0, mio_addr_is_loopback(&addr));
    CALLS(0, mio_addr_is_multicast(&addr));
    CALLS(0, mio_addr_to_mapped(&addr, &addr));
    CALLS(0, mio_addr_from_mapped(&addr, &addr));
    CALLS(0, mio_addr_is_unspecified(&addr));
    CALLS(0, mio_addr_to_sockaddr(&addr, &storage, sizeof storage));
    CALLS(0, mio_addr_from_sockaddr(&addr, &storage, sizeof storage));
    CALLS(0, mio_addr_compare(&addr, &other) != 77);
    CALLS(0, mio_addr_hash(&addr) != 0);
    CALLS(0, mio_addr_from_path(&addr, "a/path", 6));
    CALLS(0, mio_addr_unix_path(&addr, text, sizeof text));
    CALLS(0, mio_addr_from_abstract(&addr, "name", 4));
    CALLS(0, mio_addr_unix_abstract(&addr, text, sizeof text));
    CALLS(0, mio_addr_unnamed(&addr));
    CALLS(0, mio_addr_is_unnamed(&addr));
}

/* Reading the ancillary data of a datagram, and building that of the next one. */
static void scene_of_ancillary(int variant)
{
    const int options[] = {MIO_OPTION_RECEIVE_DESTINATION, MIO_OPTION_RECEIVE_TOS, MIO_OPTION_RECEIVE_TTL,
                           MIO_OPTION_RECEIVE_TIMESTAMP, MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION};
    mio_ancillary ancillary;
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    mio_udp_socket socket;
    mio_addr addr = loopback_v4();
    uint32_t number;
    int64_t time_ns;
    (void)variant;
    ck_assert_ok(mio_udp_socket_bind(&socket, &addr));
    ck_assert_ok(mio_udp_socket_local_addr(&socket, &addr));
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        ck_assert_ok(mio_source_set_option(&socket.source, options[i], 1));
    }
    ck_assert_count(mio_udp_socket_send_to(&socket, "", 0, &addr), 0);
    CALLS_VOID(0, mio_ancillary_clear(&ancillary));
    message.ancillary = &ancillary;
    CALLS(1, mio_udp_socket_recv_message(&socket, &message));
    CALLS(0, mio_ancillary_destination(&ancillary, &addr, &number));
    CALLS(0, mio_ancillary_tos(&ancillary));
    CALLS(0, mio_ancillary_ttl(&ancillary));
    CALLS(0, mio_ancillary_timestamp(&ancillary, &time_ns));
    CALLS(0, mio_ancillary_original_destination(&ancillary, &addr));
    CALLS(0, mio_ancillary_drops(&ancillary, &number) == -ENODATA);
    CALLS(0, mio_ancillary_segment_size(&ancillary) == -ENODATA);
    mio_ancillary_clear(&ancillary);
    CALLS(0, mio_ancillary_set_source(&ancillary, &addr, 0));
    CALLS(0, mio_ancillary_set_tos(&ancillary, 8));
    CALLS(0, mio_ancillary_set_ttl(&ancillary, 8));
    CALLS(0, mio_ancillary_set_segment_size(&ancillary, 0));
    mio_udp_socket_close(&socket);
}

START_TEST(unix_listeners_take_one_system_call_for_each_connection)
{
    expect_calls(scene_of_unix_listener, _i);
}
END_TEST

START_TEST(unix_sockets_take_one_system_call_for_each_message)
{
    expect_calls(scene_of_unix_stream, _i);
    expect_calls(scene_of_unix_datagram, _i);
}
END_TEST

START_TEST(pipes_and_signals_take_one_system_call_for_each_message)
{
    expect_calls(scene_of_pipes, _i);
    expect_calls(scene_of_transfers, _i);
    expect_calls(scene_of_signals, _i);
}
END_TEST

START_TEST(values_need_no_system_call)
{
    expect_calls(scene_of_texts, _i);
    expect_calls(scene_of_addresses, _i);
    expect_calls(scene_of_ancillary, _i);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("syscalls_more");
    TCase *tcase = add_tcase(suite, "syscalls");
    tcase_add_test(tcase, unix_listeners_take_one_system_call_for_each_connection);
    tcase_add_test(tcase, unix_sockets_take_one_system_call_for_each_message);
    tcase_add_test(tcase, pipes_and_signals_take_one_system_call_for_each_message);
    tcase_add_test(tcase, values_need_no_system_call);
    return suite;
}

int main(void)
{
    return run_traced_suite(make_suite);
}
