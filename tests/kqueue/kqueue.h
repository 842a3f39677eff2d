/* SPDX-License-Identifier: MIT */
/* The parts of kqueue(2) for the tests. kqueue.c has the whole picture. */
#ifndef KQUEUE_H
#define KQUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/event.h>

struct knote {
    struct knote *next; /* in its bucket, or of the unused ones */
    int kq;             /* 0: unused */
    short filter;
    unsigned short flags; /* those that stay: EV_ADD, EV_CLEAR, EV_ONESHOT, EV_DISPATCH */
    uintptr_t ident;
    void *udata;
    bool enabled;
    bool active;    /* had an edge while it was disabled */
    unsigned reuse; /* tells events of an earlier knote in this place from its own */
    /* What epoll watches: the file; an eventfd for EVFILT_USER and plain files; an epoll for EVFILT_SIGNAL. */
    int fd;
    int signals; /* EVFILT_SIGNAL: the signalfd that this epoll watches */
    int socket;  /* the type of the socket; 0: no socket */
};

/* Whether the knote is active in this state of its file, in bits of epoll. Fills in EV_EOF, fflags and data. */
bool knote_is_active(const struct knote *note, uint32_t state, struct kevent *event);

/* SOCK_STREAM and so on; 0: no socket. */
int socket_type(int fd);

/* Whether the other end of this pipe is closed. */
bool is_broken_pipe(int fd);

/* Ends kqueues and knotes of the descriptors from `first` to `last`, which are about to be closed. */
void forget_files(unsigned first, unsigned last);

/* close(2) itself. See closing.c. */
void close_file(int fd);

#endif
