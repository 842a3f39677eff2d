#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that the daemon of mio_tutorial(7) works as the page says. The daemon must handle slow clients, too many
# clients, clients that disappear, and a lack of descriptors. The daemon must do this within a time limit and without
# spinning. On SIGTERM, the daemon must end after the last answer. The test also checks the lines that the page
# quotes: each line must be in one of the programs of the page.
. "$(dirname "$0")/serving.sh"

[ -x bench/load_client ] || { problem "no bench/load_client: run make first"; finish; }

# --- The lines that the page quotes -------------------------------------------------------------------------------

page=$srcdir/man/mio_tutorial.7
mkdir "$tmp/programs"
awk -v dir="$tmp/programs" -f "$srcdir/tests/docs/programs.awk" "$page"
cat "$tmp"/programs/*.c | sed 's/^ *//' | sort -u >"$tmp/lines"
at_least 150 "$tmp/lines" "lines in the programs of the page"
awk '
  /^\.Bd -literal -offset/ { inside = 1; next }
  /^\.Ed/ { inside = 0 }
  inside && !/^\$/ { gsub(/\\-/, "-"); sub(/^ */, ""); print }
' "$page" | sort -u >"$tmp/quoted"
at_least 8 "$tmp/quoted" "quoted lines"
comm -23 "$tmp/quoted" "$tmp/lines" >"$tmp/only"
while read -r line; do
  problem "the page quotes a line that is not in its programs: $line"
done <"$tmp/only"

# --- The daemon ---------------------------------------------------------------------------------------------------

# build NAME SED-COMMAND: builds the daemon of the page as the program NAME. SED-COMMAND sets the limits of the program.
# On a busy machine, even a good client can exceed a short time limit. So only the program "impatient" has a short time
# limit.
link_library
build()
{
  sed "$2" "$tmp/programs/mio_tutorial-3.c" >"$tmp/$1.c"
  ! cmp -s "$tmp/programs/mio_tutorial-3.c" "$tmp/$1.c" || problem "the limits of the daemon have changed: $2"
  # shellcheck disable=SC2086 # CC, SANITIZE and link can hold several words
  $CC -std=c11 $SANITIZE -I"$srcdir/include" -Iinclude -o "$tmp/$1" "$tmp/$1.c" $link ||
    { problem "the daemon does not compile"; finish; }
}
build echod 's/^#define MAX_CLIENTS 1000$/#define MAX_CLIENTS 40/'
build impatient 's/^#define MAX_IDLE (60 \* SECOND)$/#define MAX_IDLE (2 * SECOND)/'

# begin COMMAND...: starts the daemon with COMMAND on a free port.
begin()
{
  listen "$@" 127.0.0.1:0
}

# end_daemon: sends SIGTERM until the daemon ends. The last line of the daemon's output must be "stopped".
end_daemon()
{
  storm TERM "$server"
  has_stopped
}
has_stopped()
{
  ends 0 SIGTERM
  [ "$(tail -n 1 "$tmp/server.out")" = stopped ] || problem "the daemon did not say that it stopped"
}

begin "$tmp/echod"
load --connections 30 --messages 50
load --connections 3 --messages 2 --size 5000000 --receive-buffer 65536 # far more than the buffers hold
load --connections 200 --messages 3                                     # five times the size of the table

# slow_client: starts a client that sends many bytes, and suspends the client before it has read the answers.
slow_client()
{
  bench/load_client --port "$port" --connections 2 --messages 100 --size 20000000 >"$tmp/load.slow" 2>&1 &
  client=$!
  until_true has_clients || problem "the client does not connect: $(cat "$tmp/load.slow")"
  kill -STOP $client || problem "the client has ended early: $(cat "$tmp/load.slow")"
}

# sockets: prints how many sockets the daemon has: the listener, and one for each client.
# shellcheck disable=SC2317 # called through until_true
sockets()
{
  find "/proc/$server/fd" -lname 'socket:*' 2>/dev/null | wc -l
}
# shellcheck disable=SC2317 # called through until_true
has_clients()
{
  [ "$(sockets)" -ge 3 ]
}
# shellcheck disable=SC2317 # called through until_true
has_no_clients()
{
  [ "$(sockets)" -le 1 ]
}

# While one client does not read, the daemon serves other clients. After its time limit, the daemon closes the
# connection of the client that does not read.
slow_client
load --connections 20 --messages 20
idles "$server" "with a client that does not read"
kill -9 $client
wait $client 2>/dev/null
end_daemon
begin "$tmp/impatient"
slow_client
until_true has_no_clients || problem "a client that did not read for longer than MAX_IDLE was kept"
kill -CONT $client
status=0
wait $client || status=$?
client=
[ $status -ne 0 ] || problem "a client that did not read for longer than MAX_IDLE got all its answers"
end_daemon

# When SIGTERM arrives, some bytes of a client are still unread. The client still gets every answer, and then the end of
# the stream. If the daemon closed the connection while bytes are unread, the system would reset the connection.
$CC -o "$tmp/late_client" "$srcdir/tests/docs/late_client.c" || problem "no client that is late"
begin "$tmp/echod"
"$tmp/late_client" "$port" "$server" 2>"$tmp/late" || problem "SIGTERM in the middle of an answer: $(cat "$tmp/late")"
has_stopped

# shellcheck disable=SC2016 # the inner shell expands $0 and $@
begin sh -c 'ulimit -n 15; exec "$0" "$@"' "$tmp/echod"
bench/load_client --port "$port" --connections 30 --messages 1000 >"$tmp/load.many" 2>&1 &
client=$!
load --connections 5 --messages 5
wait $client || problem "without descriptors: $(cat "$tmp/load.many")"
bench/load_client --port "$port" --connections 30 --messages 500000 >"$tmp/load.many" 2>&1 &
client=$!
sleep 0.3
kill -STOP $client || problem "the client has ended early: $(cat "$tmp"/load.*)"
sleep 0.3
idles "$server" "without descriptors"
kill -9 $client
wait $client 2>/dev/null
client=
end_daemon

finish
