// SPDX-License-Identifier: MIT
// Compares the heap of timers in examples/timers.h with a model that searches all timers.
#include "../../examples/timers.h"

#include "../helpers/random.hpp"
#include "../helpers/run_suite.hpp"

#include <check.h>

namespace {

constexpr size_t most = 100;

struct Model {
    timers heap = {};
    timer all[most] = {};
    bool is_set[most] = {};

    // Returns the timer that is due first, or null.
    const timer *first() const
    {
        const timer *found = nullptr;
        for (const timer &one : all) {
            if (is_set[one.token] && (found == nullptr || one.at_ns < found->at_ns)) found = &one;
        }
        return found;
    }
};

void start(Model *model)
{
    for (size_t i = 0; i < most; i++)
        model->all[i].token = i;
}

void check(const Model &model)
{
    const timer *first = model.first();
    ck_assert_int_eq(timers_next(&model.heap), first != nullptr ? first->at_ns : INT64_MAX);
    size_t wrong = 0; // an assertion for each timer would be slow
    for (size_t i = 0; i < most; i++)
        wrong += timer_is_set(&model.all[i]) != model.is_set[i];
    ck_assert_uint_eq(wrong, 0);
}

// Takes all due timers with timers_take, and checks that each timer is due. Then checks that the model has no other due
// timer.
void take_all(Model *model, int64_t now)
{
    int64_t last = INT64_MIN;
    while (timer *due = timers_take(&model->heap, now)) {
        ck_assert(model->is_set[due->token]);
        ck_assert_int_le(due->at_ns, now);
        ck_assert_int_ge(due->at_ns, last);
        last = due->at_ns;
        model->is_set[due->token] = false;
        ck_assert(!timer_is_set(due));
    }
    ck_assert(model->first() == nullptr || model->first()->at_ns > now);
}

START_TEST(random_operations_agree_with_the_model)
{
    static Model model;
    uint32_t random = 7;
    int64_t now = 0;
    start(&model);
    for (int i = 0; i < 20000; i++) {
        timer *one = &model.all[next_random(&random) % most];
        switch (next_random(&random) % 8) {
        case 0:
            timers_cancel(&model.heap, one);
            model.is_set[one->token] = false;
            break;
        case 1:
            now += next_random(&random) % 100;
            take_all(&model, now);
            break;
        default: // the range of times is small, so that many timers are due at once
            timers_set(&model.heap, one, now + next_random(&random) % 500);
            model.is_set[one->token] = true;
        }
        check(model);
    }
    take_all(&model, INT64_MAX);
    check(model);
}
END_TEST

START_TEST(an_empty_heap_never_expires)
{
    timers heap = {};
    timer one = {};
    timers_cancel(&heap, &one); // this timer is not set
    ck_assert_int_eq(timers_next(&heap), INT64_MAX);
    ck_assert_ptr_null(timers_take(&heap, INT64_MAX));
}
END_TEST

// A loop takes the timers that are due. If the program sets an expired timer again in this loop, the loop must still
// end.
START_TEST(a_timer_that_is_set_while_it_expires_waits_for_the_next_round)
{
    timers heap = {};
    timer one = {};
    timers_set(&heap, &one, 5);
    int rounds = 0;
    const int64_t now = 5;
    while (timer *due = timers_take(&heap, now)) {
        ck_assert_int_lt(rounds++, 1);
        timers_set(&heap, due, now + 1);
    }
    ck_assert_int_eq(rounds, 1);
    ck_assert_int_eq(timers_next(&heap), 6);
}
END_TEST

START_TEST(a_program_may_cancel_and_set_others_while_one_expires)
{
    timers heap = {};
    timer three[3] = {};
    for (timer &one : three)
        timers_set(&heap, &one, 1);
    timer *due = timers_take(&heap, 1);
    for (timer &one : three) {
        if (&one != due) timers_cancel(&heap, &one);
    }
    ck_assert_ptr_null(timers_take(&heap, INT64_MAX));
    timers_set(&heap, &three[1], 2);
    ck_assert_ptr_eq(timers_take(&heap, 2), &three[1]);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("timers");
    TCase *cases = tcase_create("heap");
    tcase_add_test(cases, random_operations_agree_with_the_model);
    tcase_add_test(cases, an_empty_heap_never_expires);
    tcase_add_test(cases, a_timer_that_is_set_while_it_expires_waits_for_the_next_round);
    tcase_add_test(cases, a_program_may_cancel_and_set_others_while_one_expires);
    suite_add_tcase(suite, cases);
    return run(suite);
}
