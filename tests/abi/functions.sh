#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the rows of tests/functions.h. Each function of the headers, exported or inline, has exactly one row. The row
# has HANDLER if the headers allow the function in a signal handler. The row has KEEPS if the function closes or frees
# an object, because such a function does not change errno. Each exported function also has a test of its own. NEWS
# names each function that the last release did not export. tests/api/layout.c compares each constant of the headers
# with its value in the ABI.
. "$(dirname "$0")/common.sh"

cd "$srcdir" || exit 99
table=tests/functions.h

awk -f tests/docs/tight.awk -f tests/docs/headers.awk include/mio.h include/mio/*.h include/mio/version.h.in >"$tmp/facts"
awk -F '\t' '$1 == "function" { print $2 }' "$tmp/facts" | sort >"$tmp/functions"
[ "$(wc -l <"$tmp/functions")" -ge 200 ] || problem "include/mio/*.h: hardly a function found"

# Prints "NAME SAFETY" for each row. SAFETY is HANDLER, KEEPS or PLAIN. A row may be several lines long.
sed -e '/^\/\*.*\*\/$/d' -e '/^\/\*/,/\*\/$/d' "$table" | tr '\n' ' ' | sed 's/FUNCTION(/\n/g' |
  sed -n 's/^\([a-z0-9_]*\),.*), *\(HANDLER\|KEEPS\|PLAIN\),.*/\1 \2/p' | sort >"$tmp/rows"
cut -d' ' -f1 "$tmp/rows" >"$tmp/names"
compare "the headers" "$tmp/functions" "$table" "$tmp/names" "a row for each function, as the others have"

awk -F '\t' '
  NR == FNR { if ($1 == "safety") signals[$2] = $4 == "yes"; next }
  { split($0, row, " ")
    wanted = signals[row[1]] ? "HANDLER" : row[1] ~ /_(close|free)$|_deregister(_handle)?$/ ? "KEEPS" : "PLAIN"
    if (row[2] != wanted) print row[1], "is", row[2] ", not", wanted }' \
  "$tmp/facts" "$tmp/rows" >"$tmp/bad"
while read -r line; do
  problem "$table: $line"
done <"$tmp/bad"
[ ! -s "$tmp/bad" ] || mend "as \"Safety:\" of the header says"

# The tests that use the table check only the rules that all functions share. So a test in tests/api must also call each
# exported function. This script searches the tests for the name of each function. Some inline functions are called only
# through macros that build the name from parts. A search cannot find such a name, so this script leaves out inline
# functions.
sed -n 's/^ *\(mio_[a-z0-9_]*\);$/\1/p' src/libmio.map | sort >"$tmp/exports"
find tests/api tests/helpers -name '*.c' ! -name 'tour*.c' -exec cat {} + | grep -ow 'mio_[a-z0-9_]*' | sort -u >"$tmp/tested"
for name in $(comm -23 "$tmp/exports" "$tmp/tested"); do
  problem "no test in tests/api calls $name"
done

# A test in tests/windows must call each function that only the DLL exports.
sed -n 's/^ *\(mio_[a-z0-9_]*\);$/\1/p' src/libmio_windows.map | sort >"$tmp/exports_windows"
cat tests/windows/*.c | grep -ow 'mio_[a-z0-9_]*' | sort -u >"$tmp/tested"
for name in $(comm -23 "$tmp/exports_windows" "$tmp/tested"); do
  problem "no test in tests/windows calls $name"
done

# Checks that tests/api/layout.c compares each constant of the headers with its value in the ABI. Also checks that each
# socket option has a test.
sed -n 's/^# *define \(MIO_[A-Z0-9_]*\) *(*-*[0-9].*/\1/p' include/mio/*.h | sort >"$tmp/numbers"
[ "$(wc -l <"$tmp/numbers")" -ge 70 ] || problem "include/mio/*.h: hardly a number found"
while read -r name; do
  grep -q "^FROZEN($name, " tests/api/layout.c || problem "tests/api/layout.c does not freeze $name"
  case $name in
    *_SIZE) ;;
    MIO_OPTION_*) grep -qw "$name" tests/api/option*.c || problem "no tests/api/option*.c has $name" ;;
  esac
done <"$tmp/numbers"

# NEWS must name each exported function that the recorded ABI of the previous release lacks.
last=$(find tests/abi/recorded -name 'mio-*.abi' | sort -V | tail -n 1)
if [ -n "$last" ]; then
  while read -r name; do
    grep -qw "$name" "$last" || grep -qw "$name" NEWS || problem "NEWS does not name $name, which $last lacks"
  done <"$tmp/exports"
fi

finish
