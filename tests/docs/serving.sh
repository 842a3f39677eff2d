# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# This file defines functions for the tests of servers. A test has one server at a time, $server, and at most one client
# in the background, $client. When a test ends, it stops $server, $client and the processes
# $others.

. "$(dirname "$0")/../abi/common.sh"

server=
client=
others=
trap 'kill -9 $server $client $others 2>/dev/null; rm -rf "$tmp"' EXIT

# The path of a shared object that counts allocations in the server, or "" if the test does not count. A sanitizer has
# its own malloc, so counting does not work with a sanitizer. In LD_PRELOAD, a space or a colon would end the path. So
# the path is relative to the build directory.
counter=
if [ -z "$SANITIZE" ] && [ -f bench/.libs/alloc_count.so ]; then
  counter=./bench/.libs/alloc_count.so
fi

# expect STATUS STREAM PATTERN PROGRAM...: runs the command PROGRAM. Its exit status must be STATUS, and a line of its
# output must match PATTERN. If STREAM is "out", this line must be on standard output. If STREAM is "err", this line
# must be on standard error. If the script runs the program in several ways, $how describes the current way, and each
# failure message begins with $how.
how=
expect()
{
  want=$1 stream=$2 pattern=$3
  shift 3
  status=0
  timeout 90 "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
  [ $status -eq "$want" ] || problem "${how:+$how: }$(short "$@"): exit status $status, not $want: $(cat "$tmp/err")"
  grep -q -e "$pattern" "$tmp/$stream" ||
    problem "${how:+$how: }$(short "$@"): no '$pattern' in std$stream: $(cat "$tmp/out" "$tmp/err")"
}

short()
{
  echo "$*" | cut -c 1-200
}

# listen PROGRAM OPTION...: starts the server PROGRAM and waits until it listens. Sets the variables "server" and
# "port".
# shellcheck disable=SC2034 # the tests use the port
listen()
{
  name=$1
  rm -f "$tmp/server.out" "$tmp/allocations"
  "$@" >"$tmp/server.out" 2>"$tmp/server.err" &
  server=$!
  until_true grep -q '^listening on ' "$tmp/server.out" || problem "$*: does not listen: $(cat "$tmp/server.err")"
  port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$tmp/server.out")
  allocated=$(allocations)
}

# start PROGRAM OPTION...: starts the server PROGRAM on a free port, sets the variables "server" and "port", and counts
# the server's allocations.
start()
{
  if [ -n "$counter" ]; then
    listen env ALLOC_COUNT_FILE="$tmp/allocations" LD_PRELOAD="$counter" "$@" --port 0
    name=$1
  else
    listen "$@" --port 0
  fi
}

# allocations: prints the number of allocations so far, if the test counts them.
allocations()
{
  [ ! -e "$tmp/allocations" ] || od -An -td8 "$tmp/allocations" | tr -d ' '
}

nothing_allocated()
{
  [ "$(allocations)" = "$allocated" ] || problem "$name: allocations after start-up: from $allocated to $(allocations)"
}

# load OPTION...: runs bench/load_client with all OPTIONs. Checks that every byte returns, and that the server allocates
# nothing.
load()
{
  bench/load_client --port "$port" "$@" >"$tmp/load.out" 2>"$tmp/load.err" ||
    problem "$name: load_client $*: $(cat "$tmp/load.err")"
  nothing_allocated
}

# process_ends PID STATUS NAME: checks that the process PID ends by itself, with the exit status STATUS. NAME is the
# name of the process in the message about a failure.
process_ends()
{
  until_true has_ended "$1" || { problem "${how:+$how: }$3: does not end"; kill -9 "$1"; }
  status=0
  wait "$1" || status=$?
  [ $status -eq "$2" ] || problem "${how:+$how: }$3: exit status $status, not $2"
}

# ends STATUS WHY: checks that the server ends by itself, with the exit status STATUS. If the check fails, the message
# contains WHY, the reason why the server should end.
ends()
{
  process_ends "$server" "$1" "$name, after $2: $(cat "$tmp/server.err")"
  server=
}

# stop SIGNAL: sends SIGNAL to the server, and checks that the server ends with the exit status 0.
stop()
{
  kill -"$1" "$server"
  ends 0 "SIG$1"
}

# storm SIGNAL PID: sends SIGNAL to the process PID again and again until the process has ended. The signal must not
# change the exit status.
storm()
{
  signals=0
  until has_ended "$2" || [ $signals -eq 10000 ]; do
    kill -"$1" "$2" 2>/dev/null
    signals=$((signals + 1))
  done
}

# quiet: checks that the server has printed nothing on standard error.
quiet()
{
  [ ! -s "$tmp/server.err" ] || problem "$name: $(cat "$tmp/server.err")"
}

# ticks PID: prints the processor time of the process PID, in hundredths of a second, or 0 if the process has ended.
ticks()
{
  sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk 'END { print $12 + $13 }'
}

# idles PID SITUATION: checks that the process PID uses less than 0.1 s of processor time in a second. Waiting needs far
# less. The message contains SITUATION.
idles()
{
  before=$(ticks "$1")
  sleep 1
  used=$(($(ticks "$1") - before))
  [ $used -lt 10 ] || problem "${how:+$how: }$name: $used ticks in a second $2: it spins"
}
