# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# This file defines functions for the tests of the manual. pages.awk extracts names, errors and other facts from the
# manual into $tmp/pages. headers.awk extracts facts from the headers into $tmp/headers.

. "$(dirname "$0")/../abi/common.sh"

[ -e include/mio/version.h ] || { problem "run this in a build directory"; exit 1; }
docs=$srcdir/tests/docs

# $tmp/real lists only the pages of the C functions. The pages of the C++ classes are in man/cpp of the build directory.
# man_windows.sh tests the pages of man/windows.
: "${page_folder:=man}"
find "$srcdir/$page_folder" -maxdepth 1 -name '*.[37]' | sort >"$tmp/real"
[ -e man/cpp/made ] || { problem "run make before"; exit 1; }
# shellcheck disable=SC2046 # the name of each page is one word
awk -f "$docs/tight.awk" -f "$docs/pages.awk" $(cat "$tmp/real") | sort -u >"$tmp/pages"
# shellcheck disable=SC2046
awk -f "$docs/tight.awk" -f "$docs/headers.awk" $(public_headers) >"$tmp/headers"

# fact FILE KIND FIELD...: selects the lines of FILE with KIND in the first column. Prints the columns FIELD of these
# lines, sorted.
fact()
{
  facts=$1 kind=$2
  shift 2
  awk -F '\t' -v kind="$kind" -v list="$*" '
    BEGIN { n = split(list, field, " ") }
    $1 == kind { for (i = 1; i <= n; i++) printf "%s%s", $field[i], i < n ? " " : "\n" }
  ' "$facts" | sort -u
}

# libraries_of STEM: STEM is the path of a page's program, without the suffix. The program may need libraries besides
# mio. Sets $libraries to the compiler flags for these libraries. If a library is not installed, the function returns 1.
# In .ci/run, the function then also reports a problem, and so the test fails.
# shellcheck disable=SC2034 # the tests use $libraries
libraries_of()
{
  libraries=
  [ -e "$1.needs" ] || return 0
  read -r package module <"$1.needs"
  libraries=$(pkg-config --cflags --libs "$module" 2>/dev/null) && return 0
  if [ "${MIO_CI:-}" = true ]; then
    problem "$(basename "$1"): $module is missing (Debian package $package)"
  else
    echo "note: $module is missing (Debian package $package), so the program $(basename "$1") was not tried"
  fi
  return 1
}
