#!/bin/sh
# SPDX-License-Identifier: MIT
# Demonstrates libmio: runs the quick start, and then the TCP echo server. The program load_client, which does not use
# libmio, opens 1,000 connections to the server, and checks every byte that comes back. The script checks that the
# server allocates nothing while it serves, and that the server ends cleanly.
#
# usage: demo.sh [BUILD-DIRECTORY]
# The script takes a few seconds, at most 30. Exit status: 0 on success.
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH # otherwise cd may go elsewhere

connections=1000
messages=200
load_seconds=12 # after this time, the client sends no new messages, and waits 5 more seconds for the answers
start_seconds=3
stop_seconds=3

server=
watchdog=
work=

die()
{
  echo "demo.sh: $*" >&2
  exit 1
}

# shellcheck disable=SC2317 # called by the trap
clean_up()
{
  for process in $server $watchdog; do
    kill -9 "$process" 2>/dev/null || :
  done
  [ -z "$work" ] || rm -rf "$work"
}

# allocations: prints how often the server has allocated memory so far
allocations()
{
  [ -s "$work/allocations" ] || die "bench/alloc_count.c does not count the allocations of the server"
  od -An -td8 "$work/allocations" | tr -d ' '
}

# start_server: starts the server, sets the variables "server" and "port", and returns when the server listens.
start_server()
{
  ALLOC_COUNT_FILE=$work/allocations LD_PRELOAD=./$counter \
    examples/tcp_echo_server --port 0 --max-connections $connections >"$work/server.out" &
  server=$!
  tenths=$((start_seconds * 10))
  until grep -q '^listening on ' "$work/server.out"; do
    [ $tenths -gt 0 ] || die "the server does not listen"
    tenths=$((tenths - 1))
    sleep 0.1
  done
  cat "$work/server.out"
  port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$work/server.out")
}

# stop_server: sends SIGTERM to the server, and sets the variable "status" to the exit status of the server. If the
# server does not end in time, the function kills the server, and the status is 137.
stop_server()
{
  kill -TERM "$server"
  (sleep $stop_seconds && kill -9 "$server") >/dev/null 2>&1 &
  watchdog=$!
  status=0
  wait "$server" || status=$?
  server=
  kill -9 "$watchdog" 2>/dev/null || :
  wait "$watchdog" 2>/dev/null || :
  watchdog=
}

cd "${1-.}"
for program in examples/quick_start examples/tcp_echo_server bench/load_client; do
  [ -x $program ] || die "no $PWD/$program (run make first)"
done
# In LD_PRELOAD, a space or a colon would end the path. So the path is relative to the build directory.
counter=bench/.libs/alloc_count.so
[ -f $counter ] || die "no $PWD/$counter (run make first, with shared libraries)"
work=$(mktemp -d)
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

echo "examples/quick_start: a listener and a client in one poll object"
examples/quick_start 127.0.0.1:0
echo

echo "examples/tcp_echo_server: $connections clients at once, every byte checked"
start_server
before=$(allocations)
bench/load_client --port "$port" --connections $connections --messages $messages \
  --seconds-limit $load_seconds >"$work/table" || die "the load client has failed"
made=$(($(allocations) - before))
stop_server
echo
cat "$work/table"
printf '%-28s %12s\n' "allocations after start-up" $made
echo
[ $status -eq 0 ] || die "the server ended with status $status after SIGTERM, not with 0"
[ $made -eq 0 ] || die "the server made $made allocations after start-up; 0 is promised"
echo "Every byte came back, and the server ended cleanly."
