#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests lookupd of examples/daemon, in C and in C++, with its clients. Whatever the clients do, lookupd sends the exact
# answers in order, and waits instead of spinning.

. "$(dirname "$0")/lookupd.sh"

command_line()
{
  expect 0 out '^usage: lookupd ' "$name" --help
  expect 0 out '^lookupd of mio [0-9]' "$name" --version
  expect 2 err '^lookupd: one table is needed' "$name" --listen 127.0.0.1:0
  expect 2 err 'no-such-option' "$name" --no-such-option "$table"
  expect 2 err '^lookupd: not a number from 1 to 1000000: 0$' "$name" --max-connections 0 "$table"
  expect 2 err '^lookupd: not a number from 1 to 86400: 1s$' "$name" --idle-timeout 1s "$table"
  expect 2 err '^lookupd: not a number from 1 to 86400: -1$' "$name" --drain-timeout -1 "$table"
  # shellcheck disable=SC2046 # each option and each address is one word
  expect 2 err '^lookupd: more than 16 listeners$' timeout 10 "$name" $(words 17 '--listen 127.0.0.1:0 ') "$table"
  fails '^lookupd: nothing to listen on' "$table"
  fails '^lookupd: cannot listen on 127.0.0.1: No data available$' --listen 127.0.0.1 "$table"
  fails '^lookupd: cannot listen on 192.0.2.1:0: Cannot assign' --listen 192.0.2.1:0 "$table"
  fails "^lookupd: cannot listen on $tmp/no/such: No such file" --unix "$tmp/no/such" "$table"
}

# refused FORMAT PATTERN: writes a table with printf FORMAT. With this table, lookupd must not start, and must print a
# reason that matches PATTERN.
refused()
{
  # shellcheck disable=SC2059
  printf "$1" >"$tmp/bad"
  fails "$2" --listen 127.0.0.1:0 "$tmp/bad"
}

tables()
{
  fails "^lookupd: cannot read $tmp/none: No such file" --listen 127.0.0.1:0 "$tmp/none"
  fails "^lookupd: cannot read $tmp: Is a directory" --listen 127.0.0.1:0 "$tmp"
  [ -p "$tmp/pipe" ] || mkfifo "$tmp/pipe"
  fails "^lookupd: cannot read $tmp/pipe: Invalid" --listen 127.0.0.1:0 "$tmp/pipe"
  : >"$tmp/large"
  truncate -s 67108865 "$tmp/large"
  fails "^lookupd: cannot read $tmp/large: File too large\$" --listen 127.0.0.1:0 "$tmp/large"
  refused 'a b\n\nc\n' "^lookupd: $tmp/bad:3: a key without a value\$"
  refused 'a b\nc d\na e' "^lookupd: $tmp/bad: the key a stands there twice\$"
  refused 'a\033[2J b\na\033[2J c\n' "^lookupd: $tmp/bad: the key a?\[2J stands there twice\$"
  refused 'a b\0\n' "^lookupd: $tmp/bad: a null byte"
  refused "$(words 1025 k) v" "^lookupd: $tmp/bad:1: a key that is too long\$"
  refused "k $(words 1025 v)" "^lookupd: $tmp/bad:1: a value that is too long\$"
}

conversation()
{
  serve "$name"
  for target in "$port" "$socket"; do
    answers "$target" 'get alice\nget bob\nget nobody\n' \
      '200 alice@example.com\n200 50%%25%%20of%%20it\n500 not found\n'
    answers "$target" 'get %%61lice\nget %%C3%%a4\nget A\n' '200 alice@example.com\n200 umlaut\n200 B\n'
    answers "$target" 'get \nget a b\nget %%6\nget %%xx\nget a%%00\n' \
      '400 malformed key\n400 malformed key\n400 malformed key\n400 malformed key\n400 malformed key\n'
    answers "$target" 'put alice x\nhello\n\nget alice\0\n' \
      '500 this table is not changed by requests\n400 unknown request\n400 unknown request\n400 unknown request\n'
    answers "$target" "get $(words 1024 %%4B)\\n" '200 longest\n'
    answers "$target" 'get percents\n' "200 $(words 1024 %%25)\\n"
    answers "$target" 'get alice' '' # half a request, then the end of the input
  done
  # Sends the longest allowed request, and then a request that is one byte longer. The server drops the rest of the
  # input, but the client gets every answer.
  answers "$port" "$(words 4095 x)\\nget alice\\n" '400 unknown request\n200 alice@example.com\n'
  answers "$port" "$(words 4096 x)\\nget alice\\n" '400 request too long\n'
  answers "$port" "get bob\\n$(words 50000 x)" '200 50%%25%%20of%%20it\n400 request too long\n'

  # lookupd answers many requests at once, and then two requests that arrive in pieces. lookupd allocates nothing for
  # these requests.
  allocated=$(allocations)
  awk 'BEGIN {
    for (i = 0; i < 20000; i++) print i % 3 ? "get alice" : i % 2 ? "get nobody" : "get percents"
  }' >"$tmp/many"
  sed "s/get alice/200 alice@example.com/; s/get nobody/500 not found/; s/get percents/200 $(words 1024 %25)/" \
    "$tmp/many" >"$tmp/wanted"
  talk "$port" <"$tmp/many" | cmp -s - "$tmp/wanted" || problem "$name: 20000 requests at once are answered differently"
  # All answers together are larger than all buffers, so most answers wait until the client reads.
  talk "$port" <"$tmp/many" | { sleep 1 && cmp -s - "$tmp/wanted"; } || problem "$name: answers that waited are wrong"
  begin
  printf 'get al' >&9
  printf 'ice\nget bo' >&9
  until_true heard '200 alice@example.com' || problem "$name: no answer to a request in pieces"
  printf 'b\n' >&9
  until_true heard '200 50%25%20of%20it' || problem "$name: no answer to the next request in pieces"
  exec 9>&-
  client_ends "after a request in pieces"
  nothing_allocated
  idles "$server" "with nothing to do"
  stop INT
  [ ! -e "$socket" ] || problem "$name: leaves $socket behind"
}

# If Postfix is installed, runs its client postmap. postmap needs a configuration, but no daemon of Postfix.
real_client()
{
  command -v postmap >/dev/null || { echo "note: postmap is missing, so Postfix itself was not tried"; return; }
  serve "$name"
  mkdir -p "$tmp/postfix"
  printf 'compatibility_level = 3.6\nmail_owner = daemon\nsetgid_group = tty\n' >"$tmp/postfix/main.cf"
  expect 0 out '^alice@example.com$' postmap -c "$tmp/postfix" -q alice "tcp:127.0.0.1:$port"
  expect 0 out '^50% of it$' postmap -c "$tmp/postfix" -q bob "tcp:127.0.0.1:$port"
  answer=$(postmap -c "$tmp/postfix" -q 'no %body' "tcp:127.0.0.1:$port" 2>&1) && problem "$name: an answer without a request"
  [ -z "$answer" ] || problem "$name: postmap says $answer"
  stop TERM
}

# The first client reads no answers. The second client sends no request. The third client never ends its request. The
# server closes these three connections, and serves all other clients.
slow_clients()
{
  serve "$name" --idle-timeout 2
  background glut "$port"
  until_true heard stuck || problem "$name: takes requests without end: $(cat "$tmp/heard")"
  answers "$socket" 'get alice\n' '200 alice@example.com\n'
  client_ends "without taking answers"
  background glut "$socket"
  until_true heard stuck || problem "$name: takes requests without end: $(cat "$tmp/heard")"
  idles "$server" "with a client that takes no answers"
  client_ends "without taking answers"
  hold "$port" 3
  client_ends "without asking"
  heard c 3 || problem "$name: three idle clients: $(cat "$tmp/heard")"
  status=0
  while printf x; do sleep 0.1; done 2>/dev/null | timeout 20 "$tmp/lookup_client" talk "$port" 2>/dev/null || status=$?
  [ $status -ne 124 ] || problem "$name: waits for ever for the end of a request"
  stop TERM
}

full()
{
  serve "$name" --max-connections 3
  hold "$port" 3
  holder=$client
  others=$holder
  begin
  echo 'get alice' >&9
  idles "$server" "with a full table"
  [ ! -s "$tmp/heard" ] || problem "$name: serves a fourth client: $(cat "$tmp/heard")"
  kill "$holder"
  until_true heard '200 alice@example.com' || problem "$name: forgets clients that wait for a place"
  exec 9>&-
  client_ends "after it has waited for a place"
  others=
  stop TERM

  # When lookupd is out of descriptors, it turns clients away, and reports this once. The service manager still sees
  # that lookupd is alive.
  "$tmp/lookup_client" notify "$tmp/notify" >"$tmp/notes" &
  others=$!
  until_true grep -qx open "$tmp/notes" || problem "no service manager to notify"
  descriptors=24
  export NOTIFY_SOCKET="$tmp/notify" WATCHDOG_USEC=200000
  serve "$name"
  unset NOTIFY_SOCKET WATCHDOG_USEC
  descriptors=
  has_said 'more than are allowed' || problem "$name: says nothing of too few descriptors"
  hold "$port" 60
  until_true has_said 'a client was turned away: Too many open files' || problem "$name: $(cat "$tmp/server.err")"
  until_true heard c 36 || problem "$name: turns away only $(grep -c c "$tmp/heard") clients of 60"
  [ "$(grep -c 'turned away' "$tmp/server.err")" -eq 1 ] || problem "$name: complains too often"
  idles "$server" "without descriptors"
  before=$(grep -c '^WATCHDOG=1' "$tmp/notes")
  sleep 1
  [ $(($(grep -c '^WATCHDOG=1' "$tmp/notes") - before)) -ge 3 ] ||
    problem "$name: without descriptors it does not feed the watchdog"
  kill -HUP "$server"
  until_true has_said 'reloaded: ' || problem "$name: without descriptors: $(cat "$tmp/server.err")"
  kill "$client"
  wait "$client" 2>/dev/null || : # the shell would print that the process was terminated
  client=
  until_true answered || problem "$name: does not recover from having no descriptors"
  stop TERM
  kill "$others"
  wait "$others" 2>/dev/null || :
  others=
  rm "$tmp/notify"
}

# shellcheck disable=SC2317 # until_true calls it
answered()
{
  [ "$(echo 'get alice' | talk "$port")" = '200 alice@example.com' ]
}

fill_table
for name in examples/daemon/lookupd_c examples/daemon/lookupd; do
  command_line
  tables
  conversation
  real_client
  slow_clients
  full
done

finish
