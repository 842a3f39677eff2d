/* SPDX-License-Identifier: MIT */
/*
 * Functions for a heap of timers, to copy into a program in C or C++. The heap is a pairing heap. The program provides
 * the memory of each timer. So the functions allocate no memory, and setting a timer cannot fail. mio_timers(7)
 * compares this heap with other data structures.
 *
 *     struct timers timers = {NULL};
 *     timers_set(&timers, &client->idle, mio_clock_now() + IDLE_NS);
 *     count = mio_poll_wait_until(poll, events, capacity, timers_next(&timers));
 *     ...
 *     int64_t now = mio_clock_now();
 *     while ((timer = timers_take(&timers, now)) != NULL)
 *         expire(timer->token);
 *
 * With N timers, setting, cancelling or taking a timer takes O(log N) time on average over many calls. A single call
 * can take O(N) time. The order of timers with the same time is undefined. Cancel a timer before you move or free its
 * structure.
 */
#ifndef TIMERS_H
#define TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A timer whose bytes are all zero is not set. */
struct timer {
    uintptr_t token; /* the program chooses the token; the functions do not use it */
    int64_t at_ns;
    struct timer *child; /* the first child of this timer in the heap; no child has an earlier time than its parent */
    struct timer *next;  /* the next child of the same parent */
    struct timer **link; /* address of the pointer to this timer; NULL if the timer is not set */
};

struct timers {
    struct timer *first; /* the timer with the earliest time; NULL if no timer is set */
};

static inline bool timer_is_set(const struct timer *timer)
{
    return timer->link != NULL;
}

/* Joins two heaps into one heap, and returns the first timer of this heap. Each argument is the first timer of a heap,
 * or NULL for an empty heap. The timer with the later time becomes a child of the other timer. */
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

/* Joins all heaps of a list into one heap, and returns the first timer of this heap. The function first joins the heaps
 * in pairs. Then it joins the results, from the last to the first. */
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

/* Cancels a timer. Does nothing if the timer is not set. */
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

/* Sets a timer to the time at_ns. If the timer is already set, the new time replaces the old time. */
static inline void timers_set(struct timers *timers, struct timer *timer, int64_t at_ns)
{
    timers_cancel(timers, timer);
    timer->at_ns = at_ns;
    timers_put(timers, timer);
}

/* Returns the earliest time of all timers, which is the deadline of the next wait. If no timer is set, returns
 * INT64_MAX: a wait with this deadline has no time limit. */
static inline int64_t timers_next(const struct timers *timers)
{
    return timers->first != NULL ? timers->first->at_ns : INT64_MAX;
}

/* If the time of the first timer is now_ns or earlier, removes this timer from the heap and returns it. Otherwise
 * returns NULL. Call this function in a loop with an unchanged now_ns. Such a loop ends even if the program sets timers
 * to later times meanwhile. If the program sets a timer to now_ns or earlier, the same loop takes the timer. To take
 * the timer only after the next wait, set it to now_ns + 1. */
static inline struct timer *timers_take(struct timers *timers, int64_t now_ns)
{
    struct timer *due = timers->first;
    if (due == NULL || due->at_ns > now_ns) return NULL;
    timers_cancel(timers, due);
    return due;
}

#endif /* TIMERS_H */
