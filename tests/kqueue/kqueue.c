/* SPDX-License-Identifier: MIT */
/*
 * An implementation of kqueue(2) on Linux. This implementation serves only the tests of src/bsd.
 *
 * A kqueue consists of three epoll instances, because an epoll instance accepts each file only once. The first instance
 * watches files for EVFILT_READ, the second instance for EVFILT_WRITE, and the third instance for EVFILT_EXCEPT. The
 * first instance also watches the other two instances. So a program can poll the first instance, and the descriptor of
 * this instance is the descriptor of the kqueue. EVFILT_USER is an eventfd. EVFILT_SIGNAL is a signalfd in an epoll
 * instance of its own. A wait on that epoll instance consumes the edge and leaves the signal pending.
 *
 * The instances watch all files edge-triggered, even while a knote is disabled. If the file is ready, EPOLL_CTL_MOD
 * makes a new edge. The code uses EPOLL_CTL_MOD for EV_ADD on an existing knote, so that a ready file gives an event
 * again. For a knote without EV_CLEAR, the code uses EPOLL_CTL_MOD after each event. Each edge reports the state of the
 * file, and readiness.c decides whether kevent(2) returns an event for this state. So poll(2) may report a kqueue as
 * readable although kevent(2) then returns 0. NetBSD's kernel also behaves in this way.
 *
 * script.c makes the same calls on every system. netbsd.txt has the answers of NetBSD's kernel. manual.txt has the
 * answers that the manual pages of the BSDs promise. kqueue.sh compares these two files with the answers of this
 * implementation. If an answer of this implementation differs from the two files, the list below contains this answer.
 * After each group of answers, the list gives the reason for the difference. A line with "=" has a step of script.c,
 * and the first event of the step. A line with "+" has a further event of this step:
 *
 *   = 1 more byte: server READ 4 CLEAR udata 3
 *       After each acknowledgement, NetBSD reports that the client is writable. Linux reports this only if the send
 *       buffer of the client was full before.
 *   = client shut down: client WRITE room EOF CLEAR udata 2
 *   + server READ 2 EOF CLEAR udata 3
 *   + server WRITE room CLEAR udata 3
 *       If a connection changes, Linux wakes every watcher of the socket, also the watchers for writing.
 *   = EVFILT_USER: ok
 *       NetBSD before 10 lacks EVFILT_USER.
 *   = Unix, shut down for reading, too: unix client READ 0 EOF CLEAR udata 4
 *   + unix server READ 0 EOF CLEAR udata 2
 *       Linux wakes the peer again, although an event has already reported the end of the peer.
 *   = datagram: receiver READ 3 udata 1
 *   = datagram, again: receiver READ 3 udata 1
 *       NetBSD counts the address that is stored with the datagram.
 *   = signal that is pending, sent again: nothing
 *   = signal, twice: SIGUSR1 SIGNAL 1 CLEAR udata 2
 *       If a process sends a signal again while the signal is pending, Linux makes no edge.
 *   = signal, ignored: nothing
 *       A signalfd receives only blocked signals.
 *
 * Differences and limits that the script does not check:
 *   - A pipe without a reader rejects EVFILT_WRITE with EBADF, as in NetBSD's kernel. FreeBSD's kernel returns EPIPE.
 *   - Regular files accept EVFILT_READ and reject EVFILT_WRITE, as in NetBSD's kernel. A growing file gives no new
 *     event.
 *   - Before this kevent(2) returns the event of a knote with EV_ONESHOT, it checks the condition again. NetBSD does
 *     not check the condition again.
 *   - EVFILT_EXCEPT accepts only sockets, as in DragonFly's kernel. The condition of EVFILT_EXCEPT ends when the
 *     program has received the out-of-band byte. In the kernels of the BSDs, the condition ends when a read passes the
 *     position of this byte in the stream.
 *   - For EVFILT_WRITE, `data` is always 1. For EVFILT_READ of a Unix listener, `data` is also 1.
 *   - `fflags` is ECONNREFUSED if there never was a connection, and otherwise ECONNRESET. Reading the true error would
 *     clear the error.
 *   - If a datagram socket is shut down only for writing, no event of the socket has EV_EOF.
 *   - If a signal is sent to a single thread, the signal becomes an event only if that thread waits.
 *   - A duplicate of a kqueue does not work as a kqueue.
 *
 * One mutex protects everything. A thread that holds the mutex blocks all signals, because a signal handler may
 * call kevent(2). No function allocates memory. A wait makes system calls on files that another thread may be
 * closing. If the wait made these calls through libc, ThreadSanitizer would report a race in the program. So a wait
 * makes its system calls with syscall(2).
 */
#include "kqueue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MOST_FILES = 65536, MOST_KNOTES = 65536 };

/* The second epoll instance of a kqueue is for EVFILT_WRITE, and the third is for EVFILT_EXCEPT. */
enum { WRITERS, EXCEPTIONS, OTHERS };

/* The epoll_data for the second or the third instance. Smaller values stand for knotes. */
#define EDGE_OF(other) (UINT64_MAX - (other))

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int others[OTHERS][MOST_FILES]; /* the second and third epoll instance of each kqueue; 0 for other files */
static struct knote *buckets[MOST_FILES];
static struct knote knotes[MOST_KNOTES];
static unsigned used_knotes; /* the index of the first knote that was never used */
static struct knote *free_knotes;
static struct epoll_event edges[MOST_FILES];
static struct epoll_event others_edges[MOST_FILES];

struct section {
    sigset_t mask;
    int cancel_state;
    int error;
};

static void enter(struct section *section)
{
    sigset_t all;
    section->error = errno;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &section->mask);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &section->cancel_state);
    pthread_mutex_lock(&mutex);
}

static void leave(const struct section *section)
{
    pthread_mutex_unlock(&mutex);
    pthread_setcancelstate(section->cancel_state, NULL);
    pthread_sigmask(SIG_SETMASK, &section->mask, NULL);
    errno = section->error;
}

static bool is_kqueue(int fd)
{
    return fd >= 0 && fd < MOST_FILES && others[0][fd] != 0;
}

/* --- Knotes ------------------------------------------------------------------------------------------------------- */

static bool is_of_file(short filter)
{
    return filter == EVFILT_READ || filter == EVFILT_WRITE || filter == EVFILT_EXCEPT;
}

static struct knote **bucket_of(uintptr_t ident)
{
    return &buckets[ident % MOST_FILES];
}

static struct knote *find_knote(int kq, short filter, uintptr_t ident)
{
    struct knote *note = *bucket_of(ident);
    while (note != NULL && (note->kq != kq || note->filter != filter || note->ident != ident)) {
        note = note->next;
    }
    return note;
}

static struct knote *new_knote(int kq, const struct kevent *change)
{
    struct knote *note = free_knotes;
    if (note != NULL) {
        free_knotes = note->next;
    } else if (used_knotes < MOST_KNOTES) {
        note = &knotes[used_knotes++];
    } else {
        return NULL;
    }
    *note = (struct knote){.next = *bucket_of(change->ident),
                           .kq = kq,
                           .filter = change->filter,
                           .flags = change->flags & (EV_ADD | EV_CLEAR | EV_ONESHOT | EV_DISPATCH),
                           .ident = change->ident,
                           .udata = change->udata,
                           .fflags = change->fflags,
                           .enabled = (change->flags & EV_DISABLE) == 0,
                           .reuse = note->reuse + 1,
                           .fd = -1,
                           .signals = -1};
    *bucket_of(change->ident) = note;
    return note;
}

static int watch(const struct knote *note, int operation, struct epoll_event *event)
{
    const int epoll = note->filter == EVFILT_WRITE    ? others[WRITERS][note->kq]
                      : note->filter == EVFILT_EXCEPT ? others[EXCEPTIONS][note->kq]
                                                      : note->kq;
    return (int)syscall(SYS_epoll_ctl, epoll, operation, note->fd, event);
}

/* Calls epoll_ctl(2) for the file of a knote. EPOLL_CTL_ADD adds the file, and EPOLL_CTL_MOD checks the file again.
 * Returns 0 or an error number. */
static int control(const struct knote *note, int operation)
{
    const uint32_t wanted = note->filter == EVFILT_WRITE    ? EPOLLOUT | EPOLLRDHUP
                            : note->filter == EVFILT_EXCEPT ? EPOLLPRI
                                                            : EPOLLIN | EPOLLRDHUP;
    struct epoll_event event = {.events = wanted | EPOLLET,
                                .data.u64 = (uint64_t)note->reuse << 32 | (uint32_t)(note - knotes)};
    if (watch(note, operation, &event) == 0) {
        return 0;
    }
    /*
     * EEXIST means that closing.c did not see the call that closed the descriptor. A new file has the descriptor's
     * number now, and a duplicate keeps the old file open.
     */
    if (operation == EPOLL_CTL_ADD && errno == EEXIST) {
        return control(note, EPOLL_CTL_MOD);
    }
    return errno;
}

static void remove_knote(struct knote *note)
{
    struct knote **link = bucket_of(note->ident);
    if (note->fd >= 0) {
        watch(note, EPOLL_CTL_DEL, NULL);
    }
    while (*link != note) {
        link = &(*link)->next;
    }
    *link = note->next;
    if (note->signals >= 0) {
        close_file(note->signals);
    }
    if (note->fd >= 0 && (!is_of_file(note->filter) || note->fd != (int)note->ident)) {
        close_file(note->fd);
    }
    note->kq = 0;
    note->next = free_knotes;
    free_knotes = note;
}

static struct knote *knote_of(uint64_t data)
{
    struct knote *note = &knotes[(uint32_t)data];
    return note->kq != 0 && note->reuse == data >> 32 ? note : NULL;
}

/* --- Changes ------------------------------------------------------------------------------------------------------ */

/* Opens an instance that is close-on-exec and non-blocking, like all internal descriptors of a kqueue. */
static int new_epoll(void)
{
    const int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) == 0 ? fd : -1;
}

/*
 * A signal that is already pending must not cause an event of the new knote. So open_signal() consumes the edge of such
 * a signal.
 */
static int open_signal(struct knote *note)
{
    struct epoll_event edge = {.events = EPOLLIN | EPOLLET};
    sigset_t set;
    sigemptyset(&set);
    if (sigaddset(&set, (int)note->ident) < 0) {
        return EINVAL;
    }
    note->flags |= EV_CLEAR;
    note->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    note->fd = new_epoll();
    if (note->signals < 0 || note->fd < 0 || epoll_ctl(note->fd, EPOLL_CTL_ADD, note->signals, &edge) < 0) {
        return errno;
    }
    epoll_wait(note->fd, &edge, 1, 0);
    return 0;
}

static int open_file(struct knote *note)
{
    note->fd = (int)note->ident;
    note->socket = socket_type(note->fd);
    if (note->filter == EVFILT_READ) {
        return 0;
    }
    if (note->filter == EVFILT_EXCEPT) {
        return note->socket != 0 ? 0 : EOPNOTSUPP;
    }
    return is_kqueue(note->fd) ? EINVAL : is_broken_pipe(note->fd) ? EBADF : 0;
}

static int open_knote(struct knote *note)
{
    switch (note->filter) {
    case EVFILT_SIGNAL:
        return open_signal(note);
    case EVFILT_USER:
        note->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        return note->fd < 0 ? errno : 0;
    default:
        return open_file(note);
    }
}

static int trigger(const struct knote *note)
{
    const uint64_t one = 1;
    return write(note->fd, &one, sizeof one) < 0 && errno != EAGAIN ? errno : 0;
}

/*
 * Without EV_ADD, a change keeps `udata`. EV_ENABLE without EV_ADD gives an event only if an edge came while the knote
 * was disabled.
 */
static int update(struct knote *note, const struct kevent *change)
{
    bool look = (change->flags & EV_ADD) != 0;
    int error = 0;
    if (look) {
        note->udata = change->udata;
        note->fflags = change->fflags;
        note->ended = is_broken_pipe(note->fd);
    }
    if ((change->flags & EV_DISABLE) != 0) {
        note->enabled = false;
    }
    if ((change->flags & EV_ENABLE) != 0) {
        look = look || note->active;
        note->enabled = true;
        note->active = false;
    }
    if (note->filter == EVFILT_USER && (change->fflags & NOTE_TRIGGER) != 0) {
        error = trigger(note);
    }
    return error == 0 && look ? control(note, EPOLL_CTL_MOD) : error;
}

/* epoll rejects a file that is always ready, so the code watches an eventfd in place of such a file. */
static int watch_plain_file(struct knote *note)
{
    struct stat status;
    if (fstat(note->fd, &status) < 0) {
        return errno;
    }
    if (note->filter == EVFILT_WRITE && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))) {
        return EINVAL;
    }
    note->fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    return note->fd < 0 ? errno : control(note, EPOLL_CTL_ADD);
}

static int open_and_watch(struct knote *note, const struct kevent *change)
{
    int error = open_knote(note);
    if (error == 0) {
        error = control(note, EPOLL_CTL_ADD);
    }
    if (error == EPERM) {
        error = watch_plain_file(note);
    }
    if (error == 0 && note->filter == EVFILT_USER && (change->fflags & NOTE_TRIGGER) != 0) {
        error = trigger(note);
    }
    return error;
}

static int add(int kq, const struct kevent *change)
{
    struct knote *note = new_knote(kq, change);
    int error;
    if (note == NULL) {
        return ENOMEM;
    }
    error = open_and_watch(note, change);
    if (error != 0) {
        remove_knote(note);
    }
    return error;
}

/* Returns 0 or an error number. */
static int apply(int kq, const struct kevent *change)
{
    struct knote *note;
    int error = ENOENT;
    if (is_of_file(change->filter)) {
        if (change->ident > INT32_MAX || fcntl((int)change->ident, F_GETFD) < 0) {
            return EBADF;
        }
    } else if (change->filter != EVFILT_USER && change->filter != EVFILT_SIGNAL) {
        return EINVAL;
    }
    note = find_knote(kq, change->filter, change->ident);
    if (note != NULL && (change->flags & EV_DELETE) != 0) {
        remove_knote(note);
        return 0;
    }
    if (note != NULL) {
        error = update(note, change);
        if (error != ENOENT) {
            return error;
        }
        /* ENOENT means that closing.c has missed a close(2), and that the number now stands for another file. */
        remove_knote(note);
    }
    return (change->flags & EV_ADD) != 0 ? add(kq, change) : error;
}

/*
 * Makes the changes. If a change fails or has EV_RECEIPT, stores an event. Returns the number of stored events. If a
 * change fails while the array is full, returns -1.
 */
static int apply_all(int kq, const struct kevent *changes, int nchanges, struct kevent *events, int nevents)
{
    int told = 0;
    for (int i = 0; i < nchanges; i++) {
        struct kevent change = changes[i]; /* `changes` and `events` may be the same array */
        const int error = apply(kq, &change);
        if (error == 0 && (change.flags & EV_RECEIPT) == 0) {
            continue;
        }
        if (told == nevents) {
            errno = error;
            return error != 0 ? -1 : told;
        }
        change.flags = EV_ERROR;
        change.data = error;
        events[told++] = change;
    }
    return told;
}

/* --- Events ------------------------------------------------------------------------------------------------------- */

static void after_event(struct knote *note)
{
    uint64_t count;
    if ((note->flags & EV_ONESHOT) != 0) {
        remove_knote(note);
        return;
    }
    if (note->filter == EVFILT_USER && (note->flags & EV_CLEAR) != 0 && read(note->fd, &count, sizeof count) < 0) {
        abort();
    }
    if ((note->flags & EV_DISPATCH) != 0) {
        note->enabled = false;
    } else if ((note->flags & EV_CLEAR) == 0) {
        control(note, EPOLL_CTL_MOD);
    }
}

/* If the edge causes an event, stores the event. Returns the number of stored events, 0 or 1. */
static int report(const struct epoll_event *edge, struct kevent *event)
{
    struct knote *note = knote_of(edge->data.u64);
    if (note == NULL) {
        return 0;
    }
    if (!note->enabled) {
        note->active = true;
        return 0;
    }
    EV_SET(event, note->ident, note->filter, note->flags, 0, 0, note->udata);
    if (!knote_is_active(note, edge->events, event)) {
        return 0;
    }
    after_event(note);
    return 1;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int collect_other(int epoll, struct kevent *events, int room)
{
    const int found = epoll_wait(epoll, others_edges, smaller(room, MOST_FILES), 0);
    int count = 0;
    for (int i = 0; i < found; i++) {
        count += report(&others_edges[i], &events[count]);
    }
    return count;
}

/*
 * If collect() fetched an edge while `events` has no space for the event, the event would be lost. So collect() fetches
 * at most `nevents` edges of `kq`. Such an edge can mean that another instance has edges. Before collect() fetches the
 * edges of the other instance, it reserves space for the remaining edges of `kq`.
 */
static int collect(int kq, struct kevent *events, int nevents)
{
    int count = 0;
    int found;
    do {
        found = epoll_wait(kq, edges, smaller(nevents, MOST_FILES), 0);
        for (int i = 0; i < found; i++) {
            if (edges[i].data.u64 > EDGE_OF(OTHERS)) {
                const int other = others[UINT64_MAX - edges[i].data.u64][kq];
                count += collect_other(other, &events[count], nevents - count - (found - i - 1));
            } else {
                count += report(&edges[i], &events[count]);
            }
        }
    } while (count == 0 && found > 0);
    return count;
}

static int collect_now(int kq, struct kevent *events, int nevents)
{
    struct section section;
    int count = -1;
    enter(&section);
    if (is_kqueue(kq)) {
        count = collect(kq, events, nevents);
    } else {
        section.error = EBADF;
    }
    leave(&section);
    return count;
}

/* --- Time --------------------------------------------------------------------------------------------------------- */

static struct timespec now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time;
}

static struct timespec deadline_after(const struct timespec *timeout)
{
    struct timespec end = now();
    end.tv_nsec += timeout->tv_nsec;
    if (__builtin_add_overflow(end.tv_sec, timeout->tv_sec + end.tv_nsec / 1000000000, &end.tv_sec)) {
        end.tv_sec = INT32_MAX;
    }
    end.tv_nsec %= 1000000000;
    return end;
}

static struct timespec time_until(struct timespec end)
{
    const struct timespec begin = now();
    end.tv_sec -= begin.tv_sec;
    end.tv_nsec -= begin.tv_nsec;
    if (end.tv_nsec < 0) {
        end.tv_nsec += 1000000000;
        end.tv_sec--;
    }
    return end.tv_sec < 0 ? (struct timespec){0, 0} : end;
}

static bool is_zero(const struct timespec *time)
{
    return time->tv_sec == 0 && time->tv_nsec == 0;
}

/* The kqueue can become readable although this wait gets no event: another thread consumed the event, or an edge caused
 * no event. In both cases the wait continues. */
static int wait_for_events(int kq, struct kevent *events, int nevents, const struct timespec *timeout)
{
    const struct timespec end = timeout != NULL ? deadline_after(timeout) : now();
    for (;;) {
        struct pollfd look = {.fd = kq, .events = POLLIN};
        struct timespec left = time_until(end);
        const int count = collect_now(kq, events, nevents);
        if (count != 0 || (timeout != NULL && is_zero(&left))) {
            return count;
        }
        if (ppoll(&look, 1, timeout != NULL ? &left : NULL, NULL) < 0) {
            return -1;
        }
    }
}

/* --- kqueue(2) ---------------------------------------------------------------------------------------------------- */

int kevent(int kq, const struct kevent *changes, int nchanges, struct kevent *events, int nevents,
           const struct timespec *timeout)
{
    struct section section;
    int told = -1;
    if (timeout != NULL && (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000)) {
        errno = EINVAL;
        return -1;
    }
    if (nevents > 0) {
        pthread_testcancel();
    }
    enter(&section);
    errno = EBADF;
    if (is_kqueue(kq)) {
        told = apply_all(kq, changes, nchanges, events, nevents);
    }
    if (told < 0) {
        section.error = errno;
    }
    leave(&section);
    return told != 0 || nevents == 0 ? told : wait_for_events(kq, events, nevents, timeout);
}

static void close_queue(int kq)
{
    for (int i = 0; i < OTHERS; i++) {
        close_file(others[i][kq]);
    }
    for (unsigned i = 0; i < used_knotes; i++) {
        if (knotes[i].kq == kq) {
            remove_knote(&knotes[i]);
        }
    }
    others[0][kq] = 0;
}

static bool add_other(int kq, int which, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = EDGE_OF((unsigned)which)};
    others[which][kq] = fd;
    return fd >= 0 && epoll_ctl(kq, EPOLL_CTL_ADD, fd, &event) == 0;
}

/*
 * Returns a new kqueue, which is not close-on-exec. The kqueue consists of three epoll instances, and the first
 * instance already watches the other two.
 */
static int open_queue(void)
{
    const int kq = epoll_create1(0);
    const int writers = new_epoll();
    const int exceptions = new_epoll();
    if (is_kqueue(kq)) {
        close_queue(kq); /* an older kqueue had this number; closing.c did not see the close */
    }
    if (kq >= 0 && kq < MOST_FILES) {
        if (add_other(kq, WRITERS, writers) && add_other(kq, EXCEPTIONS, exceptions)) {
            return kq;
        }
        others[0][kq] = 0;
    }
    close_file(kq);
    close_file(writers);
    close_file(exceptions);
    errno = EMFILE;
    return -1;
}

int kqueue(void)
{
    struct section section;
    int kq;
    enter(&section);
    kq = open_queue();
    if (kq < 0) {
        section.error = errno;
    }
    leave(&section);
    return kq;
}

void forget_files(unsigned first, unsigned last)
{
    struct section section;
    enter(&section);
    for (unsigned fd = first; fd <= last && fd < MOST_FILES; fd++) {
        struct knote *next;
        for (struct knote *note = buckets[fd]; note != NULL; note = next) {
            next = note->next;
            if (is_of_file(note->filter) && note->ident == fd) {
                remove_knote(note);
            }
        }
        if (is_kqueue((int)fd)) {
            close_queue((int)fd);
        }
    }
    leave(&section);
}

/*
 * A child of fork(2) must not inherit a kqueue. So the child closes the epoll instances of each kqueue, and removes the
 * knotes. The kqueue's own descriptor is an epoll instance that the parent and the child share. Until the child has
 * closed this instance, a change that the child makes also affects the parent. So the child closes this instance first.
 */

static struct section fork_section;

static void before_fork(void)
{
    struct section section;
    enter(&section);
    fork_section = section;
}

static void after_fork_in_parent(void)
{
    const struct section section = fork_section;
    leave(&section);
}

static void after_fork_in_child(void)
{
    for (int kq = 0; kq < MOST_FILES; kq++) {
        if (is_kqueue(kq)) {
            close_file(kq);
            close_queue(kq);
        }
    }
    after_fork_in_parent();
}

__attribute__((constructor)) static void prepare_for_fork(void)
{
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}
