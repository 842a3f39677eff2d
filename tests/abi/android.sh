#!/bin/sh
# SPDX-License-Identifier: MIT
# The step "musl" of .ci/run builds the library with musl. This build of the library does not call the functions that
# Android's API level 21 lacks. Then the step runs this test in the build directory. This test checks that the library
# calls only the functions that android_functions lists. "make check" does not run this test, because "make check" tests
# the library for this system.
. "$(dirname "$0")/common.sh"

need_shared
need "$NM" binutils

list=$srcdir/tests/abi/android_functions
grep -v '^#' "$list" | sort -u >"$tmp/known"
# On Android, the function that returns the location of errno is __errno, not __errno_location.
$NM -D --undefined-only "$shared" | sed -n 's/^ *U \([^@]*\).*/\1/p' | grep -v '^__errno_location$' |
  sort -u >"$tmp/called"
[ -s "$tmp/called" ] || problem "$shared calls nothing"

comm -23 "$tmp/called" "$tmp/known" >"$tmp/new"
while read -r name; do
  problem "$shared calls $name, which $(basename "$list") does not have"
  mend "probe for the function in src/platform.m4, and replace it where it is missing: src/linux/calls.hpp"
done <"$tmp/new"
comm -13 "$tmp/called" "$tmp/known" >"$tmp/unused"
while read -r name; do
  problem "$(basename "$list") has $name, which $shared does not call"
done <"$tmp/unused"
finish
