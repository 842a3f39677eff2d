#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests the rules of mio_proxy(7) for a handshake before the relay, and for a reset. This test builds a SOCKS5 proxy
# from the page's functions, and checks that the proxy works. Then the test edits the proxy, so that the proxy breaks
# one rule at a time. For each edit, a test case of the client must fail.
. "$(dirname "$0")/serving.sh"

docs=$srcdir/tests/docs
page=$srcdir/man/mio_proxy.7
need python3 python3

mkdir "$tmp/programs"
awk -v dir="$tmp/programs" -f "$docs/programs.awk" "$page"
sed '/^static mio_poll \*poller;/,$d' "$tmp/programs/mio_proxy-1.c" >"$tmp/recipe.h"
sed -n '/^static int64_t serve(/,/^\.Ed/{/^\.Ed/d;s/\\-/-/g;p;}' "$page" >"$tmp/handshake.h"
[ "$(grep -c '^static .*(struct pair' "$tmp/handshake.h")" -eq 1 ] || problem "mio_proxy(7) has no serve()"
sed "/^#include \"recipe.h\"/{
r $tmp/recipe.h
d
}
/^#include \"handshake.h\"/{
r $tmp/handshake.h
d
}" "$docs/socks_proxy.c" >"$tmp/whole.c"

link_library
# run NAME EDIT: applies EDIT, a command for sed, to the proxy's source. Builds the proxy as NAME, and runs it with
# socks_client.py. Stores the client's output in $tmp/said.
run()
{
  sed "$2" "$tmp/whole.c" >"$tmp/$1.c"
  [ -z "$2" ] || ! cmp -s "$tmp/whole.c" "$tmp/$1.c" || problem "$1: no line for $2"
  # shellcheck disable=SC2086 # CC, SANITIZE and link can hold several words
  $CC -std=c11 $SANITIZE -I"$srcdir/include" -Iinclude -o "$tmp/$1" "$tmp/$1.c" $link ||
    { problem "$1 does not compile"; finish; }
  listen "$tmp/$1"
  timeout 60 python3 "$docs/socks_client.py" "$port" >"$tmp/said" 2>&1 || problem "$1: the client fails: $(cat "$tmp/said")"
  kill -9 "$server"
  wait "$server" 2>/dev/null
  server=
}

# fails NAME EDIT CASE: calls the function run() with an EDIT that breaks a rule. Checks that the client's test case
# CASE fails.
fails()
{
  run "$1" "$2"
  grep -q "^$3: " "$tmp/said" || problem "$1 does no harm to the client's case $3: $(cat "$tmp/said")"
}

run as_it_is ''
[ ! -s "$tmp/said" ] || problem "the proxy of the page: $(cat "$tmp/said")"
fails answers_that_wait_for_the_target 's/^    (void)flush(target, client);//' bytewise
fails a_read_of_a_connecting_target \
  's/^    if (pair->state == CONNECTING && /    if (pair->state == CONNECTING) (void)fill(target);\n&/' refused
fails a_close_after_the_last_answer 's/LOST_MAX = 16 << 20/LOST_MAX = 0/' refused
fails a_close_after_an_error_of_the_target 's/^        to->broken = n < 0;/        if (n < 0) return n;/' early
fails bytes_for_nobody_without_limit 's/if (from->lost > LOST_MAX)/if (0)/' gone
fails a_wait_although_the_turn_is_over 's/result == 1 ? 0 : until/until/;s/STEPS = 16/STEPS = 1/' bytewise

finish
