/* SPDX-License-Identifier: MIT */
/*
 * Async-signal-safe functions that build a text without printf, write without SIGPIPE, and change the signal mask.
 * These functions allocate no memory, take no lock and keep errno. So a signal handler may call them at any time. A
 * child may call them after fork(2) or vfork(2), before it calls execve(2). A function of another header, such as
 * mio_waker_wake, is also async-signal-safe if its comment lists "signals" under "Safety".
 */
#ifndef MIO_SAFE_H
#define MIO_SAFE_H

#include <mio/base.h>

MIO_BEGIN_DECLS

/*
 * Writes all `length` bytes of `buffer` to any descriptor, such as a socket, a pipe, a terminal or a file. Returns the
 * number of bytes written. A short count means that an error occurred or that a non-blocking descriptor is full. The
 * next call returns this error, or -EAGAIN. On a blocking descriptor, the call blocks, and continues after a signal
 * handler has run. The call raises neither SIGPIPE nor SIGXFSZ. If one of these signals was already pending for the
 * calling thread, the signal stays pending.
 * Safety: threads, signals; errno is kept. Errors: EBADF, EAGAIN (no space now), EPIPE, EFAULT, EFBIG (the file would
 * exceed a size limit), and every other error that write(2) returns for the descriptor. Since 1.0. Uses: fstat(2), and
 * the calls of mio_pipe_sender_write.
 */
MIO_API int64_t mio_safe_write(mio_handle handle, const void *buffer, size_t length);

/*
 * mio_text: a text that a program builds piece by piece in its own buffer.
 *
 *     char buffer[128];
 *     mio_text line;
 *     mio_text_init(&line, buffer, sizeof buffer);
 *     mio_text_append(&line, "caught ");
 *     mio_text_append_signal(&line, number);
 *     mio_text_append(&line, "\n");
 *     mio_text_write(&line, 2);
 *
 * `length` is the length of the whole text, including the part that does not fit into the buffer. The length never
 * exceeds INT_MAX. The text in the buffer ends with a null byte. Since 1.0.
 */
typedef struct mio_text {
    char *text;    /* ends with a null byte after every call */
    size_t size;   /* size of the buffer */
    size_t length; /* length of the whole text, without the final null byte */
} mio_text;

/* Begins an empty text in a buffer. The buffer may be null if `size` is 0. Safety: signals. Errors: EINVAL. Since
 * 1.0. */
MIO_API int mio_text_init(mio_text *text, char *buffer, size_t size);

/*
 * These functions append to the text. The function mio_text_append appends a string, or "(null)" for null. The function
 * mio_text_append_bytes appends `length` bytes, which need no final null byte. The functions mio_text_append_int and
 * mio_text_append_uint append a number in decimal digits. The function mio_text_append_hex appends a number in
 * lower-case hexadecimal digits, and adds zeros in front if the number has fewer than `digits` digits. `digits` above
 * 16 counts as 16. The function mio_text_append_pointer appends an address, such as "0x7ffe0042". The function
 * mio_text_append_signal appends the name of a signal. The function mio_text_append_error appends the name of an error,
 * where `code` is an errno value or a negative errno value. For a signal or an error without a name, the function
 * appends the number. Each function returns the new length of the text.
 * Safety: signals; errno is kept. Errors: EINVAL (null). Since 1.0.
 */
MIO_API int mio_text_append(mio_text *text, const char *string);
MIO_API int mio_text_append_bytes(mio_text *text, const char *bytes, size_t length);
MIO_API int mio_text_append_int(mio_text *text, int64_t value);
MIO_API int mio_text_append_uint(mio_text *text, uint64_t value);
MIO_API int mio_text_append_hex(mio_text *text, uint64_t value, int digits);
MIO_API int mio_text_append_pointer(mio_text *text, const void *pointer);
MIO_API int mio_text_append_signal(mio_text *text, int number);
MIO_API int mio_text_append_error(mio_text *text, int code);

/* Calls mio_safe_write, which writes the text from the buffer to `handle`. Safety: signals; errno is kept. Errors:
 * EINVAL (null), and the errors of mio_safe_write. Since 1.0. */
MIO_API int64_t mio_text_write(const mio_text *text, mio_handle handle);

/*
 * The function mio_signal_name returns the name of a signal, such as "SIGTERM" or "SIGRTMIN+3". The function
 * mio_error_name returns the name of an error, such as "EAGAIN". `code` is an errno value, or the negative value that a
 * function of mio returns. For a number without a name, the result is null. The texts are constant. Unlike the texts of
 * strsignal(3) and strerror(3), the names do not depend on the locale or other state.
 * Safety: threads, signals. Since 1.0.
 */
MIO_API const char *mio_signal_name(int number);
MIO_API const char *mio_error_name(int code);

/* mio_signal_mask: a signal mask in the caller's storage. A thread blocks the signals in its mask. If all bytes of a
 * mask are zero, the mask blocks no signal. Since 1.0. */
typedef struct mio_signal_mask {
    uint64_t opaque[16];
} mio_signal_mask;

/*
 * These functions change the signal mask of the calling thread. If `saved` is not null, the call stores the previous
 * mask in *saved. The function mio_signal_mask_block blocks the `count` signals in the array `numbers`. The function
 * mio_signal_mask_unblock unblocks these signals. Both functions reject SIGKILL and SIGSTOP, because no thread can
 * block these signals. The function mio_signal_mask_block_all blocks all signals except SIGABRT, SIGSEGV, SIGBUS,
 * SIGFPE, SIGILL, SIGTRAP and SIGSYS, which must reach their handlers. The function mio_signal_mask_unblock_all
 * unblocks every signal. A new thread inherits the mask of the thread that creates it. A child process inherits the
 * mask of the thread that forks, and keeps the mask through execve(2).
 * Safety: threads, signals; errno is kept. A change of the mask in a signal handler lasts until the handler returns.
 * Errors: EINVAL (null `numbers` with a `count` above 0, a number that the call rejects), ENOTSUP (the system has no
 * signal masks). Since 1.0. Uses: sigprocmask(2).
 */
MIO_API int mio_signal_mask_block(mio_signal_mask *saved, const int *numbers, size_t count);
MIO_API int mio_signal_mask_unblock(mio_signal_mask *saved, const int *numbers, size_t count);
MIO_API int mio_signal_mask_block_all(mio_signal_mask *saved);
MIO_API int mio_signal_mask_unblock_all(mio_signal_mask *saved);

/* Sets the mask of the calling thread to *saved, which an earlier call has stored. If a pending signal is no longer
 * blocked, the system delivers the signal before the call returns. Safety: threads, signals; errno is kept. Errors:
 * EINVAL (null), ENOTSUP (the system has no signal masks). Since 1.0. Uses: sigprocmask(2). */
MIO_API int mio_signal_mask_restore(const mio_signal_mask *saved);

/*
 * These functions convert a sigset_t to a mask, and a mask to a sigset_t. `size` is sizeof(sigset_t). Neither function
 * changes the mask of the thread.
 *
 *     sigset_t set;
 *     sigfillset(&set);
 *     sigdelset(&set, SIGTERM);
 *     mio_signal_mask only_term;
 *     mio_signal_mask_from_sigset(&only_term, &set, sizeof set);
 *     count = mio_poll_wait_masked(poll, events, capacity, -1, &only_term);
 *
 * Safety: threads, signals; errno is kept. Errors: EINVAL (null, `size` is not the size of a sigset_t), ENOTSUP (the
 * system has no signal masks). Since 1.0. Uses: POSIX sigset_t.
 */
MIO_API int mio_signal_mask_from_sigset(mio_signal_mask *mask, const void *sigset, size_t size);
MIO_API int mio_signal_mask_to_sigset(const mio_signal_mask *mask, void *sigset, size_t size);

MIO_END_DECLS

#endif /* MIO_SAFE_H */
