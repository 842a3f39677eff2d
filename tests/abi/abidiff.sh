#!/bin/sh
# SPDX-License-Identifier: MIT
# Compares the ABI of the library with two kinds of recorded ABI:
#   recorded/mio.abi      the ABI of this tree. A commit that changes the ABI must also update this file.
#   recorded/mio-*.abi    the ABI of each release. The library must still have all functions and types of each release.
. "$(dirname "$0")/common.sh"

need_shared
need abidiff abigail-tools
recorded=$srcdir/tests/abi/recorded
[ -e "$recorded/mio.abi" ] || { problem "$recorded/mio.abi is missing"; mend "make abi-dump"; exit 1; }
sh "$srcdir/tests/abi/dump.sh" >"$tmp/now.abi"
status=$?
if [ $status -ne 0 ]; then
  cat "$tmp/now.abi" # prints the reason
  exit $status
fi

# Each architecture has its own sizes and layouts, so compare only with an ABI of the same architecture.
architecture()
{
  sed -n "1s/.* architecture='\([^']*\)'.*/\1/p" "$1"
}
[ "$(architecture "$tmp/now.abi")" = "$(architecture "$recorded/mio.abi")" ] ||
  skip "the ABI is recorded for $(architecture "$recorded/mio.abi"), and this is $(architecture "$tmp/now.abi")"

if ! abidiff --harmless "$recorded/mio.abi" "$tmp/now.abi" >"$tmp/changes" 2>&1; then
  problem "the ABI is not the one of tests/abi/recorded/mio.abi:"
  cat "$tmp/changes"
  mend "if the change is intended and changes nothing released: make abi-dump, and commit its output with the change"
fi

for release in "$recorded"/mio-*.abi; do
  [ -e "$release" ] || continue # no release has a recorded ABI yet
  if ! abidiff --no-added-syms "$release" "$tmp/now.abi" >"$tmp/changes" 2>&1; then
    problem "this breaks programs that were built with ${release##*/}:"
    cat "$tmp/changes"
    mend "never change a released function; give a function with another meaning another name"
  fi
done

finish
