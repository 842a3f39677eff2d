#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A first program with mio, in Python. One poll object watches a listener and a client. The client connects to the
listener, and the server closes the connection at once. The client then reads the end of the stream.

The program calls the C library with ctypes. It needs only the exported functions of the library, and the constants and
the sizes of structures from the headers. The functions of a single type, such as mio_tcp_stream_read, are inline
functions of the headers, so the library does not export them. This program calls the exported functions that they call,
such as mio_stream_read."""

import ctypes
import errno
import os
import sys

mio = ctypes.CDLL("libmio.so.1")

SERVER, CLIENT = 0, 1  # tokens: any values; each event contains the token of its source
READABLE, WRITABLE = 0x1, 0x2  # MIO_READABLE, MIO_WRITABLE
BACKLOG_MAX = -1  # MIO_BACKLOG_MAX


class Source(ctypes.Structure):
    """The structure mio_source. The structure of each socket type contains only a mio_source."""

    _fields_ = [("opaque", ctypes.c_uint64 * 4)]


class Addr(ctypes.Structure):
    """The structure mio_addr."""

    _fields_ = [("opaque", ctypes.c_uint64 * 16)]


class Event(ctypes.Structure):
    """The structure mio_event, which has 16 bytes on every machine."""

    _fields_ = [("token", ctypes.c_size_t), ("readiness", ctypes.c_uint32), ("os_bits", ctypes.c_uint32)]
    if ctypes.sizeof(ctypes.c_size_t) == 4:
        _fields_.append(("reserved", ctypes.c_uint32))


def check(what, result):
    """Returns `result`, or raises OSError if `result` is a negative errno value."""
    if result < 0:
        raise OSError(-result, os.strerror(-result), what)
    return result


def function(name, *arguments, returns=ctypes.c_int):
    """Returns the function `name` of the library. `arguments` and `returns` are the types of its C declaration."""
    found = getattr(mio, name)
    found.argtypes, found.restype = arguments, returns
    return found


source, addr, pointer = ctypes.POINTER(Source), ctypes.POINTER(Addr), ctypes.c_void_p
poll_new = function("mio_poll_new", ctypes.POINTER(pointer), pointer)
poll_free = function("mio_poll_free", pointer, returns=None)
poll_registry = function("mio_poll_registry", pointer, returns=pointer)
poll_wait = function("mio_poll_wait", pointer, ctypes.POINTER(Event), ctypes.c_size_t, ctypes.c_int64)
register = function("mio_registry_register", pointer, source, ctypes.c_size_t, ctypes.c_uint32)
addr_parse = function("mio_addr_parse", addr, ctypes.c_char_p)
listener_bind = function("mio_tcp_listener_bind", source, addr, ctypes.c_int)
stream_connect = function("mio_tcp_stream_connect", source, addr)
local_addr = function("mio_source_local_addr", source, addr)
accept = function("mio_listener_accept", source, source, addr)
connect_finish = function("mio_stream_connect_finish", source)
read = function("mio_stream_read", source, pointer, ctypes.c_size_t, returns=ctypes.c_int64)
close = function("mio_source_close", source, returns=None)


def accept_and_drop(server):
    """Accepts and drops every waiting connection."""
    connection = Source()
    while (result := accept(server, connection, None)) == 0:
        print("server: accepted a connection, dropping it")
        close(connection)
    if result != -errno.EAGAIN:
        check("accept", result)


def client_is_done(client):
    """Returns whether the client has seen the end of its connection."""
    result = connect_finish(client)
    if result == -errno.EINPROGRESS:
        return False
    check("connect", result)
    buffer = ctypes.create_string_buffer(64)
    while (length := read(client, buffer, len(buffer))) > 0:
        pass  # edge-triggered: read until the end or EAGAIN
    if length != -errno.EAGAIN:
        check("read", length)
    return length == 0


def main():
    address = Addr()
    text = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:13265"
    if text == "--help":
        print("usage: quick_start.py [ADDRESS:PORT]")
        print("The tour of mio in Python: a listener and a client in one poll object.")
        return
    check(text, addr_parse(address, text.encode()))

    poll = pointer()
    check("poll", poll_new(poll, None))
    registry = poll_registry(poll)

    server = Source()
    check(text, listener_bind(server, address, BACKLOG_MAX))
    check("local address", local_addr(server, address))  # replaces port 0 by the real port
    check("register", register(registry, server, SERVER, READABLE))

    client = Source()
    check("connect", stream_connect(client, address))
    check("register", register(registry, client, CLIENT, READABLE | WRITABLE))

    done = False
    events = (Event * 16)()
    while not done:
        count = poll_wait(poll, events, len(events), -1)
        if count != -errno.EINTR:
            check("wait", count)
        for event in events[: max(count, 0)]:
            if event.token == SERVER:
                accept_and_drop(server)
            else:
                done = client_is_done(client)
    print("client: the connection has ended")

    close(client)
    close(server)
    poll_free(poll)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"quick_start.py: {error.filename}: {error.strerror} ({errno.errorcode[error.errno]})")
