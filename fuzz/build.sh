#!/bin/bash
# SPDX-License-Identifier: MIT
# build.sh DIRECTORY [CONFIGURE-WORD...]: builds the fuzz targets in DIRECTORY, as OSS-Fuzz expects. The script uses the
# environment variables CC, CXX, CFLAGS, CXXFLAGS and LIB_FUZZING_ENGINE. By default, the script uses Clang, libFuzzer,
# and the sanitizers for addresses and undefined behaviour. The script writes the programs, the dictionaries and the
# corpora to $OUT, by default DIRECTORY/out.
set -euo pipefail
unset CDPATH # otherwise cd may go elsewhere, and prints the directory

source=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:?build.sh DIRECTORY}"
build=$(cd "$1" && pwd)
shift
: "${OUT:=$build/out}" "${CC:=clang}" "${CXX:=clang++}" "${LIB_FUZZING_ENGINE:=-fsanitize=fuzzer}"
: "${CFLAGS=-g -O1 -fsanitize=fuzzer-no-link}" "${CXXFLAGS=$CFLAGS}"
export CC CXX CFLAGS CXXFLAGS LIB_FUZZING_ENGINE

# If CFLAGS already enables a sanitizer, as in a fuzzing service, the script adds no sanitizers.
case $CFLAGS in
  *-fsanitize=address* | *-fsanitize=memory* | *-fsanitize=undefined*) sanitizers=() ;;
  *) sanitizers=('--enable-sanitize=address,undefined') ;;
esac
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
cd "$build"
"$source/configure" --disable-shared "${sanitizers[@]}" "$@"
make -j"$(nproc)" fuzz-targets
for dictionary in "$source"/fuzz/*.dict; do
  target=$(basename "$dictionary" .dict)
  cp "fuzz/$target" "$dictionary" "$OUT/"
  (cd "$source/fuzz/corpus/$target" && cmake -E tar cf "$OUT/${target}_seed_corpus.zip" --format=zip -- *)
done
