/* SPDX-License-Identifier: MIT */
/*
 * The protocol of src/poll/waker.hpp: THREADS threads wake one waker WAKES times each, POLLERS threads wait on one poll
 * object. Checked: when nothing can move any more, every piece of data that was written before a wake has been seen by a
 * poller after the wait that returned the wake's event.
 *
 * The store buffer of a thread is modelled: without the read-modify-write on the epoch, the data may reach memory after
 * the epoch has been read.
 *
 * BROKEN selects a mistake that must be found:
 *   1  a plain pending flag that nobody clears
 *   2  the epoch advances after the caller has looked at its data
 *   3  the epoch advances before the events are collected
 *   4  the epoch is read with a plain load that overtakes the data
 */
#ifndef BROKEN
#define BROKEN 0
#endif
#ifndef THREADS
#define THREADS 3
#endif
#ifndef POLLERS
#define POLLERS 1
#endif
#ifndef WAKES
#define WAKES 2 /* of each thread */
#endif
#define SPURIOUS 3 /* waits that return for another source */

byte epoch = 1, last = 0;
bit ready = 0;         /* the notifier has an event that no wait has collected */
bit data[THREADS];     /* what a waking thread wrote and no poller has taken */
byte done = 0, spurious = 0;

inline look()
{
    atomic {
        i = 0;
        do
        :: i < THREADS -> data[i] = 0; i++
        :: else -> break
        od;
        i = 0
    }
}

proctype waker(byte me)
{
    byte e, old, k = 0;
    do
    :: k < WAKES ->
#if BROKEN == 4
       e = epoch;
       data[me] = 1;
#else
       data[me] = 1;
       e = epoch;
#endif
       if
       :: last == e -> goto woken /* the shortcut: a load before the exchange */
       :: else -> skip
       fi;
#if BROKEN == 1
       atomic { old = last; last = 1; e = 1 };
#else
       atomic { old = last; last = e };
#endif
       if
       :: old == e -> skip
       :: else -> ready = 1
       fi;
woken: k++
    :: else -> break
    od;
    done++
}

proctype poller()
{
    byte i = 0;
    bit collected;
end:
    do
#if BROKEN == 3
    :: ready == 1 || spurious < SPURIOUS ->
       epoch++;
       atomic {
           collected = ready; ready = 0;
           if
           :: collected -> skip
           :: else -> spurious++
           fi
       };
       if
       :: collected -> look()
       :: else -> skip
       fi
#else
    :: atomic { ready == 1 -> ready = 0 };
#if BROKEN == 2
       look();
       epoch++
#else
       epoch++;
       look()
#endif
    :: atomic { spurious < SPURIOUS -> spurious++ };
       epoch++
#endif
    od
}

init
{
    byte i = 0;
    atomic {
        do
        :: i < THREADS -> run waker(i); i++
        :: else -> break
        od;
        i = 0;
        do
        :: i < POLLERS -> run poller(); i++
        :: else -> break
        od;
        i = 0
    };
    timeout; /* nothing else can move */
    assert(done == THREADS);
    do
    :: i < THREADS -> assert(data[i] == 0); i++
    :: else -> break
    od
}
