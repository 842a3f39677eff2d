#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that programs compile on Windows and macOS. On both systems, errno.h must define every error code that the
# headers and the manual use. The headers must also compile for Windows.
#
# MACOS_INCLUDE is a directory with the headers of macOS, such as lib/libc/include/any-macos-any of Zig. If the tools
# for one system are missing, the test checks only the other system. In this case, the test prints the reason and counts
# as skipped. In .ci/run, the test fails instead.
. "$(dirname "$0")/common.sh"

[ -e include/mio/version.h ] || { problem "run this in a build directory"; exit 1; }
mingw=x86_64-w64-mingw32
not_tried=

# lacking REASON: records REASON, which says why the test cannot check one of the systems.
lacking()
{
  [ "${MIO_CI:-}" != true ] || problem "$*"
  not_tried="$not_tried${not_tried:+; }$*"
}

# windows, macos: succeed if the tools for that system are installed.
windows()
{
  command -v "$mingw-gcc-posix" && command -v "$mingw-g++-posix"
}
macos()
{
  command -v clang && [ -e "${MACOS_INCLUDE:-}/errno.h" ]
}
windows >"$tmp/out" || lacking "Windows: no $mingw-g++-posix (Debian package g++-mingw-w64-x86-64-posix)"
macos >"$tmp/out" ||
  lacking "macOS: no clang (Debian package clang), or no headers in MACOS_INCLUDE='${MACOS_INCLUDE:-}'"

# --- Codes ----------------------------------------------------------------------------------------------------------

# Prints the error codes in the headers and the manual. A word is an error code if the errno.h of this system defines
# the word, or if a list of errors in the manual has the word.
# shellcheck disable=SC2046 # each file name is one word
{
  cat $(public_headers) $(find "$srcdir/include" -name '*.hpp')
  grep -h '^\.' "$srcdir"/man/*.[37]
} | grep -oE '\bE[A-Z0-9]{3,}\b|\bEIO\b|\bE2BIG\b' | sort -u >"$tmp/words"
echo '#include <errno.h>' | $CC -E -dM - | sed -n 's/^#define \(E[A-Z0-9]*\) .*/\1/p' | sort -u >"$tmp/known"
{
  comm -12 "$tmp/words" "$tmp/known"
  sed -n 's/^\.It Bq Er \(E[A-Z0-9]*\).*/\1/p; s/^\.Er \(E[A-Z0-9]*\).*/\1/p' "$srcdir"/man/*.[37]
} | sort -u >"$tmp/codes"
[ "$(wc -l <"$tmp/codes")" -ge 45 ] || problem "found only $(wc -l <"$tmp/codes") codes"

{
  echo '#include <errno.h>'
  while read -r code; do
    printf '#ifndef %s\n#error lacks %s\n#endif\n' "$code" "$code"
  done <"$tmp/codes"
} >"$tmp/codes.c"

# try SYSTEM COMPILER FLAG...: checks with COMPILER that the errno.h of SYSTEM defines each error code in $tmp/codes.
try()
{
  system=$1
  shift
  "$@" -fsyntax-only "$tmp/codes.c" >"$tmp/messages" 2>&1 && return
  problem "$system: $(grep -o 'lacks E[A-Z0-9]*' "$tmp/messages" | sort -u | tr '\n' ' ')"
  grep -q 'lacks E' "$tmp/messages" || cat "$tmp/messages"
  mend "return a code that every system has: src/unix/portable_code.cc"
}
# shellcheck disable=SC2086 # CC may be several words
try here $CC
! windows >"$tmp/out" || try Windows $mingw-gcc-posix
! macos >"$tmp/out" || try macOS clang -target x86_64-apple-macos11 -nostdlibinc -isystem "$MACOS_INCLUDE"

# --- Headers --------------------------------------------------------------------------------------------------------

# try_headers LANGUAGE HEADER STANDARD COMPILER FLAG...: checks that HEADER compiles for Windows, as LANGUAGE in the
# version STANDARD. The test lets the compiler generate code, because a mere syntax check overlooks some mistakes.
try_headers()
{
  language=$1 header=$2 standard=$3
  shift 3
  for linkage in -UMIO_STATIC -DMIO_STATIC; do
    echo "#include <$header>" | "$@" -x "$language" "-std=$standard" $linkage -Wall -Wextra -Werror -Wno-unused-function \
      -I"$srcdir/include" -Iinclude -S -o "$tmp/headers.s" - || problem "<$header> does not compile with $1 and $linkage"
  done
}
if windows >"$tmp/out"; then
  try_headers c mio.h c11 $mingw-gcc-posix -fkeep-inline-functions -fkeep-static-functions
  try_headers c++ mio.hpp c++17 $mingw-g++-posix -fkeep-inline-functions
fi

# Checks with Clang that the headers also compile for programs that use the libraries of Microsoft. The check uses the
# headers of mingw-w64. In C++, the headers of mingw-w64 need the macros of GCC.
if windows >"$tmp/out" && command -v clang >"$tmp/out"; then
  msvc='clang --target=x86_64-pc-windows-msvc -nostdinc++'
  for directory in $($mingw-g++-posix -x c++ -E -v - </dev/null 2>&1 | sed -n 's,^ \(/.*\),\1,p' | grep -e c++ -e mingw-w64 \
    -e "$mingw/include"); do
    msvc="$msvc -isystem $directory"
  done
  # shellcheck disable=SC2086 # words
  try_headers c mio.h c11 $msvc
  # shellcheck disable=SC2086
  try_headers c++ mio.hpp c++17 $msvc -fgnuc-version=12 -fno-ms-compatibility -D__declspec=__declspec
fi

[ -z "$not_tried" ] || [ $failed -ne 0 ] || skip "$not_tried"
finish
