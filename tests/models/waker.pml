/* SPDX-License-Identifier: MIT */
/*
 * Models the protocol of src/poll/waker.hpp. THREADS threads wake one waker, WAKES times each, and POLLERS threads wait
 * on one poll object.
 *
 * When no process can move any more, Spin checks each wake that returned success. After the wait that returned the
 * event of the wake, a poller must have seen all data that the waking thread wrote before the wake.
 *
 * With FAILING, a write to the notifier can fail. If the write fails, the wake fails and promises nothing. With
 * STOPPING, a waking thread can stop for ever between any two steps. The wake of a stopped thread never returns, and
 * also promises nothing. A wake that fails or stops must not lose a later wake or the wake of another thread. With
 * DRAIN, the pollers see the notifier and empty it in two steps, as the selector on poll(2) does.
 *
 * The model includes the store buffer of a thread. If the thread only loads the epoch, without a read-modify-write, its
 * data may reach memory after the load.
 *
 * BROKEN selects a mistake that Spin must find:
 *   1  a plain pending flag that no thread clears
 *   2  the epoch advances after the caller has looked at its data
 *   3  the epoch advances before the poller collects the events
 *   4  a plain load of the epoch overtakes the writes of the data
 *   5  the thread exchanges the epoch into `last` before the write, which is wrong if writers fail or stop
 *   6  mistake 5, but the thread restores `last` if the write fails, which is also wrong
 *   7  `last` gets the epoch that the thread reads after the write
 *   8  `last` gets the epoch although the write has failed
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
#define WAKES 2 /* wakes of each thread */
#endif
#ifndef SPURIOUS
#define SPURIOUS 3 /* waits that return for another source */
#endif

byte epoch = 1, last = 0;
bit ready = 0;             /* the notifier has an event that no wait has collected */
bit data[THREADS];         /* a waking thread has written data, and no poller has taken the data */
bit promised[THREADS];     /* a wake for these data has returned success */
byte done = 0, spurious = 0;

#ifdef STOPPING
#define MAY_STOP                                                                                                       \
    if                                                                                                                 \
    :: goto stopped                                                                                                    \
    :: skip                                                                                                            \
    fi
#else
#define MAY_STOP skip
#endif

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

inline write_data()
{
    atomic {
        if
        :: data[me] == 0 -> promised[me] = 0 /* otherwise the promise of the earlier wake holds for both */
        :: else -> skip
        fi;
        data[me] = 1
    }
}

/* write(2) to the notifier. */
inline notify()
{
    if
    :: atomic { ready = 1; failed = 0 }
#ifdef FAILING
    :: failed = 1
#endif
    fi
}

proctype waker(byte me)
{
    byte e, old, k = 0;
    bit failed;
    do
    :: k < WAKES ->
#if BROKEN == 4
       e = epoch;
       write_data();
#else
       write_data();
       e = epoch;
#endif
       MAY_STOP;
       failed = 0;
       if
       :: last == e -> goto woken
       :: else -> skip
       fi;
#if BROKEN == 1
       atomic { old = last; last = 1; e = 1 };
#elif BROKEN == 5 || BROKEN == 6
       atomic { old = last; last = e };
#endif
#if BROKEN == 1 || BROKEN == 5 || BROKEN == 6
       if
       :: old == e -> goto woken
       :: else -> skip
       fi;
       MAY_STOP;
       notify();
#if BROKEN == 6
       if
       :: failed -> last = 0
       :: else -> skip
       fi;
#endif
#else
       notify();
       MAY_STOP;
#if BROKEN == 7
       e = epoch;
#endif
       if
       :: !failed || BROKEN == 8 -> last = e
       :: else -> skip
       fi;
#endif
woken: atomic {
           if
           :: !failed -> promised[me] = 1
           :: else -> skip
           fi
       };
       k++
    :: else -> break
    od;
stopped:
    done++
}

inline collect()
{
#ifdef DRAIN
    ready == 1;
    ready = 0
#else
    atomic { ready == 1 -> ready = 0 }
#endif
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
    :: collect();
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
    :: i < THREADS -> assert(!(promised[i] && data[i])); i++
    :: else -> break
    od
}
