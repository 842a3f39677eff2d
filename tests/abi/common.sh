# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# This file defines functions for the shell tests. "make check" runs the tests in the build directory. To run one test
# by hand:
#   cd build && ../tests/abi/symbols.sh
# After a failure, a test prints the problem and a way to mend it, then continues. A skipped test prints the reason, and
# exits with status 77.

set -u
export LC_ALL=C
: "${srcdir:=$(dirname "$0")/../..}" "${CC:=cc}" "${CXX:=c++}" "${NM:=nm}" "${READELF:=readelf}" "${SANITIZE:=}"

failed=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mio-test.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
# Some shells do not run the EXIT trap when a signal ends them. The traps below make such a shell exit, so that the
# shell runs the EXIT trap. Otherwise servers in the background would run for ever, because they ignore ^C.
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# problem TEXT...: prints TEXT, and records a failure. The test continues.
problem()
{
  echo "FAILED: $*"
  failed=1
}

# mend TEXT...: prints TEXT, which tells how to mend the problems that the test has just reported.
mend()
{
  echo "  to mend: $*"
}

# link_library: sets $link to the compiler arguments that link a program with the library in the build directory. If the
# build has a static library, the arguments name the static library. Otherwise the arguments name the shared library.
# shellcheck disable=SC2034 # the tests use the arguments
link_library()
{
  link=.libs/libmio.a
  [ -e "$link" ] || link="-L.libs -lmio -Wl,-rpath,$PWD/.libs"
}

finish()
{
  [ $failed -ne 0 ] || echo "ok: $(basename "$0")"
  exit $failed
}

# skip REASON: prints REASON, and ends the test as skipped. REASON says why the test cannot check this build.
skip()
{
  echo "SKIPPED: $*"
  exit 77
}

# missing TOOL PACKAGE: skips the test, because the program TOOL is not installed. The Debian package PACKAGE has this
# program. In .ci/run, the test fails instead.
missing()
{
  if [ "${MIO_CI:-}" = true ]; then
    problem "$1 is missing (Debian package $2)"
    exit 1
  fi
  skip "$1 is missing (Debian package $2)"
}

# need TOOL PACKAGE: skips the test if the command TOOL is not installed. PACKAGE is the Debian package that contains
# TOOL.
need()
{
  command -v "${1%% *}" >/dev/null 2>&1 || missing "$1" "$2"
}

# compare WHAT-A FILE-A WHAT-B FILE-B MEND: checks that the sorted lists FILE-A and FILE-B are equal. WHAT-A and WHAT-B
# are the names of the lists in the messages, and MEND tells how to mend a difference.
compare()
{
  if comm -23 "$2" "$4" | grep . >"$tmp/only" && problem "in $1 but not in $3:"; then
    sed 's/^/    /' "$tmp/only"
    mend "$5"
  fi
  if comm -13 "$2" "$4" | grep . >"$tmp/only" && problem "in $3 but not in $1:"; then
    sed 's/^/    /' "$tmp/only"
    mend "$5"
  fi
}

# at_least COUNT FILE WORD: checks that FILE has at least COUNT lines. Without this check, a test without input would
# pass. The message calls the lines WORD.
at_least()
{
  [ "$(wc -l <"$2")" -ge "$1" ] || problem "found only $(wc -l <"$2") $3: this test no longer reads them"
}

# until_true COMMAND...: runs COMMAND again and again until it succeeds, for at most 20 s.
until_true()
{
  tenths=200
  until "$@" >/dev/null 2>&1; do
    [ $tenths -gt 0 ] || return 1
    tenths=$((tenths - 1))
    sleep 0.1
  done
}

# has_ended PID: succeeds if the child process PID has ended and the shell has not waited for the child yet. To limit
# the time of a process, a test calls has_ended again and again. Do not start a watchdog in the background instead: the
# watchdog would be a forked shell, and after a signal this shell could run the EXIT trap of the test.
has_ended()
{
  case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
    '' | Z*) return 0 ;;
    *) return 1 ;;
  esac
}

# public_headers: prints each public C header once, even if the build directory is the source directory. Leaves out
# include/windows, because only the library for Windows has the functions of these headers.
public_headers()
{
  find "$srcdir/include" -path "$srcdir/include/windows" -prune -o -name '*.h' ! -name version.h -print | sort
  echo include/mio/version.h
}

# The libraries of this build.
shared=.libs/libmio.so.1
static=.libs/libmio.a
need_shared()
{
  [ -e Makefile ] || { problem "run this in a build directory"; exit 1; }
  [ -e "$shared" ] || skip "this build has no shared library"
}
need_static()
{
  [ -e Makefile ] || { problem "run this in a build directory"; exit 1; }
  [ -e "$static" ] || skip "this build has no static library"
}
