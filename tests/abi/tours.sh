#!/bin/sh
# SPDX-License-Identifier: MIT
# Every test that goes through all functions calls each function that the headers declare, exported or inline, or the
# function is in tests/untoured with the reason why not.
. "$(dirname "$0")/common.sh"

cd "$srcdir" || exit 99

awk -f tests/docs/tight.awk -f tests/docs/headers.awk include/mio.h include/mio/*.h include/mio/version.h.in |
  awk -F '\t' '$1 == "function" { print $2 }' | sort -u >"$tmp/functions"
[ "$(wc -l <"$tmp/functions")" -ge 200 ] || problem "include/mio/*.h: hardly a function found"
: >"$tmp/excused"

# tour NAME MACROS FILE...: the functions that are called in one of these macros
tour()
{
  name=$1 macros=$2
  shift 2
  sed 's,//.*,,' "$@" | tr '\n' ' ' | sed -e 's,/\*,\n&,g' -e 's,\*/,&\n,g' | sed '/^\/\*/d' | tr '\n' ' ' |
    tr ';' '\n' | grep -E "(^|[^A-Z_])($macros)\(" | grep -o 'mio_[a-z0-9_]*(' | tr -d '(' | sort -u |
    comm -12 - "$tmp/functions" >"$tmp/toured"
  awk -v tour="$name" '!/^#/ && $1 == tour && NF > 2 { print $2 }' tests/untoured | sort >"$tmp/exempt"
  sed "s/^/$name /" "$tmp/exempt" >>"$tmp/excused"
  if comm -23 "$tmp/functions" "$tmp/toured" | comm -23 - "$tmp/exempt" | grep . >"$tmp/missing"; then
    problem "no call within $macros, in $*, of:"
    sed 's/^/    /' "$tmp/missing"
    mend "a line there for each, as the others have; or one in tests/untoured that begins with \"$name\""
  fi
  for function in $(comm -12 "$tmp/toured" "$tmp/exempt"); do
    problem "tests/untoured: $name has $function after all"
  done
  for function in $(comm -23 "$tmp/exempt" "$tmp/functions"); do
    problem "tests/untoured: $name: there is no $function"
  done
}

tour tour 'KEEPS|KEEPS_VOID' tests/helpers/tour*.c
tour arguments 'RETURNS|IGNORES' tests/api/arguments*.c
tour syscalls 'CALLS|CALLS_VOID' tests/api/syscalls*.c

awk '!/^#/ && NF > 0 { print $1, $2 }' tests/untoured | sort >"$tmp/lines"
sort "$tmp/excused" | comm -23 "$tmp/lines" - | grep . >"$tmp/bad" &&
  problem "tests/untoured: not a tour, a function and a reason:" && sed 's/^/    /' "$tmp/bad"
uniq -d "$tmp/lines" | grep . && problem "tests/untoured: twice"

finish
