#!/bin/sh
# SPDX-License-Identifier: MIT
# The traps that the recipes warn of exist: if a program of a recipe ignores the warning, the program waits for ever.
# man_examples.sh runs the programs as they are.
. "$(dirname "$0")/common.sh"

link=.libs/libmio.a
[ -e "$link" ] || link="-L.libs -lmio -Wl,-rpath,$PWD/.libs"
mkdir "$tmp/programs"
awk -v dir="$tmp/programs" -f "$docs/programs.awk" "$srcdir"/man/mio_*.7 >/dev/null

# trap_of PAGE EDIT WHAT: edits the program of the page with sed, and checks that the program waits for ever.
trap_of()
{
  source=$(ls "$tmp/programs/$1-1".c*)
  case $source in *.cc) compiler="$CXX -std=c++20" ;; *) compiler="$CC -std=c11" ;; esac
  edited=$tmp/edited.${source##*.}
  sed "$2" "$source" >"$edited"
  ! cmp -s "$source" "$edited" || { problem "$1: the program has changed: no line for $2"; return; }
  # shellcheck disable=SC2086 # lists of words
  $compiler $SANITIZE -I"$srcdir/include" -Iinclude -o "$tmp/edited" "$edited" $link -pthread >"$tmp/messages" 2>&1 ||
    { problem "$1: the edited program does not compile: $(cat "$tmp/messages")"; return; }
  status=0
  timeout 2 "$tmp/edited" >"$tmp/out" 2>&1 </dev/null || status=$?
  [ $status -eq 124 ] || problem "$1: $3 does no harm: exit status $status, $(cat "$tmp/out")"
}

trap_of mio_children '/mio_pipe_sender_close/d' "a child's end that stays open"
trap_of mio_proxy 's/if (!from->told)/if (0)/' "an end that is not passed on"
trap_of mio_coroutines 's/return (waiter.ready.bits() & wanted) != 0;/return false;/' "readiness that is not remembered"
[ $failed -eq 0 ] || mend "correct the page, or the edit"

finish
