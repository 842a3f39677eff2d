#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that sanitizers, Valgrind and socket_wrapper work with programs that use the library. The library itself is
# built without these tools. Sanitizers find the errors of the program and report no false errors. Valgrind does not
# report that the library passes an undefined argument to a system call. socket_wrapper intercepts every socket call of
# the library.
. "$(dirname "$0")/common.sh"

need_shared
[ -z "$SANITIZE" ] || skip "the library itself is built with sanitizers"

# build NAME FLAG...: builds the program NAME from the source on standard input, with assertions and without
# optimisation.
build()
{
  name=$1
  shift
  { echo '#undef NDEBUG'; cat; } >"$tmp/$name.c"
  # shellcheck disable=SC2086 # CC can hold flags
  ${compiler:-$CC} -std=gnu17 -g -w "$@" -I"$srcdir/include" -Iinclude -o "$tmp/$name" "$tmp/$name.c" -L.libs -lmio \
    -Wl,-rpath,"$PWD/.libs" -pthread >"$tmp/$name.log" 2>&1 && return
  problem "$name does not build:"
  head -n 10 "$tmp/$name.log"
  return 1
}

# runs NAME COMMAND...: checks that COMMAND succeeds and prints nothing on each backend. The message calls the program
# NAME.
runs()
{
  name=$1
  shift
  for backend in epoll poll; do
    MIO_BACKEND=$backend "$@" >"$tmp/out" 2>&1 && [ ! -s "$tmp/out" ] && continue
    problem "$name, $backend:"
    head -n 20 "$tmp/out"
  done
}

# This program has three ways to read 10 bytes into a buffer of 4 bytes, so a system call writes beyond the buffer. In
# two more ways, a system call reads 10 bytes from the buffer. For each way, AddressSanitizer must detect the overflow.
if build overflow -fsanitize=address <<'EOF_PROGRAM'
#include <mio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_udp_socket udp;
    mio_addr addr;
    char *small = malloc(4);
    mio_iovec piece = {small, 10};
    if (mio_pipe_pair(&sender, &receiver) != 0 || mio_pipe_sender_write(&sender, "0123456789", 10) != 10) return 1;
    if (argv[1][0] == '0') return mio_pipe_receiver_read(&receiver, small, 10) != 10;
    if (argv[1][0] == '1') return mio_pipe_receiver_readv(&receiver, &piece, 1) != 10;
    if (argv[1][0] == '3') return mio_pipe_sender_write(&sender, small, 10) != 10;
    if (argv[1][0] == '4') return mio_safe_write(mio_pipe_sender_handle(&sender), small, 10) != 10;
    if (mio_addr_parse(&addr, "127.0.0.1:0") != 0 || mio_udp_socket_bind(&udp, &addr) != 0) return 1;
    if (mio_udp_socket_local_addr(&udp, &addr) != 0 || mio_udp_socket_send_to(&udp, "0123456789", 10, &addr) != 10)
        return 1;
    while (mio_udp_socket_recv_from(&udp, small, 10, NULL, NULL) == -11) {
    }
    return 0;
}
EOF_PROGRAM
then
  for way in 0 1 2 3 4; do
    "$tmp/overflow" $way >"$tmp/out" 2>&1
    grep -q 'heap-buffer-overflow' "$tmp/out" || problem "AddressSanitizer misses the overflow of way $way"
  done
fi

# One thread hands data to another in five ways: by a byte on a stream or a pipe, by a datagram, by a waker, and through
# a poll object.
if build handover -fsanitize=thread <<'EOF_PROGRAM'
#include <assert.h>
#include <mio.h>
#include <pthread.h>
static mio_unix_stream left, right;
static mio_pipe_sender sender;
static mio_pipe_receiver receiver;
static mio_poll *poll;
static mio_waker *waker;
static int data;
static mio_unix_datagram near, far;
static void *write_to_pipe(void *unused)
{
    data = 41;
    assert(mio_pipe_sender_write(&sender, "x", 1) == 1);
    return unused;
}
static void *send_datagram(void *unused)
{
    data = 40;
    assert(mio_unix_datagram_send(&near, "x", 1) == 1);
    return unused;
}
static void *write_data(void *unused)
{
    data = 42;
    assert(mio_unix_stream_write(&left, "x", 1) == 1);
    return unused;
}
static void *wake(void *unused)
{
    data = 43;
    assert(mio_waker_wake(waker) == 0);
    return unused;
}
int main(void)
{
    pthread_t thread;
    mio_event event;
    char byte;
    assert(mio_poll_new(&poll, NULL) == 0 && mio_unix_stream_pair(&left, &right, 0) == 0);
    mio_registry *registry = mio_poll_registry(poll);
    assert(mio_registry_register(registry, &right.source, 1, MIO_READABLE) == 0);
    assert(mio_waker_new(&waker, registry, 2) == 0);
    assert(mio_pipe_pair(&sender, &receiver) == 0);
    assert(pthread_create(&thread, NULL, write_to_pipe, NULL) == 0);
    while (mio_pipe_receiver_read(&receiver, &byte, 1) != 1) {
    }
    assert(data == 41 && pthread_join(thread, NULL) == 0);
    assert(mio_unix_datagram_pair(&near, &far) == 0);
    assert(pthread_create(&thread, NULL, send_datagram, NULL) == 0);
    while (mio_unix_datagram_recv(&far, &byte, 1, NULL) != 1) {
    }
    assert(data == 40 && pthread_join(thread, NULL) == 0);
    for (int i = 0; i < 20; i++) {
        int64_t timeout = i % 2 == 0 ? -1 : 10000000001;
        assert(pthread_create(&thread, NULL, write_data, NULL) == 0);
        assert(mio_poll_wait(poll, &event, 1, timeout) == 1 && event.token == 1);
        assert(mio_unix_stream_read(&right, &byte, 1) == 1 && mio_unix_stream_read(&right, &byte, 1) < 0);
        assert(data == 42 && pthread_join(thread, NULL) == 0);
        assert(pthread_create(&thread, NULL, wake, NULL) == 0);
        assert(mio_poll_wait(poll, &event, 1, timeout) == 1 && event.token == 2);
        assert(data == 43 && pthread_join(thread, NULL) == 0);
    }
    return 0;
}
EOF_PROGRAM
then
  runs ThreadSanitizer "$tmp/handover"
fi

# For MemorySanitizer, data that the system has stored must count as initialised. Only clang has MemorySanitizer.
need clang clang
# shellcheck disable=SC2034 # the function "build" uses $compiler
compiler=clang
if build initialised -fsanitize=memory -fno-sanitize-recover=memory <<'EOF_PROGRAM'
#include <assert.h>
#include <mio.h>
#include <stdlib.h>
int main(void)
{
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_unix_stream left, right;
    char *bytes = malloc(8);
    mio_iovec piece = {bytes + 4, 4};
    assert(mio_pipe_pair(&sender, &receiver) == 0 && mio_pipe_sender_write(&sender, "ab", 2) == 2);
    assert(mio_pipe_receiver_read(&receiver, bytes, 4) == 2 && bytes[0] == 'a' && bytes[1] == 'b');
    assert(mio_unix_stream_pair(&left, &right, 0) == 0 && mio_unix_stream_write(&left, "cd", 2) == 2);
    assert(mio_unix_stream_peek(&right, bytes, 4) == 2 && bytes[0] == 'c');
    assert(mio_unix_stream_readv(&right, &piece, 1) == 2 && bytes[4] == 'c' && bytes[5] == 'd');
    return 0;
}
EOF_PROGRAM
then
  runs MemorySanitizer "$tmp/initialised"
fi
compiler=

# Valgrind reports an undefined value even in an argument that the system call ignores. So the library sets all
# arguments. The program first fills the registers with undefined values.
need valgrind valgrind
if build arguments <<'EOF_PROGRAM'
#include <assert.h>
#include <mio.h>
#include <stdlib.h>
__attribute__((noinline)) static void fill(long a, long b, long c, long d, long e, long f)
{
    __asm__ volatile("" : : "r"(a), "r"(b), "r"(c), "r"(d), "r"(e), "r"(f));
}
int main(void)
{
    mio_unix_stream left, right;
    mio_poll *poll;
    mio_event event;
    char bytes[8] = "";
    mio_iovec piece = {bytes, 4};
    long *junk = malloc(sizeof *junk);
#define WITH_JUNK(call) (fill(*junk, *junk, *junk, *junk, *junk, *junk), (call))
    assert(mio_poll_new(&poll, NULL) == 0 && mio_unix_stream_pair(&left, &right, 0) == 0);
    assert(WITH_JUNK(mio_unix_stream_write(&left, "x", 1)) == 1);
    assert(WITH_JUNK(mio_unix_stream_send(&left, "x", 1, 0)) == 1);
    assert(WITH_JUNK(mio_unix_stream_writev(&left, &piece, 1)) == 4);
    assert(WITH_JUNK(mio_unix_stream_peek(&right, bytes, 1)) == 1);
    assert(WITH_JUNK(mio_unix_stream_read(&right, bytes, 1)) == 1);
    assert(WITH_JUNK(mio_unix_stream_readv(&right, &piece, 1)) == 4);
    assert(WITH_JUNK(mio_poll_wait(poll, &event, 1, 0)) == 0);
    assert(WITH_JUNK(mio_poll_wait(poll, &event, 1, 1000000)) == 0);
    mio_unix_stream_close(&left);
    mio_unix_stream_close(&right);
    mio_poll_free(poll);
    free(junk);
    return 0;
}
EOF_PROGRAM
then
  # Valgrind reports newer system calls as unknown. Such a report is not an error.
  cat >"$tmp/memcheck" <<'EOF_SCRIPT'
#!/bin/sh
valgrind -q --log-file="$1.log" --error-exitcode=1 "$1" || cat "$1.log"
EOF_SCRIPT
  runs Valgrind sh "$tmp/memcheck" "$tmp/arguments"
fi

# socket_wrapper is a preloaded library that replaces the socket calls. Each IPv4 socket of the program is in fact a
# Unix socket. mio must report IPv4 addresses for both sides of a connection.
wrapper=$(for file in /usr/lib/*/libsocket_wrapper.so /usr/lib*/libsocket_wrapper.so; do
  [ ! -e "$file" ] || echo "$file"
done | head -n 1)
[ -n "$wrapper" ] || missing libsocket_wrapper.so libsocket-wrapper
if build wrapped <<'EOF_PROGRAM'
#include <assert.h>
#include <mio.h>
#include <string.h>
int main(void)
{
    mio_poll *poll;
    mio_addr addr, peer, same;
    mio_tcp_listener listener;
    mio_tcp_stream client, server;
    mio_event event;
    char bytes[8];
    assert(mio_poll_new(&poll, NULL) == 0 && mio_addr_parse(&addr, "127.0.0.10:7777") == 0);
    assert(mio_tcp_listener_bind(&listener, &addr, 8) == 0);
    assert(mio_registry_register(mio_poll_registry(poll), &listener.source, 1, MIO_READABLE) == 0);
    assert(mio_tcp_stream_connect(&client, &addr) == 0);
    assert(mio_poll_wait(poll, &event, 1, 10000000000) == 1);
    assert(mio_tcp_listener_accept(&listener, &server, &peer) == 0);
    assert(mio_tcp_stream_peer_addr(&server, &same) == 0 && mio_addr_compare(&peer, &same) == 0);
    assert(mio_tcp_stream_local_addr(&client, &same) == 0 && mio_addr_compare(&peer, &same) == 0);
    assert(mio_addr_family(&peer) == MIO_ADDR_IPV4);
    assert(mio_tcp_stream_write(&client, "hello", 5) == 5);
    assert(mio_tcp_stream_read(&server, bytes, 8) == 5 && memcmp(bytes, "hello", 5) == 0);
    return 0;
}
EOF_PROGRAM
then
  mkdir "$tmp/network"
  runs socket_wrapper env SOCKET_WRAPPER_DIR="$tmp/network" SOCKET_WRAPPER_DEFAULT_IFACE=10 LD_PRELOAD="$wrapper" \
    "$tmp/wrapped"
fi

finish
