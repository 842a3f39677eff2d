/* SPDX-License-Identifier: MIT */
/*
 * The files of this folder emulate kqueue(2) on Linux, and share these declarations. kqueue.c explains the emulation.
 */
#ifndef KQUEUE_H
#define KQUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/event.h>

struct knote {
    struct knote *next; /* in the bucket of `ident`, or in the list of unused knotes */
    int kq;             /* 0: the knote is unused */
    short filter;
    unsigned short flags; /* the flags that each event repeats: EV_ADD, EV_CLEAR, EV_ONESHOT, EV_DISPATCH */
    unsigned fflags;      /* the conditions of EVFILT_EXCEPT */
    uintptr_t ident;
    void *udata;
    bool enabled;
    bool active;    /* the knote had an edge while it was disabled */
    bool ended;     /* the other end of the pipe was closed before the last EV_ADD */
    unsigned reuse; /* distinguishes this knote from earlier knotes at the same address */
    /*
     * The descriptor that epoll watches. This descriptor is an eventfd for EVFILT_USER and for plain files, an epoll
     * instance for EVFILT_SIGNAL, and otherwise the file of the knote.
     */
    int fd;
    int signals; /* for EVFILT_SIGNAL: the signalfd that the epoll instance `fd` watches */
    int socket;  /* the type of the socket; 0: not a socket */
};

/*
 * Returns whether the knote is active. `state` has the epoll bits of the knote's file. The function stores EV_EOF,
 * `fflags` and `data` in *event, but only if the filter of the knote uses them.
 */
bool knote_is_active(const struct knote *note, uint32_t state, struct kevent *event);

/* Returns the type of the socket, such as SOCK_STREAM. Returns 0 if the file is not a socket. */
int socket_type(int fd);

/* Returns whether the other end of this pipe is closed. */
bool is_broken_pipe(int fd);

/* Removes the kqueues and knotes of the descriptors from `first` to `last`. Call this function before you close these
   descriptors. */
void forget_files(unsigned first, unsigned last);

/* Closes a descriptor by the system call close(2). Unlike close() of closing.c, the function removes no knotes. */
void close_file(int fd);

#endif
