# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# This file defines functions for the tests of examples/daemon. The functions start the server lookupd, and the clients
# of this server. $server is the process ID of the server.

. "$(dirname "$0")/serving.sh"

[ -x examples/daemon/lookupd ] || missing "<sys/queue.h>, when this was configured," libc6-dev
$CC -o "$tmp/lookup_client" "$srcdir/tests/docs/lookup_client.c" || { problem "no client"; finish; }
chmod 755 "$tmp" # with --user, another user must be able to read the table
table=$tmp/table
socket=$tmp/socket

# serve PROGRAM OPTION...: starts the server PROGRAM, which may open at most $descriptors descriptors. Sets the
# variables "server" and "port".
serve()
{
  name=$1
  shift
  rm -f "$tmp/server.err" "$tmp/allocations"
  (
    # shellcheck disable=SC3045 # each shell that can be /bin/sh on Linux has the option -n of ulimit
    [ -z "$descriptors" ] || ulimit -n "$descriptors"
    if [ -n "$counter" ]; then
      export ALLOC_COUNT_FILE="$tmp/allocations" LD_PRELOAD="$counter"
    fi
    exec "$name" --listen 127.0.0.1:0 --unix "$socket" "$@" "$table" 2>"$tmp/server.err"
  ) &
  server=$!
  until_true grep -q "listening on $socket\$" "$tmp/server.err" ||
    problem "$name: does not listen: $(cat "$tmp/server.err")"
  port=$(listening_port)
}
descriptors=

# listening_port: prints the port that the server has reported.
listening_port()
{
  sed -n 's/.*listening on 127.0.0.1:\([0-9]*\)$/\1/p' "$tmp/server.err"
}

# talk TARGET: runs a client that sends its standard input to TARGET, and prints the answers. TARGET is a port or the
# path of a socket. If the client hangs, the test fails.
talk()
{
  timeout 30 "$tmp/lookup_client" talk "$1"
}

# answers TARGET REQUESTS ANSWERS: sends REQUESTS to TARGET, and checks that the answers are ANSWERS. REQUESTS and
# ANSWERS are formats of printf.
# shellcheck disable=SC2059
answers()
{
  printf "$2" | talk "$1" >"$tmp/answers" || problem "$name: no conversation with $1"
  printf "$3" | cmp -s - "$tmp/answers" ||
    problem "$name: to '$(printf %.60s "$2")' it answers '$(head -c 160 "$tmp/answers")'"
}

# shellcheck disable=SC2317 # called through until_true
{
  # has_said TEXT: succeeds if the log of the server has TEXT.
  has_said()
  {
    grep -qF -e "$1" "$tmp/server.err"
  }

  # heard LINE [COUNT]: succeeds if the client in the background has received LINE at least COUNT times (without COUNT,
  # at least once).
  heard()
  {
    [ "$(grep -cxF -e "$1" "$tmp/heard")" -ge "${2:-1}" ]
  }
}

# background COMMAND...: starts lookup_client with the arguments COMMAND in the background. Sets the variable "client".
background()
{
  rm -f "$tmp/heard"
  timeout 60 "$tmp/lookup_client" "$@" >"$tmp/heard" 2>&1 &
  client=$!
}

# hold TARGET COUNT: opens COUNT connections to TARGET, and keeps them open in the background.
hold()
{
  background hold "$@"
  until_true heard open || problem "$name: cannot hold $2 connections: $(cat "$tmp/heard")"
}

# begin: starts a client. The test writes the requests of this client to descriptor 9.
begin()
{
  rm -f "$tmp/words" "$tmp/heard"
  mkfifo "$tmp/words"
  timeout 60 "$tmp/lookup_client" talk "$port" <"$tmp/words" >"$tmp/heard" 2>&1 &
  client=$!
  exec 9<>"$tmp/words" # also opened for reading: without a reader, a write would end the shell by SIGPIPE
}

# client_ends WHY: checks that the client in the background ends by itself, and reports no error. If the check fails,
# the message contains WHY.
client_ends()
{
  wait "$client" || problem "$name: a client did not end cleanly $1: $(cat "$tmp/heard")"
  client=
}

# words COUNT WORD: prints the word COUNT times, without a newline.
words()
{
  awk -v n="$1" -v word="$2" 'BEGIN { while (n-- > 0) printf "%s", word }'
}

# fill_table: writes the first table that the server reads.
fill_table()
{
  {
    printf '# a table\n\n  alice \t alice@example.com  \r\nbob 50%% of it\nA B'
    printf '\n\303\244 umlaut\n'
    printf '%s longest\npercents %s' "$(words 1024 K)" "$(words 1024 %)" # without a newline at the end
  } >"$table"
}

# fails PATTERN OPTION...: runs the server with the options OPTION. Checks that the server fails to start, and that it
# prints a reason that matches PATTERN.
fails()
{
  pattern=$1
  shift
  expect 1 err "$pattern" timeout 10 "$name" "$@"
}
