#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that no code of the library runs before main. The objects have no initialisers. The shared library has only the
# initialisers that cc puts even into an empty shared library.
. "$(dirname "$0")/common.sh"

need "$READELF" binutils
need "$NM" binutils
[ -e Makefile ] || { problem "run this in a build directory"; exit 1; }
[ -z "$SANITIZE" ] || skip "sanitizers add initialisers of their own"

# The objects of the shared library (in .libs) and of the static library.
find src -name '*.o' | sort >"$tmp/objects"
grep . "$tmp/objects" >/dev/null || problem "no objects below src/: build first"
while read -r object; do
  if $READELF -SW "$object" | grep -E '\.(init_array|ctors|preinit_array)' >"$tmp/found"; then
    problem "$object has initialisers:"
    cat "$tmp/found"
  fi
  if $NM "$object" 2>/dev/null | grep -E '_GLOBAL__(sub_)?I_' >"$tmp/found"; then
    problem "$object has a static constructor:"
    cat "$tmp/found"
  fi
done <"$tmp/objects"
[ $failed -eq 0 ] || mend "make the object constinit or constexpr, or put it into the object that the caller owns"

# Link-time optimisation can add initialisers, so the test also checks the linked result.
if [ -e "$shared" ]; then
  entries()
  {
    $READELF -SW "$1" | sed 's/^.*\] *//' | awk '$1 ~ /^\.(init_array|ctors|preinit_array)/ { print $1, $5 }'
  }
  echo 'extern int mio_nothing; int mio_nothing;' >"$tmp/empty.c"
  # shellcheck disable=SC2086 # CC can hold flags
  $CC -shared -fPIC -o "$tmp/empty.so" "$tmp/empty.c" || exit 99
  entries "$shared" >"$tmp/ours"
  entries "$tmp/empty.so" >"$tmp/theirs"
  if ! cmp -s "$tmp/ours" "$tmp/theirs"; then
    problem "the initialisers of $shared (section, size) are not those of an empty library:"
    diff "$tmp/theirs" "$tmp/ours"
    mend "find the static constructor: $NM .libs/libmio.a | grep _GLOBAL__"
  fi
fi

finish
