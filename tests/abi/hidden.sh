#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that a shared library that uses mio exports no names of mio. The functions that the headers define are hidden
# in C++ and static in C. A function stays hidden or static with and without optimisation, whether code calls the
# function or takes its address.
. "$(dirname "$0")/common.sh"

need_shared
need "$NM" binutils
[ -e include/mio/version.h ] || { problem "run this in a build directory"; exit 1; }

# Writes a source file that takes the address of every inline function, so that the compiler must make a symbol for each
# function. The symbol must be hidden.
# shellcheck disable=SC2046 # the path of each header is one word
awk -f "$srcdir/tests/docs/tight.awk" -f "$srcdir/tests/docs/headers.awk" $(public_headers) |
  awk -F '\t' '$1 == "function" { print $2 }' | sort -u >"$tmp/declared"
sed -n 's/^ *\(mio_[a-z0-9_]*\);.*/\1/p' "$srcdir/src/libmio.map" | sort -u | comm -23 "$tmp/declared" - >"$tmp/inline"
[ "$(wc -l <"$tmp/inline")" -ge 60 ] || problem "hardly an inline function found in include/mio/*.h"

{
  printf '#include <mio.h>\ntypedef void function(void);\nextern function *const library_functions[];\n'
  printf 'function *const library_functions[] = {\n'
  sed 's/.*/    (function *)&,/' "$tmp/inline"
  printf '};\nint library_read(mio_tcp_stream *stream);\nint library_read(mio_tcp_stream *stream)\n{\n'
  printf '    char byte;\n    return (int)mio_tcp_stream_read(stream, &byte, 1);\n}\n'
} >"$tmp/library.c"
{
  printf '#include <mio.hpp>\n'
  sed -e '/^#include/d' -e 's/^int library_read/extern "C" int library_read/' "$tmp/library.c"
  printf 'int library_move(mio::TcpStream &left, mio::TcpStream &right);\n'
  printf 'int library_move(mio::TcpStream &left, mio::TcpStream &right)\n{\n    left = std::move(right);\n'
  printf '    return left.is_open() ? 1 : 0;\n}\n'
} >"$tmp/library.cc"

# try COMPILER SOURCE FLAG...: makes a shared library from SOURCE, and checks that this library exports no name of mio.
try()
{
  compiler=$1 source=$2
  shift 2
  # shellcheck disable=SC2086 # compiler can hold several words
  $compiler "$@" -Wno-cast-function-type -fPIC -shared -I"$srcdir/include" -Iinclude -o "$tmp/library.so" "$source" \
    "$shared" >"$tmp/messages" 2>&1 || {
    problem "no library with: $compiler $*"
    head -n 20 "$tmp/messages"
    return
  }
  $NM -D --defined-only "$tmp/library.so" | awk '{ print $3 }' >"$tmp/exports"
  grep -q library_read "$tmp/exports" || problem "$compiler $*: the library exports nothing of its own"
  if grep '^mio_' "$tmp/exports"; then
    problem "a library made with $compiler $* exports these names of mio"
    mend "a function that a header defines is MIO_INLINE"
  fi
}

for flags in -O0 -O2; do
  try "$CC" "$tmp/library.c" -std=c11 $flags
  for std in 17 20; do
    try "$CXX" "$tmp/library.cc" -std=c++$std $flags
  done
  if command -v clang++ >/dev/null; then
    try clang "$tmp/library.c" -std=c11 $flags
    try clang++ "$tmp/library.cc" -std=c++17 $flags
  elif [ "${MIO_CI:-}" = true ]; then
    problem "clang is missing (Debian package clang)"
  fi
done

finish
