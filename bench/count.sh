#!/bin/sh
# SPDX-License-Identifier: MIT
# Counts the cost of libmio: user-mode instructions and system calls per echoed message, on libmio (echo_mio) and
# directly on epoll (echo_raw). Unlike times, counts are the same in each run, even on a busy machine.
#
# usage: count.sh [--check] [BUILD-DIRECTORY]
# With --check, the script fails in three cases: libmio needs more than 1.65 times the instructions of the loop on
# epoll, libmio needs more instructions than the file "ceiling" allows, or libmio makes one system call more than the
# loop on epoll. The exit status is 0 on success, 1 if a count is above its limit, and 2 if counting failed.
set -eu
LC_ALL=C
export LC_ALL

# Each count is the difference between a long run and a short run, so that the costs of start and end cancel out.
short=200
long=1200
connections=16
messages=$(((long - short) * connections))

die()
{
  echo "count.sh: $*" >&2
  exit 2
}

check=no
if [ "${1-}" = --check ]; then
  check=yes
  shift
fi
build=${1-.}
here=$(dirname "$0")
for file in libtool bench/echo_raw bench/echo_mio; do
  [ -x "$build/$file" ] || die "no $build/$file (run make first)"
done
for tool in valgrind strace; do
  command -v $tool >/dev/null || die "$tool is needed and not installed"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

# run LABEL TOOL...: runs a program under a tool. libtool finds the shared library of the build tree.
run()
{
  label=$1
  shift
  "$build/libtool" --mode=execute "$@" >"$work/$label.log" 2>&1 &
  pid=$!
  wait $pid || {
    cat "$work/$label.log" >&2
    die "failed: $*"
  }
}

# instructions PROGRAM ROUNDS: sets instructions to the number of instructions that the server process executes. The
# client is a child process, and callgrind writes the count of the client to another file.
instructions()
{
  run "$1.$2" valgrind --tool=callgrind --trace-children=no --toggle-collect=echo_client_gate \
    --collect-atstart=yes "--callgrind-out-file=$work/$1.$2.%p" "$build/bench/$1" "$2"
  instructions=$(sed -n 's/^summary: *//p' "$work/$1.$2.$pid")
  [ -n "$instructions" ] || die "no count from callgrind for $1"
}

# calls PROGRAM ROUNDS: writes a line "name count" for each system call of the server process. Leaves out readv and
# writev, because only echo_client_gate calls them.
calls()
{
  run "$1.$2" strace -c -o "$work/$1.$2.strace" "$build/bench/$1" "$2"
  awk '$4 ~ /^[0-9]+$/ && $NF != "total" && $NF !~ /^(readv|writev)$/ { print $NF, $4 }' \
    "$work/$1.$2.strace" >"$work/$1.$2.calls"
  [ -s "$work/$1.$2.calls" ] || die "no count from strace for $1"
}

# count PROGRAM: writes a line "what count-per-message" for the instructions and for each system call.
count()
{
  instructions "$1" $short
  few=$instructions
  instructions "$1" $long
  awk -v few="$few" -v many="$instructions" -v messages=$messages \
    'BEGIN { printf "instructions %.2f\n", (many - few) / messages }' >"$work/$1"
  calls "$1" $short
  calls "$1" $long
  awk -v messages=$messages '
    NR == FNR { few[$1] = $2; next }
    { n = $2 - few[$1]; total += n; if (n > messages / 1000) printf "%s %.4f\n", $1, n / messages }
    END { printf "calls %.4f\n", total / messages }' \
    "$work/$1.$short.calls" "$work/$1.$long.calls" >>"$work/$1"
}

count echo_raw
count echo_mio

echo "Per echoed message ($connections connections, 64 bytes, each answered before the next is sent):"
echo
awk -v raw="$work/echo_raw" -v mio="$work/echo_mio" '
  BEGIN {
    while ((getline line < raw) > 0) { split(line, f, " "); r[f[1]] = f[2]; name[f[1]] = 1 }
    while ((getline line < mio) > 0) { split(line, f, " "); m[f[1]] = f[2]; name[f[1]] = 1 }
    printf "%-24s %12s %12s\n", "", "raw epoll", "libmio"
    printf "%-24s %12.1f %12.1f   %.3f of raw\n", "user-mode instructions", r["instructions"],
      m["instructions"], m["instructions"] / r["instructions"]
    printf "%-24s %12.4f %12.4f\n", "system calls", r["calls"], m["calls"]
    delete name["instructions"]
    delete name["calls"]
    for (n in name)
      printf "  %-22s %12.4f %12.4f\n", n, r[n], m[n] | "sort"
  }'

[ $check = yes ] || exit 0

# value PROGRAM WHAT: prints the count of WHAT for the program.
value()
{
  awk -v what="$2" '$1 == what { print $2 }' "$work/$1"
}

# multiply NUMBER FACTOR: prints the product.
multiply()
{
  awk -v number="$1" -v factor="$2" 'BEGIN { printf "%.4f", number * factor }'
}

# at_most WHAT COUNT LIMIT WHY: checks that the count is not above the limit.
at_most()
{
  if awk -v count="$2" -v limit="$3" 'BEGIN { exit !(count <= limit) }'; then
    echo "ok: $1 $2 <= $3 ($4)"
  else
    echo "FAILED: $1 $2 > $3 ($4)"
    failed=yes
  fi
}

failed=no
raw=$(value echo_raw instructions)
mio=$(value echo_mio instructions)
machine=$(uname -m)
ceiling=$(awk -v machine="$machine" '$1 == machine { print $2 }' "$here/ceiling")
echo
at_most instructions "$mio" "$(multiply "$raw" 1.65)" "1.65 times raw epoll"
if [ -n "$ceiling" ]; then
  at_most instructions "$mio" "$ceiling" "recorded in $here/ceiling"
else
  echo "not compared: no ceiling is recorded for $machine in $here/ceiling"
fi
# Sometimes a wait returns before the last message arrives. Such waits add 0.1 % of system calls. If libmio made one
# more call for each wait, the call would add 2 %.
at_most "system calls" "$(value echo_mio calls)" "$(multiply "$(value echo_raw calls)" 1.005)" "raw epoll, rounded up"
[ $failed = no ]
