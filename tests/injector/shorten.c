/* SPDX-License-Identifier: MIT */
/*
 * Limits how many bytes or messages a libc call moves. Before the call, the injector lowers the requested number of
 * bytes or messages, or cuts the array of pieces.
 */
#include "injector.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/*
 * The arguments of a call contain the requested amount in one of three forms. A_NUMBER is a number of bytes or of
 * messages. PIECES is an array of pieces, followed by its length. A_MESSAGE is a message with an array of pieces.
 */
typedef enum form { A_NUMBER, PIECES, A_MESSAGE } form;

static const struct transfer {
    const char *name;
    form form;
    /*
     * The index of an argument, counted from 0. The argument is the number of bytes or messages, the length of the
     * array of pieces, or the message.
     */
    int index;
} transfers[] = {
    {"read", A_NUMBER, 2},     {"write", A_NUMBER, 2},    {"recv", A_NUMBER, 2},     {"recvfrom", A_NUMBER, 2},
    {"send", A_NUMBER, 2},     {"sendto", A_NUMBER, 2},   {"sendfile", A_NUMBER, 3}, {"splice", A_NUMBER, 4},
    {"recvmmsg", A_NUMBER, 2}, {"sendmmsg", A_NUMBER, 2}, {"readv", PIECES, 2},      {"writev", PIECES, 2},
    {"pwritev2", PIECES, 2},   {"recvmsg", A_MESSAGE, 1}, {"sendmsg", A_MESSAGE, 1},
};

enum { MOST_PIECES = 8 };
static _Thread_local struct iovec cut_pieces[MOST_PIECES];
static _Thread_local struct msghdr *cut_message;
static _Thread_local struct iovec *whole_pieces;
static _Thread_local size_t whole_count;

static const struct transfer *transfer_of(const char *name)
{
    for (size_t i = 0; i < sizeof transfers / sizeof transfers[0]; i++) {
        if (strcmp(transfers[i].name, name) == 0) {
            return &transfers[i];
        }
    }
    return NULL;
}

bool injector_is_transfer(const char *name)
{
    return transfer_of(name) != NULL;
}

/* Stores in cut_pieces an array that has only the first `most` bytes of `pieces`. Returns the number of pieces in
 * cut_pieces, or 0 if `pieces` has no more than `most` bytes. */
static size_t cut(const struct iovec *pieces, size_t count, size_t most)
{
    size_t left = most;
    for (size_t i = 0; i < count && i < MOST_PIECES; i++) {
        cut_pieces[i] = pieces[i];
        if (pieces[i].iov_len > left) {
            cut_pieces[i].iov_len = left;
            return i + 1;
        }
        left -= pieces[i].iov_len;
    }
    return 0;
}

static bool shorten_message(struct msghdr *message, size_t most)
{
    size_t count = cut(message->msg_iov, (size_t)message->msg_iovlen, most);
    if (count == 0) {
        return false;
    }
    cut_message = message;
    whole_pieces = message->msg_iov;
    whole_count = (size_t)message->msg_iovlen;
    message->msg_iov = cut_pieces;
    message->msg_iovlen = (__typeof__(message->msg_iovlen))count;
    return true;
}

bool injector_shorten(const char *name, long *words, size_t most)
{
    const struct transfer *transfer = transfer_of(name);
    long *number = &words[transfer->index];
    size_t count;
    switch (transfer->form) {
    case A_NUMBER:
        if ((unsigned long)*number <= most) {
            return false;
        }
        *number = (long)most;
        return true;
    case PIECES:
        count = cut((const struct iovec *)number[-1], (size_t)*number, most);
        if (count == 0) {
            return false;
        }
        number[-1] = (long)cut_pieces;
        *number = (long)count;
        return true;
    default:
        return shorten_message((struct msghdr *)*number, most);
    }
}

void injector_restore(void)
{
    if (cut_message != NULL) {
        cut_message->msg_iov = whole_pieces;
        cut_message->msg_iovlen = (__typeof__(cut_message->msg_iovlen))whole_count;
        cut_message = NULL;
    }
}
