/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* for unlink in a strict C11 compilation */
#include "listeners.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* ---- from the command line ---- */

static int bind_tcp(struct listener *listener, const char *name)
{
    mio_addr addr;
    int result = mio_addr_parse(&addr, name);
    return result < 0 ? result : mio_tcp_listener_bind(&listener->tcp, &addr, MIO_BACKLOG_MAX);
}

/* Replaces an unused socket file, but not the file of a listening process. */
static int bind_unix(struct listener *listener, const char *path)
{
    mio_addr addr;
    int result = mio_addr_from_path(&addr, path, strlen(path));
    if (result == 0) result = mio_unix_listener_bind(&listener->local, &addr, MIO_BACKLOG_MAX, MIO_UNIX_REPLACE);
    if (result == 0) listener->path = path;
    return result;
}

static int bind_endpoint(struct listener *listener, const struct endpoint *endpoint)
{
    listener->transport = endpoint->transport;
    int result =
        endpoint->transport == TRANSPORT_TCP ? bind_tcp(listener, endpoint->name) : bind_unix(listener, endpoint->name);
    return result < 0 ? log_error(result, "cannot listen on %s", endpoint->name) : 0;
}

/* ---- from the service manager ---- */

/* A unit can pass any descriptor. A descriptor that is not a listening stream socket of these families is a mistake in
 * the unit. Skipping the descriptor would hide the mistake. */
static int adopt(struct listener *listener, int fd, const char *name)
{
    int result = -EPROTOTYPE;
    listener->inherited = true;
    if (sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0) {
        listener->transport = TRANSPORT_UNIX;
        result = mio_unix_listener_from_handle(&listener->local, fd);
    } else if (sd_is_socket(fd, AF_INET, SOCK_STREAM, 1) > 0 || sd_is_socket(fd, AF_INET6, SOCK_STREAM, 1) > 0) {
        listener->transport = TRANSPORT_TCP;
        result = mio_tcp_listener_from_handle(&listener->tcp, fd);
    }
    return result < 0 ? log_error(result, "descriptor %d (%s) is no listening TCP or Unix stream socket", fd, name) : 0;
}

/* Opens all listeners or none. If a daemon serves only half of its sockets, the administrator may not notice. A daemon
 * that does not start is obvious. */
static int adopt_all(struct listeners *listeners, int count, char *const *names)
{
    if (count > LISTENERS_MAX) return log_error(-E2BIG, "%d sockets were passed", count);
    for (int i = 0; i < count; i++) {
        int result = adopt(&listeners->list[listeners->count], SD_LISTEN_FDS_START + i, names[i]);
        if (result < 0) return result;
        listeners->count++;
    }
    return 0;
}

static void free_names(char **names)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++)
        free(names[i]);
    free(names);
}

/* ---- both ---- */

static int say_addresses(const struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        mio_addr addr;
        char text[MIO_ADDR_TEXT_SIZE];
        int result = mio_source_local_addr(&listeners->list[i].source, &addr); /* replaces port 0 by the real port */
        if (result < 0) return log_error(result, "cannot tell the address of a listener");
        mio_addr_format(&addr, text, sizeof text);
        log_line(LOG_INFO, "listening on %s", text);
    }
    return 0;
}

/* Passed sockets take precedence over the command line, so that one ExecStart= works with and without a socket unit.
 * The function unsets the environment variables, because child processes must not use these variables. */
int listeners_open(struct listeners *listeners, const struct endpoint *endpoints, size_t count)
{
    char **names = NULL;
    int passed = sd_listen_fds_with_names(1, &names);
    if (passed < 0) return log_error(passed, "cannot tell which sockets were passed");
    int result = adopt_all(listeners, passed, names);
    free_names(names);
    if (passed > 0 && count > 0) log_line(LOG_NOTICE, "sockets were passed: --listen and --unix are not used");
    for (size_t i = 0; passed == 0 && result == 0 && i < count; i++) {
        result = bind_endpoint(&listeners->list[i], &endpoints[i]);
        if (result == 0) listeners->count++;
    }
    if (result < 0) return result;
    if (listeners->count == 0) return log_error(-EDESTADDRREQ, "nothing to listen on: see --listen and --unix");
    return say_addresses(listeners);
}

void listeners_unlink(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        struct listener *listener = &listeners->list[i];
        /* Without privileges unlink can fail. Then the next start replaces the file. */
        if (listener->path != NULL) unlink(listener->path);
        listener->path = NULL;
    }
}

void listeners_close(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++)
        mio_source_close(&listeners->list[i].source);
    listeners->count = 0;
}
