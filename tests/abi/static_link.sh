#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that C programs can use libmio.a: cc links it without a C++ library. Each name in libmio.a begins with mio_ or
# is in the C++ namespace mio, so it cannot clash with other names.
. "$(dirname "$0")/common.sh"

need_static
need "$NM" binutils
[ -z "$SANITIZE" ] || skip "cc alone cannot link an archive that was built with sanitizers"

$NM -g --defined-only "$static" 2>/dev/null | awk 'NF == 3 { print $2, $3 }' | sort -u >"$tmp/defined"
grep . "$tmp/defined" >/dev/null || problem "$NM sees no symbol in $static (for LTO objects: NM=gcc-nm)"
# Two kinds of weak symbols may have other names: inline functions of C++ headers, and the symbol that sys/sdt.h
# defines.
grep -vE '^[A-Z] (mio_|_Z[A-Za-z]*3mio)|^[WV] (_Z|_\.stapsdt\.base$)' "$tmp/defined" >"$tmp/strange"
if grep . "$tmp/strange"; then
  problem "the names above are defined in $static and are neither mio_* nor in namespace mio"
  mend "make them static, or put them into namespace mio::impl"
fi

$NM -g --undefined-only "$static" 2>/dev/null | awk 'NF == 2 { print $2 }' | sort -u >"$tmp/wanted"
awk '{ print $2 }' "$tmp/defined" | sort -u >"$tmp/names"
comm -23 "$tmp/wanted" "$tmp/names" | grep -E '^(_Z|__cxa|__gxx|_Unwind)' >"$tmp/runtime"
if grep . "$tmp/runtime"; then
  problem "the symbols above belong to the C++ run time, which a C program does not link"
fi

# The program uses every public function, so that it links every object of the archive.
{
  echo '#include <mio.h>'
  echo '#include <stdio.h>'
  echo 'typedef void (*any)(void);'
  echo 'extern any table[];'
  echo 'any table[] = {'
  sed -n 's/^T \(mio_.*\)/    (any)\1,/p' "$tmp/defined"
  echo '    0 };'
  echo 'int main(void) { return table[0] == 0 || puts(mio_version_string()) < 0; }'
} >"$tmp/all.c"
# shellcheck disable=SC2086 # CC can hold flags
if ! $CC -I"$srcdir/include" -Iinclude -o "$tmp/all" "$tmp/all.c" "$static" >"$tmp/messages" 2>&1; then
  problem "a C program does not link with libmio.a by cc alone:"
  head -n 20 "$tmp/messages"
elif ! "$tmp/all"; then
  problem "a C program linked with libmio.a does not run"
fi

finish
