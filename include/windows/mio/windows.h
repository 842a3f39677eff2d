/* SPDX-License-Identifier: MIT */
/* Named pipes of Windows, and options that only Windows has. On other systems, the library lacks these functions and
 * options. */
#ifndef MIO_WINDOWS_H
#define MIO_WINDOWS_H

#include <mio/base.h>
#include <mio/source.h>

MIO_BEGIN_DECLS

/*
 * Options of a mio_udp_socket, for mio_source_set_option. Both options are booleans, 0 or 1. The library sets both
 * options to 0 when it opens or takes over a socket. Reading the options fails with ENOTSUP. Setting an option fails
 * with ENOTSUP if the system lacks the option, and with ENOPROTOOPT if the socket is not a UDP socket. Since 1.0. Uses:
 * WSAIoctl.
 */
#define MIO_OPTION_UDP_CONNRESET 1024 /* SIO_UDP_CONNRESET: a receive reports a refused datagram with ECONNREFUSED */
#define MIO_OPTION_UDP_NETRESET 1025  /* SIO_UDP_NETRESET: a receive reports an exceeded TTL with EHOSTUNREACH */

/*
 * mio_named_pipe: one end of a named pipe, in the caller's storage. Register its member `source`. Windows does not
 * report when a named pipe is ready. So the library reads and writes in the background. The library has one buffer of
 * 16384 bytes for each direction. The library transfers bytes only after the first registration, and only if a thread
 * regularly waits on the poll object. A pipe belongs to the poll object of its first registration. Since 1.0.
 */
typedef struct mio_named_pipe {
    mio_source source;
} mio_named_pipe;

/* Flags of mio_named_pipe_options. Since 1.0. Uses: CreateNamedPipeW. */
#define MIO_NAMED_PIPE_FIRST 0x1u  /* fail with EACCES if a pipe of this name already exists */
#define MIO_NAMED_PIPE_REMOTE 0x2u /* let clients on other computers connect */

/*
 * mio_named_pipe_options: the properties of a server. Start from MIO_NAMED_PIPE_OPTIONS_INIT, which sets `size` and the
 * defaults. Since 1.0. Uses: CreateNamedPipeW.
 */
typedef struct mio_named_pipe_options {
    uint32_t size;             /* sizeof(mio_named_pipe_options) when the program was compiled */
    uint32_t flags;            /* MIO_NAMED_PIPE_ flags */
    uint32_t instances;        /* 1 to 254: the largest number of servers with this name; 0 means no limit */
    uint32_t buffer_size;      /* size of the buffer for each direction, in bytes; 0 means 65536 */
    void *security_descriptor; /* a SECURITY_DESCRIPTOR, or null for the default of the system */
} mio_named_pipe_options;

#define MIO_NAMED_PIPE_OPTIONS_INIT                                                                                    \
    {                                                                                                                  \
        sizeof(mio_named_pipe_options), 0, 0, 0, NULL                                                                  \
    }

/*
 * Creates a server for the pipe `name`, which is "\\.\pipe\NAME" in UTF-8. The pipe carries bytes in both directions.
 * No child process inherits the pipe. Null `options` mean the defaults. A client can open the pipe at once. Each server
 * serves one client at a time.
 * Safety: threads. Errors: EINVAL (null, a bad name, a bad option), E2BIG (the options use a field that only a newer
 * library knows), EACCES (the name has another owner, or the name exists and MIO_NAMED_PIPE_FIRST is set), EBUSY (the
 * name already has the maximum number of servers), EMFILE, ENOMEM, ENOBUFS. Since 1.0. Uses: CreateNamedPipeW.
 */
MIO_API MIO_MUST_CHECK int mio_named_pipe_create(mio_named_pipe *pipe, const char *name,
                                                 const mio_named_pipe_options *options);

/*
 * Opens a client of the pipe `name`, which is "\\HOST\pipe\NAME" in UTF-8. HOST is "." for this computer. The server
 * can find out the user of the client, but cannot impersonate this user. No child process inherits the pipe. After
 * -EBUSY, try again later.
 * Safety: threads. Errors: EINVAL (null, a bad name), ENOENT (no server), EBUSY (every server has a client), EACCES,
 * EMFILE, ENOMEM, ENOBUFS. Since 1.0. Uses: CreateFileW.
 */
MIO_API MIO_MUST_CHECK int mio_named_pipe_open(mio_named_pipe *pipe, const char *name);

/*
 * Lets a client connect to a server of a pipe. Returns 0 if a client is connected. If no client is connected, the call
 * returns -EAGAIN at once, and the system waits for a client in the background. When a client has connected, the event
 * of the pipe has MIO_WRITABLE.
 * Safety: threads. Errors: EINVAL (`pipe` is null or is a client), EBADF (closed, or its poll object no longer exists),
 * EAGAIN. Since 1.0. Uses: ConnectNamedPipe.
 */
MIO_API MIO_MUST_CHECK int mio_named_pipe_connect(mio_named_pipe *pipe);

/*
 * Disconnects the client of a server. Bytes that the client has not read are lost. If no client has connected yet, the
 * server stops waiting for a client. Afterwards the server can let another client connect.
 * Safety: threads. Errors: EINVAL (`pipe` is null or is a client), EBADF (closed, or its poll object no longer exists),
 * ENOTCONN (the server has no client, and does not wait for a client). Since 1.0. Uses: DisconnectNamedPipe.
 */
MIO_API MIO_MUST_CHECK int mio_named_pipe_disconnect(mio_named_pipe *pipe);

/*
 * Reads up to `length` bytes and returns the number of bytes read. Returns 0 if `length` is 0. Also returns 0 at the
 * end, when the peer has closed the pipe and all bytes have been read.
 * Safety: threads. Errors: EINVAL (null), EBADF (closed, or its poll object no longer exists), EAGAIN (nothing now, or
 * not registered yet), ENOTCONN (a server without a client), and the errors of the connection: EACCES, ECONNRESET,
 * ENOBUFS, ENOMEM. Since 1.0. Uses: ReadFile.
 */
MIO_API MIO_MUST_CHECK int64_t mio_named_pipe_read(mio_named_pipe *pipe, void *buffer, size_t length);

/*
 * Writes up to `length` bytes and returns the number of bytes written, at most 16384. The library sends the bytes in
 * the background, so an error can come with a later write. After a short count or -EAGAIN, wait until the pipe is
 * writable.
 * Safety: threads. Errors: EINVAL (null), EBADF (closed, or its poll object no longer exists), EAGAIN (an earlier write
 * is under way, or not registered yet), ENOTCONN (a server without a client), EPIPE (the peer has gone), and the errors
 * of the connection: EACCES, ECONNRESET, ENOBUFS, ENOMEM. Since 1.0. Uses: WriteFile.
 */
MIO_API MIO_MUST_CHECK int64_t mio_named_pipe_write(mio_named_pipe *pipe, const void *buffer, size_t length);

/*
 * Closes a pipe, and fills *pipe with zeros. If a write is under way, the library closes the handle after this
 * write has ended. The peer receives all bytes of the write only if a thread waits on the poll object until the write
 * has ended. For a closed pipe or null, the call does nothing.
 * Safety: one thread. Since 1.0. Uses: CloseHandle.
 */
MIO_INLINE void mio_named_pipe_close(mio_named_pipe *pipe)
{
    mio_source_close(MIO_SOURCE_OF(pipe));
}

/* Returns the handle, which the pipe still owns. Safety: threads. Errors: EINVAL, EBADF. Since 1.0. */
MIO_INLINE mio_handle mio_named_pipe_handle(const mio_named_pipe *pipe)
{
    return mio_source_handle(MIO_SOURCE_OF(pipe));
}

MIO_END_DECLS

#endif /* MIO_WINDOWS_H */
