/* SPDX-License-Identifier: MIT */
/*
 * Timers to copy: a pairing heap in the storage of the program. The heap allocates nothing and cannot be full. The code
 * is for C and C++. mio_timers(7) compares this heap with other ways to keep timers.
 *
 *     struct timers timers = {NULL};
 *     timers_set(&timers, &client->idle, mio_clock_now() + IDLE_NS);
 *     count = mio_poll_wait_until(poll, events, capacity, timers_next(&timers));
 *     ...
 *     int64_t now = mio_clock_now();
 *     while ((timer = timers_take(&timers, now)) != NULL)
 *         expire(timer->token);
 *
 * On average over many calls, the time to set, cancel or take a timer grows with the logarithm of the number of timers.
 * A single call can take time in proportion to the number of timers. Timers of the same time come in no particular
 * order. Cancel a timer before you move or free it.
 */
#ifndef TIMERS_H
#define TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A timer whose bytes are all zero is not set. */
struct timer {
    uintptr_t token; /* the program chooses the token, like the token of an event */
    int64_t at_ns;
    struct timer *child; /* the first timer below this timer; no timer below is due before this timer */
    struct timer *next;  /* the next timer below the same timer */
    struct timer **link; /* the pointer that points to this timer */
};

struct timers {
    struct timer *first; /* the timer that is due first; NULL if no timer is set */
};

static inline bool timer_is_set(const struct timer *timer)
{
    return timer->link != NULL;
}

/* Puts one heap below the first timer of the other heap. Either heap may be NULL. */
static inline struct timer *timers_join(struct timer *left, struct timer *right)
{
    if (left == NULL) return right;
    if (right == NULL) return left;
    struct timer *above = right->at_ns < left->at_ns ? right : left;
    struct timer *below = above == left ? right : left;
    below->next = above->child;
    if (below->next != NULL) below->next->link = &below->next;
    below->link = &above->child;
    above->child = below;
    return above;
}

/* Joins the heaps of a list. The function first joins pairs of heaps, and then joins these pairs, from the last to the
 * first. */
static inline struct timer *timers_join_all(struct timer *list)
{
    struct timer *pairs = NULL;
    while (list != NULL) {
        struct timer *left = list;
        struct timer *right = left->next;
        list = right != NULL ? right->next : NULL;
        left = timers_join(left, right);
        left->next = pairs;
        pairs = left;
    }
    struct timer *all = NULL;
    while (pairs != NULL) {
        struct timer *next = pairs->next;
        all = timers_join(all, pairs);
        pairs = next;
    }
    return all;
}

static inline void timers_put(struct timers *timers, struct timer *heap)
{
    timers->first = timers_join(timers->first, heap);
    if (timers->first == NULL) return;
    timers->first->next = NULL;
    timers->first->link = &timers->first;
}

/* Ignores a timer that is not set. */
static inline void timers_cancel(struct timers *timers, struct timer *timer)
{
    if (!timer_is_set(timer)) return;
    *timer->link = timer->next;
    if (timer->next != NULL) timer->next->link = timer->link;
    struct timer *below = timers_join_all(timer->child);
    timer->child = timer->next = NULL;
    timer->link = NULL;
    timers_put(timers, below);
}

/* Sets a timer. If the timer is already set, moves the timer to the new time. */
static inline void timers_set(struct timers *timers, struct timer *timer, int64_t at_ns)
{
    timers_cancel(timers, timer);
    timer->at_ns = at_ns;
    timers_put(timers, timer);
}

/* Returns the deadline of the next wait. If no timer is set, the result is INT64_MAX, and the wait lasts for ever. */
static inline int64_t timers_next(const struct timers *timers)
{
    return timers->first != NULL ? timers->first->at_ns : INT64_MAX;
}

/* Removes the first timer if it is due, and returns this timer. Returns NULL if no timer is due. A loop passes the same
 * time to all calls, so that the loop ends even if the program sets timers again. But a timer that is set to now_ns or
 * earlier is taken in the same loop. If a timer must be due in the next turn, set it to now_ns + 1. */
static inline struct timer *timers_take(struct timers *timers, int64_t now_ns)
{
    struct timer *due = timers->first;
    if (due == NULL || due->at_ns > now_ns) return NULL;
    timers_cancel(timers, due);
    return due;
}

#endif /* TIMERS_H */
