/* SPDX-License-Identifier: MIT */
/*
 * Tests the functions of <mio/safe.h>: texts, names and signal masks. This program calls the functions outside a signal
 * handler, and safe_handler.c calls them in a signal handler.
 */
#include "../helpers/sockets.h"

#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- text -------------------------------------------------------------------------------------------------------- */

START_TEST(a_text_is_put_together_piece_by_piece)
{
    char buffer[128];
    mio_text text;
    memset(buffer, '#', sizeof buffer);
    call_ok(mio_text_init(&text, buffer, sizeof buffer));
    ck_assert_str_eq(buffer, "");
    call_counts(mio_text_append(&text, "caught "), 7);
    call_counts(mio_text_append_signal(&text, SIGTERM), 14);
    call_counts(mio_text_append_bytes(&text, ", pid=...", 6), 20);
    call_counts(mio_text_append_int(&text, -42), 23);
    call_counts(mio_text_append(&text, NULL), 29);
    call_counts(mio_text_append_error(&text, -EAGAIN), 35);
    ck_assert_str_eq(buffer, "caught SIGTERM, pid=-42(null)EAGAIN");
    ck_assert_uint_eq(text.length, strlen(buffer));
    ck_assert_ptr_eq(text.text, buffer);
    ck_assert_uint_eq(text.size, sizeof buffer);
}
END_TEST

START_TEST(a_text_can_be_appended_to_itself)
{
    char buffer[16];
    mio_text text;
    ck_assert_ok(mio_text_init(&text, buffer, sizeof buffer));
    call_counts(mio_text_append(&text, "abc"), 3);
    call_counts(mio_text_append(&text, text.text), 6);
    call_counts(mio_text_append(&text, text.text + 5), 7);
    ck_assert_str_eq(buffer, "abcabcc");
    call_counts(mio_text_append_bytes(&text, text.text, text.length), 14);
    ck_assert_str_eq(buffer, "abcabccabcabcc");
    call_counts(mio_text_append(&text, text.text), 28);
    ck_assert_str_eq(buffer, "abcabccabcabcca");
}
END_TEST

START_TEST(numbers_are_those_of_printf)
{
    static const uint64_t numbers[] = {
        0,          1,          9,       10, 255, 256, 4096, 65535, 4294967295u, INT64_MAX, (uint64_t)INT64_MIN,
        UINT64_MAX, 1234567890, 1u << 31};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        for (int digits = -1; digits < 19; digits++) {
            char buffer[128];
            char wanted[128];
            int least = digits < 1 ? 1 : digits > 16 ? 16 : digits;
            mio_text text;
            uint64_t n = numbers[i];
            snprintf(wanted, sizeof wanted, "%" PRId64 " %" PRIu64 " %0*" PRIx64 " 0x%" PRIxPTR, (int64_t)n, n, least,
                     n, (uintptr_t)n);
            call_ok(mio_text_init(&text, buffer, sizeof buffer));
            ck_assert_int_gt(kept(mio_text_append_int(&text, (int64_t)n)), 0);
            mio_text_append(&text, " ");
            ck_assert_int_gt(kept(mio_text_append_uint(&text, n)), 0);
            mio_text_append(&text, " ");
            ck_assert_int_gt(kept(mio_text_append_hex(&text, n, digits)), 0);
            mio_text_append(&text, " ");
            call_counts(mio_text_append_pointer(&text, (const void *)(uintptr_t)n), strlen(wanted));
            ck_assert_str_eq(buffer, wanted);
        }
    }
}
END_TEST

START_TEST(a_short_buffer_is_filled_and_the_rest_counted)
{
    static const char whole[] = "SIGUSR1 0x2a 0007 -1 EPIPE";
    for (size_t size = 0; size < sizeof whole + 2; size++) {
        /* The buffer is from malloc, so that a sanitizer detects an access beyond its end. */
        char *buffer = size > 0 ? malloc(size) : NULL;
        mio_text text;
        call_ok(mio_text_init(&text, buffer, size));
        mio_text_append_signal(&text, SIGUSR1);
        mio_text_append(&text, " ");
        mio_text_append_pointer(&text, (const void *)42);
        mio_text_append_bytes(&text, " ", 1);
        mio_text_append_hex(&text, 7, 4);
        mio_text_append(&text, " ");
        mio_text_append_int(&text, -1);
        mio_text_append(&text, " ");
        call_counts(mio_text_append_error(&text, EPIPE), sizeof whole - 1);
        ck_assert_uint_eq(text.length, sizeof whole - 1);
        if (size > 0) {
            size_t kept_length = size - 1 < sizeof whole - 1 ? size - 1 : sizeof whole - 1;
            ck_assert_uint_eq(strlen(buffer), kept_length);
            ck_assert_mem_eq(buffer, whole, kept_length);
        }
        /* mio_text_write writes exactly the text in the buffer, without the part that did not fit. */
        int fds[2];
        char bytes[64];
        make_pipe(fds);
        int64_t written = kept(mio_text_write(&text, fds[1]));
        ck_assert_int_eq(written, size > 0 ? (int64_t)strlen(buffer) : 0);
        if (written > 0) {
            ck_assert_int_eq(read(fds[0], bytes, sizeof bytes), written);
            ck_assert_mem_eq(bytes, whole, (size_t)written);
        }
        close_fd(fds[0]);
        close_fd(fds[1]);
        free(buffer);
    }
}
END_TEST

/*
 * mio_text.length stops at INT_MAX. The length must not become negative, because a negative result means an error. The
 * length must not return to 0 either, because later text would then overwrite the buffer.
 */
START_TEST(the_count_ends_at_int_max)
{
    char buffer[8];
    mio_text text;
    call_ok(mio_text_init(&text, buffer, sizeof buffer));
    call_counts(mio_text_append(&text, "kept"), 4);
    text.length = INT_MAX - 1; /* as if two gigabytes of text had been appended */
    call_counts(mio_text_append(&text, "a"), INT_MAX);
    call_counts(mio_text_append(&text, "b"), INT_MAX);
    call_counts(mio_text_append_uint(&text, UINT64_MAX), INT_MAX);
    ck_assert_uint_eq(text.length, INT_MAX);
    ck_assert_str_eq(buffer, "kept");
}
END_TEST

START_TEST(text_arguments_are_checked)
{
    char buffer[8];
    mio_text text;
    mio_text lost = {NULL, 4, 0};
    call_ok(mio_text_init(&text, NULL, 0));
    call_counts(mio_text_append(&text, "four"), 4);
    call_counts(mio_text_append_bytes(&text, NULL, 0), 4);
    call_counts(mio_text_write(&text, -1), -EBADF);
    scribble(&text, sizeof text);
    call_fails_keeping(&text, mio_text_init(&text, NULL, 1), EINVAL);
    call_fails(mio_text_init(NULL, buffer, sizeof buffer), EINVAL);
    call_ok(mio_text_init(&text, buffer, sizeof buffer));
    call_fails_keeping(&text, mio_text_append_bytes(&text, NULL, 1), EINVAL);
    mio_text *const bad[] = {NULL, &lost};
    for (int i = 0; i < 2; i++) {
        call_fails(mio_text_append(bad[i], "x"), EINVAL);
        call_fails(mio_text_append_bytes(bad[i], "x", 1), EINVAL);
        call_fails(mio_text_append_int(bad[i], 1), EINVAL);
        call_fails(mio_text_append_uint(bad[i], 1), EINVAL);
        call_fails(mio_text_append_hex(bad[i], 1, 1), EINVAL);
        call_fails(mio_text_append_pointer(bad[i], NULL), EINVAL);
        call_fails(mio_text_append_signal(bad[i], 1), EINVAL);
        call_fails(mio_text_append_error(bad[i], 1), EINVAL);
        call_fails(mio_text_write(bad[i], 1), EINVAL);
    }
}
END_TEST

/* ---- names ------------------------------------------------------------------------------------------------------- */

/*
 * The tests compare mio's names with the names that two functions of glibc return. A few names differ. These functions
 * of glibc are weak symbols here, because other C libraries lack them.
 */
extern const char *sigabbrev_np(int number) __attribute__((weak));
extern const char *strerrorname_np(int code) __attribute__((weak));

START_TEST(every_signal_has_its_name)
{
    if (sigabbrev_np == NULL) {
        skip("this C library does not name signals");
        return;
    }
    for (int number = 1; number < SIGRTMIN; number++) {
        const char *short_name = sigabbrev_np(number);
        const char *name = mio_signal_name(number);
        if (short_name == NULL) {
            ck_assert_ptr_null(name); /* libc reserves these signals */
            continue;
        }
        ck_assert_ptr_nonnull(name);
        ck_assert_mem_eq(name, "SIG", 3);
        ck_assert_str_eq(name + 3, number == SIGIO ? "IO" : short_name);
    }
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, number == SIGRTMIN ? "SIGRTMIN" : "SIGRTMIN+%d", number - SIGRTMIN);
        ck_assert_str_eq(mio_signal_name(number), wanted);
    }
    ck_assert_ptr_null(mio_signal_name(0));
    ck_assert_ptr_null(mio_signal_name(-1));
    ck_assert_ptr_null(mio_signal_name(SIGRTMAX + 1));
    ck_assert_ptr_null(mio_signal_name(256 + SIGTERM));
    ck_assert_ptr_null(mio_signal_name(INT_MAX));
    ck_assert_ptr_null(mio_signal_name(INT_MIN));
}
END_TEST

START_TEST(every_error_has_its_name)
{
    if (strerrorname_np == NULL) {
        skip("this C library does not name errors");
        return;
    }
    for (int code = 1; code < 1000; code++) {
        const char *wanted = strerrorname_np(code);
        const char *name = mio_error_name(code);
        ck_assert_ptr_eq(mio_error_name(-code), name);
        if (wanted == NULL) {
            ck_assert_ptr_null(name);
        } else {
            ck_assert_ptr_nonnull(name);
            /* On Linux, EOPNOTSUPP and ENOTSUP are the same number. The manual of mio uses the name ENOTSUP. */
            ck_assert_str_eq(name, strcmp(wanted, "EOPNOTSUPP") == 0 ? "ENOTSUP" : wanted);
        }
    }
    ck_assert_ptr_null(mio_error_name(0));
    ck_assert_ptr_null(mio_error_name(65536 + EAGAIN));
    ck_assert_ptr_null(mio_error_name(INT_MAX));
    ck_assert_ptr_null(mio_error_name(INT_MIN));
}
END_TEST

START_TEST(what_has_no_name_is_written_as_a_number)
{
    char buffer[64];
    mio_text text;
    call_ok(mio_text_init(&text, buffer, sizeof buffer));
    mio_text_append_signal(&text, 4000);
    mio_text_append(&text, " ");
    mio_text_append_error(&text, -4000);
    mio_text_append(&text, " ");
    mio_text_append_error(&text, 0);
    mio_text_append(&text, " ");
    mio_text_append_error(&text, INT_MIN);
    ck_assert_str_eq(buffer, "4000 -4000 0 -2147483648");
}
END_TEST

/* ---- masks ------------------------------------------------------------------------------------------------------- */

static bool is_blocked(int number)
{
    sigset_t mask;
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
    return sigismember(&mask, number) == 1;
}

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};

static bool is_fault(int number)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (faults[i] == number) {
            return true;
        }
    }
    return false;
}

START_TEST(block_and_unblock_change_what_they_are_given)
{
    const int numbers[] = {SIGUSR1, SIGRTMAX};
    mio_signal_mask outer;
    mio_signal_mask inner;
    scribble(&outer, sizeof outer);
    call_ok(mio_signal_mask_block(&outer, numbers, 2));
    for (int number = 1; number <= SIGRTMAX; number++) {
        ck_assert_int_eq(is_blocked(number), number == SIGUSR1 || number == SIGRTMAX);
    }
    call_ok(mio_signal_mask_unblock(&inner, numbers, 1));
    ck_assert(!is_blocked(SIGUSR1) && is_blocked(SIGRTMAX));
    call_ok(mio_signal_mask_block(NULL, NULL, 0));
    call_ok(mio_signal_mask_unblock(NULL, NULL, 0));
    call_ok(mio_signal_mask_unblock(NULL, numbers + 1, 1));
    ck_assert(!is_blocked(SIGRTMAX));
    call_ok(mio_signal_mask_restore(&inner));
    ck_assert(is_blocked(SIGUSR1) && is_blocked(SIGRTMAX));
    call_ok(mio_signal_mask_restore(&outer));
    ck_assert(!is_blocked(SIGUSR1) && !is_blocked(SIGRTMAX));
}
END_TEST

START_TEST(block_all_leaves_the_faults_and_unblock_all_nothing)
{
    mio_signal_mask outer;
    mio_signal_mask inner;
    call_ok(mio_signal_mask_block_all(&outer));
    for (int number = 1; number <= SIGRTMAX; number++) {
        bool never = is_fault(number) || number == SIGKILL || number == SIGSTOP || (number >= 32 && number < SIGRTMIN);
        ck_assert_int_eq(is_blocked(number), !never);
    }
    call_ok(mio_signal_mask_unblock_all(&inner));
    for (int number = 1; number <= SIGRTMAX; number++) {
        ck_assert(!is_blocked(number));
    }
    call_ok(mio_signal_mask_restore(&inner));
    ck_assert(is_blocked(SIGTERM));
    call_ok(mio_signal_mask_restore(&outer));
    ck_assert(!is_blocked(SIGTERM));
    call_ok(mio_signal_mask_block_all(NULL));
    call_ok(mio_signal_mask_unblock_all(NULL));
    ck_assert(!is_blocked(SIGTERM));
}
END_TEST

START_TEST(what_cannot_be_blocked_is_refused_and_nothing_changed)
{
    const int bad[] = {0, -1, SIGKILL, SIGSTOP, 32, 33, SIGRTMAX + 1, 1000, INT_MAX, INT_MIN};
    mio_signal_mask saved;
    scribble(&saved, sizeof saved);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const int numbers[] = {SIGUSR1, bad[i]};
        call_fails_keeping(&saved, mio_signal_mask_block(&saved, numbers, 2), EINVAL);
        ck_assert(!is_blocked(SIGUSR1));
        call_fails_keeping(&saved, mio_signal_mask_unblock(&saved, numbers, 2), EINVAL);
    }
    call_fails_keeping(&saved, mio_signal_mask_block(&saved, NULL, 1), EINVAL);
    call_fails_keeping(&saved, mio_signal_mask_unblock(&saved, NULL, 1), EINVAL);
    call_fails(mio_signal_mask_restore(NULL), EINVAL);
    ck_assert(!is_blocked(SIGUSR1));
}
END_TEST

START_TEST(a_mask_goes_to_a_sigset_and_back)
{
    sigset_t set;
    sigset_t back;
    mio_signal_mask mask;
    mio_signal_mask same;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMAX);
    scribble(&mask, sizeof mask);
    call_ok(mio_signal_mask_from_sigset(&mask, &set, sizeof set));
    ck_assert(!is_blocked(SIGUSR1)); /* making the mask has not blocked any signal */
    scribble(&back, sizeof back);
    call_ok(mio_signal_mask_to_sigset(&mask, &back, sizeof back));
    for (int number = 1; number <= SIGRTMAX; number++) {
        ck_assert_int_eq(sigismember(&back, number), number == SIGUSR1 || number == SIGRTMAX);
    }
    call_ok(mio_signal_mask_from_sigset(&same, &back, sizeof back));
    ck_assert_mem_eq(&same, &mask, sizeof mask);
    call_ok(mio_signal_mask_restore(&mask));
    ck_assert(is_blocked(SIGUSR1) && is_blocked(SIGRTMAX) && !is_blocked(SIGUSR2));
    call_ok(mio_signal_mask_unblock_all(&same));
    ck_assert_mem_eq(&same, &mask, sizeof mask);

    sigemptyset(&set);
    call_ok(mio_signal_mask_from_sigset(&mask, &set, sizeof set));
    static const mio_signal_mask none;
    ck_assert_mem_eq(&mask, &none, sizeof none);

    scribble(&mask, sizeof mask);
    call_fails_keeping(&mask, mio_signal_mask_from_sigset(&mask, &set, sizeof set - 1), EINVAL);
    call_fails_keeping(&mask, mio_signal_mask_from_sigset(&mask, &set, sizeof set + 1), EINVAL);
    call_fails_keeping(&mask, mio_signal_mask_from_sigset(&mask, NULL, sizeof set), EINVAL);
    call_fails(mio_signal_mask_from_sigset(NULL, &set, sizeof set), EINVAL);
    call_fails_keeping(&back, mio_signal_mask_to_sigset(&mask, &back, sizeof back - 1), EINVAL);
    call_fails_keeping(&back, mio_signal_mask_to_sigset(NULL, &back, sizeof back), EINVAL);
    call_fails(mio_signal_mask_to_sigset(&mask, NULL, sizeof back), EINVAL);
}
END_TEST

static void *look_at_mask(void *context)
{
    *(bool *)context = is_blocked(SIGUSR1);
    return NULL;
}

START_TEST(a_thread_inherits_the_mask_and_changes_only_its_own)
{
    const int numbers[] = {SIGUSR1};
    bool inherited = false;
    mio_signal_mask saved;
    call_ok(mio_signal_mask_block(&saved, numbers, 1));
    join_thread(start_thread(look_at_mask, &inherited));
    ck_assert(inherited);
    call_ok(mio_signal_mask_restore(&saved));
    join_thread(start_thread(look_at_mask, &inherited));
    ck_assert(!inherited);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("safe");
    TCase *texts = add_tcase(suite, "text");
    tcase_add_test(texts, a_text_is_put_together_piece_by_piece);
    tcase_add_test(texts, a_text_can_be_appended_to_itself);
    tcase_add_test(texts, numbers_are_those_of_printf);
    tcase_add_test(texts, a_short_buffer_is_filled_and_the_rest_counted);
    tcase_add_test(texts, the_count_ends_at_int_max);
    tcase_add_test(texts, text_arguments_are_checked);
    TCase *names = add_tcase(suite, "names");
    tcase_add_test(names, every_signal_has_its_name);
    tcase_add_test(names, every_error_has_its_name);
    tcase_add_test(names, what_has_no_name_is_written_as_a_number);
    TCase *masks = add_tcase(suite, "masks");
    tcase_add_test(masks, block_and_unblock_change_what_they_are_given);
    tcase_add_test(masks, block_all_leaves_the_faults_and_unblock_all_nothing);
    tcase_add_test(masks, a_mask_goes_to_a_sigset_and_back);
    tcase_add_test(masks, what_cannot_be_blocked_is_refused_and_nothing_changed);
    tcase_add_test(masks, a_thread_inherits_the_mask_and_changes_only_its_own);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
