#!/bin/sh
# SPDX-License-Identifier: MIT
# dump.sh: prints the ABI of this build's shared library in the form of tests/abi/recorded/mio.abi. The output has the
# exported functions and the types that the C headers show. The output has no source locations and no internal types, so
# that only a change of the ABI changes the output.
. "$(dirname "$0")/common.sh"

need_shared
need abidw abigail-tools
[ -z "$SANITIZE" ] || skip "sanitizers add to what the library shows"
$READELF -SW "$shared" | grep -q '\.debug_info' || skip "$shared has no debugging information: configure with -g"

# abidw recognises headers only by their file names. Some .hpp files in src/ have the same names as headers of the C++
# wrapper, so copy only the C headers.
mkdir "$tmp/headers"
# shellcheck disable=SC2046 # one word each
cp $(public_headers) "$tmp/headers" || exit 99

abidw --headers-dir "$tmp/headers" --drop-private-types --exported-interfaces-only --drop-undefined-syms \
  --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed --no-write-default-sizes --type-id-style hash \
  "$shared" >"$tmp/dump" || exit 99
sed "s, path='[^']*src/, path='src/," "$tmp/dump"
