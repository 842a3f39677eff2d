# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Helpers of the tests of servers, which source this file. One server at a time, $server, and at most one client in the
# background, $client; both end with the test.

. "$(dirname "$0")/../abi/common.sh"

server=
client=
trap 'kill -9 $server $client 2>/dev/null; rm -rf "$tmp"' EXIT

# Counts allocations if a shared object can be preloaded; a sanitizer has its own malloc.
counter=
if [ -z "$SANITIZE" ] && [ -f bench/.libs/alloc_count.so ]; then
  counter=$PWD/bench/.libs/alloc_count.so
fi

# expect STATUS STREAM PATTERN COMMAND...: how the command ends, and a line that it prints to out or err.
expect()
{
  want=$1 stream=$2 pattern=$3
  shift 3
  status=0
  "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
  [ $status -eq "$want" ] || problem "$*: exit status $status, not $want: $(cat "$tmp/err")"
  grep -q -e "$pattern" "$tmp/$stream" || problem "$*: no '$pattern' in std$stream: $(cat "$tmp/$stream")"
}

# start PROGRAM OPTION...: sets server and port.
# shellcheck disable=SC2034 # the tests use the port
start()
{
  name=$1
  rm -f "$tmp/server.out" "$tmp/allocations"
  if [ -n "$counter" ]; then
    ALLOC_COUNT_FILE=$tmp/allocations LD_PRELOAD=$counter "$@" --port 0 >"$tmp/server.out" 2>"$tmp/server.err" &
  else
    "$@" --port 0 >"$tmp/server.out" 2>"$tmp/server.err" &
  fi
  server=$!
  until_true grep -q '^listening on ' "$tmp/server.out" || problem "$*: does not listen: $(cat "$tmp/server.err")"
  port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$tmp/server.out")
  allocated=$(allocations)
}

allocations()
{
  if [ -n "$counter" ]; then
    od -An -td8 "$tmp/allocations" | tr -d ' '
  fi
}

nothing_allocated()
{
  [ "$(allocations)" = "$allocated" ] || problem "$name: allocations after start-up: from $allocated to $(allocations)"
}

# ends STATUS WHY: the server ends by itself, with this status.
ends()
{
  until_true has_ended "$server" || kill -9 "$server"
  status=0
  wait "$server" || status=$?
  server=
  [ $status -eq "$1" ] || problem "$name: exit status $status after $2: $(cat "$tmp/server.err")"
}

# stop SIGNAL: the server ends, with 0.
stop()
{
  kill -"$1" "$server"
  ends 0 "SIG$1"
}

# storm SIGNAL: sends it again and again, also at the very end of the server, which it must not make another one.
storm()
{
  signals=0
  until has_ended "$server" || [ $signals -eq 10000 ]; do
    kill -"$1" "$server" 2>/dev/null
    signals=$((signals + 1))
  done
}

# quiet: the server must have printed nothing but its address.
quiet()
{
  [ ! -s "$tmp/server.err" ] || problem "$name: $(cat "$tmp/server.err")"
}

# ticks: the processor time of the server, in hundredths of a second on every Linux that matters.
ticks()
{
  sed 's/.*) //' "/proc/$server/stat" | awk '{ print $12 + $13 }'
}
