/* SPDX-License-Identifier: MIT */
/*
 * Passes file descriptors from one process to another. A helper process opens files for the main process, so only the
 * helper needs permission to open the files. You can copy the whole program. Usage:
 *
 *     pass_descriptor FILE...
 *
 * The program forks the helper, asks it to open each FILE, and prints the number of bytes in the file. The two
 * processes exchange records over a Unix socket (MIO_UNIX_SEQPACKET). A request contains the name of a file. The answer
 * contains an error, or 0 together with the descriptor of the open file.
 */
#define _POSIX_C_SOURCE 200809L /* for fork in a strict C11 compilation */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* One end of the connection between the processes. Each process makes its own poll object after the fork, because a
 * child process cannot use a poll object of its parent. */
struct end {
    mio_unix_stream stream;
    mio_poll *poll;
};

static const char usage[] =
    "usage: pass_descriptor FILE...\n"
    "Prints the number of bytes in each file. Shows how a helper process opens files and passes\n"
    "the descriptors to a program that opens none.\n";

/* Prints `what` and the text for `error`. `error` is a negative errno value. Returns `error`. */
static int fail(int error, const char *what)
{
    fprintf(stderr, "pass_descriptor: %s: %s\n", what, strerror(-error));
    return error;
}

static int end_open(struct end *end, mio_unix_stream stream)
{
    end->stream = stream;
    int result = mio_poll_new(&end->poll, NULL);
    if (result < 0) return fail(result, "cannot make a poll object, of MIO_BACKEND if set");
    result = mio_registry_register(mio_poll_registry(end->poll), &end->stream.source, 0, MIO_READABLE);
    return result < 0 ? fail(result, "cannot watch the socket") : 0;
}

static void end_close(struct end *end)
{
    mio_unix_stream_close(&end->stream);
    mio_poll_free(end->poll);
}

/* Waits for a record, and receives it into `record`. Stores in *handle the descriptor that arrived with the record, or
 * MIO_HANDLE_NONE. The descriptor is close-on-exec. Returns the length of the record, 0 if the other process has closed
 * its end, or a negative errno value. */
static int64_t receive(struct end *end, void *record, size_t size, mio_handle *handle)
{
    for (;;) {
        mio_event event;
        size_t handles = 0;
        uint32_t flags = 0;
        *handle = MIO_HANDLE_NONE;
        int64_t length = mio_unix_stream_recv_with_handles(&end->stream, record, size, handle, 1, &handles, &flags);
        if (length >= 0 && flags != 0) {
            if (handles > 0) close(*handle);
            return -EMSGSIZE; /* the record is longer than any valid record */
        }
        if (length != -EAGAIN) return length;
        int count = mio_poll_wait(end->poll, &event, 1, -1);
        if (count < 0 && count != -EINTR) return count;
    }
}

/* ---- the helper ---- */

/* Opens the file `name`, and sends its descriptor, or the error. Then closes the helper's descriptor. The copy that was
 * sent stays open. */
static int64_t answer(struct end *end, const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int32_t error = fd < 0 ? -errno : 0;
    int64_t sent = mio_unix_stream_send_with_handles(&end->stream, &error, sizeof error, &fd, fd < 0 ? 0 : 1);
    if (fd >= 0) close(fd);
    return sent;
}

/* Answers requests until the main process closes its end. A real helper would also check whether the main
 * process may read the file. */
static int helper_main(mio_unix_stream stream)
{
    struct end end = {.poll = NULL};
    char name[PATH_MAX];
    mio_handle unasked;
    int64_t result = end_open(&end, stream);
    while (result >= 0) {
        result = receive(&end, name, sizeof name, &unasked);
        if (unasked != MIO_HANDLE_NONE) close(unasked);
        if (result <= 0) break;
        name[result - 1] = '\0'; /* the main process also sends the null at the end of a name */
        result = answer(&end, name);
    }
    end_close(&end);
    return result < 0 ? fail((int)result, "the helper") : 0;
}

/* ---- the main process ---- */

/* Asks the helper to open the file `name`. Returns the descriptor of the open file. On failure, returns a negative
 * errno value: the error of open() in the helper, or an error of the socket. */
static int64_t ask(struct end *end, const char *name)
{
    int32_t error = 0;
    mio_handle file = MIO_HANDLE_NONE;
    int64_t result = mio_unix_stream_write(&end->stream, name, strlen(name) + 1);
    if (result >= 0) result = receive(end, &error, sizeof error, &file);
    if (result < 0) return result;
    if (result != sizeof error) return -EPROTO;
    return error < 0 ? error : file;
}

static int print_size(struct end *end, const char *name)
{
    char buffer[4096];
    long total = 0;
    ssize_t count;
    int64_t file = ask(end, name);
    if (file < 0) return fail((int)file, name);
    while ((count = read((int)file, buffer, sizeof buffer)) > 0)
        total += count;
    int error = count < 0 ? fail(-errno, name) : 0;
    close((int)file);
    if (error == 0) printf("%s: %ld bytes\n", name, total);
    return error;
}

int main(int argc, char **argv)
{
    mio_unix_stream streams[2];
    struct end end = {.poll = NULL};
    int status = 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return fputs(usage, stdout) < 0;
    if (argc < 2) {
        fputs(usage, stderr);
        return 2;
    }
    int result = mio_unix_stream_pair(&streams[0], &streams[1], MIO_UNIX_SEQPACKET);
    if (result < 0) return fail(result, "cannot make a pair of sockets") < 0;
    pid_t helper = fork();
    if (helper < 0) return fail(-errno, "cannot start the helper") < 0;
    /* Each process inherits both ends, and closes the end of the other process. If a process kept the end of the
     * other process open, it would never notice that the other process has closed this end. */
    mio_unix_stream_close(&streams[helper == 0 ? 0 : 1]);
    if (helper == 0) _exit(helper_main(streams[1]) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);

    result = end_open(&end, streams[0]);
    for (int i = 1; i < argc && result == 0; i++)
        result = print_size(&end, argv[i]);
    end_close(&end); /* the helper exits when the main process closes its end */
    if (waitpid(helper, &status, 0) < 0 || status != 0) result = -ECHILD;
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
