#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that the build makes the pages of the C++ classes, also with the awk of macOS and of the BSDs. Checks that
# mio_cpp(7) names each of these classes, and everything else in namespace mio.
. "$(dirname "$0")/common.sh"

top=$(cd "$srcdir" && pwd)
find man/cpp -name '*.3' | sed 's,.*/,,' | sort >"$tmp/a"
at_least 25 "$tmp/a" "pages of classes"

# original-awk is the awk of macOS and of the BSDs. It rejects some expressions that mawk and gawk accept.
if command -v original-awk >/dev/null; then
  mkdir "$tmp/bin"
  ln -s "$(command -v original-awk)" "$tmp/bin/awk"
  if ! PATH=$tmp/bin:$PATH sh "$srcdir/man/cpp/make.sh" "$tmp/made"; then
    problem "man/cpp/make.sh fails with original-awk"
    mend "put parentheses around < and > in the arguments of print and printf"
  else
    for page in man/cpp/*.3; do
      cmp "$page" "$tmp/made/${page##*/}" || problem "original-awk makes another ${page##*/}"
    done
  fi
elif [ "${MIO_CI:-}" = true ]; then
  problem "original-awk is missing (Debian package original-awk)"
else
  echo "note: original-awk is missing, so it has not made the pages"
fi

# A user can have CDPATH in the environment.
(cd "$tmp" && mkdir -p with/path && CDPATH=.:/ sh "$top/man/cpp/make.sh" with/path) || problem "man/cpp/make.sh fails with CDPATH"

# mio_cpp(7) documents the functions and enumerations that no class mentions.
awk -v list=1 -f "$srcdir/man/cpp/page.awk" "$srcdir"/include/mio/*.hpp >"$tmp/list"
at_least 40 "$tmp/list" "names in namespace mio"
awk '$3 == "-" { print $2 }' "$tmp/list" | sort -u >"$tmp/loose"
while read -r name; do
  grep -Eq "^\.(It )?(Fn|Vt) (mio::)?$name( |\$)" "$srcdir/man/mio_cpp.7" ||
    problem "mio::$name is on no page: name it in mio_cpp.7"
done <"$tmp/loose"
# mio_cpp(7) must declare the functions of namespace mio with the same prototypes as the headers.
declared()
{
  names=$(awk '$1 == "function" { print $2 }' "$tmp/list" | sort -u | paste -sd '|' -)
  sed '/^namespace detail/,/namespace detail$/d; s,//.*,,' "$@" | tr -d '[:space:]' | grep -oE "($names)\([^()]*\)noexcept" | sort -u
}
declared "$srcdir"/include/mio/*.hpp >"$tmp/declared"
declared "$srcdir/man/mio_cpp.7" >"$tmp/shown"
at_least 15 "$tmp/declared" "functions in namespace mio"
compare "the headers" "$tmp/declared" "mio_cpp.7" "$tmp/shown" "declare it on the page as in the header"
while read -r page; do
  name=mio::${page%.3}
  grep -q "^\.It Xr $name 3 " "$srcdir/man/mio_cpp.7" || problem "$name is not in the table of mio_cpp.7"
done <"$tmp/a"

finish
