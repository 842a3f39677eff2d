#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/functions.h has one row for each function that the headers declare, exported or inline, and has no other rows.
# The row has HANDLER if the headers allow the function in a signal handler. The row has KEEPS if the function closes or
# frees an object, because such a function does not change errno. Each exported function has a test of its own. If the
# last release does not export a function, NEWS names the function. tests/api/layout.c compares each constant of the
# headers with its value in the ABI.
. "$(dirname "$0")/common.sh"

cd "$srcdir" || exit 99
table=tests/functions.h

awk -f tests/docs/tight.awk -f tests/docs/headers.awk include/mio.h include/mio/*.h include/mio/version.h.in >"$tmp/facts"
awk -F '\t' '$1 == "function" { print $2 }' "$tmp/facts" | sort >"$tmp/functions"
[ "$(wc -l <"$tmp/functions")" -ge 200 ] || problem "include/mio/*.h: hardly a function found"

# A row may be several lines long: NAME SAFETY.
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

# The rows do not test the purpose of a function, so each exported function needs a test of its own. (The check leaves
# out inline functions, because macros make the names of some inline functions.)
sed -n 's/^ *\(mio_[a-z0-9_]*\);$/\1/p' src/libmio.map | sort >"$tmp/exports"
find tests/api tests/helpers -name '*.c' ! -name 'tour*.c' -exec cat {} + | grep -ow 'mio_[a-z0-9_]*' | sort -u >"$tmp/tested"
for name in $(comm -23 "$tmp/exports" "$tmp/tested"); do
  problem "no test in tests/api calls $name"
done

# Each function that only the DLL exports also needs a test of its own.
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

# NEWS names the functions that this release adds to the previous release. The ABI of the previous release is recorded.
last=$(find tests/abi/recorded -name 'mio-*.abi' | sort -V | tail -n 1)
if [ -n "$last" ]; then
  while read -r name; do
    grep -qw "$name" "$last" || grep -qw "$name" NEWS || problem "NEWS does not name $name, which $last lacks"
  done <"$tmp/exports"
fi

finish
