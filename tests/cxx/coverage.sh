#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests that the C++ headers call every function that include/mio/*.h declares. Comments in the C++ headers must also
# name each function, so that a reader finds its contract. For this test, an exported function and the inline function
# that calls it are one function.
set -u
export LC_ALL=C
top=${srcdir:-$(dirname "$0")/../..}
cd "$top/include" || exit 99
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mio-test.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT

# Finds the names before a parenthesis, outside comments and macros.
awk '{
  rest = $0; code = ""
  while (rest != "") {
    at = index(rest, inside ? "*/" : "/*")
    if (!inside) code = code (at ? substr(rest, 1, at - 1) : rest)
    rest = at ? substr(rest, at + 2) : ""
    if (at) inside = !inside
  }
  if (code !~ /^#/) print code
}' mio/*.h mio/*.h.in | grep -o '\bmio_[a-z0-9_]* *(' | tr -d ' (' | sort -u >"$tmp/functions"

# Finds the inline functions, each with the exported function that it calls.
sed -n -e 's/^MIO_INLINE .*\b\(mio_[a-z0-9_]*\)(.*/\1/p' -e 's/^    \(return \)\{0,1\}\(mio_[a-z0-9_]*\)(.*/calls \2/p' mio/*.h |
  awk '$1 == "calls" { print name, $2; next } { name = $1 }' >"$tmp/behind"
if [ "$(wc -l <"$tmp/behind")" -lt 60 ]; then
  echo "FAILED: found only $(wc -l <"$tmp/behind") calls of inline functions in include/mio/*.h"
  exit 1
fi

# uncovered: reads names of functions, and prints the functions of $tmp/functions that the input does not name. An
# exported function and the inline function that calls it are one function for this check: if the input has one of the
# two names, "uncovered" prints neither name.
uncovered()
{
  awk -v behind="$tmp/behind" '
    BEGIN { while ((getline line <behind) > 0) { split(line, pair, " "); calls[pair[1]] = pair[2] } }
    FNR == NR { found[$1]; if ($1 in calls) found[calls[$1]]; next }
    !($1 in found) && !(calls[$1] in found)' - "$tmp/functions"
}

# names: prints each name in the input that begins with "mio_".
names()
{
  grep -o '\bmio_[a-z0-9_]*\b' | sort -u
}
sed 's,//.*,,' mio.hpp mio/*.hpp | names >"$tmp/code"
sed -n 's,.*//,,p' mio.hpp mio/*.hpp | names >"$tmp/comments"

failed=0
count=$(wc -l <"$tmp/functions")
if [ "$count" -lt 80 ]; then
  echo "FAILED: found only $count functions in include/mio/*.h: this test no longer reads them"
  failed=1
fi
for where in code comments; do
  for name in $(uncovered <"$tmp/$where"); do
    echo "FAILED: $name is not in the $where of the C++ headers"
    failed=1
  done
done
[ $failed -eq 0 ] || echo "  to mend: wrap it in include/mio/*.hpp, with its name in the comment above"
[ $failed -ne 0 ] || echo "ok: $count functions"
exit $failed
