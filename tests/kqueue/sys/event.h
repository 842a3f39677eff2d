/* SPDX-License-Identifier: MIT */
/* Declares kqueue(2) as FreeBSD does, for the tests on Linux. kqueue.c lists the differences and limits. */
#ifndef KQUEUE_SYS_EVENT_H
#define KQUEUE_SYS_EVENT_H

#include <stdint.h>
#include <time.h>

#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_SIGNAL (-6)
#define EVFILT_EXCEPT (-9) /* as OpenBSD does */
#define EVFILT_USER (-11)

#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_ENABLE 0x0004
#define EV_DISABLE 0x0008
#define EV_ONESHOT 0x0010
#define EV_CLEAR 0x0020
#define EV_RECEIPT 0x0040
#define EV_DISPATCH 0x0080
#define EV_ERROR 0x4000
#define EV_EOF 0x8000

#define NOTE_OOB 0x4
#define NOTE_TRIGGER 0x01000000

struct kevent {
    uintptr_t ident;
    short filter;
    unsigned short flags;
    unsigned int fflags;
    int64_t data;
    void *udata;
    uint64_t ext[4];
};

#define EV_SET(event, ident_, filter_, flags_, fflags_, data_, udata_)                                                 \
    do {                                                                                                               \
        struct kevent *event_ = (event);                                                                               \
        event_->ident = (ident_);                                                                                      \
        event_->filter = (filter_);                                                                                    \
        event_->flags = (flags_);                                                                                      \
        event_->fflags = (fflags_);                                                                                    \
        event_->data = (data_);                                                                                        \
        event_->udata = (udata_);                                                                                      \
        event_->ext[0] = event_->ext[1] = event_->ext[2] = event_->ext[3] = 0;                                         \
    } while (0)

#ifdef __cplusplus
extern "C" {
#endif

int kqueue(void);
int kevent(int kq, const struct kevent *changes, int nchanges, struct kevent *events, int nevents,
           const struct timespec *timeout);

#ifdef __cplusplus
}
#endif

#endif
