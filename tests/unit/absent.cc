// SPDX-License-Identifier: MIT
// Tests src/absent. If a platform lacks functions of port/, src/absent defines these functions. This program links
// src/absent without the library. Each function returns ENOTSUP, or the result that its header in src/port specifies.
#include "port/error_queue.hpp"
#include "port/ledger.hpp"
#include "port/pidfd_id.hpp"
#include "port/pipes.hpp"
#include "port/process.hpp"
#include "port/redirection.hpp"
#include "port/service.hpp"
#include "port/signal_mask.hpp"
#include "port/stream_calls.hpp"
#include "port/transfers.hpp"
#include "port/unix_messages.hpp"
#include "port/unix_peer.hpp"
#include "port/unix_sockets.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <errno.h>

using namespace mio::impl;

namespace {

constexpr mio_handle no_handle = MIO_HANDLE_NONE;
mio_handle opened = no_handle;
mio_addr addr;
char byte;
mio_iovec piece = {&byte, 1};

START_TEST(unix_sockets)
{
    mio_handle pair[2] = {no_handle, no_handle};
    ck_assert_int_eq(open_unix_socket(UnixKind::stream, &opened), -ENOTSUP);
    ck_assert_int_eq(open_unix_pair(UnixKind::datagram, pair), -ENOTSUP);
    ck_assert_int_eq(adopt_unix_stream(no_handle), -ENOTSUP);
    ck_assert_int_eq(adopt_unix_listener(no_handle), -ENOTSUP);
    ck_assert_int_eq(adopt_unix_datagram(no_handle), -ENOTSUP);
    ck_assert_int_eq(bind_unix_socket(no_handle, &addr, mode_of_umask), -ENOTSUP);
    ck_assert_int_eq(bind_unix_socket_replacing(no_handle, &addr, mode_of_umask), -ENOTSUP);
    remove_unix_path(&addr);
    ck_assert_int_eq(connect_unix_socket(no_handle, &addr), -ENOTSUP);
    ck_assert_int_eq(disconnect_unix_socket(no_handle), -ENOTSUP);
    ck_assert_int_eq(unix_datagram_send_to(no_handle, &byte, 1, &addr), -ENOTSUP);
    ck_assert_int_eq(unix_datagram_recv(no_handle, &byte, 1, &addr), -ENOTSUP);
    ck_assert_int_eq(unix_datagram_peek(no_handle, &byte, 1, &addr), -ENOTSUP);
    ck_assert(opened == no_handle && pair[0] == no_handle && pair[1] == no_handle);
}
END_TEST

START_TEST(unix_messages)
{
    mio_unix_message message = {};
    mio_unix_credentials credentials = {};
    uint32_t group = 7;
    size_t count = 7;
    ck_assert_int_eq(send_unix_message(no_handle, &message), -ENOTSUP);
    ck_assert_int_eq(recv_unix_message(no_handle, &message), -ENOTSUP);
    ck_assert_int_eq(unix_peer_credentials(no_handle, &credentials), -ENOTSUP);
    ck_assert_int_eq(unix_peer_pidfd(no_handle, &opened), -ENOTSUP);
    ck_assert_int_eq(unix_peer_groups(no_handle, &group, 1, &count), -ENOTSUP);
    ck_assert(opened == no_handle && group == 7 && count == 7);
}
END_TEST

START_TEST(pipes)
{
    mio_handle other = no_handle;
    ck_assert_int_eq(open_pipe(&opened, &other), -ENOTSUP);
    ck_assert_int_eq(adopt_pipe_end(no_handle, PipeEnd::sender), -ENOTSUP);
    ck_assert_int_eq(pipe_read(no_handle, &byte, 1), -ENOTSUP);
    ck_assert_int_eq(pipe_readv(no_handle, &piece, 1), -ENOTSUP);
    ck_assert_int_eq(pipe_write(no_handle, &byte, 1), -ENOTSUP);
    ck_assert_int_eq(pipe_writev(no_handle, &piece, 1), -ENOTSUP);
    ck_assert(opened == no_handle && other == no_handle);
}
END_TEST

START_TEST(streams)
{
    ck_assert_int_eq(stream_read(no_handle, &byte, 1), -ENOTSUP);
    ck_assert_int_eq(stream_write(no_handle, &byte, 1), -ENOTSUP);
}
END_TEST

START_TEST(transfers)
{
    int64_t offset = 7;
    ck_assert_int_eq(send_file(no_handle, no_handle, &offset, 1), -ENOTSUP);
    ck_assert_int_eq(splice_handles(no_handle, no_handle, 1), -ENOTSUP);
    ck_assert_int_eq(unready_sides(no_handle, no_handle), 0);
    ck_assert_int_eq(offset, 7);
}
END_TEST

START_TEST(error_queue)
{
    mio_queued_error error = {};
    ck_assert_int_eq(dequeue_error(no_handle, &error), -ENOTSUP);
}
END_TEST

START_TEST(redirection)
{
    ck_assert_int_eq(original_destination(no_handle, &addr), -ENOTSUP);
}
END_TEST

START_TEST(signal_mask)
{
    const int number = 1;
    mio_signal_mask mask = {};
    ck_assert_int_eq(change_signal_mask(MaskChange::block, &number, 1, &mask), -ENOTSUP);
    ck_assert_int_eq(change_whole_signal_mask(MaskChange::unblock, &mask), -ENOTSUP);
    ck_assert_int_eq(restore_signal_mask(&mask), -ENOTSUP);
    ck_assert_int_eq(load_signal_mask(&mask, &byte, 1), -ENOTSUP);
    ck_assert_int_eq(store_signal_mask(&mask, &byte, 1), -ENOTSUP);
}
END_TEST

START_TEST(service)
{
    const mio_unix_message message = {};
    const char *value = nullptr;
    ck_assert_int_eq(service_variable("LISTEN_FDS", &value), -ENOTSUP);
    ck_assert_int_eq(remove_service_variable("LISTEN_FDS"), -ENOTSUP);
    ck_assert_int_eq(service_process(), -ENOTSUP);
    ck_assert_int_eq(adopt_inherited_handle(0, &opened), -ENOTSUP);
    ck_assert_int_eq(send_to_service_manager(&message), -ENOTSUP);
    ck_assert_int_eq(send_barrier(&message, 0), -ENOTSUP);
    ck_assert_int_eq(is_own_pidfd_id(1), 1);
    ck_assert(value == nullptr && opened == no_handle);
}
END_TEST

START_TEST(ledger)
{
    opened = 7;
    ck_assert_int_eq(open_ledger(&opened), 0);
    ck_assert_int_eq(opened, no_handle);
    ck_assert_int_eq(enter_handle(no_handle, 1), -ENOTSUP);
    ck_assert_int_eq(strike_handle(no_handle, 1), -ENOENT);
}
END_TEST

START_TEST(process)
{
    const uint32_t generation = process_generation();
    ck_assert_uint_ne(generation, 0);
    ck_assert_uint_ne(generation, no_generation);
    ck_assert(is_process_generation(generation));
    ck_assert(!is_process_generation(no_generation));
    ck_assert_int_eq(setenv("MIO_BACKEND", "poll", 1), 0);
    ck_assert_str_eq(trusted_environment("MIO_BACKEND"), "poll");
    ck_assert_int_eq(setenv("MIO_BACKEND", "", 1), 0);
    ck_assert_ptr_null(trusted_environment("MIO_BACKEND"));
    ck_assert_int_eq(unsetenv("MIO_BACKEND"), 0);
    ck_assert_ptr_null(trusted_environment("MIO_BACKEND"));
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("absent");
    TCase *cases = tcase_create("contracts");
    tcase_add_test(cases, unix_sockets);
    tcase_add_test(cases, unix_messages);
    tcase_add_test(cases, pipes);
    tcase_add_test(cases, streams);
    tcase_add_test(cases, transfers);
    tcase_add_test(cases, error_queue);
    tcase_add_test(cases, redirection);
    tcase_add_test(cases, signal_mask);
    tcase_add_test(cases, service);
    tcase_add_test(cases, ledger);
    tcase_add_test(cases, process);
    suite_add_tcase(suite, cases);
    return run(suite);
}
