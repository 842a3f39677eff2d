#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that every installed header compiles without a warning with GCC and with Clang, even if a file includes it
# twice. The C headers compile as C11, C++17 and C++20. The C++ headers compile as C++17 and C++20, even if the compiler
# disables exceptions and run-time types. <mio.hpp> does not include slow headers. Each header compiles even if other
# headers define macros with common names. Each constant in the headers is a plain number. No line is longer than 120
# columns. The test checks the length, because clang-format does not wrap comments.
. "$(dirname "$0")/common.sh"

[ -e include/mio/version.h ] || { problem "run this in a build directory"; exit 1; }

warn='-pedantic-errors -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wundef -Wcast-qual -Werror'
c_headers=$(public_headers | sed 's,.*include/,,')
cxx_headers=$(cd "$srcdir/include" && find . -path ./windows -prune -o -name '*.hpp' -print | sed 's,^\./,,' | sort)

# try COMPILER LANGUAGE HEADER FLAG...: compiles a file that includes HEADER twice and nothing else. Reports a problem
# if the compiler warns. LANGUAGE is the suffix of the file.
try()
{
  compiler=$1 language=$2 header=$3
  shift 3
  printf '#include <%s>\n#include <%s>\nextern int mio_probe;\nint mio_probe;\n' "$header" "$header" >"$tmp/alone.$language"
  # shellcheck disable=SC2086 # compiler and warn can hold several words
  $compiler "$@" $warn -I"$srcdir/include" -Iinclude -fsyntax-only "$tmp/alone.$language" >"$tmp/messages" 2>&1 || {
    problem "<$header> alone does not compile cleanly with: $compiler $*"
    sed 's/^/    /' "$tmp/messages" | head -n 20
  }
}

# each_c COMPILER: tries each header with this C compiler. each_cxx COMPILER: tries each header with this C++ compiler.
each_c()
{
  for header in $c_headers; do
    try "$1" c "$header" -std=c11
  done
}
each_cxx()
{
  for std in 17 20; do
    for header in $c_headers $cxx_headers; do
      try "$1" cc "$header" -std=c++$std -Wold-style-cast
    done
    for header in $cxx_headers; do
      try "$1" cc "$header" -std=c++$std -fno-exceptions -fno-rtti
    done
  done
}

# <mio.hpp> must not include any of the headers that the loop below names, because each of them would make a program
# take 25% longer to compile. Without them, a program with <mio.hpp> compiles four times as fast as a program with asio.
echo '#include <mio.hpp>' >"$tmp/included.cc"
$CXX -std=c++17 -M -I"$srcdir/include" -Iinclude "$tmp/included.cc" >"$tmp/dependencies" || problem "no dependencies"
for header in algorithm functional iostream memory vector; do
  grep -q "/$header\( \|\$\)" "$tmp/dependencies" && problem "<mio.hpp> includes <$header>"
done

each_c "$CC"
each_cxx "$CXX"
for pair in gcc:g++ clang:clang++; do
  c=${pair%:*} cxx=${pair#*:}
  [ "$c" != "${CC%% *}" ] || continue
  if command -v "$c" >/dev/null && command -v "$cxx" >/dev/null; then
    each_c "$c"
    each_cxx "$cxx"
  elif [ "${MIO_CI:-}" = true ]; then
    problem "$c and $cxx are missing"
  else
    echo "note: not tried with $c, which is not installed"
  fi
done
[ $failed -eq 0 ] || mend "include what the header uses, in the header; no extensions"

# Headers of other projects define macros with common names. For example, <windows.h> defines max, <X11/X.h> defines
# None, and Qt defines signals. Such a header may come before the headers of mio. The standard headers come first,
# because they use some of these names.
{
  sed -n '/^#include <[a-z_]*\(\.h\)*>/p' "$srcdir"/include/mio/*.h "$srcdir"/include/mio/*.hpp | sort -u
  while read -r macro; do
    printf '#undef %s\n#define %s\n' "${macro%%[ (]*}" "$macro"
  done <<'END'
Always 2
Bool int
ERROR 0
IN
None 0L
OUT
Status int
Success 0
True 1
check(assertion)
emit
far
foreach(variable, container) for (variable : container)
forever for (;;)
interface struct
major(device) ((device) >> 8)
max(a, b) (((a) > (b)) ? (a) : (b))
min(a, b) (((a) < (b)) ? (a) : (b))
minor(device) ((device) & 255)
near
signals public
slots
small char
END
} >"$tmp/macros.h"
# shellcheck disable=SC2086 # CXX can hold several words
for header in mio.h mio.hpp; do
  printf '#include "macros.h"\n#include <%s>\n' $header >"$tmp/macros.cc"
  $CXX -std=c++17 -I"$srcdir/include" -Iinclude -fsyntax-only "$tmp/macros.cc" >"$tmp/messages" 2>&1 || {
    problem "<$header> does not compile after the macros of other projects:"
    grep error "$tmp/messages" | sed 's/^/    /' | head -n 5
    mend "choose another name, or write (max)()"
  }
done

# Some tools make bindings for other languages. Such a tool reads a constant only if its value is a literal or another
# constant. The tool skips UINT32_C(1), and expressions with other macros.
literal='-?(0x[0-9a-fA-F]+|[0-9]+)u?|"[^"]*"'
# shellcheck disable=SC2046 # a list of files
sed -n 's,[ ]*/\*.*,,; s/^#define \(MIO_[A-Z0-9_]*\) \(.*\)/\1 \2/p' $(public_headers) |
  grep -vE '^MIO_(API|INLINE|BEGIN_DECLS|END_DECLS|MUST_CHECK|[A-Z_]*_INIT) ' >"$tmp/constants"
[ "$(wc -l <"$tmp/constants")" -ge 100 ] || problem "found only $(wc -l <"$tmp/constants") constants"
grep -vE "^MIO_[A-Z0-9_]+ \(?($literal|MIO_[A-Z0-9_]+)\)?\$" "$tmp/constants" >"$tmp/computed"
if [ -s "$tmp/computed" ]; then
  problem "constants that are not plain numbers:"
  sed 's/^/    /' "$tmp/computed"
  mend "write 0x1u, -1 or \"text\""
fi

find "$srcdir/include" -name '*.h*' -exec awk 'length > 120 { print FILENAME ":" FNR }' {} + >"$tmp/long"
if [ -s "$tmp/long" ]; then
  problem "lines of more than 120 columns:"
  sed 's/^/    /' "$tmp/long"
fi

finish
