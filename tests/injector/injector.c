/* SPDX-License-Identifier: MIT */
/*
 * Tests every function of mio while a call of libc fails. The tour of helpers/tour.h calls every function of mio. The
 * test repeats the tour. In the first tour, the first libc call of each function fails. In the next tour, the second
 * libc call of each function fails, and so on. If the function of mio fails as well, it must change nothing, and must
 * leave no descriptor and no memory behind. The test then calls the function again. This call and all later calls of
 * the tour must return their usual results. The program prints each failure as "failed CALL ERROR FUNCTION RESULT".
 * tests/injector/errors.sh compares these lines with the manual.
 */
#include "injector.h"

#include "../helpers/tour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 40, VARIANTS = 9 };

static int point;
static int variant_of_error;
/* With MIO_INJECTOR_LONG, the tour repeats a call of mio that has failed, and a libc call fails in the repetition, too.
 * next_point is the number of this libc call. */
static int next_point;
static bool next_is_armed;
static bool any_next;
static int descriptors;
static bool any_left;
static long points;
static FILE *out;

/*
 * `usual` contains the result of each call of the tour when no libc call fails. `was_again` is true if the current call
 * has failed once, and the test has made the call again. `survived` is the libc call that has failed in the current
 * call of mio, if the call of mio has succeeded nevertheless.
 */
enum { MOST_CALLS = 2000 };
static int64_t usual[MOST_CALLS];
static int turn;
static bool was_again;
static const char *survived;
static int survived_error;

static void note_usual(const char *call, int64_t result)
{
    ck_assert_msg(turn < MOST_CALLS, "no room for %s", call);
    usual[turn++] = result;
}

static void compare(const char *call, int64_t result)
{
    int64_t wanted = usual[turn++];
    bool same = result < 0 && wanted < 0 && wanted > -4096 ? result == wanted : (result < 0) == (wanted < 0);
    /* The failed call may have shed the only waiting connection. The second call then has another result. */
    bool sheds = strstr(call, "_or_shed(") != NULL;
    ck_assert_msg(same || !was_again || sheds, "%s, made again after a failure, is %lld, not %lld", call,
                  (long long)result, (long long)wanted);
    /* If the system lacks or refuses a call, the library may do without it, and the result can differ. EBADF is not
     * plausible for a descriptor that the library has opened itself. */
    bool lacks =
        survived_error == ENOSYS || survived_error == EPERM || survived_error == ENOPROTOOPT || survived_error == EBADF;
    ck_assert_msg(survived == NULL || lacks || result == wanted || wanted >= 4096,
                  "%s is %lld when %s fails: %s, not %lld", call, (long long)result, survived,
                  errno_name(survived_error), (long long)wanted);
}

/* A value must be the usual value, even if a libc call has failed before. */
static void compare_value(const char *what, int64_t value)
{
    int64_t wanted = usual[turn++];
    ck_assert_msg(value == wanted, "%s is %lld, not %lld", what, (long long)value, (long long)wanted);
}

static void begin(const char *call)
{
    (void)call;
    was_again = false;
    survived = NULL;
    next_is_armed = false;
    descriptors = count_descriptors();
    injector_arm(point, variant_of_error);
}

/* If the injector made the call fail, returns true, so that the tour repeats the call. */
static bool again(const char *call, int64_t result)
{
    const char *name = NULL;
    int error = 0;
    bool *left = next_is_armed ? &any_next : &any_left;
    *left = !injector_is_past() || *left;
    if (!injector_disarm(&name, &error)) {
        return false;
    }
    points++;
    if (result >= 0 || result < -4095) {
        was_again = false; /* the library has replaced the failed call by another call of libc */
        survived = name;
        survived_error = error;
        return false;
    }
    const char *function = strstr(call, "mio_");
    fprintf(out, "failed %s %s %.*s %s\n", name, mio_error_name(error), (int)strcspn(function, "("), function,
            mio_error_name((int)result));
    ck_assert_msg(count_descriptors() == descriptors, "%s leaves a descriptor open when %s fails: %s", call, name,
                  errno_name(error));
    ck_assert_msg(injector_memory() == 0 || strncmp(function, "mio_registry_", 13) == 0,
                  "%s keeps memory when %s fails: %s", call, name, errno_name(error));
    was_again = true;
    if (next_point != 0 && !next_is_armed) {
        next_is_armed = true;
        injector_arm(next_point, 0);
    }
    return true;
}

/* Runs the tour once for each error that the call of libc at this point can return. */
static void fail_at_point(int variant)
{
    for (variant_of_error = 0; variant_of_error < VARIANTS; variant_of_error++) {
        turn = 0;
        tour(variant);
    }
}

static FILE *open_report(void)
{
    FILE *file = fopen(getenv("MIO_INJECTED") != NULL ? getenv("MIO_INJECTED") : "/dev/null", "ae");
    ck_assert_ptr_nonnull(file);
    setvbuf(file, NULL, _IOLBF, 0);
    return file;
}

void injector_note_points(const char *kind, long number)
{
    FILE *file = open_report();
    fprintf(file, "points %ld %s\n", number, kind);
    fclose(file);
}

START_TEST(a_call_that_failed_has_changed_nothing)
{
    out = open_report();
    tour(_i); /* in the first run, libc allocates its own memory */
    tour_after = note_usual;
    tour_note = note_usual;
    tour(_i);
    tour_after = compare;
    tour_note = compare_value;
    tour_before = begin;
    tour_again = again;
    any_left = true;
    for (point = 1; any_left && point < POINTS; point++) {
        any_left = false;
        next_point = 0;
        fail_at_point(_i);
        any_next = getenv("MIO_INJECTOR_LONG") != NULL;
        for (next_point = 1; any_next && next_point < POINTS; next_point++) {
            any_next = false;
            fail_at_point(_i);
        }
    }
    tour_before = NULL;
    tour_after = NULL;
    tour_note = NULL;
    tour_again = NULL;
    fclose(out);
    injector_note_points("failed", points);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("injector");
    TCase *tcase = add_tcase(suite, "tour");
    tcase_set_timeout(tcase, 600);
    tcase_add_backend_test(tcase, a_call_that_failed_has_changed_nothing);
    add_short_tests(suite);
    return suite;
}

int main(void)
{
    if (running_slowly() || sizeof(long) < sizeof(int64_t)) {
        printf("SKIPPED: tests/injector: a sanitizer has its own definitions, and an argument of 64 bits would take "
               "two words\n");
        return 77;
    }
    return run_suite(make_suite);
}
