/* SPDX-License-Identifier: MIT */
/*
 * Tests errors of Unix listeners: bad paths, and accept calls that fail. refused.c tests arguments that are always
 * invalid.
 */
#include "../helpers/system_calls.h"
#include "../helpers/unix_sockets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Checks that a bind fails with `code`. The bind must not change the listener's memory, and must leave no descriptor
 * open.
 */
static void expect_bind_fails(const mio_addr *addr, int backlog, uint32_t flags, int code)
{
    mio_unix_listener listener;
    int before = count_descriptors();
    scribble(&listener, sizeof listener);
    call_fails_keeping(&listener, mio_unix_listener_bind(&listener, addr, backlog, flags), code);
    ck_assert_int_eq(count_descriptors(), before);
}

START_TEST(bind_path_that_exists_is_in_use_whatever_it_is)
{
    mio_addr addr = path_addr("s");
    make_stale("s", SOCK_STREAM);
    expect_bind_fails(&addr, 1, 0, EADDRINUSE);
    ck_assert(is_socket_file("s"));
    mio_addr directory = any_path_addr("/");
    expect_bind_fails(&directory, 1, 0, EADDRINUSE);
    mio_addr abstract = abstract_addr("x");
    int fd = raw_unix_listener(SOCK_STREAM, &abstract, 1);
    expect_bind_fails(&abstract, 1, 0, EADDRINUSE);
    expect_bind_fails(&abstract, 1, MIO_UNIX_REPLACE, EADDRINUSE);
    close_fd(fd);
}
END_TEST

START_TEST(bind_path_that_cannot_be_made)
{
    const char *loop = in_dir("loop");
    mio_addr absent = path_addr("no/s");
    mio_addr below_file = path_addr("file/s");
    mio_addr looping = path_addr("loop/s");
    close_fd(open(in_dir("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    ck_assert_int_eq(symlink(loop, loop), 0);
    const uint32_t flags[] = {0, MIO_UNIX_REPLACE};
    for (int i = 0; i < 2; i++) {
        expect_bind_fails(&absent, 1, flags[i], ENOENT);
        expect_bind_fails(&below_file, 1, flags[i], ENOTDIR);
        expect_bind_fails(&looping, 1, flags[i], ELOOP);
    }
}
END_TEST

static int bind_without_rights(void *context)
{
    mio_unix_listener listener;
    if (!drop_privileges()) {
        return SKIPPED;
    }
    require(mio_unix_listener_bind(&listener, context, 1, 0) == -EACCES);
    require(mio_unix_listener_bind(&listener, context, 1, MIO_UNIX_REPLACE) == -EACCES);
    return 0;
}

START_TEST(bind_without_the_right_to_make_a_file)
{
    mio_addr addr = path_addr("s");
    ck_assert_int_eq(chmod(in_dir(""), 0500), 0);
    if (run_apart(bind_without_rights, &addr) == SKIPPED) {
        skip("privileges cannot be dropped");
    }
    ck_assert(!exists("s"));
}
END_TEST

START_TEST(bind_out_of_descriptors)
{
    mio_addr addr = path_addr("s");
    mio_unix_listener listener;
    refuse_descriptors();
    call_fails(mio_unix_listener_bind(&listener, &addr, 1, 0), EMFILE);
    allow_descriptors();
    ck_assert(!exists("s"));
}
END_TEST

START_TEST(accept_out_of_descriptors_keeps_the_connection)
{
    if (under_valgrind()) {
        skip("valgrind lets the kernel accept, and closes");
        return;
    }
    mio_unix_listener listener;
    mio_unix_stream stream;
    mio_addr addr;
    make_unix_listener(&listener, "s", &addr);
    int client = raw_unix(SOCK_STREAM, NULL, &addr);
    scribble(&stream, sizeof stream);
    refuse_descriptors();
    call_fails_keeping(&stream, mio_unix_listener_accept(&listener, &stream, NULL), EMFILE);
    allow_descriptors();
    call_ok(mio_unix_listener_accept(&listener, &stream, NULL));
    mio_unix_stream_close(&stream);
    close_fd(client);
    mio_unix_listener_close(&listener);
}
END_TEST

START_TEST(a_client_that_went_away_is_accepted_and_reads_its_end)
{
    mio_unix_listener listener;
    mio_unix_stream stream;
    mio_addr addr;
    mio_addr peer;
    mio_addr client_addr = abstract_addr("client");
    char byte;
    make_unix_listener(&listener, "s", &addr);
    close_fd(raw_unix(SOCK_STREAM, &client_addr, &addr));
    call_ok(mio_unix_listener_accept(&listener, &stream, &peer));
    assert_addr_eq(&peer, &client_addr);
    call_counts(mio_unix_stream_read(&stream, &byte, 1), 0);
    mio_unix_stream_close(&stream);
    mio_unix_listener_close(&listener);
}
END_TEST

static int bind_where_nobody_may_listen(void *context)
{
    const mio_addr *addr = context;
    mio_unix_listener listener;
    char path[128];
    require(mio_addr_unix_path(addr, path, sizeof path) > 0);
    if (!refuse_system_call(SYS_listen, EACCES)) {
        return SKIPPED;
    }
    memset(&listener, 0x5a, sizeof listener);
    for (uint32_t flags = 0; flags <= MIO_UNIX_REPLACE; flags += MIO_UNIX_REPLACE) {
        int descriptors = count_descriptors();
        require(mio_unix_listener_bind(&listener, addr, 16, flags) == -EACCES);
        require(access(path, F_OK) != 0 && errno == ENOENT);
        require(count_descriptors() == descriptors);
    }
    require(listener.source.opaque[0] == UINT64_C(0x5a5a5a5a5a5a5a5a));
    return 0;
}

START_TEST(bind_that_cannot_listen_leaves_no_file)
{
    mio_addr addr = path_addr("s");
    if (under_valgrind()) {
        skip("valgrind makes calls of its own");
        return;
    }
    run_apart(bind_where_nobody_may_listen, &addr);
    ck_assert(!exists("s") && !exists("s.lock"));
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_listener_errors");
    TCase *tcase = add_unix_tcase(suite, "bind");
    tcase_add_test(tcase, bind_path_that_exists_is_in_use_whatever_it_is);
    tcase_add_test(tcase, bind_path_that_cannot_be_made);
    tcase_add_test(tcase, bind_without_the_right_to_make_a_file);
    tcase_add_test(tcase, bind_out_of_descriptors);
    tcase_add_test(tcase, bind_that_cannot_listen_leaves_no_file);
    tcase = add_unix_tcase(suite, "others");
    tcase_add_test(tcase, accept_out_of_descriptors_keeps_the_connection);
    tcase_add_test(tcase, a_client_that_went_away_is_accepted_and_reads_its_end);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
