#!/bin/sh
# SPDX-License-Identifier: MIT
# lookupd of examples/daemon, in C and in C++: it answers in order and to the byte, whatever its clients do; it waits
# instead of spinning; it reloads, drains and gives up its privileges as lookupd(8) says.

. "$(dirname "$0")/serving.sh"

others=
trap 'kill -9 $server $client $others 2>/dev/null; rm -rf "$tmp"' EXIT

[ -x examples/daemon/lookupd ] || missing "libsystemd, when this was configured," libsystemd-dev
$CC -o "$tmp/lookup_client" "$srcdir/tests/docs/lookup_client.c" || { problem "no client"; finish; }
chmod 755 "$tmp" # for --user
table=$tmp/table
socket=$tmp/socket

# --- Servers and clients --------------------------------------------------------------------------------------------

# serve PROGRAM OPTION...: sets server and port. It may open no more than $descriptors.
serve()
{
  name=$1
  shift
  rm -f "$tmp/server.err" "$tmp/allocations"
  (
    # shellcheck disable=SC3045 # every shell that is a /bin/sh on Linux has it
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

# listening_port: the port that it has reported.
listening_port()
{
  sed -n 's/.*listening on 127.0.0.1:\([0-9]*\)$/\1/p' "$tmp/server.err"
}

# talk TARGET: a client on its standard input and output. If it hangs, that is a failure.
talk()
{
  timeout 30 "$tmp/lookup_client" talk "$1"
}

# answers TARGET REQUESTS ANSWERS: each of the two is a format of printf.
# shellcheck disable=SC2059
answers()
{
  printf "$2" | talk "$1" >"$tmp/answers" || problem "$name: no conversation with $1"
  printf "$3" | cmp -s - "$tmp/answers" ||
    problem "$name: to '$(printf %.60s "$2")' it answers '$(head -c 160 "$tmp/answers")'"
}

# shellcheck disable=SC2317 # until_true calls these
{
  # has_said TEXT: in its log.
  has_said()
  {
    grep -qF -e "$1" "$tmp/server.err"
  }

  # heard LINE [COUNT]: the client in the background has got that line, so many times.
  heard()
  {
    [ "$(grep -cxF -e "$1" "$tmp/heard")" -ge "${2:-1}" ]
  }
}

# background COMMAND...: a client that stays; sets client.
background()
{
  rm -f "$tmp/heard"
  timeout 60 "$tmp/lookup_client" "$@" >"$tmp/heard" 2>&1 &
  client=$!
}

# hold TARGET COUNT: so many connections, open.
hold()
{
  background hold "$@"
  until_true heard open || problem "$name: cannot hold $2 connections: $(cat "$tmp/heard")"
}

# begin: a client that reads its requests from descriptor 9.
begin()
{
  rm -f "$tmp/words" "$tmp/heard"
  mkfifo "$tmp/words"
  timeout 60 "$tmp/lookup_client" talk "$port" <"$tmp/words" >"$tmp/heard" 2>&1 &
  client=$!
  exec 9<>"$tmp/words" # for reading too: who writes to a client that has ended is not ended by it
}

# client_ends WHY: the one in the background ends by itself.
client_ends()
{
  wait "$client" || problem "$name: a client did not end in peace $1: $(cat "$tmp/heard")"
  client=
}

# idles WHILE: a tenth of a second of processor time in a second is far more than waiting costs.
idles()
{
  before=$(ticks)
  sleep 1
  used=$(($(ticks) - before))
  [ $used -lt 10 ] || problem "$name: $used ticks in a second $1: it spins"
}

# words COUNT WORD: the word that many times, without a newline.
words()
{
  awk -v n="$1" -v word="$2" 'BEGIN { while (n-- > 0) printf "%s", word }'
}

# fill_table: the table that the tests begin with.
fill_table()
{
  {
    printf '# a table\n\n  alice \t alice@example.com  \r\nbob 50%% of it\nA B'
    printf '\n\303\244 umlaut\n'
    printf '%s longest\npercents %s' "$(words 1024 K)" "$(words 1024 %)" # and no newline at the end
  } >"$table"
}

# fails PATTERN OPTION...: it does not start, and says why.
fails()
{
  pattern=$1
  shift
  expect 1 err "$pattern" timeout 10 "$name" "$@"
}

# refused TABLE-FORMAT PATTERN: such a table is not taken, neither at the start nor later.
refused()
{
  # shellcheck disable=SC2059
  printf "$1" >"$tmp/bad"
  fails "$2" --listen 127.0.0.1:0 "$tmp/bad"
}

# --- What each of them must do ------------------------------------------------------------------------------------

command_line()
{
  expect 0 out '^usage: lookupd ' "$name" --help
  expect 0 out '^lookupd of mio [0-9]' "$name" --version
  expect 2 err '^lookupd: one table is needed' "$name" --listen 127.0.0.1:0
  expect 2 err 'no-such-option' "$name" --no-such-option "$table"
  expect 2 err '^lookupd: not a number from 1 to 1000000: 0$' "$name" --max-connections 0 "$table"
  expect 2 err '^lookupd: not a number from 1 to 86400: 1s$' "$name" --idle-timeout 1s "$table"
  expect 2 err '^lookupd: not a number from 1 to 86400: -1$' "$name" --drain-timeout -1 "$table"
  # shellcheck disable=SC2046 # a word each
  expect 2 err '^lookupd: more than 16 listeners$' timeout 10 "$name" $(words 17 '--listen 127.0.0.1:0 ') "$table"
  fails '^lookupd: nothing to listen on' "$table"
  fails '^lookupd: cannot listen on 127.0.0.1: No data available$' --listen 127.0.0.1 "$table"
  fails '^lookupd: cannot listen on 192.0.2.1:0: Cannot assign' --listen 192.0.2.1:0 "$table"
  fails "^lookupd: cannot listen on $tmp/no/such: No such file" --unix "$tmp/no/such" "$table"
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
    answers "$target" 'get alice' '' # half a request, and the end
  done
  # The longest request that fits, and one byte more; the rest of the input is lost, but the answer is not.
  answers "$port" "$(words 4095 x)\\nget alice\\n" '400 unknown request\n200 alice@example.com\n'
  answers "$port" "$(words 4096 x)\\nget alice\\n" '400 request too long\n'
  answers "$port" "get bob\\n$(words 50000 x)" '200 50%%25%%20of%%20it\n400 request too long\n'

  # Many at once, without an allocation; then a request in pieces.
  allocated=$(allocations)
  awk 'BEGIN {
    for (i = 0; i < 20000; i++) print i % 3 ? "get alice" : i % 2 ? "get nobody" : "get percents"
  }' >"$tmp/many"
  sed "s/get alice/200 alice@example.com/; s/get nobody/500 not found/; s/get percents/200 $(words 1024 %25)/" \
    "$tmp/many" >"$tmp/wanted"
  talk "$port" <"$tmp/many" | cmp -s - "$tmp/wanted" || problem "$name: 20000 requests at once are answered differently"
  # No buffers are as large as these answers: most of them wait until they are taken.
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
  idles "with nothing to do"
  stop INT
  [ ! -e "$socket" ] || problem "$name: leaves $socket behind"
}

# Postfix's own client, if it is installed. It needs a configuration, and none of its daemons.
real_client()
{
  command -v postmap >/dev/null || { echo "note: postmap is missing, so Postfix itself was not tried"; return; }
  serve "$name"
  mkdir -p "$tmp/postfix"
  printf 'compatibility_level = 3.6\nmail_owner = daemon\nsetgid_group = tty\n' >"$tmp/postfix/main.cf"
  expect 0 out '^alice@example.com$' postmap -c "$tmp/postfix" -q alice "tcp:127.0.0.1:$port"
  expect 0 out '^50% of it$' postmap -c "$tmp/postfix" -q bob "tcp:127.0.0.1:$port"
  answer=$(postmap -c "$tmp/postfix" -q 'no %body' "tcp:127.0.0.1:$port" 2>&1) && problem "$name: an answer for nobody"
  [ -z "$answer" ] || problem "$name: postmap says $answer"
  stop TERM
}

# A client that takes no answers, one that asks nothing, one that never ends its request: none of them disturbs others,
# and each is closed.
slow_clients()
{
  serve "$name" --idle-timeout 2
  background glut "$port"
  until_true heard stuck || problem "$name: takes requests without end: $(cat "$tmp/heard")"
  answers "$socket" 'get alice\n' '200 alice@example.com\n'
  client_ends "without taking answers"
  background glut "$socket"
  until_true heard stuck || problem "$name: takes requests without end: $(cat "$tmp/heard")"
  idles "with a client that takes no answers"
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
  idles "with a full table"
  [ ! -s "$tmp/heard" ] || problem "$name: serves a fourth client: $(cat "$tmp/heard")"
  kill "$holder"
  until_true heard '200 alice@example.com' || problem "$name: forgets who waits for a place"
  exec 9>&-
  client_ends "after it has waited for a place"
  others=
  stop TERM

  # Out of descriptors it turns clients away, and says so once. The service manager does not take it for dead.
  "$tmp/lookup_client" notify "$tmp/notify" >"$tmp/notes" &
  others=$!
  until_true grep -qx open "$tmp/notes" || problem "nobody to notify"
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
  idles "without descriptors"
  before=$(grep -c '^WATCHDOG=1' "$tmp/notes")
  sleep 1
  [ $(($(grep -c '^WATCHDOG=1' "$tmp/notes") - before)) -ge 3 ] ||
    problem "$name: without descriptors it does not feed the watchdog"
  kill -HUP "$server"
  until_true has_said 'reloaded: ' || problem "$name: without descriptors: $(cat "$tmp/server.err")"
  kill "$client"
  wait "$client" 2>/dev/null || : # the shell would say that it was terminated
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

# reloads: how often it has read its table again.
reloads()
{
  grep -c reloaded "$tmp/server.err"
}

reload()
{
  serve "$name"
  printf 'alice changed\n' >"$table"
  kill -HUP "$server"
  until_true has_said 'reloaded: 1 entries' || problem "$name: does not reload: $(cat "$tmp/server.err")"
  answers "$port" 'get alice\nget bob\n' '200 changed\n500 not found\n'
  printf 'alice again\nbob\n' >"$table"
  kill -HUP "$server"
  until_true has_said 'the table stays as it was: 1 entries' || problem "$name: takes a bad table"
  has_said "$table:2: a key without a value" || problem "$name: does not say what is wrong: $(cat "$tmp/server.err")"
  rm "$table"
  kill -HUP "$server"
  until_true has_said "cannot read $table: No such file" || problem "$name: says nothing of a table that is gone"
  answers "$socket" 'get alice\n' '200 changed\n'
  stop TERM

  # While SIGHUP arrives faster than the table is read, the server serves clients, and stops when it is told to.
  awk 'BEGIN { print "alice busy"; for (i = 0; i < 200000; i++) print "key" i, "value" }' >"$table"
  serve "$name"
  while kill -HUP "$server"; do :; done 2>/dev/null &
  others=$!
  until_true has_said 'reloaded: 200001 entries' || problem "$name: does not reload: $(cat "$tmp/server.err")"
  before=$(reloads)
  answers "$port" 'get alice\n' '200 busy\n'
  [ $(($(reloads) - before)) -lt 10 ] || problem "$name: reloads $(($(reloads) - before)) times before it answers"
  before=$(reloads)
  stop TERM
  [ $(($(reloads) - before)) -lt 10 ] || problem "$name: reloads $(($(reloads) - before)) times before it stops"
  wait "$others" || :
  others=
  fill_table
}

# On SIGTERM it closes idle clients, refuses new ones, and finishes what has begun.
drain()
{
  serve "$name"
  hold "$port" 2
  others=$client
  idle=$client
  mv "$tmp/heard" "$tmp/idle"
  begin
  printf 'get bob\nget al' >&9
  until_true heard '200 50%25%20of%20it' || problem "$name: does not answer"
  kill -TERM "$server"
  wait "$idle" || problem "$name: drops idle clients badly"
  others=
  [ "$(grep -cx c "$tmp/idle")" -eq 2 ] || problem "$name: idle clients: $(cat "$tmp/idle")"
  expect 1 err 'No such file' "$tmp/lookup_client" talk "$socket"
  expect 1 err 'Connection refused' "$tmp/lookup_client" talk "$port"
  printf 'ice\n' >&9
  ends 0 "the last answer"
  until_true heard '200 alice@example.com' || problem "$name: drops a request that has begun"
  exec 9>&-
  client_ends "when it was drained"

  # It does not wait for ever, and after a second SIGTERM not at all.
  for seconds in 1 1000; do
    serve "$name" --drain-timeout $seconds
    begin
    printf 'get bob\nget al' >&9
    until_true heard '200 50%25%20of%20it' || problem "$name: does not answer"
    kill -TERM "$server"
    until_true has_said 'stopping' || problem "$name: does not stop"
    if [ $seconds -eq 1000 ]; then
      idles "while it stops"
      storm TERM
    fi
    ends 0 "SIGTERM, with $seconds s for the last clients"
    has_said 'gave up 1 clients' || problem "$name: $(cat "$tmp/server.err")"
    exec 9>&-
    wait "$client" || : # reset, as it was dropped in the middle
    client=
  done
  has_said 'stopping at once' || problem "$name: $(cat "$tmp/server.err")"

  # The service manager holds the socket, too: clients that connect while this server stops wait for the next one.
  rm -f "$tmp/server.err" "$tmp/late"
  "$tmp/lookup_client" pass shared "$name" "$table" 2>"$tmp/server.err" &
  server=$!
  until_true has_said 'listening on' || problem "$name: $(cat "$tmp/server.err")"
  port=$(listening_port)
  begin
  printf 'get bob\nget al' >&9
  until_true heard '200 50%25%20of%20it' || problem "$name: does not answer"
  kill -TERM "$server"
  until_true has_said 'stopping' || problem "$name: does not stop"
  timeout 60 "$tmp/lookup_client" hold "$port" 1 >"$tmp/late" 2>&1 &
  others=$!
  until_true grep -qx open "$tmp/late" || problem "$name: ends the socket of the service manager"
  idles "while it stops and a client waits for the next one"
  printf 'ice\n' >&9
  ends 0 "the last answer"
  until_true heard '200 alice@example.com' || problem "$name: drops a request that has begun"
  exec 9>&-
  client_ends "when a passed socket was drained"
  wait "$others" || problem "$name: $(cat "$tmp/late")"
  others=
}

# A killed server leaves the file of its socket, which the next server replaces; it keeps the file of a running one.
socket_file()
{
  serve "$name"
  fails "^lookupd: cannot listen on $socket: Address already in use\$" --unix "$socket" "$table"
  answers "$socket" 'get alice\n' '200 alice@example.com\n'
  kill -9 "$server"
  wait "$server" 2>/dev/null || :
  [ -S "$socket" ] || problem "$name: nothing to replace"
  serve "$name"
  answers "$socket" 'get alice\n' '200 alice@example.com\n'
  stop TERM
}

# identity KEY: the numbers behind it in the status of the server.
identity()
{
  awk -v key="$1:" '$1 == key { sub(/^[^\t ]*[\t ]*/, ""); gsub(/[\t ]+/, " "); sub(/ $/, ""); print }' \
    "/proc/$server/status"
}

privileges()
{
  fails 'no such-user: No such file or directory$' --listen 127.0.0.1:0 --user 'no such-user' "$table"
  fails 'cannot find the user : No such file or directory$' --listen 127.0.0.1:0 --user '' "$table"
  fails 'root is no user to give up privileges to' --listen 127.0.0.1:0 --user root "$table"
  if [ "$(id -u)" -ne 0 ]; then
    fails "^lookupd: cannot become the user nobody: " --listen 127.0.0.1:0 --user nobody "$table"
    echo "note: this is not root, so that privileges are given up was not tried"
    return
  fi
  # A process that has changed its user cannot be looked into by the sanitizer that finds leaks.
  saved=${ASAN_OPTIONS-}
  export ASAN_OPTIONS="$saved:detect_leaks=0"
  serve "$name" --user nobody
  until_true has_said 'running as nobody' || problem "$name: $(cat "$tmp/server.err")"
  uid=$(id -u nobody) gid=$(id -g nobody)
  [ "$(identity Uid)" = "$uid $uid $uid $uid" ] || problem "$name: users $(identity Uid)"
  [ "$(identity Gid)" = "$gid $gid $gid $gid" ] || problem "$name: groups $(identity Gid)"
  [ "$(identity Groups)" = "$(id -G nobody)" ] || problem "$name: more groups $(identity Groups)"
  [ "$(identity CapEff)" = 0000000000000000 ] || problem "$name: capabilities $(identity CapEff)"
  answers "$port" 'get alice\n' '200 alice@example.com\n'
  stop TERM
  chmod 600 "$table"
  fails "cannot read $table: Permission denied" --listen 127.0.0.1:0 --user nobody "$table"
  chmod 644 "$table"
  export ASAN_OPTIONS="$saved"
}

# In the journal each line begins with its priority; a JOURNAL_STREAM that is not standard error does not count.
journal()
{
  : >"$tmp/journal"
  stream=$(stat -c %d:%i "$tmp/journal")
  JOURNAL_STREAM=$stream "$name" --listen 127.0.0.1:0 "$tmp/none" 2>"$tmp/journal"
  [ "$(sed 's/127.*//' "$tmp/journal")" = "<6>listening on 
<3>cannot read $tmp/none: No such file or directory" ] || problem "$name: in the journal: $(cat "$tmp/journal")"
  export JOURNAL_STREAM="${stream%:*}:1"
  fails '^lookupd: cannot read ' --listen 127.0.0.1:0 "$tmp/none"
  unset JOURNAL_STREAM
}

fill_table
for name in examples/daemon/lookupd_c examples/daemon/lookupd; do
  command_line
  tables
  conversation
  real_client
  slow_clients
  full
  reload
  drain
  socket_file
  privileges
  journal
done

finish
