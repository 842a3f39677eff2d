/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* for unlink in a strict C11 compilation */
#include "listeners.h"
#include "log.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- listeners from the command line ---- */

static int bind_tcp(struct listener *listener, const char *name)
{
    mio_addr addr;
    int result = mio_addr_parse(&addr, name);
    return result < 0 ? result : mio_tcp_listener_bind(&listener->tcp, &addr, MIO_BACKLOG_MAX);
}

/* Listens at `path`. If the socket file exists but no process listens at this file, the function replaces the file. */
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

/* ---- listeners from the service manager ---- */

static bool is_stream(mio_handle handle)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(handle, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

static int take_over(struct listener *listener, mio_handle handle)
{
    if (!is_stream(handle)) return -EPROTOTYPE;
    listener->transport = TRANSPORT_TCP;
    int result = mio_tcp_listener_from_handle(&listener->tcp, handle);
    if (result != -EPROTOTYPE) return result;
    listener->transport = TRANSPORT_UNIX;
    return mio_unix_listener_from_handle(&listener->local, handle);
}

/* Takes over one of the descriptors that the service manager passed. `index` is 0 for the first descriptor. A systemd
 * unit can pass any kind of descriptor. If the descriptor is not a listening TCP or Unix stream socket, the function
 * fails. So the administrator notices the mistake in the unit. */
static int adopt(struct listener *listener, size_t index)
{
    char name[MIO_SERVICE_NAME_SIZE];
    int result = mio_service_listen_name(index, name, sizeof name);
    if (result < 0) return log_error(result, "cannot tell the names of the passed sockets");
    mio_handle handle = mio_service_listen_handle(index);
    if (handle < 0) return log_error((int)handle, "cannot take over the passed socket %s", name);
    listener->inherited = true;
    result = take_over(listener, handle);
    return result < 0
               ? log_error(result, "descriptor %d (%s) is no listening TCP or Unix stream socket", (int)handle, name)
               : 0;
}

/* Takes over all passed sockets. If the function cannot take over one of the sockets, the daemon does not start. The
 * administrator notices a failed start, but might not notice a socket that no process serves. */
static int adopt_all(struct listeners *listeners, int count)
{
    if (count > LISTENERS_MAX) return log_error(-E2BIG, "%d sockets were passed", count);
    for (int i = 0; i < count; i++) {
        int result = adopt(&listeners->list[i], (size_t)i);
        if (result < 0) return result;
        listeners->count++;
    }
    return mio_service_forget(MIO_SERVICE_LISTEN);
}

/* ---- all listeners ---- */

static int say_addresses(const struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        mio_addr addr;
        char text[MIO_ADDR_TEXT_SIZE];
        int result = mio_source_local_addr(&listeners->list[i].source, &addr); /* stores the real port, not 0 */
        if (result < 0) return log_error(result, "cannot tell the address of a listener");
        mio_addr_format(&addr, text, sizeof text);
        log_line(LOG_INFO, "listening on %s", text);
    }
    return 0;
}

/* If the service manager passed sockets, the function ignores the sockets of the command line. So the same ExecStart=
 * works with and without a socket unit. The function also unsets the environment variables that describe the passed
 * sockets, because child processes must not use these variables. */
int listeners_open(struct listeners *listeners, const struct endpoint *endpoints, size_t count)
{
    int passed = mio_service_listen_count();
    if (passed < 0) return log_error(passed, "cannot tell which sockets were passed");
    int result = adopt_all(listeners, passed);
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
        /* unlink can fail if the daemon has given up its privileges. Then the next start of the daemon replaces the
         * file. */
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
