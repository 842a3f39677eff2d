#!/bin/sh
# SPDX-License-Identifier: MIT
# dump.sh: prints the ABI of this build's shared library, in the format of tests/abi/recorded/mio.abi. The output lists
# the exported functions and the types in the C headers. It has no source locations and no internal types. So the output
# changes only if the ABI changes.
. "$(dirname "$0")/common.sh"

need_shared
need abidw abigail-tools
[ -z "$SANITIZE" ] || skip "sanitizers add to what the library shows"
$READELF -SW "$shared" | grep -q '\.debug_info' || skip "$shared has no debugging information: configure with -g"

# abidw recognises a header only by its file name. Some headers in src/ and in the C++ wrapper have the same file name.
# So copy only the C headers.
mkdir "$tmp/headers"
# shellcheck disable=SC2046 # the path of each header is one word
cp $(public_headers) "$tmp/headers" || exit 99

abidw --headers-dir "$tmp/headers" --drop-private-types --exported-interfaces-only --drop-undefined-syms \
  --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed --no-write-default-sizes --type-id-style hash \
  "$shared" >"$tmp/dump" || exit 99
sed "s, path='[^']*src/, path='src/," "$tmp/dump"
