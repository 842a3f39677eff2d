/* SPDX-License-Identifier: MIT */
/* Tests events: the predicates, the array that a wait fills, and mio_event_format. */
#include "../helpers/harness.h"

#include <stdio.h>
#include <string.h>

typedef int predicate(const mio_event *event);

static const struct {
    predicate *test;
    uint32_t bit;
    const char *name;
} predicates[] = {
    {mio_event_is_readable, MIO_READABLE, "READABLE"},
    {mio_event_is_writable, MIO_WRITABLE, "WRITABLE"},
    {mio_event_is_aio, MIO_AIO, "AIO"},
    {mio_event_is_lio, MIO_LIO, "LIO"},
    {mio_event_is_priority, MIO_PRIORITY, "PRIORITY"},
    {mio_event_is_read_closed, MIO_READ_CLOSED, "READ_CLOSED"},
    {mio_event_is_write_closed, MIO_WRITE_CLOSED, "WRITE_CLOSED"},
    {mio_event_is_error, MIO_ERROR, "ERROR"},
};
enum { PREDICATES = (int)(sizeof predicates / sizeof predicates[0]) };

START_TEST(each_predicate_tests_its_bit_and_no_other)
{
    for (uint32_t set = 0; set < 256; set++) {
        const mio_event events[] = {{.token = 0, .readiness = set, .os_bits = 0},
                                    {.token = UINTPTR_MAX, .readiness = set, .os_bits = UINT32_MAX},
                                    {.token = 1, .readiness = set | UINT32_C(0xffffff00), .os_bits = 1}};
        for (size_t e = 0; e < sizeof events / sizeof events[0]; e++) {
            for (int i = 0; i < PREDICATES; i++) {
                ck_assert_int_eq(predicates[i].test(&events[e]), (set & predicates[i].bit) != 0 ? 1 : 0);
            }
        }
    }
}
END_TEST

START_TEST(events_filled_by_wakes_all_iterate_with_token_and_readable)
{
    enum { COUNT = 16 };
    mio_poll *poll = open_poll(_i);
    mio_waker *wakers[COUNT];
    mio_event events[COUNT];
    ck_assert_int_eq(wait_events(poll, events, COUNT, 0), 0); /* at first there is no event */
    for (uintptr_t i = 0; i < COUNT; i++) {
        ck_assert_ok(mio_waker_new(&wakers[i], mio_poll_registry(poll), 26));
        ck_assert_ok(mio_waker_wake(wakers[i]));
    }
    ck_assert_int_eq(wait_events(poll, events, COUNT, LONG_WAIT), COUNT);
    for (int i = 0; i < COUNT; i++) {
        ck_assert_uint_eq(events[i].token, 26);
        ck_assert(mio_event_is_readable(&events[i]));
        mio_waker_free(wakers[i]);
    }
    mio_poll_free(poll);
}
END_TEST

/* Checks that mio_event_format writes the text `wanted`. */
static void expect_text(const mio_event *event, const char *wanted)
{
    char text[MIO_EVENT_TEXT_SIZE];
    int length = mio_event_format(event, text, sizeof text);
    ck_assert_str_eq(text, wanted);
    ck_assert_int_eq(length, (int)strlen(wanted));
}

enum { PASSED_ON = 4 };

typedef struct passed_on {
    mio_poll *poll;
    mio_event events[PASSED_ON];
    int count;
} passed_on;

static void *fill_events(void *context)
{
    passed_on *p = context;
    p->count = wait_events(p->poll, p->events, PASSED_ON, LONG_WAIT);
    return NULL;
}

static void *read_events(void *context)
{
    const passed_on *p = context;
    ck_assert_int_eq(p->count, 1);
    ck_assert_uint_eq(p->events[0].token, 27);
    ck_assert(mio_event_is_readable(&p->events[0]));
    return NULL;
}

START_TEST(events_filled_by_one_thread_are_read_by_others)
{
    passed_on p = {.poll = open_poll(_i)};
    mio_waker *waker = make_waker(p.poll, 27);
    ck_assert_ok(mio_waker_wake(waker));
    join_thread(start_thread(fill_events, &p));
    pthread_t readers[2] = {start_thread(read_events, &p), start_thread(read_events, &p)};
    join_thread(readers[0]);
    join_thread(readers[1]);
    mio_waker_free(waker);
    mio_poll_free(p.poll);
}
END_TEST

START_TEST(the_text_of_an_event)
{
    const mio_event example = {.token = 7, .readiness = MIO_READABLE | MIO_READ_CLOSED, .os_bits = 0x2001};
    const mio_event nothing = {.token = 0, .readiness = 0, .os_bits = 0};
    const mio_event plain = {.token = 1, .readiness = MIO_WRITABLE, .os_bits = 4};
    expect_text(&example, "token=7 READABLE | READ_CLOSED os=0x2001");
    expect_text(&nothing, "token=0 EMPTY os=0x0");
    expect_text(&plain, "token=1 WRITABLE os=0x4");
}
END_TEST

START_TEST(the_text_names_every_bit)
{
    char wanted[MIO_EVENT_TEXT_SIZE];
    for (int i = 0; i < PREDICATES; i++) {
        const mio_event event = {.token = 42, .readiness = predicates[i].bit, .os_bits = UINT32_C(0xdeadbeef)};
        snprintf(wanted, sizeof wanted, "token=42 %s os=0xdeadbeef", predicates[i].name);
        expect_text(&event, wanted);
    }
}
END_TEST

START_TEST(the_longest_text_fits_the_size_that_is_promised)
{
    const mio_event longest = {.token = UINTPTR_MAX, .readiness = UINT32_MAX, .os_bits = UINT32_MAX};
    char text[1024];
    char token[64];
    int length = mio_event_format(&longest, text, sizeof text);
    ck_assert_int_gt(length, 0);
    ck_assert_int_lt(length, MIO_EVENT_TEXT_SIZE);
    ck_assert_uint_eq(strlen(text), (size_t)length);
    snprintf(token, sizeof token, "token=%ju ", (uintmax_t)UINTPTR_MAX);
    ck_assert_int_eq(strncmp(text, token, strlen(token)), 0);
    for (int i = 0; i < PREDICATES; i++) {
        ck_assert_ptr_nonnull(strstr(text, predicates[i].name));
    }
    ck_assert_ptr_nonnull(strstr(text, " | 0xffffff00 ")); /* bits without a name */
    ck_assert_ptr_nonnull(strstr(text, " os=0xffffffff"));
}
END_TEST

START_TEST(the_text_is_truncated_at_every_size_as_by_snprintf)
{
    const mio_event event = {
        .token = 123456789, .readiness = MIO_READABLE | MIO_WRITABLE | MIO_ERROR, .os_bits = 0x201d};
    const char *whole = "token=123456789 READABLE | WRITABLE | ERROR os=0x201d";
    const int length = (int)strlen(whole);
    for (size_t size = 0; size <= (size_t)length + 8; size++) {
        char text[MIO_EVENT_TEXT_SIZE];
        size_t kept = size <= (size_t)length ? size - 1 : (size_t)length;
        memset(text, '#', sizeof text);
        ck_assert_int_eq(mio_event_format(&event, size == 0 ? NULL : text, size), length);
        if (size > 0) {
            ck_assert_mem_eq(text, whole, kept);
            ck_assert_int_eq(text[kept], '\0');
        }
        for (size_t i = size; i < sizeof text; i++) {
            ck_assert_int_eq(text[i], '#');
        }
    }
}
END_TEST

START_TEST(formatting_null_is_invalid)
{
    const mio_event event = {.token = 1, .readiness = 1, .os_bits = 1};
    char text[8] = "#######";
    ck_assert_errno(mio_event_format(NULL, text, sizeof text), -EINVAL);
    ck_assert_errno(mio_event_format(NULL, NULL, 0), -EINVAL);
    ck_assert_errno(mio_event_format(&event, NULL, 1), -EINVAL);
    ck_assert_errno(mio_event_format(&event, NULL, SIZE_MAX), -EINVAL);
    ck_assert_str_eq(text, "#######");
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("event");
    TCase *tcase = add_tcase(suite, "event");
    tcase_add_test(tcase, each_predicate_tests_its_bit_and_no_other);
    tcase_add_backend_test(tcase, events_filled_by_wakes_all_iterate_with_token_and_readable);
    tcase_add_backend_test(tcase, events_filled_by_one_thread_are_read_by_others);
    TCase *text = add_tcase(suite, "text");
    tcase_add_test(text, the_text_of_an_event);
    tcase_add_test(text, the_text_names_every_bit);
    tcase_add_test(text, the_longest_text_fits_the_size_that_is_promised);
    tcase_add_test(text, the_text_is_truncated_at_every_size_as_by_snprintf);
    tcase_add_test(text, formatting_null_is_invalid);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
