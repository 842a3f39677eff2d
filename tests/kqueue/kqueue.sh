#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that the kqueue(2) of the tests behaves like NetBSD's kernel (netbsd.txt), and as the manual pages of the BSDs
# promise (manual.txt). Exceptions are the answers of kqueue.c that differ from netbsd.txt or manual.txt. The comment at
# the top of kqueue.c lists the exceptions. If an answer in this list differs from neither file, the test fails.
. "$(dirname "$0")/../abi/common.sh"

here=$srcdir/tests/kqueue
script=tests/kqueue/script

# Prints a line for each exception in the list of kqueue.c. The line has the form of the script's output: "step: event,
# event".
sed -n -e '/^ \*\/$/q' -e 's/^ \*   = /=/p' -e 's/^ \*   + /+/p' "$here/kqueue.c" |
  awk '/^=/ { if (line) print line; line = substr($0, 2); next } { line = line ", " substr($0, 2) }
    END { print line }' >"$tmp/exceptions"

# expected RECORD: prints the file RECORD. If an exception has the same step as a line of the file, the function prints
# the exception in place of the line. If the exception differs from the line, the function also writes the exception to
# $tmp/used.
expected()
{
  awk -v used="$tmp/used" 'function step(line) { return substr(line, 1, index(line, ": ")) }
    FILENAME == ARGV[1] { exception[step($0)] = $0; next }
    /^#/ { next }
    !(step($0) in exception) { print; next }
    { print exception[step($0)]; if (exception[step($0)] != $0) print exception[step($0)] >>used }' \
    "$tmp/exceptions" "$1"
}

: >"$tmp/used"
for part in netbsd manual; do
  timeout 60 "$script" $part >"$tmp/seen" || problem "script $part ended with $?"
  expected "$here/$part.txt" >"$tmp/expected"
  diff -u --label "expected: $part.txt with the exceptions" --label "what kqueue.c answers" \
    "$tmp/expected" "$tmp/seen" || problem "kqueue.c differs from $part.txt"
done
grep -vxF -f "$tmp/used" "$tmp/exceptions" >"$tmp/unused"
if grep . "$tmp/unused"; then
  problem "the exceptions above, in kqueue.c, are none: no line of netbsd.txt and manual.txt differs from them"
fi

finish
