#!/bin/bash
# SPDX-License-Identifier: MIT
# rpm.sh DIRECTORY: makes the RPM packages from the release tarball by rpm/mio.spec, with the flags that Fedora hardens
# its packages with, looks at them, installs them with rpm into a bare system, compiles against them, and removes them.
# MIO_RPM_CHECK=1 runs the tests in %check.
# shellcheck disable=SC2317 # "check" calls the functions
. "$(dirname "$0")/common.sh"

begin "${1:-}" rpm

# What redhat-rpm-config gives a build on x86_64, but for its compiler's plug-ins, which only Fedora has.
flags='-O2 -flto=auto -ffat-lto-objects -fexceptions -g -grecord-gcc-switches -pipe -Wall -Werror=format-security'
flags+=' -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3 -Wp,-D_GLIBCXX_ASSERTIONS -fstack-protector-strong'
flags+=' -fasynchronous-unwind-tables -fstack-clash-protection -fno-omit-frame-pointer'
[ "$(uname -m)" != x86_64 ] || flags+=' -m64 -march=x86-64 -mtune=generic -fcf-protection -mno-omit-leaf-frame-pointer'
link_flags='-Wl,-z,relro -Wl,--as-needed -Wl,-z,pack-relative-relocs -Wl,-z,now'

build()
{
  local line check=--nocheck
  line=$(readme rpmbuild) && make_tarball && mkdir "$work/top" && mv "$tarball" "$work/top" || return 1
  [ -z "${MIO_RPM_CHECK:-}" ] || check=--nodeps
  # The database of this rpm knows no compiler and no libcheck, so --nodeps.
  as_builder top env CFLAGS="$flags" CXXFLAGS="$flags" LDFLAGS="$link_flags $flags" \
    sh -c "$line --nodeps $check --define '_topdir /work/top' --define '_smp_mflags -j$(nproc)'"
}

# package NAME: the file of the one that was built.
package()
{
  echo "$work"/top/RPMS/*/"$1-$version"-*.rpm
}

silent_rpmlint()
{
  local said
  said=$(rpmlint -r "$top/rpm/mio.rpmlintrc" "$top/rpm/mio.spec" "$work"/top/SRPMS/*.rpm "$work"/top/RPMS/*/*.rpm)
  echo "$said"
  [ "$(grep -c ': [EW]: ' <<<"$said")" -eq 0 ] && grep ' 0 errors, 0 warnings' <<<"$said"
}

# provides PACKAGE WHAT...
provides()
{
  local name=$1 file what status=0
  file=$(package "$1")
  shift
  for what; do
    rpm -qp --provides "$file" | grep -Fx "$what" || { echo "$name does not provide $what"; status=1; }
  done
  return "$status"
}

relations()
{
  local bits='' status=0
  [ "$(getconf LONG_BIT)" = 32 ] || bits='(64bit)'
  provides libmio "libmio.so.1()$bits" "libmio.so.1(MIO_1.0)$bits" || status=1
  provides libmio-devel "pkgconfig(mio) = $version" || status=1
  rpm -qp --requires "$(package libmio-devel)" | grep "^libmio(.*) = $version-" || status=1
  # libc and nothing else.
  if rpm -qp --requires "$(package libmio)" | grep -vE '^(libc\.so|ld-linux|rtld\(|rpmlib\()'; then
    echo "libmio needs the above"
    status=1
  fi
  if rpm -qpl "$work"/top/RPMS/*/*.rpm | grep -E '\.(la|a)$'; then
    echo "these are not for a package of Fedora"
    status=1
  fi
  return "$status"
}

# The database of rpm, which Debian leaves to each user; and yes, this is Debian.
rpm='rpm --dbpath /var/lib/rpm --force-debian'
install()
{
  # These are of other packages where rpm is at home.
  mkdir -p "$root/usr/share/licenses" "$root$(rpm --eval '%{_libdir}')/pkgconfig"
  files_of_root >"$work/before"
  mkdir "$work/packages" && cp "$work"/top/RPMS/*/*.rpm "$work/packages" || return 1
  in_root sh -c "$rpm --nodeps -iv /work/packages/*.rpm" && in_root sh -c "$rpm -V --nodeps libmio libmio-devel"
}

# The program of Debian's test is good for this too; there is no static library. Fedora's place for libraries is not one
# that Debian looks in.
use()
{
  local place
  place=$(rpm --eval '%{_libdir}')
  # shellcheck disable=SC2016 # the inner shell expands it
  mkdir "$work/test" && sed '/-static/d' "$top/debian/tests/build" >"$work/test/build" && chmod +x "$work/test/build" &&
    as_builder test env PKG_CONFIG_PATH="$place/pkgconfig" LD_LIBRARY_PATH="$place" \
    sh -c 'mkdir tmp && AUTOPKGTEST_TMP=$PWD/tmp ./build' && in_root man -w 7 mio
}

erase()
{
  in_root sh -c "$rpm -e libmio-doc libmio-devel libmio" && files_of_root >"$work/after" &&
    diff "$work/before" "$work/after"
}

check "a bare system" need_root || finish
check "packages, built as Fedora does" build || finish
check "rpmlint has nothing to say" silent_rpmlint
check "what they provide and require" relations
check "rpm: install" install
check "compile, link, run, read" use
check "rpm: erase leaves nothing" erase
finish
