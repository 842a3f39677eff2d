/* SPDX-License-Identifier: MIT */
/*
 * Models the protocol of src/core/wake_epoch.hpp. THREADS threads wake one waker, WAKES times each, and POLLERS threads
 * wait on one poll object.
 *
 * When no process can move any more, Spin checks each wake that returned success. A poller must have seen all data that
 * the waking thread wrote before the wake. A poller looks at the data after a wait that ends for the waker.
 *
 * With FAILING, a write to the notifier can fail. If the write fails, the wake fails and promises nothing. With
 * STOPPING, a waking thread can stop for ever between any two steps. The wake of a stopped thread never returns, and
 * also promises nothing. A wake that fails or stops must not lose a later wake or the wake of another thread. With
 * DRAIN, the pollers see the notifier and empty it in two steps, as the selector that uses poll(2) does.
 *
 * A processor can delay the writes of a thread in its store buffer. So if a waking thread only loads the epoch, without
 * a read-modify-write, its data may reach memory after the load. The model includes this delay.
 *
 * BROKEN selects a mistake that Spin must find:
 *   1  a plain pending flag that no thread clears
 *   2  the epoch advances after the caller has looked at its data
 *   3  the epoch advances before the poller collects the events
 *   4  a plain load of the epoch overtakes the writes of the data
 *   5  the thread exchanges the epoch into `last` before the write (wrong if a writer fails or stops)
 *   6  like mistake 5, but if the write fails, the thread restores `last`
 *   7  `last` gets the epoch that the thread reads after the write
 *   8  `last` gets the epoch although the write has failed
 *   9  the thread marks the epoch after the write
 *  10  the poller reads the epoch before it collects the events
 *  11  the poller clears the mark in one step and advances in another step (wrong with several pollers)
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
#define SPURIOUS 3 /* waits that return because of another source */
#endif

byte epoch = 0;            /* odd: a thread has marked the epoch, because it is about to write */
byte last = 0;
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
        :: data[me] == 0 -> promised[me] = 0 /* data[me] == 1: the promise of the earlier wake holds for both */
        :: else -> skip
        fi;
        data[me] = 1
    }
}

inline mark()
{
    atomic { e = epoch | 1; epoch = e }
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
       old = last;
#if BROKEN == 4
       e = epoch | 1;
       write_data();
#else
       write_data();
       e = epoch | 1;
#endif
       MAY_STOP;
       if
       :: old == e -> goto woken
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
       epoch = epoch | 1;
       notify();
#if BROKEN == 6
       if
       :: failed -> last = 0
       :: else -> skip
       fi;
#endif
#else
#if BROKEN != 9
       mark();
       MAY_STOP;
#endif
       notify();
       MAY_STOP;
#if BROKEN == 9
       mark();
#endif
#if BROKEN == 7
       e = epoch | 1;
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
           fi;
           e = 0; old = 0; failed = 0 /* fewer states */
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

inline advance_if_marked()
{
#if BROKEN == 11
    if
    :: seen & 1 -> epoch = epoch & 254; epoch = epoch + 2
    :: else -> skip
    fi
#else
    atomic {
        if
        :: (seen & 1) && epoch == seen -> epoch++
        :: else -> skip
        fi;
        seen = 0
    }
#endif
}

inline end_epoch()
{
    seen = epoch;
    advance_if_marked()
}

/* A wait ends for the waker, or for another source. In the second case the caller does not look at the data. */
proctype poller()
{
    byte i = 0, seen;
end:
    do
#if BROKEN == 2
    :: collect(); look(); end_epoch()
#elif BROKEN == 3 || BROKEN == 10
    :: seen = epoch;
#if BROKEN == 3
       advance_if_marked();
#endif
end_waiting:
       if
       :: collect(); advance_if_marked(); look()
       :: atomic { spurious < SPURIOUS -> spurious++ }; advance_if_marked()
       fi
#else
    :: collect(); end_epoch(); look()
#endif
#if BROKEN != 3 && BROKEN != 10
    :: atomic { spurious < SPURIOUS -> spurious++ }; end_epoch()
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
