/* SPDX-License-Identifier: MIT */
/*
 * Models how threads take turns in src/unix/poll_waiting.cc. THREADS threads wait on one poll object, WAITS times each.
 * There are three kinds of wait: a wait with a timeout of 0, which only looks, a wait with a longer timeout, and a
 * wait without a limit. Meanwhile a thread registers a source, and the source becomes ready EVENTS times.
 *
 * When no process can move any more, Spin checks three things. No thread waits while something is ready. No thread
 * queues while no thread leads. No thread that only looks has to wait.
 *
 * A timeout can expire and a signal can come at any moment. The source is edge-triggered: the thread that gets its
 * event empties and rearms the source.
 *
 * BROKEN selects a mistake that Spin must find:
 *   1  a byte in the turn pipe changes the timeout of a thread that only looks from 0 to "never"
 *   2  the leader leaves without writing a byte
 *   3  a thread whose timeout has expired consumes the byte and leaves
 *   4  a thread counts itself as waiting after it has released the mutex
 *   5  registering does not kick the leader
 *   6  the leader empties the kick pipe after it has copied the table
 *   7  rearming does not kick the leader
 */
#ifndef BROKEN
#define BROKEN 0
#endif
#ifndef THREADS
#define THREADS 3
#endif
#ifndef WAITS
#define WAITS 2
#endif
#ifndef EVENTS
#define EVENTS 2
#endif
#define SIGNALS 1

mtype = { LOOK, TIMED, FOREVER };
mtype = { NOTHING, FOUND, INTERRUPTED };

bit mutex = 0;
bit leading = 0, polling = 0;
byte waiting = 0;
bit turn = 0, kick = 0;          /* whether the pipe holds a byte */
bit registered = 0, armed = 1;   /* the state of the source in the table of sources */
bit ready = 0;                   /* the state of the source itself */
byte signals = SIGNALS;
byte inside_forever = 0, inside_look = 0;

#define lock() atomic { mutex == 0 -> mutex = 1 }
#define unlock() mutex = 0
#define is_due() (registered && armed)

inline note_change()
{
    if
    :: polling -> kick = 1
    :: else -> skip
    fi
}

/* Takes the event of the source, if the source is ready. The caller holds the mutex. */
inline report()
{
    if
    :: copied && ready && is_due() -> armed = 0; mine = 1
    :: else -> skip
    fi
}

/* Polls the turn pipe until the pipe holds a byte, the timeout expires, or a signal comes. */
inline poll_turn()
{
    if
    :: atomic { turn == 1 -> result = FOUND }
    :: atomic { kind == TIMED -> result = NOTHING; kind = LOOK }
    :: atomic { signals > 0 -> signals--; result = INTERRUPTED }
    fi
}

/* The leader's poll(2). */
inline poll_table()
{
    if
    :: atomic { kick == 1 || (copied && ready) -> result = FOUND }
    :: atomic { kind == LOOK && !(kick == 1 || (copied && ready)) -> result = NOTHING }
    :: atomic { kind == TIMED -> result = NOTHING; kind = LOOK }
    :: atomic { signals > 0 -> signals--; result = INTERRUPTED }
    fi
}

proctype thread()
{
    byte waits = 0;
    mtype kind, result;
    bit copied, mine, looks;
    do
    :: waits < WAITS ->
       waits++;
       mine = 0;
       atomic {
           if
           :: kind = LOOK
           :: kind = TIMED
           :: kind = FOREVER
           fi;
           looks = (kind == LOOK);
           if
           :: kind == FOREVER -> inside_forever++
           :: looks -> inside_look++
           :: else -> skip
           fi
       };
       lock();

queue:
       if
       :: !leading -> leading = 1; goto lead
#if BROKEN == 1
       :: leading && kind == LOOK && turn == 1 -> turn = 0; kind = FOREVER; goto queue
       :: leading && kind == LOOK && turn == 0 -> goto left
#else
       :: leading && kind == LOOK -> goto look
#endif
       :: leading && kind != LOOK -> skip
       fi;
#if BROKEN == 4
       unlock();
       waiting++;
#else
       waiting++;
       unlock();
#endif
end_turn:
       poll_turn();
       lock();
       waiting--;
       if
       :: result == INTERRUPTED -> goto left
       :: result == FOUND -> turn = 0
#if BROKEN == 3
       :: result == NOTHING -> turn = 0; goto left
#else
       :: result == NOTHING -> skip
#endif
       fi;
       goto queue;

lead:
       copied = is_due();
       polling = 1;
       unlock();
#if BROKEN == 6
       kick = 0;
#endif
end_table:
       poll_table();
       lock();
       polling = 0;
       if
       :: result == FOUND -> kick = 0; report()
       :: else -> skip
       fi;
       if
       :: result == FOUND && !mine && kind != LOOK -> goto lead
       :: else -> skip
       fi;
       leading = 0;
#if BROKEN != 2
       if
       :: waiting > 0 -> turn = 1
       :: else -> skip
       fi;
#endif
       goto left;

look:
       copied = is_due();
       unlock();
       lock();
       report();

left:
       unlock();
       atomic {
           if
           :: looks -> inside_look--
           :: kind == FOREVER && !looks -> inside_forever--
           :: else -> skip
           fi
       };
       if
       :: mine ->
          ready = 0;
          lock();
          armed = 1;
#if BROKEN != 7
          note_change();
#endif
          unlock()
       :: else -> skip
       fi
    :: else -> break
    od
}

proctype registrar()
{
    lock();
    registered = 1;
#if BROKEN != 5
    note_change();
#endif
    unlock()
}

proctype source()
{
    byte events = 0;
    do
    :: events < EVENTS -> events++; ready = 1
    :: else -> break
    od
}

init
{
    byte i = 0;
    atomic {
        do
        :: i < THREADS -> run thread(); i++
        :: else -> break
        od;
        run registrar();
        run source()
    };
    timeout; /* nothing else can move */
    assert(inside_look == 0);
    assert(leading || waiting == 0);
    assert(!(inside_forever > 0 && is_due() && ready));
    assert(armed)
}
