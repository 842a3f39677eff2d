#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A short tour of mio from another language. A binding needs only the exported functions, and the constants and sizes
of the headers. A listener and a client are in one poll object. The listener accepts a connection and drops it, and the
client sees the end. Header functions of a single type, such as mio_tcp_stream_read, are inline functions that call
those used here."""

import ctypes
import errno
import os
import sys

mio = ctypes.CDLL("libmio.so.1")

SERVER, CLIENT = 0, 1  # tokens: any values; events return them
READABLE, WRITABLE = 0x1, 0x2  # MIO_READABLE, MIO_WRITABLE
BACKLOG_MAX = -1  # MIO_BACKLOG_MAX


class Source(ctypes.Structure):
    """mio_source: every socket consists of one; a set of signals has more."""

    _fields_ = [("opaque", ctypes.c_uint64 * 4)]


class Addr(ctypes.Structure):
    """mio_addr."""

    _fields_ = [("opaque", ctypes.c_uint64 * 16)]


class Event(ctypes.Structure):
    """mio_event, of 16 bytes on every machine."""

    _fields_ = [("token", ctypes.c_size_t), ("readiness", ctypes.c_uint32), ("os_bits", ctypes.c_uint32)]
    if ctypes.sizeof(ctypes.c_size_t) == 4:
        _fields_.append(("reserved", ctypes.c_uint32))


def check(what, result):
    """Turns a negative errno value into an exception."""
    if result < 0:
        raise OSError(-result, os.strerror(-result), what)
    return result


def function(name, *arguments, returns=ctypes.c_int):
    """A function of the library; the types of its arguments are those of the C declaration."""
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
