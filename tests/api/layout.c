/* SPDX-License-Identifier: MIT */
/*
 * Checks the binary interface that compiled programs rely on: sizes, offsets, constants and prototypes. The binary
 * interface does not change while the library's name is libmio.so.1. If a check fails, correct the header, not the
 * check. You may add checks, but must not change existing checks.
 */
#include "../helpers/harness.h"

#include <sys/uio.h>

#define FROZEN(value, wanted) _Static_assert((value) == (wanted), #value " has changed")
#define SIZE(type, size) FROZEN(sizeof(type), size)
#define OFFSET(type, member, offset) FROZEN(offsetof(type, member), offset)
#define IS_A(value, type) _Static_assert(_Generic((value), type : 1, default : 0), #value " is not " #type)

enum { WORD = (int)sizeof(void *) };

/* Structs. */
IS_A((mio_handle)0, int);
SIZE(mio_event, 16);
OFFSET(mio_event, token, 0);
OFFSET(mio_event, readiness, WORD);
OFFSET(mio_event, os_bits, WORD + 4);
IS_A(((mio_event *)NULL)->token, uintptr_t);
IS_A(((mio_event *)NULL)->readiness, uint32_t);
IS_A(((mio_event *)NULL)->os_bits, uint32_t);

SIZE(mio_source, 32);
OFFSET(mio_source, opaque, 0);
FROZEN(_Alignof(mio_source), _Alignof(uint64_t));
SIZE(mio_tcp_listener, 32);
OFFSET(mio_tcp_listener, source, 0);
SIZE(mio_tcp_socket, 32);
OFFSET(mio_tcp_socket, source, 0);
SIZE(mio_tcp_stream, 32);
OFFSET(mio_tcp_stream, source, 0);
SIZE(mio_udp_socket, 32);
OFFSET(mio_udp_socket, source, 0);
SIZE(mio_udp_message, 8 + 5 * WORD);
OFFSET(mio_udp_message, size, 0);
OFFSET(mio_udp_message, flags, 4);
OFFSET(mio_udp_message, pieces, 8);
OFFSET(mio_udp_message, piece_count, 8 + WORD);
OFFSET(mio_udp_message, length, 8 + 2 * WORD);
OFFSET(mio_udp_message, addr, 8 + 3 * WORD);
OFFSET(mio_udp_message, ancillary, 8 + 4 * WORD);
SIZE(mio_queued_error, 32 + 5 * WORD);
OFFSET(mio_queued_error, size, 0);
OFFSET(mio_queued_error, flags, 4);
OFFSET(mio_queued_error, pieces, 8);
OFFSET(mio_queued_error, piece_count, 8 + WORD);
OFFSET(mio_queued_error, length, 8 + 2 * WORD);
OFFSET(mio_queued_error, offender, 8 + 3 * WORD);
OFFSET(mio_queued_error, destination, 8 + 4 * WORD);
OFFSET(mio_queued_error, error, 8 + 5 * WORD);
OFFSET(mio_queued_error, origin, 12 + 5 * WORD);
OFFSET(mio_queued_error, type, 16 + 5 * WORD);
OFFSET(mio_queued_error, code, 20 + 5 * WORD);
OFFSET(mio_queued_error, info, 24 + 5 * WORD);
OFFSET(mio_queued_error, data, 28 + 5 * WORD);
SIZE(mio_ancillary, 512);
OFFSET(mio_ancillary, opaque, 0);
FROZEN(_Alignof(mio_ancillary), _Alignof(uint64_t));
SIZE(mio_unix_listener, 32);
OFFSET(mio_unix_listener, source, 0);
SIZE(mio_unix_stream, 32);
OFFSET(mio_unix_stream, source, 0);
SIZE(mio_unix_datagram, 32);
OFFSET(mio_unix_datagram, source, 0);

SIZE(mio_unix_credentials, 16);
OFFSET(mio_unix_credentials, size, 0);
OFFSET(mio_unix_credentials, pid, 4);
OFFSET(mio_unix_credentials, uid, 8);
OFFSET(mio_unix_credentials, gid, 12);
SIZE(mio_unix_message, 8 + 7 * WORD);
OFFSET(mio_unix_message, size, 0);
OFFSET(mio_unix_message, flags, 4);
OFFSET(mio_unix_message, pieces, 8);
OFFSET(mio_unix_message, piece_count, 8 + WORD);
OFFSET(mio_unix_message, handles, 8 + 2 * WORD);
OFFSET(mio_unix_message, handle_capacity, 8 + 3 * WORD);
OFFSET(mio_unix_message, handle_count, 8 + 4 * WORD);
OFFSET(mio_unix_message, addr, 8 + 5 * WORD);
OFFSET(mio_unix_message, credentials, 8 + 6 * WORD);

SIZE(mio_accept_reserve, 24);
OFFSET(mio_accept_reserve, opaque, 0);
SIZE(mio_pipe_sender, 32);
OFFSET(mio_pipe_sender, source, 0);
SIZE(mio_pipe_receiver, 32);
OFFSET(mio_pipe_receiver, source, 0);
SIZE(mio_signals, 64);
OFFSET(mio_signals, source, 0);
OFFSET(mio_signals, opaque, 32);
SIZE(mio_signal_info, 40);
OFFSET(mio_signal_info, size, 0);
OFFSET(mio_signal_info, number, 4);
OFFSET(mio_signal_info, code, 8);
OFFSET(mio_signal_info, pid, 12);
OFFSET(mio_signal_info, uid, 16);
OFFSET(mio_signal_info, status, 20);
OFFSET(mio_signal_info, value, 24);
OFFSET(mio_signal_info, overrun, 28);
OFFSET(mio_signal_info, pointer, 32);
SIZE(mio_signal_mask, 128);
OFFSET(mio_signal_mask, opaque, 0);
SIZE(mio_text, 3 * WORD);
OFFSET(mio_text, text, 0);
OFFSET(mio_text, size, WORD);
OFFSET(mio_text, length, 2 * WORD);

SIZE(mio_addr, 128);
OFFSET(mio_addr, opaque, 0);
FROZEN(_Alignof(mio_addr), _Alignof(uint64_t));

SIZE(mio_poll_options, 8 + WORD);
OFFSET(mio_poll_options, size, 0);
OFFSET(mio_poll_options, flags, 4);
OFFSET(mio_poll_options, backend, 8);
IS_A(((mio_poll_options *)NULL)->size, uint32_t);
IS_A(((mio_poll_options *)NULL)->flags, uint32_t);
IS_A(((mio_poll_options *)NULL)->backend, const char *);

/*
 * mio_iovec has the layout of struct iovec. So a program may cast an array of struct iovec to an array of mio_iovec, or
 * back.
 */
SIZE(mio_iovec, sizeof(struct iovec));
OFFSET(mio_iovec, base, offsetof(struct iovec, iov_base));
OFFSET(mio_iovec, length, offsetof(struct iovec, iov_len));
SIZE(((mio_iovec *)NULL)->length, sizeof(((struct iovec *)NULL)->iov_len));
IS_A(((mio_iovec *)NULL)->base, void *);
IS_A(((mio_iovec *)NULL)->length, size_t);

/* Constants. */
FROZEN(MIO_HANDLE_NONE, -1);
FROZEN(MIO_READABLE, 0x01);
FROZEN(MIO_WRITABLE, 0x02);
FROZEN(MIO_AIO, 0x04);
FROZEN(MIO_LIO, 0x08);
FROZEN(MIO_PRIORITY, 0x10);
FROZEN(MIO_CLOSED, 0x20);
FROZEN(MIO_READ_CLOSED, 0x20);
FROZEN(MIO_WRITE_CLOSED, 0x40);
FROZEN(MIO_ERROR, 0x80);
FROZEN(MIO_EDGE, 0);
FROZEN(MIO_LEVEL, 0x10000);
FROZEN(MIO_ONESHOT, 0x20000);
FROZEN(MIO_EXCLUSIVE, 0x40000);
IS_A(MIO_READABLE, uint32_t);
IS_A(MIO_EDGE, uint32_t);
IS_A(MIO_EXCLUSIVE, uint32_t);

FROZEN(MIO_POLL_RESTART, 1);
FROZEN(MIO_CAN_EDGE, 0x001);
FROZEN(MIO_CAN_LEVEL, 0x002);
FROZEN(MIO_CAN_ONESHOT, 0x004);
FROZEN(MIO_CAN_EXCLUSIVE, 0x008);
FROZEN(MIO_CAN_PRIORITY, 0x010);
FROZEN(MIO_CAN_CLOSED, 0x020);
FROZEN(MIO_CAN_AIO, 0x040);
FROZEN(MIO_CAN_LIO, 0x080);
FROZEN(MIO_CAN_NEST, 0x100);
FROZEN(MIO_CAN_NS, 0x200);
FROZEN(MIO_CAN_SIGMASK, 0x400);
FROZEN(MIO_CAN_CLOSE, 0x800);
IS_A(MIO_POLL_RESTART, uint32_t);
IS_A(MIO_CAN_SIGMASK, uint32_t);

FROZEN(MIO_SIGNALS_SELF_PIPE, 1);
IS_A(MIO_SIGNALS_SELF_PIPE, uint32_t);

FROZEN(MIO_OPTION_TTL, 1);
FROZEN(MIO_OPTION_HOP_LIMIT, 2);
FROZEN(MIO_OPTION_NODELAY, 3);
FROZEN(MIO_OPTION_BROADCAST, 4);
FROZEN(MIO_OPTION_ONLY_V6, 5);
FROZEN(MIO_OPTION_MULTICAST_LOOP_V4, 6);
FROZEN(MIO_OPTION_MULTICAST_LOOP_V6, 7);
FROZEN(MIO_OPTION_MULTICAST_TTL_V4, 8);
FROZEN(MIO_OPTION_MULTICAST_HOPS_V6, 9);
FROZEN(MIO_OPTION_MULTICAST_INTERFACE_V4, 10);
FROZEN(MIO_OPTION_MULTICAST_INTERFACE_V6, 11);
FROZEN(MIO_OPTION_REUSE_ADDR, 12);
FROZEN(MIO_OPTION_REUSE_PORT, 13);
FROZEN(MIO_OPTION_KEEPALIVE, 14);
FROZEN(MIO_OPTION_KEEPALIVE_IDLE, 15);
FROZEN(MIO_OPTION_KEEPALIVE_INTERVAL, 16);
FROZEN(MIO_OPTION_KEEPALIVE_COUNT, 17);
FROZEN(MIO_OPTION_LINGER, 18);
FROZEN(MIO_OPTION_SEND_BUFFER, 19);
FROZEN(MIO_OPTION_RECEIVE_BUFFER, 20);
FROZEN(MIO_OPTION_TOS, 21);
FROZEN(MIO_OPTION_TRAFFIC_CLASS, 22);
FROZEN(MIO_OPTION_MARK, 23);
FROZEN(MIO_OPTION_PRIORITY, 24);
FROZEN(MIO_OPTION_FAST_OPEN, 25);
FROZEN(MIO_OPTION_FAST_OPEN_CONNECT, 26);
FROZEN(MIO_OPTION_DEFER_ACCEPT, 27);
FROZEN(MIO_OPTION_USER_TIMEOUT, 28);
FROZEN(MIO_OPTION_MAX_SEGMENT, 29);
FROZEN(MIO_OPTION_QUICK_ACK, 30);
FROZEN(MIO_OPTION_CORK, 31);
FROZEN(MIO_OPTION_NOTSENT_LOWAT, 32);
FROZEN(MIO_OPTION_INCOMING_CPU, 33);
FROZEN(MIO_OPTION_BIND_DEVICE, 34);
FROZEN(MIO_OPTION_CONGESTION, 35);
FROZEN(MIO_OPTION_BIND_ADDRESS_NO_PORT, 36);
FROZEN(MIO_OPTION_MTU_DISCOVER, 37);
FROZEN(MIO_OPTION_PATH_MTU, 38);
FROZEN(MIO_OPTION_MULTICAST_ALL, 39);
FROZEN(MIO_MTU_FRAGMENT, 0);
FROZEN(MIO_MTU_WANT, 1);
FROZEN(MIO_MTU_DO, 2);
FROZEN(MIO_MTU_PROBE, 3);
FROZEN(MIO_MTU_INTERFACE, 4);
FROZEN(MIO_MTU_OMIT, 5);
FROZEN(MIO_OPTION_RECEIVE_DESTINATION, 40);
FROZEN(MIO_OPTION_RECEIVE_TOS, 41);
FROZEN(MIO_OPTION_RECEIVE_TTL, 42);
FROZEN(MIO_OPTION_RECEIVE_TIMESTAMP, 43);
FROZEN(MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION, 44);
FROZEN(MIO_OPTION_RECEIVE_DROPS, 45);
FROZEN(MIO_OPTION_OOB_INLINE, 48);
FROZEN(MIO_OPTION_RECEIVE_ERRORS, 46);
FROZEN(MIO_ORIGIN_NONE, 0);
FROZEN(MIO_ORIGIN_LOCAL, 1);
FROZEN(MIO_ORIGIN_ICMP, 2);
FROZEN(MIO_ORIGIN_ICMP6, 3);
FROZEN(MIO_ORIGIN_TIMESTAMP, 4);
FROZEN(MIO_ORIGIN_ZEROCOPY, 5);
FROZEN(MIO_ORIGIN_TRANSMIT_TIME, 6);
FROZEN(MIO_OPTION_UDP_GRO, 47);
FROZEN(MIO_OPTION_UDP_SEGMENT, 49);
FROZEN(MIO_OPTION_PASS_CREDENTIALS, 64);
FROZEN(MIO_OPTION_PASS_HANDLES, 65);

FROZEN(MIO_ADDR_NONE, 0);
FROZEN(MIO_ADDR_UNIX, 1);
FROZEN(MIO_ADDR_IPV4, 4);
FROZEN(MIO_ADDR_IPV6, 6);
FROZEN(MIO_ADDR_OTHER, 255);
FROZEN(MIO_BACKLOG_MAX, -1);
FROZEN(MIO_SHUTDOWN_READ, 0);
FROZEN(MIO_SHUTDOWN_WRITE, 1);
FROZEN(MIO_SHUTDOWN_BOTH, 2);
FROZEN(MIO_MESSAGE_TRUNCATED, 1);
FROZEN(MIO_MESSAGE_HANDLES_TRUNCATED, 2);
FROZEN(MIO_MESSAGE_CREDENTIALS, 4);
FROZEN(MIO_MESSAGE_ANCILLARY_TRUNCATED, 8);
FROZEN(MIO_ECN_MASK, 3);
FROZEN(MIO_ECN_NOT_ECT, 0);
FROZEN(MIO_ECN_ECT_1, 1);
FROZEN(MIO_ECN_ECT_0, 2);
FROZEN(MIO_ECN_CE, 3);
FROZEN(MIO_SEND_MORE, 1);
FROZEN(MIO_SEND_OOB, 2);
IS_A(MIO_SEND_OOB, uint32_t);
FROZEN(MIO_UNIX_SEQPACKET, 1);
FROZEN(MIO_UNIX_REPLACE, 2);
FROZEN(MIO_UNIX_HAS_MODE, 4);
FROZEN(MIO_UNIX_MODE_SHIFT, 16);
FROZEN(MIO_UNIX_MODE(0640), 4 | 0640 << 16);
FROZEN(MIO_SERVICE_LISTEN, 1);
FROZEN(MIO_SERVICE_NOTIFY, 2);
FROZEN(MIO_SERVICE_WATCHDOG, 4);
FROZEN(MIO_UDP_BATCH_MAX, 64);
FROZEN(MIO_PIECES_MAX, 1024);
FROZEN(MIO_UNIX_HANDLES_MAX, 253);

/* Compiled programs have buffers of the sizes below, so a later release of the library must not write longer texts. */
FROZEN(MIO_ADDR_TEXT_SIZE, 432);
FROZEN(MIO_EVENT_TEXT_SIZE, 160);
FROZEN(MIO_INTEREST_TEXT_SIZE, 128);
FROZEN(MIO_OPTION_TEXT_SIZE, 64);
FROZEN(MIO_SERVICE_NAME_SIZE, 256);

/* Prototypes. */
#define FUNCTION(name, result, parameters, ...) IS_A(&name, result(*) parameters);
#include "../functions.h"

START_TEST(the_library_agrees_about_the_size_of_the_options)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = NULL;
    options.size = 8 + WORD; /* the size of this struct in the first release must always be valid */
    ck_assert_ok(mio_poll_new(&poll, &options));
    mio_poll_free(poll);
    options.size--;
    ck_assert_errno(mio_poll_new(&poll, &options), -EINVAL);
}
END_TEST

/* Checks that the library writes events with the layout that the header declares. */
START_TEST(the_library_agrees_about_the_layout_of_an_event)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *first = make_waker(poll, UINTPTR_MAX);
    mio_waker *second = make_waker(poll, UINTPTR_MAX);
    struct {
        _Alignas(16) uintptr_t token;
        uint32_t readiness;
        uint32_t os_bits;
    } raw[2] = {{0}};
    _Static_assert(sizeof raw[0] == sizeof(mio_event), "the same struct");
    ck_assert_ok(mio_waker_wake(first));
    ck_assert_ok(mio_waker_wake(second));
    ck_assert_count(mio_poll_wait(poll, (mio_event *)(void *)raw, 2, 0), 2);
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(raw[i].token, UINTPTR_MAX);
        ck_assert_uint_eq(raw[i].readiness, 1);
    }
    mio_waker_free(first);
    mio_waker_free(second);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("layout");
    TCase *tcase = add_tcase(suite, "layout");
    tcase_add_test(tcase, the_library_agrees_about_the_size_of_the_options);
    tcase_add_backend_test(tcase, the_library_agrees_about_the_layout_of_an_event);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
