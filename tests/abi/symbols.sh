#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that libmio.so.1 exports exactly the functions that the headers declare with MIO_API. src/libmio.map and
# debian/libmio1.symbols must have exactly these functions as well. Each function must have the same version node in
# libmio.so.1 as in src/libmio.map. src/libmio_windows.map must have exactly the functions of include/windows.
. "$(dirname "$0")/common.sh"

need_shared
need "$NM" binutils

# Writes a line "name@node" for each function in src/libmio.map.
awk '{ sub(/#.*/, "") }
  /^[A-Z][A-Za-z0-9_.]*[ \t]*\{/ { node = $1; sub(/\{.*/, "", node) }
  { line = $0
    while (match(line, /mio_[A-Za-z0-9_*]*[ \t]*;/)) {
      name = substr(line, RSTART, RLENGTH); sub(/[ \t]*;/, "", name)
      print name "@" node; line = substr(line, RSTART + RLENGTH) } }' "$srcdir/src/libmio.map" | sort >"$tmp/map"
grep . "$tmp/map" >/dev/null || problem "no mio_ name in src/libmio.map"
if grep -F '*' "$tmp/map"; then
  problem "a wildcard in src/libmio.map: no node would say when a function appeared"
fi
if sort -t@ -k1,1 "$tmp/map" | sed 's/@.*//' | uniq -d | grep .; then
  problem "named twice in src/libmio.map"
fi

# Writes a line "name@node" for each symbol that the library defines. nm also lists each node, as a symbol of type A.
# The command leaves out these symbols.
$NM -D --defined-only "$shared" | awk '$2 != "A" { print $3 }' | sed 's/@@/@/' | sort >"$tmp/library"
compare src/libmio.map "$tmp/map" "$shared" "$tmp/library" \
  "each exported function is marked on its definition in src/abi and listed in the newest unreleased node of src/libmio.map; a released one stays for ever"

# exported HEADER...: prints the names of the functions that each HEADER declares with MIO_API. A name is the word
# before the first parenthesis of such a declaration.
exported()
{
  cat "$@" |
    sed -e 's,/\*.*\*/,,' -e '/^[ \t]*#/d' | tr '\n' ' ' | sed -e 's,/\*,\n/*,g' -e 's,\*/,\n,g' | sed -e '/^\/\*/d' |
    tr '\n' ' ' | tr ';' '\n' | sed -n 's/.*MIO_API[^(]* \**\(mio_[A-Za-z0-9_]*\)(.*/\1/p' | sort
}
# shellcheck disable=SC2046 # the path of each header is one word
exported $(public_headers) >"$tmp/headers"
sed 's/@.*//' "$tmp/map" | sort -u >"$tmp/names"
compare src/libmio.map "$tmp/names" "the headers" "$tmp/headers" \
  "a function is declared with MIO_API in include/mio/ and listed in src/libmio.map in the same commit"

# The DLL has more functions than libmio.so.1. The step "windows" of .ci/run compares the exports of the DLL with
# src/libmio.map and src/libmio_windows.map.
exported "$srcdir"/include/windows/mio/*.h >"$tmp/windows_headers"
sed -n 's/^ *\(mio_[a-z0-9_]*\);$/\1/p' "$srcdir/src/libmio_windows.map" | sort >"$tmp/windows_names"
at_least 6 "$tmp/windows_names" "names in src/libmio_windows.map"
compare src/libmio_windows.map "$tmp/windows_names" "include/windows" "$tmp/windows_headers" \
  "a function of Windows alone is declared in include/windows/mio/ and listed in src/libmio_windows.map"

# The tarball of a release has no debian/, because Debian adds its own debian/.
if [ -d "$srcdir/debian" ]; then
  sh "$srcdir/tests/abi/debian_symbols.sh" | sort >"$tmp/wanted"
  sort "$srcdir/debian/libmio1.symbols" >"$tmp/debian" || exit 99
  compare src/libmio.map "$tmp/wanted" debian/libmio1.symbols "$tmp/debian" "make abi-dump"
fi

finish
