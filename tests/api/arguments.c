/* SPDX-License-Identifier: MIT */
/*
 * The promises of <mio.h> for every function: a null argument is -EINVAL, a call on a closed object is -EBADF, and a
 * call that fails leaves its arguments unchanged, and errno where promised. One line for each function;
 * tests/abi/tours.sh finds a missing one. The tests of a family check what else its functions refuse.
 */
#include "../helpers/errno_kept.h"
#include "../helpers/harness.h"

#include <signal.h>
#include <string.h>

/* Arguments that are good, so that it is the null or the closed object that makes a call fail. */
typedef struct arguments {
    mio_accept_reserve reserve;
    mio_addr addr;
    mio_addr path;
    mio_addr group_v4;
    mio_addr group_v6;
    mio_ancillary ancillary;
    mio_event event;
    mio_event events[2];
    mio_iovec piece;
    mio_pipe_receiver pipe_receiver;
    mio_queued_error error;
    mio_registry *registry;
    mio_signal_info info;
    mio_signal_mask mask;
    mio_source source;
    mio_tcp_listener tcp_listener;
    mio_tcp_stream tcp_stream;
    mio_udp_message datagram;
    mio_unix_credentials credentials;
    mio_unix_datagram unix_datagram;
    mio_unix_message message;
    mio_unix_stream unix_stream;
    mio_waker *waker;
    mio_handle handle;
    int number;
    int64_t value;
    size_t count;
    uint32_t flags;
    uint8_t ip[16];
    unsigned char byte[1];
    char text[8];
} arguments;

static arguments a;
static arguments before;

static void set_up(void)
{
    memset(&a, 0, sizeof a);
    a.addr = loopback_v4();
    ck_assert_ok(mio_addr_from_path(&a.path, "/no/such/path", 13));
    ck_assert_ok(mio_addr_parse_ip(&a.group_v4, "239.1.2.3", 0));
    ck_assert_ok(mio_addr_parse_ip(&a.group_v6, "ff12::1", 0));
    a.info = (mio_signal_info)MIO_SIGNAL_INFO_INIT;
    a.credentials = (mio_unix_credentials)MIO_UNIX_CREDENTIALS_INIT;
    a.message = (mio_unix_message)MIO_UNIX_MESSAGE_INIT;
    a.error = (mio_queued_error)MIO_QUEUED_ERROR_INIT;
    a.datagram = (mio_udp_message)MIO_UDP_MESSAGE_INIT;
    a.piece = (mio_iovec){a.text, sizeof a.text};
    a.number = SIGUSR1;
    before = a;
}

static void expect_at(int line, const char *text, int64_t result, int64_t wanted)
{
    int changed = errno != 4711 && promises_errno(text);
    assert_result_at(__FILE__, line, text, result, wanted);
    ck_assert_msg(!changed, "line %d: %s changes errno", line, text);
    ck_assert_msg(memcmp(&a, &before, sizeof a) == 0, "line %d: %s changes its arguments", line, text);
}

#define RETURNS(call, wanted)                                                                                          \
    do {                                                                                                               \
        errno = 4711;                                                                                                  \
        int64_t result_ = (int64_t)(call);                                                                             \
        expect_at(__LINE__, #call, result_, (wanted));                                                                 \
    } while (0)
#define IGNORES(call) RETURNS(((call), 0), 0)

/* ---- what cannot be closed: null ---------------------------------------------------------------------------------- */

static void of_values(void)
{
    RETURNS(mio_accept_is_transient(0), 0);
    RETURNS(mio_addr_from_ipv4(NULL, a.ip, 1), -EINVAL);
    RETURNS(mio_addr_from_ipv6(NULL, a.ip, 1, 1, 1), -EINVAL);
    RETURNS(mio_addr_from_path(NULL, a.text, 8), -EINVAL);
    RETURNS(mio_addr_from_abstract(NULL, a.text, 8), -EINVAL);
    RETURNS(mio_addr_unnamed(NULL), -EINVAL);
    RETURNS(mio_addr_parse(NULL, a.text), -EINVAL);
    RETURNS(mio_addr_parse_ip(NULL, a.text, 1), -EINVAL);
    RETURNS(mio_addr_format(NULL, a.text, 8), -EINVAL);
    RETURNS(mio_addr_from_sockaddr(NULL, a.text, 8), -EINVAL);
    RETURNS(mio_addr_to_sockaddr(NULL, a.text, 8), -EINVAL);
    RETURNS(mio_addr_family(NULL), MIO_ADDR_NONE);
    RETURNS(mio_addr_port(NULL), -EINVAL);
    RETURNS(mio_addr_set_port(NULL, 1), -EINVAL);
    RETURNS(mio_addr_ip(NULL, a.ip), -EINVAL);
    RETURNS(mio_addr_unix_path(NULL, a.text, 8), -EINVAL);
    RETURNS(mio_addr_unix_abstract(NULL, a.text, 8), -EINVAL);
    RETURNS(mio_addr_is_unnamed(NULL), 0);
    RETURNS(mio_addr_flowinfo(NULL), 0);
    RETURNS(mio_addr_scope_id(NULL), 0);
    RETURNS(mio_addr_is_unspecified(NULL), 0);
    RETURNS(mio_addr_is_loopback(NULL), 0);
    RETURNS(mio_addr_is_multicast(NULL), 0);
    RETURNS(mio_addr_from_mapped(NULL, &a.addr), -EINVAL);
    RETURNS(mio_addr_to_mapped(NULL, &a.addr), -EINVAL);
    RETURNS(mio_addr_compare(NULL, &a.addr) < 0, 1);
    RETURNS(mio_addr_hash(NULL) == mio_addr_hash(NULL), 1);
    IGNORES(mio_ancillary_clear(NULL));
    RETURNS(mio_ancillary_destination(NULL, &a.addr, &a.flags), -EINVAL);
    RETURNS(mio_ancillary_tos(NULL), -EINVAL);
    RETURNS(mio_ancillary_ttl(NULL), -EINVAL);
    RETURNS(mio_ancillary_timestamp(NULL, &a.value), -EINVAL);
    RETURNS(mio_ancillary_original_destination(NULL, &a.addr), -EINVAL);
    RETURNS(mio_ancillary_drops(NULL, &a.flags), -EINVAL);
    RETURNS(mio_ancillary_segment_size(NULL), -EINVAL);
    RETURNS(mio_ancillary_set_source(NULL, &a.addr, 1), -EINVAL);
    RETURNS(mio_ancillary_set_tos(NULL, 1), -EINVAL);
    RETURNS(mio_ancillary_set_ttl(NULL, 1), -EINVAL);
    RETURNS(mio_ancillary_set_segment_size(NULL, 8), -EINVAL);
    RETURNS(mio_event_format(NULL, a.text, 8), -EINVAL);
    RETURNS(mio_interest_format(1, NULL, 8), -EINVAL);
}

static void of_polls(void)
{
    RETURNS(mio_poll_new(NULL, NULL), -EINVAL);
    IGNORES(mio_poll_free(NULL));
    RETURNS(mio_poll_wait(NULL, a.events, 2, 0), -EINVAL);
    RETURNS(mio_poll_wait_until(NULL, a.events, 2, 0), -EINVAL);
    RETURNS(mio_poll_wait_masked(NULL, a.events, 2, 0, NULL), -EINVAL);
    RETURNS(mio_poll_registry(NULL) != NULL, 0);
    RETURNS(mio_poll_handle(NULL), -EINVAL);
    RETURNS(mio_poll_backend(NULL) != NULL, 0);
    RETURNS(mio_poll_capabilities(NULL), 0);
    RETURNS(mio_poll_backend_capabilities("poll", NULL), -EINVAL);
    RETURNS(mio_registry_poll_handle(NULL), -EINVAL);
    RETURNS(mio_poll_dump(NULL, 0), -EINVAL);
    RETURNS(mio_registry_register(NULL, &a.source, 1, 1), -EINVAL);
    RETURNS(mio_registry_reregister(NULL, &a.source, 1, 1), -EINVAL);
    RETURNS(mio_registry_deregister(NULL, &a.source), -EINVAL);
    RETURNS(mio_registry_register_handle(NULL, 0, 1, 1), -EINVAL);
    RETURNS(mio_registry_reregister_handle(NULL, 0, 1, 1), -EINVAL);
    RETURNS(mio_registry_deregister_handle(NULL, 0), -EINVAL);
    RETURNS(mio_registry_rearm_handle(NULL, 0, 1), -EINVAL);
    RETURNS(mio_registry_clone(&a.registry, NULL), -EINVAL);
    IGNORES(mio_registry_free(NULL));
    RETURNS(mio_waker_new(&a.waker, NULL, 1), -EINVAL);
    RETURNS(mio_waker_wake(NULL), -EINVAL);
    IGNORES(mio_waker_free(NULL));
}

static void of_openings(void)
{
    RETURNS(mio_accept_reserve_open(NULL), -EINVAL);
    IGNORES(mio_accept_reserve_close(NULL));
    RETURNS(mio_tcp_listener_bind(NULL, &a.addr, 1), -EINVAL);
    RETURNS(mio_tcp_listener_from_handle(NULL, 0), -EINVAL);
    RETURNS(mio_tcp_socket_open(NULL, MIO_ADDR_IPV4), -EINVAL);
    RETURNS(mio_tcp_socket_from_handle(NULL, 0), -EINVAL);
    RETURNS(mio_tcp_stream_connect(NULL, &a.addr), -EINVAL);
    RETURNS(mio_tcp_stream_from_handle(NULL, 0), -EINVAL);
    RETURNS(mio_udp_socket_bind(NULL, &a.addr), -EINVAL);
    RETURNS(mio_udp_socket_from_handle(NULL, 0), -EINVAL);
    RETURNS(mio_unix_listener_bind(NULL, &a.path, 1, 0), -EINVAL);
    RETURNS(mio_unix_listener_from_handle(NULL, 0), -EINVAL);
    RETURNS(mio_unix_stream_connect(NULL, &a.path, 0), -EINVAL);
    RETURNS(mio_unix_stream_pair(NULL, &a.unix_stream, 0), -EINVAL);
    RETURNS(mio_unix_stream_from_handle(NULL, 0), -EINVAL);
    RETURNS(mio_unix_datagram_open(NULL), -EINVAL);
    RETURNS(mio_unix_datagram_bind(NULL, &a.path, 0), -EINVAL);
    RETURNS(mio_unix_datagram_pair(NULL, &a.unix_datagram), -EINVAL);
    RETURNS(mio_unix_datagram_from_handle(NULL, 0), -EINVAL);
    RETURNS(mio_pipe_pair(NULL, &a.pipe_receiver), -EINVAL);
    RETURNS(mio_pipe_sender_from_handle(NULL, 0), -EINVAL);
    RETURNS(mio_pipe_receiver_from_handle(NULL, 0), -EINVAL);
    RETURNS(mio_signals_open(NULL, &a.number, 1, 0), -EINVAL);
}

static void of_texts_and_masks(void)
{
    RETURNS(mio_text_init(NULL, a.text, 8), -EINVAL);
    RETURNS(mio_text_append(NULL, a.text), -EINVAL);
    RETURNS(mio_text_append_bytes(NULL, a.text, 8), -EINVAL);
    RETURNS(mio_text_append_int(NULL, 1), -EINVAL);
    RETURNS(mio_text_append_uint(NULL, 1), -EINVAL);
    RETURNS(mio_text_append_hex(NULL, 1, 1), -EINVAL);
    RETURNS(mio_text_append_pointer(NULL, a.text), -EINVAL);
    RETURNS(mio_text_append_signal(NULL, 1), -EINVAL);
    RETURNS(mio_text_append_error(NULL, 1), -EINVAL);
    RETURNS(mio_text_write(NULL, 0), -EINVAL);
    RETURNS(mio_signal_mask_block(&a.mask, NULL, 1), -EINVAL);
    RETURNS(mio_signal_mask_unblock(&a.mask, NULL, 1), -EINVAL);
    RETURNS(mio_signal_mask_restore(NULL), -EINVAL);
    RETURNS(mio_signal_mask_from_sigset(NULL, &a.mask, sizeof(sigset_t)), -EINVAL);
    RETURNS(mio_signal_mask_to_sigset(NULL, &a.mask, sizeof(sigset_t)), -EINVAL);
}

/* ---- what can be closed: null, or closed -------------------------------------------------------------------------- */

static int64_t nothing(mio_handle handle, void *context)
{
    (void)handle;
    (void)context;
    ck_abort_msg("the operation must not be called");
    return 0;
}

static void of_tcp_listener(mio_tcp_listener *listener, int code)
{
    IGNORES(mio_tcp_listener_close(listener));
    RETURNS(mio_tcp_listener_handle(listener), -code);
    RETURNS(mio_tcp_listener_into_handle(listener), -code);
    RETURNS(mio_tcp_listener_accept(listener, &a.tcp_stream, &a.addr), -code);
    RETURNS(mio_tcp_listener_accept_or_shed(listener, &a.reserve, &a.tcp_stream, &a.addr), -code);
    RETURNS(mio_tcp_listener_local_addr(listener, &a.addr), -code);
    RETURNS(mio_tcp_listener_take_error(listener, &a.number), -code);
}

static void of_tcp_socket(mio_tcp_socket *socket, int code)
{
    RETURNS(mio_tcp_socket_bind(socket, &a.addr), -code);
    RETURNS(mio_tcp_socket_listen(socket, 1, &a.tcp_listener), -code);
    RETURNS(mio_tcp_socket_connect(socket, &a.addr, &a.tcp_stream), -code);
    IGNORES(mio_tcp_socket_close(socket));
    RETURNS(mio_tcp_socket_handle(socket), -code);
    RETURNS(mio_tcp_socket_into_handle(socket), -code);
    RETURNS(mio_tcp_socket_local_addr(socket, &a.addr), -code);
}

static void of_tcp_stream(mio_tcp_stream *stream, int code)
{
    RETURNS(mio_tcp_stream_connect_finish(stream), -code);
    IGNORES(mio_tcp_stream_close(stream));
    RETURNS(mio_tcp_stream_handle(stream), -code);
    RETURNS(mio_tcp_stream_into_handle(stream), -code);
    RETURNS(mio_tcp_stream_read(stream, a.text, 8), -code);
    RETURNS(mio_tcp_stream_readv(stream, &a.piece, 1), -code);
    RETURNS(mio_tcp_stream_peek(stream, a.text, 8), -code);
    RETURNS(mio_tcp_stream_write(stream, a.text, 1), -code);
    RETURNS(mio_tcp_stream_writev(stream, &a.piece, 1), -code);
    RETURNS(mio_tcp_stream_send(stream, a.text, 1, 0), -code);
    RETURNS(mio_tcp_stream_recv_oob(stream, a.byte), -code);
    RETURNS(mio_tcp_stream_at_mark(stream), -code);
    RETURNS(mio_tcp_stream_original_destination(stream, &a.addr), -code);
    RETURNS(mio_tcp_stream_recv_error(stream, &a.error), -code);
    RETURNS(mio_tcp_stream_shutdown(stream, 1), -code);
    RETURNS(mio_tcp_stream_local_addr(stream, &a.addr), -code);
    RETURNS(mio_tcp_stream_peer_addr(stream, &a.addr), -code);
    RETURNS(mio_tcp_stream_take_error(stream, &a.number), -code);
}

static void of_udp_socket(mio_udp_socket *socket, int code)
{
    IGNORES(mio_udp_socket_close(socket));
    RETURNS(mio_udp_socket_handle(socket), -code);
    RETURNS(mio_udp_socket_into_handle(socket), -code);
    RETURNS(mio_udp_socket_connect(socket, &a.addr), -code);
    RETURNS(mio_udp_socket_send(socket, a.text, 1), -code);
    RETURNS(mio_udp_socket_send_to(socket, a.text, 1, &a.addr), -code);
    RETURNS(mio_udp_socket_recv(socket, a.text, 8, &a.flags), -code);
    RETURNS(mio_udp_socket_recv_from(socket, a.text, 8, &a.addr, &a.flags), -code);
    RETURNS(mio_udp_socket_peek(socket, a.text, 8, &a.flags), -code);
    RETURNS(mio_udp_socket_peek_from(socket, a.text, 8, &a.addr, &a.flags), -code);
    RETURNS(mio_udp_socket_send_message(socket, &a.datagram), -code);
    RETURNS(mio_udp_socket_recv_message(socket, &a.datagram), -code);
    RETURNS(mio_udp_socket_send_batch(socket, &a.datagram, 1), -code);
    RETURNS(mio_udp_socket_recv_batch(socket, &a.datagram, 1), -code);
    RETURNS(mio_udp_socket_recv_error(socket, &a.error), -code);
    RETURNS(mio_udp_socket_join_multicast_v4(socket, &a.group_v4, &a.addr), -code);
    RETURNS(mio_udp_socket_leave_multicast_v4(socket, &a.group_v4, &a.addr), -code);
    RETURNS(mio_udp_socket_join_multicast_v4_on(socket, &a.group_v4, 1), -code);
    RETURNS(mio_udp_socket_leave_multicast_v4_on(socket, &a.group_v4, 1), -code);
    RETURNS(mio_udp_socket_join_multicast_v6(socket, &a.group_v6, 1), -code);
    RETURNS(mio_udp_socket_leave_multicast_v6(socket, &a.group_v6, 1), -code);
    RETURNS(mio_udp_socket_join_multicast_source(socket, &a.group_v4, &a.addr, 1), -code);
    RETURNS(mio_udp_socket_leave_multicast_source(socket, &a.group_v4, &a.addr, 1), -code);
    RETURNS(mio_udp_socket_local_addr(socket, &a.addr), -code);
    RETURNS(mio_udp_socket_peer_addr(socket, &a.addr), -code);
    RETURNS(mio_udp_socket_take_error(socket, &a.number), -code);
}

static void of_unix_listener(mio_unix_listener *listener, int code)
{
    IGNORES(mio_unix_listener_close(listener));
    RETURNS(mio_unix_listener_handle(listener), -code);
    RETURNS(mio_unix_listener_into_handle(listener), -code);
    RETURNS(mio_unix_listener_accept(listener, &a.unix_stream, &a.addr), -code);
    RETURNS(mio_unix_listener_accept_or_shed(listener, &a.reserve, &a.unix_stream, &a.addr), -code);
    RETURNS(mio_unix_listener_local_addr(listener, &a.addr), -code);
    RETURNS(mio_unix_listener_take_error(listener, &a.number), -code);
}

static void of_unix_stream(mio_unix_stream *stream, int code)
{
    RETURNS(mio_unix_stream_connect_finish(stream), -code);
    IGNORES(mio_unix_stream_close(stream));
    RETURNS(mio_unix_stream_handle(stream), -code);
    RETURNS(mio_unix_stream_into_handle(stream), -code);
    RETURNS(mio_unix_stream_read(stream, a.text, 8), -code);
    RETURNS(mio_unix_stream_readv(stream, &a.piece, 1), -code);
    RETURNS(mio_unix_stream_peek(stream, a.text, 8), -code);
    RETURNS(mio_unix_stream_write(stream, a.text, 1), -code);
    RETURNS(mio_unix_stream_writev(stream, &a.piece, 1), -code);
    RETURNS(mio_unix_stream_send(stream, a.text, 1, 0), -code);
    RETURNS(mio_unix_stream_recv_oob(stream, a.byte), -code);
    RETURNS(mio_unix_stream_at_mark(stream), -code);
    RETURNS(mio_unix_stream_recv(stream, a.text, 8, &a.flags), -code);
    RETURNS(mio_unix_stream_send_with_handles(stream, a.text, 1, &a.handle, 1), -code);
    RETURNS(mio_unix_stream_recv_with_handles(stream, a.text, 8, &a.handle, 1, &a.count, &a.flags), -code);
    RETURNS(mio_unix_stream_send_message(stream, &a.message), -code);
    RETURNS(mio_unix_stream_recv_message(stream, &a.message), -code);
    RETURNS(mio_unix_stream_peer_credentials(stream, &a.credentials), -code);
    RETURNS(mio_unix_stream_peer_pidfd(stream), -code);
    RETURNS(mio_unix_stream_peer_groups(stream, &a.flags, 1, &a.count), -code);
    RETURNS(mio_unix_stream_shutdown(stream, 1), -code);
    RETURNS(mio_unix_stream_local_addr(stream, &a.addr), -code);
    RETURNS(mio_unix_stream_peer_addr(stream, &a.addr), -code);
    RETURNS(mio_unix_stream_take_error(stream, &a.number), -code);
}

static void of_unix_datagram(mio_unix_datagram *socket, int code)
{
    IGNORES(mio_unix_datagram_close(socket));
    RETURNS(mio_unix_datagram_handle(socket), -code);
    RETURNS(mio_unix_datagram_into_handle(socket), -code);
    RETURNS(mio_unix_datagram_connect(socket, &a.path), -code);
    RETURNS(mio_unix_datagram_send(socket, a.text, 1), -code);
    RETURNS(mio_unix_datagram_send_to(socket, a.text, 1, &a.path), -code);
    RETURNS(mio_unix_datagram_recv(socket, a.text, 8, &a.flags), -code);
    RETURNS(mio_unix_datagram_recv_from(socket, a.text, 8, &a.addr, &a.flags), -code);
    RETURNS(mio_unix_datagram_peek(socket, a.text, 8, &a.flags), -code);
    RETURNS(mio_unix_datagram_peek_from(socket, a.text, 8, &a.addr, &a.flags), -code);
    RETURNS(mio_unix_datagram_send_with_handles(socket, a.text, 1, &a.handle, 1), -code);
    RETURNS(mio_unix_datagram_recv_with_handles(socket, a.text, 8, &a.handle, 1, &a.count, &a.flags), -code);
    RETURNS(mio_unix_datagram_send_message(socket, &a.message), -code);
    RETURNS(mio_unix_datagram_recv_message(socket, &a.message), -code);
    RETURNS(mio_unix_datagram_shutdown(socket, 1), -code);
    RETURNS(mio_unix_datagram_local_addr(socket, &a.addr), -code);
    RETURNS(mio_unix_datagram_peer_addr(socket, &a.addr), -code);
    RETURNS(mio_unix_datagram_take_error(socket, &a.number), -code);
}

static void of_pipe_sender(mio_pipe_sender *sender, int code)
{
    IGNORES(mio_pipe_sender_close(sender));
    RETURNS(mio_pipe_sender_handle(sender), -code);
    RETURNS(mio_pipe_sender_into_handle(sender), -code);
    RETURNS(mio_pipe_sender_write(sender, a.text, 1), -code);
    RETURNS(mio_pipe_sender_writev(sender, &a.piece, 1), -code);
}

static void of_pipe_receiver(mio_pipe_receiver *receiver, int code)
{
    IGNORES(mio_pipe_receiver_close(receiver));
    RETURNS(mio_pipe_receiver_handle(receiver), -code);
    RETURNS(mio_pipe_receiver_into_handle(receiver), -code);
    RETURNS(mio_pipe_receiver_read(receiver, a.text, 8), -code);
    RETURNS(mio_pipe_receiver_readv(receiver, &a.piece, 1), -code);
}

static void of_signals(mio_signals *signals, int code)
{
    IGNORES(mio_signals_close(signals));
    RETURNS(mio_signals_handle(signals), -code);
    RETURNS(mio_signals_recv(signals, &a.info), -code);
}

static void of_stream(mio_source *stream, int code)
{
    RETURNS(mio_stream_connect_finish(stream), -code);
    RETURNS(mio_stream_read(stream, a.text, 8), -code);
    RETURNS(mio_stream_readv(stream, &a.piece, 1), -code);
    RETURNS(mio_stream_peek(stream, a.text, 8), -code);
    RETURNS(mio_stream_write(stream, a.text, 1), -code);
    RETURNS(mio_stream_writev(stream, &a.piece, 1), -code);
    RETURNS(mio_stream_send(stream, a.text, 1, 0), -code);
    RETURNS(mio_stream_recv_oob(stream, a.byte), -code);
    RETURNS(mio_stream_at_mark(stream), -code);
    RETURNS(mio_stream_shutdown(stream, 1), -code);
}

static void of_source(mio_source *source, int code)
{
    IGNORES(mio_source_close(source));
    RETURNS(mio_source_handle(source), -code);
    RETURNS(mio_source_into_handle(source), -code);
    RETURNS(mio_source_local_addr(source, &a.addr), -code);
    RETURNS(mio_source_peer_addr(source, &a.addr), -code);
    RETURNS(mio_source_take_error(source, &a.number), -code);
    RETURNS(mio_listener_accept(source, &a.source, &a.addr), -code);
    RETURNS(mio_listener_accept_or_shed(source, &a.reserve, &a.source, &a.addr), -code);
    RETURNS(mio_source_try_io(source, nothing, NULL), -code);
    RETURNS(mio_source_option(source, MIO_OPTION_TTL, &a.value), -code);
    RETURNS(mio_source_send_file(source, 0, &a.value, 1), -code);
    RETURNS(mio_source_splice(source, source, 1, &a.flags), -code);
    RETURNS(mio_source_splice_from_handle(0, source, 1, &a.flags), -code);
    RETURNS(mio_source_splice_to_handle(source, 1, 1, &a.flags), -code);
    RETURNS(mio_source_set_option(source, MIO_OPTION_TTL, 1), -code);
    RETURNS(mio_source_text_option(source, MIO_OPTION_BIND_DEVICE, a.text, 8), -code);
    RETURNS(mio_source_set_text_option(source, MIO_OPTION_BIND_DEVICE, a.text), -code);
}

/* One of each type. */
typedef struct closed {
    mio_tcp_listener tcp_listener;
    mio_tcp_socket tcp_socket;
    mio_tcp_stream tcp_stream;
    mio_udp_socket udp_socket;
    mio_unix_listener unix_listener;
    mio_unix_stream unix_stream;
    mio_unix_datagram unix_datagram;
    mio_pipe_sender pipe_sender;
    mio_pipe_receiver pipe_receiver;
    mio_signals signals;
    mio_source source;
} closed;

START_TEST(null_is_einval_or_ignored)
{
    set_up();
    of_values();
    of_polls();
    of_openings();
    of_texts_and_masks();
    of_tcp_listener(NULL, EINVAL);
    of_tcp_socket(NULL, EINVAL);
    of_tcp_stream(NULL, EINVAL);
    of_udp_socket(NULL, EINVAL);
    of_unix_listener(NULL, EINVAL);
    of_unix_stream(NULL, EINVAL);
    of_unix_datagram(NULL, EINVAL);
    of_pipe_sender(NULL, EINVAL);
    of_pipe_receiver(NULL, EINVAL);
    of_signals(NULL, EINVAL);
    of_stream(NULL, EINVAL);
    of_source(NULL, EINVAL);
}
END_TEST

START_TEST(what_is_closed_is_ebadf_or_ignored)
{
    closed c;
    memset(&c, 0, sizeof c);
    set_up();
    of_tcp_listener(&c.tcp_listener, EBADF);
    of_tcp_socket(&c.tcp_socket, EBADF);
    of_tcp_stream(&c.tcp_stream, EBADF);
    of_udp_socket(&c.udp_socket, EBADF);
    of_unix_listener(&c.unix_listener, EBADF);
    of_unix_stream(&c.unix_stream, EBADF);
    of_unix_datagram(&c.unix_datagram, EBADF);
    of_pipe_sender(&c.pipe_sender, EBADF);
    of_pipe_receiver(&c.pipe_receiver, EBADF);
    of_signals(&c.signals, EBADF);
    of_stream(&c.source, EBADF);
    of_source(&c.source, EBADF);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("arguments");
    TCase *tcase = add_tcase(suite, "arguments");
    tcase_add_test(tcase, null_is_einval_or_ignored);
    tcase_add_test(tcase, what_is_closed_is_ebadf_or_ignored);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
