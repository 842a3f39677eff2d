#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the library into DESTDIR, as a packager does. Then the test does what a user does: it compiles a program with
# pkg-config, links the program with the shared and the static library, and runs it. "make install" must install no file
# that only Windows uses. "make uninstall" must leave no file.
. "$(dirname "$0")/common.sh"

[ -e Makefile ] || { problem "run this in a build directory"; exit 1; }
need pkg-config pkg-config
unset MAKEFLAGS MFLAGS MAKELEVEL

dest=$tmp/dest
${MAKE:-make} install DESTDIR="$dest" >"$tmp/log" 2>&1 || {
  problem "make install DESTDIR=... failed:"
  tail -n 20 "$tmp/log"
  exit 1
}

pc=$(find "$dest" -name mio.pc)
[ -n "$pc" ] || { problem "mio.pc is not installed"; exit 1; }
export PKG_CONFIG_LIBDIR="${pc%/*}" PKG_CONFIG_SYSROOT_DIR="$dest"
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
version=$(pkg-config --modversion mio)
libdir=$(dirname "${pc%/*}")

# "make install" must have installed every header of the source tree, and the generated header.
include=$(find "$dest" -name mio.h)
include=${include%/mio.h}
for header in $(cd "$srcdir/include" && find . -path ./windows -prune -o '(' -name '*.h' -o -name '*.hpp' ')' -print) \
  mio/version.h; do
  [ -e "$include/$header" ] || problem "<$header> is not installed: name it in include/module.am"
done
# The functions of include/windows and man/windows exist only on Windows.
for file in $(cd "$srcdir" && find include/windows man/windows -type f); do
  installed=$(find "$dest" -name "$(basename "$file")")
  [ -z "$installed" ] || problem "$installed is installed, but the library lacks its functions"
done

# "make install" installs a page for every function and class. The page has the name of the function or class, and is
# not empty.
man=$(dirname "$(find "$dest" -name mio_poll.3)")
for name in $(sed -n 's/^FUNCTION(\([a-z0-9_]*\),.*/\1/p' "$srcdir/tests/functions.h") mio::Poll mio::OwnedRegistry; do
  page=$man/$name.3
  [ -e "$page" ] || { problem "$name has no page: add it to NAME of one"; continue; }
  to=$(sed -n 's,^\.so ,,p' "$page")
  grep -q '^\.Sh NAME' "${man%/man3}/${to:-man3/$name.3}" || problem "$name has a page that is empty, or leads nowhere"
done

# Two installations at the same time install the same pages.
${MAKE:-make} install-data-local DESTDIR="$tmp/first" >"$tmp/log1" 2>&1 &
${MAKE:-make} install-data-local DESTDIR="$tmp/second" >"$tmp/log2" 2>&1 ||
  problem "make install-data-local failed: $(tail -n 2 "$tmp/log2")"
wait $! || problem "make install-data-local failed: $(tail -n 2 "$tmp/log1")"
diff -r "$tmp/first" "$tmp/second" >"$tmp/log" || problem "two installations differ: $(head -n 5 "$tmp/log")"

cat >"$tmp/user.c" <<'END'
#include <mio.h>
#include <stdio.h>
#include <string.h>
int main(void)
{
    if (mio_version() != MIO_VERSION || strcmp(mio_version_string(), MIO_VERSION_STRING) != 0)
        return 1;
    return puts(mio_version_string()) < 0;
}
END
sed 's/<mio.h>/<mio.hpp>/' "$tmp/user.c" >"$tmp/user.cc"

# build NAME COMPILER...: compiles the program NAME with the command COMPILER, as a user would, and checks that the
# program prints the version.
build()
{
  name=$1
  shift
  # shellcheck disable=SC2086
  if ! "$@" $SANITIZE -o "$tmp/$name" >"$tmp/log" 2>&1; then
    problem "$name does not build: $*"
    head -n 20 "$tmp/log"
  elif ! said=$(LD_LIBRARY_PATH=$libdir "$tmp/$name") || [ "$said" != "$version" ]; then
    problem "$name says '$said', mio.pc says '$version'"
  fi
}

# Every example is installed, and the examples build in a copy of the installed folder.
installed=$(find "$dest" -type d -path '*/doc/*/examples')
(cd "$srcdir/examples" && find . -name '*.[ch]*' -o -name '*.bt' -o -name '*.py' -o -path './daemon/lookupd.[8st]*' \
  -o -name Makefile -o -name README) | sort >"$tmp/a"
(cd "$installed" && find . -type f) | sort >"$tmp/b"
at_least 45 "$tmp/a" examples
compare examples "$tmp/a" "make install" "$tmp/b" "name the file in nobase_dist_doc_DATA of examples/module.am"
cp -r "$installed" "$tmp/copy"
if ! ${MAKE:-make} -C "$tmp/copy" CC="$CC" CXX="$CXX" CFLAGS="-O0 $SANITIZE" CXXFLAGS="-O0 $SANITIZE" >"$tmp/log" 2>&1; then
  problem "make -C examples failed in a copy:"
  tail -n 20 "$tmp/log"
elif ! said=$(LD_LIBRARY_PATH=$libdir "$tmp/copy/quick_start" 127.0.0.1:0 2>&1); then
  problem "quick_start, built in a copy of the examples: $said"
else
  ${MAKE:-make} -C "$tmp/copy" -q >/dev/null 2>&1 || problem "make -C examples builds the same programs again"
  for header in "$tmp"/copy/*.h "$tmp"/copy/*/*.h*; do
    touch -t 203001010000 "$header"
    ! ${MAKE:-make} -C "$tmp/copy" -q >/dev/null 2>&1 ||
      problem "make -C examples builds no program again after an edit of ${header#"$tmp/copy/"}"
    touch -t 200001010000 "$header"
  done
fi

# shellcheck disable=SC2046,SC2086 # lists of flags
if [ -e "$libdir/libmio.so" ]; then
  build c-shared $CC -std=c11 "$tmp/user.c" $(pkg-config --cflags --libs mio)
  build cxx-shared $CXX -std=c++17 "$tmp/user.cc" $(pkg-config --cflags --libs mio)
  if ! $READELF -d "$tmp/c-shared" | grep -q 'NEEDED.*libmio\.so\.1'; then
    problem "a program linked by pkg-config does not load libmio.so.1"
  fi
fi
# shellcheck disable=SC2046,SC2086
if [ -e "$libdir/libmio.a" ] && [ -z "$SANITIZE" ]; then
  # Some systems lack libc.a. Without libc.a, only libmio is linked statically.
  echo 'int main(void) { return 0; }' >"$tmp/empty.c"
  if $CC -static -o "$tmp/empty" "$tmp/empty.c" 2>/dev/null; then
    all=-static bstatic='' bdynamic=''
  else
    all='' bstatic=-Wl,-Bstatic bdynamic=-Wl,-Bdynamic
  fi
  build c-static $CC $all -std=c11 "$tmp/user.c" $bstatic $(pkg-config --static --cflags --libs mio) $bdynamic
  build cxx-static $CXX $all -std=c++17 "$tmp/user.cc" $bstatic $(pkg-config --static --cflags --libs mio) $bdynamic
fi

# configure --with-pkgconfigdir moves mio.pc. configure --program-prefix does not rename the pages, because the names of
# their aliases would stay the same.
sed 's,^S\["pkgconfigdir"\]=.*,S["pkgconfigdir"]="/elsewhere",
  s,^S\["program_transform_name"\]=.*,S["program_transform_name"]="s/^/old-/",' config.status >"$tmp/config.status"
sh "$tmp/config.status" -q --file="$tmp/Makefile:Makefile.in" || problem "config.status failed"
grep -qx 'pkgconfigdir = /elsewhere' "$tmp/Makefile" ||
  { problem "configure --with-pkgconfigdir does not move mio.pc"; mend "do not set pkgconfigdir in Makefile.am"; }
grep -q '^program_transform_name.*old-' "$tmp/Makefile" && problem "configure --program-prefix renames the manual pages"

# "make uninstall" also removes the site. To make the site, make needs these programs.
if command -v mandoc >/dev/null && command -v source-highlight >/dev/null; then
  ${MAKE:-make} install-html DESTDIR="$dest" >"$tmp/log" 2>&1 || problem "make install-html failed"
  [ -n "$(find "$dest" -name 'mio_poll.3.html')" ] || problem "make install-html installs no site"
fi
${MAKE:-make} uninstall DESTDIR="$dest" >"$tmp/log" 2>&1 || problem "make uninstall failed"
if find "$dest" ! -type d | grep .; then
  problem "make uninstall leaves the files above"
fi

finish
