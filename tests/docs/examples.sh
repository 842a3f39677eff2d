#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that the example programs work as their first comments describe. After start-up, the servers allocate no
# memory. When descriptors run out, the servers wait instead of spinning. The programs end on SIGTERM and SIGINT, and
# report errors clearly.

. "$(dirname "$0")/serving.sh"

for program in examples/quick_start examples/quick_start_c examples/tcp_echo_server examples/tcp_echo_server_c \
  examples/tcp_proxy examples/tcp_worker_server examples/udp_batch_server examples/udp_echo_server \
  examples/coroutine_echo_server examples/pass_descriptor examples/unix_daemon bench/load_client; do
  [ -x "$program" ] || { problem "no $program: run make first"; finish; }
done

# --- Help --------------------------------------------------------------------------------------------------------

# With --help, every program prints its purpose to standard output, and nothing to standard error. The loop leaves out
# the program in Python, which tests/docs/ctypes.sh tests. (This program is in examples/ only if the build directory is
# the source directory.)
for program in examples/* examples/integration/*; do
  case $program in *.py) continue ;; esac
  if [ -d "$program" ] || [ ! -x "$program" ]; then continue; fi
  name=$(basename "${program%_c}")
  expect 0 out "^usage: $name\\b" "$program" --help
  [ "$(wc -l <"$tmp/out")" -ge 2 ] || problem "$program --help does not say what the program shows"
  [ ! -s "$tmp/err" ] || problem "$program --help writes to standard error: $(cat "$tmp/err")"
done

# examples/README names every program.
for source in "$srcdir"/examples/*.c* "$srcdir"/examples/*.py "$srcdir"/examples/*.bt "$srcdir"/examples/integration/*.c; do
  name=$(basename "$source")
  case $name in
    *.bt) ;;
    *) name=${name%.*} ;;
  esac
  grep -q "^  *$name  " "$srcdir/examples/README" || problem "examples/README does not name $name"
done

# --- The tour -----------------------------------------------------------------------------------------------------

for tour in examples/quick_start examples/quick_start_c; do
  expect 0 out '^client: the connection has ended$' $tour 127.0.0.1:0
  expect 2 err '^quick_start: .*: --no-such-option: EINVAL$' $tour --no-such-option
  expect 2 err '^usage: ' $tour 127.0.0.1
  expect 1 err '^quick_start: 192.0.2.1:0: Cannot assign requested address' $tour 192.0.2.1:0
  expect 1 err '^quick_start: .*MIO_BACKEND.*: Operation not supported' env MIO_BACKEND=bogus $tour 127.0.0.1:0
done

# A program that cannot make a poll object prints one line with the reason. The worker server prints such a line for
# each process.
expect_no_backend()
{
  expect 1 err "^$(basename "$1").*MIO_BACKEND.*: Operation not supported" env MIO_BACKEND=bogus "$@"
}
expect_no_backend examples/any_descriptor . 1 true
expect_no_backend examples/pass_descriptor /dev/null
expect_no_backend examples/tcp_proxy 127.0.0.1:0 127.0.0.1:1
expect_no_backend examples/tcp_worker_server 127.0.0.1:0 1
expect_no_backend examples/unix_daemon "$tmp/no_backend.sock" /dev/null
expect_no_backend examples/coroutine_echo_server 127.0.0.1:0

# --- Command lines ------------------------------------------------------------------------------------------------

for program in tcp_echo_server tcp_echo_server_c udp_batch_server udp_echo_server; do
  said=^${program%_c}
  expect 2 err 'no-such-option' examples/$program --no-such-option
  expect 2 err "$said: .*: 65536\$" examples/$program --port 65536
  expect 2 err "$said: .*: 80x\$" examples/$program --port 80x
  expect 2 err "$said: .*: 127.0.0\$" examples/$program --address 127.0.0
  expect 2 err "$said: .*: more\$" examples/$program more
  expect 1 err "$said: .* 192.0.2.1:0: " examples/$program --address 192.0.2.1 --port 0
  expect 1 err "$said: .*MIO_BACKEND.*: Operation not supported" env MIO_BACKEND=bogus examples/$program --port 0
done
for program in tcp_echo_server tcp_echo_server_c; do
  expect 2 err '^tcp_echo_server: .*: 0$' examples/$program --max-connections 0
done
expect 0 out '^usage: ' bench/load_client --help
expect 2 err '^load_client: ' bench/load_client
# No process has the process ID 4194304, so load_client must report an error. Without --udp, load_client would first
# connect to the server. With --udp, no server needs to listen on port 9.
expect 1 err 'process 4194304' bench/load_client --udp --port 9 --connections 1 --messages 1 --server 4194304
expect 2 err '2147483647' bench/load_client --port 9 --server 2147483647

# --- Serving ------------------------------------------------------------------------------------------------------

for program in examples/tcp_echo_server examples/tcp_echo_server_c; do
  start $program
  expect 1 err "^tcp_echo_server: .*127.0.0.1:$port: Address already in use\$" $program --port "$port"
  load --connections 50 --messages 20
  load --connections 3 --messages 2 --size 8000000 --receive-buffer 65536 # no socket buffer holds this size
  load --connections 500 --messages 2 --size 1
  quiet
  stop TERM

  start $program --max-connections 3
  load --connections 20 --messages 5 # the other clients wait in the backlog
  quiet
  kill -PIPE "$server" # as if standard error were a pipe without a reader
  storm INT "$server"
  ends 0 "a storm of SIGINT"
done

for program in examples/udp_batch_server examples/udp_echo_server; do
  start $program
  said=${program#examples/}
  expect 1 err "^$said: .*127.0.0.1:$port: Address already in use\$" $program --port "$port"
  load --udp --connections 10 --messages 50
  load --udp --connections 2 --messages 5 --size 65507
  quiet
  stop TERM
  start $program
  storm INT "$server"
  ends 0 "a storm of SIGINT"
done

# The server listens on all addresses. The client's sockets are connected to one address. So the client receives answers
# only from this address.
start examples/udp_batch_server --address 0.0.0.0
load --udp --address 127.0.0.2 --connections 100 --messages 20 --size 100
quiet
stop TERM
grep -q '^echoed 2000 datagrams in [1-9][0-9]* batches$' "$tmp/server.out" ||
  problem "udp_batch_server: $(tail -n 1 "$tmp/server.out")"

# answers_groups ADDRESS DESTINATION...: checks that udp_batch_server at ADDRESS answers datagrams to each DESTINATION, a
# multicast or broadcast address. Such an address cannot be the source address of the answer.
answers_groups()
{
  start examples/udp_batch_server --address "$1"
  shift
  for destination in "$@"; do
    expect 0 out '^hello$' "$tmp/udp_client" "$destination" "$port" hello
  done
  quiet
  stop TERM
}
$CC -o "$tmp/udp_client" "$srcdir/tests/docs/udp_client.c" || problem "no client for UDP"
answers_groups 0.0.0.0 224.0.0.1 127.255.255.255

if bench/load_client --address ::1 --port 1 --connections 1 2>&1 | grep -q 'Connection refused'; then
  start examples/tcp_echo_server_c --address ::1
  load --address ::1 --connections 5 --messages 5
  stop TERM
  start examples/udp_batch_server --address ::
  load --udp --address ::1 --connections 5 --messages 5
  load --udp --address 127.0.0.2 --connections 5 --messages 5
  stop TERM
  answers_groups :: 127.255.255.255 # without joining a group, the socket gets no IPv4 multicast on Linux
fi

# --- A proxy ------------------------------------------------------------------------------------------------------

# serve_target: starts a server to which the proxy can connect. Sets the variable "target" to the server's port, and
# "others" to its process ID.
serve_target()
{
  : >"$tmp/target.out" # until_true may read the file before the shell below creates it
  examples/tcp_echo_server_c --port 0 >"$tmp/target.out" 2>&1 &
  others=$!
  until_true grep -q '^listening on ' "$tmp/target.out" || problem "no target: $(cat "$tmp/target.out")"
  target=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$tmp/target.out")
}

proxy=examples/tcp_proxy
expect 2 err '^usage: ' $proxy 127.0.0.1:0
expect 2 err '^tcp_proxy: .*: 127.0.0.1: ENODATA$' $proxy 127.0.0.1:0 127.0.0.1
expect 2 err '^tcp_proxy: .*: --no-such-option: EINVAL$' $proxy --no-such-option 127.0.0.1:1
expect 1 err '^tcp_proxy: cannot listen on 192.0.2.1:0: ' $proxy 192.0.2.1:0 127.0.0.1:1
serve_target
listen $proxy 127.0.0.1:0 "127.0.0.1:$target"
load --connections 60 --messages 20
load --connections 3 --messages 2 --size 8000000 --receive-buffer 65536
quiet

# The proxy gets SIGTERM in the middle of conversations, while the clients are suspended.
bench/load_client --port "$port" --connections 5 --messages 100000 --seconds-limit 2 >"$tmp/load.out" 2>"$tmp/load.err" &
client=$!
sleep 0.5
kill -STOP $client || problem "$name: the clients had finished before: nothing is shown"
kill -TERM "$server"
kill -CONT $client
wait $client || problem "$name: stopped in the middle: $(cat "$tmp/load.err")"
client=
ends 0 "the last client"

# If the proxy cannot connect to the target, the proxy reports the error, closes the client, and continues.
kill $others && wait $others
others=
listen $proxy 127.0.0.1:0 "127.0.0.1:$target"
! bench/load_client --port "$port" --connections 1 --messages 1 >"$tmp/late.out" 2>&1 || problem "$name: an answer without a target"
until_true grep -q '^tcp_proxy: cannot connect to the target: Connection refused$' "$tmp/server.err" ||
  problem "$name: says nothing of a target that refuses"
idles "$server" "without a target"
kill -PIPE "$server"
storm INT "$server"
ends 0 "a storm of SIGINT"

# --- Coroutines -----------------------------------------------------------------------------------------------------

server_of_coroutines=examples/coroutine_echo_server
expect 2 err '^coroutine_echo_server: .*: --no-such-option: EINVAL$' $server_of_coroutines --no-such-option
expect 1 err '^coroutine_echo_server: 192.0.2.1:0: ' $server_of_coroutines 192.0.2.1:0
listen $server_of_coroutines 127.0.0.1:0
load --connections 100 --messages 20
load --connections 3 --messages 2 --size 8000000 --receive-buffer 65536
quiet
bench/load_client --port "$port" --connections 5 --messages 100000 >"$tmp/load.out" 2>"$tmp/load.err" &
client=$!
sleep 0.5
kill -PIPE "$server"
stop TERM
! wait $client || problem "$name: the clients had finished before: nothing is shown"
client=

# --- Out of descriptors -------------------------------------------------------------------------------------------

# A shell lowers its limit of descriptors, and then runs the server with exec. The test suspends the client while
# connections are open, so that the server can free no descriptor. The server must wait without using the processor, and
# continue when the client continues.
cat >"$tmp/limited" <<'END'
#!/bin/sh
ulimit -n 20
exec "$@"
END
chmod +x "$tmp/limited"
for program in examples/tcp_echo_server examples/tcp_echo_server_c; do
  start "$tmp/limited" $program
  name=$program
  bench/load_client --port "$port" --connections 100 --messages 2000 >"$tmp/load.out" 2>"$tmp/load.err" &
  client=$!
  if until_true grep -q 'Too many open files' "$tmp/server.err" && kill -STOP $client; then
    sleep 0.5
    idles "$server" "without descriptors"
    kill -CONT $client
  else
    problem "$program: did not run out of descriptors with 20 of them"
  fi
  wait $client || problem "$program: without descriptors: $(cat "$tmp/load.err")"
  client=
  stop TERM
done

# If the proxy set no limit, the accepted clients would use up all descriptors. The proxy could then connect no client
# to the target.
serve_target
listen "$tmp/limited" $proxy 127.0.0.1:0 "127.0.0.1:$target"
name=$proxy
load --connections 100 --messages 20
quiet
stop TERM
kill $others && wait $others
others=

# --- Several processes --------------------------------------------------------------------------------------------

workers_of=examples/tcp_worker_server

# start_workers WORKERS [OPTION]: starts a server with WORKERS worker processes, and sets the variables "server", "port"
# and "workers".
start_workers()
{
  # shellcheck disable=SC2086 # one word or none
  listen $workers_of ${2-} 127.0.0.1:0 "$1"
  name="$workers_of ${2-}"
  workers=$(children)
  # shellcheck disable=SC2086 # one word for each worker
  [ "$(set -- $workers && echo $#)" -eq "$1" ] || problem "$name: $1 workers wanted, these are there: $workers"
}

children()
{
  for stat in /proc/[0-9]*/stat; do
    sed -n "s/^\([0-9]*\) (.*) [^Z] $server .*/\1/p" "$stat" 2>/dev/null
  done
}

# connections: prints how many sockets each worker has. A worker has one socket for each connection, one for its
# listener, and one for its reserve.
# shellcheck disable=SC2317 # has_connections calls it
connections()
{
  for worker in $workers; do
    find "/proc/$worker/fd" -lname 'socket:*' 2>/dev/null | wc -l
  done
}

# has_connections COUNT: succeeds if all workers together have at least COUNT connections. The listener and the reserve
# of each worker do not count.
# shellcheck disable=SC2317 # until_true calls it
has_connections()
{
  [ "$(connections | awk '{ sum += $1 - 2 } END { print sum }')" -ge "$1" ]
}

# shellcheck disable=SC2317 # until_true calls it
is_refused()
{
  ! bench/load_client --port "$port" --connections 1 --messages 1 >"$tmp/late.out" 2>&1
}

# no_workers: succeeds if no worker is left.
no_workers()
{
  for worker in $workers; do
    if [ -d "/proc/$worker" ]; then
      problem "$name: worker $worker is still there"
      kill -9 "$worker"
    fi
  done
}

expect 2 err '^usage: ' $workers_of --no-such-option
for count in 0 2x 4294967297; do
  expect 2 err "^tcp_worker_server: not a number from 1 to [0-9]*: $count\$" $workers_of 127.0.0.1:0 $count
done
expect 2 err '^tcp_worker_server: .*: 127.0.0.1: ENODATA$' $workers_of 127.0.0.1
expect 2 err '^usage: ' $workers_of --reuse-port 127.0.0.1:0 2 more
for option in '' --reuse-port; do
  expect 1 err '^tcp_worker_server: cannot listen on 192.0.2.1:0: ' $workers_of $option 192.0.2.1:0

  start_workers 3 $option
  load --connections 60 --messages 20
  load --connections 3 --messages 2 --size 8000000 --receive-buffer 65536
  quiet
  stop TERM
  no_workers

  # The server gets SIGTERM in the middle of 60 conversations, while the clients are suspended. The server refuses new
  # clients. When the test resumes the clients, every conversation runs to its end.
  start_workers 3 $option
  bench/load_client --port "$port" --connections 60 --messages 100000 --seconds-limit 4 >"$tmp/load.out" 2>"$tmp/load.err" &
  client=$!
  until_true has_connections 60 || problem "$name: not 60 connections: $(connections | tr '\n' ' ')"
  kill -STOP $client || problem "$name: the clients had finished before: nothing is shown"
  if [ -n "$option" ] && connections | grep -qx '[012]'; then
    problem "$name: a worker has none of 60 connections: $(connections | tr '\n' ' ')"
  fi
  kill -TERM "$server"
  until_true is_refused || problem "$name: still accepts after SIGTERM"
  kill -CONT $client
  wait $client || problem "$name: stopped in the middle: $(cat "$tmp/load.err")"
  client=
  ends 0 "the last client"
  no_workers
  quiet

  # If a signal kills one worker, the other workers end as well. Then the exit status of the server reports a failure.
  start_workers 2 $option
  kill -9 "${workers%%[!0-9]*}"
  ends 1 "the end of a worker"
  grep -q '^tcp_worker_server: a worker has failed$' "$tmp/server.err" || problem "$name: $(cat "$tmp/server.err")"
  no_workers
done

# The server also notices the end of a worker if it has inherited that SIGCHLD is ignored. Each worker needs more
# descriptors than the limit, and ends before the parent waits.
# shellcheck disable=SC2016,SC3045 # the inner shell expands; each shell that can be /bin/sh on Linux has ulimit -n
expect 1 err '^tcp_worker_server: a worker has failed$' \
  timeout -k 1 30 sh -c 'ulimit -n 6; exec env --ignore-signal=CHLD "$0" "$@"' $workers_of 127.0.0.1:0 20

# Without --reuse-port, only one server can listen on a port. With --reuse-port, servers share the port, for example
# when a new server takes over from an old server.
start_workers 1
expect 1 err "^tcp_worker_server: .*127.0.0.1:$port: Address already in use\$" $workers_of "127.0.0.1:$port"
kill -PIPE "$server"
storm INT "$server"
ends 0 "a storm of SIGINT"
no_workers
start_workers 2 --reuse-port
$workers_of --reuse-port "127.0.0.1:$port" 2 >"$tmp/new.out" 2>&1 &
client=$!
until_true grep -q '^listening on ' "$tmp/new.out" || problem "a second server on the port: $(cat "$tmp/new.out")"
stop TERM
no_workers
load --connections 20 --messages 20
kill -TERM $client
wait $client || problem "the second server on the port: $(cat "$tmp/new.out")"
client=

# --- A daemon on a Unix socket --------------------------------------------------------------------------------------

$CC -o "$tmp/unix_client" "$srcdir/tests/docs/unix_client.c" || problem "no client for Unix sockets"
socket=$tmp/socket
greeting=$tmp/greeting

# start_daemon [IDLE-SECONDS]: starts unix_daemon with this time limit for idle clients, and sets the variable "server".
start_daemon()
{
  name=examples/unix_daemon
  rm -f "$tmp/server.out"
  # shellcheck disable=SC2086 # one word or none
  $name "$socket" "$greeting" ${1-} >"$tmp/server.out" 2>"$tmp/server.err" &
  server=$!
  until_true grep -qxF "listening on $socket" "$tmp/server.out" || problem "$name: does not listen: $(cat "$tmp/server.err")"
}

# answers LINE ANSWER: checks that unix_daemon answers LINE with ANSWER.
answers()
{
  answer=$(echo "$1" | "$tmp/unix_client" "$socket") || problem "unix_daemon refuses a client"
  [ "$answer" = "$2" ] || problem "unix_daemon answers '$answer' to '$1', not '$2'"
}

# has_said TEXT: succeeds if unix_daemon has printed TEXT to standard error.
# shellcheck disable=SC2317 # until_true calls it
has_said()
{
  grep -qF "$1" "$tmp/server.err"
}

# heard TEXT: succeeds if the client in the background has received the line TEXT.
# shellcheck disable=SC2317 # until_true calls it
heard()
{
  grep -qxF "$1" "$tmp/heard"
}

expect 2 err '^usage: ' examples/unix_daemon "$socket"
expect 2 err '^unix_daemon: not a number of seconds: soon$' examples/unix_daemon "$socket" /etc/passwd soon
expect 1 err '^unix_daemon: cannot read ' examples/unix_daemon "$socket" "$greeting"
echo Hello >"$greeting"
expect 1 err '^unix_daemon: cannot listen on ' examples/unix_daemon "$tmp/no/such" "$greeting"

start_daemon
answers world 'Hello, world'
expect 1 err "cannot listen on $socket: Address already in use\$" examples/unix_daemon "$socket" "$greeting"
answer=$(printf 'one\ntwo' | "$tmp/unix_client" "$socket") || problem "unix_daemon refuses a client"
[ "$answer" = "$(printf 'Hello, one\nHello, two')" ] ||
  problem "unix_daemon does not answer the last line without a newline: $answer"
echo 'Good evening' >"$greeting"
kill -HUP "$server"
until_true has_said reloaded || problem "$name: does not reload: $(cat "$tmp/server.err")"
answers world 'Good evening, world'
rm "$greeting"
kill -HUP "$server"
until_true has_said 'cannot read' || problem "$name: says nothing of a greeting that is gone"
answers again 'Good evening, again'

# After a request to stop, the daemon still serves its connected client, but accepts no new client.
mkfifo "$tmp/words"
"$tmp/unix_client" "$socket" <"$tmp/words" >"$tmp/heard" &
client=$!
exec 3>"$tmp/words"
echo one >&3
until_true heard 'Good evening, one' || problem "$name: does not answer: $(cat "$tmp/heard")"
kill -TERM "$server"
until_true test ! -e "$socket" || problem "$name: leaves $socket behind"
expect 1 err 'No such file' "$tmp/unix_client" "$socket"
echo two >&3
until_true heard 'Good evening, two' || problem "$name: drops its client: $(cat "$tmp/heard")"
exec 3>&-
ends 0 "the last client"
wait $client || problem "$name: its last client"
client=

# The daemon disconnects an idle client, but not a client that keeps sending requests. The idle client reads the end of
# the stream, and exits.
echo Hello >"$greeting"
expect 2 err '^usage: ' examples/unix_daemon "$socket" "$greeting" 0
start_daemon 3
"$tmp/unix_client" "$socket" <"$tmp/words" >"$tmp/heard" &
client=$!
exec 3>"$tmp/words"
for word in one two three four five; do
  (echo $word >&3) # SIGPIPE ends only the subshell
  sleep 0.8
  until_true heard "Hello, $word" || { problem "$name: disconnects a client that is not idle"; break; }
done
until_true has_ended $client || problem "$name: does not disconnect an idle client"
exec 3>&-
wait $client || problem "$name: an idle client ends with $?"
client=
answers again 'Hello, again'
kill -TERM "$server"
ends 0 "an idle client"

# A killed daemon leaves its socket file, and the next daemon replaces the file.
echo Hello >"$greeting"
start_daemon
kill -9 "$server"
wait "$server" 2>/dev/null || :
[ -S "$socket" ] || problem "$name: nothing to replace"
start_daemon
answers world 'Hello, world'
quiet
kill -PIPE "$server"
storm INT "$server"
ends 0 "a storm of SIGINT"

# --- Descriptors ----------------------------------------------------------------------------------------------------

printf 12345 >"$tmp/five"
expect 2 err '^usage: ' examples/pass_descriptor
expect 0 out "^$tmp/five: 5 bytes\$" examples/pass_descriptor /dev/null "$tmp/five"
expect 1 err "^pass_descriptor: $tmp/none: No such file or directory\$" examples/pass_descriptor "$tmp/none" "$tmp/five"
expect 1 err "^pass_descriptor: /: Is a directory\$" examples/pass_descriptor /

if [ -x examples/any_descriptor ]; then
  mkdir "$tmp/watched"
  for MIO_BACKEND in epoll poll; do
    export MIO_BACKEND
    # shellcheck disable=SC2016 # the inner shell expands $1
    expect 3 out '^written: one$' examples/any_descriptor "$tmp/watched" 60000 sh -c 'echo >"$1"; exit 3' sh "$tmp/watched/one"
    status=0
    examples/any_descriptor "$tmp/watched" 50 sleep 60 || status=$?
    [ $status -eq 124 ] || problem "any_descriptor: exit status $status after the time was up"
  done
  unset MIO_BACKEND

  # The command stops any_descriptor, and ends. any_descriptor continues after the command has ended and the time is up.
  # So one wait reports both. any_descriptor kills nothing, so its exit status is the status of the command.
  cat >"$tmp/late_command" <<'END'
kill -STOP $PPID
(
  sleep 2.1
  until grep -q ') Z' /proc/$$/stat; do sleep 0.1; done
  kill -CONT $PPID
) &
exit 3
END
  status=0
  examples/any_descriptor "$tmp/watched" 2000 sh "$tmp/late_command" || status=$?
  [ $status -eq 3 ] || problem "any_descriptor: exit status $status after a command that ended by itself"

  mkdir "$tmp/removed"
  examples/any_descriptor "$tmp/removed" 60000 rmdir "$tmp/removed" >"$tmp/out" || problem "any_descriptor: rmdir failed"
  [ ! -s "$tmp/out" ] || problem "any_descriptor: a removed directory is no file: $(cat "$tmp/out")"

  # The command ends when it finds its own file in the output. So any_descriptor must print the name at once.
  # shellcheck disable=SC2016,SC2094 # the inner shell expands $1 and $2, and reads the output on purpose
  examples/any_descriptor "$tmp/watched" 20000 \
    sh -c 'echo >"$1"; until grep -q two "$2"; do sleep 0.1; done' sh "$tmp/watched/two" "$tmp/out" >"$tmp/out" ||
    problem "any_descriptor: printed no name while the command ran"

  # The reader of the names is gone. any_descriptor must still kill the command.
  # shellcheck disable=SC2016 # the inner shell expands $1
  {
    sleep 0.2
    status=0
    examples/any_descriptor "$tmp/watched" 500 sh -c 'echo >"$1"; exec sleep 60' sh "$tmp/watched/three" || status=$?
    echo $status >"$tmp/status"
  } | true
  [ "$(cat "$tmp/status")" = 124 ] || problem "any_descriptor: exit status $(cat "$tmp/status") without a reader"

  for milliseconds in soon 1s 0 99999999999999999999; do
    expect 2 err "^any_descriptor: .*: $milliseconds\$" examples/any_descriptor "$tmp/watched" $milliseconds true
  done
  expect 1 err "^any_descriptor: $tmp/none: No such file" examples/any_descriptor "$tmp/none" 50 true
  expect 127 err '^any_descriptor: no-such-command: ' examples/any_descriptor "$tmp/watched" 60000 no-such-command
fi

finish
