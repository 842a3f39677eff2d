#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that tests/conformance is complete. Each section has a head with the number of its rows. The rows are numbered
# from 1. Each row names a test. A program of "make check" defines this test and adds it to a suite. No two rows of a
# section share a test. Also checks that each line of the threat model in SECURITY names a test.
. "$(dirname "$0")/common.sh"

cd "$srcdir/tests" || exit 99
[ -e conformance ] || { problem "tests/conformance is missing"; exit 1; }

# For each valid row, prints "section number file test". For an invalid row, prints what is wrong. A row that applies to
# only one system names this system and no test. For such a row, prints nothing.
awk -F ' *[|] *' '
  function complain(text) { print "FAILED: tests/conformance, line " NR ": " text > "/dev/stderr"; bad = 1 }
  function close_section() {
    if (section != "" && rows != wanted) complain("[" section "] has " rows " rows, not " wanted)
  }
  /^#/ || /^ *$/ { next }
  /^\[/ {
    close_section()
    if ($0 !~ /^\[[a-z_]+ [1-9][0-9]*\]$/) complain("not a head of a section: " $0)
    split(substr($0, 2), head, "[] ]"); section = head[1]; wanted = head[2]; rows = 0
    if (section in known) complain("[" section "] is there twice")
    known[section] = 1
    next
  }
  { rows++; sub(/^ */, "", $1)
    if (section == "") complain("a row before the first section")
    if ($1 != rows) complain("[" section "] row " $1 " where row " rows " belongs")
    if ($2 == "") complain("[" section "] row " $1 " says nothing")
    if (NF == 3 && ($3 == "windows" || $3 == "kqueue")) next
    if (NF != 4 || $3 == "" || $4 == "") { complain("[" section "] row " $1 " has no test"); next }
    if ((section, $4) in used) complain("[" section "] row " $1 ": row " used[section, $4] " has that test already")
    used[section, $4] = $1
    print section, $1, $3, $4
  }
  END { close_section(); if (NR == 0) complain("nothing there"); exit bad }
' conformance >"$tmp/rows" || failed=1
[ "$(wc -l <"$tmp/rows")" -ge 150 ] || problem "tests/conformance has hardly a row with a test"

# code FILE: prints the content of FILE as one line, without comments.
code()
{
  sed 's,//.*,,' "$1" | tr '\n' ' ' | sed -e 's,/\*,\n&,g' -e 's,\*/,&\n,g' | sed '/^\/\*/d' | tr '\n' ' '
}

# Each line of the threat model in SECURITY begins with "- " and ends with "[FILE TEST]". Adds these tests to $tmp/rows,
# so that the checks below apply to the tests of SECURITY as well as to the tests of tests/conformance.
sed -n '/^Threat model/,/^[A-Z].* versions/p' ../SECURITY | tr -s '\n ' '  ' | sed 's/ - /\n/g' | sed 1d |
  sed 's/ A hostile .*//' >"$tmp/threats"
at_least 25 "$tmp/threats" "lines of the threat model"
sed -n 's/^.*\[\([a-z]*\/[a-z_]*\.[a-z]*\) \([a-z0-9_]*\)\].*$/SECURITY 0 \1 \2/p' "$tmp/threats" >"$tmp/named"
[ "$(wc -l <"$tmp/named")" -eq "$(wc -l <"$tmp/threats")" ] ||
  problem "SECURITY: a line of the threat model names no test"
cat "$tmp/named" >>"$tmp/rows"

# Finds the tests that each file defines, and the tests that each file adds to a suite.
cut -d ' ' -f 3 "$tmp/rows" | sort -u >"$tmp/files"
while read -r file; do
  case $file in
    api/*.c|cxx/*.cc|unit/*.cc|windows/*.c) ;;
    *) problem "tests/conformance: $file is no source of a test program"; continue ;;
  esac
  [ -e "$file" ] || { problem "tests/conformance: there is no tests/$file"; continue; }
  program=tests/${file%.*}
  grep -Eq "[[:space:]]$program([[:space:]]|\$)" module.am || problem "$program is in no list of tests/module.am"
  code "$file" | grep -o 'START_TEST([a-z0-9_]*)' | sed "s,START_TEST(\(.*\)),$file \1," >>"$tmp/defined"
  code "$file" | grep -o 'tcase_add_[a-z_]*test[a-z_]*([^;]*;' |
    sed "s,^[^(]*([^,]*\, *\([a-z0-9_]*\).*,$file \1," >>"$tmp/added"
done <"$tmp/files"

while read -r section row file function; do
  [ -e "$file" ] || continue
  if ! grep -qxF "$file $function" "$tmp/defined"; then
    problem "[$section] row $row: tests/$file does not define $function"
  elif ! grep -qxF "$file $function" "$tmp/added"; then
    problem "[$section] row $row: tests/$file never adds $function to a suite"
  fi
done <"$tmp/rows"
[ $failed -eq 0 ] || mend "a row of tests/conformance stays; rename it with its test, or write the test that it lacks"

finish
