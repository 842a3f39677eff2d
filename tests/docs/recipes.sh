#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests the warnings in the recipes of the manual. Each recipe warns of a mistake. The test edits the program of a
# recipe to make the mistake. The edited program must wait for ever, or its output must be wrong. man_examples.sh runs
# the programs without edits. mio_recipes(7) lists every recipe.
. "$(dirname "$0")/common.sh"

link_library
mkdir "$tmp/programs"
awk -v dir="$tmp/programs" -f "$docs/programs.awk" "$srcdir"/man/mio_*.7 "$srcdir/man/mio_ancillary.3" \
  "$srcdir/man/mio_unix_listener.3" >/dev/null

# run_edited PAGE[-NUMBER] EDIT: applies EDIT, a command for sed, to program NUMBER of the page PAGE (the first program
# by default). Compiles the edited program, and runs it for at most 2 seconds. Sets the variables "stem", which is the
# program's path without its suffix, and "status".
run_edited()
{
  status=
  case $1 in *-[2-9]) stem=$tmp/programs/$1 ;; *) stem=$tmp/programs/$1-1 ;; esac
  libraries_of "$stem" || return
  source=$(ls "$stem".c*)
  case $source in *.cc) compiler="$CXX -std=c++20" ;; *) compiler="$CC -std=c11" ;; esac
  edited=$tmp/edited.${source##*.}
  sed "$2" "$source" >"$edited"
  ! cmp -s "$source" "$edited" || { problem "$1: the program has changed: no line for $2"; return; }
  # shellcheck disable=SC2086 # the variables can hold several words
  $compiler $SANITIZE -I"$srcdir/include" -Iinclude -I"$srcdir/examples" -o "$tmp/edited" "$edited" $link -pthread $libraries \
    >"$tmp/messages" 2>&1 ||
    { problem "$1: the edited program does not compile: $(cat "$tmp/messages")"; return; }
  rm -rf "$tmp/run"
  mkdir "$tmp/run"
  status=0
  # Do not check for leaks. The edit adds a mistake to the program, and the mistake can cause a leak.
  (cd "$tmp/run" && ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 timeout -k 1 2 "$tmp/edited") \
    >"$tmp/out" 2>&1 </dev/null || status=$?
  [ $status -ne 137 ] || status=124 # the program receives SIGTERM as an event, so timeout had to kill it
}

# trap_of PAGE[-NUMBER] EDIT MISTAKE: applies EDIT to a program of PAGE, as run_edited does. Checks that the edited
# program waits for ever. MISTAKE describes the edit.
trap_of()
{
  run_edited "$1" "$2"
  [ "${status:-124}" -eq 124 ] || problem "$1: $3 does no harm: exit status $status, $(cat "$tmp/out")"
}

# loss_of PAGE[-NUMBER] EDIT MISTAKE LINE: applies EDIT to a program of PAGE, as run_edited does. The page shows LINE as
# output. Checks that the edited program ends, but does not print LINE. MISTAKE describes the edit.
loss_of()
{
  run_edited "$1" "$2"
  grep -qxF -e "$4" "$stem.out" || problem "$1: the page does not print: $4"
  [ "${status:-0}" -eq 0 ] || problem "$1: $3: exit status $status, $(cat "$tmp/out")"
  [ -z "$status" ] || ! grep -qxF -e "$4" "$tmp/out" || problem "$1: $3 does no harm: $(cat "$tmp/out")"
}

trap_of mio_children '/child->end_at = mio_clock_now() + time_limit/d' "no time limit"
# In this program, a shell ends at once after SIGTERM. Another process in the shell's group needs more time to clean up.
# shellcheck disable=SC2016 # the shell of the child expands $PPID
cleaning='s/"sleep 9; exit 1"/"(trap \\"sleep .2; echo cleaned; exit\\" TERM; kill $PPID; sleep 9 \& wait); exit 1"/
s/"trap .. TERM; echo ready; kill $PPID; sleep 9"/"exit 3"/'
run_edited mio_children "$cleaning"
[ -z "$status" ] || grep -qx cleaned "$tmp/out" || problem "mio_children: a group has no time to clean up: $(cat "$tmp/out")"
for edit in 's/kill(-child->pid, SIGTERM)/kill(child->pid, SIGTERM)/' 's/if (child->talks && !child->killed) {/if (0) {/'; do
  run_edited mio_children "$cleaning;$edit"
  [ -z "$status" ] || ! grep -qx cleaned "$tmp/out" || problem "mio_children: $edit does no harm: $(cat "$tmp/out")"
done
trap_of mio_children "$cleaning;s/INT64_C(500000000)/INT64_C(9000000000)/;/mio_pipe_sender_close/d" \
  "a child's end that stays open"
# The shell exits and leaves a process in the background, which keeps the shell's output open.
run_edited mio_children 's/"sleep 9; exit 1"/"sleep 9 \& exit 1"/'
[ "${status:-0}" -eq 0 ] || problem "mio_children: waits for a process that a child has left: $(cat "$tmp/out")"
run_edited mio_children 's#posix_spawnp(&child->pid, argv\[0\]#posix_spawnp(\&child->pid, "/missing"#'
[ "${status:-0}" -eq 0 ] || problem "mio_children: a child that cannot start: exit status $status, $(cat "$tmp/out")"
run_edited mio_children 's/check(mio_poll_new/raise(SIGPIPE), &/'
[ "${status:-0}" -eq 0 ] || problem "mio_children: SIGPIPE ends the supervisor: exit status $status, $(cat "$tmp/out")"
# There is no free descriptor for the pipe of the second child, or of both children. A child that did not start needs
# no wait.
for first in 1 0; do
  run_edited mio_children 's/^#include <stdlib.h>/&\n#include <sys\/resource.h>/
s/"sleep 9; exit 1"/"sleep .3"/
s/^        int result = start(/        if (i >= '$first')\
            setrlimit(RLIMIT_NOFILE, \&(struct rlimit){3, 3});\
&/
s/^    int64_t count = mio_poll_wait/    static int waits;\
    if (++waits > 20) exit(9);\
&/'
  [ -z "$status" ] ||
    { [ "$status" -eq 0 ] && [ "$(grep -c ': Too many open files$' "$tmp/out")" -eq $((2 - first)) ]; } ||
    problem "mio_children: no descriptor for a pipe: exit status $status, $(cat "$tmp/out")"
done
trap_of mio_proxy 's/if (!from->told .*/if (0)/' "an end that is not passed on"
trap_of mio_coroutines 's/return (waiter.ready.bits() & wanted) != 0;/return false;/' "readiness that is not remembered"
trap_of mio_activation 's/while (result == 0 || mio_accept_is_transient(result))/while (0)/;s/if (result != -EAGAIN)/if (result < 0)/' \
  "one accept for each event"
# The service needs two sockets: a TCP listener and a Unix datagram socket. It must not start if the manager passes two
# TCP listeners, or only one socket.
for edit in 's/mio_unix_datagram_handle(&lines)}/mio_tcp_listener_handle(\&listener)}/' 's/"LISTEN_FDS", "2"/"LISTEN_FDS", "1"/'; do
  run_edited mio_activation "$edit"
  grep -q '^a socket' "$tmp/out" || problem "mio_activation: the service starts after $edit: $(cat "$tmp/out")"
done
# A datagram that does not fit into the buffer arrives before the line that the service waits for.
run_edited mio_activation 's/^    check(mio_unix_datagram_send(&sender, "one", 3), "send");/    static const char flood[200];\
    check(mio_unix_datagram_send(\&sender, flood, sizeof flood), "send");\
&/'
[ -z "$status" ] || { [ "$status" -eq 0 ] && grep -qx 'a line is too long' "$tmp/out" &&
  grep -qx 'line: one' "$tmp/out"; } ||
  problem "mio_activation: a datagram that is too long: exit status $status, $(cat "$tmp/out")"
# A client leaves before the server accepts it. This must not end the server, so the edited program fails only at the
# read of its own client.
run_edited mio_unix_listener 's/^    accept_all(&listener);/    mio_unix_stream_close(\&client);\
&\
    puts("the server goes on");/'
[ -z "$status" ] || grep -qx 'the server goes on' "$tmp/out" ||
  problem "mio_unix_listener: a client that leaves: exit status $status, $(cat "$tmp/out")"
loss_of mio_log_files '/^    int fd = open(/{h;s/.*/    close(log->fd);/p;g;}' "closing the old log first" 'log.2: four'
loss_of mio_log_files 's/reopen = 1;/reopen = 0;/' "a log that is not reopened" 'log.2: three'
if [ -c /dev/full ]; then
  run_edited mio_log_files 's#open(log->path#open("/dev/full"#'
  [ -z "$status" ] || grep -qx '4 lines lost' "$tmp/out" || problem "mio_log_files: a full disk: $(cat "$tmp/out")"
fi
# A limit on the file size lets the program write only two bytes of its second line.
short='s/^#include <sys.stat.h>/#include <sys\/resource.h>\n&/
s/^    log_line(&log, "one.*/&\
    struct rlimit limit;\
    getrlimit(RLIMIT_FSIZE, \&limit);\
    rlim_t before = limit.rlim_cur;\
    limit.rlim_cur = 6;\
    setrlimit(RLIMIT_FSIZE, \&limit);\
    log_line(\&log, "long\\n", 5);\
    limit.rlim_cur = before;\
    setrlimit(RLIMIT_FSIZE, \&limit);/'
run_edited mio_log_files "$short"
[ -z "$status" ] || grep -qx 'log.1: lo' "$tmp/out" || problem "mio_log_files: part of a line: $(cat "$tmp/out")"
loss_of mio_log_files "$short;s/log->torn = 1;/log->torn = 0;/" "a line after a part of a line" 'log.1: two'
# After a part of a line, the log is rotated. The new file must not begin with an empty line.
run_edited mio_log_files "$short;"'s/^    log_line(&log, "two/    rename("log.1", "log.0");\
    log_open(\&log);\
    rename("log", "log.1");\
&/'
[ -z "$status" ] || { grep -qx 'log.1: two' "$tmp/out" && ! grep -qx 'log.1: ' "$tmp/out"; } ||
  problem "mio_log_files: a rotation after a part of a line: $(cat "$tmp/out")"
# After a part of a line, the same file is opened again. The next line must not continue the part.
run_edited mio_log_files "$short;"'s/^    log_line(&log, "two/    log.path = "log.1";\
    log_open(\&log);\
    log.path = "log";\
&/'
[ -z "$status" ] || { grep -qx 'log.1: lo' "$tmp/out" && grep -qx 'log.1: two' "$tmp/out"; } ||
  problem "mio_log_files: the same file after a part of a line: $(cat "$tmp/out")"
loss_of mio_drain '/^    accept_clients(server);$/d' "a backlog that is not accepted" 'client: hello'
# A client sends without a pause, and the server's deadline for stopping is 0.3 seconds. The server must still stop in
# time.
flood='s/= mio_tcp_stream_read(/= client->ended ? 1 : mio_tcp_stream_read(/;s/INT64_C(10000000000)/INT64_C(300000000)/'
run_edited mio_drain "$flood"
grep -qx 'stopped, 1 clients left' "$tmp/out" ||
  problem "mio_drain: a client that never pauses delays the end: exit status $status, $(cat "$tmp/out")"
trap_of mio_drain "$flood;s/for (int i = 0; i < BUDGET; i++) {/for (;;) {/" "reading without a limit"
trap_of mio_drain '/mio_tcp_stream_write(&stream,/d;s/|= MIO_READABLE;/|= 0;/' "waiting for an event of an idle client"
loss_of mio_drain-2 's/^    for (int i = 0; i < BUDGET && /    if (client->told) return 0;\n&/' "a close with unread bytes" \
  'client: 300000 bytes, then the end'
trap_of mio_ancillary 's/while (event.token == 0 \&\& answer/if (event.token == 0 \&\& answer/' \
  "one datagram for each event"
trap_of mio_connecting 's/mio_clock_now() + 100 \* ms/INT64_MAX/' "trying one address after the other"
trap_of mio_connecting '/^    if (race->give_up_at <= now)/d' "no time limit"
loss_of mio_connecting 's/mio_tcp_stream_connect_finish(&race->streams\[index\])/0/' "an event taken for a connection" \
  'connected to address 2'
# The program keeps the first connection while it connects again. An event of this connection must not reach the race.
run_edited mio_connecting '0,/^    mio_tcp_stream_close(&stream);/{s//    mio_tcp_stream peer;\
    int accepted;\
    do accepted = mio_tcp_listener_accept(\&good, \&peer, NULL);\
    while (accepted == -EAGAIN);\
    check(accepted, "accept");\
    check(mio_tcp_stream_write(\&peer, "hello", 5), "write");/}'
[ -z "$status" ] || { [ "$status" -eq 0 ] && grep -qx 'address 0 alone: ETIMEDOUT' "$tmp/out"; } ||
  problem "mio_connecting: an event of the first connection: exit status $status, $(cat "$tmp/out")"
# A host has more addresses than the program tries. Each of them refuses the connection.
run_edited mio_connecting 's/mio_addr addrs\[3\]/mio_addr addrs[ADDRS_MAX + 4]/
s/^    int64_t winner = .*/    for (int i = 3; i < ADDRS_MAX + 4; i++)\
        addrs[i] = addrs[1];\
    mio_addr first = addrs[0], last = addrs[2];\
    addrs[0] = addrs[2] = addrs[1];\
    int64_t many = connect_any(poll, addrs, ADDRS_MAX + 4, 5000 * ms, \&stream);\
    printf("many: %s\\n", mio_error_name((int)many));\
    int64_t none = connect_any(poll, NULL, 0, 5000 * ms, \&stream);\
    printf("none: %s\\n", mio_error_name((int)none));\
    addrs[0] = first;\
    addrs[2] = last;\
&/'
[ -z "$status" ] || { [ "$status" -eq 0 ] &&
  grep -qx 'many: ECONNREFUSED' "$tmp/out" && grep -qx 'none: EINVAL' "$tmp/out" &&
  [ "$(grep -c '^address [0-9]*: C' "$tmp/out")" -eq 9 ]; } ||
  problem "mio_connecting: too many addresses, or none: exit status $status, $(cat "$tmp/out")"
trap_of mio_fairness '/busy_add(busy, client);$/d' "a client with requests left that is not in the list"
trap_of mio_fairness 's/busy->first != NULL ? 0 : -1/-1/' "a wait although the list has a client"
loss_of mio_fairness 's/client->served < BUDGET;/;/' "no budget" 'turn 1: 4 of the busy client, 1 of the other'
all_bytes='the reader has 640000 bytes'
loss_of mio_broadcast 's/MESSAGE > QUEUE) flush(client);/MESSAGE > QUEUE) (void)0;/' \
  "a client dropped before the server tries to write" "$all_bytes"
loss_of mio_broadcast '/^        flush(&clients\[i\]);/d' "a queue that is not written" "$all_bytes"
loss_of mio_broadcast 's/^        \(mio_readiness_add(&\(.*\).ready, .*;\)/        { \1 receive(\&\2); }/' \
  "a message before the readiness of all events" "$all_bytes"
# A client writes a message in two halves.
run_edited mio_broadcast 's/^    for (int i = 0; i < TURNS; i++) {/    for (int i = 0; i < 2; i++) {\
        check(mio_unix_stream_write(\&peers[TALKER], messages, MESSAGE \/ 2), "write");\
        turn(poll);\
    }\
    received = read_all(\&peers[READER]);\
    for (int i = 0; i < 0; i++) {/'
[ -z "$status" ] || grep -qx 'the reader has 64 bytes' "$tmp/out" ||
  problem "mio_broadcast: a message in two halves: exit status $status, $(cat "$tmp/out")"
# In the next two runs, a client sends its last messages, and closes before it has read every message. The server then
# fails to write, but must still read the last messages. The server of the second run closes the client too early, and
# so must lose the last messages.
for edit in '' ';s/if (n != -EAGAIN) client->size = 0;/client->dropped |= n != -EAGAIN;/'; do
  run_edited mio_broadcast 's/^    for (int i = 0; i < TURNS; i++) {/    turn(poll);\
    check(mio_unix_stream_write(\&peers[READER], messages, 20 * MESSAGE), "write");\
    check(mio_unix_stream_write(\&peers[SLOW], messages, sizeof messages), "write");\
    mio_unix_stream_close(\&peers[SLOW]);\
    turn(poll);\
    received = read_all(\&peers[READER]);\
    for (int i = 0; i < 0; i++) {/'"$edit"
  kept=no
  ! grep -qx 'the reader has 6400 bytes' "$tmp/out" || kept=yes
  case $edit,$kept in
    ,yes | *dropped*,no) ;;
    *) problem "mio_broadcast: the last messages of a client${edit:+ that is closed too early}: $(cat "$tmp/out")" ;;
  esac
done
loss_of mio_lines 's/while (lines_take/if (lines_take/' "one line for each read" '"two"'
loss_of mio_lines '/lines_rest(/d' "a last line without a newline" '"end"'
loss_of mio_lines '/^    for (;;) {/,/^    }/s/lines_space(&client->lines)/(&, client->bytes)/' \
  "an unfinished line that the next read overwrites" '"two"'
trap_of mio_fairness-2 '/MIO_READABLE)) return 0;$/d' "a wait although a place is free"
trap_of mio_threads 's/check(mio_registry_reregister/(void)sizeof(mio_registry_reregister/' \
  "a oneshot client that is not registered again"
trap_of mio_threads '/the next thread/d' "a stop that only one thread sees"
loss_of mio_threads-2 's/^    for (; client != NULL; client = client->next) {/    if (client != NULL) {/' \
  "one client for each wake" 'worker 0 has served 3 clients'
trap_of mio_tls 's/moved > 0 ? AGAIN : -EAGAIN/-EAGAIN/' "waiting for bytes that have already moved"
trap_of mio_tls '/^        if (SSL_shutdown(tls->ssl) < 0)/d' "an end without SSL_shutdown"
# run_ends TEXT: replaces the loop of the program with a handshake and then TEXT.
run_ends()
{
  cat >"$tmp/ends" <<'END'
    static char bytes[16384];
    while (!SSL_is_init_finished(server->ssl) || !SSL_is_init_finished(client->ssl)) {
        mio_event events[4];
        int count = mio_poll_wait(poll, events, 4, -1);
        for (int i = 0; i < count; i++)
            mio_readiness_add(&sides[events[i].token].ready, &events[i]);
        for (int i = 0; i < 4; i++)
            (void)tls_read(&sides[i % 2], bytes, sizeof bytes);
    }
    for (int i = 0; i < 4; i++)
        (void)tls_read(&sides[i % 2], bytes, sizeof bytes);
END
  printf '%s\n' "$1" >>"$tmp/ends"
  run_edited mio_tls "/^    size_t left = TOTAL/r $tmp/ends
/^    size_t left = TOTAL/,/^    printf(\"client: /d"
}

# The socket and the buffers are full: a message of TLS 1.3 has at least 23 bytes. The server must call tls_end
# until the client has read the rest and close_notify.
full='    size_t total = 0, got = 0;
    int64_t n = 1;
    int space;
    while (BIO_ctrl_pending(server->buffers) == 0)
        total += (size_t)check(tls_write(server, bytes, 1000), "write");
    while ((space = (int)BIO_ctrl_get_write_guarantee(SSL_get_wbio(server->ssl)) - 22) > 0)
        total += (size_t)check(tls_write(server, bytes, space < 1000 ? space : 1000), "write");
    printf("end: %s\n", mio_error_name((int)tls_end(server)));
    while (n != 0) {
        mio_event events[4];
        int count = mio_poll_wait(poll, events, 4, -1);
        for (int i = 0; i < count; i++)
            mio_readiness_add(&sides[events[i].token].ready, &events[i]);
        END_AGAIN(void)tls_end(server);
        while ((n = tls_read(client, bytes, sizeof bytes)) > 0)
            got += (size_t)n;
        if (n != -EAGAIN) check(n, "read");
    }
    printf("%s\n", got == total ? "complete" : "cut off");'
run_ends "$(printf '%s\n' "$full" | sed s/END_AGAIN//)"
[ -z "$status" ] || { grep -qx 'end: EAGAIN' "$tmp/out" && grep -qx complete "$tmp/out"; } ||
  problem "mio_tls: a full socket: exit status $status, $(cat "$tmp/out")"
run_ends "$(printf '%s\n' "$full" | sed 's/END_AGAIN/if (0) /')"
[ "${status:-124}" -eq 124 ] || problem "mio_tls: an end that is tried once does no harm: $(cat "$tmp/out")"
run_edited mio_tls 's/answer = 5,/answer = 220000,/'
[ -z "$status" ] || grep -qx 'client: 220000 bytes' "$tmp/out" ||
  problem "mio_tls: a long answer: exit status $status, $(cat "$tmp/out")"

# The server cannot send close_notify, because the client has left.
run_ends '    mio_unix_stream_close(&client->stream);
    printf("end: %s\n", mio_error_name((int)tls_end(server)));'
[ -z "$status" ] || { [ "$status" -eq 0 ] && grep -qx 'end: EPIPE' "$tmp/out"; } ||
  problem "mio_tls: a client that leaves: exit status $status, $(cat "$tmp/out")"

# The server answers and closes before it has read all bytes. The client must read the answer, whether it has unsent
# bytes or not.
for loop in 'while (tls_write(client, bytes, sizeof bytes) > 0)' 'if (tls_write(client, bytes, 7) == 7)'; do
  run_ends "    $loop
        puts(\"written\");
    check(tls_write(server, \"early\", 5), \"answer\");
    for (int i = 0; i < 2; i++)
        check(tls_end(server), \"end\");
    mio_unix_stream_close(&server->stream);
    client->ready |= MIO_READABLE | MIO_WRITABLE;
    for (int i = 0; i < 2; i++)
        printf(\"read: %d\\n\", (int)tls_read(client, bytes, sizeof bytes));"
  [ -z "$status" ] ||
    { grep -q written "$tmp/out" && [ "$(grep '^read' "$tmp/out" | tr '\n' ' ')" = 'read: 5 read: 0 ' ]; } ||
    problem "mio_tls: an early answer, after $loop: exit status $status, $(cat "$tmp/out")"
done
[ $failed -eq 0 ] || mend "correct the page, or the edit"

# function_of NAME FILE: prints the function NAME of FILE without white space, because the page and the example break
# lines in different places.
function_of()
{
  sed -n "/^static .* $1(/,/^}/p" "$2" | tr -d '[:space:]'
}

for name in flush fill pump relay pair_limit; do
  function_of $name "$tmp/programs/mio_proxy-1.c" >"$tmp/a"
  function_of $name "$srcdir/examples/tcp_proxy.c" >"$tmp/b"
  [ -s "$tmp/a" ] || problem "mio_proxy has no $name()"
  cmp -s "$tmp/a" "$tmp/b" || problem "$name() differs in mio_proxy(7) and examples/tcp_proxy.c"
done

sed -n '/^\.It Copy a recipe/,/^\.It Serve/s/^\.Xr \(mio_[a-z_]*\) 7.*/\1/p' "$srcdir/man/mio.7" |
  grep -vx mio_recipes | sort >"$tmp/a"
sed -n 's/^\.Xr \(mio_[a-z_]*\) 7 :$/\1/p' "$srcdir/man/mio_recipes.7" | sort >"$tmp/b"
at_least 8 "$tmp/a" recipes
compare mio.7 "$tmp/a" mio_recipes.7 "$tmp/b" "list the recipe on both pages"

finish
