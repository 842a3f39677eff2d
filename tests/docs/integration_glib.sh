#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests glib_nested of examples/integration, in which the main loop of GLib watches a poll object. integrating.sh lists
# the checks.
#
# shellcheck disable=SC2086 # variables such as $program hold a command with its options

. "$(dirname "$0")/integrating.sh"

built glib_nested libglib2.0-dev

# The program has more sockets than one wait can report. The test sends more datagrams to one address than the
# program reads at once. The program answers all datagrams.
glib_serves()
{
  name=glib_nested
  rm -f "$tmp/server.out"
  # shellcheck disable=SC2046
  $program --quiet 300 --tick 50 $(yes 127.0.0.1:0 | head -n 20) >"$tmp/server.out" 2>"$tmp/server.err" &
  server=$!
  until_true has 20 '^quiet: ' "$tmp/server.out" ||
    problem "$how: glib_nested: $(tail -n 3 "$tmp/server.out") $(cat "$tmp/server.err")"
  sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$tmp/server.out" >"$tmp/ports"
  python3 - "$tmp/ports" >"$tmp/out" 2>&1 <<'END' || problem "$how: glib_nested does not answer: $(cat "$tmp/out")"
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(20)
ports = [int(line) for line in open(sys.argv[1])]
for round in range(5):
    for burst in ([port for port in ports for _ in range(2)], ports[:1] * 40):
        for port in burst:
            s.sendto(b"x", ("127.0.0.1", port))
        for port in burst:
            s.recv(10)
END
  has 20 '^heard: ' "$tmp/server.out" || problem "$how: glib_nested: $(tail -n 3 "$tmp/server.out")"
  until_true has 40 '^quiet: ' "$tmp/server.out" ||
    problem "$how: glib_nested is not quiet again: $(tail -n 3 "$tmp/server.out")"
  until_true has 1 '^tick: 400 datagrams, 0 not sent back' "$tmp/server.out" || problem "$how: $(tail -n 1 "$tmp/server.out")"
  storm TERM "$server"
  ends 0 SIGTERM
}

glib_fails()
{
  expect 2 err '^glib_nested: not a number of milliseconds: 0$' $program --quiet 0 127.0.0.1:0
  expect 2 err '^glib_nested: .*: --no-such-option$' $program --no-such-option 127.0.0.1:0
  expect 1 err '^glib_nested: 127.0.0.1: ' $program 127.0.0.1
}

works()
{
  glib_fails
  if [ "$MIO_BACKEND" = poll ]; then
    expect 1 err '^glib_nested: cannot nest the poll object: Operation not supported$' $program 127.0.0.1:0
  else
    glib_serves
  fi
}

waits()
{
  [ "$MIO_BACKEND" = poll ] || sleeps $binary --quiet 100 127.0.0.1:0
}

run_everywhere
finish
