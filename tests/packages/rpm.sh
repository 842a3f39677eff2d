#!/bin/bash
# SPDX-License-Identifier: MIT
# rpm.sh DIRECTORY: makes the RPM packages from the release tarball, with rpm/mio.spec and Fedora's hardening flags. The
# tests run in %check. Then the script checks the contents of the packages, and installs the packages with dnf into a
# bare system. The script compiles a program with the packages, and removes the packages.
# shellcheck disable=SC2317 # "check" calls the functions
. "$(dirname "$0")/common.sh"

begin "${1:-}" rpm

# The flags of redhat-rpm-config for a build on x86_64, without the compiler plug-ins that only Fedora has.
flags='-O2 -flto=auto -ffat-lto-objects -fexceptions -g -grecord-gcc-switches -pipe -Wall -Werror=format-security'
flags+=' -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3 -Wp,-D_GLIBCXX_ASSERTIONS -fstack-protector-strong'
flags+=' -fasynchronous-unwind-tables -fstack-clash-protection -fno-omit-frame-pointer'
[ "$(uname -m)" != x86_64 ] || flags+=' -m64 -march=x86-64 -mtune=generic -fcf-protection -mno-omit-leaf-frame-pointer'
link_flags='-Wl,-z,relro -Wl,--as-needed -Wl,-z,pack-relative-relocs -Wl,-z,now'

# The compiler and libcheck are Debian packages here. rpmbuild looks only for RPM packages and would not find them, so
# it needs --nodeps.
build()
{
  local line
  line=$(readme rpmbuild) && make_tarball && mkdir "$work/home" && mv "$tarball" "$work/home" || return 1
  as_builder home env HOME=/work/home CFLAGS="$flags" CXXFLAGS="$flags" LDFLAGS="$link_flags $flags" \
    sh -c "$line --nodeps --define '_smp_mflags -j$jobs'"
}

# Checks that the tests have run in %check.
ran_tests()
{
  local log=$work/logs/packages--built-as-Fedora-does.log
  grep '^# TOTAL: *[1-9]' "$log" && grep '^# FAIL: *0$' "$log"
}

built=$work/home/rpmbuild/RPMS
# package NAME: prints the path of the built package NAME.
package()
{
  echo "$built"/*/"$1-$version"-*.rpm
}

silent_rpmlint()
{
  local said
  said=$(rpmlint -r "$top/rpm/mio.rpmlintrc" "$top/rpm/mio.spec" "$work"/home/rpmbuild/SRPMS/*.rpm "$built"/*/*.rpm)
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
  # The library needs libc and nothing else.
  if rpm -qp --requires "$(package libmio)" | grep -vE '^(libc\.so|ld-linux|rtld\(|rpmlib\()'; then
    echo "libmio needs the above"
    status=1
  fi
  if rpm -qpl "$built"/*/*.rpm | grep -E '\.(la|a)$'; then
    echo "these are not for a package of Fedora"
    status=1
  fi
  return "$status"
}

# The script installs mio's rpm packages on a Debian system. The database of rpm does not list the Debian packages of
# this system. So this function builds an empty rpm package. The empty package provides each name that mio's packages
# require from other projects. The empty package does not provide the names of mio's own packages and libraries. mio's
# packages must provide these names for each other.
base_package()
{
  local spec=$work/base/base.spec
  mkdir "$work/base" && cat >"$spec" <<'SPEC'
Name: base
Version: 1
Release: 1
Summary: Stand-in for the packages of the bare system
License: None
BuildArch: noarch
%description
%{summary}.
%files
SPEC
  rpm -qp --requires "$built"/*/*.rpm | sort -u | grep -vE '^(libmio|rpmlib\()' | sed 's/^/Provides: /' |
    tee /dev/stderr | sed -i '/^License/r /dev/stdin' "$spec" || return 1
  as_builder base rpmbuild -bb --define '_topdir /work/base' base.spec
}

# Makes the directories that every RPM system has, and a bare Debian system lacks. Debian's rpm has a separate database
# for each user. So the function configures rpm to use one database for all users.
prepare_dnf()
{
  mkdir -p "$root/usr/share/licenses" "$root$(rpm --eval '%{_libdir}')/pkgconfig" "$root/etc/rpm" "$root/etc/dnf" &&
    echo '%_dbpath /var/lib/rpm' >"$root/etc/rpm/macros" && printf '[main]\nassumeyes=1\n' >"$root/etc/dnf/dnf.conf" &&
    base_package && in_root dnf install /work/base/RPMS/noarch/base-1-1.noarch.rpm
}

# Installs the packages as root. The packages are in the home directory of root.
install()
{
  local line
  files_of_root >"$work/before"
  line=$(readme 'dnf install') && in_root env HOME=/work/home sh -c "$line" && in_root rpm -V libmio libmio-devel libmio-doc
}

# Tests the installed RPM packages with debian/tests/build, the script that tests the Debian packages. The RPM packages
# have no static library, so this function removes static linking from the script. pkg-config and the loader of Debian
# do not search Fedora's library directory, so this function sets PKG_CONFIG_PATH and LD_LIBRARY_PATH.
use()
{
  local place
  place=$(rpm --eval '%{_libdir}')
  # shellcheck disable=SC2016 # the inner shell expands $PWD
  mkdir "$work/test" && sed '/-static/d' "$top/debian/tests/build" >"$work/test/build" && chmod +x "$work/test/build" &&
    as_builder test env PKG_CONFIG_PATH="$place/pkgconfig" LD_LIBRARY_PATH="$place" \
    sh -c 'mkdir tmp && AUTOPKGTEST_TMP=$PWD/tmp ./build' && in_root man -w 7 mio
}

erase()
{
  in_root dnf remove libmio-doc libmio-devel libmio && files_of_root >"$work/after" &&
    diff "$work/before" "$work/after"
}

check "a bare system" need_root || finish
check "packages, built as Fedora does" build || finish
check "packages: the tests" ran_tests
check "rpmlint has nothing to say" silent_rpmlint
check "what they provide and require" relations
check "dnf: a system that it knows" prepare_dnf
check "dnf: install as README says" install
check "compile, link, run, read" use
check "dnf: remove leaves nothing" erase
finish
