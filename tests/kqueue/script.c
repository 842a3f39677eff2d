/* SPDX-License-Identifier: MIT */
/*
 * Runs a script of steps on kqueue(2). For each step, prints a line with the answer of the system. The program runs on
 * every system that has <sys/event.h>. The lines leave out values that differ between systems: the numbers of
 * descriptors and errors, the sizes of buffers, and the flag EV_ADD. The argument selects the steps:
 *   - script netbsd: the steps that also work with a rump kernel, which is a kernel of NetBSD that runs inside a
 *     process. netbsd.txt has the answers of such a kernel.
 *   - script manual: the steps of process.c, and the steps with EVFILT_EXCEPT. manual.txt has the answers that the
 *     manual pages of the BSDs promise.
 */
#include "script.h"

#include <string.h>

/* --- Lines -------------------------------------------------------------------------------------------------------- */

enum { MOST_NAMES = 1024, MOST_EVENTS = 8, LINE = 128 };
static const char *names[MOST_NAMES];

void must(int is_true, const char *call, int line)
{
    if (!is_true) {
        printf("line %d: %s: %s\n", line, call, strerror(errno));
        exit(1);
    }
}

int named(int fd, const char *name)
{
    must(fd >= 0 && fd < MOST_NAMES, name, __LINE__);
    names[fd] = name;
    return fd;
}

static const char *name_of(const struct kevent *event)
{
    return event->ident < MOST_NAMES && names[event->ident] != NULL ? names[event->ident] : "unknown";
}

static const char *error_name(int64_t error)
{
    static const struct {
        int number;
        const char *name;
    } errors[] = {{0, "ok"},
                  {EBADF, "EBADF"},
                  {ECONNREFUSED, "ECONNREFUSED"},
                  {ECONNRESET, "ECONNRESET"},
                  {EINPROGRESS, "EINPROGRESS"},
                  {EINTR, "EINTR"},
                  {EINVAL, "EINVAL"},
                  {ENOENT, "ENOENT"}};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].number == error) {
            return errors[i].name;
        }
    }
    return "another error";
}

static const char *filter_name(const struct kevent *event)
{
    switch ((int)event->filter) {
    case EVFILT_READ:
        return "READ";
    case EVFILT_WRITE:
        return "WRITE";
    case EVFILT_USER:
        return "USER";
    case EVFILT_SIGNAL:
        return "SIGNAL";
#ifdef EVFILT_EXCEPT
    case EVFILT_EXCEPT:
        return "EXCEPT";
#endif
    default:
        return "another filter";
    }
}

static const char *fflags_name(const struct kevent *event)
{
#ifdef EVFILT_EXCEPT
    if (event->filter == EVFILT_EXCEPT && event->fflags == NOTE_OOB) {
        return "OOB";
    }
#endif
    return error_name(event->fflags);
}

/*
 * Prints the member `data` of an event: the number of bytes to read, of connections to accept, or of signals that
 * arrived. For EVFILT_WRITE, prints only whether there is space to write.
 */
static int put_data(char *out, const struct kevent *event)
{
    switch ((int)event->filter) {
    case EVFILT_WRITE:
        return snprintf(out, LINE, event->data > 0 ? " room" : " no room");
    case EVFILT_USER:
#ifdef EVFILT_EXCEPT
    case EVFILT_EXCEPT:
#endif
        return 0;
    default:
        return snprintf(out, LINE, " %lld", (long long)event->data);
    }
}

static void put_event(char *out, const struct kevent *event)
{
    if ((event->flags & EV_ERROR) != 0) {
        snprintf(out, LINE, "%s %s%s", name_of(event), event->flags == EV_ERROR ? "" : "with other flags ",
                 error_name(event->data));
        return;
    }
    out += snprintf(out, LINE, "%s %s", name_of(event), filter_name(event));
    out += put_data(out, event);
    out += snprintf(out, LINE, "%s", (event->flags & EV_EOF) != 0 ? " EOF" : "");
    if (event->fflags != 0) {
        out += snprintf(out, LINE, " %s", fflags_name(event));
    }
    snprintf(out, LINE, "%s%s%s udata %ld", (event->flags & EV_CLEAR) != 0 ? " CLEAR" : "",
             (event->flags & EV_ONESHOT) != 0 ? " ONESHOT" : "", (event->flags & EV_DISPATCH) != 0 ? " DISPATCH" : "",
             (long)(intptr_t)event->udata);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

void show_events(const char *step, const struct kevent *events, int count)
{
    char lines[MOST_EVENTS][4 * LINE];
    const size_t lines_used = count < 0 ? 0 : (size_t)count;
    if (count < 0) {
        say(step, count);
        return;
    }
    for (size_t i = 0; i < lines_used; i++) {
        put_event(lines[i], &events[i]);
    }
    qsort(lines, lines_used, sizeof lines[0], compare_lines);
    printf("%s: %s", step, lines_used == 0 ? "nothing" : "");
    for (size_t i = 0; i < lines_used; i++) {
        printf("%s%s", i == 0 ? "" : ", ", lines[i]);
    }
    puts("");
}

void say(const char *step, int result)
{
    printf("%s: %s\n", step, error_name(result < 0 ? errno : 0));
}

/* --- Calls -------------------------------------------------------------------------------------------------------- */

/* Waits until a delayed acknowledgement has arrived. */
static void settle(void)
{
    const struct timespec pause = {0, 300000000};
    nanosleep(&pause, NULL);
}

/* Waits a moment, so that data under way can arrive, and then fetches the events. */
void show(int kq, const char *step)
{
    const struct timespec pause = {0, 20000000};
    const struct timespec wait = {0, 30000000};
    struct kevent events[MOST_EVENTS];
    nanosleep(&pause, NULL);
    show_events(step, events, SYS(kevent)(kq, NULL, 0, events, MOST_EVENTS, &wait));
}

static struct kevent change_of(int ident, int filter, int flags, unsigned fflags, long udata)
{
    struct kevent event;
    memset(&event, 0, sizeof event);
    EV_SET(&event, (uintptr_t)ident, (short)filter, (unsigned short)flags, fflags, 0, (void *)(intptr_t)udata);
    return event;
}

int change(int kq, int ident, int filter, int flags, unsigned fflags, long udata)
{
    const struct kevent event = change_of(ident, filter, flags, fflags, udata);
    return SYS(kevent)(kq, &event, 1, NULL, 0, NULL);
}

static void set_nonblocking(int fd)
{
    OK(SYS(fcntl)(fd, F_SETFL, O_NONBLOCK));
}

/* Turns off Nagle's algorithm, which would hold bytes back. The delay would look like a missing event. */
static void set_nodelay(int fd)
{
    const int one = 1;
    OK(SYS(setsockopt)(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int new_socket(int type, const char *name)
{
    return named(SYS(socket)(AF_INET, type, 0), name);
}

static int new_listener(struct sockaddr_in *address, int type)
{
    socklen_t size = sizeof *address;
    const int fd = new_socket(type, type == SOCK_STREAM ? "listener" : "receiver");
    *address = loopback(0);
    OK(SYS(bind)(fd, (const struct sockaddr *)address, sizeof *address));
    OK(SYS(getsockname)(fd, (struct sockaddr *)address, &size));
    if (type == SOCK_STREAM) {
        OK(SYS(listen)(fd, 5));
    }
    return fd;
}

struct pair {
    int client;
    int server;
};

static struct pair new_tcp_pair(void)
{
    struct sockaddr_in address;
    struct pair pair;
    const int listener = new_listener(&address, SOCK_STREAM);
    pair.client = new_socket(SOCK_STREAM, "client");
    OK(SYS(connect)(pair.client, (const struct sockaddr *)&address, sizeof address));
    pair.server = named(SYS(accept)(listener, NULL, NULL), "server");
    set_nodelay(pair.client);
    OK(SYS(close)(listener));
    return pair;
}

static struct pair new_unix_pair(void)
{
    int fds[2];
    OK(SYS(socketpair)(AF_UNIX, SOCK_STREAM, 0, fds));
    return (struct pair){named(fds[0], "unix client"), named(fds[1], "unix server")};
}

static void put(int fd, const char *bytes)
{
    OK(SYS(write)(fd, bytes, strlen(bytes)));
}

static void take(int fd, size_t most)
{
    char bytes[64];
    OK(SYS(read)(fd, bytes, most));
}

/* --- Connections, edges and modes --------------------------------------------------------------------------------- */

static struct pair connecting(int kq)
{
    struct sockaddr_in address;
    struct pair pair;
    const int listener = new_listener(&address, SOCK_STREAM);
    OK(change(kq, listener, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 1));
    show(kq, "listener, idle");
    pair.client = new_socket(SOCK_STREAM, "client");
    set_nonblocking(pair.client);
    say("non-blocking connect", SYS(connect)(pair.client, (const struct sockaddr *)&address, sizeof address));
    OK(change(kq, pair.client, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 2));
    show(kq, "connected");
    pair.server = named(SYS(accept)(listener, NULL, NULL), "server");
    set_nodelay(pair.client);
    OK(change(kq, pair.server, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 3));
    OK(change(kq, pair.server, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 3));
    show(kq, "accepted");
    return pair;
}

static void edges(int kq, struct pair tcp)
{
    put(tcp.client, "abc");
    show(kq, "3 bytes");
    show(kq, "3 bytes, again");
    put(tcp.client, "d");
    show(kq, "1 more byte");
    take(tcp.server, 2);
    show(kq, "2 of them read");
    OK(SYS(shutdown)(tcp.client, SHUT_WR));
    settle();
    show(kq, "client shut down");
}

static void modes_over_clear(int kq, struct pair tcp)
{
    OK(change(kq, tcp.server, EVFILT_READ, EV_ADD | EV_ONESHOT, 0, 4));
    show(kq, "ONESHOT over CLEAR");
    show(kq, "ONESHOT over CLEAR, again");
    say("EV_ADD of DISPATCH over CLEAR", change(kq, tcp.server, EVFILT_READ, EV_ADD | EV_DISPATCH, 0, 5));
    show(kq, "DISPATCH over CLEAR");
    show(kq, "DISPATCH over CLEAR, again");
}

static void receipts(int kq, struct pair tcp)
{
    const int no_file = named(tcp.client + 20, "no file");
    const struct timespec zero = {0, 0};
    struct kevent events[2];
    const struct kevent changes[2] = {change_of(tcp.server, EVFILT_READ, EV_ADD | EV_CLEAR | EV_RECEIPT, 0, 6),
                                      change_of(no_file, EVFILT_READ, EV_ADD | EV_RECEIPT, 0, 7)};
    show_events("receipts", events, SYS(kevent)(kq, changes, 2, events, 2, &zero));
    say("EVFILT_USER", change(kq, 1, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 8));
}

static void add_again(int kq, int fd)
{
    OK(change(kq, fd, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 21));
    show(kq, "EV_ADD over a ready one");
    OK(change(kq, fd, EVFILT_READ, EV_ADD, 0, 22));
    show(kq, "level over CLEAR");
    show(kq, "level over CLEAR, again");
    OK(change(kq, fd, EVFILT_READ, EV_DELETE, 0, 0));
    OK(change(kq, fd, EVFILT_READ, EV_ADD, 0, 23));
    show(kq, "level after EV_DELETE");
    show(kq, "level after EV_DELETE, again");
    OK(change(kq, fd, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 24));
    show(kq, "CLEAR over level");
    show(kq, "CLEAR over level, again");
    OK(change(kq, fd, EVFILT_READ, EV_ADD | EV_DISABLE, 0, 24));
    show(kq, "disabled");
    OK(change(kq, fd, EVFILT_READ, EV_ENABLE, 0, 24));
    show(kq, "enabled");
}

static void second_pair(int kq)
{
    const struct pair tcp = new_tcp_pair();
    int fd;
    named(tcp.server, "second server");
    OK(change(kq, tcp.server, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 20));
    put(tcp.client, "abcd");
    show(kq, "4 bytes");
    show(kq, "4 bytes, again");
    add_again(kq, tcp.server);
    OK(change(kq, tcp.server, EVFILT_READ, EV_DELETE, 0, 0));
    OK(change(kq, tcp.server, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 25));
    take(tcp.server, 16);
    show(kq, "read before the wait");
    OK(SYS(close)(tcp.server));
    show(kq, "closed while registered");
    OK(SYS(close)(tcp.client));
    fd = new_socket(SOCK_STREAM, "unconnected");
    OK(change(kq, fd, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 26));
    OK(change(kq, fd, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 27));
    show(kq, "unconnected stream");
}

static void pipes_and_pairs(int kq)
{
    int fds[2];
    struct pair pair;
    OK(SYS(pipe)(fds));
    OK(change(kq, named(fds[0], "reader"), EVFILT_READ, EV_ADD | EV_CLEAR, 0, 9));
    OK(change(kq, named(fds[1], "writer"), EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 10));
    show(kq, "pipe");
    OK(SYS(close)(fds[1]));
    show(kq, "writer of the pipe closed");
    pair = new_unix_pair();
    OK(change(kq, pair.client, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 11));
    put(pair.server, "x");
    show(kq, "byte in a unix pair");
    OK(SYS(close)(pair.server));
    show(kq, "unix pair closed");
}

static void refused(int kq)
{
    const struct sockaddr_in nobody = loopback(1);
    const int fd = new_socket(SOCK_STREAM, "refused");
    set_nonblocking(fd);
    say("connect to a closed port", SYS(connect)(fd, (const struct sockaddr *)&nobody, sizeof nobody));
    OK(change(kq, fd, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 12));
    OK(change(kq, fd, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 12));
    show(kq, "refused");
}

static void one_kqueue(void)
{
    const int kq = SYS(kqueue)();
    struct pair tcp;
    OK(kq);
    tcp = connecting(kq);
    edges(kq, tcp);
    modes_over_clear(kq, tcp);
    receipts(kq, tcp);
    second_pair(kq);
    pipes_and_pairs(kq);
    refused(kq);
}

/* --- Other steps -------------------------------------------------------------------------------- */

static void modes(void)
{
    const int kq = SYS(kqueue)();
    const struct pair pair = new_unix_pair();
    put(pair.server, "abc");
    OK(change(kq, pair.client, EVFILT_READ, EV_ADD | EV_ONESHOT, 0, 1));
    show(kq, "ONESHOT");
    show(kq, "ONESHOT, again");
    say("EV_DELETE after ONESHOT", change(kq, pair.client, EVFILT_READ, EV_DELETE, 0, 0));
    OK(change(kq, pair.client, EVFILT_READ, EV_ADD | EV_DISPATCH, 0, 2));
    show(kq, "DISPATCH");
    show(kq, "DISPATCH, again");
    OK(change(kq, pair.client, EVFILT_READ, EV_ENABLE, 0, 3));
    show(kq, "DISPATCH enabled");
    put(pair.server, "z");
    show(kq, "DISPATCH enabled, and a byte");
    OK(change(kq, pair.client, EVFILT_READ, EV_ADD, 0, 3));
    show(kq, "EV_ADD of a disabled one");
    OK(change(kq, pair.client, EVFILT_READ, EV_ADD | EV_ENABLE, 0, 3));
    show(kq, "EV_ADD and EV_ENABLE");
    OK(change(kq, pair.client, EVFILT_READ, EV_DELETE, 0, 0));
    OK(change(kq, pair.client, EVFILT_READ, EV_ADD | EV_CLEAR | EV_DISABLE, 0, 4));
    show(kq, "added disabled");
    put(pair.server, "d");
    show(kq, "byte for a disabled one");
    OK(change(kq, pair.client, EVFILT_READ, EV_ENABLE, 0, 5));
    show(kq, "CLEAR enabled");
    put(pair.server, "e");
    OK(change(kq, pair.client, EVFILT_READ, EV_DELETE, 0, 0));
    show(kq, "event deleted before the wait");
}

static void errors(void)
{
    const int kq = SYS(kqueue)();
    const struct pair pair = new_unix_pair();
    const int no_file = named(pair.server + 20, "no file");
    struct kevent changes[2];
    struct kevent events[2];
    say("EV_ADD of no file", change(kq, no_file, EVFILT_READ, EV_ADD, 0, 0));
    say("EV_DELETE of no file", change(kq, no_file, EVFILT_READ, EV_DELETE, 0, 0));
    say("EV_DELETE of no knote", change(kq, pair.client, EVFILT_READ, EV_DELETE, 0, 0));
    say("EV_ENABLE of no knote", change(kq, pair.client, EVFILT_READ, EV_ENABLE, 0, 0));
    say("unknown filter", change(kq, pair.client, -99, EV_ADD, 0, 0));
    say("changes of what is no kqueue", change(pair.client, pair.client, EVFILT_READ, EV_ADD, 0, 0));
    changes[0] = change_of(no_file, EVFILT_READ, EV_ADD, 0, 1);
    changes[1] = change_of(pair.client, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 2);
    show_events("error with room for it", events, SYS(kevent)(kq, changes, 2, events, 2, NULL));
    show(kq, "change after an error");
    changes[0] = change_of(pair.client, EVFILT_READ, EV_DELETE | EV_RECEIPT, 0, 3);
    changes[1] = change_of(pair.client, EVFILT_WRITE, EV_DELETE | EV_RECEIPT, 0, 4);
    show_events("receipts in the array of changes", changes, SYS(kevent)(kq, changes, 2, changes, 2, NULL));
}

static void two_filters(void)
{
    const int kq = SYS(kqueue)();
    const struct pair pair = new_unix_pair();
    const struct timespec wait = {0, 50000000};
    struct kevent events[2];
    int count;
    OK(change(kq, pair.client, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 1));
    OK(change(kq, pair.client, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 2));
    put(pair.server, "x");
    count = SYS(kevent)(kq, NULL, 0, &events[0], 1, &wait);
    OK(count);
    count += SYS(kevent)(kq, NULL, 0, &events[count], 1, &wait);
    show_events("two filters in two waits", events, count);
    show(kq, "two filters, again");
}

static const char *join(const char *kind, const char *step)
{
    static char text[LINE];
    snprintf(text, sizeof text, "%s, %s", kind, step);
    return text;
}

static void own_ends(const char *kind, struct pair pair)
{
    const int kq = SYS(kqueue)();
    OK(change(kq, pair.client, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 1));
    show(kq, join(kind, "open for writing"));
    OK(SYS(shutdown)(pair.client, SHUT_WR));
    settle();
    show(kq, join(kind, "shut down for writing"));
    OK(change(kq, pair.server, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 2));
    show(kq, join(kind, "peer of it"));
    put(pair.server, "x");
    OK(change(kq, pair.client, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 3));
    show(kq, join(kind, "byte for it"));
    OK(SYS(shutdown)(pair.client, SHUT_RD));
    OK(change(kq, pair.client, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 4));
    OK(change(kq, pair.client, EVFILT_WRITE, EV_DELETE, 0, 0));
    take(pair.client, 1);
    show(kq, join(kind, "shut down for reading, too"));
}

static void reset(void)
{
    const int kq = SYS(kqueue)();
    const struct pair tcp = new_tcp_pair();
    const struct linger now = {1, 0};
    OK(change(kq, tcp.server, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 1));
    OK(change(kq, tcp.server, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 2));
    show(kq, "before a reset");
    OK(SYS(setsockopt)(tcp.client, SOL_SOCKET, SO_LINGER, &now, sizeof now));
    OK(SYS(close)(tcp.client));
    show(kq, "reset");
}

static void error_taken(void)
{
    const int kq = SYS(kqueue)();
    const struct sockaddr_in nobody = loopback(1);
    const int fd = new_socket(SOCK_STREAM, "refused");
    int error = 0;
    socklen_t size = sizeof error;
    set_nonblocking(fd);
    say("refused again", SYS(connect)(fd, (const struct sockaddr *)&nobody, sizeof nobody));
    settle();
    OK(SYS(getsockopt)(fd, SOL_SOCKET, SO_ERROR, &error, &size));
    OK(change(kq, fd, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 1));
    OK(change(kq, fd, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 2));
    show(kq, "refused, and the error taken");
}

static void reader_closed(void)
{
    const int kq = SYS(kqueue)();
    int fds[2];
    OK(SYS(pipe)(fds));
    OK(change(kq, named(fds[1], "writer"), EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 1));
    show(kq, "reader open");
    OK(SYS(close)(fds[0]));
    show(kq, "reader closed");
    OK(change(kq, fds[1], EVFILT_WRITE, EV_DELETE, 0, 0));
    say("EV_ADD of a writer without a reader", change(kq, fds[1], EVFILT_WRITE, EV_ADD, 0, 1));
    OK(change(kq, fds[1], EVFILT_READ, EV_ADD | EV_CLEAR, 0, 2));
    show(kq, "READ of a writer without a reader");
}

static void make_full_pipe(int fds[2])
{
    static const char bytes[4096];
    OK(SYS(pipe)(fds));
    set_nonblocking(named(fds[1], "writer"));
    while (SYS(write)(fds[1], bytes, sizeof bytes) > 0) {}
}

static void reader_of_full_pipe_closed(void)
{
    const int kq = SYS(kqueue)();
    int fds[2];
    make_full_pipe(fds);
    OK(change(kq, fds[1], EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 1));
    show(kq, "full pipe");
    OK(SYS(close)(fds[0]));
    show(kq, "reader of a full pipe closed");
    OK(change(kq, fds[1], EVFILT_WRITE, EV_ADD, 0, 2));
    show(kq, "EV_ADD over the writer of it");
    OK(SYS(close)(fds[1]));
    make_full_pipe(fds);
    OK(change(kq, fds[1], EVFILT_READ, EV_ADD | EV_CLEAR, 0, 3));
    OK(change(kq, fds[1], EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 4));
    OK(SYS(close)(fds[0]));
    show(kq, "reader of a full pipe closed, both filters");
}

/* If a datagram finds no receiver, the sender gets an error. This error does not set EV_EOF. */
static void unreachable(void)
{
    const int kq = SYS(kqueue)();
    const struct sockaddr_in nobody = loopback(1);
    const int sender = new_socket(SOCK_DGRAM, "sender");
    OK(SYS(connect)(sender, (const struct sockaddr *)&nobody, sizeof nobody));
    OK(change(kq, sender, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 1));
    put(sender, "abc");
    show(kq, "unreachable");
}

static void datagrams(void)
{
    const int kq = SYS(kqueue)();
    struct sockaddr_in address;
    const int receiver = new_listener(&address, SOCK_DGRAM);
    const int sender = new_socket(SOCK_DGRAM, "sender");
    OK(SYS(connect)(sender, (const struct sockaddr *)&address, sizeof address));
    OK(change(kq, receiver, EVFILT_READ, EV_ADD, 0, 1));
    OK(change(kq, sender, EVFILT_WRITE, EV_ADD | EV_ONESHOT, 0, 2));
    show(kq, "datagram sockets");
    put(sender, "abc");
    show(kq, "datagram");
    show(kq, "datagram, again");
    take(receiver, 16);
    show(kq, "datagram read");
}

static void duplicates(void)
{
    const int kq = SYS(kqueue)();
    const struct pair pair = new_unix_pair();
    const struct pair other = new_unix_pair();
    const int duplicate = SYS(dup)(pair.client);
    OK(duplicate);
    OK(change(kq, pair.client, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 1));
    OK(SYS(close)(pair.client));
    put(pair.server, "x");
    show(kq, "closed with a duplicate open");
    OK(SYS(dup2)(duplicate, pair.client));
    say("EV_DELETE of the number used again", change(kq, pair.client, EVFILT_READ, EV_DELETE, 0, 0));
    OK(change(kq, pair.client, EVFILT_READ, EV_ADD, 0, 2));
    show(kq, "EV_ADD of the number used again");
    OK(SYS(dup2)(other.client, pair.client));
    show(kq, "replaced by dup2");
    put(other.server, "yz");
    OK(change(kq, pair.client, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 3));
    show(kq, "EV_ADD of what has replaced it");
}

static void nested(void)
{
    const int outer = SYS(kqueue)();
    const int inner = named(SYS(kqueue)(), "inner");
    const struct pair pair = new_unix_pair();
    OK(change(outer, inner, EVFILT_READ, EV_ADD, 0, 1));
    OK(change(inner, pair.client, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 2));
    show(outer, "kqueue in a kqueue, idle");
    put(pair.server, "x");
    show(outer, "kqueue in a kqueue");
    show(outer, "kqueue in a kqueue, again");
    show(inner, "inner kqueue");
    show(outer, "kqueue in a kqueue, taken");
    OK(change(inner, pair.client, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 3));
    show(outer, "kqueue in a kqueue, of a writer");
    OK(SYS(close)(inner));
    show(outer, "inner kqueue closed");
}

static double seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void timeouts(void)
{
    const int kq = SYS(kqueue)();
    const struct timespec zero = {0, 0};
    const struct timespec short_time = {0, 30000000};
    const struct timespec long_time = {60, 0};
    struct kevent event;
    double begin = seconds();
    say("timeout of 0", SYS(kevent)(kq, NULL, 0, &event, 1, &zero));
    say("no room for events", SYS(kevent)(kq, NULL, 0, &event, 0, &long_time));
    printf("time of both: %s\n", seconds() - begin < 10 ? "none" : "some");
    begin = seconds();
    say("timeout of 30 ms", SYS(kevent)(kq, NULL, 0, &event, 1, &short_time));
    printf("time of it: %s\n", seconds() - begin >= 0.03 ? "all" : "too short");
    OK(SYS(close)(kq));
    say("closed kqueue", SYS(kevent)(kq, NULL, 0, &event, 1, &zero));
}

static void netbsd_steps(void)
{
    one_kqueue();
    modes();
    errors();
    two_filters();
    own_ends("TCP", new_tcp_pair());
    own_ends("Unix", new_unix_pair());
    reset();
    error_taken();
    reader_closed();
    reader_of_full_pipe_closed();
    unreachable();
    datagrams();
    duplicates();
    nested();
    timeouts();
}

/* FreeBSD and NetBSD lack EVFILT_EXCEPT. */
static void out_of_band(void)
{
#ifdef EVFILT_EXCEPT
    const int kq = SYS(kqueue)();
    const struct pair tcp = new_tcp_pair();
    say("EV_DELETE of no EXCEPT", change(kq, tcp.server, EVFILT_EXCEPT, EV_DELETE, 0, 0));
    OK(change(kq, tcp.server, EVFILT_EXCEPT, EV_ADD | EV_CLEAR, NOTE_OOB, 1));
    put(tcp.client, "x");
    show(kq, "out-of-band, ordinary byte");
    OK(SYS(send)(tcp.client, "!", 1, MSG_OOB));
    show(kq, "out-of-band");
    show(kq, "out-of-band, again");
    OK(change(kq, tcp.server, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 2));
    OK(change(kq, tcp.server, EVFILT_EXCEPT, EV_DELETE, 0, 0));
    OK(change(kq, tcp.server, EVFILT_EXCEPT, EV_ADD, NOTE_OOB, 3));
    show(kq, "out-of-band, without CLEAR");
    show(kq, "out-of-band, without CLEAR, again");
    OK(change(kq, tcp.server, EVFILT_EXCEPT, EV_ADD | EV_DISABLE, NOTE_OOB, 3));
    show(kq, "out-of-band, disabled");
    OK(SYS(close)(tcp.server));
    show(kq, "out-of-band, closed");
#endif
}

static void manual_steps(void)
{
    out_of_band();
    /* With SCRIPT_SYSTEM, the script may test a kernel that runs inside a process. Such a kernel has no signals and no
     * processes. */
#ifndef SCRIPT_SYSTEM
    process_steps();
#endif
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 2 && strcmp(argv[1], "netbsd") == 0) {
        netbsd_steps();
    } else if (argc == 2 && strcmp(argv[1], "manual") == 0) {
        manual_steps();
    } else {
        fputs("usage: script netbsd|manual\n", stderr);
        return 2;
    }
    return 0;
}
