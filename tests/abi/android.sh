#!/bin/sh
# SPDX-License-Identifier: MIT
# The library that configure makes for a system with the functions of Android's API level 21, and no others, calls only
# these: android_functions lists them. Not a part of "make check", which tests the library of this system; .ci/run musl
# builds such a library and runs this test in its directory.
. "$(dirname "$0")/common.sh"

need_shared
need "$NM" binutils

list=$srcdir/tests/abi/android_functions
grep -v '^#' "$list" | sort -u >"$tmp/known"
# Android has another name for the location of errno.
$NM -D --undefined-only "$shared" | sed -n 's/^ *U \([^@]*\).*/\1/p' | grep -v '^__errno_location$' |
  sort -u >"$tmp/called"
[ -s "$tmp/called" ] || problem "$shared calls nothing"

comm -23 "$tmp/called" "$tmp/known" >"$tmp/new"
while read -r name; do
  problem "$shared calls $name, which $(basename "$list") does not have"
  mend "probe for the function in configure.ac, and replace it where it is missing: src/linux/calls.hpp"
done <"$tmp/new"
comm -13 "$tmp/called" "$tmp/known" >"$tmp/unused"
while read -r name; do
  problem "$(basename "$list") has $name, which $shared does not call"
done <"$tmp/unused"
finish
