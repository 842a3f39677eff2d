#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests lookupd of examples/daemon, in C and in C++, against its page lookupd(8). The test covers reloading, draining,
# privileges, logging, and the socket file that a dead server has left.

. "$(dirname "$0")/lookupd.sh"

# reloads: prints how often lookupd has read its table again.
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
  until_true has_said 'the table is unchanged: 1 entries' || problem "$name: takes a bad table"
  has_said "$table:2: a key without a value" || problem "$name: does not say what is wrong: $(cat "$tmp/server.err")"
  rm "$table"
  kill -HUP "$server"
  until_true has_said "cannot read $table: No such file" || problem "$name: says nothing of a table that is gone"
  answers "$socket" 'get alice\n' '200 changed\n'
  stop TERM

  # Even while SIGHUP arrives faster than the server reads its table, the server serves clients, and stops on SIGTERM.
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

# Checks that after SIGTERM, lookupd closes idle clients, refuses new clients, and finishes the requests that have
# begun.
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

  # When lookupd stops, it waits for its clients only for a limited time. After a second SIGTERM, it does not wait at
  # all.
  for seconds in 1 1000; do
    serve "$name" --drain-timeout $seconds
    begin
    printf 'get bob\nget al' >&9
    until_true heard '200 50%25%20of%20it' || problem "$name: does not answer"
    kill -TERM "$server"
    until_true has_said 'stopping' || problem "$name: does not stop"
    if [ $seconds -eq 1000 ]; then
      idles "$server" "while it stops"
      storm TERM "$server"
    fi
    ends 0 "SIGTERM, with $seconds s for the last clients"
    has_said 'gave up 1 clients' || problem "$name: $(cat "$tmp/server.err")"
    exec 9>&-
    wait "$client" || : # a reset, because the server dropped the client in the middle
    client=
  done
  has_said 'stopping at once' || problem "$name: $(cat "$tmp/server.err")"

  # lookupd accepts the client in a backlog before it closes the listener, even if the other backlogs are empty and
  # lookupd may have only one client. So the client is not reset.
  for kind in TCP Unix; do
    serve "$name" --max-connections 1
    kill -STOP "$server"
    if [ $kind = TCP ]; then hold "$port" 1; else hold "$socket" 1; fi
    kill -TERM "$server"
    kill -CONT "$server"
    client_ends "in a $kind backlog"
    heard c || problem "$name: resets a client in a $kind backlog: $(cat "$tmp/heard")"
    ends 0 "SIGTERM, with a client in the backlog"
  done

  # The service manager also has the socket open. So clients that connect while this server stops can wait for the next
  # server.
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
  idles "$server" "while it stops and a client waits for the next one"
  printf 'ice\n' >&9
  ends 0 "the last answer"
  until_true heard '200 alice@example.com' || problem "$name: drops a request that has begun"
  exec 9>&-
  client_ends "when a passed socket was drained"
  wait "$others" || problem "$name: $(cat "$tmp/late")"
  others=
}

# While a server runs, a second server cannot replace the first server's socket file. A killed server leaves its socket
# file behind, and the next server replaces this file.
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

# identity KEY: prints the value of KEY, such as the user IDs, from the server's status file in /proc.
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
  # LeakSanitizer cannot inspect a process that has changed its user.
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

# In the journal, each line begins with its priority. If JOURNAL_STREAM names a file other than standard error, lookupd
# ignores the variable.
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
  reload
  drain
  socket_file
  privileges
  journal
done

finish
