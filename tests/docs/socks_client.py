# SPDX-License-Identifier: MIT
"""A client of socks_proxy.c, and its target. Prints each case that fails.

    python3 socks_client.py PORT
"""
import select
import socket
import struct
import sys
import threading
import time

TIMEOUT = 5
GREETING = b"\5\1\0"


def request(port):
    return b"\5\1\0\1\x7f\0\0\1" + port.to_bytes(2, "big")


def listen():
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, listener.getsockname()[1]


def echo(listener):
    """Sends everything back to one client, and then the end."""
    stream, _ = listener.accept()
    with stream:
        while data := stream.recv(65536):
            stream.sendall(data)


def exactly(stream, size):
    data = b""
    while len(data) < size:
        part = stream.recv(size - len(data))
        if not part:
            break
        data += part
    return data


def everything(stream):
    data = b""
    while part := stream.recv(65536):
        data += part
    return data


def expect(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found[:40]!r}, not {wanted[:40]!r}")


def bytewise(stream):
    """Each answer comes before the next message is sent."""
    listener, port = listen()
    threading.Thread(target=echo, args=(listener,), daemon=True).start()
    for message, wanted in (GREETING, b"\5\0"), (request(port), b"\5\0\0\1" + bytes(6)):
        for byte in message:
            stream.sendall(bytes([byte]))
            time.sleep(0.01)
        expect(exactly(stream, len(wanted)), wanted)
    stream.sendall(b"hello")
    expect(exactly(stream, 5), b"hello")
    stream.shutdown(socket.SHUT_WR)
    expect(everything(stream), b"")


def all_at_once(stream):
    """Bytes behind the handshake, and the end of the client, wait for the target."""
    listener, port = listen()
    threading.Thread(target=echo, args=(listener,), daemon=True).start()
    stream.sendall(GREETING + request(port) + b"x" * 9000)
    stream.shutdown(socket.SHUT_WR)
    expect(everything(stream), b"\5\0" + b"\5\0\0\1" + bytes(6) + b"x" * 9000)


def refused(stream):
    """The client learns the reason, although it has sent bytes that nobody wants."""
    unconnectable = socket.socket()  # keeps its port, and does not listen
    unconnectable.bind(("127.0.0.1", 0))
    port = unconnectable.getsockname()[1]
    stream.sendall(GREETING)
    expect(exactly(stream, 2), b"\5\0")
    stream.sendall(request(port) + b"x" * 5000000)
    expect(everything(stream), b"\5\5\0\1" + bytes(6))


def reset(stream):
    """The reset of a target reaches the client, although the client does not read, so the target is not read."""
    listener, port = listen()
    stream.sendall(GREETING + request(port))
    target, _ = listener.accept()
    target.settimeout(1)  # all buffers are full
    try:
        while True:
            target.send(b"x" * 65536)
    except TimeoutError:
        pass
    target.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    target.close()
    errors = select.poll()
    errors.register(stream, 0)
    if not errors.poll(1000):
        raise AssertionError("no reset within a second")


def main():
    for case in bytewise, all_at_once, refused, reset:
        try:
            with socket.create_connection(("127.0.0.1", int(sys.argv[1])), TIMEOUT) as stream:
                case(stream)
        except (AssertionError, OSError) as error:
            print(f"{case.__name__}: {error!r}")


main()
