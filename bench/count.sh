#!/bin/sh
# SPDX-License-Identifier: MIT
# Counts the costs of libmio. Unlike times, counts are the same in each run, even on a busy machine. The script counts:
#
#  - the user-mode instructions and the system calls for an echoed message, with libmio (echo_mio) and with epoll alone
#    (echo_raw)
#  - the user-mode instructions for other operations, with libmio (peers/mio) and with epoll alone (peers/raw)
#  - the allocations after start-up
#  - the relocations and the size of the library
#
# usage: count.sh [--check] [BUILD-DIRECTORY]
# With --check, the script fails in these cases:
#
#  - echo_mio needs more than 1.6 times the instructions of echo_raw.
#  - echo_mio makes over 0.5 % more system calls than echo_raw.
#  - A count is above its limit in the file "ceiling".
#
# The exit status is 0 on success, 1 if a count is above its limit, and 2 if the script could not count.
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH # otherwise cd may go elsewhere, and prints the directory

# Each count is the difference between a long run and a short run, so that the costs of start and end cancel out.
short=200
long=1200
connections=16
messages=$(((long - short) * connections))
# The programs in bench/peers print a time. The instructions for printing vary from run to run, so the script runs these
# programs with many operations.
operations='wake wakewait wait0 wait512 register'
few=20
many=10020

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
build=$(cd "${1-.}" && pwd)
here=$(dirname "$0")
for file in libtool bench/echo_raw bench/echo_mio bench/peers/raw bench/peers/mio bench/.libs/alloc_count.so; do
  [ -e "$build/$file" ] || die "no $build/$file (run make bench)"
done
for tool in valgrind strace readelf size; do
  command -v $tool >/dev/null || die "$tool is needed and not installed"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

# run LABEL WORD...: runs the command WORD..., and writes its output to LABEL.log. The first WORD is a tool, such as
# valgrind, and the last words are the program that the tool runs. libtool makes this program use the shared library of
# the build tree.
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

# instructions PROGRAM ARGUMENT...: runs PROGRAM, and sets the variable "instructions" to the number of instructions
# that this process executes. The client of an echo server is a child process. callgrind writes a separate file for a
# child process, so the number does not include the instructions of the client.
instructions()
{
  run callgrind valgrind --tool=callgrind --trace-children=no --toggle-collect=echo_client_gate \
    --collect-atstart=yes "--callgrind-out-file=$work/callgrind.%p" "$build/bench/$1" "$2" ${3+"$3"}
  instructions=$(sed -n 's/^summary: *//p' "$work/callgrind.$pid")
  [ -n "$instructions" ] || die "no count from callgrind for $1"
}

# calls PROGRAM ROUNDS: runs the server PROGRAM with ROUNDS messages on each connection. For each system call of the
# server process, writes a line "NAME COUNT" to PROGRAM.ROUNDS.calls. Leaves out readv and writev, because only
# echo_client_gate calls them.
calls()
{
  run "$1.$2" strace -c -o "$work/$1.$2.strace" "$build/bench/$1" "$2"
  awk '$4 ~ /^[0-9]+$/ && $NF != "total" && $NF !~ /^(readv|writev)$/ { print $NF, $4 }' \
    "$work/$1.$2.strace" >"$work/$1.$2.calls"
  [ -s "$work/$1.$2.calls" ] || die "no count from strace for $1"
}

# difference NAME LESS MORE DIVISOR: prints a line with NAME and (MORE - LESS) / DIVISOR.
difference()
{
  awk -v name="$1" -v less="$2" -v more="$3" -v divisor="$4" \
    'BEGIN { printf "%s %.2f\n", name, (more - less) / divisor }'
}

# count_messages PROGRAM: runs the server PROGRAM, and writes the counts for one message to the file PROGRAM. The file
# has a line "NAME COUNT" for the instructions, for each system call, and for all system calls together.
count_messages()
{
  instructions "$1" $short
  less=$instructions
  instructions "$1" $long
  difference instructions "$less" "$instructions" $messages >"$work/$1"
  calls "$1" $short
  calls "$1" $long
  awk -v messages=$messages '
    NR == FNR { few[$1] = $2; next }
    { n = $2 - few[$1]; total += n; if (n > messages / 1000) printf "%s %.4f\n", $1, n / messages }
    END { printf "calls %.4f\n", total / messages }' \
    "$work/$1.$short.calls" "$work/$1.$long.calls" >>"$work/$1"
}

# count_operations PEER: runs bench/peers/PEER, and counts the instructions of each operation. For each operation,
# writes a line "NAME COUNT" to the file PEER.
count_operations()
{
  for operation in $operations; do
    instructions "peers/$1" "$operation" $few
    less=$instructions
    instructions "peers/$1" "$operation" $many
    difference "$operation" "$less" "$instructions" $((many - few))
  done >"$work/$1"
}

# allocations OPERATION COUNT: runs bench/peers/mio, which repeats the given operation COUNT times. Sets the variable
# "allocations" to the number of allocations of this process.
allocations()
{
  rm -f "$work/allocations"
  run allocations env ALLOC_COUNT_FILE="$work/allocations" LD_PRELOAD="$build/bench/.libs/alloc_count.so" \
    "$build/bench/peers/mio" "$1" "$2"
  allocations=$(od -An -t u8 "$work/allocations")
}

# count_library: prints three lines "NAME COUNT". The counts are the allocations of all operations after start-up, the
# relocations of the library, and the size of its code and constant data.
count_library()
{
  sum=0
  for operation in $operations; do
    allocations "$operation" $few
    sum=$((sum - allocations))
    allocations "$operation" $many
    sum=$((sum + allocations))
  done
  echo "allocations $sum"
  readelf -rW "$library" | awk '$3 ~ /^R_/ { n++ } END { print "relocations", n + 0 }'
  size "$library" | awk 'NR == 2 { print "text", $1 }'
}

library=$build/.libs/libmio.so
count_messages echo_raw
count_messages echo_mio
count_operations raw
count_operations mio
count_library >"$work/library"

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
echo
echo "User-mode instructions of an operation:"
echo
paste -d ' ' "$work/raw" "$work/mio" | awk '{ printf "%-24s %12.1f %12.1f\n", $1, $2, $4 }'
echo
echo "The library:"
echo
awk '{ printf "%-24s %25d\n", $1, $2 }' "$work/library"

[ $check = yes ] || exit 0

# value FILE WHAT: finds the line "WHAT COUNT" in FILE, and prints the count.
value()
{
  awk -v what="$2" '$1 == what { print $2 }' "$work/$1"
}

# multiply NUMBER FACTOR: prints the product of NUMBER and FACTOR.
multiply()
{
  awk -v number="$1" -v factor="$2" 'BEGIN { printf "%.4f", number * factor }'
}

# at_most WHAT COUNT LIMIT WHY: checks that COUNT is at most LIMIT, and prints the result. WHAT is the name of the
# count, and WHY is the reason for the limit.
at_most()
{
  if awk -v count="$2" -v limit="$3" 'BEGIN { exit !(count <= limit) }'; then
    echo "ok: $1 $2 <= $3 ($4)"
  else
    echo "FAILED: $1 $2 > $3 ($4)"
    failed=yes
  fi
}

# below_ceiling FILE WHAT NAME: reads the count WHAT from FILE, and the limit NAME from the file "ceiling". Checks that
# the count is at most the limit.
below_ceiling()
{
  limit=$(awk -v machine="$(uname -m)" -v name="$3" '($1 == machine || $1 == "any") && $2 == name { print $3 }' \
    "$here/ceiling")
  if [ -n "$limit" ]; then
    at_most "$3" "$(value "$1" "$2")" "$limit" "recorded in $here/ceiling"
  else
    echo "not compared: no ceiling of $3 is recorded for $(uname -m) in $here/ceiling"
  fi
}

failed=no
echo
at_most instructions "$(value echo_mio instructions)" "$(multiply "$(value echo_raw instructions)" 1.6)" \
  "1.6 times raw epoll"
below_ceiling echo_mio instructions message
for operation in $operations; do
  below_ceiling mio "$operation" "$operation"
done
for count in allocations relocations text; do
  below_ceiling library $count $count
done
# Sometimes a wait returns before the last message arrives. Such waits add 0.1 % to the system calls. If libmio made one
# more call for each wait, the call would add 2 %.
at_most "system calls" "$(value echo_mio calls)" "$(multiply "$(value echo_raw calls)" 1.005)" "raw epoll, rounded up"
[ $failed = no ]
