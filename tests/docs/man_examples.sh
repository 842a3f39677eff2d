#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that the programs of the manual are complete. A C program compiles without a warning as C11 and as C++17. A
# program that includes <mio.hpp> compiles as C++17 and C++20. A program with coroutines compiles as C++20. Each program
# runs, and prints the output that the page shows.
#   MAN_PAGE=mio_poll.3 tests/docs/man_examples.sh     tests only the programs of one page
. "$(dirname "$0")/common.sh"

warn='-pedantic-errors -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Werror'

if [ -e .libs/libmio.so ]; then
  link="-L.libs -lmio -Wl,-rpath,$PWD/.libs"
elif [ -e .libs/libmio.a ]; then
  link=.libs/libmio.a
else
  problem "there is no library: run make first"
  finish
fi

mkdir "$tmp/programs"
{ cat "$tmp/real"; find man/cpp -name '*.3'; } |
  grep -e "${MAN_PAGE:-}\$" | sort >"$tmp/list"
# shellcheck disable=SC2046 # each file name is one word
awk -v dir="$tmp/programs" -f "$docs/programs.awk" $(cat "$tmp/list") >"$tmp/messages"
while read -r line; do
  problem "$line"
done <"$tmp/messages"

# try SOURCE COMPILER STANDARD LANGUAGE: compiles SOURCE with COMPILER, as LANGUAGE in the version STANDARD. Runs the
# program, and compares the output with the page.
try()
{
  # shellcheck disable=SC2086 # the variables can hold several words
  $2 $3 $warn $SANITIZE -I"$srcdir/include" -Iinclude -I"$srcdir/examples" -x $4 "$1" -x none -o "$program" $link -pthread \
    $libraries >"$tmp/messages" 2>&1 || {
    problem "$name does not compile with: $2 $3"
    sed 's/^/    /' "$tmp/messages" | head -n 20
    return
  }
  status=0
  (cd "$tmp/run" && timeout 60 sh -c "$(cat "$stem.run")") >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
  if [ $status -ne 0 ]; then
    problem "$name, compiled with $3, ends with $status:"
    sed 's/^/    /' "$tmp/out" "$tmp/err"
  elif [ ! -e "$stem.out" ]; then
    problem "$name: the page does not say what it prints"
    mend "a line \"It prints:\" and a literal block after the program"
  elif ! diff -u "$stem.out" "$tmp/out" >"$tmp/messages"; then
    problem "$name, compiled with $3, does not print what the page says:"
    sed 's/^/    /' "$tmp/messages"
  fi
}

export program="$tmp/program"
count=0
for source in "$tmp"/programs/*.c "$tmp"/programs/*.cc; do
  [ -e "$source" ] || continue
  name=$(basename "$source")
  stem=${source%.*}
  libraries_of "$stem" || continue
  rm -rf "$tmp/run"
  mkdir "$tmp/run"
  case $source in
    *.cc)
      grep -q '^#include <coroutine>' "$source" || try "$source" "$CXX" -std=c++17 c++
      try "$source" "$CXX" -std=c++20 c++ ;;
    *)
      try "$source" "$CC" -std=c11 c
      try "$source" "$CXX" -std=c++17 c++ ;;
  esac
  count=$((count + 1))
done

# A wait can fail with -EINTR after SIGSTOP and SIGCONT, although no handler has run. Such a failure must not end a
# program. A wait with a timeout of 0 does not block, so the failure cannot occur.
grep -LE 'MIO_POLL_RESTART|restart = true' "$tmp"/programs/*.c* >"$tmp/a" || :
[ -n "${MAN_PAGE:-}" ] || at_least 40 "$tmp/a" "programs"
# shellcheck disable=SC2046 # each file name is one word
awk '/"wait"\)|check\(mio_poll_wait/ && before $0 !~ / [!=]= (-EINTR|std::errc::interrupted)\)|, 0\);/ {
    sub(/.*\//, "", FILENAME)
    print FILENAME ": -EINTR of a wait ends the program:" $0
  }
  { before = $0 }' $(cat "$tmp/a") /dev/null >"$tmp/b"
while read -r line; do
  problem "$line"
done <"$tmp/b"
[ ! -s "$tmp/b" ] || mend 'write: if (count != -EINTR) check(count, "wait");'

# Each page of section 3 must have a program, except the pages of the C++ classes.
while read -r page; do
  case $page in
    */cpp/*) ;;
    *.3)
      stem=$(basename "$page" .3 | tr : _)
      [ -e "$tmp/programs/$stem-1.run" ] || problem "$page has no program" ;;
  esac
done <"$tmp/list"
echo "$count programs"
finish
