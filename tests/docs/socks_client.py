# SPDX-License-Identifier: MIT
"""A client of socks_proxy.c, and its target. Prints each case that fails.

    python3 socks_client.py PORT
"""
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


def wait_for_full_buffer(stream):
    """Waits until the number of bytes in the receive buffer no longer grows."""
    before, now = -1, 0
    while now != before:
        time.sleep(0.02)
        before, now = now, len(stream.recv(1 << 20, socket.MSG_PEEK))


def answer_early(listener):
    """Answers before the request is complete, and closes. The system resets the connection, because bytes are unread.
    The answer is short, because the system discards what the proxy has no room for."""
    stream, _ = listener.accept()
    with stream:
        wait_for_full_buffer(stream)
        stream.sendall(b"A" * 10000)


def early(stream):
    """The answer arrives, although the target does not take the whole request. The buffers are small, so that the client
    and the proxy wait to write when the target closes."""
    listener, port = listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    threading.Thread(target=answer_early, args=(listener,), daemon=True).start()
    stream.sendall(GREETING + request(port) + b"q" * 5000000)
    expect(everything(stream)[12:], b"A" * 10000)


def gone(stream):
    """The client resets its connection. The proxy takes some more bytes of the target, and then ends the target too."""
    listener, port = listen()
    stream.sendall(GREETING + request(port))
    target, _ = listener.accept()
    target.settimeout(TIMEOUT)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()
    sent = 0
    try:
        while sent < 64 << 20:
            sent += target.send(b"x" * 65536)
    except ConnectionError:
        return
    raise AssertionError(f"the target could send {sent} bytes")


def main():
    for case in (bytewise, all_at_once, refused, *[early] * 10, gone):
        try:
            with socket.create_connection(("127.0.0.1", int(sys.argv[1])), TIMEOUT) as stream:
                case(stream)
        except (AssertionError, OSError) as error:
            print(f"{case.__name__}: {error!r}")


main()
