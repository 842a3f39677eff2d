/* SPDX-License-Identifier: MIT */
/* The steps of the script that need EVFILT_USER, signals, files, processes or poll(2). */
#include "script.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

static void user(void)
{
    const int kq = kqueue();
    const int id = named(7, "waker");
    OK(change(kq, id, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 1));
    show(kq, "waker, idle");
    OK(change(kq, id, EVFILT_USER, 0, NOTE_TRIGGER, 1));
    OK(change(kq, id, EVFILT_USER, 0, NOTE_TRIGGER, 1));
    show(kq, "waker, triggered twice");
    show(kq, "waker, again");
    OK(change(kq, id, EVFILT_USER, EV_ADD, NOTE_TRIGGER, 2));
    show(kq, "waker, added and triggered");
    OK(change(kq, id, EVFILT_USER, EV_DISABLE, NOTE_TRIGGER, 2));
    show(kq, "waker, disabled and triggered");
    OK(change(kq, id, EVFILT_USER, EV_ENABLE, 0, 2));
    show(kq, "waker, enabled");
    OK(change(kq, id, EVFILT_USER, 0, NOTE_TRIGGER, 2));
    OK(change(kq, id, EVFILT_USER, EV_DELETE, 0, 0));
    show(kq, "waker, deleted");
    say("trigger of no waker", change(kq, id, EVFILT_USER, 0, NOTE_TRIGGER, 0));
}

static void user_modes(void)
{
    const int kq = kqueue();
    const int id = named(8, "waker");
    OK(change(kq, id, EVFILT_USER, EV_ADD, 0, 1));
    OK(change(kq, id, EVFILT_USER, 0, NOTE_TRIGGER, 1));
    show(kq, "waker without CLEAR");
    show(kq, "waker without CLEAR, again");
    OK(change(kq, id, EVFILT_USER, EV_DELETE, 0, 0));
    OK(change(kq, id, EVFILT_USER, EV_ADD | EV_ONESHOT, 0, 2));
    OK(change(kq, id, EVFILT_USER, 0, NOTE_TRIGGER, 2));
    show(kq, "waker with ONESHOT");
    say("trigger after ONESHOT", change(kq, id, EVFILT_USER, 0, NOTE_TRIGGER, 2));
}

static void block(int how, int signal)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    OK(-pthread_sigmask(how, &set, NULL));
}

static void send_signal(int signal)
{
    OK(kill(getpid(), signal));
}

static void pending(const char *step, int signal)
{
    sigset_t set;
    OK(sigpending(&set));
    printf("%s: %s\n", step, sigismember(&set, signal) ? "yes" : "no");
}

static void take_signal(int signal)
{
    sigset_t set;
    int taken;
    sigemptyset(&set);
    sigaddset(&set, signal);
    OK(-sigwait(&set, &taken));
}

static void signals(void)
{
    const int kq = kqueue();
    const int id = named(SIGUSR1, "SIGUSR1");
    block(SIG_BLOCK, SIGUSR1);
    OK(change(kq, id, EVFILT_SIGNAL, EV_ADD | EV_CLEAR, 0, 1));
    show(kq, "signal, none");
    send_signal(SIGUSR1);
    show(kq, "signal, blocked");
    show(kq, "signal, again");
    pending("signal is pending", SIGUSR1);
    take_signal(SIGUSR1);
    show(kq, "signal, taken");
    send_signal(SIGUSR1);
    show(kq, "signal after it");
    send_signal(SIGUSR1);
    show(kq, "signal that is pending, sent again");
    OK(change(kq, id, EVFILT_SIGNAL, EV_DELETE, 0, 1));
    OK(change(kq, id, EVFILT_SIGNAL, EV_ADD | EV_CLEAR, 0, 2));
    show(kq, "signal from before EV_ADD");
    take_signal(SIGUSR1);
    send_signal(SIGUSR1);
    send_signal(SIGUSR1);
    show(kq, "signal, twice");
    take_signal(SIGUSR1);
    block(SIG_UNBLOCK, SIGUSR1);
    OK(signal(SIGUSR1, SIG_IGN) == SIG_ERR ? -1 : 0);
    send_signal(SIGUSR1);
    show(kq, "signal, ignored");
    block(SIG_BLOCK, SIGWINCH);
    OK(change(kq, named(SIGWINCH, "SIGWINCH"), EVFILT_SIGNAL, EV_ADD | EV_CLEAR, 0, 3));
    send_signal(SIGWINCH);
    show(kq, "signal, ignored by default and blocked");
    pending("ignored signal is pending", SIGWINCH);
}

static void on_alarm(int number)
{
    (void)number;
}

static void interruption(void)
{
    const int kq = kqueue();
    const struct itimerval soon = {.it_value = {.tv_usec = 30000}};
    struct kevent event;
    OK(signal(SIGALRM, on_alarm) == SIG_ERR ? -1 : 0);
    OK(setitimer(ITIMER_REAL, &soon, NULL));
    say("handler during a wait", kevent(kq, NULL, 0, &event, 1, NULL));
}

static void poll_of_it(int kq, const char *step)
{
    struct pollfd look = {.fd = kq, .events = POLLIN};
    const int count = poll(&look, 1, 50);
    OK(count);
    printf("%s: %s\n", step, count == 1 && look.revents == POLLIN ? "readable" : count == 0 ? "nothing" : "an error");
}

static void polled(void)
{
    const int kq = kqueue();
    int fds[2];
    OK(pipe(fds));
    OK(change(kq, named(fds[0], "reader"), EVFILT_READ, EV_ADD | EV_CLEAR, 0, 1));
    poll_of_it(kq, "poll of an idle kqueue");
    OK(write(fds[1], "x", 1));
    poll_of_it(kq, "poll of a kqueue");
    show(kq, "its event");
    poll_of_it(kq, "poll after the event");
}

static void plain_file(void)
{
    const int kq = kqueue();
    FILE *file = tmpfile();
    int fd;
    must(file != NULL, "tmpfile", __LINE__);
    fd = named(fileno(file), "file");
    OK(write(fd, "abc", 3));
    OK(lseek(fd, 1, SEEK_SET));
    OK(change(kq, fd, EVFILT_READ, EV_ADD, 0, 1));
    show(kq, "file, at its beginning");
    show(kq, "file, again");
    OK(lseek(fd, 3, SEEK_SET));
    OK(change(kq, fd, EVFILT_READ, EV_ADD, 0, 1));
    show(kq, "file, at its end");
}

/* The parent waits while the child prints, so that their lines do not mix. */
static void forked(void)
{
    const int kq = kqueue();
    int status;
    int fds[2];
    pid_t child;
    OK(pipe(fds));
    OK(change(kq, named(fds[0], "reader"), EVFILT_READ, EV_ADD | EV_CLEAR, 0, 1));
    child = fork();
    OK(child);
    if (child == 0) {
        say("kqueue in a child", change(kq, fds[0], EVFILT_READ, EV_ADD, 0, 1));
        _exit(0);
    }
    OK(waitpid(child, &status, 0));
    OK(write(fds[1], "x", 1));
    show(kq, "kqueue of its parent");
}

void process_steps(void)
{
    user();
    user_modes();
    signals();
    interruption();
    polled();
    plain_file();
    forked();
}
