#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests lookupd of examples/daemon under systemd. lookupd gets its sockets, notifies systemd and feeds the watchdog. The
# units are valid, and give the service few rights. The manual page has all options.

. "$(dirname "$0")/lookupd.sh"

need systemd-socket-activate systemd
need systemd-analyze systemd
need mandoc mandoc
daemon=$srcdir/examples/daemon

# --- The units and the manual page ----------------------------------------------------------------------------------

mkdir "$tmp/units"
cp "$daemon/lookupd.socket" "$tmp/units"
# In a unit, a space would end the path of the program. So the unit names a link to the program.
ln -s "$PWD/examples/daemon/lookupd" "$tmp/units/lookupd"
sed "s,/usr/sbin/lookupd,$tmp/units/lookupd," "$daemon/lookupd.service" >"$tmp/units/lookupd.service"
systemd-analyze verify --man=no "$tmp/units/lookupd.service" "$tmp/units/lookupd.socket" >"$tmp/out" 2>&1 ||
  problem "the units: $(cat "$tmp/out")"
[ ! -s "$tmp/out" ] || problem "the units: $(cat "$tmp/out")"
# systemd-analyze computes the exposure of a service, from 0 (safe) to 100. With systemd 252, a service without any
# restriction gets 96. lookupd gets 2, mainly because it uses Unix sockets and the root directory of the host.
systemd-analyze security --offline=true --threshold=5 --no-pager "$tmp/units/lookupd.service" >"$tmp/out" 2>&1 ||
  problem "the service is less secure than it was: $(grep -v '^✓' "$tmp/out")"

# mandoc reports references to pages that this machine does not have, so leave out these messages.
mandoc -T lint -W style "$daemon/lookupd.8" 2>/dev/null | grep -v 'referenced manual not found' >"$tmp/out"
[ ! -s "$tmp/out" ] || problem "lookupd.8: $(cat "$tmp/out")"
for program in lookupd_c lookupd; do
  examples/daemon/$program --help >"$tmp/$program.help"
done
cmp -s "$tmp/lookupd_c.help" "$tmp/lookupd.help" || problem "the two programs have different options"
# shellcheck disable=SC2013 # each option is one word
for option in $(sed -n 's/^  --\([a-z-]*\).*/\1/p' "$tmp/lookupd.help"); do
  grep -q "^\.It Fl -$option" "$daemon/lookupd.8" || problem "lookupd.8 has no --$option"
done

# --- Sockets, notifications, the watchdog ---------------------------------------------------------------------------

# notified PATTERN [COUNT]: succeeds if the service manager has received at least COUNT messages that match PATTERN.
# shellcheck disable=SC2317 # until_true calls it
notified()
{
  [ "$(grep -c -e "$1" "$tmp/notes")" -ge "${2:-1}" ]
}

# notified_in_order EARLY LATE: checks that the last match of the pattern EARLY precedes the last match of LATE.
notified_in_order()
{
  [ "$(grep -n -e "$1" "$tmp/notes" | tail -n 1 | cut -d: -f1)" -lt \
    "$(grep -n -e "$2" "$tmp/notes" | tail -n 1 | cut -d: -f1)" ] ||
    problem "$name: '$1' does not come before '$2': $(grep -v WATCHDOG "$tmp/notes")"
}

# activate OPTION...: starts systemd-socket-activate, which executes the server when the first client connects. Sets
# port. Before systemd-socket-activate listens, another process can take the port. If this happens, the function tries
# again with another port.
activate()
{
  for _ in 1 2 3; do
    port=$("$tmp/lookup_client" port)
    rm -f "$socket" "$tmp/server.err"
    systemd-socket-activate -l "127.0.0.1:$port" -l "$socket" --fdname=web:mail -E "NOTIFY_SOCKET=$tmp/notify" \
      -E WATCHDOG_USEC=200000 "$name" "$@" "$table" 2>"$tmp/server.err" &
    server=$!
    until_true is_waiting || problem "systemd-socket-activate: $(cat "$tmp/server.err")"
    [ ! -S "$socket" ] || return 0
    wait "$server"
  done
  problem "systemd-socket-activate does not listen: $(cat "$tmp/server.err")"
}

# shellcheck disable=SC2317 # until_true calls it
is_waiting()
{
  has_said "Listening on $socket" || has_ended "$server"
}

"$tmp/lookup_client" notify "$tmp/notify" >>"$tmp/notes" & # appends, because the test empties the file meanwhile
others=$!
until_true notified open || problem "no service manager to notify"
for name in examples/daemon/lookupd_c examples/daemon/lookupd; do
  echo 'alice alice@example.com' >"$table"
  activate --listen 127.0.0.1:1
  answers "$port" 'get alice\n' '200 alice@example.com\n'
  answers "$socket" 'get alice\n' '200 alice@example.com\n'
  has_said "listening on 127.0.0.1:$port" || problem "$name: not on the TCP socket: $(cat "$tmp/server.err")"
  has_said "listening on $socket" || problem "$name: not on the Unix socket: $(cat "$tmp/server.err")"
  has_said '--listen and --unix are not used' || problem "$name: ignores an option without a message"
  until_true notified '^READY=1 STATUS=1 entries, 0 clients$' || problem "$name: not ready: $(cat "$tmp/notes")"
  until_true notified '^WATCHDOG=1 STATUS=' 5 || problem "$name: does not feed the watchdog"

  echo 'bob bob@example.com' >>"$table"
  early=$("$tmp/lookup_client" clock)
  kill -HUP "$server"
  until_true notified '^READY=1 STATUS=2 entries' || problem "$name: not ready after a reload"
  time=$(sed -n 's/^RELOADING=1 MONOTONIC_USEC=\([0-9]*\)$/\1/p' "$tmp/notes")
  # With Type=notify-reload, the message RELOADING=1 contains a time. If this time is earlier than systemd's request to
  # reload, systemd ignores the message. So lookupd must send the time at which it gets SIGHUP, or a later time.
  if [ "${time:-0}" -lt "$early" ] || [ "$time" -gt "$("$tmp/lookup_client" clock)" ]; then
    problem "$name: does not say when it reloads: $(grep RELOADING "$tmp/notes")"
  fi
  notified_in_order '^RELOADING=1' '^READY=1'
  answers "$socket" 'get bob\n' '200 bob@example.com\n'
  echo 'bob' >"$table"
  kill -HUP "$server"
  until_true notified '^READY=1 STATUS=2 entries' 2 || problem "$name: not ready after a reload that failed"

  # If the queue of the service manager is full, lookupd keeps serving, and sends READY=1 when there is space.
  kill -STOP "$others"
  "$tmp/lookup_client" fill "$tmp/notify" || problem "the queue does not fill"
  printf 'alice a\nbob b\ncarol c\n' >"$table"
  kill -HUP "$server"
  until_true has_said 'reloaded: 3 entries' || problem "$name: waits for the service manager: $(cat "$tmp/server.err")"
  answers "$socket" 'get carol\n' '200 c\n'
  kill -CONT "$others"
  until_true notified '^READY=1 STATUS=3 entries' || problem "$name: READY=1 is lost when the queue was full"

  stop TERM
  until_true notified '^STOPPING=1' || problem "$name: does not say that it stops"
  notified_in_order '^READY=1' '^STOPPING=1'
  [ -S "$socket" ] || problem "$name: removes the socket of the service manager"
  : >"$tmp/notes"

  # lookupd rejects passed sockets that are not listening stream sockets, and rejects more than 16 sockets.
  for type in datagram unbound records; do
    expect 1 err '^lookupd: descriptor 3 (unknown) is no listening TCP or Unix stream socket: ' \
      timeout 10 "$tmp/lookup_client" pass $type "$name" --listen 127.0.0.1:0 "$daemon/lookupd.table"
  done
  expect 1 err '^lookupd: 17 sockets were passed: Argument list too long$' \
    timeout 10 "$tmp/lookup_client" pass many "$name" "$daemon/lookupd.table"
done

# The table in examples/daemon is valid.
rm -f "$tmp/server.err"
"$name" --unix "$socket" "$daemon/lookupd.table" 2>"$tmp/server.err" &
server=$!
until_true has_said 'listening on' || problem "$name: $(cat "$tmp/server.err")"
answers "$socket" 'get postmaster@example.com\n' '200 alice@mail.example.com,%%20bob@mail.example.com\n'
stop TERM

finish
