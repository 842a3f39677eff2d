# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# This file defines functions for the tests of examples/integration. Each program must work as its first comment
# describes. The servers run on this machine. The tests run each program on each backend, and under Valgrind. No program
# may leak, even on error paths. Each program must wait instead of spinning. If a server refuses, is silent or goes
# away, the program must fail instead of hanging.

. "$(dirname "$0")/serving.sh"

need python3 python3
export no_proxy='*' # for curl_fetch

# built PROGRAM PACKAGE: sets $binary to the path of PROGRAM. PROGRAM needs the library in the Debian package PACKAGE.
# If this library was missing at configure time, make has not built PROGRAM, and the function skips the test.
built()
{
  binary=examples/integration/$1
  [ -x "$binary" ] || missing "the library of $1, when this was configured," "$2"
}

# printed COUNT PATTERN: checks that COUNT lines of the last command's output match PATTERN.
printed()
{
  count=$(grep -c -e "$2" "$tmp/out")
  [ "$count" -eq "$1" ] || problem "$how: $count lines '$2', not $1: $(cut -c 1-200 "$tmp/out" | head -n 20)"
}

# has COUNT PATTERN FILE: succeeds if at least COUNT lines of the file match PATTERN.
# shellcheck disable=SC2317 # until_true calls it
has()
{
  [ "$(grep -c -e "$2" "$3")" -ge "$1" ]
}

# free_port: prints a port that is free for TCP and for UDP.
free_port()
{
  python3 -c '
import socket
while True:
    tcp = socket.socket()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tcp.bind(("127.0.0.1", 0))
    try:
        udp.bind(tcp.getsockname())
        break
    except OSError:
        pass
print(tcp.getsockname()[1])'
}

# start_silent: starts a server that takes connections and datagrams, and sends nothing.
# shellcheck disable=SC2034 # the tests use the ports
start_silent()
{
  python3 -u -c '
import signal, socket
tcp = socket.create_server(("127.0.0.1", 0), backlog=64)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
print(tcp.getsockname()[1], udp.getsockname()[1])
signal.pause()' >"$tmp/silent.out" 2>&1 &
  others="$others $!"
  until_true test -s "$tmp/silent.out" || problem "no silent server: $(cat "$tmp/silent.out")"
  read -r silent_tcp silent_udp <"$tmp/silent.out"
}

# sleeps COMMAND...: runs COMMAND, but sends no data to COMMAND. Checks that COMMAND waits without spinning.
sleeps()
{
  name=$*
  "$@" >"$tmp/idle" 2>&1 &
  client=$!
  sleep 0.5 # the program has started
  idles "$client" "while it waits"
  ! has_ended "$client" || problem "$how: $name has ended instead of waiting: $(cat "$tmp/idle")"
  kill -9 "$client" 2>/dev/null
  wait "$client" 2>/dev/null
  client=
}

# run_everywhere: calls the functions "works" and "waits" with each backend, and then "works" under Valgrind. $program
# is the command that runs $binary.
# shellcheck disable=SC2034 # the function "works" uses $program
run_everywhere()
{
  for MIO_BACKEND in epoll poll; do
    export MIO_BACKEND
    how=$MIO_BACKEND program=$binary
    works
    waits
  done
  export MIO_BACKEND=epoll
  [ -z "$SANITIZE" ] || return 0 # the sanitizer has looked for leaks, and Valgrind cannot run sanitized programs
  need valgrind valgrind
  how=valgrind
  program="./libtool --mode=execute valgrind --quiet --error-exitcode=9 --leak-check=full
    --show-leak-kinds=definite --errors-for-leak-kinds=definite --suppressions=$srcdir/tests/valgrind.supp $binary"
  works
}
