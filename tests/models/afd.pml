/* SPDX-License-Identifier: MIT */
/*
 * Models how the selector of Windows polls one socket with AFD: src/windows/sock_state.hpp computes the steps, and
 * src/windows/afd_state.cc and afd_selector.cc do them. The names of the functions are those of the code. WAITERS
 * threads wait on one poll object without a limit, and handle each event that they get: they empty the socket, rearm an
 * edge and modify a oneshot. Meanwhile another thread registers, modifies and deregisters the socket, CHANGES times in
 * any order, and the socket becomes readable or writable EVENTS times. Each registration is an AfdSocket with memory of
 * its own, which no later registration uses again. The program closes no registered socket, so the model leaves out the
 * look at the mark before an operation starts.
 *
 * AFD may refuse an operation REFUSALS times. After a refusal, the library itself posts the packet of the operation.
 * Posting may also fail REFUSALS times. AFD may end an operation STOPS times although the library has not cancelled it.
 *
 * Spin checks these promises in every state:
 *   - AFD has at most one operation of a socket, and neither AFD nor a packet touches memory that is free.
 *   - If a wait begins after deregistering has returned, the wait does not return the token.
 *   - An event reports a condition of an edge or a oneshot once, until the program rearms or modifies it.
 *   - If AFD has refused an operation, a wait does not repeat the operation until there is an event.
 * When no process can move any more, no thread waits while the socket has a condition that its next event must
 * report. There is one exception. If a change can neither start an operation nor post its packet, the threads that
 * already wait do not notice the change. The next wait that begins does the step that is due. Then the poll object is
 * closed, which must end and leave no memory and no operation behind.
 *
 * BROKEN selects a mistake that Spin must find:
 *   1  removing a socket frees the memory while an operation is under way
 *   2  the packet of a removed socket causes an event
 *   3  a change of the interest does not cancel an operation that requests too few bits
 *   4  a change cancels an operation and starts the next operation at once
 *   5  a packet does not start the next operation
 *   6  a change leaves its step to the next wait although a thread waits
 *   7  a thread counts itself as waiting after it has released the mutex
 *   8  a step that fails does not stay due
 *   9  a refused operation has no packet
 *  10  rearming arms a oneshot
 *  11  rearming does not start an operation
 *  12  the selector requests an edge again after its report
 *  13  modifying does not arm a oneshot
 *  14  closing does not wait for the packets
 *  15  the selector starts the operation of a oneshot again after AFD has refused it
 *  16  a packet that causes no event puts a oneshot to sleep
 */
#ifndef BROKEN
#define BROKEN 0
#endif
#ifndef WAITERS
#define WAITERS 2
#endif
#ifndef CHANGES
#define CHANGES 3 /* how often a thread changes the registration */
#endif
#ifndef EVENTS
#define EVENTS 2
#endif
#ifndef REFUSALS
#define REFUSALS 0
#endif
#ifndef STOPS
#define STOPS 0
#endif
#define SPURIOUS 1 /* waits that return for a waker */

#define READ 1
#define WRITE 2
#define BROKE 4 /* afd_broken */
#define NO_SOCKET CHANGES

mtype = { EDGE, ONESHOT, LEVEL };
mtype = { NO_OPERATION, PENDING, CANCELLED };        /* enum class Operation */
mtype = { SUCCESS, STOPPED, REFUSED };               /* enum class Ending */
mtype = { NO_STEP, SUBMIT, CANCEL, RELEASE };        /* enum class Step */
mtype = { NO_PART, TAKE, REARM, MODIFY };            /* the parts of a wait under the mutex */

typedef AfdSocket {
    bit live;            /* the memory is allocated */
    bit due, removed, refused, lasting;
    mtype mode, operation, ending;
    byte armed, polled, bits;
    bit started, cancelling; /* AFD has the operation; the library has asked AFD to end it */
    byte owed;           /* the conditions that the next event must report; a rule of mio(7), and not in the code */
    byte tries;          /* refused operations since the last event or change */
};

AfdSocket socket[CHANGES];
chan port = [CHANGES] of { byte };
byte registered = NO_SOCKET; /* the table of sockets */
byte made = 0, waiting = 0, under_way = 0, gone = 0;
byte has = 0;                /* the conditions of the socket itself */
byte refusals = REFUSALS, failures = REFUSALS, stops = STOPS, spurious = SPURIOUS;
bit unnoticed = 0;           /* a step has failed since the last wait began */
bit closing = 0;

/* ---- src/windows/sock_state.hpp ---- */

inline arm(s, new_mode, interest)
{
    socket[s].mode = new_mode;
    socket[s].armed = interest | BROKE;
    socket[s].lasting = 0;
    socket[s].refused = 0;
    socket[s].owed = interest | BROKE;
    socket[s].tries = 0
}

inline next_step(s)
{
    if
    :: socket[s].operation == NO_OPERATION && socket[s].removed -> step = RELEASE
    :: socket[s].operation == NO_OPERATION && !socket[s].removed && socket[s].refused -> step = NO_STEP
    :: socket[s].operation == NO_OPERATION && !socket[s].removed && !socket[s].refused -> step = SUBMIT
#if BROKEN == 1
    :: socket[s].operation != NO_OPERATION && socket[s].removed -> step = RELEASE
#endif
#if BROKEN == 3
    :: socket[s].operation == PENDING && socket[s].removed -> step = CANCEL
#else
    :: socket[s].operation == PENDING && (socket[s].removed || (socket[s].armed & (7 - socket[s].polled))) ->
       step = CANCEL
#endif
    :: else -> step = NO_STEP
    fi
}

inline note_reported(s)
{
    if
    :: socket[s].mode == ONESHOT -> socket[s].armed = 0
#if BROKEN != 12
    :: socket[s].mode == EDGE && (news & BROKE) -> socket[s].armed = 0; socket[s].lasting = 1
    :: socket[s].mode == EDGE && !(news & BROKE) -> socket[s].armed = socket[s].armed & (7 - news)
#endif
    :: else -> skip
    fi
}

inline note_ended(s)
{
    socket[s].operation = NO_OPERATION;
    if
    :: socket[s].ending == REFUSED ->
       socket[s].bits = BROKE;
#if BROKEN == 15
       socket[s].refused = (socket[s].mode == EDGE)
#else
       socket[s].refused = (socket[s].mode != LEVEL)
#endif
    :: else -> skip
    fi;
    if
#if BROKEN != 2
    :: socket[s].removed -> news = 0
#endif
    :: socket[s].ending == STOPPED -> news = 0
    :: else -> news = socket[s].bits & socket[s].armed
    fi;
    if
#if BROKEN != 16
    :: news == 0 -> skip
#endif
    :: else -> note_reported(s)
    fi
}

inline rearm(s, used_up)
{
    if
#if BROKEN == 10
    :: socket[s].mode != LEVEL && !socket[s].lasting -> socket[s].armed = socket[s].armed | used_up
#else
    :: socket[s].mode == EDGE && !socket[s].lasting -> socket[s].armed = socket[s].armed | used_up
#endif
    :: else -> skip
    fi;
    if
    :: socket[s].mode == EDGE && (socket[s].owed & BROKE) -> socket[s].owed = socket[s].owed | used_up
    :: else -> skip
    fi
}

/* ---- src/windows/afd_state.cc and afd.cc ---- */

inline submit(s)
{
    assert(socket[s].live && !socket[s].started);
    if
    :: socket[s].started = 1; socket[s].cancelling = 0
    :: refusals > 0 ->
       refusals--;
       socket[s].tries++;
       assert(socket[s].tries < 2);
       if
       :: socket[s].ending = REFUSED;
#if BROKEN != 9
          port ! s
#endif
       :: failures > 0 -> failures--; socket[s].tries--; failed = 1
       fi
    fi;
    if
    :: !failed -> socket[s].operation = PENDING; socket[s].polled = socket[s].armed; under_way++
    :: else -> skip
    fi
}

inline do_step(s)
{
    socket[s].due = 0;
    failed = 0;
    next_step(s);
    if
    :: step == SUBMIT -> submit(s)
    :: step == CANCEL ->
       socket[s].cancelling = socket[s].started;
       socket[s].operation = CANCELLED;
#if BROKEN == 4
       if
       :: !socket[s].removed -> submit(s)
       :: else -> skip
       fi
#endif
    :: step == RELEASE -> socket[s].live = 0
    :: else -> skip
    fi
}

inline make_due(s)
{
#if BROKEN == 8
    socket[s].due = !failed
#else
    socket[s].due = 1
#endif
}

inline proceed(s)
{
    failed = 0;
    next_step(s);
    if
#if BROKEN == 6
    :: step == RELEASE ->
#else
    :: waiting > 0 || step == RELEASE ->
#endif
       do_step(s);
       if
       :: failed -> make_due(s); unnoticed = 1
       :: else -> skip
       fi
    :: else -> make_due(s)
    fi;
    step = NO_STEP;
    failed = 0
}

/* Stops after the first failure and sets `failed`, which stands for -ENOMEM. */
inline proceed_with_due()
{
    failed = 0;
    i = 0;
    do
    :: i < CHANGES && socket[i].due ->
       do_step(i);
       if
       :: failed -> make_due(i); break
       :: else -> i++
       fi
    :: i < CHANGES && !socket[i].due -> i++
    :: else -> break
    od;
    step = NO_STEP;
    i = 0
}

/* After this, the caller must call proceed(). */
inline drop_socket(s)
{
    registered = NO_SOCKET;
    socket[s].removed = 1;
    socket[s].owed = 0
}

/* Sets `news` to the bits of the event, or 0. After this, the caller must call proceed(). In the code, take_packet
 * makes the socket due instead, and take_all does the steps of all due sockets after the last packet. A wait of the
 * model takes only one packet. */
inline take_packet(s)
{
    assert(socket[s].live);
    under_way--;
    note_ended(s);
    assert((news & (7 - socket[s].owed)) == 0 || socket[s].removed);
    if
    :: news != 0 -> socket[s].tries = 0
    :: else -> skip
    fi;
    if
    :: news != 0 && socket[s].mode == ONESHOT -> socket[s].owed = 0
    :: news != 0 && socket[s].mode == EDGE && (news & BROKE) -> socket[s].owed = 0
    :: news != 0 && socket[s].mode == EDGE && !(news & BROKE) -> socket[s].owed = socket[s].owed & (7 - news)
    :: else -> skip
    fi
}

/* ---- AFD, which writes to the operation and posts its packet ---- */

inline complete(how, which)
{
    assert(socket[me].live);
    socket[me].started = 0;
    socket[me].ending = how;
    socket[me].bits = which;
    port ! me
}

proctype afd(byte me)
{
end_afd:
    do
    :: atomic { socket[me].started && (socket[me].polled & has) -> complete(SUCCESS, socket[me].polled & has) }
    :: atomic { socket[me].started && socket[me].cancelling -> complete(STOPPED, 0) }
    :: atomic { socket[me].started && stops > 0 -> stops--; complete(STOPPED, 0) }
    od
}

proctype peer()
{
    byte events = 0;
    do
    :: atomic { events < EVENTS -> events++; has = has | READ }
    :: atomic { events < EVENTS -> events++; has = has | WRITE }
    :: else -> break
    od
}

/* ---- src/windows/afd_selector.cc; each part under the mutex is one step ---- */

/* This is afd_add. After this, the caller must call proceed(). */
inline add(new_mode, interest)
{
    s = made;
    made++;
    socket[s].live = 1;
    socket[s].operation = NO_OPERATION;
    arm(s, new_mode, interest);
    registered = s
}

/* This is afd_modify. After this, the caller must call proceed(). */
inline modify(new_mode, interest)
{
    s = registered;
#if BROKEN == 13
    if
    :: new_mode != ONESHOT -> arm(s, new_mode, interest)
    :: else -> socket[s].owed = interest | BROKE
    fi
#else
    arm(s, new_mode, interest)
#endif
}

proctype waiter()
{
    byte i = 0, s, news, gone_before;
    mtype step = NO_STEP, part, mode;
    bit failed;
    do
    :: atomic { /* begin_wait */
           gone_before = gone;
           s = NO_SOCKET;
           part = TAKE;
           unnoticed = 0;
           proceed_with_due();
           if
           :: failed -> failed = 0; goto again
#if BROKEN == 7
           :: else -> skip
           fi
       };
       waiting++;
#else
           :: else -> waiting++
           fi
       };
#endif
end_port:
       if
       :: atomic { !closing && nempty(port) -> port ? s }
       :: atomic { spurious > 0 -> spurious-- }
       fi;
locked: /* end_wait takes the packet, and then the program handles the event, if there is one */
       atomic {
           if
           :: part == TAKE ->
              waiting--;
              part = NO_PART;
              if
              :: s != NO_SOCKET ->
                 mode = socket[s].mode;
                 take_packet(s);
                 assert(news == 0 || !(gone_before & (1 << s)));
                 if
                 :: news != 0 -> part = REARM
                 :: else -> skip
                 fi
#if BROKEN == 5
                 ;
                 s = NO_SOCKET
#endif
              :: else -> skip
              fi
           :: part == REARM ->
              s = registered;
              if
              :: s != NO_SOCKET -> rearm(s, news & (READ | WRITE))
              :: else -> skip
              fi;
              part = (mode == ONESHOT -> MODIFY : NO_PART)
#if BROKEN == 11
              ;
              s = NO_SOCKET
#endif
           :: part == MODIFY && registered != NO_SOCKET -> modify(ONESHOT, news & (READ | WRITE)); part = NO_PART
           :: part == MODIFY && registered == NO_SOCKET -> s = NO_SOCKET; part = NO_PART
           fi;
           if
           :: s != NO_SOCKET -> proceed(s)
           :: else -> skip
           fi;
           s = NO_SOCKET
       };
       if
       :: part == REARM -> has = has & (7 - news); goto locked /* the program reads or writes until EAGAIN */
       :: part == MODIFY -> goto locked
       :: part == NO_PART -> skip
       fi;
again: atomic { s = 0; news = 0; gone_before = 0; mode = NO_STEP; part = NO_PART } /* fewer states */
    od
}

inline choose()
{
    if
    :: mode = EDGE
    :: mode = ONESHOT
    :: mode = LEVEL
    fi;
    if
    :: interest = READ
    :: interest = READ | WRITE
    fi
}

proctype registrar()
{
    byte changes = 0, interest, s, left;
    mtype step = NO_STEP, mode;
    bit failed;
    do
    :: changes < CHANGES ->
       atomic {
           changes++;
           choose();
           if
           :: registered == NO_SOCKET -> add(mode, interest)
           :: registered != NO_SOCKET -> modify(mode, interest)
           :: registered != NO_SOCKET -> s = registered; drop_socket(s); left = 1 << s
           fi;
           proceed(s);
           s = 0
       };
       atomic { gone = gone | left; left = 0 }
    :: else -> break
    od
}

init
{
    byte i = 0, s, news;
    mtype step = NO_STEP;
    bit failed;
    atomic {
        do
        :: i < CHANGES -> run afd(i); i++
        :: else -> break
        od;
        i = 0;
        do
        :: i < WAITERS -> run waiter(); i++
        :: else -> break
        od;
        i = 0;
        run registrar();
        run peer()
    };
    timeout; /* nothing else can move */
    assert(waiting == WAITERS);
    assert(unnoticed || registered == NO_SOCKET || (socket[registered].owed & has) == 0);

    closing = 1; /* afd_close, after the threads have left */
    do
    :: atomic {
           if
           :: registered != NO_SOCKET -> s = registered; drop_socket(s)
           :: registered == NO_SOCKET && i < CHANGES -> s = (socket[i].due -> i : NO_SOCKET); i++
#if BROKEN != 14
           :: registered == NO_SOCKET && i == CHANGES && under_way > 0 -> port ? s; take_packet(s)
#endif
           :: else -> break
           fi;
           if
           :: s != NO_SOCKET -> proceed(s)
           :: else -> skip
           fi
       }
    od;
    i = 0;
    do
    :: i < CHANGES -> assert(!socket[i].live && !socket[i].started); i++
    :: else -> break
    od
}
