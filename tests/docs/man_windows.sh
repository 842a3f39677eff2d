#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that man/windows and include/windows have the same names, prototypes, structures, errors and rules for threads.
# The programs in man/windows must compile for Windows. The other tests of the manual skip man/windows and
# include/windows.
# shellcheck disable=SC2034 # common.sh reads page_folder
page_folder=man/windows
. "$(dirname "$0")/common.sh"

awk -f "$docs/tight.awk" -f "$docs/headers.awk" "$srcdir"/include/windows/mio/*.h >"$tmp/headers"
fact "$tmp/headers" function 2 >"$tmp/functions"
at_least 8 "$tmp/functions" "functions in include/windows/mio/*.h"

# agree WHAT: compares two lists of facts. $tmp/a has the facts of the headers, and $tmp/b has the facts of the pages.
# WHAT is the name of the facts in messages, for example "prototypes".
agree()
{
  at_least 1 "$tmp/a" "$1 in the headers"
  compare "$1 of the headers" "$tmp/a" "$1 of man/windows" "$tmp/b" "copy the header to the page; see CONTRIBUTING, Manual"
}

fact "$tmp/headers" type 2 | sort - "$tmp/functions" >"$tmp/a"
fact "$tmp/pages" name 3 >"$tmp/b"
agree names

fact "$tmp/headers" function 2 3 >"$tmp/a"
fact "$tmp/pages" prototype 3 4 >"$tmp/b"
agree prototypes

fact "$tmp/headers" struct 2 3 >"$tmp/a"
fact "$tmp/pages" struct 3 4 >"$tmp/b"
agree structures

fact "$tmp/headers" safety 2 3 4 >"$tmp/a"
fact "$tmp/pages" attribute 3 4 5 >"$tmp/b"
agree attributes

awk -F '\t' '$1 == "errors" { n = split($5, code, " "); for (i = 1; i <= n; i++) print $2, code[i] }' "$tmp/headers" |
  sort >"$tmp/a"
fact "$tmp/pages" error 3 4 >"$tmp/b"
agree errors

# Each macro of the headers must be on a page of man/windows, or in a list in mio_windows(7), which describes the
# options.
{
  fact "$tmp/pages" macro 3
  sed -n 's/^\.It Dv \(MIO_[A-Z_]*\)$/\1/p' "$srcdir/man/mio_windows.7"
} | sort -u >"$tmp/macros"
fact "$tmp/headers" macro 2 | comm -23 - "$tmp/macros" >"$tmp/only"
[ ! -s "$tmp/only" ] || problem "on no page: $(tr '\n' ' ' <"$tmp/only")"

while read -r page; do
  for title in NAME LIBRARY SYNOPSIS DESCRIPTION 'RETURN VALUES' EXAMPLES ERRORS ATTRIBUTES NOTES 'SEE ALSO' HISTORY; do
    grep -q "^\.Sh $title\$" "$page" || problem "$page has no section $title"
  done
  awk 'length > 80 { print FILENAME ":" FNR ": more than 80 columns" }' "$page" >"$tmp/only"
  [ ! -s "$tmp/only" ] || problem "$(cat "$tmp/only")"
done <"$tmp/real"

if command -v mandoc >/dev/null; then
  xargs mandoc -T lint -W style <"$tmp/real" 2>"$tmp/notes" | grep -v 'STYLE: referenced manual not found' >"$tmp/only"
  [ ! -s "$tmp/only" ] || problem "$(cat "$tmp/only")"
else
  echo "note: mandoc is not installed"
fi

mingw=x86_64-w64-mingw32-gcc
mkdir "$tmp/programs"
xargs awk -v dir="$tmp/programs" -f "$docs/programs.awk" <"$tmp/real" >/dev/null
find "$tmp/programs" -name '*.c' >"$tmp/list"
at_least 1 "$tmp/list" "programs on the pages"
if command -v $mingw >/dev/null; then
  while read -r program; do
    $mingw -std=c11 -pedantic-errors -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Werror -fsyntax-only \
      -I"$srcdir/include" -I"$srcdir/include/windows" -Iinclude "$program" >"$tmp/messages" 2>&1 ||
      problem "$(basename "$program"): $(cat "$tmp/messages")"
  done <"$tmp/list"
elif [ "${MIO_CI:-}" = true ]; then
  problem "$mingw is missing (Debian package gcc-mingw-w64-x86-64)"
else
  echo "note: $mingw is not installed, so no program was compiled"
fi

finish
