#!/bin/sh
# SPDX-License-Identifier: MIT
# The programs of examples/integration work as described, against servers on this machine: on each backend, and once
# more under Valgrind, so that nothing leaks, error paths included. They wait instead of spinning, and a server that
# refuses, is silent or goes away makes them fail, not hang. A program whose library configure has not found is skipped,
# and the end of the output lists it.
#
# shellcheck disable=SC2086 # the programs stand in variables, with what runs them and with options

. "$(dirname "$0")/../abi/common.sh"

here=examples/integration
lacking='' packages=''
http='' dns='' redis='' silent='' clients='' # those that have not been waited for
trap 'kill -9 $http $dns $redis $silent $clients 2>/dev/null; rm -rf "$tmp"' EXIT
export no_proxy='*' # for curl_fetch
PATH=$PATH:/usr/sbin # dnsmasq

[ -x examples/quick_start_c ] || { problem "no examples: run make first"; finish; }
need python3 python3

# --- Helpers --------------------------------------------------------------------------------------------------------

# expect STATUS STREAM PATTERN COMMAND...: how the command ends, and a line that it prints to out or err. None takes long.
expect()
{
  want=$1 stream=$2 pattern=$3
  shift 3
  status=0
  timeout 90 "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
  [ $status -eq "$want" ] || problem "$how: $(short "$@"): exit status $status, not $want: $(cat "$tmp/err")"
  grep -q -e "$pattern" "$tmp/$stream" ||
    problem "$how: $(short "$@"): no '$pattern' in std$stream: $(cat "$tmp/out" "$tmp/err")"
}

# printed COUNT PATTERN: that many lines of the last command's output match.
printed()
{
  count=$(grep -c -e "$2" "$tmp/out")
  [ "$count" -eq "$1" ] || problem "$how: $count lines '$2', not $1: $(cut -c 1-200 "$tmp/out" | head -n 20)"
}

short()
{
  echo "$*" | cut -c 1-200
}

# has COUNT PATTERN FILE: so many such lines at least.
# shellcheck disable=SC2317 # until_true calls it
has()
{
  [ "$(grep -c -e "$2" "$3")" -ge "$1" ]
}

# ends PID STATUS WHAT: it ends by itself, with this status.
ends()
{
  until_true has_ended "$1" || { problem "$how: $3: does not end"; kill -9 "$1"; }
  status=0
  wait "$1" || status=$?
  [ $status -eq "$2" ] || problem "$how: $3: exit status $status, not $2"
}

# stops PID WHAT: ends with 0 on a signal, tried repeatedly, also at its very end.
stops()
{
  signals=0
  until [ $((signals % 1000)) -eq 0 ] && has_ended "$1" || [ $signals -eq 1000000 ]; do
    kill "$1" 2>/dev/null
    signals=$((signals + 1))
  done
  ends "$1" 0 "$2 that is told to stop"
}

# ticks PID: its processor time, in hundredths of a second on every Linux that matters; 0 if it is gone.
ticks()
{
  sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk 'END { print $12 + $13 }'
}

# built PROGRAM PACKAGE: whether it is there. A build that could not have it is not wrong.
built()
{
  [ ! -x "$here/$1" ] || return 0
  lacking="$lacking $1" packages="$packages $2"
  return 1
}

# free_port: a port that neither TCP nor UDP uses at this moment.
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

# --- Servers --------------------------------------------------------------------------------------------------------

# Takes connections and datagrams, and says nothing.
start_silent()
{
  python3 -u -c '
import signal, socket
tcp = socket.create_server(("127.0.0.1", 0), backlog=64)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
print(tcp.getsockname()[1], udp.getsockname()[1])
signal.pause()' >"$tmp/silent.out" 2>&1 &
  silent=$!
  until_true test -s "$tmp/silent.out" || problem "no silent server: $(cat "$tmp/silent.out")"
  read -r silent_tcp silent_udp <"$tmp/silent.out"
}

start_http()
{
  mkdir -p "$tmp/www/folder"
  echo hi >"$tmp/www/small"
  echo index >"$tmp/www/folder/index.html"
  head -c 3000000 /dev/urandom >"$tmp/www/big"
  (cd "$tmp/www" && exec python3 -u -c '
import http.server
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128 # as many connect at once
server = Server(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(server.server_port)
server.serve_forever()') >"$tmp/http.out" 2>"$tmp/http.err" &
  http=$!
  until_true test -s "$tmp/http.out" || problem "no HTTP server: $(cat "$tmp/http.err")"
  url=http://127.0.0.1:$(cat "$tmp/http.out")
}

# With a name of so many addresses that the answer takes TCP.
start_dns()
{
  command -v dnsmasq >/dev/null || missing dnsmasq dnsmasq-base
  {
    printf '%s\n' no-resolv no-hosts bind-interfaces listen-address=127.0.0.1 local=/test/ pid-file= "user=$(id -un)"
    printf '%s\n' host-record=one.test,127.0.0.1,::1 host-record=two.test,127.0.0.2
    awk 'BEGIN { for (i = 1; i <= 60; i++) print "host-record=big.test,127.0.1." i }'
  } >"$tmp/dns.conf"
  for _ in 1 2 3; do # somebody else may take the port
    dns_port=$(free_port)
    dnsmasq --keep-in-foreground --conf-file="$tmp/dns.conf" --port="$dns_port" 2>"$tmp/dns.err" &
    dns=$!
    until_true $here/cares_resolve --server "127.0.0.1:$dns_port" --timeout 500 one.test && return 0
    kill -9 "$dns" 2>/dev/null
  done
  problem "no DNS server: $(cat "$tmp/dns.err")"
}

# One program with several names, which Debian's redis-tools has without the service that redis-server would start.
find_redis()
{
  redis_server=$(command -v redis-server) && return 0
  other=$(command -v redis-check-rdb) || missing redis-server redis-tools
  redis_server=$tmp/redis-server
  ln -s "$other" "$redis_server"
}

start_redis()
{
  socket=$tmp/redis.socket
  for _ in 1 2 3; do
    redis_port=$(free_port)
    (cd "$tmp" && exec "$redis_server" --bind 127.0.0.1 --port "$redis_port" --unixsocket "$socket" --save '' \
      --daemonize no) >"$tmp/redis.out" 2>&1 &
    redis=$!
    until_true $here/redis_client "$socket" PING && return 0
    kill -9 "$redis" 2>/dev/null
  done
  problem "no Redis server: $(cat "$tmp/redis.out")"
}

# --- libcurl --------------------------------------------------------------------------------------------------------

# The folder is found after a redirection, which takes the number of the socket that has just been closed. More
# transfers than connections at a time wait for their turn. localhost is resolved by a thread of libcurl.
curl_fetches()
{
  expect 0 out "^200 3000000 $url/big\$" $curl "$url/big" "$url/small" "$url/folder" "$url/small"
  printed 2 "^200 3 $url/small\$"
  printed 1 "^200 6 $url/folder\$"
  expect 0 out "^200 3 http://localhost:${url##*:}/small\$" $curl "http://localhost:${url##*:}/small"
  # shellcheck disable=SC2046 # one word each
  expect 0 out "^200 3 $url/small\$" $curl $(awk -v url="$url" 'BEGIN { for (i = 0; i < 100; i++) print url "/small" }')
  printed 100 "^200 3 $url/small\$"
}

curl_fails()
{
  expect 2 err '^usage: ' $curl --timeout 0 "$url/small"
  expect 1 out "^404 [0-9]* $url/none\$" $curl "$url/none" "$url/small"
  printed 1 "^200 3 $url/small\$"
  expect 1 err '^curl_fetch: http://127.0.0.1:1/: .*connect' $curl http://127.0.0.1:1/ "$url/small"
  printed 1 "^200 3 $url/small\$"
  expect 1 err '^curl_fetch: .*: .*\(timed out\|timeout\)' $curl --timeout 500 "http://127.0.0.1:$silent_tcp/"
  expect 1 err '^curl_fetch: file:' $curl file:///etc/hostname
}

# --- c-ares ---------------------------------------------------------------------------------------------------------

cares_resolves()
{
  ask="$cares --server 127.0.0.1:$dns_port"
  expect 0 out '^two.test 127.0.0.2$' $ask one.test two.test
  printed 1 '^one.test 127.0.0.1$'
  printed 1 '^one.test ::1$'
  expect 0 out '^big.test 127.0.1.60$' $ask big.test one.test
  printed 60 '^big.test 127.0.1.[0-9]*$'
  # shellcheck disable=SC2046
  expect 0 out '^two.test 127.0.0.2$' $ask $(awk 'BEGIN { for (i = 0; i < 50; i++) print "two.test" }')
  printed 50 '^two.test 127.0.0.2$'
}

cares_fails()
{
  expect 2 err '^usage: ' $cares --timeout soon one.test
  expect 1 err '^cares_resolve: here: ' $cares --server here one.test
  expect 1 err '^cares_resolve: none.test: Domain name not found$' env LOCALDOMAIN=elsewhere $ask none.test two.test
  printed 1 '^two.test 127.0.0.2$'
  expect 1 err '^cares_resolve: one.test: ' $cares --server 127.0.0.1:1 --timeout 100 one.test
  expect 1 err '^cares_resolve: one.test: Timeout' $cares --server "127.0.0.1:$silent_udp" --timeout 30 one.test
}

# --- hiredis --------------------------------------------------------------------------------------------------------

# More is sent at once than a socket takes, and the answer is longer than one call reads.
redis_answers()
{
  expect 0 out '^hello$' $client "$socket" SET greeting hello , GET greeting , GET none , DEL greeting
  printf 'OK\nhello\n(nil)\n1\n' | cmp -s - "$tmp/out" || problem "$how: redis_client prints $(cat "$tmp/out")"
  expect 0 out '^OK$' $client --port "$redis_port" 127.0.0.1 SET a 1 , SET b 2 , MGET a b
  printed 1 '^1 2$'
  value=$(head -c 100000 /dev/zero | tr '\0' x)
  set -- SET large "$value"
  for _ in 1 2 3 4 5 6 7 8 9; do
    set -- SET large "$value" , "$@"
  done
  expect 0 out '^OK$' $client "$socket" "$@" , STRLEN large , GET large
  printed 1 '^100000$'
  printed 1 "^$(echo "$value" | cut -c 1-1000)"
}

redis_fails()
{
  expect 2 err '^usage: ' $client --port 0 127.0.0.1 PING
  expect 2 err '^usage: ' $client "$socket"
  expect 1 err '^redis_client: localhost: ' $client localhost PING
  expect 1 err '^redis_client: .*: an empty command$' $client "$socket" PING ,
  expect 1 out '^ERR unknown command' $client "$socket" NOSUCH , PING
  printed 1 '^PONG$'
  expect 1 err "^redis_client: $tmp/none: No such file" $client "$tmp/none" PING
  expect 1 err '^redis_client: .*: Connection refused$' $client --port 1 127.0.0.1 PING
  expect 1 err '^redis_client: .* timed out$' $client --port "$silent_tcp" --timeout 100 127.0.0.1 PING
}

# subscribe: sets subscriber.
subscribe()
{
  rm -f "$tmp/heard"
  $client "$socket" SUBSCRIBE news >"$tmp/heard" 2>"$tmp/heard.err" &
  subscriber=$!
  clients="$clients $subscriber"
  until_true grep -qx 'subscribe news 1' "$tmp/heard" || problem "$how: no subscription: $(cat "$tmp/heard.err")"
}

# shellcheck disable=SC2317 # until_true calls it
is_blocked()
{
  $here/redis_client "$socket" INFO clients | grep -q '^blocked_clients:1'
}

# A subscriber receives until it gets a signal. When the server is killed, it fails, like one that awaits an answer.
redis_listens()
{
  start_redis
  subscribe
  expect 0 out '^1$' $client "$socket" PUBLISH news 'all is well'
  until_true grep -qx 'message news all is well' "$tmp/heard" || problem "$how: heard $(tail -n 3 "$tmp/heard")"
  stops "$subscriber" "a subscriber"
  subscribe
  $client --timeout 60000 "$socket" BLPOP nothing 0 >"$tmp/waits" 2>"$tmp/waits.err" &
  waiting=$!
  clients="$clients $waiting"
  until_true is_blocked || problem "$how: no client waits: $(cat "$tmp/waits.err")"
  kill -9 "$redis"
  wait "$redis" 2>/dev/null
  ends "$subscriber" 1 "a subscriber whose server is gone"
  ends "$waiting" 1 "a client whose server is gone"
  redis='' clients=''
  cat "$tmp/heard.err" "$tmp/waits.err" >"$tmp/out"
  printed 2 '^redis_client: the connection has failed: '
}

# --- GLib -----------------------------------------------------------------------------------------------------------

# More addresses than one wait reports, and more datagrams than one turn takes: all are answered.
glib_serves()
{
  rm -f "$tmp/monitor"
  # shellcheck disable=SC2046
  $glib --quiet 300 --tick 50 $(yes 127.0.0.1:0 | head -n 20) >"$tmp/monitor" 2>"$tmp/monitor.err" &
  monitor=$!
  clients="$clients $monitor"
  until_true has 20 '^quiet: ' "$tmp/monitor" ||
    problem "$how: glib_nested: $(tail -n 3 "$tmp/monitor") $(cat "$tmp/monitor.err")"
  sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$tmp/monitor" >"$tmp/ports"
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
  has 20 '^heard: ' "$tmp/monitor" || problem "$how: glib_nested: $(tail -n 3 "$tmp/monitor")"
  until_true has 40 '^quiet: ' "$tmp/monitor" ||
    problem "$how: glib_nested is not quiet again: $(tail -n 3 "$tmp/monitor")"
  until_true has 1 '^tick: 400 datagrams, 0 not sent back' "$tmp/monitor" || problem "$how: $(tail -n 1 "$tmp/monitor")"
  stops "$monitor" glib_nested
  clients=
}

glib_fails()
{
  expect 2 err '^usage: ' $glib --quiet 0 127.0.0.1:0
  expect 1 err '^glib_nested: 127.0.0.1: ' $glib 127.0.0.1
}

# --- Without spinning -------------------------------------------------------------------------------------------------

# idle COMMAND...: one that has to wait, for idle_ones_sleep to inspect.
idle()
{
  "$@" >>"$tmp/idle" 2>&1 &
  idlers="$idlers $!"
  clients="$clients $!"
}

idle_ones_sleep()
{
  sleep 0.5 # they have started
  before=
  for pid in $idlers; do
    before="$before $(ticks "$pid")"
  done
  sleep 1
  # shellcheck disable=SC2086 # one word each
  set -- $before
  for pid in $idlers; do
    ! has_ended "$pid" || problem "$how: one has ended instead of waiting: $(cat "$tmp/idle")"
    used=$(($(ticks "$pid") - $1))
    [ $used -lt 30 ] ||
      problem "$how: $used ticks in a second of waiting, it spins: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
    shift
    kill -9 "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
  clients=
}

# --- The run ----------------------------------------------------------------------------------------------------------

# run_all RUNNER: the command that runs the programs; nothing runs them directly.
run_all()
{
  curl="$1 $here/curl_fetch" cares="$1 $here/cares_resolve" client="$1 $here/redis_client" glib="$1 $here/glib_nested"
  if [ -x $here/curl_fetch ]; then
    curl_fetches
    curl_fails
  fi
  if [ -x $here/cares_resolve ]; then
    cares_resolves
    cares_fails
  fi
  if [ -x $here/redis_client ]; then
    start_redis
    redis_answers
    redis_fails
    kill "$redis"
    wait "$redis"
    redis_listens
  fi
  if [ -x $here/glib_nested ]; then
    glib_fails
    if [ "$MIO_BACKEND" = poll ]; then
      expect 1 err '^glib_nested: cannot nest the poll object: Operation not supported$' $glib 127.0.0.1:0
    else
      glib_serves
    fi
  fi
}

# All at the same time, each waiting for something that never arrives.
run_idle()
{
  idlers=
  : >"$tmp/idle"
  [ ! -x $here/curl_fetch ] || idle $here/curl_fetch "http://127.0.0.1:$silent_tcp/"
  [ ! -x $here/cares_resolve ] || idle $here/cares_resolve --server "127.0.0.1:$silent_udp" --timeout 60000 one.test
  [ ! -x $here/redis_client ] || idle $here/redis_client --port "$silent_tcp" --timeout 60000 127.0.0.1 PING
  [ ! -x $here/glib_nested ] || [ "$MIO_BACKEND" = poll ] || idle $here/glib_nested --quiet 100 127.0.0.1:0
  idle_ones_sleep
}

start_silent
! built curl_fetch libcurl4-openssl-dev || start_http
! built cares_resolve libc-ares-dev || start_dns
! built redis_client libhiredis-dev || find_redis
built glib_nested libglib2.0-dev || :

for MIO_BACKEND in epoll poll; do
  export MIO_BACKEND
  how=$MIO_BACKEND
  run_all ''
  run_idle
done
export MIO_BACKEND=epoll

# If a sanitizer has looked for leaks already, Valgrind cannot.
if [ -z "$SANITIZE" ]; then
  need valgrind valgrind
  how=valgrind
  run_all "./libtool --mode=execute valgrind --quiet --error-exitcode=9 --leak-check=full
    --show-leak-kinds=definite --errors-for-leak-kinds=definite --suppressions=$srcdir/tests/valgrind.supp"
fi

[ $failed -ne 0 ] || [ -z "$lacking" ] || missing "${lacking# }" "${packages# }"
finish
