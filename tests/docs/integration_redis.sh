#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests redis_client of examples/integration, in which a poll object drives hiredis. integrating.sh lists the checks.
#
# shellcheck disable=SC2086 # variables such as $program hold a command with its options

. "$(dirname "$0")/integrating.sh"

built redis_client libhiredis-dev

# redis-check-rdb is the program redis-server under another name. If the test runs redis-check-rdb through a link with
# the name redis-server, the program works as a server. Debian's package redis-tools has redis-check-rdb. So the test
# does not need the package redis-server, which would also start a service.
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
    server=$!
    until_true $binary "$socket" PING && return 0
    kill -9 "$server" 2>/dev/null
  done
  problem "no Redis server: $(cat "$tmp/redis.out")"
}

# The client sends more bytes at once than a socket accepts, and the answer is longer than one call reads.
redis_answers()
{
  expect 0 out '^hello$' $program "$socket" SET greeting hello , GET greeting , GET none , DEL greeting
  printf 'OK\nhello\n(nil)\n1\n' | cmp -s - "$tmp/out" || problem "$how: redis_client prints $(cat "$tmp/out")"
  expect 0 out '^OK$' $program --port "$redis_port" 127.0.0.1 SET a 1 , SET b 2 , MGET a b
  printed 1 '^1 2$'
  value=$(head -c 100000 /dev/zero | tr '\0' x)
  set -- SET large "$value"
  for _ in 1 2 3 4 5 6 7 8 9; do
    set -- SET large "$value" , "$@"
  done
  expect 0 out '^OK$' $program "$socket" "$@" , STRLEN large , GET large
  printed 1 '^100000$'
  printed 1 "^$(echo "$value" | cut -c 1-1000)"
}

redis_fails()
{
  expect 2 err '^redis_client: not a number from 1 to 65535: 0$' $program --port 0 127.0.0.1 PING
  expect 2 err '^redis_client: .*: --no-such-option$' $program --no-such-option 127.0.0.1 PING
  expect 2 err '^usage: ' $program "$socket"
  expect 1 err '^redis_client: localhost: ' $program localhost PING
  expect 1 err '^redis_client: .*: an empty command$' $program "$socket" PING ,
  expect 1 out '^ERR unknown command' $program "$socket" NOSUCH , PING
  printed 1 '^PONG$'
  expect 1 err "^redis_client: $tmp/none: No such file" $program "$tmp/none" PING
  expect 1 err '^redis_client: 127.0.0.1: Connection refused$' $program --port 1 127.0.0.1 PING
  expect 1 err '^redis_client: .* timed out$' $program --port "$silent_tcp" --timeout 100 127.0.0.1 PING
}

# subscribe: starts a subscriber in the background, and sets the variable "client" to its process ID.
subscribe()
{
  rm -f "$tmp/heard"
  $program "$socket" SUBSCRIBE news >"$tmp/heard" 2>"$tmp/heard.err" &
  client=$!
  until_true grep -qx 'subscribe news 1' "$tmp/heard" || problem "$how: no subscription: $(cat "$tmp/heard.err")"
}

# shellcheck disable=SC2317 # until_true calls it
is_blocked()
{
  $binary "$socket" INFO clients | grep -q '^blocked_clients:1'
}

# A subscriber receives until it gets a signal. A second subscriber, and a client that waits for an answer, fail when
# the test kills the server.
redis_listens()
{
  start_redis
  subscribe
  expect 0 out '^1$' $program "$socket" PUBLISH news 'all is well'
  until_true grep -qx 'message news all is well' "$tmp/heard" || problem "$how: heard $(tail -n 3 "$tmp/heard")"
  storm TERM "$client"
  process_ends "$client" 0 "a subscriber that gets a signal"
  subscribe
  $program --timeout 60000 "$socket" BLPOP nothing 0 >"$tmp/waits" 2>"$tmp/waits.err" &
  waiting=$!
  others="$others $waiting"
  until_true is_blocked || problem "$how: no client waits: $(cat "$tmp/waits.err")"
  kill -9 "$server"
  wait "$server" 2>/dev/null
  process_ends "$client" 1 "a subscriber whose server is gone"
  process_ends "$waiting" 1 "a client whose server is gone"
  server='' client='' others=${others% *}
  cat "$tmp/heard.err" "$tmp/waits.err" >"$tmp/out"
  printed 2 "^redis_client: $socket: "
}

works()
{
  start_redis
  redis_answers
  redis_fails
  kill "$server"
  wait "$server"
  redis_listens
}

waits()
{
  sleeps $binary --port "$silent_tcp" --timeout 60000 127.0.0.1 PING
}

start_silent
find_redis
run_everywhere
finish
