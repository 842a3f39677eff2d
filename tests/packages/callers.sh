#!/bin/bash
# SPDX-License-Identifier: MIT
# callers.sh DIRECTORY BUILD [TAG]: runs programs of the previous release with the library of this tree. TAG is the tag
# of that release. The programs are the C tests at TAG, compiled with the headers and the library at TAG. The script
# runs these programs with the library in the build directory BUILD. The list below has the tests to leave out. These
# tests check something that no release promised.
# shellcheck disable=SC2317 # "check" calls the functions
. "$(dirname "$0")/common.sh"

begin "${1:-}" callers
library=$(cd "${2:?BUILD is missing}" && pwd)/.libs
tag=${3:-$(git -C "$top" describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null)}
if [ -z "$tag" ]; then
  skip "callers" "no release is tagged, so nobody has linked with one"
  check "the library is there" test -e "$library/libmio.so.1"
  finish
fi

# The test "version" requires that the headers and the library have the same version. Here the library has a later
# version, so the script leaves this test out.
excepted=' version '

compile()
{
  mkdir "$work/then" && git -C "$top" archive "$tag" | tar -x -C "$work/then" && cd "$work/then" && autoreconf -fi &&
    ./configure -q --disable-static && make -j"$(nproc)" check TESTS= check_SCRIPTS= \
    check_PROGRAMS="$(cd "$work/then" && echo tests/api/*.c | sed 's/\.c\>//g')"
}

check "compile those of $tag" compile || finish
for program in "$work"/then/tests/api/.libs/*; do
  name=${program##*/}
  case $excepted in *" $name "*) continue ;; esac
  check "$name" env -C "$work/then" LD_LIBRARY_PATH="$library" srcdir="$work/then" "$program"
done
finish
