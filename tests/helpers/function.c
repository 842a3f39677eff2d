/* SPDX-License-Identifier: MIT */
#include "function.h"

#include "system.h"

#include <string.h>
#include <unistd.h>

/*
 * Adopting a descriptor takes this many system calls. These calls read the type and the flags of the descriptor, and
 * set its flags.
 */
enum { FLAGS = 4 };

/*
 * A transfer with sendfile(2) or splice(2) takes this many system calls. These two calls have no flag to suppress
 * SIGPIPE, so the library blocks SIGPIPE before the call, and unblocks SIGPIPE after the call.
 */
enum { MASKED = 3 };

/*
 * Returns the number of system calls of a write to a pipe. Without a flag to suppress SIGPIPE, each write changes the
 * signal mask twice. With a sanitizer, the library does not use the flag (core/sanitizer.hpp).
 */
static long calls_to_write(void)
{
    return !running_slowly() && can_write_quietly(mio_pipe_sender_handle(&the.pipe_sender)) ? 1 : MASKED;
}

/* Returns the number of system calls of mio_unix_stream_peer_pidfd. Without SO_PEERPIDFD, the first system call fails,
 * and no other call follows. */
static long calls_for_pidfd(void)
{
    const mio_handle handle = mio_unix_stream_peer_pidfd(&the.unix_stream);
    if (handle < 0) {
        return 1;
    }
    close_fd(handle);
    return 1 + FLAGS;
}

/* Returns whether the library keeps a table of registrations. With a table, registering makes one more system call,
 * which reads the type of the descriptor. */
static bool keeps_table(void)
{
    return (mio_poll_capabilities(the.poll) & MIO_CAN_EDGE) == 0;
}

static int64_t return_handle(mio_handle handle, void *context)
{
    (void)context;
    return handle;
}

static uint64_t closed[64];

#define VOID(call) ((call), 0)
#define UNCOUNTED(reason) ANY_NUMBER

#define TAKE(pointer)                                                                                                  \
    __typeof__(pointer) it = subject == NO_OBJECT ? NULL : subject == CLOSED_OBJECT ? (void *)closed : (pointer)
#define ON(pointer) TAKE(pointer)
#define OF(pointer) TAKE(pointer)
#define OR(pointer, result) TAKE(pointer)
#define CLOSES(pointer) TAKE(pointer)
#define NONE(reason) (void)subject
#define FUNCTION(name, result, parameters, safety, memory, needs, object, number, call)                                \
    static int64_t make_##name(enum subject subject)                                                                   \
    {                                                                                                                  \
        object;                                                                                                        \
        return (int64_t)(call);                                                                                        \
    }                                                                                                                  \
    static long calls_of_##name(void)                                                                                  \
    {                                                                                                                  \
        return (number);                                                                                               \
    }
#include "../functions.h"
#undef ON
#undef OF
#undef OR
#undef CLOSES
#undef NONE
#undef FUNCTION

#define ON(pointer) -EINVAL, -EBADF
#define OF(pointer) -EINVAL, NOT_ASKED
#define OR(pointer, result) result, NOT_ASKED
#define CLOSES(pointer) 0, 0
#define NONE(reason) NOT_ASKED, NOT_ASKED
#define FUNCTION(name, result, parameters, safety, memory, needs, object, number, call)                                \
    {#name, #call, make_##name, calls_of_##name, safety, memory, needs, object},
const function functions[] = {
#include "../functions.h"
};
const size_t function_count = sizeof functions / sizeof functions[0];

const function *function_called(const char *text)
{
    const char *name = strstr(text, "mio_");
    const size_t length = name != NULL ? strcspn(name, "(") : 0;
    for (size_t i = 0; i < function_count && length > 0; i++) {
        if (strncmp(functions[i].name, name, length) == 0 && functions[i].name[length] == '\0') {
            return &functions[i];
        }
    }
    return NULL;
}

bool promises_errno(const char *text)
{
    const function *called = function_called(text);
    return called != NULL && called->safety != PLAIN;
}

bool is_good(int64_t result)
{
    /*
     * -ENODATA means that a datagram lacks the requested ancillary data. A result below -4095 is not an error, but a
     * time or a hash.
     */
    return result >= 0 || result < -4095 || result == -EAGAIN || result == -ENOTSUP || result == -ENODATA;
}
